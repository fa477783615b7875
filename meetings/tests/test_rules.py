"""Who may do what: the cast across, permissions down. This is the page to show the client.

Winnipeg hosts (Helen represents it, Henry is staff), Saskatoon co-hosts (Rosa). Amina is registered; Luc is of a member elsewhere.
Each cell says in which states a person may: i idea, s being prepared, a announced, h held. A dot means never, a star always.
"""

from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser

from meetings.models import Delegate, Meeting

from .factories import make_action, make_place

pytestmark = pytest.mark.django_db

PEOPLE = ("priya", "helen", "henry", "rosa", "amina", "luc", "rene", "uma", "admin_user", "anonymous")
STATES = {"i": "idea", "s": "scheduled", "a": "announced", "h": "held"}

TABLE = """
                   priya helen henry rosa amina luc rene uma admin_user anonymous
organise           *     .     .     .    .     .   .    .   *          .
keep_agenda        *     sah   .     .    .     .   .    .   *          .
keep_local         *     sah   sah   sah  .     .   .    .   *          .
keep_materials     *     sah   sah   .    .     .   .    .   *          .
see_preparation    *     sah   sah   sah  .     .   .    .   *          .
read_poll          *     sah   sah   .    .     .   .    .   *          .
see_registrations  *     sah   .     .    .     .   .    .   *          .
see_needs          *     sah   .     .    .     .   .    .   *          .
keep_registrations *     .     .     .    .     .   .    .   *          .
take_attendance    *     sah   sah   .    .     .   .    .   *          .
see_counts         *     sah   sah   sah  .     .   *    *   *          .
read_materials     *     *     *     *    *     .   *    *   *          .
read_join_link     *     sah   sah   sah  *     .   .    .   *          .
write_notes        *     .     .     .    .     .   .    .   *          .
call_the_roll      *     .     .     .    .     .   .    .   *          .
read_results       *     sah   sah   .    .     .   *    *   *          .
register           *     *     *     *    *     *   *    *   *          .
know_of_it         *     sah   sah   sah  ah    ah  ah   ah  *          .
"""


def cells() -> dict[tuple[str, str], set[str]]:
    head, *lines = TABLE.strip("\n").splitlines()
    assert tuple(head.split()) == PEOPLE
    rows = (line.split() for line in lines)
    return {
        (name, person): set(STATES if cell == "*" else cell.strip("."))
        for name, *row in rows
        for person, cell in zip(PEOPLE, row, strict=True)
    }


@pytest.mark.parametrize("letter", STATES)
def test_the_table(
    meeting: Any, saskatoon: Any, priya: Any, helen: Any, henry: Any, rosa: Any, amina: Any, luc: Any, rene: Any, uma: Any,
    admin_user: Any, letter: str,
) -> None:  # fmt: skip
    there = meeting(STATES[letter], co_host=saskatoon)
    make_place(there, "amina@thunderbay.example")
    cast = dict(
        zip(PEOPLE, (priya, helen, henry, rosa, amina, luc, rene, uma, admin_user, AnonymousUser()), strict=True)
    )
    wrong = []
    for (name, person), states in cells().items():
        user = cast[person]
        if name == "know_of_it":
            may = Meeting.objects.visible_to(user).filter(pk=there.pk).exists()
        else:
            may = user.has_perm(f"meetings.{name}", there)
        if may != (letter in states):
            wrong.append(f"{person} {'may' if may else 'may not'} {name}")
    assert wrong == []


def test_scheduling_is_the_networks(priya: Any, helen: Any, uma: Any) -> None:
    assert [user.has_perm("meetings.schedule") for user in (priya, helen, uma)] == [True, False, False]


def test_an_action_is_finished_by_its_owner_or_who_speaks_for_the_place(
    meeting: Any, priya: Any, helen: Any, henry: Any, amina: Any, winnipeg: Any
) -> None:
    action = make_action(meeting("held"), owner_email="henry@winnipeg.example", municipality=winnipeg)
    people = (priya, henry, helen, amina)
    assert [user.has_perm("meetings.finish_action", action) for user in people] == [True, True, True, False]


def test_a_delegate_is_named_by_who_speaks_for_the_member(
    meeting: Any, priya: Any, helen: Any, henry: Any, winnipeg: Any
) -> None:
    delegate = Delegate(meeting=meeting(national=True), municipality=winnipeg)
    people = (priya, helen, henry)
    assert [user.has_perm("meetings.name_delegate", delegate) for user in people] == [True, True, False]


@pytest.mark.parametrize(
    ("audience", "known_to"),
    [
        ("public", ["member", "associate", "stranger", "anonymous"]),
        ("associates", ["member", "associate"]),
        ("members", ["member"]),
        ("invited", []),
    ],
)
def test_for_whom_it_is(meeting: Any, amina: Any, audience: str, known_to: list[str]) -> None:
    from cmncp_portal.network.models import Membership
    from cmncp_portal.network.tests.factories import make_membership, make_municipality, make_representative, make_user

    there = meeting(audience=audience)
    university = make_municipality("university", member=False, kind="organisation")
    make_membership(university, kind=Membership.Kind.ASSOCIATE)
    people = {
        "member": amina,
        "associate": make_representative(university, "rep@university.example"),
        "stranger": make_user("new@place.example"),
        "anonymous": AnonymousUser(),
    }
    seen = [name for name, user in people.items() if Meeting.objects.visible_to(user).filter(pk=there.pk).exists()]
    assert seen == known_to
