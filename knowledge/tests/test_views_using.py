"""The pages of use: "we are doing this", my steps, and the example about us."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from cmncp_portal.network.models import Standing
from cmncp_portal.network.tests.factories import make_sector, make_stakeholder, make_user
from cmncp_portal.testing.pages import as_sent, said
from knowledge.models import Concern, Example, StepMark, Use

from .factories import make_audience, make_step
from .pages import address, words_of

pytestmark = pytest.mark.django_db


class TestUse:
    def test_it_is_noted(self, client: Any, brief: Any, joseph: Any, thunder_bay: Any) -> None:
        paper = brief()
        client.force_login(joseph)
        page = client.get(address("use", paper.slug))
        assert (page.status_code, "Say what Thunder Bay does with it." in words_of(page)) == (200, True)
        answer = client.post(
            address("use", paper.slug), as_sent(page, state="doing", note="Lamps. <b>", on="2026-11-03")
        )
        assert (answer.status_code, answer["Location"]) == (302, address("brief", paper.slug))
        assert list(Use.objects.values_list("municipality", "state", "note", "on", "by_name")) == [
            (thunder_bay.pk, "doing", "Lamps. <b>", date(2026, 11, 3), "Joseph Kakegamic")
        ]
        again = client.post(
            address("use", paper.slug), as_sent(page, state="doing", note="Lamps. <b>", on="2026-11-03")
        )
        assert said(client, again)[-1] == "This is noted already."

    def test_it_is_changed_and_taken_back(self, client: Any, brief: Any, joseph: Any) -> None:
        paper = brief()
        client.force_login(joseph)
        url = address("use", paper.slug)
        client.post(url, as_sent(client.get(url), state="doing"))
        page = client.get(url)
        assert "Noted for Thunder Bay by Joseph Kakegamic on February 1, 2027." in words_of(page)
        assert "Used by one municipality" in words_of(page)
        client.post(url, as_sent(page, state="done", what=None))
        assert Use.objects.get().state == "done"
        back = client.post(url, {"what": "back"})
        assert said(client, back)[-1] == "Taken back. The brief no longer counts Thunder Bay."
        assert said(client, client.post(url, {"what": "back"})) == ["This was taken back already."]
        assert Use.objects.count() == 0

    def test_two_colleagues_see_both_texts(self, client: Any, brief: Any, joseph: Any, amina: Any) -> None:
        paper = brief()
        url = address("use", paper.slug)
        client.force_login(joseph)
        page = client.get(url)
        client.post(url, as_sent(page, state="doing", note="Lamps."))
        client.force_login(amina)
        conflict = client.post(url, as_sent(page, state="doing", note="Benches."))
        assert (conflict.status_code, Use.objects.get().note) == (409, "Lamps.")
        assert all(words in conflict.content.decode() for words in ("Lamps.", "Benches."))
        client.post(url, as_sent(conflict) | {"choose-note": "mine", "note": "Benches and lamps."})
        assert Use.objects.get().note == "Benches and lamps."

    @pytest.mark.parametrize(
        ("typed", "field"), [({"on": "2027-02-02"}, "on"), ({"on": "x"}, "on"), ({"state": None}, "state")]
    )
    def test_nothing_typed_is_lost(self, client: Any, brief: Any, joseph: Any, typed: Any, field: str) -> None:
        url = address("use", brief().slug)
        client.force_login(joseph)
        answer = client.post(url, as_sent(client.get(url), **({"state": "done", "note": "Kept words."} | typed)))
        assert (answer.status_code, list(answer.context["form"].errors), Use.objects.count()) == (422, [field], 0)
        assert "Kept words." in words_of(answer)

    def test_the_neighbour_and_the_stranger(
        self, client: Any, brief: Any, joseph: Any, winnipeg: Any, uma: Any
    ) -> None:
        url = address("use", brief().slug)
        assert client.get(url).status_code == 302
        client.force_login(joseph)
        assert client.get(f"{url}?place=winnipeg").status_code == 403
        assert client.get(f"{url}?place=nowhere").status_code == 404
        assert client.get(address("use", brief("draft").slug)).status_code == 404
        client.force_login(uma)
        assert client.get(url).status_code == 403
        assert Use.objects.count() == 0

    def test_a_coordinator_says_for_whom(self, client: Any, brief: Any, priya: Any, winnipeg: Any) -> None:
        url = address("use", brief().slug)
        client.force_login(priya)
        assert [place.slug for place in client.get(url).context["members"]] == ["winnipeg"]
        client.post(f"{url}?place=winnipeg", as_sent(client.get(f"{url}?place=winnipeg"), state="doing"))
        assert Use.objects.get().municipality == winnipeg

    def test_after_it_was_withdrawn(self, client: Any, brief: Any, joseph: Any) -> None:
        client.force_login(joseph)
        page = client.get(address("use", brief("withdrawn").slug))
        assert "This brief was withdrawn: nothing new is noted about it." in words_of(page)
        assert 'name="note"' not in page.content.decode()

    def test_in_french(self, client: Any, brief: Any, luc: Any) -> None:
        client.force_login(luc)
        page = client.get(address("use", brief().slug, language="fr"))
        assert "Sécurité dans les rues" in words_of(page)


@pytest.fixture
def roles(db: None) -> Any:
    """Three audiences: the planner fits one by sector and role, one by role alone, one not at all."""
    police = make_audience("police", order=1)
    police.sectors.add(make_sector("police"))
    staff = make_audience("staff", order=2, standings=["staff", "representative"])
    planners = make_audience("planners", order=3, standings=["staff"])
    planners.sectors.add(make_sector("municipal"))
    return police, staff, planners


class TestMySteps:
    def test_the_best_fit_comes_first(self, client: Any, brief: Any, roles: Any, joseph: Any) -> None:
        paper = brief(en={"title": "Lamps"})
        for role in roles:
            make_step(paper, role.slug, text_en=f"For {role.slug}.")
        client.force_login(joseph)
        page = client.get(address("my_steps"))
        assert [(one.audience.slug, one.is_mine) for one in page.context["choices"][:3]] == [
            ("planners", True),
            ("staff", True),
            ("council", False),
        ]
        [shown] = page.context["briefs"]
        assert (shown.title, [line.step.text for line in shown.steps]) == ("Lamps", ["For planners."])
        other = client.get(address("my_steps"), {"for": "police"})
        assert [line.step.text for line in other.context["briefs"][0].steps] == ["For police."]
        assert "These are not the steps of your own role." in words_of(other)
        assert client.get(address("my_steps"), {"for": "nobody"}).status_code == 404

    def test_only_published_briefs_in_their_order(self, client: Any, brief: Any, joseph: Any) -> None:
        for stage in ("draft", "scheduled", "superseded", "withdrawn"):
            brief(stage)
        first, second = brief(), brief()
        make_step(first, text_en="Later.", order=2)
        client.force_login(joseph)
        page = client.get(address("my_steps"))
        assert [(b.url, [line.step.text for line in b.steps]) for b in page.context["briefs"]] == [
            (address("brief", first.slug), ["Adopt a plan.", "Later."]),
            (address("brief", second.slug), ["Adopt a plan."]),
        ]

    def test_readers_see_the_published_title(self, client: Any, brief: Any, joseph: Any) -> None:
        paper = brief()
        paper.editions.update(title="Not for readers yet", version=2)
        client.force_login(joseph)
        assert "Safe streets" in words_of(client.get(address("my_steps")))

    def test_a_step_is_marked_and_comes_back(
        self, client: Any, brief: Any, joseph: Any, amina: Any, thunder_bay: Any, clock: Any
    ) -> None:
        step = brief().steps.get()
        client.force_login(joseph)
        here = f"{address('my_steps')}?for=council"
        answer = client.post(address("step_mark", step.pk, "to-do"), {"next": here})
        assert (answer.status_code, answer["Location"]) == (302, f"{here}#step-{step.pk}")
        assert said(client, answer) == ["Marked as to do."]
        assert said(client, client.post(address("step_mark", step.pk, "to-do"))) == ["It is marked so already."]
        client.force_login(amina)
        assert "Marked by Joseph Kakegamic on February 1, 2027" in words_of(client.get(here))
        client.post(address("step_mark", step.pk, "done"))
        assert list(StepMark.objects.values_list("municipality", "state")) == [(thunder_bay.pk, "done")]
        client.post(address("step_mark", step.pk, "clear"))
        assert StepMark.objects.count() == 0

    def test_marks_are_only_ones_own(
        self, client: Any, brief: Any, joseph: Any, helen: Any, uma: Any, winnipeg: Any
    ) -> None:
        step, draft = brief().steps.get(), brief("draft").steps.get()
        StepMark.objects.create(step=step, municipality=winnipeg, state="done", by_name="Helen Friesen")
        client.force_login(joseph)
        assert "Helen Friesen" not in words_of(client.get(address("my_steps")))
        assert client.get(address("step_mark", step.pk, "done")).status_code == 405
        assert client.post(address("step_mark", step.pk, "done"), {"place": "winnipeg"}).status_code == 403
        assert client.post(address("step_mark", step.pk, "never")).status_code == 404
        assert client.post(address("step_mark", draft.pk, "done")).status_code == 404
        client.force_login(uma)
        assert client.post(address("step_mark", step.pk, "done")).status_code == 403
        assert StepMark.objects.count() == 1

    def test_only_what_is_marked(self, client: Any, brief: Any, joseph: Any, thunder_bay: Any) -> None:
        marked, _other = brief(), brief()
        make_step(marked, text_en="Not marked.")
        StepMark.objects.create(step=marked.steps.first(), municipality=thunder_bay, state="done", by_name="x")
        client.force_login(joseph)
        page = client.get(address("my_steps"), {"only": "marked"})
        assert [[line.step.text for line in b.steps] for b in page.context["briefs"]] == [["Adopt a plan."]]

    def test_on_paper_for_council(self, client: Any, brief: Any, joseph: Any, thunder_bay: Any) -> None:
        step = brief().steps.get()
        StepMark.objects.create(
            step=step, municipality=thunder_bay, state="done", by_name="x", at=datetime(2027, 1, 5, 15, 0, tzinfo=UTC)
        )
        client.force_login(joseph)
        words = words_of(client.get(address("my_steps"), {"paper": "1"}))
        assert "For council: safer communities in Thunder Bay, step by step" in words
        assert "Done (marked on January 5, 2027)" in words

    def test_empty_it_says_what_to_do(self, client: Any, clock: Any, joseph: Any) -> None:
        client.force_login(joseph)
        nothing = "No published brief has steps for this role yet."
        assert nothing in words_of(client.get(address("my_steps")))
        make_audience("council")
        page = client.get(address("my_steps"))
        assert (nothing in words_of(page), address("requests") in page.content.decode()) == (True, True)
        assert "Nothing is marked yet." in words_of(client.get(address("my_steps"), {"only": "marked"}))
        assert client.get(address("my_steps"), {"paper": "1", "page": "x"}).status_code == 200

    def test_by_ten_briefs_with_the_same_queries(self, client: Any, brief: Any, joseph: Any, roles: Any) -> None:
        def queries() -> int:
            with CaptureQueriesContext(connection) as counted:
                assert client.get(address("my_steps"), {"for": "council"}).status_code == 200
            return len(counted)

        client.force_login(joseph)
        brief()
        alone = queries()
        for _number in range(10):
            make_step(brief())
        assert (alone, queries() - alone) == (8, 0)
        pages = [client.get(address("my_steps"), {"for": "council", "page": n}).context["briefs"] for n in (1, 2)]
        assert [len(page) for page in pages] == [10, 1]

    def test_a_partner_reads_and_marks_nothing(self, client: Any, brief: Any, thunder_bay: Any) -> None:
        person = make_user("pat@centre.example")
        make_stakeholder(thunder_bay, user=person, standing=Standing.PARTNER)
        step = brief().steps.get()
        client.force_login(person)
        page = client.get(address("my_steps"))
        assert (page.context["place"], '<button class="button button--small"' in page.content.decode()) == (None, False)
        assert client.post(address("step_mark", step.pk, "done")).status_code == 403

    def test_in_french(self, client: Any, brief: Any, luc: Any) -> None:
        brief()
        client.force_login(luc)
        words = words_of(client.get(address("my_steps", language="fr")))
        assert ("Sécurité dans les rues" in words, "Adopter un plan." in words) == (True, True)


@pytest.fixture
def told(brief: Any, thunder_bay: Any) -> Example:
    return Example.objects.create(
        brief=brief("draft"),
        municipality=thunder_bay,
        text_en="Walks its <b>streets</b>.",
        text_fr="Parcourt ses rues.",
    )


class TestExample:
    def test_both_texts_are_read_and_agreed_to(self, client: Any, told: Example, amina: Any) -> None:
        url = address("example", told.pk)
        client.force_login(amina)
        page = client.get(url)
        assert ("Walks its <b>streets</b>." in words_of(page), "Parcourt ses rues." in words_of(page)) == (True, True)
        seen = {"what": "agree", "seen": page.context["seen"]}
        assert said(client, client.post(url, seen)) == ["Thank you. The brief may tell what Thunder Bay does."]
        assert said(client, client.post(url, seen)) == ["Amina Diallo agreed on February 1, 2027."]
        assert Example.objects.get().agreed_by_name == "Amina Diallo"

    def test_opening_it_agrees_to_nothing(self, client: Any, told: Example, amina: Any) -> None:
        client.force_login(amina)
        client.get(address("example", told.pk), {"what": "agree", "seen": "x"})
        assert Example.objects.get().agreed_at is None

    def test_after_a_change_it_is_read_again(self, client: Any, told: Example, amina: Any) -> None:
        client.force_login(amina)
        answer = client.post(address("example", told.pk), {"what": "agree", "seen": "older"})
        assert said(client, answer) == ["The text was changed meanwhile. Please read it once more."]

    def test_a_change_is_asked_for(self, client: Any, told: Example, amina: Any) -> None:
        url = address("example", told.pk)
        client.force_login(amina)
        assert client.post(url, {"what": "change", "note": " "}).status_code == 422
        client.post(url, {"what": "change", "note": "It is the police."})
        assert Concern.objects.get().text == "Example of Thunder Bay: It is the police."
        again = client.post(url, {"what": "change", "note": "It is the police."})
        assert said(client, again)[-1] == "The writers know already."

    def test_who_reads_and_who_does_not(self, client: Any, told: Example, joseph: Any, uma: Any, helen: Any) -> None:
        url = address("example", told.pk)
        assert client.get(url).status_code == 302
        client.force_login(helen)
        assert (client.get(url).status_code, client.post(url, {"what": "agree"}).status_code) == (404, 404)
        for person in (joseph, uma):
            client.force_login(person)
            page = client.get(url)
            assert (page.status_code, "The representative of Thunder Bay or a deputy agrees" in words_of(page)) == (
                200,
                True,
            )
            assert client.post(url, {"what": "agree"}).status_code == 403

    def test_in_french(self, client: Any, told: Example, luc: Any, gatineau: Any) -> None:
        Example.objects.update(municipality=gatineau)
        client.force_login(luc)
        url = address("example", told.pk, language="fr")
        with translation.override("fr"):
            assert client.get(url).status_code == 200
        client.post(url, {"what": "change", "note": "Ce n’est pas cela."})
        assert Concern.objects.get().language == "fr"
