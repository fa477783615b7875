"""What the portal does by itself: asks each year whether the profiles are still right."""

from datetime import datetime
from itertools import groupby

from django.db import transaction
from django.utils import timezone

from cmncp_portal.network.models import Municipality
from cmncp_portal.network.selectors import coordinators
from cmncp_portal.notifications.models import Message
from cmncp_portal.notifications.selectors import letters_about
from cmncp_portal.notifications.services import send

from ..notifications import NOBODY_TO_ASK, NUDGE, about, without_anybody
from ..reminders import Due, due
from ..selectors.page import profile_of


def send_reminders(now: datetime | None = None) -> int:
    """Write each letter that is due at `now`, and return how many are new. Running it again writes nothing twice."""
    now, written = now or timezone.now(), 0
    for _kind, group in groupby(due(now), key=lambda one: one.kind.name):
        questions = list(group)
        asked = _asked(questions[0])
        written += sum(_ask(one, now) for one in questions if one.to and one.municipality.pk not in asked)
        if questions[0].kind == NUDGE:
            written += _tell_coordinators(questions, now)
    return written


def _key(question: Due) -> str:
    return f"{question.kind.name}:{question.day.year}"


def _asked(question: Due) -> set[int]:
    """The municipalities that were asked this year: whoever answers for one tomorrow is not asked once more."""
    keys = letters_about(_key(question)).exclude(state=Message.State.WITHDRAWN).values_list("key", flat=True)
    return {int(key.removeprefix(f"{_key(question)}:").partition(":")[0]) for key in keys}


@transaction.atomic
def _ask(question: Due, now: datetime) -> int:
    """Write to the people of one municipality, when the hour has come where they are."""
    place = question.municipality
    # Of two workers the second waits here, and then finds the letters of the first.
    Municipality.objects.select_for_update().get(pk=place.pk)
    letters = [
        send(question.kind, to, key=f"{_key(question)}:{place.pk}", context=about(place, profile_of(place), to.name))
        for to in question.to
        if question.is_due_in(to.zone, now)
    ]
    return sum(letter is not None for letter in letters)


@transaction.atomic
def _tell_coordinators(questions: list[Due], now: datetime) -> int:
    """Name the municipalities in which nobody can be asked, once a year."""
    lonely = [one.municipality for one in questions if not one.to]
    if not lonely:
        return 0
    key = f"{NOBODY_TO_ASK.name}:{questions[0].day.year}"
    letters = [
        send(NOBODY_TO_ASK, to, key=key, context=without_anybody(lonely, to.name))
        for to in coordinators()
        if questions[0].is_due_in(to.zone, now)
    ]
    return sum(letter is not None for letter in letters)
