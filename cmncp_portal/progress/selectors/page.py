"""One municipality's strategy as its page shows it: which parts, the ladder, the checks, the figures."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import CharField, F, FilteredRelation, OuterRef, Q, Subquery
from django.db.models.functions import Cast, JSONObject
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from cmncp_portal.core.text import LanguageText, pick
from cmncp_portal.network.models import Municipality, Topic
from cmncp_portal.network.models.municipality import MunicipalityQuerySet
from cmncp_portal.network.rules import municipality_ids_of
from cmncp_portal.network.stages import Stage

from ..models import CheckAnswer, PreventionBudget, ProfileChange, StrategyCheck, StrategyProfile
from ..workflow import is_reached

V = CheckAnswer.Value
TONES = {V.YES: "good", V.PARTLY: "under-way", V.NO: "attention", "": "neutral"}
Part = StrategyProfile.Part


def places(user: Any) -> MunicipalityQuerySet:
    """Return the municipalities that `user` may know of, with their profiles. `profile_of` reads it without a query."""
    return Municipality.objects.visible_to(user).select_related("strategy")


def profile_of(place: Municipality) -> StrategyProfile | None:
    """Return the profile of a municipality from `places`, or None when nobody has begun one."""
    return getattr(place, "strategy", None)


def parts_for(user: Any, place: Municipality) -> set[str]:
    """Return which parts of the profile of `place` (from `places`) this person may read; none means: not there for them."""
    if user.has_perm("progress.read_all", place):
        return set(Part.values)
    profile = profile_of(place)
    return set(profile.public) if profile else set()


def _names(relation: str) -> ArraySubquery:
    rows = Topic.objects.filter(**{relation: OuterRef("pk")}).order_by("order", "slug")
    return ArraySubquery(rows.values(names=JSONObject(en="name_en", fr="name_fr")))


def for_page(user: Any) -> MunicipalityQuerySet:
    """Return `places` with what a page says beside: topics, sectors, budgets and who declared the stage, in one query."""
    sectors = StrategyProfile.sectors.through.objects.filter(strategyprofile__municipality=OuterRef("pk"))
    sectors = sectors.order_by("sector__order", "sector__slug")
    budgets = PreventionBudget.objects.filter(profile__municipality=OuterRef("pk")).order_by("-year")
    declared = ProfileChange.objects.filter(profile__municipality=OuterRef("pk"), what="declared_stage").order_by(
        "-at", "-pk"
    )
    return places(user).annotate(
        offered=_names("offered_by"),
        sought=_names("sought_by"),
        sectors_there=ArraySubquery(sectors.values(names=JSONObject(en="sector__name_en", fr="sector__name_fr"))),
        budgets_there=ArraySubquery(
            budgets.values(row=JSONObject(year="year", amount=Cast("amount", CharField()), source="source"))
        ),
        declared_by=Subquery(declared.values("by_name")[:1]),
        declared_at=Subquery(declared.values("at")[:1]),
    )


@dataclass(frozen=True)
class Rung:
    """One step of the ladder as components/ladder.html draws it. `word` says where it stands when the reader is not meant."""

    number: int
    label: str
    state: str
    word: str = ""
    next: str = ""


@dataclass(frozen=True)
class Line:
    """A check with what the municipality says to it: `answer` is empty while nothing is said."""

    check: StrategyCheck
    answer: str
    note: str
    evidence_url: str

    @property
    def word(self) -> str:
        """The answer in words."""
        return str(V(self.answer).label) if self.answer else pgettext("answer to a check", "Not answered")

    @property
    def tone(self) -> str:
        return TONES[self.answer]


@dataclass
class Block:
    """A stage with its checks."""

    stage: Stage
    lines: list[Line] = field(default_factory=list)

    @property
    def is_reached(self) -> bool:
        return is_reached([line.answer for line in self.lines])

    @property
    def met(self) -> int:
        """How many of its checks are met in full."""
        return sum(line.answer == V.YES for line in self.lines)


def blocks(profile: StrategyProfile | None) -> list[Block]:
    """Return the stages 1 to 7 with the checks in use and the answers of `profile`, in one query."""
    key = profile.pk if profile else 0
    rows = StrategyCheck.objects.filter(is_used=True).annotate(
        mine=FilteredRelation("answers", condition=Q(answers__profile=key)),
        value=F("mine__value"),
        note=F("mine__note"),
        evidence=F("mine__evidence_url"),
    )
    found = {stage: Block(stage) for stage in list(Stage)[1:]}
    for row in rows:
        found[Stage(row.stage)].lines.append(Line(row, row.value or "", row.note or "", row.evidence or ""))
    return [block for block in found.values() if block.lines]


def rungs(profile: StrategyProfile, *, is_ours: bool, stages: Iterable[Block] = ()) -> list[Rung]:
    """Return the ladder of `profile`, the last stage first; the stage after the present one names the check to meet next."""
    now, by_stage = profile.stage, {block.stage: block for block in stages}
    found = []
    for stage in reversed(Stage):
        state = "done" if stage < now else "current" if stage == now else "to-come"
        word = "" if is_ours or state != "current" else _("the stage today")
        open_lines = by_stage[stage].lines if stage == now + 1 and stage in by_stage else []
        check = next((str(line.check) for line in open_lines if line.answer != V.YES), "")
        found.append(Rung(stage.value, str(stage.label), state, word, check))
    return found


def names(found: list[dict[str, str]]) -> list[LanguageText]:
    """Return the names of topics or sectors that `for_page` added, in the active language."""
    return [pick(one["en"], one["fr"]) for one in found]


def dollars(amount: Decimal | int, places: int = 0) -> str:
    """Return "$108,843" or « 108 843 $ »."""
    figure = number_format(amount, decimal_pos=places, use_l10n=True, force_grouping=True)
    return _("$%(amount)s") % {"amount": figure}


@dataclass(frozen=True)
class Budget:
    """What was spent in a year, in words; `each` is per resident, empty when the population is not known."""

    year: int
    amount: str
    each: str
    source: str


def budgets(place: Municipality) -> list[Budget]:
    """Return the budgets of a municipality from `for_page`, the latest year first."""
    found = []
    for row in place.budgets_there:  # type: ignore[attr-defined]
        amount = Decimal(row["amount"])
        each = dollars(amount / place.population, 2) if place.population else ""
        found.append(Budget(row["year"], dollars(amount), each, row["source"]))
    return found


def renewal_is_past(profile: StrategyProfile | None) -> bool:
    """Tell whether the day has passed by which the plan was to be renewed; on the day itself it has not."""
    return bool(profile and profile.plan_renewal_on and profile.plan_renewal_on < timezone.localdate())


def facts(place: Municipality, profile: StrategyProfile | None, parts: set[str]) -> list[tuple[str, str]]:
    """Return centre, office, staff and sectors as (term, value), as far as they are said and `parts` shows them."""
    if profile is None:
        return []
    rows = []
    if Part.CENTRE in parts:
        staff = "" if profile.centre_staff is None else number_format(profile.centre_staff.normalize(), use_l10n=True)
        office = str(StrategyProfile.Known(profile.has_permanent_office).label) if profile.has_permanent_office else ""
        rows += [
            (_label("centre"), profile.centre),
            (_label("has_permanent_office"), office),
            (_label("centre_staff"), staff),
        ]
    if Part.SECTORS in parts:
        there = names(place.sectors_there)  # type: ignore[attr-defined]
        rows.append((_label("sectors"), ", ".join(there)))
    return [(term, value) for term, value in rows if value]


def _label(name: str) -> str:
    field: Any = StrategyProfile._meta.get_field(name)
    return capfirst(str(field.verbose_name))


def what_one_may(user: Any, place: Municipality) -> dict[str, bool]:
    """Return which of the forms this person may open: keep, declare, choose, history."""
    wanted = {"keep": "keep_profile", "declare": "declare_stage", "choose": "choose_public", "history": "see_history"}
    return {name: user.has_perm(f"progress.{permission}", place) for name, permission in wanted.items()}


def page(user: Any, place: Municipality) -> dict[str, Any]:
    """Return what the page of `place` (from `for_page`) shows to `user`, in one query for its people and members."""
    profile, parts = profile_of(place), parts_for(user, place)
    reads_all = user.has_perm("progress.read_all", place)
    stages = blocks(profile) if reads_all else []
    is_ours = place.pk in municipality_ids_of(user)
    return {
        "place": place,
        "profile": profile,
        "shows": {part: part in parts for part in Part.values},
        "reads_all": reads_all,
        "is_ours": is_ours,
        "blocks": stages,
        "rungs": rungs(profile, is_ours=is_ours, stages=stages) if profile else [],
        "facts": facts(place, profile, parts),
        "renewal_is_past": renewal_is_past(profile),
        "budgets": budgets(place),
        "offers": names(place.offered),  # type: ignore[attr-defined]
        "seeks": names(place.sought),  # type: ignore[attr-defined]
        "public_names": [Part(part).label for part in profile.public] if profile else [],
        "may": what_one_may(user, place),
    }
