"""Which competencies of the standard in force no module serves yet, level by level. Two queries whatever the size."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import QuerySet

from ..models import CompetencyText, Domain, Level, Module, ModuleCompetency
from .modules import UNREAD

S = Module.State
SERVES = (S.APPROVED, S.OFFERED)
IN_THE_MAKING = (S.PROPOSED, S.AGREED, S.DRAFTED, S.REVIEWED, S.PILOTED)


@dataclass(frozen=True)
class Cell:
    """A competency at one level: the modules that serve it, those in the making, and whether the standard describes it."""

    level: int
    serving: list[Module]
    making: list[Module]
    is_described: bool

    @property
    def state(self) -> str:
        """ "served", "making", "none", or "undescribed" where the standard has no criterion."""
        if self.serving:
            return "served"
        if not self.is_described:
            return "undescribed"
        return "making" if self.making else "none"


@dataclass(frozen=True)
class Line:
    """A competency with a cell for each level."""

    text: CompetencyText
    cells: list[Cell]

    @property
    def is_gap(self) -> bool:
        """Whether a level that the standard describes is not served yet."""
        return any(cell.state in ("making", "none") for cell in self.cells)


@dataclass(frozen=True)
class Group:
    """A domain of a version in force, with its lines."""

    domain: Domain
    lines: list[Line]


@dataclass(frozen=True)
class Total:
    """How many competencies a level has in the standard, and how many of them are served, in the making, or neither."""

    level: int
    described: int
    served: int
    making: int

    @property
    def word(self) -> str:
        return str(Level(self.level).label)

    @property
    def none(self) -> int:
        return self.described - self.served - self.making


def coverage() -> list[Line]:
    """Return each competency of the standards in force, in their order, with the modules that build it.

    A module that builds a level serves the levels below it too.
    """
    modules: dict[int, list[tuple[int, Module]]] = {}
    for row in _mapped():
        modules.setdefault(row.competency_id, []).append((row.level, row.module))
    return [_line(text, modules.get(text.competency_id, [])) for text in _texts()]


def _texts() -> QuerySet[Any]:
    rows = CompetencyText.objects.that_hold().select_related("domain", "version__standard")
    found = rows.annotate(levels=ArrayAgg("criteria__level", distinct=True, default=[]))
    return found.defer(*UNREAD, "description_en", "description_fr").order_by(
        "version__standard__slug", "domain__order", "order", "pk"
    )


def _mapped() -> Iterable[ModuleCompetency]:
    rows = ModuleCompetency.objects.filter(module__state__in=[*SERVES, *IN_THE_MAKING]).select_related("module")
    names = ("module__slug", "module__title_en", "module__title_fr", "module__state")
    return rows.only("level", "competency", *names).order_by("module__slug", "pk")


def _line(text: Any, built: list[tuple[int, Module]]) -> Line:
    cells = []
    for level in Level.values:
        reach = [module for up_to, module in built if up_to >= level]
        serving = [module for module in reach if module.state in SERVES]
        making = [module for module in reach if module.state in IN_THE_MAKING]
        cells.append(Cell(level, serving, making, level in text.levels))
    return Line(text, cells)


def by_domain(lines: Iterable[Line]) -> list[Group]:
    """Return `lines` by their domains, in their order."""
    groups: dict[int, Group] = {}
    for line in lines:
        groups.setdefault(line.text.domain_id, Group(line.text.domain, [])).lines.append(line)
    return list(groups.values())


def totals(lines: Iterable[Line]) -> list[Total]:
    """Return the sums of each level over the competencies that the standard describes at it."""
    all_lines = list(lines)
    found = []
    for place, level in enumerate(Level.values):
        states = [line.cells[place].state for line in all_lines if line.cells[place].is_described]
        found.append(Total(level, len(states), states.count("served"), states.count("making")))
    return found
