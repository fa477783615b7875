"""What the pages about a standard share: finding the version that this person may read, and what stands on top of each."""

from typing import Any

from django.core.paginator import Page, Paginator
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse

from cmncp_portal.core.screens import require

from ..models import StandardVersion
from ..selectors.standards import TONES, days_left_in_words

V = StandardVersion.State


def version_or_404(request: HttpRequest, slug: str, number: int) -> StandardVersion:
    """Return the version with its standard if this person may read it, else 404."""
    rows = StandardVersion.objects.visible_to(request.user).with_standard()
    return get_object_or_404(rows, standard__slug=slug, number=number)


def version_for(request: HttpRequest, slug: str, number: int, permission: str) -> StandardVersion:
    """Return the version for a page of its writers: 404 for who may not read it, 403 for who may only read it."""
    version = version_or_404(request, slug, number)
    require(request.user, permission, version)
    return version


def page_of_domain(request: HttpRequest, rows: Any, domain: Any, size: int) -> Page | None:
    """Return the page of `rows`, the competencies of `domain`, that ?page= asks for; how many there are, the domain knows."""
    if domain is None:
        return None
    pages = Paginator(rows.filter(domain=domain), size)
    pages.count = domain.count
    return pages.get_page(request.GET.get("page"))


def move_base(version: StandardVersion) -> str:
    """Return the address of the moves of `version` up to the name of the move."""
    at = [version.standard.slug, version.number, "x"]
    return reverse("training:version_move", args=at).removesuffix("x/")


def top(version: StandardVersion) -> dict[str, Any]:
    """Return what the head of a page about `version` says to anybody: state, and days left."""
    is_open = version.takes_comments()
    return {
        "version": version,
        "standard": version.standard,
        "tone": TONES[V(version.state)],
        "is_open": is_open,
        "left": days_left_in_words(version) if is_open else "",
    }


def head(version: StandardVersion, user: Any) -> dict[str, Any]:
    """Return what the head of each page about `version` says, and what the reader may do."""
    shown = top(version)
    can = {
        "write": user.has_perm("training.write_standard", version),
        "comment": shown["is_open"] and user.has_perm("training.comment"),
    }
    return shown | {"can": can}
