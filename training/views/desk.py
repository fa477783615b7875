from typing import Any

from django.http import Http404, HttpRequest, HttpResponse


def desk(request: HttpRequest, **_kwargs: Any) -> HttpResponse:
    raise Http404


def coverage(request: HttpRequest, **_kwargs: Any) -> HttpResponse:
    raise Http404


def new(request: HttpRequest, **_kwargs: Any) -> HttpResponse:
    raise Http404


def partners(request: HttpRequest, **_kwargs: Any) -> HttpResponse:
    raise Http404


def partner_edit(request: HttpRequest, **_kwargs: Any) -> HttpResponse:
    raise Http404


def authors(request: HttpRequest, **_kwargs: Any) -> HttpResponse:
    raise Http404


def author_act(request: HttpRequest, **_kwargs: Any) -> HttpResponse:
    raise Http404


def module_move(request: HttpRequest, **_kwargs: Any) -> HttpResponse:
    raise Http404
