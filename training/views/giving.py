from typing import Any

from django.http import Http404, HttpRequest, HttpResponse


def new(request: HttpRequest, **_kwargs: Any) -> HttpResponse:
    raise Http404


def prepare(request: HttpRequest, **_kwargs: Any) -> HttpResponse:
    raise Http404


def edit(request: HttpRequest, **_kwargs: Any) -> HttpResponse:
    raise Http404


def sessions(request: HttpRequest, **_kwargs: Any) -> HttpResponse:
    raise Http404


def facilitators(request: HttpRequest, **_kwargs: Any) -> HttpResponse:
    raise Http404


def offering_move(request: HttpRequest, **_kwargs: Any) -> HttpResponse:
    raise Http404


def enrolments(request: HttpRequest, **_kwargs: Any) -> HttpResponse:
    raise Http404


def export(request: HttpRequest, **_kwargs: Any) -> HttpResponse:
    raise Http404


def enrolment_act(request: HttpRequest, **_kwargs: Any) -> HttpResponse:
    raise Http404


def attendance(request: HttpRequest, **_kwargs: Any) -> HttpResponse:
    raise Http404


def results(request: HttpRequest, **_kwargs: Any) -> HttpResponse:
    raise Http404
