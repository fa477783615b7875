"""The page behind the link of a letter: no account, all commitments of that letter, and nothing changes by opening it."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cmncp_portal.core.workflow import TransitionRefused
from cmncp_portal.network.models import Stakeholder
from cmncp_portal.network.tests.factories import make_stakeholder
from cmncp_portal.progress.models import Commitment, Inquiry, InquiryItem
from cmncp_portal.progress.services.commitments import make
from cmncp_portal.progress.services.inquiring import Said, answer
from cmncp_portal.testing.pages import as_sent, heading, main_of, said, words_of

from .commitments import BAG, DUE, link_of, make_commitment, make_inquiry, read

pytestmark = [pytest.mark.django_db]
SAM = "sam@thunderbay.example"
ASKED = datetime(2027, 5, 3, 17, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _may(clock: Any) -> None:
    clock.move_to(ASKED)


@pytest.fixture
def two(thunder_bay: Any) -> list[Commitment]:
    return [make_commitment(thunder_bay, text, owner_email=SAM) for text in ("A hub", "A course")]


@pytest.fixture
def letter(two: list[Commitment]) -> Inquiry:
    return make_inquiry(*two)


def typed(page: Any, one: Commitment, **words: Any) -> dict[str, Any]:
    return as_sent(page, **{f"c{one.pk}_{name}": value for name, value in words.items()})


class TestOpening:
    @pytest.mark.parametrize("language", ["en", "fr"])
    def test_it_opens_without_an_account_and_changes_nothing(self, client: Any, letter: Inquiry, language: str) -> None:
        page = client.get(link_of(letter, language))
        assert (page.status_code, page["X-Robots-Tag"]) == (200, "noindex, nofollow")
        assert "no-store" in page["Cache-Control"]
        assert client.head(link_of(letter)).status_code == 200
        assert not InquiryItem.objects.filter(answered_at__isnull=False).exists()
        assert list(Commitment.objects.values_list("state", flat=True)) == ["planned", "planned"]

    def test_all_commitments_of_that_letter(self, client: Any, letter: Inquiry, thunder_bay: Any) -> None:
        make_commitment(thunder_bay, "Of another letter", owner_email=SAM)
        page = client.get(link_of(letter))
        words = words_of(page)
        assert heading(page) == "How far is it?"
        assert "Thunder Bay · for Sam Roy" in words
        assert words.index("A hub until September 1, 2027 · Not started How far is it?") < words.index("A course until")
        assert "Of another letter" not in words

    def test_on_a_telephone(self, client: Any, letter: Inquiry) -> None:
        """The page is fit for narrow screens, needs no script, and the form is one column."""
        page = client.get(link_of(letter)).content.decode()
        assert 'name="viewport" content="width=device-width, initial-scale=1"' in page
        assert '<form class="form" method="post"' in page
        assert "htmx" not in page.partition("<main")[2]

    def test_what_was_said_before_is_there(self, client: Any, letter: Inquiry, two: list[Commitment]) -> None:
        two[0].changes.create(to_state="started", note="Rooms found", by_name="Amina Diallo", at=ASKED)
        assert "May 3, 2027, Amina Diallo – Started “Rooms found”" in words_of(client.get(link_of(letter)))


class TestAnswering:
    def test_both_at_once(self, client: Any, letter: Inquiry, two: list[Commitment]) -> None:
        hub, course = two
        there = link_of(letter)
        form = typed(
            client.get(there), hub, to_state="done", note="Open", evidence_url="doc.example/hub", investment="900"
        )
        form |= {f"c{course.pk}_to_state": "planned"}
        assert said(client, client.post(there, form)) == ["Thank you: it is noted."]
        last = hub.changes.get()
        assert (last.to_state, last.note, last.evidence_url, last.investment, last.months, last.by, last.by_name) == (
            "done", "Open", "https://doc.example/hub", Decimal(900), 3, None, "Sam Roy",
        )  # fmt: skip
        assert (read(hub).state, read(hub).ended_on, read(course).state) == ("done", date(2027, 5, 3), "planned")
        assert course.changes.get().months == 3  # not started is an answer too
        assert list(letter.items.values_list("answered_at", flat=True)) == [ASKED, ASKED]

    def test_one_of_them(self, client: Any, letter: Inquiry, two: list[Commitment]) -> None:
        hub, course = two
        there = link_of(letter)
        client.post(there, typed(client.get(there), hub, to_state="started"))
        assert (hub.changes.count(), course.changes.count()) == (1, 0)
        assert letter.items.get(commitment=course).answered_at is None

    def test_abandoned_needs_why_and_nothing_typed_is_lost(
        self, client: Any, letter: Inquiry, two: list[Commitment]
    ) -> None:
        hub, course = two
        there = link_of(letter)
        form = typed(client.get(there), hub, to_state="abandoned", evidence_url="https://doc.example/")
        form |= {
            f"c{course.pk}_to_state": "started",
            f"c{course.pk}_note": "Ten people came",
            f"c{course.pk}_investment": "50",
        }
        wrong = client.post(there, form)
        assert wrong.status_code == 422
        assert wrong.context["form"].errors == {f"c{hub.pk}_note": ["Say why it is abandoned; others learn from it."]}
        assert "A hub · What happened – Say why it is abandoned" in words_of(wrong)
        again = as_sent(wrong)
        assert {name: again[name] for name in form if not name.startswith("csrf")} == {
            name: value for name, value in form.items() if not name.startswith("csrf")
        }
        assert Commitment.objects.filter(changes__isnull=False).count() == 0  # none is noted without the other
        client.post(there, again | {f"c{hub.pk}_note": "No money"})
        assert (read(hub).state, read(course).state) == ("abandoned", "started")

    @pytest.mark.parametrize(
        ("words", "field", "error"),
        [
            ({}, "to_state", "Say how far it is."),
            ({"note": "Rooms"}, "to_state", "Choose how far it is, to go with what you wrote."),
            ({"investment": "0"}, "to_state", "Choose how far it is, to go with what you wrote."),
            ({"to_state": "started", "investment": "-1"}, "investment", "Ensure this value is greater than or equal to 0."),
            ({"to_state": "started", "evidence_url": "x"}, "evidence_url", "Enter a valid URL."),
            ({"to_state": "started", "note": "x" * 10_001}, "note", "Ensure this value has at most 10000 characters (it has 10001)."),
        ],
    )  # fmt: skip
    def test_wrong_input(
        self, client: Any, letter: Inquiry, two: list[Commitment], words: dict[str, str], field: str, error: str
    ) -> None:
        there = link_of(letter)
        wrong = client.post(there, typed(client.get(there), two[0], **words))
        assert (wrong.status_code, wrong.context["form"].errors) == (422, {f"c{two[0].pk}_{field}": [error]})

    def test_a_second_answer_is_added(self, clock: Any, client: Any, letter: Inquiry, two: list[Commitment]) -> None:
        hub, there = two[0], link_of(letter)
        first = typed(client.get(there), hub, to_state="done", note="Open")
        assert said(client, client.post(there, first)) == ["Thank you: it is noted."]
        assert said(client, client.post(there, first)) == ["This is noted already."]
        clock.move_to(datetime(2027, 5, 10, 17, tzinfo=UTC))
        client.post(there, typed(client.get(there), hub, to_state="started", note="The roof leaks"))
        assert list(hub.changes.values_list("to_state", "months")) == [("done", 3), ("started", 3)]
        assert (read(hub).state, letter.items.get(commitment=hub).answered_at) == ("started", ASKED)

    def test_one_commitment_alone_is_to_be_answered(self, client: Any, thunder_bay: Any) -> None:
        one = make_commitment(thunder_bay, owner_email=SAM)
        there = link_of(make_inquiry(one))
        page = client.get(there)
        assert "Nothing to say today" not in words_of(page)
        assert client.post(there, as_sent(page)).status_code == 422
        assert client.post(there, typed(page, one, to_state="planned")).status_code == 302

    def test_somebody_ended_it_meanwhile(self, client: Any, letter: Inquiry, two: list[Commitment]) -> None:
        hub, there = two[0], link_of(letter)
        form = typed(client.get(there), hub, to_state="abandoned", note="No money")
        Commitment.objects.filter(pk=hub.pk).update(state="done", ended_on=date(2027, 5, 1))
        wrong = client.post(there, form)
        assert (wrong.status_code, list(wrong.context["form"].errors)) == (422, [f"c{hub.pk}_to_state"])
        assert "No money" in main_of(wrong)

    def test_another_ones_commitment_is_not_behind_this_link(
        self, client: Any, letter: Inquiry, thunder_bay: Any
    ) -> None:
        other = make_commitment(thunder_bay, "Other")
        client.post(link_of(letter), {f"c{other.pk}_to_state": "done"})
        assert other.changes.count() == 0
        with pytest.raises(TransitionRefused, match="no longer opens"):
            answer(letter, other, Said("done"))


class TestALinkThatIsNoLonger:
    def gone(self, client: Any, address: str, status: int) -> None:
        for page in (client.get(address), client.post(address, {"c1_to_state": "done"})):
            assert (page.status_code, heading(page)) == (status, "This link no longer opens anything")
            assert "Nothing that you said before is lost." in words_of(page)
            assert page["X-Robots-Tag"] == "noindex, nofollow"

    def test_one_that_was_never_made_here(self, client: Any, letter: Inquiry) -> None:
        self.gone(client, link_of(letter)[:-4] + "abc/", 404)
        self.gone(client, "/en/strategies/commitments/answer/nonsense/", 404)
        Inquiry.objects.update(nonce="0" * 32)
        self.gone(client, link_of(letter), 404)

    @pytest.mark.parametrize(("day", "opens"), [(1, True), (2, True), (3, False)])
    def test_a_year_later(self, clock: Any, client: Any, letter: Inquiry, day: int, opens: bool) -> None:
        clock.move_to(datetime(2028, 5, day, 17, tzinfo=UTC))  # 365 days: 2028 has a 29th of February
        if opens:
            assert client.get(link_of(letter)).status_code == 200
        else:
            self.gone(client, link_of(letter), 410)

    def test_who_has_left(self, client: Any, letter: Inquiry, thunder_bay: Any) -> None:
        make_stakeholder(thunder_bay, email=SAM.upper(), left_on=date(2027, 5, 4))
        assert client.get(link_of(letter)).status_code == 200
        Stakeholder.objects.update(left_on=date(2027, 5, 3))
        self.gone(client, link_of(letter), 410)
        assert read(letter.items.first().commitment).state == "planned"  # type: ignore[union-attr]

    def test_who_is_forgotten(self, client: Any, letter: Inquiry) -> None:
        Commitment.objects.update(owner_name="—", owner_email="")
        Inquiry.objects.update(name="—")
        self.gone(client, link_of(letter), 410)

    def test_somebody_else_sees_to_it_now(self, client: Any, letter: Inquiry, two: list[Commitment]) -> None:
        Commitment.objects.filter(pk=two[0].pk).update(owner_email="zoe@thunderbay.example", owner_name="Zoe Roy")
        page = client.get(link_of(letter))
        assert "Zoe Roy sees to this now. Thank you for what you did." in words_of(page)
        assert f"c{two[0].pk}_to_state" not in main_of(page)
        Commitment.objects.update(owner_email="zoe@thunderbay.example", owner_name="Zoe Roy")
        late = client.post(link_of(letter), {f"c{two[0].pk}_to_state": "done"})
        assert late.status_code == 422
        assert "There is nothing here that you can answer any more." in words_of(late)
        assert Commitment.objects.filter(changes__isnull=False).count() == 0
        with pytest.raises(TransitionRefused, match="Zoe Roy sees to this now"):
            answer(letter, two[0], Said("done"))

    def test_who_has_another_address_since_goes_on(self, client: Any, letter: Inquiry, two: list[Commitment]) -> None:
        Commitment.objects.update(owner_email="sam.roy@thunderbay.example")
        client.post(link_of(letter), {f"c{two[0].pk}_to_state": "started"})
        assert read(two[0]).state == "started"

    def test_the_representative_answers_for_who_left(
        self, client: Any, thunder_bay: Any, amina: Any, two: list[Commitment]
    ) -> None:
        there = link_of(make_inquiry(*two, name="Amina Diallo", email=amina.email))
        client.post(there, typed(client.get(there), two[0], to_state="started"))
        assert two[0].changes.get().by_name == "Amina Diallo"

    def test_what_is_no_longer_there(self, client: Any, letter: Inquiry) -> None:
        Commitment.objects.all().delete()
        self.gone(client, link_of(letter), 410)


def test_the_link_of_who_was_just_named(client: Any, thunder_bay: Any, amina: Any) -> None:
    """The letter that says so asks nothing yet; its link opens what this person sees to."""
    known: dict[str, Any] = {"by": amina, "by_name": "Amina", "language": "en", "owner_name": "Sam", "due_on": DUE}
    one = make(thunder_bay, text="A hub", owner_email=SAM, **known)
    make(thunder_bay, text="Hers", owner_email="zoe@thunderbay.example", **known)
    inquiry = Inquiry.objects.get(email=SAM)
    assert link_of(inquiry) in BAG.written("commitment_yours")[0].text
    page = client.get(link_of(inquiry))
    assert ("A hub" in words_of(page), "Hers" in words_of(page)) == (True, False)
    client.post(link_of(inquiry), typed(page, one, to_state="started"))
    assert (one.changes.get().months, read(one).state) == (None, "started")


@pytest.mark.parametrize("number", [1, 15])
def test_the_page_costs_the_same_at_many(client: Any, thunder_bay: Any, number: int) -> None:
    rows = [make_commitment(thunder_bay, f"A hub {n}", owner_email=SAM) for n in range(number)]
    for one in rows:
        one.changes.create(to_state="started", note="So it is")
    inquiry = make_inquiry(*rows)
    with CaptureQueriesContext(connection) as asked:
        assert client.get(link_of(inquiry)).status_code == 200
    assert len(asked) == 5
