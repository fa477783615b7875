"""What the outbox holds about a person: the letters written to her, those that name her, and what she wants to receive."""

from datetime import datetime

from django.db.models import F, Func, Q, QuerySet, TextField, Value
from django.db.models.functions import Cast, Coalesce, Concat
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from cmncp_portal.core.keeping import LIMITS
from cmncp_portal.core.personal import (
    NOBODY,
    NOWHERE,
    About,
    Mentions,
    Part,
    Person,
    Removed,
    Signed,
    history_of,
    pattern_of,
)

from .models import Mailing, MailingLine, Message, Preference

BODIES = ("text", "html", "calendar", "last_error")
FOLD = r"\r?\n[ \t]"  # calendar files break long lines, names included
LETTERS = About(
    Message,
    _("Letters to you"),
    email="to_email",
    name="to_name",
    nobody="",
    empties=(*BODIES, "unsubscribe_token", "provider_id"),
    sets={"subject": NOBODY},
    shows=("subject", ("when", _("sent at")), "state", "language"),
    gives_names=False,
)


def fingerprint(email: str) -> str:
    """Return what stands for `email` in the history of consents: whoever has the address can look it up, nobody can read it."""
    return f"{salted_hmac('cmncp.consent', email.strip().lower(), algorithm='sha256').hexdigest()[:40]}{NOWHERE}"


def take_key_off(letters: QuerySet[Message]) -> None:
    """Put a number in the place of the address, with which the key of a letter ends."""
    number = Concat(Value(":forgotten-"), Cast("pk", TextField()))
    letters.update(key=Func(F("key"), Value(":[^:]*$"), number, function="regexp_replace"))


def _take_back(person: Person, _now: datetime) -> int:
    """Withdraw what waits, take the address out of the keys, drop calendars that name the person; keep consents provable."""
    hers = Message.objects.filter(LETTERS.hers(person))
    hers.filter(state=Message.State.QUEUED).update(state=Message.State.WITHDRAWN)
    take_key_off(hers)
    if pattern := pattern_of(person):
        unfolded = Func(F("calendar"), Value(FOLD), Value(""), Value("g"), function="regexp_replace")
        kept = Message.objects.exclude(calendar="").alias(line=Cast(unfolded, TextField()))
        kept.filter(line__iregex=pattern).update(calendar="")
    for email in person.emails:
        consents = history_of(Preference).objects.filter(email__iexact=email)
        consents.update(email=fingerprint(email))
    gone, _kinds = Preference.objects.filter(email__in=person.emails).delete()
    return gone


def _expire(now: datetime) -> list[Removed]:
    """Empty the letters, and what mailings were written from, that are older than the limit."""
    limit = LIMITS["letters"]
    since = limit.kept_since(now)
    old = Message.objects.filter(created_at__lt=since).exclude(state=Message.State.QUEUED)
    done = old.exclude(**dict.fromkeys(BODIES, "")).update(**dict.fromkeys(BODIES, ""))
    mailings = Mailing.objects.filter(created_at__lt=since).filter(
        Q(finished_at__isnull=False) | Q(withdrawn_at__isnull=False)
    )
    lines = MailingLine.objects.filter(mailing__in=mailings).exclude(own={})
    lines.update(own={})
    mailings.exclude(context={}).update(context={}, calendar={})
    return [Removed("letters", limit.label, done, limit.first_day_kept(now))]


PART = Part(
    "notifications",
    _("Letters"),
    about=(
        LETTERS,
        About(
            MailingLine,
            _("Letters to many, one of them to you"),
            email="email",
            name="name",
            empties=("own",),
            sets={"written_at": lambda now: Coalesce(F("written_at"), Value(now))},
            shows=(("mailing__created_at", _("begun at")), ("name", _("name")), ("language", _("language"))),
            gives_names=False,
        ),
        About(
            Preference,
            _("What you want to receive"),
            email="email",
            shows=("category", "is_wanted", "decided_at", "wording"),
        ),
    ),
    signed=(Signed(Mailing, (("", "by_name"),)),),
    mentions=(
        Mentions(Message, ("key", "subject", *BODIES)),
        Mentions(Mailing, ("context", "calendar")),
        Mentions(MailingLine, ("own",)),
    ),
    also_forget=_take_back,
    expires=_expire,
)
