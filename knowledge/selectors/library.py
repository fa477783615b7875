"""The library: action briefs and practices as lists, searched in both languages. Constant queries at any size.

What is searched and shown is the text as published, never what is being revised.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.search import SearchRank
from django.db.models import (
    Case,
    Exists,
    F,
    FloatField,
    Func,
    IntegerField,
    Max,
    OuterRef,
    Q,
    QuerySet,
    TextField,
    Value,
    When,
)
from django.db.models.fields.json import KT, KeyTextTransform
from django.db.models.functions import Cast, Concat, Left
from django.utils.html import format_html
from django.utils.safestring import SafeString

from cmncp_portal.core.search import CONFIG, search_query
from cmncp_portal.core.text import active_language, other
from cmncp_portal.network.lists import fold
from cmncp_portal.network.models import Topic

from ..models import ActionBrief, Audience, BriefSeries, Edition, Evidence, Population, Step
from .excerpts import AS_WRITTEN, beginning, headline, marked

CURRENT, ARCHIVAL, FORMER = "current", "archival", "former"
MODERATE, RATED = "moderate", "rated"
AT_LEAST_MODERATE = (Evidence.Impact.HIGH, Evidence.Impact.MODERATE)
SHOWN = 10  # briefs on a page: each with the passage where the words stand, which costs
LONGEST = 200  # characters of a search that are looked at
LOOKED_THROUGH = 3000  # characters of a text in which the words of a search are marked
IN_FEED = 30
S = ActionBrief.State


class TitleWords(Func):
    """A title in small letters without accents, each word after a space: quicker than to look for its words one by one."""

    template = "translate(' ' || lower(%(expressions)s), 'àâäçéèêëîïôöùûüÿ’''-«“\"(', 'aaaceeeeiioouuuy       ')"
    output_field = TextField()


def stands_in(name: str, text: str) -> Q:
    """Return the condition that the annotation `name`, of TitleWords, has a word that begins as each of `text` does.

    It decides about the order only. Five letters are enough to know a word in all its forms.
    """
    words = [fold(word) for word in re.findall(r"\w+", text)]
    condition = Q(pk__isnull=False)  # true of all, should nothing but marks be typed
    for word in [word for word in words if len(word) > 3] or words:
        condition &= Q(**{f"{name}__contains": f" {word[:5]}"})
    return condition


def question(typed: str) -> str:
    """Return what is looked for of what somebody typed: its beginning, up to the last whole word of LONGEST characters.

    Characters that no database takes are spaces.
    """
    text = " ".join(typed.replace("\x00", " ").split())
    return text if len(text) <= LONGEST else text[: LONGEST + 1].rpartition(" ")[0] or text[:LONGEST]


# ---- briefs -------------------------------------------------------------------------------------


def briefs() -> QuerySet[ActionBrief]:
    """Return the briefs that stand in the library: those of today first, then the archive, by series and number."""
    return (
        ActionBrief.objects.public()
        .select_related("series")
        .order_by("is_archival", *(ActionBrief._meta.ordering or ()))
    )


def in_standing(rows: QuerySet[ActionBrief], standing: str) -> QuerySet[ActionBrief]:
    """Return those of `rows` that are CURRENT, ARCHIVAL or FORMER (replaced, withdrawn); otherwise all that are not former."""
    if standing == FORMER:
        return rows.filter(state__in=(S.SUPERSEDED, S.WITHDRAWN))
    published = rows.filter(state=S.PUBLISHED)
    return published.filter(is_archival=standing == ARCHIVAL) if standing in (CURRENT, ARCHIVAL) else published


def for_audience(rows: QuerySet[ActionBrief], slug: str) -> QuerySet[ActionBrief]:
    """Return those of `rows` that have a step for the stakeholder `slug`."""
    return rows.filter(Exists(Step.objects.filter(brief=OuterRef("pk"), audience__slug=slug)))


def with_evidence(rows: QuerySet[Any], least: str) -> QuerySet[Any]:
    """Return those of `rows` (briefs or practices) with evidence: any (RATED), or of an impact at least MODERATE."""
    relation = "briefs" if rows.model is ActionBrief else "practice"
    found = Evidence.objects.filter(**{relation: OuterRef("pk")})
    return rows.filter(Exists(found.filter(impact__in=AT_LEAST_MODERATE) if least == MODERATE else found))


def with_words(rows: QuerySet[ActionBrief], text: str) -> QuerySet[ActionBrief]:
    """Return those of `rows` whose published text in either language holds the words of `text`, best first.

    Those with all words in the title come before those with words in the text only.
    """
    query = {language: search_query(text, language) for language in CONFIG}
    found = Q()
    for language in CONFIG:
        found |= Q(editions__language=language, **{f"editions__search_{language}": query[language]})

    # The title's own column spares unpacking the whole text; while a text is being revised it is not what readers have.
    as_published = Case(
        When(editions__version=F("editions__published_version"), then=F("editions__title")),
        default=KeyTextTransform("title", "editions__published"),
        output_field=TextField(),
    )
    in_title = Case(When(stands_in("plain_title", text), then=1), default=0, output_field=IntegerField())
    ranks = {language: SearchRank(F(f"editions__search_{language}"), query[language]) for language in CONFIG}
    rank = Case(When(editions__language="en", then=ranks["en"]), default=ranks["fr"], output_field=FloatField())
    ranked = rows.filter(found).alias(plain_title=TitleWords(as_published))
    ranked = ranked.annotate(in_title=Max(in_title), rank=Max(rank))
    return ranked.order_by("-in_title", "-rank", *(ActionBrief._meta.ordering or ()))


def titles_in_use() -> QuerySet[Any]:
    """Return the titles of the library as they are published, for finding close words."""
    rows = Edition.objects.filter(brief__state__in=ActionBrief.PUBLIC, version=F("published_version"))
    return rows.order_by().values_list("title", flat=True)


def filter_choices() -> dict[str, list[tuple[str, str]]]:
    """Return the choices of the library's filters in one query, each in its order: only words that a public brief has.

    The values are slugs (of a series its number), so that addresses can be read.
    """
    name, public = f"name_{active_language()}", ActionBrief.objects.public()
    steps = Step.objects.filter(audience=OuterRef("pk"), brief__state__in=ActionBrief.PUBLIC)

    def words(sort: str, rows: QuerySet[Any]) -> QuerySet[Any]:
        return rows.order_by().annotate(sort=Value(sort)).values_list("sort", "order", "slug", name)

    series = BriefSeries.objects.filter(Exists(public.filter(series=OuterRef("pk")))).order_by()
    parts = [
        words("topic", Topic.objects.filter(Exists(public.filter(topics=OuterRef("pk"))))),
        words("audience", Audience.objects.filter(Exists(steps))),
        words("population", Population.objects.filter(Exists(public.filter(populations=OuterRef("pk"))))),
        series.annotate(sort=Value("series"), slug=Cast("number", TextField())).values_list(
            "sort", "number", "slug", f"title_{active_language()}"
        ),
    ]
    choices: dict[str, list[tuple[str, str]]] = {"topic": [], "audience": [], "population": [], "series": []}
    for sort, _order, slug, label in sorted(parts[0].union(*parts[1:]), key=lambda row: (row[1], fold(row[3]))):
        choices[sort].append((slug, f"{slug}. {label}" if sort == "series" else label))
    return choices


@dataclass(frozen=True)
class Found:
    """One line of the library. `title` and `excerpt` are safe, with the words that were sought in <mark>.

    `title_lang` and `excerpt_lang` are the languages of both; `elsewhere` says that the words stand in the other
    language's text only.
    """

    thing: Any
    title: SafeString
    title_lang: str
    excerpt: SafeString
    excerpt_lang: str
    elsewhere: bool = False


def listed(page: Iterable[ActionBrief], text: str = "") -> list[Found]:
    """Return the lines for a page of briefs, in one more query; `text` is what was sought."""
    shown = list(page)
    texts: dict[int, dict[str, Any]] = {brief.pk: {} for brief in shown}
    for edition in _editions([brief.pk for brief in shown], text) if shown else ():
        texts[edition["brief_id"]][edition["language"]] = edition
    return [_found(brief, texts[brief.pk]) for brief in shown]


def _editions(pks: list[int], text: str) -> QuerySet[Any, dict[str, Any]]:
    """The published texts of the briefs `pks`; with `text`, where its words stand, in the page's language if they do."""
    here = active_language()
    rows = Edition.objects.filter(brief__in=pks, published_at__isnull=False).order_by()
    body = Concat(*_with_breaks(KT(f"published__{name}") for name in ("summary", "challenge", "what_works")))
    rows = rows.annotate(
        as_published=KT("published__title"),
        body=Left(body, LOOKED_THROUGH) if text else Left(KT("published__summary"), 2000),
    )
    names = ("brief_id", "language", "as_published", "body")
    if not text:
        return rows.values(*names, **dict.fromkeys(_MARKS, Value("")))
    hit = {code: Q(language=code, **{f"search_{code}": search_query(text, code)}) for code in CONFIG}
    found_here = Edition.objects.filter(hit[here], brief=OuterRef("brief"))
    is_shown = {here: hit[here], other(here): hit[other(here)] & ~Exists(found_here)}

    def where(expression: Any, **options: Any) -> Case:
        codes = [code for code in (here, other(here)) if options["folded"] or code in AS_WRITTEN]
        cases = [When(is_shown[code], then=headline(F(expression), text, code, **options)) for code in codes]
        return Case(*cases, default=Value(""), output_field=TextField())

    return rows.values(
        *names,
        title_found=where("as_published", whole=True, folded=False),
        title_folded=where("as_published", whole=True, folded=True),
        body_found=where("body", folded=False),
        body_folded=where("body", folded=True),
    )


