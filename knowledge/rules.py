"""Who may do what with briefs and practices. The University of Ottawa team writes; it and the network approve together."""

from typing import Any

import rules

from cmncp_portal.accounts.models import User
from cmncp_portal.accounts.rules import Person, is_administrator, is_reviewer, is_secretariat, is_university
from cmncp_portal.network.rules import municipality_ids_of, speaks_for_ids, works_for_a_member

from .models import BriefRequest, Review


@rules.predicate
def is_asked_to_review(user: Person, brief: Any) -> bool:
    """Whether the person is asked to read this brief, or any when none is given."""
    if not isinstance(user, User):
        return False
    asked = Review.objects.filter(reviewer=user, answered_at__isnull=True)
    return asked.exists() if brief is None else asked.filter(brief=brief).exists()


@rules.predicate
def asked_for_it(user: Person, request: Any) -> bool:
    return isinstance(request, BriefRequest) and isinstance(user, User) and request.by_id == user.pk


@rules.predicate
def works_for_the_place(user: Person, place: Any) -> bool:
    return getattr(place, "pk", None) in municipality_ids_of(user)


@rules.predicate
def speaks_for_the_place(user: Person, place: Any) -> bool:
    return getattr(place, "pk", None) in speaks_for_ids(user)


@rules.predicate
def is_signed_in(user: Person) -> bool:
    return isinstance(user, User)


writes = is_university | is_administrator

# Asked of roles alone, without a brief.
rules.add_perm("knowledge.write", writes)
rules.add_perm("knowledge.see_desk", writes | is_secretariat | is_reviewer)
rules.add_perm("knowledge.ask_for_a_brief", works_for_a_member | is_secretariat)
rules.add_perm("knowledge.sort_requests", is_secretariat)
rules.add_perm("knowledge.answer_requests", writes)
rules.add_perm("knowledge.answer_readers", writes | is_secretariat)

# Asked of a brief.
rules.add_perm("knowledge.write_brief", writes)
rules.add_perm("knowledge.ask_reviewers", writes)
rules.add_perm("knowledge.comment", writes | is_secretariat | is_asked_to_review)
rules.add_perm("knowledge.answer_review", is_asked_to_review)
rules.add_perm("knowledge.approve", writes | is_secretariat)
rules.add_perm("knowledge.publish", writes)
rules.add_perm("knowledge.publish_one_language", is_administrator)
rules.add_perm("knowledge.withdraw", writes | is_secretariat)
rules.add_perm("knowledge.use", works_for_the_place | is_secretariat)
rules.add_perm("knowledge.agree_to_example", speaks_for_the_place)
