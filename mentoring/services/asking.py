"""The coordinator asks both municipalities: each has a lead from then on, and a letter with a page to answer on."""

from datetime import timedelta
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from cmncp_portal.core.days import next_working_day
from cmncp_portal.core.workflow import TransitionRefused
from cmncp_portal.network.models import Stakeholder
from cmncp_portal.notifications.rendering import Letter

from ..models import Agreement, MentoringNeed, Side
from ..notifications import agreements as kinds
from ..notifications.common import both, day_words
from ..selectors.agreements import lead_of
from ..workflow import AGREEMENT, ANSWER_DAYS
from .people import appoint, locked
from .telling import answering, tell


def _due_on() -> Any:
    return next_working_day(timezone.localdate() + timedelta(days=ANSWER_DAYS))


@transaction.atomic
def ask_both(agreement: Agreement, *, by: Any, word: str = "") -> None:
    """Ask both municipalities to answer within ANSWER_DAYS; `word` is the coordinator's own to both.

    Who leads since it was prepared goes on; else who is named in the need and in the offer leads, else the representative. Raises PermissionDenied; TransitionRefused when
    it is not the moment, or nobody of a municipality can be reached.
    """
    MentoringNeed.objects.select_for_update().get(
        pk=agreement.need_id
    )  # one mentor at a time, also for two coordinators
    AGREEMENT.apply(agreement, "ask_both", by=by, note=word)
    agreement = locked(agreement)
    for side in Side:
        _name_lead(agreement, side)
    now = timezone.now()
    Agreement.objects.filter(pk=agreement.pk).update(
        word=word, asked_at=now, answer_due_on=_due_on(), last_sign_at=now, updated_at=now
    )
    agreement.word, agreement.answer_due_on = word, _due_on()
    more: dict[str, Any] = _values(agreement, word=word, by=by)
    for side in Side:
        tell(kinds.ASKED, agreement, answering(agreement, side), occasion=f"asked:{side}", **more)


def _name_lead(agreement: Agreement, side: str) -> None:
    if lead_of(agreement, side) is not None:
        return  # the coordinator named somebody while preparing it
    named = agreement.need.contact if side == Side.MENTEE else agreement.offer.contact
    place = agreement.municipality_of(side)
    first = [named] if named and named.is_current() else []
    if appoint(agreement, side, [*first, *Stakeholder.objects.speaking_for(place)]) is None:
        sentence = _("Nobody of %(place)s can be reached yet: name a contact with an address first.")
        raise TransitionRefused(sentence % {"place": place})


def _values(agreement: Agreement, *, word: str, by: Any) -> dict[str, Any]:
    return {
        "goals": both(agreement.need.goals),
        "reasons": kinds.reason_words(agreement),
        "word": both(word),
        "by": both(str(by)),
        "due": day_words(_due_on()),
    }


def preview(agreement: Agreement, *, by: Any, word: str = "") -> list[tuple[str, Letter]]:
    """Return the letter that would go to both municipalities now, in English and in French. Nothing is written."""
    if not by.has_perm("mentoring.propose", agreement):
        raise PermissionDenied
    return kinds.preview(kinds.ASKED, agreement, name=_("(name)"), **_values(agreement, word=word, by=by))
