"""The letters of exchanges, and the values that all of them may use. The wording lies in templates/letters/exchanges/."""

from datetime import date
from typing import Any

from django.urls import reverse
from django.utils import translation

from cmncp_portal.core.dates import days_in_words, zone_in_words
from cmncp_portal.core.screens import absolute
from cmncp_portal.notifications.bilingual import both as both
from cmncp_portal.notifications.bilingual import day_words as day_words
from cmncp_portal.notifications.kinds import Kind
from cmncp_portal.notifications.models import Category
from cmncp_portal.notifications.rendering import Letter, render

from .models import DateWindow, Stop, TeamMember, Visit

OF_EXCHANGE = ("exchanges:exchange", "exchanges:request", "exchanges:hosts")  # Pages about both legs.
# Every letter uses these; each kind names what else it uses. `letter_values` gives all that is known of the visit.
COMMON = ("name", "reference", "visitors", "url")


def _kind(name: str, *more: str, reminder: bool = False) -> Kind:
    return Kind(f"exchanges.{name}", Category.EXCHANGES, (*COMMON, *more), essential=not reminder, is_reminder=reminder)


REQUEST_RECEIVED = _kind(
    "request_received", "hosts", "challenge", "topics", "objectives", "windows", "team_size", "due"
)
REQUEST_SENT = _kind("request_sent", "challenge", "due", "asked")
HOST_NEEDED = _kind("host_needed", "challenge", "topics", "objectives", "windows")
HOST_ASKED = _kind("host_asked", "hosts", "due")
ACCEPTED = _kind("accepted", "hosts", "dates", "by")
NEW_DATES = _kind("new_dates", "hosts", "by", "windows", "word")
DECLINED = _kind("declined", "by", "word", "looks_further")
ANSWER_REMINDER = _kind("answer_reminder", "hosts", "topics", "due", "asker", reminder=True)
NO_ANSWER = _kind("no_answer", "due", "asked")
WITHDRAWN = _kind("withdrawn", "hosts", "word")
PLEASE_CONFIRM = _kind("please_confirm", "hosts", "dates", "by", "count")
CONFIRM_REMINDER = _kind("confirm_reminder", "hosts", "dates", "by", reminder=True)
PLAN_NOT_READY = _kind("plan_not_ready", "hosts", "dates", "missing", "weeks", reminder=True)
CONFIRMED = _kind("confirmed", "hosts", "dates", "zone", "arrival", "phone", "programme")
INVITATION = _kind("invitation", "hosts", "dates", "zone", "arrival", "challenge", "topics", "inviter", "role")
INVITATION_REMINDER = _kind("invitation_reminder", "hosts", "dates", "zone", "topics", "inviter", reminder=True)
MEMBER_ANSWERED = _kind("member_answered", "hosts", "dates", "person", "comes", "word")
NOT_ME = _kind("not_me", "hosts", "dates", "person")
CHANGED = _kind(
    "changed", "hosts", "dates", "zone", "arrival", "phone", "changes", "word", "by", "urgent", "must_confirm"
)
PROGRAMME_UPDATED = _kind("programme_updated", "hosts", "dates", "zone", "changes")
POSTPONED = _kind("postponed", "hosts", "dates", "word", "by")
CANCELLED = _kind("cancelled", "hosts", "dates", "word", "by", "urgent")
HOST_CHANGED = _kind("host_changed", "hosts", "dates", "word")
PRACTICAL = _kind(
    "practical", "hosts", "dates", "zone", "arrival", "phone", "lodging", "transport", "lead", reminder=True
)
TOMORROW = _kind("tomorrow", "hosts", "dates", "zone", "arrival", "phone", "first_stop", "lead", reminder=True)
DID_IT_TAKE_PLACE = _kind("did_it_take_place", "hosts", "dates", reminder=True)
BOTH_EVALUATED = _kind("both_evaluated", "hosts", "dates")
EVALUATION_CLOSED = _kind("evaluation_closed", "hosts", "dates", "answered")
RETURN_PROMPT = _kind("return_prompt", "hosts", "dates")
RETURN_REMINDER = _kind("return_reminder", "hosts", "dates", reminder=True)
RETURN_PROPOSED = _kind("return_proposed", "hosts", "windows", "by")
RETURN_NOT_NEEDED = _kind("return_not_needed", "hosts", "dates", "word", "by")
CLOSED = _kind("closed", "hosts")
REOPENED = _kind("reopened", "hosts", "word", "by")
DRAFT_WAITS = _kind("draft_waits", "challenge", reminder=True)


