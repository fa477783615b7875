"""Changing or cancelling an offering that people know of: everyone affected gets one letter, with their calendar set right."""

from collections.abc import Sequence
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from cmncp_portal.core.editing import save_version
from cmncp_portal.core.places import Status
from cmncp_portal.core.workflow import TransitionRefused
from cmncp_portal.notifications import services as letters
from cmncp_portal.notifications.mailings import Line
from cmncp_portal.notifications.models import Mailing

from ..models import Enrolment, Offering, OfferingChange, Session
from ..notifications import offerings as kinds
from ..selectors.when import place_in_words, session_in_words, taught_in_words, zone_words
from ..workflow import OFFERING, has_place, is_taught_in_a_language_of_the_module, needed_sessions_exist
from .enrolling import locked
from .offerings import TOLD, Sitting, days_of, write_sessions
from .telling import lines_of_facilitators, lines_of_places, take_back_reminders, tell_many

G = Offering.State
LABELS = {
    "gone": {"en": "No longer: ", "fr": "N’a plus lieu\u00a0: "},
    "new": {"en": "New: ", "fr": "Nouveau\u00a0: "},
    "zone": {"en": "Clock times: ", "fr": "Heures\u00a0: "},
    "mode": {"en": "How it is held: ", "fr": "Forme\u00a0: "},
    "place": {"en": "Place: ", "fr": "Lieu\u00a0: "},
    "language": {"en": "Taught in: ", "fr": "Langue\u00a0: "},
    "link": {"en": "There is a new link to take part online.", "fr": "Le lien pour participer en ligne est nouveau."},
}


def people_concerned(offering: Offering, *, only_registered: bool = False) -> list[Line]:
    """Return to whom a change matters, each address once: who has or wants a place, and who facilitates.

    Only those who come get the event on their calendar. Two queries.
    """
    places: list[Enrolment] = list(Enrolment.objects.live().filter(offering=offering).order_by("pk"))
    registered = [place for place in places if place.status == Status.REGISTERED]
    lines = lines_of_places(registered) + lines_of_facilitators(offering)
    if not only_registered:
        lines += lines_of_places([p for p in places if p.status != Status.REGISTERED], gets_calendar=False)
    found: dict[str, Line] = {}
    for line in lines:
        found.setdefault(line.to.email.lower(), line)
    return list(found.values())


def as_it_would_be(
    offering: Offering, sittings: Sequence[Sitting], fields: dict[str, Any]
) -> tuple[Offering, list[Session]]:
    """Return a copy of `offering` with `fields` and its sessions, not saved."""
    after = Offering(**{f.attname: getattr(offering, f.attname) for f in Offering._meta.concrete_fields})
    after.module, after.host = offering.module, offering.host
    for name, value in {**fields, **days_of(sittings)}.items():
        setattr(after, name, value)
    ordered = sorted(sittings, key=lambda one: (one.day, one.begins_at))
    return after, [
        Session(offering=after, day=one.day, begins_at=one.begins_at, finishes_at=one.finishes_at) for one in ordered
    ]


def changes_in_words(offering: Offering, sittings: Sequence[Sitting], fields: dict[str, Any]) -> dict[str, list[str]]:
    """Return what would change, a line each, per language; empty when nothing does."""
    before = list(offering.sessions.all())
    after, sessions = as_it_would_be(offering, sittings, fields)
    return {code: _lines(offering, before, after, sessions, code) for code in ("en", "fr")}


def _lines(
    before: Offering, old: Sequence[Session], after: Offering, new: Sequence[Session], language: str
) -> list[str]:
    was, will = ([session_in_words(one, language) for one in rows] for rows in (old, new))
    found = [f"{LABELS['gone'][language]}{line}" for line in was if line not in will]
    found += [f"{LABELS['new'][language]}{line}" for line in will if line not in was]
    with translation.override(language):
        pairs = [
            ("zone", zone_words(before, language), zone_words(after, language)),
            ("mode", str(before.get_mode_display()), str(after.get_mode_display())),
            ("place", place_in_words(before, language), place_in_words(after, language)),
            ("language", taught_in_words(before, language), taught_in_words(after, language)),
        ]
    for what, earlier, now in pairs:
        if earlier != now and now:
            found.append(f"{LABELS[what][language]}{f'{earlier} → {now}' if earlier else now}")
    if after.is_online and before.join_link != after.join_link:
        found.append(LABELS["link"][language])
    return found


