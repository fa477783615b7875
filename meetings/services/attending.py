"""During the meeting and right after it: who came, what was shown, and the question what it was worth."""

from collections.abc import Iterable, Sequence
from datetime import datetime, time, timedelta
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from cmncp_portal.accounts.models import User
from cmncp_portal.core.days import local_day, local_instant
from cmncp_portal.core.places import CAME, LIVE, Attendance, Status
from cmncp_portal.core.workflow import TransitionRefused
from cmncp_portal.evaluation import services as surveys
from cmncp_portal.evaluation.models import Occasion, Survey

from ..models import AgendaItem, Material, Meeting, MeetingEvaluation, Registration, SessionAttendance
from ..selectors.words import dates_in_words, place_in_words
from ..workflow import EVALUATION_CLOSE_DAYS, EVALUATION_DUE_DAYS, EVALUATION_OPENS_DAYS, MEETING
from .persons import Person, known_people, place_for
from .registering import locked

QUESTIONNAIRE = "meeting"
EVALUATION_TIME = time(9, 0)  # On the day after, where the meeting was: people have slept on it and still remember.
DAY_ENDS = time(23, 59)
NOT_THERE = (Attendance.EXCUSED, Attendance.ABSENT)


@transaction.atomic
def record_held(meeting: Meeting, *, by: Any) -> None:
    """Record that the meeting took place. `by` is None when the portal does it by itself on the night after.

    The evaluation is opened by `open_evaluation`, which the nightly work calls. Raises TransitionRefused before the last
    day, or when it was recorded already.
    """
    now = timezone.now()
    Meeting.objects.filter(pk=meeting.pk).update(held_at=now, updated_at=now)
    MEETING.apply(meeting, "record_held", by=by)
    meeting.held_at = now


def why_no_attendance(meeting: Meeting) -> str:
    """Return why attendance cannot be noted now, in the active language; empty when it can."""
    if meeting.state not in (Meeting.State.ANNOUNCED, Meeting.State.HELD):
        return _("Attendance is noted for meetings that take place.")
    if meeting.starts_on is None or meeting.today() < meeting.starts_on:
        return _("Attendance is noted from the first day of the meeting on.")
    return ""


def _to_attend(meeting: Meeting, by: Any) -> Meeting:
    """Return `meeting`, locked, if `by` may note attendance now."""
    meeting = locked(meeting)
    if not by.has_perm("meetings.take_attendance", meeting):
        raise PermissionDenied
    if reason := why_no_attendance(meeting):
        raise TransitionRefused(reason)
    return meeting


@transaction.atomic
def take_attendance(
    meeting: Meeting, *, by: Any, attendance: dict[int, str], sessions: dict[int, set[int]] | None = None
) -> None:
    """Note who came: `attendance` maps registrations to an Attendance; who is not in it stays as it was.

    `sessions` maps sessions to those who were in it, out of the people in `attendance`. Places that are not held (cancelled,
    waiting) are left out. The evaluation follows: who did not come is no longer asked. Constant queries until then.
    Raises PermissionDenied; TransitionRefused before the first day.
    """
    meeting = _to_attend(meeting, by)
    rows = Registration.objects.registered().filter(meeting=meeting, pk__in=list(attendance))
    changed = []
    for place in rows.select_for_update(of=("self",)):
        if place.attendance != attendance[place.pk]:
            place.attendance, place.updated_at = attendance[place.pk], timezone.now()
            changed.append(place)
    Registration.objects.bulk_update(changed, ["attendance", "updated_at"], batch_size=500)
    _ask_after(meeting, changed)
    for pk, there in (sessions or {}).items():
        item = meeting.agenda.filter(pk=pk).first()
        if item:
            _tick(item, came=there & set(attendance), gone=set(attendance) - there)


@transaction.atomic
def tick_session(item: AgendaItem, *, by: Any, came: set[int], gone: set[int]) -> None:
    """Note that the registrations `came` were in the session `item`, and that those in `gone` were not; others stay.

    Who was in a session came to the meeting, unless something else was noted. Raises as `take_attendance`.
    """
    meeting = _to_attend(item.meeting, by)
    _tick(item, came=came, gone=gone)
    unknown = Registration.objects.registered().filter(meeting=meeting, pk__in=came, attendance="")
    if noted := dict.fromkeys(unknown.values_list("pk", flat=True), str(Attendance.PRESENT)):
        take_attendance(meeting, by=by, attendance=noted)


def _tick(item: AgendaItem, *, came: set[int], gone: set[int]) -> None:
    known = Registration.objects.registered().filter(meeting=item.meeting_id, pk__in=came)
    new = [SessionAttendance(item=item, registration_id=pk) for pk in known.values_list("pk", flat=True)]
    SessionAttendance.objects.bulk_create(new, ignore_conflicts=True)
    SessionAttendance.objects.filter(item=item, registration__in=gone - came).delete()


@transaction.atomic
def add_walk_in(meeting: Meeting, *, by: Any, person: Person) -> Registration:
    """Write down somebody who came without a place, and return the place: registered and present.

    Who is registered already is noted as present; who waited, or asked, has a place now. No letter is sent. Raises as
    `take_attendance`.
    """
    meeting = _to_attend(meeting, by)
    email = person.email.strip().lower()
    place = Registration.objects.filter(meeting=meeting, email__iexact=email, status__in=LIVE).first()
    if place is None:
        place = place_for(meeting, person, known_people([email]).get(email), by, str(by))
    if place.attendance not in CAME:
        place.attendance = str(Attendance.REMOTE if place.is_online else Attendance.PRESENT)
    place.status, place.waiting_since, place.refuse_by = Status.REGISTERED, None, None
    place.save()
    _ask_after(meeting, [place])
    return place


