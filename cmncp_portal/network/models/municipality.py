"""A member community: city, town, region, county, First Nation or other Indigenous community."""

from datetime import date
from typing import Any
from zoneinfo import available_timezones

import pghistory
import rules
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cmncp_portal.accounts.models import Language
from cmncp_portal.core.models import Timestamped, Versioned
from cmncp_portal.core.search import Fold, FoldedVector
from cmncp_portal.core.text import Bilingual


class Province(models.TextChoices):
    """Provinces and territories by their postal codes."""

    BC = "BC", _("British Columbia")
    AB = "AB", _("Alberta")
    SK = "SK", _("Saskatchewan")
    MB = "MB", _("Manitoba")
    ON = "ON", _("Ontario")
    QC = "QC", _("Quebec")
    NB = "NB", _("New Brunswick")
    NS = "NS", _("Nova Scotia")
    PE = "PE", _("Prince Edward Island")
    NL = "NL", _("Newfoundland and Labrador")
    YT = "YT", _("Yukon")
    NT = "NT", _("Northwest Territories")
    NU = "NU", _("Nunavut")


class Named(models.Model):
    """A word of the network in both languages, with a stable slug."""

    slug = models.SlugField(_("short name"), unique=True)
    name_en = models.CharField(_("name in English"), max_length=120)
    name_fr = models.CharField(_("name in French"), max_length=120)
    name = Bilingual()
    order = models.PositiveSmallIntegerField(_("order"), default=0)

    class Meta:
        abstract = True
        ordering = ["order", "slug"]

    def __str__(self) -> str:
        return str(self.name)


class Region(Named):
    """A region of the network, made of whole provinces; regional meetings are held in one."""

    provinces = ArrayField(models.CharField(max_length=2, choices=Province.choices), verbose_name=_("provinces"))

    class Meta(Named.Meta):
        verbose_name = _("region")
        verbose_name_plural = _("regions")


class Topic(Named):
    """A subject of prevention, such as youth violence."""

    class Meta(Named.Meta):
        verbose_name = _("topic")
        verbose_name_plural = _("topics")


def validate_time_zone(name: str) -> None:
    """Raise ValidationError unless `name` is an IANA zone."""
    if name not in available_timezones():
        raise ValidationError(_("“%(name)s” is not a time zone such as America/Winnipeg."), params={"name": name})


class MunicipalityQuerySet(models.QuerySet["Municipality"]):
    def members_on(self, day: date) -> "MunicipalityQuerySet":
        """Municipalities whose membership of any kind runs on `day`."""
        running = Q(memberships__from_on__lte=day) & (
            Q(memberships__until_on__isnull=True) | Q(memberships__until_on__gte=day)
        )
        return self.filter(running).distinct()

    def visible_to(self, user: Any) -> "MunicipalityQuerySet":
        """Members are public. Those thinking of joining, and former ones, are for the network and for their own people."""
        if rules.has_perm("network.view_people", user):
            return self
        today = timezone.localdate()
        members = Q(memberships__from_on__lte=today, memberships__kind__in=("general", "associate")) & (
            Q(memberships__until_on__isnull=True) | Q(memberships__until_on__gte=today)
        )
        shown = Municipality.objects.filter(members)
        if user.is_authenticated:
            shown = shown.union(Municipality.objects.filter(stakeholders__user=user))
        return self.filter(pk__in=shown.values("pk"))

    def by_name(self, language: str = "en") -> "MunicipalityQuerySet":
        """In alphabetical order of the names in `language`, accents folded."""
        return self.order_by(Fold(f"name_{language}"), "pk")


