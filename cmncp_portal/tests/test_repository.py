"""What a reviewer would say twice, said by a test."""

import os
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command

BASE_DIR: Path = settings.BASE_DIR
READS = re.compile(r"env\.(?:text|flag|integer|words|folder|content|origin|mail)\(\s*\"(\w+)\"")
OUTSIDE_SETTINGS = {"PORT", "POSTGRES_PASSWORD"}  # scripts/serve and compose.yaml
TEMPLATES = sorted((BASE_DIR / "templates").rglob("*.html"))
PAGES = [path for path in TEMPLATES if path.name != "letter.html"]  # mail readers know style attributes only
SHEETS = sorted((BASE_DIR / "static").rglob("*.css"))
SCRIPTS = sorted((BASE_DIR / "static").rglob("*.js"))


def found(pattern: str, paths: list[Path]) -> list[str]:
    """file:line of every line that matches."""
    compiled = re.compile(pattern, re.IGNORECASE)
    return [
        f"{path.relative_to(BASE_DIR)}:{number}"
        for path in paths
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if compiled.search(line)
    ]


def test_the_example_lists_every_variable_that_is_read() -> None:
    code = "\n".join(path.read_text(encoding="utf-8") for path in (BASE_DIR / "cmncp_portal" / "settings").glob("*.py"))
    read = set(READS.findall(code)) | OUTSIDE_SETTINGS
    listed = re.findall(r"^(\w+)=", (BASE_DIR / ".env.example").read_text(encoding="utf-8"), re.MULTILINE)
    assert sorted(listed) == sorted(read)


def test_the_example_names_no_secret() -> None:
    text = (BASE_DIR / ".env.example").read_text(encoding="utf-8")
    assert re.findall(r"^(\w*(?:SECRET|PASSWORD)\w*)=(.+)$", text, re.MULTILINE) == []


@pytest.mark.parametrize(
    "pattern",
    [
        r"<script(?![^>]*\bsrc=)(?![^>]*application/json)",
        r"<style\b",
        r"\sstyle\s*=",
        r"\son(click|submit|change|load|input|focus|blur|key\w+|mouse\w+)\s*=",
        r"javascript:",
        r"\shx-on\b",
    ],
)
def test_no_script_and_no_style_inside_a_page(pattern: str) -> None:
    assert found(pattern, PAGES) == []


def test_nothing_is_fetched_from_another_host() -> None:
    assert found(r"(?:src|srcset)\s*=\s*[\"'](?:https?:)?//|<link[^>]+href\s*=\s*[\"'](?:https?:)?//", TEMPLATES) == []
    assert found(r"@import|url\(\s*[\"']?(?:https?:)?//", SHEETS) == []
    assert found(r"\bimport\s*\(?\s*[\"']https?:|\beval\(|new Function", SCRIPTS) == []


def test_templates_are_short_enough_to_read() -> None:
    long = {
        path.name: lines for path in TEMPLATES if (lines := len(path.read_text(encoding="utf-8").splitlines())) > 130
    }
    assert long == {}


def test_every_requirement_says_what_it_is_for() -> None:
    lines = [
        line
        for name in ("requirements.in", "requirements-dev.in")
        for line in (BASE_DIR / name).read_text(encoding="utf-8").splitlines()
        if line and not line.startswith(("#", "-c"))
    ]
    assert lines
    assert [line for line in lines if not re.search(r" # \S", line)] == []


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_pinned_lists_have_hashes_and_no_addresses(name: str) -> None:
    text = (BASE_DIR / name).read_text(encoding="utf-8")
    pins = re.split(r"\n(?=[a-z0-9])", text)[1:]
    assert len(pins) > 20
    assert [pin.split(" ")[0] for pin in pins if "==" not in pin or "--hash=sha256:" not in pin] == []
    assert re.findall(r"https?://|file:|--(?:extra-)?index-url|--find-links", text) == []


def test_scripts_can_be_run() -> None:
    scripts = [path for path in (BASE_DIR / "scripts").iterdir() if path.name != "browser"] + [BASE_DIR / ".ci" / "run"]
    assert [path.name for path in scripts if not os.access(path, os.X_OK)] == []


def test_models_and_migrations_agree(db: None) -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)
