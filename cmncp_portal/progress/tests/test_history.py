"""Who changed what and when, in words."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from cmncp_portal.network.tests.factories import make_sector
from cmncp_portal.progress import services
from cmncp_portal.progress.models import StrategyCheck
from cmncp_portal.progress.services import Answer

from .factories import make_checks, make_profile
from .screens import address, words_of

pytestmark = pytest.mark.django_db


def test_each_sort_of_change_in_words(client: Any, clock: Any, thunder_bay: Any, amina: Any) -> None:
    make_checks(1)
    check = StrategyCheck.objects.get(code="s1-1")
    facts = {"plan_adopted_on": date(2022, 6, 1), "has_permanent_office": "yes", "centre": "Office"}
    services.keep_facts(thunder_bay, seen=1, by=amina, **facts, sectors=[make_sector("police")])
    services.keep_facts(thunder_bay, seen=2, by=amina, centre="Bureau", plan_adopted_on=None)
    services.answer_checks(thunder_bay, seen=3, by=amina, answers={check.pk: Answer("yes")})
    services.answer_checks(thunder_bay, seen=4, by=amina, answers={check.pk: Answer("yes", note="Page 4")})
    services.keep_budget(thunder_bay, seen=5, by=amina, year=2026, amount=Decimal(90_000))
    services.choose_public(thunder_bay, seen=6, by=amina, parts=["stage", "plan"])
    services.declare_stage(thunder_bay, seen=7, by=amina, stage=4, reason="Older")
    services.confirm(thunder_bay, by=amina)
    client.force_login(amina)
    page = client.get(address("history", thunder_bay))
    assert [(entry.text, entry.note) for entry in page.context["entries"]] == [
        ("Confirmed: still right", ""),
        (
            "Stage as declared: Plan adopted. The stage is “Plan adopted” and no longer “Commitment”",
            "Older",
        ),
        ("What everybody may see: The stage, The plan and its dates", ""),
        ("Prevention budget 2026: $90,000", ""),
        ("Check 1 of stage 1: Yes, with another note or link", "Page 4"),
        ("Check 1 of stage 1: Yes. The stage is “Commitment” and no longer “Interested”", ""),
        ("Plan adopted on: taken away (before: June 1, 2022)", ""),
        ("Responsibility centre: “Bureau” (before: “Office”)", ""),
        ("Sectors at the table: Police", ""),
        ("Plan adopted on: June 1, 2022", ""),
        ("Permanent office: Yes", ""),
        ("Responsibility centre: “Office”", ""),
        ("The profile is begun", ""),
    ]
    assert "February 1, 2027, 10:00 a.m. Confirmed: still right · Amina Diallo" in words_of(page)


def test_pages_and_queries(
    client: Any, clock: Any, thunder_bay: Any, joseph: Any, django_assert_max_num_queries: Any
) -> None:
    client.force_login(joseph)
    there = address("history", thunder_bay)
    assert "Nothing has been said about this strategy yet." in words_of(client.get(there))
    profile = make_profile(thunder_bay)
    found = []
    for _turn in ("one", "many"):
        for number in range(30):
            profile.changes.create(what="centre", after=str(number), stage_before=0, stage_after=0)
        with django_assert_max_num_queries(8) as asked:
            page = client.get(there)
        found.append(len(asked))
    assert (found[0], len(page.context["entries"]), page.context["page"].paginator.count) == (found[1], 25, 60)
