"""Both sides plan on one page: stops, the practical sheet, documents.

While a visit is confirmed, small changes are collected and told together; a change of place, or of a meeting with council,
makes both sides confirm again.
"""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from cmncp_portal.core.dates import clock_in_words
from cmncp_portal.core.editing import save_version
from cmncp_portal.core.workflow import TransitionRefused

from ..models import PlanChange, Side, Stop, Visit, VisitDocument
from ..rules import side_of
from .moving import fresh, material_change

PLANNABLE = (Visit.State.PROPOSED, Visit.State.ACCEPTED, Visit.State.CONFIRMED)


def _check(visit: Visit, by: Any) -> Visit:
    """Return the visit, locked and fresh, if `by` may plan it now."""
    locked = Visit.objects.select_for_update(of=("self",)).get(pk=visit.pk)
    if not by.has_perm("exchanges.plan_visit", locked):
        raise PermissionDenied
    if locked.state not in PLANNABLE:
        raise TransitionRefused(
            _("The plan can no longer be changed: the visit is “%(state)s”.") % {"state": locked.get_state_display()}
        )
    return fresh(visit)


def note_change(visit: Visit, *, en: str, fr: str, by: Any) -> None:
    """Remember a small change of a confirmed plan, to be told to everyone in one letter; before that, nobody needs a letter."""
    if visit.state == Visit.State.CONFIRMED:
        PlanChange.objects.create(visit=visit, text_en=en[:300], text_fr=fr[:300], by=by, by_name=str(by))
    _touch(visit)


def _my_side(visit: Visit, by: Any) -> str:
    """The secretariat acts for the hosts, who carry the programme."""
    return side_of(by, visit) or Side.HOSTS


def _at(stop: Stop, language: str) -> str:
    return f"{stop.title} ({clock_in_words(stop.starts_at, language)})"


@transaction.atomic
def add_stop(visit: Visit, *, by: Any, objectives: Any = (), **fields: Any) -> Stop:
    """Propose a stop; the other side agrees to it. Only then does it belong to the programme that everyone is told."""
    visit = _check(visit, by)
    stop = Stop.objects.create(visit=visit, proposed_by=_my_side(visit, by), **fields)
    stop.objectives.set(objectives)
    _touch(visit)
    return stop


def _touch(visit: Visit) -> None:
    Visit.objects.filter(pk=visit.pk).update(updated_at=timezone.now())


def _stored(stop: Stop) -> Stop:
    """The stop as it stands in the database: a form has written what was typed onto the one it was given."""
    return Stop.objects.get(pk=stop.pk)


@transaction.atomic
def keep_stop(stop: Stop, *, seen: int, by: Any, objectives: Any = None, **fields: Any) -> None:
    """Change a stop; its objectives too when they are given.

    What the other side had agreed to is proposed to it again when day, time or place change before the visit is confirmed.
    Raises Conflict when somebody saved since version `seen`: both texts are then shown.
    """
    visit, before = _check(stop.visit, by), _stored(stop)
    agreed = before.status == Stop.Status.AGREED
    moved = any(
        getattr(before, name) != fields.get(name, getattr(before, name))
        for name in ("day", "starts_at", "ends_at", "place")
    )
    if visit.state != Visit.State.CONFIRMED and moved and agreed:
        fields |= {"status": Stop.Status.PROPOSED, "proposed_by": _my_side(visit, by)}
    save_version(stop, seen=seen, fields=fields)
    if objectives is not None:
        stop.objectives.set(objectives)
    _touch(visit)
    if agreed:
        note_change(visit, en=f"Changed: {_at(stop, 'en')}", fr=f"Étape modifiée\u00a0: {_at(stop, 'fr')}", by=by)


@transaction.atomic
def agree_stop(stop: Stop, *, by: Any) -> None:
    """Agree to a stop that the other side proposed. Raises TransitionRefused to the side that proposed it."""
    visit = _check(stop.visit, by)
    side = side_of(by, visit)
    if side == _stored(stop).proposed_by:
        raise TransitionRefused(_("Your own side proposed this stop: the other side agrees to it."))
    if Stop.objects.filter(pk=stop.pk, status=Stop.Status.PROPOSED).update(status=Stop.Status.AGREED):
        note_change(visit, en=f"New: {_at(stop, 'en')}", fr=f"Étape ajoutée\u00a0: {_at(stop, 'fr')}", by=by)


