"""The coordinators' desk: who waits, the page of one wish, the decision, the table of fees. And who stays outside."""

from datetime import date
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.test import Client

from cmncp_portal.joining.models import Application, FeeTier, Interest
from cmncp_portal.network.models import Membership, Municipality
from cmncp_portal.network.tests.factories import make_municipality, make_sector

from .factories import make_applicant, make_application, make_fee, make_interest, make_renewal
from .screens import POST, address, as_sent, heading, said, words_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def desk(clock: Any, client: Client, priya: Any) -> None:
    """Priya is signed in."""
    make_sector("municipal")
    client.force_login(priya)


class TestTheQueue:
    def test_lists(self, client: Client, thunder_bay: Any) -> None:
        make_interest("unconfirmed", place_name="Nobody yet")
        make_interest(place_name="Late")
        make_interest(place_name="Fresh", confirmed_at="2027-02-01T15:00:00Z", wants_mentor=True)
        make_interest("talking", place_name="Talking")
        make_application("sent", municipality=make_applicant("sent"))
        make_application("more_asked", municipality=make_applicant("asked"))
        make_interest("closed", place_name="Over")
        make_renewal(thunder_bay.memberships.get(), date(2027, 1, 4))
        page = client.get(address("desk"))
        assert page.context["counts"] == {"waiting": 2, "applications": 1, "talking": 2, "closed": 1}
        assert [(line.interest.place_name, line.due, line.is_late) for line in page.context["lines"]] == [
            ("Late", date(2027, 1, 27), True),
            ("Fresh", date(2027, 2, 8), False),
        ]
        words = words_of(page)
        assert "Late: an answer was due by January 27, 2027" in words
        assert "2 communities wait for an answer One application is to be decided" in words
        assert "One renewal is in its days of grace" in words
        names = {
            name: [line.interest.place_name for line in client.get(address("desk"), {"list": name}).context["lines"]]
            for name in ("applications", "talking", "closed")
        }
        assert names == {"applications": ["Merritt"], "talking": ["Talking", "Merritt"], "closed": ["Over"]}
        assert client.get(address("desk"), {"list": "x"}).status_code == 404

    @pytest.mark.parametrize("name", ["waiting", "applications", "talking", "closed"])
    def test_the_same_questions_at_one_and_at_many(
        self, client: Client, django_assert_max_num_queries: Any, name: str
    ) -> None:
        def add(number: int) -> None:
            if name == "applications":
                make_application("sent", municipality=make_applicant(f"place-x{number}"))
            else:
                make_interest({"waiting": "confirmed"}.get(name, name))

        add(0)
        client.get(address("desk"))
        with django_assert_max_num_queries(9) as few:  # one of them is the savepoint of the session at most
            client.get(address("desk"), {"list": name})
        for number in range(1, 30):
            add(number)
        with django_assert_max_num_queries(len(few)):
            page = client.get(address("desk"), {"list": name})
        assert len(page.context["lines"]) == 25


class TestWhichCommunity:
    def test_what_looks_the_same_is_shown_first(self, client: Client, django_assert_max_num_queries: Any) -> None:
        known = make_applicant()
        other = make_interest("talking", name="Ann Lee")
        interest = make_interest(place_name="City of Merritt")
        client.get(address("desk"))
        with django_assert_max_num_queries(8):
            page = client.get(address("interest", interest.pk))
        assert ([one.municipality for one in page.context["duplicates"]], page.context["same"]) == ([known], [other])
        assert "same name" in words_of(page)
        assert "Please answer by" not in words_of(page)  # it is late
        answer = client.post(address("interest_act", interest.pk, "know"), {"municipality": "merritt"})
        assert said(client, answer) == ["Noted: it is Merritt."]
        assert (Interest.objects.get(pk=interest.pk).municipality, Municipality.objects.count()) == (known, 1)

    def test_made_known_from_what_was_said(self, client: Client) -> None:
        interest = make_interest(population=7_051, place_kind="town")
        form = client.get(address("interest_act", interest.pk, "make"))
        sent = as_sent(form)
        assert (sent["name_en"], sent["name_fr"], sent["kind"], sent["population"]) == (
            "Merritt",
            "Merritt",
            "town",
            "7051",
        )
        zones = [value for value, _label in form.context["form"].fields["time_zone"].choices]
        assert zones[0] == "America/Vancouver"
        wrong = client.post(address("interest_act", interest.pk, "make"), as_sent(form, time_zone="America/Vancouver"))
        assert (wrong.status_code, set(wrong.context["form"].errors)) == (422, {"population_year"})
        sent = as_sent(wrong, population_year="2021", population_source="Census of 2021")
        answer = client.post(address("interest_act", interest.pk, "make"), sent)
        assert said(client, answer) == ["Merritt is listed as a community that thinks of joining."]
        place = Municipality.objects.get()
        assert (place.province, place.population, place.population_year, place.kind) == ("BC", 7_051, 2021, "town")
        again = client.post(address("interest_act", interest.pk, "make"), sent)
        assert said(client, again) == ["Somebody tied this to Merritt meanwhile."]
        assert Municipality.objects.count() == 1

    def test_a_member_is_not_listed_as_somebody_new(self, client: Client) -> None:
        member = make_municipality("merritt", province="BC")
        interest = make_interest()
        client.post(address("interest_act", interest.pk, "know"), {"municipality": "merritt"})
        words = words_of(client.get(address("interest", interest.pk)))
        assert "This municipality is a member already." in words
        assert not member.stakeholders.exists()
        answer = client.post(address("interest_act", interest.pk, "access"))
        assert said(client, answer) == ["This municipality is a member already."]


