"""The date poll from the pages: dates, people, the question, who can when, the date."""

from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation

from cmncp_portal.network.tests.factories import make_municipality
from meetings import services
from meetings.forms.polling import PollAnswerForm
from meetings.models import Invitee, Meeting, PollAnswer

from .factories import make_invitee, make_slot
from .mailbag import to
from .screens import as_sent, said, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
DAYS = [date(2027, 4, 14), date(2027, 4, 15), date(2027, 4, 20)]


def address(name: str, meeting: Meeting, language: str = "en") -> str:
    with translation.override(language):
        return reverse(f"meetings:{name}", args=[meeting.slug])


@pytest.fixture
def coordinator(client: Client, priya: Any) -> Client:
    client.force_login(priya)
    return client


def begun(meeting: Any, stage: str = "polling", **fields: Any) -> Meeting:
    there: Meeting = meeting(stage, **({"poll_closes_on": date(2027, 2, 19)} | fields))
    for day in DAYS:
        make_slot(there, day)
    return there


def row(number: int, day: str, begins: str = "09:00", ends: str = "16:00", last: str = "") -> dict[str, str]:
    names = ("day", "begins_at", "finishes_at", "last_day")
    return {f"slots-{number}-{name}": value for name, value in zip(names, (day, begins, ends, last), strict=True)}


class TestSlots:
    def test_ten_rows_of_which_some_are_used(self, coordinator: Client, meeting: Any) -> None:
        there = meeting("idea")
        page = coordinator.get(address("slots", there))
        assert len(page.context["rows"].forms) == 10
        typed = row(0, "2027-04-14") | row(3, "2027-04-20", last="2027-04-21") | {"closes_on": "2027-03-01"}
        done = coordinator.post(address("slots", there), as_sent(page, **typed))
        assert said(coordinator, done) == ["The dates are saved."]
        assert list(there.slots.values_list("day", "last_day")) == [
            (date(2027, 4, 14), date(2027, 4, 14)),
            (date(2027, 4, 20), date(2027, 4, 21)),
        ]
        assert Meeting.objects.get().poll_closes_on == date(2027, 3, 1)

    def test_a_row_is_changed_and_another_emptied(self, coordinator: Client, meeting: Any) -> None:
        there = begun(meeting, "idea")
        page = coordinator.get(address("slots", there))
        coordinator.post(address("slots", there), as_sent(page, **row(0, "", "", ""), **row(1, "2027-04-16")))
        assert list(there.slots.values_list("day", flat=True)) == [date(2027, 4, 16), DAYS[2]]

    @pytest.mark.parametrize(
        ("typed", "number", "errors"),
        [
            (row(4, "2027-05-04", ends=""), 4, {"finishes_at": ["This is missing."]}),
            (row(4, "2027-05-04", ends="09:00"), 4, {"finishes_at": ["It ends before it begins."]}),
            (row(4, "2027-05-04", last="2027-05-03"), 4, {"last_day": ["The last day comes before the first one."]}),
            (row(4, "2027-05-04", last="2027-05-18"), 4, {"last_day": ["A meeting lasts at most 14 days."]}),
            (row(4, "2027-02-01"), 4, {"day": ["This day has passed: propose one that lies ahead."]}),
            (row(4, "2027-04-14"), 4, {"day": ["The same day and time is proposed twice."]}),
            (row(9, "soon"), 9, {"day": ["Enter a valid date."]}),
        ],
    )
    def test_what_is_wrong_in_a_row_is_said_there(
        self, coordinator: Client, meeting: Any, typed: dict[str, str], number: int, errors: dict[str, list[str]]
    ) -> None:
        there = begun(meeting, "idea")
        sent = as_sent(coordinator.get(address("slots", there)), **typed, **row(7, "2027-06-01"))
        page = coordinator.post(address("slots", there), sent)
        assert page.status_code == 422
        rows = page.context["rows"]
        assert {n: form.errors for n, form in enumerate(rows.forms) if form.errors} == {number: errors}
        assert {name: rows.forms[int(name.split("-")[1])][name.split("-")[2]].value() for name in typed} == typed
        assert rows.forms[7]["day"].value() == "2027-06-01"
        assert there.slots.count() == 3

    def test_tomorrow_is_not_too_early(self, coordinator: Client, meeting: Any) -> None:
        there = meeting("idea")
        page = coordinator.get(address("slots", there))
        coordinator.post(address("slots", there), as_sent(page, **row(0, "2027-02-02")))
        assert there.slots.count() == 1

    def test_an_answered_one_needs_a_clear_word(self, coordinator: Client, meeting: Any) -> None:
        there = begun(meeting)
        make_slot(there, date(2027, 5, 4))
        assert "drop_answered" not in coordinator.get(address("slots", there)).context["form"].fields
        services.answer_dates(make_invitee(there, is_asked_for_dates=True), answers={there.slots.first().pk: "no"})
        sent = as_sent(coordinator.get(address("slots", there)), **row(0, "", "", ""))
        page = coordinator.post(address("slots", there), sent)
        assert page.status_code == 422
        [words] = [str(message) for message in page.context["messages"]]
        assert words.endswith("say clearly that their answers go too.")
        coordinator.post(address("slots", there), sent | {"drop_answered": "on"})
        assert there.slots.count() == 3

    def test_who_and_when(self, coordinator: Client, client: Client, meeting: Any, helen: Any, rosa: Any) -> None:
        done = coordinator.get(address("slots", meeting("scheduled")))
        assert said(client, done) == ["The date is no longer looked for: the meeting is “Being prepared”."]
        there = begun(meeting)
        for user, expected in ((helen, 403), (rosa, 404)):
            client.force_login(user)
            for name in ("slots", "poll_people", "fix_date"):
                assert client.get(address(name, there)).status_code == expected
                assert client.post(address(name, there), {}).status_code == expected

    def test_in_french(self, coordinator: Client, meeting: Any) -> None:
        assert coordinator.get(address("slots", begun(meeting), "fr")).status_code == 200


