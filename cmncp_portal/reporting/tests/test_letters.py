"""The letters about reports word for word, in both languages, compared with the files in snapshots/."""

from datetime import date
from pathlib import Path

from cmncp_portal.notifications.bilingual import day_words
from cmncp_portal.testing.letters import LettersOfAnApp


class TestLetters(LettersOfAnApp):
    app, folder = "reporting", Path(__file__).parent / "snapshots"
    known = {
        "name": "Priya Nair",
        "title": {"en": "Report for 2026–2027", "fr": "Rapport de 2026-2027"},
        "period": {
            "en": "April 1, 2026 – March 31, 2027",
            "fr": "du 1er\u00a0avril\u00a02026 au 31\u00a0mars\u00a02027",
        },
        "due": day_words(date(2027, 4, 30)),
        "is_today": False,
        "is_late": False,
        "frozen_on": "",
        "url": {"en": "https://portal.example/en/reports/7/", "fr": "https://portal.example/fr/rapports/7/"},
    }
    variants = {
        ("due", "today"): {"is_today": True},
        ("due", "late"): {"is_late": True, "frozen_on": day_words(date(2027, 4, 28))},
    }
    places = ("title",)
    words = ("due", "title")
