"""The short report of an exchange for the two councils, as an accessible PDF: one file per language, each complete.

It names municipalities, titles and programmes, no person. Of the evaluations it quotes what people said their municipality
could take home, without names, and only from those who agreed to be quoted, once answers are released. Like a letter it
is one text in two languages, so its words stand here side by side.
"""

from typing import Any

from django.utils import timezone, translation

from cmncp_portal.core.context import network
from cmncp_portal.core.dates import clock_in_words, day_in_words, days_in_words
from cmncp_portal.core.pdf import compile_pdf
from cmncp_portal.evaluation.results import MAY_QUOTE, summarise

from . import selectors
from .models import Exchange, Side, Stop, TeamMember, Visit

TEMPLATE = "exchange_report.typ"
QUESTIONS = ("contribution", "learned")  # what the exchange could contribute; what the hosts learned
CAME = (TeamMember.Attendance.PRESENT, TeamMember.Attendance.REMOTE)

WORDS = {
    "en": {
        "line": "Inter-municipal mentoring exchange {reference}. Report of {day}.",
        "why": "Why",
        "objectives": "What the visitors wanted to learn:",
        "topics": "Topics:",
        "programmes": "Programmes visited",
        "programme": "Programme",
        "people": "Who took part",
        "contributions": "What it could contribute at home",
        "no_quotes": "Nobody agreed to be quoted.",
        "answered": "{answered} of {asked} answered",
        "ideas": "Ideas shared",
        "return_visit": "Return visit",
        "visit": "{visitors} visits {hosts}",
        "not_needed": "Both sides agreed that none is needed: {reason}",
        "later": "Meant for later, from {day} on.",
        "open": "Not decided yet.",
        "held": "Held: {dates}.",
        "ahead": "Planned: {dates}.",
        "proposed": "Proposed; dates to be agreed.",
        "ended": "Proposed, and did not take place.",
    },
    "fr": {
        "line": "Échange de mentorat intermunicipal {reference}. Rapport du {day}.",
        "why": "Pourquoi",
        "objectives": "Ce que l’équipe en visite voulait apprendre\u00a0:",
        "topics": "Thèmes\u00a0:",
        "programmes": "Programmes visités",
        "programme": "Programme",
        "people": "Qui a participé",
        "contributions": "Ce que l’échange pourrait apporter chez soi",
        "no_quotes": "Personne n’a accepté d’être cité.",
        "answered": "{answered} réponses sur {asked}",
        "ideas": "Idées mises en commun",
        "return_visit": "Visite de retour",
        "visit": "{visitors} visite {hosts}",
        "not_needed": "Les deux parties ont convenu qu’elle n’est pas nécessaire\u00a0: {reason}",
        "later": "Prévue pour plus tard, à partir du {day}.",
        "open": "Pas encore décidée.",
        "held": "Effectuée {dates}.",
        "ahead": "Prévue {dates}.",
        "proposed": "Proposée; les dates restent à convenir.",
        "ended": "Proposée, mais n’a pas eu lieu.",
    },
}


def report_pdf(exchange: Exchange, language: str) -> bytes:
    """Return the report of `exchange` in `language` ("en" or "fr") as PDF/UA-1. Raises core.pdf.NoPdf."""
    return compile_pdf(TEMPLATE, report_data(exchange, language), language=language)


def report_data(exchange: Exchange, language: str) -> dict[str, Any]:
    """Return what the report says, as plain values in `language`. Days and times are the hosts'."""
    with translation.override(language):
        return _data(exchange, language, WORDS[language])


def _data(exchange: Exchange, language: str, words: dict[str, str]) -> dict[str, Any]:
    legs = Visit.objects.with_plan().filter(exchange=exchange).order_by("leg")
    by_leg = {visit.leg: visit for visit in legs}
    first = by_leg[Visit.Leg.FIRST]
    held = [
        visit
        for leg in (Visit.Leg.FIRST, Visit.Leg.RETURN)
        if (visit := by_leg.get(leg)) and visit.state == Visit.State.HELD
    ]
    day = day_in_words(timezone.localdate(exchange.closed_at or timezone.now()), language)
    return {
        "network": network(language).name,
        "reference": exchange.reference,
        "title": _title(first, language, words),
        "line": words["line"].format(reference=exchange.reference, day=day),
        "words": words,
        "challenge": {"text": exchange.challenge, "language": exchange.language},
        "objectives": [{"text": o.text, "language": exchange.language} for o in exchange.objectives.all()],
        "topics": ", ".join(str(topic) for topic in exchange.topics.all()),
        "visits": [_visit(visit, language, words) for visit in held],
        "return_visit": _return_visit(exchange, by_leg.get(Visit.Leg.RETURN), language, words),
    }


