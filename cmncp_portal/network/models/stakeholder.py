"""A person with a role in a municipality; may have no account. Leaves without taking the records along."""

from datetime import date
from typing import Any

import pghistory
import rules
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cmncp_portal.accounts.models import Language
from cmncp_portal.core.models import Timestamped, Versioned

from .municipality import Municipality, Named


class Sector(Named):
    """Where a person works: elected leaders, municipal staff, police, schools, health, housing…"""

    class Meta(Named.Meta):
        verbose_name = _("sector")
        verbose_name_plural = _("sectors")


class Standing(models.TextChoices):
    """What a person is to the network on behalf of the municipality."""

    REPRESENTATIVE = "representative", _("Representative")
    DEPUTY = "deputy", _("Deputy representative")
    STAFF = "staff", _("Municipal staff")
    LEADER = "leader", _("Elected leader")
    PARTNER = "partner", _("Local partner")


SPEAKS_FOR_MUNICIPALITY = (Standing.REPRESENTATIVE, Standing.DEPUTY)
WORKS_FOR_MUNICIPALITY = (*SPEAKS_FOR_MUNICIPALITY, Standing.STAFF, Standing.LEADER)


class StakeholderQuerySet(models.QuerySet["Stakeholder"]):
    def current(self) -> "StakeholderQuerySet":
        """People who have not left."""
        return self.filter(Q(left_on__isnull=True) | Q(left_on__gt=timezone.localdate()))

    def visible_to(self, user: Any) -> "StakeholderQuerySet":
        """The network knows its people; anybody else sees their own rows only."""
        if rules.has_perm("network.view_people", user):
            return self
        return self.filter(user=user) if user.is_authenticated else self.none()

    def speaking_for(self, municipality: Municipality) -> "StakeholderQuerySet":
        """The representative first, then the deputies, of `municipality`."""
        people = self.current().filter(municipality=municipality, standing__in=SPEAKS_FOR_MUNICIPALITY)
        first = models.Case(models.When(standing=Standing.REPRESENTATIVE, then=0), default=1)
        return people.order_by(first, "name", "pk")


@pghistory.track()
class Stakeholder(Timestamped, Versioned):
    municipality = models.ForeignKey(
        Municipality, models.PROTECT, related_name="stakeholders", verbose_name=_("municipality")
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="stakeholders",
        verbose_name=_("account"),
    )
    name = models.CharField(_("name"), max_length=200)
    title = models.CharField(_("title"), max_length=200, blank=True)
    organisation = models.CharField(_("organisation"), max_length=200, blank=True)
    email = models.EmailField(_("email address"), blank=True)
    phone = models.CharField(_("telephone"), max_length=40, blank=True)
    sector = models.ForeignKey(Sector, models.PROTECT, related_name="stakeholders", verbose_name=_("sector"))
    standing = models.CharField(
        _("role in the network"), max_length=16, choices=Standing.choices, default=Standing.PARTNER
    )
    language = models.CharField(_("language of letters"), max_length=2, choices=Language.choices, blank=True)
    left_on = models.DateField(_("left on"), null=True, blank=True)

    objects = StakeholderQuerySet.as_manager()

    class Meta:
        verbose_name = _("stakeholder")
        verbose_name_plural = _("stakeholders")
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["municipality"],
                condition=Q(standing="representative", left_on__isnull=True),
                name="one_representative_per_municipality",
            ),
            models.UniqueConstraint(
                models.functions.Lower("email"),
                "municipality",
                condition=~Q(email="") & Q(left_on__isnull=True),
                name="a_person_is_listed_once_per_municipality",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def is_current(self, day: date | None = None) -> bool:
        """Tell whether the person had not left on `day` (today unless given)."""
        return self.left_on is None or self.left_on > (day or timezone.localdate())

    @property
    def role_line(self) -> str:
        """The title, when there is one, and the role in the network: "Planner · Deputy representative"."""
        role = str(Standing(self.standing).label)
        return f"{self.title} · {role}" if self.title else role
