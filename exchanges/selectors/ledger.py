"""What people want to take home from a visit: ideas caught on the way and in the evaluation, and what became of them."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import Q

from cmncp_portal.evaluation.models import Answer, Question
from cmncp_portal.network.models import Municipality, PreventionProgramme
from cmncp_portal.progress.models import Commitment
from cmncp_portal.progress.selectors.commitments import from_source

from ..models import Side, Visit

MOST = 60  # of one visit; nobody reads more of them on one page


@dataclass(frozen=True)
class LedgerLine:
    """One idea. `key` names it for ever; `commitments` are what municipalities made of it, as far as the reader may know."""

    key: str
    text: str
    language: str
    by_name: str = ""
    programme: PreventionProgramme | None = None
    is_from_evaluation: bool = False
    commitments: tuple[Commitment, ...] = ()
    may_commit: bool = False


def source_of(visit: Visit) -> str:
    """Return the name by which commitments know that they come from this visit."""
    return f"visit-{visit.pk}"


def ledger(visit: Visit, side: str | None, place: Municipality | None, user: Any) -> list[LedgerLine]:
    """Return the ideas that somebody of `side` reads (None: of neither), the caught ones first, each with what became of it.

    `place` is the municipality that may commit to them, if any. What somebody noted for herself only she reads. Ideas from the evaluation are those of the own side, without
    names, once the answers are released.
    """
    lines = [*_caught(visit, user), *_answered(visit, side)][:MOST]
    made = list(from_source(source_of(visit), user))
    return [_with_commitments(line, made, place) for line in lines]


def _caught(visit: Visit, user: Any) -> Iterable[LedgerLine]:
    rows = visit.ideas.filter(Q(is_shared=True) | Q(by_user=user))
    for idea in rows.select_related("programme__municipality")[:MOST]:
        yield LedgerLine(f"idea-{idea.pk}", idea.text, "", idea.by_name, idea.programme)


def _answered(visit: Visit, side: str | None) -> Iterable[LedgerLine]:
    if side is None or visit.released_at is None:
        return
    rows = Answer.objects.filter(
        question__kind=Question.Kind.IDEAS,
        question__is_confidential=False,
        response__submitted_at__isnull=False,
        response__invitation__survey__visit_evaluation__visit=visit,
        response__invitation__survey__visit_evaluation__side=side,
    )
    for answer in rows.select_related("response").order_by("pk")[:MOST]:
        for number, idea in enumerate(answer.value):
            key = f"answer-{answer.pk}-{number}"
            yield LedgerLine(key, idea["what"], answer.response.language, is_from_evaluation=True)


def _with_commitments(line: LedgerLine, made: list[Commitment], place: Municipality | None) -> LedgerLine:
    found = tuple(one for one in made if one.source_key == line.key)
    is_taken = place is None or any(one.municipality_id == place.pk for one in found)
    return replace(line, commitments=found, may_commit=not is_taken)


def source_values(visit: Visit, line: LedgerLine, side: str) -> dict[str, Any]:
    """Return what a commitment says of where it comes from: kind, key, of, title, path, seen_in and programme."""
    other = visit.municipality_of(Side.HOSTS if side == Side.VISITORS else Side.VISITORS)
    return {
        "kind": Commitment.Source.VISIT,
        "key": line.key,
        "of": source_of(visit),
        "title": titles(visit),
        "path": visit.get_absolute_url(),
        "seen_in": line.programme.municipality if line.programme else other,
        "programme": line.programme,
    }


def titles(visit: Visit) -> tuple[str, str]:
    """Return the name of the visit in English and in French."""
    assert visit.hosting is not None
    return (
        f"{visit.visiting.name_en} visits {visit.hosting.name_en}",
        f"{visit.hosting.name_fr} reçoit {visit.visiting.name_fr}",
    )
