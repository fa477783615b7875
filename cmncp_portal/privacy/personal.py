"""What this app itself holds about a person: her own requests. The register of incidents is kept as the law asks (see `tests`)."""

from datetime import datetime

from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cmncp_portal.core.keeping import LIMITS
from cmncp_portal.core.personal import About, Mentions, Part, Person, Removed, Section, Signed
from cmncp_portal.notifications.models import Message
from cmncp_portal.notifications.personal import LETTERS, take_key_off

from .models import PersonRequest
from .notifications import FORGOTTEN

# Never emptied through this table: the link of a request that was carried out still says what was done.
REQUESTS = About(
    PersonRequest,
    _("Your requests about personal data"),
    email="email",
    shows=(
        "kind",
        "email",
        ("asked_at", _("asked at")),
        ("confirmed_at", pgettext_lazy("request about personal data", "confirmed at")),
        ("done_at", _("done at")),
        ("refused_at", _("refused at")),
        "answer",
    ),
    gives_names=False,
)


def _held(person: Person) -> list[Section]:
    return REQUESTS.held(person)


def _forget(person: Person, now: datetime) -> int:
    """Close her other requests and take the address off all of them; answers to copies open nothing any more."""
    hers = PersonRequest.objects.filter(REQUESTS.hers(person))
    hers.filter(kind=PersonRequest.Kind.COPY).update(nonce="")
    hers.filter(done_at__isnull=True, refused_at__isnull=True).update(done_at=now)
    return hers.update(email="")


def _expire(now: datetime) -> list[Removed]:
    """Delete what nobody confirmed, empty addresses of what was answered long ago, and letters to those who were forgotten."""
    waits, answered = LIMITS["unconfirmed"], LIMITS["requests"]
    old = PersonRequest.objects.filter(confirmed_at__isnull=True, asked_at__lt=waits.kept_since(now))
    gone = old.filter(done_at__isnull=True, refused_at__isnull=True).delete()[0]
    settled = PersonRequest.objects.exclude(email="").filter(asked_at__lt=answered.kept_since(now))
    emptied = settled.exclude(done_at__isnull=True, refused_at__isnull=True).update(email="")
    last = Message.objects.filter(kind=FORGOTTEN.name).exclude(state=Message.State.QUEUED).exclude(text="")
    take_key_off(last)
    letters = LETTERS.empty(Q(pk__in=list(last.values_list("pk", flat=True))), now)
    return [
        Removed("unconfirmed", waits.label, gone, waits.first_day_kept(now)),
        Removed("requests", answered.label, emptied, answered.first_day_kept(now)),
        Removed("last_letters", _("Last letters to those who were forgotten"), letters),
    ]


PART = Part(
    "privacy",
    _("Personal data"),
    signed=(Signed(PersonRequest, (("", "asked_by_name"), ("", "done_by_name"))),),
    mentions=(Mentions(PersonRequest, ("answer",)),),
    also_held=_held,
    also_forget=_forget,
    expires=_expire,
)
