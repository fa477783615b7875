"""Modules: proposing and writing them, what they build, their materials, their partners, their moves."""

from copy import copy
from datetime import timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _

from cmncp_portal.core.editing import Conflict, save_version
from cmncp_portal.core.workflow import Guard, TransitionRefused

from ..models import Competency, Level, Module, ModuleCompetency, ModuleMaterial, Partner
from ..notifications import modules as kinds
from ..notifications.common import both
from ..selectors.modules_people import authors_of, team
from ..workflow import MODULE, has_titles, is_bilingual_or_says_why, is_written, states_its_languages
from .modules_telling import optional_day, tell

S = Module.State
MOMENT = timedelta(minutes=1)  # within it, the same once more is the same button pressed twice
LONGEST_SLUG = 80
CLOSED = (S.RETIRED, S.DROPPED)
# What authors write. The rest (partner, programme, due day, report of the pilot) is kept by the University and coordinators.
TEXTS = (
    "title_en", "title_fr", "summary_en", "summary_fr", "objectives_en", "objectives_fr", "outline_en", "outline_fr",
    "hours", "languages", "one_language_reason",
)  # fmt: skip
IN_THE_CATALOGUE: tuple[Guard, ...] = (has_titles, is_written, states_its_languages, is_bilingual_or_says_why)


# ---- proposing and writing


@transaction.atomic
def propose(
    *, by: Any, title_en: str, title_fr: str, kind: str, theme: str, programme_year: int | None = None
) -> Module:
    """Propose a module and return it; a second click gives the first one again. Raises PermissionDenied."""
    if not by.has_perm("training.propose_module"):
        raise PermissionDenied
    get_user_model()._default_manager.select_for_update().get(pk=by.pk)  # two clicks of one person wait for each other
    fields = {"title_en": title_en, "title_fr": title_fr, "kind": kind, "theme": theme}
    same = Module.objects.filter(proposed_by=by, state=S.PROPOSED, created_at__gte=timezone.now() - MOMENT, **fields)
    if found := same.first():
        return found
    slug = free_slug(title_en or title_fr)
    return Module.objects.create(slug=slug, proposed_by=by, programme_year=programme_year, **fields)


def free_slug(title: str) -> str:
    """Return an address made of `title` that no module has, with a number from the second one on."""
    stem = slugify(title)[: LONGEST_SLUG - 5].strip("-") or "module"
    # These are addresses of pages.
    taken = set(Module.objects.filter(slug__startswith=stem).values_list("slug", flat=True)) | RESERVED
    number, found = 2, stem
    while found in taken:
        found, number = f"{stem}-{number}", number + 1
    return found


RESERVED = {"desk", "coverage", "new", "partners", "bureau", "couverture", "nouveau", "partenaires"}


def open_module(module: Module, by: Any) -> Module:
    """Return the module, locked and fresh, if `by` may write it now.

    Raises PermissionDenied; TransitionRefused for an author while it is in review, and when it is closed.
    """
    locked = Module.objects.select_for_update(of=("self",)).get(pk=module.pk)
    if not by.has_perm("training.read_draft", locked):
        raise PermissionDenied
    if reason := why_closed(locked, by):
        raise TransitionRefused(reason)
    return locked


def why_closed(module: Module, by: Any) -> str:
    """Return why `by`, who reads the draft, cannot write it now, in the active language; "" when it can be written."""
    if module.state in CLOSED:
        return _("This module is “%(state)s”: nothing about it changes any more.") % {
            "state": module.get_state_display()
        }
    if not by.has_perm("training.write_module", module):
        words = _("The module is “%(state)s” now. When it is sent back to you, you can go on writing.")
        return words % {"state": module.get_state_display()}
    return ""


@transaction.atomic
def keep_module(module: Module, *, seen: int, by: Any, **fields: Any) -> None:
    """Save what is said of the module, under the version that its writer saw; authors are told of a new due day.

    Raises PermissionDenied (also when an author changes what is not hers); TransitionRefused when it cannot be written now,
    or would no longer be fit for the catalogue it stands in; Conflict when somebody saved since version `seen`.
    """
    before = open_module(module, by)
    if fields.keys() - set(TEXTS) and not by.has_perm("training.agree_with_partner", before):
        raise PermissionDenied
    if before.version != seen:
        raise Conflict(before)
    if before.is_public:
        _stay_fit(before, fields)
    due = before.draft_due_on
    save_version(module, seen=seen, fields=fields)
    if module.state == S.AGREED and module.draft_due_on and module.draft_due_on != due:
        _assign(module, by, occasion=f"due:{module.draft_due_on}:{module.version}")


def _stay_fit(before: Module, fields: dict[str, Any]) -> None:
    after = copy(before)
    for name, value in fields.items():
        setattr(after, name, value)
    if reason := next((reason for guard in IN_THE_CATALOGUE if (reason := guard(after))), None):
        raise TransitionRefused(_("People read this module in the catalogue. %(reason)s") % {"reason": reason})


# ---- what it builds


