"""Who comes and in which order, what awaits who registers, to whom an invitation goes, how far the letters are."""

import csv
import io
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone, translation

from cmncp_portal.core.places import Status
from cmncp_portal.network.models import Membership, Standing
from cmncp_portal.network.tests.factories import make_membership, make_municipality, make_stakeholder
from cmncp_portal.notifications.models import Mailing, MailingLine, Message
from cmncp_portal.notifications.tests.factories import make_message
from meetings.models import Invitee
from meetings.selectors.mailings import mailings_of
from meetings.selectors.people import (
    MOST_MUNICIPALITIES,
    addresses_taken,
    by_words,
    listed,
    municipalities_at,
    not_yet_told,
    people_of,
    recipients,
    registrations_of,
    undeliverable_at,
    what_happens,
    with_people,
)
from meetings.selectors.people_file import registrations_file
from meetings.selectors.places import Room

from .factories import make_invitee, make_place

pytestmark = pytest.mark.django_db


def room(**fields: Any) -> Room:
    return Room(**({"capacity": None, "taken": 0, "waiting": 0, "requested": 0, "online": 0} | fields))


# ---- what happens


@pytest.mark.parametrize(
    ("counts", "sentence"),
    [
        ({}, "You are registered at once, and get a confirmation by email."),
        ({"capacity": 10, "taken": 4}, "There are 6 places left."),
        ({"capacity": 10, "taken": 9}, "There is one place left."),
        (
            {"capacity": 10, "taken": 10},
            "All places are taken. You are the first on the waiting list, and get a letter when a place is free.",
        ),
        (
            {"capacity": 10, "taken": 10, "waiting": 1},
            "All places are taken and one person waits. You join the waiting list, and get a letter when it is your turn.",
        ),
        (
            {"capacity": 10, "taken": 9, "waiting": 3},  # a place that was given back belongs to those who wait
            "All places are taken and 3 people wait. You join the waiting list, and get a letter when it is your turn.",
        ),
    ],
)
def test_what_awaits_whoever_registers(meeting: Any, counts: dict[str, int], sentence: str) -> None:
    assert what_happens(meeting(), room(**counts)) == sentence


def test_approval_comes_before_places(meeting: Any) -> None:
    words = "The organisers look at each registration. You get an answer by email."
    assert what_happens(meeting(needs_approval=True), room(capacity=10)) == words


def test_online_there_is_always_room(meeting: Any) -> None:
    full = room(capacity=10, taken=10)
    assert what_happens(meeting(mode="hybrid"), full) == (
        "All places are taken. You are the first on the waiting list, and get a letter when a place is free. "
        "Those who follow online are registered at once."
    )


# ---- the list


def test_the_list_begins_with_those_who_need_an_answer(meeting: Any) -> None:
    gathering = meeting()
    make_place(gathering, "zoe@a.example", name="Zoé")
    make_place(gathering, "emile@a.example", name="Émile")
    make_place(gathering, "gone@a.example", name="Gone", status=Status.CANCELLED)
    late = datetime(2027, 1, 22, tzinfo=UTC)
    make_place(gathering, "late@a.example", name="Abel", status=Status.WAITING, waiting_since=late)
    make_place(gathering, "early@a.example", name="Yves", status=Status.WAITING, waiting_since=late - timedelta(1))
    make_place(gathering, "asks@a.example", name="Xu", status=Status.REQUESTED)
    rows = listed(registrations_of(gathering), gathering)
    assert [(row.place.name, row.words) for row in rows] == [
        ("Xu", "Waits for approval"),
        ("Yves", "On the waiting list, no. 1"),
        ("Abel", "On the waiting list, no. 2"),
        ("Émile", "Registered"),
        ("Zoé", "Registered"),
        ("Gone", "Cancelled"),
    ]
    assert [row.acts for row in rows] == [("correct", "approve", "decline"), *[("correct", "cancel")] * 4, ()]


@pytest.mark.parametrize("stage", ["held", "cancelled"])
def test_after_the_end_details_are_corrected_and_nothing_else(stage: str, meeting: Any) -> None:
    gathering = meeting(stage)
    later = datetime(2027, 6, 1, tzinfo=UTC)
    make_place(gathering, "came@a.example", promoted_at=later, refuse_by=later)
    make_place(gathering, "asks@a.example", status=Status.REQUESTED)
    rows = listed(registrations_of(gathering), gathering)
    assert [(row.acts, row.until) for row in rows] == [(("correct",), "")] * 2


