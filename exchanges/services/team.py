"""Who takes part: naming, inviting, replacing. Each side keeps its own people."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from cmncp_portal.core.editing import save_version
from cmncp_portal.core.entries import Method
from cmncp_portal.core.links import new_nonce
from cmncp_portal.core.workflow import TransitionRefused
from cmncp_portal.evaluation import services as surveys
from cmncp_portal.network.models import Stakeholder
from cmncp_portal.notifications import services as letters

from .. import notifications as kinds
from ..models import Side, TeamMember, Visit
from ..workflow import team_has_accepted
from .moving import announce_confirmed, change_values, fresh, material_change
from .telling import tell, tell_members, the_network

INVITING = (Visit.State.ACCEPTED, Visit.State.CONFIRMED)


def _check(visit: Visit, side: str, by: Any) -> None:
    visit = Visit.objects.select_for_update(of=("self",)).get(pk=visit.pk)
    permission = "exchanges.keep_visitors" if side == Side.VISITORS else "exchanges.keep_hosts"
    if not by.has_perm(permission, visit):
        raise PermissionDenied
    if visit.state not in (Visit.State.DRAFT, Visit.State.PROPOSED, *INVITING):
        raise TransitionRefused(
            _("The team can no longer be changed: the visit is “%(state)s”.") % {"state": visit.get_state_display()}
        )


def _write(member: TeamMember) -> TeamMember:
    """Save, turning a second place for the same address into a sentence."""
    try:
        with transaction.atomic():
            member.save()
    except IntegrityError:
        raise TransitionRefused(_("%(email)s is in this team already.") % {"email": member.email}) from None
    return member


@transaction.atomic
def add_member(visit: Visit, *, side: str, by: Any, **fields: Any) -> TeamMember:
    """Add a place, named or still open. Raises TransitionRefused when the address is in the team already."""
    _check(visit, side, by)
    status = TeamMember.Status.NAMED if fields.get("name") else TeamMember.Status.TO_NAME
    member = _write(TeamMember(visit=visit, side=side, status=status, **fields))
    Visit.objects.filter(pk=visit.pk).update(updated_at=timezone.now())
    return member


@transaction.atomic
def keep_member(member: TeamMember, *, seen: int, by: Any, **fields: Any) -> None:
    """Correct a member's details. A new address of somebody invited makes the old link worthless and invites again.

    Who has accepted keeps the place under the new address, and gets a new link.
    """
    visit = member.visit
    _check(visit, member.side, by)
    before = TeamMember.objects.get(pk=member.pk)  # a form has written what was typed onto `member`
    asked = before.status in (TeamMember.Status.INVITED, TeamMember.Status.ACCEPTED)
    readdressed = asked and fields.get("email", before.email).lower() != before.email.lower()
    if before.status in (TeamMember.Status.TO_NAME, TeamMember.Status.NAMED) and "name" in fields:
        fields["status"] = TeamMember.Status.NAMED if fields["name"] else TeamMember.Status.TO_NAME
    if readdressed:
        fields["nonce"] = new_nonce()
        withdraw_letters(before)
    try:
        with transaction.atomic():
            save_version(member, seen=seen, fields=fields)
    except IntegrityError:
        raise TransitionRefused(_("%(email)s is in this team already.") % {"email": fields["email"]}) from None
    if readdressed:
        members = TeamMember.objects.select_related("visit__exchange__guest", "visit__exchange__host")
        _send_new_link(members.get(pk=member.pk), by=by)


def _send_new_link(member: TeamMember, *, by: Any) -> None:
    """The person's former letters lead nowhere now: dates and programme once confirmed, else the invitation, go out again."""
    visit = fresh(member.visit)
    if member.status == TeamMember.Status.ACCEPTED and visit.state == Visit.State.CONFIRMED:
        announce_confirmed(visit)
    elif visit.state in INVITING and member.email:
        _send_invitation(member, by=by)


@transaction.atomic
def invite_member(member: TeamMember, *, by: Any) -> None:
    """Send the invitation with the personal link. Raises TransitionRefused before the host accepted or without an address."""
    visit = member.visit
    _check(visit, member.side, by)
    if visit.state not in INVITING:
        raise TransitionRefused(_("People are invited once the host has accepted."))
    if not member.name or not member.email:
        raise TransitionRefused(_("An invitation needs a name and an email address."))
    if member.status not in (TeamMember.Status.NAMED, TeamMember.Status.INVITED):
        raise TransitionRefused(_("%(name)s was invited already.") % {"name": member.name})
    member.status = TeamMember.Status.INVITED
    member.invited_at = timezone.now()
    member.save(update_fields=["status", "invited_at", "updated_at"])
    _send_invitation(member, by=by)


def _send_invitation(member: TeamMember, *, by: Any) -> None:
    visit = fresh(member.visit)
    labels = {"en": member.title, "fr": member.title}
    sent_at = member.invited_at or timezone.now()
    occasion = f"{member.pk}:{member.nonce[:8]}:{int(sent_at.timestamp())}"
    place = visit.municipality_of(member.side)
    inviter = {code: f"{by}, {place.name_in(code)}" if place else str(by) for code in ("en", "fr")}
    tell_members(kinds.INVITATION, visit, [member], occasion=occasion, inviter=inviter, role=labels)


def withdraw_letters(member: TeamMember) -> None:
    """Take back the invitation and its reminders that wait to be sent to `member`."""
    for name in ("invitation", "invitation_reminder"):
        letters.withdraw(f"exchanges.{name}:{member.visit_id}:{member.pk}:")


