"""The public page of a brief. What it is about, counts and rests on comes along with the brief itself, in its query: the page
reads many tables. Texts are as published, never what is being revised.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, F, OuterRef, Prefetch, QuerySet, Subquery, TextField, Value
from django.db.models.fields.json import KT
from django.db.models.functions import Cast, Coalesce, Concat, JSONObject
from django.urls import reverse

from cmncp_portal.core.text import LANGUAGES, LanguageText, active_language, pick
from cmncp_portal.network.models import Municipality, Topic
from cmncp_portal.network.stages import Stage
from cmncp_portal.progress.models import Commitment
from cmncp_portal.progress.selectors.commitments import visible as visible_commitments

from ..models import (
    ActionBrief,
    Edition,
    Evidence,
    Example,
    Format,
    KeyNumber,
    MadeFile,
    Population,
    Source,
    Step,
    Use,
)

# ---- what comes along ---------------------------------------------------------------------------


def words_about(rows: QuerySet[Any]) -> ArraySubquery:
    """Return an expression for the words of `rows` (topics, populations) in their order; `named` reads it."""
    return ArraySubquery(rows.values(found=JSONObject(slug="slug", en="name_en", fr="name_fr")))


def named(found: Iterable[dict[str, str]]) -> list[tuple[str, LanguageText]]:
    """Return slug and name of each word that came along through `words_about`."""
    return [(word["slug"], pick(word["en"], word["fr"])) for word in found]


def published_titles() -> dict[str, Any]:
    """Return expressions "en" and "fr" for the published titles of a brief, empty while there is none."""
    rows = Edition.objects.filter(brief=OuterRef("pk"), published_at__isnull=False)
    titles = {code: rows.filter(language=code).annotate(words=KT("published__title")) for code in LANGUAGES}
    return {code: Coalesce(Subquery(found.values("words")), Value("")) for code, found in titles.items()}


def _rows(rows: QuerySet[Any], *fields: str, **more: Any) -> ArraySubquery:
    """Expression for the `rows` of a brief, each with its `fields`, for `_made`."""
    of_the_brief = rows.filter(brief=OuterRef("pk"))
    return ArraySubquery(of_the_brief.values(found=JSONObject(**{name: F(name) for name in fields}, **more)))


def _made(model: type[Any], found: Iterable[dict[str, Any]]) -> list[Any]:
    """Return unsaved objects of `model` from what `_rows` gave, for their names and words."""
    return [
        model(**{name: model._meta.get_field(name).to_python(value) for name, value in row.items()}) for row in found
    ]


def page_rows(user: Any) -> QuerySet[Any]:
    """Return the briefs that `user` may see with all that `reading` needs of one, in three queries."""
    newer = ActionBrief.objects.public().filter(replaces=OuterRef("pk"))
    evidence = Evidence.objects.select_related("practice").defer("practice__search_en", "practice__search_fr")
    texts = Edition.objects.defer("search_en", "search_fr")
    files = MadeFile.objects.filter(edition__brief=OuterRef("pk"), made_at__gte=F("edition__published_at"))
    uses = Use.objects.filter(brief=OuterRef("pk")).order_by().values("brief")
    rows = ActionBrief.objects.visible_to(user).select_related("series")
    return rows.prefetch_related(Prefetch("editions", texts), Prefetch("evidence", evidence)).annotate(
        topic_names=words_about(Topic.objects.filter(briefs=OuterRef("pk"))),
        population_names=words_about(Population.objects.filter(briefs=OuterRef("pk"))),
        numbers_found=_rows(KeyNumber.objects.all(), *_NUMBER, value=Cast("value", TextField())),
        sources_found=_rows(Source.objects.all(), "citation", "language", "url"),
        steps_found=_rows(Step.objects.all(), *_STEP, **_WHOM),
        examples_found=_examples(user),
        files_found=ArraySubquery(
            files.values(found=JSONObject(language="edition__language", format="format", file="file"))
        ),
        newer=Subquery(newer.values(found=JSONObject(slug="slug", **published_titles()))[:1]),
        used_by=Coalesce(Subquery(uses.annotate(number=Count("pk")).values("number")), 0),
        **({"commitments_found": _commitments(user)} if user.is_authenticated else {}),
    )


TAKEN_FURTHER = 20  # commitments that a brief shows


def _commitments(user: Any) -> ArraySubquery:
    """What municipalities mean to do with the brief, as far as `user` may see it."""
    rows = visible_commitments(user).filter(source_of=Concat(Value("brief-"), OuterRef("slug")))
    place = {
        "place": F("municipality__slug"),
        **{f"name_{code}": F(f"municipality__name_{code}") for code in ("en", "fr")},
    }
    found = JSONObject(pk="pk", text="text", language="language", state="state", **place)
    return ArraySubquery(rows.values(found=found)[:TAKEN_FURTHER])


@dataclass(frozen=True)
class TakenFurther:
    """A commitment that came from a brief: its words, whose it is, how far it is, and its address."""

    text: str
    language: str
    place: str
    state: str
    url: str


def taken_further(brief: Any) -> list[TakenFurther]:
    """Return the commitments of a brief from `page_rows`, without a query; none for the public."""
    return [
        TakenFurther(
            one["text"],
            one["language"],
            pick(one["name_en"], one["name_fr"]),
            str(Commitment.State(one["state"]).label),
            reverse("progress:commitment", args=[one["place"], one["pk"]]),
        )
        for one in getattr(brief, "commitments_found", None) or []
    ]


_NUMBER = ("label_en", "label_fr", "unit_en", "unit_fr", "base_population", "year", "source", "source_url")
_STEP = ("text_en", "text_fr", "effort", "cost")
_WHOM = {"slug": F("audience__slug"), "whom_en": F("audience__name_en"), "whom_fr": F("audience__name_fr")}


def _examples(user: Any) -> ArraySubquery:
    """Examples to which the municipality agreed; a former member's page is not public any more, and so not linked."""
    rows = Example.objects.filter(agreed_at__isnull=False)
    place = {name: F(f"municipality__{name}") for name in ("slug", "name_en", "name_fr")}
    work = {"work": F("programme"), "work_en": F("programme__name_en"), "work_fr": F("programme__name_fr")}
    open_pages = Municipality.objects.visible_to(user).filter(pk=OuterRef("municipality"))
    open_page = Subquery(open_pages.order_by().values("slug")[:1])
    host = {"work_at": F("programme__municipality__slug")}
    return _rows(rows, "text_en", "text_fr", **place, **work, **host, open_page=open_page)


