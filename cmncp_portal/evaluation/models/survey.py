"""A questionnaire put to some people for some weeks. A survey never knows what it is about: its owner points at it."""

from datetime import date, datetime

import pghistory
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Upper
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cmncp_portal.accounts.models import Language
from cmncp_portal.core.days import local_day
from cmncp_portal.core.links import is_valid, make_token, new_nonce, pk_of
from cmncp_portal.core.text import Bilingual
from cmncp_portal.network.models import Municipality

from .occasion import Occasion
from .questionnaire import Questionnaire


@pghistory.track()
class Survey(models.Model):
    """`due_at` never moves, so that reminders and lateness mean the same for all; `closes_at` ends the counting.

    From `released_at` on answers are read by others and can only be added to. `rows` are lines such as the objectives of
    a visit: [{"code": "objective-1", "en": "…", "fr": "…"}]. `time_zone` is the one in which dates are told to people.
    `side` and `place` say who is asked when an occasion has two sides; both are empty when everybody is asked alike.
    """

    questionnaire = models.ForeignKey(
        Questionnaire, models.PROTECT, related_name="surveys", verbose_name=_("questionnaire")
    )
    occasion = models.ForeignKey(Occasion, models.PROTECT, related_name="surveys", verbose_name=_("occasion"))
    side = models.CharField(_("side"), max_length=8, blank=True, help_text="in the owner's words: host, guest, mentor…")
    place = models.ForeignKey(
        Municipality, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("municipality")
    )
    title_en = models.CharField(_("title in English"), max_length=200)
    title_fr = models.CharField(_("title in French"), max_length=200)
    title = Bilingual()
    about_en = models.CharField(_("what it is about, in English"), max_length=300)
    about_fr = models.CharField(_("what it is about, in French"), max_length=300)
    about = Bilingual()
    path = models.CharField(_("address to go back to"), max_length=300, blank=True)
    rows = models.JSONField(_("lines of questions that take them from here"), default=list, blank=True)
    time_zone = models.CharField(_("time zone"), max_length=60, default="America/Toronto")
    opens_at = models.DateTimeField(_("opens at"))
    due_at = models.DateTimeField(_("due at"))
    closes_at = models.DateTimeField(_("closes at"))
    released_at = models.DateTimeField(_("answers shown to others since"), null=True, blank=True)
    closed_at = models.DateTimeField(_("owner told of the end at"), null=True, blank=True)
    cancelled_at = models.DateTimeField(_("cancelled at"), null=True, blank=True)

    class Meta:
        verbose_name = _("survey")
        verbose_name_plural = _("surveys")
        ordering = ["-opens_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(opens_at__lte=F("due_at")) & Q(due_at__lte=F("closes_at")),
                name="survey_opens_is_due_and_closes",
            )
        ]

    def __str__(self) -> str:
        return str(self.title)

    @property
    def due_on(self) -> date:
        """The day by which answers are asked for, in the survey's own zone."""
        return local_day(self.due_at, self.time_zone)

    def is_open(self, now: datetime | None = None) -> bool:
        """Tell whether answers are counted at `now`."""
        now = now or timezone.now()
        return self.cancelled_at is None and self.closed_at is None and self.opens_at <= now < self.closes_at


class Invitation(models.Model):
    """Who is asked. People without an account answer through the personal link, which works until the survey closes."""

    SCOPE = "survey"

    survey = models.ForeignKey(Survey, models.CASCADE, related_name="invitations", verbose_name=_("survey"))
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="survey_invitations",
        verbose_name=_("account"),
    )
    email = models.EmailField(_("email address"))
    name = models.CharField(_("name"), max_length=200)
    language = models.CharField(_("language"), max_length=2, choices=Language.choices, blank=True)
    role = models.CharField(_("role on the occasion"), max_length=200, blank=True)
    place = models.ForeignKey(
        Municipality, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("municipality")
    )
    time_zone = models.CharField(_("time zone"), max_length=60, default="America/Toronto")
    invited_at = models.DateTimeField(_("invited at"), default=timezone.now)
    excused_at = models.DateTimeField(_("no longer asked since"), null=True, blank=True)
    forgotten_at = models.DateTimeField(_("name removed at"), null=True, blank=True)
    wrong_person_at = models.DateTimeField(_("somebody else opened it at"), null=True, blank=True)
    nonce = models.CharField(max_length=32, default=new_nonce, editable=False)

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        ordering = ["name", "pk"]
        indexes = [models.Index(Upper("email"), name="invitation_of_address")]
        constraints = [
            models.UniqueConstraint(
                models.functions.Lower("email"), "survey", name="a_person_is_invited_once_per_survey"
            ),
            models.CheckConstraint(
                condition=Q(wrong_person_at__isnull=True) | Q(excused_at__isnull=False),
                name="the_wrong_person_is_no_longer_asked",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name}: {self.survey}"

    def get_absolute_url(self) -> str:
        """The personal link, in the active language."""
        return reverse("evaluation:answer", args=[self.token])

    @property
    def token(self) -> str:
        """The personal link's token."""
        return make_token(self.SCOPE, self.pk, self.nonce)

    @classmethod
    def from_token(cls, token: str) -> "Invitation | None":
        """Return the invitation that `token` opens, or None."""
        pk = pk_of(token)
        found = cls.objects.select_related("survey__questionnaire").filter(pk=pk).first() if pk else None
        return found if found and is_valid(token, cls.SCOPE, found.pk, found.nonce) else None
