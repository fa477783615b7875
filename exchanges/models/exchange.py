"""Two municipalities, a guest and a host, learning from each other: a first visit and a return visit."""

from typing import Any

import pghistory
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from cmncp_portal.accounts.models import Language
from cmncp_portal.accounts.rules import Person, is_reviewer, is_secretariat, is_university
from cmncp_portal.core.models import Timestamped, Versioned
from cmncp_portal.network.models import Municipality, PreventionProgramme, Topic
from cmncp_portal.network.rules import municipality_ids_of


class ExchangeQuerySet(models.QuerySet["Exchange"]):
    def visible_to(self, user: Person) -> "ExchangeQuerySet":
        """Exchanges that `user` may know of: one's own municipality's; the host's once it was asked; all for the secretariat.

        Reviewers and the University of Ottawa team see it while one of its visits is confirmed or held, for evaluation and briefs.
        """
        if is_secretariat(user):
            return self
        mine = municipality_ids_of(user)
        seen = Q(guest_id__in=mine) | Q(travelling_with__in=mine)
        seen |= Q(host_id__in=mine) & ~Q(visits__leg="first", visits__state="draft")
        if is_reviewer(user) or is_university(user):
            seen |= Q(visits__state__in=["confirmed", "held"])
        return self.filter(pk__in=Exchange.objects.filter(seen).values("pk"))

    def with_story(self) -> "ExchangeQuerySet":
        """Fetch what a row or page about an exchange says, in a constant number of queries."""
        return self.select_related("guest", "host").prefetch_related(
            "topics", "visits__windows", "visits__confirmations"
        )


