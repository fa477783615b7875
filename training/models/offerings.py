"""A module given on certain days: who facilitates, who comes, who came, what it was worth. Places are those of `core.places`."""

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pghistory
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cmncp_portal.accounts.rules import is_administrator, is_secretariat, is_university
from cmncp_portal.core.models import StateChange, Timestamped, Versioned
from cmncp_portal.core.places import LIVE, Attendance, Place, PlaceQuerySet
from cmncp_portal.core.text import Bilingual
from cmncp_portal.evaluation.models import Survey
from cmncp_portal.network.models import Municipality, Stakeholder
from cmncp_portal.network.models.municipality import validate_time_zone
from cmncp_portal.network.rules import speaks_for_ids

from .learners import Learner
from .modules import Module
from .standards import Competency


class OfferingQuerySet(models.QuerySet["Offering"]):
    def visible_to(self, user: Any) -> "OfferingQuerySet":
        """Offerings that were opened are for everyone to read; planned ones and pilots for those who prepare or hold a place."""
        if not getattr(user, "is_authenticated", False):
            return self.filter(Offering.SHOWN, is_pilot=False)
        if is_secretariat(user) or is_administrator(user) or is_university(user):
            return self
        email = user.email.lower()
        facilitates = Q(pk__in=Offering.objects.filter(facilitators__email=email).values("pk"))
        enrolled = Enrolment.objects.filter(Q(email=email) | Q(municipality__in=speaks_for_ids(user)), status__in=LIVE)
        holds_a_place = Q(pk__in=enrolled.values("offering"))
        return self.filter(facilitates | Offering.SHOWN & (Q(is_pilot=False) | holds_a_place))

    def with_module(self) -> "OfferingQuerySet":
        return self.select_related("module", "host")

    def upcoming(self, today: date) -> "OfferingQuerySet":
        """Open offerings whose last day is not over on `today`."""
        return self.filter(state=Offering.State.OPEN, ends_on__gte=today)


@pghistory.track()
class Offering(Timestamped, Versioned):
    """`starts_on` and `ends_on` are the first and last day of its sessions; days and clock times are those of `time_zone`.

    `sequence` rises with each change of the calendar event. `language` is the one in which it is taught.
    """

    class Mode(models.TextChoices):
        IN_PERSON = "in_person", pgettext_lazy("training", "In person")
        ONLINE = "online", pgettext_lazy("training", "Online")

    class State(models.TextChoices):
        PLANNED = "planned", pgettext_lazy("offering", "Being prepared")
        OPEN = "open", pgettext_lazy("offering", "Open for enrolment")
        HELD = "held", pgettext_lazy("offering", "Held")
        CANCELLED = "cancelled", pgettext_lazy("offering", "Cancelled")

    class Taught(models.TextChoices):
        ENGLISH = "en", "English"
        FRENCH = "fr", "Français"
        BOTH = "both", _("Both languages")

    SHOWN = Q(opened_at__isnull=False)

    reference = models.CharField(_("reference"), max_length=20, unique=True)
    module = models.ForeignKey(Module, models.PROTECT, related_name="offerings", verbose_name=_("module"))
    is_pilot = models.BooleanField(_("pilot, before the module is approved"), default=False)
    mode = models.CharField(_("how it is held"), max_length=10, choices=Mode.choices, default=Mode.IN_PERSON)
    language = models.CharField(_("taught in"), max_length=4, choices=Taught.choices, default=Taught.ENGLISH)
    time_zone = models.CharField(_("time zone"), max_length=60, validators=[validate_time_zone])
    starts_on = models.DateField(_("first day"), null=True, blank=True)
    ends_on = models.DateField(_("last day"), null=True, blank=True)
    host = models.ForeignKey(
        Municipality,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="offerings_hosted",
        verbose_name=_("host municipality"),
    )
    venue = models.CharField(_("building and room"), max_length=200, blank=True)
    address = models.CharField(_("street address"), max_length=300, blank=True)
    join_link = models.URLField(_("link to take part online"), blank=True, max_length=500)
    practical_en = models.TextField(_("good to know, in English"), blank=True)
    practical_fr = models.TextField(_("good to know, in French"), blank=True)
    practical = Bilingual()
    capacity = models.PositiveIntegerField(_("number of places"), null=True, blank=True)
    needs_approval = models.BooleanField(_("enrolments are approved one by one"), default=False)
    enrolment_closes_on = models.DateField(_("last day to enrol"), null=True, blank=True)
    sessions_needed = models.PositiveSmallIntegerField(
        _("sessions that one attends to complete it"), null=True, blank=True, help_text=_("Empty: all of them.")
    )
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.PLANNED)
    sequence = models.PositiveIntegerField(default=0)
    opened_at = models.DateTimeField(_("opened for enrolment at"), null=True, blank=True)
    held_at = models.DateTimeField(_("recorded as held at"), null=True, blank=True)
    needs_deleted_at = models.DateTimeField(_("personal needs deleted at"), null=True, blank=True)
    organised_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    is_demonstration = models.BooleanField(default=False)

    objects = OfferingQuerySet.as_manager()

    class Meta:
        verbose_name = _("offering")
        verbose_name_plural = _("offerings")
        ordering = [F("starts_on").desc(nulls_first=True), "pk"]
        indexes = [models.Index(fields=["state", "starts_on"], name="offering_by_state_and_day")]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["planned", "open", "held", "cancelled"]), name="offering_state_is_known"
            ),
            models.CheckConstraint(
                condition=Q(starts_on__isnull=True, ends_on__isnull=True) | Q(starts_on__lte=F("ends_on")),
                name="offering_ends_after_it_begins",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["open", "held"]) | Q(starts_on__isnull=False, opened_at__isnull=False),
                name="an_open_offering_has_dates",
            ),
            models.CheckConstraint(
                condition=~Q(state="held") | Q(held_at__isnull=False), name="a_held_offering_says_when_recorded"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.module} ({self.reference})"

    def get_absolute_url(self) -> str:
        return reverse("training:offering", args=[self.reference])

    def now(self) -> datetime:
        """The present moment as a clock at the offering shows it."""
        return timezone.now().astimezone(ZoneInfo(self.time_zone))

    def today(self) -> date:
        """The present day where the offering takes place."""
        return self.now().date()

    @property
    def is_online(self) -> bool:
        return self.mode == self.Mode.ONLINE

    @property
    def is_over(self) -> bool:
        """Whether its last day has passed, recorded or not."""
        return self.ends_on is not None and self.ends_on < self.today()

    @property
    def has_begun(self) -> bool:
        return self.starts_on is not None and self.starts_on <= self.today()

    @property
    def is_enrolment_open(self) -> bool:
        """Whether people can enrol today, by the calendar of the place; without a last day, until the day before it begins."""
        if self.state != self.State.OPEN or self.starts_on is None or self.has_begun:
            return False
        return self.enrolment_closes_on is None or self.today() <= self.enrolment_closes_on


