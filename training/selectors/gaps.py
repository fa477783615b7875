"""What a person holds against what her role asks, under the versions of standards that are in force.

An attainment outlives a new version of its standard. Where a version that was adopted since asks more, it counts no longer,
and the line says so. One query for what is asked, one for what is held, one for the offerings: whatever the standard's size.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby
from typing import Any

from django.db.models import Case, Exists, F, IntegerField, OuterRef, Q, QuerySet, Subquery, Value, When, Window
from django.db.models.functions import JSONObject, RowNumber
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from cmncp_portal.core.text import LanguageText, pick

from ..models import Attainment, CompetencyText, Learner, Level, Offering, Requirement, RoleProfile, StandardVersion

V = StandardVersion.State
HELD, PARTLY, LAPSED, GAP = "held", "partly", "lapsed", "gap"
TONES = {HELD: "good", PARTLY: "under-way", LAPSED: "attention", GAP: "attention"}
ORDER = {LAPSED: 0, GAP: 1, PARTLY: 2, HELD: 3}
MOST_OFFERINGS = 2  # for one competency; the page of dates has the others


@dataclass(frozen=True)
class Role:
    """What somebody is measured by: a role of an adopted version. `is_chosen` unless it follows from her standing."""

    pk: int
    slug: str
    title: LanguageText
    version: StandardVersion
    is_chosen: bool


@dataclass(frozen=True)
class NextOffering:
    """A date that closes a gap. `is_own_language`: taught in the reader's language, or in both."""

    offering: Offering
    is_own_language: bool


@dataclass
class Line:
    """A competency of a role: `asked` and `held` levels (0: none), by which attainment, and one that counts no longer."""

    text: CompetencyText
    asked: int
    held: int = 0
    ground: Attainment | None = None
    lapsed: Attainment | None = None
    more_since: int = 0  # the version that asks more than the lapsed attainment shows
    offerings: list[NextOffering] = field(default_factory=list)

    @property
    def state(self) -> str:
        if self.held >= self.asked:
            return HELD
        if self.lapsed is not None and self.lapsed.level > self.held:
            return LAPSED
        return PARTLY if self.held else GAP

    @property
    def is_gap(self) -> bool:
        return self.state != HELD

    @property
    def tone(self) -> str:
        return TONES[self.state]

    @property
    def word(self) -> str:
        words = {
            HELD: pgettext("competency", "Held"),
            PARTLY: pgettext("competency", "Part of the way"),
            LAPSED: pgettext("competency", "To be shown again"),
            GAP: pgettext("competency", "Still to reach"),
        }
        return words[self.state]

    @property
    def asked_words(self) -> str:
        return str(Level(self.asked).label)

    @property
    def held_words(self) -> str:
        return str(Level(self.held).label) if self.held else ""

    @property
    def url(self) -> str:
        version = self.text.version
        return reverse("training:competency", args=[version.standard.slug, version.number, self.text.competency_id])

    @property
    def ground_words(self) -> str:
        """Through what it was attained; nothing for what was not."""
        return ground_in_words(self.ground) if self.ground else ""

    @property
    def explanation(self) -> str:
        """Why an attainment counts no longer; nothing for other lines."""
        if self.state != LAPSED or self.lapsed is None:
            return ""
        words = {
            "level": Level(self.lapsed.level).label,
            "old": self.lapsed.standard_version.number,
            "new": self.more_since,
        }
        return _("Held at the level “%(level)s” under version %(old)s. Version %(new)s asks more.") % words

    @property
    def what_changed(self) -> LanguageText | None:
        """What the version in force says is new, when it is the one that asks more."""
        version = self.text.version
        return version.changes if self.state == LAPSED and version.number == self.more_since else None


@dataclass
class Chapter:
    """The lines of one domain."""

    title: LanguageText
    number: int
    version: StandardVersion
    lines: list[Line]

    @property
    def held(self) -> int:
        return sum(not line.is_gap for line in self.lines)


@dataclass
class Profile:
    """Where a person stands. Without a role nothing is asked; `others` are attainments that no role asks for."""

    roles: list[Role]
    lines: list[Line]
    others: list[Attainment]
    chosen_is_gone: bool = False

    @property
    def asked(self) -> int:
        return len(self.lines)

    @property
    def held(self) -> int:
        return sum(not line.is_gap for line in self.lines)

    @property
    def gaps(self) -> list[Line]:
        """What is missing: what is to be shown again first, then what was never reached, then what was begun."""
        return sorted((line for line in self.lines if line.is_gap), key=lambda line: ORDER[line.state])

    @property
    def chapters(self) -> list[Chapter]:
        found = []
        for _pk, group in groupby(self.lines, key=lambda line: line.text.domain_id):
            lines = list(group)
            text = lines[0].text
            found.append(Chapter(text.domain.title, text.domain.order, text.version, lines))
        return found


