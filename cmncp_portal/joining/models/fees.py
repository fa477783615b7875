"""What membership costs, as the network's table says from a day on. The table is edited, never coded."""

from datetime import date

import pghistory
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cmncp_portal.network.models import Membership


class FeeTierQuerySet(models.QuerySet["FeeTier"]):
    def in_force(self, day: date | None = None) -> "FeeTierQuerySet":
        """The tiers of the newest table that holds on `day` (today unless given), for each class of members."""
        on = day or timezone.localdate()
        newest = (
            FeeTier.objects.filter(kind=models.OuterRef("kind"), effective_from__lte=on)
            .order_by("-effective_from")
            .values("effective_from")[:1]
        )
        return self.filter(effective_from=models.Subquery(newest))


@pghistory.track()
class FeeTier(models.Model):
    """The yearly fee, in dollars, for a class and a size. `population_to` is not included; empty means no limit."""

    kind = models.CharField(
        _("class"),
        max_length=12,
        choices=[
            (Membership.Kind.GENERAL.value, Membership.Kind.GENERAL.label),
            (Membership.Kind.ASSOCIATE.value, Membership.Kind.ASSOCIATE.label),
        ],
    )
    population_from = models.PositiveIntegerField(_("from (people)"), default=0)
    population_to = models.PositiveIntegerField(_("to under (people)"), null=True, blank=True)
    annual_fee = models.DecimalField(_("yearly fee, in dollars"), max_digits=9, decimal_places=2)
    effective_from = models.DateField(_("holds from"))
    source = models.CharField(_("where this is known from"), max_length=300, blank=True)
    is_demonstration = models.BooleanField(_("invented, for the demonstration"), default=False)

    objects = FeeTierQuerySet.as_manager()

    class Meta:
        verbose_name = _("fee")
        verbose_name_plural = _("fees")
        ordering = ["kind", "-effective_from", "population_from"]
        constraints = [
            models.CheckConstraint(
                condition=Q(population_to__isnull=True) | Q(population_to__gt=F("population_from")),
                name="a_tier_has_room",
            ),
            models.UniqueConstraint(
                fields=["kind", "effective_from", "population_from"], name="one_fee_per_class_day_and_size"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.population_from}: {self.annual_fee}"

    def holds(self, population: int | None) -> bool:
        """Tell whether the tier is for a community of `population` people; without a number only a tier without limits is."""
        if population is None:
            return self.population_from == 0 and self.population_to is None
        return self.population_from <= population and (self.population_to is None or population < self.population_to)
