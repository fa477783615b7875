"""The personal page: opening it changes nothing, the button confirms, more is told, and the application is written and sent."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from cmncp_portal.joining.models import Application, Interest
from cmncp_portal.joining.selectors.wording import wording_of
from cmncp_portal.joining.services import admitting, deciding

from .factories import make_applicant, make_application, make_interest
from .screens import address, as_sent, heading, said, words_of

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.7 The council resolves"
TICKED = {"consent_represents": "on", "consent_directory": "on", "consent_privacy": "on"}


@pytest.fixture(autouse=True)
def now(clock: Any) -> None:
    pass


def page_of(client: Client, interest: Interest) -> Any:
    return client.get(address("page", interest.token))


class TestTheButton:
    def test_opening_the_page_never_confirms(self, client: Client) -> None:
        interest = make_interest("unconfirmed")
        for _turn in range(3):
            page = page_of(client, interest)
        assert (page["X-Robots-Tag"], page["Cache-Control"].count("no-store")) == ("noindex, nofollow", 1)
        assert "Yes, this address is mine" in words_of(page)
        assert client.get(address("act", interest.token, "confirm")).status_code == 405
        assert Interest.objects.get().state == "unconfirmed"

    def test_the_button_confirms_once(self, client: Client) -> None:
        interest = make_interest("unconfirmed")
        answers = [client.post(address("act", interest.token, "confirm")) for _turn in range(2)]
        assert Interest.objects.get().state == "confirmed"
        assert said(client, answers[0]) == [
            "Thank you: your address is confirmed.",
            "Your address is confirmed already.",
        ]
        page = page_of(client, interest)
        assert "The coordinators answer by February 8, 2027." in words_of(page)
        assert "Yes, this address is mine" not in words_of(page)

    def test_the_button_of_another_page(self, client: Client) -> None:
        interest, other = make_interest("unconfirmed"), make_interest("unconfirmed")
        wrong = f"{interest.pk}.{other.token.partition('.')[2]}"
        for token in (wrong, "1", "x.y", f"{interest.pk}."):
            assert client.get(address("page", token)).status_code == 404
            assert client.post(address("act", token, "confirm")).status_code == 404
        assert client.post(address("act", interest.token, "approve")).status_code == 404


@pytest.mark.parametrize(
    ("now_is", "words"),
    [
        (datetime(2027, 1, 27, 16, tzinfo=UTC), "The coordinators answer by January 27, 2027."),
        (datetime(2027, 1, 28, 16, tzinfo=UTC), "The coordinators are late with their answer."),
    ],
)
def test_until_when_they_answer(client: Client, clock: Any, now_is: datetime, words: str) -> None:
    clock.move_to(now_is)
    assert words in words_of(page_of(client, make_interest()))


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("draft", "Your turn: write the application and send it."),
        ("sent", "The coordinators read your application and decide."),
        ("more_asked", "Your turn: something is missing in the application."),
        ("approved", "Welcome: Merritt is a member from February 1, 2027."),
        ("declined", "The application was not approved."),
        ("withdrawn", "The application was withdrawn."),
    ],
)
def test_who_acts_next(client: Client, state: str, words: str) -> None:
    application = make_application(state)
    if state in ("approved", "declined", "withdrawn"):
        Interest.objects.update(state="closed")
    assert words in words_of(page_of(client, application.interest))


def test_a_closed_file_says_why(client: Client, priya: Any) -> None:
    interest = make_interest()
    deciding.close(interest, by=priya, word="You asked us to wait.")
    words = words_of(page_of(client, interest))
    assert "This file is closed. You asked us to wait." in words
    answer = client.post(address("act", interest.token, "more"), {"why": "x", "version": 1})
    assert said(client, answer) == ["This is not possible while it is “Closed”."]


class TestMore:
    def test_what_is_known_is_proposed_and_everything_may_be_left_out(self, client: Client) -> None:
        make_applicant(population=7_051)
        interest = make_interest(place_name="City of Merritt")
        page = page_of(client, interest)
        assert as_sent(page)["population"] == "7051"
        answer = client.post(address("act", interest.token, "more"), as_sent(page, population=""))
        interest.refresh_from_db()
        assert (said(client, answer), interest.population, interest.stage) == (["Thank you: it is saved."], None, None)

    def test_saved(self, client: Client) -> None:
        interest = make_interest()
        sent = as_sent(
            page_of(client, interest), why="Young people", stage="2", wants_mentor="on", membership_kind="general"
        )
        client.post(address("act", interest.token, "more"), sent)
        interest.refresh_from_db()
        found = (interest.why, interest.stage, interest.wants_mentor, interest.membership_kind)
        assert found == ("Young people", 2, True, "general")

    def test_what_was_typed_comes_back(self, client: Client) -> None:
        interest = make_interest()
        sent = as_sent(page_of(client, interest), why="Young people", population="99999999999")
        page = client.post(address("act", interest.token, "more"), sent)
        assert (page.status_code, as_sent(page)["why"], set(page.context["more_form"].errors)) == (
            422, "Young people", {"population"},
        )  # fmt: skip

    def test_two_tabs(self, client: Client) -> None:
        interest = make_interest()
        tabs = [page_of(client, interest) for _turn in range(2)]
        client.post(address("act", interest.token, "more"), as_sent(tabs[0], why="One"))
        page = client.post(address("act", interest.token, "more"), as_sent(tabs[1], why="Two"))
        assert page.status_code == 409
        assert Interest.objects.get().why == "One"


class TestTheApplication:
    @pytest.fixture
    def draft(self) -> Any:
        return make_application("draft", consents={}, resolution_on=None)

    @pytest.fixture
    def here(self, draft: Any) -> str:
        return address("application", draft.interest.token)

    def test_nothing_is_ticked_at_first(self, client: Client, here: str) -> None:
        page = client.get(here)
        assert heading(page) == "Application: Merritt"
        assert [name for name in as_sent(page) if name in TICKED] == []

    def test_saved_and_gone_on_with_later(self, client: Client, here: str, draft: Any) -> None:
        sent = as_sent(
            client.get(here), do="save", consent_privacy="on", deputy_name="Ann", deputy_email="Ann@Merritt.example"
        )
        assert client.post(here, sent)["Location"] == here
        draft.refresh_from_db()
        assert (draft.state, draft.deputy_email, set(draft.consents)) == ("draft", "ann@merritt.example", {"privacy"})
        assert draft.consents["privacy"]["wording"] == wording_of("privacy")
        assert [name for name in as_sent(client.get(here)) if name in TICKED] == ["consent_privacy"]

    def test_what_is_missing_is_said_and_the_draft_is_kept(self, client: Client, here: str, draft: Any) -> None:
        answer = client.post(here, as_sent(client.get(here), do="send", resolution_reference="2027-04"))
        assert answer["Location"] == here
        assert said(client, answer) == [
            "Give the date of the resolution of your council, or of the body that decides for you."
        ]
        draft.refresh_from_db()
        assert (draft.state, draft.resolution_reference) == ("draft", "2027-04")

    def test_sent_with_a_file(self, client: Client, here: str, draft: Any) -> None:
        sent = as_sent(client.get(here), do="send", resolution_on="2027-01-12", **TICKED)
        answer = client.post(here, sent | {"file": SimpleUploadedFile("resolution.pdf", PDF)})
        assert answer["Location"] == address("page", draft.interest.token)
        draft.refresh_from_db()
        assert (draft.state, draft.resolution_filename) == ("sent", "resolution.pdf")
        with draft.resolution_file.open("rb") as kept:
            assert kept.read() == PDF
        assert draft.resolution_file.name.startswith("joining/")
        again = client.post(here, sent)
        assert again["Location"] == address("page", draft.interest.token)
        assert "The coordinators read your application and decide." in said(client, again)[-1]

    @pytest.mark.parametrize(
        ("typed", "wrong"),
        [
            ({"resolution_on": "2027-02-02"}, {"resolution_on"}),
            ({"deputy_name": "Ann"}, {"deputy_email"}),
            ({"deputy_email": "ann@merritt.example"}, {"deputy_name"}),
            (
                {"representative_email": "A@b.example", "deputy_name": "A", "deputy_email": "a@B.example"},
                {"deputy_email"},
            ),
            ({"representative_email": "nobody"}, {"representative_email"}),
        ],
    )
    def test_what_was_typed_comes_back(self, client: Client, here: str, typed: dict[str, str], wrong: set[str]) -> None:
        page = client.post(here, as_sent(client.get(here), resolution_reference="2027-04", **typed))
        assert (page.status_code, set(page.context["form"].errors)) == (422, wrong)
        assert as_sent(page)["resolution_reference"] == "2027-04"

    def test_a_file_that_is_not_what_it_says(self, client: Client, here: str, draft: Any) -> None:
        page = client.post(here, as_sent(client.get(here)) | {"file": SimpleUploadedFile("resolution.pdf", b"<html>")})
        assert (page.status_code, list(page.context["form"].errors)) == (422, ["file"])
        assert not Application.objects.get().resolution_file

    def test_two_tabs(self, client: Client, here: str, draft: Any) -> None:
        tabs = [client.get(here) for _turn in range(2)]
        client.post(here, as_sent(tabs[0], do="save", resolution_reference="One", consent_privacy="on"))
        page = client.post(here, as_sent(tabs[1], do="save", resolution_reference="Two"))
        assert page.status_code == 409
        draft.refresh_from_db()
        assert (draft.resolution_reference, set(draft.consents)) == ("One", {"privacy"})
        client.post(here, as_sent(page, do="save"))
        draft.refresh_from_db()
        assert (draft.resolution_reference, set(draft.consents)) == ("Two", {"privacy"})

    def test_a_consent_keeps_the_words_of_its_day(self, client: Client, here: str, draft: Any) -> None:
        Application.objects.update(consents={"privacy": {"agreed": True, "wording": "Old words.", "at": "2027-01-20"}})
        client.post(here, as_sent(client.get(here), do="save", consent_represents="on"))
        draft.refresh_from_db()
        assert {name: one["wording"] for name, one in draft.consents.items()} == {
            "privacy": "Old words.",
            "represents": wording_of("represents"),
        }
        client.post(here, as_sent(client.get(here), do="save", consent_privacy=None))
        draft.refresh_from_db()
        assert set(draft.consents) == {"represents"}

    def test_more_is_asked_and_sent_again(self, client: Client, priya: Any) -> None:
        application = make_application("sent")
        admitting.ask_more(application, by=priya, word="Which date?")
        here = address("application", application.interest.token)
        page = client.get(here)
        assert "Which date?" in words_of(page)
        client.post(here, as_sent(page, do="send", resolution_on="2027-01-13"))
        application.refresh_from_db()
        assert (application.state, application.resolution_on) == ("sent", date(2027, 1, 13))

    def test_withdrawn_once(self, client: Client) -> None:
        application = make_application("sent")
        there = address("act", application.interest.token, "withdraw")
        answers = [client.post(there) for _turn in range(2)]
        first, second = said(client, answers[1])
        assert first == "The application is withdrawn."
        assert second.startswith("Already done by")
        assert Application.objects.get().state == "withdrawn"
        assert client.post(address("act", make_interest().token, "withdraw")).status_code == 404
        assert client.get(address("application", make_interest().token)).status_code == 404
