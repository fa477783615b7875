"""What a page tells of one agreement: whose turn it is, the people, the goals, what happened."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce, JSONObject
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import pgettext

from cmncp_portal.core.text import active_language

from ..models import Agreement, AgreementChange, Goal, MentoringSession, Participant, SharedDocument, Side
from ..models.agreements import AgreementQuerySet
from ..workflow import AGREEMENT

S = Agreement.State
TONES = {
    S.PROPOSED: "neutral",
    S.AWAITING: "under-way",
    S.ACTIVE: "good",
    S.PAUSED: "attention",
    S.COMPLETED: "neutral",
    S.ENDED: "neutral",
    S.DECLINED: "attention",
    S.WITHDRAWN: "neutral",
}
GOAL_TONES = {Goal.State.OPEN: "under-way", Goal.State.REACHED: "good", Goal.State.DROPPED: "neutral"}


def current_people(day: date | None = None) -> QuerySet[Participant]:
    """Return who takes part on `day` (today unless given)."""
    return Participant.objects.current(day)


def people_of(agreement: Agreement) -> list[Participant]:
    """Return who takes part in `agreement` today, the mentor's side last, its lead first on each side; one query."""
    rows = list(current_people().filter(agreement=agreement).order_by("side", "-is_lead", "name", "pk"))
    for person in rows:
        person.agreement = agreement
    return rows


def lead_of(agreement: Agreement, side: str) -> Participant | None:
    """Return who leads for `side` today, or None."""
    return next((person for person in people_of(agreement) if person.side == side and person.is_lead), None)


@dataclass(frozen=True)
class Answer:
    """What one side has answered: `at` and `by_name` when it accepted."""

    side: str
    place: Any
    at: Any
    by_name: str


def answers_of(agreement: Agreement) -> list[Answer]:
    """Return the answers of both sides, the mentored municipality first."""
    a = agreement
    return [
        Answer(Side.MENTEE, a.mentee, a.mentee_accepted_at, a.mentee_accepted_by_name),
        Answer(Side.MENTOR, a.mentor, a.mentor_accepted_at, a.mentor_accepted_by_name),
    ]


def unanswered(agreement: Agreement) -> list[str]:
    """Return the sides that were asked and have not answered."""
    if agreement.state != S.AWAITING:
        return []
    return [side for side in (Side.MENTEE, Side.MENTOR) if not agreement.has_accepted(side)]


def next_step(agreement: Agreement, goals: list[Goal] | None = None) -> str:
    """Return the sentence that says what happens next, in the active language."""
    missing = [str(agreement.municipality_of(side)) for side in unanswered(agreement)]
    if agreement.state == S.PROPOSED:
        return _t("A coordinator reads this proposal and asks both municipalities.")
    if len(missing) == 2:
        return _t("Both municipalities are asked and answer for themselves.")
    if missing:
        return _t("Waiting for the answer of %(place)s.") % {"place": missing[0]}
    if agreement.state == S.PAUSED:
        return _t("Paused: nobody is reminded of anything until it goes on.")
    if agreement.state == S.ACTIVE:
        return _active_step(agreement, goals)
    return {
        S.COMPLETED: _t("Completed. What came of it stands below."),
        S.ENDED: _t("Ended early. What came of it stands below."),
        S.DECLINED: _t("This pair did not come about; the mentored municipality can be brought together with another."),
        S.WITHDRAWN: _t("This proposal was taken back."),
    }.get(S(agreement.state), "")


def _active_step(agreement: Agreement, goals: list[Goal] | None) -> str:
    if agreement.ends_on and agreement.ends_on < timezone.localdate():
        return _t("The planned time has passed: say what came of it, and conclude.")
    if goals is not None and not goals:
        return _t("Agree on one to five goals.")
    if goals and all(goal.state != Goal.State.OPEN for goal in goals):
        return _t("Each goal is settled: write down what came of it, and complete the agreement.")
    if agreement.next_session_at is None or agreement.next_session_at < timezone.now():
        return _t("Set the date of the next session.")
    return _t("You work towards your goals; the next session is set.")


@dataclass(frozen=True)
class Happened:
    """One line of what happened, as components/timeline.html shows it."""

    at: Any
    text: Any
    by: str
    note: str


def for_its_page(rows: AgreementQuerySet) -> AgreementQuerySet:
    """Add what the agreement's page lists, in the same query: documents, what happened, the number of sessions."""
    of_it = {"agreement": OuterRef("pk")}
    documents = SharedDocument.objects.filter(**of_it).order_by("added_at", "pk")
    changes = AgreementChange.objects.filter(**of_it).order_by("-at", "-pk")
    sessions = MentoringSession.objects.filter(**of_it).order_by().values("agreement").annotate(n=Count("pk"))
    return rows.with_places().annotate(
        document_rows=ArraySubquery(documents.values(row=JSONObject(pk="pk", title="title", url="url"))),
        change_rows=ArraySubquery(
            changes.values(row=JSONObject(at="at", transition="transition", by="by_name", note="note"))
        ),
        session_count=Coalesce(Subquery(sessions.values("n")), 0),
    )


def history_of(agreement: Any) -> list[Happened]:
    """Return the moves of `agreement` (from `for_its_page`), the newest first."""
    moves = {move.name: move.happened for move in AGREEMENT}
    proposed = pgettext("step of an agreement", "Proposed")
    return [
        Happened(datetime.fromisoformat(row["at"]), moves.get(row["transition"], proposed), row["by"], row["note"])
        for row in agreement.change_rows
    ]


def reasons_of(agreement: Agreement) -> list[str]:
    """Return why the pair was suggested, in the active language, as it was read on the day of the proposal."""
    return [str(line) for line in agreement.reasons.get(active_language()) or []]


def cautions_of(agreement: Agreement) -> list[str]:
    """Return what spoke against the pair on that day, in the active language: for the coordinators only."""
    return [str(line) for line in agreement.reasons.get("cautions", {}).get(active_language()) or []]


def sessions_of(agreement: Agreement) -> QuerySet[MentoringSession]:
    """Return what was written about the sessions, the latest first."""
    return agreement.sessions.all()


def goals_of(agreement: Agreement) -> list[Goal]:
    """Return the goals with the check of the strategy to which each is tied; one query."""
    return list(agreement.goals.select_related("check_item"))
