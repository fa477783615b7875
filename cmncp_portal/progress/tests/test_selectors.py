"""What other parts of the portal ask about stages, and the list of checks itself."""

from typing import Any

import pytest

from cmncp_portal.network.stages import Stage
from cmncp_portal.network.tests.factories import make_municipality
from cmncp_portal.progress.models import StrategyCheck
from cmncp_portal.progress.selectors import checks_for_choice, profile_for, stage_of, stages_of
from cmncp_portal.progress.services.data import load_checks

from .factories import make_checks, make_profile

pytestmark = pytest.mark.django_db


def test_stages_in_one_query(thunder_bay: Any, winnipeg: Any, gatineau: Any, django_assert_num_queries: Any) -> None:
    make_profile(thunder_bay, 3)
    make_profile(winnipeg, 3, declared_stage=5, declared_reason="So")
    places = [make_municipality() for _ in range(10)]
    ids = [thunder_bay.pk, winnipeg.pk, gatineau.pk, *(place.pk for place in places)]
    with django_assert_num_queries(1):
        found = stages_of(ids)
    assert found == dict.fromkeys(ids, Stage.INTERESTED) | {
        thunder_bay.pk: Stage.PARTNERSHIP,
        winnipeg.pk: Stage.IMPLEMENTATION,
    }
    assert (stage_of(winnipeg), stage_of(gatineau)) == (Stage.IMPLEMENTATION, Stage.INTERESTED)


def test_a_profile_for_who_may_know_of_it(thunder_bay: Any, helen: Any) -> None:
    outsider = make_municipality(member=False)
    from cmncp_portal.network.tests.factories import make_representative

    stranger = make_representative(outsider)
    profile = make_profile(thunder_bay)
    assert (profile_for(helen, thunder_bay), profile_for(stranger, thunder_bay)) == (profile, None)
    profile.public = ["plan"]
    profile.save()
    assert profile_for(stranger, thunder_bay) == profile
    assert profile_for(helen, outsider) is None


def test_checks_in_use_stand_in_the_order_of_the_stages(db: None) -> None:
    make_checks()
    StrategyCheck.objects.filter(code="s1-1").update(is_used=False)
    assert [check.code for check in checks_for_choice()][:3] == ["s1-2", "s2-1", "s2-2"]


class TestTheListOfChecks:
    def test_each_stage_has_three_to_six_in_both_languages_with_a_source(self) -> None:
        load_checks()
        rows = list(StrategyCheck.objects.all())
        per_stage = {stage: sum(row.stage == stage for row in rows) for stage in range(1, 8)}
        assert per_stage == {1: 4, 2: 4, 3: 5, 4: 5, 5: 4, 6: 4, 7: 4}
        assert [row.code for row in rows if not (row.text_en and row.text_fr and row.source)] == []
        assert [row.code for row in rows if row.text_en == row.text_fr] == []

    def test_loading_again_keeps_what_was_edited(self) -> None:
        load_checks()
        number = StrategyCheck.objects.count()
        StrategyCheck.objects.filter(code="plan-adopted").update(text_en="Ours", is_used=False)
        load_checks()
        edited = StrategyCheck.objects.get(code="plan-adopted")
        assert (StrategyCheck.objects.count(), edited.text_en, edited.is_used) == (number, "Ours", False)
