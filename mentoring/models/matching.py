"""What a municipality looks for and what another can give. Both belong to the municipality and survive who wrote them."""

from datetime import date
from typing import Any

import pghistory
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cmncp_portal.accounts.models import Language
from cmncp_portal.accounts.rules import is_administrator, is_secretariat
from cmncp_portal.core.models import Timestamped, Versioned
from cmncp_portal.network.models import Municipality, Stakeholder, Topic
from cmncp_portal.network.rules import municipality_ids_of
from cmncp_portal.network.stages import Stage


class Meets(models.TextChoices):
    """How they would meet: only when people travel does distance count."""

    ONLINE = "online", pgettext_lazy("mentoring", "Online")
    BOTH = "both", pgettext_lazy("mentoring", "Online, and in person now and then")
    IN_PERSON = "in_person", pgettext_lazy("mentoring", "Mostly in person")


class _OwnedQuerySet(models.QuerySet):
    def visible_to(self, user: Any) -> "_OwnedQuerySet":
        """The own municipality's; for coordinators all. What others need or offer, the coordinator brings together."""
        if is_secretariat(user) or is_administrator(user):
            return self
        return self.filter(municipality__in=municipality_ids_of(user))


class MentoringNeedQuerySet(_OwnedQuerySet):
    def open(self) -> "MentoringNeedQuerySet":
        """Needs for which a mentor is looked for."""
        return self.filter(state=MentoringNeed.State.OPEN)


@pghistory.track()
class MentoringNeed(Timestamped, Versioned):
    """A municipality, member or not yet, that wants to start or strengthen its strategy. `stage` is what it says itself;
    empty means that of its strategy profile. One open need at a time."""

    class State(models.TextChoices):
        OPEN = "open", pgettext_lazy("mentoring need", "Looking for a mentor")
        MATCHED = "matched", pgettext_lazy("mentoring need", "With a mentor")
        WITHDRAWN = "withdrawn", pgettext_lazy("mentoring need", "Withdrawn")
        DONE = "done", pgettext_lazy("mentoring need", "Concluded")

    municipality = models.ForeignKey(
        Municipality, models.PROTECT, related_name="mentoring_needs", verbose_name=_("municipality")
    )
    goals = models.TextField(_("what you want to achieve"))
    stage = models.PositiveSmallIntegerField(
        _("where your strategy stands"), choices=Stage.choices, null=True, blank=True
    )
    topics = models.ManyToManyField(Topic, verbose_name=_("topics"), related_name="+", blank=True)
    languages = ArrayField(
        models.CharField(max_length=2, choices=Language.choices),
        verbose_name=_("languages you can work in"),
        default=list,
    )
    hours = models.PositiveSmallIntegerField(_("hours a month you can give"), default=4)
    meets = models.CharField(_("how you would meet"), max_length=10, choices=Meets.choices, default=Meets.BOTH)
    wish = models.ForeignKey(
        Municipality,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("a municipality you have in mind"),
    )
    contact = models.ForeignKey(Stakeholder, models.SET_NULL, null=True, blank=True, related_name="+")
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.OPEN)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    by_name = models.CharField(max_length=200, blank=True)
    is_demonstration = models.BooleanField(default=False)

    objects = MentoringNeedQuerySet.as_manager()

    class Meta:
        verbose_name = _("mentoring need")
        verbose_name_plural = _("mentoring needs")
        ordering = ["created_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["municipality"], condition=Q(state="open"), name="one_open_need_per_municipality"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["open", "matched", "withdrawn", "done"]), name="need_state_is_known"
            ),
            models.CheckConstraint(condition=Q(hours__gte=1, hours__lte=80), name="need_of_one_to_eighty_hours"),
        ]

    def __str__(self) -> str:
        return str(self.municipality)


class MentorOfferQuerySet(_OwnedQuerySet):
    def open(self, day: date | None = None) -> "MentorOfferQuerySet":
        """Offers that stand on `day` (today unless given); the last day counts."""
        on = day or timezone.localdate()
        return self.filter(Q(until_on__isnull=True) | Q(until_on__gte=on), state=MentorOffer.State.OPEN)


@pghistory.track()
class MentorOffer(Timestamped, Versioned):
    """A member that accompanies others: in what, how many at once, in which languages, until when. One for each member."""

    class State(models.TextChoices):
        OPEN = "open", pgettext_lazy("mentor offer", "Open")
        PAUSED = "paused", pgettext_lazy("mentor offer", "Paused")
        WITHDRAWN = "withdrawn", pgettext_lazy("mentor offer", "Withdrawn")

    municipality = models.ForeignKey(
        Municipality, models.PROTECT, related_name="mentor_offers", verbose_name=_("municipality")
    )
    about = models.TextField(_("what you can share, failures included"), blank=True)
    topics = models.ManyToManyField(Topic, verbose_name=_("topics"), related_name="+", blank=True)
    languages = ArrayField(
        models.CharField(max_length=2, choices=Language.choices),
        verbose_name=_("languages you can work in"),
        default=list,
    )
    capacity = models.PositiveSmallIntegerField(_("municipalities at the same time"), default=1)
    hours = models.PositiveSmallIntegerField(_("hours a month for each"), default=4)
    meets = models.CharField(_("how you would meet"), max_length=10, choices=Meets.choices, default=Meets.BOTH)
    until_on = models.DateField(_("until"), null=True, blank=True)
    contact = models.ForeignKey(Stakeholder, models.SET_NULL, null=True, blank=True, related_name="+")
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.OPEN)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    by_name = models.CharField(max_length=200, blank=True)
    is_demonstration = models.BooleanField(default=False)

    objects = MentorOfferQuerySet.as_manager()

    class Meta:
        verbose_name = _("mentor offer")
        verbose_name_plural = _("mentor offers")
        ordering = ["created_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["municipality"], condition=~Q(state="withdrawn"), name="one_offer_per_municipality"
            ),
            models.CheckConstraint(condition=Q(state__in=["open", "paused", "withdrawn"]), name="offer_state_is_known"),
            models.CheckConstraint(condition=Q(capacity__gte=1, capacity__lte=10), name="offer_of_one_to_ten"),
        ]

    def __str__(self) -> str:
        return str(self.municipality)
