"""A workshop or module: what is taught, which competencies it builds, with which partner. It is drafted before it is offered."""

from datetime import date
from typing import Any

import pghistory
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cmncp_portal.accounts.models import Language
from cmncp_portal.accounts.rules import is_administrator, is_secretariat, is_university
from cmncp_portal.core.files import RandomName
from cmncp_portal.core.models import StateChange, Timestamped, Versioned
from cmncp_portal.core.search import words_of
from cmncp_portal.core.text import Bilingual
from cmncp_portal.network.models.municipality import Province

from .standards import Competency, Level


class Partner(models.Model):
    """Whom the network develops modules with: a community college, a university, another organisation."""

    class Kind(models.TextChoices):
        COLLEGE = "college", pgettext_lazy("training partner", "Community college")
        UNIVERSITY = "university", pgettext_lazy("training partner", "University")
        OTHER = "other", pgettext_lazy("training partner", "Other organisation")

    name_en = models.CharField(_("name in English"), max_length=200)
    name_fr = models.CharField(_("name in French"), max_length=200, blank=True)
    name = Bilingual()
    kind = models.CharField(_("kind of partner"), max_length=10, choices=Kind.choices)
    province = models.CharField(_("province"), max_length=2, choices=Province.choices, blank=True)
    website = models.URLField(_("website"), max_length=300, blank=True)
    contact = models.CharField(_("person to talk to"), max_length=300, blank=True)
    is_demonstration = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("training partner")
        verbose_name_plural = _("training partners")
        ordering = ["name_en", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=["college", "university", "other"]), name="kind_of_partner_is_known"
            )
        ]

    def __str__(self) -> str:
        return str(self.name)


class ModuleQuerySet(models.QuerySet["Module"]):
    def public(self) -> "ModuleQuerySet":
        """Modules that stand in the catalogue: approved, offered, or retired after that."""
        return self.filter(state__in=Module.PUBLIC)

    def visible_to(self, user: Any) -> "ModuleQuerySet":
        """The catalogue is for everyone; drafts are for the network, the University, and their own invited authors."""
        if not getattr(user, "is_authenticated", False):
            return self.public()
        if is_university(user) or is_secretariat(user) or is_administrator(user):
            return self
        mine = ModuleAuthor.objects.working().filter(user=user)
        return self.filter(Q(state__in=Module.PUBLIC) | Q(pk__in=mine.values("module")))


