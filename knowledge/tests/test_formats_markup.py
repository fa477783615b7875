"""From Markdown to files: valid, in their language, accessible, and inert towards what people wrote."""

import io
import re
import zipfile
from typing import Any
from xml.etree import ElementTree

import page
import pytest

from knowledge.models import ActionBrief, Source
from knowledge.services.formats_blocks import blocks_of

from .factories import make_number, make_series, make_step
from .made import TYPOGRAPHY, full_brief, made, parts_of, unpacked, words_in

pytestmark = pytest.mark.django_db
HOSTILE = f"""# Harmless <script>alert("h")</script>

<script>alert(1)</script> #read("/etc/passwd") $x$ @ref <label> // c /* d */ \\u{{202e}}

```{{=typst}}
#read("/etc/passwd")
```

`#sys.exit()`{{=openxml}} `<w:p/>`{{=html}} <!-- hidden --> &lt;b&gt; \\input{{/etc/passwd}}

---
title: "Other title"
css: /etc/passwd
---

[js](javascript:alert(1)) [file](file:///etc/passwd) [data](data:text/html,x) [ftp](ftp://a.example/x) [here](/etc/passwd)
[mail](mailto:a@b.example) [ok](https://ok.example/?a=1&b="2") ![alt words](file:///etc/shadow) [ref] [^1]

[ref]: javascript:alert(2)
[^1]: Footnote {{.class #id}}

{"x" * 5000} https://long.example/{"a/" * 700} {"*a **b " * 400}

| <b>A</b> | #B |
|---|---|
| `c` | [d](vbscript:x) |

##### Skips levels

# ](http://x.example) {TYPOGRAPHY} 🦫 \u202eאב ᓄᓇᕗᑦ \x0b\x01\ufeff\uffff

{"> " * 40}deep

{"".join("  " * depth + "- level" + chr(10) for depth in range(30))}
"""
# Words of people that a reader must be able to see as they were typed, in every format.
SEEN = [
    "deep",
    "Skips levels",
    TYPOGRAPHY,
    "<script>alert(1)</script>",
    '#read("/etc/passwd")',
    "<!-- hidden -->",
    "`<w:p/>`",
]


@pytest.fixture
def full(clock: Any) -> ActionBrief:
    return full_brief()


# ---- Markdown as blocks


def test_markdown_becomes_blocks() -> None:
    text = "A *b **c*** `d`  \ne [f](https://f.example/) ![g](x.png)\n\n3. h\n\n   - i\n\n> j\n\n| k | l |\n|-|-|\n| | **m** |\n\n---\n\n    n"
    line = [
        {"text": "A "}, {"text": "b ", "italic": True}, {"text": "c", "bold": True, "italic": True}, {"text": " "},
        {"text": "d", "code": True}, {"break": True}, {"text": "e "}, {"text": "f", "url": "https://f.example/"}, {"text": " g"},
    ]  # fmt: skip

    def p(words: str) -> dict[str, Any]:
        return {"kind": "paragraph", "runs": [{"text": words}]}

    assert blocks_of(text) == [
        {"kind": "paragraph", "runs": line},
        {"kind": "list", "ordered": True, "start": 3, "items": [
            [p("h"), {"kind": "list", "ordered": False, "start": 1, "items": [[p("i")]]}]
        ]},
        {"kind": "quote", "blocks": [p("j")]},
        {"kind": "table", "head": [[{"text": "k"}], [{"text": "l"}]], "rows": [[[], [{"text": "m", "bold": True}]]]},
        {"kind": "rule"},
        {"kind": "code", "text": "n"},
    ]  # fmt: skip


def test_headings_go_down_one_by_one_and_empty_ones_are_none() -> None:
    found = blocks_of("# a\n#### b\n###### c\n## d\n#\n# e\n\n## f\n### g\n#### h\n##### i\n")
    assert [(one["runs"][0]["text"], one["level"]) for one in found] == [
        ("a", 3), ("b", 4), ("c", 5), ("d", 4), ("e", 3), ("f", 4), ("g", 5), ("h", 6), ("i", 6),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("written", "runs"),
    [
        ("[a](http://b.example/c?d=1#e)", [{"text": "a", "url": "http://b.example/c?d=1#e"}]),
        ("[a](mailto:b@c.example)", [{"text": "a"}, {"text": " (b@c.example)"}]),
        ("<b@c.example>", [{"text": "b@c.example"}]),
        ("[a](javascript:b)", [{"text": "[a](javascript:b)"}]),
        ("[a](file:///b)", [{"text": "[a](file:///b)"}]),
        ("[a](ftp://b.example)", [{"text": "a"}]),
        ("[a](//b.example)", [{"text": "a"}]),
        ("[a](/en/)", [{"text": "a"}]),
        ("[a](http://)", [{"text": "a"}]),
        (f"[a](https://b.example/{'c' * 2000})", [{"text": "a"}]),
        ("<i>a</i>", [{"text": "<i>a</i>"}]),
        ("a\x00\x0b\u202eb", [{"text": "ab"}]),
    ],
)
def test_links_lead_to_web_pages_only(written: str, runs: list[dict[str, Any]]) -> None:
    found = blocks_of(written)[0]["runs"]
    assert "".join(one["text"] for one in found) == "".join(one["text"] for one in runs)
    assert [one["url"] for one in found if "url" in one] == [one["url"] for one in runs if "url" in one]


