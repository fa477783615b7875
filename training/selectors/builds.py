"""Which competencies a module builds, in the words that count today, and what people said of themselves."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import F

from ..models import CompetencyText, Enrolment, Level, Offering, SelfAssessment, StandardVersion

AFTER_DAYS = 30  # for which the second self-assessment stays open
G = Offering.State
M = SelfAssessment.Moment


@dataclass(frozen=True)
class Built:
    """A competency that a module builds, and to which level. `text` is of the version in force, else of the last that held it."""

    text: CompetencyText
    level: int

    @property
    def competency_id(self) -> int:
        return self.text.competency_id

    @property
    def version(self) -> StandardVersion:
        return self.text.version

    @property
    def is_in_force(self) -> bool:
        return self.text.version.state == StandardVersion.State.ADOPTED

    @property
    def level_words(self) -> str:
        return str(Level(self.level).label)


def builds_of(module_id: int, on: date | None = None) -> list[Built]:
    """Return what the module builds, in the order of the standard, as it holds today, or held on the day `on`. One query.

    A competency that no version has held yet (its first one is a draft) is left out: nobody can attain it. One that was
    adopted only after `on` is in the words of the first version.
    """
    states = (StandardVersion.State.ADOPTED, StandardVersion.State.SUPERSEDED)
    rows = CompetencyText.objects.filter(competency__built_by__module=module_id, version__state__in=states)
    rows = rows.annotate(built_level=F("competency__built_by__level")).select_related("version__standard", "domain")
    last: dict[int, Any] = {}
    for text in rows.defer("search_en", "search_fr").order_by("version__number"):
        began = text.version.adopted_on
        if on is None or text.competency_id not in last or (began and began <= on):
            last[text.competency_id] = text  # the version in force has the highest number of all that held
    found = [Built(text, text.built_level) for text in last.values()]
    return sorted(found, key=lambda one: (one.version.standard.slug, one.text.domain.order, one.text.order))


def why_not_assessed(place: Enrolment, moment: str) -> str:
    """Return "" when the self-assessment of `moment` can be given now, else "early", "late" or "none"."""
    offering = place.offering
    if not place.is_registered or offering.state not in (G.OPEN, G.HELD) or not offering.starts_on:
        return "none"
    today = offering.today()
    if moment == M.BEFORE:
        return "" if today <= offering.starts_on else "late"
    assert offering.ends_on
    if today < offering.ends_on:
        return "early"
    if place.attendance and not place.has_come:
        return "none"
    return "" if today <= offering.ends_on + timedelta(days=AFTER_DAYS) else "late"


@dataclass(frozen=True)
class Moment:
    """One of the two self-assessments on a personal page."""

    code: str
    is_open: bool
    is_given: bool


def moments_of(place: Enrolment) -> list[Moment]:
    """Return the self-assessments that this person can give now, or gave. One query."""
    given = set(place.self_assessments.values_list("moment", flat=True))
    found = [Moment(code, not why_not_assessed(place, code), code in given) for code in M.values]
    return [one for one in found if one.is_open or one.is_given]


def ratings_of(place: Enrolment, moment: str) -> dict[int, int]:
    """Return what this person said, by competency."""
    rows = SelfAssessment.objects.filter(enrolment=place, moment=moment, ratings__isnull=False)
    return dict(rows.values_list("ratings__competency", "ratings__value"))


def titles(built: Iterable[Built]) -> list[str]:
    """Return "1.2 Diagnosis (Practitioner)" for each, in the active language."""
    return [f"{one.text.code} {one.text.title} ({one.level_words})" for one in built]
