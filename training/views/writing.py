from typing import Any

from django.http import Http404, HttpRequest, HttpResponse


def new_standard(request: HttpRequest, **_kwargs: Any) -> HttpResponse:
    raise Http404


def new_version(request: HttpRequest, **_kwargs: Any) -> HttpResponse:
    raise Http404


def write(request: HttpRequest, **_kwargs: Any) -> HttpResponse:
    raise Http404


def domain_add(request: HttpRequest, **_kwargs: Any) -> HttpResponse:
    raise Http404


def domain_edit(request: HttpRequest, **_kwargs: Any) -> HttpResponse:
    raise Http404


def competency_add(request: HttpRequest, **_kwargs: Any) -> HttpResponse:
    raise Http404


def competency_edit(request: HttpRequest, **_kwargs: Any) -> HttpResponse:
    raise Http404


def roles(request: HttpRequest, **_kwargs: Any) -> HttpResponse:
    raise Http404


def role_edit(request: HttpRequest, **_kwargs: Any) -> HttpResponse:
    raise Http404


def line_move(request: HttpRequest, **_kwargs: Any) -> HttpResponse:
    raise Http404


def version_move(request: HttpRequest, **_kwargs: Any) -> HttpResponse:
    raise Http404
