from typing import Any

from django.http import Http404, HttpRequest, HttpResponse


def standard_list(request: HttpRequest, **_kwargs: Any) -> HttpResponse:
    raise Http404


def standard(request: HttpRequest, **_kwargs: Any) -> HttpResponse:
    raise Http404


def version(request: HttpRequest, **_kwargs: Any) -> HttpResponse:
    raise Http404


def printed(request: HttpRequest, **_kwargs: Any) -> HttpResponse:
    raise Http404


def changes(request: HttpRequest, **_kwargs: Any) -> HttpResponse:
    raise Http404


def role(request: HttpRequest, **_kwargs: Any) -> HttpResponse:
    raise Http404


def competency(request: HttpRequest, **_kwargs: Any) -> HttpResponse:
    raise Http404
