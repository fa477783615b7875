"""What an activity tells the page that one sees first: what waits for a person, and which dates come next."""

from dataclasses import dataclass
from datetime import date

from django.utils import timezone


@dataclass(frozen=True)
class Task:
    """Something that waits for a person: about what (`title`), what to do (`detail`), where, until when, since when."""

    title: str
    detail: str
    url: str
    due_on: date | None
    since: date

    @property
    def is_late(self) -> bool:
        """Whether the day has passed in the reader's zone; on the day itself it is not late."""
        return self.due_on is not None and self.due_on < timezone.localdate()

    @property
    def urgency(self) -> tuple[date, date]:
        """To sort by: the first due first, then what has waited longest."""
        return self.due_on or date.max, self.since


@dataclass(frozen=True)
class NextDate:
    """Something that lies ahead of a person, from its first day to its last."""

    title: str
    url: str
    first_day: date
    last_day: date
