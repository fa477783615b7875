"""What reports count about meetings: plain rows of a period, one query each, no words and no user. Days are the meeting's own."""

from dataclasses import dataclass
from datetime import date

from django.db.models.functions import Coalesce

from cmncp_portal.core.places import CAME, Attendance

from ..models import Meeting, Registration


@dataclass(frozen=True)
class MeetingRow:
    """A meeting with days. `host` is the key of a municipality. `attended` is a number told for meetings before the portal."""

    pk: int
    slug: str
    kind: str
    state: str
    title_en: str
    title_fr: str
    host: int | None
    attended: int | None
    ends_on: date

    @property
    def is_held(self) -> bool:
        return self.state == Meeting.State.HELD


@dataclass(frozen=True)
class RegistrationRow:
    """A place held at a meeting. `came` is None where nobody noted it; `sector` a slug of network.models.Sector, or empty."""

    pk: int
    meeting: int
    place: int | None
    sector: str
    email: str
    language: str
    came: bool | None
    on: date


def meetings(from_on: date, until_on: date) -> list[MeetingRow]:
    """Return the meetings whose last day lies in the period, announced, held or cancelled, by day."""
    told = (Meeting.State.ANNOUNCED, Meeting.State.HELD, Meeting.State.CANCELLED)
    rows = Meeting.objects.filter(state__in=told).annotate(last_day=Coalesce("ends_on", "starts_on"))
    rows = rows.filter(last_day__range=(from_on, until_on)).order_by("last_day", "pk")
    names = ("pk", "slug", "kind", "state", "title_en", "title_fr", "host", "attended_count", "last_day")
    return [MeetingRow(*row) for row in rows.values_list(*names)]


def registrations(from_on: date, until_on: date) -> list[RegistrationRow]:
    """Return the places held at the meetings that were held with their last day in the period. Who waited or cancelled is not in it."""
    rows = Registration.objects.registered().filter(meeting__state=Meeting.State.HELD)
    rows = rows.annotate(
        last_day=Coalesce("meeting__ends_on", "meeting__starts_on"),
        of_sector=Coalesce("sector__slug", "stakeholder__sector__slug"),
    ).filter(last_day__range=(from_on, until_on))
    found = rows.order_by("last_day", "pk").values_list(
        "pk", "meeting", "municipality", "of_sector", "email", "language", "attendance", "last_day"
    )
    return [
        RegistrationRow(
            pk, meeting, place, sector or "", email, language, None if came == Attendance.UNKNOWN else came in CAME, on
        )
        for pk, meeting, place, sector, email, language, came, on in found
    ]
