"""The demo's one-click sign-in, and that it cannot exist anywhere else."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from pytest_django.fixtures import Settings

from cmncp_portal.accounts.models import User

from .factories import make_person

ADDRESS = "/en/account/demo/"
PRODUCTION = {
    "SECRET_KEY": "k" * 60,
    "DATABASE_URL": "postgresql:///x",
    "REDIS_URL": "redis://127.0.0.1:1",
    "EMAIL_URL": "smtp://127.0.0.1:1",
    "ALLOWED_HOSTS": "portal.example",
    "SITE_ADDRESS": "https://portal.example",
}


@pytest.fixture
def demo(settings: Settings) -> Settings:
    settings.DEMO = True
    settings.DEMO_PEOPLE = [
        {
            "email": "luc@gatineau.example",
            "role_en": "Representative of Gatineau",
            "role_fr": "Représentant de Gatineau",
        },
        {"email": "real@person.ca", "role_en": "A real person", "role_fr": "Une vraie personne"},
        {"email": "nobody@gatineau.example", "role_en": "Nobody", "role_fr": "Personne"},
    ]
    return settings


@pytest.mark.django_db
def test_one_click_lets_in_and_leads_home_in_the_persons_language(client: Client, demo: Settings) -> None:
    luc = make_person("luc@gatineau.example", language="fr", name="Luc Tremblay")
    page = client.get("/fr/compte/login/").content.decode()
    assert "Représentant de Gatineau" in page
    answer = client.post(ADDRESS, {"email": luc.email})
    assert (answer.status_code, answer["Location"]) == (302, "/fr/")
    assert client.session["_auth_user_id"] == str(luc.pk)


@pytest.mark.django_db
def test_from_one_person_to_the_next(client: Client, demo: Settings, rosa: User) -> None:
    luc = make_person("luc@gatineau.example")
    client.force_login(rosa, backend="cmncp_portal.accounts.backends.PortalBackend")
    client.post(ADDRESS, {"email": luc.email})
    assert client.session["_auth_user_id"] == str(luc.pk)


@pytest.mark.django_db
@pytest.mark.parametrize("email", ["real@person.ca", "rosa@saskatoon.example", "nobody@gatineau.example", ""])
def test_nobody_else_is_let_in(client: Client, demo: Settings, email: str) -> None:
    make_person("real@person.ca")
    make_person("rosa@saskatoon.example")
    assert client.post(ADDRESS, {"email": email}).status_code == 404
    assert "A real person" not in client.get("/en/account/login/").content.decode()
    assert "_auth_user_id" not in client.session


@pytest.mark.django_db
def test_looking_lets_nobody_in(client: Client, demo: Settings) -> None:
    make_person("luc@gatineau.example")
    assert client.get(ADDRESS, {"email": "luc@gatineau.example"}).status_code == 404
    assert "_auth_user_id" not in client.session


@pytest.mark.django_db
def test_outside_the_demo_there_is_nothing(client: Client, demo: Settings) -> None:
    demo.DEMO = False
    make_person("luc@gatineau.example")
    assert client.get(ADDRESS).status_code == 404
    assert client.post(ADDRESS, {"email": "luc@gatineau.example"}).status_code == 404
    assert "demo-people" not in client.get("/en/account/login/").content.decode()
    assert "_auth_user_id" not in client.session


def _in_production(code: str, **environment: str) -> subprocess.CompletedProcess[str]:
    base = {
        "PATH": os.environ["PATH"],
        "DJANGO_SETTINGS_MODULE": "cmncp_portal.settings.prod",
        "CMNCP_VAR": os.environ["CMNCP_VAR"],
    }
    return subprocess.run(
        [sys.executable, "-c", code],
        env={**base, **PRODUCTION, **environment},
        cwd=Path(settings.BASE_DIR),
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_production_knows_no_demo() -> None:
    told = _in_production("from django.conf import settings; print(settings.DEMO)")
    assert told.stdout.strip() == "False", told.stderr


def test_production_does_not_start_with_the_demo() -> None:
    refused = _in_production("from django.conf import settings; settings.DEMO", DEMO="yes")
    assert refused.returncode != 0
    assert "DEMO is set" in refused.stderr
