"""Kinds of letters that exist in these tests only, and a mail server that only listens."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from cmncp_portal.notifications import kinds, services
from cmncp_portal.notifications.kinds import Kind
from cmncp_portal.notifications.recipients import Recipient
from cmncp_portal.testing.sink import Sink

PLAIN = "Visit of {{ place }}\nHello,\n\n{{ note }}\n\n=> {{ url }} See the plan\n\nUntil then.\n---\nYou take part.\n"
PLAIN_FR = (
    "Visite de {{ place }}\nBonjour,\n\n{{ note }}\n\n=> {{ url }} Voir le plan\n\nÀ bientôt.\n---\nVous participez.\n"
)
CONTEXT = {"place": "Winnipeg", "note": "Bring boots.", "url": "https://portal.example/plan/"}
AMINA = Recipient("Amina@thunderbay.example", "Amina Diallo", "en")
LUC = Recipient("luc@gatineau.example", "Luc Tremblay", "fr")


@pytest.fixture(autouse=True)
def _broker_is_not_given_up() -> Iterator[None]:
    services._broker_away_until = 0.0
    yield
    services._broker_away_until = 0.0


@pytest.fixture
def letter(tmp_path: Path, settings: Any, monkeypatch: Any) -> Callable[..., Kind]:
    """letter(en=…, fr=…, category=…, …) declares a kind whose wording is given."""
    monkeypatch.setattr(kinds, "_registry", dict(kinds._registry))
    first, *others = settings.TEMPLATES
    settings.TEMPLATES = [{**first, "DIRS": [tmp_path, *first["DIRS"]]}, *others]

    def declare(en: str = PLAIN, fr: str = PLAIN_FR, *, name: str = "testing.visit", **fields: Any) -> Kind:
        fields.setdefault("variables", ("place", "note", "url"))
        kind = Kind(name, **({"category": "exchanges"} | fields))
        for language, text in (("en", en), ("fr", fr)):
            file = tmp_path / kind.template(language)
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
        return kind

    return declare


@pytest.fixture
def kind(letter: Callable[..., Kind]) -> Kind:
    return letter()


@pytest.fixture
def sink(settings: Any) -> Iterator[Sink]:
    """A mail server on this machine, and the portal told to use it."""
    with Sink() as server:
        settings.MAIL_TRANSPORT = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", server.port, 5
        settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
        settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
        yield server
