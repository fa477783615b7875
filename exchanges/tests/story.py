"""An exchange lived through the services, as far as a test needs it: Thunder Bay visits Winnipeg."""

from datetime import date, time, timedelta
from typing import Any

from django.utils import timezone

from cmncp_portal.evaluation.services import load_instruments
from cmncp_portal.network.tests.factories import make_topic
from exchanges import services
from exchanges.models import Exchange, Side, TeamMember, Visit

CHALLENGE = "How to win lasting investment in prevention from council"


def plan_of(exchange: Exchange, leg: str = "first") -> Visit:
    return Visit.objects.with_plan().get(exchange=exchange, leg=leg)


def drafted(guest_person: Any, guest: Any, host: Any) -> Exchange:
    exchange = services.start_request(guest=guest, challenge=CHALLENGE, by=guest_person)
    first = timezone.localdate() + timedelta(days=60)
    services.keep_request(
        exchange,
        seen=exchange.version,
        by=guest_person,
        fields={"interests": "Youth at risk", "wants_suggestions": False, "looks_further": True, "days": 2},
        topics=[make_topic("investment")],
        programmes=[],
        objectives=["See how council was won over", "Understand how results are measured"],
        preferred_hosts=[host],
        windows=[(first, first + timedelta(days=1)), (first + timedelta(days=14), first + timedelta(days=15))],
    )
    return Exchange.objects.with_story().get(pk=exchange.pk)


def requested(guest_person: Any, guest: Any, host: Any) -> Exchange:
    exchange = drafted(guest_person, guest, host)
    services.submit_request(exchange, by=guest_person)
    return Exchange.objects.with_story().get(pk=exchange.pk)


def accepted(guest_person: Any, guest: Any, host_person: Any, host: Any) -> Visit:
    exchange = requested(guest_person, guest, host)
    visit = plan_of(exchange)
    services.accept_window(visit, window=visit.latest_windows[0], by=host_person)
    return plan_of(exchange)


def planned(guest_person: Any, guest: Any, host_person: Any, host: Any) -> Visit:
    """Everything that both confirmations need is there."""
    visit = accepted(guest_person, guest, host_person, host)
    objectives = list(visit.exchange.objectives.all())
    for day in (1, 2):
        stop = services.add_stop(
            visit,
            by=host_person,
            day=day,
            starts_at=time(9, 0),
            ends_at=time(10, 30),
            kind="briefing",
            title=f"Briefing {day}",
            place="City Hall",
            objectives=objectives,
        )
        services.agree_stop(stop, by=guest_person)
    services.keep_practical(
        visit, seen=visit.version, by=host_person, address="510 Main Street", emergency_phone="204 555-0142"
    )
    people = {
        TeamMember.Category.ELECTED: ("Councillor Rita Beaver", "rita@thunderbay.example"),
        TeamMember.Category.STAFF: ("Sam Oja", "sam@thunderbay.example"),
    }
    for member in visit.team.filter(side=Side.VISITORS):
        name, email = people[member.category]
        services.keep_member(
            member,
            seen=member.version,
            by=guest_person,
            name=name,
            email=email,
            language="en",
            title="",
            category=member.category,
        )
        member.refresh_from_db()
        services.invite_member(member, by=guest_person)
        member.refresh_from_db()
        services.answer_invitation(member, comes=True)
    return plan_of(visit.exchange)


def confirmed(guest_person: Any, guest: Any, host_person: Any, host: Any) -> Visit:
    visit = planned(guest_person, guest, host_person, host)
    services.confirm(visit, side=Side.VISITORS, by=guest_person, seen_plan=visit.plan_version)
    services.confirm(visit, side=Side.HOSTS, by=host_person, seen_plan=visit.plan_version)
    return plan_of(visit.exchange)


def move_to(visit: Visit, first: date, last: date) -> Visit:
    """Put a confirmed visit on other days without telling anybody: time passes in tests."""
    Visit.objects.filter(pk=visit.pk).update(starts_on=first, ends_on=last)
    return plan_of(visit.exchange, visit.leg)


def held(guest_person: Any, guest: Any, host_person: Any, host: Any) -> Visit:
    load_instruments()
    visit = confirmed(guest_person, guest, host_person, host)
    today = timezone.localdate()
    visit = move_to(visit, today - timedelta(days=2), today - timedelta(days=1))
    services.record_held(visit, by=host_person, attendance={})
    return plan_of(visit.exchange)
