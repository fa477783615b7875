"""How far a municipality's comprehensive community safety strategy has come, and what it rests on."""

from typing import Any

import pghistory
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cmncp_portal.core.models import Timestamped, Versioned
from cmncp_portal.core.text import Bilingual
from cmncp_portal.network.models import Municipality, Sector
from cmncp_portal.network.rules import is_of_the_network, municipality_ids_of
from cmncp_portal.network.stages import Stage


class StrategyCheck(models.Model):
    """One thing that shows that a stage is reached. The list is the network's own; the code never changes."""

    code = models.SlugField(max_length=40, unique=True)
    stage = models.PositiveSmallIntegerField(_("stage"), choices=Stage.choices)
    order = models.PositiveSmallIntegerField(default=0)
    text_en = models.CharField(_("check in English"), max_length=300)
    text_fr = models.CharField(_("check in French"), max_length=300)
    text = Bilingual()
    source = models.CharField(_("where it comes from"), max_length=300, blank=True)
    is_used = models.BooleanField(_("in use"), default=True)

    class Meta:
        verbose_name = _("check of a stage")
        verbose_name_plural = _("checks of stages")
        ordering = ["stage", "order", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(stage__gte=1, stage__lte=7), name="check_of_stage_one_to_seven"),
        ]

    def __str__(self) -> str:
        return str(self.text)


class StrategyProfileQuerySet(models.QuerySet["StrategyProfile"]):
    def visible_to(self, user: Any) -> "StrategyProfileQuerySet":
        """Members see each other's; people see their own municipality's; the public those that tick something as public."""
        if is_of_the_network(user):
            return self
        shown = ~Q(public=[])
        return self.filter(shown | Q(municipality__in=municipality_ids_of(user)))

    def with_stage(self) -> "StrategyProfileQuerySet":
        """Add `stage_now`: what was declared, else what follows from the checks."""
        return self.annotate(stage_now=Coalesce("declared_stage", "computed_stage"))


@pghistory.track()
class StrategyProfile(Timestamped, Versioned):
    """One for each municipality. `computed_stage` follows from the answers; `declared_stage` stands above it, with a reason.

    `public` lists what the municipality shows to everybody (values of `Part`); the rest is for members.
    """

    class Known(models.TextChoices):
        UNKNOWN = "", _("Not said")
        YES = "yes", _("Yes")
        NO = "no", _("No")

    class Part(models.TextChoices):
        STAGE = "stage", pgettext_lazy("part of a strategy profile", "The stage")
        PLAN = "plan", pgettext_lazy("part of a strategy profile", "The plan and its dates")
        CENTRE = "centre", pgettext_lazy("part of a strategy profile", "The responsibility centre")
        SECTORS = "sectors", pgettext_lazy("part of a strategy profile", "The sectors at the table")
        BUDGET = "budget", pgettext_lazy("part of a strategy profile", "The prevention budget")
        STRENGTHS = "strengths", pgettext_lazy("part of a strategy profile", "Strengths offered and help wanted")

    municipality = models.OneToOneField(
        Municipality, models.CASCADE, related_name="strategy", verbose_name=_("municipality")
    )
    computed_stage = models.PositiveSmallIntegerField(
        _("stage by the checks"), choices=Stage.choices, default=Stage.INTERESTED
    )
    declared_stage = models.PositiveSmallIntegerField(
        _("stage as declared"), choices=Stage.choices, null=True, blank=True
    )
    declared_reason = models.CharField(_("why it differs from the checks"), max_length=500, blank=True)
    centre = models.CharField(
        _("responsibility centre"),
        max_length=200,
        blank=True,
        help_text=_("The office or person that carries the strategy."),
    )
    centre_staff = models.DecimalField(
        _("staff, in full-time positions"), max_digits=5, decimal_places=1, null=True, blank=True
    )
    has_permanent_office = models.CharField(
        _("permanent office"), max_length=3, choices=Known.choices, blank=True, default=""
    )
    plan_title = models.CharField(_("title of the plan"), max_length=300, blank=True)
    plan_url = models.URLField(_("link to the plan"), max_length=500, blank=True)
    plan_adopted_on = models.DateField(_("plan adopted on"), null=True, blank=True)
    plan_renewal_on = models.DateField(_("plan to be renewed by"), null=True, blank=True)
    sectors = models.ManyToManyField(Sector, verbose_name=_("sectors at the table"), blank=True, related_name="+")
    strengths = models.TextField(_("what we can show others"), blank=True)
    help_wanted = models.TextField(_("what we need help with"), blank=True)
    public = ArrayField(
        models.CharField(max_length=10, choices=Part.choices),
        verbose_name=_("what everybody may see"),
        default=list,
        blank=True,
    )
    confirmed_at = models.DateTimeField(_("last confirmed at"), null=True, blank=True)
    confirmed_by_name = models.CharField(max_length=200, blank=True)
    is_demonstration = models.BooleanField(default=False)

    objects = StrategyProfileQuerySet.as_manager()

    class Meta:
        verbose_name = _("strategy profile")
        verbose_name_plural = _("strategy profiles")
        constraints = [
            models.CheckConstraint(
                condition=Q(declared_stage__isnull=True) | ~Q(declared_reason=""), name="a_declared_stage_says_why"
            ),
            models.CheckConstraint(
                condition=Q(plan_renewal_on__isnull=True)
                | Q(plan_adopted_on__isnull=True)
                | Q(plan_renewal_on__gte=models.F("plan_adopted_on")),
                name="a_plan_is_renewed_after_it_was_adopted",
            ),
            models.CheckConstraint(
                condition=Q(has_permanent_office__in=["", "yes", "no"]), name="permanent_office_yes_no_or_not_said"
            ),
        ]

    def __str__(self) -> str:
        return str(self.municipality)

    def get_absolute_url(self) -> str:
        return reverse("progress:strategy", args=[self.municipality.slug])

    @property
    def stage(self) -> Stage:
        """What was declared, else what follows from the checks."""
        return Stage(self.computed_stage if self.declared_stage is None else self.declared_stage)

    @property
    def is_declared(self) -> bool:
        return self.declared_stage is not None and self.declared_stage != self.computed_stage


