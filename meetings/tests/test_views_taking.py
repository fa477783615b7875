"""An action item that a municipality makes its own."""

from typing import Any

import pytest

from cmncp_portal.progress.models import Commitment
from cmncp_portal.testing.pages import as_sent, said

from .factories import make_action
from .screens import address, text_of

pytestmark = pytest.mark.django_db


def test_it_becomes_a_commitment_of_the_municipality_it_was_given_to(
    client: Any, meeting: Any, amina: Any, thunder_bay: Any
) -> None:
    there = meeting("held")
    action = make_action(there, municipality=thunder_bay)
    client.force_login(amina)
    form = client.get(address("commit", there, action.pk))
    assert form.context["form"]["text"].value() == "Share the evaluation plan."
    sent = as_sent(form, owner_name="Joseph K.", owner_email="j@example.ca", owner_language="en", due_on="2028-01-10")
    client.post(address("commit", there, action.pk), sent)
    one = Commitment.objects.get()
    assert (one.municipality, one.source, one.source_key, one.source_of, one.seen_in, one.text) == (
        thunder_bay,
        "meeting",
        f"action-{action.pk}",
        f"meeting-{there.pk}",
        None,
        "Share the evaluation plan.",
    )
    assert (one.source_title_en, one.source_title_fr) == (there.title_en, there.title_fr)
    again = client.post(address("commit", there, action.pk), sent)
    assert said(client, again)[-1] == "This is among the commitments of your municipality already."


def test_who_may(client: Any, meeting: Any, helen: Any, priya: Any, thunder_bay: Any) -> None:
    there = meeting("held")
    ours, nobodys = make_action(there, municipality=thunder_bay), make_action(there)
    for who, answer in ((helen, 403), (priya, 200)):
        client.force_login(who)
        assert client.get(address("commit", there, ours.pk)).status_code == answer, who
        assert client.get(address("commit", there, nobodys.pk)).status_code == 404, who
    assert "Make it a commitment" in text_of(client.get(address("notes", there)))
