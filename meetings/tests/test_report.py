"""A meeting on paper: accessible, in both languages, and inert towards what people wrote."""

import re
import time as stopwatch
import zlib
from datetime import UTC, datetime, time
from typing import Any

import page
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cmncp_portal.core.places import Attendance, Status
from cmncp_portal.core.workflow import TransitionRefused
from meetings import report
from meetings.models import Material, Meeting

from .factories import make_item, make_place, make_speaker

pytestmark = pytest.mark.django_db
HOSTILE = '#read("/etc/passwd") *no* _x_ $y$ @z <a> `b` = h \\ ] ) "q" // c 🦫 \u202eאב ᓄᓇᕗᑦ'


def pages_of(made: bytes) -> int:
    """How many pages the file has; Typst packs what describes them."""
    packed = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", made, re.DOTALL)
    text = made + b"".join(_unpacked(part) for part in packed)
    return len(re.findall(rb"/Type\s*/Page\b", text))


def _unpacked(part: bytes) -> bytes:
    try:
        return zlib.decompress(part)
    except zlib.error:
        return b""


@pytest.fixture
def full(meeting: Any) -> Meeting:
    """Two days: a keynote with a speaker and a brief, then two parallel sessions."""
    held = meeting()
    keynote = make_item(
        held, kind="keynote", title_en="What works", title_fr="Ce qui fonctionne", room="Hall A", language="fr",
        interpretation=True, abstract_en="Ten years.", abstract_fr="Dix ans.",
    )  # fmt: skip
    make_speaker(keynote, "Ann Lee", title="Professor", organisation="Lakehead")
    Material.objects.create(
        meeting=held, item=keynote, kind="brief", url="https://a.example/4", title_en="Brief 4", language="en"
    )
    for number, ends in enumerate((time(11), time(11, 30))):
        make_item(held, kind="parallel", starts_at=time(10), ends_at=ends, title_en=f"P{number}", title_fr=f"S{number}")
    return held


class TestProgramme:
    def test_what_it_says_in_english(self, full: Meeting) -> None:
        data = report.programme_data(full, "en")
        assert data["title"] == {"text": "Safer Prairies", "language": "en"}
        assert data["line"] == "Regional meeting, Prairies"
        assert data["facts"] == [
            "April 14–15, 2027, 9:00\u00a0a.m. to 4:00\u00a0p.m.",
            "City Hall, Council Building, 510 Main Street, Winnipeg",
            "Hosted by Winnipeg",
            "Working languages: English and French, with simultaneous interpretation",
            "All times: Winnipeg time.",
        ]
        assert [day["name"] for day in data["days"]] == [
            "Day 1, Wednesday, April 14, 2027",
            "Day 2, Thursday, April 15, 2027",
        ]
        first, second = data["days"][0]["slots"]
        assert first == {
            "clock": "9:00\u00a0a.m. – 10:00\u00a0a.m.",
            "is_parallel": False,
            "sessions": [
                {
                    "title": {"text": "What works", "language": "en"},
                    "details": "Keynote · Hall A · In French, with interpretation",
                    "abstract": {"text": "Ten years.", "language": "en"},
                    "people": [{"name": "Ann Lee", "about": "Speaker, Professor, Lakehead"}],
                    "links": [{"title": {"text": "Brief 4", "language": "en"}, "url": "https://a.example/4"}],
                }
            ],
        }
        assert (second["is_parallel"], second["clock"]) == (True, "10:00\u00a0a.m. – 11:30\u00a0a.m.")
        own = "10:00\u00a0a.m. – 11:00\u00a0a.m. · "
        assert [(s["title"]["text"], s["details"].startswith(own)) for s in second["sessions"]] == [
            ("P0", True),
            ("P1", False),
        ]
        assert data["days"][1]["slots"] == []
        assert data["foot"].startswith("As it stood on February 1, 2027. The latest programme: http")

    def test_what_it_says_in_french(self, full: Meeting) -> None:
        data = report.programme_data(full, "fr")
        assert data["title"] == {"text": "Des Prairies plus sûres", "language": "fr"}
        assert data["facts"][0] == "Du 14 au 15\u00a0avril\u00a02027, de 9\u00a0h à 16\u00a0h"
        assert data["facts"][2] == "Municipalité hôte\u00a0: Winnipeg"
        assert data["days"][0]["name"] == "Jour 1, mercredi 14\u00a0avril\u00a02027"
        session = data["days"][0]["slots"][0]["sessions"][0]
        assert (session["title"], session["abstract"]) == (
            {"text": "Ce qui fonctionne", "language": "fr"},
            {"text": "Dix ans.", "language": "fr"},
        )
        assert session["links"][0]["title"] == {"text": "Brief 4", "language": "en"}
        assert f"/{full.slug}/" in data["foot"]

    @pytest.mark.parametrize("language", ["en", "fr"])
    def test_it_is_accessible_whatever_people_write(self, full: Meeting, language: str) -> None:
        item = make_item(full, day=2, title_en=HOSTILE, title_fr=HOSTILE, abstract_en=HOSTILE, room=HOSTILE[:80])
        make_speaker(item, HOSTILE, title=HOSTILE, organisation=HOSTILE)
        Meeting.objects.update(title_en=HOSTILE, title_fr=HOSTILE, venue=HOSTILE)
        made = report.programme_pdf(Meeting.objects.get(), language)
        assert page.validate_pdf_bytes(made).is_compliant
        assert b"root:" not in made

    def test_an_empty_one_and_those_that_do_not_take_place(self, meeting: Any) -> None:
        assert page.validate_pdf_bytes(report.programme_pdf(meeting("idea"), "fr")).is_compliant
        found = {stage: report.programme_data(meeting(stage), "en")["warning"] for stage in ("postponed", "cancelled")}
        assert found == {
            "postponed": "This meeting is postponed. A new date will be set.",
            "cancelled": "This meeting does not take place.",
        }