# ---- what is asked


def asked_texts() -> QuerySet[CompetencyText]:
    """Return the texts in force, once for each role that asks for them: with `asked`, the role's words, and `more_since`."""
    latest = (
        CompetencyText.objects.filter(
            competency=OuterRef("competency"),
            asks_more=True,
            version__state__in=[V.ADOPTED, V.SUPERSEDED],
            version__number__lte=OuterRef("version__number"),
        )
        .order_by("-version__number")
        .values("version__number")
    )
    rows = CompetencyText.objects.filter(
        version__state=V.ADOPTED, version__roles__requirements__competency=F("competency")
    ).annotate(
        asked=F("version__roles__requirements__level"),
        role=F("version__roles__pk"),
        role_slug=F("version__roles__slug"),
        role_order=F("version__roles__order"),
        role_standings=F("version__roles__standings"),
        role_title_en=F("version__roles__title_en"),
        role_title_fr=F("version__roles__title_fr"),
        more_since=Subquery(latest[:1]),
    )
    rows = rows.select_related("domain", "version__standard").defer("search_en", "search_fr", "source", "source_url")
    return rows.order_by("version__standard__slug", "domain__order", "order", "pk", "role_order", "role")


@dataclass
class Asked:
    """What all roles in force ask for, read once for any number of people."""

    by_role: dict[int, list[Any]]
    roles: list[Any]  # one row of each role, in the order in which a standing finds its role

    @classmethod
    def of(cls, rows: Iterable[Any]) -> "Asked":
        by_role: dict[int, list[Any]] = {}
        for row in rows:
            by_role.setdefault(row.role, []).append(row)
        roles = sorted((found[0] for found in by_role.values()), key=lambda row: (row.role_order, row.role))
        return cls(by_role, roles)

    def choices(self) -> list[tuple[str, LanguageText]]:
        """Return the roles as (slug, title), each slug once."""
        found: dict[str, LanguageText] = {}
        for row in self.roles:
            found.setdefault(row.role_slug, pick(row.role_title_en, row.role_title_fr))
        return list(found.items())

    def roles_for(self, slug: str, standing: str) -> list[Role]:
        """Return one role of each version: the one called `slug`, else the first for people of this `standing`."""
        found: dict[int, Role] = {}
        for row in self.roles:
            is_chosen = bool(slug) and row.role_slug == slug
            if is_chosen or (standing in row.role_standings and row.version_id not in found):
                title = pick(row.role_title_en, row.role_title_fr)
                found[row.version_id] = Role(row.role, row.role_slug, title, row.version, is_chosen)
        return sorted(found.values(), key=lambda role: role.version.standard.slug)


def asked_of(slug: str = "", standing: str = "") -> Asked:
    """Return what a person with that chosen role or that standing may be asked. One query."""
    wanted = Q(role_slug=slug) if slug else Q(pk__in=[])
    if standing:
        wanted |= Q(role_standings__contains=[standing])
    return Asked.of(asked_texts().filter(wanted)) if slug or standing else Asked({}, [])


def asked_of_everyone() -> Asked:
    """Return what all roles in force ask for. One query."""
    return Asked.of(asked_texts())


# ---- what is held


def attainments_of(learners: Iterable[int]) -> dict[int, list[Attainment]]:
    """Return the standing attainments of `learners` (keys), by learner. One query."""
    text = CompetencyText.objects.filter(
        competency=OuterRef("competency"), version=OuterRef("standard_version")
    ).values(words=JSONObject(en="title_en", fr="title_fr", domain="domain__order", order="order"))
    rows = (
        Attainment.objects.standing()
        .filter(learner__in=list(learners))
        .annotate(words=Subquery(text[:1]))
        .select_related("standard_version", "enrolment__offering__module")
        .defer("enrolment__offering__module__search_en", "enrolment__offering__module__search_fr")
    )
    found: dict[int, list[Attainment]] = {}
    for row in rows:
        found.setdefault(row.learner_id, []).append(row)
    return found


def title_of(attainment: Any) -> LanguageText:
    """Return the title of what was attained, as its own version words it."""
    words = attainment.words or {"en": "", "fr": ""}
    return pick(words["en"], words["fr"])


def ground_in_words(attainment: Attainment) -> str:
    """Return through what it was attained."""
    if attainment.enrolment is None:
        return _("by evidence that was accepted")
    return _("through “%(title)s”") % {"title": attainment.enrolment.offering.module.title}


