"""What is known to work: practices of governance and programmes, with what the evidence says about each outcome."""

from typing import Any

import pghistory
import rules
from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cmncp_portal.core.models import Timestamped, Versioned
from cmncp_portal.core.search import words_of
from cmncp_portal.core.text import Bilingual
from cmncp_portal.network.models import Municipality, PreventionProgramme, Topic

from .words import Population


class PracticeQuerySet(models.QuerySet["Practice"]):
    def visible_to(self, user: Any) -> "PracticeQuerySet":
        """What is published is for everyone; drafts are for those who write."""
        if rules.has_perm("knowledge.write", user):
            return self
        return self.filter(published_at__isnull=False)


@pghistory.track(exclude=["search_en", "search_fr"])
class Practice(Timestamped, Versioned):
    """A way to govern prevention, or a programme, described once and cited by briefs."""

    class Kind(models.TextChoices):
        GOVERNANCE = "governance", _("Governance of prevention")
        PROGRAMME = "programme", _("Programme")

    slug = models.SlugField(_("address"), max_length=80, unique=True)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    name_en = models.CharField(_("name in English"), max_length=200)
    name_fr = models.CharField(_("name in French"), max_length=200)
    name = Bilingual()
    summary_en = models.TextField(_("what it is, in English"))
    summary_fr = models.TextField(_("what it is, in French"))
    summary = Bilingual()
    problem_en = models.CharField(_("problem in English"), max_length=300, blank=True)
    problem_fr = models.CharField(_("problem in French"), max_length=300, blank=True)
    problem = Bilingual()
    setting_en = models.CharField(_("setting in English"), max_length=300, blank=True)
    setting_fr = models.CharField(_("setting in French"), max_length=300, blank=True)
    setting = Bilingual()
    run_by_en = models.CharField(_("who runs it, in English"), max_length=300, blank=True)
    run_by_fr = models.CharField(_("who runs it, in French"), max_length=300, blank=True)
    run_by = Bilingual()
    topics = models.ManyToManyField(Topic, related_name="practices", blank=True, verbose_name=_("topics"))
    populations = models.ManyToManyField(
        Population, related_name="practices", blank=True, verbose_name=_("populations")
    )
    published_at = models.DateTimeField(_("published at"), null=True, blank=True)
    reviewed_on = models.DateField(_("last reviewed on"), null=True, blank=True)
    review_due_on = models.DateField(_("next review on"), null=True, blank=True)
    search_en = models.GeneratedField(
        expression=words_of("en", "name_en", "summary_en", "problem_en", "setting_en"),
        output_field=SearchVectorField(),
        db_persist=True,
    )
    search_fr = models.GeneratedField(
        expression=words_of("fr", "name_fr", "summary_fr", "problem_fr", "setting_fr"),
        output_field=SearchVectorField(),
        db_persist=True,
    )

    objects = PracticeQuerySet.as_manager()

    class Meta:
        verbose_name = _("practice")
        verbose_name_plural = _("practices")
        ordering = ["name_en", "pk"]
        indexes = [
            GinIndex(fields=["search_en"], name="practice_search_en"),
            GinIndex(fields=["search_fr"], name="practice_search_fr"),
        ]

    def __str__(self) -> str:
        return str(self.name)

    def get_absolute_url(self) -> str:
        return reverse("knowledge:practice", args=[self.slug])

    @property
    def is_review_due(self) -> bool:
        return self.review_due_on is not None and self.review_due_on <= timezone.localdate()


class PracticePlace(models.Model):
    """Where in Canada a practice is at work, as a source or the municipality itself says."""

    practice = models.ForeignKey(Practice, models.CASCADE, related_name="places")
    municipality = models.ForeignKey(Municipality, models.CASCADE, related_name="+", verbose_name=_("municipality"))
    programme = models.ForeignKey(
        PreventionProgramme, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("programme")
    )
    source = models.CharField(_("where this is known from"), max_length=300)

    class Meta:
        ordering = ["municipality__name_en", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["practice", "municipality"], name="a_place_is_listed_once_per_practice")
        ]

    def __str__(self) -> str:
        return str(self.municipality)


class Evidence(models.Model):
    """What one source says about one outcome: its own rating word for word, and beside it the network's summary."""

    class Impact(models.TextChoices):
        HIGH = "high", pgettext_lazy("impact", "High")
        MODERATE = "moderate", pgettext_lazy("impact", "Moderate")
        LOW = "low", pgettext_lazy("impact", "Low")
        NONE = "none", pgettext_lazy("impact", "None found")
        HARMFUL = "harmful", pgettext_lazy("impact", "Harmful")
        UNCLEAR = "unclear", pgettext_lazy("impact", "Unclear")

    class Cost(models.TextChoices):
        UNKNOWN = "", pgettext_lazy("cost", "Not known")
        LOW = "low", pgettext_lazy("cost", "Low")
        MEDIUM = "medium", pgettext_lazy("cost", "Medium")
        HIGH = "high", pgettext_lazy("cost", "High")

    practice = models.ForeignKey(Practice, models.CASCADE, related_name="evidence")
    claim_en = models.CharField(_("claim in English"), max_length=300)
    claim_fr = models.CharField(_("claim in French"), max_length=300)
    claim = Bilingual()
    outcome_en = models.CharField(_("outcome in English"), max_length=200)
    outcome_fr = models.CharField(_("outcome in French"), max_length=200)
    outcome = Bilingual()
    system = models.CharField(_("who rates"), max_length=200)
    label = models.CharField(_("rating as the source states it"), max_length=200)
    label_language = models.CharField(max_length=2, default="en")
    url = models.URLField(_("link"), max_length=500)
    rated_on = models.DateField(_("date of the rating"), null=True, blank=True)
    read_on = models.DateField(_("read on"))
    impact = models.CharField(_("impact, in the network’s summary"), max_length=10, choices=Impact.choices)
    strength = models.PositiveSmallIntegerField(_("strength of the evidence, 1 to 5"), null=True, blank=True)
    cost = models.CharField(_("cost"), max_length=6, choices=Cost.choices, blank=True, default="")
    review_due_on = models.DateField(_("next review on"), null=True, blank=True)

    class Meta:
        verbose_name = _("evidence")
        verbose_name_plural = _("evidence")
        ordering = ["practice", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(strength__isnull=True) | Q(strength__gte=1, strength__lte=5), name="strength_from_1_to_5"
            ),
            models.CheckConstraint(condition=~Q(label="") & ~Q(url=""), name="a_rating_is_quoted_with_its_link"),
            models.UniqueConstraint(
                fields=["practice", "system", "outcome_en"], name="one_rating_per_source_and_outcome"
            ),
        ]

    def __str__(self) -> str:
        return str(self.claim)


class Concern(models.Model):
    """Somebody says that something on a page is wrong. Answered by the University of Ottawa team."""

    practice = models.ForeignKey(Practice, models.CASCADE, null=True, blank=True, related_name="concerns")
    brief = models.ForeignKey("knowledge.ActionBrief", models.CASCADE, null=True, blank=True, related_name="concerns")
    text = models.TextField(_("what is wrong"))
    name = models.CharField(_("your name"), max_length=200, blank=True)
    email = models.EmailField(_("your email address"), blank=True)
    language = models.CharField(max_length=2, default="en")
    at = models.DateTimeField(default=timezone.now)
    answer = models.TextField(pgettext_lazy("to a person", "answer"), blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["-at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(practice__isnull=False, brief__isnull=True) | Q(practice__isnull=True, brief__isnull=False),
                name="a_concern_is_about_one_thing",
            )
        ]

    def __str__(self) -> str:
        return self.text[:80]
