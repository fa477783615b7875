"""After the meeting: notes, what was decided, and who does what until when."""

from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import F, Max
from django.utils import timezone
from django.utils.translation import gettext as _

from cmncp_portal.core.dates import day_in_words
from cmncp_portal.core.editing import save_version
from cmncp_portal.core.links import new_nonce
from cmncp_portal.core.workflow import TransitionRefused
from cmncp_portal.network.models import Municipality, Stakeholder
from cmncp_portal.network.selectors import coordinators, recipient_of
from cmncp_portal.notifications import services as letters
from cmncp_portal.notifications.mailings import Line

from .. import notifications as kinds
from ..models import ActionItem, Decision, Meeting, Registration
from ..selectors.outcome import wording_of
from ..workflow import PUBLISH_GUARDS, missing
from .registering import locked
from .telling import lines_of_places, own_urls, page_urls, recipient_of_owner, tell, tell_many


def why_no_notes(meeting: Meeting) -> str:
    """Return why notes cannot be written now, in the active language; empty when they can."""
    has_begun = meeting.starts_on is not None and meeting.starts_on <= meeting.today()
    if meeting.state == Meeting.State.HELD or meeting.state == Meeting.State.ANNOUNCED and has_begun:
        return ""
    return _("Notes are written from the first day of the meeting on.")


def _check(meeting: Meeting, by: Any) -> None:
    if not by.has_perm("meetings.write_notes", meeting):
        raise PermissionDenied
    if reason := why_no_notes(meeting):
        raise TransitionRefused(reason)


def _to_write(meeting: Meeting, by: Any) -> Meeting:
    """Return `meeting`, locked, if `by` may write its notes now."""
    meeting = locked(meeting)
    _check(meeting, by)
    return meeting


@transaction.atomic
def keep_notes(meeting: Meeting, *, seen: int, by: Any, notes_en: str, notes_fr: str) -> None:
    """Write the notes (Markdown), also after they were published: history keeps each version.

    Raises Conflict when the meeting was saved since version `seen`; PermissionDenied; TransitionRefused before the first day.
    """
    _check(meeting, by)
    save_version(meeting, seen=seen, fields={"notes_en": notes_en, "notes_fr": notes_fr})


# --- decisions


@transaction.atomic
def add_decision(meeting: Meeting, *, by: Any, text_en: str, text_fr: str) -> Decision:
    """Add what was decided, after the others."""
    meeting = _to_write(meeting, by)
    last = meeting.decisions.aggregate(last=Max("order"))["last"] or 0
    return Decision.objects.create(meeting=meeting, text_en=text_en, text_fr=text_fr, order=last + 1)


@transaction.atomic
def keep_decision(decision: Decision, *, seen: str, by: Any, text_en: str, text_fr: str) -> None:
    """Write a decision anew. `seen` is what `selectors.wording_of` gave for the text that was corrected.

    Raises TransitionRefused when somebody corrected or removed it meanwhile.
    """
    _to_write(decision.meeting, by)
    now = Decision.objects.filter(pk=decision.pk).first()
    if now is None:
        raise TransitionRefused(_("Somebody removed this decision meanwhile."))
    if wording_of(now) not in (seen, wording_of(Decision(text_en=text_en, text_fr=text_fr))):
        raise TransitionRefused(
            _("Somebody changed this decision meanwhile: “%(text)s” Your text is kept below.") % {"text": now.text}
        )
    Decision.objects.filter(pk=decision.pk).update(text_en=text_en, text_fr=text_fr)


@transaction.atomic
def remove_decision(decision: Decision, *, by: Any) -> None:
    """Take a decision off the list; twice changes nothing."""
    _to_write(decision.meeting, by)
    Decision.objects.filter(pk=decision.pk).delete()


# --- who does what


def _owner(
    meeting: Meeting,
    stakeholder: Stakeholder | None,
    municipality: Municipality | None,
    name: str,
    email: str,
    lang: str,
) -> dict[str, Any]:
    """Return the fields that say who does it: somebody of the network, or a person as typed."""
    place = municipality
    if stakeholder:
        to = recipient_of(stakeholder)
        place = municipality or stakeholder.municipality
        name, email, lang, zone = to.name, to.email, "" if to.language == "both" else to.language, to.zone
    else:
        zone = place.time_zone if place else meeting.time_zone
    if not name.strip():
        raise TransitionRefused(_("Say who does it."))
    return {
        "stakeholder": stakeholder,
        "municipality": place,
        "owner_name": name.strip(),
        "owner_email": email.strip().lower(),
        "owner_language": lang,
        "owner_zone": zone,
    }


