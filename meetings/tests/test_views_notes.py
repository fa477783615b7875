"""The pages on which notes, decisions and actions are written, and the owner's own page."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from meetings.models import ActionItem, Decision, Meeting
from meetings.notifications import personal_url

from .factories import make_action, make_place
from .mailbag import to
from .screens import address, as_sent, said, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def held(meeting: Any, clock: Any) -> Any:
    """The meeting, recorded as held, on the afternoon of its last day."""

    def make(stage: str = "held", **fields: Any) -> Meeting:
        clock.move_to(datetime(2027, 4, 15, 20, 0, tzinfo=UTC))
        made: Meeting = meeting(stage, **fields)
        return made

    return make


class TestNotes:
    def test_both_languages_side_by_side(self, client: Any, held: Any, priya: Any) -> None:
        there = held()
        client.force_login(priya)
        page = client.get(address("notes", there))
        sent = as_sent(page, notes_en="# We **met** <script>", notes_fr="Réunis")
        assert said(client, client.post(address("notes", there), sent)) == ["The notes are saved."]
        stored = Meeting.objects.get()
        assert (stored.notes_en, stored.notes_fr, stored.version) == ("# We **met** <script>", "Réunis", 2)
        assert "<strong>met</strong>" in text_of(client.get(address("notes", there)))

    def test_two_at_once(self, client: Any, held: Any, priya: Any) -> None:
        there = held()
        client.force_login(priya)
        page = client.get(address("notes", there))
        Meeting.objects.update(notes_en="Theirs", version=2)
        answer = client.post(address("notes", there), as_sent(page, notes_en="Mine"))
        assert (answer.status_code, "Theirs" in text_of(answer), "Mine" in text_of(answer)) == (409, True, True)

    def test_too_long_comes_back(self, client: Any, held: Any, priya: Any) -> None:
        there = held()
        client.force_login(priya)
        page = client.get(address("notes", there))
        answer = client.post(address("notes", there, language="fr"), as_sent(page, notes_en="x" * 50_001))
        assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["notes_en"])

    def test_a_decision_is_added_corrected_and_removed(self, client: Any, held: Any, priya: Any) -> None:
        there = held()
        client.force_login(priya)
        url = address("notes", there)
        answer = client.post(f"{url}?add=decision", {"text_en": "Meet.", "text_fr": ""})
        assert (answer.status_code, answer.context["form"]["text_en"].value()) == (422, "Meet.")
        client.post(f"{url}?add=decision", {"text_en": "Meet.", "text_fr": "Se réunir."})
        decision = Decision.objects.get()
        page = client.get(f"{url}?decision={decision.pk}")
        sent = as_sent(page, text_en="Meet often.")
        assert said(client, client.post(f"{url}?decision={decision.pk}", sent)) == ["The decision is saved."]
        stale = client.post(f"{url}?decision={decision.pk}", sent | {"text_en": "Never."})
        assert (stale.status_code, stale.context["form"]["text_en"].value()) == (422, "Never.")
        assert "Somebody changed this decision meanwhile" in text_of(stale)
        answer = client.post(f"{url}?decision={decision.pk}", {"what": "remove"})
        assert said(client, answer) == ["The decision is off the list."]
        assert client.get(f"{url}?decision={decision.pk}").status_code == 404

    def test_something_to_be_done(self, client: Any, held: Any, priya: Any, luc: Any, rosa: Any) -> None:
        there = held()
        client.force_login(priya)
        url = f"{address('notes', there)}?add=action"
        typed = {"text_en": "Share.", "text_fr": "Partager.", "due_on": "2027-05-14"}
        for wrong, field in (
            ({}, "stakeholder"),
            ({"owner_name": "Ann"}, "owner_email"),
            ({"owner_name": "Ann", "owner_email": "x"}, "owner_email"),
            ({"owner_name": "Ann", "owner_email": "a@x.example", "due_on": ""}, "due_on"),
            ({"owner_name": "Ann", "owner_email": "a@x.example", "text_fr": ""}, "text_fr"),
        ):
            page = client.post(url, typed | wrong)
            assert (page.status_code, list(page.context["form"].errors)) == (422, [field])
            assert page.context["form"]["text_en"].value() == "Share."
        person = luc.stakeholders.get()
        assert said(client, client.post(url, typed | {"stakeholder": person.pk})) == ["It is on the list."]
        assert ActionItem.objects.get().owner_email == "luc@gatineau.example"
        assert "Luc Tremblay" in text_of(client.get(address("notes", there)))

    def test_publishing(self, client: Any, held: Any, priya: Any) -> None:
        there = held()
        make_place(there, "ann@place.example")
        client.force_login(priya)
        page = client.get(address("notes", there))
        assert page.context["missing"] == ["The notes are needed in both languages."]
        assert said(client, client.post(address("publish_notes", there))) == ["The notes are needed in both languages."]
        Meeting.objects.update(notes_en="a", notes_fr="b")
        url = address("publish_notes", there)
        assert said(client, client.post(url)) == ["The notes are published. One person is told."]
        assert said(client, client.post(url)) == ["The notes are published already."]
        assert to("notes_published") == ["ann@place.example"]
        assert "Published on April 15, 2027" in text_of(client.get(address("notes", there)))
        assert client.get(url).status_code == 405

    def test_before_the_meeting_it_says_so(self, client: Any, meeting: Any, priya: Any) -> None:
        client.force_login(priya)
        page = client.get(address("notes", meeting()))
        assert "Notes are written from the first day of the meeting on." in text_of(page)
        assert "notes_en" not in text_of(page)

    def test_many_cost_what_few_cost(self, client: Any, held: Any, priya: Any, thunder_bay: Any) -> None:
        there = held()
        client.force_login(priya)
        counts = []
        for more in (1, 20):
            for number in range(more):
                Decision.objects.create(meeting=there, text_en=f"{number}", text_fr="x")
                make_action(there, municipality=thunder_bay)
            with CaptureQueriesContext(connection) as queries:
                client.get(address("notes", there))
            counts.append(len(queries))
        assert counts[0] == counts[1] <= 8


class TestTheOwnersPage:
    def url(self, action: ActionItem, language: str = "en") -> str:
        return "/" + personal_url(action, language).split("/", 3)[3]

    def test_it_opens_without_an_account_and_changes_nothing(self, client: Any, held: Any) -> None:
        action = make_action(held())
        page = client.get(self.url(action))
        assert (page.status_code, page["X-Robots-Tag"], page["Referrer-Policy"]) == (
            200,
            "noindex, nofollow",
            "same-origin",
        )
        assert "Share the evaluation plan." in text_of(page)
        assert "Please do this until May 14, 2027" in text_of(page)
        assert ActionItem.objects.get().is_open

    def test_it_is_done(self, client: Any, held: Any) -> None:
        action = make_action(held())
        answers = [client.post(self.url(action), {"answer": "done", "note": "Sent <b>."}) for _n in range(2)]
        assert [answer["Location"] for answer in answers] == [self.url(action)] * 2
        page = client.get(self.url(action))
        assert "Sent &lt;b&gt;." in text_of(page)
        assert "<textarea" not in text_of(page)
        assert ActionItem.objects.get().done_by_name == "Helen Campbell"

    def test_somebody_else_does_it(self, client: Any, held: Any, priya: Any) -> None:
        action = make_action(held())
        page = client.post(self.url(action), {"answer": "back", "back-note": " "})
        assert (page.status_code, list(page.context["back"].errors)) == (422, ["note"])
        answer = client.post(self.url(action), {"answer": "back", "back-note": "Bob does."})
        assert said(client, answer) == ["The network’s coordinators are told."]
        assert "Nothing more is asked of you." in text_of(client.get(self.url(action)))
        assert to("action_returned") == ["priya@network.example"]

    def test_a_long_answer_comes_back(self, client: Any, held: Any) -> None:
        action = make_action(held())
        page = client.post(self.url(action), {"answer": "done", "note": "x" * 2001})
        assert (page.status_code, page.context["done"]["note"].value()) == (422, "x" * 2001)
        assert ActionItem.objects.get().is_open

    @pytest.mark.parametrize("change", [lambda t: t[:-1] + "x", lambda t: "9" + t, lambda _t: "abc", lambda _t: "1.x"])
    def test_a_wrong_token(self, client: Any, held: Any, change: Any) -> None:
        token = make_action(held()).token
        assert client.get(f"/en/meetings/action/{change(token)}/").status_code == 404

    def test_in_french(self, client: Any, held: Any) -> None:
        action = make_action(held())
        page = client.get(self.url(action, "fr"))
        assert "Partager le plan d’évaluation." in text_of(page)


class TestMovesOfActions:
    @pytest.fixture
    def action(self, held: Any, thunder_bay: Any) -> ActionItem:
        return make_action(held(notes_published_at=datetime(2027, 4, 15, tzinfo=UTC)), municipality=thunder_bay)

    def test_for_whom(
        self, client: Any, action: ActionItem, priya: Any, amina: Any, helen: Any, joseph: Any, uma: Any
    ) -> None:
        found = {}
        for person in (priya, amina, helen, joseph, uma):
            client.force_login(person)
            moves = ("edit", "done", "drop", "readdress", "nonsense")
            found[person.name] = [
                client.get(address("action_move", action.meeting, action.pk, name)).status_code for name in moves
            ]
        assert found == {
            "Priya Nair": [200, 200, 200, 200, 404],
            "Amina Diallo": [403, 200, 403, 200, 404],
            "Helen Friesen": [403, 200, 403, 200, 404],
            "Joseph Kakegamic": [403, 403, 403, 403, 404],
            "Uma Sharma": [403, 403, 403, 403, 404],
        }

    def test_the_coordinator_corrects_and_gives_up(self, client: Any, action: ActionItem, priya: Any) -> None:
        client.force_login(priya)
        edit = address("action_move", action.meeting, action.pk, "edit")
        page = client.get(edit)
        assert said(client, client.post(edit, as_sent(page, due_on="2027-06-01"))) == ["It is saved."]
        stale = client.post(edit, as_sent(page, text_en="Mine"))
        assert (stale.status_code, "Mine" in text_of(stale)) == (409, True)
        drop = address("action_move", action.meeting, action.pk, "drop")
        page = client.post(drop, {"note": " "})
        assert (page.status_code, list(page.context["form"].errors)) == (422, ["note"])
        assert said(client, client.post(drop, {"note": "Gone"})) == ["It is off the list; nobody is reminded."]
        found = ActionItem.objects.get()
        assert (found.due_on, found.done_note, found.is_open) == (date(2027, 6, 1), "Gone", False)
        page = client.post(address("action_move", action.meeting, action.pk, "done"), {"note": "x"})
        assert (page.status_code, "The network has given this up: Gone" in text_of(page)) == (422, True)

    def test_whoever_speaks_for_the_owner_hands_it_over(self, client: Any, action: ActionItem, amina: Any) -> None:
        client.force_login(amina)
        url = address("action_move", action.meeting, action.pk, "readdress")
        page = client.post(url, {"owner_name": "Jo"})
        assert (page.status_code, list(page.context["form"].errors)) == (422, ["owner_email"])
        answer = client.post(url, {"owner_name": "Jo", "owner_email": "jo@x.example", "owner_language": "fr"})
        assert answer["Location"] == action.meeting.get_absolute_url()
        assert to("action_given") == ["jo@x.example"]
