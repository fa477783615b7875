"""Kinds are declared once, have both wordings, and these ask for the same."""

from collections.abc import Callable
from io import StringIO
from typing import Any

import pytest
from django.core.checks import Error, Warning
from django.core.management import CommandError, call_command

from cmncp_portal.notifications.checks import check_kind
from cmncp_portal.notifications.kinds import Kind, all_kinds, kind_called
from cmncp_portal.notifications.tests.conftest import PLAIN, PLAIN_FR


def test_a_name_belongs_to_one_kind(letter: Callable[..., Kind]) -> None:
    kind = letter()
    assert (kind_called("testing.visit"), kind_called("testing.gone")) == (kind, None)
    assert Kind("testing.visit", "exchanges", ("place", "note", "url")) == kind
    with pytest.raises(ValueError, match="two different kinds"):
        Kind("testing.visit", "meetings")
    for bad in ("visit", "testing.visit.more", "testing.", "../x.y"):
        with pytest.raises(ValueError, match=r"app\.kind"):
            Kind(bad, "meetings")


def test_kinds_of_all_apps_are_known_when_the_portal_is_ready() -> None:
    assert "notifications.news_on" in [kind.name for kind in all_kinds()]


@pytest.mark.parametrize("kind", [kind for kind in all_kinds() if kind.name.startswith("notifications.")])
def test_our_own_letters_are_complete(kind: Kind) -> None:
    assert check_kind(kind) == []


def test_complete_kind_has_no_problem(letter: Callable[..., Kind]) -> None:
    assert check_kind(letter()) == []


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"category": "weather"}, ["E001"]),
        ({"en": PLAIN + "{{ more }}"}, ["E004", "E005"]),
        ({"en": PLAIN + "{{ more }}", "fr": PLAIN_FR + "{{ more }}"}, ["E004", "E004"]),
        ({"fr": PLAIN_FR.replace("{{ note }}", "")}, ["E005"]),
        ({"variables": ("place", "note", "url", "idle")}, ["E006"]),
        ({"fr": PLAIN_FR + "{% include 'x' %}"}, ["E003"]),
        ({"fr": PLAIN_FR + "{% if %}"}, ["E003"]),
        ({"en": PLAIN + "{{ acronym }} {{ contact }}"}, []),
    ],
)
def test_problems_of_a_kind(letter: Callable[..., Kind], changes: dict[str, Any], expected: list[str]) -> None:
    problems = check_kind(letter(**changes))
    assert [problem.id.removeprefix("notifications.") for problem in problems] == expected  # type: ignore[union-attr]
    assert {type(problem) for problem in problems} <= {Error}


def test_missing_wording(letter: Callable[..., Kind], settings: Any) -> None:
    kind = Kind("testing.wordless", "exchanges") if letter() else None
    assert kind
    assert [problem.id for problem in check_kind(kind)] == ["notifications.E002"] * 2
    settings.DEBUG = True
    assert {type(problem) for problem in check_kind(kind)} == {Warning}


def test_preview_shows_both_languages(letter: Callable[..., Kind]) -> None:
    letter(
        en=PLAIN + "{% for stop in stops %}{{ stop.title }} {% endfor %}",
        variables=("place", "note", "url", "stops"),
    )
    out = StringIO()
    call_command("preview_letter", "testing.visit", "--values", '{"place": "Winnipeg"}', stdout=out)
    shown = out.getvalue()
    assert "[CMNCP] Visit of Winnipeg" in shown
    assert "[RMCPC] Visite de Winnipeg" in shown
    assert "See the plan:\nhttps://portal.example/url" in shown
    assert "[title] [title]" in shown


def test_preview_of_nothing_and_of_nonsense(letter: Callable[..., Kind]) -> None:
    letter()
    out = StringIO()
    call_command("preview_letter", stdout=out)
    assert "testing.visit" in out.getvalue().splitlines()
    with pytest.raises(CommandError, match="No kind of letter"):
        call_command("preview_letter", "testing.gone")
    with pytest.raises(CommandError, match="not JSON"):
        call_command("preview_letter", "testing.visit", "--values", "{")
