"""A person asks to be forgotten: the name goes, what is counted stays."""

from django.db import transaction
from django.utils.translation import gettext as _

from cmncp_portal.core.links import new_nonce
from cmncp_portal.evaluation.models import Invitation
from cmncp_portal.evaluation.services import excuse
from cmncp_portal.notifications.models import Message

from ..models import Invitee, Meeting, MeetingEvaluation, Registration
from .registering import cancel_place, locked, remove_person

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
