"""Accessible formats: complete, in their language, made once; and asking for another one."""

import threading
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from cmncp_portal.core.pandoc import PandocFailed
from cmncp_portal.core.pdf import NoPdf
from cmncp_portal.core.workflow import TransitionRefused
from cmncp_portal.network.tests.factories import make_municipality
from cmncp_portal.notifications.models import Message
from knowledge.models import ActionBrief, Edition, Example, FormatRequest, KeyNumber, MadeFile, Source
from knowledge.services import formats
from knowledge.services.formats_content import content_of
from knowledge.services.formats_pandoc import converted

from .factories import make_evidence, make_number, make_practice, make_step
from .made import TYPOGRAPHY, WIDE, again, full_brief, made

pytestmark = pytest.mark.django_db


@pytest.fixture
def full(clock: Any) -> ActionBrief:
    return full_brief()


# ---- what a file says


def test_the_plain_text_of_a_brief_word_for_word(full: ActionBrief) -> None:
    text = made(full, "txt").decode()
    assert text.split("\n\n") == [
        "Safe streets\nCanadian Municipal Network on Crime Prevention\nJanuary 15, 2027",
        "Action brief 1.3. Invest smartly in safety for the city",
        "IN SHORT",
        "What a city can do so that people feel safe outside.",
        "THE CHALLENGE",
        "One bold text.",
        "Why",
        TYPOGRAPHY,
        "KEY NUMBERS",
        f"- 6,000{WIDE}adults adults assaulted, per 100,000 residents (2009). "
        "Source: Institute for the Prevention of Crime, 2009 (https://number.example/)",
        "WHAT WORKS",
        "Lighting, presence, and people who know each other.",
        "WHAT THE EVIDENCE SAYS",
        "- Focused deterrence: Reduces violent crime.",
        "  Outcome: Violence.",
        "  Rating by Youth Endowment Fund Toolkit: “Impact: HIGH” (https://youthendowmentfund.example/toolkit) "
        "(of May 1, 2026, read on January 10, 2027)",
        "  The network’s summary: impact: high; strength of the evidence: 4 of 5; cost: low.",
        "WHO CAN DO WHAT",
        "Council",
        "1.  Adopt a plan.",
        "    Time: months; cost: staff time only.",
        "Police",
        "1.  Walk.",
        "    Time: months; cost: staff time only.",
        "EXAMPLES FROM MEMBERS",
        "- Winnipeg",
        "  It works.",
        "THE INVESTMENT",
        "One dollar per resident and year.",
        "SOURCES",
        "1.  Institute for the Prevention of Crime, 2009. https://source.example/2009",
        "ABOUT THIS BRIEF",
        "Published on January 15, 2027.",
        "How to cite: University of Ottawa team. “Safe streets”. Action brief 1.3. Canadian Municipal Network on Crime "
        f"Prevention, 2027. http://127.0.0.1:8000/en/knowledge/briefs/{full.slug}/\n",
    ]  # fmt: skip


def test_in_french(full: ActionBrief) -> None:
    content = content_of(full.by_language["fr"])
    assert (content["language"], content["title"]) == ("fr", "Sécurité dans les rues")
    assert content["line"] == "Piste d’action 1.3. Investir de façon éclairée"
    assert [section["title"] for section in content["sections"]] == [
        "En bref", "Le défi", "Chiffres clés", "Ce qui fonctionne", "Ce que disent les données probantes",
        "Qui peut faire quoi", "Exemples de membres", "L’investissement", "Sources", "À propos de cette piste d’action",
    ]  # fmt: skip
    number = content["sections"][2]["blocks"][0]["items"][0][0]["runs"]
    assert [one["text"] for one in number[:3]] == [f"6{WIDE}000{WIDE}adultes", " ", "adultes agressés"]
    assert number[3]["text"] == f", pour 100{WIDE}000 personnes (2009). "
    walk = content["sections"][5]["blocks"][3]["items"][0][0]
    assert walk == {"kind": "paragraph", "runs": [{"text": "Walk.", "lang": "en"}]}  # not translated: it says so
    assert content["sections"][8]["blocks"][0]["items"][0][0]["runs"][0]["lang"] == "en"


