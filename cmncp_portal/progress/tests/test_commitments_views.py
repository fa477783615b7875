"""The pages of commitments for who signs in: the list of a municipality, one with its history, the forms."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cmncp_portal.network.tests.factories import make_stakeholder, make_user
from cmncp_portal.progress.models import Commitment
from cmncp_portal.progress.services.commitments import change, report
from cmncp_portal.testing.pages import as_sent, heading, main_of, said, words_of

from .commitments import BAG, list_of, make_commitment, page_of, read
from .factories import make_checks

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


@pytest.fixture
def hub(thunder_bay: Any, winnipeg: Any) -> Commitment:
    """A youth hub, seen in Winnipeg."""
    return make_commitment(
        thunder_bay, source="visit", source_key="idea-12", source_of="visit-4", seen_in=winnipeg, owner_email="sam@tb.example"
    )  # fmt: skip


class TestTheListOfAMunicipality:
    def test_its_people_see_it_and_add(self, client: Any, hub: Commitment, joseph: Any) -> None:
        client.force_login(joseph)
        words = words_of(client.get(list_of(hub.municipality)))
        for text in (
            "Add a commitment",
            "1 commitment A youth hub Sam Roy · An exchange visit – Visit to Winnipeg · seen in Winnipeg",
            "until September 1, 2027 Not started",
        ):
            assert text in words

    def test_members_read_it(self, client: Any, hub: Commitment, helen: Any) -> None:
        client.force_login(helen)
        words = words_of(client.get(list_of(hub.municipality)))
        assert ("A youth hub" in words, "Add a commitment" in words, "sam@tb.example" in words) == (True, False, False)
        assert client.get(list_of(hub.municipality, "commitment_add")).status_code == 403

    def test_what_others_saw_here(self, client: Any, hub: Commitment, winnipeg: Any, helen: Any) -> None:
        client.force_login(helen)
        page = client.get(list_of(winnipeg))
        words = words_of(page)
        assert "Nothing is written down yet." in words
        assert "Seen in Winnipeg, taken home by others A youth hub seen in Winnipeg → Thunder Bay Not started" in words
        assert page_of(hub) in main_of(page)

    def test_strangers_find_nothing(self, client: Any, hub: Commitment) -> None:
        there = list_of(hub.municipality)
        assert client.get(there)["Location"].startswith("/en/account/")
        client.force_login(make_stakeholder(hub.municipality, user=make_user("partner@thunderbay.example")).user)
        for address in (
            there,
            page_of(hub),
            page_of(hub, "commitment_edit"),
            list_of(hub.municipality, "commitment_add"),
        ):
            assert client.get(address).status_code == 404

    @pytest.mark.parametrize(
        ("state", "found"),
        [("", ["Late", "Now", "Ended"]), ("planned", ["Late", "Now"]), ("done", ["Ended"]), ("late", ["Late"])],
    )
    def test_by_state(self, client: Any, thunder_bay: Any, amina: Any, state: str, found: list[str]) -> None:
        make_commitment(thunder_bay, "Now", due_on=date(2027, 2, 1))
        make_commitment(thunder_bay, "Late", due_on=date(2027, 1, 31))
        make_commitment(thunder_bay, "Ended", due_on=date(2027, 1, 1), state="done", ended_on=date(2027, 1, 1))
        client.force_login(amina)
        page = client.get(list_of(thunder_bay), {"state": state})
        assert [row.commitment.text for row in page.context["rows"]] == found
        assert [row.is_late for row in page.context["rows"] if row.commitment.text == "Late"] == [True] * (
            "Late" in found
        )

    def test_nothing_of_this_sort(self, client: Any, hub: Commitment, amina: Any) -> None:
        client.force_login(amina)
        page = client.get(list_of(hub.municipality), {"state": "abandoned"})
        assert "No commitment matches." in words_of(page)


class TestOne:
    def test_the_history_and_the_facts(
        self, clock: Any, client: Any, hub: Commitment, amina: Any, joseph: Any, helen: Any
    ) -> None:
        check = make_checks(1)[2]
        change(hub, seen=1, by=amina, check_item=check)
        for day, state, note, dollars, by in (
            (2, "started", "Rooms found", Decimal(1500), joseph), (3, "started", "", Decimal(500), amina),
        ):  # fmt: skip
            clock.move_to(datetime(2027, 3, day, 17, tzinfo=UTC))
            link = "https://doc.example/rooms" if note else ""
            report(hub, to_state=state, note=note, evidence_url=link, investment=dollars, by=by, by_name=str(by))
        client.force_login(amina)
        page = client.get(page_of(hub))
        words = words_of(page)
        assert heading(page) == "A youth hub"
        for text in (
            "It is still “Started” · Amina Diallo Invested: $500",
            "It is now “Started” · Joseph Kakegamic “Rooms found” Invested: $1,500 The document that shows it",
            "It was written down · Amina Diallo",
            "Who sees to it Sam Roy sam@tb.example",
            "Until September 1, 2027 Made on February 1, 2027, Amina Diallo Dollars invested $2,000",
            "Where it comes from An exchange visit Visit to Winnipeg Where it was seen Winnipeg",
            "Check of the strategy Check 1 of stage 3",
        ):
            assert text in words
        assert 'href="https://doc.example/rooms"' in main_of(page)
        assert 'href="/en/exchanges/EX-2027-001/"' in main_of(page)
        client.force_login(helen)
        read_by_helen = client.get(page_of(hub))
        assert "“Rooms found”" in words_of(read_by_helen)
        for hidden in ("sam@tb.example", "Note it", "/en/exchanges/EX-2027-001/", "/edit/"):
            assert hidden not in main_of(read_by_helen)

    def test_the_source_opens_in_the_language_of_the_page(self, client: Any, hub: Commitment, amina: Any) -> None:
        client.force_login(amina)
        assert 'href="/fr/echanges/EX-2027-001/"' in main_of(client.get(page_of(hub, language="fr")))
        Commitment.objects.update(source_path="https://elsewhere.example/")
        assert "elsewhere" not in main_of(client.get(page_of(hub)))

    def test_what_was_put_right_is_told(self, client: Any, hub: Commitment, amina: Any) -> None:
        client.force_login(amina)
        edit = page_of(hub, "commitment_edit")
        form = as_sent(client.get(edit), text="Two hubs", due_on="2027-12-01", owner_name="Zoe Roy")
        assert said(client, client.post(edit, form)) == ["Saved."]
        words = words_of(client.get(page_of(hub)))
        assert "Worded anew (before: “A youth hub”) · Until December 1, 2027 and no longer September 1, 2027" in words
        assert "Zoe Roy sees to it and no longer Sam Roy · Amina Diallo" in words

    def test_saying_how_far(self, client: Any, hub: Commitment, joseph: Any) -> None:
        client.force_login(joseph)
        wrong = client.post(
            page_of(hub),
            {"to_state": "abandoned", "note": "", "evidence_url": "https://doc.example/", "investment": "200"},
        )
        assert wrong.status_code == 422
        assert "What happened – Say why it is abandoned; others learn from it." in words_of(wrong)
        typed = as_sent(wrong)
        assert (typed["to_state"], typed["evidence_url"], typed["investment"]) == (
            "abandoned", "https://doc.example/", "200",
        )  # fmt: skip
        answer = client.post(page_of(hub), typed | {"note": "No money"})
        assert said(client, answer) == ["Thank you: it is noted."]
        assert said(client, client.post(page_of(hub), typed | {"note": "No money"})) == ["This is noted already."]
        last = hub.changes.get()
        assert (read(hub).state, last.note, last.by, last.by_name) == (
            "abandoned",
            "No money",
            joseph,
            "Joseph Kakegamic",
        )

    def test_wrong_input_and_who_may_not(
        self, client: Any, hub: Commitment, joseph: Any, helen: Any, rosa: Any
    ) -> None:
        client.force_login(joseph)
        for field, value in (
            ("to_state", "nonsense"), ("evidence_url", "no link"), ("investment", "-5"), ("investment", "1.5"),
        ):  # fmt: skip
            sent = {"to_state": "started", "note": "Rooms", field: value}
            wrong = client.post(page_of(hub), sent)
            assert (field, wrong.status_code, list(wrong.context["form"].errors)) == (field, 422, [field])
            assert "Rooms" in main_of(wrong)
        for neighbour in (helen, rosa):
            client.force_login(neighbour)
            assert client.post(page_of(hub), {"to_state": "done"}).status_code == 403
        assert hub.changes.count() == 0
        other = page_of(hub).replace("thunder-bay", "winnipeg")
        assert client.get(other).status_code == 404

    def test_past_its_day_and_without_an_owner(self, clock: Any, client: Any, hub: Commitment, amina: Any) -> None:
        client.force_login(amina)
        for day, late in (("2027-02-01", False), ("2027-01-31", True)):
            Commitment.objects.update(due_on=day)
            assert ("Its day has passed: say how far it is" in words_of(client.get(page_of(hub)))) == late
        gone = make_stakeholder(hub.municipality, left_on=date(2027, 1, 1))
        Commitment.objects.update(owner=gone)
        assert "Sam Roy has left: somebody else is to see to it." in words_of(client.get(page_of(hub)))


class TestTheForms:
    def test_an_own_thought(self, client: Any, thunder_bay: Any, amina: Any, joseph: Any) -> None:
        client.force_login(amina)
        add = list_of(thunder_bay, "commitment_add")
        form = as_sent(client.get(add), text="A\n hub", owner=joseph.stakeholders.get().pk, due_on="2027-02-01")
        answer = client.post(add, form)
        made = Commitment.objects.get()
        assert (answer["Location"], made.text, made.owner_name, made.source, made.language) == (
            page_of(made), "A hub", "Joseph Kakegamic", "own", "en",
        )  # fmt: skip
        assert said(client, answer) == ["It is among the commitments of your municipality now."]
        assert BAG.to("commitment_yours") == [joseph.email]

    @pytest.mark.parametrize(
        ("typed", "field", "error"),
        [
            ({"text": ""}, "text", "This field is required."),
            ({"due_on": "2027-01-31"}, "due_on", "Choose a day that lies ahead."),
            ({"due_on": "2127-01-31"}, "due_on", "Choose a day within the next ten years."),
            ({"owner_name": ""}, "owner", "Say who sees to it."),
            ({"owner": "joseph"}, "owner", "Choose somebody from the list or write a name, not both."),
            ({"owner": "henry"}, "owner", "Select a valid choice. That choice is not one of the available choices."),
            ({"owner_email": "nothing"}, "owner_email", "Enter a valid email address."),
        ],
    )
    def test_what_is_wrong_comes_back_with_what_was_typed(
        self, client: Any, thunder_bay: Any, amina: Any, joseph: Any, henry: Any,
        typed: dict[str, Any], field: str, error: str,
    ) -> None:  # fmt: skip
        people = {"joseph": joseph.stakeholders.get().pk, "henry": henry.stakeholders.get().pk}
        good = {
            "text": "A hub",
            "owner": "",
            "owner_name": "Sam",
            "owner_email": "",
            "owner_language": "",
            "due_on": "2027-05-01",
        }
        sent = {name: people.get(value, value) for name, value in (good | typed).items()}
        client.force_login(amina)
        wrong = client.post(list_of(thunder_bay, "commitment_add"), sent)
        assert (wrong.status_code, wrong.context["form"].errors) == (422, {field: [error]})
        assert as_sent(wrong)["text"] == sent["text"]
        assert Commitment.objects.count() == 0

    def test_two_people_at_once(self, client: Any, hub: Commitment, amina: Any, joseph: Any) -> None:
        client.force_login(amina)
        edit = page_of(hub, "commitment_edit")
        form = as_sent(client.get(edit), text="Mine")
        change(hub, seen=1, by=joseph, text="Theirs")
        conflict = client.post(edit, form)
        assert conflict.status_code == 409
        assert ("Mine" in main_of(conflict), "Theirs" in main_of(conflict)) == (True, True)

    def test_the_day_of_something_late_may_stay(self, client: Any, hub: Commitment, amina: Any) -> None:
        Commitment.objects.update(due_on="2027-01-15", made_on="2027-01-10")
        client.force_login(amina)
        edit = page_of(hub, "commitment_edit")
        assert client.post(edit, as_sent(client.get(edit), text="Worded anew")).status_code == 302
        too_early = client.post(edit, as_sent(client.get(edit), due_on="2027-01-09"))
        assert too_early.context["form"].errors == {"due_on": ["Choose a day that lies ahead."]}

    def test_neighbours_change_nothing(self, client: Any, hub: Commitment, helen: Any) -> None:
        client.force_login(helen)
        assert client.get(page_of(hub, "commitment_edit")).status_code == 403
        assert client.post(page_of(hub, "commitment_edit"), {"text": "Mine"}).status_code == 403


class TestQueries:
    def many(self, place: Any, number: int, other: Any) -> None:
        for n in range(number):
            one = make_commitment(place, f"A hub {n}", source="visit", source_key=f"idea-{n}", seen_in=other)
            make_commitment(other, f"Theirs {n}", source="visit", source_key=f"idea-{n}", seen_in=place)
            one.changes.create(to_state="started", note="So it is")

    @pytest.mark.parametrize("address", ["list", "one", "edit"])
    def test_as_many_at_one_and_at_many(
        self, client: Any, thunder_bay: Any, winnipeg: Any, amina: Any, address: str
    ) -> None:
        client.force_login(amina)
        self.many(thunder_bay, 1, winnipeg)
        one = Commitment.objects.filter(municipality=thunder_bay).get()
        there = {"list": list_of(thunder_bay), "one": page_of(one), "edit": page_of(one, "commitment_edit")}[address]
        found = []
        for _turn in ("one", "many"):
            with CaptureQueriesContext(connection) as asked:
                assert client.get(there).status_code == 200
            found.append(len(asked))
            Commitment.objects.update(source_key="", source_of="before")
            for _n in range(20):
                one.changes.create(to_state="started", note="Still")
            self.many(thunder_bay, 12, winnipeg)
        assert found[0] == found[1] <= 8


def test_the_strategy_and_the_municipality_lead_there(client: Any, hub: Commitment, helen: Any) -> None:
    place = hub.municipality
    pages = ("/en/strategies/thunder-bay/", place.get_absolute_url())
    client.force_login(helen)
    for address in pages:
        assert f'href="{list_of(place)}"' in client.get(address).content.decode()
    client.logout()
    assert list_of(place) not in client.get(place.get_absolute_url()).content.decode()
