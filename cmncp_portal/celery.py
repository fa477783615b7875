"""The Celery app and the one table of what runs when.

Times are those of the network's office (America/Toronto). A task here is a sweep: it asks what is due now and may run twice without harm.
"""

import os

from celery import Celery
from celery.schedules import crontab

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cmncp_portal.settings.prod")

app = Celery("cmncp_portal")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


def _at(task: str, minute: str, hour: str = "*", *, stale_after: int) -> dict[str, object]:
    """One line of the table. A run that waited longer than `stale_after` seconds is dropped: the next one does its work."""
    return {
        "task": task,
        "schedule": crontab(minute=minute, hour=hour),
        "options": {"expires": stale_after},
    }


app.conf.beat_schedule = {
    "letters that are not sent yet": _at("notifications.sweep", "*", stale_after=50),
    "reminders of exchanges": _at("exchanges.send_reminders", "30", stale_after=3000),
    "nudges to those who have not answered": _at("evaluation.nudge", "35", stale_after=3000),
    "surveys past their last day": _at("evaluation.close_ended", "40", stale_after=3000),
    "small changes of confirmed plans": _at("exchanges.tell_changes", "*/5", stale_after=240),
    "evaluations that both sides have filed": _at("exchanges.open_evaluations", "*/5", stale_after=240),
    "reminders of meetings": _at("meetings.send_reminders", "32", stale_after=3000),
    "links to take part online": _at("meetings.send_join_links", "*/5", stale_after=240),
    "meetings that are over": _at("meetings.follow_up", "*/15", stale_after=800),
    "reminders of knowledge": _at("knowledge.send_reminders", "34", stale_after=3000),
    "briefs whose day has come": _at("knowledge.publish_due", "*/5", stale_after=240),
    "reminders of training": _at("training.send_reminders", "36", stale_after=3000),
    "offerings and consultations that are over": _at("training.follow_up", "*/15", stale_after=800),
    "reminders of strategies": _at("progress.send_reminders", "38", stale_after=3000),
    "reminders of mentoring": _at("mentoring.send_reminders", "42", stale_after=3000),
    "how mentoring goes": _at("mentoring.follow_up", "44", stale_after=3000),
    "reminders of joining": _at("joining.send_reminders", "46", stale_after=3000),
    "figures and files that nobody took up": _at("reporting.follow_up", "*/5", stale_after=240),
    "reminders of reports": _at("reporting.send_reminders", "48", stale_after=3000),
    # Before the upkeep of the activities, so that its report counts what they would remove.
    "what is kept no longer": _at("privacy.retain", "10", "3", stale_after=6 * 3600),
    "upkeep of training": _at("training.housekeeping", "30", "3", stale_after=6 * 3600),
    "upkeep of joining": _at("joining.housekeeping", "35", "3", stale_after=6 * 3600),
    "upkeep of knowledge": _at("knowledge.housekeeping", "25", "3", stale_after=6 * 3600),
    "upkeep of meetings": _at("meetings.housekeeping", "20", "3", stale_after=6 * 3600),
    "upkeep of exchanges": _at("exchanges.housekeeping", "15", "3", stale_after=6 * 3600),
}
