"""Announcing a meeting: who is told, in which language, once. Hundreds of letters are written by a worker."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from cmncp_portal.core.workflow import TransitionRefused
from cmncp_portal.network.models import Membership, Stakeholder
from cmncp_portal.network.models.stakeholder import WORKS_FOR_MUNICIPALITY
from cmncp_portal.network.selectors import recipient_of
from cmncp_portal.notifications.models import Mailing

from .. import notifications as kinds
from ..models import Audience, Invitee, Meeting, Registration
from ..selectors.people import known_of
from ..workflow import MEETING
from .general import prepare_delegates
from .registering import locked
from .telling import lines_of_invitees, own_urls, recipient_of_invitee, tell, tell_many

CLASSES = {
    Audience.INVITED: (),
    Audience.MEMBERS: (Membership.Kind.GENERAL,),
    Audience.ASSOCIATES: (Membership.Kind.GENERAL, Membership.Kind.ASSOCIATE),
    Audience.PUBLIC: (Membership.Kind.GENERAL, Membership.Kind.ASSOCIATE),
}


def people_of_members(meeting: Meeting) -> list[Stakeholder]:
    """Return the people of member municipalities for whom the meeting is meant, in one query.

    A regional meeting is announced to the members of its region and to its hosts; a national one to all.
    """
    classes = CLASSES[Audience(meeting.audience)]
    if not classes:
        return []
    today = timezone.localdate()
    running = Membership.objects.filter(kind__in=classes, from_on__lte=today).filter(
        Q(until_on__isnull=True) | Q(until_on__gte=today)
    )
    rows = Stakeholder.objects.current().filter(municipality__in=running.values("municipality"))
    if meeting.region is not None:
        near = Q(municipality__province__in=meeting.region.provinces)
        rows = rows.filter(near | Q(municipality__in=[meeting.host_id or 0, meeting.co_host_id or 0]))
    rows = rows.filter(standing__in=WORKS_FOR_MUNICIPALITY).select_related("municipality", "user")
    return list(rows.order_by("municipality__name_en", "name", "pk"))


def as_invitees(meeting: Meeting, people: Iterable[Stakeholder]) -> list[Invitee]:
    """Return `people` as invitees that are not saved; who has no address is left out."""
    found = []
    for person in people:
        to = recipient_of(person)
        if to.email:
            found.append(
                Invitee(
                    meeting=meeting,
                    stakeholder=person,
                    municipality=person.municipality,
                    name=person.name,
                    email=to.email.strip().lower(),
                    language=to.language,
                    zone=to.zone,
                )
            )
    return found


def audience_of(meeting: Meeting) -> list[Invitee]:
    """Return who will get the announcement, each address once: the members' people, and those who were asked before.

    The rows are not saved unless they were before. Who wants no more letters, or has said no already, is left out.
    """
    asked = {i.email: i for i in meeting.invitees.select_related("municipality")}
    for invitee in as_invitees(meeting, people_of_members(meeting)):
        asked.setdefault(invitee.email, invitee)
    return [i for i in asked.values() if not i.wants_no_more and i.declined_at is None]


def languages_of(invitees: Iterable[Invitee]) -> Counter[str]:
    """Return how many of `invitees` read English ("en"), French ("fr"), or get both ("both")."""
    return Counter(invitee.language for invitee in invitees)


@transaction.atomic
def announce(meeting: Meeting, *, by: Any, seen: int) -> Mailing:
    """Publish the meeting and begin to write to its audience; return the mailing, whose progress can be read.

    Raises PermissionDenied; TransitionRefused when something is missing, when it was announced already, or when somebody
    changed the meeting since version `seen`.
    """
    fresh = locked(meeting)
    if not by.has_perm("meetings.organise", fresh):
        raise PermissionDenied
    if fresh.state == Meeting.State.SCHEDULED and fresh.version != seen:
        raise TransitionRefused(_("Somebody changed the meeting while you were reading; look at it again."))
    now = timezone.now()
    if fresh.state == Meeting.State.SCHEDULED:
        Meeting.objects.filter(pk=fresh.pk).update(published_at=now, sequence=F("sequence") + 1, updated_at=now)
    MEETING.apply(fresh, "announce", by=by)
    if fresh.is_general_meeting:
        prepare_delegates(fresh)
    meeting.refresh_from_db(fields=["state", "published_at", "sequence"])
    return _invite(locked(meeting), audience_of(fresh), by=by, occasion="announced")


@transaction.atomic
def invite(meeting: Meeting, *, people: Iterable[Invitee], by: Any) -> Mailing | None:
    """Invite more people to an announced meeting; only those who were not invited before get the letter.

    `people` are invitees that are not saved (see `as_invitees`). Return None when everybody was invited already, or wants
    no more letters.
    Raises PermissionDenied; TransitionRefused when the meeting is not announced or over.
    """
    fresh = locked(meeting)
    if not by.has_perm("meetings.organise", fresh):
        raise PermissionDenied
    if fresh.state != Meeting.State.ANNOUNCED or fresh.is_over:
        raise TransitionRefused(_("People are invited once the meeting is announced, and before it is over."))
    invited = set(known_of(fresh).values_list("email", flat=True))
    invited |= set(Registration.objects.live().filter(meeting=fresh).values_list("email", flat=True))
    new = {p.email: p for p in people if p.email not in invited}
    if not new:
        return None
    return _invite(fresh, list(new.values()), by=by, occasion=f"invited:{int(timezone.now().timestamp())}")


def _invite(meeting: Meeting, people: list[Invitee], *, by: Any, occasion: str) -> Mailing:
    """Keep who is invited and begin the mailing. Constant queries, whatever the number of people."""
    for one in people:
        one.meeting = meeting
    Invitee.objects.bulk_create([p for p in people if p.pk is None], ignore_conflicts=True)
    emails = [p.email for p in people]
    rows = Invitee.objects.filter(meeting=meeting, email__in=emails)
    rows.update(invited_at=timezone.now(), declined_at=None)
    lines = lines_of_invitees(list(rows.order_by("pk")))
    return tell_many(kinds.INVITATION, meeting, lines, occasion=occasion, by=by)


def invite_again(invitee: Invitee, again: str) -> int:
    """Send the personal link of an invitation, or of a date poll, once more; return 1 when a letter was written."""
    meeting = invitee.meeting
    more: dict[str, Any] = {}
    if meeting.state == Meeting.State.ANNOUNCED and invitee.invited_at:
        kind = kinds.INVITATION
    elif meeting.state == Meeting.State.POLLING and invitee.is_asked_for_dates and meeting.poll_closes_on:
        slots = list(meeting.slots.all())
        kind = kinds.DATES_ASKED
        more = {"slots": kinds.slot_words(slots), "due": kinds.day_words(meeting.poll_closes_on)}
    else:
        return 0
    occasion = f"{invitee.pk}{again}"
    return int(tell(kind, meeting, recipient_of_invitee(invitee), occasion=occasion, own=own_urls(invitee), **more))


@transaction.atomic
def decline_invitation(invitee: Invitee, *, word: str = "") -> None:
    """Say that one does not come. Changing one's mind is possible while registration is open."""
    meeting = locked(invitee.meeting)
    if meeting.state not in (Meeting.State.ANNOUNCED, Meeting.State.POSTPONED) or meeting.is_over:
        raise TransitionRefused(
            _("This meeting no longer waits for answers: it is “%(state)s”.") % {"state": meeting.get_state_display()}
        )
    if Registration.objects.live().filter(meeting=meeting, email=invitee.email).exists():
        raise TransitionRefused(_("You are registered: give your place back on its own page."))
    now = timezone.now()
    Invitee.objects.filter(pk=invitee.pk).update(declined_at=now, decline_note=word[:500])
    invitee.declined_at = now


@transaction.atomic
def not_me_invited(invitee: Invitee) -> None:
    """The invitation reached somebody else: the row goes, and with it the link."""
    Invitee.objects.filter(pk=invitee.pk).delete()


@transaction.atomic
def stop_letters_to(invitee: Invitee) -> None:
    """No further letters about this meeting."""
    Invitee.objects.filter(pk=invitee.pk).update(wants_no_more=True)
