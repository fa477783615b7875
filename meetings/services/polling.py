"""Finding a date: what is proposed, who is asked, what they answer, and the date that is fixed."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, time
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from cmncp_portal.core.dates import day_in_words
from cmncp_portal.core.text import active_language
from cmncp_portal.core.workflow import TransitionRefused
from cmncp_portal.notifications import services as letters

from .. import notifications as kinds
from ..models import Invitee, Meeting, PollAnswer, PollSlot
from ..selectors.words import dates_in_words, slot_in_words
from ..workflow import FEWEST_DATES, MEETING, MOST_DATES
from .telling import lines_of_invitees, tell_many

OPEN = (Meeting.State.IDEA, Meeting.State.POLLING)


@dataclass(frozen=True)
class Dates:
    """A date as it was typed, in the meeting's zone; `pk` of the proposed date that it was, None for a new one."""

    day: date
    last_day: date
    begins_at: time
    finishes_at: time
    pk: int | None = None

    def is_same(self, slot: PollSlot) -> bool:
        mine = (self.day, self.last_day, self.begins_at, self.finishes_at)
        return mine == (slot.day, slot.last_day, slot.begins_at, slot.finishes_at)


def _open(meeting: Meeting, by: Any) -> Meeting:
    """Return the meeting, locked and fresh, if `by` may look for its date now."""
    locked = Meeting.objects.select_for_update(of=("self",)).with_places().get(pk=meeting.pk)
    if not by.has_perm("meetings.organise", locked):
        raise PermissionDenied
    if locked.state not in OPEN:
        raise TransitionRefused(
            _("The date is no longer looked for: the meeting is “%(state)s”.") % {"state": locked.get_state_display()}
        )
    return locked


@transaction.atomic
def keep_slots(
    meeting: Meeting,
    *,
    slots: Sequence[Dates],
    closes_on: date | None,
    by: Any,
    removed: Iterable[int] = (),
    drop_answered: bool = False,
) -> None:
    """Write the proposed dates and the last day for answers. What is not mentioned, somebody else's addition, stays.

    `removed` are keys of dates to take away. A date about which people answered is removed or changed only with
    `drop_answered`; their answers about it then go too. Raises PermissionDenied, TransitionRefused.
    """
    locked = _open(meeting, by)
    stored = {slot.pk: slot for slot in locked.slots.all()}
    kept = {new.pk for new in slots if new.pk in stored and new.is_same(stored[new.pk])}
    named = {new.pk for new in slots} | set(removed)
    gone = [slot for pk, slot in stored.items() if pk in named and pk not in kept]
    if not drop_answered:
        _refuse_answered(gone)
    left = [slot for slot in stored.values() if slot not in gone]
    fresh = [new for new in slots if new.pk not in kept and not any(new.is_same(slot) for slot in left)]
    _refuse_count(locked, left, fresh)
    PollSlot.objects.filter(pk__in=[slot.pk for slot in gone]).delete()
    PollSlot.objects.bulk_create(
        PollSlot(meeting=locked, day=n.day, last_day=n.last_day, begins_at=n.begins_at, finishes_at=n.finishes_at)
        for n in fresh
    )
    Meeting.objects.filter(pk=locked.pk).update(poll_closes_on=closes_on, updated_at=timezone.now())
    meeting.poll_closes_on = closes_on


def _refuse_answered(gone: list[PollSlot]) -> None:
    answered = set(PollAnswer.objects.filter(slot__in=gone).values_list("slot_id", flat=True))
    first = next((slot for slot in gone if slot.pk in answered), None)
    if first:
        raise TransitionRefused(
            _("People have answered about %(date)s: say clearly that their answers go too.")
            % {"date": slot_in_words(first, active_language())}
        )


def _refuse_count(meeting: Meeting, left: list[PollSlot], fresh: list[Dates]) -> None:
    begins = [(s.day, s.begins_at) for s in left] + [(n.day, n.begins_at) for n in fresh]
    if len(set(begins)) < len(begins):
        raise TransitionRefused(_("The same day and time is proposed twice."))
    if len(begins) > MOST_DATES:
        raise TransitionRefused(_("More than %(most)s dates are not answered.") % {"most": MOST_DATES})
    if meeting.state == Meeting.State.POLLING and len(begins) < FEWEST_DATES:
        raise TransitionRefused(_("Fewer than %(fewest)s dates are no choice.") % {"fewest": FEWEST_DATES})


