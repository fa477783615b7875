"""The figures of one municipality over the years, with where each stands, who entered it and when."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import CharField, Exists, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Cast, Concat
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from cmncp_portal.core.dates import day_in_words
from cmncp_portal.core.money import money_in_words
from cmncp_portal.core.trends import Cell, Trend, trend
from cmncp_portal.network.models import Municipality, Stakeholder
from cmncp_portal.network.models.municipality import MunicipalityQuerySet
from cmncp_portal.network.rules import WORKS_FOR_MUNICIPALITY, is_of_the_network, municipality_ids_of

from ..indicators import INVESTMENT, MEANINGS, all_codes, name_of, scale_of, writer
from ..models import IndicatorReading, PreventionBudget, ProfileChange


def places(user: Any) -> MunicipalityQuerySet:
    """Return the municipalities whose figures `user` may read: all that the network's people know of, else the own ones."""
    rows = Municipality.objects.visible_to(user).defer("search_en", "search_fr")
    return rows if is_of_the_network(user) else rows.filter(pk__in=municipality_ids_of(user))


def _own(municipality: str) -> Exists:
    """Whether `by` works, or worked, for the municipality that the path leads to."""
    rows = Stakeholder.objects.filter(municipality=OuterRef(municipality), user=OuterRef("by"))
    return Exists(rows.filter(standing__in=WORKS_FOR_MUNICIPALITY))


def readings_of(place: Municipality) -> QuerySet[IndicatorReading]:
    """Return the readings of `place` by year, with `is_own`: entered by somebody who works, or worked, for it."""
    rows = IndicatorReading.objects.filter(municipality=place)
    return rows.annotate(is_own=_own("municipality")).order_by("indicator", "year")


def budgets_of(place: Municipality) -> QuerySet[PreventionBudget]:
    """Return what `place` spent on prevention, by year, with `at`, `by_name`, `by_id` and `is_own` of who entered it last.

    All four are None when nothing is written down about that.
    """
    year = Concat(Value("budget:"), Cast(OuterRef("year"), CharField()))
    said = ProfileChange.objects.filter(profile=OuterRef("profile"), what=year).order_by("-at", "-pk")
    said = said.annotate(is_own=_own("profile__municipality"))
    rows = PreventionBudget.objects.filter(profile__municipality=place).order_by("year")
    return rows.annotate(**{name: Subquery(said.values(name)[:1]) for name in ("at", "by_name", "by_id", "is_own")})


def budget_by_year(place: Municipality) -> dict[int, Decimal]:
    """Return the prevention budgets of `place` in dollars, by year. One query."""
    return dict(PreventionBudget.objects.filter(profile__municipality=place).values_list("year", "amount"))


@dataclass(frozen=True)
class Section:
    """An indicator with its picture and table (None: no figure yet) and the address of the form that adds a year."""

    code: str
    name: str
    meaning: str
    trend: Trend | None
    add_url: str


def page(user: Any, place: Municipality) -> dict[str, Any]:
    """Return what the page of figures of `place` shows to `user`, in two queries."""
    may_keep = user.has_perm("progress.keep_readings", place)
    by_code: dict[str, list[IndicatorReading]] = {}
    for reading in readings_of(place):
        by_code.setdefault(reading.indicator, []).append(reading)
    drawn = {code: _of_readings(code, place, rows, may_keep) for code, rows in by_code.items()}
    if rows := list(budgets_of(place)):
        drawn[INVESTMENT] = _of_budgets(place, rows, may_keep)
    sections = [
        Section(code, name_of(code), str(MEANINGS[code]), drawn.get(code), _add_url(code, place))
        for code in all_codes(of_one_place=True)
    ]
    return {
        "place": place,
        "sections": [section for section in sections if section.trend],
        "empty": [section for section in sections if not section.trend],
        "may_keep": may_keep,
        "sees_network": user.has_perm("progress.see_network"),
    }


def _add_url(code: str, place: Municipality) -> str:
    if code == INVESTMENT:
        return reverse("progress:budget", args=[place.slug])
    return reverse("progress:figure_add", args=[place.slug, code])


def _title(code: str, place: Municipality) -> str:
    return f"{name_of(code)}, {place.name}"


def _of_readings(code: str, place: Municipality, rows: Iterable[IndicatorReading], may_keep: bool) -> Trend:
    rows = list(rows)
    return trend(
        {row.year: row.value for row in rows},
        title=_title(code, place),
        id=code,
        write=writer(code),
        scale=scale_of(code),
        is_joined=not scale_of(code),  # between no and yes there is nothing
        description=_yes_no_words(rows) if scale_of(code) else "",
        headers=[pgettext("figure", "Where this figure stands"), *([_("To change it")] if may_keep else [])],
        cells={row.year: _cells(row, place, may_keep) for row in rows},
    )


def _yes_no_words(rows: list[IndicatorReading]) -> str:
    words = ", ".join(f"{row.year}: {writer(row.indicator)(row.value)}" for row in rows)
    return _("By year: %(years)s.") % {"years": words}


def _cells(row: IndicatorReading, place: Municipality, may_keep: bool) -> list[Cell]:
    dated = _("Source of %(day)s") % {"day": day_in_words(row.source_on)} if row.source_on else ""
    lines = tuple(filter(None, (dated, entered(row), row.note)))
    found = [Cell(row.source, row.source_url, lines)]
    if may_keep:
        url = reverse("progress:figure", args=[place.slug, row.pk])
        found.append(Cell(_("Change %(year)s") % {"year": row.year}, url))
    return found


def entered(row: Any) -> str:
    """Return who entered a row of `readings_of` or `budgets_of`, for whom, and on which day, in words; "" when not known."""
    if not row.at:
        return ""
    words = {"who": row.by_name, "day": day_in_words(timezone.localdate(row.at))}
    if not row.by_id:
        return (_("Entered by %(who)s on %(day)s") if row.by_name else _("Entered on %(day)s")) % words
    if row.is_own:
        return _("Entered by the municipality itself (%(who)s) on %(day)s") % words
    return _("Entered by the network’s secretariat (%(who)s) on %(day)s") % words


def _of_budgets(place: Municipality, rows: list[PreventionBudget], may_keep: bool) -> Trend:
    return trend(
        {row.year: row.amount for row in rows},
        title=_title(INVESTMENT, place),
        id=INVESTMENT,
        write=writer(INVESTMENT),
        headers=[
            *([_("Per resident")] if place.population else []),
            pgettext("figure", "Where this figure stands"),
            *([_("To change it")] if may_keep else []),
        ],
        cells={row.year: _budget_cells(row, place, may_keep) for row in rows},
    )


def _budget_cells(row: PreventionBudget, place: Municipality, may_keep: bool) -> list[Cell]:
    lines = tuple(filter(None, (entered(row),)))
    found = [Cell(row.source or _("In the strategy of the municipality"), "", lines)]
    if place.population:
        found.insert(0, Cell(money_in_words(round(row.amount / place.population, 2))))
    if may_keep:
        url = f"{reverse('progress:budget', args=[place.slug])}?year={row.year}"
        found.append(Cell(_("Change %(year)s") % {"year": row.year}, url))
    return found
