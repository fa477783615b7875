"""What comes out of a meeting: materials, decisions, things to do, votes, the evaluation."""

from pathlib import Path
from typing import Any
from uuid import uuid4

import pghistory
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cmncp_portal.accounts.models import Language
from cmncp_portal.core.links import is_valid, make_token, new_nonce, pk_of
from cmncp_portal.core.models import Timestamped, Versioned
from cmncp_portal.core.text import Bilingual
from cmncp_portal.evaluation.models import Survey
from cmncp_portal.network.models import Municipality, Stakeholder

from .agenda import AgendaItem, SpokenLanguage
from .meeting import Meeting


def _material_path(_material: Any, filename: str) -> str:
    """Store under a random name, so that nobody's file name becomes a path; the given name is kept in the row."""
    return f"meetings/{uuid4().hex}{Path(filename).suffix.lower()[:8]}"


class Material(models.Model):
    """A file or a link that belongs to the meeting or to one session; sent only through a checked view."""

    class Kind(models.TextChoices):
        DOCUMENT = "document", pgettext_lazy("material", "Document")
        SLIDES = "slides", pgettext_lazy("material", "Presentation")
        RECORDING = "recording", pgettext_lazy("material", "Recording")
        BRIEF = "brief", pgettext_lazy("material", "Action brief")
        LINK = "link", pgettext_lazy("material", "Link")

    class Access(models.TextChoices):
        AUDIENCE = "audience", _("Everyone who sees the meeting")
        PARTICIPANTS = "participants", _("Only those who registered")

    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="materials")
    item = models.ForeignKey(
        AgendaItem, models.SET_NULL, null=True, blank=True, related_name="materials", verbose_name=_("session")
    )
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices, default=Kind.DOCUMENT)
    title_en = models.CharField(_("title in English"), max_length=200, blank=True)
    title_fr = models.CharField(_("title in French"), max_length=200, blank=True)
    title = Bilingual()
    file = models.FileField(_("file"), upload_to=_material_path, blank=True)
    filename = models.CharField(max_length=200, blank=True)
    url = models.URLField(_("web address"), blank=True, max_length=500)
    language = models.CharField(_("language"), max_length=4, choices=SpokenLanguage.choices)
    captions = ArrayField(
        models.CharField(max_length=2, choices=Language.choices),
        verbose_name=_("captions in"),
        default=list,
        blank=True,
    )
    access = models.CharField(_("for whom"), max_length=12, choices=Access.choices, default=Access.AUDIENCE)
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    added_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("material")
        verbose_name_plural = _("materials")
        ordering = ["added_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(file="") & ~Q(url="") | ~Q(file="") & Q(url=""), name="material_is_a_file_or_a_link"
            ),
            models.CheckConstraint(condition=~Q(title_en="") | ~Q(title_fr=""), name="material_has_a_title"),
        ]

    def __str__(self) -> str:
        return str(self.title)


class Decision(models.Model):
    """What the meeting decided, in both languages."""

    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="decisions")
    text_en = models.TextField(_("decision in English"))
    text_fr = models.TextField(_("decision in French"))
    text = Bilingual()
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        verbose_name = _("decision")
        verbose_name_plural = _("decisions")
        ordering = ["order", "pk"]

    def __str__(self) -> str:
        return str(self.text)


