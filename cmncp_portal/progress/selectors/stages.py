"""The stage of a municipality's strategy, for whoever above needs it."""

from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet

from cmncp_portal.network.models import Municipality
from cmncp_portal.network.stages import Stage

from ..models import StrategyCheck, StrategyProfile


def stages_of(ids: Iterable[int]) -> dict[int, Stage]:
    """Return the stage of each municipality in `ids`, in one query; one without a profile is at the first, 0."""
    wanted = set(ids)
    rows = StrategyProfile.objects.filter(municipality__in=wanted).with_stage()
    known = {place: Stage(stage) for place, stage in rows.values_list("municipality", "stage_now")}  # type: ignore[misc]
    return {place: known.get(place, Stage.INTERESTED) for place in wanted}


def stage_of(municipality: Municipality) -> Stage:
    """Return the stage of `municipality`, as declared or by the checks; 0 when it has no profile."""
    return stages_of([municipality.pk])[municipality.pk]


def profile_for(user: Any, municipality: Municipality) -> StrategyProfile | None:
    """Return the profile of `municipality` if `user` may know of it, else None."""
    return StrategyProfile.objects.visible_to(user).filter(municipality=municipality).first()


def checks_for_choice() -> QuerySet[StrategyCheck]:
    """Return the checks in use, in the order of the stages, for forms that tie something to one."""
    return StrategyCheck.objects.filter(is_used=True)
