from typing import Any

from django.http import Http404, HttpRequest, HttpResponse


def join(request: HttpRequest, **_kwargs: Any) -> HttpResponse:
    raise Http404


def resolution(request: HttpRequest, **_kwargs: Any) -> HttpResponse:
    raise Http404


def sent(request: HttpRequest, **_kwargs: Any) -> HttpResponse:
    raise Http404


def lost_link(request: HttpRequest, **_kwargs: Any) -> HttpResponse:
    raise Http404
