"""The instrument: questions in both languages, versioned; a version that was used is never changed."""

import pghistory
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from cmncp_portal.core.text import Bilingual


@pghistory.track()
class Questionnaire(models.Model):
    """`slug` names the instrument, `version` its wording. `published_at` freezes it. `minutes` is what it takes to answer."""

    slug = models.SlugField(_("short name"))
    version = models.PositiveSmallIntegerField(_("version"), default=1)
    title_en = models.CharField(_("title in English"), max_length=200)
    title_fr = models.CharField(_("title in French"), max_length=200)
    title = Bilingual()
    introduction_en = models.TextField(_("introduction in English"), blank=True)
    introduction_fr = models.TextField(_("introduction in French"), blank=True)
    introduction = Bilingual()
    confidentiality_en = models.TextField(_("who sees the answers, in English"))
    confidentiality_fr = models.TextField(_("who sees the answers, in French"))
    confidentiality = Bilingual()
    minutes = models.PositiveSmallIntegerField(_("minutes it takes"), default=6)
    published_at = models.DateTimeField(_("published at"), null=True, blank=True)

    class Meta:
        verbose_name = _("questionnaire")
        verbose_name_plural = _("questionnaires")
        ordering = ["slug", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["slug", "version"], name="one_questionnaire_per_slug_and_version")
        ]

    def __str__(self) -> str:
        return f"{self.title} ({self.version})"

    def get_absolute_url(self) -> str:
        return reverse("evaluation:questionnaire", args=[self.pk])

    @property
    def is_published(self) -> bool:
        """Whether it may be put to people; from then on it never changes."""
        return self.published_at is not None


class Question(models.Model):
    """One question. `code` is the same in every version and language, so that answers can be counted together.

    `options` are the choices, or the lines to rate: [{"code": "yes", "en": "Yes", "fr": "Oui"}]. With `rows_from_survey`
    the lines are those of the survey, such as the objectives of a visit. `indicator` is the name under which the report counts it.
    """

    class Kind(models.TextChoices):
        RATING = "rating", _("Rating from 1 to 5, or not applicable")
        RATING_ROWS = "rating_rows", _("Rating of several lines")
        BEFORE_AFTER = "before_after", _("Rating before and after, of several lines")
        CHOICE = "choice", _("One of several")
        CHOICES = "choices", _("Any of several")
        TEXT = "text", _("A text")
        NUMBER = "number", _("A number")
        IDEAS = "ideas", _("Up to three ideas to take home")

    questionnaire = models.ForeignKey(
        Questionnaire, models.CASCADE, related_name="questions", verbose_name=_("questionnaire")
    )
    code = models.SlugField(_("code"))
    order = models.PositiveSmallIntegerField(_("order"))
    kind = models.CharField(_("kind"), max_length=16, choices=Kind.choices)
    text_en = models.TextField(_("question in English"))
    text_fr = models.TextField(_("question in French"))
    text = Bilingual()
    help_en = models.TextField(_("hint in English"), blank=True)
    help_fr = models.TextField(_("hint in French"), blank=True)
    help = Bilingual()
    options = models.JSONField(_("options"), default=list, blank=True)
    rows_from_survey = models.BooleanField(_("lines come from the survey"), default=False)
    is_required = models.BooleanField(_("required"), default=False)
    is_confidential = models.BooleanField(_("for the reviewers only"), default=False)
    indicator = models.SlugField(_("indicator of the report"), blank=True)

    class Meta:
        verbose_name = _("question")
        verbose_name_plural = _("questions")
        ordering = ["order", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["questionnaire", "code"], name="one_question_per_code"),
            models.CheckConstraint(condition=~Q(text_en="") & ~Q(text_fr=""), name="question_in_both_languages"),
        ]

    def __str__(self) -> str:
        return f"{self.code}: {self.text}"
