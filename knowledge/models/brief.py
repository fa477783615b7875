"""A numbered action brief: one text in two languages with a life of its own each. What it lists is in `rows`."""

from typing import Any

import pghistory
import rules
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import F, Q
from django.db.models.fields.json import KT
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cmncp_portal.accounts.models import Language
from cmncp_portal.core.models import StateChange, Timestamped, Versioned
from cmncp_portal.core.search import words_of
from cmncp_portal.core.text import Bilingual, active_language
from cmncp_portal.network.models import Topic
from cmncp_portal.network.stages import Stage

from .practice import Evidence
from .words import Population


class BriefSeries(models.Model):
    """A series of briefs, such as "Invest smartly in safety for the city"."""

    number = models.PositiveSmallIntegerField(_("number"), unique=True)
    title_en = models.CharField(_("title in English"), max_length=200)
    title_fr = models.CharField(_("title in French"), max_length=200)
    title = Bilingual()

    class Meta:
        verbose_name = _("series of briefs")
        verbose_name_plural = _("series of briefs")
        ordering = ["number"]

    def __str__(self) -> str:
        return f"{self.number}. {self.title}"


class BriefQuerySet(models.QuerySet["ActionBrief"]):
    def public(self) -> "BriefQuerySet":
        """Briefs that stand in the library: published, or replaced and withdrawn, which stay with a word about it."""
        return self.filter(state__in=ActionBrief.PUBLIC)

    def visible_to(self, user: Any) -> "BriefQuerySet":
        """The library is for everyone; what is being written is for those who write, review or coordinate."""
        if rules.has_perm("knowledge.see_desk", user):
            return self
        return self.public()


