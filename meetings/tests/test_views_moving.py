"""Changing, postponing, cancelling from the pages."""

from datetime import date
from typing import Any

import pytest
from django.test import Client

from meetings.models import Meeting

from .factories import make_invitee, make_place
from .mailbag import to, written
from .screens import address, as_sent, said, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def coordinator(client: Client, clock: Any, priya: Any) -> Client:
    client.force_login(priya)
    return client


def test_first_the_page_says_what_would_be_told_and_nothing_is_sent(coordinator: Client, meeting: Any) -> None:
    there = meeting()
    make_place(there, "anna@place.example", language="fr")
    make_place(there, "carl@place.example", language="en")
    make_invitee(there, "dora@place.example", invited_at=there.published_at, language="both")
    page = coordinator.get(address("change", there))
    shown = coordinator.post(address("change", there), as_sent(page, starts_on="2027-04-15", ends_on="2027-04-15"))
    assert shown.status_code == 200
    text = text_of(shown)
    assert "Dates: April 14–15, 2027 → April 15, 2027" in text
    assert "3 people will receive this:" in text
    assert "1 in English, 1 in French, 1 in both languages." in " ".join(text.split())
    assert "Modification" in text  # the letter in French
    assert to("changed") == []
    assert Meeting.objects.get(pk=there.pk).starts_on == date(2027, 4, 14)


def test_the_host_is_changed_here_and_named_in_the_letter_to_be_sent(
    coordinator: Client, meeting: Any, saskatoon: Any
) -> None:
    there = meeting()
    make_place(there, "anna@place.example")
    page = coordinator.get(address("change", there))
    assert [str(host) for host in page.context["form"].fields["host"].queryset] == ["Saskatoon", "Winnipeg"]
    shown = coordinator.post(address("change", there), as_sent(page, host=saskatoon.pk))
    assert "<li>Host: Winnipeg → Saskatoon</li>" in text_of(shown)
    assert "Municipalité hôte\u00a0: Winnipeg → Saskatoon" in text_of(shown)  # the letter in French
    done = coordinator.post(address("change", there), as_sent(page, host=saskatoon.pk, send="1"))
    assert said(coordinator, done) == ["Changed. One person gets a letter."]
    assert "Host: Winnipeg → Saskatoon" in written("changed")[0].text


def test_a_regional_meeting_keeps_a_host(coordinator: Client, meeting: Any) -> None:
    there = meeting()
    page = coordinator.get(address("change", there))
    back = coordinator.post(address("change", there), as_sent(page, host="", venue="The barn", send="1"))
    assert back.status_code == 422
    assert "A regional meeting is hosted by a member: choose the host." in text_of(back)
    assert 'value="The barn"' in text_of(back)


def test_the_second_button_changes_it_and_writes(coordinator: Client, meeting: Any) -> None:
    there = meeting()
    make_place(there, "anna@place.example")
    page = coordinator.get(address("change", there))
    typed = as_sent(page, starts_on="2027-04-15", word="The hall is taken.", send="1")
    done = coordinator.post(address("change", there), typed)
    assert done["Location"] == address("letters", there)
    assert said(coordinator, done) == ["Changed. One person gets a letter."]
    [letter] = written("changed")
    assert "The hall is taken." in letter.text
    again = coordinator.post(address("change", there), typed)
    assert said(coordinator, again)[-1] == "Nothing changed, and nobody was written to."  # a second click
    assert len(written("changed")) == 1


def test_what_is_wrong_comes_back_with_all_that_was_typed(coordinator: Client, meeting: Any) -> None:
    there = meeting()
    page = coordinator.get(address("change", there))
    typed = as_sent(page, starts_on="2027-01-15", ends_on="2027-01-15", venue="The barn", send="1")
    back = coordinator.post(address("change", there), typed)
    assert back.status_code == 422
    assert "The new date lies ahead." in text_of(back)
    assert 'value="The barn"' in text_of(back)


def test_nothing_changed_is_said(coordinator: Client, meeting: Any) -> None:
    there = meeting()
    page = coordinator.get(address("change", there))
    shown = coordinator.post(address("change", there), as_sent(page))
    assert "This changes nothing that people were told." in text_of(shown)


def test_before_the_announcement_one_edits_instead(coordinator: Client, meeting: Any) -> None:
    there = meeting("scheduled")
    assert coordinator.get(address("change", there))["Location"] == address("prepare", there)


@pytest.mark.parametrize(("who", "status"), [("helen", 403), ("rosa", 403), ("luc", 404)])
def test_who_may_not(client: Client, meeting: Any, who: str, status: int, request: Any) -> None:
    there = meeting(audience="invited") if who == "luc" else meeting()
    client.force_login(request.getfixturevalue(who))
    assert client.get(address("change", there)).status_code == status
    assert client.post(address("move", there, "cancel"), {"note": "x"}).status_code == status


def test_in_french(coordinator: Client, meeting: Any) -> None:
    there = meeting()
    page = coordinator.get(address("change", there, language="fr"))
    assert "Modifier la date ou le lieu" in text_of(page)


def test_cancelling_asks_for_a_reason_and_is_done_once(coordinator: Client, meeting: Any) -> None:
    there = meeting()
    make_place(there, "anna@place.example")
    asked = coordinator.post(address("move", there, "cancel"), {"note": ""})
    assert asked.status_code == 422
    coordinator.post(address("move", there, "cancel"), {"note": "Flood."})
    assert Meeting.objects.get(pk=there.pk).state == "cancelled"
    again = coordinator.post(address("move", there, "cancel"), {"note": "Flood."})
    assert said(coordinator, again)[-1] == "Already done by Priya Nair: it is “Cancelled”."
    assert to("cancelled") == ["anna@place.example"]


def test_postponing_and_a_new_date(coordinator: Client, meeting: Any) -> None:
    there = meeting()
    make_place(there, "anna@place.example")
    coordinator.post(address("move", there, "postpone"), {"note": "Storm."})
    page = coordinator.get(address("change", there))
    assert "Set a new date" in text_of(page)
    done = coordinator.post(
        address("change", there), as_sent(page, starts_on="2027-05-05", ends_on="2027-05-06", send="1")
    )
    assert done.status_code == 302
    assert Meeting.objects.get(pk=there.pk).state == "announced"
    assert to("changed") == ["anna@place.example"]


@pytest.mark.parametrize("name", ["announce", "nonsense", "set_new_date"])
def test_other_moves_have_pages_of_their_own(coordinator: Client, meeting: Any, name: str) -> None:
    answer = coordinator.post(address("move", meeting(), name), {"note": "x"})
    assert answer.status_code == (404 if name == "nonsense" else 302)
    assert coordinator.get(address("move", meeting(), "cancel")).status_code == 405