# --- what was shown


@transaction.atomic
def add_material(
    meeting: Meeting,
    *,
    by: Any,
    kind: str,
    language: str,
    access: str,
    title_en: str = "",
    title_fr: str = "",
    item: AgendaItem | None = None,
    file: Any = None,
    url: str = "",
    captions: Iterable[str] = (),
) -> Material:
    """Add a file or a link to the meeting, or to one session. The form has checked kind and size of the file.

    `captions` are the languages in which a recording has captions; empty says that it has none.
    """
    if not by.has_perm("meetings.keep_materials", meeting):
        raise PermissionDenied
    if item is not None and item.meeting_id != meeting.pk:
        raise TransitionRefused(_("This session belongs to another meeting."))
    return Material.objects.create(
        meeting=meeting,
        item=item,
        kind=kind,
        title_en=title_en,
        title_fr=title_fr,
        file=file or "",
        filename=file.name[-200:] if file else "",
        url=url,
        language=language,
        captions=sorted(captions) if kind == Material.Kind.RECORDING else [],
        access=access,
        added_by=by,
    )


@transaction.atomic
def remove_material(material: Material, *, by: Any) -> None:
    """Take a file or a link away again; the file is deleted once that is certain."""
    if not by.has_perm("meetings.keep_materials", material.meeting):
        raise PermissionDenied
    name, storage = material.file.name or "", material.file.storage
    material.delete()
    if name:
        transaction.on_commit(lambda: storage.delete(name))


# --- what it was worth


@transaction.atomic
def open_evaluation(meeting: Meeting) -> bool:
    """Ask those who came what the meeting was worth to them; everyone registered while no attendance is noted.

    Once per meeting, and only for one that was held; return whether this call did it. The letters leave at 9:00 on the day
    after, where the meeting was, or at once when that is past. Meetings known from the archives have nobody to ask.
    """
    meeting = locked(meeting)
    if (
        meeting.state != Meeting.State.HELD
        or meeting.source
        or MeetingEvaluation.objects.filter(meeting=meeting).exists()
    ):
        return False
    people = _whom_to_ask(meeting)
    if not people:
        return False
    survey = _issue(meeting, timezone.now())
    MeetingEvaluation.objects.create(meeting=meeting, survey=survey)
    _invite(survey, people)
    return True


def _whom_to_ask(meeting: Meeting) -> list[Registration]:
    rows = Registration.objects.registered().filter(meeting=meeting)
    if rows.exclude(attendance="").exists():
        rows = rows.came()
    return list(rows.filter(wants_no_more=False).select_related("stakeholder__user", "municipality"))


def _issue(meeting: Meeting, now: datetime) -> Survey:
    assert meeting.ends_on
    zone = meeting.time_zone
    morning = local_instant(meeting.ends_on + timedelta(days=EVALUATION_OPENS_DAYS), EVALUATION_TIME, zone)
    opens_at = max(now, morning)
    opens_on = local_day(opens_at, zone)
    title, about = (meeting.title_en, meeting.title_fr), (_about(meeting, "en"), _about(meeting, "fr"))
    occasion = surveys.occasion_of(
        Occasion.Activity.MEETING,
        f"meeting-{meeting.pk}",
        title=title,
        about=about,
        path=meeting.get_absolute_url(),
        on=meeting.ends_on,
        places=[place for place in (meeting.host, meeting.co_host) if place],
    )
    return surveys.issue(
        occasion,
        questionnaire=QUESTIONNAIRE,
        title=title,
        about=about,
        opens_at=opens_at,
        due_at=local_instant(opens_on + timedelta(days=EVALUATION_DUE_DAYS), DAY_ENDS, zone),
        closes_at=local_instant(opens_on + timedelta(days=EVALUATION_CLOSE_DAYS), DAY_ENDS, zone),
        time_zone=zone,
    )


def _about(meeting: Meeting, language: str) -> str:
    return ", ".join(part for part in (dates_in_words(meeting, language), place_in_words(meeting, language)) if part)[
        :300
    ]


def _invite(survey: Survey, places: Sequence[Registration]) -> None:
    accounts = {u.email.lower(): u for u in User.objects.filter(is_active=True, email__in=[p.email for p in places])}
    surveys.invite(
        survey,
        recipients=[
            surveys.Invitee(
                email=p.email,
                name=p.name,
                language=p.language,
                user=accounts.get(p.email.lower()) or (p.stakeholder.user if p.stakeholder else None),
                role=p.title,
                zone=p.zone,
                place=p.municipality,
            )
            for p in places
        ],
    )


def _ask_after(meeting: Meeting, changed: Sequence[Registration]) -> None:
    """Let an evaluation that runs follow what is noted now: who came is asked, who did not is excused."""
    evaluation = MeetingEvaluation.objects.select_related("survey").filter(meeting=meeting).first()
    if evaluation is None or not changed:
        return
    for place in changed:
        if place.attendance in NOT_THERE:
            surveys.excuse(evaluation.survey, email=place.email)
    came = [place for place in changed if place.has_come and not place.wants_no_more]
    survey = evaluation.survey
    if came and survey.closed_at is None and survey.cancelled_at is None and timezone.now() < survey.closes_at:
        _invite(survey, came)
