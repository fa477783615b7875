"""The host answers: a period, other dates, or no, with a reason. One host is asked at a time."""

from collections.abc import Iterable
from datetime import date, timedelta
from functools import partial
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import F, Max
from django.utils import timezone
from django.utils.translation import gettext as _

from cmncp_portal.core.entries import Method
from cmncp_portal.core.workflow import TransitionRefused
from cmncp_portal.network.models import Municipality, Stakeholder
from cmncp_portal.notifications import services as letters

from .. import notifications as kinds
from ..models import DateWindow, Exchange, HostRequest, Side, Stop, TeamMember, Visit
from ..rules import side_of
from ..workflow import ANSWER_DAYS, VISIT, active_team
from .moving import concerned, fresh, remove_reminders
from .telling import leads, speakers, tell, tell_members, the_network


@transaction.atomic
def ask_host(exchange: Exchange, host: Municipality, *, by: Any) -> None:
    """Ask `host` to receive the first visit. `by` is None when the request itself names the host.

    Raises PermissionDenied, or TransitionRefused when another host is being asked, has declined, or is the guest.
    """
    visit = exchange.first_visit
    if by is not None and not by.has_perm("exchanges.find_host", visit):
        raise PermissionDenied
    Exchange.objects.select_for_update(of=("self",)).get(pk=exchange.pk)
    if visit.state != Visit.State.PROPOSED or exchange.host_requests.filter(outcome="").exists():
        raise TransitionRefused(_("Another host is being asked at the moment."))
    refused = exchange.host_requests.filter(municipality=host, outcome__in=["declined", "replaced"])
    if host.pk == exchange.guest_id or refused.exists():
        raise TransitionRefused(_("%(host)s cannot be asked for this exchange.") % {"host": host})
    due_on = timezone.localdate() + timedelta(days=ANSWER_DAYS)
    HostRequest.objects.create(exchange=exchange, municipality=host, asked_at=timezone.now(), due_on=due_on)
    exchange.host = host
    exchange.save(update_fields=["host", "updated_at"])
    _forget_answers(visit)
    lead = Stakeholder.objects.speaking_for(host).first()
    Visit.objects.filter(pk=visit.pk).update(host_lead=lead, updated_at=timezone.now())
    visit = Visit.objects.with_plan().get(pk=visit.pk)
    tell(
        kinds.REQUEST_RECEIVED,
        visit,
        speakers(host) or the_network(),  # nobody answers for it here yet: the coordinators do on its behalf
        occasion=f"asked:{exchange.host_requests.count()}",
        page="exchanges:answer",
        **kinds.request_values(visit, due_on=due_on, team_size=len(active_team(visit, Side.VISITORS))),
    )
    if by is not None:
        occasion = f"host-asked:{exchange.host_requests.count()}"
        tell(
            kinds.HOST_ASKED,
            visit,
            leads(visit, Side.VISITORS),
            occasion=occasion,
            page="exchanges:exchange",
            due=kinds.day_words(due_on),
        )


def _forget_answers(visit: Visit) -> None:
    """A new host sees the visitors' own latest periods as a first round, and nothing of the dates of a former host."""
    last_own = visit.windows.filter(proposed_by=Side.VISITORS).aggregate(n=Max("round"))["n"] or 1
    visit.windows.exclude(proposed_by=Side.VISITORS, round=last_own).delete()
    visit.windows.update(round=1)
    visit.__dict__.pop("_prefetched_objects_cache", None)
    visit.__dict__.pop("latest_windows", None)


def _check_turn(visit: Visit, by: Any, permission: str = "exchanges.answer_request") -> Visit:
    """Return the visit, read again, if it is `by`'s turn to answer. It is locked, so that of two answers one is refused."""
    locked = Visit.objects.select_for_update(of=("self",)).get(pk=visit.pk)
    if locked.state == Visit.State.ACCEPTED and side_of(by, locked):
        raise TransitionRefused(VISIT.already(locked, VISIT["accept"]), done_already=True)
    if not by.has_perm(permission, locked):
        raise PermissionDenied
    return Visit.objects.with_plan().get(pk=visit.pk)


