from typing import Any

from django.http import Http404, HttpRequest, HttpResponse


def me(request: HttpRequest, **_kwargs: Any) -> HttpResponse:
    raise Http404


def my_role(request: HttpRequest, **_kwargs: Any) -> HttpResponse:
    raise Http404


def evidence(request: HttpRequest, **_kwargs: Any) -> HttpResponse:
    raise Http404


def evidence_edit(request: HttpRequest, **_kwargs: Any) -> HttpResponse:
    raise Http404


def evidence_file(request: HttpRequest, **_kwargs: Any) -> HttpResponse:
    raise Http404


def evidence_act(request: HttpRequest, **_kwargs: Any) -> HttpResponse:
    raise Http404


def person(request: HttpRequest, **_kwargs: Any) -> HttpResponse:
    raise Http404


def person_role(request: HttpRequest, **_kwargs: Any) -> HttpResponse:
    raise Http404


def staff(request: HttpRequest, **_kwargs: Any) -> HttpResponse:
    raise Http404


def staff_export(request: HttpRequest, **_kwargs: Any) -> HttpResponse:
    raise Http404


def coverage(request: HttpRequest, **_kwargs: Any) -> HttpResponse:
    raise Http404


def coverage_export(request: HttpRequest, **_kwargs: Any) -> HttpResponse:
    raise Http404
