"""When a brief may move: the table as a matrix, and each guard's reason before and after."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from cmncp_portal.core.workflow import TransitionRefused
from cmncp_portal.network.tests.factories import make_municipality, make_user
from knowledge import workflow
from knowledge.models import ActionBrief, Comment, Edition, Example, Review
from knowledge.workflow import BRIEF, PUBLISH_GUARDS, REVIEW_GUARDS, missing

from .factories import make_number

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

MATRIX = """
                idea     outline draft  review  editing     translation approved  scheduled published  superseded withdrawn
outline         outline
draft                    draft
review                           review
back_to_draft                           draft   draft
edit                                    editing
translate                                       translation
approve                                                     approved
schedule                                                                scheduled
unschedule                                                                        approved
publish                                                                 published published
publish_changes                                                                             published
supersede                                                                                   superseded
withdraw                                                                                    withdrawn  withdrawn
"""


def test_the_table_as_a_matrix() -> None:
    states = [str(state) for state in ActionBrief.State]
    head, *expected = MATRIX.strip("\n").splitlines()
    widths = [head.index(f" {state}") + 1 for state in states]
    found = []
    for name, moves in BRIEF.matrix().items():
        line = f"{name:16}"
        for start, state in zip(widths, states, strict=True):
            line = f"{line:{start}}{moves.get(state, '')}"
        found.append(line.rstrip())
    assert found == [line.rstrip() for line in expected]


def read(brief: ActionBrief) -> ActionBrief:
    return ActionBrief.objects.get(pk=brief.pk)


def text(language: str, **fields: Any) -> Callable[[ActionBrief], Any]:
    return lambda brief: Edition.objects.filter(brief=brief, language=language).update(**fields)


def change(**fields: Any) -> Callable[[ActionBrief], Any]:
    return lambda brief: ActionBrief.objects.filter(pk=brief.pk).update(**fields)


def asked(brief: ActionBrief) -> None:
    reviewer = make_user(name="Mae Lin")
    Review.objects.create(brief=brief, reviewer=reviewer, asked_by_name="Uma", due_on=date(2027, 2, 10))


def commented(brief: ActionBrief) -> None:
    edition = brief.editions.get(language="en")
    Comment.objects.create(edition=edition, field="summary", text="Who says so?", by_name="René")


def bare_number(brief: ActionBrief) -> None:
    make_number(brief, source="")


def example(brief: ActionBrief) -> None:
    place = make_municipality("regina")
    Example.objects.create(brief=brief, municipality=place, text_en="A hub.", text_fr="Un carrefour.")


GUARDS = [
    ("idea", "has_a_title", text("en", title=""), "Give it a title in the language in which it is written."),
    ("draft", "has_its_text", text("en", summary=""), "Write summary, challenge and what works."),
    ("draft", "has_its_text", text("en", what_works=""), "Write summary, challenge and what works."),
    ("draft", "has_steps", lambda b: b.steps.all().delete(), "Say at least one step that a municipal stakeholder can take."),
    ("draft", "has_sources", lambda b: b.sources.all().delete(), "Name at least one source."),
    ("draft", "numbers_have_sources", bare_number, "“adults assaulted” has no source."),
    ("review", "reviewers_have_answered", asked, "Mae Lin has yet to answer."),
    ("editing", "comments_are_resolved", commented, "There are comments that nobody has answered."),
    ("translation", "source_is_final", text("en", current_at=None), "Say first that the text is final."),
    ("translation", "both_languages_are_current", text("fr", title=""), "The French text is not ready."),
    ("translation", "both_languages_are_current", text("fr", current_at=None), "The French text is not ready."),
    ("translation", "both_languages_are_current", text("en", version=2), "The French text is older than the English one."),
    ("translation", "both_languages_are_current", text("en", current_at=None), "The English text is not ready."),
    ("translation", "examples_are_agreed", example, "Regina has not agreed to its example."),
    ("scheduled", "has_a_day", change(publish_on=date(2027, 2, 1)), "Choose a day that lies ahead."),
]  # fmt: skip


@pytest.mark.parametrize(
    ("stage", "guard", "spoil", "reason"), GUARDS, ids=[f"{g[1]}-{n}" for n, g in enumerate(GUARDS)]
)
def test_a_guard_says_why_not_and_else_nothing(stage: str, guard: str, spoil: Any, reason: str, brief: Any) -> None:
    there = brief(stage)
    found = getattr(workflow, guard)
    assert found(there) is None
    spoil(read(there))
    assert str(found(read(there))) == reason


def test_the_published_text_has_to_have_changed(brief: Any) -> None:
    there = brief("published")
    assert str(workflow.something_changed(there)) == "The published text is the latest."
    text("fr", version=2, based_on=2)(there)
    assert workflow.something_changed(read(there)) is None


def test_every_guard_of_the_table_is_in_the_list_above() -> None:
    used = {guard.__name__ for move in BRIEF for guard in move.guards}
    assert used - {g[1] for g in GUARDS} == {"something_changed"}


def test_a_brief_written_in_french_waits_for_its_english(brief: Any) -> None:
    there = brief("translation", source_language="fr")
    text("fr", version=3)(there)
    assert missing(read(there), (workflow.both_languages_are_current,)) == [
        "The English text is older than the French one."
    ]


@pytest.mark.parametrize(("until", "may"), [("2027-01-31", False), ("2027-02-01", True), ("2027-02-02", True)])
def test_an_exception_opens_the_gate_until_its_deadline(until: str, may: bool, brief: Any) -> None:
    there = brief("translation", exception_reason="The mayors meet.", exception_until=date.fromisoformat(until))
    text("fr", current_at=None)(there)
    reason = workflow.both_languages_are_current(read(there))
    assert (reason is None) is may
    text("en", current_at=None)(there)  # an exception is for the other language, never for a text that is not final
    assert str(workflow.both_languages_are_current(read(there))) == "The English text is not ready."


def test_an_answered_review_and_a_resolved_comment_no_longer_stop(brief: Any) -> None:
    there = brief("editing")
    asked(there)
    commented(there)
    Review.objects.update(answered_at=timezone.now(), verdict="fine")
    Comment.objects.update(resolved_at=timezone.now())
    both = (workflow.reviewers_have_answered, workflow.comments_are_resolved)
    assert missing(read(there), both) == []


def test_an_empty_brief_lacks_all_of_it_at_once() -> None:
    bare = ActionBrief.objects.create(slug="bare")
    assert missing(bare, REVIEW_GUARDS) == [
        "Give it a title in the language in which it is written.",
        "Write summary, challenge and what works.",
        "Say at least one step that a municipal stakeholder can take.",
        "Name at least one source.",
    ]
    assert len(missing(bare, PUBLISH_GUARDS)) == 5


def test_apply_asks_who_then_when_then_why_and_leaves_a_row(brief: Any, uma: Any, priya: Any) -> None:
    there = brief("review")
    with pytest.raises(PermissionDenied):
        BRIEF.apply(there, "edit", by=priya)
    with pytest.raises(TransitionRefused, match="Please give a reason; the others will read it."):
        BRIEF.apply(there, "back_to_draft", by=uma, note=" ")
    with pytest.raises(TransitionRefused, match="This is not possible while it is “Internal review”."):
        BRIEF.apply(there, "publish", by=uma)
    BRIEF.apply(there, "back_to_draft", by=uma, note="It needs a second look.")
    row = there.changes.get()
    assert (row.from_state, row.to_state, row.transition, row.by, row.by_name, row.note) == (
        "review",
        "draft",
        "back_to_draft",
        uma,
        "Uma Sharma",
        "It needs a second look.",
    )
