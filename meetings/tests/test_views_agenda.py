"""The organisers' agenda, the session's form, and the order."""

from datetime import time
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from meetings.models import AgendaItem, Material, Meeting, MeetingChange, Speaker
from meetings.selectors.agenda import mark_of

from .factories import make_item, make_speaker
from .screens import address, as_sent, said, text_of

pytestmark = pytest.mark.django_db
TYPED = {
    "kind": "keynote",
    "day": "2",
    "starts_at": "13:00",
    "ends_at": "14:00",
    "title_en": "Talk <b>&</b> “more”",
    "title_fr": "Conférence",
    "room": 'O\'Neil "Hall"',
    "language": "fr",
    "version": "1",
}


def about(meeting: Meeting, name: str, *args: Any, language: str = "en") -> str:
    return address(name, meeting, *args, language=language)


class TestThePage:
    def test_who_opens_it_and_who_may_change_it(
        self,
        client: Any,
        meeting: Any,
        priya: Any,
        helen: Any,
        henry: Any,
        amina: Any,
        rosa: Any,
        luc: Any,
        thunder_bay: Any,
    ) -> None:
        planned = meeting("scheduled", co_host=thunder_bay)
        item = make_item(planned)
        found = {}
        for person in (priya, helen, henry, amina, rosa):
            client.force_login(person)
            page = client.get(about(planned, "agenda"))
            may = page.status_code == 200 and about(planned, "item_edit", item.pk) in text_of(page)
            found[person.name] = (page.status_code, may)
        assert found == {
            "Priya Nair": (200, True),
            "Helen Friesen": (200, True),
            "Henry Okemaw": (200, False),
            "Amina Diallo": (200, False),
            "Rosa Morin": (404, False),
        }
        published = meeting()
        client.force_login(luc)
        assert client.get(about(published, "agenda")).status_code == 403

    def test_nobody_else_comes_through_the_other_doors(self, client: Any, meeting: Any, henry: Any, rosa: Any) -> None:
        planned = meeting("scheduled")
        item = make_item(planned)
        doors = [
            about(planned, "item_add"),
            about(planned, "item_edit", item.pk),
            about(planned, "item_move", item.pk, "remove"),
            about(planned, "reorder"),
        ]
        for person, status in ((henry, 403), (rosa, 404)):
            client.force_login(person)
            assert [client.post(door, {"version": "1"}).status_code for door in doors] == [status] * 4
        assert AgendaItem.objects.count() == 1

    def test_clashes_stand_on_top_and_beside_the_sessions(self, client: Any, meeting: Any, priya: Any) -> None:
        planned = meeting("scheduled")
        for title in ("A", "B <i>"):
            make_item(planned, kind="round_table", title_en=title, room="Hall")
        client.force_login(priya)
        page = text_of(client.get(about(planned, "agenda")))
        assert page.count("“A” and “B &lt;i&gt;” use the same room at the same time: Hall.") == 3
        assert "One thing clashes" in page
        assert "2 sessions at the same time" in page

    def test_after_the_meeting_the_host_reads_why_it_is_closed(self, client: Any, meeting: Any, helen: Any) -> None:
        held = meeting("held")
        make_item(held)
        client.force_login(helen)
        page = client.get(about(held, "agenda"))
        assert (page.context["closed"], page.context["may_keep"]) == (
            "The meeting took place: only the network still corrects its agenda.",
            False,
        )
        assert page.context["closed"] in text_of(page)

    def test_in_french(self, client: Any, meeting: Any, priya: Any) -> None:
        planned = meeting("scheduled")
        make_item(planned)
        client.force_login(priya)
        page = text_of(client.get(about(planned, "agenda", language="fr")))
        assert "mercredi 14\u00a0avril\u00a02027" in page
        assert "9\u00a0h – 10\u00a0h" in page
        assert "Mot de bienvenue" in page

    def test_the_same_queries_for_one_and_many(self, client: Any, meeting: Any, priya: Any, helen: Any) -> None:
        planned = meeting("scheduled")
        for person in (priya, helen):
            client.force_login(person)
            client.get(about(planned, "agenda"))
        counts = []
        for number in (1, 20):
            for n in range(number):
                make_speaker(make_item(planned, title_en=f"{number} {n}"), f"Person {n}")
            for person in (priya, helen):
                client.force_login(person)
                with CaptureQueriesContext(connection) as queries:
                    client.get(about(planned, "agenda"))
                counts.append(len(queries))
        assert counts[:2] == counts[2:]
        assert max(counts) <= 8


