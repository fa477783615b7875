"""Who may do what with commitments: the whole table."""

from datetime import date
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser

from cmncp_portal.network.models import Membership, Standing
from cmncp_portal.network.tests.factories import (
    make_membership,
    make_municipality,
    make_representative,
    make_stakeholder,
    make_user,
)
from cmncp_portal.progress.models import Commitment

from .commitments import make_commitment

pytestmark = pytest.mark.django_db

# Of Thunder Bay's commitments; `list` is that of the whole network.
TABLE = """
             see   keep  list
amina        yes   yes   .
deputy       yes   yes   .
joseph       yes   yes   .
leader       yes   yes   .
partner      .     .     .
helen        yes   .     .
priya        yes   yes   yes
admin_user   yes   yes   yes
rene         yes   .     yes
uma          yes   .     yes
prospective  .     .     .
former       .     .     .
anonymous    .     .     .
"""
ALL = ("see", "keep", "list")


@pytest.fixture
def people(
    thunder_bay: Any, amina: Any, joseph: Any, helen: Any, priya: Any, rene: Any, uma: Any, admin_user: Any
) -> dict[str, Any]:
    found = {"amina": amina, "joseph": joseph, "helen": helen, "priya": priya, "rene": rene, "uma": uma}
    for name, standing in (("deputy", "deputy"), ("leader", "leader"), ("partner", "partner")):
        found[name] = make_user(f"{name}@thunderbay.example")
        make_stakeholder(thunder_bay, user=found[name], standing=Standing(standing))
    thinking, left = make_municipality(member=False), make_municipality(member=False)
    make_membership(thinking, kind=Membership.Kind.PROSPECTIVE)
    make_membership(left, until_on=date(2026, 1, 1))
    found |= {"prospective": make_representative(thinking), "former": make_representative(left)}
    return found | {"admin_user": admin_user, "anonymous": AnonymousUser()}


def test_the_table(people: dict[str, Any], thunder_bay: Any) -> None:
    one = make_commitment(thunder_bay)
    head, *lines = TABLE.strip("\n").splitlines()
    assert head.split() == list(ALL)
    expected = {name: cells for name, *cells in (line.split() for line in lines)}
    for thing in (one, thunder_bay):
        found = {
            name: ["yes" if user.has_perm(f"progress.{word}_commitments", thing) else "." for word in ALL]
            for name, user in people.items()
        }
        assert found == expected


def test_what_one_sees_follows_the_table(people: dict[str, Any], thunder_bay: Any) -> None:
    make_commitment(thunder_bay)
    for name, user in people.items():
        may = user.has_perm("progress.see_commitments", thunder_bay)
        assert (name, Commitment.objects.visible_to(user).count()) == (name, int(may))


def test_who_thinks_of_joining_keeps_the_own_ones(people: dict[str, Any]) -> None:
    user = people["prospective"]
    one = make_commitment(user.stakeholders.get().municipality)
    assert [user.has_perm(f"progress.{word}_commitments", one) for word in ALL] == [True, True, False]
    assert list(Commitment.objects.visible_to(user)) == [one]
