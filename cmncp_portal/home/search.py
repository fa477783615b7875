"""One search over what exists: exchanges, meetings, briefs, practices, training, municipalities, programmes. Each shows what the reader may see.

Two queries: one for exchanges, which have words of their own; one for all that has a name in both languages.
"""

from dataclasses import dataclass, field
from typing import Any

from django.db.models import CharField, F, Q, QuerySet, TextField, Value
from django.db.models.fields.json import KT
from django.db.models.functions import Cast, Coalesce, Concat
from django.urls import reverse

from cmncp_portal.core.search import Fold, search_query
from cmncp_portal.core.text import LanguageText, active_language, pick
from cmncp_portal.network import selectors as network
from cmncp_portal.network.models import Municipality
from cmncp_portal.network.models.municipality import Province
from exchanges.models import Exchange
from knowledge.models import ActionBrief, Edition, Practice
from meetings.models import Meeting
from training.models import CompetencyText, Module

SHOWN = 10
LONGEST = 100  # characters of a question; the rest is not looked at
_EXCHANGE_TEXTS = ("reference", "challenge", "guest__name_en", "guest__name_fr", "host__name_en", "host__name_fr")
_COLUMNS = ("u_sort", "u_en", "u_fr", "u_slug", "u_key", "u_more_en", "u_more_fr")


@dataclass(frozen=True)
class Hit:
    """Something with a name in both languages: its title in the reader's, where it is, what else to say of it."""

    title: LanguageText
    url: str
    meta: str = ""

    def __str__(self) -> str:
        return str(self.title)


@dataclass(frozen=True)
class Found:
    """What matched, at most SHOWN of each sort; `has_more` when some were left out."""

    exchanges: list[Exchange] = field(default_factory=list)
    meetings: list[Hit] = field(default_factory=list)
    briefs: list[Hit] = field(default_factory=list)
    practices: list[Hit] = field(default_factory=list)
    modules: list[Hit] = field(default_factory=list)
    competencies: list[Hit] = field(default_factory=list)
    municipalities: list[Hit] = field(default_factory=list)
    programmes: list[Hit] = field(default_factory=list)
    has_more: bool = False

    def __len__(self) -> int:
        taught = (self.modules, self.competencies)
        sorts = (self.exchanges, self.meetings, self.briefs, self.practices, self.municipalities, self.programmes)
        return sum(len(rows) for rows in (*sorts, *taught))


def find(user: Any, text: str) -> Found:
    """Return what `user` may see that matches `text`, in two queries (one for visitors); nothing for an empty question."""
    text = " ".join(text.replace("\x00", "").split())[:LONGEST]
    if not text:
        return Found()
    limit = SHOWN + 1
    hits: dict[str, list[Hit]] = {}
    parts = [part[:limit] for part in _named(user, text)]
    for row in parts[0].union(*parts[1:], all=True):
        hits.setdefault(row[0], []).append(_hit(row))
    exchanges = list(_exchanges(user, text)[:limit]) if user.is_authenticated else []
    has_more = len(exchanges) == limit or any(len(rows) == limit for rows in hits.values())
    shown = {sort: rows[:SHOWN] for sort, rows in hits.items()}
    return Found(exchanges=exchanges[:SHOWN], has_more=has_more, **shown)


def _named(user: Any, text: str) -> list[QuerySet]:
    """Everything with a name in both languages, with the same columns for each sort."""
    words = Q(search_en=search_query(text, "en")) | Q(search_fr=search_query(text, "fr"))
    return [
        _line("municipalities", network.search(Municipality.objects.visible_to(user), text), "name", more="province"),
        _line(
            "programmes",
            network.search_programmes(user, text),
            "name",
            slug="municipality__slug",
            of="municipality__name",
        ),
        _line("meetings", Meeting.objects.visible_to(user).filter(words), "title", more="starts_on"),
        _line("practices", Practice.objects.visible_to(user).filter(words), "name"),
        _line("modules", Module.objects.visible_to(user).filter(words), "title"),
        _line(
            "competencies",
            CompetencyText.objects.that_hold().filter(words),
            "title",
            slug="version__standard__slug",
            more="version__number",
        ),
        _briefs(text, words),
    ]


def _text(name: Any) -> Any:
    return Coalesce(Cast(name, TextField()), Value("", output_field=TextField()))


def _line(sort: str, rows: QuerySet, name: str, *, slug: str = "slug", more: str = "", of: str = "") -> QuerySet:
    nothing = Value("", output_field=TextField())
    more_en = _text(f"{of}_en") if of else _text(more) if more else nothing
    more_fr = _text(f"{of}_fr") if of else _text(more) if more else nothing
    return (
        rows.order_by(Fold(F(f"{name}_{active_language()}")), "pk")
        .annotate(
            u_sort=Value(sort, output_field=CharField()),
            u_en=_text(f"{name}_en"),
            u_fr=_text(f"{name}_fr"),
            u_slug=_text(slug),
            u_key=F("pk"),
            u_more_en=more_en,
            u_more_fr=more_fr,
        )
        .values_list(*_COLUMNS)
    )


def _briefs(text: str, words: Q) -> QuerySet:
    """Public briefs, by the edition in which the words stand; each once, in the reader's language when it matches there."""
    own = active_language()
    rows = Edition.objects.filter(words, published_at__isnull=False, brief__state__in=ActionBrief.PUBLIC)
    better = Edition.objects.filter(words, published_at__isnull=False, language=own).values("brief")
    rows = rows.filter(Q(language=own) | ~Q(brief__in=better))
    title = KT("published__title")
    english, french = ("", title) if own == "fr" else (title, "")
    nothing = Value("", output_field=TextField())
    return (
        rows.order_by(Fold(title), "pk")
        .annotate(
            u_sort=Value("briefs", output_field=CharField()),
            u_en=_text(english) if english else nothing,
            u_fr=_text(french) if french else nothing,
            u_slug=_text("brief__slug"),
            u_key=F("brief"),
            u_more_en=_text("language"),
            u_more_fr=nothing,
        )
        .values_list(*_COLUMNS)
    )


def _hit(row: Any) -> Hit:
    sort, en, fr, slug, key, more_en, more_fr = row
    if sort == "briefs":
        return Hit(LanguageText(en or fr, more_en), reverse("knowledge:brief", args=[slug]))
    title = pick(en, fr)
    if sort == "municipalities":
        return Hit(title, reverse("network:municipality", args=[slug]), str(Province(more_en).label))
    if sort == "programmes":
        return Hit(title, reverse("network:programme", args=[slug, key]), str(pick(more_en, more_fr)))
    if sort == "competencies":
        return Hit(title, reverse("training:competency", args=[slug, int(more_en), key]))
    if sort == "modules":
        return Hit(title, reverse("training:module", args=[slug]))
    name = {"meetings": "meetings:meeting", "practices": "knowledge:practice"}[sort]
    return Hit(title, reverse(name, args=[slug]), more_en[:4])


def _exchanges(user: Any, text: str) -> QuerySet[Exchange]:
    """Exchanges in whose reference, challenge or municipalities every word of `text` occurs."""
    parts = [Coalesce(F(name), Value("")) for name in _EXCHANGE_TEXTS]
    spaced = [piece for part in parts for piece in (part, Value(" "))]
    rows = Exchange.objects.visible_to(user).annotate(words=Fold(Concat(*spaced, output_field=TextField())))
    every_word = Q()
    for word in text.split():
        every_word &= Q(words__contains=Fold(Value(word, output_field=TextField())))
    return rows.filter(every_word).select_related("guest", "host").order_by("-updated_at", "-pk")
