"""A personal link opens one thing, in one scope, until its nonce changes; anything else opens nothing."""

import re

import pytest
from django.test import override_settings

from cmncp_portal.core.links import is_valid, make_token, new_nonce, pk_of

NONCE = "0123456789abcdef0123456789abcdef"


def test_a_token_opens_its_own_thing() -> None:
    token = make_token("exchanges.desk", 12, NONCE)
    assert re.fullmatch(r"12\.[A-Za-z0-9_-]{43}", token)
    assert pk_of(token) == 12
    assert is_valid(token, "exchanges.desk", 12, NONCE)


def test_the_same_thing_has_the_same_token_in_each_letter() -> None:
    assert make_token("exchanges.desk", 12, NONCE) == make_token("exchanges.desk", 12, NONCE)


@pytest.mark.parametrize(
    ("scope", "pk", "nonce"),
    [
        ("evaluation.answer", 12, NONCE),
        ("exchanges.desk", 13, NONCE),
        ("exchanges.desk", 1, NONCE),
        ("exchanges.desk", 12, NONCE[::-1]),
        ("exchanges.desk", 12, ""),
    ],
    ids=["other scope", "other thing", "shorter number", "new nonce", "no nonce"],
)
def test_a_token_opens_nothing_else(scope: str, pk: int, nonce: str) -> None:
    assert not is_valid(make_token("exchanges.desk", 12, NONCE), scope, pk, nonce)


def test_an_empty_nonce_never_opens() -> None:
    assert not is_valid(make_token("exchanges.desk", 12, ""), "exchanges.desk", 12, "")


def test_another_server_makes_other_tokens() -> None:
    with override_settings(SECRET_KEY="that of another server"):
        foreign = make_token("exchanges.desk", 12, NONCE)
    assert not is_valid(foreign, "exchanges.desk", 12, NONCE)


@pytest.mark.parametrize("change", [0, 1, 3, -1])
def test_one_changed_character_closes_the_door(change: int) -> None:
    token = make_token("exchanges.desk", 12, NONCE)
    letters = list(token)
    letters[change] = "A" if letters[change] != "A" else "B"
    assert not is_valid("".join(letters), "exchanges.desk", 12, NONCE)


def test_a_moved_signature_opens_nothing() -> None:
    signature = make_token("exchanges.desk", 12, NONCE).partition(".")[2]
    for forged in (f"13.{signature}", f"012.{signature}", f" 12.{signature}", f"12.{signature}=", f"12.{signature}\n"):
        assert not is_valid(forged, "exchanges.desk", 12, NONCE)
        assert not is_valid(forged, "exchanges.desk", 13, NONCE)


@pytest.mark.parametrize(
    "token",
    [
        "",
        ".",
        "12",
        "12.",
        ".abc",
        "a12.abc",
        "-12.abc",
        "+12.abc",
        "1_2.abc",
        " 12.abc",
        "12 .abc",
        "0x12.abc",
        "١٢.abc",  # Arabic digits
        "１２.abc",  # full-width digits
        "²1.abc",
        "1" * 18 + ".abc",  # beyond what a key can be
        "1" * 5000 + ".abc",  # beyond what Python turns into a number
        "é" * 300,
    ],
)
def test_what_has_not_the_form_of_a_token_names_nothing(token: str) -> None:
    assert pk_of(token) is None
    assert not is_valid(token, "exchanges.desk", 12, NONCE)


def test_the_longest_number_still_counts() -> None:
    assert pk_of("9" * 17 + ".abc") == int("9" * 17)


def test_nonces_differ_and_have_128_bits() -> None:
    nonces = {new_nonce() for _turn in range(50)}
    assert len(nonces) == 50
    assert {bool(re.fullmatch("[0-9a-f]{32}", nonce)) for nonce in nonces} == {True}
