"""A standard says what people who carry a community safety strategy know and can do. It lives in versions.

A competency is named once for the whole life of its standard, so that what a person attained outlives a new version;
how it is worded, in which domain, and by which criteria is the version's business.
"""

from datetime import date, timedelta
from typing import Any

import pghistory
from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cmncp_portal.accounts.rules import is_administrator, is_secretariat, is_university
from cmncp_portal.core.links import is_valid, make_token, new_nonce, pk_of
from cmncp_portal.core.models import StateChange, Timestamped, Versioned
from cmncp_portal.core.search import words_of
from cmncp_portal.core.text import Bilingual
from cmncp_portal.network.models import Municipality, Stakeholder, Standing


def office_day() -> date:
    """Return the present day at the network's office, whatever the zone of the reader: days of a consultation are counted there."""
    return timezone.localdate(timezone=timezone.get_default_timezone())


class Level(models.IntegerChoices):
    """Each level holds those before it. Awareness is for leaders and partners, practitioner for coordinators, lead for
    those who head a responsibility centre."""

    AWARENESS = 1, pgettext_lazy("level of a competency", "Awareness")
    PRACTITIONER = 2, pgettext_lazy("level of a competency", "Practitioner")
    LEAD = 3, pgettext_lazy("level of a competency", "Lead")


class Standard(Timestamped):
    """A set of competencies under one name. Its versions hold the text."""

    slug = models.SlugField(_("address"), max_length=60, unique=True)
    title_en = models.CharField(_("title in English"), max_length=200)
    title_fr = models.CharField(_("title in French"), max_length=200)
    title = Bilingual()
    summary_en = models.TextField(_("what it is for, in English"), blank=True)
    summary_fr = models.TextField(_("what it is for, in French"), blank=True)
    summary = Bilingual()

    class Meta:
        verbose_name = _("standard")
        verbose_name_plural = _("standards")
        ordering = ["slug"]

    def __str__(self) -> str:
        return str(self.title)


class StandardVersionQuerySet(models.QuerySet["StandardVersion"]):
    def visible_to(self, user: Any) -> "StandardVersionQuerySet":
        """Standards are open: everybody reads what is or was in consultation or adopted; its writers read drafts too."""
        if is_university(user) or is_secretariat(user) or is_administrator(user):
            return self
        return self.exclude(state=StandardVersion.State.DRAFT)

    def adopted(self) -> "StandardVersionQuerySet":
        """The versions that hold today, one at most for each standard."""
        return self.filter(state=StandardVersion.State.ADOPTED)

    def with_standard(self) -> "StandardVersionQuerySet":
        return self.select_related("standard")


@pghistory.track()
class StandardVersion(Timestamped, Versioned):
    """One version of a standard: written, put to members and colleges, answered, adopted, and one day superseded."""

    class State(models.TextChoices):
        DRAFT = "draft", pgettext_lazy("standard", "Draft")
        CONSULTATION = "consultation", pgettext_lazy("standard", "In consultation")
        ANSWERING = "answering", pgettext_lazy("standard", "Comments being answered")
        ADOPTED = "adopted", pgettext_lazy("standard", "Adopted")
        SUPERSEDED = "superseded", pgettext_lazy("standard", "Superseded")

    # Its words may be changed in these: what people comment on, or were taught by, stands still.
    EDITABLE = (State.DRAFT, State.ANSWERING)

    standard = models.ForeignKey(Standard, models.PROTECT, related_name="versions", verbose_name=_("standard"))
    number = models.PositiveSmallIntegerField(_("version"))
    state = models.CharField(_("state"), max_length=12, choices=State.choices, default=State.DRAFT)
    changes_en = models.TextField(_("what is new, in English"), blank=True)
    changes_fr = models.TextField(_("what is new, in French"), blank=True)
    changes = Bilingual()
    opens_on = models.DateField(_("consultation opens"), null=True, blank=True)
    closes_on = models.DateField(_("last day to comment"), null=True, blank=True)
    adopted_on = models.DateField(_("adopted on"), null=True, blank=True)
    superseded_on = models.DateField(_("superseded on"), null=True, blank=True)
    objects = StandardVersionQuerySet.as_manager()

    class Meta:
        verbose_name = _("version of a standard")
        verbose_name_plural = _("versions of standards")
        ordering = ["standard__slug", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["standard", "number"], name="one_version_per_number"),
            models.UniqueConstraint(
                fields=["standard"], condition=Q(state="adopted"), name="one_adopted_version_per_standard"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "consultation", "answering", "adopted", "superseded"]),
                name="version_state_is_known",
            ),
            models.CheckConstraint(
                condition=Q(opens_on__isnull=True) | Q(closes_on__isnull=True) | Q(closes_on__gte=F("opens_on")),
                name="consultation_closes_after_it_opens",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["adopted", "superseded"]) | Q(adopted_on__isnull=False),
                name="adopted_version_has_its_day",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.standard}, {self.number}"

    def get_absolute_url(self) -> str:
        return reverse("training:version", args=[self.standard.slug, self.number])

    @property
    def is_editable(self) -> bool:
        return self.state in self.EDITABLE

    def takes_comments(self, day: date | None = None) -> bool:
        """Tell whether comments can be made on `day` (today at the network's office unless given); the last day counts."""
        on = day or office_day()
        return self.state == self.State.CONSULTATION and (self.closes_on is None or on <= self.closes_on)

    def days_left(self, day: date | None = None) -> int | None:
        """Return how many days of consultation are left after `day` (today at the office unless given), 0 on the last; None without end."""
        return None if self.closes_on is None else (self.closes_on - (day or office_day())) // timedelta(days=1)