# ---- what the page shows ------------------------------------------------------------------------


@dataclass(frozen=True)
class Steps:
    """The steps of one stakeholder, in order."""

    slug: str
    audience: LanguageText
    steps: list[Step]


@dataclass(frozen=True)
class Local:
    """What a municipality did. `open_page` is the address part of its page when the reader may open it, else empty."""

    place: LanguageText
    open_page: str
    text: LanguageText
    work: LanguageText
    work_at: str
    work_pk: int | None


@dataclass(frozen=True)
class File:
    """A format in which the brief is offered. `size` in bytes; None until it is made."""

    format: str
    label: Any
    size: int | None


@dataclass(frozen=True)
class Reading:
    """All that a reader gets of a brief, in the active language; `language` is that of the texts, which may be the other one.

    `texts` are by the names in Edition.TEXTS, Markdown.
    """

    brief: Any
    edition: Edition
    language: str
    texts: dict[str, LanguageText]
    title: LanguageText
    numbers: list[KeyNumber]
    evidence: list[Evidence]
    steps: list[Steps]
    examples: list[Local]
    sources: list[Source]
    topics: list[tuple[str, LanguageText]]
    populations: list[tuple[str, LanguageText]]
    stages: list[tuple[int, Any]]
    files: list[File]


def reading(brief: Any) -> Reading | None:
    """Return what the page of `brief` shows; `brief` is from `page_rows`. None when no text of it was published."""
    edition = brief.published_edition()
    if edition is None:
        return None
    texts = {name: LanguageText(edition.published.get(name, ""), edition.language) for name in Edition.TEXTS}
    return Reading(
        brief=brief,
        edition=edition,
        language=edition.language,
        texts=texts,
        title=texts["title"],
        numbers=_made(KeyNumber, brief.numbers_found),
        evidence=list(brief.evidence.all()),
        steps=_by_stakeholder(brief.steps_found),
        examples=[_local(row) for row in brief.examples_found],
        sources=_made(Source, brief.sources_found),
        topics=named(brief.topic_names),
        populations=named(brief.population_names),
        stages=[(number, Stage(number).label) for number in sorted(brief.stages)],
        files=_files(brief, edition),
    )


