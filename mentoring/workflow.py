"""When an agreement may move, and why not yet."""

from datetime import date, timedelta

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cmncp_portal.core.days import local_day
from cmncp_portal.core.workflow import Transition, Workflow
from cmncp_portal.network.rules import members_now

from .models import Agreement, Goal, MentoringNeed, MentorOffer

Reason = str | Promise | None
S = Agreement.State

ANSWER_DAYS = 10  # for each side to answer
ANSWER_REMINDERS = (5, 9)  # days after the question
MONTHS = 12  # an agreement is planned for, unless said otherwise
CHECK_IN_MONTHS = (1, 3, 6)
CHECK_IN_DUE_DAYS = 14
CHECK_IN_CLOSE_DAYS = 45
SILENT_DAYS = 45  # without a sign of life both sides and the coordinators are asked how it goes
PAIR_RESTS_DAYS = 365  # a pair that was declined is not proposed again before
FEWEST_GOALS, MOST_GOALS = 1, 5


def need_is_open(agreement: Agreement) -> Reason:
    if agreement.need.state == MentoringNeed.State.OPEN:
        return None
    return _("The municipality no longer looks for a mentor.")


def offer_stands(agreement: Agreement) -> Reason:
    offer = agreement.offer
    if offer.state != MentorOffer.State.OPEN or (offer.until_on and offer.until_on < timezone.localdate()):
        return _("The mentor’s offer no longer stands.")
    return None


def mentor_is_a_member(agreement: Agreement) -> Reason:
    return None if members_now(agreement.mentor_id).exists() else _("It is not a member at the moment.")


def mentor_has_room(agreement: Agreement) -> Reason:
    """Asked again, with the offer locked, when the second side accepts (services.answering).

    What runs under an offer that was withdrawn since fills a place as well: the mentor has no more hands for a new offer.
    """
    taken = Agreement.objects.taking_capacity().filter(mentor=agreement.mentor_id).exclude(pk=agreement.pk).count()
    if taken < agreement.offer.capacity:
        return None
    return _("The mentor accompanies as many municipalities as it can.")


def no_other_is_asked(agreement: Agreement) -> Reason:
    live = (S.AWAITING, S.ACTIVE, S.PAUSED)
    if Agreement.objects.filter(need=agreement.need_id, state__in=live).exclude(pk=agreement.pk).exists():
        return _("Another mentor is asked already: one at a time.")
    return None


def pair_has_rested(agreement: Agreement) -> Reason:
    since = timezone.now() - timedelta(days=PAIR_RESTS_DAYS)
    declined = Agreement.objects.filter(mentor=agreement.mentor_id, mentee=agreement.mentee_id, state=S.DECLINED)
    if declined.filter(changes__to_state=S.DECLINED, changes__at__gt=since).exclude(pk=agreement.pk).exists():
        return _("This pair was declined within the last twelve months.")
    return None


def both_have_accepted(agreement: Agreement) -> Reason:
    if agreement.mentor_accepted_at and agreement.mentee_accepted_at:
        return None
    return _("Both municipalities accept first.")


def has_a_summary(agreement: Agreement) -> Reason:
    return None if agreement.summary.strip() else _("Write down what came of it.")


def goals_are_closed(agreement: Agreement) -> Reason:
    left = agreement.goals.filter(state=Goal.State.OPEN).count()
    return _("Say of each goal what became of it.") if left else None


def latest_session_day(agreement: Agreement) -> date:
    """Return today where the day began first: nobody is told that a session of this morning lies ahead."""
    now = timezone.now()
    return max(local_day(now, place.time_zone) for place in (agreement.mentor, agreement.mentee))


# Asked when the pair is prepared, and once more when both are asked.
PAIR_GUARDS = (need_is_open, mentor_is_a_member, offer_stands, mentor_has_room, no_other_is_asked, pair_has_rested)

AGREEMENT = Workflow(
    Transition(
        "ask_both",
        (S.PROPOSED,),
        S.AWAITING,
        "mentoring.propose",
        _("Ask both municipalities"),
        happened=_("Both municipalities were asked"),
        guards=PAIR_GUARDS,
    ),
    # Never by hand: the second acceptance does it (services.answering).
    Transition(
        "begin",
        (S.AWAITING,),
        S.ACTIVE,
        "mentoring.propose",
        pgettext_lazy("agreement", "Begin"),
        happened=pgettext_lazy("agreement", "Both accepted; it began"),
        guards=(both_have_accepted, mentor_has_room),
    ),
    Transition(
        "decline",
        (S.AWAITING,),
        S.DECLINED,
        "mentoring.decline",
        pgettext_lazy("agreement", "Decline"),
        happened=pgettext_lazy("agreement", "Declined"),
        needs_reason=True,
        grave=True,
    ),
    Transition(
        "withdraw",
        (S.PROPOSED, S.AWAITING),
        S.WITHDRAWN,
        "mentoring.withdraw",
        pgettext_lazy("agreement", "Take the proposal back"),
        happened=pgettext_lazy("agreement", "The proposal was taken back"),
        needs_reason=True,
    ),
    Transition(
        "pause",
        (S.ACTIVE,),
        S.PAUSED,
        "mentoring.pause",
        pgettext_lazy("agreement", "Pause"),
        happened=pgettext_lazy("agreement", "Paused"),
        needs_reason=True,
    ),
    Transition(
        "resume",
        (S.PAUSED,),
        S.ACTIVE,
        "mentoring.pause",
        pgettext_lazy("agreement", "Resume"),
        happened=pgettext_lazy("agreement", "Resumed"),
    ),
    Transition(
        "complete",
        (S.ACTIVE,),
        S.COMPLETED,
        "mentoring.conclude",
        pgettext_lazy("agreement", "Complete"),
        happened=pgettext_lazy("agreement", "Completed"),
        guards=(goals_are_closed, has_a_summary),
    ),
    Transition(
        "end_early",
        (S.ACTIVE, S.PAUSED),
        S.ENDED,
        "mentoring.conclude",
        pgettext_lazy("agreement", "End early"),
        happened=pgettext_lazy("agreement", "Ended early"),
        needs_reason=True,
        grave=True,
    ),
    history="changes",
)
BY_HAND = ("ask_both", "decline", "withdraw", "pause", "resume", "complete", "end_early")
