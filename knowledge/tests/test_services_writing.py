"""Writing a brief beside its texts, and the library of practices."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from cmncp_portal.core.editing import Conflict
from cmncp_portal.core.workflow import TransitionRefused
from cmncp_portal.network.tests.factories import make_municipality, make_programme, make_topic
from cmncp_portal.notifications.models import Message
from knowledge.models import ActionBrief, Evidence, Example, Practice
from knowledge.selectors.rows import mark_of, rows_of
from knowledge.services import practices, writing

from .factories import make_audience, make_evidence, make_practice, make_series, make_step

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


def read(brief: ActionBrief) -> ActionBrief:
    return ActionBrief.objects.get(pk=brief.pk)


class TestBeginning:
    def test_an_idea_with_both_editions_and_the_first_row_of_its_history(self, uma: Any) -> None:
        topic = make_topic()
        made = writing.create_brief(by=uma, title="Écoles sûres", language="fr", topics=[topic])
        assert (made.slug, made.state, made.source_language, made.series, made.number) == (
            "ecoles-sures", "idea", "fr", None, None,
        )  # fmt: skip
        assert [(e.language, e.title, e.saved_by_name) for e in made.editions.all()] == [
            ("en", "", ""),
            ("fr", "Écoles sûres", "Uma Sharma"),
        ]
        assert list(made.topics.all()) == [topic]
        assert [(c.transition, c.to_state, c.by_name) for c in made.changes.all()] == [("begin", "idea", "Uma Sharma")]
        assert {code: read(made).state_of(code) for code in ("en", "fr")} == {"en": "missing", "fr": "draft"}

    def test_the_second_click_gives_the_first_one_and_a_minute_later_another(self, uma: Any, clock: Any) -> None:
        first = writing.create_brief(by=uma, title="Safe schools", language="en")
        assert writing.create_brief(by=uma, title="Safe schools", language="en") == first
        clock.shift(61)
        again = writing.create_brief(by=uma, title="Safe schools", language="en")
        assert (again.slug, ActionBrief.objects.count()) == ("safe-schools-2", 2)

    def test_the_next_free_number_and_no_number_twice(self, uma: Any, brief: Any) -> None:
        series = make_series(1)
        brief("published", series=series, number=7)
        made = writing.create_brief(by=uma, title="Safe schools", language="en", series=series)
        assert (made.number, made.reference) == (8, "1.8")
        with pytest.raises(TransitionRefused, match=r"Number 1\.7 is taken by “Safe streets”\."):
            writing.create_brief(by=uma, title="Other", language="en", series=series, number=7)
        assert writing.next_number(make_series(2)) == 1

    def test_only_writers_begin(self, priya: Any) -> None:
        with pytest.raises(PermissionDenied):
            writing.create_brief(by=priya, title="Safe schools", language="en")

    @pytest.mark.parametrize(("title", "slug"), [("?!", "brief"), ("x" * 200, "x" * 95)])
    def test_every_title_has_an_address(self, uma: Any, title: str, slug: str) -> None:
        assert writing.create_brief(by=uma, title=title, language="en").slug == slug


class TestFacts:
    def test_saved_under_the_version_that_was_seen(self, uma: Any, brief: Any) -> None:
        there, topic = brief("draft"), make_topic()
        writing.keep_facts(there, seen=1, by=uma, topics=[topic], authors="Uma Sharma", slug="streets", stages=[2, 4])
        kept = read(there)
        assert (kept.version, kept.authors, kept.slug, kept.stages) == (2, "Uma Sharma", "streets", [2, 4])
        assert list(kept.topics.all()) == [topic]
        with pytest.raises(Conflict):
            writing.keep_facts(read(there), seen=1, by=uma, authors="Somebody else")
        assert read(there).authors == "Uma Sharma"

    @pytest.mark.parametrize(("state", "may"), [("approved", True), ("published", False), ("withdrawn", False)])
    def test_readers_know_the_address(self, uma: Any, brief: Any, state: str, may: bool) -> None:
        there = brief(state)
        if may:
            writing.keep_facts(there, seen=1, by=uma, slug="new-one")
        else:
            with pytest.raises(TransitionRefused):
                writing.keep_facts(there, seen=1, by=uma, slug="new-one")
        assert (read(there).slug == "new-one") is may

    def test_what_is_taken_is_refused(self, uma: Any, brief: Any) -> None:
        series = make_series()
        other = brief("published", series=series, number=1)
        there = brief("draft")
        for fields, words in (
            ({"series": series, "number": 1}, r"Number 1\.1 is taken"),
            ({"slug": other.slug}, "Another brief has this address"),
            ({"replaces": there}, "does not replace itself"),
        ):
            with pytest.raises(TransitionRefused, match=words):
                writing.keep_facts(there, seen=1, by=uma, **fields)
        brief("draft", replaces=other)
        with pytest.raises(TransitionRefused, match="replaces that one already"):
            writing.keep_facts(there, seen=1, by=uma, replaces=other)
        assert (read(there).version, read(there).number) == (1, None)

    def test_a_series_gives_a_number_and_none_takes_it(self, uma: Any, brief: Any) -> None:
        there = brief("draft")
        writing.keep_facts(there, seen=1, by=uma, series=make_series(3), number=None)
        assert read(there).reference == "3.1"
        writing.keep_facts(there, seen=2, by=uma, series=None, number=4)
        assert (read(there).series, read(there).number) == (None, None)

    def test_others_may_not_and_nothing_changes_after_the_end(self, uma: Any, priya: Any, brief: Any) -> None:
        with pytest.raises(PermissionDenied):
            writing.keep_facts(brief("draft"), seen=1, by=priya, authors="Me")
        with pytest.raises(TransitionRefused, match="It is “Withdrawn”: nothing about it changes any more."):
            writing.keep_facts(brief("withdrawn"), seen=1, by=uma, authors="Me")


NUMBER = {"value": Decimal("6000.00"), "label_en": "adults", "label_fr": "adultes", "year": 2009, "source": "IPC"}


class TestRows:
    def test_added_last_and_the_same_once(self, uma: Any, brief: Any) -> None:
        there = brief("draft")
        first = writing.add_row(there, "numbers", by=uma, **NUMBER)
        second = writing.add_row(there, "numbers", by=uma, **(NUMBER | {"year": 2010}))
        assert [(n, n.order) for n in rows_of(there, "numbers")] == [(first, 0), (second, 1)]
        with pytest.raises(TransitionRefused) as refused:
            writing.add_row(there, "numbers", by=uma, **NUMBER)
        assert (refused.value.done_already, there.numbers.count()) == (True, 2)

    def test_changed_only_as_it_was_seen(self, uma: Any, brief: Any) -> None:
        there = brief("draft")
        row = there.sources.get()
        seen = mark_of(row)
        writing.keep_row(row, seen=seen, by=uma, citation="Statistics Canada, 2020.", language="en", url="")
        assert there.sources.get().citation == "Statistics Canada, 2020."
        with pytest.raises(Conflict) as conflict:
            writing.keep_row(row, seen=seen, by=uma, citation="Other.", language="en", url="")
        assert conflict.value.current.citation == "Statistics Canada, 2020."  # type: ignore[attr-defined]
        with pytest.raises(Conflict):
            writing.remove_row(row, seen=seen, by=uma)
        writing.remove_row(row, seen=mark_of(there.sources.get()), by=uma)
        with pytest.raises(TransitionRefused) as refused:
            writing.remove_row(row, seen=seen, by=uma)
        assert refused.value.done_already

    def test_steps_move_among_those_for_the_same_people(self, uma: Any, brief: Any) -> None:
        there = brief("draft")
        council = there.steps.get()
        make_audience("police", order=5)
        one, two, three = (make_step(there, "police", text_en=f"Step {n}", order=n) for n in (1, 2, 3))
        writing.move_row(three, by=uma, step=-1)
        assert rows_of(there, "steps") == [council, one, three, two]
        writing.move_row(one, by=uma, step=1)
        assert rows_of(there, "steps") == [council, three, one, two]
        for row, step in ((council, 1), (council, -1), (two, 1), (three, -1)):
            with pytest.raises(TransitionRefused, match="at the end of the list"):
                writing.move_row(row, by=uma, step=step)

    @pytest.mark.parametrize("person", ["priya", "rene", "amina"])
    def test_only_writers(self, request: pytest.FixtureRequest, brief: Any, person: str) -> None:
        by, there = request.getfixturevalue(person), brief("draft")
        row = there.sources.get()
        for act in (
            lambda: writing.add_row(there, "numbers", by=by, **NUMBER),
            lambda: writing.keep_row(row, seen=mark_of(row), by=by, citation="x"),
            lambda: writing.remove_row(row, seen=mark_of(row), by=by),
            lambda: writing.move_row(row, by=by, step=1),
            lambda: writing.keep_evidence(there, by=by),
        ):
            with pytest.raises(PermissionDenied):
                act()

    def test_nothing_changes_in_what_was_replaced(self, uma: Any, brief: Any) -> None:
        with pytest.raises(TransitionRefused, match="It is “Replaced”"):
            writing.add_row(brief("superseded"), "numbers", by=uma, **NUMBER)


class TestExamples:
    @pytest.fixture
    def example(self, uma: Any, brief: Any, thunder_bay: Any, amina: Any) -> Example:
        fields = {"municipality": thunder_bay, "programme": None, "text_en": "A hub.", "text_fr": "Un carrefour."}
        return writing.add_row(brief("draft"), "examples", by=uma, **fields)

    def test_the_programme_is_of_the_place(self, uma: Any, brief: Any, thunder_bay: Any, winnipeg: Any) -> None:
        programme = make_programme(winnipeg, name_en="Youth hub")
        words = {"municipality": thunder_bay, "programme": programme, "text_en": "A", "text_fr": "A"}
        with pytest.raises(TransitionRefused, match="Youth hub is not a programme of Thunder Bay."):
            writing.add_row(brief("draft"), "examples", by=uma, **words)

    def test_the_municipality_is_asked_once_about_the_same_words(self, example: Example, uma: Any) -> None:
        assert writing.ask_agreement(example, by=uma) == 1
        [letter] = Message.objects.filter(kind="knowledge.example_agreement")
        assert letter.to_email == "amina@thunderbay.example"
        for words in ("Uma Sharma", "Safe streets", "A hub.", f"/en/knowledge/examples/{example.pk}/"):
            assert words in letter.text
        with pytest.raises(TransitionRefused) as refused:
            writing.ask_agreement(example, by=uma)
        assert refused.value.done_already
        fields = {"municipality": example.municipality, "programme": None, "text_fr": "Un carrefour."}
        writing.keep_row(example, seen=mark_of(example), by=uma, text_en="A youth hub.", **fields)
        assert writing.ask_agreement(example, by=uma) == 1

    def test_new_words_need_a_new_agreement_and_the_same_words_do_not(
        self, example: Example, uma: Any, clock: Any
    ) -> None:
        Example.objects.update(agreed_at=timezone.now(), agreed_by_name="Amina Diallo")
        stored = Example.objects.get()
        with pytest.raises(TransitionRefused, match="has agreed already"):
            writing.ask_agreement(stored, by=uma)
        same = {"municipality": stored.municipality, "programme": None, "text_en": "A hub.", "text_fr": "Un carrefour."}
        writing.keep_row(stored, seen=mark_of(stored), by=uma, **same)
        assert Example.objects.get().agreed_by_name == "Amina Diallo"
        writing.keep_row(stored, seen=mark_of(stored), by=uma, **(same | {"text_fr": "Un lieu."}))
        assert (Example.objects.get().agreed_at, Example.objects.get().agreed_by_name) == (None, "")

    def test_nobody_to_ask_is_said(self, uma: Any, brief: Any) -> None:
        place = make_municipality("nowhere")
        words = {"municipality": place, "programme": None, "text_en": "A", "text_fr": "A"}
        example = writing.add_row(brief("draft"), "examples", by=uma, **words)
        with pytest.raises(TransitionRefused, match="Nobody answers for Nowhere at the moment."):
            writing.ask_agreement(example, by=uma)


def test_evidence_is_added_and_removed_and_others_choice_stays(uma: Any, brief: Any) -> None:
    practice, there = make_practice(), brief("draft")
    one, two, three = (make_evidence(practice) for _n in range(3))
    there.evidence.set([one, two])
    writing.keep_evidence(there, by=uma, add=[three.pk], remove=[one.pk])
    assert set(there.evidence.all()) == {two, three}


WORDS = {
    "kind": "programme", "name_en": "Youth hub", "name_fr": "Carrefour", "summary_en": "A place.", "summary_fr": "Un lieu.",
}  # fmt: skip
RATING = {
    "outcome_en": "Violent crime", "outcome_fr": "Crimes violents", "claim_en": "Less of it.", "claim_fr": "Moins.",
    "system": "Toolkit", "label": "HIGH", "label_language": "en", "url": "https://toolkit.example/", "impact": "high",
    "read_on": date(2027, 1, 10),
}  # fmt: skip


class TestPractices:
    def test_described_published_and_found(self, uma: Any) -> None:
        made = practices.create_practice(by=uma, topics=[make_topic()], **WORDS)
        assert (made.slug, made.published_at) == ("youth-hub", None)
        assert practices.create_practice(by=uma, **WORDS) == made
        with pytest.raises(TransitionRefused, match="Add first what the evidence says about it."):
            practices.publish_practice(made, by=uma)
        practices.add_evidence(made, by=uma, **RATING)
        practices.publish_practice(made, by=uma)
        with pytest.raises(TransitionRefused) as refused:
            practices.publish_practice(made, by=uma)
        assert refused.value.done_already
        assert Practice.objects.get().published_at is not None

    def test_a_way_to_govern_may_stand_without_a_rating(self, uma: Any) -> None:
        made = practices.create_practice(by=uma, **(WORDS | {"kind": "governance"}))
        practices.publish_practice(made, by=uma)
        assert made.published_at is not None

    def test_a_stale_page_loses_nothing(self, uma: Any) -> None:
        practice = make_practice()
        practices.keep_practice(practice, seen=1, by=uma, name_en="Hub")
        with pytest.raises(Conflict):
            practices.keep_practice(practice, seen=1, by=uma, name_en="Other")
        assert Practice.objects.get().name_en == "Hub"

    def test_places_once_each_with_their_own_programmes(self, uma: Any, winnipeg: Any, thunder_bay: Any) -> None:
        practice = make_practice()
        there = practices.add_place(practice, by=uma, municipality=winnipeg, source="Council report, 2025")
        with pytest.raises(TransitionRefused, match="Winnipeg is in the list already."):
            practices.add_place(practice, by=uma, municipality=winnipeg, source="Again")
        programme = make_programme(winnipeg)
        with pytest.raises(TransitionRefused, match="is not a programme of Thunder Bay"):
            practices.add_place(practice, by=uma, municipality=thunder_bay, programme=programme, source="x")
        practices.remove_place(there, by=uma)
        assert practice.places.count() == 0

    def test_a_source_rates_an_outcome_once(self, uma: Any) -> None:
        practice = make_practice()
        entry = practices.add_evidence(practice, by=uma, **RATING)
        with pytest.raises(TransitionRefused, match="What Toolkit says about “Violent crime” stands here already."):
            practices.add_evidence(practice, by=uma, **RATING)
        entry = Evidence.objects.get()
        seen = mark_of(entry)
        practices.keep_evidence(entry, seen=seen, by=uma, **(RATING | {"label": "MODERATE"}))
        with pytest.raises(Conflict):
            practices.keep_evidence(entry, seen=seen, by=uma, **RATING)
        with pytest.raises(Conflict):
            practices.remove_evidence(entry, seen=seen, by=uma)
        assert Evidence.objects.get().label == "MODERATE"

    def test_what_a_public_brief_cites_stays(self, uma: Any, brief: Any) -> None:
        entry = make_evidence(make_practice())
        there = brief("published")
        there.evidence.add(entry)
        stored = Evidence.objects.get()
        with pytest.raises(TransitionRefused, match="“Safe streets” cites it: take it off there first."):
            practices.remove_evidence(stored, seen=mark_of(stored), by=uma)
        there.evidence.clear()
        practices.remove_evidence(stored, seen=mark_of(stored), by=uma)
        assert Evidence.objects.count() == 0

    def test_only_writers(self, priya: Any) -> None:
        practice = make_practice()
        entry = make_evidence(practice)
        for act in (
            lambda: practices.create_practice(by=priya, **WORDS),
            lambda: practices.keep_practice(practice, seen=1, by=priya),
            lambda: practices.publish_practice(practice, by=priya),
            lambda: practices.add_place(practice, by=priya, municipality=None, source=""),
            lambda: practices.add_evidence(practice, by=priya, **RATING),
            lambda: practices.remove_evidence(entry, seen="", by=priya),
        ):
            with pytest.raises(PermissionDenied):
                act()