def test_readers_get_what_is_published_and_not_what_is_being_revised(full: ActionBrief) -> None:
    Edition.objects.filter(brief=full, language="en").update(title="Secret", challenge="Secret", version=2)
    content = content_of(again(full).by_language["en"])
    assert (content["title"], "Secret" in str(content)) == ("Safe streets", False)


def notices(brief: ActionBrief, language: str) -> list[str]:
    content = content_of(again(brief).by_language[language])
    return ["".join(one["text"] for one in block["runs"]) for block in content["notices"]]


def test_the_file_says_when_the_other_language_is_newer(full: ActionBrief) -> None:
    assert notices(full, "fr") == []
    Edition.objects.filter(brief=full, language="en").update(version=2)
    assert notices(full, "fr") == ["Le texte anglais est en cours de révision, et ce texte français suivra."]
    Edition.objects.filter(brief=full, language="en").update(published_version=2)
    assert notices(full, "fr") == ["Le texte anglais est plus récent. Ce texte français est en cours de révision."]
    assert notices(full, "en") == []


def test_the_file_says_that_the_brief_stands_no_more_or_stands_alone(brief: Any) -> None:
    gone = brief("withdrawn", withdrawn_why_en="Wrong numbers.", withdrawn_why_fr="Chiffres erronés.")
    assert notices(gone, "fr") == ["Cette piste d’action est retirée. Ne vous y fiez pas. Chiffres erronés."]
    old = brief("superseded")
    new = brief("published", replaces=old, en={"title": "Safer streets"})
    address = f"http://127.0.0.1:8000/en/knowledge/briefs/{new.slug}/"
    assert notices(old, "en") == [f"A newer brief replaces this one: Safer streets {address}"]
    alone = brief("published", languages=("en",), exception_reason="Urgent", exception_until=date(2027, 3, 1))
    assert notices(alone, "en") == ["The French version will be ready by March 1, 2027."]


def test_a_revised_brief_says_both_days(brief: Any) -> None:
    old = brief("published", first_published_on=date(2009, 5, 1))
    about = content_of(old.by_language["en"])["sections"][-1]["blocks"][0]["runs"][0]["text"]
    assert about == "Published on May 1, 2009. Revised on January 15, 2027."


def test_many_rows_take_as_many_queries_as_one(full: ActionBrief) -> None:
    def queries() -> int:
        edition = again(full).by_language["en"]
        with CaptureQueriesContext(
            connection,
        ) as seen:
            content_of(edition)
        return len(seen)

    before = queries()
    practice = make_practice()
    for number in range(5):
        make_number(full)
        make_step(full, f"audience-{number}")
        Source.objects.create(brief=full, citation=f"{number}")
        full.evidence.add(make_evidence(practice))
        place = make_municipality(f"place-{number}")
        Example.objects.create(brief=full, municipality=place, text_en="a", text_fr="b", agreed_at=timezone.now())
    assert queries() == before == 7


# ---- made once


def test_a_file_is_made_once_and_again_when_something_changed(full: ActionBrief) -> None:
    edition = full.by_language["en"]
    first = formats.file_of(edition, "txt")
    assert (first.format, first.made_at, first.file.name.endswith(".txt")) == ("txt", timezone.now(), True)
    assert formats.file_of(again(full).by_language["en"], "txt").file.name == first.file.name
    KeyNumber.objects.update(value=7000)
    assert "7,000" in made(again(full), "txt").decode()
    second = MadeFile.objects.get()
    assert (second.pk, second.file.name == first.file.name) == (first.pk, False)


def test_what_is_being_revised_makes_no_file_anew_unless_the_file_says_so(full: ActionBrief) -> None:
    first = formats.file_of(full.by_language["en"], "txt")
    Edition.objects.filter(language="en").update(summary="Being revised", version=5)
    assert formats.file_of(again(full).by_language["en"], "txt").file.name == first.file.name


