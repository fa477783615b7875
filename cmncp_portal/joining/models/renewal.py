"""A membership is renewed every year. After the day there are ninety days of grace; then it lapses."""

from datetime import date, timedelta
from typing import Any

import pghistory
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cmncp_portal.accounts.rules import is_administrator, is_secretariat
from cmncp_portal.core.models import StateChange, Timestamped, Versioned
from cmncp_portal.network.models import Membership
from cmncp_portal.network.rules import municipality_ids_of

GRACE_DAYS = 90  # after the day of renewal, during which everything goes on


class RenewalQuerySet(models.QuerySet["Renewal"]):
    def visible_to(self, user: Any) -> "RenewalQuerySet":
        """Coordinators; the people of the member."""
        if is_secretariat(user) or is_administrator(user):
            return self
        return self.filter(membership__municipality__in=municipality_ids_of(user))

    def open(self) -> "RenewalQuerySet":
        return self.filter(state=Renewal.State.DUE)

    def running(self) -> "RenewalQuerySet":
        """Open ones of memberships that were not ended otherwise."""
        return self.open().filter(membership__until_on__isnull=True)


@pghistory.track()
class Renewal(Timestamped, Versioned):
    """One year of a membership. `fee` is what the table said when it was asked for, in dollars."""

    class State(models.TextChoices):
        DUE = "due", pgettext_lazy("renewal", "To be renewed")
        RENEWED = "renewed", pgettext_lazy("renewal", "Renewed")
        LAPSED = "lapsed", pgettext_lazy("renewal", "Lapsed")
        LEFT = "left", pgettext_lazy("renewal", "Left the network")

    membership = models.ForeignKey(Membership, models.CASCADE, related_name="renewals")
    due_on = models.DateField(_("to be renewed by"))
    fee = models.DecimalField(_("yearly fee, in dollars"), max_digits=9, decimal_places=2, null=True, blank=True)
    state = models.CharField(_("state"), max_length=8, choices=State.choices, default=State.DUE)
    confirmed_at = models.DateTimeField(_("the member said that it stays"), null=True, blank=True)
    confirmed_by_name = models.CharField(max_length=200, blank=True)
    renewed_on = models.DateField(_("renewed on"), null=True, blank=True)
    is_demonstration = models.BooleanField(default=False)

    objects = RenewalQuerySet.as_manager()

    class Meta:
        verbose_name = _("renewal")
        verbose_name_plural = _("renewals")
        ordering = ["due_on", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["membership", "due_on"], name="one_renewal_per_year"),
            models.CheckConstraint(
                condition=Q(state__in=["due", "renewed", "lapsed", "left"]), name="renewal_state_is_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.membership}: {self.due_on}"

    @property
    def grace_ends_on(self) -> date:
        """The last day of grace: the membership runs until its end."""
        return self.due_on + timedelta(days=GRACE_DAYS)

    def is_in_grace(self, day: date | None = None) -> bool:
        """Tell whether the day of renewal has passed on `day` (today unless given) and grace still runs; its last day counts."""
        on = day or timezone.localdate()
        return self.state == self.State.DUE and self.due_on < on <= self.grace_ends_on


class RenewalChange(StateChange):
    renewal = models.ForeignKey(Renewal, models.CASCADE, related_name="changes")

    class Meta(StateChange.Meta):
        pass