class OfferingStateChange(StateChange):
    offering = models.ForeignKey(Offering, models.CASCADE, related_name="changes")

    class Meta(StateChange.Meta):
        pass


class OfferingChange(models.Model):
    """What changed after it was opened, in both languages: told to everyone who comes, kept for the history."""

    offering = models.ForeignKey(Offering, models.CASCADE, related_name="told_changes")
    text_en = models.CharField(max_length=300)
    text_fr = models.CharField(max_length=300)
    text = Bilingual()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    by_name = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return self.text_en


class Session(models.Model):
    """One sitting of an offering: a day, from and until."""

    offering = models.ForeignKey(Offering, models.CASCADE, related_name="sessions")
    day = models.DateField(_("day"))
    begins_at = models.TimeField(_("from"))
    finishes_at = models.TimeField(_("until"))

    class Meta:
        verbose_name = _("session")
        verbose_name_plural = _("sessions")
        ordering = ["day", "begins_at", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(begins_at__lt=F("finishes_at")), name="sitting_ends_after_it_begins"),
            models.UniqueConstraint(fields=["offering", "day", "begins_at"], name="one_sitting_at_a_time"),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.begins_at:%H:%M}"

    def instants(self) -> tuple[datetime, datetime]:
        """Return the aware start and end, in the offering's zone."""
        zone = ZoneInfo(self.offering.time_zone)
        begins = datetime.combine(self.day, self.begins_at, tzinfo=zone)
        return begins, datetime.combine(self.day, self.finishes_at, tzinfo=zone)


class Facilitator(models.Model):
    """Who teaches an offering; may take attendance. By address, so that an account made later is known."""

    offering = models.ForeignKey(Offering, models.CASCADE, related_name="facilitators")
    stakeholder = models.ForeignKey(Stakeholder, models.SET_NULL, null=True, blank=True, related_name="+")
    name = models.CharField(_("name"), max_length=200)
    organisation = models.CharField(_("organisation"), max_length=200, blank=True)
    email = models.EmailField(_("email address"), blank=True)
    language = models.CharField(
        _("language of letters"), max_length=2, choices=[("en", "English"), ("fr", "Français")], blank=True
    )

    class Meta:
        verbose_name = _("facilitator")
        verbose_name_plural = _("facilitators")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(condition=Q(email=Lower("email")), name="facilitator_address_in_small_letters")
        ]

    def __str__(self) -> str:
        return self.name


class EnrolmentQuerySet(PlaceQuerySet):
    def visible_to(self, user: Any) -> "EnrolmentQuerySet":
        """One's own; those of the municipalities one speaks for; for facilitators and the network, all of an offering."""
        if not getattr(user, "is_authenticated", False):
            return self.none()
        if is_secretariat(user) or is_administrator(user):
            return self
        email = user.email.lower()
        taught = Offering.objects.filter(facilitators__email=email)
        own = Q(email=email) | Q(municipality__in=speaks_for_ids(user))
        return self.filter(own | Q(offering__in=taught.values("pk")))


