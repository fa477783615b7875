"""The letters of knowledge word for word, in both languages, compared with the files in snapshots/."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from cmncp_portal.notifications.kinds import Kind
from cmncp_portal.testing.letters import LettersOfAnApp, short
from knowledge.models import BriefRequest, Review, Use
from knowledge.notifications import both, day_words, language_words, state_words, use_words, verdict_words

# Letters to readers, who may not have said their name.
TO_READERS = ("brief_published", "concern_answered", "format_answered", "format_received", "subscription_confirm")
URL = {
    "en": "https://portal.example/en/knowledge/briefs/safe-streets/",
    "fr": "https://portal.example/fr/savoir/pistes-daction/safe-streets/",
}
NOTE = "The challenge is clear.\nThe second paragraph needs a number."
NOBODY = {"name": both("")}


def asked(state: BriefRequest.State) -> dict[str, str]:
    return state_words(BriefRequest(state=state))


KNOWN: dict[str, dict[str, Any]] = {
    "name": both("Luc Tremblay"),
    "url": URL,
    "title": {"en": "Safe streets", "fr": "Sécurité dans les rues"},
    "subject": both("Logement des jeunes"),
    "why": both("Our council decides on a housing strategy in June.\nIt asks what works."),
    "by": both("Amina Diallo"),
    "municipality": both("Thunder Bay"),
    "state": asked(BriefRequest.State.ACCEPTED),
    "reply": both("We begin in March, with the evidence on youth housing."),
    "due": day_words(date(2027, 3, 1)),
    "is_late": both(False),
    "verdict": verdict_words(Review(verdict=Review.Verdict.CHANGES)),
    "note": both(NOTE),
    "comments": both(3),
    "language": language_words("fr"),
    "is_outdated": both(False),
    "example": {
        "en": "Since 2019, street workers and the library keep the square open in the evening.",
        "fr": "Depuis 2019, des travailleuses de rue et la bibliothèque gardent la place ouverte en soirée.",
    },
    "days": both(60),
    "summary": {
        "en": "What a city can do so that people feel safe outside.",
        "fr": "Ce qu’une ville peut faire pour que les gens se sentent en sécurité dehors.",
    },
    "reference": both("1.3"),
    "wording": {
        "en": "I agree to receive an email when a new action brief is published. I can stop this at any time.",
        "fr": "J’accepte de recevoir un courriel quand une nouvelle piste d’action est publiée. Je peux y mettre fin en tout temps.",
    },
    "wanted": both("Braille, if possible.\nElse a recording."),
    "answer": both("A braille copy goes into the mail on Monday."),
    "text": both("The number of assaults is from 2009.\nThere is a newer one."),
}
# Where the plain case of a kind differs from that of the others.
OWN: dict[str, dict[str, Any]] = {
    "brief_used": {
        "state": use_words(Use(state=Use.State.DOING)),
        "note": both("Two streets have new lights; the evening patrol begins in May."),
    },
    "brief_withdrawn": {
        "why": {
            "en": "The study on which it rests was retracted.",
            "fr": "L’étude sur laquelle elle repose a été rétractée.",
        }
    },
    "concern_answered": {"answer": both("Thank you. We replaced it with the number of 2024.")},
}
# The same letters in other situations, snapshots/<kind>.<variant>.<language>.txt.
VARIANTS: dict[tuple[str, str], dict[str, Any]] = {
    ("brief_requested", "of_the_network"): {"municipality": both("")},
    ("request_answered", "open"): {
        "state": asked(BriefRequest.State.OPEN),
        "due": both(""),
        "reply": both(""),
    },
    ("request_answered", "passed_on"): {
        "state": asked(BriefRequest.State.PASSED_ON),
        "due": both(""),
        "reply": both(""),
    },
    ("request_answered", "declined"): {
        "state": asked(BriefRequest.State.DECLINED),
        "due": both(""),
        "reply": both("Brief 1.3 says it already."),
    },
    ("request_answered", "done"): {"state": asked(BriefRequest.State.DONE), "due": both(""), "reply": both("")},
    ("review_reminder", "late"): {"is_late": both(True)},
    ("review_answered", "fine"): {
        "verdict": verdict_words(Review(verdict=Review.Verdict.FINE)),
        "note": both(""),
        "comments": both(0),
    },
    ("translation_needed", "outdated"): {"is_outdated": both(True)},
    ("translation_needed", "english"): {"language": language_words("en")},
    ("review_due", "on_the_day"): {"days": both(0)},
    ("exception_due", "late"): {"is_late": both(True), "language": language_words("en")},
    ("brief_published", "bare"): NOBODY | {"reference": both("")},
    ("brief_used", "done"): {"state": use_words(Use(state=Use.State.DONE)), "note": both("")},
    ("subscription_confirm", "nameless"): NOBODY,
    ("format_received", "nameless"): NOBODY,
    ("format_answered", "nameless"): NOBODY,
    ("concern_reported", "nameless"): {"by": both("")},
    ("concern_answered", "nameless"): NOBODY,
}


class TestLetters(LettersOfAnApp):
    app, folder = "knowledge", Path(__file__).parent / "snapshots"
    known, own, variants = KNOWN, OWN, VARIANTS
    in_both = ("brief_withdrawn",)
    people, places = ("by",), ("title", "subject", "municipality")
    words = ("concern_reported", "text")

    def test_each_letter_names_its_subject(self, kind: Kind, language: str, values: Any, letter: Any) -> None:
        known, written = values(short(kind)), letter(short(kind), language)
        for about in {"title", "subject"} & set(kind.variables):
            assert known[language][about] in written.subject
            assert known[language][about] in written.text

    @pytest.mark.parametrize("name", TO_READERS)
    def test_who_gave_no_name_is_greeted_without_one(self, name: str, letter: Any) -> None:
        assert letter(name, "en", **NOBODY).text.startswith("Hello,\n")
        assert letter(name, "fr", **NOBODY).text.startswith("Bonjour,\n")

    def test_what_may_be_refused(self, kind: Kind) -> None:
        """Reminders and announcements; everything else reaches people whatever they switched off."""
        reminders = {"review_reminder", "review_due", "exception_due"}
        assert kind.is_reminder is (short(kind) in reminders)
        assert kind.is_announcement is (short(kind) == "brief_published")
        assert kind.may_be_refused is (short(kind) in reminders | {"brief_published"})


@pytest.mark.parametrize("subject", [*BriefRequest.State, *Review.Verdict, *Use.State, "en", "fr"], ids=repr)
def test_every_code_has_words_in_both_languages(subject: Any) -> None:
    words = {
        BriefRequest.State: lambda: state_words(BriefRequest(state=subject)),
        Review.Verdict: lambda: verdict_words(Review(verdict=subject)),
        Use.State: lambda: use_words(Use(state=subject)),
        str: lambda: language_words(subject),
    }[type(subject)]()
    assert sorted(words) == ["en", "fr"]
    assert (words["en"] != words["fr"]) is (subject != Review.Verdict.WAITING)
