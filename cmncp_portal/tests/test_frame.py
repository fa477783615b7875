"""The frame as a browser, an operator and a failing server see it."""

import socket
import time
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from django.core.cache import caches
from django.template import Context, Template, engines
from django.test import Client
from django.utils import formats, timezone, translation
from kombu.exceptions import OperationalError

from cmncp_portal.caching import ForgivingRedisCache
from cmncp_portal.notifications import selectors as letters
from cmncp_portal.testing.strict import UnknownVariable

NOWHERE = "redis://127.0.0.1:1"  # nothing listens on port 1


# ---- addresses without a language ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("browser_wants", "leads_to"),
    [("fr-CA,fr;q=0.9,en;q=0.5", "/fr/"), ("en-CA", "/en/"), ("de", "/en/"), ("", "/en/")],
)
def test_the_bare_address_leads_to_the_language_of_the_browser(
    client: Client, browser_wants: str, leads_to: str
) -> None:
    answer = client.get("/", headers={"accept-language": browser_wants})
    assert (answer.status_code, answer.headers["Location"]) == (302, leads_to)


def test_health_of_a_portal_that_is_well(client: Client, db: None) -> None:
    answer = client.get("/healthz/")
    assert (answer.status_code, answer.json()) == (200, {"database": True, "broker": True, "letters": True})


def test_health_without_a_broker_still_serves(client: Client, db: None, settings: object) -> None:
    settings.REDIS_URL = NOWHERE
    answer = client.get("/healthz/")
    assert (answer.status_code, answer.json()) == (200, {"database": True, "broker": False, "letters": True})


@pytest.mark.parametrize(("seconds", "leave"), [(14 * 60, True), (15 * 60, False), (86400, False)])
def test_health_tells_when_letters_do_not_leave(
    client: Client, db: None, monkeypatch: pytest.MonkeyPatch, seconds: int, leave: bool
) -> None:
    monkeypatch.setattr(letters, "oldest_unsent_age", lambda: timezone.timedelta(seconds=seconds))
    assert client.get("/healthz/").json()["letters"] is leave


def test_health_without_a_database_is_not_well(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    from django.db import OperationalError as NoDatabase
    from django.db import connection

    def refuse() -> None:
        raise NoDatabase("the server closed the connection")

    monkeypatch.setattr(connection, "cursor", refuse)
    answer = client.get("/healthz/")
    assert (answer.status_code, answer.json()["database"]) == (503, False)


def test_health_may_only_be_read(client: Client) -> None:
    assert client.post("/healthz/").status_code == 405


# ---- headers ------------------------------------------------------------------------------------


def test_every_page_says_what_a_browser_may_load(client: Client) -> None:
    header = client.get("/robots.txt").headers["Content-Security-Policy"]
    assert sorted(header.split("; ")) == [
        "base-uri 'self'",
        "default-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "img-src 'self' data:",
        "object-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
    ]


def test_every_page_carries_the_other_headers(client: Client) -> None:
    headers = client.get("/robots.txt").headers
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert "camera=()" in headers["Permissions-Policy"].split(", ")


# ---- Valkey is away -----------------------------------------------------------------------------


@pytest.fixture
def lonely_cache(monkeypatch: pytest.MonkeyPatch) -> ForgivingRedisCache:
    monkeypatch.setattr(ForgivingRedisCache, "retry_at", 0.0)
    cache = ForgivingRedisCache(NOWHERE, {"OPTIONS": {"socket_connect_timeout": 1}})
    cache.spare.clear()
    return cache


def test_the_cache_goes_on_in_memory(lonely_cache: ForgivingRedisCache) -> None:
    lonely_cache.set("attempts", 1)
    assert lonely_cache.incr("attempts") == 2
    assert lonely_cache.get_many(["attempts", "other"]) == {"attempts": 2}
    assert lonely_cache.add("attempts", 9) is False
    lonely_cache.delete("attempts")
    assert lonely_cache.get("attempts", "gone") == "gone"


def test_a_dead_cache_costs_one_wait_and_not_one_per_call(lonely_cache: ForgivingRedisCache) -> None:
    with socket.socket() as silent:  # accepts nobody: each attempt would wait for the whole timeout
        silent.bind(("127.0.0.1", 0))
        silent.listen(0)
        port = silent.getsockname()[1]
        cache = ForgivingRedisCache(f"redis://127.0.0.1:{port}", {"OPTIONS": {"socket_timeout": 0.3}})
        began = time.monotonic()
        for number in range(20):
            cache.set(f"key-{number}", number)
        assert time.monotonic() - began < 2


def test_the_cache_returns_to_the_server(lonely_cache: ForgivingRedisCache, monkeypatch: pytest.MonkeyPatch) -> None:
    lonely_cache.set("x", 1)
    assert ForgivingRedisCache.retry_at > time.monotonic()
    from django.conf import settings

    monkeypatch.setattr(ForgivingRedisCache, "retry_at", 0.0)
    server = ForgivingRedisCache(settings.REDIS_URL, {"KEY_PREFIX": "test"})
    server.set("found", "there")
    assert server.get("found") == "there"
    assert server.spare.get("found") is None
    server.delete("found")


def test_queueing_fails_at_once_when_the_broker_is_away() -> None:
    """Whoever saves a form must not wait: the caller catches this, and the sweep finds the work."""
    from celery import Celery
    from django.conf import settings

    lonely = Celery("lonely", broker=NOWHERE, set_as_current=False)
    lonely.conf.broker_transport_options = settings.CELERY_BROKER_TRANSPORT_OPTIONS
    lonely.conf.task_publish_retry = settings.CELERY_TASK_PUBLISH_RETRY
    began = time.monotonic()
    with pytest.raises(OperationalError):
        lonely.send_task("notifications.sweep")
    assert time.monotonic() - began < 2


def test_sessions_and_messages_do_not_live_in_the_cache() -> None:
    from django.conf import settings

    assert settings.SESSION_ENGINE == "django.contrib.sessions.backends.db"
    assert settings.MESSAGE_STORAGE == "django.contrib.messages.storage.session.SessionStorage"
    assert caches["default"].__class__.__name__ == "LocMemCache"  # tests share nothing


# ---- dates and clocks ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("zone", "hours"),
    [
        ("America/Vancouver", -7),  # British Columbia keeps summer time since 2026
        ("America/Edmonton", -6),  # Alberta too
        ("America/Winnipeg", -5),  # Manitoba too
        ("America/St_Johns", -3.5),
        ("America/Toronto", -5),
        ("America/Regina", -6),
        ("America/Halifax", -4),
    ],
)
def test_a_meeting_in_january_2027_is_at_the_right_time(zone: str, hours: float) -> None:
    """tzdata 2026f; a system copy that is older would be an hour off in the first three."""
    meeting = datetime(2027, 1, 14, 10, 0, tzinfo=ZoneInfo(zone))
    assert meeting.utcoffset() == timezone.timedelta(hours=hours)
    assert meeting.astimezone(UTC) == datetime(2027, 1, 14, 10, 0, tzinfo=UTC) - timezone.timedelta(hours=hours)


