"""What a brief says, as plain values in one language: the published text and the rows around it, ready to be laid out.

A file is one text in two languages, so its own words stand here side by side.
"""

from collections.abc import Iterable
from decimal import Decimal
from itertools import groupby
from typing import Any

from django.utils import timezone, translation

from cmncp_portal.core.context import network
from cmncp_portal.core.dates import day_in_words
from cmncp_portal.core.screens import absolute
from cmncp_portal.core.text import other

from ..models import ActionBrief, Edition, Evidence, KeyNumber, Source, Step
from ..selectors.scaling import citations, in_figures
from .formats_blocks import Block, Run, blocks_of, cleaned, heading, items, paragraph, run, web_address

Words = dict[str, str]

WORDS: dict[str, Words] = {
    "en": {
        "series": "Action brief {reference}. {series}",
        "brief": "Action brief",
        "contents": "Contents",
        "summary": "In short",
        "challenge": "The challenge",
        "numbers": "Key numbers",
        "what_works": "What works",
        "evidence": "What the evidence says",
        "steps": "Who can do what",
        "examples": "Examples from members",
        "investment": "The investment",
        "sources": "Sources",
        "about": "About this brief",
        "per": "per {people} residents",
        "source": "Source: ",
        "outcome": "Outcome: {outcome}.",
        "rating": "Rating by {system}: ",
        "rated": "of {day}, ",
        "read": "read on {day}",
        "our_view": "The network’s summary: {facts}.",
        "impact": "impact: {value}",
        "strength": "strength of the evidence: {value} of 5",
        "cost": "cost: {value}",
        "effort": "time: {value}",
        "published": "Published on {day}.",
        "revised": " Revised on {day}.",
        "cite": "How to cite: ",
        "replaced": "A newer brief replaces this one: ",
        "withdrawn": "This brief is withdrawn. Do not rely on it. {why}",
        "behind": "The French text is newer. This English text is being revised.",
        "follows": "The French text is being revised, and this English text will follow.",
        "to_come": "The French version will be ready by {day}.",
        "quotes": "“{}”",
        "colon": ": ",
    },
    "fr": {
        "series": "Piste d’action {reference}. {series}",
        "brief": "Piste d’action",
        "contents": "Table des matières",
        "summary": "En bref",
        "challenge": "Le défi",
        "numbers": "Chiffres clés",
        "what_works": "Ce qui fonctionne",
        "evidence": "Ce que disent les données probantes",
        "steps": "Qui peut faire quoi",
        "examples": "Exemples de membres",
        "investment": "L’investissement",
        "sources": "Sources",
        "about": "À propos de cette piste d’action",
        "per": "pour {people} personnes",
        "source": "Source\u00a0: ",
        "outcome": "Résultat\u00a0: {outcome}.",
        "rating": "Cote attribuée par {system}\u00a0: ",
        "rated": "du {day}, ",
        "read": "consultée le {day}",
        "our_view": "Le résumé du réseau\u00a0: {facts}.",
        "impact": "incidence\u00a0: {value}",
        "strength": "solidité des données\u00a0: {value} sur 5",
        "cost": "coût\u00a0: {value}",
        "effort": "durée\u00a0: {value}",
        "published": "Publiée le {day}.",
        "revised": " Révisée le {day}.",
        "cite": "Comment citer\u00a0: ",
        "replaced": "Une piste d’action plus récente remplace celle-ci\u00a0: ",
        "withdrawn": "Cette piste d’action est retirée. Ne vous y fiez pas. {why}",
        "behind": "Le texte anglais est plus récent. Ce texte français est en cours de révision.",
        "follows": "Le texte anglais est en cours de révision, et ce texte français suivra.",
        "to_come": "La version anglaise sera prête d’ici le {day}.",
        "quotes": "«\u00a0{}\u00a0»",
        "colon": "\u00a0: ",
    },
}


def content_of(edition: Edition) -> dict[str, Any]:
    """Return what the published `edition` says, as plain values: title, line, notices, and sections of blocks.

    A constant number of queries. Only municipalities that agreed are named.
    """
    language, brief, words = edition.language, edition.brief, WORDS[edition.language]
    with translation.override(language):
        url = absolute(brief.get_absolute_url())
        title = cleaned(edition.published.get("title", ""))
        return {
            "language": language,
            "title": title,
            "network": network(language).name,
            "line": _line(brief, words),
            "reference": brief.reference,
            "url": url,
            "date": timezone.localdate(edition.published_at).isoformat(),
            "day": day_in_words(timezone.localdate(edition.published_at), language),
            "contents": words["contents"],
            "notices": [paragraph(*runs) for runs in _notices(brief, language, words)],
            "sections": [s for s in _sections(edition, brief, words) if s["blocks"]]
            + [_section(words["about"], _about(brief, edition, words))],
        }


def _line(brief: ActionBrief, words: Words) -> str:
    if not brief.series:
        return words["brief"]
    return cleaned(words["series"].format(reference=brief.reference, series=brief.series.title))


def _section(title: str, blocks: list[Block]) -> dict[str, Any]:
    return {"title": title, "blocks": blocks}


def _sections(edition: Edition, brief: ActionBrief, words: Words) -> Iterable[dict[str, Any]]:
    def text(name: str) -> dict[str, Any]:
        return _section(words[name], blocks_of(edition.published.get(name) or ""))

    language = edition.language
    yield text("summary")
    yield text("challenge")
    yield _section(words["numbers"], _list([_number(n, language, words) for n in brief.numbers.all()]))
    yield text("what_works")
    evidence = brief.evidence.select_related("practice").defer("practice__search_en", "practice__search_fr")
    yield _section(words["evidence"], _list([_evidence(one, language, words) for one in evidence]))
    yield _section(words["steps"], _steps(brief.steps.select_related("audience"), language, words))
    examples = brief.examples.filter(agreed_at__isnull=False).select_related("municipality", "programme")
    yield _section(words["examples"], _list([_example(one, language, words) for one in examples]))
    yield text("investment")
    yield _section(words["sources"], _list([_source(one, language) for one in brief.sources.all()], ordered=True))


