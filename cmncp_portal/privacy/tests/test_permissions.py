"""Who may open what: the own data belong to whoever has the mailbox, the register to administrators."""

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from .factories import make_incident, make_request
from .screens import address

pytestmark = pytest.mark.django_db

SIGN_IN, NO, YES, GONE = 302, 403, 200, 404
PEOPLE = (None, "joseph", "amina", "uma", "rene", "priya", "admin_user")
REGISTER = (SIGN_IN, NO, NO, NO, NO, NO, YES)
EVERYBODY = (YES,) * len(PEOPLE)
TABLE = {
    "mine": EVERYBODY,
    "sent": EVERYBODY,
    "request": EVERYBODY,  # with the token; without one there is nothing, for anybody
    "register": REGISTER,
    "write_down": REGISTER,
    "decide": REGISTER,
    "incidents": REGISTER,
    "incident_new": REGISTER,
    "incident": REGISTER,
    "runs": REGISTER,
}


@pytest.fixture
def things(clock: Any) -> dict[str, tuple[Any, ...]]:
    asked = make_request("forget", confirmed_at=timezone.now())
    return {"request": (asked.token,), "decide": (asked.pk,), "incident": (make_incident().pk,)}


@pytest.mark.parametrize(("number", "who"), list(enumerate(PEOPLE)), ids=str)
def test_the_table(client: Client, things: Any, request: Any, number: int, who: str | None) -> None:
    if who:
        client.force_login(request.getfixturevalue(who))
    seen = {name: client.get(address(name, *things.get(name, ()))).status_code for name in TABLE}
    assert seen == {name: row[number] for name, row in TABLE.items()}


@pytest.mark.parametrize("who", [one for one in PEOPLE if one != "admin_user"])
def test_nobody_else_writes(client: Client, things: Any, request: Any, who: str | None) -> None:
    if who:
        client.force_login(request.getfixturevalue(who))
    expected = NO if who else SIGN_IN
    pk = things["decide"][0]
    paths = [address("decide", pk), address("refuse", pk), address("write_down"), address("incident_new")]
    assert {path: client.post(path, {"answer": "No.", "what": "x"}).status_code for path in paths} == dict.fromkeys(
        paths, expected
    )


def test_refusing_is_done_by_a_form(client: Client, things: Any, admin_user: Any) -> None:
    """Looking at the address of the refusal shows the request."""
    client.force_login(admin_user)
    assert client.get(address("refuse", things["decide"][0])).status_code == YES
