"""Dull factories: rows, not services, so that a broken service fails its own tests only.

`make_exchange(stage=…)` builds an exchange that stands where its stage says. Stages follow each other:
draft, requested (or finding_host), accepted, planned (complete, nobody confirmed), confirmed, held, evaluated, closed.
"""

from datetime import date, datetime, time, timedelta
from itertools import count
from typing import Any

from django.utils import timezone

from cmncp_portal.core.days import local_instant
from cmncp_portal.evaluation.models import Invitation, Occasion, Questionnaire, Response, Survey
from cmncp_portal.evaluation.tests.factories import make_questionnaire
from cmncp_portal.network.models import Municipality, Stakeholder, Standing
from cmncp_portal.network.tests.factories import make_municipality, make_stakeholder, make_topic
from exchanges.models import (
    Confirmation,
    DateWindow,
    Exchange,
    HostRequest,
    Objective,
    PreferredHost,
    Side,
    Stop,
    TeamMember,
    Visit,
    VisitEvaluation,
)

_numbers = count(1)
STAGES = ("draft", "finding_host", "requested", "accepted", "planned", "confirmed", "held", "evaluated", "closed")
OBJECTIVES = ("How council decides to invest in prevention", "How results are measured")
CHALLENGE = "How to win lasting investment in prevention from council."
WEEK = timedelta(days=7)


def make_exchange(
    guest: Municipality | None = None,
    host: Municipality | None = None,
    *,
    stage: str = "draft",
    starts_on: date | None = None,
    ends_on: date | None = None,
    by: Any = None,
    **fields: Any,
) -> Exchange:
    """An exchange that stands at `stage`; `first_visit` is its visit.

    Dates are two days in ten weeks (until "confirmed") or two days that ended three days ago (from "held" on) unless given.
    Both municipalities have somebody who leads; the visitors are an elected leader and one of staff, both without an account.
    """
    reached = STAGES.index(stage)
    guest = guest or make_municipality()
    host = host or (None if stage == "finding_host" else make_municipality())
    today = timezone.localdate()
    past = reached >= STAGES.index("held")
    starts_on = starts_on or (today - timedelta(days=4) if past else today + 10 * WEEK)
    ends_on = ends_on or starts_on + timedelta(days=1)
    number = next(_numbers)
    defaults: dict[str, Any] = {
        "reference": f"EX-2026-{900 + number:03d}",
        "challenge": CHALLENGE,
        "wants_suggestions": host is None,
        "requested_by": by,
        "submitted_at": timezone.now() if reached else None,
        "host": host if reached >= STAGES.index("requested") else None,
        "days": (ends_on - starts_on).days + 1,
    }
    exchange = Exchange.objects.create(guest=guest, **(defaults | fields))
    exchange.topics.add(make_topic())
    Objective.objects.bulk_create(
        Objective(exchange=exchange, order=n, text=text) for n, text in enumerate(OBJECTIVES, 1)
    )
    if host:
        PreferredHost.objects.create(exchange=exchange, municipality=host, order=1)
    visit = Visit.objects.create(exchange=exchange, leg=Visit.Leg.FIRST, visiting_lead=lead_for(guest))
    make_window(visit, starts_on if not past else today + 10 * WEEK)
    make_window(visit, (starts_on if not past else today + 10 * WEEK) + 2 * WEEK)
    _open_places(visit)
    _advance(visit, reached, starts_on, ends_on)
    return Exchange.objects.get(pk=exchange.pk)


def make_visit(*args: Any, **kwargs: Any) -> Visit:
    """The first visit of a new exchange, read with its plan; arguments as for `make_exchange`."""
    return read(make_exchange(*args, **kwargs).first_visit)


def read(visit: Visit) -> Visit:
    """`visit` as it stands in the database now, with its plan."""
    return Visit.objects.with_plan().get(pk=visit.pk)


def make_return_visit(
    exchange: Exchange, *, stage: str = "requested", starts_on: date | None = None, ends_on: date | None = None
) -> Visit:
    """The return visit of an exchange whose first visit was held; `stage` from "requested" on, proposed by the return's hosts."""
    reached = STAGES.index(stage)
    first = exchange.first_visit
    today = timezone.localdate()
    starts_on = starts_on or (today - timedelta(days=4) if reached >= STAGES.index("held") else today + 10 * WEEK)
    visit = Visit.objects.create(
        exchange=exchange,
        leg=Visit.Leg.RETURN,
        visiting_lead=first.host_lead,
        host_lead=first.visiting_lead,
        state=Visit.State.PROPOSED,
    )
    make_window(visit, starts_on, side=Side.HOSTS)
    make_window(visit, starts_on + 2 * WEEK, side=Side.HOSTS)
    _open_places(visit)
    _advance(visit, reached, starts_on, ends_on or starts_on + timedelta(days=1))
    return read(visit)


