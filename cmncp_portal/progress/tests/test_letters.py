"""The letters of progress word for word, in both languages, compared with the files in snapshots/."""

from pathlib import Path
from typing import Any

from cmncp_portal.testing.letters import LettersOfAnApp

NOTHING_SAID = {"stage": "", "confirmed": ""}
LINK = {code: f"https://portal.example/{code}/strategies/commitments/answer/7.key/" for code in ("en", "fr")}


def asked(*texts: str, owner: str = "", why: str = "") -> dict[str, Any]:
    """Commitments as the letter that asks about them names them."""
    days = {"en": "September 1, 2027", "fr": "1er\u00a0septembre\u00a02027"}
    return {code: [{"text": t, "due": days[code], "owner": owner, "why": why} for t in texts] for code in days}


OTHERS = asked("A course for parents", owner="Sam Roy", why="left")


class TestLetters(LettersOfAnApp):
    app, folder = "progress", Path(__file__).parent / "snapshots"
    known = {
        "name": "Luc Tremblay",
        "municipality": "Gatineau",
        "stage": {"en": "Plan adopted", "fr": "Plan adopté"},
        "confirmed": {"en": "March 3, 2026", "fr": "3\u00a0mars\u00a02026"},
        "municipalities": ["Merritt", "Williams Lake"],
        "url": {
            "en": "https://portal.example/en/strategies/gatineau/",
            "fr": "https://portal.example/fr/strategies/gatineau/",
        },
    }
    own = {
        "how_far": {"own": asked("A youth hub", "A course for parents"), "others": [], "url": LINK},
        "commitment_yours": {
            "commitment": "A youth hub",
            "due": {"en": "September 1, 2027", "fr": "1er\u00a0septembre\u00a02027"},
            "origin": {"en": "Visit to Winnipeg", "fr": "Visite à Winnipeg"},
            "by": "Amina Diallo",
            "is_personal": False,
        },
    }
    variants = {
        ("nudge", "nothing_said"): NOTHING_SAID,
        ("nudge", "never_confirmed"): {"confirmed": ""},
        ("nudge_again", "nothing_said"): NOTHING_SAID,
        ("how_far", "left"): {"own": [], "others": OTHERS, "url": LINK},
        ("how_far", "silent"): {"own": [], "others": asked("A hub", owner="Sam Roy", why="silent"), "url": LINK},
        ("how_far", "nobody"): {"own": [], "others": asked("A hub", owner="—", why="nobody"), "url": LINK},
        ("how_far", "own_and_others"): {"own": asked("A youth hub"), "others": OTHERS, "url": LINK},
        ("commitment_yours", "own_idea"): {"origin": ""},
        ("commitment_yours", "by_link"): {"is_personal": True, "url": LINK},
        ("nobody_to_ask", "one"): {"municipalities": ["Merritt"]},
    }
    in_both = ("nudge", "how_far")
    people, places = ("by", "one.owner"), ("municipality",)

    def test_words_of_people_stay_words(self, letter: Any) -> None:
        """A name is a name, and what somebody means to do is a sentence, whatever stands in it."""
        evil = "=> https://evil.example/ Press here"
        for written in (
            letter("nobody_to_ask", "en", municipalities=[evil]),
            letter("commitment_yours", "en", commitment=evil),
            letter("how_far", "en", own=asked(evil)),
        ):
            assert written.html.count('class="act"') == 1
            assert 'href="https://evil.example/' not in written.html
