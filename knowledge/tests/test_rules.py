"""Who may do what in the library and at its desk: the cast across, permissions down.

Amina answers for Thunder Bay. "invited" answers for a municipality too and is asked to review the brief in question. A superuser may all that the table names.
"""

from datetime import date
from typing import Any

import pytest
import rules
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone

from knowledge.models import ActionBrief, Practice, Review

from .factories import make_practice

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

PEOPLE = ("anonymous", "amina", "priya", "uma", "rene", "admin_user", "invited")

TABLE = """
                     anonymous amina priya uma  rene admin_user invited
write                .         .     .     yes  .    yes        .
see_desk             .         .     yes   yes  yes  yes        .
ask_for_a_brief      .         yes   yes   .    .    yes        yes
sort_requests        .         .     yes   .    .    yes        .
answer_requests      .         .     .     yes  .    yes        .
answer_readers       .         .     yes   yes  .    yes        .
write_brief          .         .     .     yes  .    yes        .
ask_reviewers        .         .     .     yes  .    yes        .
comment              .         .     yes   yes  .    yes        yes
answer_review        .         .     .     .    .    yes        yes
approve              .         .     yes   yes  .    yes        .
publish              .         .     .     yes  .    yes        .
publish_one_language .         .     .     .    .    yes        .
withdraw             .         .     yes   yes  .    yes        .
use                  .         yes   yes   .    .    yes        .
agree_to_example     .         yes   .     .    .    yes        .
"""
OF_A_PLACE = ("use", "agree_to_example")  # asked of Thunder Bay, which is Amina's


def cells() -> dict[tuple[str, str], bool]:
    head, *lines = TABLE.strip("\n").splitlines()
    assert tuple(head.split()) == PEOPLE
    rows = (line.split() for line in lines)
    return {(name, person): cell == "yes" for name, *row in rows for person, cell in zip(PEOPLE, row, strict=True)}


@pytest.fixture
def draft(brief: Any) -> ActionBrief:
    return brief("review")


@pytest.fixture
def cast(request: pytest.FixtureRequest, draft: ActionBrief, rosa: Any) -> dict[str, Any]:
    Review.objects.create(brief=draft, reviewer=rosa, asked_by_name="Uma Sharma", due_on=date(2027, 2, 11))
    own = {"anonymous": AnonymousUser(), "invited": rosa}
    return {name: own[name] if name in own else request.getfixturevalue(name) for name in PEOPLE}


def test_who_may_do_what(cast: dict[str, Any], draft: ActionBrief, thunder_bay: Any) -> None:
    table = cells()
    things = {name: thunder_bay if name in OF_A_PLACE else draft for name, _person in table}
    found = {(name, person): cast[person].has_perm(f"knowledge.{name}", things[name]) for name, person in table}
    assert {cell for cell, may in found.items() if may} == {cell for cell, may in table.items() if may}


def test_the_table_has_every_permission() -> None:
    declared = {name for name in rules.permissions.permissions if name.startswith("knowledge.")}
    assert {f"knowledge.{name}" for name, _person in cells()} == declared


def test_a_reviewer_reviews_that_brief_alone_and_until_the_answer(
    cast: dict[str, Any], draft: ActionBrief, brief: Any
) -> None:
    invited = cast["invited"]
    assert invited.has_perm("knowledge.answer_review", None)
    assert not invited.has_perm("knowledge.answer_review", brief("review"))
    Review.objects.update(answered_at=timezone.now())
    assert not invited.has_perm("knowledge.answer_review", draft)
    assert not invited.has_perm("knowledge.answer_review", None)


STATES = [str(state) for state in ActionBrief.State]


def test_who_sees_briefs_in_which_state(cast: dict[str, Any], brief: Any) -> None:
    ActionBrief.objects.all().delete()
    for state in STATES:
        brief(state)
    public = frozenset({"published", "superseded", "withdrawn"})
    found = {
        person: set(ActionBrief.objects.visible_to(user).values_list("state", flat=True))
        for person, user in cast.items()
    }
    desk = dict.fromkeys(("priya", "uma", "rene", "admin_user"), frozenset(STATES))
    assert found == dict.fromkeys(PEOPLE, public) | desk


def test_who_sees_a_practice_that_is_not_published(cast: dict[str, Any]) -> None:
    make_practice("draft", published_at=None)
    make_practice("there")
    sees = {
        person: set(Practice.objects.visible_to(user).values_list("slug", flat=True)) for person, user in cast.items()
    }
    both = dict.fromkeys(("uma", "admin_user"), frozenset({"draft", "there"}))
    assert sees == dict.fromkeys(PEOPLE, frozenset({"there"})) | both
