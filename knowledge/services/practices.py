"""Writing the library of practices: what each is, where it is at work, and what sources say about it, word for word."""

from collections.abc import Iterable
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from cmncp_portal.core.editing import Conflict, save_version
from cmncp_portal.core.workflow import TransitionRefused

from ..models import Evidence, Practice, PracticePlace
from ..selectors.rows import mark_of
from .writing import MOMENT, free_slug, one_click_at_a_time

LONGEST_SLUG = 80


def _may_write(by: Any) -> None:
    if not by.has_perm("knowledge.write"):
        raise PermissionDenied


def _locked(practice: Practice, by: Any) -> Practice:
    _may_write(by)
    return Practice.objects.select_for_update(of=("self",)).defer("search_en", "search_fr").get(pk=practice.pk)


@transaction.atomic
def create_practice(*, by: Any, topics: Iterable[Any] = (), populations: Iterable[Any] = (), **fields: Any) -> Practice:
    """Describe a practice and return it, not yet published; a second click gives the first one again. Raises PermissionDenied."""
    _may_write(by)
    one_click_at_a_time(by)
    just_now = Practice.objects.filter(created_at__gte=timezone.now() - MOMENT, published_at=None)
    same = just_now.filter(kind=fields["kind"], name_en=fields["name_en"], summary_en=fields["summary_en"]).first()
    if same is not None:
        return same
    practice = Practice.objects.create(slug=free_slug(fields["name_en"], Practice, LONGEST_SLUG), **fields)
    practice.topics.set(topics)
    practice.populations.set(populations)
    return practice


@transaction.atomic
def keep_practice(
    practice: Practice,
    *,
    seen: int,
    by: Any,
    topics: Iterable[Any] | None = None,
    populations: Iterable[Any] | None = None,
    **fields: Any,
) -> None:
    """Save what is said of a practice. Raises PermissionDenied; Conflict when somebody saved since version `seen`."""
    _locked(practice, by)
    save_version(practice, seen=seen, fields=fields)
    if topics is not None:
        practice.topics.set(topics)
    if populations is not None:
        practice.populations.set(populations)


@transaction.atomic
def publish_practice(practice: Practice, *, by: Any) -> None:
    """Put the practice into the library. Raises TransitionRefused when it is there, or nothing says how well it works."""
    stored = _locked(practice, by)
    if stored.published_at:
        raise TransitionRefused(_("This practice is in the library already."), done_already=True)
    if stored.kind == Practice.Kind.PROGRAMME and not stored.evidence.exists():
        raise TransitionRefused(_("Add first what the evidence says about it."))
    now = timezone.now()
    Practice.objects.filter(pk=stored.pk).update(published_at=now, updated_at=now, version=F("version") + 1)
    practice.published_at = now


@transaction.atomic
def add_place(practice: Practice, *, by: Any, municipality: Any, programme: Any = None, source: str) -> PracticePlace:
    """Say where the practice is at work, and from where this is known. Raises TransitionRefused for a place named already."""
    _locked(practice, by)
    words = {"place": municipality, "programme": programme}
    if programme is not None and programme.municipality_id != municipality.pk:
        raise TransitionRefused(_("%(programme)s is not a programme of %(place)s.") % words)
    if practice.places.filter(municipality=municipality).exists():
        raise TransitionRefused(_("%(place)s is in the list already.") % words, done_already=True)
    return practice.places.create(municipality=municipality, programme=programme, source=source)


@transaction.atomic
def remove_place(place: PracticePlace, *, by: Any) -> None:
    """Take a place off the list. Raises PermissionDenied."""
    _locked(place.practice, by)
    PracticePlace.objects.filter(pk=place.pk).delete()


def _check_evidence(practice: Practice, fields: dict[str, Any], entry: Evidence | None = None) -> None:
    """One source rates one outcome once: the second time it is the entry that is changed."""
    same = practice.evidence.filter(system=fields["system"], outcome_en=fields["outcome_en"])
    if same.exclude(pk=entry.pk if entry else 0).exists():
        words = {"system": fields["system"], "outcome": fields["outcome_en"]}
        raise TransitionRefused(_("What %(system)s says about “%(outcome)s” stands here already.") % words)


@transaction.atomic
def add_evidence(practice: Practice, *, by: Any, **fields: Any) -> Evidence:
    """Write down what one source says about one outcome; return it. Raises PermissionDenied, TransitionRefused for a second."""
    _locked(practice, by)
    _check_evidence(practice, fields)
    return practice.evidence.create(**fields)


@transaction.atomic
def keep_evidence(entry: Evidence, *, seen: str, by: Any, **fields: Any) -> None:
    """Change an entry. Raises Conflict when it says something else than what `seen` stands for; else as `add_evidence`."""
    stored = _stored(entry, by)
    if mark_of(stored) != seen:
        raise Conflict(stored)
    _check_evidence(stored.practice, fields, stored)
    for name, value in fields.items():
        setattr(stored, name, value)
    stored.save()


@transaction.atomic
def remove_evidence(entry: Evidence, *, seen: str, by: Any) -> None:
    """Remove an entry. Raises Conflict when it was changed; TransitionRefused while a brief in the library cites it."""
    stored = _stored(entry, by)
    if mark_of(stored) != seen:
        raise Conflict(stored)
    cited = stored.briefs.public().prefetch_related("editions").first()
    if cited is not None:
        raise TransitionRefused(_("“%(title)s” cites it: take it off there first.") % {"title": cited.title})
    stored.delete()


def _stored(entry: Evidence, by: Any) -> Evidence:
    _locked(entry.practice, by)
    found = Evidence.objects.filter(pk=entry.pk).select_related("practice").first()
    if found is None:
        raise TransitionRefused(_("This was removed meanwhile."), done_already=True)
    return found
