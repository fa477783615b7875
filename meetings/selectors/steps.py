"""What happens next at a meeting, who acts, and until when: one sentence for each page's head."""

from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _t

from cmncp_portal.core.dates import day_in_words

from ..models import Meeting

S = Meeting.State


@dataclass(frozen=True)
class Step:
    """`sentence` in the active language; `due_on` the day until which, None when there is none; `page` where it is done."""

    sentence: str
    due_on: date | None = None
    page: str = ""


def next_step(meeting: Meeting) -> Step:
    """Return what happens next at `meeting`, in the active language."""
    if meeting.state == S.IDEA:
        return Step(_t("The network proposes dates, or fixes one."), page="poll")
    if meeting.state == S.POLLING:
        day = meeting.poll_closes_on
        if day and day >= meeting.today():
            return Step(
                _t("People answer until %(day)s; then the network fixes the date.") % {"day": day_in_words(day)},
                day,
                "poll",
            )
        return Step(_t("The answers are in: the network fixes the date."), day, "poll")
    if meeting.state == S.SCHEDULED:
        return Step(_t("The network and the host prepare the agenda; then the meeting is announced."), page="prepare")
    if meeting.state == S.POSTPONED:
        return Step(_t("A new date will be set. Registrations are kept."), page="prepare")
    if meeting.state == S.CANCELLED:
        return Step(_t("This meeting does not take place."))
    if meeting.state == S.HELD:
        return _after(meeting)
    return _announced(meeting)


def _announced(meeting: Meeting) -> Step:
    if meeting.is_over:
        return Step(_t("The meeting is over; notes and evaluation follow."), page="attendance")
    if meeting.is_under_way:
        return Step(_t("The meeting is under way."))
    if meeting.is_registration_open:
        day = meeting.registration_closes_on
        if day:
            return Step(_t("Register until %(day)s.") % {"day": day_in_words(day)}, day, "register")
        return Step(_t("Registration is open."), page="register")
    opens = meeting.registration_opens_on
    if opens and opens > meeting.today():
        return Step(_t("Registration opens on %(day)s.") % {"day": day_in_words(opens)}, opens)
    return Step(_t("Registration is closed."))


def _after(meeting: Meeting) -> Step:
    if meeting.notes_published_at:
        return Step(_t("Notes and decisions are published."))
    if meeting.source:
        return Step(_t("Held before this portal existed."))
    return Step(_t("The notes are being written."), page="notes")