@transaction.atomic
def accept_window(visit: Visit, *, window: DateWindow, by: Any, note: str = "") -> None:
    """Accept one of the periods that the other side proposed last; both sides then plan on one page.

    Raises TransitionRefused when somebody accepted before, or the period has passed or is not on the table any more.
    """
    visit = _check_turn(visit, by)
    if window.pk not in {w.pk for w in visit.latest_windows}:
        raise TransitionRefused(_("These dates are no longer proposed; look at the latest ones."))
    if window.starts_on < visit.today():
        raise TransitionRefused(_("These dates have passed: propose others."))
    VISIT.apply(visit, "accept", by=by, note=note)
    Visit.objects.filter(pk=visit.pk).update(
        starts_on=window.starts_on, ends_on=window.ends_on, updated_at=timezone.now()
    )
    _end_request(visit, HostRequest.Outcome.ACCEPTED, by)
    _ensure_host_places(visit)
    visit = Visit.objects.with_plan().get(pk=visit.pk)
    people = [*leads(visit, Side.VISITORS), *leads(visit, Side.HOSTS)]
    tell(kinds.ACCEPTED, visit, people, occasion=f"accepted:{visit.changes.count()}", by=_name_of_answering(visit, by))


def _name_of_answering(visit: Visit, by: Any) -> dict[str, str]:
    side = side_of(by, visit) or Side.HOSTS
    place = visit.municipality_of(side)
    return {code: place.name_in(code) for code in ("en", "fr")} if place else kinds.both("")


def _ensure_host_places(visit: Visit) -> None:
    """The host's lead is in the host team from the start."""
    lead = Visit.objects.select_related("host_lead").get(pk=visit.pk).host_lead
    gone = (TeamMember.Status.WITHDRAWN, TeamMember.Status.REPLACED)
    if lead is None or visit.team.filter(side=Side.HOSTS).exclude(status__in=gone).exists():
        return
    TeamMember.objects.create(
        visit=visit, side=Side.HOSTS, category=TeamMember.Category.STAFF, stakeholder=lead, name=lead.name, title=lead.title,
        organisation=lead.organisation, email=lead.email, phone=lead.phone, language=lead.language, status=TeamMember.Status.ACCEPTED,
    )  # fmt: skip


def _end_request(visit: Visit, outcome: str, by: Any, **fields: Any) -> None:
    if visit.leg == Visit.Leg.FIRST:
        open_ones = visit.exchange.host_requests.filter(outcome="")
        open_ones.update(outcome=outcome, answered_at=timezone.now(), answered_by=by, **fields)


@transaction.atomic
def propose_windows(visit: Visit, *, windows: Iterable[tuple[date, date]], by: Any, word: str = "") -> None:
    """Answer with other dates; it is then the other side's turn. Raises TransitionRefused for dates in the past."""
    visit = _check_turn(visit, by)
    side = visit.side_to_answer
    if side is None:
        raise TransitionRefused(_("No answer is expected at the moment."))
    wanted = list(windows)
    if not wanted or any(a < visit.today() for a, _b in wanted):
        raise TransitionRefused(_("Propose at least one period that lies ahead."))
    number = (visit.windows.aggregate(n=Max("round"))["n"] or 0) + 1
    visit.windows.bulk_create(
        [DateWindow(visit=visit, round=number, proposed_by=side, starts_on=a, ends_on=b) for a, b in wanted]
    )
    Visit.objects.filter(pk=visit.pk).update(updated_at=timezone.now())
    due_on = timezone.localdate() + timedelta(days=ANSWER_DAYS)
    visit.exchange.host_requests.filter(outcome="").update(due_on=due_on)
    visit = Visit.objects.with_plan().get(pk=visit.pk)
    other = Side(side).other
    place = visit.municipality_of(side)
    tell(
        kinds.NEW_DATES,
        visit,
        leads(visit, other),
        occasion=f"round:{visit.exchange.host_requests.count()}:{number}",
        page="exchanges:answer",
        by={code: place.name_in(code) for code in ("en", "fr")},  # type: ignore[union-attr]
        windows=kinds.windows_in_words(visit.latest_windows),
        word=kinds.both(word),
    )


