"""Somebody says that their municipality thinks of joining. Four fields first; the address is confirmed by a button."""

from typing import Any

import pghistory
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cmncp_portal.accounts.models import Language
from cmncp_portal.accounts.rules import is_administrator, is_secretariat
from cmncp_portal.core.links import is_valid, make_token, new_nonce, pk_of
from cmncp_portal.core.models import StateChange, Timestamped, Versioned
from cmncp_portal.network.models import Membership, Municipality
from cmncp_portal.network.models.municipality import Province
from cmncp_portal.network.stages import Stage


class InterestQuerySet(models.QuerySet["Interest"]):
    def visible_to(self, user: Any) -> "InterestQuerySet":
        """Coordinators, once the address is confirmed; whoever wrote it has the personal page."""
        if is_secretariat(user) or is_administrator(user):
            return self.exclude(state=Interest.State.UNCONFIRMED)
        return self.none()

    def waiting(self) -> "InterestQuerySet":
        """Confirmed ones that nobody of the network has answered."""
        return self.filter(state=Interest.State.CONFIRMED)


@pghistory.track(exclude=["nonce"])
class Interest(Timestamped, Versioned):
    """An expression of interest, before anything is promised. `municipality` is set once a coordinator knows which it is."""

    SCOPE = "joining-interest"

    class State(models.TextChoices):
        UNCONFIRMED = "unconfirmed", pgettext_lazy("expression of interest", "Address not confirmed")
        CONFIRMED = "confirmed", pgettext_lazy("expression of interest", "Waiting for an answer")
        TALKING = "talking", pgettext_lazy("expression of interest", "In conversation")
        APPLYING = "applying", pgettext_lazy("expression of interest", "Applying")
        CLOSED = "closed", pgettext_lazy("expression of interest", "Closed")

    place_name = models.CharField(_("municipality, community or organisation"), max_length=200)
    province = models.CharField(_("province or territory"), max_length=2, choices=Province.choices)
    name = models.CharField(_("your name"), max_length=200)
    email = models.EmailField(_("email address"))
    language = models.CharField(_("language of letters"), max_length=2, choices=Language.choices)
    # Asked once the address is confirmed, none of it required
    role = models.CharField(_("your role"), max_length=200, blank=True)
    phone = models.CharField(_("telephone"), max_length=40, blank=True)
    place_kind = models.CharField(_("kind of community"), max_length=20, choices=Municipality.Kind.choices, blank=True)
    population = models.PositiveIntegerField(_("population"), null=True, blank=True)
    membership_kind = models.CharField(
        _("class"),
        max_length=12,
        choices=[
            (Membership.Kind.GENERAL.value, Membership.Kind.GENERAL.label),
            (Membership.Kind.ASSOCIATE.value, Membership.Kind.ASSOCIATE.label),
        ],
        blank=True,
    )
    why = models.TextField(_("what brings you to the network"), blank=True)
    stage = models.PositiveSmallIntegerField(
        _("where your strategy stands"), choices=Stage.choices, null=True, blank=True
    )
    wants_mentor = models.BooleanField(_("we would like an experienced municipality beside us"), default=False)
    state = models.CharField(_("state"), max_length=12, choices=State.choices, default=State.UNCONFIRMED)
    confirmed_at = models.DateTimeField(null=True, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    municipality = models.ForeignKey(Municipality, models.SET_NULL, null=True, blank=True, related_name="interests")
    assigned_to = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    notes = models.TextField(_("notes of the coordinators"), blank=True)
    nonce = models.CharField(max_length=32, default=new_nonce, editable=False)
    is_demonstration = models.BooleanField(default=False)

    objects = InterestQuerySet.as_manager()

    class Meta:
        verbose_name = _("expression of interest")
        verbose_name_plural = _("expressions of interest")
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(email=Lower("email")), name="interest_address_in_small_letters"),
            models.CheckConstraint(
                condition=Q(state__in=["unconfirmed", "confirmed", "talking", "applying", "closed"]),
                name="interest_state_is_known",
            ),
            models.CheckConstraint(
                condition=Q(state="unconfirmed") | Q(state="closed") | Q(confirmed_at__isnull=False),
                name="an_answered_interest_was_confirmed",
            ),
        ]

    def __str__(self) -> str:
        return self.place_name

    @property
    def token(self) -> str:
        """The token of the person's own page about joining."""
        return make_token(self.SCOPE, self.pk, self.nonce)

    @classmethod
    def from_token(cls, token: str) -> "Interest | None":
        """Return the expression of interest whose page `token` opens, or None."""
        pk = pk_of(token)
        found = cls.objects.select_related("municipality").filter(pk=pk).first() if pk else None
        return found if found and is_valid(token, cls.SCOPE, found.pk, found.nonce) else None


class InterestChange(StateChange):
    interest = models.ForeignKey(Interest, models.CASCADE, related_name="changes")

    class Meta(StateChange.Meta):
        pass