@pghistory.track()
class ActionBrief(Timestamped, Versioned):
    """What stands outside the two texts: number, subjects, numbers, steps, sources, and where the brief is in its life."""

    class State(models.TextChoices):
        IDEA = "idea", pgettext_lazy("brief", "Idea")
        OUTLINE = "outline", pgettext_lazy("brief", "Outline")
        DRAFT = "draft", pgettext_lazy("brief", "Draft")
        REVIEW = "review", pgettext_lazy("brief", "Internal review")
        EDITING = "editing", pgettext_lazy("brief", "Editing")
        TRANSLATION = "translation", pgettext_lazy("brief", "Translation")
        APPROVED = "approved", pgettext_lazy("brief", "Approved")
        SCHEDULED = "scheduled", pgettext_lazy("brief", "Scheduled")
        PUBLISHED = "published", pgettext_lazy("brief", "Published")
        SUPERSEDED = "superseded", pgettext_lazy("brief", "Replaced")
        WITHDRAWN = "withdrawn", pgettext_lazy("brief", "Withdrawn")

    PUBLIC = (State.PUBLISHED, State.SUPERSEDED, State.WITHDRAWN)

    series = models.ForeignKey(
        BriefSeries, models.PROTECT, null=True, blank=True, related_name="briefs", verbose_name=_("series")
    )
    number = models.PositiveSmallIntegerField(_("number in the series"), null=True, blank=True)
    slug = models.SlugField(_("address"), max_length=100, unique=True)
    state = models.CharField(_("state"), max_length=12, choices=State.choices, default=State.IDEA)
    source_language = models.CharField(
        _("language in which it is written"), max_length=2, choices=Language.choices, default=Language.ENGLISH
    )
    topics = models.ManyToManyField(Topic, related_name="briefs", blank=True, verbose_name=_("topics"))
    populations = models.ManyToManyField(Population, related_name="briefs", blank=True, verbose_name=_("populations"))
    stages = ArrayField(
        models.PositiveSmallIntegerField(choices=Stage.choices),
        verbose_name=_("stages of a strategy"),
        default=list,
        blank=True,
    )
    evidence = models.ManyToManyField(Evidence, related_name="briefs", blank=True, verbose_name=_("evidence"))
    authors = models.CharField(_("authors"), max_length=300, blank=True)
    is_archival = models.BooleanField(_("catalogue entry of a brief published elsewhere"), default=False)
    archive_url = models.URLField(_("where it can be read"), max_length=500, blank=True)
    first_published_on = models.DateField(_("first published on"), null=True, blank=True)
    publish_on = models.DateField(_("to be published on"), null=True, blank=True)
    published_at = models.DateTimeField(_("published at"), null=True, blank=True)
    next_review_on = models.DateField(_("next review on"), null=True, blank=True)
    replaces = models.OneToOneField(
        "self", models.SET_NULL, null=True, blank=True, related_name="replaced_by", verbose_name=_("replaces")
    )
    withdrawn_why_en = models.CharField(_("why withdrawn, in English"), max_length=300, blank=True)
    withdrawn_why_fr = models.CharField(_("why withdrawn, in French"), max_length=300, blank=True)
    withdrawn_why = Bilingual()
    exception_reason = models.CharField(_("why published in one language"), max_length=300, blank=True)
    exception_until = models.DateField(_("other language until"), null=True, blank=True)
    exception_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")

    objects = BriefQuerySet.as_manager()

    class Meta:
        verbose_name = _("action brief")
        verbose_name_plural = _("action briefs")
        ordering = [F("series__number").asc(nulls_last=True), F("number").asc(nulls_last=True), "pk"]
        constraints = [
            models.UniqueConstraint(fields=["series", "number"], name="a_number_is_given_once_per_series"),
            models.CheckConstraint(
                condition=Q(series__isnull=True, number__isnull=True) | Q(series__isnull=False, number__isnull=False),
                name="a_brief_in_a_series_has_a_number",
            ),
            models.CheckConstraint(
                condition=Q(
                    state__in=[
                        "idea",
                        "outline",
                        "draft",
                        "review",
                        "editing",
                        "translation",
                        "approved",
                        "scheduled",
                        "published",
                        "superseded",
                        "withdrawn",
                    ]
                ),
                name="brief_state_is_known",
            ),
            models.CheckConstraint(
                condition=~Q(state="published") | Q(published_at__isnull=False), name="a_published_brief_says_when"
            ),
            models.CheckConstraint(
                condition=~Q(state="scheduled") | Q(publish_on__isnull=False), name="a_scheduled_brief_has_a_day"
            ),
            models.CheckConstraint(
                condition=Q(exception_reason="", exception_until__isnull=True)
                | ~Q(exception_reason="") & Q(exception_until__isnull=False),
                name="an_exception_has_a_reason_and_a_deadline",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("knowledge:brief", args=[self.slug])

    @property
    def reference(self) -> str:
        """The number by which the brief is cited, such as "1.3"; empty outside a series."""
        return f"{self.series.number}.{self.number}" if self.series and self.number else ""

    @cached_property
    def by_language(self) -> "dict[str, Edition]":
        """The editions that exist, by language. Reads what was prefetched."""
        return {edition.language: edition for edition in self.editions.all()}

    def edition(self, language: str | None = None) -> "Edition | None":
        """Return the edition in `language` (the active one unless given) if it has a title, else the other one, else None."""
        wanted = language or active_language()
        found = self.by_language.get(wanted)
        if found is not None and found.title:
            return found
        return next((e for e in self.by_language.values() if e.title), found)

    def published_edition(self, language: str | None = None) -> "Edition | None":
        """Return what readers get in `language`, else in the other one, else None."""
        wanted = language or active_language()
        found = self.by_language.get(wanted)
        if found is not None and found.is_published:
            return found
        return next((e for e in self.by_language.values() if e.is_published), None)

    @property
    def source(self) -> "Edition | None":
        """The edition in which the brief is written; the other one is its translation."""
        return self.by_language.get(self.source_language)

    def state_of(self, language: str) -> str:
        """Return how far the text in `language` is: "missing", "draft", "current" or "out_of_date"."""
        edition = self.by_language.get(language)
        if edition is None or not edition.title:
            return "missing"
        if edition.current_at is None:
            return "draft"
        source = self.source
        behind = source is not None and language != self.source_language and edition.based_on < source.version
        return "out_of_date" if behind else "current"

    @property
    def is_bilingual(self) -> bool:
        """Whether both texts are current: the gate to publication."""
        return all(self.state_of(language) == "current" for language in ("en", "fr"))

    @property
    def title(self) -> str:
        edition = self.edition()
        return edition.title if edition else str(_("Untitled brief"))

    @property
    def is_review_due(self) -> bool:
        return self.next_review_on is not None and self.next_review_on <= timezone.localdate()


class BriefStateChange(StateChange):
    brief = models.ForeignKey(ActionBrief, models.CASCADE, related_name="changes")

    class Meta(StateChange.Meta):
        verbose_name = _("move of a brief")
        verbose_name_plural = _("moves of briefs")

    def __str__(self) -> str:
        return f"{self.brief_id}: {self.transition}"


SEARCHED = ("title", "summary", "challenge", "what_works")


@pghistory.track(exclude=["search_en", "search_fr", "published"])
class Edition(Timestamped, Versioned):
    """The text of a brief in one language. `version` rises with each save; `based_on` is the version of the source it translates.

    Readers see `published`, a copy of the texts as they stood at publication; what is being revised is not theirs yet.
    """

    TEXTS = ("title", "summary", "challenge", "what_works", "investment")

    brief = models.ForeignKey(ActionBrief, models.CASCADE, related_name="editions")
    language = models.CharField(_("language"), max_length=2, choices=Language.choices)
    title = models.CharField(_("title"), max_length=200, blank=True)
    summary = models.TextField(_("summary"), blank=True)
    challenge = models.TextField(_("the challenge"), blank=True)
    what_works = models.TextField(_("what works"), blank=True)
    investment = models.TextField(_("the investment"), blank=True)
    based_on = models.PositiveIntegerField(_("version of the source it is based on"), default=0)
    current_at = models.DateTimeField(_("found ready at"), null=True, blank=True)
    current_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    saved_by_name = models.CharField(_("saved by"), max_length=200, blank=True)
    published = models.JSONField(_("as published"), default=dict, blank=True)
    published_version = models.PositiveIntegerField(_("version as published"), default=0)
    published_at = models.DateTimeField(_("this text published at"), null=True, blank=True)
    search_en = models.GeneratedField(
        expression=words_of("en", *(KT(f"published__{name}") for name in SEARCHED)),
        output_field=SearchVectorField(),
        db_persist=True,
    )
    search_fr = models.GeneratedField(
        expression=words_of("fr", *(KT(f"published__{name}") for name in SEARCHED)),
        output_field=SearchVectorField(),
        db_persist=True,
    )

    class Meta:
        verbose_name = _("edition")
        verbose_name_plural = _("editions")
        ordering = ["language"]
        indexes = [
            GinIndex(fields=["search_en"], name="edition_search_en", condition=Q(language="en")),
            GinIndex(fields=["search_fr"], name="edition_search_fr", condition=Q(language="fr")),
        ]
        constraints = [
            models.UniqueConstraint(fields=["brief", "language"], name="one_edition_per_language"),
        ]

    def __str__(self) -> str:
        return f"{self.title} ({self.language})"

    @property
    def is_published(self) -> bool:
        return self.published_at is not None

    @property
    def texts(self) -> dict[str, str]:
        """The texts as they stand, by name."""
        return {name: getattr(self, name) for name in self.TEXTS}

    @property
    def is_being_revised(self) -> bool:
        """Whether the text was changed since readers got it."""
        return self.is_published and self.version > self.published_version
