"""Putting briefs to work: one use per municipality, marks that belong to it, and an example nobody agrees to unread."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import translation

from cmncp_portal.core.editing import Conflict
from cmncp_portal.core.workflow import TransitionRefused
from cmncp_portal.network.tests.factories import make_municipality
from knowledge.models import Concern, Example, StepMark, Use
from knowledge.selectors.using import used_by, wording_of
from knowledge.services.using import agree_to_example, keep_use, mark_step, refuse_example, take_back_use

from .factories import make_step
from .mailbag import forget, to, written

pytestmark = pytest.mark.django_db
TODAY = date(2027, 2, 1)


def note(brief: Any, place: Any, by: Any, **more: Any) -> Use:
    return keep_use(brief, municipality=place, by=by, **({"seen": 0, "state": "doing", "on": TODAY} | more))


class TestUse:
    def test_it_is_noted_and_the_writers_hear_of_it(
        self, brief: Any, thunder_bay: Any, joseph: Any, uma: Any, priya: Any
    ) -> None:
        made = note(brief(), thunder_bay, joseph, note=" Lamps on Red River Road. ", on=date(2026, 11, 3))
        assert (made.state, made.note, made.on, made.by_name, made.note_language) == (
            "doing",
            "Lamps on Red River Road.",
            date(2026, 11, 3),
            "Joseph Kakegamic",
            "en",
        )
        [letter] = written("brief_used")
        assert (letter.to_email, letter.subject) == (
            "uma@university.example",
            "[CMNCP] Thunder Bay is putting a brief to work: Safe streets",
        )
        assert "Lamps on Red River Road." in letter.text

    def test_the_writers_hear_once_per_change_of_state(
        self, brief: Any, thunder_bay: Any, joseph: Any, amina: Any, uma: Any
    ) -> None:
        paper = brief()
        note(paper, thunder_bay, joseph)
        note(paper, thunder_bay, amina, seen=1, note="With the school board.")
        assert len(written("brief_used")) == 1
        note(paper, thunder_bay, amina, seen=2, state="done")
        assert [letter.subject for letter in written("brief_used")] == [
            "[CMNCP] Thunder Bay is putting a brief to work: Safe streets",
            "[CMNCP] Thunder Bay has put a brief to work: Safe streets",
        ]
        assert list(Use.objects.values_list("municipality", "state", "note", "by_name")) == [
            (thunder_bay.pk, "done", "", "Amina Diallo")
        ]

    def test_a_second_click_is_told(self, brief: Any, thunder_bay: Any, joseph: Any, uma: Any) -> None:
        paper = brief()
        note(paper, thunder_bay, joseph)
        with pytest.raises(TransitionRefused, match="noted already") as refused:
            note(paper, thunder_bay, joseph)
        assert refused.value.done_already
        assert (Use.objects.count(), to("brief_used")) == (1, ["uma@university.example"])

    def test_two_colleagues_at_once_lose_nothing(self, brief: Any, thunder_bay: Any, joseph: Any, amina: Any) -> None:
        paper = brief()
        note(paper, thunder_bay, joseph, note="Lamps.")
        with pytest.raises(Conflict) as first:
            note(paper, thunder_bay, amina, note="Benches.")
        note(paper, thunder_bay, joseph, seen=1, note="Lamps and benches.")
        with pytest.raises(Conflict) as second:
            note(paper, thunder_bay, amina, seen=1, note="Benches.")
        assert [c.value.current.note for c in (first, second)] == ["Lamps.", "Lamps and benches."]

    @pytest.mark.parametrize(("day", "may"), [(31, True), (1, True), (2, False)])
    def test_not_for_a_day_ahead(self, brief: Any, thunder_bay: Any, joseph: Any, day: int, may: bool) -> None:
        on = date(2027, 1, 31) if day == 31 else date(2027, 2, day)
        if may:
            assert note(brief(), thunder_bay, joseph, on=on).on == on
        else:
            with pytest.raises(TransitionRefused, match="lies ahead"):
                note(brief(), thunder_bay, joseph, on=on)

    @pytest.mark.parametrize(("stage", "may"), [("published", True), ("superseded", True), ("withdrawn", False)])
    def test_not_of_what_was_withdrawn(self, brief: Any, thunder_bay: Any, joseph: Any, stage: str, may: bool) -> None:
        if may:
            assert note(brief(stage), thunder_bay, joseph).pk
        else:
            with pytest.raises(TransitionRefused, match="no longer in use"):
                note(brief(stage), thunder_bay, joseph)

    def test_not_for_the_neighbour(self, brief: Any, thunder_bay: Any, helen: Any, priya: Any) -> None:
        with pytest.raises(PermissionDenied):
            note(brief(), thunder_bay, helen)
        assert note(brief(), thunder_bay, priya).by_name == "Priya Nair"

    def test_it_is_taken_back_with_its_letter(self, brief: Any, thunder_bay: Any, joseph: Any, uma: Any) -> None:
        paper = brief()
        note(paper, thunder_bay, joseph)
        take_back_use(paper, municipality=thunder_bay, by=joseph)
        assert (Use.objects.count(), written("brief_used")) == (0, [])
        with pytest.raises(TransitionRefused, match="already") as refused:
            take_back_use(paper, municipality=thunder_bay, by=joseph)
        assert refused.value.done_already

    def test_who_uses_it_is_counted_and_named_to_whom_it_may(
        self,
        brief: Any,
        thunder_bay: Any,
        winnipeg: Any,
        joseph: Any,
        helen: Any,
        priya: Any,
        django_assert_num_queries: Any,
    ) -> None:
        paper, thinking = brief(), make_municipality("selkirk", member=False)
        note(paper, thunder_bay, joseph, on=date(2026, 5, 1))
        note(paper, winnipeg, helen, state="done")
        note(paper, thinking, priya)
        with django_assert_num_queries(1):
            seen = used_by(paper)
        assert (seen.count, [str(use.municipality) for use in seen.uses]) == (3, ["Winnipeg", "Thunder Bay"])
        assert [str(use.municipality) for use in used_by(paper, priya).uses] == ["Selkirk", "Winnipeg", "Thunder Bay"]


class TestSteps:
    def test_the_mark_is_the_municipalitys(
        self, brief: Any, thunder_bay: Any, winnipeg: Any, joseph: Any, amina: Any, helen: Any, clock: Any
    ) -> None:
        step = make_step(brief())
        mark_step(step, municipality=thunder_bay, state="to_do", by=joseph)
        mark_step(step, municipality=winnipeg, state="to_do", by=helen)
        clock.move_to(datetime(2027, 3, 1, 15, 0, tzinfo=UTC))
        mark_step(step, municipality=thunder_bay, state="done", by=amina)
        kept = StepMark.objects.order_by("municipality__slug").values_list("municipality__slug", "state", "by_name")
        assert list(kept) == [("thunder-bay", "done", "Amina Diallo"), ("winnipeg", "to_do", "Helen Friesen")]
        assert StepMark.objects.get(by=amina).at == datetime(2027, 3, 1, 15, 0, tzinfo=UTC)

    def test_it_is_taken_away(self, brief: Any, thunder_bay: Any, joseph: Any) -> None:
        step = make_step(brief())
        mark_step(step, municipality=thunder_bay, state="done", by=joseph)
        mark_step(step, municipality=thunder_bay, state="", by=joseph)
        assert StepMark.objects.count() == 0

    @pytest.mark.parametrize("state", ["to_do", "done", ""])
    def test_a_second_click_is_told(self, brief: Any, thunder_bay: Any, joseph: Any, state: str) -> None:
        step = make_step(brief())
        if state:
            mark_step(step, municipality=thunder_bay, state=state, by=joseph)
        with pytest.raises(TransitionRefused, match="already") as refused:
            mark_step(step, municipality=thunder_bay, state=state, by=joseph)
        assert refused.value.done_already

    @pytest.mark.parametrize("stage", ["draft", "superseded", "withdrawn"])
    def test_only_of_published_briefs(self, brief: Any, thunder_bay: Any, joseph: Any, stage: str) -> None:
        with pytest.raises(TransitionRefused):
            mark_step(make_step(brief(stage)), municipality=thunder_bay, state="done", by=joseph)

    def test_not_by_the_neighbour(self, brief: Any, thunder_bay: Any, helen: Any) -> None:
        with pytest.raises(PermissionDenied):
            mark_step(make_step(brief()), municipality=thunder_bay, state="done", by=helen)


@pytest.fixture
def told(brief: Any, thunder_bay: Any) -> Example:
    """What a draft is to say about Thunder Bay."""
    return Example.objects.create(
        brief=brief("draft"),
        municipality=thunder_bay,
        text_en="Walks its streets.",
        text_fr="Parcourt ses rues à pied.",
    )


class TestExample:
    def test_the_representative_agrees(self, told: Example, amina: Any) -> None:
        agree_to_example(told, seen=wording_of(told), by=amina)
        kept = Example.objects.get()
        assert (kept.agreed_at, kept.agreed_by_name) == (datetime(2027, 2, 1, 15, 0, tzinfo=UTC), "Amina Diallo")

    def test_a_second_click_says_who_agreed(self, told: Example, amina: Any) -> None:
        agree_to_example(told, seen=wording_of(told), by=amina)
        with pytest.raises(TransitionRefused, match="Amina Diallo agreed on February 1, 2027.") as refused:
            agree_to_example(told, seen=wording_of(told), by=amina)
        assert refused.value.done_already

    @pytest.mark.parametrize("field", ["text_en", "text_fr"])
    def test_not_to_a_text_that_was_changed_meanwhile(self, told: Example, amina: Any, field: str) -> None:
        seen = wording_of(told)
        Example.objects.update(**{field: "Something else."})
        with pytest.raises(TransitionRefused, match="read it once more"):
            agree_to_example(told, seen=seen, by=amina)
        assert Example.objects.get().agreed_at is None

    def test_not_by_staff_or_the_neighbour(self, told: Example, joseph: Any, helen: Any, priya: Any) -> None:
        for person in (joseph, helen, priya):
            with pytest.raises(PermissionDenied):
                agree_to_example(told, seen=wording_of(told), by=person)
            with pytest.raises(PermissionDenied):
                refuse_example(told, note="No.", by=person)

    def test_a_change_is_asked_for_and_waits_for_the_writers(self, told: Example, amina: Any, uma: Any) -> None:
        agree_to_example(told, seen=wording_of(told), by=amina)
        forget()
        refuse_example(told, note=" It is the police who walk. ", by=amina)
        asked = Concern.objects.get()
        assert Example.objects.get().agreed_at is None
        assert (asked.brief, asked.text, asked.email, asked.name) == (
            told.brief,
            "Example of Thunder Bay: It is the police who walk.",
            "amina@thunderbay.example",
            "Amina Diallo",
        )
        [letter] = written("concern_reported")
        assert letter.to_email == "uma@university.example"
        assert f"/en/knowledge/desk/readers/concern/{asked.pk}/" in letter.text
        with pytest.raises(TransitionRefused, match="know already"):
            refuse_example(told, note="It is the police who walk.", by=amina)
        assert Concern.objects.count() == 1

    def test_in_french(self, told: Example, amina: Any) -> None:
        with translation.override("fr"):
            refuse_example(told, note="C’est la police.", by=amina)
        assert Concern.objects.get().language == "fr"

    def test_after_it_was_removed(self, told: Example, amina: Any) -> None:
        gone = Example.objects.select_related("municipality").get()
        Example.objects.all().delete()
        with pytest.raises(TransitionRefused, match="no longer part"):
            agree_to_example(gone, seen=wording_of(gone), by=amina)
