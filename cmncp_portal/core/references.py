"""References that people can read aloud: EX-2026-014."""

from django.db import transaction

from .models import ReferenceCounter


@transaction.atomic
def next_reference(series: str, year: int) -> str:
    """Give the next reference of `series` (such as "EX") in `year`; the row lock makes simultaneous callers wait in line."""
    ReferenceCounter.objects.get_or_create(series=series, year=year)
    counter = ReferenceCounter._base_manager.select_for_update().get(series=series, year=year)
    counter.last += 1
    counter.save(update_fields=["last"])
    return f"{series}-{year}-{counter.last:03d}"