@transaction.atomic
def add_action(
    meeting: Meeting,
    *,
    by: Any,
    text_en: str,
    text_fr: str,
    due_on: date,
    stakeholder: Stakeholder | None = None,
    municipality: Municipality | None = None,
    owner_name: str = "",
    owner_email: str = "",
    owner_language: str = "",
) -> ActionItem:
    """Add something to be done, by somebody of the network (`stakeholder`) or by a person as typed, until `due_on`.

    The owner is told when the notes are published; at once when they are already.
    """
    meeting = _to_write(meeting, by)
    owner = _owner(meeting, stakeholder, municipality, owner_name, owner_email, owner_language)
    action = ActionItem.objects.create(meeting=meeting, text_en=text_en, text_fr=text_fr, due_on=due_on, **owner)
    if meeting.has_notes:
        _tell_owner(action)
    return action


@transaction.atomic
def keep_action(action: ActionItem, *, seen: int, by: Any, text_en: str, text_fr: str, due_on: date) -> None:
    """Correct what is to be done and until when. Reminders follow the new day. Raises Conflict; refuses what is closed."""
    action = _open_action(action)
    _check(action.meeting, by)
    if action.due_on != due_on:
        _take_back(action, "action_due")
    save_version(action, seen=seen, fields={"text_en": text_en, "text_fr": text_fr, "due_on": due_on})


@transaction.atomic
def drop_action(action: ActionItem, *, by: Any, reason: str) -> None:
    """Give an action item up, with a reason that stays beside it; no letter asks about it any more."""
    action = _open_action(action)
    _check(action.meeting, by)
    if not reason.strip():
        raise TransitionRefused(_("Please give a reason; the others will read it."))
    _write(action, dropped_at=timezone.now(), done_by_name=str(by)[:200], done_note=reason)
    _take_back(action, "action_given", "action_due")


@transaction.atomic
def finish_action(action: ActionItem, *, note: str, by: Any = None, by_name: str = "") -> None:
    """Say that it is done and what came of it. `by` is None when the owner says so on the personal page.

    Raises PermissionDenied; TransitionRefused when it was done or given up before.
    """
    action = _open_action(action)
    if by is not None and not by.has_perm("meetings.finish_action", action):
        raise PermissionDenied
    if by is None:
        _refuse_handed_back(action)
    name = str(by) if by is not None else by_name or action.owner_name
    _write(action, done_at=timezone.now(), done_by_name=name[:200], done_note=note)
    _take_back(action, "action_given", "action_due")


@transaction.atomic
def hand_back(action: ActionItem, *, note: str) -> None:
    """The owner says that somebody else does it: no letter asks any more, and the network is told to find out who.

    `note` says who, or why. Raises TransitionRefused when it was done, given up or handed back before.
    """
    action = _open_action(action)
    _refuse_handed_back(action)
    person = action.owner_name
    if not note.strip():
        raise TransitionRefused(_("Say who does it now, or why you cannot."))
    _take_back(action, "action_given", "action_due")
    _write(action, owner_name="", owner_email="", stakeholder=None)
    for coordinator in coordinators():
        tell(
            kinds.ACTION_RETURNED,
            action.meeting,
            coordinator,
            occasion=f"{action.pk}:{action.nonce[:8]}:{action.version}",
            own=page_urls(action.meeting, "notes"),
            action=_texts(action),
            person=kinds.both(person),
            word=kinds.both(note),
        )


@transaction.atomic
def readdress_action(
    action: ActionItem,
    *,
    by: Any,
    stakeholder: Stakeholder | None = None,
    municipality: Municipality | None = None,
    owner_name: str = "",
    owner_email: str = "",
    owner_language: str = "",
) -> None:
    """Give an action item to somebody else, or the same person at another address: the old link is dead, the new owner is told.

    The municipality stays unless the new owner is of another one. Raises PermissionDenied; refuses what is closed.
    """
    action = _open_action(action)
    if not by.has_perm("meetings.finish_action", action):
        raise PermissionDenied
    kept = municipality or (action.municipality if stakeholder is None else None)
    owner = _owner(action.meeting, stakeholder, kept, owner_name, owner_email, owner_language)
    _take_back(action, "action_given", "action_due")
    _write(action, **owner, nonce=new_nonce())
    if action.meeting.has_notes:
        _tell_owner(action)


