"""One brief at the desk: what it still needs before it may go on, the moves on offer, what happened. Constant queries."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from types import SimpleNamespace
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import (
    Exists,
    OuterRef,
    QuerySet,
    prefetch_related_objects,
)
from django.db.models.functions import JSONObject
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext

from cmncp_portal.core.checklist import Check, first_missing
from cmncp_portal.core.text import active_language
from cmncp_portal.core.workflow import Guard, Offer
from cmncp_portal.network.models import Municipality

from ..models import (
    ActionBrief,
    BriefRequest,
    BriefStateChange,
    Example,
    KeyNumber,
    Review,
    Source,
    Step,
)
from ..workflow import (
    BRIEF,
    both_languages_are_current,
    comments_are_resolved,
    examples_are_agreed,
    has_a_title,
    has_its_text,
    has_sources,
    has_steps,
    numbers_have_sources,
    reviewers_have_answered,
    source_is_final,
)
from .states import TONES, moved_at, open_comments, text_states

S = ActionBrief.State


def head(brief: ActionBrief, user: Any, here: str) -> dict[str, Any]:
    """Return what each page of the desk about `brief` says on top. `here` is its place among the tabs."""
    edition = brief.edition()
    may = {name: user.has_perm(f"knowledge.{name}", brief) for name in ("write_brief", "publish_one_language")}
    is_closed = brief.state in (S.SUPERSEDED, S.WITHDRAWN)
    return {
        "brief": brief,
        "title_language": edition.language if edition else active_language(),
        "tone": TONES[S(brief.state)],
        "texts": text_states(brief),
        "here": here,
        "can": may,
        "is_closed": is_closed,
        "may_keep": may["write_brief"] and not is_closed,
    }


# Label, guard, and the page (URL name) where it is done.
Line = tuple[Any, Guard, str]
TITLE: Line = (_("A title in the language in which it is written"), has_a_title, "text")
WRITTEN: tuple[Line, ...] = (
    TITLE,
    (_("Summary, challenge and what works"), has_its_text, "text"),
    (_("A step that a municipal stakeholder can take"), has_steps, "steps"),
    (_("A source"), has_sources, "sources"),
    (_("A source for each key number"), numbers_have_sources, "numbers"),
)
LINES: dict[str, tuple[Line, ...]] = {
    S.IDEA: (TITLE,),
    S.OUTLINE: WRITTEN,
    S.DRAFT: WRITTEN,
    S.REVIEW: ((_("The answers of all reviewers"), reviewers_have_answered, "reviews"),),
    S.EDITING: (
        (_("A final text in the language in which it is written"), source_is_final, "text"),
        (_("An answer to each comment"), comments_are_resolved, "reviews"),
    ),
}
PUBLISHED: tuple[Line, ...] = (
    *WRITTEN,
    (_("The agreement of municipalities to their examples"), examples_are_agreed, "examples"),
    (_("Both languages current"), both_languages_are_current, "translation"),
)
# Moves that ask for more than a word have a form of their own on the page.
OWN_FORM = ("schedule", "withdraw")


@dataclass(frozen=True)
class Desk:
    """`checks` before the next move; `moves` on offer, those with a form of their own in `forms` by name."""

    checks: list[Check]
    moves: list[Offer]
    forms: dict[str, Offer] = field(default_factory=dict)

    @property
    def first_missing(self) -> Check | None:
        return first_missing(self.checks)


class Whole:
    """A brief from `for_overview` with the rows that guards read, which came along in the same query."""

    def __init__(self, brief: Any) -> None:
        self.brief = brief
        self.steps = Rows([True] if brief.has_a_step else [])
        self.sources = Rows([True] if brief.has_a_source else [])
        self.numbers = Rows(KeyNumber(**each) for each in brief.figures)
        self.examples = Rows(
            Example(agreed_at=each.pop("at"), municipality=Municipality(**each)) for each in map(dict, brief.places)
        )
        self.reviews = Rows(SimpleNamespace(answered_at=r["at"], reviewer=r["name"]) for r in brief.asked)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.brief, name)


class Rows(list[Any]):
    """Rows that are here already, read as those of a relation."""

    def all(self) -> "Rows":
        return self


def desk_of(brief: Any, user: Any) -> Desk:
    """Return the checklist and the moves that `user` may make, in the active language; each guard is asked once.

    `brief` is from `for_overview`. One query while it is being edited, for the comments; else none.
    """
    if brief.state == S.EDITING:
        prefetch_related_objects([brief], "editions__comments")
    known: dict[Guard, Any] = {}
    whole = Whole(brief)

    def ask(guard: Guard) -> Any:
        if guard not in known:
            known[guard] = guard(whole)
        return known[guard]

    may_write = user.has_perm("knowledge.write_brief", brief)
    checks = [
        Check(str(label), str(ask(guard) or ""), _url(page, brief) if may_write else "")
        for label, guard, page in _lines(brief)
    ]
    offered = [
        Offer(move, _first(move.guards, ask))
        for move in BRIEF
        if brief.state in move.sources and user.has_perm(move.permission, brief) and _makes_sense(move.name, brief)
    ]
    forms = {offer.transition.name: offer for offer in offered if offer.transition.name in OWN_FORM}
    return Desk(checks, [o for o in offered if o.transition.name not in OWN_FORM], forms)


def _lines(brief: ActionBrief) -> tuple[Line, ...]:
    if brief.state in (S.SUPERSEDED, S.WITHDRAWN) or brief.is_archival:
        return ()
    return LINES.get(brief.state, PUBLISHED)


def _makes_sense(name: str, brief: ActionBrief) -> bool:
    """A brief is marked as replaced when the one that replaces it is there for readers."""
    if name != "supersede":
        return True
    newer = getattr(brief, "replaced_by", None)
    return newer is not None and newer.state == S.PUBLISHED


def _first(guards: tuple[Guard, ...], ask: Callable[[Guard], Any]) -> Any:
    """The first reason against. The day of the schedule is chosen with the move itself."""
    return next((r for g in guards if g.__name__ != "has_a_day" and (r := ask(g))), None)


def _url(page: str, brief: ActionBrief) -> str:
    args = [brief.slug, brief.source_language] if page == "text" else [brief.slug]
    return reverse(f"knowledge:{page}", args=args)


def for_overview(user: Any) -> QuerySet[ActionBrief]:
    """Return the briefs that `user` may open at the desk, each with its history, reviews and requests in the same query.

    Who is only asked to review sees those briefs alone. Adds `moves`, `asked`, `wishes`, `open_comments` and
    `moved_at`, and what `Whole` reads.
    """
    rows = ActionBrief.objects.visible_to(user)
    if not user.has_perm("knowledge.see_desk"):
        rows = ActionBrief.objects.filter(reviews__reviewer=user).distinct()
    moves = BriefStateChange.objects.filter(brief=OuterRef("pk")).order_by("at", "pk")
    asked = Review.objects.filter(brief=OuterRef("pk")).order_by("due_on", "pk")
    wishes = BriefRequest.objects.filter(brief=OuterRef("pk")).order_by("pk")
    figures = KeyNumber.objects.filter(brief=OuterRef("pk")).order_by("order", "pk")
    places = Example.objects.filter(brief=OuterRef("pk")).order_by("order", "pk")
    return (
        rows.select_related("series", "replaces", "replaced_by", "exception_by")
        .prefetch_related("editions")
        .annotate(
            moves=ArraySubquery(
                moves.values(one=JSONObject(at="at", transition="transition", by="by_name", note="note"))
            ),
            asked=ArraySubquery(
                asked.values(one=JSONObject(name="reviewer__name", due="due_on", verdict="verdict", at="answered_at"))
            ),
            wishes=ArraySubquery(wishes.values(one=JSONObject(pk="pk", subject="subject", by="by_name"))),
            figures=ArraySubquery(
                figures.values(one=JSONObject(label_en="label_en", label_fr="label_fr", source="source"))
            ),
            places=ArraySubquery(
                places.values(
                    one=JSONObject(name_en="municipality__name_en", name_fr="municipality__name_fr", at="agreed_at")
                )
            ),
            has_a_step=Exists(Step.objects.filter(brief=OuterRef("pk"))),
            has_a_source=Exists(Source.objects.filter(brief=OuterRef("pk"))),
            open_comments=open_comments(),
            moved_at=moved_at(),
        )
    )


def history(brief: Any) -> list[dict[str, Any]]:
    """Return what happened, newest first, as the timeline shows it. `brief` is from `for_overview`."""
    return [
        {"at": datetime.fromisoformat(m["at"]), "text": _happened(m["transition"]), "by": m["by"], "note": m["note"]}
        for m in reversed(brief.moves)
    ]


def _happened(transition: str) -> Any:
    if transition in BRIEF.transitions:
        return BRIEF[transition].happened
    others = {"exception": _t("Publication in one language allowed"), "begin": pgettext("brief", "Begun")}
    return others.get(transition, transition)


def reviews_of(brief: Any) -> list[dict[str, Any]]:
    """Return who was asked to read it, until when, and the answer in words. `brief` is from `for_overview`."""
    today = timezone.localdate()
    found = []
    for review in brief.asked:
        due = date.fromisoformat(review["due"])
        waits = review["at"] is None
        word = Review.Verdict(review["verdict"]).label
        found.append(review | {"due": due, "word": word, "is_open": waits, "is_late": waits and due < today})
    return found
