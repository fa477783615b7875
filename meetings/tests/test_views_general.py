"""The pages of the annual general meeting."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cmncp_portal.network.models import Membership
from cmncp_portal.network.tests.factories import make_membership, make_municipality, make_representative
from meetings import services
from meetings.models import Delegate, Meeting, Motion

from .screens import address, as_sent, said, text_of

pytestmark = pytest.mark.django_db
TEXTS = {"text_en": "Adopt <it>.", "text_fr": "L’adopter.", "moved_by": "Amina", "seconded_by": "Luc"}


@pytest.fixture
def general(meeting: Any, amina: Any, luc: Any, clock: Any) -> Any:
    """A general meeting of Thunder Bay, Gatineau and Winnipeg; with `begun`, on its first day."""

    def make(*, begun: bool = False, **fields: Any) -> Meeting:
        made: Meeting = meeting(**({"is_general_meeting": True, "quorum": 2} | fields))
        services.prepare_delegates(made)
        if begun:
            clock.move_to(datetime(2027, 4, 14, 16, 0, tzinfo=UTC))
        return made

    return make


def of(meeting: Meeting, slug: str) -> Delegate:
    return Delegate.objects.get(meeting=meeting, municipality__slug=slug)


class TestDoors:
    @pytest.mark.parametrize(
        ("name", "codes"),
        [
            ("priya", (200, 200, 302, 200)),
            ("amina", (200, 200, 403, 403)),
            ("joseph", (200, 403, 403, 403)),
            ("luc", (200, 403, 403, 403)),
            ("uma", (200, 403, 403, 403)),
        ],
    )
    def test_for_whom(self, client: Any, request: Any, general: Any, name: str, codes: tuple[int, ...]) -> None:
        there = general(begun=True)
        person = request.getfixturevalue(name)
        client.force_login(person)
        found = (
            client.get(address("general_meeting", there)).status_code,
            client.get(address("delegate", there, of(there, "thunder-bay").pk)).status_code,
            client.post(address("roll", there), {}).status_code,
            client.get(address("motion", there)).status_code,
        )
        assert found == codes

    @pytest.mark.parametrize("name", ["general_meeting", "roll", "motion", "delegate"])
    def test_strangers_and_other_meetings(
        self, client: Any, general: Any, meeting: Any, rosa: Any, priya: Any, name: str
    ) -> None:
        hidden, plain = general(audience="invited"), meeting()
        args = (of(hidden, "gatineau").pk,) if name == "delegate" else ()
        act = client.post if name == "roll" else client.get
        assert act(address(name, hidden, *args)).status_code == 302
        client.force_login(rosa)
        assert act(address(name, hidden, *args)).status_code == 404
        client.force_login(priya)
        assert act(address(name, plain, *args)).status_code == 404

    def test_in_french(self, client: Any, general: Any, priya: Any) -> None:
        there = general(begun=True)
        client.force_login(priya)
        for name in ("general_meeting", "motion"):
            assert '<html lang="fr">' in text_of(client.get(address(name, there, language="fr")))


class TestThePage:
    def test_members_associates_and_the_quorum(self, client: Any, general: Any, luc: Any) -> None:
        make_membership(make_municipality("brandon", member=False), kind=Membership.Kind.ASSOCIATE)
        there = general()
        client.force_login(luc)
        page = client.get(address("general_meeting", there))
        assert [(line.municipality.slug, line.delegate.name, may) for line, may in page.context["lines"]] == [
            ("gatineau", "Luc Tremblay", True),
            ("thunder-bay", "Amina Diallo", False),
            ("winnipeg", "", False),
        ]
        assert [place.slug for place in page.context["roll"].associates] == ["brandon"]
        assert "No delegate present yet, 2 needed: there is no quorum." in text_of(page)
        assert 'name="present"' not in text_of(page)

    def test_looking_writes_nothing_and_the_coordinator_prepares(
        self, client: Any, meeting: Any, amina: Any, priya: Any
    ) -> None:
        there = meeting(is_general_meeting=True)
        client.force_login(priya)
        page = client.get(address("general_meeting", there))
        assert (len(page.context["lines"]), Delegate.objects.count()) == (2, 0)
        assert "Not everybody has a delegate yet" in text_of(page)
        answer = client.post(address("general_meeting", there))
        assert said(client, answer) == ["The list of delegates is up to date."]
        assert Delegate.objects.count() == 2
        client.force_login(amina)
        assert client.post(address("general_meeting", there)).status_code == 403

    def test_many_cost_what_few_cost(self, client: Any, general: Any, priya: Any) -> None:
        there = general()
        client.force_login(priya)
        counts = []
        for number in (1, 25):
            for _n in range(number):
                make_representative(make_municipality())
            services.prepare_delegates(there)
            Delegate.objects.exclude(name="").update(is_present=True)
            with CaptureQueriesContext(connection) as queries:
                client.get(address("general_meeting", there))
            counts.append(len(queries))
        assert counts[0] == counts[1] <= 8


class TestNaming:
    def test_a_colleague_or_somebody_else(self, client: Any, general: Any, amina: Any, joseph: Any) -> None:
        there = general()
        client.force_login(amina)
        url = address("delegate", there, of(there, "thunder-bay").pk)
        page = client.get(url)
        assert page.context["form"]["stakeholder"].value() == amina.stakeholders.get().pk
        answer = client.post(url, as_sent(page, stakeholder=joseph.stakeholders.get().pk))
        assert said(client, answer) == ["Joseph Kakegamic votes for Thunder Bay."]
        answer = client.post(url, {"stakeholder": "", "name": "Dr. <Lee>"})
        assert said(client, answer) == ["Dr. <Lee> votes for Thunder Bay."]
        assert of(there, "thunder-bay").name == "Dr. <Lee>"

    @pytest.mark.parametrize(
        ("typed", "field"),
        [
            ({"stakeholder": "", "name": ""}, "stakeholder"),
            ({"stakeholder": "999999", "name": "Ann"}, "stakeholder"),
            ({"stakeholder": "", "name": "x" * 201}, "name"),
            ({"stakeholder": "amina", "name": "Ann"}, "name"),
        ],
    )
    def test_typed_wrongly(self, client: Any, general: Any, amina: Any, typed: dict[str, str], field: str) -> None:
        there = general()
        client.force_login(amina)
        mine = str(amina.stakeholders.get().pk)
        sent = {name: mine if value == "amina" else value for name, value in typed.items()}
        page = client.post(address("delegate", there, of(there, "thunder-bay").pk), sent)
        assert (page.status_code, list(page.context["form"].errors)) == (422, [field])
        assert page.context["form"]["name"].value() == typed["name"]

    def test_once_it_has_begun(self, client: Any, general: Any, amina: Any, priya: Any) -> None:
        there = general(begun=True)
        url = address("delegate", there, of(there, "thunder-bay").pk)
        client.force_login(amina)
        page = client.post(url, {"name": "Ann"})
        assert page.status_code == 422
        assert "The meeting has begun: please tell the network’s coordinators who votes." in text_of(page)
        assert [may for _line, may in client.get(address("general_meeting", there)).context["lines"]] == [False] * 3
        client.force_login(priya)
        assert client.post(url, {"name": "Ann"}).status_code == 302


class TestTheRollAndMotions:
    def test_from_the_roll_to_the_result(self, client: Any, general: Any, priya: Any, luc: Any) -> None:
        there = general(begun=True)
        client.force_login(priya)
        pks = [of(there, slug).pk for slug in ("gatineau", "thunder-bay")]
        answer = client.post(address("roll", there), {"present": [*pks, "abc", "-1"]})
        assert said(client, answer) == ["2 delegates are present."]
        page = client.get(address("motion", there))
        assert "2 delegates present, 2 needed: there is a quorum." in text_of(page)
        sent = as_sent(page, **TEXTS, **{f"vote_{pks[0]}": "for"})
        wrong = client.post(address("motion", there), sent)
        assert (wrong.status_code, list(wrong.context["form"].errors)) == (422, [f"vote_{pks[1]}"])
        assert wrong.context["form"]["text_en"].value() == "Adopt <it>."
        answer = client.post(address("motion", there), sent | {f"vote_{pks[1]}": "abstain"})
        assert said(client, answer) == ["The motion and its votes are recorded."]
        client.force_login(luc)
        words = text_of(client.get(address("general_meeting", there)))
        assert "Adopt &lt;it&gt;." in words
        assert "1 for, 0 against, 1 abstaining" in words
        assert "Carried" in words

    def test_a_roll_that_changed_meanwhile(self, client: Any, general: Any, priya: Any) -> None:
        there = general(begun=True)
        first, second = (of(there, slug).pk for slug in ("gatineau", "thunder-bay"))
        services.call_the_roll(there, by=priya, present={first})
        client.force_login(priya)
        page = client.get(address("motion", there))
        services.call_the_roll(there, by=priya, present={first, second})
        answer = client.post(address("motion", there), as_sent(page, **TEXTS, **{f"vote_{first}": "for"}))
        assert (answer.status_code, Motion.objects.count()) == (422, 0)

    def test_nobody_present(self, client: Any, general: Any, priya: Any) -> None:
        there = general(begun=True)
        client.force_login(priya)
        page = client.post(address("motion", there), TEXTS)
        assert (page.status_code, Motion.objects.count()) == (422, 0)
        assert "Call the roll first: nobody is noted as present." in text_of(page)

    def test_before_the_first_day(self, client: Any, general: Any, priya: Any) -> None:
        there = general()
        client.force_login(priya)
        said_then = said(client, client.post(address("roll", there), {"present": [of(there, "gatineau").pk]}))
        assert said_then == ["The roll is called from the first day of the meeting on."]
        assert client.get(address("roll", there)).status_code == 405