def _title(visit: Visit, language: str, words: dict[str, str]) -> str:
    hosts = visit.hosting.name_in(language) if visit.hosting else ""
    return words["visit"].format(visitors=visit.visiting.name_in(language), hosts=hosts)


def _visit(visit: Visit, language: str, words: dict[str, str]) -> dict[str, Any]:
    assert visit.starts_on
    assert visit.ends_on
    stops = [stop for stop in visit.stops.all() if stop.status == Stop.Status.AGREED]
    return {
        "title": _title(visit, language, words),
        "dates": _capital(days_in_words(visit.starts_on, visit.ends_on, language)),
        "programmes": list(dict.fromkeys(str(stop.programme) for stop in stops if stop.programme)),
        "days": _days(visit, language),
        "sides": [_side(visit, side, language) for side in (Side.VISITORS, Side.HOSTS)],
        "contributions": _contributions(visit, language, words),
        "ideas": [
            {"text": _idea(idea), "language": visit.exchange.language}
            for idea in visit.ideas.filter(is_shared=True).select_related("programme")
        ],
    }


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _days(visit: Visit, language: str) -> list[dict[str, Any]]:
    days = []
    for plan in selectors.day_plans(visit, only_agreed=True):
        stops = [
            {
                "clock": f"{clock_in_words(row.stop.starts_at, language)}{_colon(language)}",
                "text": row.stop.title,
                "language": row.stop.language or visit.exchange.language,
            }
            for row in plan.stops
        ]
        if stops and plan.day:
            days.append({"day": day_in_words(plan.day, language), "stops": stops})
    return days


def _colon(language: str) -> str:
    return "\u00a0: " if language == "fr" else ": "


def _side(visit: Visit, side: str, language: str) -> dict[str, Any]:
    """Who came, by title and capacity; no names, for the record is the municipality's."""
    came = [m for m in visit.team.all() if m.side == side and m.takes_part and m.attendance in CAME]
    place = visit.municipality_of(side)
    people = [{"text": m.title, "language": m.language or language, "capacity": m.get_category_display()} for m in came]
    return {"municipality": place.name_in(language) if place else "", "people": people}


def _contributions(visit: Visit, language: str, words: dict[str, str]) -> list[dict[str, Any]]:
    """What each side wrote, without names and with consent; nothing before the answers are released."""
    if visit.released_at is None:
        return []
    found = []
    for row in selectors.evaluation_counts(visit):
        summaries = summarise([row.evaluation.survey], viewer="other_side")
        texts = [
            text for one in summaries if one.code in QUESTIONS for text in one.texts if text.may_quote in MAY_QUOTE
        ]
        found.append(
            {
                "municipality": row.municipality.name_in(language),
                "answered": words["answered"].format(answered=row.counts.answered, asked=row.counts.asked),
                "texts": [{"text": text.words, "language": text.language} for text in texts],
            }
        )
    return found


def _idea(idea: Any) -> str:
    return f"{idea.text} ({idea.programme})" if idea.programme else idea.text


def _return_visit(exchange: Exchange, visit: Visit | None, language: str, words: dict[str, str]) -> str:
    if visit is None:
        if exchange.return_decision == Exchange.ReturnDecision.NOT_NEEDED:
            return words["not_needed"].format(reason=exchange.return_reason)
        if exchange.return_from_on:
            return words["later"].format(day=day_in_words(exchange.return_from_on, language))
        return words["open"]
    if visit.state in (Visit.State.DECLINED, Visit.State.WITHDRAWN, Visit.State.CANCELLED):
        return words["ended"]
    if not visit.starts_on or not visit.ends_on:
        return words["proposed"]
    dates = days_in_words(visit.starts_on, visit.ends_on, language)
    spoken = f"le {dates}" if language == "fr" and visit.starts_on == visit.ends_on else dates
    return words["held" if visit.state == Visit.State.HELD else "ahead"].format(dates=spoken)
