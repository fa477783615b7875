"""The letters about modules word for word, in both languages, compared with the files in snapshots/."""

from pathlib import Path

from cmncp_portal.notifications.kinds import Kind
from cmncp_portal.testing.letters import LANGUAGES, LettersOfAnApp
from training.notifications.common import both, day_words

from .factories import FIRST

WORD = "The second day is too long.\nPlease add an exercise on data."


class TestLetters(LettersOfAnApp):
    app, folder = "training", Path(__file__).parent / "snapshots"
    known = {
        "name": both("Ann Lee"),
        "heading": {"en": "Planning with the community", "fr": "Planifier avec la communauté"},
        "url": {
            "en": "https://portal.example/en/training/modules/planning/write/",
            "fr": "https://portal.example/fr/formation/modules/planning/rediger/",
        },
        "by": both("Uma Sharma"),
        "partner": {"en": "Lakeside College", "fr": "Collège Lakeside"},
        "due": day_words(FIRST),
        "until": day_words(FIRST),
        "authors": both("Ann Lee, Joan Redsky"),
        "reason": both(WORD),
        "is_late": False,
        "is_new": False,
    }
    variants = {
        ("module_author_invited", "new"): {"is_new": True, "due": both("")},
        ("module_author_invited", "bare"): {"due": both(""), "until": both(""), "partner": both("")},
        ("module_draft_assigned", "bare"): {"due": both(""), "partner": both("")},
        ("module_draft_due", "late"): {"is_late": True},
        ("module_draft_late", "nobody"): {"authors": both("")},
        ("module_sent_back", "bare"): {"due": both("")},
    }
    people, places = ("by", "authors"), ("heading", "partner")
    words = ("module_sent_back", "reason")

    def kinds(self) -> list[Kind]:
        return [kind for kind in super().kinds() if kind.name.startswith("training.module_")]

    def test_no_snapshot_is_missing_or_left_over(self) -> None:
        names = [".".join(filter(None, situation)) for situation in self.situations()]
        expected = {f"{name}.{code}.txt" for name in names for code in LANGUAGES}
        assert {path.name for path in self.folder.glob("module_*.txt")} == expected
