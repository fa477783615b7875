"""What waits for a person at meetings, and which dates come next: one query for the own page, one for the count on every page."""

from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import (
    CharField,
    DateField,
    DateTimeField,
    Exists,
    F,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    TextField,
    Value,
)
from django.db.models.functions import Cast
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _t

from cmncp_portal.accounts.rules import is_secretariat
from cmncp_portal.core.links import make_token
from cmncp_portal.core.places import Status
from cmncp_portal.core.text import pick
from cmncp_portal.core.waiting import NextDate, Task
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


def _line(
    rows: QuerySet, sort: str, meeting: str, *, due: str = "", since: str, nonce: str = "", text: bool = False
) -> Any:
    """The same columns for every sort of thing, so that one query brings them all."""
    prefix = f"{meeting}__" if meeting else ""
    none = Cast(Value(None), output_field=DateField())
    return rows.annotate(
        u_sort=Value(sort, output_field=CharField()),
        u_state=F(f"{prefix}state"),
        u_en=F("text_en") if text else Cast(F(f"{prefix}title_en"), TextField()),
        u_fr=F("text_fr") if text else Cast(F(f"{prefix}title_fr"), TextField()),
        u_slug=F(f"{prefix}slug"),
        u_first=F(f"{prefix}starts_on"),
        u_last=F(f"{prefix}ends_on"),
        u_due=F(due) if due else none,
        u_since=F(since) if since else Cast(Value(None), output_field=DateTimeField()),
        u_nonce=F(nonce) if nonce else Value("", output_field=CharField()),
        u_pk=Cast(F("pk"), IntegerField()),
    ).values_list(
        "u_sort", "u_state", "u_en", "u_fr", "u_slug", "u_first", "u_last", "u_due", "u_since", "u_nonce", "u_pk"
    )


def glance(user: Any, *, limit: int = 24, dates: int = 5) -> tuple[list[Task], list[NextDate]]:
    """Return what waits for `user` and the next meetings they take part in, at most `limit` and `dates`, in one query."""
    today = timezone.localdate()
    parts = [
        _line(
            _polls(user, today).order_by(),
            "poll",
            "meeting",
            due="meeting__poll_closes_on",
            since="meeting__updated_at",
            nonce="nonce",
        ),
        _line(
            _invitations(user, today).order_by(),
            "invitation",
            "meeting",
            due="meeting__registration_closes_on",
            since="invited_at",
            nonce="nonce",
        ),
        _line(
            _actions(user).order_by(), "action", "meeting", due="due_on", since="created_at", nonce="nonce", text=True
        ),
        _line(_dated(user, today), "date", "", since="published_at")[:dates],
    ]
    if is_secretariat(user):
        parts.append(_line(_for_the_network(today).order_by(), "network", "", due="poll_closes_on", since="updated_at"))
    rows = list(parts[0].union(*parts[1:], all=True)[: 4 * limit])
    tasks = [_task(row) for row in rows if row[0] != "date"]
    ahead = [_date(row) for row in rows if row[0] == "date"]
    tasks.sort(key=lambda task: task.urgency)
    return tasks[:limit], sorted(ahead, key=lambda one: (one.first_day, one.title))


def _dated(user: Any, today: date) -> QuerySet[Meeting]:
    """Meetings ahead at which `user` has a place, or which the own municipality hosts; for the network, all of them."""
    ours = municipality_ids_of(user)
    mine = Registration.objects.filter(meeting=OuterRef("pk"), email=user.email.lower(), status=Status.REGISTERED)
    rows = Meeting.objects.filter(state__in=[S.SCHEDULED, S.ANNOUNCED], ends_on__gte=today)
    if not is_secretariat(user):
        rows = rows.filter(Q(Exists(mine)) | Q(host__in=ours) | Q(co_host__in=ours))
    return rows.order_by("starts_on", "pk")


def _date(row: Any) -> NextDate:
    _sort, _state, en, fr, slug, first, last, *_rest = row
    return NextDate(str(pick(en, fr)), reverse("meetings:meeting", args=[slug]), first, last)


def _task(row: Any) -> Task:
    sort, state, en, fr, slug, _first, _last, due, since, nonce, pk = row
    title = str(pick(en, fr))
    on = timezone.localdate(since) if isinstance(since, datetime) else timezone.localdate()
    if sort == "poll":
        url = reverse("meetings:invitation", args=[make_token(Invitee.SCOPE, pk, nonce)])
        return Task(title, _t("Say which dates suit you"), url, due, on)
    if sort == "invitation":
        url = reverse("meetings:invitation", args=[make_token(Invitee.SCOPE, pk, nonce)])
        return Task(title, _t("Say whether you come to the meeting"), url, due, on)
    if sort == "action":
        url = reverse("meetings:action", args=[make_token(ActionItem.SCOPE, pk, nonce)])
        return Task(title, _t("Do what the meeting asked of you"), url, due, on)
    return _network_task(title, state, slug, due, on)


def _network_task(title: str, state: str, slug: str, due: date | None, since: date) -> Task:
    if state == S.POLLING:
        return Task(title, _t("Fix the date of the meeting"), reverse("meetings:poll", args=[slug]), due, since)
    if state == S.HELD:
        return Task(title, _t("Publish the notes of the meeting"), reverse("meetings:notes", args=[slug]), None, since)
    return Task(
        title, _t("Answer those who ask for a place"), reverse("meetings:registrations", args=[slug]), None, since
    )
