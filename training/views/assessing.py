from typing import Any

from django.http import Http404, HttpRequest, HttpResponse


def queue(request: HttpRequest, **_kwargs: Any) -> HttpResponse:
    raise Http404


def claim(request: HttpRequest, **_kwargs: Any) -> HttpResponse:
    raise Http404


def claim_act(request: HttpRequest, **_kwargs: Any) -> HttpResponse:
    raise Http404


def revoke(request: HttpRequest, **_kwargs: Any) -> HttpResponse:
    raise Http404
