"""Writing: issue a survey, ask people, keep their answers, remind them, close.

An activity calls `issue` and `invite`, keeps the survey under a foreign key of its own, and hears `survey_closed` when it ends.
"""

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone, translation

from cmncp_portal.accounts.models import User
from cmncp_portal.core.editing import Conflict, save_version
from cmncp_portal.core.links import new_nonce
from cmncp_portal.network.models import Municipality
from cmncp_portal.notifications import services as letters
from cmncp_portal.notifications.models import Message

from . import reminders, selectors
from .instruments import load_instruments
from .models import Answer, Invitation, Occasion, Remark, Response, Survey
from .notifications import INVITATION, letter_context, recipient
from .signals import survey_closed

__all__ = [
    "Invitee", "SurveyRefused", "cancel", "close", "close_ended", "disown", "excuse", "invite", "issue", "load_instruments", "occasion_of",
    "readdress", "release", "remark", "save_draft", "send_reminders", "submit",
]  # fmt: skip

log = logging.getLogger(__name__)
QUOTE = "quote"  # the code of the question that asks whether the person may be quoted


class SurveyRefused(Exception):
    """Not possible now. `standing` says why (`selectors.REASONS`); `str()` gives the reason in the active language."""

    def __init__(self, standing: str) -> None:
        super().__init__(standing)
        self.standing = standing

    def __str__(self) -> str:
        return str(selectors.REASONS[self.standing])


@dataclass(frozen=True)
class Invitee:
    """Who is to be asked. `language` is "en", "fr" or "" when it is not known; `zone` is the person's IANA time zone.

    `place` is the municipality that the person came for, if any.
    """

    email: str
    name: str
    language: str
    user: User | None = None
    role: str = ""
    zone: str = "America/Toronto"
    place: Municipality | None = None


@transaction.atomic
def occasion_of(
    activity: str,
    key: str,
    *,
    title: tuple[str, str],
    about: tuple[str, str],
    path: str,
    on: date,
    places: Iterable[Municipality] = (),
) -> Occasion:
    """Return the occasion that the owner calls `key` ("visit-12"), made when it is not known yet.

    `title` and `about` are (English, French); `path` its address; `on` the day of which it counts in reports; `places` the
    municipalities concerned, whose own people do not review it. What is known already is brought up to date.
    """
    words = {"title_en": title[0], "title_fr": title[1], "about_en": about[0], "about_fr": about[1]}
    fields = words | {"activity": activity, "path": path, "on": on}
    found, _is_new = Occasion.objects.update_or_create(key=key, defaults=fields)
    found.places.set(places)
    return found


@transaction.atomic
def issue(
    occasion: Occasion,
    *,
    questionnaire: str,
    side: str = "",
    place: Municipality | None = None,
    title: tuple[str, str],
    about: tuple[str, str],
    opens_at: datetime,
    due_at: datetime,
    closes_at: datetime,
    time_zone: str,
    rows: Sequence[dict[str, str]] = (),
) -> Survey:
    """Make a survey on `occasion` with the latest published version of `questionnaire` and return it; nobody is asked yet.

    `side` and `place` say whom it asks when the occasion has two sides. `title` and `about` are (English, French); `rows` the lines of questions that take
    theirs from the survey ({"code", "en", "fr"}). Instants are aware; `time_zone` is the IANA zone in which people read them.
    Raises Questionnaire.DoesNotExist when nothing of that name is published.
    """
    return Survey.objects.create(
        occasion=occasion,
        side=side,
        place=place,
        questionnaire=selectors.latest(questionnaire),
        title_en=title[0],
        title_fr=title[1],
        about_en=about[0],
        about_fr=about[1],
        path=occasion.path,
        rows=[{"code": row["code"], "en": row["en"], "fr": row["fr"]} for row in rows],
        time_zone=time_zone,
        opens_at=opens_at,
        due_at=due_at,
        closes_at=closes_at,
    )


@transaction.atomic
def invite(survey: Survey, *, recipients: Sequence[Invitee]) -> list[Invitation]:
    """Ask `recipients`, each once by address, and return their invitations in the same order.

    The letter leaves when the survey opens. Whoever was excused is asked again, with a new link. Raises SurveyRefused when
    the survey is over.
    """
    locked = Survey.objects.select_for_update().get(pk=survey.pk)
    _refuse_when_over(locked)
    known = {invitation.email.lower(): invitation for invitation in locked.invitations.all()}
    invited = []
    for person in recipients:
        address = person.email.strip().lower()
        invitation, is_new = known.get(address), False
        if invitation is None:
            invitation, is_new = Invitation(survey=locked, email=address), True
        asks = is_new or invitation.excused_at is not None
        if asks:
            _write_down(invitation, person)
            invitation.save()
            known[address] = invitation
        invitation.survey = locked
        if asks:
            _send_invitation(invitation)
        invited.append(invitation)
    return invited


