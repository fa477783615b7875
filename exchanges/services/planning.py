"""Both sides plan on one page: stops, the practical sheet, documents.

While a visit is confirmed, small changes are collected and told together; a change of place, or of a meeting with council,
makes both sides confirm again.
"""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
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
        raise TransitionRefused(_("The plan can no longer be changed: the visit is “%(state)s”.") % {"state": locked.get_state_display()})
    return fresh(visit)


def note_change(visit: Visit, *, en: str, fr: str, by: Any) -> None:
    """Remember a small change of a confirmed plan, to be told to everyone in one letter; before that, nobody needs a letter."""
    if visit.state == Visit.State.CONFIRMED:
        PlanChange.objects.create(visit=visit, text_en=en[:300], text_fr=fr[:300], by=by, by_name=str(by))
    Visit.objects.filter(pk=visit.pk).update(updated_at=timezone.now())


def _my_side(visit: Visit, by: Any) -> str:
    """The secretariat acts for the hosts, who carry the programme."""
    return side_of(by, visit) or Side.HOSTS


def _at(stop: Stop, language: str) -> str:
    return f"{stop.title} ({clock_in_words(stop.starts_at, language)})"


@transaction.atomic
def add_stop(visit: Visit, *, by: Any, objectives: Any = (), **fields: Any) -> Stop:
    """Propose a stop; the other side agrees to it."""
    visit = _check(visit, by)
    stop = Stop.objects.create(visit=visit, proposed_by=_my_side(visit, by), **fields)
    stop.objectives.set(objectives)
    note_change(visit, en=f"New: {_at(stop, 'en')}", fr=f"Ajout : {_at(stop, 'fr')}", by=by)
    return stop


@transaction.atomic
def keep_stop(stop: Stop, *, seen: int, by: Any, objectives: Any = (), **fields: Any) -> None:
    """Change a stop. What the other side had agreed to is proposed to it again when day, time or place change.

    Raises Conflict when somebody saved since version `seen`: both texts are then shown.
    """
    visit = _check(stop.visit, by)
    moved = any(getattr(stop, name) != fields.get(name, getattr(stop, name)) for name in ("day", "starts_at", "ends_at", "place"))
    if visit.state != Visit.State.CONFIRMED and moved and stop.status == Stop.Status.AGREED:
        fields |= {"status": Stop.Status.PROPOSED, "proposed_by": _my_side(visit, by)}
    save_version(stop, seen=seen, fields=fields)
    stop.objectives.set(objectives)
    note_change(visit, en=f"Changed: {_at(stop, 'en')}", fr=f"Modifié : {_at(stop, 'fr')}", by=by)


@transaction.atomic
def agree_stop(stop: Stop, *, by: Any) -> None:
    """Agree to a stop that the other side proposed. Raises TransitionRefused to the side that proposed it."""
    visit = _check(stop.visit, by)
    side = side_of(by, visit)
    if side == stop.proposed_by:
        raise TransitionRefused(_("Your own side proposed this stop: the other side agrees to it."))
    Stop.objects.filter(pk=stop.pk, status=Stop.Status.PROPOSED).update(status=Stop.Status.AGREED)
    Visit.objects.filter(pk=visit.pk).update(updated_at=timezone.now())


@transaction.atomic
def drop_stop(stop: Stop, *, by: Any, word: str = "") -> None:
    """Take a stop off the programme; it stays in the history. Dropping a meeting with council of a confirmed visit asks both sides again."""
    visit = _check(stop.visit, by)
    was_confirmed = visit.state == Visit.State.CONFIRMED
    Stop.objects.filter(pk=stop.pk).update(status=Stop.Status.DROPPED, version=stop.version + 1)
    text = {"en": f"Dropped: {_at(stop, 'en')}", "fr": f"Retiré : {_at(stop, 'fr')}"}
    if was_confirmed and stop.kind == Stop.Kind.COUNCIL:
        material_change(fresh(visit), text=text, by=by, word=word, was_confirmed=True)
    else:
        note_change(visit, en=text["en"], fr=text["fr"], by=by)


