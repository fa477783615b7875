"""Values from the environment, and what production refuses."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from cmncp_portal.settings import env

BASE_DIR = Path(__file__).resolve().parent.parent.parent

PRODUCTION = {
    "DJANGO_SETTINGS_MODULE": "cmncp_portal.settings.prod",
    "SECRET_KEY": "k7w-2mQ$9xv!e4RtYp0+aZs&dLhN5uBcJf8GiKoW3jTq6-Dz8Xy1Eb",
    "ALLOWED_HOSTS": "portal.example.ca",
    "SITE_ADDRESS": "https://portal.example.ca",
    "REDIS_URL": "redis://redis.example.ca:6379",
    "EMAIL_URL": "smtps://portal:secret@mail.example.ca",
}


def in_production(*code: str, **changes: str | None) -> subprocess.CompletedProcess[str]:
    """Runs Python under production settings, in a process of its own; a change of None takes a variable away."""
    values: dict[str, str | None] = {**PRODUCTION, "DATABASE_URL": os.environ["DATABASE_URL"], **changes}
    environment = {"PATH": os.environ["PATH"], "CMNCP_VAR": os.environ["CMNCP_VAR"]}
    environment |= {name: value for name, value in values.items() if value is not None}
    return subprocess.run(
        [sys.executable, *code], capture_output=True, text=True, cwd=BASE_DIR, env=environment, check=False, timeout=60
    )


@pytest.mark.slow
def test_production_settings_pass_django_s_own_examination() -> None:
    done = in_production("-W", "ignore", "manage.py", "check", "--deploy", "--fail-level", "INFO")
    assert (done.returncode, done.stdout.strip()) == (0, "System check identified no issues (0 silenced)."), done.stderr


@pytest.mark.slow
@pytest.mark.parametrize(
    "missing", ["SECRET_KEY", "DATABASE_URL", "REDIS_URL", "EMAIL_URL", "ALLOWED_HOSTS", "SITE_ADDRESS"]
)
def test_production_does_not_start_without(missing: str) -> None:
    done = in_production("-c", "import cmncp_portal.settings.prod", **{missing: None})
    assert done.returncode == 1
    assert done.stderr.strip().splitlines()[-1].endswith(f"{missing} must be set; .env.example says what it is for.")


@pytest.mark.slow
def test_the_demo_cannot_exist_in_production() -> None:
    done = in_production("-c", "import cmncp_portal.settings.prod", DEMO="yes")
    assert done.returncode == 1
    assert "must not exist in production" in done.stderr


@pytest.mark.slow
def test_production_says_that_it_is_no_demo_and_sends_cookies_over_tls_only() -> None:
    names = [
        "DEBUG",
        "DEMO",
        "SESSION_COOKIE_SECURE",
        "CSRF_COOKIE_SECURE",
        "SECURE_SSL_REDIRECT",
        "SECURE_HSTS_SECONDS",
    ]
    code = f"import cmncp_portal.settings.prod as s; print([getattr(s, n) for n in {names!r}])"
    assert in_production("-c", code).stdout.strip() == "[False, False, True, True, True, 31536000]"


@pytest.mark.slow
def test_production_asks_for_an_address_with_tls() -> None:
    done = in_production("-c", "import cmncp_portal.settings.prod", SITE_ADDRESS="http://portal.example.ca")
    assert "SITE_ADDRESS must begin with https://" in done.stderr


# ---- typed readers ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "value"), [("yes", True), ("ON", True), ("0", False), ("no", False), ("", True), ("  ", True)]
)
def test_flag(monkeypatch: pytest.MonkeyPatch, text: str, value: bool) -> None:
    monkeypatch.setenv("SWITCH", text)
    assert env.flag("SWITCH", default=True) is value


@pytest.mark.parametrize(
    ("read", "value", "message"),
    [
        (lambda: env.flag("X", False), "perhaps", "X must be yes or no, not “perhaps”."),
        (lambda: env.integer("X", 1), "many", "X must be a whole number, not “many”."),
        (
            lambda: env.origin("X", ""),
            "portal.example.ca",
            "X must look like https://portal.example.ca, not “portal.example.ca”.",
        ),
        (
            lambda: env.origin("X", ""),
            "https://a.ca/path",
            "X must look like https://portal.example.ca, not “https://a.ca/path”.",
        ),
        (lambda: env.mail("X", ""), "pigeon://loft", "X must begin with smtp://, smtps://, anymail+…:// or file:///."),
        (lambda: env.mail("X", ""), "smtp://host:many", "X has a port that is not a number."),
        (lambda: env.text("X"), "", "X must be set; .env.example says what it is for."),
    ],
)
def test_a_value_that_cannot_be_read_names_its_variable(
    monkeypatch: pytest.MonkeyPatch, read: Any, value: str, message: str
) -> None:
    monkeypatch.setenv("X", value)
    with pytest.raises(ImproperlyConfigured) as refused:
        read()
    assert str(refused.value) == message


@pytest.mark.parametrize(
    ("address", "host", "port", "user", "password", "ssl", "tls"),
    [
        ("smtp://localhost:1025", "localhost", 1025, "", "", False, False),
        ("smtp://mail.example.ca", "mail.example.ca", 25, "", "", False, False),
        ("smtp://me:p%40ss@mail.example.ca:587", "mail.example.ca", 587, "me", "p@ss", False, True),
        ("smtp://mail.example.ca:2525?tls=yes", "mail.example.ca", 2525, "", "", False, True),
        ("smtp://mail.example.ca:587?tls=no", "mail.example.ca", 587, "", "", False, False),
        ("smtps://me:x@mail.example.ca", "mail.example.ca", 465, "me", "x", True, False),
    ],
)
def test_the_mail_server(
    monkeypatch: pytest.MonkeyPatch, address: str, host: str, port: int, user: str, password: str, ssl: bool, tls: bool
) -> None:
    monkeypatch.setenv("EMAIL_URL", address)
    read = env.mail("EMAIL_URL", "")
    names = ["HOST", "PORT", "HOST_USER", "HOST_PASSWORD", "USE_SSL", "USE_TLS"]
    assert [read[f"EMAIL_{name}"] for name in names] == [host, port, user, password, ssl, tls]


def test_a_provider_of_anymail(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EMAIL_URL", "anymail+mailgun://")
    assert env.mail("EMAIL_URL", "") == {"EMAIL_BACKEND": "anymail.backends.mailgun.EmailBackend"}


def test_letters_as_files(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("EMAIL_URL", raising=False)
    read = env.mail("EMAIL_URL", "file:///srv/mail")
    assert (read["EMAIL_BACKEND"].rsplit(".", 2)[1], read["EMAIL_FILE_PATH"]) == ("filebased", "/srv/mail")


def test_the_env_file_fills_gaps_and_overrules_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FIRST", "set")
    monkeypatch.setenv("SECOND", "")
    monkeypatch.setenv("THIRD", "x")
    monkeypatch.delenv("THIRD")
    file = tmp_path / ".env"
    file.write_text('# a comment\nFIRST=file\nSECOND="a word"\nTHIRD=\n')
    env.load(file)
    assert (os.environ["FIRST"], os.environ["SECOND"], "THIRD" in os.environ) == ("set", "a word", False)


def test_a_broken_env_file_says_which_line(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("# fine\nnot a setting\n")
    with pytest.raises(ImproperlyConfigured, match=r"\.env, line 2: expected NAME=value\."):
        env.load(file)