class TestBadges:
    def test_one_for_each_registered_person_by_name(
        self, meeting: Any, winnipeg: Any, thunder_bay: Any, rosa: Any
    ) -> None:
        held = meeting(mode="hybrid")
        thunder_bay.name_fr = "Baie-du-Tonnerre"
        thunder_bay.save()
        item = make_item(held)
        make_speaker(item, "Rosa Morin", stakeholder=rosa.stakeholders.get(), role="moderator")
        make_speaker(item, "Ann Lee", email="ANN@x.example")
        make_speaker(item, "Joe Doe")
        make_place(held, "z@x.example", winnipeg, name="Zoé Roy", title="Planner")
        make_place(held, "ann@x.example", name="Ann Lee", organisation="Lakehead University")
        make_place(held, "rosa@home.example", thunder_bay, name="Rosa Morin", stakeholder=rosa.stakeholders.get())
        make_place(held, "joe@x.example", name="Joe Doe")
        make_place(held, "online@x.example", name="From Afar", attends="online")
        for status in (Status.WAITING, Status.REQUESTED, Status.CANCELLED, Status.DECLINED):
            make_place(held, name=f"Not {status}", status=status)
        badges = report.badges_data(held, "en")["badges"]
        assert [(b["name"], b["title"], b["place"], b["role"]) for b in badges] == [
            ("Ann Lee", "", "Lakehead University", "Speaker"),
            ("Joe Doe", "", "", "Speaker"),
            ("Rosa Morin", "", "Thunder Bay", "Moderator"),
            ("Zoé Roy", "Planner", "Winnipeg", ""),
        ]
        assert report.badges_data(held, "fr")["badges"][2]["place"] == "Baie-du-Tonnerre"

    def test_long_names_are_smaller_and_long_titles_shorter(self, meeting: Any) -> None:
        held = meeting()
        for length in (14, 15, 60, 61, 200):
            make_place(held, name=f"{length:03d}".ljust(length, "x"), title="t" * 200)
        badges = report.badges_data(held, "en")["badges"]
        assert [(len(b["name"]), b["size"]) for b in badges] == [(14, 28), (15, 24), (60, 15), (61, 11), (200, 11)]
        assert {len(b["title"]) for b in badges} == {90}

    @pytest.mark.parametrize(("people", "pages"), [(0, 1), (1, 1), (8, 1), (9, 2)])
    def test_eight_on_a_page_and_accessible(self, meeting: Any, people: int, pages: int) -> None:
        held = meeting()
        for number in range(people):
            make_place(held, name=f"{number} {HOSTILE}", title=HOSTILE, organisation=HOSTILE)
        made = report.badges_pdf(held, "fr")
        assert page.validate_pdf_bytes(made).is_compliant
        assert pages_of(made) == pages

    @pytest.mark.slow
    def test_five_hundred_in_a_moment_and_three_queries(self, meeting: Any, winnipeg: Any) -> None:
        held = meeting()
        for number in range(500):
            make_place(held, f"p{number}@x.example", winnipeg, name=f"Person Number {number}", title="Planner")
        began = stopwatch.monotonic()
        with CaptureQueriesContext(connection) as queries:
            made = report.badges_pdf(held, "en")
        assert stopwatch.monotonic() - began < 10
        assert (len(queries), pages_of(made)) == (2, 63)


