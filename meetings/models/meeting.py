"""A regional or national meeting. The state is stored; whether registration is open or the notes are out is derived."""

from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pghistory
import rules
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import Exists, F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cmncp_portal.accounts.models import Language
from cmncp_portal.accounts.rules import is_administrator, is_secretariat
from cmncp_portal.core.models import StateChange, Timestamped, Versioned
from cmncp_portal.core.search import words_of
from cmncp_portal.core.text import Bilingual
from cmncp_portal.network.models import Membership, Municipality, Region
from cmncp_portal.network.models.municipality import validate_time_zone
from cmncp_portal.network.rules import municipality_ids_of

DAY_ENDS = time(23, 59, 59)


class Audience(models.TextChoices):
    """Who may know of a meeting and come. Each wider one holds those before it."""

    INVITED = "invited", _("Only those invited")
    MEMBERS = "members", _("General members")
    ASSOCIATES = "associates", _("General and associate members")
    PUBLIC = "public", _("Everyone")


class MeetingQuerySet(models.QuerySet["Meeting"]):
    def published(self) -> "MeetingQuerySet":
        """Meetings that were announced, whatever became of them."""
        return self.filter(published_at__isnull=False)

    def visible_to(self, user: Any) -> "MeetingQuerySet":
        """Published meetings whose audience holds `user`; those who prepare a meeting see it from the start.

        The network sees all; the host and a co-hosting member see theirs; who was invited or registered by name sees it
        once it is published, whatever the audience.
        """
        published = Q(published_at__isnull=False)
        if not getattr(user, "is_authenticated", False):
            return self.filter(published, audience=Audience.PUBLIC)
        if is_secretariat(user) or is_administrator(user):
            return self
        ours = municipality_ids_of(user)
        prepares = Q(host__in=ours) | Q(co_host__in=ours)
        known = _known_by_audience(user, ours)
        email = user.email.lower()
        named = Q(pk__in=Meeting.objects.filter(invitees__email=email).values("pk")) | Q(
            pk__in=Meeting.objects.filter(registrations__email=email).values("pk")
        )
        return self.filter(prepares & ~Q(state=Meeting.State.IDEA) | published & (known | named))

    def with_places(self) -> "MeetingQuerySet":
        """Fetch the municipalities and the region that every page about a meeting names."""
        return self.select_related("host", "co_host", "region")

    def upcoming(self, today: date) -> "MeetingQuerySet":
        """Meetings that are not over on `today`, and those whose dates are yet to be set."""
        return self.filter(Q(ends_on__gte=today) | Q(ends_on__isnull=True)).exclude(state=Meeting.State.CANCELLED)

    def past(self, today: date) -> "MeetingQuerySet":
        return self.filter(Q(ends_on__lt=today) | Q(state=Meeting.State.CANCELLED))


def _known_by_audience(user: Any, ours: set[int]) -> Q:
    """Return which meetings `user` belongs to the audience of: by the own municipality's membership, or a role of the network."""
    public = Q(audience=Audience.PUBLIC)
    if rules.has_perm("meetings.know_all_audiences", user):
        return Q(audience__in=[Audience.PUBLIC, Audience.ASSOCIATES, Audience.MEMBERS])
    if not ours:
        return public
    today = timezone.localdate()
    running = Membership.objects.filter(municipality__in=ours, from_on__lte=today).filter(
        Q(until_on__isnull=True) | Q(until_on__gte=today)
    )
    general, associate = Membership.Kind.GENERAL, Membership.Kind.ASSOCIATE
    of_members = Q(Exists(running.filter(kind=general)), audience=Audience.MEMBERS)
    return public | of_members | Q(Exists(running.filter(kind__in=[general, associate])), audience=Audience.ASSOCIATES)


