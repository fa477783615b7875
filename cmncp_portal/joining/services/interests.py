"""Somebody says that their municipality thinks of joining, proves the address by a button, and tells more if they like."""

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models.functions import Lower, Trim
from django.utils import timezone
from django.utils.translation import gettext as _

from cmncp_portal.core.editing import save_version
from cmncp_portal.core.workflow import TransitionRefused

from .. import notifications as kinds
from ..models import Interest
from ..selectors.days import answer_by
from ..workflow import CONFIRM_DAYS, INTEREST
from .telling import tell_coordinators, tell_person

S = Interest.State
MOST_UNCONFIRMED = 5  # from one address


@transaction.atomic
def express(*, place_name: str, province: str, name: str, email: str, language: str) -> Interest:
    """Note the interest and send the letter with the page that confirms the address; return it.

    Who expressed the same before and is not closed gets the link again, and no second row is made. The caller answers the same
    either way: nobody learns from the page whether an address is known.
    """
    address = email.strip().lower()
    same = Interest.objects.annotate(folded=Lower(Trim("place_name"))).filter(
        email=address, province=province, folded=place_name.strip().lower()
    )
    known = same.exclude(state=S.CLOSED).order_by("-pk").first() or _one_too_many(address)
    if known is not None:
        again = f"again:{timezone.now():%Y%m%d%H}"  # at most one letter an hour
        kind = kinds.CONFIRM if known.state == S.UNCONFIRMED else kinds.LINK_AGAIN
        tell_person(kind, known, occasion=again)
        return known
    made = Interest.objects.create(
        place_name=place_name.strip(), province=province, name=name.strip(), email=address, language=language
    )
    tell_person(kinds.CONFIRM, made, occasion="first")
    return made


def _one_too_many(address: str) -> Interest | None:
    """Return the last of those that wait for the button when there are many: a mailbox is not flooded with one address."""
    waiting = Interest.objects.filter(email=address, state=S.UNCONFIRMED).order_by("-pk")[:MOST_UNCONFIRMED]
    return waiting[0] if len(waiting) == MOST_UNCONFIRMED else None


@transaction.atomic
def confirm(interest: Interest) -> None:
    """The person pressed the button of the own page: the coordinators hear of it. A second time is answered kindly.

    Raises TransitionRefused (done_already) when it was confirmed before.
    """
    now = timezone.now()
    Interest.objects.filter(pk=interest.pk, state=S.UNCONFIRMED).update(
        confirmed_at=now
    )  # before the move: the table asks for it
    INTEREST.apply(interest, "confirm")
    interest.confirmed_at = now
    due = kinds.day_words(answer_by(timezone.localdate(now)))
    tell_person(kinds.RECEIVED, interest, occasion="received", answer_by=due)
    tell_coordinators(
        kinds.TO_COORDINATORS,
        place=kinds.both(interest.place_name),
        url=kinds.url_words("interest", interest.pk),
        key=f"{interest.pk}:received",
        person=kinds.both(interest.name),
        province=kinds.in_both(lambda: str(interest.get_province_display())),
        answer_by=due,
    )


@transaction.atomic
def tell_more(interest: Interest, *, seen: int, **fields: Any) -> None:
    """Keep what the person adds, as read at version `seen`. Raises core.editing.Conflict; TransitionRefused once closed."""
    if interest.state in (S.UNCONFIRMED, S.CLOSED):
        raise TransitionRefused(
            _("This is not possible while it is “%(state)s”.") % {"state": interest.get_state_display()}
        )
    save_version(interest, seen=seen, fields={**fields, "updated_at": timezone.now()})


def send_links(email: str) -> int:
    """Send their own pages again to whoever has the address `email`; return how many letters were written."""
    found = Interest.objects.filter(email=email.strip().lower()).exclude(state=S.CLOSED)
    again = f"lost:{timezone.now():%Y%m%d%H}"
    kind = {True: kinds.CONFIRM, False: kinds.LINK_AGAIN}
    return sum(tell_person(kind[one.state == S.UNCONFIRMED], one, occasion=again) for one in found)


@transaction.atomic
def forget_unconfirmed() -> int:
    """Delete what nobody confirmed within fourteen days, its history too; return how many. For the night."""
    old = timezone.now() - timedelta(days=CONFIRM_DAYS)
    rows = list(Interest.objects.filter(state=S.UNCONFIRMED, created_at__lt=old).select_for_update())
    ids = [row.pk for row in rows]
    Interest.objects.filter(pk__in=ids).delete()
    Interest.pgh_event_model.objects.filter(pgh_obj__in=ids).delete()  # type: ignore[attr-defined]
    return len(ids)
