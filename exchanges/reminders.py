"""What is due now: a function of the instant, asked every hour. Nothing waits in a broker, so a moved visit moves its reminders.

At which hour a reminder leaves is the matter of `core.timely`.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Q
from django.utils import timezone

from cmncp_portal.core.days import add_working_days
from cmncp_portal.core.timely import is_due, is_due_somewhere, is_eve
from cmncp_portal.notifications.kinds import Kind

from . import notifications as kinds
from .models import HostRequest, Side, TeamMember, Visit
from .workflow import CONFIRM_GUARDS, PLAN_GUARDS, missing

S = Visit.State


@dataclass(frozen=True)
class Due:
    """A letter that is due somewhere: about which visit, of which kind, to which group, on which occasion (part of the key).

    `is_due_in` says whether its hour has come for somebody in a given zone.
    """

    visit: Visit
    kind: Kind
    to: str  # "visitors", "hosts", "both", "team", "network", or "member"
    occasion: str
    day: date
    now: datetime
    member: TeamMember | None = None
    page: str = "exchanges:visit"
    more: dict[str, Any] = field(default_factory=dict)

    def is_due_in(self, zone: str) -> bool:
        """Tell whether the letter is to leave now for a recipient in the IANA zone `zone`."""
        return self.kind == kinds.TOMORROW or is_due(self.day, self.now, zone)


def due(now: datetime | None = None) -> Iterator[Due]:
    """Yield each letter that is due at `now` (an aware instant; the present unless given)."""
    now = now or timezone.now()
    yield from _answers(now)
    yield from _plans(now)
    yield from _invitations(now)
    yield from _before_the_visit(now)
    yield from _after_the_visit(now)
    yield from _return_visits(now)
    yield from _drafts(now)


def _answers(now: datetime) -> Iterator[Due]:
    """The host that was asked: five working days before the answer is due, on the day, and three working days after."""
    near = timezone.localdate(now)
    span = (near - timedelta(days=18), near + timedelta(days=14))
    open_ones = HostRequest.objects.filter(
        outcome="", due_on__range=span, exchange__visits__leg="first", exchange__visits__state=S.PROPOSED
    )
    for request in open_ones.select_related("exchange__guest", "exchange__host", "municipality"):
        visit = request.exchange.first_visit
        side, due_on = visit.side_to_answer, request.due_on
        occasion = f"{request.pk}:{due_on}"
        for offset in (-5, 0, 3):
            on = add_working_days(due_on, offset) if offset else due_on
            if side and is_due_somewhere(on, now):
                more = {"due": kinds.day_words(due_on), "asker": _names(visit.municipality_of(Side(side).other))}
                yield Due(
                    visit,
                    kinds.ANSWER_REMINDER,
                    side,
                    f"{occasion}:{offset}",
                    on,
                    now,
                    page="exchanges:answer",
                    more=more,
                )
        late = due_on + timedelta(days=7)
        if side and is_due_somewhere(late, now):
            more = {"due": kinds.day_words(due_on), "asked": _names(visit.municipality_of(side))}
            yield Due(visit, kinds.NO_ANSWER, "network", occasion, late, now, page="exchanges:hosts", more=more)


def _names(place: Any) -> dict[str, str]:
    return {code: place.name_in(code) for code in ("en", "fr")} if place else kinds.both("")


def _plans(now: datetime) -> Iterator[Due]:
    """Six weeks before: what is missing. Thirty and fourteen days before: the side that has not confirmed."""
    for visit in _visits(now, S.ACCEPTED, 0, 45):
        assert visit.starts_on
        on = visit.starts_on - timedelta(days=42)
        if is_due_somewhere(on, now):
            lists = {code: _missing_in(visit, code) for code in ("en", "fr")}
            if lists["en"]:
                more = {"missing": lists, "weeks": kinds.both(6)}
                yield Due(visit, kinds.PLAN_NOT_READY, "both", f"{visit.starts_on}:42", on, now, more=more)
        for days in (30, 14):
            yield from _unconfirmed(visit, days, now)


def _unconfirmed(visit: Visit, days: int, now: datetime) -> Iterator[Due]:
    assert visit.starts_on
    on = visit.starts_on - timedelta(days=days)
    if not is_due_somewhere(on, now) or missing(visit, PLAN_GUARDS):
        return
    for side in Side:
        if not visit.confirmed_by(side):
            more = {"by": _names(visit.municipality_of(side))}
            yield Due(
                visit,
                kinds.CONFIRM_REMINDER,
                side,
                f"{visit.starts_on}:{days}",
                on,
                now,
                page="exchanges:confirm",
                more=more,
            )


def _missing_in(visit: Visit, language: str) -> list[str]:
    from django.utils import translation

    with translation.override(language):
        return missing(visit, CONFIRM_GUARDS)


def _visits(now: datetime, state: str, first: int, last: int) -> list[Visit]:
    """Visits in `state` that begin between `first` and `last` days from now, with their plan."""
    today = timezone.localdate(now)
    span = (today + timedelta(days=first), today + timedelta(days=last))
    return list(Visit.objects.with_plan().filter(state=state, starts_on__range=span))


def _invitations(now: datetime) -> Iterator[Due]:
    """Who was invited and has not answered: after four and nine days."""
    asked = TeamMember.objects.filter(status="invited", invited_at__gte=now - timedelta(days=20), wants_no_more=False)
    asked = asked.filter(visit__state__in=[S.ACCEPTED, S.CONFIRMED]).exclude(visit__ends_on__lt=timezone.localdate(now))
    for member in asked.select_related(
        "visit__exchange__guest", "visit__exchange__host", "visit__visiting_lead", "visit__host_lead"
    ):
        for days in (4, 9):
            on = timezone.localdate(member.invited_at) + timedelta(days=days)
            if is_due_somewhere(on, now):
                more = {"inviter": _names(member.visit.municipality_of(member.side))}
                occasion = f"{member.pk}:{member.nonce[:8]}:{days}"
                yield Due(
                    member.visit, kinds.INVITATION_REMINDER, "member", occasion, on, now, member=member, more=more
                )


def _before_the_visit(now: datetime) -> Iterator[Due]:
    """A week before: the practical details. The eve at 16:00 in the host's time: tomorrow. The eve never moves to another day."""
    for visit in _visits(now, S.CONFIRMED, 0, 9):
        assert visit.starts_on
        lead = visit.host_lead
        name = kinds.both(lead.name if lead else "")
        on, eve = visit.starts_on - timedelta(days=7), visit.starts_on - timedelta(days=1)
        if is_due_somewhere(on, now):
            more = {"lodging": kinds.both(visit.lodging), "transport": kinds.both(visit.transport), "lead": name}
            yield Due(visit, kinds.PRACTICAL, "team", f"{visit.starts_on}:7", on, now, more=more)
        if is_eve(visit.starts_on, now, visit.zone):
            agreed = [s for s in visit.stops.all() if s.status == "agreed" and s.day == 1][:1]
            words = kinds.stop_words(agreed)
            first = {code: words[code][0] if words[code] else "" for code in ("en", "fr")}
            yield Due(
                visit,
                kinds.TOMORROW,
                "team",
                f"{visit.starts_on}:1",
                eve,
                now,
                more={"first_stop": first, "lead": name},
            )


