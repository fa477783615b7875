"""Putting briefs to work: what a municipality does with one, the steps it marks, and the example that is told about it."""

from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from cmncp_portal.core.dates import day_in_words
from cmncp_portal.core.editing import Conflict, save_version
from cmncp_portal.core.screens import require
from cmncp_portal.core.text import active_language
from cmncp_portal.core.workflow import TransitionRefused
from cmncp_portal.network.models import Municipality
from cmncp_portal.notifications import services as letters

from ..models import ActionBrief, Concern, Example, Step, StepMark, Use
from ..notifications import BRIEF_USED, address, use_words
from ..selectors.people import writers
from ..selectors.using import wording_of
from .asking import readers_title, tell_of_concern

USABLE = (ActionBrief.State.PUBLISHED, ActionBrief.State.SUPERSEDED)


@transaction.atomic
def keep_use(
    brief: ActionBrief, *, municipality: Municipality, seen: int, state: str, note: str = "", on: date, by: Any
) -> Use:
    """Note that `municipality` does, or did, what `brief` advises, since or on the day `on`; the writers are told.

    `seen` is the version that the page showed, 0 while nothing was noted. Raises Conflict when a colleague noted something
    else meanwhile, TransitionRefused for a brief that is not to be used, a day ahead, or a second click, PermissionDenied.
    """
    require(by, "knowledge.use", municipality)
    locked = ActionBrief.objects.select_for_update(of=("self",)).get(pk=brief.pk)
    if locked.state not in USABLE:
        raise TransitionRefused(_("This brief is no longer in use."))
    if on > timezone.localdate():
        raise TransitionRefused(_("The day lies ahead. Say what is being done, or was done."))
    found = Use.objects.filter(brief=locked, municipality=municipality).first()
    said = {"state": state, "note": note.strip(), "on": on}
    if found is not None and all(getattr(found, name) == value for name, value in said.items()):
        raise TransitionRefused(_("This is noted already."), done_already=True)
    if found is not None and seen == 0:
        raise Conflict(found)
    before = found.state if found else ""
    fields = said | {"note_language": active_language(), "by_name": str(by)}
    if found is None:
        found = Use.objects.create(brief=locked, municipality=municipality, **fields)
    else:
        save_version(found, seen=seen, fields=fields)
    if before != state:
        _tell_writers(found, by)
    return found


def _tell_writers(use: Use, by: Any) -> None:
    url, title, state = address("brief", use.brief.slug), readers_title(use.brief), use_words(use)
    context = {
        code: {
            "url": url[code],
            "title": title[code],
            "municipality": use.municipality.name_in(code),
            "state": state[code],
            "note": use.note,
            "by": str(by),
        }
        for code in ("en", "fr")
    }
    key = f"{_key_of(use)}:{use.pk}:{use.version}"
    people = [(to, {code: {**context[code], "name": to.name} for code in context}) for to in writers()]
    letters.send_many(BRIEF_USED, people, key=key)


def _key_of(use: Use) -> str:
    return f"{BRIEF_USED.name}:{use.brief_id}:{use.municipality_id}"


@transaction.atomic
def take_back_use(brief: ActionBrief, *, municipality: Municipality, by: Any) -> None:
    """Forget that `municipality` uses `brief`; letters about it that wait are taken back.

    Raises TransitionRefused when nothing is noted (any more), PermissionDenied.
    """
    require(by, "knowledge.use", municipality)
    found = Use.objects.select_for_update().filter(brief=brief, municipality=municipality).first()
    if found is None:
        raise TransitionRefused(_("This was taken back already."), done_already=True)
    letters.withdraw(_key_of(found))
    found.delete()


@transaction.atomic
def mark_step(step: Step, *, municipality: Municipality, state: str, by: Any) -> None:
    """Mark a step as to do or done for `municipality`, "" takes the mark away. The mark is the municipality's, the last one holds.

    Raises TransitionRefused when it is marked so already, or the brief is not published (any more), PermissionDenied.
    """
    require(by, "knowledge.use", municipality)
    locked = Step.objects.select_for_update(of=("self",)).select_related("brief").get(pk=step.pk)
    if locked.brief.state != ActionBrief.State.PUBLISHED:
        raise TransitionRefused(_("This brief is no longer in use."))
    found = StepMark.objects.filter(step=locked, municipality=municipality).first()
    if (found.state if found else "") == state:
        raise TransitionRefused(_("It is marked so already."), done_already=True)
    if not state and found:
        found.delete()
        return
    values = {"state": state, "by": by, "by_name": str(by), "at": timezone.now()}
    StepMark.objects.update_or_create(step=locked, municipality=municipality, defaults=values)


def _locked_example(example: Example, by: Any) -> Example:
    require(by, "knowledge.agree_to_example", example.municipality)
    rows = Example.objects.select_for_update(of=("self",)).select_related("municipality", "brief")
    found = rows.filter(pk=example.pk).first()
    if found is None:
        raise TransitionRefused(_("This example is no longer part of the brief."))
    return found


@transaction.atomic
def agree_to_example(example: Example, *, seen: str, by: Any) -> None:
    """Agree that the example is told about the own municipality. `seen` is `wording_of` the texts that were read.

    Raises TransitionRefused when the texts changed since, or somebody agreed already, PermissionDenied.
    """
    found = _locked_example(example, by)
    if found.agreed_at is not None:
        reason = _("%(name)s agreed on %(day)s.")
        day = day_in_words(timezone.localdate(found.agreed_at))
        raise TransitionRefused(reason % {"name": found.agreed_by_name, "day": day}, done_already=True)
    if wording_of(found) != seen:
        raise TransitionRefused(_("The text was changed meanwhile. Please read it once more."))
    found.agreed_at, found.agreed_by_name = timezone.now(), str(by)
    found.save(update_fields=["agreed_at", "agreed_by_name"])


@transaction.atomic
def refuse_example(example: Example, *, note: str, by: Any) -> Concern:
    """Ask the writers to change the example, or to leave it out, for the reason `note`; an agreement ends with it.

    The note waits for the writers among the concerns of readers, and is answered there. Raises TransitionRefused for a second
    click, PermissionDenied.
    """
    found = _locked_example(example, by)
    text = _("Example of %(place)s: %(note)s") % {"place": found.municipality, "note": note.strip()}
    same = Concern.objects.filter(brief=found.brief, email=by.email, text=text, answered_at__isnull=True)
    if same.exists():
        raise TransitionRefused(_("The writers know already."), done_already=True)
    found.agreed_at, found.agreed_by_name = None, ""
    found.save(update_fields=["agreed_at", "agreed_by_name"])
    concern = Concern.objects.create(
        brief=found.brief, text=text, name=by.name, email=by.email, language=active_language()
    )
    tell_of_concern(concern)
    return concern
