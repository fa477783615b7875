"""What stands in lists under the texts of a brief, in both languages: key numbers, steps, examples, sources."""

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cmncp_portal.accounts.models import Language
from cmncp_portal.core.text import Bilingual
from cmncp_portal.network.models import Municipality, PreventionProgramme

from .brief import ActionBrief
from .words import Audience


class KeyNumber(models.Model):
    """A figure of the challenge, with what it counts, of how many people, in which year, from where."""

    brief = models.ForeignKey(ActionBrief, models.CASCADE, related_name="numbers")
    value = models.DecimalField(_("value"), max_digits=16, decimal_places=2)
    label_en = models.CharField(_("what it counts, in English"), max_length=200)
    label_fr = models.CharField(_("what it counts, in French"), max_length=200)
    label = Bilingual()
    unit_en = models.CharField(_("unit in English"), max_length=60, blank=True)
    unit_fr = models.CharField(_("unit in French"), max_length=60, blank=True)
    unit = Bilingual()
    base_population = models.PositiveIntegerField(
        _("per how many residents"),
        null=True,
        blank=True,
        help_text=_("Empty when the number does not grow with the population."),
    )
    year = models.PositiveSmallIntegerField(_("year"))
    source = models.CharField(_("source"), max_length=300)
    source_url = models.URLField(_("link to the source"), max_length=500, blank=True)
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        verbose_name = _("key number")
        verbose_name_plural = _("key numbers")
        ordering = ["order", "pk"]

    def __str__(self) -> str:
        return f"{self.value} {self.label}"

    def scaled_to(self, population: int | None) -> Any:
        """Return the value for a place of `population` residents, or None when it does not scale or that is not known.

        The formula, which the page shows: value × population ÷ base population.
        """
        if not self.base_population or not population:
            return None
        return self.value * population / self.base_population


class Step(models.Model):
    """What one stakeholder can do, in order, with what it asks for."""

    class Effort(models.TextChoices):
        UNKNOWN = "", pgettext_lazy("effort", "Not stated")
        WEEKS = "weeks", pgettext_lazy("effort", "Weeks")
        MONTHS = "months", pgettext_lazy("effort", "Months")
        YEARS = "years", pgettext_lazy("effort", "A year or more")

    class Cost(models.TextChoices):
        UNKNOWN = "", pgettext_lazy("cost of a step", "Not stated")
        NONE = "none", pgettext_lazy("cost of a step", "Staff time only")
        LOW = "low", pgettext_lazy("cost of a step", "Low")
        MEDIUM = "medium", pgettext_lazy("cost of a step", "Medium")
        HIGH = "high", pgettext_lazy("cost of a step", "High")

    brief = models.ForeignKey(ActionBrief, models.CASCADE, related_name="steps")
    audience = models.ForeignKey(Audience, models.PROTECT, related_name="steps", verbose_name=_("for whom"))
    text_en = models.TextField(_("step in English"))
    text_fr = models.TextField(_("step in French"))
    text = Bilingual()
    effort = models.CharField(_("effort"), max_length=8, choices=Effort.choices, blank=True, default="")
    cost = models.CharField(_("cost"), max_length=8, choices=Cost.choices, blank=True, default="")
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        verbose_name = _("step")
        verbose_name_plural = _("steps")
        ordering = ["audience__order", "order", "pk"]

    def __str__(self) -> str:
        return str(self.text)


class Example(models.Model):
    """What a member did about it; shown once the municipality agreed."""

    brief = models.ForeignKey(ActionBrief, models.CASCADE, related_name="examples")
    municipality = models.ForeignKey(Municipality, models.CASCADE, related_name="+", verbose_name=_("municipality"))
    programme = models.ForeignKey(
        PreventionProgramme, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("programme")
    )
    text_en = models.TextField(_("example in English"))
    text_fr = models.TextField(_("example in French"))
    text = Bilingual()
    agreed_at = models.DateTimeField(_("the municipality agreed at"), null=True, blank=True)
    agreed_by_name = models.CharField(max_length=200, blank=True)
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        verbose_name = _("example")
        verbose_name_plural = _("examples")
        ordering = ["order", "pk"]

    def __str__(self) -> str:
        return str(self.municipality)


class Source(models.Model):
    """What the brief rests on, as it is cited."""

    brief = models.ForeignKey(ActionBrief, models.CASCADE, related_name="sources")
    citation = models.TextField(_("citation"))
    language = models.CharField(_("language"), max_length=2, choices=Language.choices, default=Language.ENGLISH)
    url = models.URLField(_("link"), max_length=500, blank=True)
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        verbose_name = _("source")
        verbose_name_plural = _("sources")
        ordering = ["order", "pk"]

    def __str__(self) -> str:
        return self.citation
