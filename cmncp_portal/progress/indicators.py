"""The figures of a year: what each means, how its values are written, and what a value may be."""

from collections.abc import Callable, Sequence
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cmncp_portal.core.money import money_in_words
from cmncp_portal.core.trends import plain

from .models import IndicatorReading

Indicator, Unit = IndicatorReading.Indicator, IndicatorReading.Unit
SHARE = Indicator.PREVENTION_SHARE
INVESTMENT, EACH = "investment", "investment_each"  # they stand with the strategy, as PreventionBudget
FIRST_YEAR = 1990
NAMES = {
    INVESTMENT: gettext_lazy("Investment in prevention"),
    EACH: gettext_lazy("Investment in prevention per resident"),
}
MEANINGS = {
    INVESTMENT: gettext_lazy("What the municipality itself spends on prevention in a year, in dollars of that year."),
    EACH: gettext_lazy(
        "What the municipality itself spends on prevention in a year, divided by its residents in the last census that the portal knows."
    ),
    Indicator.PREVENTION_SHARE: gettext_lazy(
        "How much of all that the municipality spends on safety (police, fire, by-laws, prevention) goes to prevention."
    ),
    Indicator.PERMANENT_OFFICE: gettext_lazy(
        "Whether there was, at the end of the year, an office whose positions do not depend on a grant."
    ),
    Indicator.STRATEGY_ADOPTED: gettext_lazy(
        "Whether a strategy that council adopted was in force at the end of the year."
    ),
    Indicator.CRIME_SEVERITY: gettext_lazy(
        "Crime reported to the police, with grave offences weighing more; Statistics Canada sets Canada in 2006 at 100."
    ),
    Indicator.VIOLENT_SEVERITY: gettext_lazy("The Crime Severity Index of violent offences only."),
    Indicator.HOMICIDE_RATE: gettext_lazy(
        "Homicides of the year for every 100,000 residents. In a small place a single one moves it far: read several years together."
    ),
    Indicator.FEELS_SAFE: gettext_lazy(
        "How many of those asked in a survey feel safe when they walk alone in their neighbourhood after dark."
    ),
}


def all_codes(*, of_one_place: bool = False) -> list[str]:
    """Return what is drawn, in order; for one place what is invested per resident stands in the table of the investment."""
    return [INVESTMENT, *([] if of_one_place else [EACH]), *Indicator.values]


def name_of(code: str) -> str:
    """Return the name of an indicator, or of the investment, in the active language."""
    return str(NAMES[code] if code in NAMES else Indicator(code).label)


def unit_of(code: str) -> str:
    """Return a value of Unit, "" for dollars."""
    return "" if code in NAMES else str(IndicatorReading.UNITS[Indicator(code)])


def writer(code: str) -> Callable[[Decimal], str]:
    """Return the function that puts a value of an indicator into words of the active language."""
    writers: dict[str, Callable[[Decimal], str]] = {"": money_in_words, Unit.PERCENT: percent, Unit.YES_NO: yes_no}
    return writers.get(unit_of(code), plain)


def percent(value: Decimal) -> str:
    """Return "12.5%" or « 12,5 % »."""
    return _("%(number)s%%") % {"number": plain(value)}


def yes_no(value: Decimal) -> str:
    """Return the word for 1 and 0."""
    return _("Yes") if value else _("No")


def scale_of(code: str) -> Sequence[Decimal]:
    """Return the heights to mark in a picture; none where even steps will do."""
    return (Decimal(0), Decimal(1)) if unit_of(code) == Unit.YES_NO else ()


def why_not(indicator: str, value: Decimal) -> str | None:
    """Return why `value` cannot be a figure of `indicator`, or None when it can."""
    largest = IndicatorReading.LARGEST[Unit(unit_of(indicator))]
    if value < 0:
        return _("This cannot be less than none.")
    if unit_of(indicator) == Unit.YES_NO and value not in (0, 1):
        return _("Say yes or no.")
    if value > largest:
        return _("This can be %(largest)s at most.") % {"largest": writer(indicator)(largest)}
    return None
