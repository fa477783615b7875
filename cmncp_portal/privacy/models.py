"""What people ask about their own data, what went wrong with it, and what was deleted when its time had come."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cmncp_portal.accounts.models import Language
from cmncp_portal.core.links import is_valid, make_token, new_nonce, pk_of


class PersonRequest(models.Model):
    """Somebody asks for a copy of what the portal holds about her, or to be forgotten. Counts once confirmed from the mailbox.

    `report` says, in counts and never in names, what was found or removed, part by part.
    """

    SCOPE = "personal-data"

    class Kind(models.TextChoices):
        COPY = "copy", pgettext_lazy("request about personal data", "A copy")
        FORGET = "forget", pgettext_lazy("request about personal data", "To be forgotten")

    kind = models.CharField(_("what"), max_length=6, choices=Kind.choices)
    email = models.EmailField(
        _("email address"), help_text="in small letters; emptied when the person is forgotten", blank=True
    )
    language = models.CharField(max_length=2, choices=Language.choices)
    asked_at = models.DateTimeField(default=timezone.now)
    asked_by_name = models.CharField(
        max_length=200, blank=True, help_text="who wrote it down, when it was not the person"
    )
    confirmed_at = models.DateTimeField(null=True, blank=True)
    due_on = models.DateField(_("to be answered by"))
    done_at = models.DateTimeField(null=True, blank=True)
    done_by_name = models.CharField(max_length=200, blank=True)
    refused_at = models.DateTimeField(null=True, blank=True)
    answer = models.TextField(pgettext_lazy("to a person", "answer"), blank=True)
    report = models.JSONField(default=list, blank=True)
    nonce = models.CharField(max_length=32, default=new_nonce, editable=False)

    class Meta:
        verbose_name = _("request about personal data")
        verbose_name_plural = _("requests about personal data")
        ordering = ["-asked_at", "-pk"]
        indexes = [models.Index(Lower("email"), name="person_request_of_address")]
        constraints = [
            models.CheckConstraint(
                condition=Q(done_at__isnull=True) | Q(refused_at__isnull=True), name="a_request_is_done_or_refused"
            ),
            models.CheckConstraint(
                condition=Q(refused_at__isnull=True) | ~Q(answer=""), name="a_refused_request_says_why"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind}: {self.pk}"

    @property
    def token(self) -> str:
        return make_token(self.SCOPE, self.pk, self.nonce)

    @classmethod
    def from_token(cls, token: str) -> "PersonRequest | None":
        pk = pk_of(token)
        found = cls.objects.filter(pk=pk).first() if pk else None
        return found if found and is_valid(token, cls.SCOPE, found.pk, found.nonce) else None


class Incident(models.Model):
    """A confidentiality incident: what happened, what was done, who was told. Kept in a register, as Québec's Law 25 asks."""

    happened_on = models.DateField(_("happened on"))
    noticed_on = models.DateField(_("noticed on"))
    what = models.TextField(_("what happened, and to whose data"))
    people = models.PositiveIntegerField(_("number of people concerned"), null=True, blank=True)
    is_serious = models.BooleanField(_("risk of serious injury"), default=False)
    measures = models.TextField(_("what was done"), blank=True)
    told = models.TextField(_("who was told, and when"), blank=True)
    closed_on = models.DateField(_("closed on"), null=True, blank=True)
    by_name = models.CharField(max_length=200)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("confidentiality incident")
        verbose_name_plural = _("confidentiality incidents")
        ordering = ["-noticed_on", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(noticed_on__gte=models.F("happened_on")), name="noticed_after_it_happened"
            )
        ]

    def __str__(self) -> str:
        return self.what[:80]


class RetentionRun(models.Model):
    """What was deleted because its time had come. `lines`: [{"code": …, "en": …, "fr": …, "count": …, "limit": "2026-01-01"}]."""

    at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True, blank=True)
    lines = models.JSONField(default=list)
    problem = models.TextField(blank=True)

    class Meta:
        verbose_name = _("retention run")
        verbose_name_plural = _("retention runs")
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d}"