@transaction.atomic
def ask_people(meeting: Meeting, *, people: Iterable[Invitee], by: Any) -> list[Invitee]:
    """Add people (unsaved rows) to those who are asked for dates; return the ones who were not asked before.

    While people are being asked, the new ones, and only they, get the letter at once. Raises PermissionDenied,
    TransitionRefused when no date is looked for or the answers are due already.
    """
    locked = _open(meeting, by)
    if locked.state == Meeting.State.POLLING:
        _refuse_after_closing(locked)
    rows = {person.email: person for person in people}
    asked = locked.invitees.filter(is_asked_for_dates=True, email__in=rows).values_list("email", flat=True)
    new = set(rows) - set(asked)
    for row in rows.values():
        row.meeting, row.is_asked_for_dates = locked, True
    Invitee.objects.bulk_create((rows[email] for email in sorted(new)), ignore_conflicts=True)
    locked.invitees.filter(email__in=new).update(is_asked_for_dates=True)
    found = list(locked.invitees.filter(email__in=new))
    if found and locked.state == Meeting.State.POLLING:
        _send_question(locked, found, occasion=f"asked:{min(person.pk for person in found)}", by=by)
    return found


@transaction.atomic
def drop_people(meeting: Meeting, *, people: Iterable[int], by: Any) -> int:
    """Take people (keys) off the list before anybody was written to; return how many. Raises as `ask_people` does."""
    locked = _open(meeting, by)
    if locked.state != Meeting.State.IDEA:
        raise TransitionRefused(_("These people have had the letter already."))
    return locked.invitees.filter(pk__in=people, is_asked_for_dates=True).delete()[0]


@transaction.atomic
def ask_for_dates(meeting: Meeting, *, by: Any) -> None:
    """Ask everyone on the list for dates: the meeting moves on, and a worker writes the letters."""
    MEETING.apply(meeting, "ask_for_dates", by=by)
    fresh = Meeting.objects.with_places().get(pk=meeting.pk)
    _send_question(fresh, asked_of(fresh), occasion="asked", by=by)


def asked_of(meeting: Meeting) -> list[Invitee]:
    """Return who is asked for dates and still wants letters."""
    return list(meeting.invitees.filter(is_asked_for_dates=True, wants_no_more=False))


def _send_question(meeting: Meeting, people: list[Invitee], *, occasion: str, by: Any) -> None:
    wanted = [person for person in people if not person.wants_no_more]
    values, lines = question_values(meeting), lines_of_invitees(wanted)
    tell_many(kinds.DATES_ASKED, meeting, lines, occasion=occasion, by=by, slots=values["slots"], due=values["due"])


def question_values(meeting: Meeting) -> dict[str, dict[str, Any]]:
    """Return what the letter that asks for dates says beside the common values, per language."""
    assert meeting.poll_closes_on
    return {"slots": kinds.slot_words(meeting.slots.all()), "due": kinds.day_words(meeting.poll_closes_on)}


def _refuse_after_closing(meeting: Meeting) -> None:
    closes = meeting.poll_closes_on
    if closes and meeting.today() > closes:
        raise TransitionRefused(_("Answers were possible until %(day)s.") % {"day": day_in_words(closes)})


