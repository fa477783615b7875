"""What an app holds about people, told as tables: for a copy, for forgetting, and for what has outlived its time.

Each app declares its `PART` in a module `personal`. Forgetting keeps rows, because they are counted, and empties what names the
person: in the row, in the earlier versions of it that a trigger keeps, beside what she did at work, and in passing in letters.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import partial
from html import escape
from typing import Any
from urllib.parse import quote

from django.core.exceptions import FieldDoesNotExist
from django.db import models, transaction
from django.db.models import F, Func, Q, Value
from django.db.models.functions import Cast, Concat
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from .dates import clock_in_words, day_in_words
from .models import Versioned

NOBODY = "—"  # where a name must stand
NOWHERE = "@invalid"  # RFC 2606: no such address can belong to anybody
Words = str | Promise
Row = list[tuple[Words, str]]


@dataclass(frozen=True)
class Person:
    """Somebody as the tables know her: by addresses (in small letters), account, entries in the network's list.

    `names` are those by which nobody else goes here: only they are looked for where neither address nor key stands.
    """

    emails: frozenset[str]
    accounts: frozenset[int] = frozenset()
    entries: frozenset[int] = frozenset()
    names: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Section:
    """One part of a copy: lines of (what, value) for each thing that is held."""

    code: str
    title: Words
    rows: Sequence[Row]

    def as_data(self) -> dict[str, Any]:
        """Return the section as plain values, in the active language."""
        rows = [[{"what": str(label), "value": value} for label, value in row] for row in self.rows]
        return {"code": self.code, "title": str(self.title), "rows": rows}


@dataclass(frozen=True)
class Removed:
    """How much was removed of what; `limit` is the first day that was kept, where a time limit was the reason."""

    code: str
    label: Words
    count: int
    limit: date | None = None


@dataclass(frozen=True)
class Obstacle:
    """Something that runs and needs the person: what it is, and the address of the page where it can be settled.

    With `forbids` nobody can be forgotten before it is settled; otherwise an administrator may decide so.
    """

    text: str
    path: str = ""
    forbids: bool = False


def nowhere() -> Concat:
    """Return the expression of an address that is nobody's and stands once in its table, such as forgotten-12@invalid."""
    return Concat(Value("forgotten-"), Cast("pk", models.CharField()), Value(NOWHERE))


def is_nowhere(email: str) -> bool:
    """Tell whether `email` is the address of somebody who was forgotten: nothing is sent there."""
    return email.strip().lower().endswith(NOWHERE)


def fits_as_name(name: str) -> bool:
    """Tell whether `name` may be looked for in running text: two words at least, or it would be found everywhere."""
    words = [word for word in name.split() if len(word) > 1]
    return len(words) > 1 and sum(map(len, words)) > 5


def pattern_of(person: Person) -> str:
    """Return the regular expression of PostgreSQL that finds the person in running text, in HTML and in JSON; "" for nobody."""
    found = {re.escape(form) for email in person.emails for form in (email, quote(email))}
    for name in filter(fits_as_name, person.names):
        forms = {name, escape(name), name.replace("'", "’"), name.replace("’", "'")}
        found |= {r"\s+".join(re.escape(word) for word in form.split()) for form in forms}
    if not found:
        return ""
    return rf"(?<![[:alnum:]_.+-])(?:{'|'.join(sorted(found))})(?![[:alnum:]_-]|\.[[:alnum:]])"


def own(model: type[models.Model], name: str) -> Any:
    """Return the column `name` of `model`, or None: for paths such as "learner__email" and for what a history leaves out."""
    try:
        found = model._meta.get_field(name) if name and "__" not in name else None
    except FieldDoesNotExist:
        return None
    return found if getattr(found, "concrete", False) else None


def history_of(model: type[models.Model]) -> Any:
    """Return the table in which a trigger keeps the versions of `model`, or None."""
    return getattr(model, "pgh_event_model", None)


def emptied(column: Any) -> Any:
    """Return what stands in a column that was emptied."""
    if column.null:
        return None
    if isinstance(column, models.JSONField):
        return column.get_default()
    return ""


