"""A municipality applies: class, resolution of council, who answers for it, what it agrees to. And its first steps."""

from typing import Any

import pghistory
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cmncp_portal.accounts.models import Language
from cmncp_portal.accounts.rules import is_administrator, is_secretariat
from cmncp_portal.core.files import RandomName
from cmncp_portal.core.models import StateChange, Timestamped, Versioned
from cmncp_portal.network.models import Membership, Municipality
from cmncp_portal.network.rules import municipality_ids_of

from .interest import Interest


class ApplicationQuerySet(models.QuerySet["Application"]):
    def visible_to(self, user: Any) -> "ApplicationQuerySet":
        """Coordinators; the people of the municipality that applies."""
        if is_secretariat(user) or is_administrator(user):
            return self
        return self.filter(municipality__in=municipality_ids_of(user))


@pghistory.track()
class Application(Timestamped, Versioned):
    """Written from the personal page of the expression of interest, without an account. Consents keep the words agreed to."""

    class State(models.TextChoices):
        DRAFT = "draft", pgettext_lazy("application", "Being written")
        SENT = "sent", pgettext_lazy("application", "With the coordinators")
        MORE_ASKED = "more_asked", pgettext_lazy("application", "More is asked")
        APPROVED = "approved", pgettext_lazy("application", "Approved")
        DECLINED = "declined", pgettext_lazy("application", "Declined")
        WITHDRAWN = "withdrawn", pgettext_lazy("application", "Withdrawn")

    OPEN = (State.DRAFT, State.SENT, State.MORE_ASKED)

    interest = models.OneToOneField(Interest, models.PROTECT, related_name="application")
    municipality = models.ForeignKey(
        Municipality, models.PROTECT, related_name="applications", verbose_name=_("municipality")
    )
    kind = models.CharField(
        _("class"),
        max_length=12,
        choices=[
            (Membership.Kind.GENERAL.value, Membership.Kind.GENERAL.label),
            (Membership.Kind.ASSOCIATE.value, Membership.Kind.ASSOCIATE.label),
        ],
        blank=True,
    )
    resolution_on = models.DateField(_("date of the resolution"), null=True, blank=True)
    resolution_reference = models.CharField(_("number of the resolution"), max_length=80, blank=True)
    resolution_file = models.FileField(_("the resolution"), upload_to=RandomName("joining"), blank=True)
    resolution_filename = models.CharField(max_length=200, blank=True)
    representative_name = models.CharField(_("representative"), max_length=200, blank=True)
    representative_title = models.CharField(_("title"), max_length=200, blank=True)
    representative_email = models.EmailField(_("email address"), blank=True)
    representative_language = models.CharField(
        _("language of letters"), max_length=2, choices=Language.choices, blank=True
    )
    deputy_name = models.CharField(_("deputy"), max_length=200, blank=True)
    deputy_title = models.CharField(_("title"), max_length=200, blank=True)
    deputy_email = models.EmailField(_("email address"), blank=True)
    deputy_language = models.CharField(_("language of letters"), max_length=2, choices=Language.choices, blank=True)
    # {"directory": {"agreed": true, "wording": "…", "at": "…"}, …}: what was agreed to, in the words that were read
    consents = models.JSONField(default=dict, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.DRAFT)
    sent_at = models.DateTimeField(null=True, blank=True)
    join_on = models.DateField(_("member from"), null=True, blank=True)
    membership = models.OneToOneField(Membership, models.SET_NULL, null=True, blank=True, related_name="application")
    is_demonstration = models.BooleanField(default=False)

    objects = ApplicationQuerySet.as_manager()

    class Meta:
        verbose_name = _("application for membership")
        verbose_name_plural = _("applications for membership")
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["municipality"],
                condition=Q(state__in=["draft", "sent", "more_asked"]),
                name="one_open_application_per_municipality",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "sent", "more_asked", "approved", "declined", "withdrawn"]),
                name="application_state_is_known",
            ),
            models.CheckConstraint(
                condition=~Q(state="approved") | Q(join_on__isnull=False), name="an_approved_application_has_its_day"
            ),
        ]

    def __str__(self) -> str:
        return str(self.municipality)


class ApplicationChange(StateChange):
    application = models.ForeignKey(Application, models.CASCADE, related_name="changes")

    class Meta(StateChange.Meta):
        pass


class OnboardingStep(models.Model):
    """A first step of a new member; the five are made when it is approved. Some are ticked by the portal itself."""

    class Code(models.TextChoices):
        SIGN_IN = "sign_in", pgettext_lazy("first step", "The representative signs in")
        PEOPLE = "people", pgettext_lazy("first step", "List your people, leaders and partners")
        PROFILE = "profile", pgettext_lazy("first step", "Say where your strategy stands")
        MENTOR = "mentor", pgettext_lazy("first step", "Meet your mentor")
        FIRST_EXCHANGE = "first_exchange", pgettext_lazy("first step", "Ask for a first exchange, or come to a meeting")

    membership = models.ForeignKey(Membership, models.CASCADE, related_name="first_steps")
    code = models.CharField(max_length=20, choices=Code.choices)
    done_at = models.DateTimeField(null=True, blank=True)
    done_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    done_by_name = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["membership", "code"], name="one_first_step_of_a_kind")]

    def __str__(self) -> str:
        return f"{self.membership}: {self.code}"
