"""One leg of an exchange. The state is stored; situations (finding a host, plan ready, under way) are derived."""

from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pghistory
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cmncp_portal.core.models import StateChange, Timestamped, Versioned
from cmncp_portal.network.models import Municipality, Stakeholder

from .exchange import Exchange


class Side(models.TextChoices):
    VISITORS = "visitors", _("Visitors")
    HOSTS = "hosts", _("Hosts")

    @property
    def other(self) -> "Side":
        return Side.HOSTS if self == Side.VISITORS else Side.VISITORS


class VisitQuerySet(models.QuerySet["Visit"]):
    def visible_to(self, user: Any) -> "VisitQuerySet":
        """Legs of the exchanges that `user` may know of."""
        return self.filter(exchange__in=Exchange.objects.visible_to(user))

    def with_plan(self) -> "VisitQuerySet":
        """Fetch all that planning looks at, in a constant number of queries."""
        return self.select_related("exchange__guest", "exchange__host", "visiting_lead", "host_lead").prefetch_related(
            "exchange__objectives",
            "exchange__topics",
            "stops__objectives",
            "stops__programme",
            "team",
            "windows",
            "confirmations",
        )


@pghistory.track()
class Visit(Timestamped, Versioned):
    """`plan_version` rises with each change that both sides must confirm again; `sequence` with each calendar update."""

    class Leg(models.TextChoices):
        FIRST = "first", _("First visit")
        RETURN = "return", _("Return visit")

    class State(models.TextChoices):
        DRAFT = "draft", pgettext_lazy("visit", "Draft")
        PROPOSED = "proposed", pgettext_lazy("visit", "Requested")
        ACCEPTED = "accepted", pgettext_lazy("visit", "Accepted")
        CONFIRMED = "confirmed", pgettext_lazy("visit", "Confirmed")
        HELD = "held", pgettext_lazy("visit", "Visit held")
        DECLINED = "declined", pgettext_lazy("visit", "Declined")
        WITHDRAWN = "withdrawn", pgettext_lazy("visit", "Withdrawn")
        CANCELLED = "cancelled", pgettext_lazy("visit", "Cancelled")

    exchange = models.ForeignKey(Exchange, models.PROTECT, related_name="visits")
    leg = models.CharField(_("leg"), max_length=6, choices=Leg.choices, default=Leg.FIRST)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.DRAFT)
    starts_on = models.DateField(_("first day"), null=True, blank=True)
    ends_on = models.DateField(_("last day"), null=True, blank=True)
    visiting_lead = models.ForeignKey(
        Stakeholder, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("lead of the visitors")
    )
    host_lead = models.ForeignKey(
        Stakeholder, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("lead of the hosts")
    )
    plan_version = models.PositiveIntegerField(default=1)
    sequence = models.PositiveIntegerField(default=0)
    address = models.CharField(_("where to arrive"), max_length=300, blank=True)
    emergency_phone = models.CharField(_("telephone for the day"), max_length=40, blank=True)
    lodging = models.TextField(_("where to stay"), blank=True)
    transport = models.TextField(_("getting there and around"), blank=True)
    who_pays = models.TextField(_("who pays for what"), blank=True)
    access = models.TextField(_("accessibility of the places"), blank=True)
    join_link = models.URLField(_("link to take part online"), blank=True)
    leaders_waived = models.TextField(_("why the team goes without an elected leader or staff"), blank=True)
    postponed_at = models.DateTimeField(_("postponed at"), null=True, blank=True)
    held_at = models.DateTimeField(_("recorded as held at"), null=True, blank=True)
    released_at = models.DateTimeField(_("evaluations released at"), null=True, blank=True)
    one_sided_reason = models.TextField(_("why only one side evaluated"), blank=True)
    needs_deleted_at = models.DateTimeField(_("personal needs deleted at"), null=True, blank=True)

    objects = VisitQuerySet.as_manager()

    class Meta:
        verbose_name = _("visit")
        verbose_name_plural = _("visits")
        ordering = ["leg", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["exchange", "leg"], name="one_visit_per_leg"),
            models.CheckConstraint(
                condition=Q(starts_on__isnull=True, ends_on__isnull=True) | Q(starts_on__lte=F("ends_on")),
                name="visit_ends_after_it_begins",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["confirmed", "held"]) | Q(starts_on__isnull=False),
                name="confirmed_visit_has_dates",
            ),
            models.CheckConstraint(
                condition=Q(
                    state__in=[
                        "draft",
                        "proposed",
                        "accepted",
                        "confirmed",
                        "held",
                        "declined",
                        "withdrawn",
                        "cancelled",
                    ]
                ),
                name="visit_state_is_known",
            ),
            models.CheckConstraint(
                condition=~Q(state="held") | Q(held_at__isnull=False), name="held_visit_says_when_recorded"
            ),
        ]
        indexes = [models.Index(fields=["state", "starts_on"], name="visit_by_state_and_day")]

    def __str__(self) -> str:
        return f"{self.exchange.reference} {self.get_leg_display()}"

    def get_absolute_url(self) -> str:
        return reverse("exchanges:visit", args=[self.exchange.reference, self.leg])

    @property
    def visiting(self) -> Municipality:
        """The municipality that travels on this leg."""
        return self.exchange.guest if self.leg == self.Leg.FIRST else self.exchange.host  # type: ignore[return-value]

    @property
    def hosting(self) -> Municipality | None:
        """The municipality that receives on this leg; None while a host is being looked for."""
        return self.exchange.host if self.leg == self.Leg.FIRST else self.exchange.guest

    def municipality_of(self, side: str) -> Municipality | None:
        return self.visiting if side == Side.VISITORS else self.hosting

    def lead_of(self, side: str) -> Stakeholder | None:
        return self.visiting_lead if side == Side.VISITORS else self.host_lead

    @property
    def zone(self) -> str:
        """The IANA zone in which the visit's times are meant: the host's, the visitors' while there is no host."""
        return (self.hosting or self.visiting).time_zone

    def today(self) -> date:
        """The present day where the visit takes place."""
        return timezone.now().astimezone(ZoneInfo(self.zone)).date()

    @property
    def days(self) -> list[date]:
        """The calendar days of the visit, first to last."""
        if self.starts_on is None or self.ends_on is None:
            return []
        return [self.starts_on + timedelta(days=n) for n in range((self.ends_on - self.starts_on).days + 1)]

    @property
    def is_live(self) -> bool:
        return self.state in (self.State.PROPOSED, self.State.ACCEPTED, self.State.CONFIRMED)

    @property
    def is_under_way(self) -> bool:
        return bool(
            self.state == self.State.CONFIRMED
            and self.starts_on
            and self.ends_on
            and self.starts_on <= self.today() <= self.ends_on
        )

    @cached_property
    def latest_windows(self) -> "list[DateWindow]":
        """The date windows of the last round, in order."""
        windows = list(self.windows.all())
        last = max((w.round for w in windows), default=0)
        return [w for w in windows if w.round == last]

    @property
    def side_to_answer(self) -> str | None:
        """The side that must answer the dates proposed last: the one that did not propose them."""
        if self.state != self.State.PROPOSED or self.hosting is None or not self.latest_windows:
            return None
        return Side(self.latest_windows[0].proposed_by).other

    def has_confirmed(self, side: str) -> bool:
        """Whether `side` confirmed the plan as it stands."""
        known = self.__dict__.get("_confirmed_sides")
        return side in known if known is not None else self.confirmed_by(side) is not None

    def knows_from_list(self) -> None:
        """Take what a list's query found out (`selectors.lists`) instead of asking for windows and confirmations row by row."""
        found = self.__dict__
        rounds, proposer = found["dates_round"], found["dates_proposed_by"]
        found["latest_windows"] = [DateWindow(round=rounds, proposed_by=proposer)] if rounds else []
        found["_confirmed_sides"] = {side for side in Side.values if found[f"{side}_confirmed"]}

    def confirmed_by(self, side: str) -> "Confirmation | None":
        """The confirmation of `side` for the plan as it stands."""
        return next(
            (c for c in self.confirmations.all() if c.side == side and c.plan_version == self.plan_version), None
        )