class TestMoves:
    @pytest.fixture
    def interest(self) -> Any:
        return make_interest(municipality=make_applicant(), wants_mentor=True)

    def test_from_talk_to_invitation(
        self, client: Client, interest: Any, priya: Any, django_assert_max_num_queries: Any
    ) -> None:
        answer = client.post(address("interest_act", interest.pk, "talk"))
        assert said(client, answer) == ["Noted: you look after this conversation."]
        with django_assert_max_num_queries(8):
            page = client.get(address("interest", interest.pk))
        assert f'href="/en/mentoring/need/{interest.municipality.slug}/"' in page.content.decode()
        for _turn in range(2):
            answer = client.post(address("interest_act", interest.pk, "invite_to_apply"), {"word": "Please do."})
        first, second = said(client, answer)
        assert first == "Sam Voght is invited to apply, by letter."
        assert second == "Already done by Priya Nair: it is “Applying”."
        assert "> Please do." in POST.written("invited_to_apply")[0].text

    def test_access_once(self, client: Client, interest: Any) -> None:
        assert "Give access" in words_of(client.get(address("interest", interest.pk)))
        answer = client.post(address("interest_act", interest.pk, "access"))
        assert said(client, answer) == ["An invitation is on its way to Sam Voght."]
        assert "Give access" not in words_of(client.get(address("interest", interest.pk)))

    def test_closing_asks_for_a_reason_and_may_be_undone(self, client: Client, interest: Any) -> None:
        page = client.post(address("interest_act", interest.pk, "close"), {"note": " "})
        assert (page.status_code, heading(page)) == (422, "Close")
        client.post(address("interest_act", interest.pk, "close"), {"note": "They wait a year."})
        assert Interest.objects.get().state == "closed"
        client.post(address("interest_act", interest.pk, "reopen"))
        assert Interest.objects.get().state == "talking"
        words = words_of(client.get(address("interest", interest.pk)))
        assert "They wait a year." in words

    def test_notes_of_two_coordinators(self, client: Client, interest: Any) -> None:
        tabs = [client.get(address("interest", interest.pk)) for _turn in range(2)]
        notes = [
            {"notes": f"Note {n}", **{k: as_sent(tab)[k] for k in ("version", "initial-notes")}}
            for n, tab in enumerate(tabs)
        ]
        answers = [client.post(address("interest_act", interest.pk, "notes"), note) for note in notes]
        assert ([answer.status_code for answer in answers], Interest.objects.get().notes) == ([302, 409], "Note 0")

    def test_the_person_never_reads_the_notes(self, client: Client, interest: Any) -> None:
        Interest.objects.update(notes="Between us.")
        assert "Between us." not in client.get(address("page", interest.token)).content.decode()

    @pytest.mark.parametrize("name", ["know", "access", "notes", "talk", "invite_to_apply", "reopen", "confirm"])
    def test_a_link_moves_nothing(self, client: Client, interest: Any, name: str) -> None:
        assert client.get(address("interest_act", interest.pk, name)).status_code == 404


