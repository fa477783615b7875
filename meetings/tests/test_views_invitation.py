"""The personal page of somebody who is asked or invited: reading changes nothing, the address is the key."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation

from cmncp_portal.core.links import new_nonce
from cmncp_portal.core.places import Status
from cmncp_portal.notifications.models import Message
from meetings.models import Invitee, Meeting, PollAnswer, Registration

from .factories import make_invitee, make_item, make_place, make_slot

pytestmark = pytest.mark.django_db


def page(invitee: Invitee, act: str = "", language: str = "en") -> str:
    with translation.override(language):
        name = "meetings:invitation_act" if act else "meetings:invitation"
        return reverse(name, args=[invitee.token, act] if act else [invitee.token])


def text_of(answer: Any) -> str:
    return " ".join(answer.content.decode().replace("\u00a0", " ").split())


def said(client: Any, answer: Any) -> list[str]:
    return [str(message) for message in client.get(answer["Location"]).context["messages"]]


def everything() -> list[Any]:
    models = (Invitee, Registration, Meeting, PollAnswer, Message)
    return [list(model.objects.order_by("pk").values()) for model in models]


def rows(*people: dict[str, str], **own: str) -> dict[str, str]:
    """What the page sends: oneself, and colleagues in the first rows."""
    data = {"name": "Ann Lee", "colleague-TOTAL_FORMS": "5", "colleague-INITIAL_FORMS": "0"} | own
    for number, person in enumerate(people):
        data |= {f"colleague-{number}-{name}": value for name, value in person.items()}
    return data


@pytest.fixture
def asked(meeting: Any) -> Any:
    """asked() is Ann, who is asked about three dates until March 1."""

    def make(**fields: Any) -> Invitee:
        polled = meeting("polling", poll_closes_on=date(2027, 3, 1))
        for day in (13, 14, 15):
            make_slot(polled, date(2027, 4, day))
        return make_invitee(polled, "ann@place.example", name="Ann Lee", is_asked_for_dates=True, **fields)

    return make


@pytest.fixture
def invited(meeting: Any) -> Any:
    """invited("announced") is Ann, invited to a meeting at that stage."""

    def make(stage: str = "announced", *, own: dict[str, Any] | None = None, **fields: Any) -> Invitee:
        held = meeting(stage, **fields)
        person = {"name": "Ann <b>& Co</b> 🦫", "invited_at": datetime(2027, 1, 20, tzinfo=UTC)} | (own or {})
        return make_invitee(held, "ann@place.example", **person)

    return make


class TestReading:
    def test_a_mail_scanner_changes_nothing(self, client: Any, invited: Any, asked: Any) -> None:
        for invitee in (invited(), asked()):
            before = everything()
            for _ in range(3):
                assert client.get(page(invitee)).status_code == 200
                assert client.head(page(invitee)).status_code == 200
                for act in ("dates", "register", "decline", "not-me", "stop"):
                    assert client.get(page(invitee, act)).status_code == 405
            assert everything() == before

    def test_it_is_kept_out_of_search_engines_caches_and_other_sites(self, client: Any, invited: Any) -> None:
        answer = client.get(page(invited()))
        assert (answer["X-Robots-Tag"], answer["Referrer-Policy"]) == ("noindex, nofollow", "same-origin")
        assert "no-store" in answer["Cache-Control"]
        assert '<meta name="robots" content="noindex">' in text_of(answer)
        assert "This page is for Ann &lt;b&gt;&amp; Co&lt;/b&gt; 🦫." in text_of(answer)

    @pytest.mark.parametrize("language", ["en", "fr"])
    @pytest.mark.parametrize("stage", ["idea", "polling", "scheduled", "announced", "held", "postponed", "cancelled"])
    def test_at_each_stage(self, client: Any, invited: Any, stage: str, language: str) -> None:
        for own in ({}, {"is_asked_for_dates": True}, {"declined_at": datetime(2027, 1, 25, tzinfo=UTC)}):
            assert client.get(page(invited(stage, own=own), language=language)).status_code == 200

    def test_an_address_that_is_forged_old_or_of_another(self, client: Any, invited: Any) -> None:
        invitee = invited()
        token, other = invitee.token, make_invitee(invitee.meeting)
        head, tail = token.split(".")
        place = make_place(invitee.meeting)
        for each in (f"{head}.{'A' * 43}", f"{other.pk}.{tail}", f"{head}.", "1", f"²{tail}", f"{token}A", place.token):
            assert (each, client.get(f"/en/meetings/invitation/{each}/").status_code) == (each, 404)
            assert client.post(f"/en/meetings/invitation/{each}/decline/").status_code == 404
        Invitee.objects.filter(pk=invitee.pk).update(nonce=new_nonce())
        assert client.get(page(invitee)).status_code == 404

    def test_what_where_and_when(self, client: Any, invited: Any) -> None:
        invitee = invited()
        make_item(invitee.meeting)
        text = text_of(client.get(page(invitee)))
        for words in (
            "The network invites you; Winnipeg hosts the meeting.",
            "April 14–15, 2027, 9:00 a.m. to 4:00 p.m. (Winnipeg time)",
            "City Hall, Council Building, 510 Main Street, Winnipeg",
            "English and French, with simultaneous interpretation",
            "What works with young people.",
            "Wednesday, April 14, 2027",
            "Welcome",
        ):
            assert words in text

    def test_in_french_the_other_language_keeps_the_page(self, client: Any, invited: Any) -> None:
        invitee = invited()
        text = text_of(client.get(page(invitee, language="fr")))
        assert "Des Prairies plus sûres" in text
        assert "du 14 au 15 avril 2027, de 9 h à 16 h" in text
        assert f'href="{page(invitee)}"' in text

    @pytest.mark.parametrize(
        ("mode", "zone", "own"),
        [
            ("virtual", "America/Toronto", "April 14, 2027, 10:00 a.m. (Toronto time)"),
            ("hybrid", "America/Toronto", "April 14, 2027, 10:00 a.m. (Toronto time)"),
            ("virtual", "America/Chicago", ""),  # another name, the same time
            ("in_person", "America/Toronto", ""),
        ],
    )
    def test_the_own_clock_where_it_differs(self, client: Any, invited: Any, mode: str, zone: str, own: str) -> None:
        answer = client.get(page(invited(mode=mode, own={"zone": zone})))
        assert answer.context["own"].replace("\u00a0", " ") == own

    def test_the_link_to_take_part_is_never_here(self, client: Any, invited: Any) -> None:
        invitee = invited(mode="virtual", join_link="https://join.example/secret")
        assert "join.example" not in text_of(client.get(page(invitee)))

    def test_it_costs_the_same_for_a_large_meeting(self, client: Any, invited: Any) -> None:
        invitee = invited(capacity=100)
        counts = []
        for more in (1, 20):
            for _ in range(more):
                make_item(invitee.meeting)
                make_place(invitee.meeting)
                make_invitee(invitee.meeting)
            with CaptureQueriesContext(connection) as queries:
                client.get(page(invitee))
            counts.append(len(queries))
        assert counts[0] == counts[1] <= 7


class TestDates:
    def test_answering_and_changing_ones_mind(self, client: Any, asked: Any) -> None:
        ann = asked()
        first, second, third = ann.meeting.slots.values_list("pk", flat=True)
        text = text_of(client.get(page(ann)))
        assert ("Please answer until March 1, 2027." in text, "All times: Winnipeg time." in text) == (True, True)
        sent = {f"slot_{first}": "yes", f"slot_{second}": "no", "note": "After <lunch>"}
        answer = client.post(page(ann, "dates"), sent)
        assert said(client, answer) == ["Thank you: your answers are noted."]
        client.post(page(ann, "dates"), {f"slot_{first}": "if_need_be", f"slot_{third}": "yes", "note": ""})
        assert dict(ann.answers.values_list("slot_id", "value")) == {first: "if_need_be", second: "no", third: "yes"}
        text = text_of(client.get(page(ann)))
        assert "Thank you, your answers are noted. You can change them until March 1, 2027." in text

    def test_what_others_answer_is_not_shown(self, client: Any, asked: Any) -> None:
        ann = asked()
        bob = make_invitee(ann.meeting, name="Bob Secret", is_asked_for_dates=True, dates_note="Never on a Friday")
        PollAnswer.objects.create(slot=ann.meeting.slots.first(), invitee=bob, value="no")
        answer = client.get(page(ann))
        assert [field.initial for field in answer.context["dates_form"].fields.values()] == ["", "", "", ""]
        assert "Bob" not in text_of(answer)
        assert "Friday" not in text_of(answer)

    def test_wrong_input_keeps_all(self, client: Any, asked: Any) -> None:
        ann = asked()
        first = ann.meeting.slots.first()
        answer = client.post(page(ann, "dates"), {f"slot_{first.pk}": "yes", "note": "x" * 501})
        form = answer.context["dates_form"]
        assert (answer.status_code, form[f"slot_{first.pk}"].value(), form["note"].value()) == (422, "yes", "x" * 501)
        assert PollAnswer.objects.count() == 0

    @pytest.mark.parametrize(("at", "is_open"), [("2027-03-02 04:59", True), ("2027-03-02 05:01", False)])
    def test_until_the_last_day_at_the_meeting_is_over(
        self, client: Any, clock: Any, asked: Any, at: str, is_open: bool
    ) -> None:
        ann = asked()
        first = ann.meeting.slots.first()
        clock.move_to(datetime.fromisoformat(f"{at}:00+00:00"))
        answer = client.get(page(ann))
        assert answer.context["dates_open"] is is_open
        assert ("The time to answer is over." in text_of(answer)) is not is_open
        client.post(page(ann, "dates"), {f"slot_{first.pk}": "yes"})
        assert PollAnswer.objects.count() == int(is_open)

    def test_a_date_fixed_meanwhile_is_said_kindly(self, client: Any, asked: Any) -> None:
        ann = asked()
        first = ann.meeting.slots.first()
        Meeting.objects.update(
            state="scheduled", starts_on=date(2027, 4, 14), ends_on=date(2027, 4, 15), begins_at="09:00"
        )
        answer = client.post(page(ann, "dates"), {f"slot_{first.pk}": "yes"})
        assert said(client, answer) == ["The date is fixed: April 14–15, 2027."]
        text = text_of(client.get(page(ann)))
        assert "The date is fixed. You are invited as soon as the agenda stands." in text

    def test_who_is_not_asked_sees_no_dates(self, client: Any, asked: Any) -> None:
        bob = make_invitee(asked().meeting)
        answer = client.get(page(bob))
        assert (answer.context["dates_form"], "When could you come?" in text_of(answer)) == (None, False)

    def test_ten_dates_cost_the_same(self, client: Any, asked: Any) -> None:
        ann = asked()
        counts = []
        for days in ((), range(16, 23)):
            for day in days:
                make_slot(ann.meeting, date(2027, 4, day))
            with CaptureQueriesContext(connection) as queries:
                client.get(page(ann))
            counts.append(len(queries))
        assert counts[0] == counts[1] <= 7


class TestComing:
    def test_oneself_with_what_is_known(self, client: Any, invited: Any, thunder_bay: Any) -> None:
        ann = invited(own={"name": "Ann Lee", "municipality": thunder_bay, "language": "fr"})
        answer = client.get(page(ann))
        assert answer.context["coming_form"]["name"].value() == "Ann Lee"
        sent = rows(title="Chief & <planner>", dietary_needs="No nuts", access_needs="Step-free")
        answer = client.post(page(ann, "register"), sent)
        assert (answer["Location"], said(client, answer)) == (page(ann), ["Thank you. A letter follows."])
        place = Registration.objects.get()
        assert (place.name, place.email, place.title, place.language, place.municipality, place.status) == (
            "Ann Lee", "ann@place.example", "Chief & <planner>", "fr", thunder_bay, Status.REGISTERED,
        )  # fmt: skip
        assert (place.dietary_needs, place.access_needs) == ("No nuts", "Step-free")
        after = client.get(page(ann))
        assert f'href="{reverse("meetings:place", args=[place.token])}"' in text_of(after)
        assert (after.context["may_register"], "You are registered." in text_of(after)) == (False, True)

    def test_with_colleagues(self, client: Any, invited: Any, thunder_bay: Any) -> None:
        ann = invited(own={"municipality": thunder_bay}, mode="hybrid", join_link="https://join.example/")
        bob = {"name": "Bob", "email": "Bob@Place.example", "language": "fr", "attends": "online"}
        empty = {"name": "", "email": "", "language": "", "attends": "in_person"}
        client.post(page(ann, "register"), rows(bob, empty, attends="in_person"))
        found = list(Registration.objects.order_by("pk").values_list("email", "language", "attends", "municipality"))
        assert found == [
            ("ann@place.example", "en", "in_person", thunder_bay.pk),
            ("bob@place.example", "fr", "online", thunder_bay.pk),
        ]
        assert sorted(Message.objects.values_list("to_email", flat=True)) == ["ann@place.example", "bob@place.example"]

    @pytest.mark.parametrize(
        ("own", "person"),
        [
            ({"name": ""}, {}),
            ({"title": "x" * 201}, {}),
            ({}, {"name": "Bob", "email": "no address"}),
            ({}, {"name": "", "email": "bob@place.example"}),
            ({}, {"name": "Bob", "email": "ANN@place.example"}),
        ],
    )
    def test_wrong_input_keeps_all(
        self, client: Any, invited: Any, own: dict[str, str], person: dict[str, str]
    ) -> None:
        ann = invited()
        sent = {"title": "Chief", "dietary_needs": "No nuts"} | own
        answer = client.post(page(ann, "register", "fr"), rows(person, **sent))
        form, row = answer.context["coming_form"], answer.context["colleagues"].forms[0]
        assert (answer.status_code, Registration.objects.count()) == (422, 0)
        assert {name: form[name].value() for name in sent} == sent
        assert {name: row[name].value() for name in person} == person

    def test_a_colleague_who_has_a_place_is_named(self, client: Any, invited: Any) -> None:
        ann = invited()
        make_place(ann.meeting, "bob@place.example")
        answer = client.post(page(ann, "register"), rows({"name": "Bob", "email": "Bob@place.example"}))
        assert answer.status_code == 422
        assert answer.context["colleagues"].forms[0].errors == {
            "email": ["This address has a place at this meeting already."]
        }
        assert answer.context["colleagues_open"] is True

    def test_a_second_click_and_a_full_room(self, client: Any, invited: Any) -> None:
        ann = invited(capacity=1)
        make_place(ann.meeting)
        assert "All places are taken at present." in text_of(client.get(page(ann)))
        client.get(client.post(page(ann, "register"), rows())["Location"])
        again = client.post(page(ann, "register"), rows())
        assert said(client, again) == ["Everybody you named is registered already."]
        assert "You are on the waiting list." in text_of(client.get(page(ann)))

    @pytest.mark.parametrize(
        ("mode", "asks"),
        [
            ("in_person", ["name", "title", "dietary_needs", "access_needs"]),
            ("hybrid", ["name", "title", "attends", "dietary_needs", "access_needs"]),
            ("virtual", ["name", "title", "access_needs"]),
        ],
    )
    def test_it_asks_what_matters(self, client: Any, invited: Any, mode: str, asks: list[str]) -> None:
        assert list(client.get(page(invited(mode=mode))).context["coming_form"].fields) == asks

    def test_a_no_and_then_a_yes(self, client: Any, invited: Any) -> None:
        ann = invited()
        answer = client.post(page(ann, "decline"), {"word": "On <leave>"})
        assert said(client, answer) == ["Thank you for telling us. The organisers know."]
        ann.refresh_from_db()
        assert (ann.declined_at is not None, ann.decline_note) == (True, "On <leave>")
        assert "You told us that you cannot come. Should that change, register here." in text_of(client.get(page(ann)))
        client.post(page(ann, "register"), rows())
        ann.refresh_from_db()
        assert (ann.declined_at, Registration.objects.get().status) == (None, Status.REGISTERED)

    def test_a_no_that_is_too_long_comes_back(self, client: Any, invited: Any) -> None:
        ann = invited()
        answer = client.post(page(ann, "decline"), {"word": "x" * 501})
        assert (answer.status_code, answer.context["word_form"]["word"].value()) == (422, "x" * 501)
        ann.refresh_from_db()
        assert ann.declined_at is None

    @pytest.mark.parametrize(
        ("fields", "sentence"),
        [
            ({"registration_opens_on": date(2027, 2, 2)}, "Registration opens on February 2, 2027."),
            ({"registration_opens_on": date(2027, 2, 1)}, "Please say whether you come."),
            ({"registration_closes_on": date(2027, 2, 1)}, "Please say whether you come."),
            ({"registration_closes_on": date(2027, 1, 31)}, "Registration is closed."),
        ],
    )
    def test_before_on_and_after_the_days_of_registration(
        self, client: Any, invited: Any, fields: dict[str, Any], sentence: str
    ) -> None:
        answer = client.get(page(invited(**fields)))
        assert answer.context["sentence"] == sentence
        assert answer.context["may_register"] is sentence.startswith("Please")


@pytest.mark.parametrize(
    ("stage", "sentence"),
    [
        (
            "cancelled",
            "This meeting does not take place, and nothing more is asked of you. Your answers are kept with it.",
        ),
        ("postponed", "This meeting is postponed. A new date will be set, and you hear of it. Registrations are kept."),
        ("held", "This meeting is over. Thank you for your interest."),
    ],
)
def test_a_stale_button(client: Any, invited: Any, stage: str, sentence: str) -> None:
    ann = invited()
    assert client.get(page(ann)).context["may_register"] is True
    Meeting.objects.update(state=stage, held_at=datetime(2027, 4, 16, tzinfo=UTC))
    answer = client.post(page(ann, "register"), rows())
    state = ann.meeting.__class__.objects.get().get_state_display()
    assert said(client, answer) == [f"One can no longer register: the meeting is “{state}”."]
    text = text_of(client.get(page(ann)))
    assert sentence in text
    assert [page(ann, act) in text for act in ("register", "decline", "dates")] == [False] * 3
    assert Registration.objects.count() == 0


def test_not_me(client: Any, invited: Any) -> None:
    ann = invited()
    link = page(ann)
    answer = client.post(page(ann, "not-me"))
    assert "This link no longer opens anything." in text_of(answer)
    assert client.get(link).status_code == 404
    assert Invitee.objects.filter(email="ann@place.example").count() == 0


def test_no_further_letters(client: Any, invited: Any) -> None:
    ann = invited()
    for _ in range(2):
        answer = client.post(page(ann, "stop"))
        assert said(client, answer) == ["You get no further letters about this meeting, unless you register."]
    ann.refresh_from_db()
    assert ann.wants_no_more is True
    assert page(ann, "stop") not in text_of(client.get(page(ann)))


def test_an_act_that_is_none(client: Any, invited: Any) -> None:
    assert client.post(page(invited(), "nonsense")).status_code == 404


def test_a_page_of_another_site_cannot_answer(invited: Any) -> None:
    ann, strict = invited(), Client(enforce_csrf_checks=True)
    for act in ("register", "decline", "not-me", "stop"):
        assert strict.post(page(ann, act)).status_code == 403
    strict.get(page(ann))
    token = strict.cookies["csrftoken"].value
    assert strict.post(page(ann, "decline"), {"csrfmiddlewaretoken": token}).status_code == 302


class TestLostLink:
    def test_the_answer_is_the_same(self, client: Any, invited: Any) -> None:
        invited()
        link = reverse("meetings:lost_link")
        for email, letters in (("nobody@place.example", 0), ("Ann@Place.example", 1)):
            answer = client.post(link, {"email": email})
            assert (answer["Location"], Message.objects.count()) == (link, letters)
            assert said(client, answer) == [
                "If this address was invited or registered, the personal link is on its way again. Look into your mailbox in a few minutes."
            ]

    def test_what_is_no_address_comes_back(self, client: Any) -> None:
        answer = client.post(reverse("meetings:lost_link"), {"email": "ann at place"})
        assert (answer.status_code, answer.context["form"]["email"].value()) == (422, "ann at place")

    def test_it_is_kept_out_of_search_engines(self, client: Any) -> None:
        assert client.get(reverse("meetings:lost_link"))["X-Robots-Tag"] == "noindex, nofollow"


@pytest.mark.parametrize(("stage", "is_shown"), [("polling", False), ("scheduled", False), ("announced", True)])
def test_the_agenda_is_not_read_before_the_announcement(client: Any, meeting: Any, stage: str, is_shown: bool) -> None:
    there = meeting(stage)
    make_item(there, title_en="Who pays for prevention")
    answer = client.get(page(make_invitee(there, is_asked_for_dates=True)))
    assert ("Who pays for prevention" in text_of(answer)) is is_shown
