"""Ideas of a visit, and what municipalities mean to do with them."""

from typing import Any

import pytest

from cmncp_portal.progress.models import Commitment
from cmncp_portal.testing.pages import as_sent, said
from exchanges.models import Idea, Side, Visit

from .factories import make_exchange, read
from .screens import about, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def held(amina: Any, helen: Any, thunder_bay: Any, winnipeg: Any) -> Visit:
    return read(make_exchange(thunder_bay, winnipeg, stage="evaluated", by=amina).first_visit)


def caught(visit: Visit, text: str = "Hire peers", **fields: Any) -> Idea:
    return Idea.objects.create(
        visit=visit, text=text, by_name="Joseph", **({"side": Side.VISITORS, "is_shared": True} | fields)
    )


def lines(page: Any) -> list[tuple[str, bool]]:
    return [(line.text, line.may_commit) for line in page.context["lines"]]


def test_an_idea_becomes_a_commitment_of_who_saw_it(
    client: Any, held: Visit, amina: Any, helen: Any, winnipeg: Any, thunder_bay: Any
) -> None:
    idea = caught(held)
    client.force_login(amina)
    assert ("Hire peers", True) in lines(client.get(about(held, "ideas")))
    form = client.get(about(held, "commit", f"idea-{idea.pk}"))
    assert form.context["form"]["text"].value() == "Hire peers"
    sent = as_sent(
        form, owner_name="Joseph K.", owner_email="joseph@example.ca", owner_language="en", due_on="2027-12-01"
    )
    made = client.post(about(held, "commit", f"idea-{idea.pk}"), sent)
    one = Commitment.objects.get()
    assert (made.status_code, made["Location"]) == (302, one.get_absolute_url())
    assert (one.municipality, one.seen_in, one.source, one.source_key, one.source_of) == (
        thunder_bay,
        winnipeg,
        "visit",
        f"idea-{idea.pk}",
        f"visit-{held.pk}",
    )
    assert (one.source_title_en, one.source_title_fr) == ("Thunder Bay visits Winnipeg", "Winnipeg reçoit Thunder Bay")
    # The second click leads to what stands; the idea can still be taken up by the other side.
    again = client.post(about(held, "commit", f"idea-{idea.pk}"), sent)
    assert (Commitment.objects.count(), again["Location"]) == (1, one.get_absolute_url())
    assert said(client, again)[-1] == "This is among the commitments of your municipality already."
    assert ("Hire peers", False) in lines(client.get(about(held, "ideas")))
    client.force_login(helen)
    assert ("Hire peers", True) in lines(client.get(about(held, "ideas")))
    assert "Thunder Bay · Not started" in text_of(client.get(about(held, "ideas")))


def test_ideas_of_the_evaluation_are_those_of_the_own_side(client: Any, held: Visit, amina: Any, helen: Any) -> None:
    from cmncp_portal.evaluation.models import Answer, Question, Response

    response = Response.objects.filter(invitation__survey__visit_evaluation__side=Side.VISITORS).first()
    assert response
    question, _new = Question.objects.get_or_create(
        questionnaire=response.invitation.survey.questionnaire,
        code="ideas-of-test",
        defaults={"kind": "ideas", "order": 99, "text_en": "Ideas?", "text_fr": "Idées?"},
    )
    Answer.objects.create(response=response, question=question, value=[{"what": "Open late"}, {"what": "Count lamps"}])
    client.force_login(amina)
    assert lines(client.get(about(held, "ideas"))) == [("Open late", True), ("Count lamps", True)]
    Visit.objects.update(released_at=None)
    assert lines(client.get(about(held, "ideas"))) == []
    Visit.objects.update(released_at="2027-02-01T12:00:00Z")
    client.force_login(helen)
    assert lines(client.get(about(held, "ideas"))) == []


def test_what_somebody_noted_for_herself_only_she_reads(client: Any, held: Visit, amina: Any, joseph: Any) -> None:
    idea = caught(held, is_shared=False, by_user=joseph)
    client.force_login(amina)
    assert lines(client.get(about(held, "ideas"))) == []
    assert client.get(about(held, "commit", f"idea-{idea.pk}")).status_code == 404
    client.force_login(joseph)
    assert lines(client.get(about(held, "ideas"))) == [("Hire peers", True)]


def test_who_may(client: Any, held: Visit, rosa: Any, priya: Any, rene: Any) -> None:
    idea = caught(held)
    for who, ideas, commit in ((rosa, 404, 404), (rene, 403, 403), (priya, 200, 404)):
        client.force_login(who)
        answers = [client.get(about(held, "ideas")), client.get(about(held, "commit", f"idea-{idea.pk}"))]
        assert [answer.status_code for answer in answers] == [ideas, commit], who
    client.force_login(priya)
    assert client.get(about(held, "commit", "idea-0")).status_code == 404


def test_many_ideas_cost_what_one_costs(client: Any, held: Visit, amina: Any, django_assert_num_queries: Any) -> None:
    caught(held)
    client.force_login(amina)
    client.get(about(held, "ideas"))
    with django_assert_num_queries(8) as one:
        client.get(about(held, "ideas"))
    for n in range(30):
        caught(held, f"Idea {n}")
    with django_assert_num_queries(len(one)):
        client.get(about(held, "ideas"))