_MARKS = ("title_found", "title_folded", "body_found", "body_folded")


def _with_breaks(texts: Iterable[Any]) -> list[Any]:
    return [part for text in texts for part in (text, Value("\n", output_field=TextField()))]


def _found(brief: ActionBrief, texts: dict[str, Any]) -> Found:
    here = active_language()
    named = texts.get(here) or texts.get(other(here))
    if named is None:
        return Found(brief, format_html("{}", brief.slug), here, beginning(""), here)
    hit = next((text for text in texts.values() if any(text[name] for name in _MARKS)), None) or named
    title = marked(named["as_published"], named["title_found"], named["title_folded"])
    excerpt = marked(hit["body"], hit["body_found"], hit["body_folded"]) or beginning(hit["body"].partition("\n\n")[0])
    return Found(
        brief,
        title or format_html("{}", named["as_published"]),
        named["language"],
        excerpt,
        hit["language"],
        elsewhere=hit is not named,
    )


# ---- the feed -----------------------------------------------------------------------------------


def latest(language: str) -> QuerySet[Edition]:
    """Return the IN_FEED latest texts in `language` of briefs that are published here, newest first, with their briefs."""
    rows = Edition.objects.filter(language=language, published_at__isnull=False, brief__state=S.PUBLISHED)
    ours = rows.filter(brief__is_archival=False).select_related("brief__series").defer("search_en", "search_fr")
    return ours.order_by("-brief__published_at", "-pk")[:IN_FEED]
