"""Who may do what in training: the cast across, permissions down. This is the page to show the client.

Joseph of Thunder Bay learns: he holds a place, which Amina, his representative, gave him, and he shows evidence. Ann, of a college,
writes the module while it is drafted, and facilitates its pilot. Joan is an elected leader of Winnipeg, Rosa represents Saskatoon.
A star is yes, a dot is no.
"""

from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser

from cmncp_portal.network.models import Municipality
from training.models import CommentInvitee, Enrolment, EvidenceClaim, Learner, Module, Offering, StandardVersion

from .factories import (
    make_author,
    make_claim,
    make_enrolment,
    make_learner,
    make_module,
    make_offering,
    make_version,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

PEOPLE = ("priya", "uma", "amina", "joseph", "joan", "rosa", "ann", "rene", "admin_user", "anonymous")

TABLE = """
                         priya uma amina joseph joan rosa ann rene admin_user anonymous
version  draft_standards   *    *    .     .     .    .    .   .      *         .
version  write_standard    *    *    .     .     .    .    .   .      *         .
version  consult           *    *    .     .     .    .    .   .      *         .
version  answer_comments   *    *    .     .     .    .    .   .      *         .
version  adopt_standard    *    .    .     .     .    .    .   .      *         .
version  comment           *    *    *     *     *    *    *   .      *         .
version  read              *    *    *     *     *    *    *   *      *         *
draft    read              *    *    .     .     .    .    .   .      *         .
nothing  see_module_desk   *    *    .     .     .    .    .   .      *         .
nothing  propose_module    *    *    .     .     .    .    .   .      *         .
module   agree_with_partner *   *    .     .     .    .    .   .      *         .
module   read_draft        *    *    .     .     .    .    *   .      *         .
module   write_module      *    *    .     .     .    .    *   .      *         .
module   hand_in_draft     *    *    .     .     .    .    *   .      *         .
module   review_module     *    *    .     .     .    .    .   .      *         .
module   approve_module    *    .    .     .     .    .    .   .      *         .
module   invite_author     *    *    .     .     .    .    .   .      *         .
module   keep_partners     *    *    .     .     .    .    .   .      *         .
module   read              *    *    .     .     .    .    *   .      *         .
another  read_draft        *    *    .     .     .    .    .   .      *         .
another  write_module      *    *    .     .     .    .    .   .      *         .
another  read              *    *    .     .     .    .    .   .      *         .
handed   read_draft        *    *    .     .     .    .    *   .      *         .
handed   write_module      *    *    .     .     .    .    .   .      *         .
offering plan_offering     *    .    .     .     .    .    .   .      *         .
offering organise          *    .    .     .     .    .    .   .      *         .
offering teach             *    .    .     .     .    .    *   .      *         .
offering see_enrolments    *    .    .     .     .    .    *   .      *         .
offering see_needs         *    .    .     .     .    .    *   .      *         .
offering take_attendance   *    .    .     .     .    .    *   .      *         .
offering enrol             *    *    *     *     *    *    *   *      *         .
offering read_results      *    *    .     .     .    .    *   *      *         .
offering read              *    *    *     *     .    .    *   .      *         .
town     enrol_staff       *    .    *     .     .    .    .   .      *         .
town     see_staff         *    .    *     .     .    .    .   .      *         .
place    cancel_place      *    .    *     *     .    .    .   .      *         .
place    read              *    .    *     *     .    .    *   .      *         .
learner  see_person        *    .    *     *     .    .    .   .      *         .
learner  set_role          *    .    *     *     .    .    .   .      *         .
learner  read              *    .    *     *     .    .    .   .      *         .
claim    show_evidence     .    .    .     *     .    .    .   .      *         .
claim    assess            *    *    .     .     .    .    .   .      *         .
claim    read              *    *    .     *     .    .    .   .      *         .
nothing  assess_any        *    *    .     .     .    .    .   .      *         .
claim    revoke            *    .    .     .     .    .    .   .      *         .
nothing  see_coverage      *    *    .     .     .    .    .   .      *         .
"""
MODELS: dict[str, Any] = {
    "version": StandardVersion,
    "draft": StandardVersion,
    "module": Module,
    "another": Module,
    "handed": Module,
    "offering": Offering,
    "place": Enrolment,
    "learner": Learner,
    "claim": EvidenceClaim,
}


def cells() -> dict[tuple[str, str, str], bool]:
    head, *lines = TABLE.strip("\n").splitlines()
    assert tuple(head.split()) == PEOPLE
    rows = (line.split() for line in lines)
    return {
        (thing, name, person): cell == "*"
        for thing, name, *row in rows
        for person, cell in zip(PEOPLE, row, strict=True)
    }


@pytest.fixture
def things(joseph: Any, amina: Any, ann: Any, thunder_bay: Municipality) -> dict[str, Any]:
    version = make_version("consultation")
    module, handed = make_module("agreed"), make_module("drafted")
    make_author(module, ann)
    make_author(handed, ann)
    offering = make_offering(module=module, is_pilot=True)
    learner = make_learner(user=joseph)
    return {
        "nothing": None,
        "version": version,
        "draft": make_version("draft"),
        "module": module,
        "another": make_module("agreed"),
        "handed": handed,
        "offering": offering,
        "town": thunder_bay,
        "place": make_enrolment(offering, learner=learner, enrolled_by=amina),
        "learner": learner,
        "claim": make_claim(learner, version.texts.in_order()[0]),
    }


def test_the_table(
    things: Any,
    priya: Any,
    uma: Any,
    amina: Any,
    joseph: Any,
    joan: Any,
    rosa: Any,
    ann: Any,
    rene: Any,
    admin_user: Any,
) -> None:
    cast = dict(
        zip(PEOPLE, (priya, uma, amina, joseph, joan, rosa, ann, rene, admin_user, AnonymousUser()), strict=True)
    )
    wrong = []
    for (kind, name, person), expected in cells().items():
        thing, user = things[kind], cast[person]
        if name == "read":
            may = MODELS[kind].objects.visible_to(user).filter(pk=thing.pk).exists()
        else:
            may = user.has_perm(f"training.{name}", thing)
        if may != expected:
            wrong.append(f"{person} {'may' if may else 'may not'} {name} ({kind})")
    assert wrong == []


def test_every_permission_of_training_stands_in_the_table() -> None:
    from rules.permissions import permissions

    declared = {name.removeprefix("training.") for name in permissions if name.startswith("training.")}
    assert declared == {name for _thing, name, _person in cells()} - {"read"}


def test_nobody_judges_a_colleague(things: Any, thunder_bay: Any) -> None:
    from cmncp_portal.network.models import Standing
    from cmncp_portal.network.tests.factories import make_stakeholder, make_user

    near = make_user("near@thunderbay.example", roles=("university",))
    make_stakeholder(thunder_bay, user=near, standing=Standing.STAFF)
    assert near.has_perm("training.assess", things["claim"]) is False
    assert EvidenceClaim.objects.visible_to(near).count() == 0


def test_an_author_whose_days_are_over_writes_no_more(things: Any, ann: Any) -> None:
    things["module"].authors.update(until_on="2027-01-31")
    assert [ann.has_perm(f"training.{name}", things["module"]) for name in ("read_draft", "write_module")] == [
        False,
        False,
    ]
    assert things["module"] not in Module.objects.visible_to(ann)


def test_a_personal_link_opens_its_own_page_only(things: Any) -> None:
    make: Any = CommentInvitee.objects.create
    ann, ben = (make(version=things["version"], name=n, email=f"{n}@c.example") for n in ("ann", "ben"))
    assert CommentInvitee.from_token(ann.token) == ann
    assert CommentInvitee.from_token(ann.token.replace(f"{ann.pk}.", f"{ben.pk}.")) is None
    assert CommentInvitee.from_token("nonsense") is None
