"""One vote for each general member: delegates, the roll, the quorum, motions."""

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation

from cmncp_portal.core.workflow import TransitionRefused
from cmncp_portal.network.models import Membership, Standing
from cmncp_portal.network.tests.factories import (
    make_membership,
    make_municipality,
    make_representative,
    make_stakeholder,
)
from meetings import services
from meetings.models import Delegate, Meeting, Motion
from meetings.selectors import outcome

pytestmark = pytest.mark.django_db
WINNIPEG = ZoneInfo("America/Winnipeg")
FIRST_DAY = datetime(2027, 4, 14, 10, 0, tzinfo=WINNIPEG)
TEXTS = {"text_en": "Adopt the plan.", "text_fr": "Adopter le plan.", "moved_by": "Amina", "seconded_by": "Luc"}


@pytest.fixture
def general(meeting: Any, amina: Any, luc: Any, helen: Any) -> Any:
    """An announced general meeting; Thunder Bay, Gatineau and Winnipeg are members, all represented."""

    def make(**fields: Any) -> Meeting:
        made: Meeting = meeting(**({"is_general_meeting": True, "quorum": 2} | fields))
        services.prepare_delegates(made)
        return made

    return make


def names(meeting: Meeting) -> dict[str, str]:
    return dict(meeting.delegates.values_list("municipality__slug", "name"))


def of(meeting: Meeting, slug: str) -> Delegate:
    return Delegate.objects.select_related("meeting").get(meeting=meeting, municipality__slug=slug)


class TestPreparing:
    def test_each_general_member_has_its_representative(self, general: Any) -> None:
        expected = {"gatineau": "Luc Tremblay", "thunder-bay": "Amina Diallo", "winnipeg": "Helen Friesen"}
        there = general()
        assert names(there) == expected
        assert services.prepare_delegates(there) == 3
        assert names(there) == expected

    @pytest.mark.parametrize(
        ("fields", "is_on"),
        [
            ({"until_on": date(2027, 4, 13)}, False),
            ({"until_on": date(2027, 4, 14)}, True),
            ({"from_on": date(2027, 4, 14)}, True),
            ({"from_on": date(2027, 4, 15)}, False),
            ({"kind": Membership.Kind.ASSOCIATE}, False),
            ({"kind": Membership.Kind.PROSPECTIVE}, False),
        ],
    )
    def test_members_of_the_day(self, general: Any, fields: dict[str, Any], is_on: bool) -> None:
        make_membership(make_municipality("brandon", member=False), **fields)
        there = general()
        assert ("brandon" in names(there)) is is_on
        roll = outcome.roll_of(there)
        assert ("brandon" in [line.municipality.slug for line in roll.lines]) is is_on
        associates = [place.slug for place in roll.associates]
        assert associates == (["brandon"] if fields.get("kind") == Membership.Kind.ASSOCIATE else [])

    def test_the_list_follows_until_somebody_is_named(self, general: Any, luc: Any, gatineau: Any, amina: Any) -> None:
        there = general()
        services.name_delegate(of(there, "thunder-bay"), by=amina, name="Dr. Ann Lee")
        luc.stakeholders.update(left_on=date(2027, 1, 1))
        amina.stakeholders.update(name="A. Diallo")
        make_representative(gatineau, "new@gatineau.example", name="Nadia Roy")
        Membership.objects.filter(municipality__slug="winnipeg").update(until_on=date(2027, 3, 1))
        services.prepare_delegates(there)
        assert names(there) == {"gatineau": "Nadia Roy", "thunder-bay": "Dr. Ann Lee"}

    def test_a_member_without_representative_stands_on_it_without_a_name(self, general: Any) -> None:
        make_municipality("brandon")
        assert names(general())["brandon"] == ""

    def test_once_begun_the_list_stands(self, general: Any, clock: Any) -> None:
        there = general()
        clock.move_to(FIRST_DAY)
        make_municipality("brandon")
        assert (services.prepare_delegates(there), "brandon" in names(there)) == (3, False)

    def test_other_meetings_have_none(self, meeting: Any, amina: Any) -> None:
        assert (services.prepare_delegates(meeting()), Delegate.objects.count()) == (0, 0)

    def test_many_cost_what_few_cost(self, general: Any) -> None:
        there = general()
        counts = []
        for number in (1, 30):
            for _n in range(number):
                make_representative(make_municipality())
            with CaptureQueriesContext(connection) as queries:
                services.prepare_delegates(there)
            counts.append(len(queries))
        assert counts[0] == counts[1]


