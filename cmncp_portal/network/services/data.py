"""Reference data (regions, topics, sectors) and the demo network: the members that published sources confirm.

Loading twice changes nothing; what people edited since is left as they left it. Sources of each figure and membership are in
the files themselves.
"""

import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.db import transaction

from ..models import Municipality, PreventionProgramme, Region, Sector, Topic
from .municipalities import admit_member

_FOLDER = Path(__file__).resolve().parent.parent / "data"


def _read(name: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads((_FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    return rows


@transaction.atomic
def load_reference_data() -> None:
    """Create the regions, topics and sectors that do not exist yet, in the order of the files."""
    for model, name in ((Region, "regions"), (Topic, "topics"), (Sector, "sectors")):
        for order, row in enumerate(_read(name), start=1):
            model.objects.get_or_create(slug=row["slug"], defaults={**row, "order": order})


@transaction.atomic
def load_demo_municipalities() -> list[Municipality]:
    """Create the confirmed members of the network and their known programmes; return all of these municipalities.

    Admits each through the service that a coordinator uses. Needs `load_reference_data` first.
    """
    places = {row["slug"]: _municipality(row) for row in _read("municipalities")}
    for row in _read("programmes"):
        place, topics = places[row.pop("municipality")], row.pop("topics")
        programme, is_new = PreventionProgramme.objects.get_or_create(
            municipality=place, name_en=row["name_en"], defaults=row
        )
        if is_new:
            programme.topics.set(Topic.objects.filter(slug__in=topics))
    return list(places.values())


def _municipality(row: dict[str, Any]) -> Municipality:
    membership = row.pop("membership")
    for name in ("latitude", "longitude"):
        row[name] = Decimal(row[name])
    place, is_new = Municipality.objects.get_or_create(slug=row["slug"], defaults=row)
    if is_new:
        resolution = membership["resolution_on"]
        admit_member(
            place,
            kind=membership["kind"],
            from_on=date.fromisoformat(membership["from_on"]),
            resolution_on=date.fromisoformat(resolution) if resolution else None,
            source=membership["source"],
            by=None,
        )
    return place
