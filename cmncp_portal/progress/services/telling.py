"""Telling people about a commitment that was put into their hands."""

from typing import Any

from django.utils import timezone

from cmncp_portal.network.selectors import recipient_of
from cmncp_portal.notifications.bilingual import url_words
from cmncp_portal.notifications.recipients import Recipient
from cmncp_portal.notifications.services import send

from ..models import Commitment, Inquiry
from ..notifications import COMMITMENT_YOURS, yours


def tell_owner(commitment: Commitment, *, by: Any, by_name: str) -> bool:
    """Tell whoever sees to `commitment`, unless that is `by` or nobody can be written to. Return whether a letter was written.

    Who cannot sign in to see the page gets a link of their own, as the later questions have.
    """
    to = _owner(commitment)
    if not to.email or (by is not None and by.email.lower() == to.email.lower()):
        return False
    user = commitment.owner.user if commitment.owner else None
    opens = user is not None and user.is_active and user.has_perm("progress.see_commitments", commitment)
    page = url_words("progress:commitment", commitment.municipality.slug, commitment.pk)
    url = page if opens else url_words("progress:answer", _link(commitment, to).token)
    words = yours(commitment, by_name=by_name, url=url, is_personal=not opens)
    key = f"{COMMITMENT_YOURS.name}:{commitment.pk}:v{commitment.version}"
    return send(COMMITMENT_YOURS, to, key=key, context=words) is not None


def _owner(commitment: Commitment) -> Recipient:
    if commitment.owner is not None:
        return recipient_of(commitment.owner)
    language: Any = commitment.owner_language or "both"
    zone = commitment.municipality.time_zone
    return Recipient(commitment.owner_email, commitment.owner_name, language, zone)


def _link(commitment: Commitment, to: Recipient) -> Inquiry:
    """Return what opens the owner's own page: an inquiry that asks nothing yet, and shows what this address sees to."""
    return Inquiry.objects.create(
        municipality=commitment.municipality,
        name=to.name,
        email=to.email.lower(),
        language="" if to.language == "both" else to.language,
        asked_at=timezone.now(),
    )
