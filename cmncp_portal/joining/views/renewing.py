from typing import Any

from django.http import Http404, HttpRequest, HttpResponse


def renewals(request: HttpRequest, **_kwargs: Any) -> HttpResponse:
    raise Http404


def renewal_act(request: HttpRequest, **_kwargs: Any) -> HttpResponse:
    raise Http404


def first_steps(request: HttpRequest, **_kwargs: Any) -> HttpResponse:
    raise Http404


def step_act(request: HttpRequest, **_kwargs: Any) -> HttpResponse:
    raise Http404


def my_renewal(request: HttpRequest, **_kwargs: Any) -> HttpResponse:
    raise Http404


def my_renewal_act(request: HttpRequest, **_kwargs: Any) -> HttpResponse:
    raise Http404
