from typing import Any

from django.http import Http404, HttpRequest, HttpResponse


def goals(request: HttpRequest, **_kwargs: Any) -> HttpResponse:
    raise Http404


def goal_act(request: HttpRequest, **_kwargs: Any) -> HttpResponse:
    raise Http404


def session_add(request: HttpRequest, **_kwargs: Any) -> HttpResponse:
    raise Http404


def session_edit(request: HttpRequest, **_kwargs: Any) -> HttpResponse:
    raise Http404


def next_session(request: HttpRequest, **_kwargs: Any) -> HttpResponse:
    raise Http404


def calendar_file(request: HttpRequest, **_kwargs: Any) -> HttpResponse:
    raise Http404


def documents(request: HttpRequest, **_kwargs: Any) -> HttpResponse:
    raise Http404


def document(request: HttpRequest, **_kwargs: Any) -> HttpResponse:
    raise Http404


def document_remove(request: HttpRequest, **_kwargs: Any) -> HttpResponse:
    raise Http404


def conclude(request: HttpRequest, **_kwargs: Any) -> HttpResponse:
    raise Http404
