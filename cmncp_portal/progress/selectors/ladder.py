"""Where the members of the network stand: how many at each stage, and who."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cmncp_portal.core.text import active_language
from cmncp_portal.network.models import Municipality
from cmncp_portal.network.models.municipality import MunicipalityQuerySet
from cmncp_portal.network.rules import members_now, municipality_ids_of
from cmncp_portal.network.stages import Stage

from ..models import StrategyProfile
from .page import Rung

NOT_SAID = "none"


def members() -> MunicipalityQuerySet:
    """Return the members of today with `stage_now`, None while nobody has begun a profile.

    An organisation has no strategy of its own: it counts only when it keeps a profile.
    """
    rows = Municipality.objects.filter(Exists(members_now(OuterRef("pk"))))
    rows = rows.exclude(kind=Municipality.Kind.ORGANISATION, strategy__isnull=True)
    return rows.annotate(stage_now=Coalesce("strategy__declared_stage", "strategy__computed_stage"))


def ladder_of(user: Any) -> MunicipalityQuerySet:
    """Return those of `members` whose stage `user` may know, by name: all for the network, else those who show it."""
    rows = members().select_related("strategy").defer("search_en", "search_fr")
    if not user.has_perm("progress.see_network"):
        rows = rows.filter(strategy__public__contains=[StrategyProfile.Part.STAGE])
    return rows.by_name(active_language())


@dataclass(frozen=True)
class StageCount:
    """How many members are at a stage (None: nobody has begun a profile), how many of them declared it."""

    stage: Stage | None
    members: int
    declared: int
    ours: int


def counts(rows: MunicipalityQuerySet, user: Any) -> list[StageCount]:
    """Count `rows` by stage, the first stage first and those without a profile last, in one query."""
    mine = municipality_ids_of(user)
    found = (
        rows.order_by()
        .values("stage_now")  # type: ignore[misc]
        .annotate(
            number=Count("pk"),
            declared=Count("strategy__declared_stage"),
            ours=Count("pk", filter=Q(pk__in=mine)),
        )
    )
    by_stage = {row["stage_now"]: row for row in found}
    nothing = {"number": 0, "declared": 0, "ours": 0}
    result = []
    for stage in [*Stage, None]:
        row = by_stage.get(stage, nothing)
        result.append(StageCount(stage, row["number"], row["declared"], row["ours"]))
    return result


def picture(found: list[StageCount]) -> list[Rung]:
    """Return the ladder with the number of members on each rung, the last stage first; the reader's own is the current one."""
    result = []
    for line in reversed(found):
        if line.stage is None:
            continue
        word = ngettext("%(number)s municipality", "%(number)s municipalities", line.members) % {"number": line.members}
        if line.ours:
            word = _("%(count)s, yours among them") % {"count": word}
        state = "current" if line.ours else "done" if line.members else "to-come"
        result.append(Rung(line.stage.value, str(line.stage.label), state, word))
    return result
