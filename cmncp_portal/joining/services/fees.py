"""The table of fees. A new table holds from its day; the old one stays, so that what was said then can be read."""

from collections.abc import Sequence
from datetime import date
from itertools import pairwise
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from cmncp_portal.core.workflow import TransitionRefused

from ..models import FeeTier


@transaction.atomic
def set_table(
    *, kind: str, effective_from: date, tiers: Sequence[dict[str, Any]], source: str, by: Any
) -> list[FeeTier]:
    """Write the table of `kind` that holds from `effective_from`, replacing one of the same day; return its tiers.

    `tiers` are {"population_from", "population_to" or None, "annual_fee"}, in dollars. Raises PermissionDenied;
    TransitionRefused when they overlap or leave a gap.
    """
    if not by.has_perm("joining.keep_fees"):
        raise PermissionDenied
    rows = sorted(tiers, key=lambda tier: tier["population_from"])
    if not rows or rows[0]["population_from"] != 0:
        raise TransitionRefused(_("The first line begins at 0 people."))
    for one, following in pairwise(rows):
        if one["population_to"] != following["population_from"]:
            raise TransitionRefused(_("Each line begins where the one before ends."))
    if rows[-1]["population_to"] is not None:
        raise TransitionRefused(_("The last line has no upper limit: leave it empty."))
    FeeTier.objects.filter(kind=kind, effective_from=effective_from).delete()
    made = [FeeTier(kind=kind, effective_from=effective_from, source=source, **row) for row in rows]
    return FeeTier.objects.bulk_create(made)