@transaction.atomic
def answer_dates(invitee: Invitee, *, answers: dict[int, str], note: str = "") -> None:
    """Write down what a person answers about the proposed dates ({key of the date: value}), with a word.

    Dates left out keep what was answered before. It can be changed until the closing day, by the calendar of the
    meeting's place. Raises TransitionRefused after it, when the date is fixed, or when a date is no longer proposed;
    ValueError for a value that is none.
    """
    if not set(answers.values()) <= set(PollAnswer.Value.values):
        raise ValueError("not an answer about a date")
    meeting = Meeting.objects.select_for_update(of=("self",)).get(pk=invitee.meeting_id)
    locked = Invitee.objects.select_for_update(of=("self",)).get(pk=invitee.pk)
    _refuse_answer(meeting, locked, answers)
    PollAnswer.objects.bulk_create(
        (PollAnswer(slot_id=slot, invitee=locked, value=value) for slot, value in answers.items()),
        update_conflicts=True,
        unique_fields=["slot", "invitee"],
        update_fields=["value"],
    )
    locked.dates_answered_at, locked.dates_note = timezone.now(), note.strip()[:500]
    locked.save(update_fields=["dates_answered_at", "dates_note"])
    invitee.dates_answered_at, invitee.dates_note = locked.dates_answered_at, locked.dates_note


def _refuse_answer(meeting: Meeting, invitee: Invitee, answers: dict[int, str]) -> None:
    if meeting.state != Meeting.State.POLLING or not invitee.is_asked_for_dates:
        dates = dates_in_words(meeting, active_language())
        if dates and meeting.state not in (*OPEN, Meeting.State.CANCELLED):
            raise TransitionRefused(_("The date is fixed: %(dates)s.") % {"dates": dates})
        raise TransitionRefused(_("Nobody is asked for dates at the moment."))
    _refuse_after_closing(meeting)
    if not answers and not invitee.dates_answered_at:
        raise TransitionRefused(_("Answer about one date at least."))
    if set(answers) - set(meeting.slots.values_list("pk", flat=True)):
        raise TransitionRefused(_("One of the dates is no longer proposed; look at the list again."))


@transaction.atomic
def fix_date(
    meeting: Meeting,
    *,
    by: Any,
    slot: PollSlot | None = None,
    starts_on: date | None = None,
    ends_on: date | None = None,
    begins_at: time | None = None,
    finishes_at: time | None = None,
) -> None:
    """Fix the date, a proposed one (`slot`) or any other; those who were asked are told, each in their language.

    Letters that still ask are taken back. Raises PermissionDenied; TransitionRefused for a past or half date, a date of
    another meeting, or when it was fixed already.
    """
    locked = Meeting.objects.select_for_update(of=("self",)).get(pk=meeting.pk)
    if slot is not None:
        stored = locked.slots.filter(pk=slot.pk).first()
        if stored is None:
            raise TransitionRefused(_("This date is no longer proposed."))
        starts_on, ends_on, begins_at, finishes_at = stored.day, stored.last_day, stored.begins_at, stored.finishes_at
    ends_on = ends_on or starts_on
    _refuse_backward(starts_on, ends_on, begins_at, finishes_at)
    chosen = {"starts_on": starts_on, "ends_on": ends_on, "begins_at": begins_at, "finishes_at": finishes_at}
    Meeting.objects.filter(pk=meeting.pk).update(**chosen, version=F("version") + 1, updated_at=timezone.now())
    MEETING.apply(meeting, "fix_date", by=by)  # refuses who may not and what cannot be; nothing then stays written
    for kind in (kinds.DATES_ASKED, kinds.DATES_REMINDER):
        letters.withdraw(f"{kind.name}:{meeting.pk}")
    tell_date(meeting, by=by)
    meeting.refresh_from_db()


def _refuse_backward(first: date | None, last: date | None, begins: time | None, ends: time | None) -> None:
    if first and last and (last < first or last == first and begins and ends and ends <= begins):
        raise TransitionRefused(_("It ends before it begins."))


def tell_date(meeting: Meeting, *, by: Any) -> None:
    """Tell the date, as it stands now, to those who were asked; nobody when none were."""
    fresh = Meeting.objects.with_places().get(pk=meeting.pk)
    if people := asked_of(fresh):
        occasion = f"fixed:{fresh.version}"
        tell_many(kinds.DATE_FIXED, fresh, lines_of_invitees(people), occasion=occasion, by=by)


__all__ = [
    "Dates",
    "answer_dates",
    "ask_for_dates",
    "ask_people",
    "drop_people",
    "fix_date",
    "keep_slots",
    "question_values",
    "tell_date",
]
