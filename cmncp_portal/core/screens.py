"""Small helpers that every view uses."""

from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme

PAGE_SIZE = 25


def require(user: Any, permission: str, thing: Any = None) -> None:
    """Raise PermissionDenied (403) unless `user` has `permission` on `thing`."""
    if not user.has_perm(permission, thing):
        raise PermissionDenied


def page_of(request: HttpRequest, rows: QuerySet, size: int = PAGE_SIZE) -> Page:
    """Return the page of `rows` that ?page= asks for; nonsense gives the nearest page instead of an error."""
    asked = request.GET.get("page", "")
    try:
        number = max(int(asked), 1)  # Django gives the last page for 0 and below
    except ValueError:
        number = 1
    return Paginator(rows, size).get_page(number)


def safe_next(request: HttpRequest, default: str) -> str:
    """Return the address given in `next` when it is one of ours, else `default`."""
    target = request.POST.get("next") or request.GET.get("next") or ""
    safe = url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure())
    return target if safe else default


def absolute(path: str) -> str:
    """Return the full address of `path` for letters and files, on the portal's public origin."""
    return f"{settings.SITE_ADDRESS.rstrip('/')}{path}"