@transaction.atomic
def drop_stop(stop: Stop, *, by: Any, word: str = "") -> None:
    """Take a stop off the programme; it stays in the history. Dropping a meeting with council of a confirmed visit asks both sides again."""
    visit, before = _check(stop.visit, by), _stored(stop)
    if before.status == Stop.Status.DROPPED:
        return
    Stop.objects.filter(pk=stop.pk).update(status=Stop.Status.DROPPED, version=F("version") + 1)
    _touch(visit)
    if before.status != Stop.Status.AGREED:
        return
    text = {"en": f"Dropped: {_at(before, 'en')}", "fr": f"Étape retirée\u00a0: {_at(before, 'fr')}"}
    if visit.state == Visit.State.CONFIRMED and before.kind == Stop.Kind.COUNCIL:
        material_change(fresh(visit), text=text, by=by, word=word, was_confirmed=True)
    else:
        note_change(visit, en=text["en"], fr=text["fr"], by=by)


@transaction.atomic
def move_stop(stop: Stop, *, earlier: bool, by: Any) -> None:
    """Exchange the times of a stop with its neighbour on the same day: the order without a mouse."""
    visit = _check(stop.visit, by)
    day = [s for s in visit.stops.all() if s.day == stop.day and s.status != Stop.Status.DROPPED]
    day.sort(key=lambda s: (s.starts_at, s.pk))
    place = next((n for n, s in enumerate(day) if s.pk == stop.pk), None)
    other = None if place is None else place - 1 if earlier else place + 1
    if place is None or other is None or not 0 <= other < len(day):
        return
    mine, theirs = day[place], day[other]
    first, second = (mine, theirs) if earlier else (theirs, mine)
    if _swap(first, second):
        note_change(visit, en=f"Moved: {_at(mine, 'en')}", fr=f"Étape déplacée\u00a0: {_at(mine, 'fr')}", by=by)


def _swap(first: Stop, second: Stop) -> bool:
    """`first` begins where `second` did; lengths are kept, and the later one follows on. False when the day is too short for it."""
    from datetime import date, datetime, timedelta

    day = date(2000, 1, 1)
    start = datetime.combine(day, second.starts_at)
    length = datetime.combine(day, first.ends_at) - datetime.combine(day, first.starts_at)
    length_second = datetime.combine(day, second.ends_at) - start
    end = datetime.combine(day, first.ends_at)
    second_start = max(end - length_second, start + length)
    if second_start + length_second >= datetime.combine(day, datetime.max.time()) - timedelta(minutes=1):
        return False
    first.starts_at, first.ends_at = start.time(), (start + length).time()
    second.starts_at, second.ends_at = second_start.time(), (second_start + length_second).time()
    for stop in (first, second):
        stop.version += 1
        stop.save(update_fields=["starts_at", "ends_at", "version", "updated_at"])
    return True


PLACE_FIELDS = ("address", "join_link")


@transaction.atomic
def keep_practical(visit: Visit, *, seen: int, by: Any, word: str = "", **fields: Any) -> None:
    """Save the practical sheet. Raises Conflict when somebody saved since version `seen`.

    A new place of arrival asks both sides again once one of them has confirmed; the rest is told with the small changes.
    """
    visit = _check(visit, by)
    before = {name: getattr(visit, name) for name in fields}
    changed = {name for name, value in fields.items() if before[name] != value}
    if not changed:
        return
    save_version(visit, seen=seen, fields=fields)
    elsewhere = changed.intersection(PLACE_FIELDS)
    if elsewhere and any(visit.confirmed_by(side) for side in Side):
        text = _new_place(before, fields, elsewhere)
        was_confirmed = visit.state == Visit.State.CONFIRMED
        material_change(fresh(visit), text=text, by=by, word=word, was_confirmed=was_confirmed)
    else:
        note_change(visit, en="Practical details", fr="Renseignements pratiques", by=by)


def _new_place(before: dict[str, Any], after: dict[str, Any], changed: set[str]) -> dict[str, str]:
    """Say what changed about the place, per language."""
    if "address" not in changed:
        return {"en": "A new link to take part online", "fr": "Nouveau lien pour participer en ligne"}
    moved = f"{before['address']} → {after['address']}"
    return {"en": f"Where to arrive: {moved}", "fr": f"Lieu d’arrivée\u00a0: {moved}"}


@transaction.atomic
def add_document(visit: Visit, *, by: Any, title: str, language: str, file: Any) -> VisitDocument:
    """Add a file that both sides and the guests may read. The form has checked its kind and size."""
    visit = _check(visit, by)
    document = VisitDocument.objects.create(
        visit=visit,
        title=title,
        language=language,
        file=file,
        filename=file.name[-200:],
        side=_my_side(visit, by),
        added_by=by,
    )
    note_change(visit, en=f"New document: {title}", fr=f"Nouveau document\u00a0: {title}", by=by)
    return document


@transaction.atomic
def remove_document(document: VisitDocument, *, by: Any) -> None:
    """Take a document away again: only the side that added it, or the secretariat."""
    visit = _check(document.visit, by)
    side = side_of(by, visit)
    if side is not None and side != document.side:
        raise PermissionDenied
    name, storage = document.file.name or "", document.file.storage
    document.delete()
    transaction.on_commit(lambda: storage.delete(name))
