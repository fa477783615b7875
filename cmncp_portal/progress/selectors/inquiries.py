"""What the link of a letter opens: the commitments that it asked about, and what was said of each."""

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Prefetch, Q, QuerySet
from django.utils import timezone

from cmncp_portal.core.days import local_day
from cmncp_portal.core.personal import NOBODY
from cmncp_portal.network.models import Stakeholder
from cmncp_portal.network.models.stakeholder import SPEAKS_FOR_MUNICIPALITY

from ..models import Commitment, CommitmentChange, Inquiry

OPEN_FOR = timedelta(days=365)  # after the letter; each further letter brings a new link


@dataclass(frozen=True)
class Line:
    """A commitment behind a link. `months` is 3 or 6 when the letter asked about it; `said` what was said, the latest first."""

    commitment: Commitment
    months: int | None
    may_answer: bool
    said: list[CommitmentChange]


def is_over(inquiry: Inquiry) -> bool:
    """Tell whether the link of `inquiry` has had its time: a year after the letter, or its reader has left or is forgotten."""
    place = inquiry.municipality
    if inquiry.name == NOBODY:
        return True
    if local_day(timezone.now(), place.time_zone) > local_day(inquiry.asked_at, place.time_zone) + OPEN_FOR:
        return True
    own = [person for person in _people(inquiry) if _is(person, inquiry.email)]
    return bool(own) and not any(person.is_current() for person in own)


def lines_of(inquiry: Inquiry) -> list[Line]:
    """Return the commitments behind the link of `inquiry`, the first due first, in at most four queries.

    A letter that asked nothing yet opens what its reader sees to. What somebody else sees to now may be read, not answered.
    """
    rows: QuerySet[Commitment] = Commitment.objects.select_related("municipality", "owner__user").prefetch_related(
        Prefetch("changes", queryset=CommitmentChange.objects.order_by("-at", "-pk"))
    )
    asked = dict(inquiry.items.values_list("commitment", "months"))
    rows = rows.filter(pk__in=asked) if asked else _owned(rows, inquiry)
    speaks = any(
        _is(person, inquiry.email) and person.is_current() and person.standing in SPEAKS_FOR_MUNICIPALITY
        for person in _people(inquiry)
    )
    return [Line(one, asked.get(one.pk), speaks or _sees_to(one, inquiry), list(one.changes.all())) for one in rows]


def _owned(rows: QuerySet[Commitment], inquiry: Inquiry) -> QuerySet[Commitment]:
    email = inquiry.email
    mine = Q(owner_email__iexact=email) | Q(owner__email__iexact=email) | Q(owner__user__email__iexact=email)
    return rows.filter(mine, municipality=inquiry.municipality_id)


def _people(inquiry: Inquiry) -> list[Stakeholder]:
    """The reader of the letter as the municipality knows them, fetched once."""
    found: list[Stakeholder] | None = inquiry.__dict__.get("_people")
    if found is None:
        own = Q(email__iexact=inquiry.email) | Q(user__email__iexact=inquiry.email)
        rows = Stakeholder.objects.filter(own, municipality=inquiry.municipality_id).select_related("user")
        found = inquiry.__dict__["_people"] = list(rows)
    return found


def _is(person: Stakeholder, email: str) -> bool:
    addresses = {person.email.lower(), person.user.email.lower() if person.user else ""}
    return email.lower() in addresses


def _sees_to(one: Commitment, inquiry: Inquiry) -> bool:
    """By the address, or by the name of who has another address since."""
    known = {one.owner_email.lower()}
    if one.owner:
        known |= {one.owner.email.lower(), one.owner.user.email.lower() if one.owner.user else ""}
    return inquiry.email.lower() in known or inquiry.name == one.owner_name
