"""Modules as people read them: the catalogue, and one with what it builds, its materials and its next dates."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from types import SimpleNamespace
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import JSONObject
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from cmncp_portal.core.places import Status
from cmncp_portal.core.search import search_query
from cmncp_portal.core.text import active_language, other

from ..models import (
    Competency,
    CompetencyText,
    Enrolment,
    Level,
    Module,
    ModuleAuthor,
    ModuleChange,
    ModuleMaterial,
    Offering,
    StandardVersion,
)
from ..workflow import MODULE

S = Module.State
V = StandardVersion.State
Access = ModuleMaterial.Access
TONES = {
    S.PROPOSED: "neutral",
    S.AGREED: "under-way",
    S.DRAFTED: "under-way",
    S.REVIEWED: "under-way",
    S.PILOTED: "under-way",
    S.APPROVED: "good",
    S.OFFERED: "good",
    S.RETIRED: "neutral",
    S.DROPPED: "neutral",
}
CURRENT, RETIRED, ALL = "current", "retired", "all"
TEXTS = ("title", "summary", "objectives", "outline")
LONGEST = 200  # characters of a search that are looked at
MOST_DATES = 20  # next dates on the page of a module; the list of dates has them all
UNREAD = ("search_en", "search_fr")
READER = ("is_taught_by_reader", "is_taken_by_reader", "is_written_by_reader")  # what the reader is to a module


# ---- the catalogue


def open_dates(outer: str = "pk") -> QuerySet[Offering]:
    """Return the open offerings, not over today, of the module of the outer query, nearest first. Pilots are by invitation."""
    rows = Offering.objects.filter(module=OuterRef(outer), is_pilot=False).upcoming(timezone.localdate())
    return rows.order_by("starts_on", "pk")


def catalogue(user: Any) -> QuerySet[Any]:
    """Return the modules of the catalogue with their partners and the first day of their next dates (`next_on`)."""
    rows = Module.objects.visible_to(user).public().select_related("partner")
    long_texts = [f"{name}_{code}" for name in ("objectives", "outline") for code in ("en", "fr")]
    found = rows.annotate(next_on=Subquery(open_dates().values("starts_on")[:1])).defer(*UNREAD, *long_texts)
    return found.order_by(F("programme_year").asc(nulls_last=True), "theme", "slug")


def in_standing(rows: QuerySet[Any], standing: str) -> QuerySet[Any]:
    """Return those of `rows` that can be taken (CURRENT), that are RETIRED, or ALL."""
    if standing == ALL:
        return rows
    return rows.filter(state=S.RETIRED) if standing == RETIRED else rows.exclude(state=S.RETIRED)


def with_words(rows: QuerySet[Any], text: str) -> QuerySet[Any]:
    """Return those of `rows` whose title, summary or objectives hold the words of `text` in either language."""
    english, french = search_query(text[:LONGEST], "en"), search_query(text[:LONGEST], "fr")
    return rows.filter(Q(search_en=english) | Q(search_fr=french))


def competency_choices() -> list[tuple[str, str]]:
    """Return (number, "4.2 Title") of the competencies in force that a module of the catalogue builds. One query."""
    built = Competency.objects.filter(built_by__module__state__in=Module.PUBLIC)
    rows = CompetencyText.objects.that_hold().filter(competency__in=built.values("pk")).select_related("domain")
    return [
        (str(text.competency_id), f"{text.code} {text.title}")
        for text in rows.defer(*UNREAD, "description_en", "description_fr").order_by(
            "version__standard__slug", "domain__order", "order", "pk"
        )
    ]


@dataclass(frozen=True)
class Row:
    """One line of the catalogue. `taught_in` in words; `next_on` is the first day of the next dates."""

    module: Any
    tone: str
    taught_in: str

    @property
    def next_on(self) -> Any:
        return self.module.next_on


def listed(modules: Iterable[Any]) -> list[Row]:
    """Return the lines for a page of `catalogue`, in the active language."""
    return [Row(module, TONES[S(module.state)], taught_in(module)) for module in modules]


def taught_in(module: Module) -> str:
    """Return the languages in which `module` can be taught, in words; empty while that is not said."""
    codes = set(module.languages)
    if codes == {"en", "fr"}:
        return _("in English or in French")
    if codes == {"en"}:
        return _("in English")
    return _("in French") if codes else ""


# ---- one module


class Rows(list[Any]):
    """Rows that came along already, read by guards as those of a relation."""

    def exists(self) -> bool:
        return bool(self)

    def working(self) -> "Rows":
        return self

    def filter(self, **wanted: Any) -> "Rows":
        def fits(row: Any) -> bool:
            return all(
                getattr(row, name.removesuffix("__in")) in (value if name.endswith("__in") else [value])
                for name, value in wanted.items()
            )

        return Rows(row for row in self if fits(row))


def page_rows(user: Any) -> QuerySet[Any]:
    """Return the modules that `user` may read, each with what its pages ask for, in one query.

    Adds `moves` (its history), `given` (state and pilot of its offerings), `writers` (names of those who write it now),
    and what READER names.
    """
    moves = ModuleChange.objects.filter(module=OuterRef("pk")).order_by("at", "pk")
    given = Offering.objects.filter(module=OuterRef("pk")).order_by("pk")
    writers = ModuleAuthor.objects.working().filter(module=OuterRef("pk")).order_by("user__name", "pk")
    rows = Module.objects.visible_to(user).select_related("partner", "proposed_by").defer(*UNREAD)
    return rows.annotate(
        moves=ArraySubquery(
            moves.values(one=JSONObject(at="at", to="to_state", transition="transition", by="by_name", note="note"))
        ),
        given=ArraySubquery(given.values(one=JSONObject(state="state", is_pilot="is_pilot"))),
        writers=ArraySubquery(writers.values("user__name")),
        **_reader(user),
    )


def _reader(user: Any) -> dict[str, Any]:
    if not getattr(user, "is_authenticated", False):
        return dict.fromkeys(READER, Value(False))
    email = user.email.lower()
    given = Offering.objects.filter(module=OuterRef("pk"))
    places = Enrolment.objects.filter(offering__module=OuterRef("pk"), status=Status.REGISTERED)
    mine = Q(email=email) | Q(learner__user=user)
    return {
        "is_taught_by_reader": Exists(given.filter(facilitators__email=email)),
        "is_taken_by_reader": Exists(places.filter(mine)),
        "is_written_by_reader": Exists(ModuleAuthor.objects.working().filter(module=OuterRef("pk"), user=user)),
    }


@dataclass(frozen=True)
class Built:
    """A competency that a module builds, up to a level. `text` is its wording: of the version in force, or the last one."""

    text: CompetencyText
    level: int
    is_in_force: bool

    @property
    def level_word(self) -> str:
        return str(Level(self.level).label)

    @property
    def url(self) -> str:
        """The page of the competency in the version that words it."""
        version = self.text.version
        return reverse("training:competency", args=[version.standard.slug, version.number, self.text.competency_id])


def built_by(module: Module) -> list[Built]:
    """Return what `module` builds, in the order of the standard, and last what no version in force holds any more. One query.

    Words of a version that was never put to anybody are not shown.
    """
    rows = (
        CompetencyText.objects.filter(competency__built_by__module=module)
        .exclude(version__state=V.DRAFT)
        .annotate(level_built=F("competency__built_by__level"))
        .select_related("domain", "version__standard")
        .defer(*UNREAD)
    )
    best: dict[int, Any] = {}
    for text in rows:
        known = best.get(text.competency_id)
        if known is None or _rank(text) > _rank(known):
            best[text.competency_id] = text
    found = [Built(text, text.level_built, text.version.state == V.ADOPTED) for text in best.values()]
    return sorted(found, key=_place)


def _rank(text: CompetencyText) -> tuple[bool, bool, int]:
    version = text.version
    return version.state == V.ADOPTED, version.state == V.SUPERSEDED, version.number


def _place(one: Built) -> tuple[Any, ...]:
    text = one.text
    return not one.is_in_force, text.version.standard.slug, text.domain.order, text.order, text.pk


def accesses(module: Any, *, reads_draft: bool) -> set[str]:
    """Return which materials the reader of `module` (from `page_rows`) may open."""
    if reads_draft or module.is_taught_by_reader:
        return set(Access.values)
    return {Access.EVERYONE, Access.PARTICIPANTS} if module.is_taken_by_reader else {Access.EVERYONE}


def materials_of(module: Module, access: set[str]) -> tuple[list[ModuleMaterial], int]:
    """Return the materials that may be opened with `access`, and how many more there are for those who take part."""
    rows = list(module.materials.all())
    more = [m for m in rows if m.access == Access.PARTICIPANTS and m.access not in access]
    return [m for m in rows if m.access in access], len(more)


def next_dates(module: Module, user: Any) -> list[Offering]:
    """Return the next dates of `module` that `user` may see, nearest first, twenty at most."""
    rows = Offering.objects.visible_to(user).upcoming(timezone.localdate()).filter(module=module)
    return list(rows.select_related("host").order_by("starts_on", "pk")[:MOST_DATES])


@dataclass(frozen=True)
class LanguageNotice:
    """`sentence` says that the text, or the teaching, is in the other language; `reason` why, in somebody's own words."""

    sentence: str
    reason: str


