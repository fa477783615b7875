"""What is needed before the next move, line by line, as components/checklist.html shows it."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Check:
    """One line: done, or the reason why not yet, and where it is done. No `url` for who may read it and not do it."""

    label: str
    reason: str
    url: str

    @property
    def is_done(self) -> bool:
        return not self.reason


def first_missing(checks: Iterable[Check]) -> Check | None:
    """Return the first line that is not done, for the button of the page; None when nothing is missing."""
    return next((check for check in checks if not check.is_done), None)
