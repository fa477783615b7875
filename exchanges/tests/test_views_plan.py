"""Programme, practical sheet and documents: two sides on one page, and nobody's text is lost."""

from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from exchanges.models import Side, Stop, Visit, VisitDocument

from .factories import make_exchange, make_member, make_stop, read
from .screens import about, address, as_sent, said, text_of

pytestmark = pytest.mark.django_db
TYPED = {
    "day": "1", "starts_at": "13:00", "ends_at": "14:00", "kind": "walk", "title": "Walk <b>&</b> “talk” 🦫 \u202eאב", "place": "O'Neil \"Hall\"",
}  # fmt: skip


@pytest.fixture
def planned(amina: Any, helen: Any, thunder_bay: Any, winnipeg: Any, tmp_path: Any, settings: Any) -> Any:
    settings.MEDIA_ROOT = tmp_path
    return lambda stage="planned": read(make_exchange(thunder_bay, winnipeg, stage=stage, by=amina).first_visit)


class TestStops:
    def test_one_side_proposes_and_the_other_agrees(self, client: Any, joseph: Any, henry: Any, planned: Any) -> None:
        visit = planned("accepted")
        client.force_login(joseph)
        add = about(visit, "stop_add")
        answer = client.post(add, as_sent(client.get(add), **TYPED))
        assert said(client, answer) == ["The stop is proposed; the other side agrees to it."]
        stop = Stop.objects.get()
        agree = about(visit, "stop_move", stop.pk, "agree")
        own = client.post(agree, {"version": stop.version})
        assert said(client, own) == ["Your own side proposed this stop: the other side agrees to it."]
        client.force_login(henry)
        assert said(client, client.post(agree, {"version": stop.version})) == ["Agreed."]
        page = text_of(client.get(about(visit, "programme")))
        assert "Walk &lt;b&gt;&amp;&lt;/b&gt; “talk” 🦫" in page
        assert Stop.objects.get().status == "agreed"

    def test_nobody_agrees_to_what_was_changed_under_their_eyes(self, client: Any, henry: Any, planned: Any) -> None:
        visit = planned("accepted")
        stop = make_stop(visit, status="proposed", proposed_by=Side.VISITORS)
        Stop.objects.update(version=stop.version + 1, title="Another")
        client.force_login(henry)
        answer = client.post(about(visit, "stop_move", stop.pk, "agree"), {"version": stop.version})
        assert said(client, answer) == ["Somebody changed the plan meanwhile; look at it again."]
        assert Stop.objects.get().status == "proposed"

    @pytest.mark.parametrize(
        ("typed", "field", "words"),
        [
            ({"ends_at": "12:00"}, "ends_at", "It ends before it begins."),
            ({"ends_at": "13:00"}, "ends_at", "It ends before it begins."),
            ({"title": ""}, "title", "This field is required."),
            ({"title": "x" * 1_000_000}, "title", "Ensure this value has at most 200 characters (it has 1000000)."),
            ({"notes": "x" * 1_000_000}, "notes", "Ensure this value has at most 10000 characters (it has 1000000)."),
            ({"day": "6"}, "day", "Select a valid choice. 6 is not one of the available choices."),
            ({"starts_at": "noon"}, "starts_at", "Enter a valid time."),
        ],
    )
    def test_wrong_ones_come_back(
        self, client: Any, joseph: Any, planned: Any, typed: dict[str, str], field: str, words: str
    ) -> None:
        visit = planned("accepted")
        client.force_login(joseph)
        page = client.post(about(visit, "stop_add"), {**TYPED, "version": 1, **typed})
        assert (page.status_code, Stop.objects.count()) == (422, 0)
        assert page.context["form"].errors == {field: [words]}
        assert {name: page.context["form"][name].value() for name in typed} == typed

    def test_in_french(self, client: Any, joseph: Any, planned: Any) -> None:
        visit = planned("accepted")
        client.force_login(joseph)
        page = client.post(about(visit, "stop_add", language="fr"), {**TYPED, "version": 1, "ends_at": "12:00"})
        assert page.context["form"].errors == {"ends_at": ["La fin précède le début."]}

    def test_two_people_at_the_same_stop(self, client: Any, joseph: Any, henry: Any, planned: Any) -> None:
        visit = planned("accepted")
        stop = make_stop(visit, place="Room 1")
        edit = about(visit, "stop_edit", stop.pk)
        client.force_login(joseph)
        seen = client.get(edit)
        client.force_login(henry)
        client.post(edit, as_sent(client.get(edit), place="Room 2", notes="Bring <boots>"))
        client.force_login(joseph)
        conflict = client.post(edit, as_sent(seen, place="Room 3", title="New title"))
        assert conflict.status_code == 409
        assert {d.field.name: (d.theirs, d.take_theirs) for d in conflict.context["differences"]} == {
            "title": (stop.title, False),
            "place": ("Room 2", False),
            "notes": ("Bring <boots>", True),
        }
        answer = client.post(edit, as_sent(conflict, **{"choose-place": "theirs"}))
        kept = Stop.objects.get()
        assert (answer.status_code, kept.title, kept.place, kept.notes) == (302, "New title", "Room 2", "Bring <boots>")

    def test_what_is_written_about_a_dropped_stop_can_be_proposed_anew(
        self, client: Any, joseph: Any, planned: Any
    ) -> None:
        visit = planned("accepted")
        stop = make_stop(visit)
        edit = about(visit, "stop_edit", stop.pk)
        client.force_login(joseph)
        seen = client.get(edit)
        Stop.objects.update(status="dropped", version=2)
        page = client.post(edit, as_sent(seen, title="Long typed"))
        assert page.status_code == 409
        assert f'action="{about(visit, "stop_add")}"' in text_of(page)
        client.post(about(visit, "stop_add"), as_sent(page))
        assert [(s.title, s.status) for s in Stop.objects.order_by("pk")] == [
            (stop.title, "dropped"),
            ("Long typed", "proposed"),
        ]

    @pytest.mark.parametrize("name", ["drop", "earlier", "later"])
    def test_moves_twice_are_no_error(self, client: Any, joseph: Any, planned: Any, name: str) -> None:
        visit = planned("accepted")
        stop = make_stop(visit)
        client.force_login(joseph)
        move = about(visit, "stop_move", stop.pk, name)
        assert [client.post(move).status_code for _ in range(3)] == [302, 302, 302]

    def test_a_move_that_is_none_and_a_stop_of_another_visit(self, client: Any, joseph: Any, planned: Any) -> None:
        visit = planned("accepted")
        stop = make_stop(visit)
        client.force_login(joseph)
        assert client.post(about(visit, "stop_move", stop.pk, "nonsense")).status_code == 404
        other = make_stop(make_exchange(stage="accepted").first_visit)
        for name, method in (("stop_edit", client.get), ("stop_edit", client.post)):
            assert method(about(visit, name, other.pk)).status_code == 404
        assert client.get(about(visit, "stop_edit", 10**30)).status_code == 404

    def test_after_the_visit_the_plan_stands(self, client: Any, joseph: Any, planned: Any) -> None:
        visit = planned("held")
        client.force_login(joseph)
        page = client.post(about(visit, "stop_add"), {**TYPED, "version": 1})
        assert (page.status_code, page.context["form"]["title"].value()) == (422, TYPED["title"])
        assert [str(m) for m in page.context["messages"]] == [
            "The plan can no longer be changed: the visit is “Visit held”."
        ]


