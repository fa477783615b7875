"""When, where and in which languages a meeting is, in words: the same on pages, in letters and on paper."""

from cmncp_portal.core.dates import clock_in_words, days_in_words

from ..models import Meeting, PollSlot


def dates_in_words(meeting: Meeting, language: str) -> str:
    """Return "May 17–18, 2027"; empty while no date is set."""
    if not meeting.starts_on or not meeting.ends_on:
        return ""
    return days_in_words(meeting.starts_on, meeting.ends_on, language)


def times_in_words(meeting: Meeting, language: str) -> str:
    """Return "9:00 a.m. to 4:00 p.m." / « de 9 h à 16 h »; empty without both times."""
    if meeting.begins_at is None or meeting.finishes_at is None:
        return ""
    begins, ends = clock_in_words(meeting.begins_at, language), clock_in_words(meeting.finishes_at, language)
    return f"de {begins} à {ends}" if language == "fr" else f"{begins} to {ends}"


def place_in_words(meeting: Meeting, language: str) -> str:
    """Return where people meet: building and street, "online", or both."""
    online = "en ligne" if language == "fr" else "online"
    room = ", ".join(part for part in (meeting.venue, meeting.address) if part)
    if meeting.mode == Meeting.Mode.VIRTUAL:
        return online
    if meeting.mode == Meeting.Mode.HYBRID and room:
        return f"{room}, {'et' if language == 'fr' else 'and'} {online}"
    return room


def languages_in_words(meeting: Meeting, language: str) -> str:
    """Return "English and French, with simultaneous interpretation", in `language`."""
    names = {"en": {"en": "English", "fr": "French"}, "fr": {"en": "anglais", "fr": "français"}}[language]
    spoken = {"en": " and ", "fr": " et "}[language].join(names[code] for code in sorted(meeting.languages))
    if not meeting.interpretation:
        return spoken
    return f"{spoken}, {'avec interprétation simultanée' if language == 'fr' else 'with simultaneous interpretation'}"


def slot_in_words(slot: PollSlot, language: str) -> str:
    """Return "May 17–18, 2027, 9:00 a.m. to 4:00 p.m.", or its French."""
    begins, ends = clock_in_words(slot.begins_at, language), clock_in_words(slot.finishes_at, language)
    days = days_in_words(slot.day, slot.last_day, language)
    return f"{days}, de {begins} à {ends}" if language == "fr" else f"{days}, {begins} to {ends}"
