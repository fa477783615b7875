"""What differs between two texts, versions, and paragraphs with their comments."""

import time
from typing import Any

import pytest

from cmncp_portal.core.markdown import blocks, to_html
from knowledge.models import Comment, Edition
from knowledge.selectors import texts as selectors
from knowledge.services.texts import keep_text

pytestmark = pytest.mark.django_db


def marks(before: str, after: str) -> list[list[tuple[str, str]]]:
    return [[(p.kind, p.text) for p in pieces] for pieces in selectors.differences(before, after)]


class TestDifferences:
    def test_nothing_changed(self) -> None:
        assert marks("One.\n\nTwo.", "One.\r\n \r\nTwo.\n") == [[("same", "One.")], [("same", "Two.")]]

    def test_a_word_in_a_paragraph(self) -> None:
        assert marks("Same.\n\nYoung people meet it most.", "Same.\n\nYoung men meet it most.") == [
            [("same", "Same.")],
            [("same", "Young"), ("removed", "people"), ("added", "men"), ("same", "meet it most.")],
        ]

    def test_a_paragraph_more_and_one_less(self) -> None:
        assert marks("A b c.\n\nOld words.", "New lines here.\n\nA b c.") == [
            [("added", "New lines here.")],
            [("same", "A b c.")],
            [("removed", "Old words.")],
        ]

    def test_a_paragraph_written_anew_is_not_shredded(self) -> None:
        assert marks("Lighting and presence.", "Who pays for all of this?") == [
            [("removed", "Lighting and presence.")],
            [("added", "Who pays for all of this?")],
        ]

    def test_the_lines_of_a_list_stay_lines(self) -> None:
        assert marks("- one\n- two", "- one\n- three") == [
            [("same", "- one\n-"), ("removed", "two"), ("added", "three")]
        ]

    def test_from_nothing_and_to_nothing(self) -> None:
        assert (marks("", "A."), marks("A.", ""), marks("", "")) == (
            [[("added", "A.")]],
            [[("removed", "A.")]],
            [],
        )

    def test_long_and_hostile_texts_take_no_time(self) -> None:
        begun = time.process_time()
        marks("a b " * 10_000, "b a " * 10_000)
        marks("a\n\n" * 10_000, "a\n\nb\n\n" * 5_000)
        assert time.process_time() - begun < 10


class TestBlocks:
    def test_paragraphs_lists_and_headings(self) -> None:
        found = blocks("# Big\n\nOne\nline.\n\n1. a\n\n2. b\n\n---\n\n```\nx\n\ny\n```")
        assert [written for written, _ in found] == ["# Big", "One\nline.", "1. a\n\n2. b", "---", "```\nx\n\ny\n```"]
        assert found[2][1].count("<li>") == 2

    def test_a_link_explained_elsewhere_still_leads_there(self) -> None:
        [(written, html)] = blocks("See [here][x].\n\n[x]: https://a.example")
        assert (written, 'href="https://a.example"' in html) == ("See [here][x].", True)

    def test_together_they_are_the_whole(self) -> None:
        text = "A *b*\n\n- c\n- d\n\n> e\n\n| f |\n|---|\n| g |\n"
        assert "".join(html for _, html in blocks(text)) == to_html(text)

    def test_what_is_hostile_is_inert(self) -> None:
        html = "".join(
            html for _, html in blocks("<script>x</script>\n\n[a](javascript:b)\n\n![c](https://d.example/e)")
        )
        assert "<script" not in html
        assert "javascript:b" not in html.replace("[a](javascript:b)", "")
        assert "<img" not in html


class TestVersions:
    @pytest.fixture
    def edition(self, brief: Any, uma: Any) -> Edition:
        made = brief("draft")
        keep_text(made, "en", seen=1, by=uma, title="Safer streets")
        return keep_text(made, "en", seen=2, by=uma, challenge="New.", investment="None.")

    def test_newest_first_with_who_and_what(self, edition: Edition) -> None:
        rows = selectors.with_changes(edition, list(selectors.versions_of(edition)))
        assert [(r.version, r.saved_by_name, r.before, r.changed) for r in rows] == [
            (3, "Uma Sharma", 2, ["The challenge", "The investment"]),
            (2, "Uma Sharma", 1, ["Title"]),
            (1, "", 0, ["Title", "Summary", "The challenge", "What works", "The investment"]),
        ]

    def test_a_page_of_them_knows_the_one_before(self, edition: Edition) -> None:
        [row] = selectors.with_changes(edition, list(selectors.versions_of(edition)[:1]))
        assert (row.before, row.changed) == (2, ["The challenge", "The investment"])

    def test_the_text_as_it_stood(self, edition: Edition) -> None:
        found = [selectors.texts_at(edition, number) for number in (1, 2, 3, 4, 0)]
        assert [text and (text["title"], text["challenge"][:4]) for text in found] == [
            ("Safe streets", "Stre"),
            ("Safer streets", "Stre"),
            ("Safer streets", "New."),
            None,
            ("", ""),
        ]

    def test_an_empty_beginning_is_no_version(self, brief: Any, uma: Any) -> None:
        edition = keep_text(brief("draft", languages=("en",)), "fr", seen=1, by=uma, title="Sécurité")
        assert [row.version for row in selectors.versions_of(edition)] == [2]

    def test_what_is_said_to_be_final_is_no_new_version(self, edition: Edition) -> None:
        Edition.objects.filter(pk=edition.pk).update(current_at=edition.updated_at)
        assert [row.version for row in selectors.versions_of(edition)] == [3, 2, 1]


