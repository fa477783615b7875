"""The letters of progress word for word, in both languages, compared with the files in snapshots/."""

from pathlib import Path
from typing import Any

from cmncp_portal.testing.letters import LettersOfAnApp

NOTHING_SAID = {"stage": "", "confirmed": ""}


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
    variants = {
        ("nudge", "nothing_said"): NOTHING_SAID,
        ("nudge", "never_confirmed"): {"confirmed": ""},
        ("nudge_again", "nothing_said"): NOTHING_SAID,
        ("nobody_to_ask", "one"): {"municipalities": ["Merritt"]},
    }
    in_both = ("nudge",)
    places = ("municipality",)

    def test_words_of_people_stay_words(self, letter: Any) -> None:
        """Nobody's own sentences are in these letters; a name is a name, whatever stands in it."""
        written = letter("nobody_to_ask", "en", municipalities=["=> https://evil.example/ Press here"])
        assert written.html.count('class="act"') == 1
        assert 'href="https://evil.example/' not in written.html
