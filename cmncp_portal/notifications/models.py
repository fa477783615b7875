"""The outbox: each letter is a row before it is a mail, and its key says what it is, so that nothing is said twice."""

from datetime import datetime
from typing import Self

import pghistory
from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cmncp_portal.core.text import LANGUAGES

LIBRARY_MAIL = "accounts.mail"  # the kind of what a library mails: sign-in codes, password resets
LONGEST_KEY = 255


class Category(models.TextChoices):
    """What a letter is about; a person may switch off reminders and announcements, never what is essential."""

    ACCOUNT = "account", _("Account and sign-in")
    EXCHANGES = "exchanges", _("Exchanges")
    MEETINGS = "meetings", _("Meetings")
    KNOWLEDGE = "knowledge", _("Knowledge")
    TRAINING = "training", _("Training")
    MENTORING = "mentoring", _("Mentoring")
    EVALUATION = "evaluation", _("Evaluations")
    ANNOUNCEMENTS = "announcements", _("News of the network")


class MessageQuerySet(models.QuerySet["Message"]):
    def due(self, now: datetime) -> Self:
        """Letters that wait to be sent and whose time has come."""
        return self.filter(state=Message.State.QUEUED, next_attempt_at__lte=now)

    def about(self, key_prefix: str) -> Self:
        """Letters whose key is `key_prefix` or goes on after it with a colon: "visit:1" does not mean "visit:12"."""
        whole = key_prefix.rstrip(":")
        return self.filter(models.Q(key=whole) | models.Q(key__startswith=f"{whole}:"))

    def for_lists(self) -> Self:
        """Without the bodies, which are long."""
        return self.defer("text", "html", "calendar")