@dataclass(frozen=True)
class About:
    """A table of which a row is about one person.

    `email`, `entry`, `account` say how she is known: columns or paths. `name` gets NOBODY (or `nobody`), `empties` nothing,
    `sets` what is given (a function gets the moment). `shows` is what a copy tells: paths, or (path, words). `is_hers_alone`
    is false where the row belongs to somebody else and names her for a while: then only versions that name her are emptied.
    `gives_names` is false where people write their own name without being known.
    """

    rows: type[models.Model]
    title: Words
    email: str = ""
    entry: str = ""
    account: str = ""
    name: str = ""
    nobody: str = NOBODY
    empties: tuple[str, ...] = ()
    sets: dict[str, Any] = field(default_factory=dict)
    shows: tuple[Any, ...] = ()
    is_hers_alone: bool = True
    gives_names: bool = True

    def hers(self, person: Person) -> Q:
        """Return the condition for the rows that are about `person` by address or key."""
        found = Q(pk__in=[])
        for email in person.emails if self.email else ():
            found |= Q(**{f"{self.email}__iexact": email})
        if self.entry and person.entries:
            found |= Q(**{f"{self.entry}__in": person.entries})
        if self.account and person.accounts:
            found |= Q(**{f"{self.account}__in": person.accounts})
        return found

    def by_name(self, person: Person) -> Q:
        """Return the condition for rows that have her name and nothing else to know anybody by."""
        keys = [path for path in (self.email, self.entry, self.account) if path]
        if not person.names or not all(own(self.rows, path) for path in (self.name, *keys)):
            return Q(pk__in=[])
        unknown = {
            path if path == self.email else f"{path}__isnull": "" if path == self.email else True for path in keys
        }
        return Q(**{f"{self.name}__in": person.names}, **unknown)

    def held(self, person: Person) -> list[Section]:
        """Return what the table holds about `person` as a section of a copy; no section when there is nothing. One query."""
        if not self.shows:
            return []
        shows = [one if isinstance(one, tuple) else (one, "") for one in self.shows]
        relations = sorted({path for path in (_relation(self.rows, one) for one, _words in shows) if path})
        found = self.rows._base_manager.filter(self.hers(person)).select_related(*relations).order_by("pk")
        labels = [(path, words or _label(self.rows, path)) for path, words in shows]
        rows = [[(label, said) for path, label in labels if (said := _said(row, path))] for row in found]
        return [Section(self.rows._meta.label_lower, self.title, rows)] if rows else []

    def forget(self, person: Person, now: datetime) -> int:
        """Empty the rows about `person` and their earlier versions; return how many rows."""
        which = self.hers(person) | self.by_name(person)
        return self.empty(which, now, versions=which)

    def empty(self, which: Q, now: datetime, *, versions: Q | None = None) -> int:
        """Empty the rows for which `which` holds, and of their earlier versions those of `versions`; return how many rows."""
        everything = self.rows._base_manager
        pks = list(everything.filter(which).values_list("pk", flat=True))
        found = everything.filter(pk__in=pks)
        if not (changes := self._changes(self.rows, now)):
            return 0
        self._drop_files(found)
        found.update(**changes)
        history = history_of(self.rows)
        if history is not None and (changes := self._changes(history, now)):
            of_these = Q(pgh_obj__in=pks) if self.is_hers_alone or versions is None else Q(pk__in=[])
            history._base_manager.filter(of_these | (versions or Q(pk__in=[]))).update(**changes)
        return len(pks)

    def _changes(self, model: type[models.Model], now: datetime) -> dict[str, Any]:
        is_version = model is not self.rows
        changes: dict[str, Any] = {one: emptied(own(model, one)) for one in self.empties if own(model, one)}
        if own(model, self.name):
            changes[self.name] = self.nobody
        if address := own(model, self.email):
            changes[self.email] = "" if is_version or address.blank else nowhere()
            if own(model, "nonce"):
                changes["nonce"] = ""  # the personal link opens nothing any more
        for key in (self.entry, self.account):
            if (column := own(model, key)) and column.null:
                changes[key] = None
        if changes and not is_version:
            changes |= {one: value(now) if callable(value) else value for one, value in self.sets.items()}
            if issubclass(model, Versioned):
                changes["version"] = F("version") + 1  # who has the old text open is told
        return changes

    def _drop_files(self, found: Any) -> None:
        for name in self.empties:
            column = own(self.rows, name)
            if isinstance(column, models.FileField):
                for kept in filter(None, found.values_list(name, flat=True)):
                    transaction.on_commit(partial(column.storage.delete, kept))


@dataclass(frozen=True)
class Signed:
    """A table in which names stand beside what people did at work: pairs of a key (or "") and the column with the name."""

    rows: type[models.Model]
    pairs: tuple[tuple[str, str], ...] = (("by", "by_name"),)

    def hers(self, person: Person, key: str, name: str) -> Q:
        by_name = Q(**{f"{name}__in": person.names}) & (Q(**{f"{key}__isnull": True}) if key else Q())
        by_key = Q(**{f"{key}__in": person.accounts}) if key and person.accounts else Q(pk__in=[])
        return (by_key | by_name) & ~Q(**{name: ""}) & ~Q(**{name: NOBODY})

    def count(self, person: Person) -> int:
        """Return how often the name of `person` stands there."""
        return sum(self.rows._base_manager.filter(self.hers(person, *pair)).count() for pair in self.pairs)

    def forget(self, person: Person, _now: datetime) -> int:
        """Put NOBODY where the name stands, in earlier versions too; return how often in the present ones."""
        done = 0
        for key, name in self.pairs:
            done += self.rows._base_manager.filter(self.hers(person, key, name)).update(**{name: NOBODY})
            versions = history_of(self.rows)
            if versions is not None and own(versions, name):
                versions._base_manager.filter(self.hers(person, key, name)).update(**{name: NOBODY})
        return done


