"""What is known of a municipality in a year: figures with their source, so that a trend can be read and checked."""

from decimal import Decimal

import pghistory
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cmncp_portal.core.models import Timestamped, Versioned
from cmncp_portal.network.models import Municipality


@pghistory.track()
class IndicatorReading(Timestamped, Versioned):
    """One figure of one municipality for one year. What it spends on prevention stands with its strategy (PreventionBudget).

    Yes and no are 1 and 0. `source` says where the figure stands, `source_on` of which day the source is.
    """

    class Indicator(models.TextChoices):
        PREVENTION_SHARE = "prevention_share", pgettext_lazy("indicator", "Share of prevention in the safety budget")
        PERMANENT_OFFICE = "permanent_office", pgettext_lazy("indicator", "Permanent office")
        STRATEGY_ADOPTED = "strategy_adopted", pgettext_lazy("indicator", "Strategy adopted by council")
        CRIME_SEVERITY = "crime_severity", pgettext_lazy("indicator", "Crime Severity Index")
        VIOLENT_SEVERITY = "violent_severity", pgettext_lazy("indicator", "Violent Crime Severity Index")
        HOMICIDE_RATE = "homicide_rate", pgettext_lazy("indicator", "Homicides per 100,000 people")
        FEELS_SAFE = "feels_safe", pgettext_lazy("indicator", "People who feel safe walking alone after dark")

    class Unit(models.TextChoices):
        PERCENT = "percent"
        YES_NO = "yes_no"
        INDEX = "index"
        RATE = "rate"

    UNITS = {
        Indicator.PREVENTION_SHARE: Unit.PERCENT,
        Indicator.PERMANENT_OFFICE: Unit.YES_NO,
        Indicator.STRATEGY_ADOPTED: Unit.YES_NO,
        Indicator.CRIME_SEVERITY: Unit.INDEX,
        Indicator.VIOLENT_SEVERITY: Unit.INDEX,
        Indicator.HOMICIDE_RATE: Unit.RATE,
        Indicator.FEELS_SAFE: Unit.PERCENT,
    }
    LARGEST = {
        Unit.PERCENT: Decimal(100),
        Unit.YES_NO: Decimal(1),
        Unit.INDEX: Decimal(2_000),
        Unit.RATE: Decimal(10_000),
    }

    municipality = models.ForeignKey(
        Municipality, models.CASCADE, related_name="readings", verbose_name=_("municipality")
    )
    indicator = models.CharField(_("indicator"), max_length=20, choices=Indicator.choices)
    year = models.PositiveSmallIntegerField(_("year"))
    value = models.DecimalField(_("value"), max_digits=9, decimal_places=2)
    source = models.CharField(_("where this figure stands"), max_length=300)
    source_url = models.URLField(_("link to the source"), max_length=500, blank=True)
    source_on = models.DateField(_("date of the source"), null=True, blank=True)
    note = models.CharField(_("note"), max_length=500, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    by_name = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField(default=timezone.now)
    is_demonstration = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("figure of a year")
        verbose_name_plural = _("figures of years")
        ordering = ["indicator", "-year"]
        constraints = [
            models.UniqueConstraint(fields=["municipality", "indicator", "year"], name="one_figure_per_place_and_year"),
            models.CheckConstraint(condition=Q(year__gte=1990, year__lte=2100), name="year_of_a_figure_is_plausible"),
            models.CheckConstraint(condition=Q(value__gte=0), name="figure_is_not_negative"),
            models.CheckConstraint(condition=~Q(source=""), name="a_figure_has_a_source"),
        ]

    def __str__(self) -> str:
        return f"{self.municipality}: {self.get_indicator_display()}, {self.year}"

    @property
    def unit(self) -> str:
        return self.UNITS[self.Indicator(self.indicator)]
