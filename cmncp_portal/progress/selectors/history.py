"""What changed in a profile, in words."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import QuerySet, Value
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from cmncp_portal.core.dates import day_in_words
from cmncp_portal.core.text import pick
from cmncp_portal.network.models import Municipality, Sector
from cmncp_portal.network.stages import Stage

from ..models import CheckAnswer, ProfileChange, StrategyCheck, StrategyProfile
from .page import dollars

DAYS = ("plan_adopted_on", "plan_renewal_on")
STAGES = ("declared_stage", "check_list")
Words = dict[tuple[str, str], str]


@dataclass(frozen=True)
class Entry:
    """One line of the history, as components/timeline.html shows it."""

    at: datetime
    text: str
    by: str
    note: str


def changes_of(municipality: Municipality) -> QuerySet[ProfileChange]:
    """Return what changed in the profile of `municipality`, the latest first."""
    return ProfileChange.objects.filter(profile__municipality=municipality)


def entries(changes: Iterable[ProfileChange]) -> list[Entry]:
    """Put `changes` into words of the active language, in one query."""
    words = _words()
    return [Entry(one.at, _text(one, words), one.by_name, one.note) for one in changes]


def _words() -> Words:
    """The texts of checks by code and the names of sectors by slug."""
    checks = StrategyCheck.objects.order_by().values_list(Value("check"), "code", "text_en", "text_fr")
    sectors = Sector.objects.order_by().values_list(Value("sector"), "slug", "name_en", "name_fr")
    return {(sort, key): str(pick(en, fr)) for sort, key, en, fr in checks.union(sectors, all=True)}


def _text(change: ProfileChange, words: Words) -> str:
    text = _what_happened(change, words)
    if change.stage_before == change.stage_after:
        return text
    stages = {"before": Stage(change.stage_before).label, "after": Stage(change.stage_after).label, "text": text}
    return _("%(text)s. The stage is “%(after)s” and no longer “%(before)s”") % stages


def _what_happened(change: ProfileChange, words: Words) -> str:
    if change.what == "begun":
        return _("The profile is begun")
    if change.what == "confirmed":
        return _("Confirmed: still right")
    if change.what == "check_list":
        return _("The network changed the list of checks")
    values = {
        "what": _name(change.what, words),
        "before": _value(change.what, change.before, words),
        "after": _value(change.what, change.after, words),
    }
    if change.before == change.after:
        return _("%(what)s: %(after)s, with another note or link") % values
    if not change.before:
        return _("%(what)s: %(after)s") % values
    if not change.after:
        return _("%(what)s: taken away (before: %(before)s)") % values
    return _("%(what)s: %(after)s (before: %(before)s)") % values


def _name(what: str, words: Words) -> str:
    if what.startswith("budget:"):
        return _("Prevention budget %(year)s") % {"year": what.partition(":")[2]}
    if ("check", what) in words:
        return words["check", what]
    known = {field.name: str(field.verbose_name) for field in StrategyProfile._meta.fields}
    known["sectors"] = str(StrategyProfile._meta.get_field("sectors").verbose_name)
    name = known.get(what, what)
    return name[:1].upper() + name[1:]


def _value(what: str, value: str, words: Words) -> str:
    if not value:
        return ""
    if what in DAYS:
        return day_in_words(date.fromisoformat(value))
    if what in STAGES:
        return str(Stage(int(value)).label)
    if what.startswith("budget:"):
        return dollars(int(value))
    if what == "public":
        return ", ".join(str(StrategyProfile.Part(part).label) for part in value.split(","))
    if what == "sectors":
        return ", ".join(words.get(("sector", slug), slug) for slug in value.split(","))
    if what == "has_permanent_office":
        return str(StrategyProfile.Known(value).label)
    if ("check", what) in words:
        return str(CheckAnswer.Value(value).label)
    return pgettext("quotation", "“%(text)s”") % {"text": value}
