"""The letters about what municipalities look for. Their wording lies in templates/letters/mentoring/."""

from typing import Any

from ..models import MentoringNeed
from ..selectors.wanting import is_a_member
from .common import both, in_both, kind

NEED_RECEIVED = kind("need_received", "by", "goals", "topics", "wish", "is_prospective")
NEED_RECEIPT = kind("need_receipt", "goals", "topics", "by")


def need_values(need: MentoringNeed, *, by: str) -> dict[str, dict[str, Any]]:
    """Return the values about `need` that its letters use, each per language. `by` is the name of who wrote it down."""
    place, wish = need.municipality, need.wish
    return {
        "heading": {code: place.name_in(code) for code in ("en", "fr")},
        "by": both(by),
        "goals": both(need.goals),
        "topics": in_both(lambda: ", ".join(str(topic) for topic in need.topics.all())),
        "wish": {code: wish.name_in(code) if wish else "" for code in ("en", "fr")},
        "is_prospective": both(not is_a_member(place)),
    }
