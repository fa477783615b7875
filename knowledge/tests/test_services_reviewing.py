"""Reviewers, remarks at paragraphs, answers."""

from datetime import date
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from cmncp_portal.core.workflow import TransitionRefused
from cmncp_portal.testing.clock import NOW
from knowledge.models import Comment, Review
from knowledge.services import reviewing as services
from knowledge.services.texts import keep_text

from .mailbag import to, written

pytestmark = pytest.mark.django_db
DUE = date(2027, 2, 11)


@pytest.fixture
def asked(brief: Any, uma: Any, amina: Any) -> Review:
    """Amina is asked by Uma to read a brief in review by February 11."""
    return services.ask_reviewer(brief("review"), amina, due_on=DUE, by=uma)


class TestAsking:
    def test_a_letter_leads_to_the_text(self, asked: Review, amina: Any) -> None:
        assert (asked.reviewer, asked.due_on, asked.asked_by_name, asked.asked_at) == (amina, DUE, "Uma Sharma", NOW)
        [letter] = written("review_asked")
        assert letter.to_email == amina.email
        assert "Please read a draft by February 11, 2027: Safe streets" in letter.subject
        assert f"/en/knowledge/desk/briefs/{asked.brief.slug}/read/en/" in letter.text

    def test_in_french_for_who_reads_french(self, brief: Any, uma: Any, luc: Any) -> None:
        services.ask_reviewer(brief("review"), luc, due_on=DUE, by=uma)
        [letter] = written("review_asked")
        assert "11 février 2027" in letter.subject.replace("\xa0", " ")

    def test_once_at_a_time(self, asked: Review, uma: Any) -> None:
        with pytest.raises(TransitionRefused, match="Amina Diallo is asked already, until February 11, 2027") as caught:
            services.ask_reviewer(asked.brief, asked.reviewer, due_on=DUE, by=uma)
        assert (caught.value.done_already, len(written("review_asked"))) == (True, 1)

    def test_again_after_the_answer(self, asked: Review, uma: Any, amina: Any) -> None:
        services.answer_review(asked.brief, by=amina, verdict="fine")
        services.ask_reviewer(asked.brief, amina, due_on=DUE, by=uma)
        assert (Review.objects.count(), len(written("review_asked"))) == (2, 2)

    @pytest.mark.parametrize(("day", "is_refused"), [(date(2027, 1, 31), True), (date(2027, 2, 1), False)])
    def test_by_a_day_that_is_not_over(self, brief: Any, uma: Any, amina: Any, day: date, is_refused: bool) -> None:
        made = brief("review")
        if is_refused:
            with pytest.raises(TransitionRefused, match="Choose a day that is not over"):
                services.ask_reviewer(made, amina, due_on=day, by=uma)
        else:
            assert services.ask_reviewer(made, amina, due_on=day, by=uma).due_on == day

    def test_by_who_writes(self, brief: Any, priya: Any, amina: Any) -> None:
        with pytest.raises(PermissionDenied):
            services.ask_reviewer(brief("review"), amina, due_on=DUE, by=priya)

    def test_not_about_a_closed_brief(self, brief: Any, uma: Any, amina: Any) -> None:
        with pytest.raises(TransitionRefused):
            services.ask_reviewer(brief("withdrawn"), amina, due_on=DUE, by=uma)

    def test_waiting_no_longer(self, asked: Review, uma: Any) -> None:
        services.release_reviewer(asked, by=uma)
        assert (Review.objects.count(), to("review_asked")) == (0, [])
        with pytest.raises(TransitionRefused):
            services.release_reviewer(asked, by=uma)

    def test_not_after_the_answer(self, asked: Review, uma: Any, amina: Any, priya: Any) -> None:
        with pytest.raises(PermissionDenied):
            services.release_reviewer(asked, by=priya)
        services.answer_review(asked.brief, by=amina, verdict="fine")
        with pytest.raises(TransitionRefused, match="The answer is there already"):
            services.release_reviewer(asked, by=uma)


