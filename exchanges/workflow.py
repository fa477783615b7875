"""When a visit may move, and why not yet. Guards give a reason that the page shows before anyone clicks."""

from datetime import timedelta

from django.conf import settings
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from cmncp_portal.core.workflow import Guard, Transition, Workflow

from .models import Side, Stop, TeamMember, Visit

Reason = str | Promise | None
S = Visit.State

DAYS_AHEAD = 30  # A first window begins no sooner than this after the request, so that a host can prepare.
LEADERS = (TeamMember.Category.ELECTED,)
STAFF = (TeamMember.Category.STAFF, TeamMember.Category.POLICE)


def active_team(visit: Visit, side: str) -> list[TeamMember]:
    """Return the places of `side` that count: named or to be named, not declined, replaced or withdrawn."""
    return [m for m in visit.team.all() if m.side == side and m.is_active]


def live_stops(visit: Visit) -> list[Stop]:
    """Return the stops that are not dropped, in order."""
    return [s for s in visit.stops.all() if s.status != Stop.Status.DROPPED]


# --- the request ------------------------------------------------------------------------------------------------------


def states_its_challenge(visit: Visit) -> Reason:
    if not visit.exchange.challenge.strip():
        return _("Say in one sentence what you want to learn.")
    return None


def has_topic_and_objective(visit: Visit) -> Reason:
    if not visit.exchange.topics.all():
        return _("Choose at least one topic.")
    if not visit.exchange.objectives.all():
        return _("Write at least one learning objective.")
    return None


def names_a_host_or_asks_for_one(visit: Visit) -> Reason:
    exchange = visit.exchange
    if exchange.wants_suggestions or exchange.preferred_hosts.all():
        return None
    return _("Choose a host, or let the network suggest one.")


def offers_two_windows(visit: Visit) -> Reason:
    windows = [w for w in visit.windows.all() if w.proposed_by == Side.VISITORS]
    if len(windows) < 2:
        return _("Propose at least two periods that suit you.")
    soonest = timezone.localdate() + timedelta(days=DAYS_AHEAD)
    if any(w.starts_on < soonest for w in windows):
        return _("Periods begin at least %(days)s days from now, so that your host can prepare.") % {"days": DAYS_AHEAD}
    return None


def team_has_leader_and_staff(visit: Visit) -> Reason:
    if visit.leaders_waived:
        return None
    categories = {m.category for m in active_team(visit, Side.VISITORS)}
    if not categories.intersection(LEADERS):
        return _("The visiting team needs an elected leader; the name may come later.")
    if not categories.intersection(STAFF):
        return _("The visiting team needs somebody from municipal staff; the name may come later.")
    return None


def guest_is_a_member(visit: Visit) -> Reason:
    today = timezone.localdate()
    if any(m.runs_on(today) for m in visit.exchange.guest.memberships.all()):
        return None
    return _("Only municipalities of the network can ask for an exchange.")


# --- the plan ---------------------------------------------------------------------------------------------------------


def has_dates(visit: Visit) -> Reason:
    return None if visit.starts_on else _("Set the dates.")


def is_dated(visit: Visit) -> Reason:
    return None if visit.starts_on else _("The visit has no dates at the moment.")


def has_leads(visit: Visit) -> Reason:
    both = all(lead and lead.is_current() for lead in (visit.visiting_lead, visit.host_lead))
    return None if both else _("Name one person on each side who leads.")


def has_arrival_and_telephone(visit: Visit) -> Reason:
    if not visit.address:
        return _("Say where the visitors arrive.")
    if visit.exchange.mode == "virtual" and not visit.join_link:
        return _("Give the link to take part online.")
    return None if visit.emergency_phone else _("Give a telephone number for the day.")


def each_day_has_an_agreed_stop(visit: Visit) -> Reason:
    agreed = {s.day for s in visit.stops.all() if s.status == Stop.Status.AGREED}
    missing = [n for n in range(1, max(len(visit.days), 1) + 1) if n not in agreed]
    if missing:
        return _("Day %(day)s has no stop that both sides agreed on.") % {"day": missing[0]}
    return None


def each_objective_is_served(visit: Visit) -> Reason:
    served = {o.pk for s in live_stops(visit) for o in s.objectives.all()}
    open_ones = [o for o in visit.exchange.objectives.all() if o.pk not in served]
    if open_ones:
        return _("No stop serves the objective “%(text)s”.") % {"text": open_ones[0].text}
    return None


def team_is_invited(visit: Visit) -> Reason:
    if visit.leaders_waived:
        return None
    asked = (TeamMember.Status.INVITED, TeamMember.Status.ACCEPTED)
    categories = {m.category for m in active_team(visit, Side.VISITORS) if m.status in asked}
    if not categories.intersection(LEADERS):
        return _("Invite an elected leader to the visiting team.")
    return None if categories.intersection(STAFF) else _("Invite somebody from municipal staff to the visiting team.")


def team_has_accepted(visit: Visit) -> Reason:
    if visit.leaders_waived:
        return None
    categories = {m.category for m in active_team(visit, Side.VISITORS) if m.takes_part}
    if not categories.intersection(LEADERS):
        return _("An elected leader of the visiting team has yet to accept.")
    return (
        None if categories.intersection(STAFF) else _("Somebody from the visitors’ municipal staff has yet to accept.")
    )


