"""The life of a standard: a first version, a new one copied from the one in force, what is new in it, and its adoption."""

from datetime import timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied
from django.db import models, transaction
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _

from cmncp_portal.core.editing import save_version
from cmncp_portal.core.workflow import TransitionRefused

from ..models import (
    CompetencyText,
    Criterion,
    Requirement,
    RoleProfile,
    Standard,
    StandardVersion,
)
from ..models.standards import office_day
from ..workflow import VERSION
from .standards_letters import tell_adopted, tell_answers

V = StandardVersion.State
AT_WORK = (V.DRAFT, V.CONSULTATION, V.ANSWERING)
LONGEST_SLUG = 60
TAKEN_BY_PAGES = {"new", "nouvelle"}  # addresses beside those of standards
STANDARD_FIELDS = ("title_en", "title_fr", "summary_en", "summary_fr")


def free_slug(title: str) -> str:
    """Return an address that no standard has, made of `title`."""
    stem = slugify(title)[: LONGEST_SLUG - 4].strip("-") or "standard"
    taken = set(Standard.objects.filter(slug__startswith=stem).values_list("slug", flat=True)) | TAKEN_BY_PAGES
    number, found = 2, stem
    while found in taken:
        found, number = f"{stem}-{number}", number + 1
    return found


@transaction.atomic
def begin_standard(*, by: Any, **fields: str) -> StandardVersion:
    """Make a standard with an empty first version, a draft, and return that version.

    `fields` are those of `STANDARD_FIELDS`. A second click within the same minute gives the first one's draft.
    Raises PermissionDenied.
    """
    if not by.has_perm("training.draft_standards"):
        raise PermissionDenied
    get_user_model()._default_manager.select_for_update().get(pk=by.pk)  # one person's two clicks wait for each other
    since = timezone.now() - timedelta(minutes=1)
    same = Standard.objects.filter(title_en=fields["title_en"], title_fr=fields["title_fr"], created_at__gte=since)
    found = StandardVersion.objects.filter(standard__in=same, state=V.DRAFT).select_related("standard").first()
    if found is not None:
        return found
    standard = Standard.objects.create(slug=free_slug(fields["title_en"]), **fields)
    return StandardVersion.objects.create(standard=standard, number=1)


@transaction.atomic
def begin_version(standard: Standard, *, by: Any) -> StandardVersion:
    """Make the next version of `standard`, a draft with the words of the one in force (else of the last), and return it.

    The competencies stay the same ones, so that what people attained stays theirs. Constant queries. Raises PermissionDenied;
    TransitionRefused while another version is at work.
    """
    if not by.has_perm("training.draft_standards"):
        raise PermissionDenied
    Standard.objects.select_for_update().get(pk=standard.pk)
    versions = list(StandardVersion.objects.filter(standard=standard).order_by("-number"))
    if any(version.state in AT_WORK for version in versions):
        raise TransitionRefused(_("A new version is being worked on already: this is it."), done_already=True)
    made = StandardVersion.objects.create(standard=standard, number=versions[0].number + 1 if versions else 1)
    source = next((v for v in versions if v.state == V.ADOPTED), versions[0] if versions else None)
    if source is not None:
        _copy(source, made)
    return made


def at_work(standard: Standard) -> StandardVersion | None:
    """Return the version of `standard` that is drafted, consulted on or answered, or None."""
    return standard.versions.filter(state__in=AT_WORK).order_by("-number").first()


def _copy(source: StandardVersion, version: StandardVersion) -> None:
    """Copy each line of `source` into `version`, in ten queries however many there are."""
    domains = _copies(source.domains.all(), lambda row: {"version": version})
    texts = _copies(
        CompetencyText.objects.filter(version=source).defer("search_en", "search_fr"),
        lambda row: {"version": version, "domain_id": domains[row.domain_id].pk, "asks_more": False},
    )
    _copies(Criterion.objects.filter(text__version=source), lambda row: {"text": texts[row.text_id]})
    roles = _copies(RoleProfile.objects.filter(version=source), lambda row: {"version": version})
    _copies(Requirement.objects.filter(role__version=source), lambda row: {"role": roles[row.role_id]})


def _copies(rows: Any, changed: Any) -> dict[int, Any]:
    """Write copies of `rows` with what `changed` gives for each; return them by the pk of the row they were copied from."""
    kept = [
        field.attname
        for field in rows.model._meta.concrete_fields
        if not field.primary_key and not field.generated and not isinstance(field, models.DateTimeField)
    ]
    made: dict[int, Any] = {}
    for row in rows:
        new = rows.model(**{name: getattr(row, name) for name in kept})
        for name, value in changed(row).items():
            setattr(new, name, value)
        made[row.pk] = new
    rows.model.objects.bulk_create(made.values())
    return made


@transaction.atomic
def keep_words(version: StandardVersion, *, seen: int, by: Any, **fields: str) -> None:
    """Write what is new in `version`, and the name of its standard while nobody but its writers knows it.

    Raises PermissionDenied; TransitionRefused while its words stand still; core.editing.Conflict when somebody saved since
    version `seen` of the row.
    """
    fresh = locked(version, by=by)
    names = {name: fields.pop(name) for name in STANDARD_FIELDS if name in fields}
    save_version(fresh, seen=seen, fields=fields)
    if names and not is_known(fresh.standard):
        Standard.objects.filter(pk=fresh.standard_id).update(updated_at=timezone.now(), **names)


def is_known(standard: Standard) -> bool:
    """Tell whether others than its writers read a version of `standard`: its name stands then."""
    return standard.versions.exclude(state=V.DRAFT).exists()


def locked(version: StandardVersion, *, by: Any) -> StandardVersion:
    """Return `version` locked and read again, for a change of its lines.

    Raises PermissionDenied; TransitionRefused while its words stand still.
    """
    fresh = StandardVersion.objects.select_for_update(of=("self",)).select_related("standard").get(pk=version.pk)
    if not by.has_perm("training.write_standard", fresh):
        raise PermissionDenied
    if not fresh.is_editable:
        raise TransitionRefused(
            _("Its words stand still while it is “%(state)s”.") % {"state": fresh.get_state_display()}
        )
    return fresh


@transaction.atomic
def adopt(version: StandardVersion, *, by: Any, note: str = "") -> None:
    """Adopt `version`, which supersedes the one in force in the same moment; those who commented and the members are told.

    Raises PermissionDenied; TransitionRefused when something is missing, or when it was adopted already.
    """
    Standard.objects.select_for_update().get(pk=version.standard_id)  # two who adopt at once wait for each other
    fresh = StandardVersion.objects.select_related("standard").get(pk=version.pk)
    if fresh.state == V.ANSWERING and by.has_perm("training.adopt_standard", fresh):
        today = office_day()
        former = StandardVersion.objects.filter(standard=fresh.standard_id).adopted().first()
        if former is not None:
            StandardVersion.objects.filter(pk=former.pk).update(superseded_on=today)
            VERSION.apply(former, "supersede")
        StandardVersion.objects.filter(pk=fresh.pk).update(adopted_on=today)
    VERSION.apply(fresh, "adopt", by=by, note=note)
    version.refresh_from_db(fields=["state", "adopted_on"])
    fresh.refresh_from_db(fields=["adopted_on"])
    tell_answers(fresh, by=by)
    tell_adopted(fresh, by=by)


__all__ = [
    "adopt",
    "at_work",
    "begin_standard",
    "begin_version",
    "free_slug",
    "is_known",
    "keep_words",
    "locked",
]