def test_a_turn_is_that_of_the_whole_list_whatever_is_shown(meeting: Any) -> None:
    gathering = meeting()
    for name in ("Ann", "Bo", "Cy"):
        make_place(gathering, name=name, status=Status.WAITING)
    found = by_words(registrations_of(gathering), "cy")
    assert [row.words for row in listed(found, gathering)] == ["On the waiting list, no. 3"]


def test_until_when_a_new_place_can_be_given_back(meeting: Any, clock: Any) -> None:
    gathering = meeting()
    until = datetime(2027, 2, 3, 15, 0, tzinfo=UTC)
    make_place(gathering, promoted_at=until - timedelta(2), refuse_by=until)
    place = registrations_of(gathering)
    assert listed(place, gathering)[0].until == "February 3, 2027, 10:00\u00a0a.m. (Winnipeg time)"
    clock.move_to(until)
    assert listed(place.all(), gathering)[0].until == ""


@pytest.mark.parametrize(
    ("text", "names"), [("zoe", ["Zoé"]), ("ÉCOLE", ["Zoé"]), ("ann@", ["Ann"]), ("  ", ["Ann", "Zoé"]), ("nobody", [])]
)
def test_words_find_name_organisation_and_address(meeting: Any, text: str, names: list[str]) -> None:
    gathering = meeting()
    make_place(gathering, "ann@a.example", name="Ann")
    make_place(gathering, "z@a.test", name="Zoé", organisation="L’école du Parc")
    assert [place.name for place in by_words(registrations_of(gathering), text)] == names


def test_municipalities_of_one_meeting_only(meeting: Any, priya: Any, winnipeg: Any, gatineau: Any) -> None:
    gathering = meeting()
    make_place(gathering, municipality=winnipeg)
    make_place(gathering, municipality=winnipeg)
    make_place(meeting(), municipality=gatineau)
    assert municipalities_at(with_people(priya).get(pk=gathering.pk)) == [(winnipeg.pk, "Winnipeg")]


def test_needs_are_not_even_read_unless_wanted(meeting: Any, django_assert_num_queries: Any) -> None:
    gathering = meeting()
    make_place(gathering, dietary_needs="No nuts")
    assert "dietary_needs" in registrations_of(gathering).get().get_deferred_fields()
    assert registrations_of(gathering, with_needs=True).get().dietary_needs == "No nuts"


def test_an_address_is_taken_while_its_place_lives(meeting: Any) -> None:
    gathering = meeting()
    make_place(gathering, "Ann@A.example")
    make_place(gathering, "gone@a.example", status=Status.CANCELLED)
    make_place(meeting(), "else@a.example")
    asked = ["ann@a.example", "gone@a.example", "else@a.example"]
    assert addresses_taken(gathering, asked) == {"ann@a.example"}


def test_undeliverable_are_those_whose_last_letter_came_back(meeting: Any) -> None:
    gathering = meeting()
    for name in ("lost", "fine", "never"):
        make_place(gathering, f"{name}@a.example", name=name)
    make_place(gathering, "gone@a.example", status=Status.CANCELLED)
    make_message(to_email="lost@a.example", state=Message.State.BOUNCED)
    make_message(to_email="gone@a.example", state=Message.State.BOUNCED)
    make_message(to_email="fine@a.example", state=Message.State.SENT, sent_at=timezone.now())
    assert [place.name for place in undeliverable_at(gathering)] == ["lost"]
    marks = {row.place.name: row.is_undeliverable for row in listed(registrations_of(gathering), gathering)}
    assert {name for name, lost in marks.items() if lost} == {"lost"}


# ---- recipients


def guest(language: str, municipality: Any = None) -> Invitee:
    return Invitee(name="x", email=f"{id(object())}@a.example", language=language, municipality=municipality)


def test_recipients_in_one_sentence(clock: Any, winnipeg: Any) -> None:
    assert recipients([]).sentence == "Nobody will receive this."
    assert recipients([guest("fr")]).sentence == "One person will receive this: 1 in French."
    three = recipients([guest("en"), guest("fr"), guest("both"), guest("en")])
    assert three.sentence == "4 people will receive this: 2 in English, 1 in French, 1 in both languages."
    assert three.languages == Counter(en=2, fr=1, both=1)


def test_recipients_by_group_and_municipality(clock: Any, winnipeg: Any, gatineau: Any) -> None:
    partner = make_municipality("acme", member=False)
    make_membership(partner, kind=Membership.Kind.ASSOCIATE)
    former = make_municipality("former", member=False)
    make_membership(former, until_on=date(2027, 1, 31))
    places = [winnipeg, winnipeg, gatineau, partner, former, None]
    found = recipients([guest("en", place) for place in places])
    assert found.groups == [("People of general members", 3), ("People of associate members", 1), ("Others", 2)]
    assert found.municipalities == [("Acme", 1), ("Former", 1), ("Gatineau", 1), ("Winnipeg", 2)]