def languages_meet(visit: Visit) -> Reason:
    host = visit.hosting
    if host is None or not host.languages or visit.exchange.working_language in host.languages:
        return None
    return None if visit.exchange.interpretation else _("The host does not work in your language: say who interprets.")


def dates_are_not_past(visit: Visit) -> Reason:
    if visit.ends_on and visit.ends_on < visit.today():
        return _("These dates have passed: set new ones.")
    return None


PLAN_GUARDS: tuple[Guard, ...] = (
    has_dates,
    dates_are_not_past,
    has_leads,
    has_arrival_and_telephone,
    each_day_has_an_agreed_stop,
    each_objective_is_served,
    team_is_invited,
    languages_meet,
)
CONFIRM_GUARDS: tuple[Guard, ...] = (*PLAN_GUARDS, team_has_accepted)
REQUEST_GUARDS: tuple[Guard, ...] = (
    guest_is_a_member,
    states_its_challenge,
    has_topic_and_objective,
    names_a_host_or_asks_for_one,
    offers_two_windows,
    team_has_leader_and_staff,
)


def both_sides_confirmed(visit: Visit) -> Reason:
    for side in Side:
        if not visit.confirmed_by(side):
            return _("%(municipality)s has yet to confirm.") % {"municipality": visit.municipality_of(side)}
    return None


def last_day_has_come(visit: Visit) -> Reason:
    if visit.ends_on and visit.today() < visit.ends_on:
        return _("This can be recorded from the last day of the visit on.")
    return None


def somebody_was_asked_and_can_answer(visit: Visit) -> Reason:
    return None if visit.hosting else _("No host is being asked at the moment.")


def was_sent(visit: Visit) -> Reason:
    if visit.exchange.closed_at:
        return _("This exchange is closed.")
    return None if visit.exchange.submitted_at else _("This request was never sent: begin a new one.")


def missing(visit: Visit, guards: tuple[Guard, ...]) -> list[str]:
    """Return the reasons of all `guards` that do not let `visit` pass, in the active language."""
    return [str(reason) for guard in guards if (reason := guard(visit))]


VISIT = Workflow(
    Transition(
        "submit",
        (S.DRAFT,),
        S.PROPOSED,
        "exchanges.submit_request",
        _("Send the request"),
        happened=_("Request sent"),
        guards=REQUEST_GUARDS,
    ),
    Transition(
        "accept",
        (S.PROPOSED,),
        S.ACCEPTED,
        "exchanges.answer_request",
        _("Accept"),
        happened=_("Dates accepted"),
        guards=(somebody_was_asked_and_can_answer,),
    ),
    Transition(
        "decline",
        (S.PROPOSED,),
        S.DECLINED,
        "exchanges.decline_request",
        _("Decline"),
        happened=_("Declined"),
        needs_reason=True,
        grave=True,
    ),
    Transition(
        "withdraw",
        (S.DRAFT, S.PROPOSED),
        S.WITHDRAWN,
        "exchanges.withdraw_request",
        _("Withdraw the request"),
        happened=_("Request withdrawn"),
        needs_reason=True,
        grave=True,
    ),
    Transition(
        "confirm",
        (S.ACCEPTED,),
        S.CONFIRMED,
        "exchanges.confirm_visit",
        _("Confirm the plan"),
        happened=_("Confirmed by both sides"),
        guards=(*CONFIRM_GUARDS, both_sides_confirmed),
    ),
    Transition(
        "reopen_plan",
        (S.CONFIRMED,),
        S.ACCEPTED,
        "exchanges.move_visit",
        _("Change dates or place"),
        happened=_("To be confirmed again after a change"),
        needs_reason=True,
    ),
    Transition(
        "postpone",
        (S.ACCEPTED, S.CONFIRMED),
        S.ACCEPTED,
        "exchanges.move_visit",
        _("Postpone"),
        happened=_("Postponed"),
        guards=(is_dated,),
        needs_reason=True,
    ),
    Transition(
        "change_host",
        (S.PROPOSED, S.ACCEPTED, S.CONFIRMED),
        S.PROPOSED,
        "exchanges.change_host",
        _("Look for another host"),
        happened=_("Another host is being looked for"),
        needs_reason=True,
        grave=True,
    ),
    Transition(
        "cancel",
        (S.PROPOSED, S.ACCEPTED, S.CONFIRMED),
        S.CANCELLED,
        "exchanges.move_visit",
        _("Cancel the visit"),
        happened=_("Cancelled"),
        needs_reason=True,
        grave=True,
    ),
    Transition(
        "record_held",
        (S.CONFIRMED,),
        S.HELD,
        "exchanges.record_visit",
        _("Record that it took place"),
        happened=_("Recorded as held"),
        guards=(last_day_has_come,),
    ),
    Transition(
        "reopen",
        (S.DECLINED, S.WITHDRAWN, S.CANCELLED),
        S.PROPOSED,
        "exchanges.reopen_visit",
        _("Reopen"),
        happened=_("Reopened"),
        guards=(was_sent,),
        needs_reason=True,
    ),
    history="changes",
)

ANSWER_DAYS = getattr(settings, "EXCHANGE_ANSWER_DAYS", 14)
EVALUATION_DUE_DAYS = 14
EVALUATION_CLOSE_DAYS = 45
