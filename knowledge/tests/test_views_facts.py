"""What is known of a brief outside its texts, and an administrator's exception for one language."""

from typing import Any

import pytest
from django.test import Client

from cmncp_portal.network.tests.factories import make_topic
from cmncp_portal.testing.pages import as_sent, said, text_of
from knowledge.models import ActionBrief, Edition

from .factories import make_brief
from .pages import address

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


def read(brief: ActionBrief) -> ActionBrief:
    return ActionBrief.objects.get(pk=brief.pk)


def set_text(brief: ActionBrief, language: str, **fields: Any) -> None:
    Edition.objects.filter(brief=brief, language=language).update(**fields)


@pytest.fixture
def writer(client: Client, uma: Any) -> Client:
    client.force_login(uma)
    return client


class TestFacts:
    def test_kept_and_read_again(self, writer: Client) -> None:
        there, topic = make_brief("draft"), make_topic()
        page = writer.get(address("facts", there.slug))
        typed = as_sent(page, authors="Uma Sharma", slug="streets", stages=["2", "4"], topics=[topic.pk])
        done = writer.post(address("facts", there.slug), typed)
        assert (done["Location"], said(writer, done)) == (address("facts", "streets"), ["The facts are saved."])
        kept = read(there)
        assert (kept.authors, kept.stages, list(kept.topics.all()), kept.next_review_on) == (
            "Uma Sharma", [2, 4], [topic], None,
        )  # fmt: skip
        again = as_sent(writer.get(done["Location"]))
        assert (again["slug"], again["authors"], again["stages"], again["version"]) == (
            "streets", "Uma Sharma", ["2", "4"], "2",
        )  # fmt: skip

    def test_after_publication_the_address_stays(self, writer: Client) -> None:
        there = make_brief("published")
        page = writer.get(address("facts", there.slug))
        assert "slug" not in as_sent(page)
        writer.post(address("facts", there.slug), as_sent(page, slug="other", authors="Us"))
        assert (read(there).slug, read(there).authors) == (there.slug, "Us")

    def test_what_is_taken_comes_back_with_all_that_was_typed(self, writer: Client) -> None:
        other, there = make_brief("draft"), make_brief("draft")
        page = writer.get(address("facts", there.slug))
        answer = writer.post(address("facts", there.slug), as_sent(page, slug=other.slug, authors="Us"))
        assert (answer.status_code, answer.context["form"]["authors"].value()) == (422, "Us")
        assert [str(m) for m in answer.context["messages"]] == ["Another brief has this address."]
        answer = writer.post(address("facts", there.slug), as_sent(page, number="3"))
        assert answer.context["form"].errors == {"series": ["In which series is this the number?"]}

    def test_two_people_lose_nothing(self, writer: Client) -> None:
        there = make_brief("draft")
        page = writer.get(address("facts", there.slug))
        writer.post(address("facts", there.slug), as_sent(page, authors="First"))
        answer = writer.post(address("facts", there.slug), as_sent(page, authors="Second"))
        assert (answer.status_code, read(there).authors) == (409, "First")
        assert {"First", "Second"} <= {
            word for d in answer.context["differences"] for word in (d.theirs, str(d.field.value()))
        }
        sent = as_sent(answer) | {"choose-authors": "mine"}
        writer.post(address("facts", there.slug), sent)
        assert read(there).authors == "Second"

    @pytest.mark.parametrize(("person", "sees"), [("priya", 200), ("rene", 200), ("amina", 403)])
    def test_who_does_not_write_reads_them(
        self, client: Client, request: pytest.FixtureRequest, person: str, sees: int
    ) -> None:
        there = make_brief("draft")
        client.force_login(request.getfixturevalue(person))
        page = client.get(address("facts", there.slug))
        assert (page.status_code, as_sent(page)) == (sees, {})
        assert client.post(address("facts", there.slug), {"authors": "Me"}).status_code == 403

    def test_after_the_end_nothing_changes(self, writer: Client) -> None:
        there = make_brief("withdrawn")
        assert as_sent(writer.get(address("facts", there.slug))) == {}

    def test_in_french(self, writer: Client) -> None:
        there = make_brief("published")
        assert writer.get(address("facts", there.slug, language="fr")).status_code == 200


class TestException:
    def test_a_reason_and_a_deadline(self, client: Client, admin_user: Any) -> None:
        there = make_brief("translation")
        set_text(there, "fr", current_at=None)
        client.force_login(admin_user)
        page = client.get(address("exception", there.slug))
        assert as_sent(page)["until"] == "2027-03-03"
        done = client.post(address("exception", there.slug), as_sent(page, reason="The mayors meet."))
        shown = text_of(client.get(done["Location"]))
        assert "the other follows by March 3, 2027. Allowed by Ada Lefebvre." in shown
        assert "The mayors meet." in shown
        again = client.post(address("exception", there.slug), as_sent(page, reason="The mayors meet."))
        assert (again.status_code, there.changes.count()) == (422, 1)

    def test_wrong_input_comes_back(self, client: Client, admin_user: Any) -> None:
        there = make_brief("draft")
        client.force_login(admin_user)
        page = client.post(address("exception", there.slug), {"reason": "", "until": "2027-02-01"})
        assert (page.status_code, page.context["form"].errors) == (
            422,
            {"reason": ["This field is required."], "until": ["Choose a day that lies ahead."]},
        )

    def test_not_needed(self, client: Client, admin_user: Any) -> None:
        there = make_brief("translation")
        client.force_login(admin_user)
        done = client.get(address("exception", there.slug))
        assert said(client, done) == ["Both texts are current: no exception is needed."]

    @pytest.mark.parametrize("person", ["uma", "priya", "rene", "amina"])
    def test_administrators_only(self, client: Client, request: pytest.FixtureRequest, person: str) -> None:
        there = make_brief("draft")
        client.force_login(request.getfixturevalue(person))
        assert client.get(address("exception", there.slug)).status_code == 403
        overview = client.get(address("overview", there.slug))
        assert overview.status_code == 403 or address("exception", there.slug) not in text_of(overview)
