"""After the visit: releasing and reviewing evaluations, the return visit, the end."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from cmncp_portal.core.workflow import TransitionRefused
from cmncp_portal.evaluation import services as surveys
from cmncp_portal.network.models import Stakeholder

from .. import notifications as kinds
from ..models import DateWindow, Exchange, Side, TeamMember, Visit, VisitStateChange
from ..rules import side_of
from ..selectors import evaluation_counts, sides_with_answers
from ..workflow import EVALUATION_CLOSE_DAYS
from .moving import fresh
from .telling import leads, speakers, tell


def _both_leads(visit: Visit) -> list[Any]:
    return [r for side in Side for r in leads(visit, side)]


@transaction.atomic
def release_evaluations(visit: Visit) -> bool:
    """Open each side's answers to the other when both have answered, or once the closing day is past; return whether it did.

    Called after each answer and by the daily sweep. From then on answers are no longer edited, only added to.
    """
    locked = Visit.objects.select_for_update(of=("self",)).get(pk=visit.pk)
    if locked.state != Visit.State.HELD or locked.released_at or not locked.ends_on:
        return False
    visit = fresh(visit)
    evaluations = list(visit.evaluations.select_related("survey"))
    answered = sides_with_answers(visit)
    is_both = answered == {Side.VISITORS, Side.HOSTS}
    is_late = bool(evaluations) and all(timezone.now() >= e.survey.closes_at for e in evaluations)
    if not is_both and not is_late:
        return False
    _release(visit)
    if is_both:
        tell(kinds.BOTH_EVALUATED, visit, _both_leads(visit), occasion="released", page="exchanges:evaluations")
    else:
        _tell_closed(visit)
    if visit.leg == Visit.Leg.FIRST and answered:
        tell(kinds.RETURN_PROMPT, visit, _both_leads(visit), occasion="prompt", page="exchanges:return")
    return True


def _release(visit: Visit) -> None:
    Visit.objects.filter(pk=visit.pk).update(released_at=timezone.now(), updated_at=timezone.now())
    for evaluation in visit.evaluations.select_related("survey"):
        surveys.release(evaluation.survey)


def _tell_closed(visit: Visit) -> None:
    rows = evaluation_counts(visit)
    lines = {
        "en": [f"{r.municipality.name_en}: {r.counts.answered} of {r.counts.asked}" for r in rows],
        "fr": [f"{r.municipality.name_fr}\u00a0: {r.counts.answered} sur {r.counts.asked}" for r in rows],
    }
    tell(
        kinds.EVALUATION_CLOSED,
        visit,
        _both_leads(visit),
        occasion="closed",
        page="exchanges:evaluations",
        answered=lines,
    )


@transaction.atomic
def close_one_sided(visit: Visit, *, by: Any, reason: str) -> None:
    """Release although one side never answered: from day 45 on, with a reason. Raises TransitionRefused earlier."""
    if not by.has_perm("exchanges.close_one_sided", visit):
        raise PermissionDenied
    visit = Visit.objects.select_for_update(of=("self",)).get(pk=visit.pk)
    if visit.state != Visit.State.HELD or visit.released_at or not visit.ends_on:
        raise TransitionRefused(_("There is nothing to release."), done_already=visit.released_at is not None)
    if visit.today() < visit.ends_on + timedelta(days=EVALUATION_CLOSE_DAYS):
        raise TransitionRefused(_("Both sides have 45 days to evaluate."))
    if not reason.strip():
        raise TransitionRefused(_("Please give a reason; the others will read it."))
    Visit.objects.filter(pk=visit.pk).update(one_sided_reason=reason)
    _release(visit)
    visit = fresh(visit)
    _tell_closed(visit)
    if visit.leg == Visit.Leg.FIRST and sides_with_answers(visit):
        tell(kinds.RETURN_PROMPT, visit, _both_leads(visit), occasion="prompt", page="exchanges:return")


@transaction.atomic
def propose_return(exchange: Exchange, *, windows: Iterable[tuple[date, date]], by: Any, word: str = "") -> Visit:
    """Propose the return visit: roles swap, the side that acts proposes dates, the other answers.

    Raises TransitionRefused while the first visit has not taken place, without a period ahead, or when a return visit exists.
    """
    if not by.has_perm("exchanges.decide_return", exchange.first_visit):
        raise PermissionDenied
    exchange = Exchange.objects.select_for_update(of=("self",)).get(pk=exchange.pk)
    first = exchange.first_visit
    if exchange.return_visit:
        raise TransitionRefused(_("The return visit has been proposed already."), done_already=True)
    if first.state != Visit.State.HELD or exchange.closed_at:
        raise TransitionRefused(_("The return visit follows the first one."))
    wanted = list(windows)
    if not wanted or any(a < first.today() for a, _b in wanted):
        raise TransitionRefused(_("Propose at least one period that lies ahead."))
    side_now = Side(side_of(by, first) or Side.HOSTS).other
    visit = _make_return(first, by=by, word=word)
    visit.windows.bulk_create(
        [DateWindow(visit=visit, proposed_by=side_now, starts_on=a, ends_on=b) for a, b in wanted]
    )
    Exchange.objects.filter(pk=exchange.pk).update(return_decision="", return_from_on=None, updated_at=timezone.now())
    visit = fresh(visit)
    place = visit.municipality_of(side_now)
    tell(
        kinds.RETURN_PROPOSED,
        visit,
        leads(visit, side_now.other),
        occasion="proposed",
        page="exchanges:answer",
        by={code: place.name_in(code) for code in ("en", "fr")},  # type: ignore[union-attr]
        windows=kinds.windows_in_words(visit.latest_windows),
    )
    return visit


def _make_return(first: Visit, *, by: Any, word: str) -> Visit:
    visit = Visit.objects.create(
        exchange=first.exchange,
        leg=Visit.Leg.RETURN,
        state=Visit.State.PROPOSED,
        visiting_lead=_who_still_leads(first, Side.HOSTS),
        host_lead=_who_still_leads(first, Side.VISITORS),
    )
    VisitStateChange.objects.create(
        visit=visit, to_state=Visit.State.PROPOSED, transition="propose_return", by=by, by_name=str(by), note=word
    )
    _open_places(visit)
    return visit


def _who_still_leads(first: Visit, side: str) -> Stakeholder | None:
    """Whoever led `side` of the first visit leads again, else the representative does."""
    lead = first.lead_of(side)
    place = first.municipality_of(side)
    if lead and lead.is_current() or place is None:
        return lead
    return Stakeholder.objects.speaking_for(place).first()


def _open_places(visit: Visit) -> None:
    """Places for a leader and for staff stand open; whoever leads for the hosts is in their team."""
    for category in (TeamMember.Category.ELECTED, TeamMember.Category.STAFF):
        TeamMember.objects.create(visit=visit, side=Side.VISITORS, category=category)
    lead = visit.host_lead
    if lead:
        TeamMember.objects.create(
            visit=visit, side=Side.HOSTS, category=TeamMember.Category.STAFF, stakeholder=lead, name=lead.name, title=lead.title,
            email=lead.email, phone=lead.phone, language=lead.language, status=TeamMember.Status.ACCEPTED,
        )  # fmt: skip


@transaction.atomic
def decide_return(exchange: Exchange, *, decision: str, by: Any, from_on: date | None = None, reason: str = "") -> None:
    """Say that the return visit comes later (from a day on), or is not needed (with a reason, told to the other side)."""
    if not by.has_perm("exchanges.decide_return", exchange.first_visit):
        raise PermissionDenied
    exchange = Exchange.objects.select_for_update(of=("self",)).get(pk=exchange.pk)
    visit = exchange.first_visit
    if visit.state != Visit.State.HELD or exchange.closed_at or exchange.return_visit:
        raise TransitionRefused(_("The return visit is decided after the first one, once."))
    if decision == Exchange.ReturnDecision.NOT_NEEDED and not reason.strip():
        raise TransitionRefused(_("Please give a reason; the others will read it."))
    if decision == Exchange.ReturnDecision.LATER and (from_on is None or from_on <= visit.today()):
        raise TransitionRefused(_("Say from which day on, in the future."))
    Exchange.objects.filter(pk=exchange.pk).update(
        return_decision=decision, return_from_on=from_on if decision == "later" else None, return_reason=reason,
        return_decided_by=by, return_decided_at=timezone.now(), updated_at=timezone.now(),
    )  # fmt: skip
    if decision == Exchange.ReturnDecision.NOT_NEEDED:
        tell(
            kinds.RETURN_NOT_NEEDED,
            visit,
            _both_leads(visit),
            occasion="not-needed",
            page="exchanges:exchange",
            word=kinds.both(reason),
            by=kinds.both(str(by)),
        )


def may_close(exchange: Exchange) -> str | None:
    """Return why `exchange` cannot be closed yet, or None: evaluated, and the return visit held and evaluated, or not needed."""
    first, back = exchange.first_visit, exchange.return_visit
    if exchange.closed_at:
        return _("This exchange is closed.")
    if first.state != Visit.State.HELD or not first.released_at:
        return _("The first visit has yet to be evaluated by both sides.")
    if back is None:
        return (
            None
            if exchange.return_decision == Exchange.ReturnDecision.NOT_NEEDED
            else _("Decide about the return visit first.")
        )
    if back.state in (Visit.State.CANCELLED, Visit.State.DECLINED, Visit.State.WITHDRAWN):
        return None
    return (
        None
        if back.state == Visit.State.HELD and back.released_at
        else _("The return visit has yet to be held and evaluated.")
    )


@transaction.atomic
def close_exchange(exchange: Exchange, *, by: Any) -> None:
    """Close: everyone who answers for either side is told, and the report for council stands. Raises TransitionRefused when something is open."""
    if not by.has_perm("exchanges.close_exchange", exchange.first_visit):
        raise PermissionDenied
    Exchange.objects.select_for_update(of=("self",)).get(pk=exchange.pk)
    exchange = Exchange.objects.with_story().get(pk=exchange.pk)
    if reason := may_close(exchange):
        raise TransitionRefused(reason, done_already=bool(exchange.closed_at))
    Exchange.objects.filter(pk=exchange.pk).update(closed_at=timezone.now(), closed_by=by, updated_at=timezone.now())
    visit = fresh(exchange.first_visit)
    people = [*_both_leads(visit), *speakers(exchange.guest), *speakers(exchange.host)]
    tell(kinds.CLOSED, visit, people, occasion="closed", page="exchanges:exchange")
