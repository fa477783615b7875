"""Making commitments, putting them right, and saying how far they are."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from cmncp_portal.core.editing import Conflict
from cmncp_portal.core.workflow import TransitionRefused
from cmncp_portal.network.tests.factories import make_programme, make_stakeholder, make_user
from cmncp_portal.progress.models import Commitment, Inquiry
from cmncp_portal.progress.services.commitments import TakenAlready, change, make, report

from .commitments import BAG, DUE, an_idea, make_commitment, read
from .factories import make_checks

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


def making(place: Any, by: Any, **fields: Any) -> Commitment:
    known = {"text": "A youth hub", "language": "en", "owner_name": "Sam Roy", "due_on": DUE, "by_name": str(by)}
    return make(place, by=by, **(known | fields))


class TestMaking:
    def test_it_belongs_to_the_place_and_says_where_it_was_seen(
        self, thunder_bay: Any, winnipeg: Any, amina: Any
    ) -> None:
        programme, check = make_programme(winnipeg), make_checks(1)[0]
        made = making(thunder_bay, amina, source=an_idea(seen_in=winnipeg, programme=programme), check_item=check)
        found = read(made)
        assert (found.municipality, found.seen_in, found.programme, found.check_item) == (
            thunder_bay, winnipeg, programme, check,
        )  # fmt: skip
        assert (found.source, found.source_key, found.source_of) == ("visit", "idea-12", "visit-4")
        assert (found.source_title_en, found.source_title_fr) == ("Visit to Winnipeg", "Visite à Winnipeg")
        assert (found.state, found.made_on, found.made_by_name) == ("planned", date(2027, 2, 1), "Amina Diallo")

    @pytest.mark.parametrize(("hour", "day"), [(4, date(2027, 1, 31)), (5, date(2027, 2, 1))])
    def test_it_is_made_on_the_day_of_the_place(
        self, clock: Any, thunder_bay: Any, amina: Any, hour: int, day: date
    ) -> None:
        clock.move_to(datetime(2027, 2, 1, hour, tzinfo=UTC))
        assert making(thunder_bay, amina).made_on == day

    def test_a_second_click_leads_to_the_first(self, thunder_bay: Any, gatineau: Any, amina: Any, luc: Any) -> None:
        first = making(thunder_bay, amina, source=an_idea())
        with pytest.raises(TakenAlready) as refused:
            making(thunder_bay, amina, source=an_idea(), text="Another")
        assert (refused.value.commitment, refused.value.done_already) == (first, True)
        assert str(refused.value) == "This is among the commitments of your municipality already."
        making(gatineau, luc, source=an_idea())  # another municipality takes the same home
        making(thunder_bay, amina)
        making(thunder_bay, amina)  # own thoughts have no key
        assert Commitment.objects.count() == 4

    def test_who_may(self, thunder_bay: Any, helen: Any, rene: Any, uma: Any, joseph: Any, priya: Any) -> None:
        for nobody in (helen, rene, uma):
            with pytest.raises(PermissionDenied):
                making(thunder_bay, nobody)
        for somebody in (joseph, priya, None):  # None: the activity asked itself
            making(thunder_bay, somebody)
        assert Commitment.objects.count() == 3

    def test_an_owner_of_the_municipality(self, thunder_bay: Any, winnipeg: Any, amina: Any, joseph: Any) -> None:
        owner = joseph.stakeholders.get()
        made = read(making(thunder_bay, amina, owner=owner, owner_name="ignored"))
        assert (made.owner, made.owner_name, made.owner_email, made.owner_language) == (
            owner, "Joseph Kakegamic", "joseph@thunderbay.example", "en",
        )  # fmt: skip
        gone = make_stakeholder(thunder_bay, left_on=date(2027, 2, 1))
        for wrong in (make_stakeholder(winnipeg), gone):
            with pytest.raises(TransitionRefused, match="works with your municipality today"):
                making(thunder_bay, amina, owner=wrong)


class TestTheOwnerIsTold:
    def test_with_an_account_by_the_page(self, thunder_bay: Any, amina: Any, joseph: Any) -> None:
        made = making(thunder_bay, amina, owner=joseph.stakeholders.get())
        [letter] = BAG.written("commitment_yours")
        assert (letter.to_email, Inquiry.objects.count()) == ("joseph@thunderbay.example", 0)
        assert f"/en/strategies/thunder-bay/commitments/{made.pk}/" in letter.text

    def test_without_an_account_by_a_link_of_their_own(self, thunder_bay: Any, amina: Any) -> None:
        partner = make_user("partner@thunderbay.example")
        listed = make_stakeholder(thunder_bay, user=partner)  # a local partner cannot open the page
        making(thunder_bay, amina, owner=listed)
        making(thunder_bay, amina, owner_email="SAM@elsewhere.example", owner_language="fr")
        assert [letter.to_email for letter in BAG.written("commitment_yours")] == [
            "partner@thunderbay.example", "sam@elsewhere.example",
        ]  # fmt: skip
        tokens = [inquiry.token for inquiry in Inquiry.objects.order_by("pk")]
        first, second = BAG.written("commitment_yours")
        assert tokens[0] in first.text
        assert tokens[1] in second.text
        assert (first.language, second.language) == ("en", "fr")

    def test_not_who_makes_it_and_not_without_an_address(self, thunder_bay: Any, amina: Any) -> None:
        making(thunder_bay, amina, owner=amina.stakeholders.get())
        making(thunder_bay, amina)
        assert BAG.written() == []

    def test_an_address_that_is_none_stops_nothing(self, thunder_bay: Any, amina: Any) -> None:
        making(thunder_bay, amina, owner_email="not an address")
        assert [letter.state for letter in BAG.written()] == ["bounced"]


class TestPuttingRight:
    def test_words_day_and_owner(self, thunder_bay: Any, amina: Any, joseph: Any) -> None:
        one = make_commitment(thunder_bay)
        changed = change(
            one, seen=1, by=amina, text="Two hubs", due_on=date(2028, 1, 1), owner=joseph.stakeholders.get()
        )
        found = read(one)
        assert (found.text, found.due_on, found.owner_name, found.version) == (
            "Two hubs", date(2028, 1, 1), "Joseph Kakegamic", 2,
        )  # fmt: skip
        assert (changed.version, BAG.to("commitment_yours")) == (2, ["joseph@thunderbay.example"])
        change(one, seen=2, by=amina, text="Three hubs")
        assert BAG.to("commitment_yours") == ["joseph@thunderbay.example"]

    def test_who_saved_first_is_not_lost(self, thunder_bay: Any, amina: Any, joseph: Any) -> None:
        one = make_commitment(thunder_bay)
        change(one, seen=1, by=amina, text="Two hubs")
        with pytest.raises(Conflict) as conflict:
            change(one, seen=1, by=joseph, text="Three hubs")
        assert conflict.value.current.text == "Two hubs"  # type: ignore[attr-defined]

    def test_an_owner_who_left_is_no_hindrance(self, thunder_bay: Any, amina: Any) -> None:
        gone = make_stakeholder(thunder_bay, left_on=date(2027, 1, 1))
        one = make_commitment(thunder_bay, owner=gone, owner_name="Gone", owner_email="gone@tb.example")
        change(one, seen=1, by=amina, text="Two hubs", owner=gone, owner_name="", owner_email="", owner_language="")
        assert (read(one).text, read(one).owner_name, BAG.written()) == ("Two hubs", "Gone", [])

    def test_nothing_changed_writes_nothing(self, thunder_bay: Any, amina: Any, helen: Any) -> None:
        one = make_commitment(thunder_bay)
        change(one, seen=1, by=amina, text=one.text)
        assert read(one).version == 1
        with pytest.raises(PermissionDenied):
            change(one, seen=1, by=helen, text="Mine")


class TestSayingHowFar:
    def said(self, one: Commitment, by: Any, to_state: str, note: str = "", **more: Any) -> Any:
        return report(one, to_state=to_state, note=note, by=by, by_name=str(by), **more)

    def test_from_the_first_to_the_last_word(self, clock: Any, thunder_bay: Any, amina: Any, joseph: Any) -> None:
        one = make_commitment(thunder_bay)
        self.said(one, joseph, "started", "Rooms found", evidence_url="https://doc.example/", investment=Decimal(500))
        clock.move_to(datetime(2027, 6, 1, 3, 30, tzinfo=UTC))  # May 31 in Thunder Bay
        self.said(one, amina, "done")
        found = read(one)
        assert (found.state, found.ended_on, one.state) == ("done", date(2027, 5, 31), "done")
        assert list(one.changes.values_list("to_state", "note", "evidence_url", "investment", "by_name", "months")) == [
            ("started", "Rooms found", "https://doc.example/", Decimal(500), "Joseph Kakegamic", None),
            ("done", "", "", None, "Amina Diallo", None),
        ]

    def test_abandoned_needs_why(self, thunder_bay: Any, amina: Any) -> None:
        one = make_commitment(thunder_bay)
        with pytest.raises(TransitionRefused, match="Say why it is abandoned"):
            self.said(one, amina, "abandoned", "   ")
        self.said(one, amina, "abandoned", "No money")
        assert (read(one).state, read(one).ended_on) == ("abandoned", date(2027, 2, 1))

    def test_what_ended_is_taken_up_again_with_a_note(self, clock: Any, thunder_bay: Any, amina: Any) -> None:
        one = make_commitment(thunder_bay, state="done", ended_on=date(2027, 1, 5))
        with pytest.raises(TransitionRefused, match="Say why it is taken up again"):
            self.said(one, amina, "started")
        self.said(one, amina, "done", "And a photograph")
        assert read(one).ended_on == date(2027, 1, 5)  # done already: the day stays
        self.said(one, amina, "started", "The roof leaks")
        assert (read(one).state, read(one).ended_on) == ("started", None)

    def test_a_second_click_and_a_word_that_adds_nothing(self, thunder_bay: Any, amina: Any, joseph: Any) -> None:
        one = make_commitment(thunder_bay)
        self.said(one, amina, "started", "Rooms found")
        for by, note, words in [
            (amina, "Rooms found", "This is noted already."),
            (joseph, "", "It is “Started” already; say what is new."),
        ]:
            with pytest.raises(TransitionRefused) as refused:
                self.said(one, by, "started", note)
            assert (str(refused.value), refused.value.done_already) == (words, True)
        self.said(one, None, "started", months=3)  # an answer to a letter says at least that it is still so
        assert one.changes.count() == 2

    def test_who_may(self, thunder_bay: Any, helen: Any, uma: Any, priya: Any) -> None:
        one = make_commitment(thunder_bay)
        for nobody in (helen, uma):
            with pytest.raises(PermissionDenied):
                self.said(one, nobody, "started")
        self.said(one, priya, "started")
        assert read(one).state == "started"