class StandardVersionChange(StateChange):
    version = models.ForeignKey(StandardVersion, models.CASCADE, related_name="changes_of_state")

    class Meta(StateChange.Meta):
        pass


class Domain(models.Model):
    """A chapter of a version: a field of knowledge and skill."""

    version = models.ForeignKey(StandardVersion, models.CASCADE, related_name="domains")
    order = models.PositiveSmallIntegerField(_("number"))
    title_en = models.CharField(_("title in English"), max_length=200)
    title_fr = models.CharField(_("title in French"), max_length=200, blank=True)
    title = Bilingual()
    summary_en = models.TextField(_("what it covers, in English"), blank=True)
    summary_fr = models.TextField(_("what it covers, in French"), blank=True)
    summary = Bilingual()

    class Meta:
        verbose_name = _("domain")
        verbose_name_plural = _("domains")
        ordering = ["order", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["version", "order"], name="one_domain_per_number", deferrable=models.Deferrable.DEFERRED
            )
        ]

    def __str__(self) -> str:
        return f"{self.order} {self.title}"


class Competency(models.Model):
    """An ability, named once for the life of its standard. Its words are in `texts`, one for each version that holds it."""

    standard = models.ForeignKey(Standard, models.PROTECT, related_name="competencies")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("competency")
        verbose_name_plural = _("competencies")

    def __str__(self) -> str:
        return f"competency {self.pk}"


class CompetencyTextQuerySet(models.QuerySet["CompetencyText"]):
    def in_order(self) -> "CompetencyTextQuerySet":
        return self.order_by("domain__order", "order", "pk")

    def that_hold(self) -> "CompetencyTextQuerySet":
        """The texts of adopted versions: what is asked of people today."""
        return self.filter(version__state=StandardVersion.State.ADOPTED)


