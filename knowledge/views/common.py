"""What the screens of knowledge share: finding what this person may see, and answering refusals kindly."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from cmncp_portal.core.screens import require
from cmncp_portal.core.workflow import TransitionRefused

from ..models import ActionBrief


def desk_brief_or_404(request: HttpRequest, slug: str, *parts: str) -> ActionBrief:
    """Return the brief for a page of the desk: 403 for those who are not of it, 404 for what does not exist.

    `parts` are relations fetched along, besides the editions.
    """
    reviews = request.user.has_perm("knowledge.see_desk") or request.user.has_perm("knowledge.answer_review", None)
    if not reviews:
        require(request.user, "knowledge.see_desk")
    rows = ActionBrief.objects.select_related("series").prefetch_related("editions", *parts)
    found = get_object_or_404(
        rows.visible_to(request.user) if _sees_all(request) else rows.filter(reviews__reviewer=request.user).distinct(),
        slug=slug,
    )
    return found


def _sees_all(request: HttpRequest) -> bool:
    return bool(request.user.has_perm("knowledge.see_desk"))


def language_or_404(language: str) -> str:
    """Return "en" or "fr" as it stands in an address; 404 for anything else."""
    if language not in ("en", "fr"):
        raise Http404
    return language


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
