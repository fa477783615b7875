"""Reading standards: which there are, what a version holds, who said what about it. Constant queries, bounded rows."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, F, OuterRef, Prefetch, Q, QuerySet
from django.db.models.functions import JSONObject, Lower
from django.urls import reverse
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from cmncp_portal.core.checklist import Check
from cmncp_portal.core.text import LanguageText, pick
from cmncp_portal.core.workflow import Guard

from .. import workflow
from ..models import (
    Comment,
    CommentInvitee,
    CompetencyText,
    Criterion,
    Domain,
    Level,
    Module,
    ModuleCompetency,
    Offering,
    Requirement,
    RoleProfile,
    Standard,
    StandardVersion,
)
from ..models.standards import office_day

V = StandardVersion.State
TONES = {
    V.DRAFT: "neutral",
    V.CONSULTATION: "under-way",
    V.ANSWERING: "attention",
    V.ADOPTED: "good",
    V.SUPERSEDED: "neutral",
}
VERDICT_TONES = {
    Comment.Verdict.OPEN: "attention",
    Comment.Verdict.ACCEPTED: "good",
    Comment.Verdict.PARTLY: "good",
    Comment.Verdict.DECLINED: "neutral",
}
BESIDE_A_LINE = 50  # comments shown beside a competency; the others are on the page of comments
OFFERINGS_SHOWN = 5
MODULES_SHOWN = 8

# Where each thing that is needed before a move is written, by the name of the guard.
PLACES: tuple[tuple[Guard, Any, str], ...] = (
    (workflow.has_competencies, _("Domains with their competencies"), "write"),
    (workflow.has_criteria, _("Criteria of each competency"), "write"),
    (workflow.asks_something_of_roles, _("What is asked of roles"), "roles_edit"),
    (workflow.is_in_both_languages, _("Both languages"), "write"),
    (workflow.consultation_has_its_days, _("Days of the consultation"), "consultation"),
    (workflow.every_comment_is_answered, _("Answers to all comments"), "answers"),
)


# ---- lists ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Listed:
    """A standard as the list shows it: the version in force, the one at work (consulted on, answered, drafted), or None."""

    standard: Standard
    adopted: StandardVersion | None
    ahead: StandardVersion | None


def standards_for(user: Any) -> QuerySet[Standard]:
    """Return the standards of which `user` may read a version, with `shown_versions`, the newest first."""
    seen = StandardVersion.objects.visible_to(user)
    rows = Standard.objects.filter(pk__in=seen.values("standard"))
    return rows.prefetch_related(Prefetch("versions", queryset=seen.order_by("-number"), to_attr="shown_versions"))


def listed(standards: Iterable[Any]) -> list[Listed]:
    """Return what the list shows of `standards`, fetched with `standards_for`: no query."""
    found = []
    for standard in standards:
        adopted = next((v for v in standard.shown_versions if v.state == V.ADOPTED), None)
        at_work = (V.DRAFT, V.CONSULTATION, V.ANSWERING)
        ahead = next((v for v in standard.shown_versions if v.state in at_work), None)
        for version in filter(None, (adopted, ahead)):
            version.standard = standard
        found.append(Listed(standard, adopted, ahead))
    return found


def in_force(versions: Iterable[StandardVersion]) -> StandardVersion | None:
    """Return which of `versions` (newest first) an address without a number means: the adopted one, else the newest."""
    every = list(versions)
    return next((version for version in every if version.state == V.ADOPTED), every[0] if every else None)


# ---- one version ------------------------------------------------------------------------------------


def domains_of(version: StandardVersion) -> list[Any]:
    """Return the domains in their order, each with `count`, how many competencies it holds. One query."""
    return list(version.domains.annotate(count=Count("texts")).order_by("order", "pk"))


def texts_with_criteria(version: StandardVersion) -> QuerySet[CompetencyText]:
    """Return the competencies of `version` in order, with domain and criteria: two queries, however many."""
    rows = CompetencyText.objects.filter(version=version).in_order().select_related("domain")
    return rows.defer("search_en", "search_fr").prefetch_related("criteria")


@dataclass(frozen=True)
class AtLevel:
    """What shows that somebody reached a competency at `level`."""

    level: Level
    criteria: list[Criterion]

    @property
    def label(self) -> str:
        return str(self.level.label)


def by_level(criteria: Iterable[Criterion]) -> list[AtLevel]:
    """Return `criteria` grouped by level, the lowest first; levels without any are left out."""
    every = list(criteria)
    groups = [AtLevel(level, [c for c in every if c.level == level]) for level in Level]
    return [group for group in groups if group.criteria]


def with_levels(texts: Iterable[Any]) -> list[tuple[Any, list[AtLevel]]]:
    """Return each of `texts` (fetched with their criteria) with its criteria by level."""
    return [(text, by_level(text.criteria.all())) for text in texts]


def version_before(version: StandardVersion) -> StandardVersion | None:
    """Return the version that `version` follows, or None when it is the first."""
    rows = StandardVersion.objects.filter(standard=version.standard_id, number__lt=version.number)
    return rows.order_by("-number").first()


def asked_of(role: RoleProfile) -> list[tuple[CompetencyText, str]]:
    """Return what `role` is asked to reach: each competency of its version with the level in words. Two queries."""
    levels = dict(Requirement.objects.filter(role=role).values_list("competency", "level"))
    texts = CompetencyText.objects.filter(version=role.version_id, competency__in=levels).in_order()
    rows = texts.select_related("domain").defer("search_en", "search_fr")
    return [(text, str(Level(levels[text.competency_id]).label)) for text in rows]


@dataclass(frozen=True)
class RoleNamed:
    """A role as pages about something else name it; `level` in words where it is about one competency."""

    slug: str
    title: LanguageText
    level: str = ""


def with_roles(versions: QuerySet[StandardVersion]) -> QuerySet[StandardVersion]:
    """Add `role_names` to versions, which `roles_in` reads: no query more."""
    rows = RoleProfile.objects.filter(version=OuterRef("pk")).order_by("order", "pk")
    return versions.annotate(
        role_names=ArraySubquery(rows.values(name=JSONObject(slug="slug", en="title_en", fr="title_fr")))
    )


def with_asking(texts: QuerySet[CompetencyText]) -> QuerySet[CompetencyText]:
    """Add `role_names` to competencies: the roles of their version that are asked for them, with the level."""
    rows = Requirement.objects.filter(competency=OuterRef("competency"), role__version=OuterRef("version"))
    named = JSONObject(slug="role__slug", en="role__title_en", fr="role__title_fr", level="level")
    return texts.annotate(role_names=ArraySubquery(rows.order_by("role__order", "role").values(name=named)))


def roles_in(thing: Any) -> list[RoleNamed]:
    """Return the roles of `thing`, fetched by `with_roles` or `with_asking`, in the active language."""
    return [
        RoleNamed(
            role["slug"], pick(role["en"], role["fr"]), str(Level(role["level"]).label) if "level" in role else ""
        )
        for role in thing.role_names
    ]


def modules_building(text: CompetencyText, user: Any) -> list[ModuleCompetency]:
    """Return the modules that `user` may see and that build this competency, with the level. One query."""
    modules = Module.objects.visible_to(user).exclude(state__in=[Module.State.RETIRED, Module.State.DROPPED])
    rows = ModuleCompetency.objects.filter(competency=text.competency_id, module__in=modules.order_by().values("pk"))
    return list(rows.select_related("module").order_by("-level", "module__slug"))


# ---- comments ---------------------------------------------------------------------------------------


def comments_of(version: StandardVersion) -> QuerySet[Comment]:
    """Return the comments on `version` that stand, in the order of its lines, those on the whole first."""
    rows = Comment.objects.filter(standard_version=version, withdrawn_at__isnull=True)
    rows = rows.select_related("text__domain", "criterion", "municipality", "answered_by")
    whole_first = F("text__domain__order").asc(nulls_first=True)
    return rows.defer("text__search_en", "text__search_fr").order_by(whole_first, "text__order", "created_at", "pk")


def comments_beside(text: CompetencyText) -> list[Comment]:
    """Return the comments on one competency, oldest first, at most `BESIDE_A_LINE`. One query."""
    rows = Comment.objects.filter(text=text, withdrawn_at__isnull=True).order_by("created_at", "pk")
    return list(rows.select_related("criterion", "municipality", "answered_by")[:BESIDE_A_LINE])


def comment_counts(version: StandardVersion) -> dict[str, int]:
    """Return how many comments stand (`all`), are `open`, and are answered but not `told` to who made them. One query."""
    stands, is_open = Q(withdrawn_at__isnull=True), Q(verdict=Comment.Verdict.OPEN)
    return version.comments.aggregate(
        all=Count("pk", filter=stands),
        open=Count("pk", filter=stands & is_open),
        untold=Count("pk", filter=stands & ~is_open & Q(told_at__isnull=True)),
    )


def is_own(comment: Comment, user: Any = None, invitee: CommentInvitee | None = None) -> bool:
    """Tell whether `comment` was made by the signed-in `user`, or through the personal link of `invitee`."""
    if invitee is not None and comment.invitee_id == invitee.pk:
        return True
    return getattr(user, "is_authenticated", False) and comment.by_id == user.pk


def commenters_of(version: StandardVersion) -> set[str]:
    """Return the addresses of those whose comments on `version` stand, in small letters. One query."""
    rows = version.comments.filter(withdrawn_at__isnull=True)
    return set(rows.values_list(Lower("email"), flat=True).distinct())


# ---- the desk ---------------------------------------------------------------------------------------


def mark_of(*rows: Any) -> int:
    """Return a number, at least 1, that changes with each change of what `rows` say; their places do not count.

    It stands in forms where a version number would: these lines have none of their own.
    """
    words = [
        [str(getattr(row, field.attname)) for field in row._meta.concrete_fields if field.name not in _UNMARKED]
        for row in rows
        if row is not None
    ]
    return int(hashlib.sha256(json.dumps(words).encode()).hexdigest()[:7], 16) + 1


_UNMARKED = {"order", "search_en", "search_fr", "updated_at", "created_at"}


def checks_of(version: StandardVersion, *, may_write: bool) -> list[Check]:
    """Return what the next move out of the present state needs, line by line; nothing while it is consulted on or adopted."""
    if version.state not in (V.DRAFT, V.ANSWERING):
        return []
    skipped = workflow.every_comment_is_answered if version.state == V.DRAFT else workflow.consultation_has_its_days
    return [
        Check(
            str(label),
            str(guard(version) or ""),
            reverse(f"training:{page}", args=[version.standard.slug, version.number]) if may_write else "",
        )
        for guard, label, page in PLACES
        if guard is not skipped
    ]


def guests_of(version: StandardVersion) -> QuerySet[CommentInvitee]:
    """Return who has a personal link to comment on `version`, with `said`, how many of their comments stand."""
    stands = Q(comments__withdrawn_at__isnull=True) & Q(comments__isnull=False)
    return version.invitees.annotate(said=Count("comments", filter=stands)).order_by("name", "pk")


def first_domain(domains: list[Domain], asked: str) -> Domain | None:
    """Return the domain whose number is `asked`; nonsense gives the first one, None when there is none."""
    return next((d for d in domains if str(d.order) == asked), domains[0] if domains else None)


# ---- the front page of training ---------------------------------------------------------------------


@dataclass(frozen=True)
class Front:
    """What the front page of training shows."""

    adopted: list[StandardVersion]
    consulted: list[StandardVersion]
    offerings: list[Offering]
    modules: list[Module]
    more_modules: bool


def front(user: Any) -> Front:
    """Return what the front page of training shows to `user`, in three queries."""
    rows = StandardVersion.objects.filter(state__in=[V.ADOPTED, V.CONSULTATION]).with_standard()
    versions = list(rows.order_by("standard__slug", "-number"))
    ahead = Offering.objects.visible_to(user).upcoming(office_day()).with_module()
    words = ("module__search_en", "module__search_fr")
    modules = Module.objects.visible_to(user).filter(state__in=[Module.State.APPROVED, Module.State.OFFERED])
    found = list(modules.defer("search_en", "search_fr")[: MODULES_SHOWN + 1])
    return Front(
        adopted=[v for v in versions if v.state == V.ADOPTED],
        consulted=[v for v in versions if v.takes_comments()],
        offerings=list(ahead.defer(*words).order_by("starts_on", "pk")[:OFFERINGS_SHOWN]),
        modules=found[:MODULES_SHOWN],
        more_modules=len(found) > MODULES_SHOWN,
    )


def days_left_in_words(version: StandardVersion) -> str:
    """Return how much of the consultation is left, in the active language; "" when it has no end."""
    left = version.days_left()
    if left is None:
        return ""
    if left <= 0:
        return _t("Today is the last day.")
    return ngettext("One day left.", "%(days)s days left.", left) % {"days": left}