@pghistory.track(exclude=["search_en", "search_fr"])
class CompetencyText(Timestamped):
    """What a version says of a competency. `asks_more` means that who attained an earlier version shows it again."""

    SOURCE_LENGTH = 300

    version = models.ForeignKey(StandardVersion, models.CASCADE, related_name="texts")
    domain = models.ForeignKey(Domain, models.CASCADE, related_name="texts", verbose_name=_("domain"))
    competency = models.ForeignKey(Competency, models.PROTECT, related_name="texts")
    order = models.PositiveSmallIntegerField(_("number in its domain"))
    title_en = models.CharField(_("title in English"), max_length=200)
    title_fr = models.CharField(_("title in French"), max_length=200, blank=True)
    title = Bilingual()
    description_en = models.TextField(_("what it means, in English"), blank=True)
    description_fr = models.TextField(_("what it means, in French"), blank=True)
    description = Bilingual()
    source = models.CharField(_("from practice or evidence: where it comes from"), max_length=SOURCE_LENGTH, blank=True)
    source_url = models.URLField(_("link to the source"), max_length=500, blank=True)
    asks_more = models.BooleanField(
        _("asks more than the version before: those who attained it show it again"), default=False
    )

    search_en = models.GeneratedField(
        expression=words_of("en", "title_en", "description_en"), output_field=SearchVectorField(), db_persist=True
    )
    search_fr = models.GeneratedField(
        expression=words_of("fr", "title_fr", "description_fr"), output_field=SearchVectorField(), db_persist=True
    )

    objects = CompetencyTextQuerySet.as_manager()

    class Meta:
        verbose_name = _("wording of a competency")
        verbose_name_plural = _("wordings of competencies")
        ordering = ["domain__order", "order", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["version", "competency"], name="one_wording_per_version"),
            models.UniqueConstraint(
                fields=["domain", "order"],
                name="one_competency_per_number",
                deferrable=models.Deferrable.DEFERRED,
            ),
        ]
        indexes = [
            GinIndex(fields=["search_en"], name="competency_words_en"),
            GinIndex(fields=["search_fr"], name="competency_words_fr"),
        ]

    def __str__(self) -> str:
        return str(self.title)

    @property
    def code(self) -> str:
        """The number by which people call it: "4.2". Needs the domain."""
        return f"{self.domain.order}.{self.order}"


class Criterion(models.Model):
    """What shows that somebody reached a competency at a level, and by which evidence."""

    text = models.ForeignKey(CompetencyText, models.CASCADE, related_name="criteria")
    level = models.PositiveSmallIntegerField(_("level"), choices=Level.choices)
    order = models.PositiveSmallIntegerField(default=0)
    statement_en = models.TextField(_("criterion in English"))
    statement_fr = models.TextField(_("criterion in French"), blank=True)
    statement = Bilingual()
    evidence_en = models.TextField(_("evidence that is required, in English"), blank=True)
    evidence_fr = models.TextField(_("evidence that is required, in French"), blank=True)
    evidence = Bilingual()

    class Meta:
        verbose_name = _("criterion")
        verbose_name_plural = _("criteria")
        ordering = ["level", "order", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(level__in=Level.values), name="criterion_level_is_known"),
        ]

    def __str__(self) -> str:
        return str(self.statement)


class RoleProfile(models.Model):
    """A role of people who carry a strategy, and what this version asks of it: an elected leader, a coordinator…

    `standings` are the roles in the network whose people have this role unless they chose another one.
    """

    version = models.ForeignKey(StandardVersion, models.CASCADE, related_name="roles")
    slug = models.SlugField(_("address"), max_length=60)
    order = models.PositiveSmallIntegerField(default=0)
    title_en = models.CharField(_("title in English"), max_length=200)
    title_fr = models.CharField(_("title in French"), max_length=200, blank=True)
    title = Bilingual()
    summary_en = models.TextField(_("who that is, in English"), blank=True)
    summary_fr = models.TextField(_("who that is, in French"), blank=True)
    summary = Bilingual()
    standings = models.JSONField(_("roles in the network"), default=list, blank=True)

    class Meta:
        verbose_name = _("role")
        verbose_name_plural = _("roles")
        ordering = ["order", "pk"]
        constraints = [models.UniqueConstraint(fields=["version", "slug"], name="one_role_per_address")]

    def __str__(self) -> str:
        return str(self.title)

    @property
    def standing_labels(self) -> list[str]:
        """The roles in the network, in the words of the active language."""
        return [str(Standing(value).label) for value in self.standings if value in Standing.values]


class Requirement(models.Model):
    """What a role is asked to reach: a competency, at a level."""

    role = models.ForeignKey(RoleProfile, models.CASCADE, related_name="requirements")
    competency = models.ForeignKey(Competency, models.PROTECT, related_name="+")
    level = models.PositiveSmallIntegerField(_("level"), choices=Level.choices)

    class Meta:
        verbose_name = _("requirement")
        verbose_name_plural = _("requirements")
        constraints = [
            models.UniqueConstraint(fields=["role", "competency"], name="a_role_asks_once_for_a_competency"),
            models.CheckConstraint(condition=Q(level__in=Level.values), name="requirement_level_is_known"),
        ]

    def __str__(self) -> str:
        return f"{self.role}: {self.competency} {self.level}"