def line_of(row: Any, attainments: Iterable[Attainment]) -> Line:
    """Weigh the `attainments` of one competency against `row`, a text with what is asked (`asked_texts`)."""
    line = Line(row, row.asked, more_since=row.more_since or 0)
    for one in sorted(attainments, key=lambda a: (a.level, a.attained_on)):
        if one.standard_version.number >= line.more_since:
            line.held, line.ground = one.level, one
        else:
            line.lapsed = one
    return line


def profile_of(asked: Asked, *, slug: str, standing: str, attainments: list[Attainment]) -> Profile:
    """Return where somebody stands. No query."""
    roles = asked.roles_for(slug, standing)
    by_competency: dict[int, list[Attainment]] = {}
    for one in attainments:
        by_competency.setdefault(one.competency_id, []).append(one)
    rows = [row for role in roles for row in asked.by_role[role.pk]]
    lines = [line_of(row, by_competency.get(row.competency_id, ())) for row in rows]
    named = {line.text.competency_id for line in lines}
    others: list[Any] = [one for one in attainments if one.competency_id not in named]
    for one in others:
        one.title = title_of(one)
    gone = bool(slug) and not any(role.is_chosen for role in roles)
    return Profile(roles, lines, others, gone)


def standing_of(learner: Learner | None) -> str:
    """Return the standing of the place where `learner` works today, "" without one. Needs the stakeholder."""
    place = learner.stakeholder if learner else None
    return place.standing if place and place.is_current() else ""


def profile_for(
    learner: Learner | None, *, standing: str = "", language: str = "en", today: date | None = None
) -> Profile:
    """Return where `learner` stands, with the next offerings that close her gaps. Three queries.

    Without a learner (somebody who never enrolled) `standing` decides what is asked. `language` is "en" or "fr".
    """
    slug = learner.role if learner else ""
    standing = standing_of(learner) or standing
    held = attainments_of([learner.pk]) if learner else {}
    asked = asked_of(slug, standing)
    profile = profile_of(asked, slug=slug, standing=standing, attainments=held.get(learner.pk, []) if learner else [])
    closing = next_offerings(profile, language=language, today=today)
    for line in profile.gaps:
        line.offerings = closing.get(line.text.competency_id, [])
    return profile


# ---- what closes a gap


def next_offerings(profile: Profile, *, language: str, today: date | None = None) -> Mapping[int, list[NextOffering]]:
    """Return, by competency, the next open offerings that build it to the level asked or above. One query at most.

    Those taught in `language` or in both come first; of one competency MOST_OFFERINGS at most.
    """
    gaps = [line.text.competency_id for line in profile.lines if line.is_gap]
    if not gaps:
        return {}
    asked = Requirement.objects.filter(
        role__in=[role.pk for role in profile.roles], competency=OuterRef("built"), level__lte=OuterRef("built_to")
    )
    foreign = Case(When(language__in=[language, "both"], then=Value(0)), default=Value(1), output_field=IntegerField())
    rows = (
        open_for_enrolment(today or timezone.localdate())
        .annotate(built=F("module__builds__competency"), built_to=F("module__builds__level"), foreign=foreign)
        .filter(Exists(asked), built__in=gaps)
        .annotate(rank=Window(RowNumber(), partition_by=F("built"), order_by=["foreign", "starts_on", "pk"]))
        .filter(rank__lte=MOST_OFFERINGS)
        .select_related("module")
        .defer("module__search_en", "module__search_fr")
        .order_by("built", "rank")
    )
    found: dict[int, list[NextOffering]] = {}
    for row in rows:
        found.setdefault(row.built, []).append(NextOffering(row, row.foreign == 0))
    return found


def open_for_enrolment(today: date) -> QuerySet[Offering]:
    """Return the offerings in which one can enrol on `today`; pilots are by invitation."""
    closes = Q(enrolment_closes_on__isnull=True) | Q(enrolment_closes_on__gte=today)
    return Offering.objects.filter(closes, state=Offering.State.OPEN, is_pilot=False, starts_on__gt=today)


# ---- choosing a role


def role_choices() -> list[tuple[str, LanguageText]]:
    """Return the roles of the versions in force as (slug, title), each slug once. One query."""
    rows = RoleProfile.objects.filter(version__state=V.ADOPTED).order_by("version__standard__slug", "order", "pk")
    found: dict[str, LanguageText] = {}
    for role in rows:
        found.setdefault(role.slug, role.title)
    return list(found.items())