@pghistory.track(exclude=["search_en", "search_fr"])
class Meeting(Timestamped, Versioned):
    """`sequence` rises with each change of the calendar event. Days and clock times are those of `time_zone`."""

    class Kind(models.TextChoices):
        REGIONAL = "regional", _("Regional meeting")
        NATIONAL = "national", _("National meeting")

    class Mode(models.TextChoices):
        IN_PERSON = "in_person", pgettext_lazy("meeting", "In person")
        VIRTUAL = "virtual", pgettext_lazy("meeting", "Online")
        HYBRID = "hybrid", pgettext_lazy("meeting", "In person and online")

    class State(models.TextChoices):
        IDEA = "idea", pgettext_lazy("meeting", "Idea")
        POLLING = "polling", pgettext_lazy("meeting", "Looking for a date")
        SCHEDULED = "scheduled", pgettext_lazy("meeting", "Being prepared")
        ANNOUNCED = "announced", pgettext_lazy("meeting", "Announced")
        HELD = "held", pgettext_lazy("meeting", "Held")
        POSTPONED = "postponed", pgettext_lazy("meeting", "Postponed")
        CANCELLED = "cancelled", pgettext_lazy("meeting", "Cancelled")

    class Captions(models.TextChoices):
        UNKNOWN = "", _("Not known yet")
        YES = "yes", _("Live captions")
        NO = "no", _("No captions")

    slug = models.SlugField(_("address"), max_length=80, unique=True)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    region = models.ForeignKey(
        Region, models.PROTECT, null=True, blank=True, related_name="meetings", verbose_name=_("region")
    )
    title_en = models.CharField(_("title in English"), max_length=200, blank=True)
    title_fr = models.CharField(_("title in French"), max_length=200, blank=True)
    title = Bilingual()
    summary_en = models.TextField(_("what it is about, in English"), blank=True)
    summary_fr = models.TextField(_("what it is about, in French"), blank=True)
    summary = Bilingual()
    host = models.ForeignKey(
        Municipality,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="meetings_hosted",
        verbose_name=_("host member"),
    )
    co_host = models.ForeignKey(
        Municipality,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="meetings_co_hosted",
        verbose_name=_("co-hosting member"),
    )
    mode = models.CharField(_("how it is held"), max_length=10, choices=Mode.choices, default=Mode.IN_PERSON)
    time_zone = models.CharField(_("time zone"), max_length=60, validators=[validate_time_zone])
    starts_on = models.DateField(_("first day"), null=True, blank=True)
    ends_on = models.DateField(_("last day"), null=True, blank=True)
    begins_at = models.TimeField(_("begins at"), null=True, blank=True)
    finishes_at = models.TimeField(_("ends at"), null=True, blank=True)
    venue = models.CharField(_("building and room"), max_length=200, blank=True)
    address = models.CharField(_("street address"), max_length=300, blank=True)
    join_link = models.URLField(_("link to take part online"), blank=True, max_length=500)
    captions = models.CharField(_("captions online"), max_length=3, choices=Captions.choices, blank=True, default="")
    languages = ArrayField(
        models.CharField(max_length=2, choices=Language.choices), verbose_name=_("working languages"), default=list
    )
    interpretation = models.BooleanField(_("simultaneous interpretation"), default=False)
    local_en = models.TextField(_("local information in English"), blank=True)
    local_fr = models.TextField(_("local information in French"), blank=True)
    local = Bilingual()
    local_contact = models.CharField(_("local host person"), max_length=300, blank=True)
    audience = models.CharField(_("for whom"), max_length=10, choices=Audience.choices, default=Audience.ASSOCIATES)
    capacity = models.PositiveIntegerField(_("number of places"), null=True, blank=True)
    needs_approval = models.BooleanField(_("registrations are approved one by one"), default=False)
    registration_opens_on = models.DateField(_("registration opens on"), null=True, blank=True)
    registration_closes_on = models.DateField(_("registration closes on"), null=True, blank=True)
    fee = models.DecimalField(_("fee per person, in dollars"), max_digits=8, decimal_places=2, null=True, blank=True)
    is_general_meeting = models.BooleanField(_("holds the annual general meeting"), default=False)
    quorum = models.PositiveIntegerField(_("voting delegates for a quorum"), null=True, blank=True)
    poll_closes_on = models.DateField(_("answers on dates until"), null=True, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.IDEA)
    sequence = models.PositiveIntegerField(default=0)
    published_at = models.DateTimeField(_("announced at"), null=True, blank=True)
    held_at = models.DateTimeField(_("recorded as held at"), null=True, blank=True)
    notes_en = models.TextField(_("notes in English"), blank=True)
    notes_fr = models.TextField(_("notes in French"), blank=True)
    notes = Bilingual()
    notes_published_at = models.DateTimeField(_("notes published at"), null=True, blank=True)
    needs_deleted_at = models.DateTimeField(_("personal needs deleted at"), null=True, blank=True)
    attended_count = models.PositiveIntegerField(
        _("number of participants"), null=True, blank=True, help_text=_("for meetings held before the portal existed")
    )
    source = models.CharField(_("where this is known from"), max_length=300, blank=True)
    organised_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("organiser")
    )
    search_en = models.GeneratedField(
        expression=words_of("en", "title_en", "summary_en"), output_field=SearchVectorField(), db_persist=True
    )
    search_fr = models.GeneratedField(
        expression=words_of("fr", "title_fr", "summary_fr"), output_field=SearchVectorField(), db_persist=True
    )

    objects = MeetingQuerySet.as_manager()

    class Meta:
        verbose_name = _("meeting")
        verbose_name_plural = _("meetings")
        ordering = [F("starts_on").desc(nulls_first=True), "pk"]
        indexes = [
            GinIndex(fields=["search_en"], name="meeting_search_en"),
            GinIndex(fields=["search_fr"], name="meeting_search_fr"),
            models.Index(fields=["state", "starts_on"], name="meeting_by_state_and_day"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="regional", region__isnull=False) | Q(kind="national", region__isnull=True),
                name="a_meeting_has_a_region_if_and_only_if_regional",
            ),
            models.CheckConstraint(
                condition=Q(starts_on__isnull=True, ends_on__isnull=True) | Q(starts_on__lte=F("ends_on")),
                name="meeting_ends_after_it_begins",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["announced", "held"])
                | Q(starts_on__isnull=False, published_at__isnull=False) & ~Q(title_en="") & ~Q(title_fr=""),
                name="an_announced_meeting_has_dates_and_both_titles",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["idea", "polling", "scheduled", "announced", "held", "postponed", "cancelled"]),
                name="meeting_state_is_known",
            ),
            models.CheckConstraint(
                condition=~Q(state="held") | Q(held_at__isnull=False), name="a_held_meeting_says_when_recorded"
            ),
            models.CheckConstraint(
                condition=Q(co_host__isnull=True) | Q(host__isnull=False) & ~Q(co_host=F("host")),
                name="a_co_host_stands_beside_a_host",
            ),
        ]

    def __str__(self) -> str:
        return str(self.title)

    def get_absolute_url(self) -> str:
        return reverse("meetings:meeting", args=[self.slug])

    def title_in(self, language: str) -> str:
        """Return the title in `language`, or the other one while it is missing."""
        wanted, rest = (self.title_fr, self.title_en) if language == "fr" else (self.title_en, self.title_fr)
        return wanted or rest

    def now(self) -> datetime:
        """The present moment as a clock at the meeting shows it."""
        return timezone.now().astimezone(ZoneInfo(self.time_zone))

    def today(self) -> date:
        """The present day where the meeting takes place."""
        return self.now().date()

    @property
    def zone_city(self) -> str:
        """The place whose time is meant: the host when the meeting keeps its time, else the city of the zone."""
        if self.host and self.host.time_zone == self.time_zone:
            return str(self.host)
        return self.time_zone.rpartition("/")[2].replace("_", " ")

    def zone_city_in(self, language: str) -> str:
        """Return `zone_city` in `language`."""
        if self.host and self.host.time_zone == self.time_zone:
            return self.host.name_in(language)
        return self.time_zone.rpartition("/")[2].replace("_", " ")

    @property
    def days(self) -> list[date]:
        """The calendar days of the meeting, first to last."""
        if self.starts_on is None or self.ends_on is None:
            return []
        return [self.starts_on + timedelta(days=n) for n in range((self.ends_on - self.starts_on).days + 1)]

    @property
    def begins(self) -> datetime | None:
        """The aware instant at which the meeting begins; None without a date or a time."""
        if self.starts_on is None or self.begins_at is None:
            return None
        return datetime.combine(self.starts_on, self.begins_at, tzinfo=ZoneInfo(self.time_zone))

    @property
    def finishes(self) -> datetime | None:
        """The aware instant at which the last day ends: at its time, or with the day; None without a date."""
        if self.ends_on is None:
            return None
        return datetime.combine(self.ends_on, self.finishes_at or DAY_ENDS, tzinfo=ZoneInfo(self.time_zone))

    @property
    def is_over(self) -> bool:
        """Whether the last day has ended, recorded or not."""
        return self.finishes is not None and self.finishes <= timezone.now()

    @property
    def is_under_way(self) -> bool:
        return bool(
            self.state == self.State.ANNOUNCED
            and self.starts_on
            and self.starts_on <= self.today()
            and not self.is_over
        )

    @property
    def is_online(self) -> bool:
        """Whether one can take part from afar."""
        return self.mode != self.Mode.IN_PERSON

    @property
    def is_registration_open(self) -> bool:
        """Whether people can register today, by the calendar of the meeting's place."""
        if self.state != self.State.ANNOUNCED or self.is_over:
            return False
        today = self.today()
        opened = self.registration_opens_on is None or self.registration_opens_on <= today
        return opened and (self.registration_closes_on is None or today <= self.registration_closes_on)

    @property
    def has_notes(self) -> bool:
        return self.notes_published_at is not None

    @property
    def is_bilingual(self) -> bool:
        """Whether title and summary stand in both languages."""
        return all((self.title_en, self.title_fr, self.summary_en, self.summary_fr))


class MeetingStateChange(StateChange):
    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="changes")

    class Meta(StateChange.Meta):
        verbose_name = _("move of a meeting")
        verbose_name_plural = _("moves of meetings")

    def __str__(self) -> str:
        return f"{self.meeting}: {self.transition}"


class MeetingChange(models.Model):
    """What changed after the announcement, in both languages: told to everyone who comes, kept for the history."""

    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="told_changes")
    text_en = models.CharField(max_length=300)
    text_fr = models.CharField(max_length=300)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    by_name = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return self.text_en
