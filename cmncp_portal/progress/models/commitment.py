"""What a municipality took home and means to do: where it was seen, who does it, what became of it."""

from datetime import date
from typing import Any

import pghistory
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cmncp_portal.accounts.models import Language
from cmncp_portal.core.links import is_valid, make_token, new_nonce, pk_of
from cmncp_portal.core.models import Timestamped, Versioned
from cmncp_portal.core.text import Bilingual
from cmncp_portal.network.models import Municipality, PreventionProgramme, Stakeholder
from cmncp_portal.network.rules import is_of_the_network, municipality_ids_of

from .profile import StrategyCheck


class CommitmentQuerySet(models.QuerySet["Commitment"]):
    def visible_to(self, user: Any) -> "CommitmentQuerySet":
        """Members see each other's, people those of their own municipality; the public none."""
        if is_of_the_network(user):
            return self
        return self.filter(municipality__in=municipality_ids_of(user))

    def open(self) -> "CommitmentQuerySet":
        return self.filter(state__in=Commitment.OPEN)


@pghistory.track()
class Commitment(Timestamped, Versioned):
    """Something a municipality means to do, until when, and who sees to it. It belongs to the municipality and survives who leaves.

    Where it comes from is told in words, for this floor knows no activity: `source` says of what sort, `source_key` is the
    owner's name for it ("idea-12", "step-7", "action-3", "goal-5"; empty when the municipality had the thought itself),
    `source_of` names the whole that it is part of ("visit-4", "brief-street-outreach"), title and path lead there.
    `seen_in` is the municipality where it was seen: with it the trail *seen in A → done in B* is told.
    """

    class Source(models.TextChoices):
        OWN = "own", pgettext_lazy("source of a commitment", "Our own idea")
        VISIT = "visit", pgettext_lazy("source of a commitment", "An exchange visit")
        BRIEF = "brief", pgettext_lazy("source of a commitment", "An action brief")
        MEETING = "meeting", pgettext_lazy("source of a commitment", "A meeting")
        MENTORING = "mentoring", pgettext_lazy("source of a commitment", "Mentoring")

    class State(models.TextChoices):
        PLANNED = "planned", pgettext_lazy("commitment", "Not started")
        STARTED = "started", pgettext_lazy("commitment", "Started")
        DONE = "done", pgettext_lazy("commitment", "Done")
        ABANDONED = "abandoned", pgettext_lazy("commitment", "Abandoned")

    OPEN = (State.PLANNED, State.STARTED)

    municipality = models.ForeignKey(
        Municipality, models.CASCADE, related_name="commitments", verbose_name=_("municipality")
    )
    text = models.CharField(_("what we mean to do"), max_length=300)
    language = models.CharField(max_length=2, choices=Language.choices)
    owner = models.ForeignKey(Stakeholder, models.SET_NULL, null=True, blank=True, related_name="+")
    owner_name = models.CharField(_("who sees to it"), max_length=200)
    owner_email = models.EmailField(_("email address"), blank=True)
    owner_language = models.CharField(_("language of letters"), max_length=2, choices=Language.choices, blank=True)
    due_on = models.DateField(_("until"))
    check_item = models.ForeignKey(
        StrategyCheck,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("check of the strategy"),
    )
    made_on = models.DateField(_("made on"))
    made_by_name = models.CharField(max_length=200)
    source = models.CharField(_("where it comes from"), max_length=9, choices=Source.choices, default=Source.OWN)
    source_key = models.CharField(max_length=60, blank=True)
    source_of = models.CharField(max_length=120, blank=True)
    source_title_en = models.CharField(max_length=300, blank=True)
    source_title_fr = models.CharField(max_length=300, blank=True)
    source_title = Bilingual()
    source_path = models.CharField(max_length=300, blank=True)
    seen_in = models.ForeignKey(
        Municipality,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="seen_here",
        verbose_name=_("where it was seen"),
    )
    programme = models.ForeignKey(
        PreventionProgramme,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="commitments",
        verbose_name=_("programme"),
    )
    state = models.CharField(_("state"), max_length=9, choices=State.choices, default=State.PLANNED)
    ended_on = models.DateField(_("done or abandoned on"), null=True, blank=True)
    is_demonstration = models.BooleanField(default=False)

    objects = CommitmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("commitment")
        verbose_name_plural = _("commitments")
        ordering = ["due_on", "pk"]
        indexes = [
            models.Index(fields=["source_of"], name="commitment_of_a_source"),
            models.Index(fields=["made_on"], name="commitment_by_day"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["municipality", "source_key"],
                condition=~Q(source_key=""),
                name="one_commitment_per_place_and_source",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["done", "abandoned"], ended_on__isnull=False)
                | Q(state__in=["planned", "started"], ended_on__isnull=True),
                name="a_commitment_that_ended_says_when",
            ),
            models.CheckConstraint(
                condition=Q(source="own") | ~Q(source_title_en="") & ~Q(source_title_fr=""),
                name="a_source_is_named_in_both_languages",
            ),
        ]

    def __str__(self) -> str:
        return self.text

    def get_absolute_url(self) -> str:
        return reverse("progress:commitment", args=[self.municipality.slug, self.pk])

    @property
    def is_open(self) -> bool:
        return self.state in self.OPEN

    def is_late(self, today: date) -> bool:
        """Tell whether the day has passed while it is open; on the day itself it has not."""
        return self.is_open and self.due_on < today


