"""Two municipalities work together for a while, towards goals. The agreement is theirs and survives who leaves."""

from datetime import date
from typing import Any

import pghistory
from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cmncp_portal.accounts.models import User
from cmncp_portal.accounts.rules import is_administrator, is_secretariat
from cmncp_portal.core.files import RandomName
from cmncp_portal.core.links import is_valid, make_token, new_nonce, pk_of
from cmncp_portal.core.models import StateChange, Timestamped, Versioned
from cmncp_portal.evaluation.models import Survey
from cmncp_portal.network.models import Municipality, Stakeholder
from cmncp_portal.network.rules import municipality_ids_of
from cmncp_portal.progress.models import StrategyCheck

from .matching import MentoringNeed, MentorOffer


class Side(models.TextChoices):
    MENTOR = "mentor", pgettext_lazy("side of an agreement", "Mentor")
    MENTEE = "mentee", pgettext_lazy("side of an agreement", "Mentored municipality")


class AgreementQuerySet(models.QuerySet["Agreement"]):
    def visible_to(self, user: Any) -> "AgreementQuerySet":
        """Both municipalities once they were asked, whoever takes part in it by name, and the network. A third sees nothing."""
        if not getattr(user, "is_authenticated", False):
            return self.none()
        if is_secretariat(user) or is_administrator(user):
            return self
        ours = municipality_ids_of(user)
        named = Participant.objects.current().filter(email=user.email.lower())
        side = Q(mentor__in=ours) | Q(mentee__in=ours) | Q(pk__in=named.values("agreement"))
        return self.filter(side).exclude(state=Agreement.State.PROPOSED)

    def with_places(self) -> "AgreementQuerySet":
        return self.select_related("mentor", "mentee", "need", "offer")

    def taking_capacity(self) -> "AgreementQuerySet":
        """Those that fill one of a mentor's places: running or paused ones."""
        return self.filter(state__in=Agreement.RUNNING)


@pghistory.track()
class Agreement(Timestamped, Versioned):
    """`reasons` is why the pair was suggested, in both languages, as it was read on that day.

    Each side answers for itself (`mentor_accepted_at`, `mentee_accepted_at`); with both it becomes active.
    """

    class State(models.TextChoices):
        PROPOSED = "proposed", pgettext_lazy("agreement", "Being prepared")
        AWAITING = "awaiting", pgettext_lazy("agreement", "Waiting for answers")
        ACTIVE = "active", pgettext_lazy("agreement", "Active")
        PAUSED = "paused", pgettext_lazy("agreement", "Paused")
        COMPLETED = "completed", pgettext_lazy("agreement", "Completed")
        ENDED = "ended", pgettext_lazy("agreement", "Ended early")
        DECLINED = "declined", pgettext_lazy("agreement", "Declined")
        WITHDRAWN = "withdrawn", pgettext_lazy("agreement", "Withdrawn")

    RUNNING = (State.ACTIVE, State.PAUSED)
    LIVE = (State.PROPOSED, State.AWAITING, State.ACTIVE, State.PAUSED)
    OVER = (State.COMPLETED, State.ENDED)

    reference = models.CharField(_("reference"), max_length=20, unique=True)
    mentor = models.ForeignKey(
        Municipality, models.PROTECT, related_name="mentors_in", verbose_name=_("mentor municipality")
    )
    mentee = models.ForeignKey(
        Municipality, models.PROTECT, related_name="mentored_in", verbose_name=_("mentored municipality")
    )
    need = models.ForeignKey(MentoringNeed, models.PROTECT, related_name="agreements")
    offer = models.ForeignKey(MentorOffer, models.PROTECT, related_name="agreements")
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.PROPOSED)
    reasons = models.JSONField(default=dict, blank=True)
    word = models.TextField(_("a word to both"), blank=True)
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    asked_at = models.DateTimeField(null=True, blank=True)
    answer_due_on = models.DateField(_("answers until"), null=True, blank=True)
    mentor_accepted_at = models.DateTimeField(null=True, blank=True)
    mentor_accepted_by_name = models.CharField(max_length=200, blank=True)
    mentee_accepted_at = models.DateTimeField(null=True, blank=True)
    mentee_accepted_by_name = models.CharField(max_length=200, blank=True)
    declined_side = models.CharField(max_length=6, choices=Side.choices, blank=True)
    starts_on = models.DateField(_("from"), null=True, blank=True)
    ends_on = models.DateField(_("planned until"), null=True, blank=True)
    next_session_at = models.DateTimeField(_("next session"), null=True, blank=True)
    next_session_place = models.CharField(_("where or link"), max_length=300, blank=True)
    last_sign_at = models.DateTimeField(null=True, blank=True)  # of life: a session, a goal, a document, a move
    summary = models.TextField(_("what came of it"), blank=True)
    is_demonstration = models.BooleanField(default=False)

    objects = AgreementQuerySet.as_manager()

    class Meta:
        verbose_name = _("mentoring agreement")
        verbose_name_plural = _("mentoring agreements")
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(mentor=F("mentee")), name="nobody_mentors_themselves"),
            models.UniqueConstraint(
                fields=["need"],
                condition=Q(state__in=["awaiting", "active", "paused"]),
                name="one_mentor_is_asked_at_a_time",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["active", "paused", "completed", "ended"]) | Q(starts_on__isnull=False),
                name="a_running_agreement_has_begun",
            ),
            models.CheckConstraint(
                condition=Q(
                    state__in=[
                        "proposed", "awaiting", "active", "paused", "completed", "ended", "declined", "withdrawn"
                    ]
                ),
                name="agreement_state_is_known",
            ),
        ]  # fmt: skip
        indexes = [models.Index(fields=["state"], name="agreement_by_state")]

    def __str__(self) -> str:
        return f"{self.mentor} – {self.mentee}"

    def get_absolute_url(self) -> str:
        return reverse("mentoring:agreement", args=[self.reference])

    def municipality_of(self, side: str) -> Municipality:
        """Return the municipality on `side`."""
        return self.mentor if side == Side.MENTOR else self.mentee

    def has_accepted(self, side: str) -> bool:
        return (self.mentor_accepted_at if side == Side.MENTOR else self.mentee_accepted_at) is not None

    @property
    def is_running(self) -> bool:
        return self.state in self.RUNNING

    @property
    def silent_since(self) -> Any:
        """The last sign of life (an aware instant), or when it became active."""
        return self.last_sign_at


