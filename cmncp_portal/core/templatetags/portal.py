"""Words for templates: days, clock times, languages, states."""

from datetime import UTC, date, datetime, time
from typing import Any

from django import template
from django.utils import timezone
from django.utils.safestring import SafeString

from .. import dates
from ..markdown import to_html
from ..text import active_language

register = template.Library()


def _here(value: Any) -> Any:
    """An instant as the database gives it (UTC), in the reader's zone. One that is already in a place's zone stays there."""
    return timezone.localtime(value) if isinstance(value, datetime) and value.tzinfo == UTC else value


@register.filter
def day(value: date | None) -> str:
    """November 17, 2026, in the words of the page's language; of an instant, the day it is for the reader."""
    return dates.day_in_words(_here(value)) if value else ""


@register.filter
def weekday(value: date | None) -> str:
    """Tuesday, November 17, 2026."""
    return dates.day_in_words(_here(value), weekday=True) if value else ""


@register.filter
def clock(value: time | datetime | None) -> str:
    """9:00 a.m.; of an instant, the clock time it is for the reader."""
    return dates.clock_in_words(_here(value)) if value is not None else ""


@register.simple_tag
def days(first: date | None, last: date | None) -> str:
    """A range of days in words; nothing while there are none."""
    return dates.days_in_words(first, last) if first and last else ""


@register.simple_tag
def zone(place: Any) -> str:
    """“Winnipeg time”."""
    return dates.zone_in_words(str(place))


@register.filter
def lang_of(text: Any) -> str:
    """The language of a text that may have fallen back to the other one."""
    return getattr(text, "lang", active_language())


@register.filter
def markdown(text: str) -> SafeString:
    return to_html(text)


@register.simple_tag(takes_context=True)
def may(context: Any, permission: str, thing: Any = None) -> bool:
    """{% may "exchanges.plan_visit" visit as may_plan %}"""
    return context["request"].user.has_perm(permission, thing)


@register.simple_tag(takes_context=True)
def query(context: Any, **changes: Any) -> str:
    """The present query string with some values changed; empty ones are dropped."""
    params = context["request"].GET.copy()
    for name, value in changes.items():
        if value in ("", None):
            params.pop(name, None)
        else:
            params[name] = value
    return f"?{params.urlencode()}" if params else "?"
