"""A moment other than now, for telling what happened before.

The services of the portal know no date but today's, rightly: nobody may accept a visit last month. The demonstration
tells a past, so it moves the one clock that all of them read, `django.utils.timezone.now`, for the length of a call.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from time import monotonic
from unittest.mock import patch

from django.utils import timezone


@contextmanager
def at(moment: datetime) -> Iterator[None]:
    """Let the portal believe that it is `moment` (an aware instant); the seconds pass as they do. Not for threads."""
    if timezone.is_naive(moment):
        raise ValueError("A moment has a time zone.")
    began = monotonic()
    with patch("django.utils.timezone.now", lambda: moment + timedelta(seconds=monotonic() - began)):
        yield
