"""The desk of modules: all of them with who acts next, and what one still needs before its next move."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Case, Count, F, IntegerField, Max, OuterRef, Q, QuerySet, Value, When
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from cmncp_portal.core.checklist import Check
from cmncp_portal.core.workflow import Guard, Offer

from ..models import Module, ModuleAuthor, ModuleChange, Partner
from ..workflow import (
    MODULE,
    builds_a_competency,
    has_author,
    has_open_offering,
    has_partner,
    has_pilot_report,
    has_titles,
    is_bilingual_or_says_why,
    is_written,
    states_its_languages,
    was_piloted,
)
from .modules import TONES, UNREAD, known_rows

S = Module.State
ORDER = list(S.values)
# What one looks for at the desk, and the states that belong to it.
GROUPS: dict[str, tuple[Any, tuple[str, ...]]] = {
    "work": (_("In the making"), (S.PROPOSED, S.AGREED, S.DRAFTED, S.REVIEWED, S.PILOTED)),
    "review": (_("To be reviewed or approved"), (S.DRAFTED, S.PILOTED)),
    "catalogue": (_("In the catalogue"), (S.APPROVED, S.OFFERED)),
    "past": (_("Retired or not pursued"), (S.RETIRED, S.DROPPED)),
}
LATE = "late"


def is_late(today: date) -> Q:
    """The condition of a draft that should have been handed in before `today`."""
    return Q(state=S.AGREED, draft_due_on__lt=today)


def desk_rows(user: Any) -> QuerySet[Any]:
    """Return the modules that `user` works on: all for the University and the network, for authors those they write now.

    Late ones first, then by state in the order of their life, then by due day. Adds `late`, `since` (when it came into its
    state) and `writers`.
    """
    rows = Module.objects.visible_to(user)
    if not user.has_perm("training.see_module_desk"):
        rows = rows.filter(pk__in=ModuleAuthor.objects.working().filter(user=user).values("module"))
    writers = ModuleAuthor.objects.working().filter(module=OuterRef("pk")).order_by("user__name", "pk")
    moved = ModuleChange.objects.filter(module=OuterRef("pk")).order_by().values("module").annotate(at_=Max("at"))
    place = [When(state=state, then=Value(number)) for number, state in enumerate(ORDER)]
    found = rows.select_related("partner").annotate(
        late=Case(When(is_late(timezone.localdate()), then=Value(True)), default=Value(False)),
        since=Coalesce(moved.values("at_")[:1], "created_at"),
        writers=ArraySubquery(writers.values("user__name")),
        place=Case(*place, default=Value(len(ORDER)), output_field=IntegerField()),
    )
    return found.defer(*UNREAD).order_by("-late", "place", F("draft_due_on").asc(nulls_last=True), "slug")


def in_group(rows: QuerySet[Any], group: str) -> QuerySet[Any]:
    """Return those of `rows` that belong to `group` (a name of `GROUPS`, or LATE)."""
    return rows.filter(is_late(timezone.localdate())) if group == LATE else rows.filter(state__in=GROUPS[group][1])


def counts(user: Any) -> dict[str, int]:
    """Return how many modules are late, and how many wait for review or approval, in one query."""
    rows = Module.objects.visible_to(user).order_by()
    found = rows.aggregate(
        late=Count("pk", filter=is_late(timezone.localdate())),
        review=Count("pk", filter=Q(state__in=GROUPS["review"][1])),
    )
    return {name: found[name] or 0 for name in ("late", "review")}


@dataclass(frozen=True)
class DeskRow:
    """One line of the desk. `who` acts next; `days` is how long it has been in its state; `due_words` how far the due day is."""

    module: Any
    tone: str
    who: str
    days: int
    due_words: str


def listed(modules: Iterable[Any]) -> list[DeskRow]:
    """Return the lines for a page of `desk_rows`, in the active language."""
    today = timezone.localdate()
    return [
        DeskRow(
            m,
            TONES[S(m.state)],
            who_acts(m),
            max((today - timezone.localdate(m.since)).days, 0),
            due_in_words(m),
        )
        for m in modules
    ]


_TEAM = _("the University or the network’s coordinators")
WHO: dict[str, Any] = {
    S.PROPOSED: _TEAM,
    S.DRAFTED: _TEAM,
    S.REVIEWED: _TEAM,
    S.PILOTED: _("the network’s coordinators"),
    S.APPROVED: _("the network’s coordinators"),
}
DOES: dict[str, Any] = {
    S.PROPOSED: _("agree with a partner"),
    S.AGREED: _("write the draft and hand it in"),
    S.DRAFTED: _("review the draft"),
    S.REVIEWED: _("hold the pilot and record it"),
    S.PILOTED: _("approve it"),
    S.APPROVED: _("open the first dates"),
}


def who_acts(module: Any) -> str:
    """Return who acts next on `module` (with `writers`), in the active language; empty when nobody has to."""
    if module.state == S.AGREED:
        return ", ".join(module.writers) or _t("nobody: invite an author")
    return str(WHO.get(module.state, ""))


def next_step(module: Any) -> str:
    """Return what comes next and who does it, as a sentence in the active language; empty when nothing has to be done."""
    if module.state not in DOES:
        return ""
    return _t("Next: %(what)s (%(who)s).") % {"what": DOES[module.state], "who": who_acts(module)}


def due_in_words(module: Module) -> str:
    """Return how far the due day of a draft is away, in the active language; empty without one, or when it was handed in."""
    if module.state != S.AGREED or not module.draft_due_on:
        return ""
    left = (module.draft_due_on - timezone.localdate()).days
    if left < 0:
        return ngettext("%(days)s day late", "%(days)s days late", -left) % {"days": -left}
    if left == 0:
        return _t("due today")
    return ngettext("in %(days)s day", "in %(days)s days", left) % {"days": left}


# ---- what one needs before its next move

# Label, guards, and the page (URL name) where it is done.
Line = tuple[Any, tuple[Guard, ...], str]
TEXT: Line = (_("Summary, objectives, outline and hours"), (is_written,), "module_write")
BUILDS: Line = (_("The competencies it builds"), (builds_a_competency,), "module_competencies")
TAUGHT: Line = (_("The languages in which it can be taught"), (states_its_languages,), "module_write")
BILINGUAL: Line = (_("Both languages, or why one only"), (is_bilingual_or_says_why,), "module_write")
LINES: dict[str, tuple[Line, ...]] = {
    S.PROPOSED: (
        (_("A title in both languages"), (has_titles,), "module_write"),
        (_("The partner"), (has_partner,), "module_write"),
    ),
    S.AGREED: ((_("An author"), (has_author,), "module_authors"), TEXT, BUILDS, TAUGHT, BILINGUAL),
    S.DRAFTED: (TEXT, BUILDS),
    S.REVIEWED: (
        (_("A pilot that was held"), (was_piloted,), "offering_new"),
        (_("What the pilot showed"), (has_pilot_report,), "module_write"),
    ),
    S.PILOTED: (TEXT, BUILDS, BILINGUAL),
    S.APPROVED: ((_("Dates that are open for enrolment"), (has_open_offering,), "offering_new"),),
}
MAY = {
    "module_authors": "training.invite_author",
    "offering_new": "training.plan_offering",
    "module_write": "training.write_module",
    "module_competencies": "training.write_module",
}


@dataclass(frozen=True)
class Work:
    """`checks` before the next move; `moves` on offer, blocked ones with their reason."""

    checks: list[Check]
    moves: list[Offer]


def work_on(module: Any, builds: Iterable[Any], user: Any) -> Work:
    """Return the checklist and the moves that `user` may make of `module` (from `page_rows`); no guard asks the database."""
    whole, known = known_rows(module, builds), {}

    def ask(guard: Guard) -> Any:
        if guard not in known:
            known[guard] = guard(whole)
        return known[guard]

    checks = [
        Check(str(label), str(_first(guards, ask) or ""), _where(page, module, user))
        for label, guards, page in LINES.get(module.state, ())
    ]
    moves = [
        Offer(move, _first(move.guards, ask))
        for move in MODULE
        if module.state in move.sources and user.has_perm(move.permission, module)
    ]
    return Work(checks, moves)


def _first(guards: tuple[Guard, ...], ask: Callable[[Guard], Any]) -> Any:
    return next((reason for guard in guards if (reason := ask(guard))), None)


def _where(page: str, module: Module, user: Any) -> str:
    if not user.has_perm(MAY[page], module):
        return ""
    if page == "offering_new":
        return f"{reverse('training:offering_new')}?module={module.slug}"
    return reverse(f"training:{page}", args=[module.slug])


def head(module: Any, user: Any, here: str = "") -> dict[str, Any]:
    """Return what each page about `module` (from `page_rows`) says on top. `here` is its place among the tabs."""
    # Whether the reader is an author came with the module: `rules.writes` need not ask again in this request.
    known = getattr(user, "_modules_written", {})
    user._modules_written = known | {module.pk: module.is_written_by_reader}
    may = {
        name: user.has_perm(f"training.{name}", module)
        for name in ("read_draft", "write_module", "invite_author", "review_module", "plan_offering")
    }
    return {"module": module, "tone": TONES[S(module.state)], "can": may, "here": here}


# ---- authors and partners


@dataclass(frozen=True)
class AuthorRow:
    """An author as the page lists them; `standing` in words, `is_working` while the invitation runs."""

    author: ModuleAuthor
    standing: str
    tone: str
    is_working: bool


def authors_of(module: Module) -> list[AuthorRow]:
    """Return all who were ever invited to write `module`: those who may write now first."""
    today = timezone.localdate()
    rows = [_author(author, today) for author in module.authors.select_related("user", "invited_by")]
    return sorted(rows, key=lambda row: not row.is_working)


def _author(author: ModuleAuthor, today: date) -> AuthorRow:
    if author.removed_at:
        return AuthorRow(author, _t("removed"), "neutral", False)
    if author.until_on and author.until_on < today:
        return AuthorRow(author, _t("the invitation ran out"), "attention", False)
    if author.user.accepted_at is None:
        return AuthorRow(author, _t("invited, not signed in yet"), "attention", True)
    return AuthorRow(author, _t("may write"), "good", True)


def partners() -> QuerySet[Any]:
    """Return the partners with how many modules each is in (`module_count`)."""
    return Partner.objects.annotate(module_count=Count("modules")).order_by("name_en", "pk")
