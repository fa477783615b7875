"""The standard that the network proposes, as a first draft to be consulted on. The sources of each line are in the file.

Loading twice changes nothing; what people changed since is left as they left it.
"""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from django.db import transaction

from ..models import (
    Competency,
    CompetencyText,
    Criterion,
    Domain,
    Requirement,
    RoleProfile,
    Standard,
    StandardVersion,
)

_FILE = Path(__file__).resolve().parent.parent / "data" / "standard.json"


def proposed() -> dict[str, Any]:
    """Return what the file says: slug, title and summary in both languages, `domains` and `roles`."""
    given: dict[str, Any] = json.loads(_FILE.read_text(encoding="utf-8"))
    return given


@transaction.atomic
def load_proposed_standard() -> StandardVersion:
    """Make the standard and its first version as a draft, unless it is there; return that version."""
    given = proposed()
    version, is_new = first_version(given)
    if is_new:
        write_roles(version, given["roles"], write_domains(version, given["domains"]))
    return version


def first_version(given: Mapping[str, Any]) -> tuple[StandardVersion, bool]:
    """Return the empty first version of the standard that `given` names, and whether it was made now."""
    words = {name: value for name, value in given.items() if name not in ("slug", "roles", "domains")}
    standard, _is_new = Standard.objects.get_or_create(slug=given["slug"], defaults=words)
    return StandardVersion.objects.get_or_create(standard=standard, number=1)


def write_domains(
    version: StandardVersion, domains: Iterable[Mapping[str, Any]], *, first: int = 1
) -> dict[str, Competency]:
    """Write domains, numbered from `first`, with competencies and criteria; return the competencies by code ("4.2")."""
    found = {}
    for number, row in enumerate(domains, start=first):
        words = {name: value for name, value in row.items() if name != "competencies"}
        domain = Domain.objects.create(version=version, order=number, **words)
        for order, line in enumerate(row["competencies"], start=1):
            found[f"{number}.{order}"] = _write_competency(domain, order, line)
    return found


def _write_competency(domain: Domain, order: int, line: Mapping[str, Any]) -> Competency:
    words = {name: value for name, value in line.items() if name != "criteria"}
    competency = Competency.objects.create(standard=domain.version.standard)
    text = CompetencyText.objects.create(
        version=domain.version, domain=domain, competency=competency, order=order, **words
    )
    Criterion.objects.bulk_create(Criterion(text=text, **criterion) for criterion in line["criteria"])
    return competency


def write_roles(
    version: StandardVersion, roles: Iterable[Mapping[str, Any]], by_code: Mapping[str, Competency]
) -> None:
    """Write roles, unless they are there, and what they are asked for of the competencies in `by_code`."""
    for order, row in enumerate(roles):
        words = {name: value for name, value in row.items() if name not in ("slug", "asks")}
        role, _is_new = RoleProfile.objects.get_or_create(
            version=version, slug=row["slug"], defaults=words | {"order": order}
        )
        Requirement.objects.bulk_create(
            Requirement(role=role, competency=by_code[code], level=level)
            for code, level in row["asks"].items()
            if code in by_code
        )


__all__ = ["first_version", "load_proposed_standard", "proposed", "write_domains", "write_roles"]
