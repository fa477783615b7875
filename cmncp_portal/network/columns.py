"""The two lists of the network as columns, and records as rows of plain values."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.core.validators import validate_slug

from cmncp_portal.accounts.models import Language

from .lists import ChoiceColumn, Column, DecimalColumn, ManyColumn, NumberColumn, check_decimal, words
from .models import ImportRun, Membership, Municipality, Province, Sector, Stakeholder, Standing, Topic
from .models.municipality import validate_time_zone


def _text(length: int, *validators: Any) -> forms.Field:
    return forms.CharField(max_length=length, validators=list(validators))


def _of_enum(enum: Any) -> Any:
    return words(enum.choices, lambda pair: pair[0], lambda pair: pair[1])


def _named(rows: Iterable[Any]) -> Any:
    return words(rows, lambda row: row.slug, lambda row: row.name)


def municipality_columns() -> list[Column]:
    """Return the columns of the list of municipalities (one query, for the topics)."""
    topics = _named(Topic.objects.all())
    return [
        Column("slug", "address", "adresse", _text(50, validate_slug)),
        Column("name_en", "name in English", "nom en anglais", _text(120)),
        Column("name_fr", "name in French", "nom en français", _text(120)),
        ChoiceColumn("kind", "kind", "genre", choices=_of_enum(Municipality.Kind)),
        ChoiceColumn("province", "province or territory", "province ou territoire", choices=_of_enum(Province)),
        Column("time_zone", "time zone", "fuseau horaire", _text(60, validate_time_zone)),
        NumberColumn("population", "population", "population", forms.IntegerField(min_value=0, max_value=50_000_000)),
        NumberColumn(
            "population_year", "census year", "année du recensement", forms.IntegerField(min_value=1871, max_value=2100)
        ),
        Column("population_source", "source of the population", "source de la population", _text(200)),
        ManyColumn("languages", "languages for visitors", "langues d’accueil", choices=_of_enum(Language)),
        DecimalColumn("latitude", "latitude", "latitude", _degrees(41, 84)),
        DecimalColumn("longitude", "longitude", "longitude", _degrees(-142, -52)),
        Column("website", "website", "site Web", forms.URLField(max_length=200, assume_scheme="https")),
        Column("about_en", "about, in English", "présentation en anglais"),
        Column("about_fr", "about, in French", "présentation en français"),
        ManyColumn("offers", "topics offered", "thèmes offerts", choices=topics),
        ManyColumn("seeks", "topics sought", "thèmes recherchés", choices=topics),
        Column(
            "not_hosting_until", "not receiving visits until", "ne reçoit pas de visites avant le", forms.DateField()
        ),
        ChoiceColumn("membership", "membership", "adhésion", choices=_of_enum(Membership.Kind)),
        Column("member_since", "member since", "membre depuis", forms.DateField()),
    ]


def _degrees(low: int, high: int) -> forms.Field:
    return forms.DecimalField(max_digits=8, decimal_places=5, validators=[check_decimal(low, high)])


def people_columns() -> list[Column]:
    """Return the columns of the list of people (two queries, for municipalities and sectors)."""
    places = _named(Municipality.objects.order_by("slug").only("slug", "name_en", "name_fr"))
    return [
        NumberColumn("number", "number", "numéro", forms.IntegerField(min_value=1, max_value=2**62)),
        ChoiceColumn("municipality", "municipality", "municipalité", required=True, choices=places),
        Column("name", "name", "nom", _text(200), required=True),
        Column("title", "title", "titre", _text(200)),
        Column("organisation", "organisation", "organisme", _text(200)),
        Column("email", "email address", "courriel", forms.EmailField(max_length=254)),
        Column("phone", "telephone", "téléphone", _text(40)),
        ChoiceColumn("sector", "sector", "secteur", choices=_named(Sector.objects.all())),
        ChoiceColumn("standing", "role in the network", "rôle dans le réseau", choices=_of_enum(Standing)),
        ChoiceColumn("language", "language of letters", "langue des lettres", choices=_of_enum(Language)),
        Column("left_on", "left on", "départ le", forms.DateField()),
    ]


def columns_of(what: str) -> list[Column]:
    """Return the columns of the list `what`, a value of ImportRun.What."""
    return people_columns() if what == ImportRun.What.PEOPLE else municipality_columns()


def municipality_row(place: Municipality, columns: Iterable[Column], membership: Membership | None) -> dict[str, Any]:
    """Return `place` as plain values. Its topics must be prefetched."""
    special = {
        "offers": [topic.slug for topic in place.offers.all()],
        "seeks": [topic.slug for topic in place.seeks.all()],
        "membership": membership.kind if membership else None,
        "member_since": membership.from_on if membership else None,
    }
    return {c.name: c.plain(special[c.name] if c.name in special else getattr(place, c.name)) for c in columns}


def person_row(person: Stakeholder, columns: Iterable[Column]) -> dict[str, Any]:
    """Return `person` as plain values. Municipality and sector must be fetched."""
    special = {"number": person.pk, "municipality": person.municipality.slug, "sector": person.sector.slug}
    return {c.name: c.plain(special[c.name] if c.name in special else getattr(person, c.name)) for c in columns}