def _refuse_when_over(survey: Survey) -> None:
    if survey.cancelled_at:
        raise SurveyRefused(selectors.CANCELLED)
    if survey.closed_at or survey.closes_at <= timezone.now():
        raise SurveyRefused(selectors.ENDED)


def _write_down(invitation: Invitation, person: Invitee) -> None:
    invitation.user, invitation.name, invitation.language = person.user, person.name, person.language
    invitation.role, invitation.time_zone, invitation.place = person.role, person.zone, person.place
    invitation.invited_at, invitation.excused_at, invitation.wrong_person_at = timezone.now(), None, None
    invitation.nonce = new_nonce()


def _letter_key(invitation: Invitation) -> str:
    return f"evaluation.invitation:{invitation.survey_id}:{invitation.pk}:"


def _send_invitation(invitation: Invitation) -> None:
    letters.send(
        INVITATION,
        recipient(invitation),
        key=f"{_letter_key(invitation)}{invitation.nonce[:6]}",
        context=letter_context(invitation),
        not_before=invitation.survey.opens_at,
    )


def _withdraw_letters(invitation: Invitation) -> None:
    letters.withdraw(_letter_key(invitation))
    letters.withdraw(f"evaluation.nudge:{invitation.survey_id}:{invitation.pk}:")


@transaction.atomic
def excuse(survey: Survey, *, email: str) -> None:
    """No longer ask the person at `email` (did not come, withdrew, was taken off the list). What was submitted stays counted."""
    for invitation in survey.invitations.select_for_update().filter(
        email__iexact=email.strip(), excused_at__isnull=True
    ):
        invitation.excused_at = timezone.now()
        invitation.save(update_fields=["excused_at"])
        _withdraw_letters(invitation)


@transaction.atomic
def readdress(survey: Survey, *, old_email: str, new_email: str) -> Invitation | None:
    """Ask the same person at another address: the old link is dead, the letter goes out again, answers so far are kept.

    Returns the invitation, or None when nobody was asked at `old_email`. When `new_email` is asked already, the old address is
    excused and that invitation returned.
    """
    old, new = old_email.strip().lower(), new_email.strip().lower()
    invitation = (
        survey.invitations.select_for_update().select_related("survey__questionnaire").filter(email__iexact=old).first()
    )
    if invitation is None or old == new:
        return invitation
    other = survey.invitations.filter(email__iexact=new).first()
    if other is not None:
        excuse(survey, email=old)
        return other
    _withdraw_letters(invitation)
    invitation.email, invitation.nonce = new, new_nonce()
    invitation.save(update_fields=["email", "nonce"])
    standing = selectors.standing_of(invitation, response := selectors.response_of(invitation))
    if standing in (selectors.OPEN, selectors.NOT_YET) and (response is None or response.submitted_at is None):
        _send_invitation(invitation)
    return invitation


@transaction.atomic
def cancel(survey: Survey) -> None:
    """Call the survey off: letters that wait are taken back, nobody is reminded, nothing can be answered."""
    locked = Survey.objects.select_for_update().get(pk=survey.pk)
    if locked.cancelled_at is None:
        locked.cancelled_at = timezone.now()
        locked.save(update_fields=["cancelled_at"])
    survey.cancelled_at = locked.cancelled_at
    letters.withdraw(f"evaluation.invitation:{survey.pk}:")
    letters.withdraw(f"evaluation.nudge:{survey.pk}:")


@transaction.atomic
def release(survey: Survey) -> None:
    """Note that others read the answers from now on: what was submitted can then only be added to."""
    Survey.objects.filter(pk=survey.pk, released_at__isnull=True).update(released_at=timezone.now())
    survey.refresh_from_db(fields=["released_at"])


@transaction.atomic
def close(survey: Survey) -> bool:
    """End the survey and tell its owner by `survey_closed`, once; return whether this call was the one that did."""
    locked = Survey.objects.select_for_update().get(pk=survey.pk)
    if locked.closed_at is not None or locked.cancelled_at is not None:
        return False
    locked.closed_at = timezone.now()
    locked.save(update_fields=["closed_at"])
    survey.closed_at = locked.closed_at
    letters.withdraw(f"evaluation.invitation:{survey.pk}:")
    letters.withdraw(f"evaluation.nudge:{survey.pk}:")
    survey_closed.send(sender=Survey, survey=locked)
    return True


def close_ended(now: datetime | None = None) -> int:
    """Close every survey whose last day has passed; return how many. One that fails is tried again by the next sweep."""
    ended = Survey.objects.filter(
        closes_at__lte=now or timezone.now(), closed_at__isnull=True, cancelled_at__isnull=True
    )
    closed = 0
    for survey in ended.order_by("closes_at", "pk"):
        try:
            closed += close(survey)
        except Exception:
            log.exception("survey %s could not be closed", survey.pk)
    return closed


