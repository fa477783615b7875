"""What everybody may do without an account: ask, press the button, read what was done."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from cmncp_portal.privacy import services
from cmncp_portal.privacy.models import PersonRequest

from .factories import make_request
from .screens import POST, address, as_sent, heading, said, words_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def now(clock: Any) -> None:
    pass


class TestAsking:
    def test_the_page_says_what_goes_and_what_stays(self, client: Client) -> None:
        with CaptureQueriesContext(connection) as seen:
            page = client.get(address("mine"))
        words = words_of(page)
        assert heading(page) == "My data"
        assert "What goes when you are forgotten" in words
        assert "What happens with what you write here Your address is needed to find what is yours" in words
        assert "Questions: info@safercities.ca" in words
        assert len(seen) <= 5

    def test_everybody_gets_the_same_answer(self, client: Client, amina: Any) -> None:
        answers = []
        for email in (amina.email, "nobody@example.ca"):
            page = client.post(address("mine"), as_sent(client.get(address("mine")), email=email))
            assert page["Location"] == address("sent")
            answers.append(words_of(client.get(page["Location"])))
        assert answers[0] == answers[1]
        assert "This page is the same for every address" in answers[0]
        assert POST.to("confirm") == [amina.email, "nobody@example.ca"]

    def test_who_is_signed_in_finds_the_own_address(self, client: Client, amina: Any) -> None:
        client.force_login(amina)
        assert as_sent(client.get(address("mine")))["email"] == amina.email

    def test_a_wrong_address_comes_back(self, client: Client) -> None:
        page = client.post(address("mine"), {"kind": "forget", "email": "not an address"})
        assert page.status_code == 422
        assert "Please check:" in page.content.decode()
        assert as_sent(page) == {
            "kind": "forget",
            "email": "not an address",
            "website": "",
            "csrfmiddlewaretoken": as_sent(page)["csrfmiddlewaretoken"],
        }
        assert not PersonRequest.objects.exists()

    def test_another_wish_is_none_of_ours(self, client: Client) -> None:
        assert client.post(address("mine"), {"kind": "sell", "email": "a@b.example"}).status_code == 422

    def test_a_machine_gets_the_same_answer_and_nothing_is_written(self, client: Client) -> None:
        page = client.post(address("mine"), {"kind": "copy", "email": "a@b.example", "website": "spam"})
        assert page["Location"] == address("sent")
        assert not PersonRequest.objects.exists()

    def test_the_letter_is_in_the_language_of_the_page(self, client: Client) -> None:
        client.post(address("mine", language="fr"), {"kind": "copy", "email": "a@b.example"})
        [letter] = POST.written("confirm")
        assert letter.subject == "[RMCPC] Votre copie des renseignements que nous détenons sur vous"
        assert "/fr/" in letter.text


class TestThePageBehindTheLetter:
    def test_looking_changes_nothing(self, client: Client) -> None:
        asked = make_request("forget")
        with CaptureQueriesContext(connection) as seen:
            page = client.get(address("request", asked.token))
        asked.refresh_from_db()
        assert asked.confirmed_at is None
        assert "Nothing is removed yet." in words_of(page)
        assert "your name on certificates: print them before, if you want to keep them" in words_of(page)
        assert len(seen) <= 5

    def test_the_button_shows_the_copy(self, client: Client) -> None:
        asked = make_request("copy")
        here = address("request", asked.token)
        assert "Show me the copy" in words_of(client.get(here))
        page = client.post(here)
        assert page["Location"] == here
        assert "This is what the portal holds about you now." in words_of(client.get(here))

    def test_the_button_forgets(self, client: Client) -> None:
        asked = make_request("forget")
        here = address("request", asked.token)
        client.post(here)
        assert "It is being done. A last letter tells you when it is finished." in words_of(client.get(here))
        services.carry_out(asked.pk)
        page = client.get(here)
        assert heading(page) == "You are forgotten"
        assert "Done on February 1, 2027. It cannot be taken back. Nothing was held under this address." in words_of(
            page
        )
        assert "sam@merritt.example" not in page.content.decode()

    def test_what_was_removed_is_told_in_numbers(self, client: Client, joseph: Any) -> None:
        asked = make_request("forget", joseph.email)
        client.post(address("request", asked.token))
        services.carry_out(asked.pk)
        words = words_of(client.get(address("request", asked.token)))
        assert "Where something was removed Account 1 The network’s list of people 1" in words

    def test_what_is_under_way_is_said(self, client: Client, amina: Any) -> None:
        asked = make_request("forget", amina.email)
        client.post(address("request", asked.token))
        words = words_of(client.get(address("request", asked.token)))
        assert (
            "Something is under way that counts on you. An administrator looks at it, and you have an answer by March 3, 2027."
            in words
        )
        assert "The only person who speaks for Thunder Bay: somebody else must take over." in words

    def test_an_answer_that_says_no(self, client: Client, amina: Any, admin_user: Any) -> None:
        asked = services.confirm(make_request("forget", amina.email))
        services.refuse(asked, by=admin_user, answer="Your successor begins in March.")
        words = words_of(client.get(address("request", asked.token)))
        assert "Your successor begins in March. If this does not satisfy you" in words

    def test_the_second_click_is_answered_kindly(self, client: Client) -> None:
        here = address("request", make_request("copy").token)
        client.post(here)
        assert said(client, client.post(here)) == ["This was confirmed already."]

    @pytest.mark.parametrize("token", ["9-kQ", "12.abc", "x", "12"])
    def test_a_wrong_link(self, client: Client, token: str) -> None:
        for page in (client.get(address("request", token)), client.post(address("request", token))):
            assert page.status_code == 404
            assert heading(page) == "This link opens nothing"
            assert 'href="/en/my-data/"' in page.content.decode()

    def test_a_stale_link(self, client: Client, clock: Any) -> None:
        asked = make_request("forget")
        clock.move_to(timezone.now() + timedelta(days=15))
        page = client.get(address("request", asked.token))
        assert (page.status_code, heading(page)) == (410, "This link is too old")
        client.post(address("request", asked.token))
        asked.refresh_from_db()
        assert asked.confirmed_at is None

    def test_a_copy_that_was_shown_for_thirty_days(self, client: Client, clock: Any) -> None:
        asked = services.confirm(make_request("copy"))
        clock.move_to(timezone.now() + timedelta(days=30))
        assert client.get(address("request", asked.token)).status_code == 410
        assert client.get(address("request", asked.token), {"file": "json"}).status_code == 410

    def test_a_copy_cannot_be_had_before_the_button(self, client: Client) -> None:
        page = client.get(address("request", make_request("copy").token), {"file": "json"})
        assert page["Content-Type"].startswith("text/html")

    def test_it_is_private(self, client: Client) -> None:
        page = client.get(address("request", make_request("forget").token))
        assert (page["X-Robots-Tag"], page["Referrer-Policy"]) == ("noindex, nofollow", "same-origin")


class TestLinksToIt:
    def test_from_the_account_page_and_the_foot(self, client: Client, amina: Any) -> None:
        client.force_login(amina)
        page = client.get("/en/account/profile/").content.decode()
        assert page.count('href="/en/my-data/"') == 3  # the notice, the side, the foot

    def test_from_the_pages_of_guests(self, client: Client, amina: Any, thunder_bay: Any, winnipeg: Any) -> None:
        from exchanges.tests.factories import make_exchange, make_member
        from meetings.tests.factories import make_invitee, make_meeting, make_place
        from mentoring.tests.factories import make_agreement, make_participant
        from training.tests.factories import make_enrolment, make_offering

        meeting = make_meeting()
        pages = [
            reverse("exchanges:desk", args=[make_member(make_exchange(stage="confirmed", by=amina).first_visit).token]),
            reverse("meetings:place", args=[make_place(meeting).token]),
            reverse("meetings:invitation", args=[make_invitee(meeting, invited_at=timezone.now()).token]),
            reverse("training:place", args=[make_enrolment(make_offering()).token]),
            reverse("mentoring:guest", args=[make_participant(make_agreement(winnipeg, thunder_bay)).token]),
        ]
        for path in pages:
            page = client.get(path)
            assert page.status_code == 200, path
            assert "A copy of my data, or to be forgotten" in words_of(page), path
