"""What the personal page says, the first steps of a member, and its renewal."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cmncp_portal.core.dates import day_in_words
from cmncp_portal.network.models import Membership, Municipality, Stakeholder, Standing

from ..models import Application, Interest, OnboardingStep, Renewal
from .days import next_due
from .desk import due_on

S, A = Interest.State, Application.State
Code = OnboardingStep.Code
PEOPLE_LISTED = 3  # representative, deputy and one more
WORDS = {
    A.DRAFT: gettext_lazy("Your turn: write the application and send it. You can save it and go on later."),
    A.MORE_ASKED: gettext_lazy("Your turn: something is missing in the application. Add it and send it again."),
    A.SENT: gettext_lazy("The coordinators read your application and decide. They write to you."),
    A.DECLINED: gettext_lazy("The application was not approved."),
    A.WITHDRAWN: gettext_lazy("The application was withdrawn."),
}
HAS_WORD = {A.MORE_ASKED: "ask_more", A.DECLINED: "decline", A.WITHDRAWN: "withdraw"}


@dataclass(frozen=True)
class Status:
    """Where things stand. `waits` when the reader acts next; `word` is what a coordinator wrote."""

    sentence: str
    waits: bool = False
    word: str = ""


def application_of(interest: Interest) -> Application | None:
    """Return the application that was begun from this expression of interest, or None. One query."""
    return Application.objects.select_related("municipality").filter(interest=interest).first()


def status(interest: Interest, application: Application | None) -> Status:
    """Return who acts next, in the words of the personal page. At most one query, for a coordinator's word."""
    if application is not None and (interest.state == S.CLOSED or application.state in WORDS):
        return _of_application(application)
    if interest.state == S.UNCONFIRMED:
        return Status(_("Please confirm that the address is yours: only then do the coordinators hear of it."), True)
    if interest.state == S.CONFIRMED:
        return _awaited(due_on(interest))
    if interest.state == S.TALKING:
        return Status(_("You and the coordinators are in conversation. They write or call when it is their turn."))
    last = interest.changes.filter(transition="close").last()
    return Status(_("This file is closed."), word=last.note if last else "")


def _awaited(due: date | None) -> Status:
    if due is None or due < timezone.localdate():
        return Status(_("The coordinators are late with their answer. Please write to them, at the address below."))
    return Status(_("The coordinators answer by %(day)s.") % {"day": day_in_words(due)})


def _of_application(application: Application) -> Status:
    state = A(application.state)
    if state == A.APPROVED:
        assert application.join_on is not None  # a constraint
        values = {"place": application.municipality, "day": day_in_words(application.join_on)}
        return Status(_("Welcome: %(place)s is a member from %(day)s.") % values)
    last = application.changes.filter(transition=HAS_WORD[state]).last() if state in HAS_WORD else None
    return Status(str(WORDS[state]), state in (A.DRAFT, A.MORE_ASKED), last.note if last else "")


# --- the first steps of a new member


@dataclass(frozen=True)
class Step:
    """One of the five. `is_seen` when the portal itself sees that it was taken; then nobody ticks it."""

    step: OnboardingStep
    label: str
    url: str
    is_done: bool
    is_seen: bool


def seen_in(membership: Membership) -> list[str]:
    """Return the codes of the steps that the portal can see: the representative signed in, people are listed. One query."""
    people = list(Stakeholder.objects.current().filter(municipality=membership.municipality_id).select_related("user"))
    head = next((one for one in people if one.standing == Standing.REPRESENTATIVE), None)
    seen = []
    if head is not None and head.user is not None and head.user.accepted_at is not None:
        seen.append(Code.SIGN_IN)
    if len(people) >= PEOPLE_LISTED:
        seen.append(Code.PEOPLE)
    return [str(code) for code in seen]


def membership_with_steps(slug: str) -> Membership | None:
    """Return the newest membership of the municipality `slug` that has first steps, with them; None when there is none."""
    rows = Membership.objects.filter(municipality__slug=slug, first_steps__isnull=False).distinct()
    return rows.select_related("municipality").prefetch_related("first_steps").order_by("-from_on", "-pk").first()


def steps(membership: Membership) -> list[Step]:
    """Return the five steps of `membership` in their order, each with where it is taken. One query beside the steps."""
    seen, urls = seen_in(membership), _where(membership.municipality)
    return [
        Step(
            step,
            str(Code(step.code).label),
            urls[Code(step.code)],
            step.done_at is not None or step.code in seen,
            step.code in seen,
        )
        for step in membership.first_steps.all()
    ]


def _where(place: Municipality) -> dict[Code, str]:
    return {
        Code.SIGN_IN: _address("network:people", place.slug),
        Code.PEOPLE: _address("network:people", place.slug),
        Code.PROFILE: _address("progress:strategy", place.slug),
        Code.MENTOR: _address("mentoring:need", place.slug),
        Code.FIRST_EXCHANGE: _address("exchanges:list"),
    }


def _address(name: str, *args: Any) -> str:
    """The address of another activity's page; "" where a portal runs without it."""
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""


# --- renewal


@dataclass(frozen=True)
class Renewing:
    """The renewal that stands open for a member, what was before, and when the next one is due."""

    membership: Membership
    now: Renewal | None
    earlier: list[Renewal]
    next_due: date | None
    is_member: bool


def last_membership(slug: str) -> Membership | None:
    """Return the newest general or associate membership of the municipality `slug` that has begun, or None."""
    kinds = (Membership.Kind.GENERAL, Membership.Kind.ASSOCIATE)
    rows = Membership.objects.filter(municipality__slug=slug, kind__in=kinds, from_on__lte=timezone.localdate())
    return rows.select_related("municipality").order_by("-from_on", "-pk").first()


def renewing(membership: Membership) -> Renewing:
    """Return how the renewal of `membership` stands, and those of its municipality before. One query."""
    same = Q(membership__municipality=membership.municipality_id)
    rows = list(Renewal.objects.filter(same).select_related("membership__municipality").order_by("-due_on", "-pk")[:20])
    now = next((row for row in rows if row.state == Renewal.State.DUE and row.membership_id == membership.pk), None)
    if membership.until_on is not None:
        now = None
    goes_on = membership.until_on is None
    newest = max((row.due_on for row in rows if row.state == Renewal.State.RENEWED), default=date.min)
    after = max(timezone.localdate(), newest)
    return Renewing(
        membership,
        now,
        [row for row in rows if row.state != Renewal.State.DUE],
        next_due(membership, after) if goes_on and now is None else None,
        membership.runs_on(timezone.localdate()),
    )