class TestCertificate:
    def test_what_it_states_in_both_languages(self, meeting: Any, winnipeg: Any, clock: Any) -> None:
        held = meeting("held")
        place = make_place(
            held, "ann@x.example", winnipeg, name="Ann Lee", title="Planner", attendance=Attendance.PRESENT
        )
        clock.move_to(datetime(2027, 4, 20, 15, tzinfo=UTC))
        data = report.certificate_data(place, "en")
        known = data.pop("network")
        url = data["about"].rpartition(", ")[2]
        assert url.endswith(f"/{held.slug}/")
        assert data == {
            "heading": "Certificate of attendance",
            "title": "Certificate of attendance\u00a0– Ann Lee",
            "name": "Ann Lee",
            "of": "Planner, Winnipeg",
            "attended": "attended",
            "meeting": "Safer Prairies",
            "kind": "Regional meeting, Prairies",
            "days": "April 14–15, 2027",
            "place": "City Hall, Council Building, 510 Main Street, Winnipeg",
            "organised": f"Organised by {known}, hosted by Winnipeg.",
            "issued": "Issued on April 20, 2027.",
            "about": f"The meeting: Safer Prairies, {url}",
        }
        french = report.certificate_data(place, "fr")
        assert {name: french[name] for name in ("heading", "attended", "days", "issued", "meeting")} == {
            "heading": "Attestation de participation",
            "attended": "a participé à",
            "days": "Du 14 au 15\u00a0avril\u00a02027",
            "issued": "Attestation délivrée le 20\u00a0avril\u00a02027.",
            "meeting": "Des Prairies plus sûres",
        }

    @pytest.mark.parametrize("language", ["en", "fr"])
    def test_it_is_accessible_whatever_people_write(self, meeting: Any, language: str) -> None:
        place = make_place(
            meeting("held"), name=HOSTILE, title=HOSTILE, organisation=HOSTILE, attendance=Attendance.REMOTE
        )
        made = report.certificate_pdf(place, language)
        assert page.validate_pdf_bytes(made).is_compliant
        assert pages_of(made) == 1
        assert report.certificate_data(place, "en")["attended"] == "took part online in"

    @pytest.mark.parametrize(
        "fields",
        [
            {"attendance": Attendance.UNKNOWN},
            {"attendance": Attendance.EXCUSED},
            {"attendance": Attendance.ABSENT},
            {"attendance": Attendance.PRESENT, "status": Status.CANCELLED},
        ],
    )
    def test_only_for_who_came(self, meeting: Any, fields: dict[str, Any]) -> None:
        place = make_place(meeting("held"), **fields)
        with pytest.raises(TransitionRefused, match="A certificate is for those whose attendance was noted."):
            report.certificate_pdf(place, "en")

    def test_one_day_in_french_has_its_article(self, meeting: Any) -> None:
        held = meeting("held", ends_on=datetime(2027, 4, 14, tzinfo=UTC).date())
        place = make_place(held, attendance=Attendance.PRESENT)
        assert report.certificate_data(place, "fr")["days"] == "Le 14\u00a0avril\u00a02027"