@pghistory.track(exclude=["search_en", "search_fr"])
class Module(Timestamped, Versioned):
    """`languages` are those in which it can be taught; its text stands in both, or says in which one only."""

    class Kind(models.TextChoices):
        WORKSHOP = "workshop", pgettext_lazy("training", "Workshop")
        MODULE = "module", pgettext_lazy("training", "Training module")

    class Theme(models.TextChoices):
        """Themes of the programme: workshops in its first year, trainings on three subjects in the second and third."""

        AWARENESS = "awareness", pgettext_lazy("theme of training", "Awareness and commitment")
        PROJECTS = "projects", pgettext_lazy("theme of training", "Development and evaluation of projects")
        MOBILISATION = (
            "mobilisation",
            pgettext_lazy("theme of training", "Mobilisation of the community and partnerships"),
        )
        PLANNING = "planning", pgettext_lazy("theme of training", "Community safety planning")

    class State(models.TextChoices):
        PROPOSED = "proposed", pgettext_lazy("module", "Proposed")
        AGREED = "agreed", pgettext_lazy("module", "Being drafted")
        DRAFTED = "drafted", pgettext_lazy("module", "In review")
        REVIEWED = "reviewed", pgettext_lazy("module", "Reviewed, to be piloted")
        PILOTED = "piloted", pgettext_lazy("module", "Piloted")
        APPROVED = "approved", pgettext_lazy("module", "Approved")
        OFFERED = "offered", pgettext_lazy("module", "Offered")
        RETIRED = "retired", pgettext_lazy("module", "Retired")
        DROPPED = "dropped", pgettext_lazy("module", "Not pursued")

    PUBLIC = (State.APPROVED, State.OFFERED, State.RETIRED)
    WRITTEN_IN = (State.AGREED,)  # authors write now; the network and the University may correct later as well

    slug = models.SlugField(_("address"), max_length=80, unique=True)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices, default=Kind.MODULE)
    theme = models.CharField(_("theme"), max_length=14, choices=Theme.choices)
    programme_year = models.PositiveSmallIntegerField(
        _("year of the programme"), choices=[(1, "1"), (2, "2"), (3, "3")], null=True, blank=True
    )
    title_en = models.CharField(_("title in English"), max_length=200, blank=True)
    title_fr = models.CharField(_("title in French"), max_length=200, blank=True)
    title = Bilingual()
    summary_en = models.TextField(_("in short, in English"), blank=True)
    summary_fr = models.TextField(_("in short, in French"), blank=True)
    summary = Bilingual()
    objectives_en = models.TextField(_("what people can do afterwards, in English"), blank=True)
    objectives_fr = models.TextField(_("what people can do afterwards, in French"), blank=True)
    objectives = Bilingual()
    outline_en = models.TextField(_("outline in English"), blank=True)
    outline_fr = models.TextField(_("outline in French"), blank=True)
    outline = Bilingual()
    hours = models.DecimalField(_("length in hours"), max_digits=5, decimal_places=1, null=True, blank=True)
    languages = ArrayField(
        models.CharField(max_length=2, choices=Language.choices), verbose_name=_("taught in"), default=list, blank=True
    )
    one_language_reason = models.CharField(_("why in one language only"), max_length=300, blank=True)
    partner = models.ForeignKey(
        Partner, models.PROTECT, null=True, blank=True, related_name="modules", verbose_name=_("partner")
    )
    draft_due_on = models.DateField(_("draft due on"), null=True, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.PROPOSED)
    pilot_report = models.TextField(_("what the pilot showed"), blank=True)
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    is_demonstration = models.BooleanField(default=False)
    search_en = models.GeneratedField(
        expression=words_of("en", "title_en", "summary_en", "objectives_en"),
        output_field=SearchVectorField(),
        db_persist=True,
    )
    search_fr = models.GeneratedField(
        expression=words_of("fr", "title_fr", "summary_fr", "objectives_fr"),
        output_field=SearchVectorField(),
        db_persist=True,
    )

    objects = ModuleQuerySet.as_manager()

    class Meta:
        verbose_name = _("module")
        verbose_name_plural = _("modules")
        ordering = ["programme_year", "theme", "slug"]
        indexes = [
            GinIndex(fields=["search_en"], name="module_search_en"),
            GinIndex(fields=["search_fr"], name="module_search_fr"),
        ]
        constraints = [
            models.CheckConstraint(condition=~Q(title_en="") | ~Q(title_fr=""), name="module_has_a_title"),
            models.CheckConstraint(
                condition=Q(
                    state__in=[
                        "proposed", "agreed", "drafted", "reviewed", "piloted", "approved", "offered", "retired",
                        "dropped",
                    ]
                ),
                name="module_state_is_known",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return str(self.title)

    def get_absolute_url(self) -> str:
        return reverse("training:module", args=[self.slug])

    def title_in(self, language: str) -> str:
        """Return the title in `language`, or the other one while it is missing."""
        wanted, rest = (self.title_fr, self.title_en) if language == "fr" else (self.title_en, self.title_fr)
        return wanted or rest

    @property
    def is_public(self) -> bool:
        return self.state in self.PUBLIC

    @property
    def is_bilingual(self) -> bool:
        """Whether everything that people read stands in both languages."""
        names = ("title", "summary", "objectives", "outline")
        return all(getattr(self, f"{name}_{code}").strip() for name in names for code in ("en", "fr"))


class ModuleChange(StateChange):
    module = models.ForeignKey(Module, models.CASCADE, related_name="changes")

    class Meta(StateChange.Meta):
        pass


class ModuleCompetency(models.Model):
    """The module builds this competency, up to this level."""

    module = models.ForeignKey(Module, models.CASCADE, related_name="builds")
    competency = models.ForeignKey(Competency, models.PROTECT, related_name="built_by")
    level = models.PositiveSmallIntegerField(_("level"), choices=Level.choices)

    class Meta:
        verbose_name = _("competency of a module")
        verbose_name_plural = _("competencies of a module")
        constraints = [
            models.UniqueConstraint(fields=["module", "competency"], name="a_module_builds_a_competency_once"),
            models.CheckConstraint(condition=Q(level__in=Level.values), name="module_level_is_known"),
        ]

    def __str__(self) -> str:
        return f"{self.module}: {self.competency_id} {self.level}"


class ModuleAuthorQuerySet(models.QuerySet["ModuleAuthor"]):
    def working(self, day: date | None = None) -> "ModuleAuthorQuerySet":
        """Authors whose invitation runs on `day` (today unless given); the last day counts."""
        on = day or timezone.localdate()
        return self.filter(Q(until_on__isnull=True) | Q(until_on__gte=on), removed_at__isnull=True)


class ModuleAuthor(Timestamped):
    """Somebody of a partner (or elsewhere) who is invited to write this one module, until a day."""

    module = models.ForeignKey(Module, models.CASCADE, related_name="authors")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="modules_written", verbose_name=_("author")
    )
    invited_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    until_on = models.DateField(_("may write until"), null=True, blank=True)
    removed_at = models.DateTimeField(null=True, blank=True)

    objects = ModuleAuthorQuerySet.as_manager()

    class Meta:
        verbose_name = _("author of a module")
        verbose_name_plural = _("authors of modules")
        ordering = ["user__name", "pk"]
        constraints = [models.UniqueConstraint(fields=["module", "user"], name="an_author_is_invited_once_per_module")]

    def __str__(self) -> str:
        return str(self.user)


class ModuleMaterial(models.Model):
    """A file or a link that belongs to a module; sent only through a checked view."""

    class Access(models.TextChoices):
        AUTHORS = "authors", pgettext_lazy("material of a module", "Authors and facilitators")
        PARTICIPANTS = "participants", pgettext_lazy("material of a module", "Those who take part")
        EVERYONE = "everyone", pgettext_lazy("material of a module", "Everyone")

    module = models.ForeignKey(Module, models.CASCADE, related_name="materials")
    title_en = models.CharField(_("title in English"), max_length=200, blank=True)
    title_fr = models.CharField(_("title in French"), max_length=200, blank=True)
    title = Bilingual()
    file = models.FileField(_("file"), upload_to=RandomName("training"), blank=True)
    filename = models.CharField(max_length=200, blank=True)
    url = models.URLField(_("web address"), blank=True, max_length=500)
    language = models.CharField(
        _("language"), max_length=4, choices=[("en", "English"), ("fr", "Français"), ("both", _("Both languages"))]
    )
    access = models.CharField(_("for whom"), max_length=12, choices=Access.choices, default=Access.PARTICIPANTS)
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    added_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("material of a module")
        verbose_name_plural = _("materials of modules")
        ordering = ["added_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(file="") & ~Q(url="") | ~Q(file="") & Q(url=""), name="module_material_is_a_file_or_a_link"
            ),
            models.CheckConstraint(condition=~Q(title_en="") | ~Q(title_fr=""), name="module_material_has_a_title"),
        ]

    def __str__(self) -> str:
        return str(self.title)
