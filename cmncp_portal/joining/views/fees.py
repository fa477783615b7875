from typing import Any

from django.http import Http404, HttpRequest, HttpResponse


def fees(request: HttpRequest, **_kwargs: Any) -> HttpResponse:
    raise Http404
