"""What a person reached, how, and the paper that says so. Nothing here is ever deleted: what was wrong is revoked, with a reason."""

import secrets
from typing import Any

import pghistory
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cmncp_portal.accounts.rules import is_administrator, is_secretariat, is_university
from cmncp_portal.core.files import RandomName
from cmncp_portal.core.models import StateChange, Timestamped, Versioned
from cmncp_portal.core.text import Bilingual
from cmncp_portal.network.rules import municipality_ids_of

from .learners import Learner
from .offerings import Enrolment
from .standards import Competency, Level, StandardVersion

# Without letters that are taken for each other when read aloud or copied from paper.
ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"


def new_code() -> str:
    """Return a code such as "7KQ2-MXTA-4HDR" that nobody guesses (59 bits)."""
    letters = "".join(secrets.choice(ALPHABET) for _n in range(12))
    return "-".join((letters[:4], letters[4:8], letters[8:]))


class EvidenceClaimQuerySet(models.QuerySet["EvidenceClaim"]):
    def visible_to(self, user: Any) -> "EvidenceClaimQuerySet":
        """One's own; assessors see all except those of the municipality they work for."""
        if not getattr(user, "is_authenticated", False):
            return self.none()
        mine = Q(learner__user=user)
        if is_university(user) or is_secretariat(user) or is_administrator(user):
            near = Q(learner__stakeholder__municipality__in=municipality_ids_of(user))
            return self.filter(mine | ~near | Q(learner__stakeholder__isnull=True))
        return self.filter(mine)


@pghistory.track()
class EvidenceClaim(Timestamped, Versioned):
    """Somebody shows by her own work that she reached a competency; an assessor answers."""

    class State(models.TextChoices):
        DRAFT = "draft", pgettext_lazy("evidence", "Not sent yet")
        SENT = "sent", pgettext_lazy("evidence", "With the assessors")
        MORE_ASKED = "more_asked", pgettext_lazy("evidence", "More is asked")
        ACCEPTED = "accepted", pgettext_lazy("evidence", "Accepted")
        DECLINED = "declined", pgettext_lazy("evidence", "Not accepted")
        WITHDRAWN = "withdrawn", pgettext_lazy("evidence", "Withdrawn")

    learner = models.ForeignKey(Learner, models.PROTECT, related_name="claims")
    competency = models.ForeignKey(Competency, models.PROTECT, related_name="+")
    standard_version = models.ForeignKey(StandardVersion, models.PROTECT, related_name="+")
    level = models.PositiveSmallIntegerField(_("level"), choices=Level.choices)
    words = models.TextField(_("what I did, when, and what came of it"), blank=True)
    url = models.URLField(_("link"), max_length=500, blank=True)
    file = models.FileField(_("file"), upload_to=RandomName("training"), blank=True)
    filename = models.CharField(max_length=200, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.DRAFT)
    sent_at = models.DateTimeField(null=True, blank=True)
    answer = models.TextField(_("answer of the assessor"), blank=True)
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    answered_by_name = models.CharField(max_length=200, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)

    objects = EvidenceClaimQuerySet.as_manager()

    class Meta:
        verbose_name = _("evidence shown")
        verbose_name_plural = _("evidence shown")
        ordering = ["-updated_at", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(level__in=Level.values), name="claim_level_is_known"),
            models.UniqueConstraint(
                fields=["learner", "competency", "level"],
                condition=Q(state__in=["draft", "sent", "more_asked"]),
                name="one_open_claim_per_competency_and_level",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.learner}: {self.competency_id} {self.level}"


class EvidenceClaimChange(StateChange):
    claim = models.ForeignKey(EvidenceClaim, models.CASCADE, related_name="changes")

    class Meta(StateChange.Meta):
        pass


