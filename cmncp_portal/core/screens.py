"""Small helpers that every view uses."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache

from .workflow import TransitionRefused

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


def show(request: HttpRequest, template: str, context: dict[str, Any], *, status: int = 422) -> HttpResponse:
    """Answer with a page; a form that comes back to the person who sent it, with what was typed, has `status`."""
    return render(request, template, context, status=status if request.method == "POST" else 200)


def number(text: str) -> int:
    """Return the number that a page posts back, such as a version; 0, which no version has, for anything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def attempt(request: HttpRequest, act: Callable[[], Any], done: str = "") -> bool:
    """Do `act` and say `done`; a refusal becomes a message with its reason. Return whether it was done."""
    try:
        act()
    except TransitionRefused as refused:
        level = messages.INFO if refused.done_already else messages.ERROR
        messages.add_message(request, level, str(refused))
        return False
    if done:
        messages.success(request, done)
    return True


def private(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Open without sign-in, never stored, never indexed, and silent towards other sites: the address is the key."""

    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = view(request, *args, **kwargs)
        response["X-Robots-Tag"] = "noindex, nofollow"
        response["Referrer-Policy"] = "same-origin"  # "no-referrer" would make browsers post with Origin: null
        return response

    return login_not_required(never_cache(wrapped))
