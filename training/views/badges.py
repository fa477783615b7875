from typing import Any

from django.http import Http404, HttpRequest, HttpResponse


def check(request: HttpRequest, **_kwargs: Any) -> HttpResponse:
    raise Http404


def verify(request: HttpRequest, **_kwargs: Any) -> HttpResponse:
    raise Http404


def issuer(request: HttpRequest, **_kwargs: Any) -> HttpResponse:
    raise Http404


def achievement(request: HttpRequest, **_kwargs: Any) -> HttpResponse:
    raise Http404


def certificate_pdf(request: HttpRequest, **_kwargs: Any) -> HttpResponse:
    raise Http404


def badge_json(request: HttpRequest, **_kwargs: Any) -> HttpResponse:
    raise Http404


def badge_jwt(request: HttpRequest, **_kwargs: Any) -> HttpResponse:
    raise Http404
