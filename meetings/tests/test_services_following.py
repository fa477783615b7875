"""Notes, decisions, and who does what: in both languages before they are published, told once, answered without an account."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from cmncp_portal.core.editing import Conflict
from cmncp_portal.core.places import Status
from cmncp_portal.core.workflow import TransitionRefused
from cmncp_portal.network.models import Standing
from cmncp_portal.network.tests.factories import make_stakeholder
from cmncp_portal.notifications.models import Mailing, Message
from meetings import services
from meetings.models import ActionItem, Decision, Meeting
from meetings.selectors.outcome import wording_of

from .factories import make_action, make_place
from .mailbag import forget, to, written

pytestmark = pytest.mark.django_db
BOTH = {"text_en": "Meet twice a year.", "text_fr": "Se réunir deux fois par année."}
DUE = date(2027, 5, 14)


@pytest.fixture
def held(meeting: Any, clock: Any) -> Any:
    def make(**fields: Any) -> Meeting:
        clock.move_to(datetime(2027, 4, 16, 15, 0, tzinfo=UTC))
        made: Meeting = meeting("held", **({"notes_en": "We met.", "notes_fr": "Nous nous sommes réunis."} | fields))
        return made

    return make


def read(action: ActionItem) -> ActionItem:
    return ActionItem.objects.select_related("meeting").get(pk=action.pk)


class TestNotes:
    def test_two_people_lose_nothing(self, held: Any, priya: Any, admin_user: Any) -> None:
        there = held()
        services.keep_notes(there, seen=1, by=priya, notes_en="A", notes_fr="B")
        with pytest.raises(Conflict) as conflict:
            services.keep_notes(there, seen=1, by=admin_user, notes_en="C", notes_fr="D")
        assert (conflict.value.current.notes_en, Meeting.objects.get().notes_fr) == ("A", "B")

    def test_not_by_the_host(self, held: Any, helen: Any) -> None:
        with pytest.raises(PermissionDenied):
            services.keep_notes(held(), seen=1, by=helen, notes_en="A", notes_fr="B")

    @pytest.mark.parametrize(("day", "may"), [(13, False), (14, True), (15, True)])
    def test_from_the_first_day_on(self, meeting: Any, priya: Any, clock: Any, day: int, may: bool) -> None:
        there = meeting()
        clock.move_to(datetime(2027, 4, day, 12, 0, tzinfo=UTC))
        if may:
            services.keep_notes(there, seen=1, by=priya, notes_en="A", notes_fr="")
        else:
            with pytest.raises(TransitionRefused, match="from the first day"):
                services.keep_notes(there, seen=1, by=priya, notes_en="A", notes_fr="")
        assert Meeting.objects.get().notes_en == ("A" if may else "")

    @pytest.mark.parametrize("state", ["postponed", "cancelled"])
    def test_not_for_what_did_not_take_place(self, meeting: Any, priya: Any, clock: Any, state: str) -> None:
        there = meeting(state, starts_on=date(2027, 1, 4), ends_on=date(2027, 1, 4))
        with pytest.raises(TransitionRefused):
            services.keep_notes(there, seen=1, by=priya, notes_en="A", notes_fr="B")


class TestDecisions:
    def test_they_keep_their_order(self, held: Any, priya: Any) -> None:
        there = held()
        for number in range(3):
            services.add_decision(there, by=priya, text_en=f"{number}", text_fr="x")
        services.remove_decision(there.decisions.all()[1], by=priya)
        services.add_decision(there, by=priya, text_en="3", text_fr="x")
        assert [d.text_en for d in there.decisions.all()] == ["0", "2", "3"]

    def test_who_corrects_second_is_told(self, held: Any, priya: Any) -> None:
        there = held()
        decision = services.add_decision(there, by=priya, **BOTH)
        seen = wording_of(decision)
        services.keep_decision(decision, seen=seen, by=priya, text_en="Meet often.", text_fr="Se réunir souvent.")
        with pytest.raises(TransitionRefused, match="Meet often"):
            services.keep_decision(decision, seen=seen, by=priya, text_en="Never meet.", text_fr="Jamais.")
        services.keep_decision(decision, seen=seen, by=priya, text_en="Meet often.", text_fr="Se réunir souvent.")
        services.remove_decision(decision, by=priya)
        with pytest.raises(TransitionRefused, match="removed"):
            services.keep_decision(decision, seen=seen, by=priya, **BOTH)
        assert Decision.objects.count() == 0

    def test_not_by_the_host(self, held: Any, helen: Any) -> None:
        with pytest.raises(PermissionDenied):
            services.add_decision(held(), by=helen, **BOTH)


class TestOwners:
    def test_somebody_of_the_network(self, held: Any, priya: Any, luc: Any, gatineau: Any) -> None:
        person = luc.stakeholders.get()
        made = services.add_action(held(), by=priya, due_on=DUE, stakeholder=person, **BOTH)
        assert (made.owner_name, made.owner_email, made.owner_language, made.owner_zone, made.municipality) == (
            "Luc Tremblay",
            "luc@gatineau.example",
            "fr",
            "America/Toronto",
            gatineau,
        )

    def test_somebody_else(self, held: Any, priya: Any, saskatoon: Any) -> None:
        made = services.add_action(
            held(), by=priya, due_on=DUE, owner_name=" Dr. Ann Lee ", owner_email="Ann@U.example", municipality=saskatoon, **BOTH
        )  # fmt: skip
        assert (made.owner_name, made.owner_email, made.owner_language, made.owner_zone) == (
            "Dr. Ann Lee",
            "ann@u.example",
            "",
            "America/Regina",
        )

    def test_nobody_is_refused(self, held: Any, priya: Any) -> None:
        with pytest.raises(TransitionRefused, match="Say who does it"):
            services.add_action(held(), by=priya, due_on=DUE, owner_name=" ", **BOTH)

    def test_a_letter_at_once_only_after_publication(self, held: Any, priya: Any) -> None:
        somebody = {"owner_name": "Ann", "owner_email": "ann@u.example", "due_on": DUE}
        services.add_action(held(), by=priya, **somebody, **BOTH)
        assert to("action_given") == []
        made = services.add_action(
            held(notes_published_at=datetime(2027, 4, 16, tzinfo=UTC)), by=priya, **somebody, **BOTH
        )
        [letter] = written("action_given")
        assert (letter.to_email, letter.language, made.token in letter.text) == ("ann@u.example", "both", True)


class TestWhatBecomesOfIt:
    def test_the_owner_says_it_is_done(self, held: Any) -> None:
        action = make_action(held())
        services.finish_action(action, note="Sent to all.")
        found = read(action)
        assert (found.done_by_name, found.done_note, found.is_open) == ("Helen Campbell", "Sent to all.", False)
        with pytest.raises(TransitionRefused, match="Helen Campbell said so on April 16, 2027") as refused:
            services.finish_action(action, note="Again")
        assert refused.value.done_already

    def test_whoever_speaks_for_the_municipality_may_say_so_too(
        self, held: Any, amina: Any, joseph: Any, rosa: Any, thunder_bay: Any
    ) -> None:
        action = make_action(held(), municipality=thunder_bay)
        for stranger in (rosa, joseph):
            with pytest.raises(PermissionDenied):
                services.finish_action(action, by=stranger, note="")
        services.finish_action(action, by=amina, note="")
        assert read(action).done_by_name == "Amina Diallo"

    def test_giving_up_needs_a_reason_and_the_network(self, held: Any, priya: Any, helen: Any) -> None:
        action = make_action(held())
        with pytest.raises(PermissionDenied):
            services.drop_action(action, by=helen, reason="Too much")
        with pytest.raises(TransitionRefused, match="reason"):
            services.drop_action(action, by=priya, reason=" ")
        services.drop_action(action, by=priya, reason="The plan is gone.")
        assert (read(action).dropped_at is not None, read(action).done_note) == (True, "The plan is gone.")
        for act in (
            lambda: services.finish_action(action, note=""),
            lambda: services.drop_action(action, by=priya, reason="x"),
            lambda: services.hand_back(action, note="x"),
        ):
            with pytest.raises(TransitionRefused, match="The plan is gone"):
                act()

    def test_handing_it_back_tells_the_coordinators_and_ends_the_letters(self, held: Any, priya: Any) -> None:
        there = held(notes_published_at=datetime(2027, 4, 16, tzinfo=UTC))
        action = services.add_action(
            there, by=priya, due_on=DUE, owner_name="Ann", owner_email="ann@u.example", owner_language="en", **BOTH
        )
        services.hand_back(action, note="Bob does it.")
        assert (to("action_given"), to("action_returned")) == ([], ["priya@network.example"])
        [letter] = written("action_returned")
        assert letter.subject == "[CMNCP] Ann hands something back: Safer Prairies, Winnipeg"
        assert ("Bob does it." in letter.text, "Meet twice a year." in letter.text) == (True, True)
        found = read(action)
        assert (found.owner_name, found.owner_email, found.is_open) == ("", "", True)
        for act in (lambda: services.hand_back(action, note="x"), lambda: services.finish_action(action, note="x")):
            with pytest.raises(TransitionRefused, match="You have told the network already") as refused:
                act()
            assert refused.value.done_already

    def test_handing_it_over_kills_the_old_link_and_tells_the_new_owner(self, held: Any, priya: Any, luc: Any) -> None:
        there = held(notes_published_at=datetime(2027, 4, 16, tzinfo=UTC))
        action = services.add_action(there, by=priya, due_on=DUE, owner_name="Ann", owner_email="ann@u.example", **BOTH)
        old = action.token
        services.readdress_action(action, by=priya, stakeholder=luc.stakeholders.get())
        assert ActionItem.from_token(old) is None
        [letter] = written("action_given")
        assert (letter.to_email, read(action).token in letter.text) == ("luc@gatineau.example", True)
        assert "Se réunir deux fois par année." in letter.text

    def test_the_municipality_stays_with_a_colleague_as_typed(self, held: Any, amina: Any, thunder_bay: Any) -> None:
        action = make_action(held(), municipality=thunder_bay)
        services.readdress_action(action, by=amina, owner_name="Jo", owner_email="jo@thunderbay.example")
        assert (read(action).municipality, read(action).owner_zone) == (thunder_bay, "America/Toronto")

    def test_a_new_day_takes_reminders_back(self, held: Any, priya: Any) -> None:
        action = make_action(held())
        key = f"meetings.action_due:{action.meeting_id}:{action.pk}:2027-05-14:-7"
        Message.objects.create(key=key, kind="meetings.action_due", to_email="x@x.example", language="en")
        services.keep_action(action, seen=1, by=priya, due_on=date(2027, 6, 1), **BOTH)
        assert Message.objects.get().state == Message.State.WITHDRAWN
        with pytest.raises(Conflict):
            services.keep_action(action, seen=1, by=priya, due_on=DUE, **BOTH)
        assert read(action).due_on == date(2027, 6, 1)


class TestPublishing:
    @pytest.mark.parametrize(
        ("fields", "words"),
        [
            ({"notes_fr": " "}, "The notes are needed in both languages."),
            ({"notes_en": ""}, "The notes are needed in both languages."),
        ],
    )
    def test_both_languages(self, held: Any, priya: Any, fields: dict[str, str], words: str) -> None:
        there = held(**fields)
        with pytest.raises(TransitionRefused, match=words):
            services.publish_notes(there, by=priya)
        assert Meeting.objects.get().notes_published_at is None

    def test_decisions_and_actions_too(self, held: Any, priya: Any) -> None:
        there = held()
        decision = Decision.objects.create(meeting=there, text_en="Meet.", text_fr="")
        with pytest.raises(TransitionRefused, match="The decision “Meet.” is in one language only."):
            services.publish_notes(there, by=priya)
        decision.delete()
        make_action(there, text_en="", text_fr="Partager.")
        with pytest.raises(TransitionRefused, match="“Partager.”, which is to be done"):
            services.publish_notes(there, by=priya)

    def test_not_before_it_was_held_nor_by_the_host(self, meeting: Any, held: Any, priya: Any, helen: Any) -> None:
        with pytest.raises(TransitionRefused, match="Record first"):
            services.publish_notes(meeting(notes_en="a", notes_fr="b"), by=priya)
        with pytest.raises(PermissionDenied):
            services.publish_notes(held(), by=helen)

    def test_everyone_is_told_once_each_in_the_own_language(self, held: Any, priya: Any) -> None:
        there = held()
        ann = make_place(there, "ann@place.example")
        luc = make_place(there, "luc@place.example", language="fr")
        make_place(there, "stop@place.example", wants_no_more=True)
        make_place(there, "wait@place.example", status=Status.WAITING)
        Decision.objects.create(meeting=there, **BOTH)
        make_action(there)
        make_action(there, owner_email="done@place.example", done_at=datetime(2027, 4, 16, tzinfo=UTC))
        make_action(there, owner_email="no@place.example", text_en="Gone", dropped_at=datetime(2027, 4, 16, tzinfo=UTC))
        assert services.publish_notes(there, by=priya) == 2
        assert to("notes_published") == ["ann@place.example", "luc@place.example"]
        english, french = sorted(written("notes_published"), key=lambda m: m.to_email)
        assert "- Meet twice a year." in english.text
        assert "- Share the evaluation plan (Helen Campbell, by May 14, 2027)" in english.text
        assert "- Se réunir deux fois par année." in french.text
        assert "Partager le plan d’évaluation (Helen Campbell, d’ici le 14\u00a0mai\u00a02027)" in french.text
        assert (ann.token in english.text, luc.token in french.text, "Gone" in english.text) == (True, True, False)
        assert to("action_given") == ["helen@winnipeg.example"]

    def test_twice_is_already(self, held: Any, priya: Any) -> None:
        there = held()
        make_place(there, "ann@place.example")
        services.publish_notes(there, by=priya)
        forget()
        with pytest.raises(TransitionRefused, match="published already") as refused:
            services.publish_notes(there, by=priya)
        assert (refused.value.done_already, Mailing.objects.count()) == (True, 0)

    def test_later_corrections_tell_nobody(self, held: Any, priya: Any) -> None:
        there = held()
        make_place(there, "ann@place.example")
        services.publish_notes(there, by=priya)
        forget()
        there = Meeting.objects.get()
        services.keep_notes(there, seen=there.version, by=priya, notes_en="We met!", notes_fr="Réunis!")
        services.add_decision(there, by=priya, **BOTH)
        assert written() == []
        notes = list(Meeting.pgh_event_model.objects.order_by("pgh_id").values_list("notes_en", flat=True))
        assert notes[-2:] == ["We met.", "We met!"]


def test_a_person_without_an_account_may_be_an_owner(held: Any, priya: Any, thunder_bay: Any) -> None:
    person = make_stakeholder(thunder_bay, name="Ola", email="ola@x.example", language="", standing=Standing.PARTNER)
    made = services.add_action(held(), by=priya, due_on=DUE, stakeholder=person, **BOTH)
    assert (made.owner_email, made.owner_language) == ("ola@x.example", "")
