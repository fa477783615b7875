"""The standard that the network proposes, as a first draft to be consulted on. The sources of each line are in the file.

Loading twice changes nothing; what people changed since is left as they left it.
"""

import json
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


@transaction.atomic
def load_proposed_standard() -> StandardVersion:
    """Make the standard and its first version as a draft, unless it is there; return that version."""
    given: dict[str, Any] = json.loads(_FILE.read_text(encoding="utf-8"))
    roles, domains = given.pop("roles"), given.pop("domains")
    standard, is_new = Standard.objects.get_or_create(slug=given.pop("slug"), defaults=given)
    version, _is_new = StandardVersion.objects.get_or_create(standard=standard, number=1)
    if is_new:
        by_code = _write_domains(version, domains)
        _write_roles(version, roles, by_code)
    return version


def _write_domains(version: StandardVersion, domains: list[dict[str, Any]]) -> dict[str, Competency]:
    """Write domains, competencies and criteria; return the competencies by code ("4.2")."""
    found = {}
    for number, row in enumerate(domains, start=1):
        lines = row.pop("competencies")
        domain = Domain.objects.create(version=version, order=number, **row)
        for order, line in enumerate(lines, start=1):
            criteria = line.pop("criteria")
            competency = Competency.objects.create(standard=version.standard)
            text = CompetencyText.objects.create(
                version=version, domain=domain, competency=competency, order=order, **line
            )
            Criterion.objects.bulk_create(Criterion(text=text, **criterion) for criterion in criteria)
            found[f"{number}.{order}"] = competency
    return found


def _write_roles(version: StandardVersion, roles: list[dict[str, Any]], by_code: dict[str, Competency]) -> None:
    for order, row in enumerate(roles):
        asks = row.pop("asks")
        role = RoleProfile.objects.create(version=version, order=order, **row)
        Requirement.objects.bulk_create(
            Requirement(role=role, competency=by_code[code], level=level) for code, level in asks.items()
        )
