"""Who may do what: the cast across, permissions down. This is the page to show the client.

Winnipeg is the mentor (Helen represents it, Henry is staff), Thunder Bay the mentored municipality (Amina, Joseph). Lea leads for
Thunder Bay and Gus takes part, both by name only. Rosa and Luc are of members elsewhere. Each cell says in which states a person
may: p being prepared, w waiting for answers, r running or paused, o over. A dot means never, a star always.
"""

from datetime import date
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser

from cmncp_portal.network.models import Standing
from cmncp_portal.network.tests.factories import (
    make_membership,
    make_municipality,
    make_representative,
    make_stakeholder,
    make_user,
)
from mentoring.models import Agreement, MentoringNeed, MentorOffer, Participant

from .factories import make_agreement, make_need, make_offer, make_participant

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

PEOPLE = "priya helen henry amina joseph lea gus rosa rene uma admin_user anonymous".split()
STATES = {
    "p": ("proposed",),
    "w": ("awaiting",),
    "r": ("active", "paused"),
    "o": ("completed", "ended", "declined", "withdrawn"),
}

TABLE = """
                   priya helen henry amina joseph lea gus rosa rene uma admin_user anonymous
propose            *     .     .     .     .      .   .   .    .    .   *          .
see                *     wro   wro   wro   wro    wro wro .    .    .   *          .
answer_for_mentor  .     wro   .     .     .      .   .   .    .    .   *          .
answer_for_mentee  .     .     .     wro   .      .   .   .    .    .   *          .
decline            .     wro   .     wro   .      .   .   .    .    .   *          .
withdraw           *     .     .     .     .      .   .   .    .    .   *          .
work               .     wro   wro   wro   wro    wro wro .    .    .   *          .
keep_people        *     wro   .     wro   .      wro .   .    .    .   *          .
pause              *     wro   .     wro   .      wro .   .    .    .   *          .
conclude           *     wro   .     wro   .      wro .   .    .    .   *          .
hand_over          *     wro   wro   wro   wro    wro wro .    .    .   *          .
read_check_ins     *     .     .     .     .      .   .   .    *    *   *          .
know_of_it         *     wro   wro   wro   wro    wro wro .    .    .   *          .
match              *     .     .     .     .      .   .   .    .    .   *          .
see_network        *     .     .     .     .      .   .   .    .    *   *          .
keep_need          *     .     .     *     .      .   .   .    .    .   *          .
see_need           *     .     .     *     *      .   .   .    .    .   *          .
find_need          *     .     .     *     *      .   .   .    .    .   *          .
keep_offer         *     *     .     .     .      .   .   .    .    .   *          .
see_offer          *     *     *     .     .      .   .   .    .    .   *          .
find_offer         *     *     *     .     .      .   .   .    .    .   *          .
"""


@pytest.fixture
def cast(
    priya: Any, helen: Any, winnipeg: Any, amina: Any, joseph: Any, rosa: Any, rene: Any, uma: Any, admin_user: Any
) -> dict[str, Any]:
    henry = make_user("henry@winnipeg.example")
    make_stakeholder(winnipeg, user=henry, standing=Standing.STAFF)
    named = {name: make_user(f"{name}@consultant.example") for name in ("lea", "gus")}
    people = {"priya": priya, "helen": helen, "henry": henry, "amina": amina, "joseph": joseph, **named}
    people |= {"rosa": rosa, "rene": rene, "uma": uma, "admin_user": admin_user, "anonymous": AnonymousUser()}
    assert list(people) == PEOPLE
    return people


def cells() -> dict[tuple[str, str], str]:
    head, *lines = TABLE.strip("\n").splitlines()
    assert head.split() == PEOPLE
    rows = (line.split() for line in lines)
    return {
        (name, person): "".join(STATES) if cell == "*" else cell.strip(".")
        for name, *row in rows
        for person, cell in zip(PEOPLE, row, strict=True)
    }