@transaction.atomic
def keep_competencies(module: Module, *, by: Any, changes: dict[int, int | None]) -> None:
    """Set levels: {competency: level}, None for one that it does not build. What others chose for other ones stays.

    Raises PermissionDenied; TransitionRefused when it cannot be written now, or a draft handed in would build nothing.
    """
    locked = open_module(module, by)
    gone = [pk for pk, level in changes.items() if level is None]
    chosen = {pk: level for pk, level in changes.items() if level is not None}
    known = set(Competency.objects.filter(pk__in=chosen).values_list("pk", flat=True))
    if known != chosen.keys() or not set(chosen.values()) <= set(Level.values):
        raise TransitionRefused(_("A competency or a level is not known. Please load the page again."))
    locked.builds.filter(competency__in=gone).delete()
    ModuleCompetency.objects.bulk_create(
        [ModuleCompetency(module=locked, competency_id=pk, level=level) for pk, level in chosen.items()],
        update_conflicts=True,
        unique_fields=["module", "competency"],
        update_fields=["level"],
    )
    if locked.state not in (S.PROPOSED, S.AGREED) and not locked.builds.exists():
        raise TransitionRefused(_("At least one competency stays: it is past its draft."))


# ---- materials


@transaction.atomic
def add_material(
    module: Module,
    *,
    by: Any,
    language: str,
    access: str,
    title_en: str = "",
    title_fr: str = "",
    file: Any = None,
    url: str = "",
) -> ModuleMaterial:
    """Add a file or a link, and return it; the same link or file name and title once more is a second click.

    Raises PermissionDenied, TransitionRefused.
    """
    locked = open_module(module, by)
    filename = str(file.name)[:200] if file else ""
    same = locked.materials.filter(
        title_en=title_en, title_fr=title_fr, url=url, filename=filename, added_at__gte=timezone.now() - MOMENT
    )
    if same.exists():
        raise TransitionRefused(_("It is added already."), done_already=True)
    return ModuleMaterial.objects.create(
        module=locked,
        added_by=by,
        language=language,
        access=access,
        title_en=title_en,
        title_fr=title_fr,
        file=file or "",
        filename=filename,
        url=url,
    )


@transaction.atomic
def remove_material(material: ModuleMaterial, *, by: Any) -> None:
    """Remove a material; its file goes once that is certain. Raises PermissionDenied, TransitionRefused."""
    open_module(material.module, by)
    storage, name = material.file.storage, material.file.name
    material.delete()
    if name:
        transaction.on_commit(lambda: storage.delete(name))


# ---- partners


@transaction.atomic
def keep_partner(partner: Partner | None, *, by: Any, **fields: Any) -> Partner:
    """Save `partner`, or a new one without it, and return it.

    Raises PermissionDenied; TransitionRefused when another partner has the English name.
    """
    if not by.has_perm("training.keep_partners"):
        raise PermissionDenied
    same = Partner.objects.filter(name_en__iexact=fields["name_en"]).exclude(pk=partner.pk if partner else 0)
    if same.exists():
        raise TransitionRefused(
            _("“%(name)s” is in the list already.") % {"name": fields["name_en"]}, done_already=True
        )
    if partner is None:
        return Partner.objects.create(**fields)
    for name, value in fields.items():
        setattr(partner, name, value)
    partner.save()
    return partner


# ---- moves


@transaction.atomic
def move(module: Module, name: str, *, by: Any, note: str = "") -> None:
    """Make the move called `name`, and tell those concerned. Raises PermissionDenied, TransitionRefused."""
    MODULE.apply(module, name, by=by, note=note)
    occasion = f"{name}:{module.changes.filter(transition=name).count()}"
    people, who, reason = authors_of(module), both(str(by)), both(note.strip())
    if name == "agree":
        _assign(module, by, occasion=occasion)
    elif name == "hand_in":
        others = [to for to in team() if to.email.lower() != by.email.lower()]
        tell(kinds.HANDED_IN, module, others, occasion=occasion, by=who)
    elif name == "send_back":
        due = optional_day(_still_ahead(module))
        tell(kinds.SENT_BACK, module, people, occasion=occasion, by=who, reason=reason, due=due)
    elif name == "pass_review":
        tell(kinds.REVIEWED, module, people, occasion=occasion, by=who)
    elif name == "approve":
        tell(kinds.APPROVED, module, people, occasion=occasion, by=who)
    elif name == "drop":
        tell(kinds.DROPPED, module, people, occasion=occasion, by=who, reason=reason)


def _assign(module: Module, by: Any, *, occasion: str) -> None:
    people = [to for to in authors_of(module) if to.email.lower() != by.email.lower()]
    due = optional_day(_still_ahead(module))
    tell(kinds.DRAFT_ASSIGNED, module, people, occasion=occasion, by=both(str(by)), due=due)


def _still_ahead(module: Module) -> Any:
    """The due day while it lies ahead: one that has passed is nothing to tell again."""
    due = module.draft_due_on
    return due if due and due >= timezone.localdate() else None


@transaction.atomic
def offer_if_approved(module: Module, by: Any = None) -> bool:
    """Follow from an offering that was opened: an approved module is offered now. Return whether it moved.

    In any other state nothing happens. `by` is who opened it, None for the portal. Raises PermissionDenied.
    """
    locked = Module.objects.select_for_update(of=("self",)).get(pk=module.pk)
    if locked.state != S.APPROVED:
        return False
    MODULE.apply(module, "offer", by=by)
    return True
