"""The page of somebody who has a place: its state in words, what one needs to come, and every way out."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation

from cmncp_portal.core.links import new_nonce
from cmncp_portal.core.places import Status
from cmncp_portal.evaluation.models import Invitation
from cmncp_portal.evaluation.tests.factories import make_survey
from cmncp_portal.notifications.models import Message
from meetings.models import Decision, Invitee, Material, Meeting, MeetingEvaluation, PollAnswer, Registration

from .factories import make_invitee, make_item, make_place, make_slot, make_speaker

pytestmark = pytest.mark.django_db

JOIN = "https://join.example/secret"
ACTS = ("needs", "correct", "cancel", "stop", "not-me", "forget")


def page(place: Registration, name: str = "place", *more: Any, language: str = "en") -> str:
    with translation.override(language):
        return reverse(f"meetings:{name}", args=[place.token, *more])


def act(place: Registration, name: str, language: str = "en") -> str:
    return page(place, "place_act", name, language=language)


def text_of(answer: Any) -> str:
    return " ".join(answer.content.decode().replace("\u00a0", " ").split())


def said(client: Any, answer: Any) -> list[str]:
    return [str(message) for message in client.get(answer["Location"]).context["messages"]]


def everything() -> list[Any]:
    return [list(model.objects.order_by("pk").values()) for model in (Registration, Meeting, Invitee, Message)]


@pytest.fixture
def ann(meeting: Any) -> Any:
    """ann("announced") is Ann, who has a place at a meeting at that stage; `of` are fields of the meeting."""

    def make(stage: str = "announced", *, of: dict[str, Any] | None = None, **fields: Any) -> Registration:
        return make_place(meeting(stage, **(of or {})), "ann@place.example", **({"name": "Ann Lee"} | fields))

    return make


class TestReading:
    def test_a_mail_scanner_changes_nothing(self, client: Any, ann: Any) -> None:
        place = ann()
        before = everything()
        for _ in range(3):
            for name in ("place", "place_calendar"):
                assert client.get(page(place, name)).status_code == 200
                assert client.head(page(place, name)).status_code == 200
            for name in ACTS:
                assert client.get(act(place, name)).status_code == 405
        assert everything() == before

    def test_it_is_kept_out_of_search_engines_caches_and_other_sites(self, client: Any, ann: Any) -> None:
        place = ann(name="Ann <b>& Co</b> 🦫")
        for name in ("place", "place_calendar"):
            answer = client.get(page(place, name))
            assert (answer["X-Robots-Tag"], answer["Referrer-Policy"]) == ("noindex, nofollow", "same-origin")
            assert "no-store" in answer["Cache-Control"]
        text = text_of(client.get(page(place)))
        assert '<meta name="robots" content="noindex">' in text
        assert "This page is for Ann &lt;b&gt;&amp; Co&lt;/b&gt; 🦫." in text

    @pytest.mark.parametrize("language", ["en", "fr"])
    @pytest.mark.parametrize("stage", ["announced", "held", "postponed", "cancelled"])
    def test_at_each_stage(self, client: Any, ann: Any, stage: str, language: str) -> None:
        for status in Status.values:
            since = timezone.now() if status == Status.WAITING else None
            place = ann(stage, status=status, waiting_since=since)
            assert client.get(page(place, language=language)).status_code == 200

    def test_an_address_that_is_forged_old_or_of_another(self, client: Any, ann: Any) -> None:
        place = ann()
        token, other = place.token, make_place(place.meeting)
        head, tail = token.split(".")
        invitee = make_invitee(place.meeting)
        for each in (
            f"{head}.{'A' * 43}",
            f"{other.pk}.{tail}",
            f"{head}.",
            "1",
            f"²{tail}",
            f"{token}A",
            invitee.token,
        ):
            assert (each, client.get(f"/en/meetings/place/{each}/").status_code) == (each, 404)
            assert client.post(f"/en/meetings/place/{each}/cancel/").status_code == 404
        Registration.objects.filter(pk=place.pk).update(nonce=new_nonce())
        for name in ("place", "place_calendar", "place_programme", "certificate"):
            assert client.get(page(place, name)).status_code == 404

    def test_it_tells_of_nobody_else(self, client: Any, ann: Any) -> None:
        place = ann()
        make_place(place.meeting, "bob@place.example", name="Bob Secret", dietary_needs="No fish")
        text = text_of(client.get(page(place)))
        assert [word in text for word in ("Bob", "bob@place", "No fish")] == [False] * 3

    def test_what_one_needs_to_come(self, client: Any, ann: Any) -> None:
        place = ann(
            of={"local_en": "Tram 6 to <City Hall>.", "local_contact": "Henry, 204 555-0142"},
            registered_by_name="Helen Friesen",
        )
        make_speaker(make_item(place.meeting, room="Room 5", language="fr", interpretation=True))
        text = text_of(client.get(page(place)))
        for words in (
            "April 14–15, 2027, 9:00 a.m. to 4:00 p.m. (Winnipeg time)",
            "City Hall, Council Building, 510 Main Street, Winnipeg",
            "Room 5 · Français, interpreted · Dr. Ann Lee",
            "Tram 6 to &lt;City Hall&gt;.",
            "Henry, 204 555-0142",
            "Registered by Helen Friesen.",
        ):
            assert words in text

    def test_in_french_the_other_language_keeps_the_page(self, client: Any, ann: Any) -> None:
        place = ann()
        text = text_of(client.get(page(place, language="fr")))
        assert "Des Prairies plus sûres" in text
        assert "du 14 au 15 avril 2027, de 9 h à 16 h" in text
        assert f'href="{page(place)}"' in text

    def test_it_costs_the_same_for_a_large_meeting(self, client: Any, ann: Any) -> None:
        for fields in ({"status": Status.WAITING, "waiting_since": timezone.now()}, {}):
            place, counts = ann(**fields), []
            for more in (1, 20):
                for _ in range(more):
                    make_speaker(make_item(place.meeting))
                    make_place(place.meeting)
                    _material(place.meeting)
                with CaptureQueriesContext(connection) as queries:
                    client.get(page(place))
                counts.append(len(queries))
            assert counts[0] == counts[1] <= 7

    def test_after_the_meeting_it_costs_no_more(self, client: Any, ann: Any) -> None:
        place = ann("held", of={"notes_published_at": timezone.now(), "notes_en": "We met."})
        make_speaker(make_item(place.meeting))
        _material(place.meeting)
        Decision.objects.create(meeting=place.meeting, text_en="Meet again.", text_fr="Se revoir.")
        with CaptureQueriesContext(connection) as queries:
            client.get(page(place))
        assert len(queries) <= 7


class TestInWords:
    def test_registered(self, client: Any, ann: Any) -> None:
        assert client.get(page(ann())).context["word"].sentence == "You are registered."

    def test_the_turn_on_the_waiting_list(self, client: Any, ann: Any) -> None:
        first = ann(status=Status.WAITING, waiting_since=datetime(2027, 1, 19, tzinfo=UTC))
        third = make_place(first.meeting, status=Status.WAITING, waiting_since=datetime(2027, 1, 21, tzinfo=UTC))
        make_place(first.meeting, status=Status.WAITING, waiting_since=datetime(2027, 1, 20, tzinfo=UTC))
        make_place(first.meeting)
        for place, turn in ((first, 1), (third, 3)):
            sentence = client.get(page(place)).context["word"].sentence
            assert sentence.startswith(f"You are number {turn} on the waiting list.")

    @pytest.mark.parametrize(("at", "is_open"), [("16:59", True), ("17:00", False), ("17:01", False)])
    def test_off_the_list_until_when(self, client: Any, clock: Any, ann: Any, at: str, is_open: bool) -> None:
        until = datetime(2027, 2, 3, 17, 0, tzinfo=UTC)
        place = ann(promoted_at=datetime(2027, 2, 1, 17, 0, tzinfo=UTC), refuse_by=until)
        clock.move_to(datetime.fromisoformat(f"2027-02-03T{at}:00+00:00"))
        sentence = client.get(page(place)).context["word"].sentence.replace("\u00a0", " ")
        free = "A place became free, and it is yours. If you cannot come, give it back until February 3, 2027, 12:00 p.m. (Winnipeg time)."
        assert sentence == (free if is_open else "You are registered.")

    @pytest.mark.parametrize(
        ("stage", "status", "sentence"),
        [
            (
                "announced",
                "requested",
                "You asked for a place. The organisers look at each registration and answer by letter.",
            ),
            ("announced", "declined", "The organisers could not give you a place."),
            ("announced", "cancelled", "This place was given back. You are no longer expected."),
            ("held", "registered", "This meeting is over. Thank you."),
            (
                "postponed",
                "registered",
                "This meeting is postponed. Your registration is kept: you hear of the new date.",
            ),
            ("cancelled", "registered", "This meeting does not take place. Nothing more is asked of you."),
        ],
    )
    def test_otherwise(self, client: Any, ann: Any, stage: str, status: str, sentence: str) -> None:
        assert client.get(page(ann(stage, status=status))).context["word"].sentence == sentence


class TestTheLink:
    @pytest.mark.parametrize(
        ("mode", "attends", "status", "is_there"),
        [
            ("virtual", "online", "registered", True),
            ("virtual", "online", "waiting", False),
            ("virtual", "online", "requested", False),
            ("virtual", "online", "cancelled", False),
            ("virtual", "online", "declined", False),
            ("hybrid", "online", "registered", True),
            ("hybrid", "in_person", "registered", False),
            ("in_person", "in_person", "registered", False),
        ],
    )
    def test_only_who_is_registered_and_follows_online(
        self, client: Any, ann: Any, mode: str, attends: str, status: str, is_there: bool
    ) -> None:
        since = timezone.now() if status == "waiting" else None
        place = ann(of={"mode": mode, "join_link": JOIN}, attends=attends, status=status, waiting_since=since)
        assert (JOIN in text_of(client.get(page(place)))) is is_there
        assert JOIN not in client.get(page(place, "place_calendar")).content.decode()

    @pytest.mark.parametrize("stage", ["cancelled", "postponed", "held"])
    def test_not_when_nobody_meets(self, client: Any, ann: Any, stage: str) -> None:
        place = ann(stage, of={"mode": "virtual", "join_link": JOIN}, attends="online")
        assert JOIN not in text_of(client.get(page(place)))

    def test_the_own_clock_for_who_follows_from_afar(self, client: Any, ann: Any) -> None:
        for attends, own in (("online", "April 14, 2027, 10:00 a.m. (Toronto time)"), ("in_person", "")):
            place = ann(of={"mode": "hybrid", "join_link": JOIN}, attends=attends, zone="America/Toronto")
            assert client.get(page(place)).context["own"].replace("\u00a0", " ") == own


class TestCalendar:
    def test_the_event(self, client: Any, ann: Any) -> None:
        place = ann()
        answer = client.get(page(place, "place_calendar"))
        assert answer["Content-Disposition"] == f'attachment; filename="{place.meeting.slug}.ics"'
        assert f"UID:meeting-{place.meeting.pk}@" in answer.content.decode()

    @pytest.mark.parametrize(
        ("stage", "status"), [("announced", "requested"), ("announced", "cancelled"), ("cancelled", "registered")]
    )
    def test_not_for_who_is_not_expected(self, client: Any, ann: Any, stage: str, status: str) -> None:
        place = ann(stage, status=status)
        assert client.get(page(place, "place_calendar")).status_code == 404
        assert page(place, "place_calendar") not in text_of(client.get(page(place)))


def _material(meeting: Meeting, **fields: Any) -> Material:
    defaults: dict[str, Any] = {"title_en": "Slides", "language": "en", "url": "https://slides.example/"}
    return Material.objects.create(meeting=meeting, **(defaults | fields))


class TestMaterials:
    @pytest.fixture(autouse=True)
    def store(self, tmp_path: Any, settings: Any) -> None:
        settings.MEDIA_ROOT = tmp_path

    def test_those_for_participants_only_for_who_is_registered(self, client: Any, ann: Any) -> None:
        place = ann()
        file = {"url": "", "file": ContentFile(b"%PDF", "plan.pdf"), "filename": "plan.pdf"}
        ours = _material(place.meeting, title_en="Plan", access="participants", **file)
        answer = client.get(page(place, "place_material", ours.pk))
        assert (b"".join(answer), answer["Content-Disposition"], answer["X-Content-Type-Options"]) == (
            b"%PDF",
            'attachment; filename="plan.pdf"',
            "nosniff",
        )
        assert f'href="{page(place, "place_material", ours.pk)}"' in text_of(client.get(page(place)))
        Registration.objects.filter(pk=place.pk).update(status=Status.WAITING, waiting_since=timezone.now())
        assert client.get(page(place, "place_material", ours.pk)).status_code == 404
        assert "Plan" not in [line.material.title for line in client.get(page(place)).context["materials"]]

    def test_a_recording_says_whether_it_has_captions(self, client: Any, ann: Any) -> None:
        place = ann("held")
        _material(place.meeting, title_en="Day 1", kind="recording", captions=["fr"], access="participants")
        text = text_of(client.get(page(place)))
        assert 'href="https://slides.example/" rel="noreferrer"' in text
        assert "Recording · English · Captions:" in text

    def test_another_meetings_and_a_lost_file(self, client: Any, ann: Any, meeting: Any) -> None:
        place = ann()
        file = {"url": "", "file": ContentFile(b"%PDF", "plan.pdf"), "filename": "plan.pdf"}
        elsewhere, lost = _material(meeting(), **file), _material(place.meeting, **file)
        lost.file.storage.delete(lost.file.name)
        for each in (elsewhere, lost, _material(place.meeting)):
            assert client.get(page(place, "place_material", each.pk)).status_code == 404


class TestAfter:
    @pytest.mark.parametrize(
        ("stage", "attendance", "status", "code"),
        [
            ("held", "present", "registered", 200),
            ("held", "remote", "registered", 200),
            ("held", "", "registered", 404),
            ("held", "absent", "registered", 404),
            ("held", "present", "cancelled", 404),
            ("announced", "present", "registered", 404),
        ],
    )
    def test_a_certificate_for_who_came(
        self, client: Any, ann: Any, monkeypatch: Any, stage: str, attendance: str, status: str, code: int
    ) -> None:
        monkeypatch.setattr("meetings.report.certificate_pdf", lambda p, language: f"{p} {language}".encode())
        place = ann(stage, attendance=attendance, status=status)
        answer = client.get(page(place, "certificate", language="fr"))
        assert answer.status_code == code
        assert (page(place, "certificate") in text_of(client.get(page(place)))) is (code == 200)
        if code == 200:
            assert (answer.content, answer["Content-Type"]) == (b"Ann Lee fr", "application/pdf")

    def test_the_programme_on_paper_without_an_account(self, client: Any, ann: Any, monkeypatch: Any) -> None:
        monkeypatch.setattr("meetings.report.programme_pdf", lambda m, language: f"{m.slug} {language}".encode())
        place = ann(of={"audience": "invited"})
        make_item(place.meeting)
        assert page(place, "place_programme") in text_of(client.get(page(place)))
        answer = client.get(page(place, "place_programme"))
        assert (answer.content, answer["X-Robots-Tag"]) == (f"{place.meeting.slug} en".encode(), "noindex, nofollow")

    def test_what_was_decided_once_it_is_published(self, client: Any, ann: Any) -> None:
        place = ann("held", of={"notes_en": "We **met**.", "notes_fr": "Rencontre."})
        Decision.objects.create(meeting=place.meeting, text_en="Meet <again>.", text_fr="Se revoir.")
        assert "Meet &lt;again&gt;." not in text_of(client.get(page(place)))
        Meeting.objects.update(notes_published_at=timezone.now())
        text = text_of(client.get(page(place)))
        assert ("Meet &lt;again&gt;." in text, "We <strong>met</strong>." in text) == (True, True)
        assert "Se revoir." in text_of(client.get(page(place, language="fr")))

    def test_the_evaluation_is_one_button_away(self, client: Any, ann: Any) -> None:
        place = ann("held")
        survey = make_survey()
        MeetingEvaluation.objects.create(meeting=place.meeting, survey=survey)
        assert client.get(page(place)).context["survey"] is None
        Invitation.objects.create(survey=survey, email="bob@place.example", name="Bob")
        assert client.get(page(place)).context["survey"] is None
        mine = Invitation.objects.create(survey=survey, email="Ann@place.example", name="Ann Lee")
        answer = client.get(page(place))
        assert f'href="{mine.get_absolute_url()}"' in text_of(answer)
        assert answer.context["word"].sentence == "The meeting took place. What was it worth to you?"


class TestNeeds:
    def test_they_are_kept(self, client: Any, ann: Any) -> None:
        place = ann()
        sent = {"dietary_needs": "No <nuts>", "access_needs": "Step-free"}
        answer = client.post(act(place, "needs"), sent)
        assert said(client, answer) == ["Saved. Only the organisers read it."]
        assert 'value="No &lt;nuts&gt;"' in text_of(client.get(page(place)))
        assert Registration.objects.values("dietary_needs", "access_needs").get() == sent

    def test_who_follows_online_is_not_asked_about_food(self, client: Any, ann: Any) -> None:
        place = ann(of={"mode": "hybrid"}, attends="online", dietary_needs="No nuts")
        assert list(client.get(page(place)).context["needs_form"].fields) == ["access_needs"]
        client.post(act(place, "needs"), {"access_needs": "Large print"})
        kept = Registration.objects.values("dietary_needs", "access_needs").get()
        assert kept == {"dietary_needs": "No nuts", "access_needs": "Large print"}

    def test_too_long_comes_back(self, client: Any, ann: Any) -> None:
        place = ann()
        sent = {"dietary_needs": "x" * 301, "access_needs": "Step-free"}
        answer = client.post(act(place, "needs", "fr"), sent)
        assert answer.status_code == 422
        assert {name: answer.context["needs_form"][name].value() for name in sent} == sent
        assert Registration.objects.get().access_needs == ""

    def test_a_cancelled_meeting_no_longer_asks(self, client: Any, ann: Any) -> None:
        place = ann("cancelled")
        answer = client.post(act(place, "needs"), {"dietary_needs": "No nuts"})
        assert said(client, answer) == ["This meeting no longer asks for needs."]


class TestCorrecting:
    def test_name_title_language_and_seat(self, client: Any, ann: Any) -> None:
        place = ann(of={"mode": "hybrid", "join_link": JOIN})
        sent = {"name": "Anne Lée", "title": "Chief", "language": "fr", "attends": "online", "version": place.version}
        answer = client.post(act(place, "correct"), sent)
        assert said(client, answer) == ["Saved."]
        place.refresh_from_db()
        assert (place.name, place.title, place.language, place.attends) == ("Anne Lée", "Chief", "fr", "online")

    def test_the_seat_is_asked_only_when_there_is_a_choice(self, client: Any, ann: Any) -> None:
        assert "attends" not in client.get(page(ann())).context["correct_form"].fields

    @pytest.mark.parametrize(
        ("language", "says"), [("en", "The meeting is over."), ("fr", "La rencontre est terminée.")]
    )
    def test_the_seat_is_settled_when_the_meeting_is_over(
        self, client: Any, ann: Any, clock: Any, language: str, says: str
    ) -> None:
        place = ann(of={"mode": "hybrid", "join_link": JOIN})
        assert "attends" in client.get(page(place)).context["correct_form"].fields
        clock.move_to(place.meeting.finishes)
        assert "attends" not in client.get(page(place)).context["correct_form"].fields
        sent = {"name": "Ann Lee", "title": "Mayor", "language": "en", "version": place.version}
        late = client.post(act(place, "correct", language), sent | {"attends": "online"})  # from a page opened before
        assert said(client, late) == [says]
        answer = client.post(act(place, "correct"), sent)
        assert said(client, answer)[-1] == "Saved."
        place.refresh_from_db()
        assert (place.title, place.attends) == ("Mayor", "in_person")

    def test_wrong_input_keeps_all(self, client: Any, ann: Any) -> None:
        place = ann()
        sent = {"name": "", "title": "Chief & <co>", "language": "en", "version": str(place.version)}
        answer = client.post(act(place, "correct"), sent)
        assert answer.status_code == 422
        assert {name: answer.context["correct_form"][name].value() for name in sent} == sent
        assert "This page is for Ann Lee." in text_of(answer)

    def test_somebody_else_saved_first(self, client: Any, ann: Any) -> None:
        place = ann()
        Registration.objects.filter(pk=place.pk).update(name="Ann B. Lee", version=place.version + 1)
        sent = {"name": "Anne", "title": "", "language": "en", "version": place.version}
        answer = client.post(act(place, "correct"), sent)
        assert answer.status_code == 409
        assert ("Anne" in text_of(answer), "Ann B. Lee" in text_of(answer)) == (True, True)
        assert answer["X-Robots-Tag"] == "noindex, nofollow"

    def test_no_seat_is_left_in_the_room(self, client: Any, ann: Any) -> None:
        place = ann(of={"mode": "hybrid", "join_link": JOIN, "capacity": 1}, attends="online")
        make_place(place.meeting)
        sent = {"name": "Ann Lee", "title": "", "language": "en", "attends": "in_person", "version": place.version}
        answer = client.post(act(place, "correct"), sent)
        assert said(client, answer) == ["No place in the room is left. You keep your place online."]


class TestGivingBack:
    def test_whoever_waits_longest_follows(self, client: Any, ann: Any) -> None:
        place = ann(of={"capacity": 1})
        bob = make_place(place.meeting, "bob@place.example", status=Status.WAITING)
        answer = client.post(act(place, "cancel"), {"word": "A <cold>"})
        assert said(client, answer) == ["Thank you for telling us. You are no longer expected."]
        for each in (place, bob):
            each.refresh_from_db()
        assert (place.status, place.answer_note, bob.status) == (Status.CANCELLED, "A <cold>", Status.REGISTERED)
        text = text_of(client.get(page(place)))
        assert "This place was given back. You are no longer expected." in text
        assert [act(place, name) in text for name in ("cancel", "needs", "correct")] == [False] * 3

    def test_a_second_click(self, client: Any, ann: Any) -> None:
        place = ann()
        client.get(client.post(act(place, "cancel"))["Location"])
        letters = Message.objects.count()
        assert said(client, client.post(act(place, "cancel"))) == ["This place was given back already."]
        assert Message.objects.count() == letters

    def test_too_long_a_word_comes_back(self, client: Any, ann: Any) -> None:
        place = ann()
        answer = client.post(act(place, "cancel"), {"word": "x" * 501})
        assert (answer.status_code, answer.context["cancel_form"]["word"].value()) == (422, "x" * 501)
        assert Registration.objects.get().status == Status.REGISTERED

    @pytest.mark.parametrize(
        ("stage", "sentence"),
        [
            ("cancelled", "This meeting does not take place: there is nothing to give back."),
            ("held", "The meeting is over."),
        ],
    )
    def test_a_stale_button(self, client: Any, ann: Any, stage: str, sentence: str) -> None:
        place = ann()
        Meeting.objects.update(state=stage, held_at=timezone.now())
        assert said(client, client.post(act(place, "cancel"))) == [sentence]
        assert (Registration.objects.get().status, Message.objects.count()) == (Status.REGISTERED, 0)


class TestLeaving:
    def test_no_further_letters(self, client: Any, ann: Any) -> None:
        place = ann()
        for _ in range(2):
            assert said(client, client.post(act(place, "stop"))) == [
                "You get no further letters, except when a meeting to which you come changes or ends."
            ]
        assert Registration.objects.get().wants_no_more is True

    def test_not_me(self, client: Any, ann: Any, helen: Any) -> None:
        place = ann(registered_by=helen, registered_by_name="Helen Friesen", dietary_needs="No nuts")
        link = page(place)
        answer = client.post(act(place, "not-me"))
        assert "This link no longer opens anything." in text_of(answer)
        assert client.get(link).status_code == 404
        place.refresh_from_db()
        assert (place.name, place.status, place.dietary_needs) == ("Name removed", Status.CANCELLED, "")
        assert [m.to_email for m in Message.objects.all()] == ["helen@winnipeg.example"]

    def test_forgotten_before_the_meeting(self, client: Any, ann: Any) -> None:
        place = ann(of={"capacity": 1}, title="Chief", dietary_needs="No nuts")
        bob = make_place(place.meeting, "bob@place.example", status=Status.WAITING)
        link = page(place)
        answer = client.post(act(place, "forget"))
        assert "Your name, address and needs are removed for good. This link no longer opens anything." in text_of(
            answer
        )
        assert client.get(link).status_code == 404
        for each in (place, bob):
            each.refresh_from_db()
        assert (place.name, place.title, place.email, place.dietary_needs, place.status) == (
            "Name removed", "", f"removed-{place.pk}@removed.invalid", "", Status.CANCELLED,
        )  # fmt: skip
        assert bob.status == Status.REGISTERED

    def test_forgotten_after_it_the_numbers_stay(self, client: Any, ann: Any, thunder_bay: Any) -> None:
        place = ann("held", attendance="present", municipality=thunder_bay)
        survey = make_survey()
        MeetingEvaluation.objects.create(meeting=place.meeting, survey=survey)
        Invitation.objects.create(survey=survey, email="ann@place.example", name="Ann Lee")
        asked = make_invitee(place.meeting, "ann@place.example", name="Ann Lee", municipality=thunder_bay)
        PollAnswer.objects.create(slot=make_slot(place.meeting, date(2027, 4, 14)), invitee=asked, value="yes")
        client.post(act(place, "forget"))
        place.refresh_from_db()
        assert (place.attendance, place.municipality, place.status) == ("present", thunder_bay, Status.REGISTERED)
        assert Invitee.objects.get().answers.count() == 1
        for rows in (Registration, Invitee, Invitation, Registration.pgh_event_model):  # type: ignore[attr-defined]
            found = [str(row) for row in rows.objects.values_list("name", "email")]
            assert (len(found) > 0, [row for row in found if "Ann" in row or "ann@" in row]) == (True, [])

    def test_an_act_that_is_none(self, client: Any, ann: Any) -> None:
        assert client.post(act(ann(), "nonsense")).status_code == 404

    def test_a_page_of_another_site_cannot_act(self, ann: Any) -> None:
        place, strict = ann(), Client(enforce_csrf_checks=True)
        for name in ACTS:
            assert strict.post(act(place, name)).status_code == 403
        strict.get(page(place))
        token = strict.cookies["csrftoken"].value
        assert strict.post(act(place, "cancel"), {"csrfmiddlewaretoken": token}).status_code == 302


@pytest.mark.parametrize(
    ("audience", "status", "label"),
    [
        ("public", "registered", "Register a colleague"),
        ("public", "cancelled", "Register again"),
        ("associates", "registered", ""),
    ],
)
def test_a_colleague_is_registered_where_everybody_may(
    client: Any, ann: Any, audience: str, status: str, label: str
) -> None:
    place = ann(of={"audience": audience}, status=status)
    text = text_of(client.get(page(place)))
    register = reverse("meetings:register", args=[place.meeting.slug])
    assert (f'<a href="{register}">{label}</a>' in text, register in text) == (bool(label), bool(label))
