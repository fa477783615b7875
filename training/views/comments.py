from typing import Any

from django.http import Http404, HttpRequest, HttpResponse


def comments(request: HttpRequest, **_kwargs: Any) -> HttpResponse:
    raise Http404


def add(request: HttpRequest, **_kwargs: Any) -> HttpResponse:
    raise Http404


def act(request: HttpRequest, **_kwargs: Any) -> HttpResponse:
    raise Http404


def answers(request: HttpRequest, **_kwargs: Any) -> HttpResponse:
    raise Http404
