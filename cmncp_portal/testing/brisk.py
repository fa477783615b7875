"""The portal's clock for tests: `celery -A cmncp_portal.testing.brisk beat`.

The lines of the one table that come every few minutes come every second. Those that wait for an hour of the day are left
out: whether they have something to send would depend on when the test runs; their own tests choose the hour.
"""

from datetime import timedelta

from cmncp_portal.celery import app

A_FEW_MINUTES = 300  # seconds after which such a line's run is dropped, as the next one does its work

app.conf.beat_schedule = {
    name: {**line, "schedule": timedelta(seconds=1)}
    for name, line in app.conf.beat_schedule.items()
    if line["options"]["expires"] <= A_FEW_MINUTES
}
