"""How many things wait for the signed-in person, for the top of every page."""

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from .waiting import waiting_count


def waiting(request: HttpRequest) -> dict[str, Any]:
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {"waiting": None}
    return {"waiting": SimpleLazyObject(lambda: waiting_count(user))}
