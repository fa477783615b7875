"""Asking how far commitments are, after three and six months, and taking the answers that come by the link of a letter."""

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, time
from decimal import Decimal

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from cmncp_portal.core.days import local_day, local_instant
from cmncp_portal.core.workflow import TransitionRefused
from cmncp_portal.network.models import Municipality
from cmncp_portal.notifications.services import send

from ..models import Commitment, CommitmentChange, Inquiry, InquiryItem
from ..notifications import HOW_FAR, how_far
from ..reminders import Question, questions
from ..selectors.inquiries import is_over, lines_of
from .commitments import report

log = logging.getLogger(__name__)


def ask_due(now: datetime | None = None) -> int:
    """Write the letters that are due at `now`, one to each person for each municipality; return how many. May run twice."""
    now = now or timezone.now()
    groups: dict[tuple[int, str], list[Question]] = {}
    for one in questions(now):
        groups.setdefault((one.commitment.municipality_id, one.to.email.lower()), []).append(one)
    return sum(_try(group, now) for group in groups.values())


def _try(group: list[Question], now: datetime) -> int:
    """One that fails is tried again in an hour, and keeps nobody else's letter."""
    try:
        return _ask(group, now)
    except Exception:
        log.exception("questions about commitments of municipality %s failed", group[0].commitment.municipality_id)
        return 0


@transaction.atomic
def _ask(group: list[Question], now: datetime) -> int:
    # Of two workers the second waits here, and then finds the letter of the first.
    place = Municipality.objects.select_for_update(of=("self",)).get(pk=group[0].commitment.municipality_id)
    to = group[0].to
    group = _not_asked(group)
    if not group or _had_a_letter(place, to.email, now):
        return 0
    inquiry = Inquiry.objects.create(
        municipality=place,
        name=to.name,
        email=to.email.lower(),
        language="" if to.language == "both" else to.language,
        asked_at=now,
    )
    InquiryItem.objects.bulk_create(
        InquiryItem(inquiry=inquiry, commitment=one.commitment, months=one.months) for one in group
    )
    words = how_far(inquiry, [(one.commitment, one.commitment.owner_name, one.why) for one in group])
    send(HOW_FAR, to, key=f"{HOW_FAR.name}:{inquiry.pk}", context=words)
    return 1


def _not_asked(group: Iterable[Question]) -> list[Question]:
    """Those of which nobody asked, and that nobody ended, since they were read."""
    group = list(group)
    keys = [one.commitment.pk for one in group]
    is_open = set(Commitment.objects.open().filter(pk__in=keys).values_list("pk", flat=True))
    asked = set(InquiryItem.objects.filter(commitment__in=keys).values_list("commitment", "months"))
    return [one for one in group if one.commitment.pk in is_open and (one.commitment.pk, one.months) not in asked]


def _had_a_letter(place: Municipality, email: str, now: datetime) -> bool:
    """Whether this person was asked on this day already: nobody gets two such letters in a day."""
    midnight = local_instant(local_day(now, place.time_zone), time(0), place.time_zone)
    asked = Inquiry.objects.filter(municipality=place, email__iexact=email, asked_at__gte=midnight)
    return asked.filter(items__isnull=False).exists()


@dataclass(frozen=True)
class Said:
    """What somebody answers about one commitment. `investment` is in whole dollars."""

    to_state: str
    note: str = ""
    evidence_url: str = ""
    investment: Decimal | None = None


@transaction.atomic
def answer(inquiry: Inquiry, commitment: Commitment, said: Said) -> CommitmentChange:
    """Write down what the reader of a letter says about one of its commitments; a second answer is added to the first.

    Raises TransitionRefused when the link has had its time, when somebody else sees to it now, and as services.report does.
    """
    line = next((one for one in lines_of(inquiry) if one.commitment.pk == commitment.pk), None)
    if is_over(inquiry) or line is None:
        raise TransitionRefused(_("This link no longer opens anything."))
    if not line.may_answer:
        raise TransitionRefused(_("%(name)s sees to this now.") % {"name": line.commitment.owner_name})
    done = report(commitment, **vars(said), by=None, by_name=inquiry.name, months=line.months)
    inquiry.items.filter(commitment=commitment, answered_at__isnull=True).update(answered_at=done.at)
    return done


@transaction.atomic
def answer_all(inquiry: Inquiry, said: Mapping[Commitment, Said]) -> int:
    """Write down several answers, all or none; return how many are new.

    What was noted before is passed over; when all of it was, TransitionRefused says so, as it does when one is not possible.
    """
    new, already = 0, None
    for commitment, words in said.items():
        try:
            answer(inquiry, commitment, words)
            new += 1
        except TransitionRefused as refused:
            if not refused.done_already:
                raise
            already = refused
    if already and not new:
        raise already
    return new
