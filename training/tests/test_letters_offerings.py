"""The letters about offerings and places word for word, in both languages, compared with the files in snapshots/offerings/."""

from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

import pytest

from cmncp_portal.notifications.kinds import Kind
from cmncp_portal.testing.letters import LettersOfAnApp
from training.models import Module, Offering, Session
from training.notifications import offerings
from training.notifications.common import both, day_words

URL = {"en": "https://portal.example/en/training/place/9-kQ/", "fr": "https://portal.example/fr/formation/place/9-kQ/"}
KINDS = [kind for kind in vars(offerings).values() if isinstance(kind, Kind)]
WORD = "The hall floods in spring.\nWe found a drier one."


def offering(**fields: Any) -> Offering:
    module = Module(title_en="Planning with the community", title_fr="Planifier avec la communauté")
    values: dict[str, Any] = {
        "reference": "TR-2027-001", "module": module, "language": "en", "time_zone": "America/Winnipeg",
        "venue": "City Hall", "address": "510 Main Street, Winnipeg", "starts_on": date(2027, 4, 14),
        "ends_on": date(2027, 4, 15), "practical_en": "Parking: King Street.", "practical_fr": "Stationnement\u00a0: King Street.",
    }  # fmt: skip
    return Offering(**(values | fields))


SESSIONS = [Session(day=date(2027, 4, day), begins_at=time(9), finishes_at=time(16)) for day in (14, 15)]


def known(**fields: Any) -> dict[str, Any]:
    values = offerings.letter_values(offering(**fields), SESSIONS)
    return {name: {code: values[code][name] for code in values} for name in values["en"]}


ONLINE = known(mode="online", venue="", address="") | {
    "url": URL,
    "join_link": both("https://video.example/j/4711?pwd=a_b"),
}
BY = {"by": both("Amina Diallo")}


class TestLetters(LettersOfAnApp):
    app, folder = "training", Path(__file__).parent / "snapshots" / "offerings"
    known = known() | {
        "name": both("Luc Tremblay"),
        "url": URL,
        "by": both(""),
        "word": both(WORD),
        "position": both(3),
        "until": offerings.instant_words(datetime(2027, 2, 3, 16, 0, tzinfo=UTC), offering()),
        "person": both("Joseph Kakegamic"),
        "urgent": both(False),
        "changes": {
            "en": ["Place: Union Hall → City Hall, 510 Main Street, Winnipeg"],
            "fr": ["Lieu\u00a0: Union Hall → City Hall, 510 Main Street, Winnipeg"],
        },
        "join_link": both(""),
        "assessment": {"en": "https://portal.example/en/a/", "fr": "https://portal.example/fr/a/"},
        "count": both(3),
        "competencies": {
            "en": ["4.2 Safety diagnosis (Practitioner)"],
            "fr": ["4.2 Diagnostic de sécurité (Pratique)"],
        },
        "holds": both(False),
        "session": {
            "en": "Wednesday, April 14, 2027, 9:00\u00a0a.m. to 4:00\u00a0p.m.",
            "fr": "mercredi 14\u00a0avril\u00a02027, de 9\u00a0h à 16\u00a0h",
        },
    }
    own = {
        "offering_eve": ONLINE,
        "offering_afterwards": {"until": day_words(date(2027, 5, 15))},
    }
    variants = {
        ("place_confirmed", "by_colleague"): BY | {"practical": both("")},
        ("place_confirmed", "online"): ONLINE,
        ("place_requested", "by_colleague"): BY,
        ("place_waiting", "by_colleague"): BY,
        ("place_cancelled", "by_colleague"): BY,
        ("off_waiting_list", "online"): ONLINE,
        ("offering_changed", "urgent"): {"urgent": both(True), "word": both("")},
        ("offering_cancelled", "urgent"): {"urgent": both(True)},
        ("offering_practical", "online"): ONLINE | {"assessment": both("")},
        ("approval_waits", "one"): {"count": both(1)},
        ("completion_changed", "holds"): {"holds": both(True)},
    }
    in_both = ("place_confirmed", "offering_cancelled")
    people, places = ("by", "person"), ("title",)
    words = ("offering_changed", "word")

    def kinds(self) -> list[Kind]:
        return KINDS


def test_reminders_can_be_switched_off_and_the_rest_cannot() -> None:
    assert {kind.name for kind in KINDS if kind.may_be_refused} == {
        "training.offering_practical",
        "training.offering_afterwards",
        "training.approval_waits",
        "training.attendance_due",
    }


@pytest.mark.parametrize(
    ("fields", "heading"),
    [({}, "Planning with the community, City Hall"), ({"mode": "online"}, "Planning with the community, online")],
)
def test_the_subject_says_where(fields: Any, heading: str) -> None:
    assert known(**fields)["heading"]["en"] == heading
