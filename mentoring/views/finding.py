from typing import Any

from django.http import Http404, HttpRequest, HttpResponse


def overview(request: HttpRequest, **_kwargs: Any) -> HttpResponse:
    raise Http404


def agreement_list(request: HttpRequest, **_kwargs: Any) -> HttpResponse:
    raise Http404


def export(request: HttpRequest, **_kwargs: Any) -> HttpResponse:
    raise Http404
