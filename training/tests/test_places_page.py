"""The personal page of somebody who is enrolled, without an account: what it says, what one can do there, and what it keeps to itself."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cmncp_portal.core.places import Status
from cmncp_portal.testing.pages import as_sent, said, text_of
from training.models import Enrolment, ModuleMaterial, SelfRating
from training.services.enrolling import not_me

from .factories import make_enrolment, make_module, make_offering, make_version
from .offering_screens import address, errors_of, event, held, kinds_to, to, words_of, written

pytestmark = pytest.mark.django_db

LINK = "https://secret.example/1"
EVENING = datetime(2027, 4, 15, 22, 0, tzinfo=UTC)


@pytest.fixture
def lea(clock: Any) -> Any:
    """lea() is Léa, who has a place in an offering that builds two competencies; `of` are fields of the offering."""

    def make(of: dict[str, Any] | None = None, state: str = "open", **fields: Any) -> Enrolment:
        texts = list(make_version().texts.in_order())[:2]
        module = make_module(builds=[(text.competency, 2) for text in texts])
        there = make_offering(state, module=module, **(of or {}))
        return make_enrolment(there, "lea@place.example", **({"name": "Léa Roy"} | fields))

    return make


def test_the_page_says_what_one_needs(client: Any, lea: Any) -> None:
    place = lea(
        {"mode": "online", "join_link": LINK, "practical_en": "Bring your data."}, enrolled_by_name="Amina Diallo"
    )
    page = client.get(address("place", place))
    words = words_of(page)
    for sentence in (
        "This page is for Léa Roy. Enrolled by Amina Diallo.",
        "Your place is confirmed.",
        "Wednesday, April 14, 2027, 9:00 a.m. to 4:00 p.m.",
        "How sure are you before the training? waits for you",
        "Bring your data.",
    ):
        assert sentence in words
    assert LINK in text_of(page)
    assert (page["X-Robots-Tag"], page["Referrer-Policy"]) == ("noindex, nofollow", "same-origin")
    assert "no-store" in page["Cache-Control"]
    french = words_of(client.get(address("place", place, language="fr")))
    assert "mercredi 14 avril 2027, de 9 h à 16 h" in french
    with CaptureQueriesContext(connection) as found:
        client.get(address("place", place))
    assert len(found) <= 9


@pytest.mark.parametrize("status", ["waiting", "requested", "cancelled", "declined"])
def test_the_link_is_for_those_who_have_a_place(client: Any, lea: Any, status: str) -> None:
    since = {"waiting_since": datetime(2027, 1, 20, tzinfo=UTC)} if status == "waiting" else {}
    place = lea({"mode": "online", "join_link": LINK}, status=status, **since)
    page = client.get(address("place", place))
    assert LINK not in text_of(page)
    sentence = {
        "waiting": "You are number 1 on the waiting list.",
        "requested": "You asked for a place.",
        "cancelled": "This place was given back.",
        "declined": "The coordinators could not give you a place.",
    }[status]
    assert sentence in words_of(page)
    assert client.get(address("place_calendar", place)).status_code == 404


def test_a_wrong_address_opens_nothing(client: Any, lea: Any) -> None:
    place = lea()
    for token in (f"{place.pk}.abc", place.token[:-1], "x", f"{place.pk + 1}.{place.token.partition('.')[2]}"):
        for name, *more in (("place",), ("place_calendar",), ("place_act", "cancel"), ("self_assessment", "before")):
            answer = client.post if name == "place_act" else client.get
            assert answer(address(name, token, *more)).status_code == 404
    assert client.post(address("place_act", place, "nothing")).status_code == 404
    assert client.get(address("place_act", place, "cancel")).status_code == 405


def test_giving_the_place_back(client: Any, lea: Any) -> None:
    place = lea()
    make_enrolment(place.offering, "next@x.example", status=Status.WAITING)
    act = address("place_act", place, "cancel")
    assert client.post(act, {"word": "x" * 501}).status_code == 422
    done = client.post(act, {"word": "I am ill"})
    assert done["Location"] == address("place", place)
    assert said(client, done) == ["Thank you for telling us. You are no longer expected."]
    assert said(client, client.post(act)) == ["This place was given back already."]
    assert kinds_to("lea@place.example") == ["place_cancelled"]
    assert event(written("place_cancelled")[0])["method"] == "CANCEL"


def test_needs_details_and_letters(client: Any, lea: Any) -> None:
    place = lea()
    needs = {"dietary_needs": "No nuts", "access_needs": "A ramp"}
    assert client.post(address("place_act", place, "needs"), needs | {"access_needs": "x" * 301}).status_code == 422
    assert client.post(address("place_act", place, "needs"), needs).status_code == 302
    act = address("place_act", place, "correct")
    wrong = client.post(act, {"version": "1", "name": "", "title": "Planner"})
    assert wrong.status_code == 422
    assert 'value="Planner"' in text_of(wrong)
    assert client.post(act, {"version": "1", "name": "Léa R.", "title": "", "language": "fr"}).status_code == 302
    assert client.post(act, {"version": "1", "name": "L. R.", "title": "", "language": "fr"}).status_code == 409
    assert client.post(address("place_act", place, "stop")).status_code == 302
    place.refresh_from_db()
    assert (place.name, place.language, place.wants_no_more) == ("Léa R.", "fr", True)
    assert (place.dietary_needs, place.access_needs) == ("No nuts", "A ramp")


def test_not_me(client: Any, lea: Any) -> None:
    place = lea()
    assert "This link no longer opens anything." in words_of(client.post(address("place_act", place, "not-me")))
    assert client.get(address("place", place)).status_code == 404


def test_the_self_assessment(client: Any, lea: Any, clock: Any) -> None:
    place = lea()
    [one, two] = place.offering.module.builds.order_by("competency")
    url = address("self_assessment", place, "before")
    page = client.get(url)
    assert "1.1 Diagnosis 1" in words_of(page)
    wrong = client.post(url, {})
    assert (wrong.status_code, list(errors_of(wrong))) == (422, ["__all__"])
    assert client.post(url, {f"sure_{one.competency_id}": "9"}).status_code == 422
    done = client.post(url, {f"sure_{one.competency_id}": "2", f"sure_{two.competency_id}": "3"})
    assert said(client, done) == ["Thank you. You can change it until it closes."]
    assert as_sent(client.get(url))[f"sure_{one.competency_id}"] == "2"
    client.post(url, {f"sure_{one.competency_id}": "4"})
    assert list(SelfRating.objects.values_list("competency", "value")) == [(one.competency_id, 4)]
    assert client.get(address("self_assessment", place, "between")).status_code == 404


@pytest.mark.parametrize(
    ("moment", "at", "reason"),
    [
        ("before", datetime(2027, 4, 15, 4, 59, tzinfo=UTC), ""),  # the end of the first day in Winnipeg
        ("before", datetime(2027, 4, 15, 5, 0, tzinfo=UTC), "This self-assessment is closed."),
        ("after", datetime(2027, 4, 15, 4, 59, tzinfo=UTC), "The second self-assessment opens on the last day."),
        ("after", datetime(2027, 4, 15, 5, 0, tzinfo=UTC), ""),
        ("after", datetime(2027, 5, 16, 4, 59, tzinfo=UTC), ""),
        ("after", datetime(2027, 5, 16, 5, 0, tzinfo=UTC), "This self-assessment is closed."),
    ],
)
def test_when_self_assessments_are_open(
    client: Any, lea: Any, clock: Any, moment: str, at: datetime, reason: str
) -> None:
    place = lea()
    clock.move_to(at)
    url = address("self_assessment", place, moment)
    competency = place.offering.module.builds.first().competency_id
    answer = client.post(url, {f"sure_{competency}": "3"})
    assert answer.status_code == (422 if reason else 302)
    assert SelfRating.objects.exists() is not bool(reason)
    if reason:
        assert reason in words_of(client.get(url))


def test_who_waits_or_did_not_come_gives_none(client: Any, lea: Any, clock: Any, ann: Any) -> None:
    from .offering_screens import came

    place = lea(status=Status.WAITING, waiting_since=datetime(2027, 1, 20, tzinfo=UTC))
    assert "for those who take part" in words_of(client.get(address("self_assessment", place, "before")))
    Enrolment.objects.update(status=Status.REGISTERED)
    clock.move_to(EVENING)
    came(place.offering, place, by=ann, what="absent")
    assert "for those who take part" in words_of(client.get(address("self_assessment", place, "after")))


def test_materials_are_for_those_who_have_a_place(client: Any, lea: Any) -> None:
    place = lea()
    add = place.offering.module.materials.create
    mine = add(
        title_en="Workbook",
        file=SimpleUploadedFile("w.pdf", b"%PDF-1"),
        filename="w.pdf",
        language="en",
        access="participants",
    )
    link = add(title_en="Film", url="https://film.example/", language="en", access="everyone")
    inner = add(title_en="Guide", url="https://guide.example/", language="en", access="authors")
    words = words_of(client.get(address("place", place)))
    assert [title in words for title in ("Workbook", "Film", "Guide")] == [True, True, False]
    file = client.get(address("place_material", place, mine.pk))
    assert (file["Content-Disposition"], b"".join(file.streaming_content)) == (
        'attachment; filename="w.pdf"',
        b"%PDF-1",
    )
    assert client.get(address("place_material", place, link.pk))["Location"] == "https://film.example/"
    assert client.get(address("place_material", place, inner.pk)).status_code == 404
    Enrolment.objects.update(status=Status.CANCELLED)
    assert client.get(address("place_material", place, mine.pk)).status_code == 404
    ModuleMaterial.objects.get(pk=mine.pk).file.delete(save=False)


def test_after_completing_it_the_certificate_and_the_way_back(
    client: Any, lea: Any, clock: Any, ann: Any, priya: Any
) -> None:
    from training.services.certificates import revoke

    place = lea()
    clock.move_to(EVENING)
    held(place.offering, place, by=ann)
    page = client.get(address("place", place))
    assert "You completed it." in words_of(page)
    paper = client.get(address("place_certificate", place))
    assert (paper["Content-Type"], paper.content[:4]) == ("application/pdf", b"%PDF")
    refused = client.post(address("place_act", place, "not-me"))
    assert said(client, refused) == ["A certificate was issued for this place. Please write to the network."]
    place.refresh_from_db()
    revoke(place.certificate, by=priya, reason="Another person sat there.")
    assert "The certificate was revoked: “Another person sat there.”" in words_of(client.get(address("place", place)))
    assert client.get(address("place_certificate", place)).status_code == 404


def test_a_cancelled_offering_asks_nothing_more(client: Any, lea: Any) -> None:
    place = lea(state="cancelled")
    words = words_of(client.get(address("place", place)))
    assert "These dates are cancelled. Nothing more is asked of you." in words
    assert "Give my place back" not in words
    refused = client.post(address("place_act", place, "cancel"))
    assert said(client, refused) == ["These dates are cancelled: there is nothing to give back."]


def test_the_calendar_file_of_ones_own(client: Any, lea: Any) -> None:
    place = lea({"mode": "online", "join_link": LINK})
    file = client.get(address("place_calendar", place))
    assert file["Content-Type"] == "text/calendar; charset=utf-8"
    assert (b"DTSTART;TZID=America/Winnipeg:20270414T090000" in file.content, LINK.encode() in file.content) == (
        True,
        False,
    )


def test_a_lost_link(client: Any, lea: Any, clock: Any) -> None:
    lea()
    url = address("lost_link")
    assert client.post(url, {"email": "lea@"}).status_code == 422
    same = {tuple(said(client, client.post(url, {"email": email}))) for email in ("lea@place.example", "no@x.example")}
    assert len(same) == 1
    assert to("place_confirmed") == ["lea@place.example"]
    not_me(Enrolment.objects.get())
    clock.shift(timedelta(hours=2))
    client.post(url, {"email": "lea@place.example"})
    assert to("place_confirmed") == ["lea@place.example"]


def test_last_days_are_those_of_the_place(lea: Any, clock: Any) -> None:
    place = lea({"starts_on": date(2027, 4, 14)})
    clock.move_to(datetime(2027, 4, 16, 4, 59, tzinfo=UTC))
    assert place.offering.is_over is False
