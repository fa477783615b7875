"""What an invited person does from the personal link, without an account. Each act is a POST; opening the link changes nothing."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from cmncp_portal.core.links import new_nonce
from cmncp_portal.core.workflow import TransitionRefused

from .. import notifications as kinds
from ..models import TeamMember, Visit
from .moving import announce_confirmed, fresh
from .team import _leave, after_leaving, withdraw_letters
from .telling import leads, tell, tell_members

ANSWERABLE = (Visit.State.ACCEPTED, Visit.State.CONFIRMED)


def _locked(member: TeamMember) -> TeamMember:
    rows = TeamMember.objects.select_for_update(of=("self",)).select_related(
        "visit__exchange__guest", "visit__exchange__host"
    )
    return rows.get(pk=member.pk)


def _tell_lead(member: TeamMember, *, comes: str, word: str) -> None:
    visit = fresh(member.visit)
    tell(
        kinds.MEMBER_ANSWERED,
        visit,
        leads(visit, member.side),
        occasion=f"{member.pk}:{int(timezone.now().timestamp())}",
        page="exchanges:team",
        person=kinds.both(member.name),
        comes=kinds.both(comes),
        word=kinds.both(word),
    )


@transaction.atomic
def answer_invitation(member: TeamMember, *, comes: bool, word: str = "") -> None:
    """Say that one comes, or cannot. Changing one's mind is possible until the visit; the lead hears of each no.

    Raises TransitionRefused when the visit is over or called off, or the place was given to somebody else.
    """
    member = _locked(member)
    visit = member.visit
    if visit.state not in ANSWERABLE:
        raise TransitionRefused(
            _("This visit no longer waits for answers: it is “%(state)s”.") % {"state": visit.get_state_display()}
        )
    if member.status not in (TeamMember.Status.INVITED, TeamMember.Status.ACCEPTED, TeamMember.Status.DECLINED):
        raise TransitionRefused(_("Your place was given to somebody else."))
    status = TeamMember.Status.ACCEPTED if comes else TeamMember.Status.DECLINED
    if member.status == status:
        return
    had_accepted = member.status == TeamMember.Status.ACCEPTED
    if comes:
        member.status = status
    else:
        _leave(member, status)
    TeamMember.objects.filter(pk=member.pk).update(status=status, answered_at=timezone.now(), answer_note=word)
    if comes:
        _late_confirmation(member)
        return
    _tell_lead(member, comes="no", word=word)
    if had_accepted:
        after_leaving(visit)


def _late_confirmation(member: TeamMember) -> None:
    """Who accepts after the visit was confirmed gets dates and programme at once."""
    if member.visit.state == Visit.State.CONFIRMED:
        announce_confirmed(fresh(member.visit))


@transaction.atomic
def withdraw_member(member: TeamMember, *, word: str = "") -> None:
    """Take back one's acceptance."""
    answer_invitation(member, comes=False, word=word)


@transaction.atomic
def save_needs(member: TeamMember, *, dietary_needs: str, access_needs: str, emergency_contact: str) -> None:
    """Keep what only the two leads and the coordinators may read; deleted thirty days after the visit."""
    member = _locked(member)
    if not member.is_active or member.visit.state not in ANSWERABLE:
        raise TransitionRefused(_("This visit no longer asks for needs."))
    TeamMember.objects.filter(pk=member.pk).update(
        dietary_needs=dietary_needs,
        access_needs=access_needs,
        emergency_contact=emergency_contact,
        updated_at=timezone.now(),
    )


@transaction.atomic
def suggest_colleague(member: TeamMember, *, name: str, email: str) -> None:
    """Decline and name somebody who could come instead; the lead decides and invites."""
    word = _("I suggest %(name)s (%(email)s) in my place.") % {"name": name, "email": email}
    answer_invitation(member, comes=False, word=word)


@transaction.atomic
def not_me(member: TeamMember) -> None:
    """The link reached somebody else: name and address are removed, the inviter is told, the link opens nothing any more."""
    member = _locked(member)
    visit = fresh(member.visit)
    occasion = str(member.pk)
    tell(
        kinds.NOT_ME,
        visit,
        leads(visit, member.side),
        occasion=occasion,
        page="exchanges:team",
        person=kinds.both(member.name),
    )
    withdraw_letters(member)
    status = TeamMember.Status.WITHDRAWN
    TeamMember.objects.filter(pk=member.pk).update(
        status=status, name="", email="", phone="", title="", organisation="", dietary_needs="", access_needs="", emergency_contact="",
        nonce=new_nonce(), updated_at=timezone.now(),
    )  # fmt: skip
    after_leaving(visit)


@transaction.atomic
def stop_letters(member: TeamMember) -> None:
    """No further letters, save a change or the end of a visit that the person accepted."""
    TeamMember.objects.filter(pk=member.pk).update(wants_no_more=True, updated_at=timezone.now())


def send_links_again(email: str) -> int:
    """Send the personal links of `email` once more, for visits that still wait for or concern the person; return how many.

    At most once an hour and visit, so that the page cannot be used to fill somebody's mailbox.
    """
    hour = timezone.now().strftime("%Y-%m-%d-%H")
    asked = TeamMember.objects.filter(
        email__iexact=email, status__in=(TeamMember.Status.INVITED, TeamMember.Status.ACCEPTED)
    )
    members = asked.filter(visit__state__in=(*ANSWERABLE, Visit.State.HELD))
    sent = 0
    for member in members.select_related("visit__exchange__guest", "visit__exchange__host")[:10]:
        place = member.visit.municipality_of(member.side) or member.visit.visiting
        inviter = {code: place.name_in(code) for code in ("en", "fr")}
        occasion = f"{member.pk}:again:{hour}"
        sent += tell_members(
            kinds.INVITATION,
            fresh(member.visit),
            [member],
            occasion=occasion,
            inviter=inviter,
            role=kinds.both(member.title),
        )
    return sent