class VisitStateChange(StateChange):
    visit = models.ForeignKey(Visit, models.CASCADE, related_name="changes")

    class Meta(StateChange.Meta):
        verbose_name = _("move of a visit")
        verbose_name_plural = _("moves of visits")

    def __str__(self) -> str:
        return f"{self.visit}: {self.transition}"


class DateWindow(models.Model):
    """Days that suit the side that proposes them. Each round answers the one before."""

    visit = models.ForeignKey(Visit, models.CASCADE, related_name="windows")
    round = models.PositiveSmallIntegerField(default=1)
    proposed_by = models.CharField(max_length=8, choices=Side.choices)
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("until"))

    class Meta:
        ordering = ["round", "starts_on", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(starts_on__lte=F("ends_on")), name="window_ends_after_it_begins")
        ]

    def __str__(self) -> str:
        return f"{self.starts_on} – {self.ends_on}"


class Confirmation(models.Model):
    """One side says that the plan of this version stands."""

    visit = models.ForeignKey(Visit, models.CASCADE, related_name="confirmations")
    side = models.CharField(max_length=8, choices=Side.choices)
    plan_version = models.PositiveIntegerField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    by_name = models.CharField(max_length=200)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["visit", "side", "plan_version"], name="a_side_confirms_a_plan_once")
        ]

    def __str__(self) -> str:
        return f"{self.visit}: {self.side}"


class PlanChange(models.Model):
    """What changed in a confirmed plan, in both languages, kept for the history and told to everyone in one letter."""

    visit = models.ForeignKey(Visit, models.CASCADE, related_name="plan_changes")
    text_en = models.CharField(max_length=300)
    text_fr = models.CharField(max_length=300)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    by_name = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField(default=timezone.now)
    told_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return self.text_en
