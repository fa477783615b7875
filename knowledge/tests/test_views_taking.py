"""A step of a brief that a municipality makes its own."""

from typing import Any

import pytest

from cmncp_portal.progress.models import Commitment
from cmncp_portal.testing.pages import as_sent, said

from .factories import make_step
from .pages import address, words_of

pytestmark = pytest.mark.django_db


def test_it_becomes_a_commitment_that_the_brief_shows_to_members(
    client: Any, brief: Any, amina: Any, helen: Any, thunder_bay: Any
) -> None:
    paper = brief()
    step = make_step(paper)
    client.force_login(amina)
    form = client.get(address("commit", step.pk))
    sent = as_sent(form, owner_name="Joseph K.", owner_email="j@example.ca", owner_language="en", due_on="2028-01-10")
    client.post(address("commit", step.pk), sent)
    one = Commitment.objects.get()
    assert (one.municipality, one.source, one.source_key, one.source_of) == (
        thunder_bay,
        "brief",
        f"step-{step.pk}",
        f"brief-{paper.slug}",
    )
    assert one.text == str(step.text)[:300]
    assert (
        said(client, client.post(address("commit", step.pk), sent))[-1]
        == "This is among the commitments of your municipality already."
    )
    client.force_login(helen)
    told = words_of(client.get(address("brief", paper.slug)))
    assert "What municipalities mean to do with it" in told
    assert "· Thunder Bay · Not started" in told
    client.logout()
    assert "What municipalities mean to do with it" not in words_of(client.get(address("brief", paper.slug)))


def test_who_may(client: Any, brief: Any, rene: Any, amina: Any, winnipeg: Any) -> None:
    step = make_step(brief())
    hidden = make_step(brief("draft"))
    client.force_login(rene)
    assert client.get(address("commit", step.pk)).status_code in (403, 404)
    client.force_login(amina)
    assert client.get(address("commit", hidden.pk)).status_code == 404
    assert client.get(address("commit", step.pk) + f"?place={winnipeg.slug}").status_code == 403