class Message(models.Model):
    """A letter to one person, rendered once in that person's language, and what became of it.

    `due_at` is when it is to leave; `next_attempt_at` moves on with every attempt that fails.
    """

    class State(models.TextChoices):
        QUEUED = "queued", _("Waiting to be sent")
        SENT = "sent", _("Sent")
        FAILED = "failed", _("Could not be sent")
        BOUNCED = "bounced", _("Not delivered")
        WITHDRAWN = "withdrawn", _("Withdrawn before sending")

    key = models.CharField(_("key"), max_length=LONGEST_KEY, unique=True)
    kind = models.CharField(_("kind"), max_length=80)
    category = models.CharField(_("category"), max_length=20, choices=Category.choices)
    to_email = models.EmailField(_("to"))
    to_name = models.CharField(_("name"), max_length=200, blank=True)
    language = models.CharField(_("language"), max_length=4, help_text="en, fr or both")
    subject = models.CharField(_("subject"), max_length=300)
    text = models.TextField(_("text"))
    html = models.TextField(_("HTML"), blank=True)
    calendar = models.TextField(_("calendar file"), blank=True)
    calendar_method = models.CharField(max_length=10, blank=True)
    is_reminder = models.BooleanField(_("reminder"), default=False)
    unsubscribe_token = models.CharField(max_length=120, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.QUEUED)
    created_at = models.DateTimeField(_("written at"), default=timezone.now, editable=False)
    due_at = models.DateTimeField(_("to leave at"), default=timezone.now)
    next_attempt_at = models.DateTimeField(_("next attempt at"), default=timezone.now)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    sent_at = models.DateTimeField(_("sent at"), null=True, blank=True)
    provider_id = models.CharField(_("number at the mail provider"), max_length=200, blank=True)
    last_error = models.TextField(_("last error"), blank=True)

    objects = MessageQuerySet.as_manager()

    class Meta:
        verbose_name = _("letter")
        verbose_name_plural = _("letters")
        ordering = ["-created_at", "-pk"]
        indexes = [
            models.Index(fields=["-created_at", "-id"], name="message_newest_first"),
            models.Index(fields=["next_attempt_at"], condition=models.Q(state="queued"), name="message_due"),
            models.Index(fields=["to_email", "-created_at"], name="message_of_person"),
            models.Index(fields=["provider_id"], condition=~models.Q(provider_id=""), name="message_at_provider"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(language__in=[*LANGUAGES, "both"]), name="message_in_en_fr_or_both"
            ),
            models.CheckConstraint(
                condition=models.Q(state="sent", sent_at__isnull=False) | ~models.Q(state="sent"),
                name="sent_message_says_when",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.subject} → {self.to_email}"

    @property
    def message_id(self) -> str:
        """The Message-ID of every attempt, so that a letter taken twice by a mail server is recognisable as one."""
        host = settings.DEFAULT_FROM_ADDRESS.rpartition("@")[2]
        return f"<letter-{self.pk}-{int(self.created_at.timestamp())}@{host}>"

    @property
    def is_secret(self) -> bool:
        """Whether the letter holds a code or a link that signs its reader in: shown to nobody but by mail."""
        return self.kind == LIBRARY_MAIL

    @property
    def may_be_resent(self) -> bool:
        return self.state in (self.State.FAILED, self.State.BOUNCED)

    @property
    def when(self) -> datetime:
        """When it left, or is to leave."""
        return self.sent_at or self.due_at

    @property
    def tone(self) -> str:
        """The tone of the state's word on a page."""
        return {"sent": "good", "queued": "under-way", "withdrawn": "neutral"}.get(self.state, "attention")


class AboutQuerySet(models.QuerySet):
    def about(self, key_prefix: str) -> Self:
        """Rows whose key is `key_prefix` or goes on after it with a colon."""
        whole = key_prefix.rstrip(":")
        return self.filter(models.Q(key=whole) | models.Q(key__startswith=f"{whole}:"))


class Mailing(models.Model):
    """One letter to many people: what is said, frozen, and how far the writing is. See `mailings`."""

    kind = models.CharField(_("kind"), max_length=80)
    key = models.CharField(_("key"), max_length=160, unique=True)
    context = models.JSONField(_("values"))
    calendar = models.JSONField(_("calendar event"), default=dict, blank=True)
    calendar_method = models.CharField(max_length=10, blank=True)
    by_name = models.CharField(_("by"), max_length=200, blank=True)
    created_at = models.DateTimeField(_("begun at"), default=timezone.now)
    finished_at = models.DateTimeField(_("all written at"), null=True, blank=True)
    withdrawn_at = models.DateTimeField(_("stopped at"), null=True, blank=True)

    objects = AboutQuerySet.as_manager()

    class Meta:
        verbose_name = _("mailing")
        verbose_name_plural = _("mailings")
        ordering = ["-pk"]
        indexes = [
            models.Index(
                fields=["id"],
                condition=models.Q(finished_at__isnull=True, withdrawn_at__isnull=True),
                name="mailing_unfinished",
            )
        ]

    def __str__(self) -> str:
        return self.key


class MailingLine(models.Model):
    """One person of a mailing, and whether the letter is written."""

    mailing = models.ForeignKey(Mailing, models.CASCADE, related_name="lines")
    email = models.EmailField(help_text="in small letters")
    name = models.CharField(max_length=200)
    language = models.CharField(max_length=4)
    zone = models.CharField(max_length=60)
    own = models.JSONField(default=dict)
    gets_calendar = models.BooleanField(default=True)
    written_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["mailing", "email"], name="a_person_is_in_a_mailing_once")]
        indexes = [
            models.Index(fields=["mailing"], condition=models.Q(written_at__isnull=True), name="mailing_line_unwritten")
        ]

    def __str__(self) -> str:
        return self.email


@pghistory.track()
class Preference(models.Model):
    """What a person wants to receive, by address: people without an account have preferences as well.

    Its history is kept: a consent must be provable after it was taken back (Canada's Anti-Spam Legislation, s. 13).
    """

    email = models.EmailField(_("email address"), help_text="in small letters")
    category = models.CharField(_("category"), max_length=20, choices=Category.choices)
    is_wanted = models.BooleanField(_("wanted"))
    decided_at = models.DateTimeField(_("decided at"), default=timezone.now)
    wording = models.TextField(_("wording that was agreed to"), blank=True)

    class Meta:
        verbose_name = _("preference")
        verbose_name_plural = _("preferences")
        constraints = [models.UniqueConstraint(fields=["email", "category"], name="one_preference_per_category")]

    def __str__(self) -> str:
        return f"{self.email}: {self.category}"
