"""What a municipality says of its strategy: facts, answers to the checks, the budget of each year."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone

from cmncp_portal.core.editing import Conflict, save_version
from cmncp_portal.network.models import Municipality

from ..models import CheckAnswer, PreventionBudget, StrategyCheck, StrategyProfile
from .base import Change, let_in, locked, plain, stage_of_answers, used_checks, write_down

FACTS = (
    "centre",
    "centre_staff",
    "has_permanent_office",
    "plan_title",
    "plan_url",
    "plan_adopted_on",
    "plan_renewal_on",
    "strengths",
    "help_wanted",
)


def save(profile: StrategyProfile, seen: int, changes: list[Change], by: Any, **fields: Any) -> None:
    """Write `fields` under the version that was seen, and the history. Raises Conflict when somebody saved since."""
    before = profile.stage
    save_version(profile, seen=seen, fields=fields)
    write_down(profile, changes, stage_before=before, by=by)


def refuse_stale(profile: StrategyProfile, seen: int) -> None:
    """Raise Conflict before anything is compared: what one did not see cannot be what one left as it is."""
    if profile.version != seen:
        raise Conflict(profile)


@transaction.atomic
def keep_facts(municipality: Municipality, *, seen: int, by: Any, **fields: Any) -> StrategyProfile:
    """Save what is said about centre, plan, strengths (names of FACTS, and `sectors`) and return the profile.

    `seen` is the version that the writer read (1 for a profile that is yet to be made). Raises PermissionDenied;
    Conflict, with nothing written, when somebody saved since.
    """
    let_in(by, "progress.keep_profile", municipality)
    profile = locked(municipality, by=by)
    refuse_stale(profile, seen)
    sectors = fields.pop("sectors", None)
    changed = {name: fields[name] for name in FACTS if name in fields and getattr(profile, name) != fields[name]}
    changes = [Change(name, plain(getattr(profile, name)), plain(value)) for name, value in changed.items()]
    if sectors is not None:
        old = plain(list(profile.sectors.values_list("slug", flat=True)))
        new = plain([sector.slug for sector in sectors])
        if set(old.split(",")) != set(new.split(",")):
            profile.sectors.set(sectors)
            changes.append(Change("sectors", old, new))
    if changes:
        save(profile, seen, changes, by, **changed)
    return profile


@dataclass(frozen=True)
class Answer:
    """What is said to one check; an empty `value` takes the answer away."""

    value: str
    evidence_url: str = ""
    note: str = ""


@transaction.atomic
def answer_checks(municipality: Municipality, *, seen: int, by: Any, answers: Mapping[int, Answer]) -> StrategyProfile:
    """Save `answers`, by the keys of checks in use; the stage by the checks follows. Return the profile.

    Raises PermissionDenied; Conflict, with nothing written, when somebody saved since version `seen`.
    """
    let_in(by, "progress.keep_profile", municipality)
    profile = locked(municipality, by=by)
    refuse_stale(profile, seen)
    stored = {answer.item_id: answer for answer in profile.answers.all()}
    changes = []
    for item in StrategyCheck.objects.filter(pk__in=answers, is_used=True):
        if change := _write_answer(profile, item, stored.get(item.pk), answers[item.pk], by):
            changes.append(change)
    if changes:
        stage = stage_of_answers(used_checks(), profile.answers.all())
        save(profile, seen, changes, by, computed_stage=stage)
    return profile


def _write_answer(
    profile: StrategyProfile, item: StrategyCheck, old: CheckAnswer | None, new: Answer, by: Any
) -> Change | None:
    before = Answer(old.value, old.evidence_url, old.note) if old else Answer("")
    if before == new or not (before.value or new.value):
        return None
    if not new.value:
        profile.answers.filter(item=item).delete()
        return Change(item.code, before.value, "")
    fields = {"value": new.value, "evidence_url": new.evidence_url, "note": new.note}
    who = {"by": by, "by_name": str(by), "at": timezone.now()}
    CheckAnswer.objects.update_or_create(profile=profile, item=item, defaults=fields | who)
    return Change(item.code, before.value, new.value, " · ".join(filter(None, (new.note, new.evidence_url))))


@transaction.atomic
def keep_budget(
    municipality: Municipality, *, seen: int, by: Any, year: int, amount: Decimal | None, source: str = ""
) -> StrategyProfile:
    """Save what was spent on prevention in `year`, in dollars; None takes the year away. Return the profile.

    Raises PermissionDenied; Conflict, with nothing written, when somebody saved since version `seen`.
    """
    let_in(by, "progress.keep_profile", municipality)
    profile = locked(municipality, by=by)
    refuse_stale(profile, seen)
    old = profile.budgets.filter(year=year).first()
    before = (old.amount, old.source) if old else (None, "")
    if before == (amount, source) or (old is None and amount is None):
        return profile
    if amount is None:
        profile.budgets.filter(year=year).delete()
    else:
        PreventionBudget.objects.update_or_create(
            profile=profile, year=year, defaults={"amount": amount, "source": source}
        )
    change = Change(f"budget:{year}", plain(before[0]), plain(amount), source)
    save(profile, seen, [change], by)
    return profile
