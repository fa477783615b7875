"""Reading: who somebody is, what is held about her, what would be missed, and the register."""

from datetime import datetime, timedelta

from allauth.account.models import EmailAddress
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Coalesce, Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cmncp_portal.accounts.models import User
from cmncp_portal.core.keeping import LIMITS
from cmncp_portal.core.personal import About, Obstacle, Person, Section, fits_as_name, own
from cmncp_portal.network.models import Stakeholder

from .models import Incident, PersonRequest, RetentionRun
from .parts import PARTS

COPY_LASTS = timedelta(days=30)  # from the confirmation on, the link shows the copy
K = PersonRequest.Kind


def person_of(email: str) -> Person:
    """Return the person whose address is `email`, with her account, entries and the names that only she has here.

    The number of queries does not depend on whether anything is known.
    """
    address = email.strip().lower()
    accounts = frozenset(User.objects.filter(email__iexact=address).values_list("pk", flat=True))
    proved = EmailAddress.objects.filter(user__in=accounts, verified=True).values_list("email", flat=True)
    emails = frozenset({address, *(one.lower() for one in proved)})
    hers = Q(user__in=accounts)
    for one in emails:
        hers |= Q(email__iexact=one)
    entries = frozenset(Stakeholder.objects.filter(hers).values_list("pk", flat=True))
    person = Person(emails, accounts, entries)
    return Person(emails, accounts, entries, _names(person))


def _tables() -> list[About]:
    """The tables in which a name and an address stand beside each other."""
    tables = [table for part in PARTS for table in part.about]
    return [table for table in tables if own(table.rows, table.name) and own(table.rows, table.email)]


def _names(person: Person) -> frozenset[str]:
    """Return the full names under which others wrote her down, without those that somebody else has as well."""
    given: set[str] = set()
    for table in _tables():
        if table.gives_names:
            given |= set(table.rows._base_manager.filter(table.hers(person)).values_list(table.name, flat=True))
    names = {name for name in given if fits_as_name(name)}
    shared: set[str] = set()
    for table in _tables():
        lowered = {name.lower() for name in names}
        others = table.rows._base_manager.exclude(table.hers(person)).exclude(**{table.email: ""})
        found = others.alias(called=Lower(table.name)).filter(called__in=lowered)
        shared |= {name.lower() for name in found.values_list(table.name, flat=True)} if names else set()
    return frozenset(name for name in names if name.lower() not in shared)


def copy_of(email: str) -> list[Section]:
    """Return everything that is held about the holder of `email`, part by part, in the active language.

    What she did at work is counted, not listed: who read confidential remarks is not told at all, since that log is about the
    work of reviewing and protects those who wrote. A constant number of queries, whatever is held.
    """
    person = person_of(email)
    sections = [section for part in PARTS for section in part.held(person)]
    beside = [[(part.title, str(count))] for part in PARTS if (count := part.beside(person))]
    if beside:
        title = _("How often your name stands beside what was done, asked or written")
        sections.append(Section("privacy.beside", title, beside))
    return sections


def obstacles_to_forgetting(email: str, now: datetime) -> list[Obstacle]:
    """Return what runs and needs the holder of `email`, in the active language."""
    person = person_of(email)
    return [one for part in PARTS for one in part.obstacles(person, now=now)]


def stage_of(request: PersonRequest, now: datetime) -> str:
    """Return where a request stands: "asked", "stale", "copy", "waiting", "done" or "refused"."""
    if request.refused_at:
        return "refused"
    if request.confirmed_at is None and request.done_at is None:
        return "asked" if request.asked_at >= LIMITS["unconfirmed"].kept_since(now) else "stale"
    if request.kind == K.COPY:
        fresh = request.email and request.confirmed_at and now < request.confirmed_at + COPY_LASTS
        return "copy" if fresh else "stale"
    return "done" if request.done_at else "waiting"


def requests() -> QuerySet[PersonRequest]:
    """Return the requests that count, those to be decided first, the earliest due at the top."""
    settled = Coalesce("done_at", "refused_at")
    confirmed = PersonRequest.objects.exclude(confirmed_at__isnull=True).annotate(settled_at=settled)
    return confirmed.order_by(F("settled_at").desc(nulls_first=True), "due_on", "pk")


def to_decide() -> QuerySet[PersonRequest]:
    """Return the requests to be forgotten that nobody has decided."""
    return requests().filter(kind=K.FORGET, done_at__isnull=True, refused_at__isnull=True)


def incidents() -> QuerySet[Incident]:
    """Return the register of incidents: open ones first, then the latest."""
    return Incident.objects.order_by(F("closed_on").desc(nulls_first=True), "-noticed_on", "-pk")


def runs() -> QuerySet[RetentionRun]:
    return RetentionRun.objects.order_by("-at", "-pk")


def late(request: PersonRequest) -> bool:
    """Tell whether the day by which a request is to be answered has passed without an answer."""
    return not request.done_at and not request.refused_at and request.due_on < timezone.localdate()
