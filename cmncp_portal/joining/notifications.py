"""The letters of joining. The wording lies in templates/letters/joining/."""

from typing import Any

from cmncp_portal.notifications.bilingual import both as both
from cmncp_portal.notifications.bilingual import day_words as day_words
from cmncp_portal.notifications.bilingual import in_both as in_both
from cmncp_portal.notifications.bilingual import url_words as addresses
from cmncp_portal.notifications.kinds import Kind
from cmncp_portal.notifications.models import Category

# Every letter uses these: the reader's name, the community, the page to go to.
COMMON = ("name", "place", "url")


def _kind(name: str, *more: str, reminder: bool = False) -> Kind:
    return Kind(f"joining.{name}", Category.ACCOUNT, (*COMMON, *more), essential=not reminder, is_reminder=reminder)


# --- an expression of interest
CONFIRM = _kind("confirm")  # S01: a button on the page confirms the address
RECEIVED = _kind("received", "answer_by")  # S02
TO_COORDINATORS = _kind("to_coordinators", "person", "province", "answer_by")
LINK_AGAIN = _kind("link_again")
INVITED_TO_APPLY = _kind("invited_to_apply", "word", "by")
CLOSED = _kind("closed", "word", "by")
# --- an application
SENT = _kind("sent")
SENT_TO_COORDINATORS = _kind("sent_to_coordinators", "person")
MORE_ASKED = _kind("more_asked", "word", "by")  # S03
APPROVED = _kind("approved", "from_on", "steps", "by")  # S04
DEPUTY_WELCOME = _kind("deputy_welcome", "representative", "from_on")  # S08
APPROVED_TO_WRITER = _kind("approved_to_writer", "from_on", "representative")
DECLINED = _kind("declined", "word", "by")
# --- renewal
RENEWAL = _kind("renewal", "due", "grace_ends", "fee", "is_late")  # S05
STAYS = _kind("stays", "person", "due")
LAPSED = _kind("lapsed", "on")  # S06
LAPSED_TO_COORDINATORS = _kind("lapsed_to_coordinators", "on")
RENEWED = _kind("renewed", "next_due")
LEFT = _kind("left", "on", "word", "person")


def url_words(name: str, *args: Any) -> dict[str, str]:
    """Return the full address of the page `name` of joining, per language."""
    return addresses(f"joining:{name}", *args)
