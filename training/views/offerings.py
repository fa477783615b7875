from typing import Any

from django.http import Http404, HttpRequest, HttpResponse


def offering_list(request: HttpRequest, **_kwargs: Any) -> HttpResponse:
    raise Http404


def offering(request: HttpRequest, **_kwargs: Any) -> HttpResponse:
    raise Http404


def calendar_file(request: HttpRequest, **_kwargs: Any) -> HttpResponse:
    raise Http404


def enrol(request: HttpRequest, **_kwargs: Any) -> HttpResponse:
    raise Http404


def enrol_staff(request: HttpRequest, **_kwargs: Any) -> HttpResponse:
    raise Http404