@pghistory.track(exclude=["search_en", "search_fr"])
class Municipality(Timestamped, Versioned):
    class Kind(models.TextChoices):
        CITY = "city", _("City")
        TOWN = "town", _("Town or village")
        REGION = "region", _("Regional municipality")
        COUNTY = "county", _("County or district")
        FIRST_NATION = "first_nation", _("First Nation")
        INDIGENOUS = "indigenous", _("Other Indigenous community")
        ORGANISATION = "organisation", _("Organisation")

    slug = models.SlugField(_("address"), unique=True)
    name_en = models.CharField(_("name in English"), max_length=120)
    name_fr = models.CharField(_("name in French"), max_length=120)
    name = Bilingual()
    kind = models.CharField(_("kind"), max_length=20, choices=Kind.choices, default=Kind.CITY)
    province = models.CharField(_("province or territory"), max_length=2, choices=Province.choices)
    time_zone = models.CharField(_("time zone"), max_length=60, validators=[validate_time_zone])
    population = models.PositiveIntegerField(_("population"), null=True, blank=True)
    population_year = models.PositiveSmallIntegerField(_("census year"), null=True, blank=True)
    population_source = models.CharField(_("source of the population"), max_length=200, blank=True)
    languages = ArrayField(
        models.CharField(max_length=2, choices=Language.choices),
        verbose_name=_("languages in which you can receive visitors"),
        default=list,
        blank=True,
    )
    latitude = models.DecimalField(_("latitude"), max_digits=8, decimal_places=5, null=True, blank=True)
    longitude = models.DecimalField(_("longitude"), max_digits=8, decimal_places=5, null=True, blank=True)
    website = models.URLField(_("website"), blank=True)
    about_en = models.TextField(_("about, in English"), blank=True)
    about_fr = models.TextField(_("about, in French"), blank=True)
    about = Bilingual()
    offers = models.ManyToManyField(
        Topic, verbose_name=_("topics you can show others"), related_name="offered_by", blank=True
    )
    seeks = models.ManyToManyField(
        Topic, verbose_name=_("topics you want to learn about"), related_name="sought_by", blank=True
    )
    not_hosting_until = models.DateField(_("not receiving visits until"), null=True, blank=True)
    search_en = models.GeneratedField(
        expression=FoldedVector(models.F("name_en"), config="english"),
        output_field=SearchVectorField(),
        db_persist=True,
    )
    search_fr = models.GeneratedField(
        expression=FoldedVector(models.F("name_fr"), config="french"), output_field=SearchVectorField(), db_persist=True
    )

    objects = MunicipalityQuerySet.as_manager()

    class Meta:
        verbose_name = _("municipality")
        verbose_name_plural = _("municipalities")
        ordering = ["name_en"]
        indexes = [
            GinIndex(fields=["search_en"], name="municipality_search_en"),
            GinIndex(fields=["search_fr"], name="municipality_search_fr"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(population__isnull=True) | Q(population_year__isnull=False), name="population_says_its_year"
            ),
            models.CheckConstraint(
                condition=Q(latitude__isnull=True, longitude__isnull=True)
                | Q(latitude__isnull=False, longitude__isnull=False),
                name="coordinates_come_in_pairs",
            ),
        ]

    def __str__(self) -> str:
        return str(self.name)

    def get_absolute_url(self) -> str:
        return reverse("network:municipality", args=[self.slug])

    def name_in(self, language: str) -> str:
        """Return the name in `language` ("en" or "fr")."""
        return self.name_fr if language == "fr" else self.name_en

    @property
    def default_language(self) -> str:
        """The language in which people of this municipality are written to when theirs is not known."""
        return "fr" if self.province == Province.QC else "en"

    def is_hosting_on(self, day: date) -> bool:
        """Tell whether the municipality receives visits on `day`."""
        return self.not_hosting_until is None or day > self.not_hosting_until

    @property
    def size_band(self) -> Any:
        """The size of the population in words; None when it is not known."""
        if self.population is None:
            return None
        bands = (
            (20_000, pgettext_lazy("population", "under 20,000")),
            (100_000, pgettext_lazy("population", "20,000 to 100,000")),
            (500_000, pgettext_lazy("population", "100,000 to 500,000")),
        )
        return next(
            (label for limit, label in bands if self.population < limit), pgettext_lazy("population", "over 500,000")
        )

    @property
    def receives_visits(self) -> bool:
        """Tell whether the municipality receives visits today."""
        return self.is_hosting_on(timezone.localdate())

    @property
    def population_in_words(self) -> str:
        """The population with its thousands apart, as the active language writes them; "" when it is not known."""
        return "" if self.population is None else number_format(self.population, use_l10n=True, force_grouping=True)

    @property
    def language_names(self) -> list[str]:
        """The languages in which visitors are received, by their own names."""
        return [str(Language(code).label) for code in self.languages]

    @property
    def time_zone_city(self) -> str:
        """The zone by its city, such as "Winnipeg"; letters such as CST change with the law."""
        return self.time_zone.rpartition("/")[2].replace("_", " ")
