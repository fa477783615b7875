"""Concerns, formats, and requests for briefs: told once, answered once, and only to an address that was left."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import translation

from cmncp_portal.core.workflow import TransitionRefused
from knowledge.models import ActionBrief, BriefRequest, Concern, Edition, Example, FormatRequest
from knowledge.services.asking import (
    accept,
    answer_concern,
    answer_format,
    decline,
    pass_on,
    report_concern,
    request_brief,
)

from .factories import make_practice
from .mailbag import forget, to, written
from .pages import address

pytestmark = pytest.mark.django_db
DUE = date(2027, 6, 30)
S = BriefRequest.State


class TestConcerns:
    def test_the_writers_hear_of_it(self, brief: Any, uma: Any, priya: Any) -> None:
        made = report_concern(brief(), text=" The number is from 1999. ", name="Ann", email=" Ann@Acme.example ")
        assert (made.text, made.email, made.language) == ("The number is from 1999.", "ann@acme.example", "en")
        [letter] = written("concern_reported")
        assert (letter.to_email, letter.subject) == (
            "uma@university.example",
            "[CMNCP] Somebody reports a concern: Safe streets",
        )
        assert "Ann tells us" in letter.text

    def test_without_a_name(self, clock: Any, uma: Any) -> None:
        made = report_concern(make_practice(), text="Wrong.")
        [letter] = written("concern_reported")
        assert (made.brief, "A reader, who gave no name, tells us" in letter.text) == (None, True)

    def test_a_second_click_is_the_first_one(self, brief: Any, uma: Any, clock: Any) -> None:
        paper = brief()
        first = report_concern(paper, text="Wrong.")
        clock.shift(timedelta(minutes=59))
        assert report_concern(paper, text="Wrong.") == first
        clock.shift(timedelta(minutes=2))
        assert report_concern(paper, text="Wrong.") != first
        assert (Concern.objects.count(), to("concern_reported")) == (2, ["uma@university.example"] * 2)

    def test_the_answer_goes_to_the_address_in_its_language(self, brief: Any, uma: Any) -> None:
        paper = brief()
        Edition.objects.filter(brief=paper).update(title="Not for readers yet")
        with translation.override("fr"):
            made = report_concern(paper, text="C’est faux.", email="zoe@acme.example")
        answer_concern(made, answer=" Corrigé. ", by=uma)
        [letter] = written("concern_answered")
        assert (letter.to_email, letter.language) == ("zoe@acme.example", "fr")
        assert letter.subject.endswith("Sécurité dans les rues")
        assert "Corrigé." in letter.text
        assert address("brief", paper.slug, language="fr") in letter.text
        kept = Concern.objects.get()
        assert (kept.answer, kept.answered_by, kept.answered_at) == (
            "Corrigé.",
            uma,
            datetime(2027, 2, 1, 15, 0, tzinfo=UTC),
        )

    def test_without_an_address_nobody_is_written_to(self, brief: Any, priya: Any) -> None:
        answer_concern(report_concern(brief(), text="Wrong."), answer="Corrected.", by=priya)
        assert (written("concern_answered"), Concern.objects.get().answer) == ([], "Corrected.")

    def test_an_answer_is_given_once(self, brief: Any, uma: Any, priya: Any) -> None:
        made = report_concern(brief(), text="Wrong.", email="ann@acme.example")
        answer_concern(made, answer="Corrected.", by=uma)
        with pytest.raises(TransitionRefused, match="Uma Sharma answered this already") as refused:
            answer_concern(made, answer="No.", by=priya)
        assert (refused.value.done_already, Concern.objects.get().answer) == (True, "Corrected.")

    def test_about_an_example_it_leads_to_the_example(self, brief: Any, thunder_bay: Any, amina: Any, uma: Any) -> None:
        draft = brief("draft")
        told = Example.objects.create(brief=draft, municipality=thunder_bay, text_en="a", text_fr="b")
        made = Concern.objects.create(brief=draft, text="Not so.", email=amina.email)
        answer_concern(made, answer="Changed.", by=uma)
        [letter] = written("concern_answered")
        assert f"/en/knowledge/examples/{told.pk}/" in letter.text

    @pytest.mark.parametrize("person", ["rosa", "rene"])
    def test_not_by_others(self, brief: Any, person: str, request: Any) -> None:
        made = report_concern(brief(), text="Wrong.")
        with pytest.raises(PermissionDenied):
            answer_concern(made, answer="x", by=request.getfixturevalue(person))


class TestFormats:
    def test_it_is_answered_once(self, brief: Any, priya: Any, rosa: Any) -> None:
        asked = FormatRequest.objects.create(
            brief=brief(), language="fr", wanted="Braille", email="zoe@acme.example", promised_on=date(2027, 2, 15)
        )
        with pytest.raises(PermissionDenied):
            answer_format(asked, answer="x", by=rosa)
        answer_format(asked, answer="Par la poste demain.", by=priya)
        with pytest.raises(TransitionRefused, match="already") as refused:
            answer_format(asked, answer="Non.", by=priya)
        [letter] = written("format_answered")
        assert (letter.to_email, letter.language, "Par la poste demain." in letter.text) == (
            "zoe@acme.example",
            "fr",
            True,
        )
        assert (refused.value.done_already, FormatRequest.objects.get().answer) == (True, "Par la poste demain.")


@pytest.fixture
def asked(clock: Any, thunder_bay: Any, amina: Any) -> BriefRequest:
    return BriefRequest.objects.create(
        by=amina, by_name="Amina Diallo", municipality=thunder_bay, subject="Lighting", why="Budget in June."
    )


def state() -> tuple[Any, ...]:
    kept = BriefRequest.objects.get()
    return kept.state, kept.reply, kept.due_on, kept.answered_by_name


class TestRequests:
    def test_coordinators_and_writers_hear_of_it(
        self, clock: Any, thunder_bay: Any, amina: Any, uma: Any, priya: Any, rene: Any
    ) -> None:
        made = request_brief(subject=" Lighting ", why="Budget in June.", municipality=thunder_bay, by=amina)
        assert (made.subject, made.by_name, made.state, made.municipality) == (
            "Lighting",
            "Amina Diallo",
            "open",
            thunder_bay,
        )
        assert to("brief_requested") == ["priya@network.example", "uma@university.example"]
        assert written("brief_requested")[0].subject == "[CMNCP] Amina Diallo asks for a brief: Lighting"

    def test_a_second_click_is_told(self, clock: Any, thunder_bay: Any, amina: Any, priya: Any) -> None:
        request_brief(subject="Lighting", why="x", municipality=thunder_bay, by=amina)
        with pytest.raises(TransitionRefused, match="already") as refused:
            request_brief(subject="lighting", why="x", municipality=thunder_bay, by=amina)
        assert (refused.value.done_already, BriefRequest.objects.count()) == (True, 1)

    def test_not_for_another_municipality(self, clock: Any, winnipeg: Any, amina: Any, uma: Any) -> None:
        with pytest.raises(PermissionDenied):
            request_brief(subject="Lighting", why="x", municipality=winnipeg, by=amina)
        with pytest.raises(PermissionDenied):
            request_brief(subject="Lighting", why="x", municipality=None, by=uma)

    def test_it_is_sorted_then_accepted_and_each_is_told(self, asked: BriefRequest, priya: Any, uma: Any) -> None:
        pass_on(asked, note="Soon, please.", by=priya)
        assert state() == (S.PASSED_ON, "Soon, please.", None, "Priya Nair")
        accept(asked, due_on=DUE, reply="With pleasure.", by=uma)
        assert state() == (S.ACCEPTED, "With pleasure.", DUE, "Uma Sharma")
        assert [(letter.to_email, letter.subject) for letter in written("request_answered")] == [
            (
                "amina@thunderbay.example",
                "[CMNCP] Your request for a brief is with the University of Ottawa team: Lighting",
            ),
            ("amina@thunderbay.example", "[CMNCP] The brief that you asked for will be written: Lighting"),
        ]
        assert "June 30, 2027" in written("request_answered")[1].text

    def test_another_day_is_told_again_the_same_is_not(self, asked: BriefRequest, uma: Any) -> None:
        accept(asked, due_on=DUE, by=uma)
        with pytest.raises(TransitionRefused, match="Uma Sharma did this already") as refused:
            accept(asked, due_on=DUE, by=uma)
        assert refused.value.done_already
        accept(asked, due_on=date(2027, 9, 1), by=uma)
        assert (state()[2], len(written("request_answered"))) == (date(2027, 9, 1), 2)

    @pytest.mark.parametrize(("day", "may"), [(date(2027, 1, 31), False), (date(2027, 2, 1), True), (DUE, True)])
    def test_the_day_lies_ahead(self, asked: BriefRequest, uma: Any, day: date, may: bool) -> None:
        if may:
            accept(asked, due_on=day, by=uma)
        else:
            with pytest.raises(TransitionRefused, match="lies ahead"):
                accept(asked, due_on=day, by=uma)
        assert state()[2] == (day if may else None)

    def test_a_brief_is_begun_for_it_once(self, asked: BriefRequest, uma: Any) -> None:
        accept(asked, due_on=DUE, begin=True, by=uma)
        made = ActionBrief.objects.get()
        assert (made.title, made.state, BriefRequest.objects.get().brief) == ("Lighting", "idea", made)
        with pytest.raises(TransitionRefused, match="begun for it already"):
            accept(asked, due_on=DUE, begin=True, by=uma)
        assert ActionBrief.objects.count() == 1

    def test_a_brief_of_the_desk_is_linked(self, asked: BriefRequest, brief: Any, uma: Any) -> None:
        paper = brief("draft")
        accept(asked, due_on=DUE, brief=paper, by=uma)
        assert BriefRequest.objects.get().brief == paper

    def test_it_is_declined_with_a_reason(self, asked: BriefRequest, priya: Any, uma: Any) -> None:
        with pytest.raises(TransitionRefused, match="Say why"):
            decline(asked, reason=" ", by=priya)
        decline(asked, reason="Brief 1.3 answers it.", by=priya)
        assert state() == (S.DECLINED, "Brief 1.3 answers it.", None, "Priya Nair")
        with pytest.raises(TransitionRefused, match="Priya Nair did this already"):
            decline(asked, reason="No.", by=uma)
        with pytest.raises(TransitionRefused, match="Declined"):
            accept(asked, due_on=DUE, by=uma)
        [letter] = written("request_answered")
        assert "Brief 1.3 answers it." in letter.text

    def test_what_was_passed_on_is_the_writers(self, asked: BriefRequest, priya: Any, uma: Any) -> None:
        pass_on(asked, by=priya)
        with pytest.raises(TransitionRefused):
            decline(asked, reason="No.", by=priya)
        decline(asked, reason="No.", by=uma)
        assert state()[0] == S.DECLINED

    @pytest.mark.parametrize(("person", "may"), [("amina", ""), ("rene", ""), ("uma", "accept"), ("priya", "pass_on")])
    def test_each_does_what_is_theirs(self, asked: BriefRequest, person: str, may: str, request: Any) -> None:
        by = request.getfixturevalue(person)
        acts = {"pass_on": lambda: pass_on(asked, by=by), "accept": lambda: accept(asked, due_on=DUE, by=by)}
        for name, act in acts.items():
            if name == may:
                act()
            else:
                with pytest.raises(PermissionDenied):
                    act()

    def test_in_french_to_who_asked(self, asked: BriefRequest, luc: Any, priya: Any) -> None:
        BriefRequest.objects.update(by=luc)
        forget()
        pass_on(asked, by=priya)
        [letter] = written("request_answered")
        assert (letter.to_email, letter.language) == ("luc@gatineau.example", "fr")
        assert "entre les mains de l’équipe de l’Université d’Ottawa" in letter.subject

    def test_who_has_left_is_not_written_to(self, asked: BriefRequest, amina: Any, priya: Any) -> None:
        amina.is_active = False
        amina.save()
        pass_on(asked, by=priya)
        assert (state()[0], written("request_answered")) == (S.PASSED_ON, [])
