"""What a municipality takes home: making a commitment, putting it right, and saying how far it is."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from cmncp_portal.core.days import local_day
from cmncp_portal.core.editing import Conflict, save_version
from cmncp_portal.core.workflow import TransitionRefused
from cmncp_portal.network.models import Municipality, PreventionProgramme, Stakeholder
from cmncp_portal.network.selectors import recipient_of

from ..models import Commitment, CommitmentChange, StrategyCheck
from ..workflow import ENDED, move_refusal
from .base import let_in
from .telling import tell_owner

PERMISSION = "progress.keep_commitments"
FIELDS = ("text", "language", "due_on", "check_item", "programme")
OWNER = ("owner", "owner_name", "owner_email", "owner_language")


class TakenAlready(TransitionRefused):
    """The municipality took this home before. `commitment` is what it made of it then."""

    def __init__(self, commitment: Commitment) -> None:
        super().__init__(_("This is among the commitments of your municipality already."), done_already=True)
        self.commitment = commitment


@dataclass(frozen=True)
class Source:
    """Where a commitment comes from, in words, since this floor knows no activity.

    `kind` is a value of Commitment.Source; `key` names the thing itself ("idea-12"), `of` the whole that it is part of
    ("visit-4"); `title` is in English and French; `path` leads there; `seen_in` is where it was seen.
    """

    kind: str
    key: str
    of: str
    title: tuple[str, str]
    path: str
    seen_in: Municipality | None = None
    programme: PreventionProgramme | None = None


def taken(place: Municipality, source: Source) -> Commitment | None:
    """Return what `place` made of `source` before, or None."""
    if not source.key:
        return None
    return Commitment.objects.filter(municipality=place, source_key=source.key).first()


@transaction.atomic
def make(
    place: Municipality,
    *,
    by: Any,
    by_name: str,
    text: str,
    language: str,
    owner: Stakeholder | None = None,
    owner_name: str = "",
    owner_email: str = "",
    owner_language: str = "",
    due_on: date,
    check_item: StrategyCheck | None = None,
    source: Source | None = None,
    is_demonstration: bool = False,
) -> Commitment:
    """Make a commitment of `place` on this day of its zone, and tell who is to see to it, unless that is who makes it.

    `by` is None when an activity has asked itself who may do this, such as for somebody with a personal link; `by_name` then
    says who. Give an `owner` of the municipality, or a name and an address. Raises PermissionDenied; TakenAlready, which carries
    the commitment, when this source was taken home before; TransitionRefused for an owner of somewhere else.
    """
    if by is not None:
        let_in(by, PERMISSION, place)
    # Of two clicks the second waits here, and then finds what the first made.
    Municipality.objects.select_for_update(of=("self",)).get(pk=place.pk)
    if source and (before := taken(place, source)):
        raise TakenAlready(before)
    commitment = Commitment.objects.create(
        municipality=place, text=text, language=language, due_on=due_on, check_item=check_item,
        made_on=local_day(timezone.now(), place.time_zone), made_by_name=by_name, is_demonstration=is_demonstration,
        **_owner_fields(place, owner, owner_name, owner_email, owner_language),
        **(_source_fields(source) if source else {}),
    )  # fmt: skip
    tell_owner(commitment, by=by, by_name=by_name)
    return commitment


def _source_fields(source: Source) -> dict[str, Any]:
    english, french = source.title
    return {
        "source": source.kind,
        "source_key": source.key,
        "source_of": source.of,
        "source_title_en": english,
        "source_title_fr": french,
        "source_path": source.path,
        "seen_in": source.seen_in,
        "programme": source.programme,
    }


def _owner_fields(
    place: Municipality, owner: Stakeholder | None, name: str, email: str, language: str
) -> dict[str, Any]:
    """What is kept of who sees to it: name and address as they are now, so that they are known when the person is not."""
    if owner is None:
        email = email.strip().lower()
        return {"owner": None, "owner_name": name.strip(), "owner_email": email, "owner_language": language}
    if owner.municipality_id != place.pk or not owner.is_current():
        raise TransitionRefused(_("Choose somebody who works with your municipality today."))
    to = recipient_of(owner)
    known = "" if to.language == "both" else to.language
    return {"owner": owner, "owner_name": owner.name, "owner_email": to.email.lower(), "owner_language": known}


@transaction.atomic
def change(commitment: Commitment, *, seen: int, by: Any, **fields: Any) -> Commitment:
    """Put right what is said of a commitment (names of FIELDS and OWNER) and return it; a new owner is told.

    Raises PermissionDenied; Conflict, with nothing written, when somebody saved since version `seen`.
    """
    current = Commitment.objects.select_for_update(of=("self",)).select_related("municipality", "owner")
    now = current.get(pk=commitment.pk)
    let_in(by, PERMISSION, now.municipality)
    if now.version != seen:
        raise Conflict(now)
    wanted = {name: fields[name] for name in FIELDS if name in fields}
    if any(name in fields for name in OWNER):
        owner, *words = (fields.get(name, getattr(now, name)) for name in OWNER)
        wanted |= _same_owner(now, owner) or _owner_fields(now.municipality, owner, *words)
    before = now.owner_email
    changed = {name: value for name, value in wanted.items() if getattr(now, name) != value}
    if changed:
        save_version(now, seen=seen, fields=changed)
    if now.owner_email != before:
        tell_owner(now, by=by, by_name=str(by))
    return now


def _same_owner(now: Commitment, owner: Stakeholder | None) -> dict[str, Any]:
    """Whoever has left stays the owner until somebody else is named: other words can be put right without that."""
    return {"owner": owner} if owner is not None and owner.pk == now.owner_id else {}


@transaction.atomic
def report(
    commitment: Commitment,
    *,
    to_state: str,
    note: str = "",
    evidence_url: str = "",
    investment: Decimal | None = None,
    by: Any,
    by_name: str,
    months: int | None = None,
) -> CommitmentChange:
    """Say how far a commitment is, and return what was added to its history; the commitment given knows its new state.

    `investment` is in whole dollars; `months` is 3 or 6 when this answers a letter. `by` is None for who came by the link of a
    letter. Raises PermissionDenied; TransitionRefused when the move needs a sentence that says why (workflow.move_refusal),
    when nothing new is said, and for a second click.
    """
    now = Commitment.objects.select_for_update(of=("self",)).select_related("municipality").get(pk=commitment.pk)
    if by is not None and not by.has_perm(PERMISSION, now):
        raise PermissionDenied
    note = note.strip()
    said = {"to_state": to_state, "note": note, "evidence_url": evidence_url, "investment": investment}
    _refuse_twice(now, said, months, by_name)
    if reason := move_refusal(now.state, to_state, note):
        raise TransitionRefused(reason)
    today = local_day(timezone.now(), now.municipality.time_zone)
    ended_on = (now.ended_on if now.state == to_state else today) if to_state in ENDED else None
    Commitment.objects.filter(pk=now.pk).update(state=to_state, ended_on=ended_on, updated_at=timezone.now())
    commitment.state, commitment.ended_on = to_state, ended_on
    return CommitmentChange.objects.create(commitment=now, months=months, by=by, by_name=by_name, **said)


def _refuse_twice(now: Commitment, said: dict[str, Any], months: int | None, by_name: str) -> None:
    """Answer a second click, and a word that adds nothing; "still the same" is an answer to a letter all the same."""
    last = now.changes.order_by("-at", "-pk").first()
    if (
        last
        and {name: getattr(last, name) for name in said} == said
        and (last.by_name, last.months) == (by_name, months)
    ):
        raise TransitionRefused(_("This is noted already."), done_already=True)
    adds = said["note"] or said["evidence_url"] or said["investment"] is not None
    if months is None and now.state == said["to_state"] and not adds:
        state = now.get_state_display()
        raise TransitionRefused(_("It is “%(state)s” already; say what is new.") % {"state": state}, done_already=True)
