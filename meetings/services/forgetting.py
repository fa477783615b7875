"""A person asks to be forgotten, or was never meant: the name goes, what is counted stays."""

from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from cmncp_portal.core.links import new_nonce
from cmncp_portal.core.places import LIVE, Status
from cmncp_portal.evaluation.models import Invitation
from cmncp_portal.evaluation.services import excuse
from cmncp_portal.notifications.models import Message
from cmncp_portal.notifications.recipients import Recipient

from .. import notifications as kinds
from ..models import Invitee, Meeting, MeetingEvaluation, Registration
from .registering import cancel_place, fill_free_places, locked, locked_place, write
from .telling import tell

AHEAD = (Meeting.State.ANNOUNCED, Meeting.State.POSTPONED)


@transaction.atomic
def forget(place: Registration) -> None:
    """Remove what names the person of `place`, here and in its history; the link opens nothing any more.

    A place at a meeting that lies ahead is given back, so that the next on the waiting list comes in; the letter about that
    is the last. Municipality, sector, language and attendance stay for the counts, answers to the evaluation without a name.
    """
    meeting, email = locked(place.meeting), place.email
    _withdraw_letters(place)
    if place.is_live and meeting.state in AHEAD and not meeting.is_over:
        cancel_place(place)
    _forget_survey(meeting, email, f"removed-{place.pk}@removed.invalid")
    _forget_invitee(meeting, email)
    for row in Registration.objects.filter(meeting=meeting, email__iexact=email):  # one given back before, too
        row.meeting = meeting
        remove_person(row)
        _forget_history(row)


def _forget_invitee(meeting: Meeting, email: str) -> None:
    """What the person answered about dates still counts for the municipality."""
    for invitee in Invitee.objects.filter(meeting=meeting, email=email.lower()):
        invitee.name, invitee.email, invitee.stakeholder = (
            _("Name removed"),
            f"removed-i{invitee.pk}@removed.invalid",
            None,
        )
        invitee.dates_note = invitee.decline_note = ""
        invitee.wants_no_more, invitee.nonce = True, new_nonce()
        invitee.save()


def _withdraw_letters(place: Registration) -> None:
    """Take back what waits to be sent to this person about this meeting."""
    waiting = Message.objects.filter(to_email__iexact=place.email, state=Message.State.QUEUED)
    waiting.filter(key__regex=rf"^meetings\.\w+:{place.meeting_id}:").update(state=Message.State.WITHDRAWN)


def _forget_survey(meeting: Meeting, email: str, nobody: str) -> None:
    evaluation = MeetingEvaluation.objects.select_related("survey").filter(meeting=meeting).first()
    if evaluation is None:
        return
    excuse(evaluation.survey, email=email)
    mine = Invitation.objects.filter(survey=evaluation.survey, email__iexact=email)
    mine.update(name="", email=nobody, user=None, nonce=new_nonce())


def _forget_history(row: Registration) -> None:
    """The earlier versions of the row, which a trigger keeps, name the person too."""
    Registration.pgh_event_model.objects.filter(pgh_obj=row.pk).update(  # type: ignore[attr-defined]
        name=row.name,
        title="",
        organisation="",
        email=row.email,
        stakeholder=None,
        registered_by_name="",
        answer_note="",
    )


@transaction.atomic
def not_me(place: Registration) -> None:
    """The link reached somebody else: name and address are removed, whoever registered the person is told, the place is free."""
    place = locked_place(place)
    registrar = place.registered_by
    if registrar is not None:
        language: Any = registrar.language
        to = Recipient(registrar.email, registrar.name, language, registrar.time_zone)
        tell(kinds.NOT_ME, place.meeting, to, occasion=f"{place.pk}", person=kinds.both(place.name))
    Invitee.objects.filter(meeting=place.meeting, email=place.email.lower()).update(wants_no_more=True)
    remove_person(place)
    fill_free_places(place.meeting)


def remove_person(place: Registration) -> None:
    """Take name, address and needs off a place and end it; what counts (municipality, sector, attendance) stays."""
    is_past = place.meeting.is_over or place.meeting.state == Meeting.State.HELD
    ended = {} if place.status not in LIVE or is_past else {"status": Status.CANCELLED, "waiting_since": None}
    write(
        place,
        name=_("Name removed"),
        title="",
        email=f"removed-{place.pk}@removed.invalid",
        dietary_needs="",
        access_needs="",
        answer_note="",
        nonce=new_nonce(),
        stakeholder=None,
        wants_no_more=True,
        ended_at=timezone.now(),
        **ended,
    )
