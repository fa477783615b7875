from typing import Any

from django.http import Http404, HttpRequest, HttpResponse


def desk(request: HttpRequest, **_kwargs: Any) -> HttpResponse:
    raise Http404


def interest(request: HttpRequest, **_kwargs: Any) -> HttpResponse:
    raise Http404


def interest_act(request: HttpRequest, **_kwargs: Any) -> HttpResponse:
    raise Http404


def decide(request: HttpRequest, **_kwargs: Any) -> HttpResponse:
    raise Http404


def resolution_file(request: HttpRequest, **_kwargs: Any) -> HttpResponse:
    raise Http404


def application_act(request: HttpRequest, **_kwargs: Any) -> HttpResponse:
    raise Http404
