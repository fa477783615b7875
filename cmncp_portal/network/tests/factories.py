"""Dull factories: rows, not services, so that a broken service fails its own tests only."""

from datetime import date
from itertools import count
from typing import Any

from cmncp_portal.accounts.models import User
from cmncp_portal.network.models import (
    Membership,
    Municipality,
    PreventionProgramme,
    Region,
    Sector,
    Stakeholder,
    Standing,
    Topic,
)

_numbers = count(1)


def make_topic(slug: str = "youth", **fields: Any) -> Topic:
    defaults = {"name_en": slug.replace("-", " ").capitalize(), "name_fr": f"{slug} (fr)"}
    return Topic.objects.get_or_create(slug=slug, defaults=defaults | fields)[0]


def make_sector(slug: str = "municipal", **fields: Any) -> Sector:
    defaults = {"name_en": slug.replace("-", " ").capitalize(), "name_fr": f"{slug} (fr)"}
    return Sector.objects.get_or_create(slug=slug, defaults=defaults | fields)[0]


def make_region(slug: str = "prairies", **fields: Any) -> Region:
    defaults = {"name_en": "Prairies", "name_fr": "Prairies", "provinces": ["AB", "SK", "MB"]}
    return Region.objects.get_or_create(slug=slug, defaults=defaults | fields)[0]


def make_municipality(slug: str = "", *, member: bool = True, **fields: Any) -> Municipality:
    """A municipality that is a general member since 2015 unless told otherwise."""
    slug = slug or f"place-{next(_numbers)}"
    name = slug.replace("-", " ").title()
    defaults: dict[str, Any] = {
        "name_en": name,
        "name_fr": name,
        "province": "ON",
        "time_zone": "America/Toronto",
        "population": 100_000,
        "population_year": 2021,
        "languages": ["en"],
    }
    place = Municipality.objects.create(slug=slug, **(defaults | fields))
    if member:
        make_membership(place)
    return place


def make_membership(municipality: Municipality, **fields: Any) -> Membership:
    defaults: dict[str, Any] = {"kind": Membership.Kind.GENERAL, "from_on": date(2015, 1, 1)}
    return Membership.objects.create(municipality=municipality, **(defaults | fields))


def make_user(email: str = "", *, roles: tuple[str, ...] = (), **fields: Any) -> User:
    """A person with an account, whose password is "correct horse"."""
    from django.contrib.auth.models import Group
    from django.utils import timezone

    email = email or f"person{next(_numbers)}@example.ca"
    defaults: dict[str, Any] = {"name": email.split("@")[0].replace(".", " ").title(), "accepted_at": timezone.now()}
    user = User.objects.create_user(email, "correct horse", **(defaults | fields))
    for role in roles:
        user.groups.add(Group.objects.get_or_create(name=role)[0])
    return user


def make_stakeholder(municipality: Municipality, *, user: User | None = None, **fields: Any) -> Stakeholder:
    defaults: dict[str, Any] = {
        "name": user.name if user else f"Person {next(_numbers)}",
        "email": user.email if user else f"stakeholder{next(_numbers)}@example.ca",
        "language": user.language if user else "en",
        "standing": Standing.PARTNER,
    }
    fields.setdefault("sector", make_sector())
    return Stakeholder.objects.create(municipality=municipality, user=user, **(defaults | fields))


def make_representative(municipality: Municipality, email: str = "", **fields: Any) -> User:
    """The account of the person who answers for `municipality`."""
    user = make_user(email, **fields)
    make_stakeholder(municipality, user=user, standing=Standing.REPRESENTATIVE, title="Coordinator, Community Safety")
    return user


def make_programme(municipality: Municipality, **fields: Any) -> PreventionProgramme:
    number = next(_numbers)
    defaults = {"name_en": f"Programme {number}", "name_fr": f"Programme {number} (fr)"}
    return PreventionProgramme.objects.create(municipality=municipality, **(defaults | fields))
