"""Lists of municipalities and people handed in as files: read, previewed row by row, then applied exactly as previewed."""

from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cmncp_portal.accounts.models import User

from .. import lists
from ..columns import columns_of
from ..models import ImportRun, Membership, Municipality, Stakeholder, Standing, Topic
from .base import Refused
from .judging import Judge, MunicipalityJudge, PeopleJudge, problem, sector_ids

BATCH = 500
_TOPICS = ("offers", "seeks")
_MEMBERSHIP = ("membership", "member_since")


def _judge_of(what: str, *, lock: bool = False) -> Judge:
    return PeopleJudge(lock=lock) if what == ImportRun.What.PEOPLE else MunicipalityJudge(lock=lock)


def _read_row(line: int, texts: dict[str, str], readers: dict[str, Any]) -> dict[str, Any]:
    values, unreadable = {}, []
    for name, text in texts.items():
        try:
            values[name] = readers[name](text)
        except ValidationError as error:
            unreadable.append(problem(name, error))
    label = texts.get("name") or texts.get("name_en") or texts.get("name_fr") or texts.get("slug") or ""
    return {"line": line, "label": label[:120], "values": values, "unreadable": unreadable}


@transaction.atomic
def take_list(*, what: str, name: str, data: bytes, by: User) -> ImportRun:
    """Read a file and keep what it would do for a day; nothing of the network changes. Raises lists.Unreadable."""
    columns = columns_of(what)
    texts = lists.read(name, data, columns)
    readers = {column.name: column.reader() for column in columns}
    judge = _judge_of(what)
    rows = [judge.judge(_read_row(line, row, readers)) for line, row in texts]
    forget_old_runs()
    return ImportRun.objects.create(what=what, owner=by, file_name=name[-200:], rows=rows)


def forget_old_runs() -> int:
    """Drop what was previewed but can no longer be applied; return how many lists."""
    return ImportRun.objects.filter(applied_at__isnull=True, expires_at__lte=timezone.now()).delete()[0]


@transaction.atomic
def apply_run(run: ImportRun, *, by: User) -> bool:
    """Apply the new and changed rows of `run`, all of them or none, and forget the personal data it held.

    Each row is looked at again under lock. When one would now do something else than the preview said, nothing is applied,
    `run` holds the preview as it is now, and the answer is False. Raises Refused when the run was applied or is too old.
    """
    run = ImportRun.objects.select_for_update().get(pk=run.pk)
    if run.applied_at is not None:
        raise Refused(_("This list has been applied already."))
    if not run.is_open:
        raise Refused(_("This preview is more than a day old: hand the file in again."))
    judge = _judge_of(run.what, lock=True)
    fresh = [judge.judge(row) for row in run.rows]
    if any(_outcome(now) != _outcome(before) for now, before in zip(fresh, run.rows, strict=True)):
        run.rows = fresh
        run.save(update_fields=["rows"])
        return False
    work = [row for row in fresh if row["state"] in ("new", "changed")]
    try:
        with transaction.atomic():
            (_write_people if isinstance(judge, PeopleJudge) else _write_municipalities)(judge, work)
    except IntegrityError as error:
        raise Refused(_("Somebody changed the same entries at this moment: look at the preview again.")) from error
    run.rows = [{**row, "values": {}, "changes": []} for row in fresh]
    run.applied_at = timezone.now()
    run.save(update_fields=["rows", "applied_at"])
    return True


def _outcome(row: dict[str, Any]) -> tuple[Any, ...]:
    return row["state"], row["pk"], row["changes"]


def _column_value(name: str, value: Any) -> Any:
    if name in ("latitude", "longitude"):
        return None if value is None else Decimal(value)
    if name in ("population", "population_year", "not_hosting_until", "left_on"):
        return value
    return "" if value is None else value


def _set(record: Any, fields: dict[str, Any]) -> None:
    for name, value in fields.items():
        setattr(record, name, _column_value(name, value))


def _wanted(row: dict[str, Any]) -> dict[str, Any]:
    return {name: new for name, _old, new in row["changes"]}


def _write_municipalities(judge: Any, work: list[dict[str, Any]]) -> None:
    by_pk = {place.pk: place for place in judge.by_slug.values()}
    made, kept, topics, members = [], [], [], []
    for row in work:
        fields = _wanted(row)
        linked = {name: fields.pop(name) for name in _TOPICS if name in fields}
        membership = {name: fields.pop(name) for name in _MEMBERSHIP if name in fields}
        if row["state"] == "new":
            place = Municipality(slug=judge.new_slug(row["values"]), kind=Municipality.Kind.CITY)
            fields.setdefault("name_fr", fields["name_en"])
            made.append(place)
        else:
            place = by_pk[row["pk"]]
            kept.append(place)
        _set(place, fields)
        topics.append((place, linked))
        if membership:
            members.append((place, membership))
    Municipality.objects.bulk_create(made, batch_size=BATCH)
    _raise_versions(kept)
    columns = [c.name for c in judge.columns if c.name not in (*_TOPICS, *_MEMBERSHIP, "slug")]
    Municipality.objects.bulk_update(kept, [*columns, "version", "updated_at"], batch_size=BATCH)
    _link_topics(topics)
    Membership.objects.bulk_create(
        [Membership(municipality=place, kind=m["membership"], from_on=m["member_since"]) for place, m in members],
        batch_size=BATCH,
    )


def _raise_versions(records: list[Any]) -> None:
    now = timezone.now()
    for record in records:
        record.version += 1
        record.updated_at = now


def _link_topics(topics: list[tuple[Municipality, dict[str, list[str]]]]) -> None:
    keys = dict(Topic.objects.values_list("slug", "pk"))
    for name in _TOPICS:
        table = getattr(Municipality, name).through
        places = [(place, linked[name]) for place, linked in topics if name in linked]
        table.objects.filter(municipality__in=[place.pk for place, _slugs in places]).delete()
        links = [table(municipality_id=place.pk, topic_id=keys[slug]) for place, slugs in places for slug in slugs]
        table.objects.bulk_create(links, batch_size=BATCH)


def _write_people(judge: Any, work: list[dict[str, Any]]) -> None:
    sectors, made, kept = sector_ids(), [], []
    places = dict(Municipality.objects.values_list("slug", "pk"))
    for row in work:
        fields = _wanted(row)
        place, sector = fields.pop("municipality", None), fields.pop("sector", None)
        if row["state"] == "new":
            person = Stakeholder(municipality_id=places[place], standing=Standing.PARTNER)
            fields = {name: value for name, value in fields.items() if name != "standing" or value}
            made.append(person)
        else:
            person = judge.by_number[row["pk"]]
            kept.append(person)
        if sector:
            person.sector_id = sectors[sector]
        _set(person, fields)
    Stakeholder.objects.bulk_create(made, batch_size=BATCH)
    _raise_versions(kept)
    columns = [c.name for c in judge.columns if c.name not in ("number", "municipality")]
    Stakeholder.objects.bulk_update(kept, [*columns, "version", "updated_at"], batch_size=BATCH)
