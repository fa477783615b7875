"""How far the letters to many people about a meeting are."""

from dataclasses import dataclass
from datetime import timedelta

from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import pgettext_lazy

from cmncp_portal.notifications.mailings import Progress, progress_of_all

from ..models import Meeting

LETTERS = {
    "dates_asked": pgettext_lazy("letter", "Question about dates"),
    "date_fixed": pgettext_lazy("letter", "The date is fixed"),
    "invitation": pgettext_lazy("letter", "Invitation"),
    "changed": pgettext_lazy("letter", "Changes"),
    "postponed": pgettext_lazy("letter", "Postponed"),
    "cancelled": pgettext_lazy("letter", "Cancelled"),
    "notes_published": pgettext_lazy("letter", "Notes and decisions"),
}
WATCHED_FOR = timedelta(hours=1)  # then a letter that still waits is the outbox's business


@dataclass(frozen=True)
class Told:
    """A mailing as the organisers see it. `is_running` while a page should look again by itself."""

    label: str
    progress: Progress

    @property
    def is_running(self) -> bool:
        if self.progress.mailing.withdrawn_at:
            return False
        done = self.progress.sent + self.progress.failed >= self.progress.total
        is_young = timezone.now() - self.progress.mailing.created_at < WATCHED_FOR
        return not self.progress.is_over or (is_young and not done)

    @property
    def sentence(self) -> str:
        """Return "120 of 500 written, 118 sent, 2 could not be delivered." in the active language."""
        numbers = {name: getattr(self.progress, name) for name in ("total", "written", "sent", "failed")}
        if self.progress.failed:
            return _t("%(written)s of %(total)s written, %(sent)s sent, %(failed)s could not be delivered.") % numbers
        return _t("%(written)s of %(total)s written, %(sent)s sent.") % numbers


def mailings_of(meeting: Meeting) -> list[Told]:
    """Return the letters to many people about `meeting`, newest first. Two queries."""
    found = progress_of_all([f"meetings.{name}:{meeting.pk}" for name in LETTERS])
    return [Told(str(LETTERS[progress.mailing.kind.partition(".")[2]]), progress) for progress in found]