def test_what_is_nested_too_deep_stands_beside() -> None:
    def depth(blocks: list[dict[str, Any]]) -> int:
        inside = [depth(part) for one in blocks for part in [*one.get("items", []), one.get("blocks", [])]]
        return max((1 + each for each in inside), default=0)

    deep = blocks_of("".join("  " * level + f"- {level}\n" for level in range(30)) + "\n" + "> " * 40 + "end\n\nafter")
    assert depth(deep) <= 6
    assert [int(text) for text in re.findall(r"'text': '(\d+)'", str(deep))] == list(range(30))
    assert str(deep).count("'end'") == str(deep).count("'after'") == 1


# ---- the files


@pytest.mark.parametrize(("format", "language"), [("pdf", "en"), ("pdf", "fr"), ("large", "en"), ("large", "fr")])
def test_a_pdf_is_accessible(full: ActionBrief, format: str, language: str) -> None:
    pdf = made(full, format, language)
    assert page.validate_pdf_bytes(pdf).is_compliant
    assert b"/Lang" in pdf


def test_a_word_document_is_accessible(brief: Any) -> None:
    table = "| A | B |\n|-|-|\n| 1 | 2 |"
    source = brief("published", fr={"challenge": f"{table}\n\n## Pourquoi\n\n{TYPOGRAPHY}"})
    parts = parts_of(made(source, "docx", "fr"))
    assert "<dc:title>Sécurité dans les rues</dc:title>" in parts["docProps/core.xml"]
    assert "<dc:language>fr-CA</dc:language>" in parts["docProps/core.xml"]
    assert re.findall(r"<dcterms:(\w+)[^>]*>([^<]+)<", parts["docProps/core.xml"]) == [
        ("created", "2027-01-15T12:00:00Z"),
        ("modified", "2027-01-15T12:00:00Z"),
    ]
    assert re.findall(r'<w:lang [^>]*w:val="([^"]+)"', parts["word/styles.xml"]) == ["fr-CA"]
    assert len(re.findall(r"<w:tblHeader", parts["word/document.xml"])) == 1
    styles = re.findall(r'<w:pStyle w:val="(Title|Heading\d)"', parts["word/document.xml"])
    assert styles[:4] == ["Title", "Heading1", "Heading1", "Heading2"]
    assert TYPOGRAPHY in words_in(parts["word/document.xml"])


def test_an_e_book_is_accessible(full: ActionBrief) -> None:
    book = made(full, "epub", "fr")
    with zipfile.ZipFile(io.BytesIO(book)) as packed:
        first = packed.infolist()[0]
    assert (first.filename, first.compress_type) == ("mimetype", zipfile.ZIP_STORED)  # as the format demands
    parts = parts_of(book)
    about = parts["EPUB/content.opf"]
    assert '<package version="3.0"' in about
    assert "<dc:language>fr-CA</dc:language>" in about
    assert '<meta property="dcterms:modified">2027-01-15T12:00:00Z</meta>' in about
    told = dict(re.findall(r'property="schema:(\w+)">([^<]+)<', about))
    assert told["accessMode"] == told["accessModeSufficient"] == "textual"
    assert told["accessibilityHazard"] == "none"
    assert told["accessibilitySummary"].startswith("Le texte de ce livre peut être lu à voix haute")
    pages = {name: text for name, text in parts.items() if name.endswith(".xhtml")}
    assert {re.search(r'<html[^>]* lang="([^"]+)"', text).group(1) for text in pages.values()} == {"fr-CA"}  # type: ignore[union-attr]
    titles = {re.search(r"<title>(.*?)</title>", text, re.DOTALL).group(1).strip() for text in pages.values()}  # type: ignore[union-attr]
    assert titles == {"Sécurité dans les rues"}
    assert "Ce qui fonctionne" in pages["EPUB/nav.xhtml"]
    for text in pages.values():
        ElementTree.fromstring(text)  # noqa: S314  (made here)