def _refuse_handed_back(action: ActionItem) -> None:
    if not action.owner_name:
        raise TransitionRefused(_("You have told the network already that somebody else does this."), done_already=True)


def _open_action(action: ActionItem) -> ActionItem:
    """Lock the action item and read it again. Raises TransitionRefused when it is closed."""
    rows = ActionItem.objects.select_for_update(of=("self",)).select_related(
        "meeting__host", "meeting__region", "municipality", "stakeholder"
    )
    found = rows.filter(pk=action.pk).first()
    if found is None:
        raise TransitionRefused(_("This is no longer on the list."))
    if found.done_at:
        raise TransitionRefused(
            _("Already done: %(who)s said so on %(day)s.")
            % {"who": found.done_by_name or found.owner_name, "day": day_in_words(timezone.localdate(found.done_at))},
            done_already=True,
        )
    if found.dropped_at:
        raise TransitionRefused(_("The network has given this up: %(why)s") % {"why": found.done_note})
    return found


def _write(action: ActionItem, **fields: Any) -> None:
    ActionItem.objects.filter(pk=action.pk).update(**fields, version=F("version") + 1, updated_at=timezone.now())
    for name, value in fields.items():
        setattr(action, name, value)
    action.version += 1


def _take_back(action: ActionItem, *names: str) -> None:
    for name in names:
        letters.withdraw(f"meetings.{name}:{action.meeting_id}:{action.pk}")


def _texts(action: ActionItem) -> dict[str, str]:
    return {"en": _line(action.text_en), "fr": _line(action.text_fr)}


def _tell_owner(action: ActionItem) -> None:
    if action.meeting.source:  # from the archives: nobody waits for a letter about it
        return
    tell(
        kinds.ACTION_GIVEN,
        action.meeting,
        recipient_of_owner(action),
        occasion=f"{action.pk}:{action.nonce[:8]}",
        own=own_urls(action),
        action=_texts(action),
        due=kinds.day_words(action.due_on),
    )


# --- telling it


@transaction.atomic
def publish_notes(meeting: Meeting, *, by: Any) -> int:
    """Publish notes, decisions and actions: everyone registered is told, and each owner. Return to how many people it goes.

    Who wants no letters gets none, and nobody about a meeting from the archives. Raises PermissionDenied; TransitionRefused, with the reason, while something stands in
    one language only, or when it was done already.
    """
    meeting = locked(meeting)
    if not by.has_perm("meetings.write_notes", meeting):
        raise PermissionDenied
    if meeting.notes_published_at:
        raise TransitionRefused(_("The notes are published already."), done_already=True)
    if reasons := missing(meeting, PUBLISH_GUARDS):
        raise TransitionRefused(reasons[0])
    now = timezone.now()
    Meeting.objects.filter(pk=meeting.pk).update(notes_published_at=now, version=F("version") + 1, updated_at=now)
    actions = list(meeting.actions.filter(dropped_at__isnull=True))
    told = [] if meeting.source else _who_reads_them(meeting)
    tell_many(
        kinds.NOTES_PUBLISHED,
        meeting,
        told,
        occasion="published",
        by=by,
        decisions=_decision_lines(meeting),
        actions=_action_lines(actions),
    )
    for action in actions:
        if action.is_open:
            action.meeting = meeting
            _tell_owner(action)
    return len(told)


def _who_reads_them(meeting: Meeting) -> list[Line]:
    rows = Registration.objects.registered().filter(meeting=meeting, wants_no_more=False)
    return lines_of_places(rows, gets_calendar=False)


def _decision_lines(meeting: Meeting) -> dict[str, list[str]]:
    rows = list(meeting.decisions.all())
    return {"en": [_line(d.text_en) for d in rows], "fr": [_line(d.text_fr) for d in rows]}


def _action_lines(actions: list[ActionItem]) -> dict[str, list[str]]:
    """Return "Share the plan (Helen Friesen, by May 14, 2027)" per language."""
    found: dict[str, list[str]] = {"en": [], "fr": []}
    for action in actions:
        for code, text, until in (("en", action.text_en, "by"), ("fr", action.text_fr, "d’ici le")):
            when = f"{until} {day_in_words(action.due_on, code)}"
            who = ", ".join(part for part in (action.owner_name, when) if part)
            found[code].append(f"{_line(text).rstrip('.')} ({who})")
    return found


def _line(text: str) -> str:
    """Put a text on one line, as the items of a list in a letter must be."""
    return " ".join(text.split())
