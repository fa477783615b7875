"""Who is asked, when they could come, who comes."""

from typing import Any

import pghistory
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cmncp_portal.core.links import is_valid, make_token, new_nonce, pk_of
from cmncp_portal.core.places import LIVE, Place, PlaceQuerySet
from cmncp_portal.network.models import Municipality, Sector, Stakeholder

from .agenda import AgendaItem
from .meeting import Meeting


class Invitee(models.Model):
    """Somebody who is asked about dates, invited, or both; the personal link works without an account."""

    SCOPE = "meeting-invitee"

    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="invitees")
    stakeholder = models.ForeignKey(Stakeholder, models.SET_NULL, null=True, blank=True, related_name="+")
    municipality = models.ForeignKey(
        Municipality, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("municipality")
    )
    name = models.CharField(_("name"), max_length=200)
    email = models.EmailField(_("email address"), help_text="in small letters")
    language = models.CharField(max_length=4, default="both", help_text="en, fr or both")
    zone = models.CharField(max_length=60, default="America/Toronto")
    is_asked_for_dates = models.BooleanField(_("is asked for dates"), default=False)
    dates_answered_at = models.DateTimeField(null=True, blank=True)
    dates_note = models.CharField(_("a word about the dates"), max_length=500, blank=True)
    invited_at = models.DateTimeField(null=True, blank=True)
    declined_at = models.DateTimeField(null=True, blank=True)
    decline_note = models.CharField(_("a word to the organisers"), max_length=500, blank=True)
    wants_no_more = models.BooleanField(_("wants no further letters"), default=False)
    nonce = models.CharField(max_length=32, default=new_nonce, editable=False)

    class Meta:
        verbose_name = _("invitee")
        verbose_name_plural = _("invitees")
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["meeting", "email"], name="a_person_is_asked_once_per_meeting"),
            models.CheckConstraint(condition=Q(email=Lower("email")), name="invitee_address_in_small_letters"),
            models.CheckConstraint(condition=Q(language__in=["en", "fr", "both"]), name="invitee_in_en_fr_or_both"),
        ]
        indexes = [models.Index(fields=["email"], name="invitee_by_address")]

    def __str__(self) -> str:
        return self.name

    @property
    def token(self) -> str:
        """The token of the person's own page about the meeting."""
        return make_token(self.SCOPE, self.pk, self.nonce)

    @classmethod
    def from_token(cls, token: str) -> "Invitee | None":
        """Return the invitee whose page `token` opens, with the meeting and its places, or None."""
        pk = pk_of(token)
        rows = cls.objects.select_related("meeting__host", "meeting__co_host", "meeting__region", "municipality")
        found = rows.filter(pk=pk).first() if pk else None
        return found if found and is_valid(token, cls.SCOPE, found.pk, found.nonce) else None


class PollSlot(models.Model):
    """A date proposed for the meeting, in the meeting's zone; `last_day` is the same for a meeting of one day."""

    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="slots")
    day = models.DateField(_("first day"))
    last_day = models.DateField(_("last day"))
    begins_at = models.TimeField(_("begins at"))
    finishes_at = models.TimeField(_("ends at"))

    class Meta:
        verbose_name = _("proposed date")
        verbose_name_plural = _("proposed dates")
        ordering = ["day", "begins_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(day__lt=F("last_day")) | Q(day=F("last_day"), begins_at__lt=F("finishes_at")),
                name="slot_ends_after_it_begins",
            ),
            models.UniqueConstraint(fields=["meeting", "day", "begins_at"], name="a_date_is_proposed_once"),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.begins_at:%H:%M}"


class PollAnswer(models.Model):
    class Value(models.TextChoices):
        YES = "yes", pgettext_lazy("date poll", "Yes")
        IF_NEED_BE = "if_need_be", pgettext_lazy("date poll", "If need be")
        NO = "no", pgettext_lazy("date poll", "No")

    slot = models.ForeignKey(PollSlot, models.CASCADE, related_name="answers")
    invitee = models.ForeignKey(Invitee, models.CASCADE, related_name="answers")
    value = models.CharField(max_length=10, choices=Value.choices)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["slot", "invitee"], name="one_answer_per_person_and_date")]

    def __str__(self) -> str:
        return f"{self.invitee}: {self.value}"


class RegistrationQuerySet(PlaceQuerySet):
    def visible_to(self, user: Any) -> "RegistrationQuerySet":
        """Registrations of the meetings that `user` may know of; who may read them is asked of the rules."""
        return self.filter(meeting__in=Meeting.objects.visible_to(user))

    def counted(self) -> "RegistrationQuerySet":
        """Places that fill the room: online ones of a meeting that is also in person do not."""
        return self.registered().exclude(meeting__mode=Meeting.Mode.HYBRID, attends=Registration.Attends.ONLINE)


# History leaves out what is confidential: deleted needs must be gone for good.
@pghistory.track(exclude=["dietary_needs", "access_needs", "nonce"])
class Registration(Place):
    """A person's place at a meeting."""

    SCOPE = "meeting-place"

    class Attends(models.TextChoices):
        IN_PERSON = "in_person", pgettext_lazy("takes part", "In person")
        ONLINE = "online", pgettext_lazy("takes part", "Online")

    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="registrations")
    municipality = models.ForeignKey(
        Municipality, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("municipality")
    )
    sector = models.ForeignKey(
        Sector, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("sector")
    )
    stakeholder = models.ForeignKey(Stakeholder, models.SET_NULL, null=True, blank=True, related_name="+")
    registered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    registered_by_name = models.CharField(_("registered by"), max_length=200, blank=True)
    attends = models.CharField(_("takes part"), max_length=10, choices=Attends.choices, default=Attends.IN_PERSON)
    zone = models.CharField(max_length=60, default="America/Toronto")

    objects = RegistrationQuerySet.as_manager()

    class Meta(Place.Meta):
        verbose_name = _("registration")
        verbose_name_plural = _("registrations")
        ordering = ["name", "pk"]
        constraints = [
            *Place.Meta.constraints,
            models.UniqueConstraint(
                Lower("email"),
                "meeting",
                condition=Q(status__in=[str(status) for status in LIVE]),
                name="a_person_has_one_place_per_meeting",
            ),
        ]
        indexes = [
            models.Index(fields=["meeting", "status", "waiting_since"], name="registration_by_turn"),
            models.Index(Lower("email"), name="registration_by_address"),
        ]

    @property
    def is_online(self) -> bool:
        return self.attends == self.Attends.ONLINE


class SessionAttendance(models.Model):
    """Who was in a session, where that is noted."""

    item = models.ForeignKey(AgendaItem, models.CASCADE, related_name="attendance")
    registration = models.ForeignKey(Registration, models.CASCADE, related_name="sessions")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["item", "registration"], name="a_person_is_in_a_session_once")]

    def __str__(self) -> str:
        return f"{self.registration}: {self.item}"
