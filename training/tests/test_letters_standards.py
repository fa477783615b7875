"""The letters about standards word for word, in both languages, compared with the files in snapshots/standards/."""

from pathlib import Path
from typing import Any

from cmncp_portal.notifications.kinds import Kind
from cmncp_portal.testing.letters import LettersOfAnApp
from training.notifications import standards as kinds
from training.notifications.common import both

URL = {
    "en": "https://portal.example/en/training/consultation/9-kQ/",
    "fr": "https://portal.example/fr/formation/consultation/9-kQ/",
}
DAY = {"en": "February 26, 2027", "fr": "26\u00a0février\u00a02027"}
ANSWERS = {
    "en": [
        {"about": "1.1 Diagnosis", "words": "Say more of youth.", "verdict": "Accepted", "why": "It is now the first criterion."},
        {"about": "The whole version", "words": "It is long.", "verdict": "Declined", "why": "Each line is asked of a role."},
    ],
    "fr": [
        {"about": "1.1 Diagnostic", "words": "Parlez davantage des jeunes.", "verdict": "Accepté", "why": "C’est maintenant le premier critère."},
        {"about": "L’ensemble de la version", "words": "C’est long.", "verdict": "Non retenu", "why": "Chaque ligne est demandée d’un rôle."},
    ],
}  # fmt: skip


class TestLettersAboutStandards(LettersOfAnApp):
    app, folder = "training", Path(__file__).parent / "snapshots" / "standards"
    known: Any = {
        "name": both("Luc Tremblay"),
        "url": URL,
        "heading": {
            "en": "Community safety strategies, version 2",
            "fr": "Stratégies de sécurité communautaire, version\u00a02",
        },
        "closes": DAY,
        "adopted": DAY,
        "changes": {"en": "Evidence is asked of each criterion.", "fr": "Chaque critère exige une preuve."},
        "competencies": both(48),
        "answers": ANSWERS,
        "is_adopted": both(False),
        "is_first": both(False),
    }
    variants: Any = {
        ("consultation_opened", "bare"): {"changes": both("")},
        ("consultation_link", "no_end"): {"closes": both("")},
        ("comment_answers", "adopted"): {
            "is_adopted": both(True),
            "answers": {code: ANSWERS[code][:1] for code in ANSWERS},
        },
        ("standard_adopted", "first"): {"is_first": both(True), "changes": both("")},
    }
    in_both = ("consultation_opened",)
    places = ("heading",)
    words = ("standard_adopted", "changes")

    def kinds(self) -> list[Kind]:
        return [
            kinds.CONSULTATION_OPENED,
            kinds.CONSULTATION_CLOSING,
            kinds.CONSULTATION_LINK,
            kinds.COMMENT_ANSWERS,
            kinds.STANDARD_ADOPTED,
        ]
