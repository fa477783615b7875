"""What is on, when, in which room and language, and who speaks."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pghistory
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cmncp_portal.core.models import Timestamped, Versioned
from cmncp_portal.core.text import Bilingual
from cmncp_portal.network.models import Stakeholder

from .meeting import Meeting


class SpokenLanguage(models.TextChoices):
    ENGLISH = "en", "English"
    FRENCH = "fr", "Français"
    BOTH = "both", _("Both languages")


class AgendaItemQuerySet(models.QuerySet["AgendaItem"]):
    def visible_to(self, user: Any) -> "AgendaItemQuerySet":
        """Items of the meetings that `user` may know of."""
        return self.filter(meeting__in=Meeting.objects.visible_to(user))

    def with_people(self) -> "AgendaItemQuerySet":
        return self.prefetch_related("speakers")


@pghistory.track()
class AgendaItem(Timestamped, Versioned):
    """One point of the agenda. `day` counts from 1; times are wall-clock in the meeting's zone. Parallel ones share a time."""

    class Kind(models.TextChoices):
        OPENING = "opening", pgettext_lazy("session", "Opening")
        KEYNOTE = "keynote", pgettext_lazy("session", "Keynote")
        PLENARY = "plenary", pgettext_lazy("session", "Plenary session")
        PARALLEL = "parallel", pgettext_lazy("session", "Parallel session")
        ROUND_TABLE = "round_table", pgettext_lazy("session", "Round table of members")
        SITE_VISIT = "site_visit", pgettext_lazy("session", "Visit on site")
        GENERAL_MEETING = "general_meeting", pgettext_lazy("session", "General meeting")
        NETWORKING = "networking", pgettext_lazy("session", "Networking")
        BREAK = "break", pgettext_lazy("session", "Break or meal")
        CLOSING = "closing", pgettext_lazy("session", "Closing")

    # Without somebody who speaks, these cannot be announced.
    NEED_SPEAKERS = (Kind.KEYNOTE, Kind.PLENARY, Kind.PARALLEL)

    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="agenda")
    day = models.PositiveSmallIntegerField(_("day of the meeting"), default=1)
    starts_at = models.TimeField(_("from"))
    ends_at = models.TimeField(_("until"))
    order = models.PositiveSmallIntegerField(_("order among those at the same time"), default=0)
    kind = models.CharField(_("kind"), max_length=16, choices=Kind.choices, default=Kind.PLENARY)
    title_en = models.CharField(_("title in English"), max_length=200, blank=True)
    title_fr = models.CharField(_("title in French"), max_length=200, blank=True)
    title = Bilingual()
    abstract_en = models.TextField(_("what it is about, in English"), blank=True)
    abstract_fr = models.TextField(_("what it is about, in French"), blank=True)
    abstract = Bilingual()
    room = models.CharField(_("room"), max_length=120, blank=True)
    language = models.CharField(
        _("language"), max_length=4, choices=SpokenLanguage.choices, default=SpokenLanguage.BOTH
    )
    interpretation = models.BooleanField(_("interpreted"), default=False)

    objects = AgendaItemQuerySet.as_manager()

    class Meta:
        verbose_name = _("point of the agenda")
        verbose_name_plural = _("points of the agenda")
        ordering = ["day", "starts_at", "order", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(starts_at__lt=F("ends_at")), name="session_ends_after_it_begins"),
            models.CheckConstraint(condition=Q(day__gte=1, day__lte=14), name="session_on_day_one_to_fourteen"),
            models.CheckConstraint(condition=~Q(title_en="") | ~Q(title_fr=""), name="session_has_a_title"),
        ]

    def __str__(self) -> str:
        return str(self.title)

    @property
    def needs_speakers(self) -> bool:
        return self.kind in self.NEED_SPEAKERS

    def overlaps(self, other: "AgendaItem") -> bool:
        """Whether both are on at the same time; one that begins when the other ends does not overlap."""
        return self.day == other.day and self.starts_at < other.ends_at and other.starts_at < self.ends_at

    def instants(self) -> tuple[datetime, datetime] | None:
        """Return the aware start and end in the meeting's zone, or None while the meeting has no date for this day."""
        days = self.meeting.days
        if self.day > len(days):
            return None
        zone, on = ZoneInfo(self.meeting.time_zone), days[self.day - 1]
        return datetime.combine(on, self.starts_at, tzinfo=zone), datetime.combine(on, self.ends_at, tzinfo=zone)


class Speaker(models.Model):
    """Somebody who speaks or leads: a stakeholder of the network or a person from outside."""

    class Role(models.TextChoices):
        SPEAKER = "speaker", pgettext_lazy("role in a session", "Speaker")
        MODERATOR = "moderator", pgettext_lazy("role in a session", "Moderator")
        HOST = "host", pgettext_lazy("role in a session", "Master of ceremonies")
        WELCOME = "welcome", pgettext_lazy("role in a session", "Words of welcome")
        ELDER = "elder", pgettext_lazy("role in a session", "Elder or knowledge keeper")

    item = models.ForeignKey(AgendaItem, models.CASCADE, related_name="speakers")
    stakeholder = models.ForeignKey(Stakeholder, models.SET_NULL, null=True, blank=True, related_name="+")
    name = models.CharField(_("name"), max_length=200)
    title = models.CharField(_("title"), max_length=200, blank=True)
    organisation = models.CharField(_("organisation"), max_length=200, blank=True)
    email = models.EmailField(_("email address"), blank=True)
    language = models.CharField(
        _("language of letters"), max_length=2, choices=[("en", "English"), ("fr", "Français")], blank=True
    )
    role = models.CharField(_("role"), max_length=10, choices=Role.choices, default=Role.SPEAKER)
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        verbose_name = _("speaker")
        verbose_name_plural = _("speakers")
        ordering = ["order", "pk"]

    def __str__(self) -> str:
        return self.name

    @property
    def identity(self) -> str:
        """What makes two rows the same person: the stakeholder, else the address, else the name."""
        if self.stakeholder_id:
            return f"stakeholder {self.stakeholder_id}"
        return (self.email or self.name).strip().casefold()
