from typing import Any

from django.http import Http404, HttpRequest, HttpResponse


def write(request: HttpRequest, **_kwargs: Any) -> HttpResponse:
    raise Http404


def competencies(request: HttpRequest, **_kwargs: Any) -> HttpResponse:
    raise Http404


def materials(request: HttpRequest, **_kwargs: Any) -> HttpResponse:
    raise Http404


def material_remove(request: HttpRequest, **_kwargs: Any) -> HttpResponse:
    raise Http404