def _list(rows: list[list[Block]], *, ordered: bool = False) -> list[Block]:
    return [items(rows, ordered=ordered)] if rows else []


def _in(text: Any, language: str, **marks: Any) -> Run:
    """A run of a bilingual text, which says when it is there in the other language only."""
    own = getattr(text, "lang", language)
    return run(text, lang=own if own != language else "", **marks)


def _markdown(text: Any, language: str) -> list[Block]:
    own = getattr(text, "lang", language)
    return blocks_of(text, lang=own if own != language else "")


def _number(number: KeyNumber, language: str, words: Words) -> list[Block]:
    value = f"{in_figures(number.value)}\u00a0{number.unit}" if number.unit else in_figures(number.value)
    of_how_many = (
        words["per"].format(people=in_figures(Decimal(number.base_population))) if number.base_population else ""
    )
    where = run(number.source, url=web_address(number.source_url))
    said = [run(value, bold=True), run(" "), _in(number.label, language)]
    tail = f", {of_how_many} ({number.year}). " if of_how_many else f" ({number.year}). "
    return [paragraph(*said, run(tail), run(words["source"]), where)]


def _evidence(one: Evidence, language: str, words: Words) -> list[Block]:
    rating = run(
        words["quotes"].format(one.label), url=web_address(one.url), lang=_unless(one.label_language, language)
    )
    rated = words["rated"].format(day=day_in_words(one.rated_on, language)) if one.rated_on else ""
    read = words["read"].format(day=day_in_words(one.read_on, language))
    facts = [words["impact"].format(value=one.get_impact_display().lower())]
    if one.strength:
        facts.append(words["strength"].format(value=one.strength))
    if one.cost:
        facts.append(words["cost"].format(value=one.get_cost_display().lower()))
    return [
        paragraph(_in(one.practice.name, language, bold=True), run(words["colon"]), _in(one.claim, language)),
        paragraph(run(words["outcome"].format(outcome=str(one.outcome).rstrip(".")))),
        paragraph(run(words["rating"].format(system=one.system)), rating, run(f" ({rated}{read})")),
        paragraph(run(words["our_view"].format(facts="; ".join(facts)))),
    ]


def _unless(own: str, language: str) -> str:
    return own if own != language else ""


def _steps(steps: Iterable[Step], language: str, words: Words) -> list[Block]:
    found: list[Block] = []
    for audience, own in groupby(steps, key=lambda step: step.audience):
        found.append(heading(3, _in(audience.name, language)))
        found.append(items([_step(step, language, words) for step in own], ordered=True))
    return found


def _step(step: Step, language: str, words: Words) -> list[Block]:
    facts = []
    if step.effort:
        facts.append(words["effort"].format(value=step.get_effort_display().lower()))
    if step.cost:
        facts.append(words["cost"].format(value=step.get_cost_display().lower()))
    asks = "; ".join(facts)
    return [*_markdown(step.text, language), *([paragraph(run(f"{asks[:1].upper()}{asks[1:]}."))] if asks else [])]


def _example(one: Any, language: str, words: Words) -> list[Block]:
    where = [run(one.municipality.name_in(language), bold=True)]
    if one.programme:
        where.append(run(f", {one.programme}"))
    return [paragraph(*where), *_markdown(one.text, language)]


def _source(one: Source, language: str) -> list[Block]:
    url = web_address(one.url)
    address = [run(" "), run(url, url=url)] if url else []
    return [paragraph(run(one.citation.strip(), lang=_unless(one.language, language)), *address)]


def _about(brief: ActionBrief, edition: Edition, words: Words) -> list[Block]:
    revised = timezone.localdate(edition.published_at)
    day = brief.first_published_on or revised
    said = words["published"].format(day=day_in_words(day, edition.language))
    if revised > day:
        said += words["revised"].format(day=day_in_words(revised, edition.language))
    cited = dict(citations(brief))[edition.language]
    return [paragraph(run(said)), paragraph(run(words["cite"]), run(cited))]


def _notices(brief: ActionBrief, language: str, words: Words) -> Iterable[list[Run]]:
    """What the reader has to know first: replaced, withdrawn, older than the other language, alone in its language."""
    newer = getattr(brief, "replaced_by", None)
    if brief.state == ActionBrief.State.SUPERSEDED and newer and newer.state in ActionBrief.PUBLIC:
        url = absolute(newer.get_absolute_url())
        edition = newer.published_edition(language)
        title = edition.published.get("title", "") if edition else newer.title
        yield [run(words["replaced"], bold=True), run(title, url=web_address(url)), run(" "), run(url)]
    if brief.state == ActionBrief.State.WITHDRAWN:
        yield [run(words["withdrawn"].format(why=brief.withdrawn_why), bold=True)]
    is_live = brief.state == ActionBrief.State.PUBLISHED and not brief.is_archival
    if is_live and brief.state_of(language) == "out_of_date":
        is_newer_public = brief.source and brief.source.published_version > brief.by_language[language].based_on
        yield [run(words["behind" if is_newer_public else "follows"], bold=True)]
    sister = brief.by_language.get(other(language))
    if is_live and brief.exception_until and not (sister and sister.is_published):
        yield [run(words["to_come"].format(day=day_in_words(brief.exception_until, language)), bold=True)]