# ---- what people may write


@pytest.fixture
def hostile(brief: Any) -> ActionBrief:
    texts = dict.fromkeys(("summary", "challenge", "what_works", "investment"), HOSTILE)
    found: ActionBrief = brief(
        "published", series=make_series(title_en="<s>#s[x]", title_fr="#s"), number=1,
        authors='#a <b>"', en=texts | {"title": '<t>#t[x] "$'}, fr=texts,
    )  # fmt: skip
    make_number(found, label_en=HOSTILE[:200], source="#n <b> [x](javascript:1)", source_url="ftp://n.example/")
    make_step(found, text_en=HOSTILE, text_fr=HOSTILE)
    Source.objects.create(brief=found, citation=HOSTILE, url="javascript:alert(1)")
    return found


@pytest.mark.parametrize("format", ["pdf", "large"])
def test_nothing_becomes_markup_in_a_pdf(hostile: ActionBrief, format: str) -> None:
    pdf = made(hostile, format)
    assert page.validate_pdf_bytes(pdf).is_compliant
    inside = unpacked(pdf)
    links = set(re.findall(rb"/URI\s*\(([^)]*)\)", inside))
    assert (b"https://ok.example/?a=1&b=%222%22" in links, [one for one in links if not one.startswith(b"http")]) == (
        True,
        [],
    )
    assert [
        word for word in (b"root:", b"/JavaScript", b"/Launch", b"/EmbeddedFile", b"/GoToR") if word in inside
    ] == []


def test_nothing_becomes_markup_in_a_word_document(hostile: ActionBrief) -> None:
    parts = parts_of(made(hostile, "docx"))
    assert [name for name in parts if "vba" in name.lower() or "media" in name or "embed" in name] == []
    outside = [
        (kind.rpartition("/")[2], target.partition(":")[0])
        for name, text in parts.items()
        if name.endswith(".rels")
        for kind, target in re.findall(r'Type="([^"]+)"[^>]*Target="([^"]+)" TargetMode="External"', text)
    ]
    assert set(outside) == {("hyperlink", "https")}
    assert sum(text.count('TargetMode="External"') for text in parts.values()) == len(outside)
    words = words_in(parts["word/document.xml"])
    assert [one for one in SEEN if one not in words] == []
    assert "root:" not in words
    assert {int(level) for level in re.findall(r'<w:ilvl w:val="(\d+)"', parts["word/document.xml"])} <= set(range(9))
    assert "instrText" not in parts["word/document.xml"]  # no fields


def test_nothing_becomes_markup_in_an_e_book(hostile: ActionBrief) -> None:
    parts = parts_of(made(hostile, "epub"))
    pages = {name: text for name, text in parts.items() if name.endswith((".xhtml", ".opf", ".ncx"))}
    found: set[str] = set()
    for text in pages.values():
        tree = ElementTree.fromstring(text)  # noqa: S314  (made here)
        found |= {node.tag.rpartition("}")[2] for node in tree.iter()}
        for node in tree.iter():
            assert [name for name in node.attrib if name.startswith("on")] == []
            target = node.get("href") or node.get("src") or ""
            assert re.match(r"(https://|[\w./]*(#[\w.-]+)?$)", target), target
    assert found & {"script", "img", "iframe", "object", "b", "embed", "form", "style"} == {"style"}
    words = "".join(words_in(text) for text in pages.values())
    assert [one for one in SEEN if one not in words] == []


def test_plain_text_says_what_was_typed(hostile: ActionBrief) -> None:
    text = made(hostile, "txt").decode()
    assert [
        one for one in [*SEEN, "[js](javascript:alert(1))", "ok (https://ok.example/?a=1&b=%222%22)"] if one not in text
    ] == []
    assert text.startswith('<t>#t[x] "$\n')
    assert re.findall(r"[\x00-\x09\x0b-\x1f\x7f\ufeff\uffff\u202e]", text) == []


def test_a_very_long_text_is_made_all_the_same(brief: Any) -> None:
    long = brief("published", en={"challenge": ("Very long **text**, " * 100 + "\n\n") * 100})
    assert len(long.by_language["en"].published["challenge"]) > 200_000
    assert made(long, "pdf").startswith(b"%PDF")
    assert made(long, "txt").decode().count("Very long text,") == 10_000