def test_many_municipalities_are_named_up_to_a_bound(clock: Any, django_assert_num_queries: Any) -> None:
    places = [make_municipality() for _n in range(MOST_MUNICIPALITIES + 2)]
    with django_assert_num_queries(2):
        found = recipients([guest("en", place) for place in places])
    assert (len(found.municipalities), found.more) == (MOST_MUNICIPALITIES, 2)


def test_people_of_a_municipality_with_and_without_partners(clock: Any, amina: Any, thunder_bay: Any) -> None:
    make_stakeholder(thunder_bay, name="Pat", standing=Standing.PARTNER)
    make_stakeholder(thunder_bay, name="Left", standing=Standing.STAFF, left_on=date(2027, 2, 1))
    assert [p.name for p in people_of([thunder_bay], with_partners=False)] == ["Amina Diallo"]
    assert [p.name for p in people_of([thunder_bay], with_partners=True)] == ["Amina Diallo", "Pat"]


def test_nobody_is_told_twice(meeting: Any) -> None:
    gathering = meeting()
    make_invitee(gathering, "invited@a.example", invited_at=timezone.now())
    make_invitee(gathering, "asked@a.example", is_asked_for_dates=True)
    make_place(gathering, "comes@a.example")
    emails = ["invited@a.example", "asked@a.example", "comes@a.example", "new@a.example", "new@a.example"]
    rows = [Invitee(meeting=gathering, name="x", email=email) for email in emails]
    assert [i.email for i in not_yet_told(gathering, rows)] == ["asked@a.example", "new@a.example"]


# ---- letters to many


def mailing(gathering: Any, name: str, *, lines: int, written: int, **fields: Any) -> Mailing:
    key = f"meetings.{name}:{gathering.pk}:one"
    made = Mailing.objects.create(kind=f"meetings.{name}", key=key, context={}, **fields)
    at = timezone.now()
    MailingLine.objects.bulk_create(
        MailingLine(mailing=made, email=f"p{n}@a.example", written_at=at if n < written else None) for n in range(lines)
    )
    return made


def test_how_far_the_letters_are(meeting: Any, clock: Any, django_assert_num_queries: Any) -> None:
    gathering, other = meeting(), meeting()
    made = mailing(gathering, "invitation", lines=5, written=3)
    mailing(other, "invitation", lines=9, written=9)
    mailing(gathering, "cancelled", lines=1, written=1, finished_at=timezone.now())
    for n, state in enumerate(["sent", "bounced", "queued"]):
        make_message(key=f"{made.key}:p{n}@a.example", state=state, sent_at=timezone.now())
    with django_assert_num_queries(2):
        told = mailings_of(gathering)
    assert [(one.label, one.sentence, one.is_running) for one in told] == [
        ("Cancelled", "1 of 1 written, 0 sent.", True),
        ("Invitation", "3 of 5 written, 1 sent, 1 could not be delivered.", True),
    ]
    clock.move_to(timezone.now() + timedelta(hours=1))
    assert [one.is_running for one in mailings_of(gathering)] == [False, True]
    Mailing.objects.update(withdrawn_at=timezone.now())
    assert [one.is_running for one in mailings_of(gathering)] == [False, False]


# ---- the file


def as_rows(data: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"))))


def test_the_file_in_both_languages(meeting: Any, winnipeg: Any) -> None:
    gathering = meeting()
    make_place(gathering, "ann@a.example", winnipeg, name="=Ann", asked_at=datetime(2027, 1, 21, 4, 30, tzinfo=UTC))
    header, row = as_rows(registrations_file(gathering, "csv"))
    assert dict(zip(header, row, strict=True)) == {
        "Name": "'=Ann",
        "Title": "",
        "Organisation": "",
        "Municipality": "Winnipeg",
        "Sector": "",
        "Email address": "ann@a.example",
        "Language of letters": "English",
        "Place": "Registered",
        "Takes part": "In person",
        "Asked on": "January 20, 2027",
        "Registered by": "",
    }
    with translation.override("fr"):
        header, row = as_rows(registrations_file(gathering, "csv", with_needs=True))
    assert header[-2:] == ["Alimentation", "Accessibilité"]
    assert row[header.index("Demandée le")] == "20\u00a0janvier\u00a02027"