class TestAnswering:
    def test_the_writers_and_who_asked_hear(self, brief: Any, uma: Any, admin_user: Any, amina: Any) -> None:
        made = brief("review")
        services.ask_reviewer(made, amina, due_on=DUE, by=admin_user)
        edition = made.by_language["en"]
        services.add_comment(edition, field="summary", paragraph=0, seen=1, text="Whose?", by=amina)
        review = services.answer_review(made, by=amina, verdict="changes", note=" Shorter. ")
        assert (review.verdict, review.note, review.answered_at) == ("changes", "Shorter.", NOW)
        assert to("review_answered") == [admin_user.email, uma.email]
        letter = written("review_answered")[0]
        assert "Comments beside the text: 1" in letter.text
        assert "> Shorter." in letter.text

    def test_a_second_answer_is_told_the_first(self, asked: Review, amina: Any) -> None:
        services.answer_review(asked.brief, by=amina, verdict="fine")
        for verdict in ("changes", ""):
            with pytest.raises(TransitionRefused, match="You answered already, on February 1, 2027") as caught:
                services.answer_review(asked.brief, by=amina, verdict=verdict)
        assert (caught.value.done_already, Review.objects.get().verdict) == (True, "fine")

    def test_who_was_not_asked(self, asked: Review, rosa: Any, uma: Any) -> None:
        for person in (rosa, uma):
            with pytest.raises(PermissionDenied):
                services.answer_review(asked.brief, by=person, verdict="fine")

    def test_with_a_verdict(self, asked: Review, amina: Any) -> None:
        with pytest.raises(ValueError, match="answered with a verdict"):
            services.answer_review(asked.brief, by=amina, verdict="")


class TestComments:
    def add(self, asked: Review, by: Any, **more: Any) -> Comment:
        place = {"field": "challenge", "paragraph": 1, "seen": 1, "text": " Since when? "} | more
        return services.add_comment(asked.brief.by_language["en"], by=by, **place)

    def test_the_words_are_kept(self, asked: Review, amina: Any) -> None:
        comment = self.add(asked, amina)
        assert (comment.field, comment.paragraph, comment.quote, comment.text, comment.by_name) == (
            "challenge",
            1,
            "Young people meet it most.",
            "Since when?",
            "Amina Diallo",
        )

    def test_of_the_version_that_was_read(self, asked: Review, amina: Any, uma: Any) -> None:
        keep_text(asked.brief, "en", seen=1, by=uma, challenge="All new.")
        assert self.add(asked, amina).quote == "Young people meet it most."

    def test_pressed_twice_it_is_one(self, asked: Review, amina: Any) -> None:
        assert self.add(asked, amina) == self.add(asked, amina)
        assert Comment.objects.count() == 1

    @pytest.mark.parametrize("wrong", [{"paragraph": 2}, {"paragraph": -1}, {"field": "based_on"}, {"seen": 9}])
    def test_a_place_that_is_not_there(self, asked: Review, amina: Any, wrong: dict[str, Any]) -> None:
        with pytest.raises(TransitionRefused, match="This paragraph is not there any more"):
            self.add(asked, amina, **wrong)

    def test_who_may_comment(self, asked: Review, amina: Any, priya: Any, uma: Any, rosa: Any) -> None:
        for person in (priya, uma):
            assert self.add(asked, person).by == person
        with pytest.raises(PermissionDenied):
            self.add(asked, rosa)
        services.answer_review(asked.brief, by=amina, verdict="fine")
        with pytest.raises(PermissionDenied):
            self.add(asked, amina)

    def test_resolved_and_open_again_and_resolved(self, asked: Review, amina: Any, uma: Any) -> None:
        comment = self.add(asked, amina)
        services.resolve_comment(comment, by=uma, reply="Said now.")
        stored = Comment.objects.get()
        assert (stored.resolved_at, stored.resolved_by_name, stored.reply) == (NOW, "Uma Sharma", "Said now.")
        with pytest.raises(TransitionRefused, match="Uma Sharma answered this comment already"):
            services.resolve_comment(comment, by=uma, reply="Twice.")
        services.reopen_comment(comment, by=amina)
        assert (Comment.objects.get().resolved_at, Comment.objects.get().reply) == (None, "Said now.")
        with pytest.raises(TransitionRefused, match="open already"):
            services.reopen_comment(comment, by=amina)
        services.resolve_comment(comment, by=uma, reply="Better now.")
        assert Comment.objects.get().reply == "Said now.\n\nBetter now."

    def test_with_words(self, asked: Review, amina: Any, uma: Any) -> None:
        with pytest.raises(TransitionRefused, match="Say in a few words what was done"):
            services.resolve_comment(self.add(asked, amina), by=uma, reply="  ")

    def test_by_who_writes_the_text(self, asked: Review, amina: Any, priya: Any, rosa: Any) -> None:
        comment = self.add(asked, amina)
        for person in (amina, priya):
            with pytest.raises(PermissionDenied):
                services.resolve_comment(comment, by=person, reply="Done.")
        with pytest.raises(PermissionDenied):
            services.reopen_comment(comment, by=rosa)
