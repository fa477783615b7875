from typing import Any

from django.http import Http404, HttpRequest, HttpResponse


def ladder(request: HttpRequest, **_kwargs: Any) -> HttpResponse:
    raise Http404


def export(request: HttpRequest, **_kwargs: Any) -> HttpResponse:
    raise Http404


def strategy(request: HttpRequest, **_kwargs: Any) -> HttpResponse:
    raise Http404


def edit(request: HttpRequest, **_kwargs: Any) -> HttpResponse:
    raise Http404


def checks(request: HttpRequest, **_kwargs: Any) -> HttpResponse:
    raise Http404


def declare(request: HttpRequest, **_kwargs: Any) -> HttpResponse:
    raise Http404


def budget(request: HttpRequest, **_kwargs: Any) -> HttpResponse:
    raise Http404


def public(request: HttpRequest, **_kwargs: Any) -> HttpResponse:
    raise Http404


def confirm(request: HttpRequest, **_kwargs: Any) -> HttpResponse:
    raise Http404


def history(request: HttpRequest, **_kwargs: Any) -> HttpResponse:
    raise Http404
