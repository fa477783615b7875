"""Who may do what: the cast across, permissions down. Thunder Bay's application, renewal and first steps are asked about.

Amina represents Thunder Bay, Joseph is its staff; Rosa represents another member.
"""

from datetime import date
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser

from cmncp_portal.joining.models import Application, Interest, OnboardingStep, Renewal

from .factories import make_application, make_interest, make_renewal

pytestmark = pytest.mark.django_db

PEOPLE = ("priya", "amina", "joseph", "rosa", "rene", "uma", "admin_user", "anonymous")
TABLE = """
                 priya amina joseph rosa rene uma admin_user anonymous
see_desk         *     .     .      .    .    .   *          .
answer_interest  *     .     .      .    .    .   *          .
decide           *     .     .      .    .    .   *          .
keep_fees        *     .     .      .    .    .   *          .
see_application  *     *     *      .    .    .   *          .
do_first_steps   *     *     *      .    .    .   *          .
see_renewal      *     *     *      .    .    .   *          .
confirm_renewal  *     *     .      .    .    .   *          .
record_renewal   *     .     .      .    .    .   *          .
leave            *     *     .      .    .    .   *          .
know_of_it       *     *     *      .    .    .   *          .
"""


@pytest.fixture
def cast(clock: Any, priya: Any, amina: Any, joseph: Any, rosa: Any, rene: Any, uma: Any, admin_user: Any) -> Any:
    return dict(zip(PEOPLE, (priya, amina, joseph, rosa, rene, uma, admin_user, AnonymousUser()), strict=True))


def test_the_table(cast: dict[str, Any], thunder_bay: Any) -> None:
    membership = thunder_bay.memberships.get()
    application = make_application(municipality=thunder_bay)
    renewal = make_renewal(membership)
    step = OnboardingStep.objects.create(membership=membership, code="mentor")
    things = {"do_first_steps": step, "see_renewal": renewal, "confirm_renewal": renewal, "leave": renewal}
    found = [f"{'':17}{' '.join(PEOPLE)}"]
    for line in TABLE.strip("\n").splitlines()[1:]:
        name = line.split()[0]
        cells = []
        for user in cast.values():
            if name == "know_of_it":
                rows = (Application.objects.visible_to(user), Renewal.objects.visible_to(user))
                may = all(one.exists() for one in rows)
            else:
                may = user.has_perm(f"joining.{name}", things.get(name, application))
            cells.append("*" if may else ".")
        found.append(
            f"{name:17}" + " ".join(f"{cell:{len(who)}}" for cell, who in zip(cells, PEOPLE, strict=True)).rstrip()
        )
    assert found == [line.rstrip() for line in TABLE.strip("\n").splitlines()]


def test_an_interest_is_the_coordinators_and_nobodys_before_the_button(cast: dict[str, Any]) -> None:
    make_interest("unconfirmed")
    confirmed = make_interest("confirmed")
    seen = {name: list(Interest.objects.visible_to(user)) for name, user in cast.items()}
    assert {name for name, rows in seen.items() if rows == [confirmed]} == {"priya", "admin_user"}
    assert sum(map(len, seen.values())) == 2


def test_a_membership_gives_the_same_answer_as_its_renewal(cast: dict[str, Any], thunder_bay: Any) -> None:
    membership = thunder_bay.memberships.get()
    may = [name for name, user in cast.items() if user.has_perm("joining.confirm_renewal", membership)]
    assert may == ["priya", "amina", "admin_user"]
    assert make_renewal(membership, date(2027, 5, 1)).membership == membership
