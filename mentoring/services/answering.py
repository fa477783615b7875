"""Each municipality answers for itself. With both it begins, if the mentor still has room: that is decided under a lock."""

from typing import Any, Literal

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from cmncp_portal.core.dates import day_in_words
from cmncp_portal.core.text import active_language
from cmncp_portal.core.workflow import TransitionRefused
from cmncp_portal.notifications import services as letters

from ..models import Agreement, MentoringNeed, MentorOffer, Side
from ..notifications import agreements as kinds
from ..notifications.common import both, day_words, in_both
from ..selectors.agreements import people_of
from ..selectors.check_ins import add_months
from ..workflow import AGREEMENT, MONTHS, mentor_has_room, need_is_open
from .people import account_of, locked, sides_led_by
from .telling import answering, everyone, network, tell

Outcome = Literal["waiting", "begun", "no_room"]
S = Agreement.State
OTHER = {Side.MENTOR: Side.MENTEE, Side.MENTEE: Side.MENTOR}


def _to_answer(agreement: Agreement, side: str, by: Any) -> Agreement:
    """Return the agreement, locked, if `by` answers for `side`. Raises PermissionDenied."""
    agreement = locked(agreement)
    if agreement.state == S.PROPOSED or side not in sides_led_by(by, agreement):
        raise PermissionDenied
    return agreement


def _already(agreement: Agreement, side: str) -> str:
    is_mentor = side == Side.MENTOR
    at = agreement.mentor_accepted_at if is_mentor else agreement.mentee_accepted_at
    who = agreement.mentor_accepted_by_name if is_mentor else agreement.mentee_accepted_by_name
    assert at
    return _("%(who)s accepted for %(place)s on %(day)s.") % {
        "who": who,
        "place": agreement.municipality_of(side),
        "day": day_in_words(timezone.localdate(at)),
    }


@transaction.atomic
def accept(agreement: Agreement, *, side: str, by: Any) -> Outcome:
    """Accept for `side`. `by` represents it or is its deputy, or leads for it, signed in or by the personal link.

    Return "waiting" while the other side has not answered; "begun"; or "no_room" when the mentor's places were taken
    meanwhile: then the proposal is taken back and everybody is told. Raises PermissionDenied; TransitionRefused for a second
    click, which says who answered, and when nothing is asked any more.
    """
    MentoringNeed.objects.select_for_update().get(pk=agreement.need_id)  # the need first, as services.proposing does
    MentorOffer.objects.select_for_update().get(pk=agreement.offer_id)  # the mentor's places are given out one by one
    agreement = _to_answer(agreement, side, by)
    if agreement.has_accepted(side):
        raise TransitionRefused(_already(agreement, side), done_already=True)
    if agreement.state != S.AWAITING:
        sentence = _("No answer is expected any more: it is “%(state)s”.")
        raise TransitionRefused(sentence % {"state": agreement.get_state_display()})
    if reason := need_is_open(agreement):
        raise TransitionRefused(reason)
    now = timezone.now()
    fields = {f"{side}_accepted_at": now, f"{side}_accepted_by_name": str(by)}
    Agreement.objects.filter(pk=agreement.pk).update(**fields, updated_at=now)
    agreement = locked(agreement)
    letters.withdraw(f"{kinds.ANSWER_REMINDER.name}:{agreement.pk}:{side}")
    if not agreement.has_accepted(OTHER[Side(side)]):
        return "waiting"
    if mentor_has_room(agreement) is not None:
        _refuse_kindly(agreement)
        return "no_room"
    _begin(agreement)
    return "begun"


def _begin(agreement: Agreement) -> None:
    today = timezone.localdate()
    now = timezone.now()
    Agreement.objects.filter(pk=agreement.pk).update(
        starts_on=today, ends_on=add_months(today, MONTHS), last_sign_at=now, updated_at=now
    )
    AGREEMENT.apply(agreement, "begin")
    MentoringNeed.objects.filter(pk=agreement.need_id).update(state=MentoringNeed.State.MATCHED, updated_at=now)
    agreement = locked(agreement)
    assert agreement.starts_on
    assert agreement.ends_on
    more: dict[str, Any] = {
        "starts": day_words(agreement.starts_on),
        "ends": day_words(agreement.ends_on),
        "goals": both(agreement.need.goals),
        "people": _people_words(agreement),
    }
    tell(kinds.BEGUN, agreement, everyone(agreement), occasion="begun", **more)


def _people_words(agreement: Agreement) -> dict[str, list[str]]:
    """Return who takes part, how they are reached, and for whom, per language."""
    rows = people_of(agreement)
    return {
        code: [f"{p.name}, {agreement.municipality_of(p.side).name_in(code)} ({p.email})" for p in rows]
        for code in ("en", "fr")
    }


def _refuse_kindly(agreement: Agreement) -> None:
    """The last place went to another municipality a moment ago: nobody is to blame, and the need stays open."""
    words = in_both(lambda: str(mentor_has_room(agreement)))
    AGREEMENT.apply(agreement, "withdraw", note=words[active_language()])
    for side in Side:
        tell(kinds.NO_ROOM, agreement, everyone(agreement, side), occasion=f"no-room:{side}", reader=both(str(side)))
    tell(kinds.NO_ROOM, agreement, network(agreement), occasion="no-room", reader=both("network"))


@transaction.atomic
def decline(agreement: Agreement, *, side: str, by: Any, reason: str) -> None:
    """Say no for `side`, with a reason that the others read, also after having accepted while the other side has not answered.

    The need stays open, the other side and the network are told.

    Raises PermissionDenied; TransitionRefused without a reason, for a second click, or when nothing is asked any more.
    """
    agreement = _to_answer(agreement, side, by)
    AGREEMENT.apply(agreement, "decline", note=reason)
    last = agreement.changes.order_by("-at", "-pk").first()
    assert last
    agreement.changes.filter(pk=last.pk).update(by=account_of(by), by_name=str(by))
    Agreement.objects.filter(pk=agreement.pk).update(declined_side=side, updated_at=timezone.now())
    letters.withdraw(f"{kinds.ANSWER_REMINDER.name}:{agreement.pk}")
    other = OTHER[Side(side)]
    more: dict[str, Any] = {"by": kinds.names_of(agreement.municipality_of(side)), "word": both(reason)}
    readers = answering(agreement, other)
    tell(kinds.DECLINED, agreement, readers, occasion=f"declined:{other}", reader=both(str(other)), **more)
    tell(kinds.DECLINED, agreement, network(agreement), occasion="declined", reader=both("network"), **more)