def _by_stakeholder(rows: list[dict[str, Any]]) -> list[Steps]:
    return [
        Steps(
            slug,
            pick(of_one[0]["whom_en"], of_one[0]["whom_fr"]),
            _made(Step, ({name: row[name] for name in _STEP} for row in of_one)),
        )
        for slug, of_one in ((slug, list(group)) for slug, group in groupby(rows, key=lambda row: row["slug"]))
    ]


def _local(row: dict[str, Any]) -> Local:
    work = pick(row["work_en"] or "", row["work_fr"] or "")
    is_open = row["open_page"] is not None
    return Local(
        place=pick(row["name_en"], row["name_fr"]),
        open_page=row["open_page"] or "",
        text=pick(row["text_en"], row["text_fr"]),
        work=work,
        work_at=row["work_at"] or "" if is_open else "",
        work_pk=row["work"],
    )


def _files(brief: Any, edition: Edition) -> list[File]:
    """Every format of a brief that was written here; a catalogue entry has its files where it was published."""
    if brief.is_archival:
        return []
    sizes = {row["format"]: _size(row["file"]) for row in brief.files_found if row["language"] == edition.language}
    return [File(format.value, format.label, sizes.get(format.value)) for format in Format]


def _size(name: str) -> int | None:
    try:
        return MadeFile(file=name).file.size
    except OSError:  # made anew when somebody asks for it
        return None


def places_using(brief: ActionBrief, user: Any) -> list[Use]:
    """Return what municipalities do with `brief`, latest first, with those whose pages `user` may open; for members' eyes."""
    return list(
        Use.objects.filter(brief=brief, municipality__in=Municipality.objects.visible_to(user)).select_related(
            "municipality"
        )
    )


# ---- how things stand ---------------------------------------------------------------------------


@dataclass(frozen=True)
class Standing:
    """What a reader has to know before reading.

    `newer` is slug and title of what replaces a brief. `awaited` is the language whose text is missing or behind under an
    exception with a deadline; `is_other` that the reader's language has no text; `is_behind` that the text here is older
    than the one in the language in which the brief is written, and `is_newer_public` that readers have that newer one.
    """

    newer: tuple[str, LanguageText] | None
    awaited: str
    is_other: bool
    is_behind: bool
    is_newer_public: bool
    is_being_revised: bool


def standing(read: Reading) -> Standing:
    """Return how the brief that is `read` stands today, in the active language."""
    brief, edition, here = read.brief, read.edition, active_language()
    newer = brief.newer
    is_live = brief.state == ActionBrief.State.PUBLISHED and not brief.is_archival
    behind = next((code for code in LANGUAGES if brief.state_of(code) != "current"), "")
    source = brief.source
    is_behind = is_live and edition.language == here and brief.state_of(here) == "out_of_date"
    return Standing(
        newer=(newer["slug"], pick(newer["en"], newer["fr"])) if newer else None,
        awaited=behind if is_live and brief.exception_until else "",
        is_other=edition.language != here,
        is_behind=is_behind,
        is_newer_public=is_behind and source is not None and source.published_version > edition.based_on,
        is_being_revised=is_live and not is_behind and edition.is_being_revised,
    )
