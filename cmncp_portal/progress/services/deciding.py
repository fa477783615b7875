"""What a municipality decides about its strategy: the stage it declares, what everybody may see, that all is still right."""

from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from cmncp_portal.core.editing import save_version
from cmncp_portal.core.workflow import TransitionRefused
from cmncp_portal.network.models import Municipality
from cmncp_portal.network.stages import Stage

from ..models import CheckAnswer, StrategyProfile
from .base import CHECK_LIST, CONFIRMED, Change, let_in, locked, plain, stage_of_answers, used_checks, write_down
from .keeping import refuse_stale, save


@transaction.atomic
def declare_stage(municipality: Municipality, *, seen: int, by: Any, stage: int, reason: str) -> StrategyProfile:
    """Set `stage` above what follows from the checks, until it is taken back. Return the profile.

    Raises PermissionDenied; TransitionRefused without a reason, or when the checks say that stage already; Conflict when
    somebody saved since version `seen`.
    """
    let_in(by, "progress.declare_stage", municipality)
    profile = locked(municipality, by=by)
    refuse_stale(profile, seen)
    reason = reason.strip()
    if not reason:
        raise TransitionRefused(_("Please give a reason; the others will read it."))
    if profile.declared_stage is None and profile.computed_stage == stage:
        raise TransitionRefused(_("The checks say this stage already; there is nothing to declare."))
    if (profile.declared_stage, profile.declared_reason) == (stage, reason):
        raise TransitionRefused(_("This stage is already declared, with this reason."), done_already=True)
    change = Change("declared_stage", plain(profile.declared_stage), plain(int(stage)), reason)
    save(profile, seen, [change], by, declared_stage=Stage(stage), declared_reason=reason)
    return profile


@transaction.atomic
def take_back_declaration(municipality: Municipality, *, by: Any) -> StrategyProfile:
    """Let the stage follow from the checks again; return the profile. Raises PermissionDenied, and TransitionRefused when it does."""
    let_in(by, "progress.declare_stage", municipality)
    profile = locked(municipality, by=by)
    if profile.declared_stage is None:
        raise TransitionRefused(_("The stage follows from the checks already."), done_already=True)
    change = Change("declared_stage", plain(profile.declared_stage), "")
    save(profile, profile.version, [change], by, declared_stage=None, declared_reason="")
    return profile


@transaction.atomic
def choose_public(municipality: Municipality, *, seen: int, by: Any, parts: Iterable[str]) -> StrategyProfile:
    """Say which parts (values of StrategyProfile.Part) everybody may see; return the profile.

    Raises PermissionDenied; Conflict when somebody saved since version `seen`.
    """
    let_in(by, "progress.choose_public", municipality)
    profile = locked(municipality, by=by)
    refuse_stale(profile, seen)
    wanted = set(parts)
    chosen = [part.value for part in StrategyProfile.Part if part.value in wanted]
    if chosen != profile.public:
        save(profile, seen, [Change("public", plain(profile.public), plain(chosen))], by, public=chosen)
    return profile


@transaction.atomic
def confirm(municipality: Municipality, *, by: Any) -> StrategyProfile:
    """Say that the profile is still right today, and return it.

    Raises PermissionDenied; TransitionRefused when there is no profile yet, or somebody confirmed it today.
    """
    let_in(by, "progress.keep_profile", municipality)
    profile = StrategyProfile.objects.select_for_update().filter(municipality=municipality).first()
    if profile is None:
        raise TransitionRefused(_("There is nothing to confirm yet: begin with the checks."))
    now = timezone.now()
    if profile.confirmed_at and timezone.localdate(profile.confirmed_at) == timezone.localdate(now):
        who = profile.confirmed_by_name or _("the portal")
        raise TransitionRefused(_("Already confirmed today by %(who)s.") % {"who": who}, done_already=True)
    # Nothing that somebody else may be editing changes: the version stays, so that their page is not out of date.
    StrategyProfile.objects.filter(pk=profile.pk).update(confirmed_at=now, confirmed_by_name=str(by))
    profile.confirmed_at, profile.confirmed_by_name = now, str(by)
    write_down(profile, [Change(CONFIRMED)], stage_before=profile.stage, by=by)
    return profile


@transaction.atomic
def follow_check_list(*, by: Any) -> int:
    """Work out the stage of every profile anew after the list of checks changed; return how many have another one."""
    checks = used_checks()
    answers: dict[int, list[CheckAnswer]] = {}
    for answer in CheckAnswer.objects.all():
        answers.setdefault(answer.profile_id, []).append(answer)
    moved = 0
    for profile in StrategyProfile.objects.select_for_update().order_by("pk"):
        stage, before = stage_of_answers(checks, answers.get(profile.pk, [])), profile.stage
        if stage == profile.computed_stage:
            continue
        change = Change(CHECK_LIST, plain(int(profile.computed_stage)), plain(int(stage)))
        save_version(profile, seen=profile.version, fields={"computed_stage": stage})
        write_down(profile, [change], stage_before=before, by=by)
        moved += 1
    return moved
