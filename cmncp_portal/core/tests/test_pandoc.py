"""Documents by pandoc: what it makes, and that a refusal, a missing program and a long wait each say what they are."""

import pytest

from cmncp_portal.core import pandoc


def test_one_kind_of_document_from_another() -> None:
    made = pandoc.converted(b"# Safe streets\n\nLight them.\n", source="commonmark", to="html")
    assert made.decode() == "<h1>Safe streets</h1>\n<p>Light them.</p>\n"


def test_options_are_passed_on() -> None:
    made = pandoc.converted(b"one\ntwo\n", source="commonmark", to="plain", options=("--wrap=preserve",))
    assert made.decode() == "one\ntwo\n"


def test_a_document_reads_no_file_of_the_machine() -> None:
    """The sandbox: what a document names is not opened."""
    with pytest.raises(pandoc.PandocFailed, match=r"sandbox|os-release"):
        pandoc.converted(b".. include:: /etc/os-release\n", source="rst", to="plain", options=("--fail-if-warnings",))


def test_a_refusal_gives_pandocs_reason() -> None:
    with pytest.raises(pandoc.PandocFailed, match="JSON") as refused:
        pandoc.converted(b"{}", source="json", to="docx")
    assert not isinstance(refused.value, pandoc.NoPandoc)


def test_it_is_not_waited_for_long() -> None:
    with pytest.raises(pandoc.PandocFailed, match="timed out"):
        pandoc.converted(b"word", source="commonmark", to="docx", seconds=0.001)


def test_a_missing_pandoc_says_nothing_about_the_document(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pandoc, "PANDOC", "/no/pandoc")
    with pytest.raises(pandoc.NoPandoc, match="No such file"):
        pandoc.converted(b"word", source="commonmark", to="docx")