@dataclass(frozen=True)
class Mentions:
    """A table in whose texts somebody may be named in passing; only the name and the address are taken out."""

    rows: type[models.Model]
    columns: tuple[str, ...]

    def forget(self, person: Person, _now: datetime) -> int:
        """Replace name and address of `person` by NOBODY; return in how many present rows."""
        pattern = pattern_of(person)
        tables = filter(None, (self.rows, history_of(self.rows))) if pattern else ()
        done = [_replace(table, [own(table, name) for name in self.columns], pattern) for table in tables]
        return done[0] if done else 0


def _replace(model: Any, columns: list[Any], pattern: str) -> int:
    """Replace what `pattern` finds, in one statement; return in how many rows."""
    which, changes, texts = Q(pk__in=[]), {}, {}
    for column in filter(None, columns):
        as_text = Cast(column.name, models.TextField())
        texts[f"text_of_{column.name}"] = as_text
        which |= Q(**{f"text_of_{column.name}__iregex": pattern})
        cleared = Func(as_text, Value(pattern), Value(NOBODY), Value("gi"), function="regexp_replace")
        changes[column.name] = Cast(cleared, models.JSONField()) if isinstance(column, models.JSONField) else cleared
    pks = list(model._base_manager.alias(**texts).filter(which).values_list("pk", flat=True))
    return model._base_manager.filter(pk__in=pks).update(**changes) if pks else 0


@dataclass(frozen=True)
class Part:
    """All that one app knows about holding data of people. The functions add what tables cannot say."""

    code: str
    title: Words
    about: tuple[About, ...] = ()
    signed: tuple[Signed, ...] = ()
    mentions: tuple[Mentions, ...] = ()
    also_held: Callable[[Person], list[Section]] | None = None
    also_forget: Callable[[Person, datetime], int] | None = None
    stands_in_the_way: Callable[[Person, datetime], list[Obstacle]] | None = None
    expires: Callable[[datetime], list[Removed]] | None = None

    def held(self, person: Person) -> list[Section]:
        """Return what a copy says of this app about `person`. A constant number of queries."""
        found = [section for table in self.about for section in table.held(person)]
        return found + (self.also_held(person) if self.also_held else [])

    def beside(self, person: Person) -> int:
        """Return how often her name stands beside what she did at work."""
        return sum(table.count(person) for table in self.signed)

    def forget(self, person: Person, *, now: datetime) -> list[Removed]:
        """Empty what names `person`; return how much, in one line. A second time there is nothing left to do."""
        tables: Iterable[About | Signed | Mentions] = (*self.about, *self.signed, *self.mentions)
        also = self.also_forget(person, now) if self.also_forget else 0
        return [Removed(self.code, self.title, also + sum(table.forget(person, now) for table in tables))]

    def obstacles(self, person: Person, *, now: datetime) -> list[Obstacle]:
        """Return what runs here and needs `person`, in the active language."""
        return self.stands_in_the_way(person, now) if self.stands_in_the_way else []

    def expire(self, now: datetime) -> list[Removed]:
        """Remove what has outlived its limit at `now`; return one line for each limit."""
        return self.expires(now) if self.expires else []


def _column(model: Any, path: str) -> list[Any]:
    """Return the columns along `path`, as far as they are columns."""
    found = []
    for name in path.split("__"):
        column = own(model, name) if model is not None else None
        if column is None:
            break
        found.append(column)
        model = column.related_model
    return found


def _relation(model: Any, path: str) -> str:
    keys = [column.name for column in _column(model, path) if column.is_relation]
    return "__".join(keys)


def _label(model: Any, path: str) -> Words:
    """Return the words of the column itself, or those of the thing that the path leads to."""
    columns = _column(model, path)
    last = columns[-1]
    return last.related_model._meta.verbose_name if last.is_relation else last.verbose_name


def _said(row: Any, path: str) -> str:
    """Return the value at `path` in words of the active language; "" where there is none."""
    *way, last = path.split("__")
    for name in way:
        row = getattr(row, name)
        if row is None:
            return ""
    value = getattr(row, f"get_{last}_display", lambda: getattr(row, last))()
    if value is None or value == "" or value is False:
        return ""
    if value is True:
        return str(_("yes"))
    if isinstance(value, datetime):
        local = value.astimezone(timezone.get_current_timezone())
        return f"{day_in_words(local.date())}, {clock_in_words(local)}"
    if isinstance(value, date):
        return day_in_words(value)
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    return str(value)
