"""A report as it was frozen: nothing that changes later changes it."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cmncp_portal.accounts.models import Language
from cmncp_portal.core.files import RandomName
from cmncp_portal.core.links import is_valid, make_token, new_nonce, pk_of
from cmncp_portal.core.text import Bilingual

from .report import Calculation, Report


class Snapshot(models.Model):
    """What went to the funder. `figures` are as published: small groups are hidden there already, and stay hidden.

    `content` holds title, funder, periods and narratives with their cases as they were. `cells` are the published groups of
    people, by indicator, that the next snapshot must not make guessable by subtraction (suppression.py); it is never shown.
    `calculation` leads to the records behind the figures. With `shared_at` whoever has the link reads it without an account.
    """

    SCOPE = "report-snapshot"

    report = models.ForeignKey(Report, models.PROTECT, related_name="snapshots")
    number = models.PositiveSmallIntegerField()
    calculation = models.OneToOneField(Calculation, models.PROTECT, related_name="snapshot")
    frozen_at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    by_name = models.CharField(max_length=200)
    definitions = models.PositiveSmallIntegerField()
    content = models.JSONField()
    figures = models.JSONField()
    cells = models.JSONField(default=dict)
    note_en = models.TextField(_("note in English"), blank=True)
    note_fr = models.TextField(_("note in French"), blank=True)
    note = Bilingual()
    shared_at = models.DateTimeField(null=True, blank=True)
    shared_by_name = models.CharField(max_length=200, blank=True)
    nonce = models.CharField(max_length=32, default=new_nonce, editable=False)

    class Meta:
        verbose_name = _("frozen report")
        verbose_name_plural = _("frozen reports")
        ordering = ["-frozen_at", "-pk"]
        constraints = [models.UniqueConstraint(fields=["report", "number"], name="one_snapshot_per_number")]

    def __str__(self) -> str:
        return f"{self.report} ({self.number})"

    def get_absolute_url(self) -> str:
        return reverse("reporting:snapshot", args=[self.report_id, self.number])

    @property
    def token(self) -> str:
        """The token of the page for those without an account; it opens only while the snapshot is shared."""
        return make_token(self.SCOPE, self.pk, self.nonce)

    @classmethod
    def from_token(cls, token: str) -> "Snapshot | None":
        """Return the shared snapshot that `token` opens, or None."""
        pk = pk_of(token)
        found = cls.objects.select_related("report").filter(pk=pk, shared_at__isnull=False).first() if pk else None
        return found if found and is_valid(token, cls.SCOPE, found.pk, found.nonce) else None


class SnapshotFile(models.Model):
    """One file made of a snapshot, in one language and format, by a worker."""

    class Format(models.TextChoices):
        PDF = "pdf", pgettext_lazy("format", "PDF")
        DOCX = "docx", pgettext_lazy("format", "Word document")
        CSV = "csv", pgettext_lazy("format", "Table (CSV)")

    class State(models.TextChoices):
        WAITING = "waiting", pgettext_lazy("file", "Being made")
        DONE = "done", pgettext_lazy("file", "Ready")
        FAILED = "failed", pgettext_lazy("file", "Could not be made")

    snapshot = models.ForeignKey(Snapshot, models.CASCADE, related_name="files")
    language = models.CharField(max_length=2, choices=Language.choices)
    format = models.CharField(max_length=4, choices=Format.choices)
    state = models.CharField(max_length=7, choices=State.choices, default=State.WAITING)
    file = models.FileField(upload_to=RandomName("reports"), blank=True)
    made_at = models.DateTimeField(null=True, blank=True)
    problem = models.TextField(blank=True)

    class Meta:
        ordering = ["language", "format"]
        constraints = [
            models.UniqueConstraint(
                fields=["snapshot", "language", "format"], name="one_file_per_snapshot_language_and_format"
            ),
            models.CheckConstraint(condition=~Q(state="done") | ~Q(file=""), name="a_file_that_is_ready_is_there"),
        ]

    def __str__(self) -> str:
        return f"{self.snapshot}: {self.language}, {self.format}"
