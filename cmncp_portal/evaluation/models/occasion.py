"""What was evaluated, and how far the reviewers have come with it: comments, themes, follow-ups, who read what in confidence."""

import pghistory
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cmncp_portal.core.text import Bilingual
from cmncp_portal.network.models import Municipality


@pghistory.track()
class Occasion(models.Model):
    """A visit, a meeting, an offering, a moment of a mentoring agreement: what one or several surveys ask about.

    It is told in words and never points at its owner (record 0003). `key` is the owner's own name for it, such as "visit-12";
    `on` the day of which it counts in reports; `places` the municipalities whose people may not review it.
    """

    class Activity(models.TextChoices):
        EXCHANGE = "exchange", pgettext_lazy("activity", "Exchange visit")
        MEETING = "meeting", pgettext_lazy("activity", "Meeting")
        TRAINING = "training", pgettext_lazy("activity", "Training")
        MENTORING = "mentoring", pgettext_lazy("activity", "Mentoring")

    activity = models.CharField(_("activity"), max_length=10, choices=Activity.choices)
    key = models.CharField(max_length=60, unique=True)
    title_en = models.CharField(_("title in English"), max_length=200)
    title_fr = models.CharField(_("title in French"), max_length=200)
    title = Bilingual()
    about_en = models.CharField(_("what it is about, in English"), max_length=300)
    about_fr = models.CharField(_("what it is about, in French"), max_length=300)
    about = Bilingual()
    path = models.CharField(_("address of the occasion"), max_length=300, blank=True)
    on = models.DateField(_("day"))
    places = models.ManyToManyField(Municipality, verbose_name=_("municipalities"), related_name="+", blank=True)
    reviewed_at = models.DateTimeField(_("reviewed at"), null=True, blank=True)
    reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("reviewed by"),
    )
    reviewed_by_name = models.CharField(max_length=200, blank=True)

    class Meta:
        verbose_name = _("occasion")
        verbose_name_plural = _("occasions")
        ordering = ["-on", "-pk"]
        indexes = [models.Index(fields=["on"], name="occasion_by_day")]
        constraints = [
            models.CheckConstraint(
                condition=Q(reviewed_at__isnull=True) | ~Q(reviewed_by_name=""), name="a_reviewed_occasion_says_by_whom"
            )
        ]

    def __str__(self) -> str:
        return str(self.title)

    def get_absolute_url(self) -> str:
        """Where reviewers read it."""
        return reverse("evaluation:occasion", args=[self.pk])


class Comment(models.Model):
    """A reviewer's comment. Comments are added, never overwritten."""

    occasion = models.ForeignKey(Occasion, models.CASCADE, related_name="comments", verbose_name=_("occasion"))
    text = models.TextField(_("comment"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    by_name = models.CharField(max_length=200)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("comment of a reviewer")
        verbose_name_plural = _("comments of reviewers")
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return self.text[:80]


class FollowUp(models.Model):
    """A reviewer asks the coordinators to look into something; open until a coordinator says what came of it."""

    occasion = models.ForeignKey(Occasion, models.CASCADE, related_name="follow_ups", verbose_name=_("occasion"))
    text = models.TextField(_("what is to be looked into"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    by_name = models.CharField(max_length=200)
    at = models.DateTimeField(default=timezone.now)
    done_at = models.DateTimeField(null=True, blank=True)
    done_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    done_by_name = models.CharField(max_length=200, blank=True)
    outcome = models.TextField(_("what came of it"), blank=True)

    class Meta:
        verbose_name = _("follow-up")
        verbose_name_plural = _("follow-ups")
        ordering = ["at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(done_at__isnull=True) | ~Q(outcome=""), name="a_follow_up_ends_with_an_outcome"
            )
        ]

    def __str__(self) -> str:
        return self.text[:80]


@pghistory.track()
class Theme(models.Model):
    """One entry of the codebook with which open answers are sorted. `code` never changes; unused ones are retired, not deleted."""

    code = models.SlugField(_("code"), max_length=40, unique=True)
    name_en = models.CharField(_("name in English"), max_length=120)
    name_fr = models.CharField(_("name in French"), max_length=120)
    name = Bilingual()
    definition_en = models.TextField(_("when to use it, in English"))
    definition_fr = models.TextField(_("when to use it, in French"))
    definition = Bilingual()
    order = models.PositiveSmallIntegerField(_("order"), default=0)
    is_used = models.BooleanField(_("in use"), default=True)

    class Meta:
        verbose_name = _("theme")
        verbose_name_plural = _("themes")
        ordering = ["order", "code"]
        constraints = [
            models.CheckConstraint(condition=~Q(name_en="") & ~Q(name_fr=""), name="theme_named_in_both_languages")
        ]

    def __str__(self) -> str:
        return str(self.name)


class ConfidentialReading(models.Model):
    """Somebody read what was written for the reviewers only. Rows are only ever added."""

    occasion = models.ForeignKey(Occasion, models.CASCADE, related_name="readings", verbose_name=_("occasion"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    by_name = models.CharField(max_length=200)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("reading of confidential remarks")
        verbose_name_plural = _("readings of confidential remarks")
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"{self.by_name}: {self.occasion}"
