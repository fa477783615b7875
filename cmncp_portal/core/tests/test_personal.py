"""Who is looked for in running text, what stands where somebody was, and on which day something has outlived its time."""

from datetime import UTC, date, datetime

import pytest

from cmncp_portal.core.keeping import LIMITS, Limit
from cmncp_portal.core.personal import Person, fits_as_name, is_nowhere, pattern_of


@pytest.mark.parametrize(
    ("name", "fits"),
    [
        ("Amina Diallo", True),
        ("Marie-Ève O’Brien", True),
        ("Amina", False),
        ("Community", False),
        ("A. B", False),
        ("Al Li", False),  # too short to be looked for in texts
        ("", False),
    ],
)
def test_only_full_names_are_looked_for(name: str, fits: bool) -> None:
    assert fits_as_name(name) is fits


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Ask Amina Diallo.", True),
        ("AMINA\n  DIALLO", True),
        ("amina@thunderbay.example", True),
        ("<AMINA@thunderbay.example>", True),
        ("?to=amina%40thunderbay.example", True),
        ("Amina Diallone", False),
        ("joamina@thunderbay.example", False),
        ("x.amina@thunderbay.example", False),
        ("amina@thunderbay.example.org", False),
        ("amina@thunderbay.example.", True),  # the end of a sentence
        ("Amina", False),
    ],
)
@pytest.mark.django_db
def test_what_the_pattern_finds(text: str, found: bool) -> None:
    from django.db import connection

    person = Person(frozenset({"amina@thunderbay.example"}), names=frozenset({"Amina Diallo"}))
    with connection.cursor() as cursor:
        cursor.execute("SELECT %s ~* %s", [text, pattern_of(person)])
        assert cursor.fetchone() == (found,)


@pytest.mark.django_db
def test_names_with_signs_are_found_as_letters_write_them() -> None:
    from django.db import connection

    person = Person(frozenset(), names=frozenset({"Seán O'Brien (Sr.)"}))
    for text in ("Seán O'Brien (Sr.)", "Seán O&#x27;Brien (Sr.)", "Seán O’Brien (Sr.)"):
        with connection.cursor() as cursor:
            cursor.execute("SELECT %s ~* %s", [f"by {text}, today", pattern_of(person)])
            assert cursor.fetchone() == (True,)


def test_who_has_no_name_is_not_looked_for() -> None:
    assert pattern_of(Person(frozenset(), names=frozenset({"Amina"}))) == ""


@pytest.mark.parametrize(
    ("email", "answer"),
    [("forgotten-12@invalid", True), ("Ann@INVALID ", True), ("ann@removed.invalid", False), ("", False)],
)
def test_nowhere(email: str, answer: bool) -> None:
    assert is_nowhere(email) is answer


@pytest.mark.parametrize(
    ("now", "first"),
    [
        (datetime(2027, 2, 28, 15, 0, tzinfo=UTC), date(2025, 2, 28)),
        (datetime(2028, 2, 29, 15, 0, tzinfo=UTC), date(2026, 2, 28)),
        (datetime(2027, 3, 1, 3, 0, tzinfo=UTC), date(2025, 2, 28)),  # still February in the network's office
        (datetime(2027, 3, 1, 5, 0, tzinfo=UTC), date(2025, 3, 1)),
    ],
)
def test_the_first_day_kept(now: datetime, first: date) -> None:
    limit = Limit("Letters", months=24)
    assert limit.first_day_kept(now) == first
    assert limit.kept_since(now).date() == first


def test_the_limits() -> None:
    said = {code: (limit.months, limit.days) for code, limit in LIMITS.items()}
    assert said == {
        "unconfirmed": (0, 14),
        "requests": (24, 0),
        "needs": (0, 30),
        "letters": (24, 0),
        "evaluations": (24, 0),
        "readings": (24, 0),
        "joining": (24, 0),
        "lists": (0, 1),
    }
