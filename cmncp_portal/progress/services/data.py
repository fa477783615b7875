"""The checks of the stages, from data/checks.json. Loading twice changes nothing; what was edited since stays as it is."""

import json
from pathlib import Path
from typing import Any

from django.db import transaction

from ..models import StrategyCheck

FILE = Path(__file__).resolve().parent.parent / "data" / "checks.json"


@transaction.atomic
def load_checks() -> None:
    """Create the checks that do not exist yet, by their codes, in the order of the file."""
    rows: list[dict[str, Any]] = json.loads(FILE.read_text(encoding="utf-8"))
    for order, row in enumerate(rows, start=1):
        StrategyCheck.objects.get_or_create(code=row["code"], defaults={**row, "order": order})
