"""Every screen opens for whom it is meant, in both languages, and for nobody else."""

from typing import Any

import pytest
from django.urls import reverse
from django.utils import translation

from . import story

pytestmark = pytest.mark.django_db

OF_EXCHANGE = ["exchange", "hosts"]
OF_VISIT = ["visit", "programme", "team", "print", "stop_add", "practical", "documents"]


def addresses(visit: Any, names: list[str], language: str = "en") -> list[str]:
    with translation.override(language):
        return [
            reverse(
                f"exchanges:{n}",
                args=[visit.exchange.reference]
                if n in ("exchange", "hosts", "request", "review")
                else [visit.exchange.reference, visit.leg],
            )
            for n in names
        ]


STAGES = {
    "drafted": [*OF_EXCHANGE, "team", "request", "review"],
    "requested": [*OF_EXCHANGE, *OF_VISIT, "answer"],
    "accepted": [*OF_EXCHANGE, *OF_VISIT, "confirm", "dates", "answer"],
    "planned": [*OF_EXCHANGE, *OF_VISIT, "confirm", "dates"],
    "confirmed": [*OF_EXCHANGE, *OF_VISIT, "confirm", "dates", "day", "record", "calendar"],
    "held": [*OF_EXCHANGE, "visit", "programme", "team", "print", "evaluations", "return"],
}


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("stage", STAGES)
def test_each_screen_opens_for_the_visitors_and_not_for_a_stranger(
    client: Any, stage: str, language: str, amina: Any, helen: Any, thunder_bay: Any, winnipeg: Any, rosa: Any
) -> None:
    if stage in ("drafted", "requested"):
        visit = getattr(story, stage)(amina, thunder_bay, winnipeg).first_visit
    else:
        visit = getattr(story, stage)(amina, thunder_bay, helen, winnipeg)
    client.force_login(amina)
    for address in addresses(visit, STAGES[stage], language):
        assert (address, client.get(address).status_code) == (address, 200)
    if language == "fr":  # the doors do not depend on the language; test_doors_of_exchanges has the whole table
        return
    client.force_login(rosa)
    for address in addresses(visit, STAGES[stage], language):
        assert (address, client.get(address).status_code) == (address, 404)


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_list_at_one_exchange(client: Any, language: str, amina: Any, thunder_bay: Any, winnipeg: Any) -> None:
    story.requested(amina, thunder_bay, winnipeg)
    client.force_login(amina)
    with translation.override(language):
        page = client.get(reverse("exchanges:list"))
    assert "Thunder Bay" in page.content.decode()
