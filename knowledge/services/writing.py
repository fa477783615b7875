"""Writing a brief beside its texts: beginning it, its facts, numbers, steps, sources, examples and evidence."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _

from cmncp_portal.core.editing import Conflict, save_version
from cmncp_portal.core.text import other
from cmncp_portal.core.workflow import TransitionRefused
from cmncp_portal.network.models import Stakeholder
from cmncp_portal.network.selectors import recipient_of
from cmncp_portal.notifications import services as letters

from .. import notifications as kinds
from ..models import ActionBrief, BriefSeries, BriefStateChange, Edition, Example, KeyNumber, Source, Step
from ..selectors.rows import agreement_key, mark_of, neighbours, rows_of

S = ActionBrief.State
MOMENT = timedelta(minutes=1)  # within it, the same once more is the same button pressed twice
LONGEST_SLUG = 100
BEGIN = "begin"  # the first row of a brief's history, which is no move
ROWS: dict[str, Any] = {"numbers": KeyNumber, "steps": Step, "sources": Source, "examples": Example}


def free_slug(title: str, taken_by: Any = ActionBrief, longest: int = LONGEST_SLUG) -> str:
    """Return an address made of `title` that no brief has (or no other model's row), with a number from the second one on."""
    stem = slugify(title)[: longest - 5].strip("-") or "brief"
    taken = set(taken_by.objects.filter(slug__startswith=stem).values_list("slug", flat=True))
    number, found = 2, stem
    while found in taken:
        found, number = f"{stem}-{number}", number + 1
    return found


def next_number(series: BriefSeries) -> int:
    """Return the number that follows the highest one given in `series`."""
    return (ActionBrief.objects.filter(series=series).aggregate(last=Max("number"))["last"] or 0) + 1


def one_click_at_a_time(by: Any) -> None:
    """Make one person's two clicks wait for each other, so that the second finds what the first one made."""
    get_user_model()._default_manager.select_for_update().get(pk=by.pk)


@transaction.atomic
def create_brief(
    *,
    by: Any,
    title: str,
    language: str,
    series: BriefSeries | None = None,
    number: int | None = None,
    topics: Iterable[Any] = (),
) -> ActionBrief:
    """Begin a brief as an idea, written in `language` ("en" or "fr"), and return it; a second click gives the first one again.

    In a series without a number it gets the next free one. Raises PermissionDenied, TransitionRefused for a number taken.
    """
    if not by.has_perm("knowledge.write"):
        raise PermissionDenied
    one_click_at_a_time(by)
    if same := _same_as_just_now(by, title, language):
        return same
    if series is not None:
        BriefSeries.objects.select_for_update().get(pk=series.pk)
        number = number or next_number(series)
        _refuse_taken_number(series, number)
    brief = ActionBrief.objects.create(
        slug=free_slug(title), source_language=language, series=series, number=number if series else None
    )
    brief.topics.set(topics)
    name = str(by)
    Edition.objects.create(brief=brief, language=language, title=title, saved_by_name=name)
    Edition.objects.create(brief=brief, language=other(language))
    BriefStateChange.objects.create(brief=brief, to_state=S.IDEA, transition=BEGIN, by=by, by_name=name)
    return brief


def _same_as_just_now(by: Any, title: str, language: str) -> ActionBrief | None:
    begun = BriefStateChange.objects.filter(transition=BEGIN, by=by, at__gte=timezone.now() - MOMENT)
    same = Edition.objects.filter(brief__in=begun.values("brief"), language=language, title=title)
    return ActionBrief.objects.filter(editions__in=same, state=S.IDEA, source_language=language).first()


def _refuse_taken_number(series: BriefSeries, number: int, brief: ActionBrief | None = None) -> None:
    rows = ActionBrief.objects.filter(series=series, number=number).prefetch_related("editions")
    if taken := rows.exclude(pk=brief.pk if brief else 0).first():
        words = {"number": f"{series.number}.{number}", "title": taken.title}
        raise TransitionRefused(_("Number %(number)s is taken by “%(title)s”.") % words)


def open_brief(brief: ActionBrief, by: Any) -> ActionBrief:
    """Return the brief, locked and fresh, if `by` may write it and it is in use. Raises PermissionDenied, TransitionRefused."""
    locked = ActionBrief.objects.select_for_update(of=("self",)).get(pk=brief.pk)
    if not by.has_perm("knowledge.write_brief", locked):
        raise PermissionDenied
    if locked.state in (S.SUPERSEDED, S.WITHDRAWN):
        words = _("It is “%(state)s”: nothing about it changes any more.")
        raise TransitionRefused(words % {"state": locked.get_state_display()})
    return locked


@transaction.atomic
def keep_facts(
    brief: ActionBrief,
    *,
    seen: int,
    by: Any,
    topics: Iterable[Any] | None = None,
    populations: Iterable[Any] | None = None,
    **fields: Any,
) -> None:
    """Save what is known of the brief outside its texts, under the version that its writer saw.

    Raises PermissionDenied; TransitionRefused for a number or an address that is taken, or an address that readers know;
    Conflict when somebody saved since version `seen`.
    """
    before = open_brief(brief, by)
    if before.version != seen:
        raise Conflict(before)
    _check_facts(before, fields)
    save_version(brief, seen=seen, fields=fields)
    if topics is not None:
        brief.topics.set(topics)
    if populations is not None:
        brief.populations.set(populations)


def _check_facts(before: ActionBrief, fields: dict[str, Any]) -> None:
    series, number = fields.get("series", before.series), fields.get("number", before.number)
    if series is None:
        number = None
    elif not number:
        number = next_number(series)
    if "series" in fields or "number" in fields:
        fields["number"] = number
    if series is not None and number and (series, number) != (before.series, before.number):
        _refuse_taken_number(series, number, before)
    slug = fields.get("slug", before.slug)
    if slug != before.slug and before.published_at is not None:
        raise TransitionRefused(_("Readers know its address: it stays."))
    if ActionBrief.objects.filter(slug=slug).exclude(pk=before.pk).exists():
        raise TransitionRefused(_("Another brief has this address."))
    _check_replaced(before, fields.get("replaces"))


def _check_replaced(before: ActionBrief, replaced: ActionBrief | None) -> None:
    if replaced is None:
        return
    if replaced.pk == before.pk:
        raise TransitionRefused(_("A brief does not replace itself."))
    if ActionBrief.objects.filter(replaces=replaced).exclude(pk=before.pk).exists():
        raise TransitionRefused(_("Another brief replaces that one already."))


# ---- numbers, steps, sources, examples


@transaction.atomic
def add_row(brief: ActionBrief, name: str, *, by: Any, **fields: Any) -> Any:
    """Add a row to the list called `name` (a key of `ROWS`), last in it, and return it.

    Raises PermissionDenied; TransitionRefused, said to be done already, when the very same stands there.
    """
    open_brief(brief, by)
    _check_row(name, fields)
    rows = getattr(brief, name)
    if rows.filter(**fields).exists():
        raise TransitionRefused(_("This stands in the list already."), done_already=True)
    last = rows.aggregate(last=Max("order"))["last"]
    return rows.create(order=0 if last is None else last + 1, **fields)


@transaction.atomic
def keep_row(row: Any, *, seen: str, by: Any, **fields: Any) -> None:
    """Change a row of a brief's list. A changed example has to be agreed to again.

    Raises Conflict when the row says something else than what `seen` (see `selectors.rows.mark_of`) stands for;
    TransitionRefused when it was removed; PermissionDenied.
    """
    stored = _stored(row, by)
    if mark_of(stored) != seen:
        raise Conflict(stored)
    _check_row(_name_of(row), fields)
    changed = [name for name, value in fields.items() if getattr(stored, name) != value]
    for name, value in fields.items():
        setattr(stored, name, value)
    if changed and isinstance(stored, Example):
        stored.agreed_at, stored.agreed_by_name = None, ""
    if changed:
        stored.save()


@transaction.atomic
def remove_row(row: Any, *, seen: str, by: Any) -> None:
    """Take a row off its list. Raises Conflict when it says something else than what `seen` stands for."""
    stored = _stored(row, by)
    if mark_of(stored) != seen:
        raise Conflict(stored)
    stored.delete()


@transaction.atomic
def move_row(row: Any, *, by: Any, step: int) -> None:
    """Move a row one place up (`step` -1) or down (1); a step among those for the same people. Raises TransitionRefused."""
    stored = _stored(row, by)
    rows = rows_of(stored.brief, _name_of(row))
    near = neighbours(rows, stored)
    place = near.index(stored)
    if not 0 <= place + step < len(near):
        raise TransitionRefused(_("It is at the end of the list already."), done_already=True)
    near[place], near[place + step] = near[place + step], near[place]
    for order, each in enumerate(near):
        each.order = order
    type(row).objects.bulk_update(near, ["order"])


def _name_of(row: Any) -> str:
    return next(name for name, model in ROWS.items() if isinstance(row, model))


def _stored(row: Any, by: Any) -> Any:
    """The row as it stands in the database, its brief locked; somebody may have removed it meanwhile."""
    open_brief(row.brief, by)
    found = type(row).objects.filter(pk=row.pk).select_related("brief").first()
    if found is None:
        raise TransitionRefused(_("This was removed meanwhile."), done_already=True)
    return found


def _check_row(name: str, fields: dict[str, Any]) -> None:
    programme = fields.get("programme")
    if name == "examples" and programme is not None and programme.municipality_id != fields["municipality"].pk:
        words = {"programme": programme, "place": fields["municipality"]}
        raise TransitionRefused(_("%(programme)s is not a programme of %(place)s.") % words)


@transaction.atomic
def ask_agreement(example: Example, *, by: Any) -> int:
    """Ask whoever answers for the municipality whether its example may be shown; return how many people are asked.

    Raises PermissionDenied; TransitionRefused when it agreed or was asked about these words, or nobody answers for it.
    """
    stored = _stored(example, by)
    place, words = stored.municipality, {"place": stored.municipality}
    if stored.agreed_at:
        raise TransitionRefused(_("%(place)s has agreed already.") % words, done_already=True)
    people = Stakeholder.objects.speaking_for(place).select_related("municipality", "user")
    to = [found for person in people if (found := recipient_of(person)).email]
    if not to:
        raise TransitionRefused(_("Nobody answers for %(place)s at the moment.") % words)
    title, url, text = kinds.titles(stored.brief), kinds.address("example", stored.pk), stored
    context = {
        code: {
            "title": title[code],
            "url": url[code],
            "municipality": place.name_in(code),
            "example": getattr(text, f"text_{code}"),
            "by": str(by),
        }
        for code in ("en", "fr")
    }
    batch = [(each, {code: context[code] | {"name": each.name} for code in ("en", "fr")}) for each in to]
    written = letters.send_many(kinds.EXAMPLE_AGREEMENT, batch, key=agreement_key(stored))
    if not written:
        raise TransitionRefused(_("%(place)s has been asked about these words already.") % words, done_already=True)
    return len(written)


# ---- evidence


@transaction.atomic
def keep_evidence(brief: ActionBrief, *, by: Any, add: Iterable[Any] = (), remove: Iterable[Any] = ()) -> None:
    """Cite the entries `add` and no longer those of `remove` (entries or their numbers); what others chose stays."""
    open_brief(brief, by)
    brief.evidence.add(*add)
    brief.evidence.remove(*remove)