class TestPracticalSheet:
    def test_two_people_at_the_same_sheet(self, client: Any, joseph: Any, henry: Any, planned: Any) -> None:
        visit = planned("accepted")
        sheet = about(visit, "practical")
        client.force_login(joseph)
        seen = client.get(sheet)
        client.force_login(henry)
        client.post(sheet, as_sent(client.get(sheet), address="City Hall", lodging="The Forks"))
        client.force_login(joseph)
        conflict = client.post(sheet, as_sent(seen, address="Library", transport="We drive"))
        assert conflict.status_code == 409
        found = {d.field.name: (d.theirs, d.take_theirs) for d in conflict.context["differences"]}
        assert found == {
            "address": ("City Hall", False),
            "lodging": ("The Forks", True),
            "transport": ("", False),
        }
        client.post(sheet, as_sent(conflict, **{"choose-address": "theirs"}))
        kept = Visit.objects.get()
        assert (kept.address, kept.lodging, kept.transport) == ("City Hall", "The Forks", "We drive")

    @pytest.mark.parametrize(
        "typed",
        [
            {"join_link": "javascript:alert(1)"},
            {"join_link": "no link"},
            {"lodging": "x" * 1_000_000},
            {"address": "x" * 301},
            {"emergency_phone": "1" * 41},
        ],
    )
    def test_wrong_input_comes_back(self, client: Any, henry: Any, planned: Any, typed: dict[str, str]) -> None:
        visit = planned("accepted")
        client.force_login(henry)
        page = client.post(about(visit, "practical"), as_sent(client.get(about(visit, "practical")), **typed))
        assert (page.status_code, list(page.context["form"].errors)) == (422, list(typed))
        assert {name: page.context["form"][name].value() for name in typed} == typed


PDF = b"%PDF-1.7\n%%EOF\n"