def test_another_layout_or_a_lost_file_is_made_anew(full: ActionBrief, monkeypatch: pytest.MonkeyPatch) -> None:
    first = formats.file_of(full.by_language["en"], "txt")
    first.file.storage.delete(str(first.file.name))
    second = formats.file_of(full.by_language["en"], "txt")
    assert second.file.storage.exists(str(second.file.name))
    monkeypatch.setattr(formats, "FORMAT_VERSION", 1000)
    third = formats.file_of(full.by_language["en"], "txt")
    assert len({first.file.name, second.file.name, third.file.name}) == 3


def test_the_old_file_goes_once_the_new_one_is_kept(
    full: ActionBrief, django_capture_on_commit_callbacks: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = formats.file_of(full.by_language["en"], "txt")
    exists = first.file.storage.exists
    monkeypatch.setattr(formats, "FORMAT_VERSION", 1000)
    with django_capture_on_commit_callbacks() as todo:
        second = formats.file_of(full.by_language["en"], "txt")
        assert [exists(str(made.file.name)) for made in (first, second)] == [True, True]
    for act in todo:
        act()
    assert [exists(str(made.file.name)) for made in (first, second)] == [False, True]


@pytest.mark.django_db(transaction=True)
def test_two_at_once_make_one(brief: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    edition = brief("published").by_language["en"]
    started, go_on, makes, names = threading.Event(), threading.Event(), [], []

    def slowly(format: Any, content: Any) -> bytes:
        makes.append(format)
        started.set()
        assert go_on.wait(5)
        return b"text"

    monkeypatch.setattr(formats, "_made", slowly)

    def ask() -> None:
        try:
            names.append(formats.file_of(edition, "txt").file.name)
        finally:
            connection.close()

    people = [threading.Thread(target=ask) for _number in range(2)]
    people[0].start()
    assert started.wait(5)
    people[1].start()
    people[1].join(0.2)
    assert names == []  # the second waits
    go_on.set()
    for one in people:
        one.join(5)
    assert (makes, len(names), len(set(names)), MadeFile.objects.count()) == (["txt"], 2, 1, 1)


def test_all_ten_are_made_and_one_that_fails_does_not_stop_the_others(
    brief: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(formats, "converted", lambda content, to: to.encode())
    monkeypatch.setattr(formats, "compile_pdf", lambda *args, **kwargs: b"%PDF")
    source = brief("published")
    assert len(formats.make_all_by_pk(source.pk)) == 10
    assert sorted(MadeFile.objects.values_list("edition__language", "format")) == sorted(
        (language, format) for language in ("en", "fr") for format in ("pdf", "large", "docx", "epub", "txt")
    )

    def broken(content: Any, to: str) -> bytes:
        raise PandocFailed("no memory")

    monkeypatch.setattr(formats, "converted", broken)
    monkeypatch.setattr(formats, "FORMAT_VERSION", 1000)
    assert len(formats.make_all(again(source))) == 4
    assert caplog.text.count("no memory") == 6


def test_what_is_not_public_has_no_files(brief: Any) -> None:
    assert formats.make_all_by_pk(0) == []
    draft = brief("draft")
    assert formats.make_all_by_pk(draft.pk) == []
    with pytest.raises(formats.NoFile, match="has no published text"):
        formats.file_of(draft.by_language["en"], "pdf")
    entry = brief("published", is_archival=True, en={"challenge": "", "what_works": ""})
    assert [formats.has_files(entry.by_language[code]) for code in ("en", "fr")] == [False, True]


def test_what_cannot_be_made_says_so_and_leaves_nothing(brief: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    edition = brief("published").by_language["en"]

    def no_pdf(*args: Any, **kwargs: Any) -> bytes:
        raise NoPdf("brief.typ: wrong")

    monkeypatch.setattr(formats, "compile_pdf", no_pdf)
    with pytest.raises(formats.NoFile, match=r"brief.typ: wrong"):
        formats.file_of(edition, "pdf")
    assert MadeFile.objects.count() == 0


def test_pandoc_that_fails_or_takes_too_long_gives_its_reason(brief: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    content = content_of(brief("published").by_language["en"])
    monkeypatch.setattr("cmncp_portal.core.pandoc.SECONDS", 0.001)
    with pytest.raises(PandocFailed, match="timed out"):
        converted(content, "docx")
    monkeypatch.undo()
    monkeypatch.setattr("knowledge.services.formats_pandoc.API", [0, 1])
    with pytest.raises(PandocFailed, match="JSON"):
        converted(content, "docx")
    monkeypatch.setattr("cmncp_portal.core.pandoc.PANDOC", "/no/pandoc")
    with pytest.raises(PandocFailed, match="No such file"):
        converted(content, "docx")


def test_a_worker_is_asked_after_the_commit_and_nobody_minds_when_it_is_away(
    brief: Any,
    django_capture_on_commit_callbacks: Any,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    asked: list[Any] = []

    def away(*args: Any, **kwargs: Any) -> None:
        raise OSError("nobody there")

    source = brief("published")
    monkeypatch.setattr(formats.current_app, "send_task", lambda *args, **kwargs: asked.append((args, kwargs)))
    with django_capture_on_commit_callbacks(execute=True):
        formats.order(source)
        assert asked == []
    assert asked == [(("knowledge.make_files", (source.pk,)), {"retry": False})]
    monkeypatch.setattr(formats.current_app, "send_task", away)
    with django_capture_on_commit_callbacks(execute=True):
        formats.order(source)
    assert "nobody there" in caplog.text


# ---- asking for another format


def test_who_asks_hears_within_ten_working_days_and_the_team_is_told(brief: Any, uma: Any, priya: Any) -> None:
    source = brief("published")
    asked = formats.ask_format(source, wanted=" Braille ", name="Ann", email=" Ann@Acme.example", language="fr")
    assert (asked.wanted, asked.name, asked.email, asked.language) == ("Braille", "Ann", "ann@acme.example", "fr")
    assert asked.promised_on == date(2027, 2, 15)  # Monday, February 1, and ten working days
    letters = {(m.kind, m.to_email): m for m in Message.objects.all()}
    assert sorted(letters) == [
        ("knowledge.format_received", "ann@acme.example"),
        ("knowledge.format_requested", priya.email),
        ("knowledge.format_requested", uma.email),
    ]
    received = letters["knowledge.format_received", "ann@acme.example"]
    assert (
        received.subject
        == f"[RMCPC] Vous aurez notre réponse d’ici le 15{WIDE}février{WIDE}2027{WIDE}: Sécurité dans les rues"
    )
    told = letters["knowledge.format_requested", uma.email]
    assert "Ann (ann@acme.example) needs an action brief" in told.text
    assert f"/en/knowledge/desk/readers/format/{asked.pk}/" in told.text


def test_a_second_click_is_no_second_wish(brief: Any, uma: Any) -> None:
    source = brief("published")
    wish: dict[str, Any] = {"wanted": "Braille", "email": "ann@acme.example", "language": "en"}
    first = formats.ask_format(source, **wish)
    assert formats.ask_format(source, **wish | {"email": "ANN@acme.example"}) == first
    assert (FormatRequest.objects.count(), Message.objects.count()) == (1, 2)
    other = formats.ask_format(source, **wish | {"wanted": "Audio"})
    FormatRequest.objects.filter(pk=first.pk).update(answered_at=timezone.now() + timedelta(days=1))
    assert formats.ask_format(source, **wish) not in (first, other)


def test_one_address_cannot_fill_the_mailboxes(brief: Any) -> None:
    source = brief("published")
    for number in range(formats.MOST_OPEN):
        formats.ask_format(source, wanted=f"{number}", email="ann@acme.example", language="en")
    with pytest.raises(TransitionRefused, match="several formats already"):
        formats.ask_format(source, wanted="more", email="ann@acme.example", language="en")
    assert FormatRequest.objects.count() == formats.MOST_OPEN