class TestSourceChanges:
    def test_since_the_version_that_was_translated(self, brief: Any, uma: Any) -> None:
        made = brief("published")
        keep_text(made, "en", seen=1, by=uma, title="Safer streets")
        changes = selectors.source_changes(made, made.by_language["fr"])
        assert {c.name: c.is_changed for c in changes} == dict.fromkeys(Edition.TEXTS, False) | {"title": True}

    def test_nothing_is_marked_before_there_was_a_translation(self, brief: Any) -> None:
        made = brief("draft", languages=("en",))
        changes = selectors.source_changes(made, None)
        assert [c.is_changed for c in changes] == [False] * 5
        assert len(changes[2].paragraphs) == 2

    def test_nothing_without_an_original(self, brief: Any) -> None:
        assert selectors.source_changes(brief("draft", languages=("fr",)), None) == []


class TestReading:
    def make(self, brief: Any) -> Edition:
        edition: Edition = brief("review").by_language["en"]
        edition.challenge = "First.\n\nSecond.\n\nThird."
        return edition

    def place(self, edition: Edition, paragraph: int, quote: str, field: str = "challenge") -> list[tuple[Any, ...]]:
        comment = Comment(edition=edition, field=field, paragraph=paragraph, quote=quote, text="?")
        sections = selectors.reading(edition, [comment])
        return [(b.name, b.index, c.is_outdated) for s in sections for b in s.blocks for c in b.comments]  # type: ignore[attr-defined]

    def test_paragraphs_are_numbered_through(self, brief: Any) -> None:
        sections = selectors.reading(self.make(brief))
        assert [(s.name, [b.number for b in s.blocks]) for s in sections] == [
            ("title", [1]),
            ("summary", [2]),
            ("challenge", [3, 4, 5]),
            ("what_works", [6]),
            ("investment", [7]),
        ]

    def test_a_comment_stands_by_its_words(self, brief: Any) -> None:
        assert self.place(self.make(brief), 1, "Second.") == [("challenge", 1, False)]

    def test_it_follows_them(self, brief: Any) -> None:
        assert self.place(self.make(brief), 0, "Third.") == [("challenge", 2, False)]

    def test_it_stays_when_they_changed(self, brief: Any) -> None:
        assert self.place(self.make(brief), 1, "Other.") == [("challenge", 1, True)]

    def test_it_never_vanishes(self, brief: Any) -> None:
        edition = self.make(brief)
        assert self.place(edition, 9, "Gone.") == [("challenge", 2, True)]
        edition.investment = ""
        assert self.place(edition, 0, "Gone.", "investment") == [("title", 0, True)]

    def test_a_title_is_no_markdown(self, brief: Any) -> None:
        edition = self.make(brief)
        edition.title = "1. *Safe* <b>streets</b>"
        [block] = selectors.reading(edition)[0].blocks
        assert block.html.strip() == "<p>1. *Safe* &lt;b&gt;streets&lt;/b&gt;</p>"


class TestPeople:
    def test_by_name_or_address(self, uma: Any, amina: Any) -> None:
        from cmncp_portal.network.tests.factories import make_user

        twin = make_user("uma@second.example", name="uma sharma")
        assert selectors.people_called(" UMA@university.example ") == [uma]
        assert selectors.people_called("Uma Sharma") == [uma, twin]
        assert selectors.people_called("Nobody") == []
        twin.is_active = False
        twin.save()
        assert selectors.people_called("uma sharma") == [uma]

    def test_the_network_itself_is_suggested(self, uma: Any, priya: Any, rene: Any, amina: Any) -> None:
        assert list(selectors.suggested_reviewers()) == [priya, rene, uma]
