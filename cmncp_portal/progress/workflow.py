"""When a stage is reached: the one place that says so."""

from collections.abc import Collection, Mapping

from cmncp_portal.network.stages import Stage

from .models import CheckAnswer

V = CheckAnswer.Value
MOST_PARTLY = 1  # checks of a stage that may be met in part only


def is_reached(values: Collection[str]) -> bool:
    """Tell whether a stage is reached whose checks are answered with `values` ("" for one without an answer).

    None is missing or "no", and at most one is "partly". A stage without checks is not reached by them.
    """
    partly = sum(value == V.PARTLY for value in values)
    return bool(values) and all(value in (V.YES, V.PARTLY) for value in values) and partly <= MOST_PARTLY


def stage_by_checks(values: Mapping[int, Collection[str]]) -> Stage:
    """Return the highest stage that is reached with all those below it, from the answers by stage; else the first, 0."""
    found = Stage.INTERESTED
    for stage in list(Stage)[1:]:
        if not is_reached(values.get(stage, ())):
            break
        found = stage
    return found
