from typing import Any

from django.http import Http404, HttpRequest, HttpResponse


def desk(request: HttpRequest, **_kwargs: Any) -> HttpResponse:
    raise Http404


def best_set(request: HttpRequest, **_kwargs: Any) -> HttpResponse:
    raise Http404


def candidates(request: HttpRequest, **_kwargs: Any) -> HttpResponse:
    raise Http404


def propose(request: HttpRequest, **_kwargs: Any) -> HttpResponse:
    raise Http404
