"""The letters, word for word, in both languages. A changed word is seen in tests/snapshots/."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from cmncp_portal.evaluation import instruments
from cmncp_portal.evaluation.notifications import INVITATION, LAST_CALL, NUDGE, instant, letter_context, place_of_zone
from cmncp_portal.evaluation.tests.factories import make_invitation, make_survey
from cmncp_portal.notifications.kinds import Kind
from cmncp_portal.notifications.rendering import render

pytestmark = pytest.mark.django_db
SNAPSHOTS = Path(__file__).parent / "snapshots"


def the_survey() -> Any:
    instruments.load_instruments()
    from cmncp_portal.evaluation.selectors import latest

    return make_survey(latest("exchange-visitors"))


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("kind", [INVITATION, NUDGE, LAST_CALL], ids=lambda kind: kind.name)
def test_word_for_word(kind: Kind, language: Any) -> None:
    invitation = make_invitation(
        the_survey(), "Amina Diallo" if language == "en" else "Luc Tremblay", language=language
    )
    letter = render(kind, language, letter_context(invitation))
    text = f"{letter.subject}\n\n{letter.text}".replace(invitation.token, "TOKEN")
    path = SNAPSHOTS / f"{kind.name.partition('.')[2]}.{language}.txt"
    assert text == path.read_text(encoding="utf-8")


def test_the_letter_of_somebody_whose_language_is_not_known_is_in_both() -> None:
    invitation = make_invitation(the_survey(), "Sam", language="")
    letter = render(INVITATION, "both", letter_context(invitation))
    assert letter.subject.startswith(
        "[CMNCP / RMCPC] Your evaluation: The visit to Winnipeg (6 minutes) / Votre évaluation"
    )
    assert f"/en/surveys/{invitation.token}/" in letter.text
    assert f"/fr/sondages/{invitation.token}/" in letter.text


def test_dates_are_told_in_the_zone_of_the_occasion_which_is_named() -> None:
    survey = make_survey(due_at=make_survey().opens_at + timedelta(days=13, hours=16, minutes=30))
    assert instant(survey, "due_at", "en") == "December 2, 2026, 9:30\u00a0a.m. (Winnipeg time)"
    assert instant(survey, "due_at", "fr") == "2\u00a0décembre\u00a02026, 9\u00a0h\u00a030 (heure locale, Winnipeg)"


@pytest.mark.parametrize(
    ("zone", "place"),
    [("America/Winnipeg", "Winnipeg"), ("America/St_Johns", "St. John’s"), ("America/Swift_Current", "Swift Current")],
)
def test_a_zone_is_known_by_its_city(zone: str, place: str) -> None:
    assert place_of_zone(zone) == place