def language_notice(module: Module) -> LanguageNotice | None:
    """Return what the page in the active language says of a module that is taught, or written, in the other one only."""
    here = active_language()
    if module.languages == [other(here)]:
        sentence = (
            _("This module is taught in French only.") if here == "en" else _("This module is taught in English only.")
        )
        return LanguageNotice(sentence, module.one_language_reason)
    missing = [
        name
        for name in TEXTS
        if not getattr(module, f"{name}_{here}").strip() and getattr(module, f"{name}_{other(here)}").strip()
    ]
    if not missing:
        return None
    if here == "en":
        return LanguageNotice(_("A part of the text stands in French only; it is shown as it is."), "")
    return LanguageNotice(_("A part of the text stands in English only; it is shown as it is."), "")


def retired_because(module: Any) -> dict[str, Any] | None:
    """Return when and why `module` (from `page_rows`) was retired, or None while it is not."""
    if module.state != S.RETIRED:
        return None
    last = next((move for move in reversed(module.moves) if move["to"] == S.RETIRED), None)
    return {"at": datetime.fromisoformat(last["at"]), "why": last["note"]} if last else {"at": None, "why": ""}


def history(module: Any) -> list[dict[str, Any]]:
    """Return what happened to `module` (from `page_rows`), newest first, as the timeline shows it."""
    entries = [
        {
            "at": datetime.fromisoformat(each["at"]),
            "text": MODULE[each["transition"]].happened,
            "by": each["by"],
            "note": each["note"],
        }
        for each in module.moves
    ]
    begun = {
        "at": module.created_at,
        "text": pgettext("module", "Proposed"),
        "by": str(module.proposed_by or ""),
        "note": "",
    }
    return [begun, *entries][::-1]


def known_rows(module: Any, builds: Iterable[Any]) -> Any:
    """Return `module` (from `page_rows`) as its guards read it, without asking the database again."""
    return Whole(module, Rows(builds))


class Whole:
    """A module with the rows that guards read, which came along already."""

    def __init__(self, module: Any, builds: Rows) -> None:
        self.module = module
        self.builds = builds
        self.authors = Rows(module.writers)
        self.offerings = Rows(SimpleNamespace(**each) for each in module.given)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.module, name)
