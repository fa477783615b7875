"""The letters about reports. The wording lies in templates/letters/reporting/."""

from cmncp_portal.notifications.kinds import Kind
from cmncp_portal.notifications.models import Category

# `days` is how far the day is: -7 before, 0 on it, 3 after.
DUE = Kind(
    "reporting.due",
    Category.EVALUATION,
    ("name", "title", "period", "due", "is_today", "is_late", "frozen_on", "url"),
    essential=False,
    is_reminder=True,
)
