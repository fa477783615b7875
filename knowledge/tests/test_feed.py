"""The feed: one per language, only what is published there, whole addresses, nothing that a reader of feeds chokes on."""

from datetime import UTC, datetime, timedelta
from typing import Any
from xml.etree import ElementTree

import pytest

from cmncp_portal.core.context import network
from knowledge.models import ActionBrief, Edition

from .factories import AT, make_brief, make_series
from .pages import address, text_of

pytestmark = pytest.mark.django_db
ATOM = "{http://www.w3.org/2005/Atom}"


def read(client: Any, language: str = "en") -> Any:
    answer = client.get(address("feed", language=language))
    assert answer.status_code == 200
    assert answer["Content-Type"] == "application/atom+xml; charset=utf-8"
    return ElementTree.fromstring(answer.content)  # noqa: S314  (our own page)


def titles(client: Any, language: str = "en") -> list[str]:
    return [entry.findtext(f"{ATOM}title") for entry in read(client, language).findall(f"{ATOM}entry")]


def test_one_entry_in_full(client: Any, clock: Any) -> None:
    brief = make_brief(series=make_series(), number=3, en={"summary": "What a **city** can do."})
    feed = read(client)
    entry = feed.find(f"{ATOM}entry")
    base = "http://127.0.0.1:8000"
    assert feed.findtext(f"{ATOM}title") == f"Action briefs of {network('en').name}"
    assert {link.get("rel"): link.get("href") for link in feed.findall(f"{ATOM}link")} == {
        "alternate": f"{base}/en/knowledge/",
        "self": f"{base}/en/knowledge/feed.xml",
    }
    assert entry.findtext(f"{ATOM}title") == "1.3 Safe streets"
    assert entry.find(f"{ATOM}link").get("href") == base + brief.get_absolute_url()
    assert entry.findtext(f"{ATOM}id") == base + brief.get_absolute_url()
    assert entry.findtext(f"{ATOM}summary") == "What a city can do."
    assert entry.findtext(f"{ATOM}author/{ATOM}name") == "University of Ottawa team"
    assert entry.findtext(f"{ATOM}published") == entry.findtext(f"{ATOM}updated") == AT.isoformat()
    assert feed.get("{http://www.w3.org/XML/1998/namespace}lang") == "en"


def test_each_language_has_its_own(client: Any, clock: Any) -> None:
    make_brief()
    make_brief(languages=("en",), en={"title": "English only"})
    assert titles(client) == ["English only", "Safe streets"]
    assert titles(client, "fr") == ["Sécurité dans les rues"]
    assert read(client, "fr").get("{http://www.w3.org/XML/1998/namespace}lang") == "fr"


@pytest.mark.parametrize("stage", ["idea", "draft", "approved", "scheduled", "superseded", "withdrawn"])
def test_only_what_is_published(client: Any, clock: Any, stage: str) -> None:
    make_brief(stage)
    assert titles(client) == []


def test_no_catalogue_entries_and_nothing_that_is_being_revised(client: Any, clock: Any) -> None:
    make_brief(is_archival=True, en={"title": "From 2009"})
    brief = make_brief()
    Edition.objects.filter(brief=brief, language="en").update(title="Secret", summary="Secret", version=2)
    assert titles(client) == ["Safe streets"]
    assert "Secret" not in text_of(client.get(address("feed")))


def test_the_latest_first_and_not_more_than_thirty(client: Any, clock: Any) -> None:
    for number in range(32):
        at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=number)
        make_brief(published_at=at, en={"title": f"Brief {number}"})
    assert ActionBrief.objects.count() == 32
    assert titles(client) == [f"Brief {number}" for number in range(31, 1, -1)]


def test_hostile_texts_stay_text(client: Any, clock: Any) -> None:
    make_brief(en={"title": "<b>&\x0b]]>\ufffe", "summary": "<script>alert(1)</script>\x01"}, authors="A\x02 & <B>")
    entry = read(client).find(f"{ATOM}entry")
    assert entry.findtext(f"{ATOM}title") == "<b>& ]]> "
    assert "<script" not in text_of(client.get(address("feed")))
    assert entry.findtext(f"{ATOM}author/{ATOM}name") == "A  & <B>"


def test_it_may_be_kept_for_five_minutes_and_pages_lead_to_it(client: Any, clock: Any) -> None:
    assert {"public", "max-age=300"} <= {
        part.strip() for part in client.get(address("feed"))["Cache-Control"].split(",")
    }
    for language in ("en", "fr"):
        page = text_of(client.get(address("library", language=language)))
        assert f'href="{address("feed", language=language)}"' in page.partition("</head>")[0]


def test_an_empty_feed_is_a_feed(client: Any, clock: Any) -> None:
    assert titles(client) == titles(client, "fr") == []
