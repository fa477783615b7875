"""Reading commitments: of a place, of the whole network, from one source; the trail from where it was seen to where it is done."""

from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery, Sum
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cmncp_portal.accounts.adapter import in_language
from cmncp_portal.core.dates import day_in_words
from cmncp_portal.core.money import money_in_words
from cmncp_portal.core.text import active_language
from cmncp_portal.network.models import Municipality

from ..models import Commitment, CommitmentChange
from ..models.commitment import CommitmentQuerySet

S = Commitment.State
TONES = {S.PLANNED: "neutral", S.STARTED: "under-way", S.DONE: "good", S.ABANDONED: "neutral"}
RELATED = ("municipality", "seen_in", "owner")


def visible(user: Any) -> CommitmentQuerySet:
    """Return the commitments that `user` may see, with places and owners: what is open by its day, then what ended last."""
    rows = Commitment.objects.visible_to(user).select_related(*RELATED)
    return rows.order_by(F("ended_on").desc(nulls_first=True), "due_on", "pk")


def of_place(user: Any, place: Municipality) -> CommitmentQuerySet:
    """Return the commitments of `place` that `user` may see."""
    return visible(user).filter(municipality=place)


def from_source(of: str, user: Any) -> CommitmentQuerySet:
    """Return what municipalities made of the whole called `of` ("visit-4", "brief-12") and `user` may see."""
    return visible(user).filter(source_of=of)


def for_page(user: Any) -> CommitmentQuerySet:
    """Return `visible` with what the page of one commitment, or a file of many, says beside: `invested` is in dollars."""
    rows = visible(user).select_related(*RELATED, "owner__user", "check_item", "programme__municipality")
    spent = CommitmentChange.objects.filter(commitment=OuterRef("pk"), investment__isnull=False).order_by()
    return rows.annotate(invested=Subquery(spent.values("commitment").values_list(Sum("investment"))))


def counts(rows: QuerySet[Commitment]) -> dict[str, int]:
    """Count `rows` by state, and those whose day has passed as "late", in one query."""
    today = timezone.localdate()
    late = Count("pk", filter=Q(state__in=Commitment.OPEN, due_on__lt=today))
    by_state = {str(state): Count("pk", filter=Q(state=state)) for state in S}
    return rows.order_by().aggregate(all=Count("pk"), late=late, **by_state)


@dataclass(frozen=True)
class Row:
    """A commitment as a list shows it."""

    commitment: Commitment
    word: str
    tone: str
    is_late: bool


def listed(rows: Any) -> list[Row]:
    """Put a page of commitments into words."""
    today = timezone.localdate()
    return [Row(one, one.get_state_display(), TONES[S(one.state)], one.is_late(today)) for one in rows]


# ---- the trail: seen in A, done in B


@dataclass(frozen=True)
class Trail:
    """One line of a trail. `state` is in words of the active language."""

    commitment: Commitment
    seen_in: Municipality
    place: Municipality
    state: str

    @property
    def tone(self) -> str:
        return TONES[S(self.commitment.state)]


def trail(rows: QuerySet[Commitment], limit: int | None = None) -> list[Trail]:
    """Return those of `rows` (from `visible`) that were seen somewhere, in one query."""
    found = rows.filter(seen_in__isnull=False)[:limit]
    return [Trail(one, one.seen_in, one.municipality, one.get_state_display()) for one in found if one.seen_in]


def seen_in(place: Municipality, user: Any, *, limit: int | None = None) -> list[Trail]:
    """Return what others saw in `place` and took home, as far as `user` may see it, in one query."""
    return trail(visible(user).filter(seen_in=place).exclude(municipality=place), limit)


def taken_home(place: Municipality, user: Any, *, limit: int | None = None) -> list[Trail]:
    """Return what `place` saw elsewhere and took home, as far as `user` may see it, in one query."""
    return trail(of_place(user, place), limit)


