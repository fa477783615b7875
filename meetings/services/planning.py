"""Beginning a meeting, and what is said about it. What the registered were told is changed in `moving`, with a letter."""

from datetime import timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _

from cmncp_portal.core.editing import save_version
from cmncp_portal.core.workflow import TransitionRefused

from ..models import Audience, Meeting, MeetingStateChange
from .polling import tell_date
from .registering import fill_free_places

MOMENT = timedelta(minutes=1)  # within it, the same once more is the same button pressed twice
LONGEST_SLUG = 80
NO_PLACE_ZONE = "America/Toronto"  # of a past meeting whose host is not known: only its days matter

DATE_FIELDS = ("starts_on", "ends_on", "begins_at", "finishes_at", "time_zone")
# What those who come were told: after the announcement it changes with a letter, or not at all.
MATERIAL = (*DATE_FIELDS, "mode", "venue", "address", "join_link", "kind", "region")
EVENT_FIELDS = (*DATE_FIELDS, "title_en", "title_fr", "mode", "venue", "address")
LOCAL_FIELDS = ("local_en", "local_fr", "local_contact")


def _may_schedule(by: Any) -> None:
    if not by.has_perm("meetings.schedule"):
        raise PermissionDenied
    # One person's two clicks wait for each other, so that the second finds what the first one made.
    get_user_model()._default_manager.select_for_update().get(pk=by.pk)


def _same_as_just_now(by: Any, fields: dict[str, Any], state: str) -> Meeting | None:
    words = {name: fields.get(name) for name in ("kind", "region", "host", "title_en", "title_fr", "starts_on")}
    rows = Meeting.objects.filter(organised_by=by, state=state, created_at__gte=timezone.now() - MOMENT)
    return rows.filter(**{name: value for name, value in words.items() if value is not None}).first()


def free_slug(title: str, year: int) -> str:
    """Return an address that no meeting has: the title and the year, with a number from the second one on."""
    end = f"-{year}"
    stem = slugify(title)[: LONGEST_SLUG - len(end) - 4].strip("-") or "meeting"
    if stem.endswith(end):
        stem = stem.removesuffix(end)
    wanted = f"{stem}{end}"
    taken = set(Meeting.objects.filter(slug__startswith=wanted).values_list("slug", flat=True))
    number = 2
    found = wanted
    while found in taken:
        found, number = f"{wanted}-{number}", number + 1
    return found


def _zone(fields: dict[str, Any]) -> str:
    host = fields.get("host")
    return fields.get("time_zone") or (host.time_zone if host else NO_PLACE_ZONE)


@transaction.atomic
def create_meeting(*, by: Any, **fields: Any) -> Meeting:
    """Begin a meeting as an idea and return it; the same button pressed twice gives the first one again.

    `fields` are those of the model. Without a time zone the host's is taken. Raises PermissionDenied.
    """
    _may_schedule(by)
    if same := _same_as_just_now(by, fields, Meeting.State.IDEA):
        return same
    year = (fields.get("starts_on") or timezone.localdate()).year
    fields |= {"slug": free_slug(fields["title_en"], year), "time_zone": _zone(fields)}
    return Meeting.objects.create(organised_by=by, **fields)


@transaction.atomic
def record_past_meeting(*, by: Any, **fields: Any) -> Meeting:
    """Write down a meeting held before the portal existed, with the source that documents it; return it.

    Nobody is told and nobody is surveyed. Everyone may read it. Raises PermissionDenied, and TransitionRefused without a
    source or when the days have not passed.
    """
    _may_schedule(by)
    if not (fields.get("source") or "").strip():
        raise TransitionRefused(_("Say where this is known from."))
    if fields["ends_on"] >= timezone.localdate():
        raise TransitionRefused(_("This meeting is not over yet: schedule it instead."))
    if same := _same_as_just_now(by, fields, Meeting.State.HELD):
        return same
    now = timezone.now()
    fields |= {"slug": free_slug(fields["title_en"], fields["starts_on"].year), "time_zone": _zone(fields)}
    meeting = Meeting.objects.create(
        organised_by=by,
        state=Meeting.State.HELD,
        published_at=now,
        held_at=now,
        audience=Audience.PUBLIC,
        **fields,
    )
    MeetingStateChange.objects.create(
        meeting=meeting, to_state=Meeting.State.HELD, transition="record_past", by=by, by_name=str(by)
    )
    return meeting


def is_archival(meeting: Meeting) -> bool:
    """Tell whether the meeting was written down afterwards from a source, and not organised here."""
    return meeting.state == Meeting.State.HELD and bool(meeting.source)


def _locked(meeting: Meeting) -> Meeting:
    return Meeting.objects.select_for_update(of=("self",)).get(pk=meeting.pk)


def _refuse_wrong_moment(before: Meeting, changed: set[str]) -> None:
    if before.state == Meeting.State.CANCELLED:
        raise TransitionRefused(_("This meeting is cancelled; nothing about it changes any more."))
    # Once it was held, a wrong host is put right without a letter.
    told = MATERIAL if before.state == Meeting.State.HELD else (*MATERIAL, "host")
    if before.published_at and not is_archival(before) and changed.intersection(told):
        raise TransitionRefused(
            _("The meeting is announced: change its date and place where everyone who comes is told.")
        )
    if before.state == Meeting.State.POLLING and changed.intersection(DATE_FIELDS):
        raise TransitionRefused(_("People are being asked for dates: fix the date instead."))


@transaction.atomic
def keep_meeting(meeting: Meeting, *, seen: int, by: Any, **fields: Any) -> None:
    """Save what is said about the meeting, under the version that its writer saw.

    More places go to those who wait. People who were asked for dates hear of a date that moves before the announcement.
    Raises PermissionDenied; TransitionRefused for what is told with a letter once announced; Conflict when somebody saved
    since version `seen`.
    """
    before = _locked(meeting)
    if not by.has_perm("meetings.organise", before):
        raise PermissionDenied
    changed = {name for name, value in fields.items() if getattr(before, name) != value}
    _refuse_wrong_moment(before, changed)
    if not changed:
        return
    if before.starts_on and changed.intersection(EVENT_FIELDS):
        fields = fields | {"sequence": before.sequence + 1}
    save_version(meeting, seen=seen, fields=fields)
    if "capacity" in changed and _is_more(before.capacity, fields["capacity"]):
        fill_free_places(meeting)
    if before.state == Meeting.State.SCHEDULED and changed.intersection(DATE_FIELDS):
        tell_date(meeting, by=by)


def _is_more(before: int | None, after: int | None) -> bool:
    """Tell whether there are more places than before; none named means no limit."""
    return before is not None and (after is None or after > before)


@transaction.atomic
def keep_local(meeting: Meeting, *, seen: int, by: Any, local_en: str, local_fr: str, local_contact: str) -> None:
    """Save what the host and the co-hosting member tell about the place. Raises as `keep_meeting` does."""
    before = _locked(meeting)
    if not by.has_perm("meetings.keep_local", before):
        raise PermissionDenied
    if before.state in (Meeting.State.CANCELLED, Meeting.State.HELD):
        raise TransitionRefused(_("The meeting is “%(state)s”.") % {"state": before.get_state_display()})
    fields = {"local_en": local_en, "local_fr": local_fr, "local_contact": local_contact}
    if any(getattr(before, name) != value for name, value in fields.items()):
        save_version(meeting, seen=seen, fields=fields)