@transaction.atomic
def move_stop(stop: Stop, *, earlier: bool, by: Any) -> None:
    """Exchange the times of a stop with its neighbour on the same day: the order without a mouse."""
    visit = _check(stop.visit, by)
    day = [s for s in visit.stops.all() if s.day == stop.day and s.status != Stop.Status.DROPPED]
    day.sort(key=lambda s: (s.starts_at, s.pk))
    place = next(n for n, s in enumerate(day) if s.pk == stop.pk)
    other = place - 1 if earlier else place + 1
    if not 0 <= other < len(day):
        return
    mine, theirs = day[place], day[other]
    first, second = (mine, theirs) if earlier else (theirs, mine)
    _swap(first, second)
    note_change(visit, en=f"Moved: {_at(mine, 'en')}", fr=f"Déplacé : {_at(mine, 'fr')}", by=by)


def _swap(first: Stop, second: Stop) -> None:
    """`first` begins where `second` did; lengths are kept, and the later one follows on."""
    from datetime import date, datetime, timedelta

    day = date(2000, 1, 1)
    start = datetime.combine(day, second.starts_at)
    length = datetime.combine(day, first.ends_at) - datetime.combine(day, first.starts_at)
    length_second = datetime.combine(day, second.ends_at) - start
    end = datetime.combine(day, first.ends_at)
    first.starts_at, first.ends_at = start.time(), (start + length).time()
    second_start = max(end - length_second, start + length)
    if second_start + length_second >= datetime.combine(day, datetime.max.time()) - timedelta(minutes=1):
        return
    second.starts_at, second.ends_at = second_start.time(), (second_start + length_second).time()
    for stop in (first, second):
        stop.version += 1
        stop.save(update_fields=["starts_at", "ends_at", "version", "updated_at"])


PLACE_FIELDS = ("address", "join_link")


@transaction.atomic
def keep_practical(visit: Visit, *, seen: int, by: Any, word: str = "", **fields: Any) -> None:
    """Save the practical sheet. Raises Conflict when somebody saved since version `seen`.

    On a confirmed visit a new place of arrival asks both sides again; the rest is told with the small changes.
    """
    visit = _check(visit, by)
    was_confirmed = visit.state == Visit.State.CONFIRMED
    changed = [name for name, value in fields.items() if getattr(visit, name) != value]
    if not changed:
        return
    before = visit.address
    save_version(visit, seen=seen, fields=fields)
    if was_confirmed and any(name in PLACE_FIELDS for name in changed):
        text = {"en": f"Where to arrive: {before} → {visit.address}", "fr": f"Lieu d’arrivée : {before} → {visit.address}"}
        material_change(fresh(visit), text=text, by=by, word=word, was_confirmed=True)
        return
    note_change(visit, en="Practical details", fr="Renseignements pratiques", by=by)


@transaction.atomic
def add_document(visit: Visit, *, by: Any, title: str, language: str, file: Any) -> VisitDocument:
    """Add a file that both sides and the guests may read. The form has checked its kind and size."""
    visit = _check(visit, by)
    document = VisitDocument.objects.create(
        visit=visit, title=title, language=language, file=file, filename=file.name[-200:], side=_my_side(visit, by), added_by=by
    )
    note_change(visit, en=f"New document: {title}", fr=f"Nouveau document : {title}", by=by)
    return document


@transaction.atomic
def remove_document(document: VisitDocument, *, by: Any) -> None:
    """Take a document away again: only the side that added it, or the secretariat."""
    visit = _check(document.visit, by)
    side = side_of(by, visit)
    if side is not None and side != document.side:
        raise PermissionDenied
    name, storage = document.file.name, document.file.storage
    document.delete()
    transaction.on_commit(lambda: storage.delete(name))
