"""The pages during and after a meeting: attendance, counts, materials. Notes have test_views_notes, results test_evaluation."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cmncp_portal.core.places import Status
from cmncp_portal.network.tests.factories import make_municipality, make_sector
from meetings import services
from meetings.models import Material, Meeting, Registration, SessionAttendance

from .factories import make_item, make_place
from .screens import address, said, text_of

pytestmark = pytest.mark.django_db
WINNIPEG = ZoneInfo("America/Winnipeg")
PDF = b"%PDF-1.7 plan"
PAGES = ("attendance", "counts", "materials", "notes", "results")


@pytest.fixture
def held(meeting: Any, clock: Any) -> Any:
    def make(stage: str = "held", **fields: Any) -> Meeting:
        clock.move_to(datetime(2027, 4, 15, 20, 0, tzinfo=UTC))
        made: Meeting = meeting(stage, **fields)
        return made

    return make


def marks() -> dict[str, str]:
    return dict(Registration.objects.order_by("pk").values_list("name", "attendance"))


class TestDoors:
    TABLE = {
        "priya": (200, 200, 200, 200, 200),
        "helen": (200, 200, 200, 403, 200),
        "henry": (200, 200, 200, 403, 200),
        "rene": (403, 200, 403, 403, 200),
        "uma": (403, 200, 403, 403, 200),
        "admin_user": (200, 200, 200, 200, 200),
        "amina": (403, 403, 403, 403, 403),
    }

    @pytest.mark.parametrize("name", TABLE)
    def test_for_whom(self, client: Any, request: Any, held: Any, name: str) -> None:
        there = held()
        client.force_login(request.getfixturevalue(name))
        assert tuple(client.get(address(page, there)).status_code for page in PAGES) == self.TABLE[name]

    @pytest.mark.parametrize("page", PAGES)
    def test_a_stranger_knows_of_nothing(self, client: Any, held: Any, rosa: Any, page: str) -> None:
        there = held(audience="invited")
        assert client.get(address(page, there)).status_code == 302
        client.force_login(rosa)
        assert client.get(address(page, there)).status_code == 404

    @pytest.mark.parametrize(
        "name", [("material_remove", 1), ("publish_notes",), ("action_move", 1, "done"), ("action_move", 1, "nonsense")]
    )
    def test_moves_are_not_for_neighbours(self, client: Any, held: Any, amina: Any, name: tuple[Any, ...]) -> None:
        there = held()
        client.force_login(amina)
        assert client.post(address(name[0], there, *name[1:])).status_code in (403, 404)

    @pytest.mark.parametrize("page", PAGES)
    def test_in_french(self, client: Any, held: Any, priya: Any, page: str) -> None:
        there = held()
        client.force_login(priya)
        answer = client.get(address(page, there, language="fr"))
        assert (answer.status_code, '<html lang="fr">' in text_of(answer)) == (200, True)
        assert "Des Prairies plus sûres" in text_of(answer)


class TestAttendance:
    def test_a_page_of_people_in_one_go(self, client: Any, held: Any, henry: Any) -> None:
        there = held()
        ann, bob, cem = (make_place(there, name=name) for name in ("Ann", "Bob", "Cem"))
        make_place(there, name="Dan", status=Status.WAITING)
        client.force_login(henry)
        page = client.get(address("attendance", there))
        assert [place.name for place, _field in page.context["lines"]] == ["Ann", "Bob", "Cem"]
        sent = {
            f"came_{ann.pk}": "present", f"initial-came_{ann.pk}": "",
            f"came_{bob.pk}": "absent", f"initial-came_{bob.pk}": "",
            f"came_{cem.pk}": "", f"initial-came_{cem.pk}": "",
        }  # fmt: skip
        answer = client.post(address("attendance", there), sent)
        assert said(client, answer) == ["Noted for 2 people."]
        assert marks() == {"Ann": "present", "Bob": "absent", "Cem": "", "Dan": ""}

    def test_what_somebody_else_noted_meanwhile_stays(self, client: Any, held: Any, henry: Any, priya: Any) -> None:
        there = held()
        ann, bob = make_place(there, name="Ann"), make_place(there, name="Bob")
        client.force_login(henry)
        services.take_attendance(there, by=priya, attendance={ann.pk: "excused"})
        sent = {
            f"came_{ann.pk}": "", f"initial-came_{ann.pk}": "",
            f"came_{bob.pk}": "present", f"initial-came_{bob.pk}": "",
        }  # fmt: skip
        assert said(client, client.post(address("attendance", there) + "?mark=none", sent)) == ["Noted for one person."]
        assert marks() == {"Ann": "excused", "Bob": "present"}
        again = {f"came_{bob.pk}": "present", f"initial-came_{bob.pk}": "present"}
        assert said(client, client.post(address("attendance", there), again)) == ["Nothing was changed."]

    def test_nonsense_changes_nothing(self, client: Any, held: Any, henry: Any, meeting: Any) -> None:
        there = held()
        ann, other = make_place(there, name="Ann"), make_place(meeting("held"), name="Elsewhere")
        client.force_login(henry)
        for pk, value in ((ann.pk, "perhaps"), (other.pk, "present"), (ann.pk, "x" * 50)):
            client.post(address("attendance", there), {f"came_{pk}": value, f"initial-came_{pk}": ""})
        assert marks() == {"Ann": "", "Elsewhere": ""}
        assert client.get(address("attendance", there) + "?session=abc&page=99&mark=zzz").status_code == 200

    def test_filters(self, client: Any, held: Any, henry: Any, thunder_bay: Any) -> None:
        there = held()
        make_place(there, name="Éva Roy", municipality=thunder_bay)
        make_place(there, name="Bob", organisation="Thunder Youth", attendance="present")
        make_place(there, name="Cem", attendance="absent")
        client.force_login(henry)

        def found(query: str) -> list[str]:
            return [place.name for place, _f in client.get(address("attendance", there) + query).context["lines"]]

        assert found("?q=thunder") == ["Bob", "Éva Roy"]
        assert found("?q=bay+roy") == ["Éva Roy"]
        assert found("?mark=none") == ["Éva Roy"]
        assert found("?mark=absent") == ["Cem"]
        page = client.get(address("attendance", there) + "?q=nobody")
        assert "Nobody matches." in text_of(page)

    def test_a_session(self, client: Any, held: Any, henry: Any) -> None:
        there = held()
        item = make_item(there)
        ann, bob = make_place(there, name="Ann"), make_place(there, name="Bob")
        SessionAttendance.objects.create(item=item, registration=bob)
        client.force_login(henry)
        url = f"{address('attendance', there)}?session={item.pk}"
        page = client.get(url)
        assert [(p.name, p.was_there) for p, _f in page.context["lines"]] == [("Ann", False), ("Bob", True)]
        sent = {f"came_{ann.pk}": "on", f"initial-came_{ann.pk}": "False", f"initial-came_{bob.pk}": "True"}
        answer = client.post(url, sent)
        assert (answer["Location"], said(client, answer)) == (url, ["Noted for 2 people."])
        assert list(SessionAttendance.objects.values_list("registration", flat=True)) == [ann.pk]
        assert marks() == {"Ann": "present", "Bob": ""}

    def test_before_the_first_day_it_says_so(self, client: Any, meeting: Any, henry: Any) -> None:
        there = meeting()
        place = make_place(there, name="Ann")
        client.force_login(henry)
        page = client.get(address("attendance", there))
        assert "Attendance is noted from the first day of the meeting on." in text_of(page)
        assert "came_" not in text_of(page)
        answer = client.post(
            address("attendance", there), {f"came_{place.pk}": "present", f"initial-came_{place.pk}": ""}
        )
        assert said(client, answer) == ["Attendance is noted from the first day of the meeting on."]

    @pytest.mark.parametrize(("day", "is_offered"), [(14, False), (15, True)])
    def test_recording_that_it_took_place(
        self, client: Any, meeting: Any, henry: Any, clock: Any, day: int, is_offered: bool
    ) -> None:
        there = meeting()
        clock.move_to(datetime(2027, 4, day, 12, 0, tzinfo=WINNIPEG))
        client.force_login(henry)
        assert client.get(address("attendance", there)).context["may_record"] is is_offered
        words = [said(client, client.post(address("attendance", there), {"what": "held"})) for _n in range(2)]
        if is_offered:
            assert words[0] == ["The meeting is recorded as held."]
            assert words[1][0].startswith("Already done by Henry Okemaw")
        else:
            assert words[0] == ["This can be recorded from the last day of the meeting on."]

    def test_somebody_who_was_not_on_the_list(self, client: Any, held: Any, henry: Any, winnipeg: Any) -> None:
        there = held(mode="hybrid", join_link="https://x.example", captions="no")
        client.force_login(henry)
        url = f"{address('attendance', there)}?add=1"
        typed = {"name": "Gwen <b>", "email": "nonsense", "attends": "online", "what": "walk-in", "language": "fr"}
        page = client.post(url, typed)
        assert (page.status_code, list(page.context["form"].errors)) == (422, ["email"])
        assert page.context["form"]["name"].value() == "Gwen <b>"
        answer = client.post(url, typed | {"email": "gwen@place.example", "municipality": winnipeg.pk})
        assert said(client, answer) == ["Gwen <b> is on the list, and noted as present."]
        place = Registration.objects.get()
        assert (place.status, place.attendance, place.municipality, place.language) == (
            Status.REGISTERED,
            "remote",
            winnipeg,
            "fr",
        )

    def test_five_hundred_cost_what_one_costs(self, client: Any, held: Any, henry: Any, thunder_bay: Any) -> None:
        there = held()
        item = make_item(there)
        client.force_login(henry)
        counts = []
        for more in (1, 120):
            for _n in range(more):
                make_place(there, municipality=thunder_bay)
            for query in ("", f"?session={item.pk}"):
                with CaptureQueriesContext(connection) as queries:
                    page = client.get(address("attendance", there) + query)
                counts.append(len(queries))
        assert (len(page.context["lines"]), page.context["page"].paginator.num_pages) == (50, 3)
        assert max(counts) <= 8, [q["sql"][:150] for q in queries]
        assert counts[:2] == counts[2:]


class TestCounts:
    def test_tables_with_totals(
        self, client: Any, held: Any, uma: Any, thunder_bay: Any, gatineau: Any, winnipeg: Any
    ) -> None:
        there = held()
        police = make_sector("police")
        make_place(there, municipality=thunder_bay, sector=police, attendance="present")
        make_place(there, municipality=thunder_bay, sector=police, attendance="remote")
        make_place(there, municipality=gatineau, language="fr", attendance="excused")
        make_place(there, language="", attendance="absent", attends="online")
        make_place(there, municipality=winnipeg)
        make_place(there, municipality=winnipeg, status=Status.CANCELLED)
        client.force_login(uma)
        page = client.get(address("counts", there))
        tables = {
            table.code: {name: (t.registered, t.came, t.excused, t.absent, t.unknown) for name, t in table.rows}
            for table in page.context["tables"]
        }
        assert tables == {
            "municipality": {
                "Thunder Bay": (2, 2, 0, 0, 0),
                "Gatineau": (1, 0, 1, 0, 0),
                "Without a municipality": (1, 0, 0, 1, 0),
                "Winnipeg": (1, 0, 0, 0, 1),
            },
            "province": {
                "Ontario": (2, 2, 0, 0, 0),
                "Manitoba": (1, 0, 0, 0, 1),
                "Not known": (1, 0, 0, 1, 0),
                "Quebec": (1, 0, 1, 0, 0),
            },
            "sector": {"Not known": (3, 0, 1, 1, 1), "Police": (2, 2, 0, 0, 0)},
            "language": {"English": (3, 2, 0, 0, 1), "Français": (1, 0, 1, 0, 0), "Not known": (1, 0, 0, 1, 0)},
            "mode": {"In person": (3, 1, 1, 0, 1), "Online": (2, 1, 0, 1, 0)},
        }
        assert {(t.total.registered, t.total.came, t.total.unknown) for t in page.context["tables"]} == {(5, 2, 1)}

    def test_a_session_and_a_meeting_from_the_archives(self, client: Any, held: Any, uma: Any) -> None:
        there = held()
        item = make_item(there)
        SessionAttendance.objects.create(item=item, registration=make_place(there))
        client.force_login(uma)
        assert [(i.title_en, i.there) for i in client.get(address("counts", there)).context["sessions"]] == [
            ("Welcome", 1)
        ]
        old = held(attended_count=45, source="Annual report 2019")
        assert "45 people took part." in text_of(client.get(address("counts", old)))

    def test_many_cost_what_few_cost(self, client: Any, held: Any, priya: Any) -> None:
        there = held()
        client.force_login(priya)
        counts = []
        for more in (1, 60):
            for _n in range(more):
                make_place(there, municipality=make_municipality(), attendance="present")
            with CaptureQueriesContext(connection) as queries:
                client.get(address("counts", there))
            counts.append(len(queries))
        assert counts[0] == counts[1] <= 8


class TestMaterials:
    TYPED = {
        "kind": "link",
        "title_en": "Plan <i>",
        "language": "en",
        "access": "audience",
        "url": "https://x.example/a",
    }

    def test_a_link_and_a_file(self, client: Any, held: Any, henry: Any) -> None:
        there = held()
        client.force_login(henry)
        assert said(client, client.post(address("materials", there), self.TYPED)) == ["“Plan <i>” is added."]
        sent = self.TYPED | {"url": "", "kind": "slides", "file": SimpleUploadedFile("../pass “é”.pdf", PDF)}
        assert client.post(address("materials", there), sent).status_code == 302
        link, file = Material.objects.all()
        assert (link.url, file.filename, file.file.name.startswith("meetings/")) == (
            "https://x.example/a",
            "pass “é”.pdf",
            True,
        )
        assert "Plan &lt;i&gt;" in text_of(client.get(address("materials", there)))
        answer = client.get(address("material", there, file.pk))
        assert (b"".join(answer.streaming_content), answer["Content-Type"]) == (PDF, "application/octet-stream")
        assert answer["Content-Disposition"].startswith("attachment;")
        assert client.get(address("material", there, link.pk))["Location"] == "https://x.example/a"

    @pytest.mark.parametrize(
        ("typed", "field"),
        [
            ({"title_en": ""}, "title_en"),
            ({"url": ""}, "file"),
            ({"url": "javascript:alert(1)"}, "url"),
            ({"url": "ftp://x.example/a"}, "url"),
            ({"file": ("plan.pdf", PDF)}, "url"),
            ({"url": "", "file": ("virus.exe", b"MZ")}, "file"),
            ({"url": "", "file": ("plan.pdf", b"MZ..")}, "file"),
            ({"kind": "recording"}, "captions"),
            ({"kind": "recording", "captions": ["none", "en"]}, "captions"),
            ({"item": "999999"}, "item"),
            ({"access": "everybody"}, "access"),
        ],
    )
    def test_typed_wrongly(self, client: Any, held: Any, henry: Any, typed: dict[str, Any], field: str) -> None:
        there = held()
        client.force_login(henry)
        if "file" in typed:
            typed = typed | {"file": SimpleUploadedFile(*typed["file"])}
        page = client.post(address("materials", there), self.TYPED | typed)
        assert (page.status_code, list(page.context["form"].errors), Material.objects.count()) == (422, [field], 0)
        assert page.context["form"]["language"].value() == "en"

    @pytest.mark.parametrize(("captions", "kept"), [(["none"], []), (["fr", "en"], ["en", "fr"])])
    def test_a_recording_says_its_captions(
        self, client: Any, held: Any, henry: Any, captions: list[str], kept: list[str]
    ) -> None:
        there = held()
        client.force_login(henry)
        client.post(address("materials", there), self.TYPED | {"kind": "recording", "captions": captions})
        assert Material.objects.get().captions == kept
        [line] = client.get(address("materials", there)).context["lines"]
        assert line.captions == ("Captions: English, Français" if kept else "No captions")

    def test_many_cost_what_few_cost(self, client: Any, held: Any, henry: Any) -> None:
        there = held()
        client.force_login(henry)
        counts = []
        for more in (1, 20):
            for _n in range(more):
                services.add_material(there, by=henry, item=make_item(there), **self.TYPED)
            with CaptureQueriesContext(connection) as queries:
                client.get(address("materials", there))
            counts.append(len(queries))
        assert counts[0] == counts[1] <= 8

    def test_removing_twice(self, client: Any, held: Any, henry: Any) -> None:
        there = held()
        made = services.add_material(there, by=henry, **self.TYPED)
        client.force_login(henry)
        url = address("material_remove", there, made.pk)
        assert [said(client, client.post(url)) for _n in range(2)] == [["It is removed."]] * 2
        assert client.get(url).status_code == 405

    def test_who_opens_what(
        self, client: Any, held: Any, henry: Any, amina: Any, uma: Any, luc: Any, rosa: Any
    ) -> None:
        there = held(audience="associates")
        for_all = services.add_material(there, by=henry, **self.TYPED)
        for_some = services.add_material(there, by=henry, **(self.TYPED | {"access": "participants"}))
        make_place(there, amina.email)
        make_place(there, rosa.email, status=Status.WAITING)
        found = {}
        for person in (amina, uma, luc, henry, rosa):
            client.force_login(person)
            found[person.name] = [client.get(address("material", there, m.pk)).status_code for m in (for_all, for_some)]
        assert found == {
            "Amina Diallo": [302, 302],
            "Uma Sharma": [302, 302],
            "Luc Tremblay": [302, 403],
            "Henry Okemaw": [302, 302],
            "Rosa Morin": [302, 403],
        }
        assert client.get(address("material", held(), for_all.pk)).status_code == 404

    def test_without_an_account(self, client: Any, held: Any, henry: Any) -> None:
        public, members = held(audience="public"), held(audience="members")
        shown = services.add_material(public, by=henry, **self.TYPED)
        hidden = services.add_material(public, by=henry, **(self.TYPED | {"access": "participants"}))
        inside = services.add_material(members, by=henry, **self.TYPED)
        assert client.get(address("material", public, shown.pk))["Location"] == "https://x.example/a"
        for there, pk in ((public, hidden.pk), (members, inside.pk), (members, 999_999)):
            url = address("material", there, pk)
            answer = client.get(url)
            assert (answer.status_code, answer["Location"].endswith(f"?next={url}")) == (302, True)