class TestTheForm:
    def test_a_session_with_a_person_of_the_network_an_outsider_and_a_brief(
        self, client: Any, meeting: Any, helen: Any, rosa: Any
    ) -> None:
        planned = meeting("scheduled")
        client.force_login(helen)
        page = client.get(about(planned, "item_add"))
        assert '<option value="Rosa Morin (Saskatoon)"></option>' in text_of(page)
        typed = TYPED | {
            "interpretation": "on",
            "person_1_name": "Rosa Morin (Saskatoon)",
            "person_1_role": "moderator",
            "person_3_name": "Ann Lee",
            "person_3_role": "speaker",
            "person_3_organisation": "Lakehead",
            "link_2_title": "Brief 4",
            "link_2_url": "https://a.example/4",
            "link_2_kind": "brief",
        }
        answer = client.post(about(planned, "item_add"), as_sent(page, **typed))
        assert said(client, answer) == ["The session is on the agenda."]
        item = AgendaItem.objects.get()
        assert (item.day, item.starts_at, item.language, item.interpretation, item.title_en) == (
            2, time(13), "fr", True, TYPED["title_en"],
        )  # fmt: skip
        assert list(item.speakers.values_list("name", "organisation", "role", "stakeholder")) == [
            ("Rosa Morin", "Saskatoon", "moderator", rosa.stakeholders.get().pk),
            ("Ann Lee", "Lakehead", "speaker", None),
        ]
        assert list(item.materials.values_list("title_en", "url", "kind", "language")) == [
            ("Brief 4", "https://a.example/4", "brief", "fr")
        ]

    def test_the_form_comes_back_as_it_is_and_saving_it_changes_nothing(
        self, client: Any, meeting: Any, helen: Any, rosa: Any
    ) -> None:
        item = make_item(meeting())
        make_speaker(item, "Rosa Morin", stakeholder=rosa.stakeholders.get(), organisation="Saskatoon", order=0)
        make_speaker(item, "Ann Lee", email="ann@x.example", order=1)
        Material.objects.create(
            meeting=item.meeting, item=item, url="https://a.example", title_fr="Fiche", language="fr", kind="slides"
        )
        client.force_login(helen)
        edit = about(item.meeting, "item_edit", item.pk)
        page = client.get(edit)
        form = page.context["form"]
        assert [line.name.value() for line in form.person_lines()] == [
            "Rosa Morin (Saskatoon)", "Ann Lee", None, None, None,
        ]  # fmt: skip
        before = list(item.speakers.values_list("name", "stakeholder", "organisation", "email"))
        assert client.post(edit, as_sent(page)).status_code == 302
        assert list(item.speakers.values_list("name", "stakeholder", "organisation", "email")) == before
        assert list(Material.objects.values_list("title_en", "title_fr", "kind")) == [("", "Fiche", "slides")]
        assert MeetingChange.objects.count() == 0

    def test_taking_a_person_and_a_link_off(self, client: Any, meeting: Any, priya: Any) -> None:
        item = make_item(meeting())
        make_speaker(item, "Ann Lee", title="Professor")
        make_speaker(item, "Joe Doe", order=1)
        Material.objects.create(
            meeting=item.meeting, item=item, url="https://a.example", title_en="a", language="en", kind="link"
        )
        client.force_login(priya)
        edit = about(item.meeting, "item_edit", item.pk)
        client.post(edit, as_sent(client.get(edit), person_1_name="", link_1_title="", link_1_url=""))
        assert ([s.name for s in Speaker.objects.all()], Material.objects.count()) == (["Joe Doe"], 0)

    @pytest.mark.parametrize(
        ("typed", "field", "words"),
        [
            ({"ends_at": "12:00"}, "ends_at", "It ends before it begins."),
            ({"ends_at": "13:00"}, "ends_at", "It ends before it begins."),
            ({"starts_at": "noon"}, "starts_at", "Enter a valid time."),
            ({"day": "3"}, "day", "Select a valid choice. 3 is not one of the available choices."),
            ({"title_en": "", "title_fr": ""}, "title_en", "Give the session a title, in one language at least."),
            ({"title_fr": ""}, "title_fr", "The meeting is announced: give the title in both languages."),
            ({"title_en": "x" * 201}, "title_en", "Ensure this value has at most 200 characters (it has 201)."),
            ({"person_1_title": "Mayor"}, "person_1_name", "Who is it? Write the name, or empty the whole line."),
            ({"person_1_name": "Ann", "person_1_email": "no"}, "person_1_email", "Enter a valid email address."),
            ({"person_1_name": "Ann", "person_2_name": "ann"}, "person_2_name", "This person is named twice."),
            ({"link_1_title": "a"}, "link_1_url", "Where does it lead? Write the address, or empty the whole line."),
            ({"link_1_url": "https://a.example"}, "link_1_title", "Give the link a title."),
            ({"link_1_title": "a", "link_1_url": "javascript:alert(1)"}, "link_1_url", "Enter a valid URL."),
        ],
    )
    def test_wrong_ones_come_back(
        self, client: Any, meeting: Any, priya: Any, typed: dict[str, str], field: str, words: str
    ) -> None:
        held = meeting()
        client.force_login(priya)
        page = client.post(about(held, "item_add"), TYPED | typed)
        assert (page.status_code, AgendaItem.objects.count()) == (422, 0)
        assert page.context["form"].errors == {field: [words]}
        assert {name: page.context["form"][name].value() for name in typed} == typed

    def test_two_people_at_the_same_session_lose_nobody(
        self, client: Any, meeting: Any, helen: Any, priya: Any
    ) -> None:
        item = make_item(meeting("scheduled"), room="Room 1")
        make_speaker(item, "Ann Lee")
        edit = about(item.meeting, "item_edit", item.pk)
        client.force_login(helen)
        seen = client.get(edit)
        client.force_login(priya)
        more = {f"person_{n}_name": f"Person {n}" for n in (2, 3, 4)}
        client.post(edit, as_sent(client.get(edit), room="Room 2", **more))
        client.post(edit, as_sent(client.get(edit), person_5_name="Person 5"))
        client.force_login(helen)
        conflict = client.post(edit, as_sent(seen, room="Room 3", title_en="New title", person_2_name="Mine"))
        assert conflict.status_code == 409
        differences = {d.field.name: (d.theirs, d.take_theirs) for d in conflict.context["differences"]}
        assert differences == {
            "title_en": ("Welcome", False),
            "room": ("Room 2", False),
            "person_2_name": ("Person 2", False),
            "person_3_name": ("Person 3", True),
            "person_4_name": ("Person 4", True),
            "person_5_name": ("Person 5", True),
            "person_5_role": ("Speaker", True),
        }
        answer = client.post(edit, as_sent(conflict, **{"choose-room": "theirs"}))
        assert answer.status_code == 302
        kept = AgendaItem.objects.get()
        assert (kept.title_en, kept.room) == ("New title", "Room 2")
        assert [s.name for s in kept.speakers.all()] == ["Ann Lee", "Mine", "Person 3", "Person 4", "Person 5"]

    def test_what_is_written_about_a_removed_session_can_be_added_anew(
        self, client: Any, meeting: Any, priya: Any
    ) -> None:
        item = make_item(meeting("scheduled"))
        make_speaker(item, "Ann Lee")
        edit = about(item.meeting, "item_edit", item.pk)
        client.force_login(priya)
        seen = client.get(edit)
        AgendaItem.objects.all().delete()
        page = client.post(edit, as_sent(seen, title_en="Long typed"))
        assert page.status_code == 409
        assert f'action="{about(item.meeting, "item_add")}"' in text_of(page)
        client.post(about(item.meeting, "item_add"), as_sent(page))
        assert [(i.title_en, [s.name for s in i.speakers.all()]) for i in AgendaItem.objects.all()] == [
            ("Long typed", ["Ann Lee"])
        ]
        assert said(client, client.get(edit))[-1] == "This session was taken off the agenda."

    def test_sessions_of_another_meeting_and_none_at_all(self, client: Any, meeting: Any, priya: Any) -> None:
        planned, other = meeting("scheduled"), make_item(meeting("scheduled"))
        client.force_login(priya)
        for pk in (other.pk, 10**30):
            for method in (client.get, client.post):
                assert method(about(planned, "item_edit", pk)).status_code == 404
            assert client.post(about(planned, "item_move", pk, "up")).status_code == 404

    def test_after_the_meeting_the_host_keeps_what_was_typed(self, client: Any, meeting: Any, helen: Any) -> None:
        held = meeting("held")
        client.force_login(helen)
        page = client.post(about(held, "item_add"), TYPED)
        assert (page.status_code, page.context["form"]["title_en"].value()) == (422, TYPED["title_en"])
        assert [str(m) for m in page.context["messages"]] == [
            "The meeting took place: only the network still corrects its agenda."
        ]

    def test_in_french(self, client: Any, meeting: Any, priya: Any) -> None:
        planned = meeting("scheduled")
        client.force_login(priya)
        page = client.get(about(planned, "item_add", language="fr"))
        assert dict(page.context["form"].fields["day"].choices)[1] == "1 — 14\u00a0avril\u00a02027"
        typed = TYPED | {"link_1_title": "Fiche", "link_1_url": "https://a.example"}
        assert client.post(about(planned, "item_add", language="fr"), as_sent(page, **typed)).status_code == 302
        assert Material.objects.get().title_fr == "Fiche"


