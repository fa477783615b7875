"""The letters word for word, in both languages, compared with the files in snapshots/."""

from pathlib import Path
from typing import Any

import pytest

from cmncp_portal.accounts import notifications as kinds
from cmncp_portal.notifications.kinds import Kind, all_kinds
from cmncp_portal.notifications.rendering import render

SNAPSHOTS = Path(__file__).parent / "snapshots"
URL = "https://portal.example/page/"
ROSA = {"name": "Rosa Morin", "by": "Ada Lefebvre", "url": URL}
ADDRESS = {"email": "rosa@saskatoon.example"}
CODE = {"code": "BCD-FGH", "minutes": 15}
INVITED = {"name": "Rosa Morin", "by": "Priya Nair", "url": URL, **ADDRESS}
ROLES = {"name": "René Gagnon", "by": "Ada Lefebvre", "url": URL}
SEEN = {"name": "Luc Tremblay", "ip": "192.0.2.7", "browser": "Firefox/140.0", "url": URL}


def both(values: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {"en": values, "fr": values}


VALUES: dict[Kind, dict[str, dict[str, Any]]] = {
    kinds.INVITATION: {"en": {**INVITED, "until": "December 1, 2026"}, "fr": {**INVITED, "until": "1er décembre 2026"}},
    kinds.ROLES_CHANGED: {
        "en": {**ROLES, "given": ["Reviewer of evaluations"], "taken": ["Network coordinator"]},
        "fr": {**ROLES, "given": ["Membre de l’équipe d’évaluation"], "taken": []},
    },
    kinds.ACCOUNT_CLOSED: both(ROSA),
    kinds.ACCOUNT_OPENED: both(ROSA),
    kinds.SIGN_IN_CODE: both(CODE),
    kinds.EMAIL_CODE: both({**CODE, **ADDRESS}),
    kinds.PASSWORD_RESET: both(ROSA),
    kinds.UNKNOWN_ADDRESS: both({"email": "nobody@nowhere.example"}),
    kinds.SECURITY_CHANGE: {
        "en": {**SEEN, "what": "The password of your account was changed.", "when": "November 17, 2026, 1:30 p.m."},
        "fr": {**SEEN, "what": "Le mot de passe de votre compte a été changé.", "when": "17 novembre 2026, 13 h 30"},
    },
}


def test_each_kind_of_this_app_is_compared() -> None:
    assert sorted(kind.name for kind in VALUES) == [
        kind.name for kind in all_kinds() if kind.name.startswith("accounts.")
    ]


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("kind", VALUES, ids=lambda kind: kind.name)
def test_the_letter_says_word_for_word(kind: Kind, language: str) -> None:
    letter = render(kind, language, VALUES[kind])
    said, _signature, foot = letter.text.partition("\n-- \n")
    why = foot.partition("\n")[0]  # what follows is the same under every letter, and tested there
    expected = (SNAPSHOTS / f"{kind.name.partition('.')[2]}.{language}.txt").read_text(encoding="utf-8")
    assert f"{letter.subject}\n\n{said}\n-- \n{why}\n" == expected


def test_a_name_cannot_write_a_link_into_the_letter() -> None:
    values = {"name": "[Rosa](https://evil.example/)", "by": "<b>Ada</b>", "url": URL}
    html = render(kinds.ACCOUNT_OPENED, "en", values).html
    assert 'evil.example/"' not in html
    assert "<b>Ada" not in html