def _after_the_visit(now: datetime) -> Iterator[Due]:
    """The day after: did it take place? Again after three days; after seven it is in the network's queue."""
    today = timezone.localdate(now)
    past = Visit.objects.with_plan().filter(state=S.CONFIRMED, ends_on__range=(today - timedelta(days=14), today))
    for visit in past:
        assert visit.ends_on
        for days in (1, 3):
            on = visit.ends_on + timedelta(days=days)
            if is_due_somewhere(on, now):
                yield Due(
                    visit, kinds.DID_IT_TAKE_PLACE, "both", f"{visit.ends_on}:{days}", on, now, page="exchanges:record"
                )


def _return_visits(now: datetime) -> Iterator[Due]:
    """No decision on the return visit 21 and 45 days after the evaluations were opened; or the day of "later" has come."""
    open_ones = Visit.objects.with_plan().filter(
        state=S.HELD, leg="first", released_at__isnull=False, exchange__closed_at__isnull=True
    )
    undecided = open_ones.filter(exchange__return_decision="", released_at__gte=now - timedelta(days=60))
    today = timezone.localdate(now)
    later = Q(exchange__return_decision="later", exchange__return_from_on__range=(today - timedelta(days=12), today))
    for visit in (undecided | open_ones.filter(later)).exclude(exchange__visits__leg="return").distinct():
        exchange = visit.exchange
        if exchange.return_decision == "later":
            days = [(exchange.return_from_on, "later")]
        else:
            opened = timezone.localdate(visit.released_at)
            days = [(opened + timedelta(days=n), str(n)) for n in (21, 45)]
        for day, name in days:
            if day and is_due_somewhere(day, now):
                yield Due(visit, kinds.RETURN_REMINDER, "both", f"{day}:{name}", day, now, page="exchanges:return")


def _drafts(now: datetime) -> Iterator[Due]:
    """A draft that nobody touched for sixty days."""
    span = (now - timedelta(days=72), now - timedelta(days=58))
    for visit in Visit.objects.with_plan().filter(state=S.DRAFT, updated_at__range=span):
        day = timezone.localdate(visit.updated_at) + timedelta(days=60)
        if is_due_somewhere(day, now):
            yield Due(visit, kinds.DRAFT_WAITS, "visitors", str(day), day, now, page="exchanges:request")