class TestDocuments:
    def add(self, client: Any, visit: Visit, name: str, content: bytes, language: str = "en") -> Any:
        sent = {"title": "Plan <i>", "language": "fr", "file": SimpleUploadedFile(name, content)}
        return client.post(about(visit, "documents", language=language), sent)

    def test_it_comes_back_as_a_download(self, client: Any, henry: Any, amina: Any, planned: Any) -> None:
        visit = planned("accepted")
        client.force_login(henry)
        assert self.add(client, visit, "../../etc/pass wd “é”.pdf", PDF).status_code == 302
        stored = VisitDocument.objects.get()
        assert (stored.filename, stored.side) == ("pass wd “é”.pdf", "hosts")
        assert stored.file.name.startswith("exchanges/")
        assert "pass" not in stored.file.name
        client.force_login(amina)
        page = text_of(client.get(about(visit, "documents")))
        assert "Plan &lt;i&gt;" in page
        answer = client.get(about(visit, "document", stored.pk))
        assert b"".join(answer.streaming_content) == PDF
        assert answer["Content-Disposition"].startswith("attachment;")
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["Content-Type"] == "application/octet-stream"

    @pytest.mark.parametrize(
        ("name", "content", "words"),
        [
            ("virus.exe", b"MZ", "This kind of file cannot be kept here."),
            ("page.html", b"<script>", "This kind of file cannot be kept here."),
            ("plan.pdf.exe", PDF, "This kind of file cannot be kept here."),
            ("noname", PDF, "This kind of file cannot be kept here."),
            ("plan.pdf", b"MZ\x00\x00", "The file is not what its name says."),
            ("plan.docx", PDF, "The file is not what its name says."),
            ("plan.pdf", b"", "The submitted file is empty."),
            ("plan.PDF", PDF + b"0" * (11 * 1024 * 1024), "The file is larger than 10 MB."),
        ],
    )
    def test_what_is_not_kept(
        self, client: Any, henry: Any, planned: Any, name: str, content: bytes, words: str
    ) -> None:
        visit = planned("accepted")
        client.force_login(henry)
        page = self.add(client, visit, name, content)
        assert (page.status_code, VisitDocument.objects.count()) == (422, 0)
        assert page.context["form"].errors == {"file": [words]}
        assert page.context["form"]["title"].value() == "Plan <i>"

    def test_in_french(self, client: Any, henry: Any, planned: Any) -> None:
        visit = planned("accepted")
        client.force_login(henry)
        page = self.add(client, visit, "virus.exe", b"MZ", "fr")
        assert page.context["form"].errors == {"file": ["Ce type de fichier ne peut pas être conservé ici."]}

    @pytest.fixture
    def kept(self, planned: Any) -> Any:
        def keep(stage: str) -> VisitDocument:
            file = ContentFile(PDF, "plan.pdf")
            return VisitDocument.objects.create(
                visit=planned(stage), title="Plan", language="en", side="visitors", filename="plan.pdf", file=file
            )

        return keep

    def test_for_whom(self, client: Any, kept: Any, rosa: Any, uma: Any, rene: Any, helen: Any, henry: Any) -> None:
        document = kept("confirmed")
        found = {}
        for person in (rosa, uma, rene, helen, henry):
            client.force_login(person)
            answer = client.get(about(document.visit, "document", document.pk))
            found[person.name] = answer.status_code
            assert (b"".join(answer) == PDF) == (answer.status_code == 200)
        assert list(found.values()) == [404, 403, 403, 200, 200]

    def test_removing_is_for_the_side_that_added_it_and_twice_is_no_error(
        self, client: Any, kept: Any, helen: Any, amina: Any
    ) -> None:
        document = kept("accepted")
        remove = about(document.visit, "document_remove", document.pk)
        client.force_login(helen)
        assert client.post(remove).status_code == 403
        client.force_login(amina)
        assert [said(client, client.post(remove)) for _ in range(2)] == [["The document is removed."]] * 2

    def test_a_file_that_is_gone_is_nothing_at_this_address(self, client: Any, kept: Any, amina: Any) -> None:
        document = kept("accepted")
        document.file.storage.delete(document.file.name)
        client.force_login(amina)
        assert client.get(about(document.visit, "document", document.pk)).status_code == 404


class TestCalendar:
    def test_both_sides_have_it_and_a_stranger_does_not(self, client: Any, amina: Any, rosa: Any, planned: Any) -> None:
        visit = planned("confirmed")
        client.force_login(amina)
        answer = client.get(about(visit, "calendar"))
        assert (answer["Content-Type"], b"BEGIN:VEVENT" in answer.content) == ("text/calendar; charset=utf-8", True)
        client.force_login(rosa)
        assert client.get(about(visit, "calendar")).status_code == 404


# Queries of each page, session and person included, and whatever stands on top of every page.
BUDGET = {
    "exchange": 12,
    "visit": 12,
    "programme": 8,
    "team": 8,
    "day": 8,
    "confirm": 12,
    "evaluations": 17,
    "print": 8,
}
BUDGET |= {"practical": 8, "documents": 8, "dates": 10, "stop_add": 8}


@pytest.mark.parametrize("name", list(BUDGET))
def test_a_page_costs_the_same_for_a_large_plan(client: Any, amina: Any, planned: Any, name: str) -> None:
    visit = planned("evaluated" if name == "evaluations" else "confirmed")
    client.force_login(amina)
    page = address(name, visit.exchange.reference) if name == "exchange" else about(visit, name)
    counts = []
    for more in (0, 38):
        for _ in range(more):
            make_stop(visit, 2, objectives=list(visit.exchange.objectives.all()))
        for side in Side.values:
            for _ in range(more // 2):
                make_member(visit, side, status="accepted")
        with CaptureQueriesContext(connection) as queries:
            assert client.get(page).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1] <= BUDGET[name]