@pytest.mark.parametrize(
    ("language", "name", "text"),
    [
        ("en", "DATE_FORMAT", "May 7, 2026"),
        ("en", "TIME_FORMAT", "1:40\xa0p.m."),
        ("en", "DATETIME_FORMAT", "May 7, 2026, 1:40\xa0p.m."),
        ("en", "SHORT_DATE_FORMAT", "2026-05-07"),
        ("fr", "DATE_FORMAT", "7 mai 2026"),
        ("fr", "TIME_FORMAT", "13\xa0h\xa040"),
        ("fr", "DATETIME_FORMAT", "7 mai 2026, 13\xa0h\xa040"),
        ("fr", "SHORT_DATE_FORMAT", "2026-05-07"),
        ("fr", "SHORT_DATETIME_FORMAT", "2026-05-07 13\xa0h\xa040"),
    ],
)
def test_dates_read_as_in_canada(language: str, name: str, text: str) -> None:
    moment = datetime(2026, 5, 7, 13, 40, tzinfo=ZoneInfo("America/Toronto"))
    with translation.override(language), timezone.override("America/Toronto"):
        assert formats.date_format(timezone.localtime(moment), name) == text


@pytest.mark.parametrize(("language", "text"), [("en", "1,234,567.5"), ("fr", "1\xa0234\xa0567,5")])
def test_numbers_read_as_in_canada(language: str, text: str) -> None:
    with translation.override(language):
        assert formats.number_format(1234567.5, force_grouping=True) == text


@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_date_field_takes_what_browsers_send(language: str) -> None:
    from django import forms

    with translation.override(language):
        field = forms.DateField(localize=True)
        assert field.clean("2026-05-07") == datetime(2026, 5, 7).date()
        assert field.widget.format_value(datetime(2026, 5, 7).date()) == "2026-05-07"


# ---- templates that do not forgive --------------------------------------------------------------


def _ours(source: str) -> Template:
    from django.conf import settings

    template = engines["django"].from_string(source).template
    template.origin.name = str(settings.BASE_DIR / "templates" / "home" / "page.html")
    return template


def test_an_unknown_variable_is_an_error_in_our_templates() -> None:
    with pytest.raises(UnknownVariable, match=r"visit\.hosst"):
        _ours("{{ visit.hosst }}").render(Context({"visit": object()}))


def test_a_template_may_provide_for_the_missing() -> None:
    assert _ours('{{ missing|default:"none" }}').render(Context()) == "none"


def test_templates_of_other_packages_are_not_ours_to_judge() -> None:
    assert engines["django"].from_string("[{{ missing }}]").render({}) == "[]"
