"""What the portal does about people's evidence by itself: reminds the assessors of what waits."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from ..models import CompetencyText, EvidenceClaim
from ..notifications.common import day_words, url_words
from ..notifications.people import EVIDENCE_WAITS, claim_words
from ..reminders.people import Due, due
from .evidence import assessors_of, write


def send_reminders(now: datetime | None = None) -> int:
    """Write each reminder that is due at `now` (the present unless given); return how many letters. May run twice."""
    return sum(_remind(one) for one in due(now))


@transaction.atomic
def _remind(one: Due) -> int:
    """Write to those for whom the hour has come, unless somebody answered since it was asked for."""
    claim = EvidenceClaim.objects.select_for_update(of=("self",)).get(pk=one.claim.pk)
    if (claim.state, claim.sent_at) != (one.claim.state, one.claim.sent_at):
        return 0
    texts = CompetencyText.objects.select_related("domain")
    text = texts.get(competency=claim.competency_id, version=claim.standard_version_id)
    assert claim.sent_at
    values = claim_words(claim, text) | {
        "url": url_words("claim", claim.pk),
        "since": day_words(timezone.localdate(claim.sent_at)),
    }
    people = [to for to in assessors_of(claim) if one.is_due_in(to.zone)]
    return write(EVIDENCE_WAITS, people, values, key=f"{EVIDENCE_WAITS.name}:{claim.pk}:{claim.version}")
