"""What may go wrong on the way into the network: two choices, two tabs, a year that was confirmed and forgotten."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from cmncp_portal.core.workflow import TransitionRefused
from cmncp_portal.joining.models import Application
from cmncp_portal.joining.services import admitting, applying, deciding, renewing
from cmncp_portal.network.models import Membership, Stakeholder
from cmncp_portal.network.tests.factories import make_municipality, make_sector

from .factories import make_application, make_interest, make_renewal
from .screens import POST

pytestmark = pytest.mark.django_db
PRIYA = "priya@network.example"


@pytest.fixture(autouse=True)
def sectors(clock: Any) -> None:
    make_sector("municipal")


@pytest.fixture
def lapsing(clock: Any, winnipeg: Any, helen: Any) -> Any:
    """Winnipeg, a member since 2015; the days of grace ended on June 30."""
    winnipeg.memberships.update(from_on=date(2015, 4, 1))
    clock.move_to(datetime(2027, 7, 2, 16, tzinfo=UTC))
    return make_renewal(winnipeg.memberships.get(), date(2027, 4, 1))


@pytest.mark.parametrize(
    ("on", "begins"),
    [
        (date(2027, 6, 15), date(2027, 7, 1)),
        (date(2027, 6, 30), date(2027, 7, 1)),
        (date(2027, 7, 1), date(2027, 7, 1)),
        (date(2027, 7, 2), date(2027, 7, 2)),
    ],
)
def test_renewed_after_all_on_a_day_that_still_counted(
    lapsing: Any, winnipeg: Any, priya: Any, on: date, begins: date
) -> None:
    """Two memberships never run on the same day."""
    assert renewing.lapse_due() == 1
    renewing.bring_back(lapsing, by=priya, on=on)
    lapsing.refresh_from_db()
    days = list(winnipeg.memberships.order_by("from_on").values_list("from_on", "until_on"))
    assert days == [(date(2015, 4, 1), date(2027, 6, 30)), (begins, None)]
    assert lapsing.renewed_on == on


def test_who_said_that_it_stays_does_not_lapse_by_night(lapsing: Any, winnipeg: Any, helen: Any, priya: Any) -> None:
    """No letter warned it any more: a coordinator settles it, one way or the other."""
    renewing.say_we_stay(lapsing, by=helen)
    assert (renewing.lapse_due(), winnipeg.memberships.get().until_on, POST.to("lapsed")) == (0, None, [])
    renewing.lapse(lapsing, by=priya)
    assert (winnipeg.memberships.get().until_on, POST.kinds_to(helen.email)) == (date(2027, 6, 30), ["lapsed"])


def test_what_ended_otherwise_is_settled_though_it_was_confirmed(lapsing: Any, winnipeg: Any, helen: Any) -> None:
    renewing.say_we_stay(lapsing, by=helen)
    winnipeg.memberships.update(until_on=date(2027, 5, 1))
    assert renewing.lapse_due() == 1
    lapsing.refresh_from_db()
    assert (lapsing.state, POST.kinds_to(helen.email)) == ("lapsed", [])


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"representative_name": "Ann Lee", "representative_email": "mayor@merritt.example"}, True),
        ({"representative_email": "Sam@merritt.example"}, False),
        (
            {
                "representative_email": "mayor@merritt.example",
                "deputy_name": "Sam Voght",
                "deputy_email": "sam@merritt.example",
            },
            False,
        ),
    ],
)
def test_who_wrote_the_application_hears_of_it(priya: Any, fields: dict[str, str], told: bool) -> None:
    """Also when somebody else represents the community; never twice."""
    place = make_municipality("merritt", member=False, province="BC")
    interest = make_interest("applying", municipality=place, email="sam@merritt.example")
    found = make_application(municipality=place, interest=interest, **fields)
    admitting.approve(found, by=priya, join_on=date(2027, 2, 1))
    kinds = [kind for kind in POST.kinds_to("sam@merritt.example") if kind != "confirm"]
    assert ("approved_to_writer" in kinds) is told
    if told:
        [letter] = POST.written("approved_to_writer")
        assert "Ann Lee represents it" in letter.text
        assert interest.token in letter.text


def test_two_coordinators_choose_two_communities(priya: Any) -> None:
    """The second does not make the person the representative of both."""
    hope, merritt = (make_municipality(slug, member=False) for slug in ("hope", "merritt"))
    interest = make_interest()
    deciding.know_as(interest, merritt, by=priya)
    with pytest.raises(TransitionRefused, match="Somebody tied this to Merritt meanwhile"):
        deciding.know_as(interest, hope, by=priya)
    assert list(Stakeholder.objects.values_list("municipality__slug", flat=True)) == ["merritt"]
    assert list(Membership.objects.values_list("municipality__slug", flat=True)) == ["merritt"]


def test_a_closed_file_lists_nobody(priya: Any) -> None:
    with pytest.raises(TransitionRefused, match="This is not possible while it is “Closed”"):
        deciding.know_as(make_interest("closed"), make_municipality("hope", member=False), by=priya)
    assert not Stakeholder.objects.exists()


def test_saved_in_one_tab_while_it_was_sent_in_the_other(priya: Any) -> None:
    """What the coordinators read does not change under their eyes."""
    found = make_application("draft")
    other_tab = Application.objects.get(pk=found.pk)
    applying.send(found)
    with pytest.raises(TransitionRefused, match="This application was sent already"):
        applying.keep(other_tab, seen=other_tab.version, consents={}, representative_name="Nobody")
    found.refresh_from_db()
    assert found.representative_name == "Sam Voght"