def forget(user: Any) -> Any:
    """The same person at the next request."""
    user.__dict__.pop("_mentoring_sides", None)
    return user


def may(name: str, user: Any, agreement: Agreement) -> bool:
    if name == "know_of_it":
        return Agreement.objects.visible_to(user).filter(pk=agreement.pk).exists()
    if name.startswith("find_"):
        model: Any = MentoringNeed if name == "find_need" else MentorOffer
        return bool(model.objects.visible_to(user).exists())
    things = {"keep_need": agreement.need, "see_need": agreement.need}
    things |= {"keep_offer": agreement.offer, "see_offer": agreement.offer}
    return bool(user.has_perm(f"mentoring.{name}", things.get(name, agreement)))


@pytest.mark.parametrize("letter", STATES)
def test_the_table(letter: str, cast: dict[str, Any], winnipeg: Any, thunder_bay: Any) -> None:
    agreement = make_agreement(winnipeg, thunder_bay, "proposed", starts_on=date(2027, 1, 4))
    make_participant(agreement, "mentee", "lea@consultant.example", is_lead=True)
    make_participant(agreement, "mentor", "gus@consultant.example")
    wrong = []
    for state in STATES[letter]:
        Agreement.objects.filter(pk=agreement.pk).update(state=state)
        agreement.refresh_from_db()
        for (name, person), states in cells().items():
            found = may(name, forget(cast[person]), agreement)
            if found != (letter in states):
                wrong.append(f"{person} {'may' if found else 'may not'} {name} while it is {state}")
    assert wrong == []


def test_who_left_the_agreement_or_has_no_account_any_more_sees_nothing(
    cast: dict[str, Any], winnipeg: Any, thunder_bay: Any
) -> None:
    agreement = make_agreement(winnipeg, thunder_bay)
    make_participant(agreement, "mentee", "lea@consultant.example", is_lead=True)
    lea, joseph = cast["lea"], cast["joseph"]
    assert (may("work", lea, agreement), may("work", joseph, agreement)) == (True, True)
    Participant.objects.update(left_on=date(2027, 2, 1))
    joseph.is_active = False
    found = [(may(name, forget(user), agreement)) for user in (lea, joseph) for name in ("see", "work", "keep_people")]
    assert found == [False] * 6
    assert may("know_of_it", lea, agreement) is False


def test_another_pair_is_none_of_their_business(
    cast: dict[str, Any], winnipeg: Any, thunder_bay: Any, gatineau: Any
) -> None:
    make_agreement(winnipeg, thunder_bay)
    other = make_agreement(make_offer(make_municipality("elsewhere")), gatineau)
    names = ("see", "work", "decline", "keep_people", "conclude", "hand_over", "know_of_it")
    found = [(who, name) for who in ("helen", "amina", "joseph") for name in names if may(name, cast[who], other)]
    assert found == []


@pytest.mark.parametrize(
    ("membership", "keeps_need", "keeps_offer"),
    [
        ({}, True, True),
        ({"kind": "associate"}, True, True),
        ({"kind": "prospective"}, True, False),
        ({"until_on": date(2027, 2, 1)}, True, True),
        ({"until_on": date(2027, 1, 31)}, True, False),
        ({"from_on": date(2027, 2, 2)}, True, False),
    ],
)
def test_everybody_may_look_for_a_mentor_and_members_may_be_one(
    db: Any, membership: dict[str, Any], keeps_need: bool, keeps_offer: bool
) -> None:
    place = make_municipality("newtown", member=False)
    make_membership(place, **membership)
    user = make_representative(place, "rep@newtown.example")
    need, offer = make_need(place), make_offer(place)
    found = user.has_perm("mentoring.keep_need", need), user.has_perm("mentoring.keep_offer", offer)
    assert found == (keeps_need, keeps_offer)
    assert user.has_perm("mentoring.see_need", need)
