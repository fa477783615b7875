"""Who uses a brief, and the steps that are mine: by my role, with what my municipality has marked."""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, ExpressionWrapper, OuterRef, QuerySet, Subquery, TextField
from django.db.models.functions import JSONObject
from django.urls import reverse
from django.utils.dateparse import parse_datetime

from cmncp_portal.core.text import LanguageText, pick
from cmncp_portal.network.models import Municipality, Stakeholder
from cmncp_portal.network.rules import municipality_ids_of, places_of

from ..models import ActionBrief, Audience, Example, Step, StepMark, Use
from .reading import published_titles

BOTH, ONE = 2, 1  # how well an audience fits a person: by sector and role, by one of them


@dataclass(frozen=True)
class Used:
    """Used by `count` municipalities; `uses` are those whose names this reader may know, the latest first."""

    count: int
    uses: list[Use]


def used_by(brief: ActionBrief, user: Any = None) -> Used:
    """Return who puts `brief` to work, as `user` (a visitor unless given) may know it. One query.

    Who is only thinking of joining the network is counted and not named to the public.
    """
    shown = Municipality.objects.visible_to(user or AnonymousUser()).filter(pk=OuterRef("municipality"))
    rows = Use.objects.filter(brief=brief).select_related("municipality").annotate(is_shown=Exists(shown))
    uses = list(rows.defer("municipality__search_en", "municipality__search_fr"))
    return Used(len(uses), [use for use in uses if use.is_shown])


def wording_of(example: Example) -> str:
    """Return a short mark of what an example says, so that nobody agrees to a text that was changed meanwhile."""
    words = "\0".join(" ".join(text.split()) for text in (example.text_en, example.text_fr))
    return hashlib.sha256(words.encode()).hexdigest()[:16]


def places_for(user: Any) -> list[Municipality]:
    """Return the municipalities that `user` works for, in the order of the person's rows; no query of its own."""
    mine = municipality_ids_of(user)
    found = {row.municipality_id: row.municipality for row in places_of(user) if row.municipality_id in mine}
    return list(found.values())


@dataclass(frozen=True)
class Choice:
    """A municipal stakeholder whose steps may be looked at, and whether it is the reader's own role."""

    audience: Audience
    is_mine: bool


def audiences_for(user: Any) -> list[Choice]:
    """Return all audiences, first those that fit what `user` is in a municipality, the best fit first. One query."""
    through = Audience.sectors.through.objects.filter(audience=OuterRef("pk"))
    rows = list(Audience.objects.annotate(sector_ids=ArraySubquery(through.values("sector_id"))))
    mine = places_of(user)
    ranked = [(max((_fit(audience, row) for row in mine), default=0), audience) for audience in rows]
    ranked.sort(key=lambda pair: -pair[0])  # stable: within one fit the order of the audiences stays
    return [Choice(audience, fit > 0) for fit, audience in ranked]


def _fit(audience: Any, person: Stakeholder) -> int:
    """How well `audience` fits: an audience that names sectors and roles asks for both, unless that fits nobody better."""
    by_sector = person.sector_id in audience.sector_ids
    by_standing = person.standing in audience.standings
    return BOTH if by_sector and by_standing else ONE if by_sector or by_standing else 0


def briefs_with_steps(audience: Audience, *, place: Municipality | None = None, only_marked: bool = False) -> list[int]:
    """Return the keys of published briefs with steps for `audience`, in the order of the library. One query.

    `only_marked` keeps those of which `place` has marked a step.
    """
    steps = Step.objects.filter(brief=OuterRef("pk"), audience=audience)
    if only_marked:
        steps = steps.filter(marks__municipality=place)
    rows = ActionBrief.objects.filter(Exists(steps), state=ActionBrief.State.PUBLISHED)
    return list(rows.values_list("pk", flat=True))


@dataclass
class MarkedStep:
    """A step and what the municipality has marked: `state` is "", "to_do" or "done"."""

    step: Step
    state: str = ""
    by_name: str = ""
    at: datetime | None = None


@dataclass
class BriefSteps:
    """The steps of one brief for one audience."""

    title: LanguageText
    reference: str
    url: str
    steps: list[MarkedStep] = field(default_factory=list)


def steps_of(
    pks: list[int], audience: Audience, place: Municipality | None, *, only_marked: bool = False
) -> list[BriefSteps]:
    """Return the briefs `pks` in that order, each with its steps for `audience` and the marks of `place`. Two queries."""
    rows = with_published_titles(ActionBrief.objects.filter(pk__in=pks).select_related("series"))
    found = {brief.pk: _of_brief(brief) for brief in rows}
    marks = StepMark.objects.filter(step=OuterRef("pk"), municipality=place)
    steps = Step.objects.filter(brief__in=pks, audience=audience).order_by("order", "pk")
    mark = JSONObject(state="state", by_name="by_name", at="at")
    for step in steps.annotate(mark=Subquery(marks.values(found=mark)[:1])):
        if step.brief_id in found and (step.mark or not only_marked):
            found[step.brief_id].steps.append(_marked(step))
    return [found[pk] for pk in pks if pk in found]


def with_published_titles(rows: QuerySet[ActionBrief]) -> QuerySet[ActionBrief]:
    """Add `published_en` and `published_fr`, the titles that readers know, "" while there is none."""
    titles = {code: ExpressionWrapper(words, output_field=TextField()) for code, words in published_titles().items()}
    return rows.annotate(published_en=titles["en"], published_fr=titles["fr"])


def _of_brief(brief: Any) -> BriefSteps:
    title = pick(brief.published_en, brief.published_fr)
    return BriefSteps(title, brief.reference, reverse("knowledge:brief", args=[brief.slug]))


def _marked(step: Any) -> MarkedStep:
    if not step.mark:
        return MarkedStep(step)
    return MarkedStep(step, step.mark["state"], step.mark["by_name"], parse_datetime(step.mark["at"]))
