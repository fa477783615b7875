"""Dull factories: rows, not services, so that a broken service fails its own tests only."""

from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import count
from typing import Any

from knowledge.models import (
    ActionBrief,
    Audience,
    BriefSeries,
    Edition,
    Evidence,
    KeyNumber,
    Population,
    Practice,
    Source,
    Step,
)

_numbers = count(1)
AT = datetime(2027, 1, 15, 15, 0, tzinfo=UTC)
TEXTS = {
    "en": {
        "title": "Safe streets",
        "summary": "What a city can do so that people feel safe outside.",
        "challenge": "Streets are where most people meet violence.\n\nYoung people meet it most.",
        "what_works": "Lighting, presence, and people who know each other.",
        "investment": "One dollar per resident and year.",
    },
    "fr": {
        "title": "Sécurité dans les rues",
        "summary": "Ce qu’une ville peut faire pour que les gens se sentent en sécurité dehors.",
        "challenge": "C’est dans la rue que la plupart des gens rencontrent la violence.\n\nLes jeunes la rencontrent le plus.",
        "what_works": "L’éclairage, la présence et des gens qui se connaissent.",
        "investment": "Un dollar par personne et par année.",
    },
}
READY = ("translation", "approved", "scheduled", "published", "superseded", "withdrawn")
PUBLIC = ("published", "superseded", "withdrawn")


def make_audience(slug: str = "council", **fields: Any) -> Audience:
    defaults = {"name_en": slug.replace("-", " ").capitalize(), "name_fr": f"{slug} (fr)"}
    return Audience.objects.get_or_create(slug=slug, defaults=defaults | fields)[0]


def make_population(slug: str = "young-people", **fields: Any) -> Population:
    defaults = {"name_en": slug.replace("-", " ").capitalize(), "name_fr": f"{slug} (fr)"}
    return Population.objects.get_or_create(slug=slug, defaults=defaults | fields)[0]


def make_series(number: int = 1, **fields: Any) -> BriefSeries:
    defaults = {"title_en": "Invest smartly in safety for the city", "title_fr": "Investir de façon éclairée"}
    return BriefSeries.objects.get_or_create(number=number, defaults=defaults | fields)[0]


def make_edition(
    brief: ActionBrief, language: str, *, current: bool = True, published: bool = False, **texts: Any
) -> Edition:
    """An edition with all its texts; `based_on` is the source's version 1."""
    words = TEXTS[language] | texts
    published_fields = {"published": words, "published_version": 1, "published_at": AT} if published else {}
    return Edition.objects.create(
        brief=brief, language=language, based_on=1, current_at=AT if current else None, **words, **published_fields
    )


def make_brief(stage: str = "published", *, languages: tuple[str, ...] = ("en", "fr"), **fields: Any) -> ActionBrief:
    """A brief written in English, complete for its `stage` (a state by name): two editions, a step, a source.

    From "translation" on both editions are current; from "published" on readers have them. Texts may be changed with
    `en={"title": …}` and `fr={…}`.
    """
    own = {language: fields.pop(language, {}) for language in ("en", "fr")}
    number = next(_numbers)
    defaults: dict[str, Any] = {
        "slug": f"brief-{number}",
        "state": stage,
        "published_at": AT if stage in PUBLIC else None,
        "publish_on": date(2027, 3, 1) if stage == "scheduled" else None,
        "authors": "University of Ottawa team",
    }
    brief = ActionBrief.objects.create(**(defaults | fields))
    for language in languages:
        make_edition(brief, language, current=stage in READY, published=stage in PUBLIC, **own[language])
    make_step(brief)
    Source.objects.create(
        brief=brief, citation="Institute for the Prevention of Crime, 2009.", url="https://source.example/2009"
    )
    return ActionBrief.objects.get(pk=brief.pk)


def make_step(brief: ActionBrief, audience: str = "council", **fields: Any) -> Step:
    defaults = {"text_en": "Adopt a plan.", "text_fr": "Adopter un plan.", "effort": "months", "cost": "none"}
    return Step.objects.create(brief=brief, audience=make_audience(audience), **(defaults | fields))


def make_number(brief: ActionBrief, **fields: Any) -> KeyNumber:
    defaults: dict[str, Any] = {
        "value": Decimal(6000),
        "label_en": "adults assaulted",
        "label_fr": "adultes agressés",
        "base_population": 100_000,
        "year": 2009,
        "source": "Institute for the Prevention of Crime, 2009",
    }
    return KeyNumber.objects.create(brief=brief, **(defaults | fields))


def make_practice(slug: str = "", **fields: Any) -> Practice:
    slug = slug or f"practice-{next(_numbers)}"
    defaults: dict[str, Any] = {
        "kind": Practice.Kind.PROGRAMME,
        "name_en": "Focused deterrence",
        "name_fr": "Dissuasion ciblée",
        "summary_en": "Police, services and community speak with those most at risk.",
        "summary_fr": "Police, services et communauté parlent avec les personnes les plus à risque.",
        "published_at": AT,
    }
    return Practice.objects.create(slug=slug, **(defaults | fields))


def make_evidence(practice: Practice, **fields: Any) -> Evidence:
    defaults: dict[str, Any] = {
        "claim_en": "Reduces violent crime.",
        "claim_fr": "Réduit les crimes violents.",
        "outcome_en": f"Violent crime {next(_numbers)}",
        "outcome_fr": "Crimes violents",
        "system": "Youth Endowment Fund Toolkit",
        "label": "Impact: HIGH",
        "url": "https://youthendowmentfund.example/toolkit",
        "read_on": date(2027, 1, 10),
        "impact": Evidence.Impact.HIGH,
        "strength": 4,
    }
    return Evidence.objects.create(practice=practice, **(defaults | fields))
