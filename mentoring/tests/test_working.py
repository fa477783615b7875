"""Goals, the next session, what was said, documents, pausing and the end."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from cmncp_portal.core.editing import Conflict
from cmncp_portal.core.workflow import TransitionRefused
from cmncp_portal.network.models import Membership
from cmncp_portal.progress.tests.factories import make_checks
from mentoring.models import Agreement, Goal, MentoringNeed
from mentoring.services import concluding, working

from .agreeing import AMINA, CHIEF, HELEN, about, as_sent, event, forget, mail, make_running, own, read, said, words_of
from .factories import make_goal

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

NOW = datetime(2027, 2, 1, 15, 0, tzinfo=UTC)
AT = datetime(2027, 2, 15, 19, 0, tzinfo=UTC)  # 13:00 in Regina, 14:00 in Thunder Bay
LATER = datetime(2027, 2, 16, 19, 0, tzinfo=UTC)
GOAL = {
    "text": "Name a responsibility centre",
    "measure": "A motion of council",
    "check_item": "",
    "due_on": "",
    "version": "1",
}


@pytest.fixture
def running(winnipeg: Any, thunder_bay: Any, helen: Any, amina: Any, clock: Any) -> Agreement:
    winnipeg.time_zone = "America/Regina"  # an hour from Thunder Bay in winter
    winnipeg.save()
    return make_running(winnipeg, thunder_bay)


class TestGoals:
    def test_one_to_five(self, running: Agreement, amina: Any) -> None:
        for n in range(5):
            working.keep_goal(running, by=amina, text=f"Goal {n}")
        with pytest.raises(TransitionRefused, match="Five goals at most"):
            working.keep_goal(running, by=amina, text="A sixth")
        assert [goal.order for goal in running.goals.all()] == [0, 1, 2, 3, 4]
        assert read(running).last_sign_at == NOW

    def test_settling_is_said_once_and_kept(self, running: Agreement, amina: Any, helen: Any) -> None:
        goal = working.keep_goal(running, by=amina, text="A plan")
        working.settle_goal(goal, by=helen, state="reached", note="Adopted in January.")
        with pytest.raises(TransitionRefused, match=r"Already done by Helen Friesen: the goal is “Reached”\."):
            working.settle_goal(goal, by=amina, state="reached")
        with pytest.raises(TransitionRefused, match="Please give a reason"):
            working.settle_goal(goal, by=amina, state="dropped")
        assert list(goal.changes.values_list("to_state", "by_name", "note")) == [
            ("open", "Amina Diallo", ""),
            ("reached", "Helen Friesen", "Adopted in January."),
        ]

    def test_a_reached_point_of_the_strategy_is_offered_for_ticking(
        self, running: Agreement, amina: Any, helen: Any, client: Client
    ) -> None:
        check = make_checks(1)[0]
        goal = make_goal(running, check_item=check)
        client.force_login(amina)
        client.post(about(running, "goal_act", goal.pk, "reached"), {"note": ""})
        page = client.get(about(running, "goals"))
        address = reverse("progress:checks", args=["thunder-bay", 1])
        assert f'href="{address}"' in page.content.decode()
        client.force_login(helen)
        assert f'href="{address}"' not in client.get(about(running, "goals")).content.decode()

    def test_the_page(self, running: Agreement, amina: Any, client: Client) -> None:
        client.force_login(amina)
        wrong = client.post(about(running, "goals"), GOAL | {"text": ""})
        assert (wrong.status_code, as_sent(wrong)["measure"]) == (422, "A motion of council")
        assert said(client, client.post(about(running, "goals"), GOAL)) == ["The goal is added."]
        goal = running.goals.get()
        page = client.get(about(running, "goal_act", goal.pk, "dropped"))
        assert "Name a responsibility centre" in words_of(page)
        assert client.post(about(running, "goal_act", goal.pk, "dropped"), {"note": ""}).status_code == 422
        done = client.post(about(running, "goal_act", goal.pk, "dropped"), {"note": "Not ours to do."})
        assert said(client, done) == ["The goal is dropped; it stays in the history."]
        assert client.get(about(running, "goals", language="fr")).status_code == 200

    def test_two_who_correct_the_same_goal(self, running: Agreement, amina: Any, helen: Any, client: Client) -> None:
        goal = make_goal(running)
        working.keep_goal(
            running, by=helen, goal=goal, seen=1, text="Named by Helen", measure="", check_item=None, due_on=None
        )
        client.force_login(amina)
        page = client.post(about(running, "goal_act", goal.pk, "edit"), GOAL | {"text": "Named by Amina"})
        assert (page.status_code, Goal.objects.get(pk=goal.pk).text) == (409, "Named by Helen")
        assert "Named by Amina" in page.content.decode()


class TestTheNextSession:
    def test_both_sides_get_it_for_the_calendar_and_its_move(self, running: Agreement, amina: Any, helen: Any) -> None:
        working.set_next_session(running, by=amina, seen=1, at=AT, place="https://video.example/1")
        assert mail.to("next_session") == [CHIEF, HELEN]
        first = [event(m) for m in mail.written("next_session")]
        forget()
        working.set_next_session(running, by=helen, seen=2, at=LATER, place="https://video.example/1")
        second = [event(m) for m in mail.written("next_session")]
        assert {e["uid"] for e in first + second} == {first[0]["uid"]}
        assert [(e["method"], e["sequence"], e["start"].astimezone(UTC)) for e in (first[0], second[0])] == [
            ("REQUEST", 2, AT),
            ("REQUEST", 3, LATER),
        ]
        text = mail.written("next_session")[0].text.replace("\xa0", " ")
        day = "Tuesday, February 16, 2027"
        assert f"- Now: {day}, 2:00 p.m. (Toronto time); {day}, 1:00 p.m. (Regina time)" in text
        assert "- Before: Monday, February 15, 2027, 2:00 p.m. (Toronto time)" in text

    def test_called_off_it_leaves_the_calendars(self, running: Agreement, amina: Any) -> None:
        working.set_next_session(running, by=amina, seen=1, at=AT)
        working.set_next_session(read(running), by=amina, seen=2, at=None)
        assert [(e["method"], e["status"], e["sequence"]) for e in map(event, mail.written("session_called_off"))] == [
            ("CANCEL", "CANCELLED", 3)
        ] * 2
        assert read(running).next_session_at is None

    def test_not_in_the_past(self, running: Agreement, amina: Any) -> None:
        with pytest.raises(TransitionRefused, match="lies ahead"):
            working.set_next_session(running, by=amina, seen=1, at=NOW)

    def test_the_page_reads_the_clock_of_the_zone_chosen(self, running: Agreement, amina: Any, client: Client) -> None:
        client.force_login(amina)
        data = {"day": "2027-02-15", "clock": "13:00", "zone": "America/Regina", "place": "Online", "version": "1"}
        wrong = client.post(about(running, "next_session"), data | {"day": "2027-01-15"})
        assert (wrong.status_code, as_sent(wrong)["clock"]) == (422, "13:00")
        client.post(about(running, "next_session"), data)
        assert read(running).next_session_at == AT
        conflict = client.post(about(running, "next_session"), data | {"clock": "15:00"})
        assert (conflict.status_code, read(running).next_session_at) == (409, AT)
        ics = client.get(about(running, "calendar"))
        assert (ics.status_code, "SEQUENCE:2" in ics.content.decode()) == (200, True)
        done = client.post(about(running, "next_session"), {"off": "1", "version": "2"})
        assert said(client, done) == ["The session is called off; everybody who takes part is told."]
        assert client.get(about(running, "calendar")).status_code == 404
        assert client.get(about(running, "next_session", language="fr")).status_code == 200


SESSION = {
    "held_on": "2027-01-29", "minutes": "60", "who": "Helen, Amina", "summary": "Where we stand.",
    "follow_up": "Helen sends the terms of reference.", "link": "", "version": "1",
}  # fmt: skip


class TestSessions:
    def test_either_side_writes_it_down(self, running: Agreement, helen: Any, client: Client) -> None:
        client.force_login(helen)
        wrong = client.post(about(running, "session_add"), SESSION | {"held_on": "2027-02-02"})
        assert (wrong.status_code, as_sent(wrong)["summary"]) == (422, "Where we stand.")
        done = client.post(about(running, "session_add"), SESSION)
        assert said(client, done) == ["The session is written down; both sides read it."]
        session = running.sessions.get()
        assert (session.by_name, session.held_on, read(running).last_sign_at) == (
            "Helen Friesen",
            date(2027, 1, 29),
            NOW,
        )

    def test_two_who_correct_it(self, running: Agreement, amina: Any, helen: Any, client: Client) -> None:
        session = working.keep_session(running, by=helen, held_on=date(2027, 1, 29), summary="Ours.")
        working.keep_session(
            running, by=helen, session=session, seen=1, held_on=date(2027, 1, 29), summary="Helen’s words."
        )
        with pytest.raises(Conflict):
            working.keep_session(running, by=amina, session=session, seen=1, held_on=date(2027, 1, 29), summary="Mine.")
        client.force_login(amina)
        page = client.post(about(running, "session_edit", session.pk), SESSION)
        assert (page.status_code, "Helen’s words." in page.content.decode()) == (409, True)

    def test_what_was_planned_for_that_day_has_taken_place(self, running: Agreement, amina: Any, clock: Any) -> None:
        working.set_next_session(running, by=amina, seen=1, at=AT)
        clock.move_to(datetime(2027, 2, 15, 22, 0, tzinfo=UTC))
        working.keep_session(running, by=amina, held_on=date(2027, 2, 15), summary="We talked.")
        assert (read(running).next_session_at, mail.to("session_called_off")) == (None, [])


class TestDocuments:
    def test_a_file_or_a_link(self, running: Agreement, amina: Any, helen: Any, client: Client) -> None:
        client.force_login(amina)
        neither = client.post(about(running, "documents"), {"title": "Terms", "url": ""})
        assert (neither.status_code, as_sent(neither)["title"]) == (422, "Terms")
        wrong = SimpleUploadedFile("terms.pdf", b"no pdf at all")
        assert client.post(about(running, "documents"), {"title": "Terms", "file": wrong}).status_code == 422
        good = SimpleUploadedFile("terms.pdf", b"%PDF-1.7 terms")
        assert client.post(about(running, "documents"), {"title": "Terms", "file": good}).status_code == 302
        client.post(about(running, "documents"), {"title": "Plan", "url": "https://plan.example/"})
        client.force_login(helen)
        file, link = running.documents.all()
        sent = client.get(about(running, "document", file.pk))
        assert (b"".join(sent.streaming_content), sent["Content-Disposition"]) == (
            b"%PDF-1.7 terms", 'attachment; filename="terms.pdf"',
        )  # fmt: skip
        assert client.get(about(running, "document", link.pk)).status_code == 404
        done = client.post(about(running, "document_remove", file.pk))
        again = client.post(about(running, "document_remove", file.pk))
        assert (said(client, done), again.status_code) == (["The document is removed."] * 2, 302)
        assert [d.title for d in running.documents.all()] == ["Plan"]


class TestPausing:
    def test_both_sides_hear_of_it(self, running: Agreement, amina: Any, client: Client) -> None:
        working.set_next_session(running, by=amina, seen=1, at=AT)
        client.force_login(amina)
        assert client.post(about(running, "move", "pause"), {"note": ""}).status_code == 422
        client.post(about(running, "move", "pause"), {"note": "Elections."})
        now = read(running)
        assert (now.state, now.next_session_at) == ("paused", None)
        assert (mail.to("paused"), mail.to("session_called_off")) == ([AMINA, CHIEF, HELEN], [CHIEF, HELEN])
        client.post(about(running, "move", "resume"))
        assert (read(running).state, mail.to("resumed")) == ("active", [AMINA, CHIEF, HELEN])

    def test_staff_do_not_pause(self, running: Agreement, joseph: Any, client: Client) -> None:
        client.force_login(joseph)
        assert client.post(about(running, "move", "pause"), {"note": "No."}).status_code == 403

    def test_nothing_is_written_once_it_is_over(self, running: Agreement, amina: Any) -> None:
        concluding.end_early(running, by=amina, reason="Merger.")
        with pytest.raises(TransitionRefused, match="“Ended early”"):
            working.keep_goal(running, by=amina, text="Late")


class TestTheEnd:
    def test_goals_and_summary_come_first(self, running: Agreement, amina: Any, client: Client) -> None:
        goal = make_goal(running)
        client.force_login(amina)
        refused = client.post(
            about(running, "conclude"), {"do": "complete", "summary": "A centre stands.", "version": "1"}
        )
        assert said(client, refused) == ["Say of each goal what became of it."]
        assert read(running).summary == "A centre stands."
        working.settle_goal(goal, by=amina, state="reached")
        done = client.post(
            about(running, "conclude"), {"do": "complete", "summary": "A centre stands.", "version": "2"}
        )
        assert said(client, done) == ["It is completed; both sides get the summary."]
        assert read(running).state == "completed"
        assert MentoringNeed.objects.get(pk=running.need_id).state == "done"
        assert mail.to("concluded") == [AMINA, CHIEF, HELEN]
        text = mail.written("concluded")[0].text
        assert "> A centre stands." in text
        assert "- Name a responsibility centre (reached)" in text
        assert mail.to("join_invited") == []

    def test_a_summary_saved_by_two(self, running: Agreement, amina: Any, helen: Any, client: Client) -> None:
        concluding.keep_summary(running, by=helen, seen=1, summary="Helen’s words.")
        client.force_login(amina)
        page = client.post(about(running, "conclude"), {"do": "complete", "summary": "Mine.", "version": "1"})
        assert (page.status_code, read(running).summary) == (409, "Helen’s words.")

    def test_ending_early_needs_a_reason(self, running: Agreement, amina: Any, client: Client) -> None:
        client.force_login(amina)
        data = {"do": "end_early", "summary": "", "version": "1", "early-note": ""}
        assert client.post(about(running, "conclude"), data).status_code == 422
        client.post(about(running, "conclude"), data | {"early-note": "The planner left."})
        assert (read(running).state, "> The planner left." in mail.written("concluded")[0].text) == ("ended", True)

    def test_who_is_no_member_is_invited_to_become_one(self, running: Agreement, thunder_bay: Any, amina: Any) -> None:
        Membership.objects.filter(municipality=thunder_bay).update(until_on=date(2026, 12, 31))
        concluding.end_early(running, by=amina, reason="Merger.")
        assert mail.to("join_invited") == [AMINA, CHIEF]
        assert "/en/join/" in mail.written("join_invited")[0].text

    def test_in_french(self, running: Agreement, amina: Any, client: Client) -> None:
        client.force_login(amina)
        assert client.get(about(running, "conclude", language="fr")).status_code == 200


def test_the_lead_with_a_personal_link_does_the_same(running: Agreement, client: Client) -> None:
    chief = running.participants.get(email=CHIEF)
    client.post(own(chief, "goals"), GOAL)
    client.post(own(chief, "session"), SESSION)
    assert (running.goals.get().changes.get().by_name, running.sessions.get().by_participant) == ("Chief Pierre", chief)