def make_window(
    visit: Visit, starts_on: date, ends_on: date | None = None, *, side: str = Side.VISITORS, round: int = 1
) -> DateWindow:
    return DateWindow.objects.create(
        visit=visit,
        starts_on=starts_on,
        ends_on=ends_on or starts_on + timedelta(days=1),
        proposed_by=side,
        round=round,
    )


def make_member(
    visit: Visit, side: str = Side.VISITORS, category: str = "staff", *, status: str = "invited", **fields: Any
) -> TeamMember:
    """A place in the team, of somebody without an account who was invited; `status="to_name"` leaves the place open."""
    number = next(_numbers)
    named = (
        {}
        if status == "to_name"
        else {"name": f"Guest {number}", "email": f"guest{number}@example.ca", "language": "en"}
    )
    asked = {"invited_at": timezone.now()} if status in ("invited", "accepted", "declined") else {}
    answered = {"answered_at": timezone.now()} if status in ("accepted", "declined") else {}
    return TeamMember.objects.create(
        visit=visit, **({"side": side, "category": category, "status": status} | named | asked | answered | fields)
    )


def make_stop(
    visit: Visit, day: int = 1, *, status: str = "agreed", proposed_by: str = Side.HOSTS, **fields: Any
) -> Stop:
    """A stop from 9:00 to 10:30 that both sides agreed on; `objectives` are set when given."""
    objectives = fields.pop("objectives", ())
    defaults: dict[str, Any] = {
        "starts_at": time(9),
        "ends_at": time(10, 30),
        "title": f"Stop {next(_numbers)}",
        "place": "510 Main Street",
        "kind": Stop.Kind.PROGRAMME,
    }
    stop = Stop.objects.create(visit=visit, day=day, status=status, proposed_by=proposed_by, **(defaults | fields))
    stop.objectives.set(objectives)
    return stop


def lead_for(place: Municipality) -> Stakeholder:
    """The representative of `place`, or a new one without an account."""
    found = Stakeholder.objects.speaking_for(place).first()
    return found or make_stakeholder(place, standing=Standing.REPRESENTATIVE, title="Coordinator, Community Safety")


def _open_places(visit: Visit) -> None:
    for category in ("elected", "staff"):
        make_member(visit, category=category, status="to_name")


def _advance(visit: Visit, reached: int, starts_on: date, ends_on: date) -> None:
    if reached >= STAGES.index("finding_host"):
        _move(visit, "submit", Visit.State.PROPOSED)
    if reached >= STAGES.index("requested"):
        _asked(visit)
    if reached >= STAGES.index("accepted"):
        _accepted(visit, starts_on, ends_on)
    if reached >= STAGES.index("planned"):
        _planned(visit)
    if reached >= STAGES.index("confirmed"):
        _confirmed(visit)
    if reached >= STAGES.index("held"):
        _held(visit)
    if reached >= STAGES.index("evaluated"):
        _evaluated(visit)
    if reached >= STAGES.index("closed"):
        now = timezone.now()
        Exchange.objects.filter(pk=visit.exchange_id).update(
            closed_at=now, return_decision="not_needed", return_reason="We talk by telephone."
        )


def _move(visit: Visit, name: str, state: str, **fields: Any) -> None:
    before = visit.state
    for field, value in (fields | {"state": state}).items():
        setattr(visit, field, value)
    visit.save()
    visit.changes.create(from_state=before, to_state=state, transition=name, by_name="The factory")


def _asked(visit: Visit) -> None:
    if visit.leg == Visit.Leg.RETURN:
        return
    host = visit.exchange.host
    due_on = timezone.localdate() + 2 * WEEK
    HostRequest.objects.create(exchange=visit.exchange, municipality=host, asked_at=timezone.now(), due_on=due_on)
    visit.host_lead = lead_for(host)
    visit.save()


def _accepted(visit: Visit, starts_on: date, ends_on: date) -> None:
    _move(visit, "accept", Visit.State.ACCEPTED, starts_on=starts_on, ends_on=ends_on)
    visit.exchange.host_requests.filter(outcome="").update(outcome="accepted", answered_at=timezone.now())
    lead = visit.host_lead
    assert lead is not None
    language = lead.language
    place_in_team(visit, lead, Side.HOSTS, status="accepted", language=language)


def place_in_team(
    visit: Visit, person: Stakeholder, side: str = Side.VISITORS, category: str = "staff", **fields: Any
) -> TeamMember:
    """Give a listed person a place in the team."""
    known = {"stakeholder": person, "name": person.name, "title": person.title, "email": person.email}
    return make_member(visit, side, category, **(known | fields))


