"""What people see of their own way, and what a municipality sees of its staff. Constant queries."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, F, OuterRef, Q, QuerySet
from django.db.models.functions import JSONObject
from django.utils import timezone
from django.utils.translation import gettext as _

from cmncp_portal.core.places import LIVE, Status
from cmncp_portal.core.text import LanguageText, pick
from cmncp_portal.core.workflow import Offer
from cmncp_portal.network.lists import Column, write
from cmncp_portal.network.models import Municipality, Stakeholder

from ..models import Certificate, CompetencyText, Enrolment, EvidenceClaim, Learner, Level
from ..workflow import CLAIM
from .gaps import Asked, Profile, asked_of_everyone, attainments_of, profile_of

MOST = 20  # enrolments, claims and certificates on one's own page
CLAIM_TONES = {
    "draft": "neutral",
    "sent": "under-way",
    "more_asked": "waits",
    "accepted": "good",
    "declined": "attention",
    "withdrawn": "neutral",
}
ENROLMENT_TONES = {"requested": "under-way", "waiting": "under-way", "registered": "good"}


# ---- one's own page


@dataclass(frozen=True)
class Enrolled:
    """A place that lies ahead."""

    title: LanguageText
    reference: str
    starts_on: date | None
    ends_on: date | None
    word: str
    tone: str


@dataclass(frozen=True)
class Shown:
    """Evidence that is with somebody: oneself, or the assessors."""

    pk: int
    title: LanguageText
    level: str
    word: str
    tone: str


@dataclass(frozen=True)
class Paper:
    """A certificate. `is_valid` unless it was revoked."""

    code: str
    title: LanguageText
    issued_on: date
    is_valid: bool


def with_summary(rows: QuerySet[Learner]) -> QuerySet[Learner]:
    """Add what the page of a person shows beside her competencies, in the same query; read it with `summary_of`."""
    ahead = Q(status__in=LIVE, offering__state__in=["planned", "open"])
    enrolled = Enrolment.objects.filter(ahead, learner=OuterRef("pk")).order_by("offering__starts_on", "pk")
    open_states = [EvidenceClaim.State.DRAFT, EvidenceClaim.State.SENT, EvidenceClaim.State.MORE_ASKED]
    claims = EvidenceClaim.objects.filter(
        learner=OuterRef("pk"), state__in=open_states, competency__texts__version=F("standard_version")
    ).order_by("-updated_at", "-pk")
    papers = Certificate.objects.filter(learner=OuterRef("pk")).order_by("-issued_on", "-pk")
    return rows.select_related("stakeholder__municipality").annotate(
        enrolled=ArraySubquery(
            enrolled.values(
                row=JSONObject(
                    en="offering__module__title_en",
                    fr="offering__module__title_fr",
                    reference="offering__reference",
                    first="offering__starts_on",
                    last="offering__ends_on",
                    status="status",
                )
            )[:MOST]
        ),
        claimed=ArraySubquery(
            claims.values(
                row=JSONObject(
                    pk="pk",
                    en="competency__texts__title_en",
                    fr="competency__texts__title_fr",
                    level="level",
                    state="state",
                )
            )[:MOST]
        ),
        certified=ArraySubquery(
            papers.values(
                row=JSONObject(code="code", en="title_en", fr="title_fr", on="issued_on", revoked="revoked_at")
            )[:MOST]
        ),
    )


def summary_of(learner: Any) -> dict[str, list[Any]]:
    """Return the enrolments ahead, the open evidence and the certificates of a row of `with_summary`. No query."""
    if learner is None:
        return {"enrolled": [], "claims": [], "papers": []}
    return {
        "enrolled": [
            Enrolled(
                pick(row["en"], row["fr"]),
                row["reference"],
                _day(row["first"]),
                _day(row["last"]),
                str(Status(row["status"]).label),
                ENROLMENT_TONES[row["status"]],
            )
            for row in learner.enrolled
        ],
        "claims": [
            Shown(
                row["pk"],
                pick(row["en"], row["fr"]),
                str(Level(row["level"]).label),
                str(EvidenceClaim.State(row["state"]).label),
                CLAIM_TONES[row["state"]],
            )
            for row in learner.claimed
        ],
        "papers": [
            Paper(row["code"], pick(row["en"], row["fr"]), date.fromisoformat(row["on"]), row["revoked"] is None)
            for row in learner.certified
        ],
    }


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


# ---- the staff of a municipality


@dataclass(frozen=True)
class Member:
    """Somebody who works for a municipality, and where they stand.

    `learner` is a key, None for who never enrolled; `chosen` the slug of a role that was chosen for them.
    """

    person: Stakeholder
    learner: int | None
    chosen: str
    profile: Profile

    @property
    def role(self) -> str:
        return ", ".join(str(role.title) for role in self.profile.roles)

    @property
    def missing(self) -> list[str]:
        """The competencies that are missing, in words."""
        return [f"{line.text.code} {line.text.title}" for line in self.profile.gaps]


def staff_of(municipality: Municipality) -> QuerySet[Stakeholder]:
    """Return who works for `municipality` today, partners included, by name; with the learner that each of them is."""
    learners = Learner.objects.filter(stakeholder=OuterRef("pk")).order_by("pk")
    rows = Stakeholder.objects.current().filter(municipality=municipality)
    rows = rows.annotate(learning=ArraySubquery(learners.values(row=JSONObject(pk="pk", role="role"))))
    return rows.order_by("name", "pk")


def with_staff_number(rows: QuerySet[Municipality]) -> QuerySet[Municipality]:
    """Add how many people work there today, so that a page of them needs no count of its own."""
    today = timezone.localdate()
    current = Q(stakeholders__left_on__isnull=True) | Q(stakeholders__left_on__gt=today)
    return rows.annotate(staff_number=Count("stakeholders", filter=current))


def with_profiles(people: Iterable[Any], asked: Asked | None = None) -> list[Member]:
    """Return where each of `people` (rows of `staff_of`) stands. Two queries, whatever their number."""
    people = list(people)
    held = attainments_of(one["pk"] for person in people for one in person.learning)
    asked = asked or asked_of_everyone()
    members = []
    for person in people:
        learner: dict[str, Any] = next(iter(person.learning), {"pk": None, "role": ""})
        profile = profile_of(
            asked,
            slug=learner["role"],
            standing=person.standing,
            attainments=[one for each in person.learning for one in held.get(each["pk"], [])],
        )
        members.append(Member(person, learner["pk"], learner["role"], profile))
    return members


COLUMNS = [
    Column("name", "Name", "Nom"),
    Column("title", "Title", "Titre"),
    Column("standing", "Role in the network", "Rôle dans le réseau"),
    Column("role", "Role in the standard", "Rôle selon la norme"),
    Column("asked", "Competencies asked", "Compétences demandées"),
    Column("held", "Competencies held", "Compétences acquises"),
    Column("missing", "Still to reach", "À acquérir"),
]


def staff_file(municipality: Municipality, kind: str) -> bytes:
    """Return the staff of `municipality` as a file of `kind` ("csv" or "xlsx"), in the active language. Three queries."""
    rows = (
        {
            "name": member.person.name,
            "title": member.person.title,
            "standing": str(member.person.get_standing_display()),
            "role": member.role,
            "asked": member.profile.asked,
            "held": member.profile.held,
            "missing": "; ".join(member.missing),
        }
        for member in with_profiles(staff_of(municipality))
    )
    return write(COLUMNS, rows, kind, _("Training"))


# ---- evidence


def readable(user: Any) -> QuerySet[EvidenceClaim]:
    """Return the evidence that `user` may read: one's own; what others have not sent, or took back, is theirs alone."""
    private = [EvidenceClaim.State.DRAFT, EvidenceClaim.State.WITHDRAWN]
    rows = EvidenceClaim.objects.visible_to(user)
    return rows.filter(Q(learner__user=user) | ~Q(state__in=private)) if user.is_authenticated else rows


