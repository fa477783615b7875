"""A Word document as the beginning of a brief: what comes along, what is said to be left out, what is refused."""

import subprocess
import zipfile
from functools import cache
from io import BytesIO
from typing import Any

import pypandoc
import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import translation

from cmncp_portal.testing.pages import said, text_of
from knowledge.models import ActionBrief, Edition
from knowledge.services import word

pytestmark = pytest.mark.django_db
TEXT = """
Before *anything*.

# Summary

Short & <b>plain</b>.

# The challenge:

## Who is hurt

Young people.

# What works

- Lighting
- Presence

| a | b |
|---|---|
| 1 | 2 |

# L’investissement

One dollar, [says](https://a.example) the [file](file:///etc/passwd) and [script](javascript:alert(1)).
"""


@cache
def document(text: str = TEXT, title: str = "Safe streets") -> bytes:
    """A .docx file with the words of Markdown `text`, as Word would have saved them."""
    made = subprocess.run(
        [pypandoc.get_pandoc_path(), "--from=markdown-raw_html", "--to=docx", f"--metadata=title:{title}", "--output=-"],
        input=text.encode(), capture_output=True, check=True,
    )  # fmt: skip
    return made.stdout


def changed(data: bytes, parts: dict[str, bytes]) -> bytes:
    """The archive with some parts added or replaced."""
    packed = BytesIO()
    with zipfile.ZipFile(BytesIO(data)) as before, zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as after:
        for entry in before.infolist():
            after.writestr(entry.filename, parts.get(entry.filename, before.read(entry)))
        for name in parts.keys() - set(before.namelist()):
            after.writestr(name, parts[name])
    return packed.getvalue()


class TestReading:
    def test_texts_by_their_headings(self) -> None:
        draft = word.read_word(document(), "x.docx")
        assert draft.texts == {
            "title": "Safe streets",
            "summary": "Short & \\<b\\>plain\\</b\\>.",
            "challenge": "Before *anything*.\n\n### Who is hurt\n\nYoung people.",
            "what_works": "- Lighting\n- Presence\n\n| a   | b   |\n|-----|-----|\n| 1   | 2   |",
            "investment": "One dollar, [says](https://a.example) the file and script.",
        }
        assert draft.left_out == ("Links that do not lead to the web were left out; their words are there.",)

    def test_without_known_headings_all_is_the_challenge(self) -> None:
        draft = word.read_word(document("# Streets at *night*\n\nDark.\n\n# More\n\nDarker.", ""), "x.docx")
        assert (draft.texts["title"], draft.texts["challenge"]) == (
            "Streets at night",
            "Dark.\n\n### More\n\nDarker.",
        )
        assert draft.left_out == ("No heading was recognized: all of the text is in “The challenge”.",)

    def test_without_any_heading_the_file_gives_the_name(self) -> None:
        draft = word.read_word(document("Dark.", ""), "Safe_streets 2.docx")
        assert (draft.texts["title"], draft.texts["challenge"]) == ("Safe streets 2", "Dark.")

    def test_footnotes_and_comments_are_told(self) -> None:
        data = changed(
            document("A.^[Note.]\n\n# Summary\n\nBright.", "T"),
            {"word/comments.xml": b"<w:comments><w:comment w:id='1'/></w:comments>"},
        )
        draft = word.read_word(data, "x.docx")
        assert draft.left_out == (
            "The comments of the document were left out.",
            "Footnotes stand at the end as plain text.",
        )

    def test_a_picture_is_told(self) -> None:
        texts = 'A ![alt \\[x\\]](media/a.png) b ![](media/c.png "t").'
        assert (word.PICTURE.sub("", texts), len(word.PICTURE.findall(texts))) == ("A  b .", 2)

    @pytest.mark.parametrize("title", ["a: 'b' \"c\" #x [y] *z* d_e", "'a'", '"b"', "- c", "L’été : 2 > 1"])
    def test_signs_in_a_title_are_signs(self, title: str) -> None:
        assert word.read_word(document("# Summary\n\nBright.", title), "x.docx").texts["title"] == title

    def test_a_long_title_is_cut_and_told(self) -> None:
        draft = word.read_word(document("# Summary\n\nBright.", "word " * 60), "x.docx")
        assert (len(draft.texts["title"]) <= 200, draft.left_out) == (True, ("The title was cut.",))


