"""A report for the funder while it is being made: the period, what is told, the figures as they stand."""

from datetime import date

import pghistory
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cmncp_portal.core.models import Timestamped, Versioned
from cmncp_portal.core.text import Bilingual


@pghistory.track()
class Report(Timestamped, Versioned):
    """The report on a period, first and last day included. The fiscal year, 1 April to 31 March, unless told otherwise.

    `compares_*` is the period that it is compared with, if any. `indicators` are the codes in it; empty means all.
    """

    title_en = models.CharField(_("title in English"), max_length=200)
    title_fr = models.CharField(_("title in French"), max_length=200)
    title = Bilingual()
    funder = models.CharField(_("for whom"), max_length=200, blank=True)
    from_on = models.DateField(_("from"))
    until_on = models.DateField(_("until"))
    compares_from_on = models.DateField(_("compared with the period from"), null=True, blank=True)
    compares_until_on = models.DateField(_("compared with the period until"), null=True, blank=True)
    indicators = ArrayField(models.SlugField(max_length=60), verbose_name=_("figures"), default=list, blank=True)
    due_on = models.DateField(_("due on"), null=True, blank=True)
    handed_in_on = models.DateField(_("handed in on"), null=True, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    by_name = models.CharField(max_length=200)

    class Meta:
        verbose_name = _("report")
        verbose_name_plural = _("reports")
        ordering = ["-from_on", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(until_on__gte=F("from_on")), name="a_period_ends_after_it_begins"),
            models.CheckConstraint(
                condition=Q(compares_from_on__isnull=True, compares_until_on__isnull=True)
                | Q(compares_until_on__gte=F("compares_from_on")),
                name="a_period_to_compare_with_is_whole",
            ),
        ]

    def __str__(self) -> str:
        return str(self.title)

    def get_absolute_url(self) -> str:
        return reverse("reporting:report", args=[self.pk])

    @property
    def period(self) -> tuple[date, date]:
        return self.from_on, self.until_on


class DueDateChange(models.Model):
    """The day moved: who said so and why. Rows are only ever added; letters follow the day as it stands."""

    report = models.ForeignKey(Report, models.CASCADE, related_name="due_date_changes")
    before = models.DateField(null=True, blank=True)
    after = models.DateField(null=True, blank=True)
    reason = models.CharField(_("why"), max_length=300)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    by_name = models.CharField(max_length=200)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return f"{self.report}: {self.before} → {self.after}"


@pghistory.track()
class Narrative(Timestamped, Versioned):
    """What figures do not say, in a few sentences in both languages, with the cases that show it."""

    class Section(models.TextChoices):
        SUMMARY = "summary", pgettext_lazy("section of a report", "In short")
        OUTPUT = "output", pgettext_lazy("section of a report", "What was done")
        PROCESS = "process", pgettext_lazy("section of a report", "How it went")
        REACTION = "reaction", pgettext_lazy("section of a report", "What people thought of it")
        LEARNING = "learning", pgettext_lazy("section of a report", "What people learned")
        BEHAVIOUR = "behaviour", pgettext_lazy("section of a report", "What municipalities did with it")
        RESULTS = "results", pgettext_lazy("section of a report", "What changed")

    report = models.ForeignKey(Report, models.CASCADE, related_name="narratives")
    section = models.CharField(_("section"), max_length=9, choices=Section.choices)
    text_en = models.TextField(_("text in English"), blank=True)
    text_fr = models.TextField(_("text in French"), blank=True)
    text = Bilingual()
    by_name = models.CharField(max_length=200, blank=True)

    class Meta:
        verbose_name = _("text of a report")
        verbose_name_plural = _("texts of a report")
        constraints = [models.UniqueConstraint(fields=["report", "section"], name="one_text_per_section")]

    def __str__(self) -> str:
        return f"{self.report}: {self.section}"


class LinkedCase(models.Model):
    """A visit, a commitment, a brief that a text leans on, named in both languages, with its address in the portal."""

    narrative = models.ForeignKey(Narrative, models.CASCADE, related_name="cases")
    title_en = models.CharField(_("name in English"), max_length=300)
    title_fr = models.CharField(_("name in French"), max_length=300)
    title = Bilingual()
    path = models.CharField(_("address in the portal"), max_length=300)
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["order", "pk"]

    def __str__(self) -> str:
        return str(self.title)


class Calculation(models.Model):
    """The figures of a report counted anew by a worker: how far it is, and what it found. The latest done one is shown.

    `figures` is a list of `indicators.base.Figure.as_data()`, before anything is hidden: for those who make the report.
    `basis` is what freezing needs and nobody reads: what was asked for ("of"), the figures with small groups hidden
    ("published"), the groups of people behind them ("cells"), and the last snapshot that was taken into account ("seen").
    """

    class State(models.TextChoices):
        WAITING = "waiting", pgettext_lazy("calculation", "Waiting")
        RUNNING = "running", pgettext_lazy("calculation", "Under way")
        DONE = "done", pgettext_lazy("calculation", "Done")
        FAILED = "failed", pgettext_lazy("calculation", "Failed")

    report = models.ForeignKey(Report, models.CASCADE, related_name="calculations")
    state = models.CharField(max_length=7, choices=State.choices, default=State.WAITING)
    parts_done = models.PositiveSmallIntegerField(default=0)
    parts = models.PositiveSmallIntegerField(default=0)
    asked_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    by_name = models.CharField(max_length=200, blank=True)
    definitions = models.PositiveSmallIntegerField(default=1)
    figures = models.JSONField(default=list, blank=True)
    basis = models.JSONField(default=dict, blank=True)
    problem = models.TextField(blank=True)

    class Meta:
        ordering = ["-asked_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["report"], condition=Q(state__in=["waiting", "running"]), name="one_calculation_at_a_time"
            )
        ]

    def __str__(self) -> str:
        return f"{self.report}: {self.state}"


class CountedRecord(models.Model):
    """One thing behind one figure of a calculation, in words, so that a figure can be followed to what it counts.

    `key` names it ("visit-4", "response-12"); `people` of the suppression are counted by it. `excluded` says why it was left out.
    """

    calculation = models.ForeignKey(Calculation, models.CASCADE, related_name="records")
    indicator = models.SlugField(max_length=60)
    key = models.CharField(max_length=60)
    label_en = models.CharField(max_length=300)
    label_fr = models.CharField(max_length=300)
    label = Bilingual()
    path = models.CharField(max_length=300, blank=True)
    on = models.DateField(null=True, blank=True)
    value = models.CharField(max_length=40, blank=True)
    excluded_en = models.CharField(max_length=200, blank=True)
    excluded_fr = models.CharField(max_length=200, blank=True)
    excluded = Bilingual()

    class Meta:
        ordering = ["pk"]
        indexes = [models.Index(fields=["calculation", "indicator"], name="records_behind_a_figure")]

    def __str__(self) -> str:
        return f"{self.indicator}: {self.key}"