class CommitmentChange(models.Model):
    """What was said about a commitment: rows are only ever added. `months` is 3 or 6 when it answers a question, else empty."""

    commitment = models.ForeignKey(Commitment, models.CASCADE, related_name="changes")
    to_state = models.CharField(_("how far"), max_length=9, choices=Commitment.State.choices)
    note = models.TextField(_("what happened"), blank=True)
    evidence_url = models.URLField(_("link to a document that shows it"), max_length=500, blank=True)
    investment = models.DecimalField(_("dollars invested"), max_digits=12, decimal_places=0, null=True, blank=True)
    months = models.PositiveSmallIntegerField(null=True, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    by_name = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(to_state="abandoned") | ~Q(note=""), name="abandoning_a_commitment_says_why"
            ),
            models.CheckConstraint(
                condition=Q(investment__isnull=True) | Q(investment__gte=0), name="investment_is_not_negative"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.commitment}: {self.to_state}"


class Inquiry(models.Model):
    """One letter that asks one person how far the commitments of one municipality are; its link opens all of them at once."""

    SCOPE = "commitment-inquiry"

    municipality = models.ForeignKey(Municipality, models.CASCADE, related_name="+")
    name = models.CharField(max_length=200)
    email = models.EmailField()
    language = models.CharField(max_length=2, choices=Language.choices, blank=True)
    asked_at = models.DateTimeField(default=timezone.now)
    nonce = models.CharField(max_length=32, default=new_nonce, editable=False)

    class Meta:
        ordering = ["-asked_at", "-pk"]
        indexes = [models.Index(Lower("email"), name="inquiry_of_address")]

    def __str__(self) -> str:
        return f"{self.municipality}: {self.name}"

    @property
    def token(self) -> str:
        return make_token(self.SCOPE, self.pk, self.nonce)

    @classmethod
    def from_token(cls, token: str) -> "Inquiry | None":
        """Return the inquiry that `token` opens, with its municipality, or None."""
        pk = pk_of(token)
        found = cls.objects.select_related("municipality").filter(pk=pk).first() if pk else None
        return found if found and is_valid(token, cls.SCOPE, found.pk, found.nonce) else None


class InquiryItem(models.Model):
    """A commitment that a letter asked about, `months` (3 or 6) after it was made; each is asked about once."""

    inquiry = models.ForeignKey(Inquiry, models.CASCADE, related_name="items")
    commitment = models.ForeignKey(Commitment, models.CASCADE, related_name="inquiries")
    months = models.PositiveSmallIntegerField()
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["commitment__due_on", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["commitment", "months"], name="a_commitment_is_asked_about_once_per_moment"
            ),
            models.CheckConstraint(condition=Q(months__in=[3, 6]), name="asked_after_three_or_six_months"),
        ]

    def __str__(self) -> str:
        return f"{self.commitment}: {self.months}"
