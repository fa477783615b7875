"""What every service of strategies does: let in who may, lock the profile, and write down what changed."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.core.exceptions import PermissionDenied

from cmncp_portal.network.models import Municipality
from cmncp_portal.network.stages import Stage

from ..models import CheckAnswer, ProfileChange, StrategyCheck, StrategyProfile
from ..workflow import stage_by_checks

BEGUN, CONFIRMED, CHECK_LIST = "begun", "confirmed", "check_list"  # what may happen to a profile beside its fields
LONGEST = 500


@dataclass(frozen=True)
class Change:
    """One thing that changed: a field, `budget:<year>`, the code of a check, or one of the words above."""

    what: str
    before: str = ""
    after: str = ""
    note: str = ""


def plain(value: Any) -> str:
    """Return `value` as the history keeps it: days in ISO form, lists with commas, nothing as an empty text."""
    if value is None:
        return ""
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    if isinstance(value, (list, tuple)):
        return ",".join(str(each) for each in value)
    text = str(value)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def let_in(by: Any, permission: str, municipality: Municipality) -> None:
    """Raise PermissionDenied unless `by` has `permission` on `municipality`."""
    if not by.has_perm(permission, municipality):
        raise PermissionDenied


def locked(municipality: Municipality, *, by: Any) -> StrategyProfile:
    """Return the profile of `municipality` under a lock, made now when nobody has edited it before."""
    profile, is_new = StrategyProfile.objects.get_or_create(municipality=municipality)
    if is_new:
        write_down(profile, [Change(BEGUN)], stage_before=profile.stage, by=by)
    return StrategyProfile.objects.select_for_update().get(pk=profile.pk)


def write_down(profile: StrategyProfile, changes: Iterable[Change], *, stage_before: Stage, by: Any) -> None:
    """Add a row of history for each of `changes`, with the stage before and the stage as it is now."""
    ProfileChange.objects.bulk_create(
        ProfileChange(
            profile=profile,
            what=change.what,
            before=plain(change.before),
            after=plain(change.after),
            note=plain(change.note),
            stage_before=stage_before,
            stage_after=profile.stage,
            by=by,
            by_name=str(by or ""),
        )
        for change in changes
    )


def used_checks() -> dict[int, list[int]]:
    """Return the keys of the checks in use, by stage."""
    found: dict[int, list[int]] = {}
    for stage, pk in StrategyCheck.objects.filter(is_used=True).values_list("stage", "pk"):
        found.setdefault(stage, []).append(pk)
    return found


def stage_of_answers(checks: dict[int, list[int]], answers: Iterable[CheckAnswer]) -> Stage:
    """Return the stage that follows from `answers` of one profile."""
    values = {answer.item_id: answer.value for answer in answers}
    return stage_by_checks({stage: [values.get(pk, "") for pk in keys] for stage, keys in checks.items()})
