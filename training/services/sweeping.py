"""What the portal does by itself: reminders that are due, what follows when a day has passed, upkeep at night.

Each part of training sweeps its own; a part that fails does not keep the others from their work.
"""

import logging
from collections.abc import Callable

from . import modules_sweep, offerings_sweep, people_sweep, standards_sweep
from .learners import relink

log = logging.getLogger(__name__)


def send_reminders() -> int:
    """Write the reminders that are due now; return how many letters."""
    return _all(
        standards_sweep.send_reminders,
        modules_sweep.send_reminders,
        offerings_sweep.send_reminders,
        people_sweep.send_reminders,
    )


def follow_up() -> int:
    """Do what follows from a day that has passed; return how many things were done."""
    return _all(standards_sweep.follow_up, offerings_sweep.follow_up)


def housekeeping() -> int:
    """Delete what must go and mend links; return how many rows."""
    return _all(offerings_sweep.delete_needs, relink)


def _all(*parts: Callable[[], int]) -> int:
    done = 0
    for part in parts:
        try:
            done += part()
        except Exception:
            log.exception("%s failed; the next run tries again", part.__qualname__)
    return done