def _planned(visit: Visit) -> None:
    number = next(_numbers)
    people = {
        "elected": ("Councillor", f"councillor{number}@example.ca"),
        "staff": ("Planner", f"planner{number}@example.ca"),
    }
    for place in visit.team.filter(side=Side.VISITORS, status="to_name"):
        title, email = people[place.category]
        TeamMember.objects.filter(pk=place.pk).update(
            name=f"{title} {number}",
            title=title,
            email=email,
            language="en",
            status="accepted",
            invited_at=timezone.now(),
            answered_at=timezone.now(),
        )
    visit.address, visit.emergency_phone = "510 Main Street", "204-555-0142"
    visit.save()
    objectives = list(visit.exchange.objectives.all())
    for day in range(1, len(visit.days) + 1):
        make_stop(visit, day, objectives=objectives if day == 1 else ())


def _confirmed(visit: Visit) -> None:
    for side in Side:
        Confirmation.objects.create(visit=visit, side=side, plan_version=visit.plan_version, by_name="The factory")
    _move(visit, "confirm", Visit.State.CONFIRMED, sequence=1)


def _held(visit: Visit) -> None:
    _move(visit, "record_held", Visit.State.HELD, held_at=timezone.now())
    visit.team.filter(status="accepted").update(attendance="present")
    for side in Side:
        make_visit_evaluation(visit, side)


def instruments() -> dict[str, Questionnaire]:
    """The two questionnaires of exchanges, short ones, published; made once."""
    found = {q.slug: q for q in Questionnaire.objects.filter(slug__in=("exchange-visitors", "exchange-hosts"))}
    return {slug: found.get(slug) or make_questionnaire(slug) for slug in ("exchange-visitors", "exchange-hosts")}


def make_visit_evaluation(visit: Visit, side: str) -> VisitEvaluation:
    """The survey put to one side, open since the last day at 17:00; everybody of the side who was present is invited."""
    assert visit.ends_on
    opens_at = local_instant(visit.ends_on, time(17), visit.zone)
    survey = Survey.objects.create(
        questionnaire=instruments()[f"exchange-{side}"],
        occasion=_occasion(visit),
        side=side,
        place=visit.municipality_of(side),
        title_en="Your evaluation of the visit",
        title_fr="Votre évaluation de la visite",
        about_en=visit.exchange.reference,
        about_fr=visit.exchange.reference,
        path=f"/en/exchanges/{visit.exchange.reference}/{visit.leg}/",
        rows=[{"code": f"o{o.pk}", "en": o.text, "fr": o.text} for o in visit.exchange.objectives.all()],
        time_zone=visit.zone,
        opens_at=opens_at,
        due_at=opens_at + timedelta(days=14),
        closes_at=opens_at + timedelta(days=45),
    )
    for member in visit.team.filter(side=side, attendance__in=("present", "remote")).exclude(email=""):
        Invitation.objects.create(
            survey=survey, email=member.email, name=member.name, language=member.language, invited_at=opens_at
        )
    return VisitEvaluation.objects.create(visit=visit, side=side, survey=survey)


def _occasion(visit: Visit) -> Occasion:
    """What the surveys of both sides are about, in the words of the services."""
    words = {
        "title_en": f"{visit.visiting.name_en} visits {visit.hosting.name_en}",
        "title_fr": f"{visit.hosting.name_fr} reçoit {visit.visiting.name_fr}",
        "about_en": visit.exchange.reference,
        "about_fr": visit.exchange.reference,
        "path": f"/en/exchanges/{visit.exchange.reference}/{visit.leg}/",
    }
    fields = {"activity": Occasion.Activity.EXCHANGE, "on": visit.ends_on, **words}
    found, _is_new = Occasion.objects.get_or_create(key=f"visit-{visit.pk}", defaults=fields)
    found.places.set([visit.visiting, visit.hosting])
    return found


def make_answer(visit: Visit, side: str, *, at: datetime | None = None) -> Response:
    """The next person of `side` who has not answered submits."""
    invitation = Invitation.objects.filter(
        survey__visit_evaluation__visit=visit, survey__visit_evaluation__side=side, response=None
    ).first()
    assert invitation is not None, f"everybody of the {side} has answered"
    return Response.objects.create(
        invitation=invitation, language=invitation.language or "en", submitted_at=at or timezone.now()
    )


def _evaluated(visit: Visit) -> None:
    for side in Side:
        make_answer(visit, side)
    now = timezone.now()
    Survey.objects.filter(visit_evaluation__visit=visit).update(released_at=now)
    visit.released_at = now
    visit.save()
