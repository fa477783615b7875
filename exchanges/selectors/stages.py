"""Where an exchange stands, derived from what is stored, and the one sentence that says who acts next."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import TextChoices
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cmncp_portal.core.dates import day_in_words, days_in_words

from ..models import Exchange, Side, Visit
from ..workflow import EVALUATION_CLOSE_DAYS

S = Visit.State


class Stage(TextChoices):
    DRAFT = "draft", pgettext_lazy("stage", "Draft")
    FINDING_HOST = "finding_host", pgettext_lazy("stage", "Finding a host")
    REQUESTED = "requested", pgettext_lazy("stage", "Requested")
    NEW_DATES = "new_dates", pgettext_lazy("stage", "New dates proposed")
    PLANNING = "planning", pgettext_lazy("stage", "Being planned")
    POSTPONED = "postponed", pgettext_lazy("stage", "Postponed")
    TO_CONFIRM = "to_confirm", pgettext_lazy("stage", "Waiting for confirmation")
    CONFIRMED = "confirmed", pgettext_lazy("stage", "Confirmed")
    UNDER_WAY = "under_way", pgettext_lazy("stage", "Under way")
    TO_RECORD = "to_record", pgettext_lazy("stage", "To be recorded")
    EVALUATING = "evaluating", pgettext_lazy("stage", "Being evaluated")
    EVALUATED = "evaluated", pgettext_lazy("stage", "Evaluated")
    CLOSED = "closed", pgettext_lazy("stage", "Closed")
    DECLINED = "declined", pgettext_lazy("stage", "Declined")
    WITHDRAWN = "withdrawn", pgettext_lazy("stage", "Withdrawn")
    CANCELLED = "cancelled", pgettext_lazy("stage", "Cancelled")


TONES = {
    Stage.DRAFT: "neutral",
    Stage.FINDING_HOST: "attention",
    Stage.REQUESTED: "under-way",
    Stage.NEW_DATES: "under-way",
    Stage.PLANNING: "under-way",
    Stage.POSTPONED: "attention",
    Stage.TO_CONFIRM: "attention",
    Stage.CONFIRMED: "good",
    Stage.UNDER_WAY: "good",
    Stage.TO_RECORD: "attention",
    Stage.EVALUATING: "under-way",
    Stage.EVALUATED: "good",
    Stage.CLOSED: "neutral",
    Stage.DECLINED: "neutral",
    Stage.WITHDRAWN: "neutral",
    Stage.CANCELLED: "neutral",
}


@dataclass(frozen=True)
class Step:
    """What happens next. `actors` are sides, "network", or nobody; `due_on` is a day when there is one."""

    sentence: str
    actors: tuple[str, ...] = ()
    due_on: date | None = None


def stage_of(visit: Visit) -> Stage:
    """Return the stage of a leg, as people would say it."""
    plain = {
        S.DRAFT: Stage.DRAFT,
        S.DECLINED: Stage.DECLINED,
        S.WITHDRAWN: Stage.WITHDRAWN,
        S.CANCELLED: Stage.CANCELLED,
    }
    if visit.state in plain:
        return plain[S(visit.state)]
    if visit.state == S.PROPOSED:
        return _stage_proposed(visit)
    if visit.state == S.ACCEPTED:
        if visit.postponed_at or not visit.starts_on:
            return Stage.POSTPONED
        one = visit.has_confirmed(Side.VISITORS) or visit.has_confirmed(Side.HOSTS)
        return Stage.TO_CONFIRM if one else Stage.PLANNING
    if visit.state == S.CONFIRMED:
        if visit.is_under_way:
            return Stage.UNDER_WAY
        return Stage.TO_RECORD if visit.ends_on and visit.ends_on < visit.today() else Stage.CONFIRMED
    if visit.exchange.closed_at:
        return Stage.CLOSED
    return Stage.EVALUATED if visit.released_at else Stage.EVALUATING


def _stage_proposed(visit: Visit) -> Stage:
    if visit.hosting is None:
        return Stage.FINDING_HOST
    windows = visit.latest_windows  # a first round of the hosts' is a return visit that they proposed
    return Stage.NEW_DATES if windows and windows[0].round > 1 else Stage.REQUESTED


def next_step(visit: Visit, *, answer_due_on: date | None = None) -> Step:
    """Return who acts next on this leg and until when, in the active language."""
    stage = stage_of(visit)
    names = {"visitors": visit.visiting, "hosts": visit.hosting, "reference": visit.exchange.reference}
    writer = {
        Stage.FINDING_HOST: lambda: Step(_t("The network is looking for a host and will propose one."), ("network",)),
        Stage.DRAFT: lambda: Step(
            _t("%(visitors)s is writing the request; nobody else can see it yet.") % names, (Side.VISITORS,)
        ),
        Stage.REQUESTED: lambda: _answer_step(visit, answer_due_on),
        Stage.NEW_DATES: lambda: _answer_step(visit, answer_due_on),
        Stage.PLANNING: lambda: Step(
            _t("%(visitors)s and %(hosts)s prepare the plan; both then confirm it.") % names,
            (Side.VISITORS, Side.HOSTS),
        ),
        Stage.POSTPONED: lambda: Step(
            _t("%(visitors)s and %(hosts)s look for new dates.") % names, (Side.VISITORS, Side.HOSTS)
        ),
        Stage.TO_CONFIRM: lambda: _confirm_step(visit),
        Stage.CONFIRMED: lambda: Step(
            _t("The visit takes place %(when)s.") % {"when": _when(visit)}, (), visit.starts_on
        ),
        Stage.UNDER_WAY: lambda: Step(
            _t("The visit is under way until %(day)s.") % {"day": day_in_words(visit.ends_on or visit.today())}, ()
        ),
        Stage.TO_RECORD: lambda: Step(
            _t("Either side records that the visit took place, and who came."), (Side.VISITORS, Side.HOSTS)
        ),
        Stage.EVALUATING: lambda: _evaluation_step(visit),
        Stage.EVALUATED: lambda: _return_step(visit),
        Stage.CLOSED: lambda: Step(_t("This exchange is complete.")),
        Stage.DECLINED: lambda: Step(_t("The host could not receive this visit.")),
        Stage.WITHDRAWN: lambda: Step(_t("%(visitors)s withdrew the request.") % names),
        Stage.CANCELLED: lambda: Step(_t("The visit was cancelled; everyone was told.")),
    }
    return writer[stage]()


def _when(visit: Visit) -> str:
    if not visit.starts_on or not visit.ends_on:
        return ""
    from django.utils.translation import get_language

    words = days_in_words(visit.starts_on, visit.ends_on)
    if (get_language() or "").startswith("fr"):
        return words if visit.starts_on != visit.ends_on else f"le {words}"
    return f"{'on ' if visit.starts_on == visit.ends_on else ''}{words}"


def _answer_step(visit: Visit, due_on: date | None) -> Step:
    side = visit.side_to_answer or Side.HOSTS
    who = visit.municipality_of(side)
    if due_on is None:
        return Step(_t("%(who)s answers the dates proposed.") % {"who": who}, (side,))
    words = {"who": who, "day": day_in_words(due_on)}
    late = due_on < visit.today()
    sentence = _t("%(who)s was to answer by %(day)s.") if late else _t("%(who)s has until %(day)s to answer.")
    return Step(sentence % words, (side,), due_on)


def _confirm_step(visit: Visit) -> Step:
    side = Side.HOSTS if visit.has_confirmed(Side.VISITORS) else Side.VISITORS
    return Step(_t("%(who)s has yet to confirm the plan.") % {"who": visit.municipality_of(side)}, (side,))


def _evaluation_step(visit: Visit) -> Step:
    closes_on = (visit.ends_on or visit.today()) + timedelta(days=EVALUATION_CLOSE_DAYS)
    sentence = _t(
        "Everyone who took part evaluates the visit; each side reads the other’s answers when both have written, or on %(day)s."
    )
    return Step(sentence % {"day": day_in_words(closes_on)}, (), closes_on)


def _return_step(visit: Visit) -> Step:
    exchange = visit.exchange
    if visit.leg == Visit.Leg.RETURN:
        return Step(_t("Both visits are evaluated: the exchange can be closed."), (Side.VISITORS, Side.HOSTS))
    if exchange.return_decision == Exchange.ReturnDecision.NOT_NEEDED:
        return Step(_t("No return visit is needed: the exchange can be closed."), (Side.VISITORS, Side.HOSTS))
    if exchange.return_decision == Exchange.ReturnDecision.LATER and exchange.return_from_on:
        day = day_in_words(exchange.return_from_on)
        return Step(
            _t("A return visit is meant for later, from %(day)s on.") % {"day": day}, (), exchange.return_from_on
        )
    return Step(_t("Both sides decide about the return visit."), (Side.VISITORS, Side.HOSTS))


@dataclass(frozen=True)
class PathStep:
    """One step of the picture of an exchange: done, current or to come."""

    label: str
    when: str
    state: str
    url: str = ""


def path_of(exchange: Exchange) -> list[PathStep]:
    """Return request → plan → visit → evaluation → return visit, with dates, as far as it got."""
    first, back = exchange.first_visit, exchange.return_visit
    reached = _position(first)
    ended = first.state in (S.DECLINED, S.WITHDRAWN, S.CANCELLED)
    submitted = exchange.submitted_at
    dates = [
        day_in_words(submitted.date()) if submitted else "",
        "",
        days_in_words(first.starts_on, first.ends_on) if first.starts_on else "",
        "",
        days_in_words(back.starts_on, back.ends_on) if back and back.starts_on else "",
    ]
    labels = [_("Request"), _("Plan"), _("Visit"), _("Evaluation"), _("Return visit")]
    if back:
        reached = 5 if back.state == S.HELD and (back.released_at or exchange.closed_at) else 4
    if exchange.closed_at:
        reached = 5
    return [
        PathStep(
            str(label),
            when,
            "done" if n < reached else "ended" if n == reached and ended else "current" if n == reached else "to-come",
        )
        for n, (label, when) in enumerate(zip(labels, dates, strict=True))
    ]


def _position(visit: Visit) -> int:
    by_state: dict[str, int] = {
        S.DRAFT: 0,
        S.PROPOSED: 0,
        S.DECLINED: 0,
        S.WITHDRAWN: 0,
        S.ACCEPTED: 1,
        S.CONFIRMED: 2,
        S.HELD: 3,
    }
    if visit.state == S.CANCELLED:
        return 2 if visit.starts_on else 1
    return 4 if visit.state == S.HELD and visit.released_at else by_state[visit.state]


def tone_of(stage: Any) -> str:
    """Return the tone of a stage for the state word."""
    return TONES[stage]