class TestPeople:
    def test_the_list_is_filled_and_a_person_taken_off(
        self, coordinator: Client, meeting: Any, helen: Any, rosa: Any, winnipeg: Any
    ) -> None:
        there = begun(meeting, "idea")
        page = coordinator.get(address("poll_people", there))
        assert page.context["form"].initial["municipalities"] == [winnipeg.pk]
        typed = {"groups": ["region"], "outsiders": "Lee, Ann; ann@out.example; fr\nBo <bo@out.example>\n"}
        done = coordinator.post(address("poll_people", there), as_sent(page, **typed))
        assert said(coordinator, done) == ["4 people are added."]
        assert list(Invitee.objects.order_by("email").values_list("email", "name", "language")) == [
            ("ann@out.example", "Lee, Ann", "fr"),
            ("bo@out.example", "Bo", "both"),
            ("helen@winnipeg.example", "Helen Friesen", "en"),
            ("rosa@saskatoon.example", "Rosa Morin", "en"),
        ]
        assert to("dates_asked") == []
        bo = Invitee.objects.get(name="Bo")
        done = coordinator.post(address("poll_people", there), {"drop": bo.pk})
        assert said(coordinator, done) == ["The person is off the list."]
        assert coordinator.post(address("poll_people", there), {"drop": bo.pk}).status_code == 302
        assert Invitee.objects.count() == 3

    @pytest.mark.parametrize(
        ("typed", "words"),
        [
            ("Ann", ["Ann – there is no email address"]),
            ("ann@out.example", ["ann@out.example – there is no name"]),
            ("Ann, ann@@out", ["Ann, ann@@out – “ann@@out” is not an email address"]),
            ("A, a@b.example, de", ["A, a@b.example, de – “de” is not a language: write en or fr"]),
            ("X\nA, a@b.example\nY", ["X – there is no email address", "Y – there is no email address"]),
        ],
    )
    def test_a_wrong_line_is_named_and_all_stay(
        self, coordinator: Client, meeting: Any, typed: str, words: list[str]
    ) -> None:
        there = begun(meeting, "idea")
        page = coordinator.post(address("poll_people", there), {"outsiders": typed, "groups": ["general"]})
        assert (page.status_code, page.context["form"].errors) == (422, {"outsiders": words})
        assert (page.context["form"]["outsiders"].value(), page.context["form"]["groups"].value()) == (
            typed,
            ["general"],
        )

    def test_nobody(self, coordinator: Client, meeting: Any) -> None:
        there = begun(meeting, "idea")
        page = coordinator.post(address("poll_people", there), {})
        assert page.context["form"].non_field_errors() == ["Choose somebody."]
        make_invitee(there, "a@b.example", is_asked_for_dates=True)
        page = coordinator.post(address("poll_people", there), {"outsiders": "A, a@b.example"})
        assert (page.status_code, page.context["form"].non_field_errors()) == (
            422,
            ["All of them are asked already, or have no address."],
        )

    def test_added_while_it_runs_are_seen_before_their_letter_leaves(self, coordinator: Client, meeting: Any) -> None:
        there = begun(meeting)
        make_invitee(there, "early@place.example", is_asked_for_dates=True)
        typed = {"outsiders": "Ann, ann@out.example, fr\nBo, bo@out.example"}
        page = coordinator.post(address("poll_people", there), typed)
        assert (page.status_code, to("dates_asked")) == (200, [])
        text = " ".join(text_of(page).split())
        assert "2 people will receive this: 1 in French, 1 in both languages." in text
        assert "April 14, 2027" in text
        assert "14\xa0avril\xa02027" in text_of(page)
        done = coordinator.post(address("poll_people", there), as_sent(page, confirmed="1"))
        assert done["Location"] == address("poll", there)
        assert to("dates_asked") == ["ann@out.example", "bo@out.example"]
        again = coordinator.post(address("poll_people", there), as_sent(page, confirmed="1"))
        assert (again.status_code, len(to("dates_asked"))) == (422, 2)


