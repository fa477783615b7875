"""Taking a brief along as a file, and asking for another format."""

from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cmncp_portal.notifications.models import Message
from cmncp_portal.testing.pages import as_sent, said
from knowledge.models import ActionBrief, Edition, FormatRequest, MadeFile
from knowledge.services import formats

from .factories import make_evidence, make_number, make_practice, make_step
from .pages import address, text_of, words_of

pytestmark = pytest.mark.django_db


def file(brief: Any, language: str = "en", format: str = "txt", page: str = "en") -> str:
    return address("file", brief.slug, language, format, language=page)


def body(response: Any) -> bytes:
    return b"".join(response.streaming_content)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files that say only what they are."""
    monkeypatch.setattr(formats, "_made", lambda format, content: f"{format}: {content['title']}".encode())


# ---- files


def test_a_reader_takes_the_brief_along(client: Any, brief: Any) -> None:
    answer = client.get(file(brief("published", slug="safe-streets")))
    assert (answer.status_code, answer["Content-Type"]) == (200, "text/plain; charset=utf-8")
    assert answer["Content-Disposition"] == 'attachment; filename="safe-streets-en.txt"'
    assert (answer["X-Content-Type-Options"], answer["Cache-Control"]) == ("nosniff", "public, max-age=300")
    assert body(answer).decode().startswith("Safe streets\n")
    assert MadeFile.objects.get().format == "txt"


@pytest.mark.parametrize(
    ("language", "format", "name", "kind"),
    [
        ("en", "pdf", "safe-en.pdf", "application/pdf"),
        ("fr", "pdf", "safe-fr.pdf", "application/pdf"),
        ("en", "large", "safe-en-large-print.pdf", "application/pdf"),
        ("fr", "large", "safe-fr-gros-caracteres.pdf", "application/pdf"),
        ("fr", "docx", "safe-fr.docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        ("fr", "epub", "safe-fr.epub", "application/epub+zip"),
        ("fr", "txt", "safe-fr.txt", "text/plain; charset=utf-8"),
    ],
)
@pytest.mark.usefixtures("quick")
def test_each_format_has_its_name_and_type(
    client: Any, brief: Any, language: str, format: str, name: str, kind: str
) -> None:
    answer = client.get(file(brief("published", slug="safe"), language, format))
    assert (answer["Content-Disposition"], answer["Content-Type"]) == (f'attachment; filename="{name}"', kind)
    title = {"en": "Safe streets", "fr": "Sécurité dans les rues"}[language]
    assert body(answer).decode() == f"{format}: {title}"


@pytest.mark.usefixtures("quick")
def test_who_has_it_already_is_told_so_until_it_changes(client: Any, brief: Any) -> None:
    source = brief("published")
    first = client.get(file(source))
    body(first)
    again = client.get(file(source), headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", first["ETag"])
    Edition.objects.filter(language="en").update(published={"title": "Safer", "challenge": "More"})
    third = client.get(file(source), headers={"If-None-Match": first["ETag"]})
    assert (third.status_code, body(third)) == (200, b"txt: Safer")


@pytest.mark.usefixtures("quick")
def test_the_other_language_may_be_taken_from_either_page(client: Any, brief: Any) -> None:
    source = brief("published")
    answer = client.get(file(source, "en", page="fr"))
    assert body(answer) == b"txt: Safe streets"


@pytest.mark.parametrize(
    ("language", "format"), [("de", "pdf"), ("en", "exe"), ("EN", "pdf"), ("en", "PDF"), ("en", "..")]
)
def test_there_are_no_other_languages_or_formats(client: Any, brief: Any, language: str, format: str) -> None:
    assert client.get(file(brief("published"), language, format)).status_code == 404


@pytest.mark.parametrize("stage", ["idea", "draft", "review", "approved", "scheduled"])
def test_what_is_being_written_is_nobodys_yet(client: Any, uma: Any, brief: Any, stage: str) -> None:
    source = brief(stage)
    assert client.get(file(source)).status_code == 404
    client.force_login(uma)
    assert client.get(file(source)).status_code == 404
    assert MadeFile.objects.count() == 0


def test_what_is_not_published_in_a_language_or_stands_elsewhere_is_no_file(client: Any, brief: Any) -> None:
    alone = brief("published", languages=("en",))
    assert client.get(file(alone, "fr")).status_code == 404
    coming = brief("published")
    coming.editions.filter(language="fr").update(published_at=None)
    assert client.get(file(coming, "fr")).status_code == 404
    entry = brief("published", is_archival=True, en={"challenge": "", "what_works": ""})
    assert client.get(file(entry)).status_code == 404
    assert client.get(address("file", "no-such-brief", "en", "pdf")).status_code == 404


@pytest.mark.parametrize("stage", ["superseded", "withdrawn"])
@pytest.mark.usefixtures("quick")
def test_what_is_replaced_or_withdrawn_can_still_be_read(client: Any, brief: Any, stage: str) -> None:
    assert body(client.get(file(brief(stage)))) == b"txt: Safe streets"


def test_a_file_is_only_ever_read(client: Any, brief: Any) -> None:
    assert client.post(file(brief("published"))).status_code == 405


def test_who_cannot_get_a_file_is_led_to_ask_for_it(
    client: Any, brief: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(format: Any, content: Any) -> bytes:
        raise formats.NoFile("pandoc is away")

    monkeypatch.setattr(formats, "_made", broken)
    source = brief("published")
    answer = client.get(file(source, page="fr"))
    assert (answer.status_code, answer["Location"]) == (302, address("other_format", source.slug, language="fr"))
    assert len(said(client, answer)) == 1
    assert "pandoc is away" in caplog.text


@pytest.mark.usefixtures("quick")
def test_many_rows_take_as_many_queries_as_few(client: Any, brief: Any) -> None:
    source = brief("published")
    body(client.get(file(source)))

    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            body(client.get(file(source)))
        return len(seen)

    before = queries()
    for number in range(3):
        make_number(source)
        make_step(source, f"audience-{number}")
        source.evidence.add(make_evidence(make_practice()))
    body(client.get(file(source)))  # made anew
    assert queries() == before == 8


# ---- another format


def other(brief: Any, language: str = "en") -> str:
    return address("other_format", brief.slug, language=language)


def wish(page: Any, **typed: Any) -> dict[str, Any]:
    return as_sent(page, **({"wanted": "Braille, please", "email": "ann@acme.example"} | typed))


def test_a_reader_asks_and_is_promised_an_answer(client: Any, uma: Any, brief: Any) -> None:
    source = brief("published")
    page = client.get(other(source))
    assert page.status_code == 200
    words = words_of(page)
    assert "You hear from us by February 15, 2027, by email." in words
    assert "Name and address serve the answer and nothing else; you need not give your name." in words
    assert file(source, format="large") in text_of(page)
    answer = client.post(other(source), wish(page, name="Ann"))
    assert (answer.status_code, answer["Location"]) == (302, source.get_absolute_url())
    assert said(client, answer) == ["Thank you. You hear from us by February 15, 2027."]
    asked = FormatRequest.objects.get()
    assert (asked.brief, asked.wanted, asked.name, asked.email) == (
        source,
        "Braille, please",
        "Ann",
        "ann@acme.example",
    )
    assert (asked.language, asked.promised_on) == ("en", date(2027, 2, 15))
    assert sorted(Message.objects.values_list("kind", "to_email")) == [
        ("knowledge.format_received", "ann@acme.example"),
        ("knowledge.format_requested", uma.email),
    ]


def test_in_french(client: Any, brief: Any) -> None:
    source = brief("published")
    page = client.get(other(source, "fr"))
    assert "Sécurité dans les rues" in words_of(page)
    assert file(source, "fr", "large", page="fr") in text_of(page)
    client.post(other(source, "fr"), wish(page))
    assert FormatRequest.objects.get().language == "fr"
    assert Message.objects.get().language == "fr"


def test_a_second_click_asks_once(client: Any, brief: Any) -> None:
    source = brief("published")
    typed = wish(client.get(other(source)))
    client.post(other(source), typed)
    answer = client.post(other(source), typed)
    assert said(client, answer)[-1] == "Thank you. You hear from us by February 15, 2027."
    assert (FormatRequest.objects.count(), Message.objects.count()) == (1, 1)


@pytest.mark.parametrize("wrong", [{"email": ""}, {"email": "ann"}, {"wanted": " "}, {"wanted": "x" * 2001}])
def test_what_was_typed_comes_back(client: Any, brief: Any, wrong: dict[str, str]) -> None:
    source = brief("published")
    typed = wish(client.get(other(source)), name="Ann <b>") | wrong
    page = client.post(other(source), typed)
    assert (page.status_code, list(page.context["form"].errors)) == (422, list(wrong))
    assert 'value="Ann &lt;b&gt;"' in text_of(page)
    assert FormatRequest.objects.count() == 0


def test_too_many_wishes_of_one_address_are_refused_and_nothing_typed_is_lost(client: Any, brief: Any) -> None:
    source = brief("published")
    for number in range(formats.MOST_OPEN):
        formats.ask_format(source, wanted=str(number), email="ann@acme.example", language="en")
    page = client.post(other(source), wish(client.get(other(source))))
    assert (page.status_code, "Braille, please" in text_of(page)) == (422, True)
    assert [str(m) for m in page.context["messages"]] == [
        "You have asked for several formats already. We answer these first."
    ]


def test_a_machine_gets_the_same_answer_and_nothing_is_written(client: Any, brief: Any) -> None:
    source = brief("published")
    answer = client.post(other(source), wish(client.get(other(source)), website="https://x.example", email="no"))
    assert (answer.status_code, answer["Location"]) == (302, source.get_absolute_url())
    assert (FormatRequest.objects.count(), Message.objects.count()) == (0, 0)


def test_who_is_signed_in_need_not_type_the_address(client: Any, amina: Any, brief: Any) -> None:
    client.force_login(amina)
    form = client.get(other(brief("published"))).context["form"]
    assert (form["email"].value(), form["name"].value()) == (amina.email, amina.name)


def test_of_what_is_not_public_nobody_asks(client: Any, uma: Any, brief: Any) -> None:
    source = brief("draft")
    assert client.get(other(source)).status_code == 404
    client.force_login(uma)
    assert client.post(other(source), {"wanted": "x", "email": "a@b.example"}).status_code == 404


def test_of_an_entry_of_the_archive_one_may_ask_too(client: Any, brief: Any) -> None:
    entry = brief("published", is_archival=True, en={"challenge": "", "what_works": ""})
    page = client.get(other(entry))
    assert (page.status_code, page.context["files"]) == (200, [])


def test_the_page_takes_few_queries(client: Any, brief: Any) -> None:
    source = brief("published")
    client.get(other(source))
    with CaptureQueriesContext(connection) as seen:
        client.get(other(source))
    assert (len(seen), ActionBrief.objects.count()) == (2, 1)