class TestMoving:
    def test_up_down_and_off(self, client: Any, meeting: Any, priya: Any) -> None:
        planned = meeting("scheduled")
        one, other = (make_item(planned, title_en=title, kind="parallel") for title in "AB")
        client.force_login(priya)
        page = text_of(client.get(about(planned, "agenda")))
        assert [about(planned, "item_move", item.pk, "up") in page for item in (one, other)] == [False, True]
        assert said(client, client.post(about(planned, "item_move", other.pk, "up"))) == ["Moved."]
        assert [item.title_en for item in planned.agenda.all()] == ["B", "A"]
        assert said(client, client.post(about(planned, "item_move", other.pk, "up"))) == [
            "It is at the end of the sessions of this time already."
        ]
        off = about(planned, "item_move", one.pk, "remove")
        assert said(client, client.post(off, {"version": "7"})) == [
            "Somebody changed the agenda meanwhile; look at it again."
        ]
        assert said(client, client.post(off, {"version": "1"})) == ["The session is off the agenda."]
        assert said(client, client.post(off, {"version": "1"})) == ["This session was taken off the agenda."]
        assert [item.title_en for item in planned.agenda.all()] == ["B"]

    def test_what_is_no_move(self, client: Any, meeting: Any, priya: Any) -> None:
        item = make_item(meeting())
        client.force_login(priya)
        assert client.post(about(item.meeting, "item_move", item.pk, "sideways")).status_code == 404
        assert client.get(about(item.meeting, "item_move", item.pk, "up")).status_code == 405
        assert client.get(about(item.meeting, "reorder")).status_code == 405

    def test_dragging_posts_the_order_with_the_mark(self, client: Any, meeting: Any, priya: Any) -> None:
        planned = meeting("scheduled")
        a, b = (make_item(planned, title_en=title, kind="parallel") for title in "AB")
        client.force_login(priya)
        page = client.get(about(planned, "agenda"))
        assert f'data-reorder-item="{a.pk}"' in text_of(page)
        sent = {"seen": page.context["mark"], "order": [b.pk, a.pk]}
        answer = client.post(about(planned, "reorder"), sent, headers={"Accept": "application/json"})
        assert (answer.status_code, answer.json()) == (200, {"seen": mark_of(planned.agenda.all())})
        assert [item.title_en for item in planned.agenda.all()] == ["B", "A"]
        old = client.post(about(planned, "reorder"), sent, headers={"Accept": "application/json"})
        assert (old.status_code, old.json()) == (409, {})
        again = client.get(about(planned, "agenda"))
        assert [str(m) for m in again.context["messages"]] == [
            "Somebody changed the agenda meanwhile; look at it again."
        ]
        nonsense = client.post(about(planned, "reorder"), {"order": ["x", "-1"], "seen": page.context["mark"]})
        assert nonsense.status_code == 302
        assert [item.title_en for item in planned.agenda.all()] == ["B", "A"]
