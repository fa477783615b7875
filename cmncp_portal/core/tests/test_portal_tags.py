"""Words for templates, tried in templates."""

from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import rules
from django.contrib.auth.models import AnonymousUser
from django.template import Context, Template
from django.test import RequestFactory
from django.utils import timezone
from django.utils.translation import override

from cmncp_portal.core.text import LanguageText

DAY = date(2026, 12, 1)


def shown(words: str, language: str = "en", **known: Any) -> str:
    with override(language):
        return Template("{% load portal %}" + words).render(Context(known)).replace("\u00a0", "~")


@pytest.mark.parametrize(
    ("words", "value", "en", "fr"),
    [
        ("{{ value|day }}", DAY, "December 1, 2026", "1er~décembre~2026"),
        ("{{ value|day }}", None, "", ""),
        ("{{ value|weekday }}", DAY, "Tuesday, December 1, 2026", "mardi 1er~décembre~2026"),
        ("{{ value|weekday }}", None, "", ""),
        ("{{ value|clock }}", time(13, 30), "1:30~p.m.", "13~h~30"),
        ("{{ value|clock }}", time(0, 0), "12:00~a.m.", "0~h"),
        ("{{ value|clock }}", None, "", ""),
        ("{% zone value %}", "Winnipeg", "Winnipeg time", "heure locale, Winnipeg"),
        ("{% days value last %}", DAY, "December 1–3, 2026", "du 1er au 3~décembre~2026"),
        ("{% days value value %}", DAY, "December 1, 2026", "1er~décembre~2026"),
        ("{% days value last %}", None, "", ""),
        ("{% days last value %}", None, "", ""),
    ],
)
def test_days_and_hours(words: str, value: Any, en: str, fr: str) -> None:
    known = {"value": value, "last": date(2026, 12, 3)}
    assert (shown(words, **known), shown(words, "fr", **known)) == (en, fr)


@pytest.mark.parametrize(
    ("zone", "en"),
    [
        ("America/Toronto", "November 17, 2026 9:30~p.m. Tuesday, November 17, 2026"),
        ("America/St_Johns", "November 17, 2026 11:00~p.m. Tuesday, November 17, 2026"),
        ("UTC", "November 18, 2026 2:30~a.m. Wednesday, November 18, 2026"),
    ],
)
def test_an_instant_of_the_database_is_shown_as_it_is_for_the_reader(zone: str, en: str) -> None:
    """Half past nine in the evening of the 17th in Ontario is the 18th in the database's UTC."""
    instant = datetime(2026, 11, 18, 2, 30, tzinfo=UTC)
    with timezone.override(ZoneInfo(zone)):
        assert shown("{{ at|day }} {{ at|clock }} {{ at|weekday }}", at=instant) == en


def test_an_instant_in_the_zone_of_its_place_stays_there() -> None:
    instant = datetime(2026, 11, 17, 23, 30, tzinfo=ZoneInfo("America/Vancouver"))
    with timezone.override(ZoneInfo("America/Toronto")):
        assert shown("{{ at|day }} {{ at|clock }}", at=instant) == "November 17, 2026 11:30~p.m."


def test_the_name_of_a_place_is_escaped() -> None:
    assert shown("{% zone place %}", place="<b>X</b>") == "&lt;b&gt;X&lt;/b&gt; time"


@pytest.mark.parametrize(
    ("text", "language", "lang"),
    [
        (LanguageText("Jeunes", "fr"), "en", "fr"),
        (LanguageText("Youth", "en"), "fr", "en"),
        ("Youth", "en", "en"),
        ("Jeunes", "fr", "fr"),
        (None, "fr", "fr"),
    ],
)
def test_the_language_of_a_text(text: Any, language: str, lang: str) -> None:
    assert shown("{{ text|lang_of }}", language, text=text) == lang


def test_markdown_comes_out_as_html_and_raw_html_does_not() -> None:
    assert shown("{{ text|markdown }}", text="**a** <b>") == "<p><strong>a</strong> &lt;b&gt;</p>\n"


@pytest.mark.parametrize(
    ("address", "tag", "expected"),
    [
        ("/en/?q=a&page=3", "{% query page=2 %}", "?q=a&amp;page=2"),
        ("/en/?q=a&page=3", "{% query page=None %}", "?q=a"),
        ("/en/?q=a&page=3", '{% query page="" %}', "?q=a"),
        ("/en/?page=3", '{% query page="" %}', "?"),
        ("/en/", "{% query page=2 %}", "?page=2"),
        ("/en/?a=1&a=2", "{% query page=2 %}", "?a=1&amp;a=2&amp;page=2"),
        ("/en/?q=a&r=b", "{% query q=None r='c' %}", "?r=c"),
        ("/en/?page=3", "{% query page=0 %}", "?page=0"),
        ("/en/?q=%C3%A9t%C3%A9+%26+%22x%22", "{% query page=2 %}", "?q=%C3%A9t%C3%A9+%26+%22x%22&amp;page=2"),
        ("/en/?q=%3Cscript%3E", "{% query %}", "?q=%3Cscript%3E"),
    ],
)
def test_the_question_with_some_values_changed(address: str, tag: str, expected: str) -> None:
    assert shown(tag, request=RequestFactory().get(address)) == expected


def test_the_question_itself_is_not_changed() -> None:
    request = RequestFactory().get("/en/?q=a&page=3")
    shown("{% query page=4 q=None %}", request=request)
    assert request.GET.urlencode() == "q=a&page=3"


def test_may(winnipeg: Any, helen: Any, amina: Any) -> None:
    rules.add_perm("core_tests.receive", rules.predicate(lambda user, place=None: user == helen and place == winnipeg))
    words = '{% may "core_tests.receive" place as may_receive %}{{ may_receive }} {% may "core_tests.receive" as any %}{{ any }}'
    try:
        for user, expected in ((helen, "True False"), (amina, "False False"), (AnonymousUser(), "False False")):
            request = RequestFactory().get("/en/")
            request.user = user
            assert shown(words, request=request, place=winnipeg) == expected
    finally:
        rules.remove_perm("core_tests.receive")