class Certificate(Timestamped):
    """A paper with a code that anybody can check. What it says is frozen on the day of issue."""

    learner = models.ForeignKey(Learner, models.PROTECT, related_name="certificates")
    enrolment = models.OneToOneField(Enrolment, models.PROTECT, null=True, blank=True, related_name="certificate")
    claim = models.OneToOneField(EvidenceClaim, models.PROTECT, null=True, blank=True, related_name="certificate")
    code = models.CharField(_("code"), max_length=14, unique=True, default=new_code)
    issued_on = models.DateField(_("issued on"))
    name = models.CharField(_("name"), max_length=200)
    title_en = models.CharField(_("for what, in English"), max_length=300)
    title_fr = models.CharField(_("for what, in French"), max_length=300)
    title = Bilingual()
    # What was reached on that day, in words: [{"code", "en", "fr", "level"}]
    lines = models.JSONField(default=list)
    standard_en = models.CharField(max_length=300, blank=True)
    standard_fr = models.CharField(max_length=300, blank=True)
    standard = Bilingual()
    revoked_at = models.DateTimeField(pgettext_lazy("certificate", "revoked at"), null=True, blank=True)
    revoked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    revoke_reason = models.TextField(_("why it was revoked"), blank=True)

    class Meta:
        verbose_name = _("certificate")
        verbose_name_plural = _("certificates")
        ordering = ["-issued_on", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(enrolment__isnull=False) & Q(claim__isnull=True)
                | Q(enrolment__isnull=True) & Q(claim__isnull=False),
                name="a_certificate_is_for_one_thing",
            ),
            models.CheckConstraint(
                condition=Q(revoked_at__isnull=True) | ~Q(revoke_reason=""), name="a_revocation_has_its_reason"
            ),
        ]

    def __str__(self) -> str:
        return self.code

    def get_absolute_url(self) -> str:
        return reverse("training:verify", args=[self.code])

    @property
    def is_valid(self) -> bool:
        return self.revoked_at is None


class AttainmentQuerySet(models.QuerySet["Attainment"]):
    def standing(self) -> "AttainmentQuerySet":
        """Attainments that were not revoked."""
        return self.filter(revoked_at__isnull=True)


@pghistory.track()
class Attainment(models.Model):
    """A person reached a competency at a level: through an offering she completed, or by evidence that was accepted.

    `standard_version` is the one that held on that day. A later version does not take it away; where that asks more
    (`CompetencyText.asks_more`), it counts for less, and the person is told why (`selectors.gaps`).
    """

    learner = models.ForeignKey(Learner, models.PROTECT, related_name="attainments")
    competency = models.ForeignKey(Competency, models.PROTECT, related_name="attainments")
    level = models.PositiveSmallIntegerField(_("level"), choices=Level.choices)
    standard_version = models.ForeignKey(StandardVersion, models.PROTECT, related_name="attainments")
    attained_on = models.DateField(_("attained on"))
    enrolment = models.ForeignKey(Enrolment, models.PROTECT, null=True, blank=True, related_name="attainments")
    claim = models.ForeignKey(EvidenceClaim, models.PROTECT, null=True, blank=True, related_name="attainments")
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    revoke_reason = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = AttainmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("attainment")
        verbose_name_plural = _("attainments")
        ordering = ["-attained_on", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(level__in=Level.values), name="attainment_level_is_known"),
            models.CheckConstraint(
                condition=Q(enrolment__isnull=False) & Q(claim__isnull=True)
                | Q(enrolment__isnull=True) & Q(claim__isnull=False),
                name="an_attainment_has_one_ground",
            ),
            models.CheckConstraint(
                condition=Q(revoked_at__isnull=True) | ~Q(revoke_reason=""), name="an_attainment_is_revoked_with_reason"
            ),
            models.UniqueConstraint(
                fields=["learner", "competency", "enrolment"],
                condition=Q(enrolment__isnull=False),
                name="an_offering_gives_a_competency_once",
            ),
        ]
        indexes = [models.Index(fields=["competency", "level"], name="attainment_by_competency")]

    def __str__(self) -> str:
        return f"{self.learner}: {self.competency_id} {self.level}"
