"""Subscriptions: nothing before the click in the mailbox, nothing after the end, nobody twice."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation

from cmncp_portal.core.workflow import TransitionRefused
from cmncp_portal.notifications import services as letters
from cmncp_portal.notifications.models import Category, Message, Preference
from cmncp_portal.notifications.selectors import unsubscribe_token
from knowledge.forms.asking import SubscribeForm
from knowledge.models import Subscription
from knowledge.selectors.subscribing import state_of
from knowledge.services.subscribing import announce, confirm, end, forget_unconfirmed, subscribe

from .mailbag import post, to, written
from .pages import address

pytestmark = pytest.mark.django_db
NOW = datetime(2027, 2, 1, 15, 0, tzinfo=UTC)
WORDS = "I agree to receive the news."


def wish(email: str = "ann@acme.example", language: str = "en") -> Subscription:
    return subscribe(email=email, language=language, wording=WORDS)


def follow(email: str = "ann@acme.example", language: str = "en") -> Subscription:
    found = wish(email, language)
    confirm(found)
    return Subscription.objects.get(pk=found.pk)


def consent(email: str = "ann@acme.example") -> Preference | None:
    return Preference.objects.filter(email=email, category=Category.ANNOUNCEMENTS).first()


class TestSubscribing:
    def test_a_letter_asks_to_confirm(self, clock: Any) -> None:
        made = wish(" Ann@Acme.example ", "fr")
        assert (made.email, made.language, made.wording, made.confirmed_at) == ("ann@acme.example", "fr", WORDS, None)
        [letter] = written("subscription_confirm")
        assert (letter.to_email, letter.language) == ("ann@acme.example", "fr")
        assert (address("subscription", made.token, language="fr") in letter.text, WORDS in letter.text) == (True, True)
        assert (state_of(made), consent()) == ("waiting", None)

    def test_at_most_one_letter_a_day(self, clock: Any) -> None:
        first = wish()
        assert wish(language="fr") == first
        assert (Subscription.objects.get().language, len(written("subscription_confirm"))) == ("fr", 1)
        clock.shift(timedelta(days=1))
        wish()
        assert (Subscription.objects.count(), len(written("subscription_confirm"))) == (1, 2)

    def test_who_follows_gets_no_further_letter(self, clock: Any) -> None:
        follow()
        clock.shift(timedelta(days=2))
        wish()
        assert (Subscription.objects.count(), len(written("subscription_confirm"))) == (1, 1)

    def test_it_counts_once_confirmed_with_its_wording(self, clock: Any) -> None:
        made = follow()
        kept = consent()
        assert kept is not None
        assert (made.confirmed_at, state_of(made)) == (kept.decided_at, "running")
        assert (kept.is_wanted, kept.wording) == (True, WORDS)

    def test_a_second_click_is_told(self, clock: Any) -> None:
        made = follow()
        with pytest.raises(TransitionRefused, match="confirmed this already") as refused:
            confirm(made)
        assert refused.value.done_already

    def test_the_end_takes_the_consent_along(self, clock: Any) -> None:
        made = follow()
        clock.shift(timedelta(days=3))
        end(made)
        kept = consent()
        assert (state_of(Subscription.objects.get()), kept and kept.is_wanted) == ("ended", False)
        with pytest.raises(TransitionRefused, match="ended already"):
            end(made)
        with pytest.raises(TransitionRefused, match="subscribe again"):
            confirm(made)

    def test_a_consent_given_on_the_account_stays(self, clock: Any) -> None:
        letters.set_preference(
            email="ann@acme.example", category=Category.ANNOUNCEMENTS, is_wanted=True, wording="Mine."
        )
        clock.shift(timedelta(days=3))
        end(follow())
        kept = consent()
        assert kept is not None
        assert (kept.is_wanted, kept.wording) == (True, "Mine.")

    def test_one_click_in_a_letter_ends_it_too(self, clock: Any, client: Any, brief: Any) -> None:
        made = follow()
        announce(brief())
        post()
        kept = consent()
        assert kept is not None
        [letter] = written("brief_published")
        assert letter.unsubscribe_token == unsubscribe_token(kept)
        answer = client.post(reverse("notifications:unsubscribe", args=[letter.unsubscribe_token]))
        assert (answer.status_code, state_of(made)) == (200, "ended")
        announce(brief())
        assert written("brief_published") == []

    def test_after_the_end_one_may_come_back(self, clock: Any) -> None:
        first = follow()
        letters.set_preference(email=first.email, category=Category.ANNOUNCEMENTS, is_wanted=False)
        clock.shift(timedelta(days=1))
        second = wish()
        assert (second.pk != first.pk, second.token != first.token, state_of(second)) == (True, True, "waiting")
        confirm(second)
        kept = consent()
        assert kept is not None
        assert (kept.is_wanted, kept.wording) == (True, WORDS)
        assert [state_of(one) for one in Subscription.objects.order_by("pk")] == ["ended", "running"]

    def test_a_link_opens_its_own_page_only(self, clock: Any) -> None:
        one, two = wish("a@acme.example"), wish("b@acme.example")
        assert Subscription.from_token(one.token) == one
        assert Subscription.from_token(one.token.replace(f"{one.pk}.", f"{two.pk}.", 1)) is None


class TestAnnouncing:
    def test_who_follows_hears_in_the_own_language(self, brief: Any) -> None:
        follow("ann@acme.example")
        follow("zoe@acme.example", "fr")
        wish("maybe@acme.example")
        end(follow("gone@acme.example"))
        paper = brief()
        announce(paper)
        found = {letter.to_email: letter for letter in written("brief_published")}
        assert sorted(found) == ["ann@acme.example", "zoe@acme.example"]
        assert [found[email].subject for email in sorted(found)] == [
            "[CMNCP] New action brief: Safe streets",
            "[RMCPC] Nouvelle piste d’action\N{NO-BREAK SPACE}: Sécurité dans les rues",
        ]
        assert address("brief", paper.slug, language="fr") in found["zoe@acme.example"].text
        assert all(letter.unsubscribe_token for letter in found.values())

    def test_nobody_hears_twice(self, brief: Any) -> None:
        follow()
        paper = brief()
        announce(paper)
        post()
        announce(paper)
        assert to("brief_published") == ["ann@acme.example"]

    def test_who_leaves_before_the_letter_is_written_gets_none(self, brief: Any) -> None:
        made = follow()
        announce(brief())
        end(made)
        assert written("brief_published") == []

    def test_in_one_language_the_other_readers_get_it_too(self, brief: Any) -> None:
        follow("zoe@acme.example", "fr")
        announce(brief(languages=("en",)))
        [letter] = written("brief_published")
        assert "Safe streets" in letter.subject

    def test_the_number_of_queries_does_not_grow(self, brief: Any) -> None:
        def queries(people: int) -> int:
            for number in range(people):
                follow(f"p{number}-of-{people}@acme.example")
            paper = brief()
            with CaptureQueriesContext(connection) as counted:
                announce(paper)
            return len(counted)

        assert queries(1) == queries(30)


@pytest.mark.parametrize(("age", "left"), [(29, 1), (30, 1), (31, 0)])
def test_what_nobody_confirms_is_deleted_after_thirty_days(clock: Any, age: int, left: int) -> None:
    wish()
    running, gone = follow("kept@acme.example"), follow("gone@acme.example")
    end(gone)
    assert forget_unconfirmed(NOW + timedelta(days=age)) == 1 - left
    assert list(Subscription.objects.filter(confirmed_at__isnull=False).order_by("pk")) == [running, gone]
    assert Subscription.objects.filter(confirmed_at__isnull=True).count() == left


def test_the_wish_is_in_the_words_of_the_page(clock: Any) -> None:
    with translation.override("fr"):
        french = SubscribeForm().wording
    assert (french != SubscribeForm().wording, Message.objects.count()) == (True, 0)