# ---- what was said


@dataclass(frozen=True)
class Said:
    """One line of the history of a commitment, in words of the active language."""

    at: datetime
    text: str
    by: str
    note: str = ""
    evidence_url: str = ""
    dollars: str = ""


def history(commitment: Commitment) -> list[Said]:
    """Return what was said of `commitment` and what was put right, the latest first, in three queries."""
    made = Said(commitment.created_at, _("It was written down"), commitment.made_by_name)
    found = [made, *_words(list(commitment.changes.order_by("at", "pk"))), *_corrections(commitment)]
    return sorted(found, key=lambda one: one.at)[::-1]


def _words(changes: list[CommitmentChange]) -> list[Said]:
    """`changes` from the first to the last, each told against the one before."""
    found, before = [], str(S.PLANNED)
    for one in changes:
        known = {"state": one.get_to_state_display()}
        text = _("It is still “%(state)s”") if one.to_state == before else _("It is now “%(state)s”")
        words = text % known
        if one.months:
            asked = ngettext("asked after %(number)s month", "asked after %(number)s months", one.months)
            words = f"{words} ({asked % {'number': one.months}})"
        dollars = "" if one.investment is None else money_in_words(one.investment)
        found.append(Said(one.at, words, one.by_name, one.note, one.evidence_url, dollars))
        before = one.to_state
    return found


def _corrections(commitment: Commitment) -> list[Said]:
    """What was put right, from the versions that the database keeps."""
    versions = list(commitment.events.select_related("pgh_context").order_by("pgh_id"))  # type: ignore[attr-defined]
    told = [(new, text) for old, new in pairwise(versions) if (text := _difference(old, new))]
    users = {_user(new) for new, _text in told} - {None}
    names = {user.pk: str(user) for user in get_user_model()._default_manager.filter(pk__in=users)} if users else {}
    return [Said(new.pgh_created_at, text, names.get(_user(new), _("the portal"))) for new, text in told]


def _user(version: Any) -> Any:
    return version.pgh_context.metadata.get("user") if version.pgh_context else None


def _difference(old: Any, new: Any) -> str:
    parts = []
    if old.text != new.text:
        parts.append(_("Worded anew (before: “%(text)s”)") % {"text": old.text})
    if old.due_on != new.due_on:
        days = {"new": day_in_words(new.due_on), "old": day_in_words(old.due_on)}
        parts.append(_("Until %(new)s and no longer %(old)s") % days)
    if old.owner_name != new.owner_name:
        names = {"new": new.owner_name, "old": old.owner_name}
        parts.append(_("%(new)s sees to it and no longer %(old)s") % names)
    if old.check_item_id != new.check_item_id:
        parts.append(_("Another check of the strategy"))
    return " · ".join(parts)


def invested(commitment: Commitment) -> str:
    """Return the dollars that were named for a commitment of `for_page` so far, in words; "" when none were."""
    total = commitment.invested  # type: ignore[attr-defined]
    return "" if total is None else money_in_words(total)


def source_url(commitment: Commitment, user: Any) -> str:
    """Return the address of where it comes from, in the active language; "" for who may be turned away there.

    Visits, meetings and mentoring are open to those who took part: to the municipality's own people, not to all members.
    """
    path, is_public = commitment.source_path, commitment.source == Commitment.Source.BRIEF
    if not path.startswith("/") or path.startswith("//"):
        return ""
    is_open = is_public or user.has_perm("progress.keep_commitments", commitment)
    return in_language(path, active_language()) if is_open else ""


def last_words(rows: list[Commitment]) -> dict[int, CommitmentChange]:
    """Return the last thing that was said of each of `rows`, by its key, in one query."""
    found = CommitmentChange.objects.filter(commitment__in=[one.pk for one in rows])
    latest = found.order_by("commitment_id", "-at", "-pk").distinct("commitment_id")
    return {one.commitment_id: one for one in latest}