def send_reminders(now: datetime | None = None) -> int:
    """Queue the reminders that are due at `now` and were not queued before; return how many."""
    due = reminders.due(now)
    keys = {one.key: f"{one.key}:{one.invitation.email.lower()}"[:200] for one in due}
    queued = set(Message.objects.filter(key__in=keys.values()).values_list("key", flat=True))
    return sum(_remind(one) for one in due if keys[one.key] not in queued)


@transaction.atomic
def _remind(one: reminders.Due) -> bool:
    invitation = one.invitation
    return letters.send(one.kind, recipient(invitation), key=one.key, context=letter_context(invitation)) is not None


def _locked(invitation: Invitation) -> tuple[Invitation, Response | None]:
    """Lock the survey, then read the invitation again and its response: nothing is answered while a survey is being closed."""
    Survey.objects.select_for_update().get(pk=invitation.survey_id)
    fresh = Invitation.objects.select_related("survey__questionnaire").get(pk=invitation.pk)
    return fresh, selectors.response_of(fresh)


def _kept(invitation: Invitation, response: Response | None, *, seen: int, fields: dict[str, Any]) -> Response:
    """Write `fields` to the response, or make it when nothing was kept before (`seen` is 0). Raises Conflict."""
    if response is None:
        return Response.objects.create(invitation=invitation, **fields)
    save_version(response, seen=seen, fields=fields)
    return response


def _write_answers(invitation: Invitation, response: Response, values: Mapping[str, Any]) -> None:
    questions = {one.question.code: one.question for one in selectors.put_to(invitation)}
    given = {code: value for code, value in values.items() if code in questions}
    answers = [
        Answer(response=response, question=questions[code], value=value)
        for code, value in given.items()
        if value is not None
    ]
    Answer.objects.bulk_create(
        answers, update_conflicts=True, unique_fields=["response", "question"], update_fields=["value"]
    )
    emptied = [questions[code] for code, value in given.items() if value is None]
    Answer.objects.filter(response=response, question__in=emptied).delete()


@transaction.atomic
def save_draft(invitation: Invitation, *, seen: int, language: str, values: Mapping[str, Any]) -> Response:
    """Keep `values` (by question code; None empties; codes left out stay) without counting them.

    `seen` is the version that the writer saw, 0 before anything was kept. Raises Conflict when somebody saved meanwhile,
    SurveyRefused when it is too late or the answers were sent already.
    """
    fresh, response = _locked(invitation)
    standing = selectors.standing_of(fresh, response)
    if standing != selectors.OPEN:
        raise SurveyRefused(standing)
    if response is not None and response.submitted_at:
        raise Conflict(response)
    kept = _kept(fresh, response, seen=seen, fields={"language": language})
    _write_answers(fresh, kept, values)
    return kept


@transaction.atomic
def submit(invitation: Invitation, *, seen: int, language: str, values: Mapping[str, Any]) -> Response:
    """Keep `values` and count them from now on. Late is what is first sent after the survey's due date.

    May be repeated to change answers until they are released or the survey ends. Raises as `save_draft`.
    """
    fresh, response = _locked(invitation)
    standing = selectors.standing_of(fresh, response)
    if standing != selectors.OPEN:
        raise SurveyRefused(standing)
    now = timezone.now()
    first = response is None or response.submitted_at is None
    with translation.override(language):
        told = str(fresh.survey.questionnaire.confidentiality)
    fields = {"language": language, "consent_text": told, "may_quote": values.get(QUOTE) or ""}
    if first:
        fields |= {"submitted_at": now, "is_late": now > fresh.survey.due_at}
    kept = _kept(fresh, response, seen=seen, fields=fields)
    _write_answers(fresh, kept, values)
    _withdraw_letters(fresh)
    return kept


@transaction.atomic
def remark(invitation: Invitation, *, text: str) -> Remark:
    """Add a remark after the answers were released or the survey ended. Raises SurveyRefused at any other time."""
    fresh, response = _locked(invitation)
    standing = selectors.standing_of(fresh, response)
    if not selectors.may_remark(fresh, standing):
        raise SurveyRefused(standing)
    return Remark.objects.create(invitation=fresh, text=text)


@transaction.atomic
def disown(invitation: Invitation) -> None:
    """The holder of the link says "not me": the name and a draft are removed, the link is dead, nothing more is sent.

    Raises SurveyRefused when answers were sent under this link already.
    """
    fresh, response = _locked(invitation)
    if response is not None and response.submitted_at:
        raise SurveyRefused(selectors.READ)
    if response is not None:
        response.delete()
    now = timezone.now()
    _withdraw_letters(fresh)
    fresh.name, fresh.user, fresh.nonce = "", None, new_nonce()
    fresh.excused_at, fresh.wrong_person_at = fresh.excused_at or now, now
    fresh.save(update_fields=["name", "user", "nonce", "excused_at", "wrong_person_at"])