class CommentInvitee(models.Model):
    """Somebody from a college or elsewhere who is asked to comment; the personal link works without an account."""

    SCOPE = "training-consultation"

    version = models.ForeignKey(StandardVersion, models.CASCADE, related_name="invitees")
    name = models.CharField(_("name"), max_length=200)
    organisation = models.CharField(_("organisation"), max_length=200, blank=True)
    email = models.EmailField(_("email address"))
    language = models.CharField(
        _("language of letters"), max_length=2, choices=[("en", "English"), ("fr", "Français")], blank=True
    )
    invited_at = models.DateTimeField(null=True, blank=True)
    wants_no_more = models.BooleanField(_("wants no further letters"), default=False)
    nonce = models.CharField(max_length=32, default=new_nonce, editable=False)

    class Meta:
        verbose_name = _("person asked to comment")
        verbose_name_plural = _("people asked to comment")
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["version", "email"], name="a_person_is_asked_once_per_version"),
            models.CheckConstraint(condition=Q(email=Lower("email")), name="commenter_address_in_small_letters"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def token(self) -> str:
        """The token of the person's own page about the consultation."""
        return make_token(self.SCOPE, self.pk, self.nonce)

    @classmethod
    def from_token(cls, token: str) -> "CommentInvitee | None":
        """Return the person whose page `token` opens, with the version and its standard, or None."""
        pk = pk_of(token)
        found = cls.objects.select_related("version__standard").filter(pk=pk).first() if pk else None
        return found if found and is_valid(token, cls.SCOPE, found.pk, found.nonce) else None


class CommentQuerySet(models.QuerySet["Comment"]):
    def visible_to(self, user: Any) -> "CommentQuerySet":
        """Comments and their answers are open, as the standard is; those of a draft are its writers'."""
        return self.filter(standard_version__in=StandardVersion.objects.visible_to(user))

    def unanswered(self) -> "CommentQuerySet":
        return self.filter(verdict=Comment.Verdict.OPEN)


@pghistory.track()
class Comment(Timestamped, Versioned):
    """What somebody says of a line of a version (or of the whole), and the answer: accepted or declined, and why."""

    class Verdict(models.TextChoices):
        OPEN = "open", pgettext_lazy("comment", "Not answered yet")
        ACCEPTED = "accepted", pgettext_lazy("comment", "Accepted")
        PARTLY = "partly", pgettext_lazy("comment", "Accepted in part")
        DECLINED = "declined", pgettext_lazy("comment", "Declined")

    standard_version = models.ForeignKey(StandardVersion, models.CASCADE, related_name="comments")
    text = models.ForeignKey(
        CompetencyText, models.CASCADE, null=True, blank=True, related_name="comments", verbose_name=_("competency")
    )
    criterion = models.ForeignKey(
        Criterion, models.SET_NULL, null=True, blank=True, related_name="comments", verbose_name=_("criterion")
    )
    words = models.TextField(_("comment"))
    language = models.CharField(max_length=2, choices=[("en", "English"), ("fr", "Français")])
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    invitee = models.ForeignKey(CommentInvitee, models.SET_NULL, null=True, blank=True, related_name="comments")
    stakeholder = models.ForeignKey(Stakeholder, models.SET_NULL, null=True, blank=True, related_name="+")
    municipality = models.ForeignKey(Municipality, models.SET_NULL, null=True, blank=True, related_name="+")
    name = models.CharField(_("name"), max_length=200)
    organisation = models.CharField(_("organisation"), max_length=200, blank=True)
    email = models.EmailField(_("email address"))
    verdict = models.CharField(
        pgettext_lazy("comment", "answer"), max_length=10, choices=Verdict.choices, default=Verdict.OPEN
    )
    answer = models.TextField(_("why"), blank=True)
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    answered_at = models.DateTimeField(null=True, blank=True)
    told_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    objects = CommentQuerySet.as_manager()

    class Meta:
        verbose_name = _("comment")
        verbose_name_plural = _("comments")
        ordering = ["created_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(verdict="open") & Q(answered_at__isnull=True)
                | ~Q(verdict="open") & Q(answered_at__isnull=False) & ~Q(answer=""),
                name="an_answer_says_why_and_when",
            ),
        ]

    def __str__(self) -> str:
        return self.words[:80]