class AgreementChange(StateChange):
    agreement = models.ForeignKey(Agreement, models.CASCADE, related_name="changes")

    class Meta(StateChange.Meta):
        pass


class ParticipantQuerySet(models.QuerySet["Participant"]):
    def current(self, day: date | None = None) -> "ParticipantQuerySet":
        """Who takes part on `day` (today unless given): neither left the agreement nor, as far as is known, the municipality.

        Nor anybody whose account was closed: the personal link would open what the account no longer does.
        """
        on = day or timezone.localdate()
        closed = User.objects.filter(email__iexact=OuterRef("email"), is_active=False)
        works_there = Q(stakeholder__left_on__isnull=True) | Q(stakeholder__left_on__gt=on)
        return self.filter(Q(left_on__isnull=True) | Q(left_on__gt=on), works_there, ~Exists(closed))


@pghistory.track(exclude=["nonce"])
class Participant(Timestamped):
    """Somebody who takes part for one side; works by personal link without an account. One lead for each side."""

    SCOPE = "mentoring-participant"

    agreement = models.ForeignKey(Agreement, models.CASCADE, related_name="participants")
    side = models.CharField(_("side"), max_length=6, choices=Side.choices)
    stakeholder = models.ForeignKey(Stakeholder, models.SET_NULL, null=True, blank=True, related_name="+")
    name = models.CharField(_("name"), max_length=200)
    title = models.CharField(_("title"), max_length=200, blank=True)
    email = models.EmailField(_("email address"))
    language = models.CharField(
        _("language of letters"), max_length=2, choices=[("en", "English"), ("fr", "Français")], blank=True
    )
    zone = models.CharField(max_length=60, default="America/Toronto")
    is_lead = models.BooleanField(_("leads for this side"), default=False)
    left_on = models.DateField(_("left on"), null=True, blank=True)
    nonce = models.CharField(max_length=32, default=new_nonce, editable=False)

    objects = ParticipantQuerySet.as_manager()

    class Meta:
        verbose_name = _("participant of a mentoring agreement")
        verbose_name_plural = _("participants of mentoring agreements")
        ordering = ["side", "-is_lead", "name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["agreement", "email"], condition=Q(left_on__isnull=True), name="a_person_takes_part_once"
            ),
            models.UniqueConstraint(
                fields=["agreement", "side"],
                condition=Q(is_lead=True, left_on__isnull=True),
                name="one_lead_for_each_side",
            ),
            models.CheckConstraint(condition=Q(email=Lower("email")), name="participant_address_in_small_letters"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def token(self) -> str:
        """The token of the person's own page about the agreement."""
        return make_token(self.SCOPE, self.pk, self.nonce)

    @classmethod
    def from_token(cls, token: str) -> "Participant | None":
        """Return the current participant whose page `token` opens, with the agreement and both places, or None."""
        pk = pk_of(token)
        rows = cls.objects.current().select_related("agreement__mentor", "agreement__mentee", "agreement__need")
        found = rows.filter(pk=pk).first() if pk else None
        return found if found and is_valid(token, cls.SCOPE, found.pk, found.nonce) else None


@pghistory.track()
class Goal(Timestamped, Versioned):
    """What both work towards, one to five; may be tied to a check of the strategy."""

    class State(models.TextChoices):
        OPEN = "open", pgettext_lazy("goal", "Under way")
        REACHED = "reached", pgettext_lazy("goal", "Reached")
        DROPPED = "dropped", pgettext_lazy("goal", "Dropped")

    agreement = models.ForeignKey(Agreement, models.CASCADE, related_name="goals")
    text = models.CharField(_("goal"), max_length=300)
    measure = models.CharField(_("how we will know"), max_length=300, blank=True)
    check_item = models.ForeignKey(
        StrategyCheck,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("check of the strategy"),
    )
    due_on = models.DateField(_("until"), null=True, blank=True)
    order = models.PositiveSmallIntegerField(default=0)
    state = models.CharField(_("state"), max_length=8, choices=State.choices, default=State.OPEN)

    class Meta:
        verbose_name = _("goal")
        verbose_name_plural = _("goals")
        ordering = ["order", "pk"]

    def __str__(self) -> str:
        return self.text


class GoalChange(models.Model):
    """What became of a goal, who said so, and why."""

    goal = models.ForeignKey(Goal, models.CASCADE, related_name="changes")
    to_state = models.CharField(max_length=8, choices=Goal.State.choices)
    note = models.CharField(max_length=500, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    by_name = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return f"{self.goal}: {self.to_state}"


@pghistory.track()
class MentoringSession(Timestamped, Versioned):
    """They talked or met: when, who, what was said, what follows. Written by either side, read by both."""

    agreement = models.ForeignKey(Agreement, models.CASCADE, related_name="sessions")
    held_on = models.DateField(_("day"))
    minutes = models.PositiveSmallIntegerField(_("minutes"), null=True, blank=True)
    who = models.CharField(_("who took part"), max_length=500, blank=True)
    summary = models.TextField(_("what was said"))
    follow_up = models.TextField(_("what follows"), blank=True)
    link = models.URLField(_("link, such as to a visit"), max_length=500, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    by_participant = models.ForeignKey(Participant, models.SET_NULL, null=True, blank=True, related_name="+")
    by_name = models.CharField(max_length=200, blank=True)

    class Meta:
        verbose_name = _("mentoring session")
        verbose_name_plural = _("mentoring sessions")
        ordering = ["-held_on", "-pk"]

    def __str__(self) -> str:
        return f"{self.agreement}: {self.held_on}"


class SharedDocument(models.Model):
    """A file or a link that both sides use; sent only through a checked view."""

    agreement = models.ForeignKey(Agreement, models.CASCADE, related_name="documents")
    title = models.CharField(_("title"), max_length=200)
    file = models.FileField(_("file"), upload_to=RandomName("mentoring"), blank=True)
    filename = models.CharField(max_length=200, blank=True)
    url = models.URLField(_("web address"), blank=True, max_length=500)
    by_name = models.CharField(max_length=200, blank=True)
    added_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("shared document")
        verbose_name_plural = _("shared documents")
        ordering = ["added_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(file="") & ~Q(url="") | ~Q(file="") & Q(url=""), name="shared_document_is_a_file_or_a_link"
            )
        ]

    def __str__(self) -> str:
        return self.title


class CheckIn(models.Model):
    """Both sides are asked how it goes: after one, three and six months, and at the end. One survey for each side."""

    class Moment(models.TextChoices):
        ONE = "1", pgettext_lazy("check-in", "After one month")
        THREE = "3", pgettext_lazy("check-in", "After three months")
        SIX = "6", pgettext_lazy("check-in", "After six months")
        END = "end", pgettext_lazy("check-in", "At the end")

    agreement = models.ForeignKey(Agreement, models.CASCADE, related_name="check_ins")
    moment = models.CharField(max_length=3, choices=Moment.choices)
    side = models.CharField(max_length=6, choices=Side.choices)
    survey = models.OneToOneField(Survey, models.PROTECT, related_name="check_in")

    class Meta:
        verbose_name = _("check-in")
        verbose_name_plural = _("check-ins")
        constraints = [
            models.UniqueConstraint(fields=["agreement", "moment", "side"], name="one_check_in_per_moment_and_side")
        ]

    def __str__(self) -> str:
        return f"{self.agreement}: {self.moment}, {self.side}"
