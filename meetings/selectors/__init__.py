"""Reading meetings: words, calendar entries, lists, what is missing, who comes."""

from .agenda import agenda_checklist, agenda_days, clashes_of
from .entries import calendar_entries, entry_of, uid_of

__all__ = ["agenda_checklist", "agenda_days", "calendar_entries", "clashes_of", "entry_of", "uid_of"]