class TestPoll:
    def test_what_will_be_asked_and_then_the_question(self, coordinator: Client, meeting: Any) -> None:
        there = begun(meeting, "idea")
        assert "Ask for dates</button>" not in text_of(coordinator.get(address("poll", there)))
        for language in ("en", "en", "fr", "both"):
            make_invitee(there, language=language, is_asked_for_dates=True)
        page = text_of(coordinator.get(address("poll", there)))
        assert "4 people will receive this: 2 in English, 1 in French, 1 in both languages." in page
        assert "First name Last name" in page
        assert "Prénom Nom" in page
        done = coordinator.post(address("poll", there))
        assert said(coordinator, done) == ["The question is on its way to everyone on the list."]
        assert len(to("dates_asked")) == 4
        again = coordinator.post(address("poll", there))
        assert said(coordinator, again) == ["Already done by Priya Nair: it is “Looking for a date”."]
        assert len(to("dates_asked")) == 4

    def test_who_can_when(self, coordinator: Client, meeting: Any, winnipeg: Any) -> None:
        there = begun(meeting)
        host = make_invitee(there, name="Helen", municipality=winnipeg, is_asked_for_dates=True)
        other = make_invitee(there, name="Ann", is_asked_for_dates=True)
        one, two, _three = there.slots.all()
        services.answer_dates(host, answers={one.pk: "no", two.pk: "yes"}, note="Not in the <morning>")
        services.answer_dates(other, answers={one.pk: "yes", two.pk: "if_need_be"})
        text = text_of(coordinator.get(address("poll", there)))
        assert "The date that suits most: April 15, 2027" in text
        assert "All 2 that answered can come, 1 of them if need be." in text
        assert "impossible: the host cannot" in text
        assert 'title="Helen: No"' in text
        assert "Not in the &lt;morning&gt;" in text

    def test_the_host_reads_it_and_the_co_host_the_dates_only(
        self, client: Client, meeting: Any, henry: Any, amina: Any, thunder_bay: Any, rosa: Any, uma: Any
    ) -> None:
        there = begun(meeting, co_host=thunder_bay)
        make_invitee(there, name="Ann Lee", is_asked_for_dates=True)
        found = {}
        for user in (henry, amina, rosa, uma):
            client.force_login(user)
            page = client.get(address("poll", there))
            found[user.email.partition("@")[0]] = (page.status_code, "Ann Lee" in text_of(page))
            assert client.post(address("poll", there)).status_code in (403, 404)
        assert found == {"henry": (200, True), "amina": (200, False), "rosa": (404, False), "uma": (404, False)}

    @pytest.mark.slow
    def test_eight_queries_for_one_and_for_three_hundred(self, coordinator: Client, meeting: Any) -> None:
        def queries() -> int:
            coordinator.get(address("poll", there))
            with CaptureQueriesContext(connection) as captured:
                assert coordinator.get(address("poll", there)).status_code == 200
            return len(captured)

        there = begun(meeting)
        slots = list(there.slots.all())
        few = queries()
        for number in range(300):
            place = make_municipality() if number % 2 else None
            person = make_invitee(there, municipality=place, is_asked_for_dates=True)
            PollAnswer.objects.bulk_create(PollAnswer(slot=s, invitee=person, value="yes") for s in slots)
        assert queries() == few <= 8

    @pytest.mark.parametrize("name", ["poll", "slots", "poll_people", "fix_date"])
    @pytest.mark.parametrize("stage", ["idea", "polling"])
    def test_each_page_costs_at_most_eight(self, coordinator: Client, meeting: Any, stage: str, name: str) -> None:
        there = begun(meeting, stage)
        for _number in range(30):
            make_invitee(there, municipality=make_municipality(), is_asked_for_dates=True)
        coordinator.get(address(name, there))
        with CaptureQueriesContext(connection) as captured:
            coordinator.get(address(name, there))
        assert len(captured) <= 8, [query["sql"][:90] for query in captured]


