"""When a stage is reached, as a table."""

from typing import Any

import pytest

from cmncp_portal.network.stages import Stage
from cmncp_portal.progress.workflow import is_reached, stage_by_checks


@pytest.mark.parametrize(
    ("values", "reached"),
    [
        ([], False),  # a stage without checks says nothing
        (["yes"], True),
        (["partly"], True),
        (["no"], False),
        ([""], False),
        (["yes", "yes", "yes"], True),
        (["yes", "partly", "yes"], True),
        (["partly", "partly", "yes"], False),
        (["yes", "yes", "no"], False),
        (["yes", "partly", "no"], False),
        (["yes", "yes", ""], False),
        (["yes", "partly", ""], False),
    ],
)
def test_a_stage_is_reached(values: list[str], reached: bool) -> None:
    assert is_reached(values) is reached


MET, NOT_MET = ["yes", "partly"], ["yes", "no"]


@pytest.mark.parametrize(
    ("values", "stage"),
    [
        ({}, 0),
        ({1: NOT_MET}, 0),
        ({1: MET}, 1),
        ({2: MET, 3: MET}, 0),  # the first is missing
        ({1: MET, 2: MET, 3: NOT_MET, 4: MET}, 2),  # a gap holds
        (dict.fromkeys(range(1, 7), MET), 6),
        (dict.fromkeys(range(1, 8), MET), 7),
    ],
)
def test_the_highest_with_all_below_it(values: Any, stage: int) -> None:
    assert stage_by_checks(values) is Stage(stage)