class TestTheDecision:
    def test_read_and_approved(self, client: Client, django_assert_max_num_queries: Any) -> None:
        application = make_application(deputy_name="Ann Lee", deputy_email="ann@merritt.example", deputy_language="fr")
        client.get(address("desk"))
        with django_assert_max_num_queries(8):
            page = client.get(address("decide", application.pk))
        words = words_of(page)
        assert "January 12, 2027 · 2027-04" in words
        assert "We agree. January 20, 2027" in words
        assert as_sent(page)["join_on"] == "2027-02-01"
        wrong = client.post(address("application_act", application.pk, "approve"), {"join_on": "2029-01-01"})
        assert (wrong.status_code, as_sent(wrong)["join_on"]) == (422, "2029-01-01")
        answers = [
            client.post(address("application_act", application.pk, "approve"), {"join_on": "2027-02-01"})
            for _turn in range(2)
        ]
        assert said(client, answers[1]) == [
            "Merritt is admitted. The letters are on their way.",
            "Already done by Priya Nair: it is “Approved”.",
        ]
        assert Membership.objects.filter(kind="general").count() == 1

    @pytest.mark.parametrize("name", ["ask_more", "decline"])
    def test_a_word_is_needed(self, client: Client, name: str) -> None:
        application = make_application()
        page = client.post(address("application_act", application.pk, name), {"note": ""})
        assert page.status_code == 422
        client.post(address("application_act", application.pk, name), {"note": "Which date?"})
        assert Application.objects.get().state == {"ask_more": "more_asked", "decline": "declined"}[name]

    def test_a_draft_is_its_writers(self, client: Client) -> None:
        assert client.get(address("decide", make_application("draft").pk)).status_code == 404

    def test_the_file_goes_to_whom_it_concerns(
        self, client: Client, amina: Any, rosa: Any, uma: Any, thunder_bay: Any
    ) -> None:
        application = make_application(municipality=thunder_bay, resolution_filename="Resolution 4.pdf")
        there = address("resolution_file", application.pk)
        assert client.get(there).status_code == 404
        application.resolution_file.save("x.pdf", ContentFile(b"%PDF-1.7"))
        found = {}
        for user in (None, amina, rosa, uma):
            if user is not None:
                client.force_login(user)
            answer = client.get(there)
            found[getattr(user, "name", "")] = (answer.status_code, answer.get("Content-Disposition"))
            if answer.streaming:
                assert answer.getvalue() == b"%PDF-1.7"
        download = (200, 'attachment; filename="Resolution 4.pdf"')
        assert found == {"": download, "Amina Diallo": download, "Rosa Morin": (404, None), "Uma Sharma": (404, None)}


class TestWhoStaysOutside:
    def test_strangers_and_neighbours(self, client: Client, amina: Any, rosa: Any, thunder_bay: Any) -> None:
        interest = make_interest()
        application = make_application(municipality=thunder_bay)
        found = {}
        for who, user in (("amina", amina), ("rosa", rosa)):
            client.force_login(user)
            found[who] = [
                client.get(address("desk")).status_code,
                client.get(address("interest", interest.pk)).status_code,
                client.post(address("interest_act", interest.pk, "talk")).status_code,
                client.get(address("decide", application.pk)).status_code,
                client.post(address("application_act", application.pk, "approve")).status_code,
                client.get(address("fees")).status_code,
            ]
        assert found == {"amina": [403, 404, 404, 403, 403, 403], "rosa": [403, 404, 404, 404, 404, 403]}
        client.logout()
        assert client.get(address("desk"))["Location"].startswith("/en/account/login/")

    def test_nobody_sees_an_address_that_was_not_confirmed(self, client: Client) -> None:
        assert client.get(address("interest", make_interest("unconfirmed").pk)).status_code == 404


class TestFees:
    TABLE = {"kind": "general", "effective_from": "2027-03-01", "source": "Board, January 2027"}
    LINES = {
        "line-0-population_from": "0", "line-0-population_to": "100000", "line-0-annual_fee": "500",
        "line-1-population_from": "100000", "line-1-population_to": "", "line-1-annual_fee": "1250.50",
    }  # fmt: skip

    def test_a_new_day_with_several_lines(self, client: Client) -> None:
        make_fee(650)
        answer = client.post(address("fees"), as_sent(client.get(address("fees")), **self.TABLE, **self.LINES))
        assert said(client, answer) == ["The table is saved."]
        page = client.get(address("fees"))
        tables = [(str(table.effective_from), [line.fee for line in table.lines]) for table in page.context["tables"]]
        assert tables == [("2027-03-01", ["$500", "$1,250.50"]), ("2021-01-01", ["$650"])]
        assert list(FeeTier.objects.in_force().values_list("annual_fee", flat=True)) == [650]

    @pytest.mark.parametrize(
        ("typed", "reason"),
        [
            ({"line-1-population_from": "99"}, "Each line begins where the one before ends."),
            ({"line-1-annual_fee": ""}, "Say what this line costs a year."),
            ({"line-0-population_to": "0"}, "Ensure this value is greater than or equal to 1."),
            ({"effective_from": ""}, "This field is required."),
        ],
    )
    def test_what_was_typed_comes_back(self, client: Client, typed: dict[str, str], reason: str) -> None:
        sent = as_sent(client.get(address("fees")), **(self.TABLE | self.LINES | typed))
        page = client.post(address("fees"), sent)
        assert page.status_code == 422
        assert reason in words_of(page)
        assert as_sent(page)["line-0-annual_fee"] == "500"
        assert FeeTier.objects.count() == 0
