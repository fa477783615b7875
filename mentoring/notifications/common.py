"""What the letters of mentoring share."""

from typing import Any

from cmncp_portal.notifications.bilingual import both as both
from cmncp_portal.notifications.bilingual import day_words as day_words
from cmncp_portal.notifications.bilingual import in_both as in_both
from cmncp_portal.notifications.bilingual import url_words as addresses
from cmncp_portal.notifications.kinds import Kind
from cmncp_portal.notifications.models import Category

# Every letter of mentoring uses these. `heading` says what it is about, for the subject.
COMMON = ("name", "heading", "url")


def kind(name: str, *more: str, reminder: bool = False) -> Kind:
    """Return the kind `mentoring.<name>` that uses the common names and `more`; reminders can be switched off."""
    return Kind(f"mentoring.{name}", Category.MENTORING, (*COMMON, *more), essential=not reminder, is_reminder=reminder)


def url_words(name: str, *args: Any) -> dict[str, str]:
    """Return the full address of the page `name` of mentoring, per language."""
    return addresses(f"mentoring:{name}", *args)