class TestHostile:
    def refused(self, data: bytes) -> str:
        with pytest.raises(ValidationError) as caught:
            word.read_word(data, "x.docx")
        assert not ActionBrief.objects.exists()
        return caught.value.messages[0]

    @pytest.mark.parametrize("data", [b"", b"PK\x03\x04", b"PK\x03\x04" + b"x" * 5000, document()[:2000]])
    def test_no_archive(self, data: bytes) -> None:
        assert self.refused(data) == "This is not a Word document that can be read."

    def test_an_archive_of_something_else(self) -> None:
        packed = BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            archive.writestr("a.txt", "a")
        assert self.refused(packed.getvalue()) == "This is not a Word document that can be read."

    def test_words_that_are_no_xml(self) -> None:
        assert self.refused(changed(document(), {"word/document.xml": b"<w:document"})).startswith("This is not")

    def test_a_bomb(self) -> None:
        data = changed(document(), {"word/media/a.bin": b"\x00" * (61 * 1024 * 1024)})
        assert len(data) < 1024 * 1024
        assert self.refused(data) == "The document is too large when it is unpacked."

    def test_a_bomb_that_lies_about_its_size(self) -> None:
        data = changed(document(), {"word/media/a.bin": b"\x00" * 1_000_000})
        size = (1_000_000).to_bytes(4, "little")
        assert size in data
        assert self.refused(data.replace(size, (10).to_bytes(4, "little"))).startswith("This is not")

    def test_very_many_parts(self) -> None:
        assert self.refused(changed(document(), {f"a{n}": b"" for n in range(2001)})).startswith("The document is too")

    def test_words_that_stand_for_millions(self) -> None:
        bomb = b'<!DOCTYPE w [<!ENTITY a "aaaa">]><w:document xmlns:w="x">&a;</w:document>'
        assert self.refused(changed(document(), {"word/document.xml": bomb})).startswith("This is not")

    def test_macros(self) -> None:
        message = self.refused(changed(document(), {"word/vbaProject.bin": b"x"}))
        assert message == "The document contains macros. Save it in Word as a document without macros first."

    def test_what_lies_elsewhere_is_not_fetched(self) -> None:
        rels = (
            b'<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
            b'<Relationship Id="rId99" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/'
            b'attachedTemplate" Target="http://127.0.0.1:9/evil.dotm" TargetMode="External"/></Relationships>'
        )
        draft = word.read_word(changed(document(), {"word/_rels/settings.xml.rels": rels}), "x.docx")
        assert "127.0.0.1" not in "".join(draft.texts.values())


class TestPage:
    def address(self, language: str = "en") -> str:
        with translation.override(language):
            return reverse("knowledge:word_import")

    def send(self, client: Any, data: bytes, name: str = "x.docx", language: str = "en") -> Any:
        file = SimpleUploadedFile(name, data)
        return client.post(self.address(language), {"file": file, "language": language})

    def test_a_document_becomes_an_idea(self, client: Any, uma: Any, clock: Any) -> None:
        client.force_login(uma)
        assert client.get(self.address()).status_code == 200
        answer = self.send(client, document())
        made = ActionBrief.objects.get()
        assert (made.state, made.source_language, made.state_of("en"), made.state_of("fr")) == (
            "idea",
            "en",
            "draft",
            "missing",
        )
        assert answer["Location"] == reverse("knowledge:text", args=[made.slug, "en"])
        assert said(client, answer) == [
            "The document is a brief now. Please read it over: nothing but its words was taken.",
            "Links that do not lead to the web were left out; their words are there.",
        ]
        assert made.by_language["en"].saved_by_name == "Uma Sharma"

    def test_in_french(self, client: Any, uma: Any, clock: Any) -> None:
        client.force_login(uma)
        self.send(client, document("# Résumé\n\nCourt.\n\n# L'enjeu\n\nLa nuit.", "La nuit"), language="fr")
        edition = Edition.objects.get(language="fr")
        assert (edition.title, edition.summary, edition.challenge) == ("La nuit", "Court.", "La nuit.")

    def test_sent_twice_it_is_one(self, client: Any, uma: Any, clock: Any) -> None:
        client.force_login(uma)
        places = {self.send(client, document())["Location"] for _ in range(2)}
        assert (len(places), ActionBrief.objects.count()) == (1, 1)

    @pytest.mark.parametrize(
        ("name", "data", "words"),
        [
            ("x.pdf", b"%PDF-1.7", "Choose a Word document whose name ends with .docx."),
            ("x.docm", b"PK\x03\x04", "This kind of file cannot be kept here."),
            ("x.docx", b"MZ", "The file is not what its name says."),
            ("x.docx", b"PK\x03\x04nothing", "This is not a Word document that can be read."),
            ("x.docx", b"PK\x03\x04" + b"0" * (10 * 1024 * 1024), "The file is larger than 10 MB."),
        ],
    )
    def test_what_is_no_document_comes_back(
        self, client: Any, uma: Any, clock: Any, name: str, data: bytes, words: str
    ) -> None:
        client.force_login(uma)
        page = self.send(client, data, name)
        assert (page.status_code, page.context["form"].errors) == (422, {"file": [words]})
        assert not ActionBrief.objects.exists()

    def test_nothing_chosen(self, client: Any, uma: Any) -> None:
        client.force_login(uma)
        page = client.post(self.address(), {})
        assert (page.status_code, sorted(page.context["form"].errors)) == (422, ["file", "language"])

    def test_who_does_not_write(self, client: Any, priya: Any, amina: Any) -> None:
        for person in (priya, amina):
            client.force_login(person)
            assert (client.get(self.address()).status_code, self.send(client, document()).status_code) == (403, 403)

    def test_hostile_words_are_words(self, client: Any, uma: Any, clock: Any) -> None:
        client.force_login(uma)
        page = client.get(
            self.send(client, document("# Summary\n\n\\<script\\>alert(1)\\</script\\>", "T"))["Location"]
        )
        assert "<script>alert" not in text_of(page)
        assert "&lt;script&gt;alert(1)" in text_of(page)