class TestNaming:
    def test_the_representative_names_a_colleague_or_somebody_else(
        self, general: Any, amina: Any, joseph: Any, thunder_bay: Any
    ) -> None:
        there = general()
        delegate = of(there, "thunder-bay")
        services.name_delegate(delegate, by=amina, stakeholder=joseph.stakeholders.get())
        assert (of(there, "thunder-bay").name, of(there, "thunder-bay").named_by) == ("Joseph Kakegamic", amina)
        services.name_delegate(delegate, by=amina, name=" Dr. Ann Lee ")
        found = of(there, "thunder-bay")
        assert (found.name, found.stakeholder, found.named_at) == ("Dr. Ann Lee", None, timezone.now())

    def test_the_deputy_may_and_staff_and_neighbours_may_not(
        self, general: Any, joseph: Any, luc: Any, thunder_bay: Any, amina: Any
    ) -> None:
        delegate = of(general(), "thunder-bay")
        for person in (joseph, luc):
            with pytest.raises(PermissionDenied):
                services.name_delegate(delegate, by=person, name="Me")
        joseph.stakeholders.update(standing=Standing.DEPUTY)
        joseph.__dict__.pop("_places", None)
        services.name_delegate(delegate, by=joseph, name="Me")
        assert Delegate.objects.get(pk=delegate.pk).name == "Me"

    @pytest.mark.parametrize(("minute", "may"), [(-1, True), (0, False), (1, False)])
    def test_until_it_begins(self, general: Any, amina: Any, priya: Any, clock: Any, minute: int, may: bool) -> None:
        there = general()
        clock.move_to(datetime(2027, 4, 14, 9, 0, tzinfo=WINNIPEG).timestamp() + 60 * minute)
        if may:
            services.name_delegate(of(there, "thunder-bay"), by=amina, name="Ann")
        else:
            with pytest.raises(TransitionRefused, match="The meeting has begun"):
                services.name_delegate(of(there, "thunder-bay"), by=amina, name="Ann")
            services.name_delegate(of(there, "thunder-bay"), by=priya, name="Ann")
        assert names(there)["thunder-bay"] == "Ann"

    def test_nobody_and_a_stranger_are_refused(self, general: Any, amina: Any, luc: Any) -> None:
        delegate = of(general(), "thunder-bay")
        with pytest.raises(TransitionRefused, match="another municipality"):
            services.name_delegate(delegate, by=amina, stakeholder=luc.stakeholders.get())
        with pytest.raises(TransitionRefused, match="Say who votes"):
            services.name_delegate(delegate, by=amina, name="  ")

    def test_who_replaces_a_present_delegate_is_called_again(self, general: Any, priya: Any, clock: Any) -> None:
        there = general()
        clock.move_to(FIRST_DAY)
        delegate = of(there, "thunder-bay")
        services.call_the_roll(there, by=priya, present={delegate.pk})
        services.name_delegate(delegate, by=priya, name="Amina Diallo")
        assert of(there, "thunder-bay").is_present is True
        services.name_delegate(delegate, by=priya, name="Ann")
        assert of(there, "thunder-bay").is_present is False


class TestTheRoll:
    def test_ticks_are_the_whole_list(self, general: Any, priya: Any, clock: Any) -> None:
        there = general()
        clock.move_to(FIRST_DAY)
        first, second = of(there, "gatineau").pk, of(there, "winnipeg").pk
        assert services.call_the_roll(there, by=priya, present={first, second}) == 2
        assert services.call_the_roll(there, by=priya, present={second, 999_999}) == 1
        assert list(there.delegates.filter(is_present=True).values_list("pk", flat=True)) == [second]

    def test_for_the_network_from_the_first_day_on(self, general: Any, priya: Any, helen: Any, clock: Any) -> None:
        there = general()
        with pytest.raises(TransitionRefused, match="from the first day"):
            services.call_the_roll(there, by=priya, present=set())
        clock.move_to(FIRST_DAY)
        with pytest.raises(PermissionDenied):
            services.call_the_roll(there, by=helen, present=set())

    def test_a_present_delegate_has_a_name(self, general: Any, priya: Any, clock: Any) -> None:
        make_municipality("brandon")
        there = general()
        clock.move_to(FIRST_DAY)
        with pytest.raises(TransitionRefused, match="Say first who votes for Brandon"):
            services.call_the_roll(there, by=priya, present={of(there, "brandon").pk})

    def test_no_roll_elsewhere(self, meeting: Any, priya: Any) -> None:
        with pytest.raises(TransitionRefused, match="holds no general meeting"):
            services.call_the_roll(meeting(), by=priya, present=set())

    @pytest.mark.parametrize(
        ("quorum", "present", "words"),
        [
            (9, 12, "12 delegates present, 9 needed: there is a quorum."),
            (9, 9, "9 delegates present, 9 needed: there is a quorum."),
            (9, 8, "8 delegates present, 9 needed: there is no quorum."),
            (2, 1, "One delegate present, 2 needed: there is no quorum."),
            (2, 0, "No delegate present yet, 2 needed: there is no quorum."),
            (None, 3, "3 delegates present. No quorum is set for this meeting."),
        ],
    )
    def test_the_quorum_in_words(self, quorum: int | None, present: int, words: str) -> None:
        with translation.override("en"):
            assert outcome.quorum_in_words(Meeting(quorum=quorum), present) == words


