"""What becomes of briefs: files in other formats, who asked for one, who follows, what municipalities do with them."""

from typing import Any
from uuid import uuid4

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cmncp_portal.accounts.models import Language
from cmncp_portal.core.links import is_valid, make_token, new_nonce, pk_of
from cmncp_portal.core.models import Timestamped, Versioned
from cmncp_portal.network.models import Municipality

from .brief import ActionBrief, Edition
from .rows import Step


class Format(models.TextChoices):
    PDF = "pdf", _("PDF")
    LARGE = "large", _("PDF in large print")
    DOCX = "docx", _("Word document")
    EPUB = "epub", _("E-book")
    TEXT = "txt", _("Plain text")


def _file_path(made: Any, _filename: str) -> str:
    return f"knowledge/{uuid4().hex}.{'pdf' if made.format == Format.LARGE else made.format}"


class MadeFile(models.Model):
    """An accessible format of an edition, made once for the text that `digest` stands for."""

    edition = models.ForeignKey(Edition, models.CASCADE, related_name="files")
    format = models.CharField(max_length=5, choices=Format.choices)
    digest = models.CharField(max_length=64)
    file = models.FileField(upload_to=_file_path)
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["edition", "format"], name="one_file_per_edition_and_format")]

    def __str__(self) -> str:
        return f"{self.edition_id}: {self.format}"


class FormatRequest(models.Model):
    """Somebody needs a format that is not offered; `promised_on` is the day by which they hear."""

    brief = models.ForeignKey(ActionBrief, models.CASCADE, related_name="format_requests")
    language = models.CharField(max_length=2, choices=Language.choices)
    wanted = models.TextField(_("what you need"))
    name = models.CharField(_("your name"), max_length=200, blank=True)
    email = models.EmailField(_("your email address"))
    at = models.DateTimeField(default=timezone.now)
    promised_on = models.DateField()
    answered_at = models.DateTimeField(null=True, blank=True)
    answer = models.TextField(pgettext_lazy("to a person", "answer"), blank=True)

    class Meta:
        verbose_name = _("request for a format")
        verbose_name_plural = _("requests for formats")
        ordering = ["promised_on", "pk"]

    def __str__(self) -> str:
        return f"{self.brief_id}: {self.email}"


class Subscription(models.Model):
    """Somebody wants to hear of new briefs: counts once confirmed from the mailbox, ends with one click."""

    SCOPE = "knowledge-subscription"

    email = models.EmailField(_("email address"), help_text="in small letters")
    language = models.CharField(max_length=2, choices=Language.choices)
    wording = models.TextField(help_text="what was agreed to, as it was shown")
    asked_at = models.DateTimeField(default=timezone.now)
    confirmed_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    nonce = models.CharField(max_length=32, default=new_nonce, editable=False)

    class Meta:
        verbose_name = _("subscription")
        verbose_name_plural = _("subscriptions")
        ordering = ["-asked_at", "-pk"]
        constraints = [
            models.UniqueConstraint(Lower("email"), condition=Q(ended_at__isnull=True), name="one_open_subscription")
        ]

    def __str__(self) -> str:
        return self.email

    @property
    def token(self) -> str:
        return make_token(self.SCOPE, self.pk, self.nonce)

    @classmethod
    def from_token(cls, token: str) -> "Subscription | None":
        """Return the subscription that `token` confirms or ends, or None."""
        pk = pk_of(token)
        found = cls.objects.filter(pk=pk).first() if pk else None
        return found if found and is_valid(token, cls.SCOPE, found.pk, found.nonce) else None


class Use(Timestamped, Versioned):
    """A municipality puts a brief to work."""

    class State(models.TextChoices):
        DOING = "doing", pgettext_lazy("use of a brief", "We are doing this")
        DONE = "done", pgettext_lazy("use of a brief", "We did this")

    brief = models.ForeignKey(ActionBrief, models.CASCADE, related_name="uses")
    municipality = models.ForeignKey(
        Municipality, models.CASCADE, related_name="brief_uses", verbose_name=_("municipality")
    )
    state = models.CharField(_("how far"), max_length=6, choices=State.choices)
    note = models.TextField(_("what you do, in a sentence or two"), blank=True)
    note_language = models.CharField(max_length=2, default="en")
    on = models.DateField(_("since, or on"))
    by_name = models.CharField(max_length=200)

    class Meta:
        verbose_name = _("use of a brief")
        verbose_name_plural = _("uses of briefs")
        ordering = ["-on", "-pk"]
        constraints = [models.UniqueConstraint(fields=["brief", "municipality"], name="a_brief_is_used_once_per_place")]

    def __str__(self) -> str:
        return f"{self.municipality}: {self.brief_id}"


class StepMark(models.Model):
    """A person marks a step of the own list as to do or done; it belongs to the municipality."""

    class State(models.TextChoices):
        TO_DO = "to_do", pgettext_lazy("step", "To do")
        DONE = "done", pgettext_lazy("step", "Done")

    step = models.ForeignKey(Step, models.CASCADE, related_name="marks")
    municipality = models.ForeignKey(Municipality, models.CASCADE, related_name="+")
    state = models.CharField(max_length=6, choices=State.choices)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    by_name = models.CharField(max_length=200)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["step", "municipality"], name="a_step_is_marked_once_per_place")]

    def __str__(self) -> str:
        return f"{self.municipality_id}: {self.step_id}"
