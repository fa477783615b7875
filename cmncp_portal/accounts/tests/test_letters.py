"""The letters word for word, in both languages, compared with the files in snapshots/."""

from pathlib import Path
from typing import Any

import pytest

from cmncp_portal.accounts import notifications as kinds
from cmncp_portal.notifications.kinds import Kind, all_kinds
from cmncp_portal.notifications.rendering import render

SNAPSHOTS = Path(__file__).parent / "snapshots"
URL = "https://portal.example/page/"
VALUES: dict[Kind, dict[str, dict[str, Any]]] = {
    kinds.INVITATION: {
        "en": {"name": "Rosa Morin", "email": "rosa@saskatoon.example", "by": "Priya Nair", "until": "December 1, 2026", "url": URL},
        "fr": {"name": "Rosa Morin", "email": "rosa@saskatoon.example", "by": "Priya Nair", "until": "1er décembre 2026", "url": URL},
    },
    kinds.ROLES_CHANGED: {
        "en": {"name": "René Gagnon", "given": ["Reviewer of evaluations"], "taken": ["Network coordinator"], "by": "Ada Lefebvre", "url": URL},
        "fr": {"name": "René Gagnon", "given": ["Réviseur·e des évaluations"], "taken": [], "by": "Ada Lefebvre", "url": URL},
    },
    kinds.ACCOUNT_CLOSED: dict.fromkeys(("en", "fr"), {"name": "Rosa Morin", "by": "Ada Lefebvre"}),
    kinds.ACCOUNT_OPENED: dict.fromkeys(("en", "fr"), {"name": "Rosa Morin", "by": "Ada Lefebvre", "url": URL}),
    kinds.SIGN_IN_CODE: dict.fromkeys(("en", "fr"), {"code": "BCD-FGH", "minutes": 15}),
    kinds.EMAIL_CODE: dict.fromkeys(("en", "fr"), {"code": "BCD-FGH", "minutes": 15, "email": "rosa@saskatoon.example"}),
    kinds.PASSWORD_RESET: dict.fromkeys(("en", "fr"), {"name": "Rosa Morin", "url": URL}),
    kinds.UNKNOWN_ADDRESS: dict.fromkeys(("en", "fr"), {"email": "nobody@nowhere.example"}),
    kinds.SECURITY_CHANGE: {
        "en": {"name": "Luc Tremblay", "what": "The password of your account was changed.", "when": "November 17, 2026, 1:30 p.m.", "ip": "192.0.2.7", "browser": "Firefox/140.0", "url": URL},
        "fr": {"name": "Luc Tremblay", "what": "Le mot de passe de votre compte a été changé.", "when": "17 novembre 2026, 13 h 30", "ip": "192.0.2.7", "browser": "Firefox/140.0", "url": URL},
    },
}


def test_each_kind_of_this_app_is_compared() -> None:
    assert sorted(kind.name for kind in VALUES) == [kind.name for kind in all_kinds() if kind.name.startswith("accounts.")]


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
    assert "evil.example/\"" not in html
    assert "<b>Ada" not in html
