"""The PDF is accessible whatever people wrote, Word and CSV stay inert; numbers in words."""

from io import BytesIO
from typing import Any
from xml.etree import ElementTree
from zipfile import ZipFile

import page
import pytest

from cmncp_portal.reporting.selectors.wording import change_in_words, dimension_in_words, number_in_words
from cmncp_portal.reporting.services import writing
from cmncp_portal.reporting.services.files import file_name
from cmncp_portal.reporting.services.table import csv_of

from .factories import World, filed, frozen, make_report, written
from .reading import bytes_of, docx_text, pdf_text, table

NB = "\u00a0"


@pytest.mark.django_db
@pytest.mark.slow
class TestFiles:
    @pytest.mark.parametrize("language", ["en", "fr"])
    def test_a_pdf_is_accessible(self, world: World, priya: Any, language: str) -> None:
        snapshot = filed(written(make_report(priya), priya), priya, note_en="Corrected.", note_fr="Corrigé.")
        pdf = bytes_of(snapshot, "pdf", language)
        assert page.validate_pdf_bytes(pdf).is_compliant
        assert f"/Lang({language}-CA)".encode() in pdf
        assert {"en": "Corrected.", "fr": "Corrigé."}[language] in pdf_text(pdf)

    def test_without_comparison_text_or_people(self, world: World, priya: Any) -> None:
        report = make_report(
            priya, indicators=["visits-held"], funder="", compares_from_on=None, compares_until_on=None
        )
        snapshot = filed(report, priya)
        assert page.validate_pdf_bytes(bytes_of(snapshot, "pdf", "fr")).is_compliant
        text = docx_text(bytes_of(snapshot, "docx", "en"))
        assert "Report, April 1, 2026 – March 31, 2027." in text
        assert ("Before" in text, "hidden" in text.lower()) == (False, False)

    def test_what_people_wrote_stays_words(self, world: World, priya: Any) -> None:
        report = make_report(priya, title_en='=1+1 #read("x") <b>', title_fr="$x$ *no*", funder="@SUM(1)")
        long = "x" * 300
        writing.write(report, "summary", seen=1, by=priya, text_en=f"{long}\r\n\r\n<script>", text_fr="")
        writing.link_case(report, "summary", by=priya, path="/en/", title_en="=cmd()", title_fr="=cmd()")
        snapshot = filed(report, priya)
        for language in ("en", "fr"):
            pdf = bytes_of(snapshot, "pdf", language)
            assert page.validate_pdf_bytes(pdf).is_compliant
            assert "<script>" in pdf_text(pdf)  # the French report has the English text where there is no other
            assert "<script>" in docx_text(bytes_of(snapshot, "docx", language))
        rows = table(bytes_of(snapshot, "csv", "en"))
        assert not any(cell.startswith(("=", "@")) for row in rows for cell in row.values())

    def test_word_opens_whatever_the_title_holds(self, world: World, priya: Any) -> None:
        snapshot = filed(make_report(priya, title_en="The\x0b year\x01"), priya)
        with ZipFile(BytesIO(bytes_of(snapshot, "docx", "en"))) as packed:
            parts = {name: packed.read(name) for name in packed.namelist() if name.endswith(".xml")}
        titles = [
            ElementTree.fromstring(part).findtext("{http://purl.org/dc/elements/1.1/}title")  # noqa: S314  (made here)
            for part in parts.values()
        ]
        assert [title for title in titles if title] == ["The year"]

    def test_the_csv_word_for_word(self, world: World, priya: Any) -> None:
        snapshot = frozen(make_report(priya), priya)
        lines = csv_of(snapshot, "en").decode("utf-8-sig").splitlines()
        assert lines[:2] == [
            'Section,Code,Figure,By,Group,Value,Unit,n,Out of,Hidden,Left out,Why left out,Before,N before,"Out of, before",Definition,Where it comes from,Version of the definition',
            'What was done,visits-held,Visits held,,All,7,number,7,,,1,They were called off.,4,4,,"Visits held, defined.",The funder,1',
        ]

    def test_names(self, world: World, priya: Any) -> None:
        snapshot = frozen(make_report(priya), priya)
        assert sorted(file_name(file, snapshot) for file in snapshot.files.all()) == [
            *(f"rapport-2026-04-01-2027-03-31-1-fr.{format}" for format in ("csv", "docx", "pdf")),
            *(f"report-2026-04-01-2027-03-31-1-en.{format}" for format in ("csv", "docx", "pdf")),
        ]


@pytest.mark.parametrize(
    ("value", "unit", "english", "french"),
    [
        (None, "count", "—", "—"),
        (1234, "count", "1,234", f"1{NB}234"),
        (45.5, "percent", "45.5%", f"45,5{NB}%"),
        (4.25, "mean", "4.25", "4,25"),
        (1.5, "days", "1.5 days", f"1,5{NB}jour"),
        (2.0, "days", "2.0 days", f"2,0{NB}jours"),
        (3.5, "hours", "3.5 h", f"3,5{NB}h"),
        (125000, "dollars", "$125,000", f"125{NB}000{NB}$"),
    ],
)
def test_numbers(value: Any, unit: str, english: str, french: str) -> None:
    assert (number_in_words(value, unit, "en"), number_in_words(value, unit, "fr")) == (english, french)


@pytest.mark.parametrize(
    ("now", "before", "unit", "english", "french"),
    [
        (7, 4, "count", "+3", "+3"),
        (4, 7, "count", "−3", "−3"),
        (45.5, 43.0, "percent", "+2.5 points", f"+2,5{NB}points"),
        (43.0, 44.0, "percent", "−1.0 point", f"−1,0{NB}point"),
        (4.1, 4.3, "mean", "−0.20", "−0,20"),
        (4, None, "count", "—", "—"),
        (None, 4, "count", "—", "—"),
    ],
)
def test_changes(now: Any, before: Any, unit: str, english: str, french: str) -> None:
    assert (change_in_words(now, before, unit, "en"), change_in_words(now, before, unit, "fr")) == (english, french)


def test_an_unknown_dimension_has_its_own_word() -> None:
    assert (dimension_in_words("size", "fr"), dimension_in_words("kind_of_visit", "en")) == ("Taille", "Kind of visit")