def letter_values(visit: Visit, *, page: str = "exchanges:visit", **more: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the common values about `visit` in both languages.

    `page` is the URL name that the button leads to. Each keyword of `more` is {"en": value, "fr": value}.
    """
    return {
        language: _values(visit, language, page) | {k: v[language] for k, v in more.items()}
        for language in ("en", "fr")
    }


def _values(visit: Visit, language: str, page: str) -> dict[str, Any]:
    exchange = visit.exchange
    hosting = visit.hosting
    with translation.override(language):
        args = (
            []
            if page == "exchanges:list"
            else [exchange.reference]
            if page in OF_EXCHANGE
            else [exchange.reference, visit.leg]
        )
        return {
            "reference": exchange.reference,
            "visitors": visit.visiting.name_in(language),
            "hosts": hosting.name_in(language) if hosting else "",
            "dates": days_in_words(visit.starts_on, visit.ends_on, language)
            if visit.starts_on and visit.ends_on
            else "",
            "zone": zone_in_words(hosting.name_in(language), language) if hosting else "",
            "arrival": visit.address,
            "phone": visit.emergency_phone,
            "challenge": exchange.challenge,
            "topics": ", ".join(str(t) for t in exchange.topics.all()),
            "url": absolute(reverse(page, args=args)),
        }


def desk_url(member: TeamMember, language: str) -> str:
    """Return the full address of a member's desk page in `language`."""
    with translation.override(language):
        return absolute(reverse("exchanges:desk", args=[member.token]))


def windows_in_words(windows: list[DateWindow]) -> dict[str, list[str]]:
    """Return date windows as lists of words, per language."""
    return {language: [days_in_words(w.starts_on, w.ends_on, language) for w in windows] for language in ("en", "fr")}


def stop_words(stops: list[Stop]) -> dict[str, list[str]]:
    """Return stops as lines "Day 1, 9:00 a.m. – 10:30 a.m.: title, place", per language."""
    from cmncp_portal.core.dates import clock_in_words

    lines: dict[str, list[str]] = {"en": [], "fr": []}
    for stop in stops:
        where = f", {stop.place}" if stop.place else ""
        en = f"{clock_in_words(stop.starts_at, 'en')} – {clock_in_words(stop.ends_at, 'en')}"
        fr = f"{clock_in_words(stop.starts_at, 'fr')} – {clock_in_words(stop.ends_at, 'fr')}"
        lines["en"].append(f"Day {stop.day}, {en}: {stop.title}{where}")
        lines["fr"].append(f"Jour {stop.day}, {fr}\u00a0: {stop.title}{where}")
    return lines


def request_values(visit: Visit, *, due_on: date, team_size: int) -> dict[str, Any]:
    """Return what the letter to an asked host says beyond the common values."""
    return {
        "due": day_words(due_on),
        "objectives": both([o.text for o in visit.exchange.objectives.all()]),
        "windows": windows_in_words(visit.latest_windows),
        "team_size": both(team_size),
    }


def preview(kind: Kind, visit: Visit, *, name: dict[str, str], **more: dict[str, Any]) -> list[tuple[str, Letter]]:
    """Return the letter of `kind` as it would be sent now, in English and in French, to show it before it is sent."""
    values = letter_values(visit, **more)
    return [(code, render(kind, code, {c: values[c] | {"name": name[c]} for c in values})) for code in ("en", "fr")]
