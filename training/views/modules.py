from typing import Any

from django.http import Http404, HttpRequest, HttpResponse


def module_list(request: HttpRequest, **_kwargs: Any) -> HttpResponse:
    raise Http404


def module(request: HttpRequest, **_kwargs: Any) -> HttpResponse:
    raise Http404


def material(request: HttpRequest, **_kwargs: Any) -> HttpResponse:
    raise Http404
