"""The page to show: who may do what in the network. Columns are the cast, rows the permissions."""

from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser

from cmncp_portal.network.models import Standing

from .factories import make_stakeholder, make_user

CAST = ("public", "partner", "joseph", "amina", "rosa", "uma", "rene", "priya", "admin_user")
# Amina represents Thunder Bay, Joseph is on its staff, the partner works there for the school board, Rosa represents Saskatoon.
TABLE = {
    "network.view_people": "- - y y y y y y y",
    "network.keep_municipality": "- - - y - - - y y",
    "network.keep_people": "- - - y - - - y y",
    "network.keep_programmes": "- - y y - - - y y",
    "network.admit_members": "- - - - - - - y y",
    "network.import_lists": "- - - - - - - y y",
}


@pytest.fixture
def partner(thunder_bay: Any) -> Any:
    user = make_user("teacher@schoolboard.example")
    make_stakeholder(thunder_bay, user=user, standing=Standing.PARTNER)
    return user


@pytest.mark.parametrize("permission", TABLE)
def test_who_may_do_what_in_thunder_bay(
    permission: str, request: pytest.FixtureRequest, thunder_bay: Any, partner: Any
) -> None:
    people = {name: AnonymousUser() if name == "public" else request.getfixturevalue(name) for name in CAST}
    found = {name: "y" if user.has_perm(permission, thunder_bay) else "-" for name, user in people.items()}
    assert found == dict(zip(CAST, TABLE[permission].split(), strict=True))


def test_a_deputy_may_what_the_representative_may(thunder_bay: Any) -> None:
    deputy = make_user()
    make_stakeholder(thunder_bay, user=deputy, standing=Standing.DEPUTY)
    assert deputy.has_perm("network.keep_people", thunder_bay)


def test_who_left_may_nothing(thunder_bay: Any, amina: Any) -> None:
    amina.stakeholders.update(left_on="2026-01-31")
    assert not amina.has_perm("network.keep_people", thunder_bay)
    assert not amina.has_perm("network.view_people", thunder_bay)


def test_a_closed_account_may_nothing(thunder_bay: Any, amina: Any) -> None:
    amina.is_active = False
    assert not amina.has_perm("network.keep_people", thunder_bay)
