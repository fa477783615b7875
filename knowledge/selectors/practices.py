"""The library's practices: the list, and one with its places, its evidence and the briefs that cite it."""

from collections.abc import Iterable
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.search import SearchRank
from django.db.models import Case, Exists, F, OuterRef, Prefetch, Q, QuerySet, TextField, Value, When
from django.db.models.functions import Greatest, JSONObject
from django.urls import reverse
from django.utils.html import format_html

from cmncp_portal.core.search import CONFIG, Fold, search_query
from cmncp_portal.core.text import LanguageText, active_language, other, pick
from cmncp_portal.network.lists import fold
from cmncp_portal.network.models import Municipality, Topic

from ..models import ActionBrief, Evidence, Population, Practice, PracticePlace
from .excerpts import AS_WRITTEN, beginning, headline, marked
from .library import Found, TitleWords, stands_in
from .reading import named, published_titles, words_about


def practices(user: Any) -> QuerySet[Practice]:
    """Return the practices that `user` may see, by their names in the page's language."""
    rows = Practice.objects.visible_to(user).defer("search_en", "search_fr")
    return rows.order_by(Fold(f"name_{active_language()}"), "pk")


def with_words(rows: QuerySet[Practice], text: str) -> QuerySet[Practice]:
    """Return those of `rows` that hold the words of `text` in either language: by name first, then by how well they match.

    Along come the passages where the words stand, for `listed`.
    """
    here = active_language()
    query = {language: search_query(text, language) for language in CONFIG}
    hit = {language: Q(**{f"search_{language}": query[language]}) for language in CONFIG}

    def where(column: str, **options: Any) -> Case:
        codes = [code for code in (here, other(here)) if options["folded"] or code in AS_WRITTEN]
        cases = [When(hit[code], then=headline(F(f"{column}_{code}"), text, code, **options)) for code in codes]
        return Case(*cases, default=Value(""), output_field=TextField())

    in_name = stands_in("plain_en", text) | stands_in("plain_fr", text)
    return (
        rows.filter(hit["en"] | hit["fr"])
        .alias(plain_en=TitleWords("name_en"), plain_fr=TitleWords("name_fr"))
        .annotate(
            in_name=Case(When(in_name, then=1), default=0),
            rank=Greatest(*(SearchRank(F(f"search_{code}"), query[code]) for code in CONFIG)),
            found_here=Case(When(hit[here], then=Value(True)), default=Value(False)),
            name_found=where("name", whole=True, folded=False),
            name_folded=where("name", whole=True, folded=True),
            summary_found=where("summary", folded=False),
            summary_folded=where("summary", folded=True),
        )
        .order_by("-in_name", "-rank", Fold(f"name_{here}"), "pk")
    )


def names_in_use() -> list[str]:
    """Return the names of published practices in both languages, for finding close words."""
    rows = Practice.objects.filter(published_at__isnull=False).order_by().values_list("name_en", "name_fr")
    return [name for names in rows for name in names]


def filter_choices() -> dict[str, list[tuple[str, str]]]:
    """Return the choices of the list's filters in one query: only words that a published practice has."""
    name, shown = f"name_{active_language()}", Practice.objects.filter(published_at__isnull=False)

    def words(sort: str, rows: QuerySet[Any], relation: str) -> QuerySet[Any]:
        used = rows.filter(Exists(shown.filter(**{relation: OuterRef("pk")}))).order_by()
        return used.annotate(sort=Value(sort)).values_list("sort", "order", "slug", name)

    topics = words("topic", Topic.objects.all(), "topics")
    choices: dict[str, list[tuple[str, str]]] = {"topic": [], "population": []}
    found = topics.union(words("population", Population.objects.all(), "populations"))
    for sort, _order, slug, label in sorted(found, key=lambda row: (row[1], fold(row[3]))):
        choices[sort].append((slug, label))
    return choices


def listed(page: Iterable[Any]) -> list[Found]:
    """Return the lines for a page of practices."""
    return [_found(practice) for practice in page]


def _found(practice: Any) -> Found:
    here = active_language()
    elsewhere = not getattr(practice, "found_here", True)
    text_lang = other(here) if elsewhere else here
    name, summary = practice.name, getattr(practice, f"summary_{text_lang}")
    title = None if elsewhere else marked(str(name), *_marks(practice, "name"))
    excerpt = marked(summary, *_marks(practice, "summary")) or beginning(summary)
    return Found(practice, title or format_html("{}", name), name.lang, excerpt, text_lang, elsewhere)


def _marks(practice: Any, column: str) -> tuple[str, str]:
    """Where the words that were sought stand, as written and folded; empty when nothing was sought."""
    return getattr(practice, f"{column}_found", ""), getattr(practice, f"{column}_folded", "")


# ---- one practice -------------------------------------------------------------------------------


def page_rows(user: Any) -> QuerySet[Any]:
    """Return the practices that `user` may see with all that the page reads of one: `topic_names`, `population_names`,
    `cited_in` (see `citing`), evidence and places, in three queries.

    A place says whether its municipality's page `is_open` to the reader: a former member's is not public any more.
    """
    open_pages = Municipality.objects.visible_to(user).filter(pk=OuterRef("municipality"))
    places = PracticePlace.objects.annotate(is_open=Exists(open_pages)).select_related(
        "municipality", "programme__municipality"
    )
    rows = Practice.objects.visible_to(user).defer("search_en", "search_fr")
    return rows.prefetch_related(Prefetch("places", places), "evidence").annotate(
        topic_names=words_about(Topic.objects.filter(practices=OuterRef("pk"))),
        population_names=words_about(Population.objects.filter(practices=OuterRef("pk"))),
        cited_in=ArraySubquery(_citing()),
    )


def _citing() -> QuerySet[Any]:
    """The published briefs that rest on evidence of a practice, by series and number."""
    rests = Evidence.objects.filter(practice=OuterRef(OuterRef("pk")), briefs=OuterRef("pk"))
    rows = ActionBrief.objects.filter(Exists(rests), state=ActionBrief.State.PUBLISHED)
    return rows.values(found=JSONObject(slug="slug", **published_titles()))


def citing(practice: Any) -> list[tuple[str, LanguageText]]:
    """Return address and title of each published brief that cites `practice`, which is from `page_rows`."""
    return [
        (reverse("knowledge:brief", args=[brief["slug"]]), pick(brief["en"] or "", brief["fr"] or ""))
        for brief in practice.cited_in
    ]


def page_of_practice(practice: Any) -> dict[str, Any]:
    """Return the words about `practice`, which is from `page_rows`, and the briefs that cite it, in the active language."""
    return {
        "topics": named(practice.topic_names),
        "populations": named(practice.population_names),
        "citing": citing(practice),
    }