class TestAnswerForm:
    def test_the_questions_and_what_was_said(self, meeting: Any) -> None:
        there = begun(meeting)
        person = make_invitee(there, is_asked_for_dates=True)
        one, two, three = there.slots.all()
        services.answer_dates(person, answers={one.pk: "yes"}, note="A word")
        form = PollAnswerForm(invitee=person)
        assert list(form.fields) == [f"slot_{one.pk}", f"slot_{two.pk}", f"slot_{three.pk}", "note"]
        assert form.fields[f"slot_{one.pk}"].label == "April 14, 2027, 9:00\xa0a.m. to 4:00\xa0p.m."
        assert (form[f"slot_{one.pk}"].value(), form[f"slot_{two.pk}"].value(), form["note"].value()) == (
            "yes",
            "",
            "A word",
        )
        sent = PollAnswerForm({f"slot_{two.pk}": "if_need_be", "note": " New "}, invitee=person)
        assert sent.is_valid()
        assert (sent.answers, sent.note) == ({two.pk: "if_need_be"}, "New")
        assert not PollAnswerForm({f"slot_{two.pk}": "perhaps"}, invitee=person).is_valid()


class TestFix:
    def test_the_best_one_is_ticked_and_fixed(self, coordinator: Client, meeting: Any) -> None:
        there = begun(meeting)
        person = make_invitee(there, "ann@place.example", is_asked_for_dates=True)
        services.answer_dates(person, answers={there.slots.all()[1].pk: "yes"})
        page = coordinator.get(address("fix_date", there))
        sent = as_sent(page)
        assert sent["choice"] == str(there.slots.all()[1].pk)
        done = coordinator.post(address("fix_date", there), sent)
        assert said(coordinator, done) == ["The date is fixed."]
        kept = Meeting.objects.get(pk=there.pk)
        assert (kept.state, kept.starts_on, to("date_fixed")) == ("scheduled", DAYS[1], ["ann@place.example"])
        again = coordinator.post(address("fix_date", there), sent)
        assert said(coordinator, again) == ["The date is no longer looked for: the meeting is “Being prepared”."]

    def test_another_one_without_a_poll(self, coordinator: Client, meeting: Any) -> None:
        there = meeting("idea")
        page = coordinator.get(address("fix_date", there))
        when = {"starts_on": "2027-05-04", "begins_at": "09:00", "finishes_at": "12:00"}
        coordinator.post(address("fix_date", there), as_sent(page, **when))
        kept = Meeting.objects.get(pk=there.pk)
        assert (kept.state, kept.starts_on, kept.ends_on) == ("scheduled", date(2027, 5, 4), date(2027, 5, 4))

    @pytest.mark.parametrize(
        ("typed", "errors"),
        [
            ({"choice": ""}, {"choice": ["This field is required."]}),
            ({"finishes_at": ""}, {"finishes_at": ["This is missing."]}),
            ({"finishes_at": "09:00"}, {"finishes_at": ["It ends before it begins."]}),
            ({"ends_on": "2027-05-03"}, {"ends_on": ["The last day comes before the first one."]}),
            ({"starts_on": "2027-01-31"}, {"starts_on": ["This day has passed."]}),
        ],
    )
    def test_wrong(
        self, coordinator: Client, meeting: Any, typed: dict[str, str], errors: dict[str, list[str]]
    ) -> None:
        there = begun(meeting)
        known = {"choice": "other", "starts_on": "2027-05-04", "begins_at": "09:00", "finishes_at": "12:00"}
        page = coordinator.post(address("fix_date", there), known | typed)
        assert (page.status_code, page.context["form"].errors) == (422, errors)
        assert Meeting.objects.get(pk=there.pk).state == "polling"

    def test_a_day_in_french(self, coordinator: Client, meeting: Any) -> None:
        page = coordinator.get(address("fix_date", begun(meeting), "fr"))
        assert "14\xa0avril\xa02027" in text_of(page)
