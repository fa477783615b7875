from typing import Any

from django.http import Http404, HttpRequest, HttpResponse


def lost_link(request: HttpRequest, **_kwargs: Any) -> HttpResponse:
    raise Http404


def place(request: HttpRequest, **_kwargs: Any) -> HttpResponse:
    raise Http404


def place_calendar(request: HttpRequest, **_kwargs: Any) -> HttpResponse:
    raise Http404


def place_certificate(request: HttpRequest, **_kwargs: Any) -> HttpResponse:
    raise Http404


def place_material(request: HttpRequest, **_kwargs: Any) -> HttpResponse:
    raise Http404


def self_assessment(request: HttpRequest, **_kwargs: Any) -> HttpResponse:
    raise Http404


def place_act(request: HttpRequest, **_kwargs: Any) -> HttpResponse:
    raise Http404
