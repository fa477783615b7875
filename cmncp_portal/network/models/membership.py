"""A municipality's place in the network, from a date, by resolution of its council."""

from datetime import date

import pghistory
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from .municipality import Municipality


@pghistory.track()
class Membership(models.Model):
    class Kind(models.TextChoices):
        """Classes as the network's membership page names them (2021–2023); prospective members are being accompanied."""

        GENERAL = "general", _("General member")
        ASSOCIATE = "associate", _("Associate member")
        PROSPECTIVE = "prospective", _("Thinking of joining")

    municipality = models.ForeignKey(
        Municipality, models.CASCADE, related_name="memberships", verbose_name=_("municipality")
    )
    kind = models.CharField(_("class"), max_length=12, choices=Kind.choices)
    from_on = models.DateField(_("from"))
    until_on = models.DateField(_("until"), null=True, blank=True)
    resolution_on = models.DateField(_("date of the council resolution"), null=True, blank=True)
    resolution_reference = models.CharField(_("number of the resolution"), max_length=80, blank=True)
    source = models.CharField(_("where this is known from"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        ordering = ["-from_on", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(until_on__isnull=True) | Q(until_on__gte=F("from_on")),
                name="membership_ends_after_it_begins",
            ),
            models.UniqueConstraint(
                fields=["municipality"], condition=Q(until_on__isnull=True), name="one_open_membership_per_municipality"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.municipality}: {self.get_kind_display()}"

    def runs_on(self, day: date) -> bool:
        """Tell whether the membership runs on `day`."""
        return self.from_on <= day and (self.until_on is None or day <= self.until_on)
