"""What is frozen stays, in every output and both languages; small groups are in none of them."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from cmncp_portal.core.workflow import TransitionRefused
from cmncp_portal.evaluation.models import Response
from cmncp_portal.evaluation.tests.factories import make_response, make_survey
from cmncp_portal.reporting.indicators import base
from cmncp_portal.reporting.models import Calculation, Report, Snapshot, SnapshotFile
from cmncp_portal.reporting.services import calculating, files, freezing, writing

from .factories import SECRET_EN, SECRET_FR, World, counted, filed, frozen, indicator, make_report, written
from .reading import bytes_of, table, texts_of
from .screens import address, said, text_of, words_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def report(world: World, priya: Any) -> Report:
    return written(make_report(priya), priya)


def pages(snapshot: Snapshot, user: Any) -> dict[str, str]:
    """What the frozen page says in each language."""
    client = Client()
    client.force_login(user)
    there = {code: address("snapshot", snapshot.report_id, snapshot.number, language=code) for code in ("en", "fr")}
    return {code: words_of(client.get(url)) for code, url in there.items()}


# ---- freezing


def test_a_snapshot_has_number_author_day_and_version(report: Report, priya: Any, rene: Any) -> None:
    first = frozen(report, priya)
    second = frozen(report, rene, note_en="Corrected.", note_fr="Corrigé.")
    assert [(one.number, one.by_name, one.definitions, str(one.note)) for one in (first, second)] == [
        (1, "Priya Nair", 1, ""), (2, "René Gagnon", 1, "Corrected."),
    ]  # fmt: skip
    assert first.frozen_at == timezone.now()
    assert first.content["title"] == {"en": "Report for 2026–2027", "fr": "Rapport de 2026-2027"}
    assert first.content["sections"][0]["text"]["fr"] == "Une bonne année.\n\nPlus de visites."
    assert first.content["sections"][0]["cases"] == [
        {"title_en": "Thunder Bay in Winnipeg", "title_fr": "Thunder Bay à Winnipeg", "path": "/en/exchanges/"}
    ]


def test_a_second_click_leads_to_the_first_snapshot(report: Report, priya: Any, client: Client) -> None:
    counted(report, priya)
    client.force_login(priya)
    first = client.post(address("freeze", report.pk))
    second = client.post(address("freeze", report.pk))
    assert first["Location"] == second["Location"] == address("snapshot", report.pk, 1)
    assert "frozen already, as number 1" in said(client, second)[-1]
    assert (Snapshot.objects.count(), SnapshotFile.objects.count()) == (1, 6)


def refused(report: Report, by: Any) -> str:
    with pytest.raises(TransitionRefused) as why:
        freezing.freeze(report, by=by)
    return str(why.value)


def test_what_keeps_it_from_being_frozen(report: Report, priya: Any) -> None:
    assert refused(report, priya) == "The figures are not calculated yet."
    made = calculating.calculate(report, by=priya)
    assert refused(report, priya) == "The figures are being calculated. Wait until they are there."
    calculating.run(made.pk)
    fields = {"until_on": date(2026, 12, 31)}
    writing.change(report, seen=1, by=priya, **fields)
    assert refused(report, priya).startswith("Period or figures changed")
    counted(report, priya)
    writing.change(report, seen=2, by=priya, title_en="Another title")  # no figure depends on it
    assert freezing.freeze(report, by=priya).content["title"]["en"] == "Another title"


def test_other_definitions_since_are_counted_anew(report: Report, priya: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    counted(report, priya)
    monkeypatch.setattr(base, "DEFINITIONS", 2)
    assert refused(report, priya).startswith("Period or figures changed")
    counted(report, priya)
    assert freezing.freeze(report, by=priya).definitions == 2


def test_what_another_report_published_meanwhile_is_taken_into_account(
    report: Report, world: World, priya: Any
) -> None:
    counted(report, priya)
    other = make_report(priya, title_en="Another")
    frozen(other, priya)
    assert refused(report, priya).startswith("Another report was frozen since")
    assert frozen(report, priya).number == 1


def test_two_snapshots_do_not_give_a_group_away(report: Report, world: World, priya: Any) -> None:
    """Three more people answer: the difference of the two totals would be a number about three."""
    first = frozen(report, priya)
    world.answered += [13, 14, 15]
    second = frozen(report, priya)
    assert [one.figures[2]["total"]["value"] for one in (first, second)] == [4.25, None]
    assert second.figures[2]["total"]["hidden"] is True


# ---- nothing that comes later changes it


@pytest.mark.slow
def test_later_changes_reach_no_output(
    report: Report, world: World, priya: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    snapshot = filed(report, priya, note_en="First hand-in.", note_fr="Première remise.")
    before, shown = texts_of(snapshot), pages(snapshot, priya)
    writing.change(report, seen=1, by=priya, title_en="Changed", title_fr="Changé", funder="Somebody else")
    changed = {"text_en": "Changed text", "text_fr": "Texte changé"}
    writing.write(report, "summary", seen=2, by=priya, **changed)
    other = indicator("visits-held", "results", base.PERCENT, "Something else")
    monkeypatch.setitem(base.REGISTRY, "visits-held", other)
    monkeypatch.setattr(base, "DEFINITIONS", 9)
    world.visits = 900
    counted(report, priya)
    snapshot.files.update(state="waiting", file="")  # made anew, of the same snapshot
    files.make_files(snapshot.pk)
    again = Snapshot.objects.get(pk=snapshot.pk)
    assert texts_of(again) == before
    assert pages(again, priya) == shown
    for words in (*before.values(), *pages(again, priya).values()):
        assert "Changed" not in words
        assert "Texte changé" not in words
        assert "900" not in words


@pytest.mark.slow
def test_an_answer_deleted_later(report: Report, world: World, priya: Any, uma: Any) -> None:
    kept, gone = make_response(make_survey()).pk, make_response(make_survey())
    world.answered = [kept, gone.pk, *range(gone.pk + 1000, gone.pk + 1010)]
    snapshot = filed(report, priya)
    Calculation.objects.get().records.filter(key__in=[f"response-{n}" for n in world.answered[2:]]).delete()
    before = texts_of(snapshot)
    assert not any("deleted since" in text for text in pages(snapshot, uma).values())
    Response.objects.filter(pk=gone.pk).delete()
    english = pages(snapshot, uma)["en"]
    assert "One response behind these figures was deleted since the report was frozen. The figures stay as they were." in english  # fmt: skip
    assert "All 4.25 12" in english
    assert texts_of(snapshot) == before


def test_the_note_about_deleted_answers_in_french(report: Report, priya: Any) -> None:
    """The twelve of the fake figures were never there."""
    french = pages(frozen(report, priya), priya)["fr"]
    assert "12 réponses derrière ces chiffres ont été supprimées depuis que le rapport est figé." in french
    assert "Ensemble 4,25 12" in french


# ---- small groups


@pytest.mark.slow
def test_no_output_shows_a_small_group(report: Report, priya: Any, uma: Any) -> None:
    snapshot = filed(report, priya)
    freezing.share(snapshot, by=priya)
    client = Client()
    outputs = [*texts_of(snapshot).values(), *pages(snapshot, priya).values(), *pages(snapshot, uma).values()]
    outputs += [text_of(client.get(address("shared", snapshot.token, language=code))) for code in ("en", "fr")]
    assert len(outputs) == 12
    for number in (SECRET_EN, SECRET_FR):
        for text in (f"{number}", f"{number}".replace(".", ",")):
            assert [output for output in outputs if text in output] == []
    assert all("4.25" in output or "4,25" in output for output in outputs)


def test_others_read_figures_once_they_are_frozen(report: Report, world: World, priya: Any, uma: Any) -> None:
    client = Client()
    client.force_login(uma)
    for _answered in range(2):  # whoever read both could tell the last answer by subtracting
        counted(report, priya)
        page = client.get(address("report", report.pk))
        assert ("4.25" in text_of(page), [part.figures for part in page.context["parts"] if part.figures]) == (
            False,
            [],
        )
        assert "You can read its figures once it is frozen." in words_of(page)
        world.answered = world.answered[:-1]
    snapshot = freezing.freeze(report, by=priya)
    assert "4.25" in text_of(client.get(snapshot.get_absolute_url()))


def test_makers_see_it_and_that_it_will_be_hidden(report: Report, priya: Any, client: Client) -> None:
    client.force_login(priya)
    words = words_of(client.get(address("report", counted(report, priya).pk)))
    assert "Language : French (will be hidden) 1.37 3" in words.replace(": ", " : ").replace("  ", " ")


# ---- both languages


@pytest.mark.slow
def test_both_languages_have_the_same_figures(report: Report, priya: Any) -> None:
    snapshot = filed(report, priya)
    english, french = (list(table(bytes_of(snapshot, "csv", code))) for code in ("en", "fr"))
    pairs = {"Value": "Valeur", "n": "n", "Out of": "Sur", "Before": "Avant", "N before": "N avant", "Code": "Code", "Left out": "Laissés de côté"}  # fmt: skip
    assert [[row[name] for name in pairs] for row in english] == [[row[name] for name in pairs.values()] for row in french]  # fmt: skip
    assert [(row["Group"], row["Value"]) for row in english] == [
        ("All", "7"), ("Ontario", "7"), ("All", "75.0"), ("All", "4.25"), ("English", ""), ("French", ""),
    ]  # fmt: skip
    texts = texts_of(snapshot)
    for format in ("pdf", "docx"):
        assert "75.0%" in texts["en", format]
        assert "75,0 %" in texts["fr", format]
        assert "A good year." in texts["en", format]
        assert "Une bonne année." in texts["fr", format]
        assert "Figé le 1er février 2027" in texts["fr", format]
        assert "Frozen on February 1, 2027 by Priya Nair as number 1." in texts["en", format].replace("\n", " ")


# ---- the link


@pytest.mark.slow
def test_the_shared_link(report: Report, priya: Any, client: Client) -> None:
    snapshot = filed(report, priya)
    there = address("shared", snapshot.token)
    assert client.get(there).status_code == 404  # not shared yet
    freezing.share(snapshot, by=priya)
    page = client.get(there)
    assert (page.status_code, page["X-Robots-Tag"]) == (200, "noindex, nofollow")
    assert '<meta name="robots" content="noindex, nofollow">' in text_of(page)
    assert "What stands behind it" not in text_of(page)
    assert "/en/exchanges/" not in text_of(page).partition("<main")[2].partition("</main")[0]
    body = client.get(there, {"file": "fr.csv"})
    assert body["Content-Disposition"] == 'attachment; filename="rapport-2026-04-01-2027-03-31-1-fr.csv"'
    assert b"".join(body.streaming_content) == bytes_of(snapshot, "csv", "fr")  # type: ignore[attr-defined]
    assert [client.get(there, {"file": name}).status_code for name in ("fr.exe", "xx.pdf", "", "pdf", "fr.\0")] == [
        404
    ] * 5


def test_ending_it_kills_the_link_for_good(report: Report, priya: Any, client: Client) -> None:
    snapshot = frozen(report, priya)
    freezing.share(snapshot, by=priya)
    old = address("shared", snapshot.token)
    with pytest.raises(TransitionRefused, match="shared already"):
        freezing.share(snapshot, by=priya)
    freezing.unshare(snapshot, by=priya)
    with pytest.raises(TransitionRefused, match="not shared any more"):
        freezing.unshare(snapshot, by=priya)
    assert client.get(old).status_code == 404
    freezing.share(snapshot, by=priya)
    assert (client.get(old).status_code, client.get(address("shared", snapshot.token)).status_code) == (404, 200)
    other = frozen(make_report(priya), priya)
    assert client.get(address("shared", other.token)).status_code == 404
    assert client.get(address("shared", f"{snapshot.pk}.forged")).status_code == 404


# ---- files


def test_a_file_that_fails_keeps_none_of_the_others_and_can_be_made_again(
    report: Report, priya: Any, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(snapshot: Any, language: str) -> bytes:
        raise OSError("no memory")

    snapshot = freezing.freeze(counted(report, priya), by=priya)
    with pytest.raises(TransitionRefused, match="ready, or being made"):
        files.try_again(snapshot, by=priya)
    monkeypatch.setitem(files.MAKERS, "docx", broken)
    monkeypatch.setitem(files.MAKERS, "pdf", lambda snapshot, language: b"%PDF-1.7")
    assert files.make_files(snapshot.pk) == 4
    assert list(snapshot.files.filter(state="failed").values_list("format", "problem")) == [("docx", "OSError: no memory")] * 2  # fmt: skip
    client.force_login(priya)
    words = words_of(client.get(snapshot.get_absolute_url()))
    assert "4 of 6 files are ready." in words
    assert "Try again" in words
    monkeypatch.setitem(files.MAKERS, "docx", lambda snapshot, language: b"PK")
    files.try_again(snapshot, by=priya)
    assert files.make_files(snapshot.pk) == 6
    assert "Try again" not in words_of(client.get(snapshot.get_absolute_url()))


def test_a_worker_that_was_lost_leaves_files_that_another_makes(
    report: Report, priya: Any, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for format in ("pdf", "docx"):
        monkeypatch.setitem(files.MAKERS, format, lambda snapshot, language: b"made")
    snapshot = freezing.freeze(counted(report, priya), by=priya)
    files._make(snapshot, snapshot.files.first().pk)  # and then it was lost
    assert files.make_files(snapshot.pk) == 6
    names = list(snapshot.files.values_list("file", flat=True))
    assert files.make_files(snapshot.pk) == 6
    assert list(snapshot.files.values_list("file", flat=True)) == names  # nothing twice
    snapshot.files.filter(format="pdf").update(state="waiting", file="")
    with pytest.raises(TransitionRefused):
        files.try_again(snapshot, by=priya)
    clock.shift(timedelta(minutes=11))
    files.try_again(snapshot, by=priya)
    assert (files.make_files(snapshot.pk), files.make_files(0)) == (6, 0)
