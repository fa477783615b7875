"""Writing a version line by line: domains, competencies with their criteria, roles with what is asked of them.

Each change locks the version first and asks whether its words may change at all; then, by the mark that the form brought
back, whether somebody changed this line meanwhile.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Max, ProtectedError
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _

from cmncp_portal.core.editing import Conflict
from cmncp_portal.core.workflow import TransitionRefused

from ..models import (
    Comment,
    Competency,
    CompetencyText,
    Criterion,
    Domain,
    Requirement,
    RoleProfile,
    StandardVersion,
)
from ..selectors.standards import mark_of
from .standards import locked


@dataclass(frozen=True)
class CriterionDraft:
    """A criterion as it was typed; `pk` is None for a new one."""

    pk: int | None
    level: int
    statement_en: str
    statement_fr: str
    evidence_en: str
    evidence_fr: str


def mark_of_text(text: CompetencyText) -> int:
    """Return the mark of a competency with its criteria."""
    return mark_of(text, *text.criteria.order_by("pk"))


def mark_of_role(role: RoleProfile) -> int:
    """Return the mark of a role with what is asked of it."""
    return mark_of(role, *role.requirements.order_by("competency"))


def _still_there(rows: Any, pk: int) -> Any:
    found = rows.filter(pk=pk).first()
    if found is None:
        raise TransitionRefused(_("Somebody removed this line meanwhile; nothing was saved."))
    return found


# ---- domains ----------------------------------------------------------------------------------------


@transaction.atomic
def add_domain(version: StandardVersion, *, by: Any, **fields: str) -> Domain:
    """Add a domain at the end. The same title once more is the same button pressed twice.

    Raises PermissionDenied; TransitionRefused while the words of the version stand still.
    """
    fresh = locked(version, by=by)
    found = fresh.domains.filter(title_en=fields["title_en"], title_fr=fields["title_fr"]).first()
    return found or Domain.objects.create(version=fresh, order=_next(fresh.domains), **fields)


def _next(rows: Any) -> int:
    return (rows.aggregate(last=Max("order"))["last"] or 0) + 1


@transaction.atomic
def keep_domain(domain: Domain, *, seen: int, by: Any, **fields: str) -> None:
    """Write the words of a domain. Raises as `add_domain`, and Conflict when somebody changed it since the mark `seen`."""
    fresh = locked(domain.version, by=by)
    now = _still_there(fresh.domains, domain.pk)
    if mark_of(now) != seen:
        raise Conflict(now)
    Domain.objects.filter(pk=now.pk).update(**fields)


# ---- competencies -----------------------------------------------------------------------------------


@transaction.atomic
def add_competency(
    version: StandardVersion, *, by: Any, domain: Domain, criteria: Iterable[CriterionDraft] = (), **fields: Any
) -> CompetencyText:
    """Add a competency at the end of `domain`, with its criteria. The same title once more is the same button pressed twice.

    Raises PermissionDenied; TransitionRefused while the words of the version stand still.
    """
    fresh = locked(version, by=by)
    there = _still_there(fresh.domains, domain.pk)
    found = there.texts.filter(title_en=fields["title_en"], title_fr=fields["title_fr"]).first()
    if found is not None:
        return found
    competency = Competency.objects.create(standard=fresh.standard)
    text = CompetencyText.objects.create(
        version=fresh, domain=there, competency=competency, order=_next(there.texts), **fields
    )
    _write_criteria(text, criteria)
    return text


@transaction.atomic
def keep_competency(
    text: CompetencyText, *, seen: int, by: Any, domain: Domain, criteria: Iterable[CriterionDraft], **fields: Any
) -> None:
    """Write a competency with its criteria; in another domain it comes last. Criteria that are not given are removed.

    Raises as `add_competency`, and Conflict when somebody changed it since the mark `seen`.
    """
    fresh = locked(text.version, by=by)
    now = _still_there(CompetencyText.objects.filter(version=fresh).select_related("domain"), text.pk)
    if mark_of_text(now) != seen:
        raise Conflict(now)
    there = _still_there(fresh.domains, domain.pk)
    left = now.domain if there != now.domain else None
    if left is not None:
        fields |= {"domain": there, "order": _next(there.texts)}
    CompetencyText.objects.filter(pk=now.pk).update(updated_at=timezone.now(), **fields)
    _write_criteria(now, criteria)
    if left is not None:
        _number(left.texts.order_by("order", "pk"))


def _write_criteria(text: CompetencyText, drafts: Iterable[CriterionDraft]) -> None:
    """Keep, add and remove criteria of `text`, so that they are `drafts`; the order within a level stays, new ones are last."""
    known = {row.pk: row for row in text.criteria.all()}
    last = max((row.order for row in known.values()), default=-1)
    names = ("level", "statement_en", "statement_fr", "evidence_en", "evidence_fr")
    kept: list[Criterion] = []
    new: list[Criterion] = []
    for draft in drafts:
        row = known.pop(draft.pk, None) if draft.pk else None
        if row is None:
            last += 1
            row = Criterion(text=text, order=last)
        (kept if row.pk else new).append(row)
        for name in names:
            setattr(row, name, getattr(draft, name))
    Criterion.objects.filter(pk__in=known).delete()
    Criterion.objects.bulk_update(kept, names)
    Criterion.objects.bulk_create(new)


# ---- roles ------------------------------------------------------------------------------------------


@transaction.atomic
def add_role(version: StandardVersion, *, by: Any, **fields: Any) -> RoleProfile:
    """Add a role at the end; its address is made of the English title and stays. The same title twice is one role.

    Raises PermissionDenied; TransitionRefused while the words of the version stand still.
    """
    fresh = locked(version, by=by)
    found = fresh.roles.filter(title_en=fields["title_en"]).first()
    if found is not None:
        return found
    stem = slugify(fields["title_en"])[:56].strip("-") or "role"
    taken = set(fresh.roles.filter(slug__startswith=stem).values_list("slug", flat=True))
    slug = next(one for one in (stem, *(f"{stem}-{n}" for n in range(2, 1000))) if one not in taken)
    return RoleProfile.objects.create(version=fresh, slug=slug, order=_next(fresh.roles), **fields)


@transaction.atomic
def keep_role(role: RoleProfile, *, seen: int, by: Any, levels: dict[int, int], **fields: Any) -> None:
    """Write a role and what is asked of it: `levels` by competency, 0 for nothing. Competencies left out stay as they are.

    Raises as `add_role`, and Conflict when somebody changed it since the mark `seen`.
    """
    fresh = locked(role.version, by=by)
    now = _still_there(fresh.roles, role.pk)
    if mark_of_role(now) != seen:
        raise Conflict(now)
    RoleProfile.objects.filter(pk=now.pk).update(**fields)
    known = {row.competency_id: row for row in now.requirements.all()}
    held = set(CompetencyText.objects.filter(version=fresh).values_list("competency", flat=True))
    now.requirements.filter(competency__in=[key for key, level in levels.items() if not level]).delete()
    changed = [row for key, row in known.items() if levels.get(key) and levels[key] != row.level]
    for row in changed:
        row.level = levels[row.competency_id]
    Requirement.objects.bulk_update(changed, ["level"])
    Requirement.objects.bulk_create(
        Requirement(role=now, competency_id=key, level=level)
        for key, level in levels.items()
        if level and key in held and key not in known
    )


# ---- order and removal, by button -------------------------------------------------------------------


def _line(version: StandardVersion, what: str, pk: int) -> tuple[Any, Any]:
    """The line, and the lines among which it has its place."""
    if what == "domain":
        return _still_there(version.domains, pk), version.domains.order_by("order", "pk")
    if what == "role":
        return _still_there(version.roles, pk), version.roles.order_by("order", "pk")
    if what == "competency":
        text = _still_there(CompetencyText.objects.filter(version=version), pk)
        return text, CompetencyText.objects.filter(domain=text.domain_id).order_by("order", "pk")
    criterion = _still_there(Criterion.objects.filter(text__version=version), pk)
    near = Criterion.objects.filter(text=criterion.text_id, level=criterion.level)
    return criterion, near.order_by("order", "pk")


@transaction.atomic
def move_line(version: StandardVersion, *, what: str, pk: int, up: bool, by: Any) -> None:
    """Let a line ("domain", "competency", "criterion" or "role") change places with its neighbour; the first stays first.

    Raises PermissionDenied; TransitionRefused while the words of the version stand still, or when the line is gone.
    """
    fresh = locked(version, by=by)
    line, near = _line(fresh, what, pk)
    rows = list(near)
    at = next(index for index, row in enumerate(rows) if row.pk == line.pk)
    to = at - 1 if up else at + 1
    if 0 <= to < len(rows):
        rows[at], rows[to] = rows[to], rows[at]
        _number(rows)


def _number(rows: Iterable[Any]) -> None:
    """Give `rows` the numbers 1, 2, 3… in their order."""
    changed = []
    for order, row in enumerate(rows, start=1):
        if row.order != order:
            row.order = order
            changed.append(row)
    if changed:
        type(changed[0])._base_manager.bulk_update(changed, ["order"])


@transaction.atomic
def remove_line(version: StandardVersion, *, what: str, pk: int, by: Any) -> None:
    """Remove a line. Comments on it stay, as comments on the whole; what is asked of roles goes with a competency.

    Raises PermissionDenied; TransitionRefused for a domain that still holds competencies, and as `move_line`.
    """
    fresh = locked(version, by=by)
    line, near = _line(fresh, what, pk)
    if what == "domain" and line.texts.exists():
        raise TransitionRefused(_("Remove its competencies first, or put them into another domain."))
    if what == "competency":
        Comment.objects.filter(text=line).update(text=None, criterion=None)
        Requirement.objects.filter(role__version=fresh, competency=line.competency_id).delete()
    line.delete()
    _number(near)
    if what == "competency":
        _forget(line.competency)


def _forget(competency: Competency) -> None:
    """Delete a competency that no version words and nobody attained or teaches."""
    if competency.texts.exists():
        return
    try:
        with transaction.atomic():
            competency.delete()
    except ProtectedError:
        return  # a module or somebody's evidence points at it: it stays, unworded
