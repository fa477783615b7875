"""What reviewers do at the desk, who may, and what a second click is told."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from cmncp_portal.accounts.models import User
from cmncp_portal.core.workflow import TransitionRefused
from cmncp_portal.evaluation import reviewing, services
from cmncp_portal.evaluation.models import Answer, Coding, Comment, ConfidentialReading, FollowUp, Occasion, Theme
from cmncp_portal.evaluation.tests.factories import OPENS, make_occasion, make_response, make_survey
from cmncp_portal.network.tests.factories import make_stakeholder
from cmncp_portal.notifications.kinds import Kind, all_kinds
from cmncp_portal.notifications.models import Message
from cmncp_portal.testing.letters import LettersOfAnApp

pytestmark = pytest.mark.django_db
NOW = OPENS + timedelta(days=3)
WORDING = {
    "name_en": "Transport",
    "name_fr": "Transport",
    "definition_en": "How people get there.",
    "definition_fr": "Les déplacements.",
}


@pytest.fixture(autouse=True)
def _while_it_is_open(clock: Any) -> None:
    clock.move_to(NOW)


@pytest.fixture
def occasion(thunder_bay: Any, winnipeg: Any) -> Occasion:
    return make_occasion(places=(thunder_bay, winnipeg))


@pytest.fixture
def theme(db: None) -> Theme:
    return Theme.objects.create(code="transport", **WORDING)


def answer_to(code: str, value: Any, occasion: Occasion, **fields: Any) -> Answer:
    response = make_response(make_survey(occasion=occasion), "Amina", answers={code: value}, **fields)
    found: Answer = response.answers.get()
    return found


def refused(act: Any, *, already: bool = False) -> str:
    with pytest.raises(TransitionRefused) as caught:
        act()
    assert caught.value.done_already is already
    return str(caught.value)


def of_winnipeg(winnipeg: Any) -> Any:
    from cmncp_portal.network.tests.factories import make_stakeholder, make_user

    user = make_user("rita@winnipeg.example", name="Rita", roles=("reviewer",))
    make_stakeholder(winnipeg, user=user, standing="staff")
    return user


def test_nobody_reviews_their_own_municipality_and_others_do_not_review(
    occasion: Occasion, theme: Theme, winnipeg: Any, helen: Any, uma: Any, rene: Any
) -> None:
    answer = answer_to("contribution", "A night bus", occasion)
    coding = reviewing.code(answer, by=rene, theme=theme)
    moves: list[Any] = [
        lambda by: reviewing.code(answer, by=by, theme=theme),
        lambda by: reviewing.uncode(coding, by=by),
    ]
    for user in (of_winnipeg(winnipeg), helen, uma):
        for act in (
            lambda by: reviewing.comment(occasion, by=by, text="Good"),
            *(moves if user != uma else []),  # the university sorts as well
            lambda by: reviewing.flag(occasion, by=by, text="Look"),
            lambda by: reviewing.mark_reviewed(occasion, by=by, seen_at=NOW),
            lambda by: reviewing.read_confidential(occasion, by=by),
        ):
            with pytest.raises(PermissionDenied):
                act(user)
    assert (Comment.objects.count(), FollowUp.objects.count(), ConfidentialReading.objects.count()) == (0, 0, 0)


def test_the_university_sorts_too_except_what_its_own_municipality_took_part_in(
    occasion: Occasion, theme: Theme, winnipeg: Any, uma: Any, rene: Any
) -> None:
    answer = answer_to("contribution", "A night bus", occasion)
    coding = reviewing.code(answer, by=uma, theme=theme)
    assert (coding.text, coding.by, coding.by_name) == ("A night bus", uma, "Uma Sharma")
    reviewing.uncode(coding, by=uma)
    again = reviewing.code(answer, by=rene, theme=theme)
    make_stakeholder(winnipeg, user=uma, standing="staff")
    fresh = User.objects.get(pk=uma.pk)
    for act in (lambda: reviewing.code(answer, by=fresh, theme=theme), lambda: reviewing.uncode(again, by=fresh)):
        with pytest.raises(PermissionDenied):
            act()
    assert list(Coding.objects.all()) == [again]


@pytest.mark.parametrize(
    ("name", "sorts"),
    [("rene", True), ("priya", True), ("admin_user", True), ("uma", True), ("helen", False), ("rosa", False)],
)
def test_who_may_sort_answers(request: Any, occasion: Occasion, name: str, sorts: bool) -> None:
    user = request.getfixturevalue(name)
    assert (user.has_perm("evaluation.sort_answers"), user.has_perm("evaluation.sort_answers", occasion)) == (
        sorts,
        sorts,
    )


def test_comments_are_added_to_each_other(occasion: Occasion, rene: Any, priya: Any) -> None:
    reviewing.comment(occasion, by=rene, text="  Well prepared.  ")
    reviewing.comment(occasion, by=priya, text="I agree.")
    found = [(one.text, one.by_name) for one in occasion.comments.all()]
    assert found == [("Well prepared.", "René Gagnon"), ("I agree.", "Priya Nair")]
    assert refused(lambda: reviewing.comment(occasion, by=rene, text=" \n")) == "Please write something."


def test_an_answer_is_sorted_with_the_words_as_they_stood(occasion: Occasion, theme: Theme, rene: Any) -> None:
    answer = answer_to("contribution", "A night bus", occasion)
    coding = reviewing.code(answer, by=rene, theme=theme)
    Answer.objects.filter(pk=answer.pk).update(value="A day bus")
    coding.refresh_from_db()
    assert (coding.text, coding.item, coding.by_name) == ("A night bus", 0, "René Gagnon")
    again = refused(lambda: reviewing.code(answer, by=rene, theme=theme), already=True)
    assert again == "René Gagnon has sorted this answer under this theme already."
    reviewing.uncode(coding, by=rene)
    assert not Coding.objects.exists()
    assert refused(lambda: reviewing.uncode(coding, by=rene), already=True) == "This theme was taken off already."


def test_each_idea_is_sorted_on_its_own_without_who_would_act(occasion: Occasion, theme: Theme, rene: Any) -> None:
    idea = {"what": "", "programme": "SCAN", "who": "Sam", "by": "", "sure": None}
    answer = answer_to("ideas", [idea | {"what": "A night bus"}, idea], occasion)
    for item in (0, 1):
        reviewing.code(answer, by=rene, theme=theme, item=item)
    assert list(Coding.objects.values_list("item", "text")) == [(0, "A night bus"), (1, "SCAN")]
    gone = "This answer was changed meanwhile; please look at it again."
    for item in (2, -1):
        assert refused(lambda item=item: reviewing.code(answer, by=rene, theme=theme, item=item)) == gone


def test_what_is_not_sorted(occasion: Occasion, theme: Theme, rene: Any) -> None:
    confidential = answer_to("reviewers-only", "The bus was cold", occasion)
    draft = answer_to("contribution", "Not sent", occasion, draft=True)
    rating = answer_to("usefulness", 4, occasion)
    deleted = answer_to("contribution", "Taken back", occasion)
    Answer.objects.filter(pk=deleted.pk).delete()
    assert refused(lambda: reviewing.code(confidential, by=rene, theme=theme)) == (
        "What was written for the reviewers only is not sorted under themes."
    )
    for answer in (draft, rating, deleted):
        assert "was changed meanwhile" in refused(lambda one=answer: reviewing.code(one, by=rene, theme=theme))
    reviewing.retire_theme(theme, by=rene)
    last = answer_to("contribution", "A night bus", occasion)
    assert refused(lambda: reviewing.code(last, by=rene, theme=theme)) == "This theme is no longer in use."
    assert not Coding.objects.exists()


def written() -> list[tuple[str, str]]:
    rows = Message.objects.filter(kind__startswith="evaluation.follow_up").exclude(state=Message.State.WITHDRAWN)
    return list(rows.order_by("pk").values_list("kind", "to_email"))


def test_a_follow_up_goes_to_the_coordinators_and_its_outcome_to_who_asked(
    occasion: Occasion, rene: Any, priya: Any
) -> None:
    asked = reviewing.flag(occasion, by=rene, text="Please ring the hosts.")
    assert written() == [("evaluation.follow_up", "priya@network.example")]
    letter = Message.objects.get()
    assert letter.subject == "[CMNCP] Please look into this: The visit to Winnipeg"
    assert "> Please ring the hosts." in letter.text
    assert f"/en/evaluations/{occasion.pk}/" in letter.text
    done = reviewing.settle(asked, by=priya, outcome="They were away; a new date is found.")
    assert (done.done_at, done.done_by, done.done_by_name) == (NOW, priya, "Priya Nair")
    assert written()[-1] == ("evaluation.follow_up_settled", "rene@network.example")
    french = Message.objects.get(kind="evaluation.follow_up_settled")
    assert "> They were away; a new date is found." in french.text
    assert "Bonjour René Gagnon," in french.text
    again = refused(lambda: reviewing.settle(asked, by=priya, outcome="Again"), already=True)
    assert again == "Priya Nair has settled this already."


def test_nobody_gets_a_letter_from_themselves(occasion: Occasion, priya: Any) -> None:
    asked = reviewing.flag(occasion, by=priya, text="I look into it.")
    reviewing.settle(asked, by=priya, outcome="Done.")
    assert written() == []


def test_who_has_left_gets_no_letter(occasion: Occasion, rene: Any, priya: Any) -> None:
    asked = reviewing.flag(occasion, by=rene, text="Look")
    rene.is_active = False
    rene.save()
    reviewing.settle(asked, by=priya, outcome="Done.")
    assert written() == []  # the question was not sent yet and is taken back


def test_coordinators_settle_with_an_outcome(occasion: Occasion, rene: Any, priya: Any) -> None:
    asked = reviewing.flag(occasion, by=rene, text="Look")
    with pytest.raises(PermissionDenied):
        reviewing.settle(asked, by=rene, outcome="Done")
    assert refused(lambda: reviewing.settle(asked, by=priya, outcome=" ")) == "Please write something."
    assert refused(lambda: reviewing.flag(occasion, by=rene, text="")) == "Please write something."


def test_reviewed_once_and_again_after_something_new(occasion: Occasion, rene: Any, priya: Any, clock: Any) -> None:
    assert refused(lambda: reviewing.mark_reviewed(occasion, by=rene, seen_at=None)) == "Nobody has answered yet."
    first = make_response(make_survey(occasion=occasion), submitted_at=OPENS)
    done = reviewing.mark_reviewed(occasion, by=rene, seen_at=OPENS)
    assert (done.reviewed_at, done.reviewed_by, done.reviewed_by_name) == (NOW, rene, "René Gagnon")
    twice = refused(lambda: reviewing.mark_reviewed(occasion, by=priya, seen_at=OPENS), already=True)
    assert twice == "René Gagnon has marked this as reviewed already."
    clock.shift(timedelta(hours=1))
    services.submit(first.invitation, seen=1, language="en", values={"usefulness": 1})
    newer = "Something new came while you were reading; please look at it first."
    for seen_at in (OPENS, None, NOW + timedelta(minutes=59)):
        assert refused(lambda at=seen_at: reviewing.mark_reviewed(occasion, by=priya, seen_at=at)) == newer
    again = reviewing.mark_reviewed(occasion, by=priya, seen_at=NOW + timedelta(hours=1))
    assert again.reviewed_by_name == "Priya Nair"


def test_each_reading_in_confidence_is_written_down(occasion: Occasion, rene: Any) -> None:
    for _time in range(2):
        reviewing.read_confidential(occasion, by=rene)
    assert [(one.by, one.by_name, one.at) for one in occasion.readings.all()] == [(rene, "René Gagnon", NOW)] * 2


def test_the_codebook_is_kept_by_reviewers_and_the_university(rene: Any, uma: Any, helen: Any) -> None:
    with pytest.raises(PermissionDenied):
        reviewing.keep_theme(None, by=helen, code="transport", **WORDING)
    theme = reviewing.keep_theme(None, by=uma, code="transport", order=5, **WORDING)
    changed = reviewing.keep_theme(theme, by=rene, code="other", **(WORDING | {"name_en": "Getting there"}))
    assert (changed.code, changed.name_en, changed.order) == ("transport", "Getting there", 5)
    assert refused(lambda: reviewing.keep_theme(None, by=uma, code="transport", **WORDING)) == (
        "Another theme has this code."
    )
    assert refused(lambda: reviewing.keep_theme(theme, by=uma, **(WORDING | {"name_fr": " "}))) == (
        "A theme is named and explained in both languages."
    )


def test_a_theme_is_retired_and_brought_back(theme: Theme, uma: Any, helen: Any) -> None:
    with pytest.raises(PermissionDenied):
        reviewing.retire_theme(theme, by=helen)
    assert reviewing.retire_theme(theme, by=uma).is_used is False
    twice = refused(lambda: reviewing.retire_theme(theme, by=uma), already=True)
    assert twice == "This theme is out of use already."
    assert reviewing.retire_theme(theme, by=uma, is_used=True).is_used is True
    assert refused(lambda: reviewing.retire_theme(theme, by=uma, is_used=True), already=True) == (
        "This theme is in use already."
    )


class TestLetters(LettersOfAnApp):
    """The letters of the desk word for word; those to people who are asked are in test_notifications."""

    app, folder = "evaluation", Path(__file__).parent / "snapshots" / "desk"
    known = {
        "name": "Priya Nair",
        "title": {"en": "Thunder Bay visits Winnipeg", "fr": "Winnipeg reçoit Thunder Bay"},
        "about": {"en": "EX-2026-001, November 17–18, 2026", "fr": "EX-2026-001, 17 et 18 novembre 2026"},
        "by": "René Gagnon",
        "text": "Two people say the interpretation was missing.\nPlease ask the hosts.",
        "outcome": "The interpreter was ill. Winnipeg offers a second talk online.",
        "url": {
            "en": "https://portal.example/en/evaluations/7/",
            "fr": "https://portal.example/fr/evaluations/7/",
        },
    }
    people, places = ("by",), ("title",)
    words = ("follow_up", "text")

    def kinds(self) -> list[Kind]:
        return [kind for kind in all_kinds() if kind.name.startswith("evaluation.follow_up")]