@pghistory.track(exclude=["nonce"])
class ActionItem(Timestamped, Versioned):
    """Something to be done after the meeting, by whom and until when. Letters ask about it until it is done."""

    SCOPE = "meeting-action"

    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="actions")
    text_en = models.TextField(_("what is to be done, in English"))
    text_fr = models.TextField(_("what is to be done, in French"))
    text = Bilingual()
    stakeholder = models.ForeignKey(Stakeholder, models.SET_NULL, null=True, blank=True, related_name="+")
    municipality = models.ForeignKey(Municipality, models.SET_NULL, null=True, blank=True, related_name="+")
    owner_name = models.CharField(_("who does it"), max_length=200)
    owner_email = models.EmailField(_("email address"), blank=True)
    owner_language = models.CharField(
        _("language of letters"), max_length=2, choices=[("en", "English"), ("fr", "Français")], blank=True
    )
    owner_zone = models.CharField(max_length=60, default="America/Toronto")
    due_on = models.DateField(_("until"))
    done_at = models.DateTimeField(null=True, blank=True)
    done_by_name = models.CharField(max_length=200, blank=True)
    done_note = models.TextField(_("what came of it"), blank=True)
    dropped_at = models.DateTimeField(null=True, blank=True)
    nonce = models.CharField(max_length=32, default=new_nonce, editable=False)

    class Meta:
        verbose_name = _("action item")
        verbose_name_plural = _("action items")
        ordering = ["due_on", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(done_at__isnull=True) | Q(dropped_at__isnull=True), name="action_is_done_or_dropped"
            )
        ]

    def __str__(self) -> str:
        return str(self.text)

    @property
    def is_open(self) -> bool:
        return self.done_at is None and self.dropped_at is None

    @property
    def is_late(self) -> bool:
        return self.is_open and self.due_on < timezone.localdate()

    @property
    def token(self) -> str:
        """The token of the page on which the owner says what came of it."""
        return make_token(self.SCOPE, self.pk, self.nonce)

    @classmethod
    def from_token(cls, token: str) -> "ActionItem | None":
        """Return the action item whose page `token` opens, or None."""
        pk = pk_of(token)
        found = cls.objects.select_related("meeting__host", "meeting__region").filter(pk=pk).first() if pk else None
        return found if found and is_valid(token, cls.SCOPE, found.pk, found.nonce) else None


class Delegate(models.Model):
    """Who votes for a general member at the annual general meeting: one each, replaceable until it begins."""

    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="delegates")
    municipality = models.ForeignKey(Municipality, models.PROTECT, related_name="+", verbose_name=_("municipality"))
    stakeholder = models.ForeignKey(Stakeholder, models.SET_NULL, null=True, blank=True, related_name="+")
    name = models.CharField(_("name"), max_length=200, blank=True)
    is_present = models.BooleanField(_("present"), default=False)
    named_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    named_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("voting delegate")
        verbose_name_plural = _("voting delegates")
        ordering = ["municipality__name_en", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["meeting", "municipality"], name="one_vote_per_general_member"),
            models.CheckConstraint(condition=Q(is_present=False) | ~Q(name=""), name="a_present_delegate_has_a_name"),
        ]

    def __str__(self) -> str:
        return self.name or str(self.municipality)


class Motion(models.Model):
    """What was voted on by roll call, and the result as it was recorded."""

    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="motions")
    text_en = models.TextField(_("motion in English"))
    text_fr = models.TextField(_("motion in French"))
    text = Bilingual()
    moved_by = models.CharField(_("moved by"), max_length=200, blank=True)
    seconded_by = models.CharField(_("seconded by"), max_length=200, blank=True)
    recorded_at = models.DateTimeField(default=timezone.now)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    present_count = models.PositiveIntegerField(default=0)
    had_quorum = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("motion")
        verbose_name_plural = _("motions")
        ordering = ["recorded_at", "pk"]

    def __str__(self) -> str:
        return str(self.text)


class Vote(models.Model):
    class Choice(models.TextChoices):
        FOR = "for", pgettext_lazy("vote", "For")
        AGAINST = "against", pgettext_lazy("vote", "Against")
        ABSTAIN = "abstain", pgettext_lazy("vote", "Abstains")

    motion = models.ForeignKey(Motion, models.CASCADE, related_name="votes")
    municipality = models.ForeignKey(Municipality, models.PROTECT, related_name="+")
    delegate_name = models.CharField(max_length=200)
    choice = models.CharField(max_length=8, choices=Choice.choices)

    class Meta:
        ordering = ["municipality__name_en", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["motion", "municipality"], name="one_vote_per_member_and_motion")
        ]

    def __str__(self) -> str:
        return f"{self.municipality}: {self.choice}"


class MeetingEvaluation(models.Model):
    """Participants are asked once what the meeting was worth to them."""

    meeting = models.OneToOneField(Meeting, models.CASCADE, related_name="evaluation")
    survey = models.OneToOneField(Survey, models.PROTECT, related_name="meeting_evaluation")

    class Meta:
        verbose_name = _("evaluation of a meeting")
        verbose_name_plural = _("evaluations of meetings")

    def __str__(self) -> str:
        return str(self.meeting)
