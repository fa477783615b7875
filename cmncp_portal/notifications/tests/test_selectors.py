from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from cmncp_portal.notifications import selectors
from cmncp_portal.notifications.kinds import Kind
from cmncp_portal.notifications.models import Message
from cmncp_portal.notifications.tests.factories import make_message, make_preference

pytestmark = pytest.mark.django_db
State = Message.State


def test_age_of_the_oldest_letter_that_should_have_left() -> None:
    assert selectors.oldest_unsent_age() is None
    now = timezone.now()
    make_message(due_at=now + timedelta(days=3))
    make_message(due_at=now - timedelta(days=9), state=State.FAILED)
    assert selectors.oldest_unsent_age() is None
    make_message(due_at=now - timedelta(hours=2), next_attempt_at=now + timedelta(hours=1))
    age = selectors.oldest_unsent_age()
    assert age
    assert timedelta(hours=2) <= age < timedelta(hours=2, minutes=1)


def test_undeliverable_looks_at_the_latest_letter(django_assert_num_queries: Any) -> None:
    now = timezone.now()
    story = {
        "gone@b.ca": [State.SENT, State.BOUNCED],
        "back@b.ca": [State.BOUNCED, State.SENT],
        "full@b.ca": [State.FAILED, State.QUEUED],
        "taken@b.ca": [State.FAILED, State.WITHDRAWN],
        "fine@b.ca": [State.SENT],
    }
    for email, states in story.items():
        for number, state in enumerate(states):
            sent_at = now if state == State.SENT else None
            make_message(to_email=email, state=state, sent_at=sent_at, created_at=now + timedelta(seconds=number))
    with django_assert_num_queries(1):
        assert selectors.undeliverable([*story, "GONE@b.ca"]) == {"gone@b.ca", "full@b.ca", "taken@b.ca"}
    assert selectors.undeliverable(["fine@b.ca"]) == set()


def test_letters_about_a_key() -> None:
    one, _other = make_message(key="visit:1:plan:a@b.ca"), make_message(key="visit:12:plan:a@b.ca")
    exact = make_message(key="visit:1")
    assert list(selectors.letters_about("visit:1")) == [exact, one]


def test_categories_that_may_be_declined(letter: Callable[..., Kind]) -> None:
    before = set(selectors.optional_categories())
    letter(name="testing.nudge", category="mentoring", essential=False)
    letter(name="testing.essential", category="training")
    letter(name="testing.news", category="knowledge", is_announcement=True, essential=False)
    assert set(selectors.optional_categories()) - before == {"mentoring"} - before
    assert "announcements" not in selectors.optional_categories()


def test_a_token_is_good_for_one_choice_only() -> None:
    choice, other = make_preference("a@b.ca"), make_preference("c@d.ca")
    token = selectors.unsubscribe_token(choice)
    assert selectors.choice_of_token(token) == choice
    assert selectors.choice_of_token(token.replace(f"{choice.pk}.", f"{other.pk}.")) is None
    assert [selectors.choice_of_token(bad) for bad in ("", "x", "1.", "999999.abc", token[:-1], token + "x")] == [
        None
    ] * 6
