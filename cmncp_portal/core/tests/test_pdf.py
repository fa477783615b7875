"""The Typst runner: accessible by itself, inert towards what people wrote, clear about what is wrong."""

from pathlib import Path
from typing import Any

import page
import pytest
from django.test import override_settings

from cmncp_portal.core.pdf import NoPdf, compile_pdf

GOOD = """#let data = json(bytes(sys.inputs.data))
#set document(title: data.title)
#set text(font: "Source Sans Pro", lang: data.language)
= #data.title
#data.text
"""


@pytest.fixture
def templates(tmp_path: Path) -> Any:
    folder = tmp_path / "templates" / "typst"
    folder.mkdir(parents=True)
    with override_settings(BASE_DIR=tmp_path):
        yield folder


@pytest.mark.parametrize("text", ["Évaluation", '#read("/etc/passwd") *no* $x$ @y `z`', "\\ ] ) \" '", "ᓄᓇᕗᑦ", ""])
def test_what_people_wrote_stays_text_and_the_file_is_accessible(templates: Path, text: str) -> None:
    (templates / "a.typ").write_text(GOOD)
    made = compile_pdf("a.typ", {"title": "Rapport", "text": text}, language="fr")
    assert made.startswith(b"%PDF-")
    assert page.validate_pdf_bytes(made).is_compliant


def test_a_template_without_a_title_is_refused(templates: Path) -> None:
    (templates / "a.typ").write_text("= Heading\n")
    with pytest.raises(NoPdf, match=r"a\.typ: .*title"):
        compile_pdf("a.typ", {}, language="en")


def test_a_missing_template_and_a_wrong_one_say_so(templates: Path) -> None:
    with pytest.raises(NoPdf, match="no template b.typ"):
        compile_pdf("b.typ", {}, language="en")
    (templates / "b.typ").write_text("#nonsense")
    with pytest.raises(NoPdf, match="unknown variable: nonsense"):
        compile_pdf("b.typ", {}, language="en")


def test_data_that_is_not_plain_is_refused(templates: Path) -> None:
    (templates / "a.typ").write_text(GOOD)
    with pytest.raises(TypeError):
        compile_pdf("a.typ", {"title": object()}, language="en")