@pghistory.track()
class Exchange(Timestamped, Versioned):
    class Mode(models.TextChoices):
        IN_PERSON = "in_person", _("In person")
        HYBRID = "hybrid", _("Partly online")
        VIRTUAL = "virtual", _("Online")

    class ReturnDecision(models.TextChoices):
        OPEN = "", _("Not decided")
        LATER = "later", _("Later")
        NOT_NEEDED = "not_needed", _("Not needed")

    reference = models.CharField(_("reference"), max_length=20, unique=True)
    guest = models.ForeignKey(
        Municipality, models.PROTECT, related_name="exchanges_asked", verbose_name=_("visiting municipality")
    )
    host = models.ForeignKey(
        Municipality,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="exchanges_hosted",
        verbose_name=_("host municipality"),
    )
    travelling_with = models.ManyToManyField(
        Municipality, related_name="exchanges_joined", blank=True, verbose_name=_("together with")
    )
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("asked by")
    )
    challenge = models.CharField(_("challenge"), max_length=300, blank=True)
    language = models.CharField(
        _("language of the request"), max_length=2, choices=Language.choices, default=Language.ENGLISH
    )
    topics = models.ManyToManyField(Topic, related_name="exchanges", blank=True, verbose_name=_("topics"))
    programmes = models.ManyToManyField(
        PreventionProgramme, related_name="exchanges", blank=True, verbose_name=_("programmes of interest")
    )
    interests = models.TextField(_("other things you hope to see"), blank=True)
    wants_suggestions = models.BooleanField(_("let the network suggest a host"), default=False)
    looks_further = models.BooleanField(_("look for another host if they cannot"), default=True)
    mode = models.CharField(_("how you meet"), max_length=10, choices=Mode.choices, default=Mode.IN_PERSON)
    days = models.PositiveSmallIntegerField(_("number of days"), default=2)
    working_language = models.CharField(
        _("working language"), max_length=2, choices=Language.choices, default=Language.ENGLISH
    )
    interpretation = models.CharField(_("interpretation"), max_length=200, blank=True)
    return_decision = models.CharField(
        _("return visit"), max_length=12, choices=ReturnDecision.choices, blank=True, default=""
    )
    return_from_on = models.DateField(_("return visit from"), null=True, blank=True)
    return_reason = models.TextField(_("why no return visit is needed"), blank=True)
    return_decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    return_decided_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(_("closed at"), null=True, blank=True)
    closed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    submitted_at = models.DateTimeField(_("sent at"), null=True, blank=True)

    objects = ExchangeQuerySet.as_manager()

    class Meta:
        verbose_name = _("exchange")
        verbose_name_plural = _("exchanges")
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(host__isnull=True) | ~Q(host=F("guest")), name="exchange_between_two_municipalities"
            ),
            models.CheckConstraint(condition=Q(days__gte=1, days__lte=5), name="exchange_of_one_to_five_days"),
            models.CheckConstraint(
                condition=~Q(return_decision="not_needed") | ~Q(return_reason=""), name="no_return_visit_says_why"
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    def get_absolute_url(self) -> str:
        return reverse("exchanges:exchange", args=[self.reference])

    @cached_property
    def _legs(self) -> dict[str, Any]:
        return {visit.leg: visit for visit in self.visits.all()}

    @property
    def first_visit(self) -> Any:
        return self._legs["first"]

    @property
    def return_visit(self) -> Any:
        """The return visit, or None while there is none."""
        return self._legs.get("return")

    @property
    def current_visit(self) -> Any:
        """The leg that matters now: the return visit once it exists."""
        return self.return_visit or self.first_visit

    def delete(self, *args: Any, **kwargs: Any) -> Any:
        raise NotImplementedError("exchanges are withdrawn or cancelled, never deleted")


class Objective(models.Model):
    """What the visitors want to learn; each should be served by at least one stop."""

    exchange = models.ForeignKey(Exchange, models.CASCADE, related_name="objectives")
    order = models.PositiveSmallIntegerField()
    text = models.CharField(_("objective"), max_length=300)

    class Meta:
        ordering = ["order", "pk"]

    def __str__(self) -> str:
        return self.text


class PreferredHost(models.Model):
    """A municipality that the guests would like to visit, in their order."""

    exchange = models.ForeignKey(Exchange, models.CASCADE, related_name="preferred_hosts")
    municipality = models.ForeignKey(Municipality, models.PROTECT, related_name="+")
    order = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["order", "pk"]
        constraints = [models.UniqueConstraint(fields=["exchange", "municipality"], name="a_host_is_preferred_once")]

    def __str__(self) -> str:
        return str(self.municipality)


class HostRequest(models.Model):
    """A municipality was asked to receive the first visit, and what it answered. One is asked at a time."""

    class Outcome(models.TextChoices):
        WAITING = "", _("Waiting for an answer")
        ACCEPTED = "accepted", _("Accepted")
        DECLINED = "declined", _("Declined")
        UNANSWERED = "unanswered", _("Not answered")
        REPLACED = "replaced", _("Replaced by another host")
        WITHDRAWN = "withdrawn", _("Request withdrawn")

    class Reason(models.TextChoices):
        DATES = "dates", _("The dates do not suit us")
        CAPACITY = "capacity", _("We have no capacity this season")
        TOPIC = "topic", _("This topic is not our strength")
        STAFFING = "staffing", _("A position is vacant or new")
        ELECTION = "election", _("Election period")
        OTHER = "other", _("Another reason")

    exchange = models.ForeignKey(Exchange, models.CASCADE, related_name="host_requests")
    municipality = models.ForeignKey(Municipality, models.PROTECT, related_name="host_requests")
    asked_at = models.DateTimeField()
    due_on = models.DateField(_("answer expected by"))
    outcome = models.CharField(max_length=12, choices=Outcome.choices, blank=True, default="")
    reason = models.CharField(_("reason"), max_length=12, choices=Reason.choices, blank=True)
    text = models.TextField(_("a word to the visitors"), blank=True)
    is_text_shared = models.BooleanField(_("the visitors may read it"), default=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["asked_at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["exchange"], condition=Q(outcome=""), name="one_host_is_asked_at_a_time"),
            models.CheckConstraint(
                condition=~Q(outcome="declined") | ~Q(reason=""), name="a_declined_request_has_a_reason"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.exchange}: {self.municipality}"
