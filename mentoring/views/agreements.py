from typing import Any

from django.http import Http404, HttpRequest, HttpResponse


def agreement(request: HttpRequest, **_kwargs: Any) -> HttpResponse:
    raise Http404


def ask(request: HttpRequest, **_kwargs: Any) -> HttpResponse:
    raise Http404


def move(request: HttpRequest, **_kwargs: Any) -> HttpResponse:
    raise Http404


def people(request: HttpRequest, **_kwargs: Any) -> HttpResponse:
    raise Http404


def person_act(request: HttpRequest, **_kwargs: Any) -> HttpResponse:
    raise Http404


def hand_over(request: HttpRequest, **_kwargs: Any) -> HttpResponse:
    raise Http404


def check_ins(request: HttpRequest, **_kwargs: Any) -> HttpResponse:
    raise Http404