def claims_for(user: Any, *, answered: bool = False) -> QuerySet[EvidenceClaim]:
    """Return what assessors have to answer, the longest waiting first; or what was answered, the newest first."""
    rows = readable(user).exclude(learner__user=user).select_related("learner")
    text = CompetencyText.objects.filter(competency=OuterRef("competency"), version=OuterRef("standard_version"))
    rows = rows.annotate(words_of=ArraySubquery(text.values(row=JSONObject(en="title_en", fr="title_fr"))))
    if answered:
        return rows.filter(state__in=["accepted", "declined", "more_asked"]).order_by("-answered_at", "-pk")
    return rows.filter(state=EvidenceClaim.State.SENT).order_by("sent_at", "pk")


def claim_title(claim: Any) -> LanguageText:
    """Return the title of the competency of a row of `claims_for`."""
    return pick(claim.words_of[0]["en"], claim.words_of[0]["fr"]) if claim.words_of else pick("", "")


def moves_for(claim: EvidenceClaim, user: Any) -> dict[str, Offer]:
    """Return the moves that `user` may make with `claim` now, by name."""
    return {offer.transition.name: offer for offer in CLAIM.offered_to(user, claim)}


@dataclass(frozen=True)
class Happened:
    """A line of the history of a claim."""

    at: Any
    text: str
    by: str
    note: str


def history_of(claim: EvidenceClaim) -> list[Happened]:
    """Return what happened to `claim`, the newest first. One query."""
    return [
        Happened(one.at, str(CLAIM[one.transition].happened), one.by_name, one.note)
        for one in claim.changes.order_by("-at", "-pk")
    ]