@pghistory.track(exclude=["dietary_needs", "access_needs", "nonce"])
class Enrolment(Place):
    """A person's place in an offering. `attendance` sums up the sessions; `completed_at` is when it gave its attainments."""

    SCOPE = "training-place"

    offering = models.ForeignKey(Offering, models.CASCADE, related_name="enrolments")
    learner = models.ForeignKey(Learner, models.PROTECT, related_name="enrolments")
    municipality = models.ForeignKey(
        Municipality, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("municipality")
    )
    stakeholder = models.ForeignKey(Stakeholder, models.SET_NULL, null=True, blank=True, related_name="+")
    enrolled_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    enrolled_by_name = models.CharField(_("enrolled by"), max_length=200, blank=True)
    zone = models.CharField(max_length=60, default="America/Toronto")
    completed_at = models.DateTimeField(_("completed at"), null=True, blank=True)

    objects = EnrolmentQuerySet.as_manager()

    class Meta(Place.Meta):
        verbose_name = _("enrolment")
        verbose_name_plural = _("enrolments")
        ordering = ["name", "pk"]
        constraints = [
            *Place.Meta.constraints,
            models.UniqueConstraint(
                fields=["offering", "learner"], condition=Q(status__in=LIVE), name="one_live_place_per_learner"
            ),
        ]
        indexes = [models.Index(fields=["email"], name="enrolment_by_address")]


class SessionAttendance(models.Model):
    """Whether somebody came to one session."""

    session = models.ForeignKey(Session, models.CASCADE, related_name="attendances")
    enrolment = models.ForeignKey(Enrolment, models.CASCADE, related_name="attendances")
    attendance = models.CharField(_("attendance"), max_length=10, choices=Attendance.choices, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["session", "enrolment"], name="one_attendance_per_session_and_place")
        ]

    def __str__(self) -> str:
        return f"{self.enrolment}: {self.attendance}"


class SelfAssessment(models.Model):
    """What somebody says she can do, before and after. Hers alone: others see means of five or more."""

    class Moment(models.TextChoices):
        BEFORE = "before", pgettext_lazy("self-assessment", "Before")
        AFTER = "after", pgettext_lazy("self-assessment", "After")

    enrolment = models.ForeignKey(Enrolment, models.CASCADE, related_name="self_assessments")
    moment = models.CharField(max_length=6, choices=Moment.choices)
    answered_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("self-assessment")
        verbose_name_plural = _("self-assessments")
        constraints = [
            models.UniqueConstraint(fields=["enrolment", "moment"], name="one_self_assessment_per_moment"),
        ]

    def __str__(self) -> str:
        return f"{self.enrolment}: {self.moment}"


class SelfRating(models.Model):
    """How sure somebody is of one competency, from 1 (not at all) to 5 (I could teach it)."""

    class Sure(models.IntegerChoices):
        NOT_AT_ALL = 1, pgettext_lazy("how sure one is", "Not at all")
        LITTLE = 2, pgettext_lazy("how sure one is", "A little")
        WITH_HELP = 3, pgettext_lazy("how sure one is", "With help")
        ALONE = 4, pgettext_lazy("how sure one is", "On my own")
        COULD_TEACH = 5, pgettext_lazy("how sure one is", "I could teach it")

    assessment = models.ForeignKey(SelfAssessment, models.CASCADE, related_name="ratings")
    competency = models.ForeignKey(Competency, models.PROTECT, related_name="+")
    value = models.PositiveSmallIntegerField(choices=Sure.choices)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["assessment", "competency"], name="one_rating_per_competency"),
            models.CheckConstraint(condition=Q(value__gte=1, value__lte=5), name="rating_from_one_to_five"),
        ]

    def __str__(self) -> str:
        return f"{self.assessment}: {self.value}"


class OfferingSurvey(models.Model):
    """Participants are asked twice: what it was worth to them, and three months later whether they used it."""

    class Purpose(models.TextChoices):
        EVALUATION = "evaluation", pgettext_lazy("survey of an offering", "What it was worth")
        USE = "use", pgettext_lazy("survey of an offering", "Whether it was used")

    offering = models.ForeignKey(Offering, models.CASCADE, related_name="surveys")
    purpose = models.CharField(max_length=10, choices=Purpose.choices)
    survey = models.OneToOneField(Survey, models.PROTECT, related_name="offering_survey")

    class Meta:
        verbose_name = _("survey of an offering")
        verbose_name_plural = _("surveys of offerings")
        constraints = [models.UniqueConstraint(fields=["offering", "purpose"], name="asked_once_for_each_purpose")]

    def __str__(self) -> str:
        return f"{self.offering}: {self.purpose}"
