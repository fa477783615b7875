"""What waits for a person: to say where the strategy stands, and how far commitments are."""

from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Case, Exists, OuterRef, Q, QuerySet, Value, When
from django.db.models.functions import TruncDate
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from cmncp_portal.core.links import make_token
from cmncp_portal.core.waiting import NextDate, Row, Task, found_in, line
from cmncp_portal.network.models.municipality import MunicipalityQuerySet
from cmncp_portal.network.rules import municipality_ids_of, speaks_for_ids

from ..models import Commitment, Inquiry, InquiryItem, ProfileChange
from .inquiries import OPEN_FOR
from .ladder import members

ASKED_ON = (3, 1)  # month and day of the yearly question
STILL_FRESH = timedelta(days=60)
BEGIN_BY = (4, 30)  # until then those without any profile are asked to begin one; afterwards nobody insists


def asked_on(year: int) -> date:
    """Return the day of `year` on which municipalities are asked whether their profile is still right."""
    return date(year, *ASKED_ON)


def not_confirmed(year: int) -> MunicipalityQuerySet:
    """Return the members who had not changed or confirmed their profile in the 60 days before the question of `year`, nor since."""
    # By days and not by instants, so that the same question on the same day is the same SQL.
    day = TruncDate("at", tzinfo=ZoneInfo(settings.TIME_ZONE))
    since = asked_on(year) - STILL_FRESH
    # The network's own change of the list of checks is none that the municipality made.
    changes = ProfileChange.objects.exclude(what="check_list").annotate(day=day)
    recent = changes.filter(profile=OuterRef("strategy"), day__gte=since)
    confirmed = TruncDate("strategy__confirmed_at", tzinfo=ZoneInfo(settings.TIME_ZONE))
    rows = members().annotate(confirmed_day=confirmed).filter(~Exists(recent))
    return rows.filter(Q(confirmed_day__isnull=True) | Q(confirmed_day__lt=since))


def _waiting(user: Any) -> MunicipalityQuerySet:
    """From March 1 on, where this person decides: what was not confirmed since; without a profile until the end of April."""
    today = timezone.localdate()
    rows = not_confirmed(today.year).filter(pk__in=speaks_for_ids(user))
    if today < asked_on(today.year):
        return rows.none()
    return rows if today <= date(today.year, *BEGIN_BY) else rows.filter(strategy__isnull=False)


def _unanswered(user: Any) -> QuerySet[Inquiry]:
    """The letters to this person with a question about something open that nobody has answered, while their links open."""
    asked = InquiryItem.objects.filter(inquiry=OuterRef("pk"), answered_at__isnull=True)
    asked = asked.filter(commitment__state__in=Commitment.OPEN)
    # By days and not by instants, so that the same question on the same day is the same SQL.
    rows = Inquiry.objects.annotate(day=TruncDate("asked_at", tzinfo=ZoneInfo(settings.TIME_ZONE)))
    return rows.filter(Exists(asked), email=user.email.lower(), day__gte=timezone.localdate() - OPEN_FOR)


def _past_their_day(user: Any) -> QuerySet[Commitment]:
    """What this person sees to, is open and was due before today; not what a letter asks about already."""
    mine = Q(owner__user=user.pk) | Q(owner_email=user.email.lower())
    asked = InquiryItem.objects.filter(
        commitment=OuterRef("pk"), answered_at__isnull=True, inquiry__email=user.email.lower()
    )
    rows = Commitment.objects.open().filter(mine, municipality__in=municipality_ids_of(user))
    return rows.filter(~Exists(asked), due_on__lt=timezone.localdate())


def waiting_keys(user: Any) -> Any:
    """Return the keys of what waits for `user`, not yet fetched, so that they can be counted together with others."""
    others = [rows.order_by().values_list("pk") for rows in (_unanswered(user), _past_their_day(user))]
    return _waiting(user).order_by().values_list("pk").union(*others, all=True)


def lines(user: Any) -> list[QuerySet]:
    """Return what waits for `user` as lines of one query."""
    begun = Case(When(strategy__isnull=False, then=Value("begun")), default=Value(""))
    where = {"en": "name_en", "fr": "name_fr", "slug": "slug", "word": begun}
    name = {code: f"municipality__name_{code}" for code in ("en", "fr")}
    said = {"en": "text", "fr": "text", "slug": "municipality__slug", "due": "due_on", "since": "created_at"}
    return [
        line(_waiting(user).order_by(), "progress.confirm", **where),
        line(_unanswered(user).order_by(), "progress.inquiry", **name, since="asked_at", nonce="nonce"),
        line(_past_their_day(user).order_by(), "progress.late", **said),
    ]


def glance(user: Any, *, limit: int = 24, dates: int = 5) -> tuple[list[Task], list[NextDate]]:
    """Return what waits for `user`, at most `limit`, and no dates, in one query."""
    return found_in(lines(user), {"progress": told}, limit=limit, dates=dates)


def told(row: Row) -> Task:
    """Put a line into words, in the active language."""
    if row.sort == "inquiry":
        url = reverse("progress:answer", args=[make_token(Inquiry.SCOPE, row.pk, row.nonce)])
        return Task(row.title, _("Say how far what you see to is"), url, None, row.on)
    if row.sort == "late":
        url = reverse("progress:commitment", args=[row.slug, row.pk])
        return Task(row.title, _("Its day has passed: say how far it is"), url, row.due, row.on)
    detail = _("Confirm where your strategy stands") if row.word else _("Say where your strategy stands")
    since = asked_on(timezone.localdate().year)
    return Task(row.title, detail, reverse("progress:strategy", args=[row.slug]), None, since)
