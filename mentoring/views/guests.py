from typing import Any

from django.http import Http404, HttpRequest, HttpResponse


def lost_link(request: HttpRequest, **_kwargs: Any) -> HttpResponse:
    raise Http404


def page(request: HttpRequest, **_kwargs: Any) -> HttpResponse:
    raise Http404


def document(request: HttpRequest, **_kwargs: Any) -> HttpResponse:
    raise Http404


def act(request: HttpRequest, **_kwargs: Any) -> HttpResponse:
    raise Http404
