"""The programme of a visit: stops proposed by either side and agreed by the other."""

from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import pghistory
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from cmncp_portal.accounts.models import Language
from cmncp_portal.core.models import Timestamped, Versioned
from cmncp_portal.network.models import PreventionProgramme

from .exchange import Objective
from .visit import Side, Visit


@pghistory.track()
class Stop(Timestamped, Versioned):
    """One item of a day. `day`, `starts_at` and `ends_at` are wall-clock in the host's zone."""

    class Kind(models.TextChoices):
        BRIEFING = "briefing", _("Situation briefing")
        PROGRAMME = "programme", _("Visit of a programme")
        MEETING = "meeting", _("Meeting with stakeholders")
        COUNCIL = "council", _("Meeting with council")
        INVESTMENT = "investment", _("Investment and funding")
        MEASURING = "measuring", _("Measuring success")
        WALK = "walk", _("Walk")
        DEBRIEF = "debrief", _("Debrief")
        MEAL = "meal", _("Meal")
        TRAVEL = "travel", _("Travel")

    class Status(models.TextChoices):
        PROPOSED = "proposed", _("Proposed")
        AGREED = "agreed", _("Agreed")
        DROPPED = "dropped", _("Dropped")

    visit = models.ForeignKey(Visit, models.CASCADE, related_name="stops")
    day = models.PositiveSmallIntegerField(_("day of the visit"), default=1)
    starts_at = models.TimeField(_("from"))
    ends_at = models.TimeField(_("until"))
    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices, default=Kind.MEETING)
    title = models.CharField(_("what"), max_length=200)
    place = models.CharField(_("where"), max_length=300, blank=True)
    lead = models.CharField(_("who receives you"), max_length=200, blank=True)
    notes = models.TextField(_("notes"), blank=True)
    language = models.CharField(_("language"), max_length=2, choices=Language.choices, blank=True)
    programme = models.ForeignKey(
        PreventionProgramme,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="stops",
        verbose_name=_("programme visited"),
    )
    objectives = models.ManyToManyField(
        Objective, related_name="stops", blank=True, verbose_name=_("objectives it serves")
    )
    proposed_by = models.CharField(_("proposed by"), max_length=8, choices=Side.choices)
    status = models.CharField(_("state"), max_length=8, choices=Status.choices, default=Status.PROPOSED)

    class Meta:
        verbose_name = _("stop")
        verbose_name_plural = _("stops")
        ordering = ["day", "starts_at", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(starts_at__lt=F("ends_at")), name="stop_ends_after_it_begins"),
            models.CheckConstraint(condition=Q(day__gte=1, day__lte=5), name="stop_on_day_one_to_five"),
        ]

    def __str__(self) -> str:
        return self.title

    def instants(self) -> tuple[datetime, datetime] | None:
        """Return the aware start and end in the host's zone, or None while the visit has no dates for this day."""
        days = self.visit.days
        if self.day > len(days):
            return None
        zone = ZoneInfo(self.visit.zone)
        on = days[self.day - 1]
        return datetime.combine(on, self.starts_at, tzinfo=zone), datetime.combine(on, self.ends_at, tzinfo=zone)


def _document_path(_document: Any, filename: str) -> str:
    """Store under a random name, so that nobody's file name becomes a path; the given name is kept in the row."""
    return f"exchanges/{uuid4().hex}{Path(filename).suffix.lower()[:8]}"


class VisitDocument(models.Model):
    """A file that both sides and the guests of the visit may read. Kept private, sent only through a checked view."""

    visit = models.ForeignKey(Visit, models.CASCADE, related_name="documents")
    title = models.CharField(_("title"), max_length=200)
    file = models.FileField(_("file"), upload_to=_document_path)
    filename = models.CharField(max_length=200)
    language = models.CharField(_("language"), max_length=2, choices=Language.choices)
    side = models.CharField(max_length=8, choices=Side.choices)
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    added_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("document")
        verbose_name_plural = _("documents")
        ordering = ["added_at", "pk"]

    def __str__(self) -> str:
        return self.title
