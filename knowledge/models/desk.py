"""How a brief comes about: requests, reviewers with a day, comments at a paragraph."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cmncp_portal.core.models import Timestamped, Versioned
from cmncp_portal.network.models import Municipality
from cmncp_portal.network.rules import municipality_ids_of

from .brief import ActionBrief, Edition


class BriefRequestQuerySet(models.QuerySet["BriefRequest"]):
    def visible_to(self, user: Any) -> "BriefRequestQuerySet":
        """Who writes or coordinates sees all; anybody else those of the own municipality."""
        if user.has_perm("knowledge.see_desk"):
            return self
        return self.filter(Q(by=user) | Q(municipality__in=municipality_ids_of(user)))


class BriefRequest(Timestamped, Versioned):
    """A member asks for a brief; the network sorts, the University of Ottawa team accepts with a day, or says why not."""

    class State(models.TextChoices):
        OPEN = "open", pgettext_lazy("request for a brief", "New")
        PASSED_ON = "passed_on", pgettext_lazy("request for a brief", "With the University of Ottawa team")
        ACCEPTED = "accepted", pgettext_lazy("request for a brief", "Accepted")
        DECLINED = "declined", pgettext_lazy("request for a brief", "Declined")
        DONE = "done", pgettext_lazy("request for a brief", "Published")

    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    by_name = models.CharField(max_length=200)
    municipality = models.ForeignKey(Municipality, models.SET_NULL, null=True, blank=True, related_name="+")
    subject = models.CharField(_("a brief on"), max_length=200)
    why = models.TextField(_("what you would do with it"))
    language = models.CharField(max_length=2, default="en")
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.OPEN)
    reply = models.TextField(_("reply"), blank=True)
    due_on = models.DateField(_("expected by"), null=True, blank=True)
    brief = models.ForeignKey(ActionBrief, models.SET_NULL, null=True, blank=True, related_name="requests")
    answered_by_name = models.CharField(max_length=200, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)

    objects = BriefRequestQuerySet.as_manager()

    class Meta:
        verbose_name = _("request for a brief")
        verbose_name_plural = _("requests for briefs")
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="accepted") | Q(due_on__isnull=False), name="an_accepted_request_has_a_day"
            )
        ]

    def __str__(self) -> str:
        return self.subject


class Review(models.Model):
    """Somebody is asked to read a draft by a day."""

    class Verdict(models.TextChoices):
        WAITING = "", pgettext_lazy("review", "Not answered yet")
        FINE = "fine", pgettext_lazy("review", "Ready to go on")
        CHANGES = "changes", pgettext_lazy("review", "Needs changes")

    brief = models.ForeignKey(ActionBrief, models.CASCADE, related_name="reviews")
    reviewer = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="brief_reviews")
    asked_by_name = models.CharField(max_length=200)
    asked_at = models.DateTimeField(default=timezone.now)
    due_on = models.DateField(_("read by"))
    verdict = models.CharField(
        pgettext_lazy("to a person", "answer"), max_length=8, choices=Verdict.choices, blank=True, default=""
    )
    note = models.TextField(_("in general"), blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("review")
        verbose_name_plural = _("reviews")
        ordering = ["due_on", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["brief", "reviewer"],
                condition=Q(answered_at__isnull=True),
                name="asked_to_review_once_at_a_time",
            )
        ]

    def __str__(self) -> str:
        return f"{self.brief_id}: {self.reviewer}"


class Comment(models.Model):
    """A remark at one paragraph of an edition: `field` of Edition.TEXTS, `paragraph` counted from 0, `quote` its words then."""

    edition = models.ForeignKey(Edition, models.CASCADE, related_name="comments")
    field = models.CharField(max_length=12)
    paragraph = models.PositiveSmallIntegerField(default=0)
    quote = models.CharField(max_length=300, blank=True)
    text = models.TextField(_("comment"))
    language = models.CharField(max_length=2, default="en")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    by_name = models.CharField(max_length=200)
    at = models.DateTimeField(default=timezone.now)
    resolved_at = models.DateTimeField(null=True, blank=True)
    resolved_by_name = models.CharField(max_length=200, blank=True)
    reply = models.TextField(_("what was done"), blank=True)

    class Meta:
        verbose_name = _("comment")
        verbose_name_plural = _("comments")
        ordering = ["field", "paragraph", "at", "pk"]

    def __str__(self) -> str:
        return self.text[:80]