def _check(before: Offering, after: Offering, sessions: Sequence[Session]) -> None:
    """Refuse what could not be opened: no session, new ones in the past, no place, a language that is not taught."""
    if not sessions:
        raise TransitionRefused(_("Say on which days and at what time."))
    known = {(s.day, s.begins_at) for s in before.sessions.all()} if before.time_zone == after.time_zone else set()
    now = timezone.now()
    if any(s.instants()[0] <= now for s in sessions if (s.day, s.begins_at) not in known):
        raise TransitionRefused(_("New sessions lie ahead."))
    if before.is_over:
        raise TransitionRefused(_("It is over."))
    after.pk = before.pk
    for guard in (has_place, is_taught_in_a_language_of_the_module):
        if reason := guard(after):
            raise TransitionRefused(reason)


@transaction.atomic
def change(
    offering: Offering, *, by: Any, seen: int, sittings: Sequence[Sitting], word: str = "", **fields: Any
) -> Mailing | None:
    """Change days, times, place, link or language of an open offering; everyone affected gets one letter and an updated event.

    `fields` are of TOLD. Return the mailing, or None when nothing changed that people were told. Raises PermissionDenied;
    Conflict when somebody saved since version `seen`; TransitionRefused with the reason.
    """
    fresh = locked(offering)
    if not by.has_perm("training.organise", fresh):
        raise PermissionDenied
    if fresh.state != G.OPEN:
        raise TransitionRefused(
            _("This is not possible while it is “%(state)s”.") % {"state": fresh.get_state_display()}
        )
    assert set(fields) <= set(TOLD)
    if not _differs(fresh, sittings, fields):
        return None
    lines = changes_in_words(fresh, sittings, fields)
    after, sessions = as_it_would_be(fresh, sittings, fields)
    _check(fresh, after, sessions)
    assert fresh.starts_on
    assert after.starts_on
    ahead = [day for day in (fresh.starts_on, after.starts_on) if day >= fresh.today()] or [fresh.today()]
    _save(fresh, seen, sittings, fields, after)
    if not lines["en"]:  # such as a link of dates at which people meet in a room
        return None
    return _tell(locked(offering), lines, by=by, word=word, urgent=(min(ahead) - fresh.today()).days <= 1)


def _differs(offering: Offering, sittings: Sequence[Sitting], fields: dict[str, Any]) -> bool:
    was = {(s.day, s.begins_at, s.finishes_at) for s in offering.sessions.all()}
    will = {(s.day, s.begins_at, s.finishes_at) for s in sittings}
    return was != will or any(getattr(offering, name) != value for name, value in fields.items())


def _save(offering: Offering, seen: int, sittings: Sequence[Sitting], fields: dict[str, Any], after: Offering) -> None:
    closes = offering.enrolment_closes_on
    if closes and after.starts_on and closes > after.starts_on:
        fields = {**fields, "enrolment_closes_on": after.starts_on}
    save_version(offering, seen=seen, fields={**fields, **days_of(sittings), "sequence": offering.sequence + 1})
    write_sessions(offering, sittings)
    if reason := needed_sessions_exist(offering):
        raise TransitionRefused(reason)
    take_back_reminders(offering)


def _tell(offering: Offering, lines: dict[str, list[str]], *, by: Any, word: str, urgent: bool) -> Mailing:
    for en, fr in zip(lines["en"], lines["fr"], strict=True):
        OfferingChange.objects.create(
            offering=offering, text_en=en[:300], text_fr=fr[:300], by=by, by_name=str(by or "")
        )
    link_only = lines["en"] == [LABELS["link"]["en"]]
    return tell_many(
        kinds.OFFERING_CHANGED,
        offering,
        people_concerned(offering, only_registered=link_only),
        occasion=f"changed:{offering.sequence}",
        method="REQUEST",
        by=by,
        changes=lines,
        word=kinds.both(word),
        urgent=kinds.both(urgent),
    )


@transaction.atomic
def cancel(offering: Offering, *, by: Any, note: str) -> None:
    """End it before it took place. Everyone affected is told once; no reminder and no survey ever follows.

    One that was still being prepared is cancelled quietly: nobody knew of it; so is one that is over, to which nobody came.
    Raises as `Workflow.apply`.
    """
    was = locked(offering)
    before = was.state
    OFFERING.apply(was, "cancel", by=by, note=note)
    Offering.objects.filter(pk=was.pk).update(
        sequence=was.sequence + 1, version=was.version + 1, updated_at=timezone.now()
    )
    was.sequence += 1
    offering.state = was.state
    take_back_reminders(was)
    letters.withdraw(f"{kinds.OFFERING_CHANGED.name}:{was.pk}")  # news of dates that no longer hold
    if before != G.OPEN or was.starts_on is None or was.is_over:
        return
    tell_many(
        kinds.OFFERING_CANCELLED,
        was,
        people_concerned(was),
        occasion=f"cancelled:{was.sequence}",
        method="CANCEL",
        by=by,
        word=kinds.both(note),
        urgent=kinds.both((was.starts_on - was.today()).days <= 1),
    )
