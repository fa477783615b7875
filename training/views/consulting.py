from typing import Any

from django.http import Http404, HttpRequest, HttpResponse


def guest(request: HttpRequest, **_kwargs: Any) -> HttpResponse:
    raise Http404


def guest_act(request: HttpRequest, **_kwargs: Any) -> HttpResponse:
    raise Http404


def plan(request: HttpRequest, **_kwargs: Any) -> HttpResponse:
    raise Http404
