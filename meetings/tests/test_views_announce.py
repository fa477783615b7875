"""Announcing a meeting: what is known before it is said, one click, one letter each; then how far, and who else."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation

from cmncp_portal.network.models import Stakeholder, Standing
from cmncp_portal.network.tests.factories import make_municipality, make_sector, make_stakeholder
from cmncp_portal.notifications import mailings
from cmncp_portal.notifications.models import Mailing, MailingLine, Message
from cmncp_portal.notifications.tests.factories import make_message
from meetings.models import Invitee, Meeting

from .factories import make_invitee, make_item, make_place
from .screens import as_sent, said, text_of

pytestmark = pytest.mark.django_db


def at(name: str, gathering: Meeting, *args: Any, language: str = "en") -> str:
    with translation.override(language):
        return reverse(f"meetings:{name}", args=[gathering.slug, *args])


@pytest.fixture
def people(helen: Any, rosa: Any, luc: Any) -> None:
    """Helen and Rosa live in the region of the Prairies, Luc does not."""


@pytest.fixture
def nationwide(meeting: Any) -> Any:
    return lambda stage="scheduled", **fields: meeting(stage, national=True, **fields)


# ---- announce


def test_who_will_be_told_and_in_which_language(client: Any, priya: Any, nationwide: Any, people: None) -> None:
    make_stakeholder(make_municipality("regina"), name="Ray", standing=Standing.STAFF, language="")
    client.force_login(priya)
    page = client.get(at("announce", nationwide()))
    assert page.context["recipients"].sentence == (
        "4 people will receive this: 2 in English, 1 in French, 1 in both languages."
    )
    assert page.context["recipients"].municipalities == [
        ("Gatineau", 1),
        ("Regina", 1),
        ("Saskatoon", 1),
        ("Winnipeg", 1),
    ]
    assert "4 people will receive this: 2 in English, 1 in French, 1 in both languages." in text_of(page)
    assert "People of general members: 4" in text_of(page)


def test_a_regional_meeting_counts_its_region_only(client: Any, priya: Any, meeting: Any, people: None) -> None:
    client.force_login(priya)
    page = client.get(at("announce", meeting("scheduled")))
    assert page.context["recipients"].municipalities == [("Saskatoon", 1), ("Winnipeg", 1)]


def test_the_letter_stands_there_in_both_languages(client: Any, priya: Any, nationwide: Any, people: None) -> None:
    client.force_login(priya)
    page = client.get(at("announce", nationwide()))
    (english, in_english), (french, in_french) = page.context["letters"]
    assert (english, french) == ("en", "fr")
    assert "/en/meetings/invitation/personal-link/" in in_english.text
    assert "/lien-personnel/" in in_french.text
    assert "Safer Prairies" in in_english.text
    assert "Des Prairies plus sûres" in in_french.text
    assert text_of(page).count('class="letter"') == 2
    assert not Message.objects.exists()


def test_one_click_announces_and_a_second_is_told_so(client: Any, priya: Any, nationwide: Any, people: None) -> None:
    gathering = nationwide()
    client.force_login(priya)
    page = client.get(at("announce", gathering))
    sent = {"version": str(gathering.version)}
    assert f'name="version" value="{gathering.version}"' in text_of(page)
    answer = client.post(at("announce", gathering), sent)
    assert (answer.status_code, answer["Location"]) == (302, at("letters", gathering))
    assert said(client, answer) == [
        "The meeting is announced. The letters are being written; this page says how far they are."
    ]
    again = client.post(at("announce", gathering), sent)
    assert (again.status_code, again["Location"]) == (302, at("letters", gathering))
    assert said(client, again) == ["Already done by Priya Nair: it is “Announced”."]
    mailings.sweep()
    assert sorted(Message.objects.values_list("to_email", flat=True)) == [
        "helen@winnipeg.example",
        "luc@gatineau.example",
        "rosa@saskatoon.example",
    ]


def test_a_page_from_before_a_change_announces_nothing(client: Any, priya: Any, nationwide: Any, people: None) -> None:
    gathering = nationwide()
    Meeting.objects.update(version=gathering.version + 1)
    client.force_login(priya)
    answer = client.post(at("announce", gathering), {"version": gathering.version})
    assert answer["Location"] == at("announce", gathering)
    assert said(client, answer) == ["Somebody changed the meeting while you were reading; look at it again."]
    assert not Mailing.objects.exists()


@pytest.mark.parametrize("version", ["", "x", "9" * 40, "²"])
def test_a_version_that_is_none_announces_nothing(client: Any, priya: Any, nationwide: Any, version: str) -> None:
    client.force_login(priya)
    assert client.post(at("announce", nationwide()), {"version": version}).status_code == 302
    assert not Mailing.objects.exists()


def test_what_is_missing_stands_there_instead_of_the_button(client: Any, priya: Any, nationwide: Any) -> None:
    gathering = nationwide(summary_fr="", venue="", address="")
    make_item(gathering, kind="keynote")
    client.force_login(priya)
    page = client.get(at("announce", gathering))
    assert page.context["missing"] == [
        "Title and summary are needed in both languages.",
        "Say where people meet.",
        "“Welcome” has no speaker yet.",
    ]
    assert 'name="version"' not in text_of(page)
    assert at("edit", gathering) in text_of(page)
    assert at("agenda", gathering) in text_of(page)


@pytest.mark.parametrize("stage", ["idea", "polling"])
def test_before_the_date_is_fixed_there_is_no_button(client: Any, priya: Any, nationwide: Any, stage: str) -> None:
    client.force_login(priya)
    page = text_of(client.get(at("announce", nationwide(stage))))
    assert "A meeting is announced once its date is fixed." in page
    assert 'name="version"' not in page


@pytest.mark.parametrize("stage", ["held", "cancelled", "postponed"])
def test_what_was_announced_leads_to_its_letters(client: Any, priya: Any, nationwide: Any, stage: str) -> None:
    gathering = nationwide(stage)
    client.force_login(priya)
    assert client.get(at("announce", gathering))["Location"] == at("letters", gathering)


def test_hosts_do_not_announce_and_strangers_know_nothing(client: Any, helen: Any, rosa: Any, meeting: Any) -> None:
    gathering = meeting("scheduled")
    for name in ("announce", "letters"):
        client.force_login(helen)
        assert client.get(at(name, gathering)).status_code == 403
        assert client.post(at(name, gathering), {"version": 1}).status_code == 403
        client.force_login(rosa)
        assert client.get(at(name, gathering)).status_code == 404
        client.logout()
        assert client.get(at(name, gathering)).status_code == 302
    assert not Mailing.objects.exists()


def test_in_french(client: Any, priya: Any, nationwide: Any, people: None) -> None:
    client.force_login(priya)
    page = client.get(at("announce", nationwide(), language="fr"))
    assert '<html lang="fr">' in text_of(page)
    assert "du 14 au 15\u00a0avril\u00a02027" in text_of(page)
    assert [code for code, _letter in page.context["letters"]] == ["en", "fr"]


def many_people(number: int) -> None:
    places = [make_municipality() for _n in range(5)]
    sector = make_sector()
    Stakeholder.objects.bulk_create(
        Stakeholder(
            municipality=places[n % 5],
            name=f"Person {n}",
            email=f"many{n}@place.example",
            sector=sector,
            standing=Standing.STAFF,
            language="en",
        )
        for n in range(number)
    )


def test_five_hundred_cost_what_one_costs(client: Any, priya: Any, nationwide: Any, helen: Any) -> None:
    client.force_login(priya)
    prices = []
    for number in (0, 500):
        many_people(number)
        gathering = nationwide()
        with CaptureQueriesContext(connection) as reading:
            page = client.get(at("announce", gathering))
        with CaptureQueriesContext(connection) as announcing:
            client.post(at("announce", gathering), {"version": gathering.version})
        client.get(at("letters", gathering))  # what was said waits for the next page
        prices.append((len(reading), len(announcing)))
        assert page.context["recipients"].total == number + 1
        assert (
            MailingLine.objects.filter(mailing__key=f"meetings.invitation:{gathering.pk}:announced").count()
            == number + 1
        )
    assert prices[0] == prices[1]
    assert prices[0][0] <= 10


# ---- inviting more


def test_more_people_are_counted_before_they_are_invited(client: Any, priya: Any, meeting: Any, people: None) -> None:
    gathering = meeting()
    gatineau = Stakeholder.objects.get(email="luc@gatineau.example").municipality
    client.force_login(priya)
    announce = at("announce", gathering)
    named = {"person-0-name": "Zoë", "person-0-email": "ZOE@Place.example", "person-0-language": ""}
    typed = as_sent(client.get(announce), municipalities=[gatineau.pk], step="look", **named)
    look = client.post(announce, typed)
    assert look.status_code == 200
    assert look.context["recipients"].sentence == ("2 people will receive this: 1 in French, 1 in both languages.")
    assert not Mailing.objects.exists()
    send = client.post(announce, as_sent(look, municipalities=[gatineau.pk], step="send"))
    assert send["Location"] == at("letters", gathering)
    assert said(client, send) == ["2 people are invited."]
    assert set(Invitee.objects.values_list("email", "language")) == {
        ("luc@gatineau.example", "fr"),
        ("zoe@place.example", "both"),
    }
    again = client.post(announce, as_sent(look, municipalities=[gatineau.pk], step="send"))
    assert (again.status_code, again.context["recipients"].sentence) == (200, "Nobody will receive this.")
    assert MailingLine.objects.count() == 2


def test_who_knows_already_is_left_out(client: Any, priya: Any, meeting: Any, luc: Any, gatineau: Any) -> None:
    gathering = meeting()
    make_place(gathering, "luc@gatineau.example")
    make_invitee(gathering, "ann@place.example", invited_at=timezone.now())
    client.force_login(priya)
    announce = at("announce", gathering)
    named = {"person-0-name": "Ann", "person-0-email": "ann@place.example"}
    page = client.post(announce, as_sent(client.get(announce), municipalities=[gatineau.pk], step="send", **named))
    assert "Everybody you chose is invited or registered already, or has no address." in text_of(page)
    assert not Mailing.objects.exists()


@pytest.mark.parametrize(
    "typed",
    [
        {"person-0-name": "Ann", "person-0-email": "nobody"},
        {"person-0-name": "Ann", "person-0-email": ""},
        {"person-0-name": "", "person-0-email": "ann@place.example"},
        {"municipalities": ["x"]},
        {"municipalities": ["999999"]},
    ],
)
def test_wrong_invitations_come_back(client: Any, priya: Any, meeting: Any, typed: dict[str, Any]) -> None:
    announce = at("announce", meeting())
    client.force_login(priya)
    page = client.post(announce, as_sent(client.get(announce), step="send", **typed))
    assert page.status_code == 422
    assert page.context["rows"].forms[0]["name"].value() == typed.get("person-0-name", "")
    assert page.context["rows"].forms[0]["email"].value() == typed.get("person-0-email", "")
    assert not Mailing.objects.exists()


def test_after_the_meeting_nobody_is_invited(client: Any, priya: Any, meeting: Any) -> None:
    gathering = meeting(starts_on=date(2027, 1, 28), ends_on=date(2027, 1, 29))
    announce = at("announce", gathering)
    client.force_login(priya)
    named = {"person-0-name": "Ann", "person-0-email": "ann@place.example"}
    page = client.post(announce, as_sent(client.get(announce), step="send", **named))
    assert [str(m) for m in page.context["messages"]] == [
        "People are invited once the meeting is announced, and before it is over."
    ]
    assert page.context["rows"].forms[0]["email"].value() == "ann@place.example"


# ---- letters


def mailing(gathering: Meeting, lines: int, *, written: int, **fields: Any) -> Mailing:
    key = f"meetings.invitation:{gathering.pk}:announced"
    made = Mailing.objects.create(kind="meetings.invitation", key=key, context={}, by_name="Priya Nair", **fields)
    now = timezone.now()
    MailingLine.objects.bulk_create(
        MailingLine(mailing=made, email=f"p{n}@a.example", written_at=now if n < written else None)
        for n in range(lines)
    )
    return made


def test_the_page_looks_again_while_letters_are_written(client: Any, priya: Any, meeting: Any, clock: Any) -> None:
    gathering = meeting()
    made = mailing(gathering, 4, written=1)
    client.force_login(priya)
    page = text_of(client.get(at("letters", gathering)))
    assert "1 of 4 written, 0 sent." in page
    assert '<progress max="4" value="1"' in page
    assert 'hx-trigger="every 5s"' in page
    part = client.get(at("letters", gathering), headers={"HX-Request": "true"})
    assert (text_of(part).count("<html"), text_of(part).count('id="mailings"')) == (0, 1)
    MailingLine.objects.update(written_at=timezone.now())
    Mailing.objects.update(finished_at=timezone.now())
    for n in range(4):
        make_message(key=f"{made.key}:p{n}@a.example", state="sent" if n else "failed", sent_at=timezone.now())
    over = text_of(client.get(at("letters", gathering), headers={"HX-Request": "true"}))
    assert "4 of 4 written, 3 sent, 1 could not be delivered." in over
    assert "hx-trigger" not in over


def test_whom_letters_do_not_reach_can_be_corrected(client: Any, priya: Any, meeting: Any) -> None:
    gathering = meeting()
    place = make_place(gathering, "lost@a.example", name="Lost")
    make_message(to_email="lost@a.example", state="bounced")
    client.force_login(priya)
    page = client.get(at("letters", gathering))
    assert page.context["undeliverable"] == [place]
    assert at("registration_move", gathering, place.pk, "edit") in text_of(page)
    assert reverse("notifications:outbox") in text_of(page)


def test_no_letter_yet_says_so(client: Any, priya: Any, meeting: Any) -> None:
    client.force_login(priya)
    page = text_of(client.get(at("letters", meeting())))
    assert "No letter to many people has been written about this meeting." in page


def test_letters_cost_the_same_at_one_and_at_five_hundred(client: Any, priya: Any, meeting: Any, clock: Any) -> None:
    gathering = meeting()
    made = mailing(gathering, 1, written=1)
    make_place(gathering)
    client.force_login(priya)
    with CaptureQueriesContext(connection) as at_one:
        client.get(at("letters", gathering))
    now = timezone.now()
    MailingLine.objects.bulk_create(
        MailingLine(mailing=made, email=f"m{n}@a.example", written_at=now) for n in range(499)
    )
    Message.objects.bulk_create(
        Message(key=f"{made.key}:m{n}@a.example", kind="meetings.invitation", to_email=f"m{n}@a.example", language="en")
        for n in range(499)
    )
    clock.move_to(now + timedelta(seconds=5))
    with CaptureQueriesContext(connection) as at_many:
        page = client.get(at("letters", gathering))
    assert "500 of 500 written, 0 sent." in text_of(page)
    assert len(at_many) == len(at_one) <= 9
