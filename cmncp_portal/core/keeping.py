"""How long things are kept that hold something about people: the one table that the nightly run and the register read."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.conf import settings
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from .days import add_months, local_instant


@dataclass(frozen=True)
class Limit:
    """How long something is kept after the day from which it counts."""

    label: str | Promise
    months: int = 0
    days: int = 0

    def first_day_kept(self, now: datetime) -> date:
        """Return the day before which things have outlived their time at `now`, in the zone of the network's office."""
        today = timezone.localdate(now, timezone.get_default_timezone())
        return add_months(today, -self.months) - timedelta(days=self.days)

    def kept_since(self, now: datetime) -> datetime:
        """Return the instant (aware) before which things have outlived their time at `now`."""
        return local_instant(self.first_day_kept(now), time(), settings.TIME_ZONE)


# The one table of time limits that the nightly run keeps; the page on privacy says the same in words.
LIMITS = {
    "unconfirmed": Limit(_("Requests about personal data that nobody confirmed"), days=14),
    "requests": Limit(_("Addresses in requests about personal data that were answered"), months=24),
    "needs": Limit(_("Food, access and emergency contacts after a visit, a meeting or a training"), days=30),
    "letters": Limit(_("Texts of letters"), months=24),
    "evaluations": Limit(_("Names beside answers to evaluations, after closing"), months=24),
    "readings": Limit(_("Names of those who read confidential remarks"), months=24),
    "joining": Limit(_("Names in expressions of interest that came to nothing"), months=24),
    "lists": Limit(_("Lists handed in as files"), days=1),
}
