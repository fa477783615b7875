"""What the screens of knowledge share: finding what this person may see, and answering refusals kindly."""

from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404

from cmncp_portal.core.screens import require

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
