"""The lists beside the texts, evidence, and the pages where practices are written: plain forms, no script."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from cmncp_portal.network.tests.factories import make_municipality, make_programme
from cmncp_portal.testing.pages import as_sent, said, text_of
from knowledge.models import ActionBrief, Evidence, Example, KeyNumber, Practice, Review, Source, Step
from knowledge.selectors.rows import mark_of

from .factories import make_audience, make_brief, make_evidence, make_number, make_practice, make_step
from .mailbag import to
from .pages import address

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

LISTS = ("numbers", "steps", "sources", "examples", "evidence")
NUMBER = {"value": "6000.5", "label_en": "adults <b>", "label_fr": "adultes", "unit_en": "", "unit_fr": "",
          "base_population": "100000", "year": "2009", "source": "IPC, 2009", "source_url": ""}  # fmt: skip


@pytest.fixture
def writer(client: Client, uma: Any) -> Client:
    client.force_login(uma)
    return client


@pytest.fixture
def draft(clock: Any) -> ActionBrief:
    return make_brief("draft")


def whole(brief: ActionBrief) -> None:
    """One row more of each list."""
    make_number(brief)
    make_step(brief, "police", text_en="Walk.")
    Source.objects.create(brief=brief, citation="Another source.")
    place = make_municipality()
    Example.objects.create(brief=brief, municipality=place, text_en="A hub.", text_fr="Un carrefour.")
    brief.evidence.add(make_evidence(make_practice()))


class TestLists:
    @pytest.mark.parametrize("language", ["en", "fr"])
    @pytest.mark.parametrize("name", LISTS)
    def test_each_opens(self, writer: Client, draft: ActionBrief, name: str, language: str) -> None:
        whole(draft)
        assert writer.get(address(name, draft.slug, language=language)).status_code == 200

    @pytest.mark.parametrize("name", LISTS)
    def test_who_reads_and_who_does_not(
        self, client: Client, draft: ActionBrief, priya: Any, rosa: Any, amina: Any, name: str
    ) -> None:
        Review.objects.create(brief=draft, reviewer=rosa, asked_by_name="Uma", due_on=date(2027, 2, 11))
        url = address(name, draft.slug)
        assert client.get(url).status_code == 302
        for person in (priya, rosa):
            client.force_login(person)
            assert (client.get(url).status_code, as_sent(client.get(url)), client.post(url, {}).status_code) == (
                200,
                {},
                403,
            )
        client.force_login(amina)
        assert client.get(url).status_code == 403
        client.force_login(priya)
        assert client.get(address(name, "nothing")).status_code == 404

    @pytest.mark.parametrize("name", LISTS)
    def test_a_constant_number_of_queries(self, writer: Client, draft: ActionBrief, name: str) -> None:
        def count() -> int:
            url = address(name, draft.slug)
            writer.get(url)
            with CaptureQueriesContext(connection) as found:
                assert writer.get(url).status_code == 200
            return len(found)

        whole(draft)
        before = count()
        for _number in range(10):
            whole(draft)
        assert (count(), before <= 10) == (before, True)

    @pytest.mark.parametrize("state", ["superseded", "withdrawn"])
    def test_after_the_end_it_is_read_only(self, writer: Client, state: str) -> None:
        there = make_brief(state)
        for name in LISTS:
            assert as_sent(writer.get(address(name, there.slug))) == {}

    def test_readers_see_changes_at_once(self, writer: Client, draft: ActionBrief) -> None:
        words = "Readers see a change to this list at once."
        assert words in text_of(writer.get(address("numbers", make_brief("published").slug)))
        assert words not in text_of(writer.get(address("numbers", draft.slug)))


class TestAdding:
    def test_a_number_and_the_second_click(self, writer: Client, draft: ActionBrief) -> None:
        url = address("numbers", draft.slug)
        typed = as_sent(writer.get(url), **NUMBER)
        done = writer.post(url, typed)
        assert (done["Location"], said(writer, done)) == (url, ["The key number is in the list."])
        row = KeyNumber.objects.get()
        assert (row.value, row.label_en, row.base_population, row.year) == (
            Decimal("6000.5"),
            "adults <b>",
            100_000,
            2009,
        )
        page = text_of(writer.get(url))
        assert "6,000.50 " in page
        assert "adults &lt;b&gt;" in page
        assert said(writer, writer.post(url, typed)) == ["This stands in the list already."]
        assert KeyNumber.objects.count() == 1

    def test_what_is_wrong_comes_back_with_all_that_was_typed(self, writer: Client, draft: ActionBrief) -> None:
        for typed, errors in (
            ({"value": "much"}, {"value": ["Enter a number."]}),
            ({"label_fr": ""}, {"label_fr": ["This field is required."]}),
            ({"source": ""}, {"source": ["This field is required."]}),
            ({"year": "2028"}, {"year": ["Give the year with four digits; it does not lie ahead."]}),
            ({"year": "09"}, {"year": ["Give the year with four digits; it does not lie ahead."]}),
            ({"base_population": "0"}, {"base_population": ["At least one resident, or nothing."]}),
            ({"source_url": "javascript:alert(1)"}, {"source_url": ["Enter a valid URL."]}),
        ):
            page = writer.post(address("numbers", draft.slug), NUMBER | typed)
            assert (page.status_code, page.context["form"].errors) == (422, errors)
            assert {name: page.context["form"][name].value() for name in NUMBER} == NUMBER | typed
        assert KeyNumber.objects.count() == 0

    def test_a_step_a_source_an_example(self, writer: Client, draft: ActionBrief) -> None:
        police = make_audience("police")
        place = make_municipality("regina")
        for name, typed in (
            ("steps", {"audience": police.pk, "text_en": "Walk.", "text_fr": "Marcher.", "effort": "", "cost": "low"}),
            ("sources", {"citation": "Statistique Canada, 2020.", "language": "fr", "url": "https://source.example/"}),
            ("examples", {"municipality": place.pk, "text_en": "A hub.", "text_fr": "Un carrefour."}),
        ):
            url = address(name, draft.slug)
            assert writer.post(url, as_sent(writer.get(url), **typed))["Location"] == url
        assert (Step.objects.last().cost, Source.objects.last().language) == ("low", "fr")  # type: ignore[union-attr]
        assert Example.objects.get().agreed_at is None
        assert "The municipality has not been asked yet." in text_of(writer.get(address("examples", draft.slug)))

    def test_a_programme_of_another_place(self, writer: Client, draft: ActionBrief, winnipeg: Any) -> None:
        programme = make_programme(make_municipality("regina"), name_en="Hub")
        typed = {"municipality": winnipeg.pk, "programme": programme.pk, "text_en": "A", "text_fr": "A"}
        page = writer.post(address("examples", draft.slug), typed)
        assert page.context["form"].errors == {"programme": ["Hub is not a programme of Winnipeg."]}


class TestChanging:
    def test_the_row_that_the_address_names(self, writer: Client, draft: ActionBrief) -> None:
        row = make_number(draft)
        url = f"{address('numbers', draft.slug)}?row={row.pk}"
        sent = as_sent(writer.get(url))
        assert (sent["label_en"], sent["version"]) == ("adults assaulted", mark_of(KeyNumber.objects.get()))
        done = writer.post(url, sent | {"value": "7000"})
        assert (done["Location"], said(writer, done)) == (address("numbers", draft.slug), ["Saved."])
        assert KeyNumber.objects.get().value == Decimal(7000)

    def test_two_people_lose_nothing(self, writer: Client, draft: ActionBrief) -> None:
        row = make_number(draft)
        url = f"{address('numbers', draft.slug)}?row={row.pk}"
        page = writer.get(url)
        writer.post(url, as_sent(page, label_en="adults hurt"))
        answer = writer.post(url, as_sent(page, label_en="grown-ups", value="9"))
        assert (answer.status_code, KeyNumber.objects.get().label_en) == (409, "adults hurt")
        assert [(d.field.name, d.theirs, d.field.value()) for d in answer.context["differences"]] == [
            ("value", "6000.00", "9"),
            ("label_en", "adults hurt", "grown-ups"),
        ]
        writer.post(url, as_sent(answer) | {"choose-value": "mine", "choose-label_en": "theirs"})
        kept = KeyNumber.objects.get()
        assert (kept.value, kept.label_en) == (Decimal(9), "adults hurt")

    def test_removed_meanwhile_can_be_added_again(self, writer: Client, draft: ActionBrief) -> None:
        row = make_number(draft)
        url = f"{address('numbers', draft.slug)}?row={row.pk}"
        typed = as_sent(writer.get(url), label_en="grown-ups")
        row.delete()
        answer = writer.post(url, typed)
        assert (answer.status_code, answer.context["form"]["label_en"].value()) == (409, "grown-ups")
        assert f'action="{address("numbers", draft.slug)}"' in text_of(answer)
        writer.post(address("numbers", draft.slug), as_sent(answer))
        assert KeyNumber.objects.get().label_en == "grown-ups"
        assert said(writer, writer.get(url))[-1] == "This was removed meanwhile."

    @pytest.mark.parametrize("row", ["x", "", "99999999999999999999", "0"])
    def test_nonsense_in_the_address(self, writer: Client, draft: ActionBrief, row: str) -> None:
        assert writer.get(address("numbers", draft.slug), {"row": row}).status_code == 302


class TestMoving:
    def act(self, client: Client, name: str, row: Any, act: str, **more: Any) -> list[str]:
        data = {"act": act, "row": row.pk, "version": mark_of(row), **more}
        return said(client, client.post(address(name, row.brief.slug), data))

    def test_up_down_and_off_the_list(self, writer: Client, draft: ActionBrief) -> None:
        one = draft.sources.get()
        two = Source.objects.create(brief=draft, citation="Two.", order=1)
        assert self.act(writer, "sources", two, "up") == ["Moved."]
        assert list(draft.sources.all()) == [two, one]
        assert self.act(writer, "sources", two, "up") == ["It is at the end of the list already."]
        assert self.act(writer, "sources", two, "down") == ["Moved."]
        assert self.act(writer, "sources", one, "remove", version="stale") == [
            "Somebody changed this meanwhile; look at it again."
        ]
        assert self.act(writer, "sources", one, "remove") == ["Removed."]
        assert list(draft.sources.all()) == [two]
        assert self.act(writer, "sources", one, "remove") == ["This was removed meanwhile."]

    def test_buttons_only_where_they_lead_somewhere(self, writer: Client, draft: ActionBrief) -> None:
        Source.objects.create(brief=draft, citation="Two.", order=1)
        page = text_of(writer.get(address("sources", draft.slug)))
        assert [page.count(f'value="{act}"') for act in ("up", "down", "remove")] == [1, 1, 2]

    def test_what_is_no_act(self, writer: Client, draft: ActionBrief) -> None:
        row = draft.sources.get()
        for act in ("explode", "ask"):
            data = {"act": act, "row": row.pk}
            assert writer.post(address("sources", draft.slug), data).status_code == 404

    def test_a_row_of_another_brief_is_out_of_reach(self, writer: Client, draft: ActionBrief) -> None:
        other = make_brief("draft").sources.get()
        data = {"act": "remove", "row": other.pk, "version": mark_of(other)}
        assert said(writer, writer.post(address("sources", draft.slug), data)) == ["This was removed meanwhile."]
        assert Source.objects.filter(pk=other.pk).exists()

    def test_asking_the_municipality(self, writer: Client, draft: ActionBrief, thunder_bay: Any, amina: Any) -> None:
        row = Example.objects.create(brief=draft, municipality=thunder_bay, text_en="A hub.", text_fr="Un carrefour.")
        assert "Ask Thunder Bay" in text_of(writer.get(address("examples", draft.slug)))
        assert self.act(writer, "examples", row, "ask") == ["Whoever answers for the municipality is asked by email."]
        assert to("example_agreement") == ["amina@thunderbay.example"]
        page = text_of(writer.get(address("examples", draft.slug)))
        assert ("Asked on February 1, 2027, not answered yet" in page, "Ask Thunder Bay" in page) == (True, False)
        Example.objects.update(agreed_at=timezone.now(), agreed_by_name="Amina Diallo")
        assert "Agreed by Amina Diallo, February 1, 2027" in text_of(writer.get(address("examples", draft.slug)))


class TestEvidence:
    def test_chosen_from_the_library_and_others_choice_stays(self, writer: Client, draft: ActionBrief) -> None:
        practice = make_practice(name_en="Youth hub")
        one, two, three = (make_evidence(practice) for _n in range(3))
        hidden = make_evidence(make_practice(published_at=None))
        draft.evidence.set([one])
        url = address("evidence", draft.slug)
        page = writer.get(url)
        assert [
            (group, [pk for pk, _w in rows]) for group, rows in page.context["form"].fields["evidence"].choices
        ] == [("Youth hub", [one.pk, two.pk, three.pk])]
        draft.evidence.add(three)  # by somebody else, meanwhile
        done = writer.post(url, as_sent(page, evidence=[str(two.pk)]))
        assert said(writer, done) == ["The evidence is saved."]
        assert set(draft.evidence.all()) == {two, three}
        wrong = writer.post(url, {"evidence": [hidden.pk], "seen": "x,99999999999999"})
        assert (wrong.status_code, "evidence" in wrong.context["form"].errors) == (422, True)


PRACTICE = {
    "kind": "programme", "name_en": "Youth <b>hub", "name_fr": "Carrefour", "summary_en": "A place.", "summary_fr": "Un lieu.",
}  # fmt: skip
RATING = {
    "outcome_en": "Violent crime", "outcome_fr": "Crimes violents", "claim_en": "Less of it.", "claim_fr": "Moins.",
    "system": "Toolkit", "label": "IMPACT: HIGH", "label_language": "en", "url": "https://toolkit.example/",
    "rated_on": "2026-05-01", "read_on": "2027-01-10", "impact": "high", "strength": "4", "cost": "", "review_due_on": "",
}  # fmt: skip


class TestPractices:
    def test_described_rated_placed_published(self, writer: Client, winnipeg: Any) -> None:
        done = writer.post(address("practice_new"), as_sent(writer.get(address("practice_new")), **PRACTICE))
        practice = Practice.objects.get()
        url = address("practice_edit", practice.slug)
        assert done["Location"] == url
        assert "Youth &lt;b&gt;hub" in text_of(writer.get(url))
        assert said(writer, writer.post(url, {"act": "publish"})) == ["Add first what the evidence says about it."]
        add = address("evidence_add", practice.slug)
        done = writer.post(add, as_sent(writer.get(add), **RATING))
        assert (done["Location"], said(writer, done)) == (url, ["The evidence is written down."])
        place = {"act": "place_add", "municipality": winnipeg.pk, "programme": "", "source": "Council report, 2025"}
        assert said(writer, writer.post(url, place)) == ["The place is in the list."]
        again = writer.post(url, place)
        assert [str(m) for m in again.context["messages"]] == ["Winnipeg is in the list already."]
        assert said(writer, writer.post(url, {"act": "publish"})) == ["The practice is in the library."]
        assert said(writer, writer.post(url, {"act": "publish"})) == ["This practice is in the library already."]
        page = text_of(writer.get(url))
        for words in ("IMPACT: HIGH", "Council report, 2025", "In the library", "read on January 10, 2027"):
            assert words in page
        [there] = practice.places.all()
        assert said(writer, writer.post(url, {"act": "place_remove", "place": there.pk})) == ["Removed."]
        assert said(writer, writer.post(url, {"act": "place_remove", "place": there.pk})) == [
            "This was removed meanwhile."
        ]

    def test_what_is_wrong_comes_back(self, writer: Client) -> None:
        page = writer.post(
            address("practice_new"), PRACTICE | {"summary_fr": "", "problem_en": "Violence", "version": "1"}
        )
        assert (page.status_code, page.context["form"].errors) == (
            422,
            {"summary_fr": ["This field is required."], "problem_fr": ["Write it in both languages, or in neither."]},
        )
        practice = make_practice()
        page = writer.post(address("practice_edit", practice.slug), {"act": "place_add", "source": "Report"})
        assert (page.status_code, page.context["place_form"].errors) == (
            422,
            {"municipality": ["This field is required."]},
        )
        assert page.context["place_form"]["source"].value() == "Report"

    def test_two_people_lose_nothing(self, writer: Client) -> None:
        practice = make_practice()
        url = address("practice_edit", practice.slug)
        sent = {
            k: v for k, v in as_sent(writer.get(url)).items() if k not in ("act", "municipality", "programme", "source")
        }
        assert said(writer, writer.post(url, sent | {"name_en": "First"})) == ["Saved."]
        answer = writer.post(url, sent | {"name_en": "Second"})
        assert (answer.status_code, Practice.objects.get().name_en) == (409, "First")
        writer.post(url, as_sent(answer) | {"choose-name_en": "mine"})
        assert Practice.objects.get().name_en == "Second"

    @pytest.mark.parametrize("person", ["priya", "rene", "amina"])
    def test_only_writers(self, client: Client, request: pytest.FixtureRequest, person: str) -> None:
        practice = make_practice()
        entry = make_evidence(practice)
        client.force_login(request.getfixturevalue(person))
        for url in (
            address("practice_new"),
            address("practice_edit", practice.slug),
            address("evidence_add", practice.slug),
            address("evidence_edit", practice.slug, entry.pk),
        ):
            assert (client.get(url).status_code, client.post(url, {}).status_code) == (403, 403)

    @pytest.mark.parametrize("language", ["en", "fr"])
    def test_each_page_opens_and_what_does_not_exist(self, writer: Client, language: str) -> None:
        practice = make_practice()
        entry = make_evidence(practice)
        for name, *args in (
            ("practice_new",),
            ("practice_edit", practice.slug),
            ("evidence_add", practice.slug),
            ("evidence_edit", practice.slug, entry.pk),
        ):
            assert writer.get(address(name, *args, language=language)).status_code == 200
        assert writer.get(address("practice_edit", "nothing")).status_code == 404
        assert writer.get(address("evidence_edit", make_practice().slug, entry.pk)).status_code == 404


class TestRatings:
    def test_never_one_of_our_own(self, writer: Client) -> None:
        url = address("evidence_add", make_practice().slug)
        for typed, errors in (
            ({"label": ""}, {"label": ["This field is required."]}),
            ({"url": ""}, {"url": ["This field is required."]}),
            ({"read_on": "2027-02-02"}, {"read_on": ["This day lies ahead."]}),
            ({"rated_on": "2027-01-11"}, {"rated_on": ["It was rated after you read it."]}),
            ({"strength": "6"}, {"strength": ["Select a valid choice. 6 is not one of the available choices."]}),
        ):
            page = writer.post(url, RATING | typed)
            assert (page.status_code, page.context["form"].errors) == (422, errors)
        assert Evidence.objects.count() == 0

    def test_changed_stale_and_removed(self, writer: Client) -> None:
        practice = make_practice()
        entry = make_evidence(practice, outcome_en="Violence")
        url = address("evidence_edit", practice.slug, entry.pk)
        page = writer.get(url)
        assert said(writer, writer.post(url, as_sent(page, label="IMPACT: LOW"))) == ["The evidence is saved."]
        answer = writer.post(url, as_sent(page, label="IMPACT: NONE"))
        assert (answer.status_code, Evidence.objects.get().label) == (409, "IMPACT: LOW")
        stale = {"act": "remove", "version": mark_of(entry)}
        assert said(writer, writer.post(url, stale)) == ["Somebody changed this meanwhile; look at it again."]
        fresh = {"act": "remove", "version": mark_of(Evidence.objects.get())}
        assert said(writer, writer.post(url, fresh)) == ["Removed."]
        assert Evidence.objects.count() == 0

    def test_one_source_one_outcome(self, writer: Client) -> None:
        practice = make_practice()
        url = address("evidence_add", practice.slug)
        writer.post(url, RATING)
        page = writer.post(url, RATING)
        assert (page.status_code, [str(m) for m in page.context["messages"]][-1]) == (
            422,
            "What Toolkit says about “Violent crime” stands here already.",
        )
