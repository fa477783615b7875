"""Who may do what with a profile: the whole table."""

from datetime import date
from typing import Any

import pytest

from cmncp_portal.network.models import Membership, Standing
from cmncp_portal.network.tests.factories import (
    make_membership,
    make_municipality,
    make_representative,
    make_stakeholder,
    make_user,
)

from .factories import make_profile

pytestmark = pytest.mark.django_db

OWN = {"read_all", "keep_profile", "see_history"}
OFFICE = OWN | {"declare_stage", "see_network", "export_network"}
READER = {"read_all", "see_network"}
TABLE = {
    "amina": OWN | {"declare_stage", "choose_public", "see_network"},
    "deputy": OWN | {"declare_stage", "choose_public", "see_network"},
    "joseph": OWN | {"see_network"},
    "partner": set(),
    "helen": READER,
    "priya": OFFICE,
    "admin_user": OFFICE | {"choose_public"},  # a superuser is asked nothing
    "rene": READER,
    "uma": READER,
    "prospective": set(),
    "former": set(),
}
ALL = ["read_all", "keep_profile", "declare_stage", "choose_public", "see_history", "see_network", "export_network"]


@pytest.fixture
def people(
    thunder_bay: Any, amina: Any, joseph: Any, helen: Any, priya: Any, rene: Any, uma: Any, admin_user: Any
) -> dict[str, Any]:
    deputy, partner = make_user("deputy@thunderbay.example"), make_user("partner@thunderbay.example")
    make_stakeholder(thunder_bay, user=deputy, standing=Standing.DEPUTY)
    make_stakeholder(thunder_bay, user=partner, standing=Standing.PARTNER)
    thinking, left = make_municipality(member=False), make_municipality(member=False)
    make_membership(thinking, kind=Membership.Kind.PROSPECTIVE)
    make_membership(left, until_on=date(2026, 1, 1))
    found = {"amina": amina, "deputy": deputy, "joseph": joseph, "partner": partner, "helen": helen, "priya": priya}
    found |= {"rene": rene, "uma": uma, "admin_user": admin_user}
    return found | {"prospective": make_representative(thinking), "former": make_representative(left)}


def test_the_table(people: dict[str, Any], thunder_bay: Any) -> None:
    profile = make_profile(thunder_bay)
    for thing in (profile, thunder_bay):
        found = {name: {one for one in ALL if user.has_perm(f"progress.{one}", thing)} for name, user in people.items()}
        assert found == TABLE


def test_who_thinks_of_joining_keeps_the_own_profile(people: dict[str, Any]) -> None:
    user = people["prospective"]
    place = user.stakeholders.get().municipality
    assert {one for one in ALL if user.has_perm(f"progress.{one}", place)} == OWN | {"declare_stage", "choose_public"}
