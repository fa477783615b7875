"""The annual general meeting: one voting delegate for each general member, the roll, and motions. It is a record, not a ballot."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from cmncp_portal.core.workflow import TransitionRefused
from cmncp_portal.network.models import Stakeholder, Standing

from ..models import Delegate, Meeting, Motion, Vote
from ..selectors.outcome import has_quorum, members_on_the_day
from .registering import locked

CLOSED = (Meeting.State.CANCELLED, Meeting.State.HELD)


def _general(meeting: Meeting) -> Meeting:
    """Return `meeting`, locked. Raises TransitionRefused when it holds no general meeting."""
    meeting = locked(meeting)
    if not meeting.is_general_meeting:
        raise TransitionRefused(_("This meeting holds no general meeting."))
    return meeting


@transaction.atomic
def prepare_delegates(meeting: Meeting) -> int:
    """Give each general member of the meeting's day its delegate, the representative unless another was named.

    Who is no longer a member by that day leaves the list; who represents a member anew follows, until somebody was named or
    the meeting has begun. May run as often as one likes; constant queries. Return how many delegates there are.
    """
    meeting = locked(meeting)
    if not meeting.is_general_meeting:
        return 0
    if meeting.state in CLOSED or has_begun(meeting):
        return meeting.delegates.count()
    members = {place.pk for place in members_on_the_day(meeting).general}
    people = Stakeholder.objects.current().filter(municipality__in=members, standing=Standing.REPRESENTATIVE)
    leads = {person.municipality_id: person for person in people}
    known = {delegate.municipality_id: delegate for delegate in meeting.delegates.all()}
    Delegate.objects.bulk_create(
        [
            Delegate(meeting=meeting, municipality_id=pk, stakeholder=leads.get(pk), name=_name(leads.get(pk)))
            for pk in members - set(known)
        ],
        ignore_conflicts=True,
    )
    _follow_representatives([d for pk, d in known.items() if pk in members and d.named_at is None], leads)
    meeting.delegates.exclude(municipality__in=members).delete()
    return len(members)


def _name(person: Stakeholder | None) -> str:
    return person.name if person else ""


def _follow_representatives(delegates: list[Delegate], leads: dict[int, Stakeholder]) -> None:
    changed = []
    for delegate in delegates:
        lead = leads.get(delegate.municipality_id)
        if (delegate.stakeholder_id, delegate.name) != (lead.pk if lead else None, _name(lead)):
            delegate.stakeholder, delegate.name = lead, _name(lead)
            changed.append(delegate)
    Delegate.objects.bulk_update(changed, ["stakeholder", "name"])


def has_begun(meeting: Meeting) -> bool:
    """Whether the meeting has begun: from then on only the network names delegates."""
    return meeting.begins is not None and meeting.begins <= timezone.now()


@transaction.atomic
def name_delegate(delegate: Delegate, *, by: Any, stakeholder: Stakeholder | None = None, name: str = "") -> None:
    """Say who votes for a member: somebody of its people, or a person as typed. Who was ticked as present is called again.

    Until the meeting begins the representative or a deputy does it, afterwards the network. Raises PermissionDenied,
    TransitionRefused.
    """
    meeting = _general(delegate.meeting)
    delegate = Delegate.objects.select_for_update(of=("self",)).select_related("municipality").get(pk=delegate.pk)
    delegate.meeting = meeting
    if not by.has_perm("meetings.name_delegate", delegate):
        raise PermissionDenied
    if meeting.state == Meeting.State.CANCELLED:
        raise TransitionRefused(_("The meeting was cancelled."))
    if has_begun(meeting) and not by.has_perm("meetings.call_the_roll", meeting):
        raise TransitionRefused(_("The meeting has begun: please tell the network’s coordinators who votes."))
    if stakeholder and stakeholder.municipality_id != delegate.municipality_id:
        raise TransitionRefused(_("This person belongs to another municipality."))
    wanted = _name(stakeholder) or name.strip()
    if not wanted:
        raise TransitionRefused(_("Say who votes."))
    Delegate.objects.filter(pk=delegate.pk).update(
        stakeholder=stakeholder,
        name=wanted,
        named_by=by,
        named_at=timezone.now(),
        is_present=delegate.is_present and delegate.name == wanted,
    )


def why_no_roll(meeting: Meeting) -> str:
    """Return why the roll cannot be called now, in the active language; empty when it can."""
    if meeting.state not in (Meeting.State.ANNOUNCED, Meeting.State.HELD) or meeting.starts_on is None:
        return _("The roll is called at meetings that take place.")
    if meeting.today() < meeting.starts_on:
        return _("The roll is called from the first day of the meeting on.")
    return ""


def _to_record(meeting: Meeting, by: Any) -> Meeting:
    """Return `meeting`, locked, if `by` may keep its record now."""
    meeting = _general(meeting)
    if not by.has_perm("meetings.call_the_roll", meeting):
        raise PermissionDenied
    if reason := why_no_roll(meeting):
        raise TransitionRefused(reason)
    return meeting


@transaction.atomic
def call_the_roll(meeting: Meeting, *, by: Any, present: set[int]) -> int:
    """Note which delegates are present: those whose keys are in `present`, and no others. Return how many.

    Raises PermissionDenied; TransitionRefused before the first day, or when nobody is named for a member that is present.
    """
    meeting = _to_record(meeting, by)
    rows = meeting.delegates.select_related("municipality")
    nameless = rows.filter(pk__in=present, name="").first()
    if nameless:
        raise TransitionRefused(_("Say first who votes for %(place)s.") % {"place": nameless.municipality})
    meeting.delegates.exclude(pk__in=present).update(is_present=False)
    return meeting.delegates.filter(pk__in=present).update(is_present=True)


@transaction.atomic
def record_motion(
    meeting: Meeting, *, by: Any, text_en: str, text_fr: str, moved_by: str, seconded_by: str, votes: dict[int, str]
) -> Motion:
    """Record a vote by roll call: `votes` maps each present delegate to a Vote.Choice. Whether there was a quorum is kept.

    Raises PermissionDenied; TransitionRefused when a delegate who is present has no vote, or one who is absent has.
    """
    meeting = _to_record(meeting, by)
    present = {d.pk: d for d in meeting.delegates.filter(is_present=True).select_related("municipality")}
    if not present:
        raise TransitionRefused(_("Call the roll first: nobody is noted as present."))
    if set(votes) - set(present):
        raise TransitionRefused(_("The roll has changed meanwhile: only delegates who are present vote."))
    silent = next((d for pk, d in present.items() if votes.get(pk) not in Vote.Choice.values), None)
    if silent:
        raise TransitionRefused(_("How did %(place)s vote?") % {"place": silent.municipality})
    motion = Motion.objects.create(
        meeting=meeting,
        text_en=text_en,
        text_fr=text_fr,
        moved_by=moved_by,
        seconded_by=seconded_by,
        recorded_by=by,
        present_count=len(present),
        had_quorum=has_quorum(meeting, len(present)),
    )
    Vote.objects.bulk_create(
        Vote(motion=motion, municipality=d.municipality, delegate_name=d.name, choice=votes[pk])
        for pk, d in present.items()
    )
    return motion