@transaction.atomic
def invite_all(visit: Visit, *, side: str, by: Any) -> int:
    """Invite everybody of `side` who is named, has an address and was not invited; return how many."""
    _check(visit, side, by)
    waiting = visit.team.filter(side=side, status=TeamMember.Status.NAMED).exclude(email="")
    members = list(waiting.select_related("visit__exchange__guest", "visit__exchange__host"))
    for member in members:
        invite_member(member, by=by)
    return len(members)


@transaction.atomic
def remove_member(member: TeamMember, *, by: Any) -> None:
    """Take somebody out of the team; who was invited is told, and the link no longer opens anything."""
    visit = member.visit
    _check(visit, member.side, by)
    tell_not_expected(visit, [member], by=by)
    _leave(member, TeamMember.Status.WITHDRAWN)
    TeamMember.objects.filter(pk=member.pk).update(nonce=new_nonce())
    after_leaving(visit)


def tell_not_expected(visit: Visit, members: list[TeamMember], *, by: Any) -> None:
    """Tell those of `members` who were asked that they are no longer expected, and take the visit out of their calendars.

    Call before they leave the team: the calendar event goes back to those who had accepted.
    """
    asked = (TeamMember.Status.INVITED, TeamMember.Status.ACCEPTED)
    values: dict[str, Any] = {"word": kinds.both(""), "by": kinds.both(str(by or "")), "urgent": kinds.both(False)}
    visit = fresh(visit)
    method: Method | None = "CANCEL" if visit.sequence else None  # before the first confirmation there was no event
    visit.sequence += 1
    for member in members:
        if member.status in asked:
            tell_members(kinds.CANCELLED, visit, [member], occasion=f"removed:{member.pk}", method=method, **values)


def _leave(member: TeamMember, status: str) -> None:
    TeamMember.objects.filter(pk=member.pk).update(
        status=status,
        dietary_needs="",
        access_needs="",
        emergency_contact="",
        updated_at=timezone.now(),
        version=F("version") + 1,
    )
    member.status = status
    withdraw_letters(member)
    for evaluation in member.visit.evaluations.all():
        surveys.excuse(evaluation.survey, email=member.email)


def after_leaving(visit: Visit) -> None:
    """A confirmed visit whose only elected leader or staff left must be confirmed again: the portal moves it, whoever left."""
    visit = fresh(visit)
    reason = team_has_accepted(visit)
    if visit.state != Visit.State.CONFIRMED or reason is None:
        return
    text = {"en": "The visiting team changed.", "fr": "L’équipe en visite a changé."}
    material_change(visit, text=text, by=None, word="", was_confirmed=True)
    _tell_network(fresh(visit), text, by=None)


def _tell_network(visit: Visit, text: dict[str, str], *, by: Any, word: str = "") -> None:
    values = change_values(visit, text, by=by, word=word)
    occasion = f"team:{visit.plan_version}:{visit.changes.count()}"
    tell(kinds.CHANGED, visit, the_network(), occasion=occasion, must_confirm=kinds.both(False), **values)


@transaction.atomic
def replace_member(member: TeamMember, *, by: Any, **fields: Any) -> TeamMember:
    """Somebody else comes in the same capacity; the former link no longer opens anything, the new person is invited."""
    visit = member.visit
    _check(visit, member.side, by)
    tell_not_expected(visit, [member], by=by)
    _leave(member, TeamMember.Status.REPLACED)
    status = TeamMember.Status.NAMED if fields.get("name") else TeamMember.Status.TO_NAME
    new = _write(TeamMember(visit=visit, side=member.side, status=status, **({"category": member.category} | fields)))
    TeamMember.objects.filter(pk=member.pk).update(replaced_by=new, nonce=new_nonce())
    if visit.state in INVITING and new.name and new.email:
        invite_member(TeamMember.objects.select_related("visit__exchange").get(pk=new.pk), by=by)
    after_leaving(visit)
    return new


@transaction.atomic
def name_lead(visit: Visit, *, side: str, stakeholder: Stakeholder, by: Any) -> None:
    """Name who leads for `side`: a current person of that municipality. Raises TransitionRefused for anybody else."""
    _check(visit, side, by)
    place = visit.municipality_of(side)
    if place is None or stakeholder.municipality_id != place.pk or not stakeholder.is_current():
        raise TransitionRefused(_("A lead is somebody who works for the municipality now."))
    field = "visiting_lead" if side == Side.VISITORS else "host_lead"
    Visit.objects.filter(pk=visit.pk).update(**{field: stakeholder}, updated_at=timezone.now())
    setattr(visit, field, stakeholder)


@transaction.atomic
def waive_team(visit: Visit, *, by: Any, reason: str) -> None:
    """Let the team go without an elected leader or staff, with a reason; the network is told. Never a dead end."""
    if not by.has_perm("exchanges.waive_team", visit):
        raise PermissionDenied
    if not reason.strip():
        raise TransitionRefused(_("Please give a reason; the others will read it."))
    Visit.objects.filter(pk=visit.pk).update(leaders_waived=reason, updated_at=timezone.now())
    text = {
        "en": "The visiting team goes without an elected leader or somebody from municipal staff.",
        "fr": "L’équipe en visite part sans personne élue ou sans membre du personnel municipal.",
    }
    _tell_network(fresh(visit), text, by=by, word=reason)


__all__ = [
    "add_member",
    "after_leaving",
    "invite_all",
    "invite_member",
    "keep_member",
    "name_lead",
    "remove_member",
    "replace_member",
    "waive_team",
]