class TestMotions:
    @pytest.fixture
    def present(self, general: Any, priya: Any, clock: Any) -> Any:
        def make(count: int = 3, **fields: Any) -> tuple[Meeting, list[int]]:
            there = general(**fields)
            clock.move_to(FIRST_DAY)
            pks = list(there.delegates.order_by("municipality__slug").values_list("pk", flat=True))[:count]
            services.call_the_roll(there, by=priya, present=set(pks))
            return there, pks

        return make

    @pytest.mark.parametrize(
        ("votes", "word", "in_words"),
        [
            (("for", "for", "against"), "Carried", "2 for, 1 against, 0 abstaining"),
            (("for", "against", "abstain"), "Defeated", "1 for, 1 against, 1 abstaining"),
            (("abstain", "abstain", "abstain"), "Defeated", "0 for, 0 against, 3 abstaining"),
        ],
    )
    def test_the_result_is_counted(
        self, present: Any, priya: Any, votes: tuple[str, ...], word: str, in_words: str
    ) -> None:
        there, pks = present()
        services.record_motion(there, by=priya, votes=dict(zip(pks, votes, strict=True)), **TEXTS)
        [result] = outcome.motions_of(there)
        assert (result.word, result.in_words) == (word, in_words)
        assert (result.motion.present_count, result.motion.had_quorum, result.motion.recorded_by) == (3, True, priya)
        assert [(v.municipality.slug, v.delegate_name, v.choice) for v in result.votes] == [
            ("gatineau", "Luc Tremblay", votes[0]),
            ("thunder-bay", "Amina Diallo", votes[1]),
            ("winnipeg", "Helen Friesen", votes[2]),
        ]

    @pytest.mark.parametrize(("count", "quorum", "had"), [(2, 2, True), (1, 2, False), (3, None, False)])
    def test_whether_there_was_a_quorum_is_kept(
        self, present: Any, priya: Any, count: int, quorum: int | None, had: bool
    ) -> None:
        there, pks = present(count, quorum=quorum)
        motion = services.record_motion(there, by=priya, votes=dict.fromkeys(pks, "for"), **TEXTS)
        Meeting.objects.update(quorum=1)
        assert Motion.objects.get(pk=motion.pk).had_quorum is had

    def test_each_delegate_who_is_present_votes_and_no_other(self, present: Any, priya: Any, helen: Any) -> None:
        there, pks = present(2)
        absent = of(there, "winnipeg").pk
        for votes, words in (
            ({pks[0]: "for"}, "How did Thunder Bay vote"),
            ({pks[0]: "for", pks[1]: "perhaps"}, "How did Thunder Bay vote"),
            ({pks[0]: "for", pks[1]: "for", absent: "against"}, "The roll has changed"),
        ):
            with pytest.raises(TransitionRefused, match=words):
                services.record_motion(there, by=priya, votes=votes, **TEXTS)
        with pytest.raises(PermissionDenied):
            services.record_motion(there, by=helen, votes=dict.fromkeys(pks, "for"), **TEXTS)
        assert Motion.objects.count() == 0

    def test_the_roll_comes_first(self, present: Any, priya: Any) -> None:
        there, _pks = present(0)
        with pytest.raises(TransitionRefused, match="Call the roll first"):
            services.record_motion(there, by=priya, votes={}, **TEXTS)


def test_who_was_named_stays_named(general: Any, thunder_bay: Any, amina: Any) -> None:
    """Even after leaving the municipality: it names somebody else, the portal does not."""
    there = general()
    person = make_stakeholder(thunder_bay, name="Ola")
    services.name_delegate(of(there, "thunder-bay"), by=amina, stakeholder=person)
    person.left_on = date(2027, 1, 1)
    person.save()
    services.prepare_delegates(there)
    assert names(there)["thunder-bay"] == "Ola"
