from typing import Any

from django.http import Http404, HttpRequest, HttpResponse


def need(request: HttpRequest, **_kwargs: Any) -> HttpResponse:
    raise Http404


def offer(request: HttpRequest, **_kwargs: Any) -> HttpResponse:
    raise Http404


def need_act(request: HttpRequest, **_kwargs: Any) -> HttpResponse:
    raise Http404


def offer_act(request: HttpRequest, **_kwargs: Any) -> HttpResponse:
    raise Http404
