"""Dull factories: rows, not services, so that a broken service fails its own tests only."""

from typing import Any

from cmncp_portal.network.models import Municipality
from cmncp_portal.progress.models import StrategyCheck, StrategyProfile


def make_checks(per_stage: int = 2) -> list[StrategyCheck]:
    """Checks of the stages 1 to 7, called s1-1, s1-2, s2-1…"""
    return [
        StrategyCheck.objects.get_or_create(
            code=f"s{stage}-{n}",
            defaults={
                "stage": stage,
                "order": n,
                "text_en": f"Check {n} of stage {stage}",
                "text_fr": f"Vérification {n} de l’étape {stage}",
            },
        )[0]
        for stage in range(1, 8)
        for n in range(1, per_stage + 1)
    ]


def make_profile(municipality: Municipality, stage: int = 0, **fields: Any) -> StrategyProfile:
    """A profile at `stage` by its checks (the number is stored; no answers are made)."""
    return StrategyProfile.objects.create(municipality=municipality, computed_stage=stage, **fields)
