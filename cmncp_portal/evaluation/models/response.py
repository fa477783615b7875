"""One person's reply, saved as it grows, and what was answered to each question."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cmncp_portal.accounts.models import Language
from cmncp_portal.core.models import Timestamped, Versioned

from .occasion import Theme
from .questionnaire import Question
from .survey import Invitation


class Response(Timestamped, Versioned):
    """`submitted_at` makes it count. `consent_text` is the sentence on confidentiality that the person was shown."""

    invitation = models.OneToOneField(Invitation, models.CASCADE, related_name="response", verbose_name=_("invitation"))
    language = models.CharField(_("language"), max_length=2, choices=Language.choices)
    submitted_at = models.DateTimeField(_("submitted at"), null=True, blank=True)
    is_late = models.BooleanField(_("late"), default=False)
    may_quote = models.CharField(_("may be quoted"), max_length=10, blank=True)
    consent_text = models.TextField(_("what the person was told"), blank=True)

    class Meta:
        verbose_name = _("response")
        verbose_name_plural = _("responses")
        constraints = [
            models.CheckConstraint(
                condition=Q(submitted_at__isnull=False) | Q(is_late=False), name="only_what_was_submitted_is_late"
            )
        ]

    def __str__(self) -> str:
        return str(self.invitation)


class Answer(models.Model):
    """`value` by kind, in codes and never in words, so that both languages are one category:

    rating 1 to 5 or "na"; rating_rows {line: 4}; before_after {line: {"before": 2, "after": 4}}; choice "yes"; choices ["a", "b"];
    text "…"; number 2.5; ideas [{"what": "…", "programme": "…", "who": "…", "by": "2027-03-01", "sure": 4}].
    """

    response = models.ForeignKey(Response, models.CASCADE, related_name="answers", verbose_name=_("response"))
    question = models.ForeignKey(Question, models.PROTECT, related_name="answers", verbose_name=_("question"))
    value = models.JSONField(_("value"))

    class Meta:
        verbose_name = _("answer")
        verbose_name_plural = _("answers")
        constraints = [models.UniqueConstraint(fields=["response", "question"], name="one_answer_per_question")]

    def __str__(self) -> str:
        return f"{self.question.code}: {self.value}"


class Coding(models.Model):
    """A reviewer sorts an open answer under a theme. `item` counts the ideas of an answer that has several, from 0.

    `text` is what stood there when it was coded: an answer may still be changed until it is released.
    """

    answer = models.ForeignKey(Answer, models.CASCADE, related_name="codings", verbose_name=_("answer"))
    item = models.PositiveSmallIntegerField(default=0)
    theme = models.ForeignKey(Theme, models.PROTECT, related_name="codings", verbose_name=_("theme"))
    text = models.TextField(blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    by_name = models.CharField(max_length=200)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("coded answer")
        verbose_name_plural = _("coded answers")
        ordering = ["theme__order", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["answer", "item", "theme"], name="an_answer_is_coded_once_per_theme")
        ]

    def __str__(self) -> str:
        return f"{self.theme}: {self.text[:60]}"


class Remark(models.Model):
    """What somebody added after the answers were released or the survey closed: kept, but not counted."""

    invitation = models.ForeignKey(Invitation, models.CASCADE, related_name="remarks", verbose_name=_("invitation"))
    text = models.TextField(_("remark"))
    at = models.DateTimeField(_("at"), auto_now_add=True)

    class Meta:
        verbose_name = _("remark")
        verbose_name_plural = _("remarks")
        ordering = ["at"]

    def __str__(self) -> str:
        return self.text[:80]