@pghistory.track()
class CheckAnswer(models.Model):
    """Yes, partly or no to one check, with the document that shows it."""

    class Value(models.TextChoices):
        YES = "yes", pgettext_lazy("answer to a check", "Yes")
        PARTLY = "partly", pgettext_lazy("answer to a check", "Partly")
        NO = "no", pgettext_lazy("answer to a check", "No")

    profile = models.ForeignKey(StrategyProfile, models.CASCADE, related_name="answers")
    item = models.ForeignKey(StrategyCheck, models.PROTECT, related_name="answers", verbose_name=_("check"))
    value = models.CharField(pgettext_lazy("check", "answer"), max_length=6, choices=Value.choices)
    evidence_url = models.URLField(_("link to a document that shows it"), max_length=500, blank=True)
    note = models.CharField(_("note"), max_length=500, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    by_name = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("answer to a check")
        verbose_name_plural = _("answers to checks")
        constraints = [models.UniqueConstraint(fields=["profile", "item"], name="one_answer_per_check")]

    def __str__(self) -> str:
        return f"{self.item}: {self.value}"


class PreventionBudget(models.Model):
    """What the municipality spends on prevention in a year, in dollars; `source` says where the figure stands."""

    profile = models.ForeignKey(StrategyProfile, models.CASCADE, related_name="budgets")
    year = models.PositiveSmallIntegerField(_("year"))
    amount = models.DecimalField(_("dollars"), max_digits=13, decimal_places=0)
    source = models.CharField(_("where this figure stands"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("prevention budget")
        verbose_name_plural = _("prevention budgets")
        ordering = ["-year"]
        constraints = [
            models.UniqueConstraint(fields=["profile", "year"], name="one_budget_per_year"),
            models.CheckConstraint(condition=Q(year__gte=1990, year__lte=2100), name="budget_year_is_plausible"),
            models.CheckConstraint(condition=Q(amount__gte=0), name="budget_is_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.year}: {self.amount}"


class ProfileChange(models.Model):
    """Who changed what of a profile and when: rows are only ever added. `what` is a field, or the code of a check."""

    profile = models.ForeignKey(StrategyProfile, models.CASCADE, related_name="changes")
    what = models.CharField(max_length=60)
    before = models.CharField(max_length=500, blank=True)
    after = models.CharField(max_length=500, blank=True)
    stage_before = models.PositiveSmallIntegerField(choices=Stage.choices)
    stage_after = models.PositiveSmallIntegerField(choices=Stage.choices)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    by_name = models.CharField(max_length=200, blank=True)
    note = models.CharField(max_length=500, blank=True)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"{self.profile}: {self.what}"
