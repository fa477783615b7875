"""Asking for an exchange: a draft from the first field, and sending it."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from cmncp_portal.core.editing import save_version
from cmncp_portal.core.references import next_reference
from cmncp_portal.network.models import Municipality, PreventionProgramme, Topic
from cmncp_portal.network.rules import places_of

from .. import notifications as kinds
from ..models import Exchange, Objective, PreferredHost, Side, TeamMember, Visit
from ..workflow import VISIT
from .answering import ask_host
from .telling import leads, tell, the_network

Windows = Iterable[tuple[date, date]]


@transaction.atomic
def start_request(*, guest: Municipality, challenge: str, by: Any) -> Exchange:
    """Begin a draft from its first field; two places in the team stand open for a leader and for staff.

    Raises PermissionDenied unless `by` may ask on behalf of `guest`.
    """
    exchange = Exchange(
        guest=guest,
        challenge=challenge,
        language=by.language,
        working_language=by.language,
        requested_by=by,
        reference=next_reference("EX", timezone.localdate().year),
    )
    visit = Visit(exchange=exchange, leg=Visit.Leg.FIRST)
    if not by.has_perm("exchanges.write_request", visit):
        raise PermissionDenied
    exchange.save()
    visit.exchange = exchange
    visit.visiting_lead = next((p for p in places_of(by) if p.municipality_id == guest.pk), None)
    visit.save()
    for category in (TeamMember.Category.ELECTED, TeamMember.Category.STAFF):
        TeamMember.objects.create(visit=visit, side=Side.VISITORS, category=category)
    return exchange


@transaction.atomic
def keep_request(
    exchange: Exchange,
    *,
    seen: int,
    by: Any,
    fields: dict[str, Any],
    topics: Iterable[Topic],
    programmes: Iterable[PreventionProgramme],
    objectives: list[str],
    preferred_hosts: list[Municipality],
    windows: Windows,
) -> None:
    """Save the draft as it stands; nothing needs to be complete yet. Raises Conflict when somebody saved since `seen`."""
    visit = Visit.objects.select_for_update(of=("self",)).get(pk=exchange.first_visit.pk)
    if visit.state != Visit.State.DRAFT or not by.has_perm("exchanges.write_request", visit):
        raise PermissionDenied
    save_version(exchange, seen=seen, fields=fields)
    exchange.topics.set(topics)
    exchange.programmes.set(programmes)
    exchange.objectives.all().delete()
    Objective.objects.bulk_create(Objective(exchange=exchange, order=n, text=t) for n, t in enumerate(objectives, 1))
    exchange.preferred_hosts.all().delete()
    PreferredHost.objects.bulk_create(
        PreferredHost(exchange=exchange, municipality=m, order=n) for n, m in enumerate(preferred_hosts, 1)
    )
    visit.windows.all().delete()
    visit.windows.bulk_create(
        [visit.windows.model(visit=visit, proposed_by=Side.VISITORS, starts_on=a, ends_on=b) for a, b in windows]
    )
    Visit.objects.filter(pk=visit.pk).update(updated_at=timezone.now())


@transaction.atomic
def submit_request(exchange: Exchange, *, by: Any) -> None:
    """Send the request: the first preferred host is asked, or the network looks for one. The requester gets a receipt.

    Raises PermissionDenied or TransitionRefused.
    """
    visit = exchange.first_visit
    VISIT.apply(visit, "submit", by=by)
    exchange.submitted_at = timezone.now()
    exchange.save(update_fields=["submitted_at", "updated_at"])
    first = exchange.preferred_hosts.select_related("municipality").first()
    if first:
        ask_host(exchange, first.municipality, by=None)
    else:
        look_for_host(exchange)
    request = exchange.host_requests.filter(outcome="").first()
    due = kinds.day_words(request.due_on) if request else kinds.both("")
    asked = {c: exchange.host.name_in(c) for c in ("en", "fr")} if exchange.host else kinds.both("")
    tell(
        kinds.REQUEST_SENT,
        visit,
        leads(visit, Side.VISITORS),
        occasion=f"sent:{visit.changes.count()}",
        page="exchanges:exchange",
        due=due,
        asked=asked,
    )


def look_for_host(exchange: Exchange) -> None:
    """Tell the network that `exchange` needs a host. Called inside the transaction that leaves it without one."""
    visit = exchange.first_visit
    objectives = kinds.both([o.text for o in exchange.objectives.all()])
    windows = kinds.windows_in_words(visit.latest_windows)
    occasion = f"needed:{exchange.host_requests.count()}"
    tell(
        kinds.HOST_NEEDED,
        visit,
        the_network(),
        occasion=occasion,
        page="exchanges:hosts",
        objectives=objectives,
        windows=windows,
    )
