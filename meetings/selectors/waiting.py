"""What waits for a person at meetings, and which dates come next: one query for the own page, one for the count on every page."""

from datetime import date, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _t

from cmncp_portal.accounts.rules import is_secretariat
from cmncp_portal.core.links import make_token
from cmncp_portal.core.places import Status
from cmncp_portal.core.waiting import NextDate, Row, Task, found_in, line
from cmncp_portal.network.rules import municipality_ids_of

from ..models import ActionItem, Invitee, Meeting, Registration

S = Meeting.State
NOTES_AFTER = timedelta(days=3)  # from then on the notes are asked for


def _polls(user: Any, today: date) -> QuerySet[Invitee]:
    asked = Invitee.objects.filter(email=user.email.lower(), is_asked_for_dates=True, dates_answered_at__isnull=True)
    return asked.filter(wants_no_more=False, meeting__state=S.POLLING, meeting__poll_closes_on__gte=today)


def _invitations(user: Any, today: date) -> QuerySet[Invitee]:
    answered = Registration.objects.filter(meeting=OuterRef("meeting"), email=OuterRef("email"))
    asked = Invitee.objects.filter(email=user.email.lower(), invited_at__isnull=False, declined_at__isnull=True)
    opened = Q(meeting__registration_opens_on__isnull=True) | Q(meeting__registration_opens_on__lte=today)
    not_closed = Q(meeting__registration_closes_on__isnull=True) | Q(meeting__registration_closes_on__gte=today)
    open_ones = asked.filter(opened, not_closed, wants_no_more=False, meeting__state=S.ANNOUNCED)
    return open_ones.filter(~Exists(answered), meeting__ends_on__gte=today)


def _actions(user: Any) -> QuerySet[ActionItem]:
    return ActionItem.objects.filter(
        owner_email__iexact=user.email,
        done_at__isnull=True,
        dropped_at__isnull=True,
        meeting__notes_published_at__isnull=False,
    )


def _for_the_network(today: date) -> QuerySet[Meeting]:
    asks = Registration.objects.filter(meeting=OuterRef("pk"), status=Status.REQUESTED)
    return Meeting.objects.filter(
        Q(state=S.POLLING, poll_closes_on__lt=today)
        | Q(state=S.ANNOUNCED) & Q(Exists(asks))
        | Q(state=S.HELD, notes_published_at__isnull=True, source="", ends_on__lte=today - NOTES_AFTER)
    )


def waiting_keys(user: Any) -> Any:
    """Return the keys of what waits for `user`, not yet fetched, so that they can be counted together with others."""
    today = timezone.localdate()
    parts = [_polls(user, today), _invitations(user, today), _actions(user)]
    if is_secretariat(user):
        parts.append(_for_the_network(today))
    first, *rest = [part.order_by().values_list("pk") for part in parts]
    return first.union(*rest, all=True)


def lines(user: Any, *, dates: int = 5) -> list[QuerySet]:
    """Return what waits for `user` and the next `dates` meetings they take part in, as lines of one query."""
    today = timezone.localdate()
    of_meeting = {
        "en": "meeting__title_en",
        "fr": "meeting__title_fr",
        "slug": "meeting__slug",
        "word": "meeting__state",
        "nonce": "nonce",
    }
    due = {"due": "meeting__poll_closes_on", "since": "meeting__updated_at"}
    closes = {"due": "meeting__registration_closes_on", "since": "invited_at"}
    action = of_meeting | {"en": "text_en", "fr": "text_fr", "due": "due_on", "since": "created_at"}
    itself = {"en": "title_en", "fr": "title_fr", "slug": "slug", "word": "state"}
    days = {"first": "starts_on", "last": "ends_on", "due": "starts_on", "since": "published_at"}
    parts = [
        line(_polls(user, today).order_by(), "meetings.poll", **of_meeting, **due),
        line(_invitations(user, today).order_by(), "meetings.invitation", **of_meeting, **closes),
        line(_actions(user).order_by(), "meetings.action", **action),
        line(_dated(user, today), "meetings.date", **itself, **days)[:dates],
    ]
    if is_secretariat(user):
        network = itself | {"due": "poll_closes_on", "since": "updated_at"}
        parts.append(line(_for_the_network(today).order_by(), "meetings.network", **network))
    return parts


def glance(user: Any, *, limit: int = 24, dates: int = 5) -> tuple[list[Task], list[NextDate]]:
    """Return what waits for `user` and the next meetings they take part in, at most `limit` and `dates`, in one query."""
    return found_in(lines(user, dates=dates), {"meetings": told}, limit=limit, dates=dates)


def _dated(user: Any, today: date) -> QuerySet[Meeting]:
    """Meetings ahead at which `user` has a place, or which the own municipality hosts; for the network, all of them."""
    ours = municipality_ids_of(user)
    mine = Registration.objects.filter(meeting=OuterRef("pk"), email=user.email.lower(), status=Status.REGISTERED)
    rows = Meeting.objects.filter(state__in=[S.SCHEDULED, S.ANNOUNCED], ends_on__gte=today)
    if not is_secretariat(user):
        rows = rows.filter(Q(Exists(mine)) | Q(host__in=ours) | Q(co_host__in=ours))
    return rows.order_by("starts_on", "pk")


def told(row: Row) -> Task | NextDate:
    """Put a line into words, in the active language."""
    if row.sort == "date":
        assert row.first, "only what has a date lies ahead"
        assert row.last, "the first day has a last one"
        return NextDate(row.title, reverse("meetings:meeting", args=[row.slug]), row.first, row.last)
    if row.sort == "network":
        return _network_task(row.title, row.word, row.slug, row.due, row.on)
    scope, page, detail = {
        "poll": (Invitee.SCOPE, "invitation", _t("Say which dates suit you")),
        "invitation": (Invitee.SCOPE, "invitation", _t("Say whether you come to the meeting")),
        "action": (ActionItem.SCOPE, "action", _t("Do what the meeting asked of you")),
    }[row.sort]
    url = reverse(f"meetings:{page}", args=[make_token(scope, row.pk, row.nonce)])
    return Task(row.title, detail, url, row.due, row.on)


def _network_task(title: str, state: str, slug: str, due: date | None, since: date) -> Task:
    if state == S.POLLING:
        return Task(title, _t("Fix the date of the meeting"), reverse("meetings:poll", args=[slug]), due, since)
    if state == S.HELD:
        return Task(title, _t("Publish the notes of the meeting"), reverse("meetings:notes", args=[slug]), None, since)
    return Task(
        title, _t("Answer those who ask for a place"), reverse("meetings:registrations", args=[slug]), None, since
    )
