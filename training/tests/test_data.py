"""The proposed standard: ten domains, whole in both languages, each line with its source, and ready to be consulted on."""

from typing import Any

import pytest

from training import workflow
from training.models import CompetencyText, Requirement, StandardVersion
from training.services.data import load_proposed_standard

pytestmark = pytest.mark.django_db


def test_the_proposed_standard_is_ready_for_consultation(clock: Any) -> None:
    version = load_proposed_standard()
    assert (version.state, version.number, version.domains.count(), version.texts.count()) == ("draft", 1, 10, 30)
    assert workflow.missing(version, workflow.WRITTEN) == []
    assert not CompetencyText.objects.filter(source="").exists()
    asked = {role.slug: role.requirements.count() for role in version.roles.all()}
    assert asked == {"elected-leader": 10, "local-partner": 8, "coordinator": 30, "head-of-centre": 30}


def test_loading_again_leaves_what_people_changed(clock: Any) -> None:
    version = load_proposed_standard()
    version.texts.in_order()[:1].get().delete()
    assert load_proposed_standard().pk == version.pk
    assert (StandardVersion.objects.count(), CompetencyText.objects.count(), Requirement.objects.count()) == (1, 29, 78)