@transaction.atomic
def decline(visit: Visit, *, reason: str, text: str, is_text_shared: bool, by: Any) -> None:
    """Say no, with a reason for the network and, if shared, a word to the visitors.

    When the visitors asked to look further, the request keeps everything and the next preferred host is asked, else the network looks for one.
    """
    from .requesting import look_for_host

    visit = _check_turn(visit, by, "exchanges.decline_request")
    exchange, host = visit.exchange, visit.hosting
    if host is None:
        raise TransitionRefused(_("No host is being asked at the moment."))
    further = exchange.looks_further and visit.leg == Visit.Leg.FIRST
    _end_request(visit, HostRequest.Outcome.DECLINED, by, reason=reason, text=text, is_text_shared=is_text_shared)
    values: dict[str, Any] = {
        "by": {code: host.name_in(code) for code in ("en", "fr")},
        "word": kinds.both(text if is_text_shared else ""),
        "looks_further": kinds.both(further),
    }
    people = [*leads(visit, Side.VISITORS), *the_network()]
    tell(
        kinds.DECLINED,
        visit,
        people,
        occasion=f"declined:{exchange.host_requests.count()}",
        page="exchanges:exchange",
        **values,
    )
    if not further:
        VISIT.apply(visit, "decline", by=by, note=str(HostRequest.Reason(reason).label))
        return
    letters.withdraw(f"exchanges.answer_reminder:{visit.pk}:")
    _leave_without_host(exchange)
    asked = exchange.host_requests.values("municipality_id")
    following = exchange.preferred_hosts.exclude(municipality_id__in=asked).select_related("municipality").first()
    if following:
        ask_host(exchange, following.municipality, by=None)
    else:
        look_for_host(exchange)


def _leave_without_host(exchange: Exchange) -> None:
    exchange.host = None
    exchange.save(update_fields=["host", "updated_at"])
    Visit.objects.filter(pk=exchange.first_visit.pk).update(host_lead=None, updated_at=timezone.now())


@transaction.atomic
def change_host(visit: Visit, *, by: Any, note: str) -> None:
    """Part from the host after it was asked or accepted, and look for another.

    The former host gets a courtesy note, and can from now on read nothing of the exchange; its own stops are dropped and
    kept in the history, what the visitors proposed stays. The dates of a confirmed visit are taken out of everyone's
    calendar; before that, the visitors' guests hear of the new host when the visit is confirmed.
    """
    from .requesting import look_for_host

    was = fresh(visit)
    exchange = was.exchange
    VISIT.apply(visit, "change_host", by=by, note=note)
    _end_request(was, HostRequest.Outcome.REPLACED, by)
    answered = exchange.host_requests.filter(outcome=HostRequest.Outcome.ACCEPTED, municipality=exchange.host)
    answered.update(outcome=HostRequest.Outcome.REPLACED)
    _part_from_host(was, by=by, note=note)
    _clear_plan(was)
    remove_reminders(was)
    for prefix in ("exchanges.answer_reminder", "exchanges.invitation"):
        letters.withdraw(f"{prefix}:{was.pk}:")
    _leave_without_host(exchange)
    look_for_host(Exchange.objects.get(pk=exchange.pk))


def _part_from_host(was: Visit, *, by: Any, note: str) -> None:
    """Tell the former host's lead and people; when the visit was confirmed, its dates leave every calendar."""
    from .team import tell_not_expected

    was_confirmed = was.state == Visit.State.CONFIRMED
    occasion = f"host-changed:{was.changes.count()}"
    people, former = concerned(was), leads(was, Side.HOSTS)
    told = {r.email.lower() for r in former}
    tell_not_expected(was, [m for m in people if m.side == Side.HOSTS and m.email.lower() not in told], by=by)
    was.sequence += 1
    method: Method | None = "CANCEL" if was_confirmed else None
    word = kinds.both(note)
    tell(kinds.HOST_CHANGED, was, former, occasion=occasion, page="exchanges:list", method=method, word=word)
    if was_confirmed:
        visitors = [m for m in people if m.side == Side.VISITORS]
        tell_members(
            kinds.POSTPONED, was, visitors, occasion=occasion, method=method, word=word, by=kinds.both(str(by))
        )


def _clear_plan(visit: Visit) -> None:
    """Take off what belonged to the former host; the visitors' stops are to be agreed with the next one."""
    visit.stops.filter(proposed_by=Side.HOSTS).update(status=Stop.Status.DROPPED)
    visit.stops.filter(status=Stop.Status.AGREED).update(status=Stop.Status.PROPOSED)
    visit.team.filter(side=Side.HOSTS).exclude(status=TeamMember.Status.REPLACED).update(
        status=TeamMember.Status.WITHDRAWN,
        dietary_needs="",
        access_needs="",
        emergency_contact="",
        updated_at=timezone.now(),
    )
    for document in visit.documents.filter(side=Side.HOSTS):
        transaction.on_commit(partial(document.file.storage.delete, document.file.name or ""))
        document.delete()
    Visit.objects.filter(pk=visit.pk).update(
        starts_on=None, ends_on=None, address="", emergency_phone="", lodging="", transport="", access="", join_link="", who_pays="",
        host_lead=None, postponed_at=None, plan_version=F("plan_version") + 1, sequence=F("sequence") + 1, updated_at=timezone.now(),
    )  # fmt: skip
