"""A consultation: its days, who is asked, opening and closing it, and the personal links of guests."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from cmncp_portal.core.dates import day_in_words
from cmncp_portal.core.editing import save_version
from cmncp_portal.core.links import new_nonce
from cmncp_portal.core.workflow import TransitionRefused
from cmncp_portal.network.models import Stakeholder
from cmncp_portal.notifications import services as letters

from ..models import Comment, CommentInvitee, StandardVersion
from ..notifications import standards as kinds
from ..workflow import VERSION
from .standards_letters import audience, recipient_of_guest, tell_answers, tell_opened

V = StandardVersion.State
MAY_PLAN = (V.DRAFT, V.CONSULTATION, V.ANSWERING)


def _locked(version: StandardVersion, *, by: Any, permission: str = "training.consult") -> StandardVersion:
    """Return `version` locked and read again. Raises PermissionDenied, and TransitionRefused when it is adopted or over."""
    fresh = StandardVersion.objects.select_for_update(of=("self",)).select_related("standard").get(pk=version.pk)
    if not by.has_perm(permission, fresh):
        raise PermissionDenied
    if fresh.state not in MAY_PLAN:
        raise TransitionRefused(
            _("This is not possible while it is “%(state)s”.") % {"state": fresh.get_state_display()}
        )
    return fresh


@transaction.atomic
def plan_days(version: StandardVersion, *, seen: int, opens_on: date | None, closes_on: date | None, by: Any) -> None:
    """Set from when until when people can comment. While they can, the last day only moves later: they were told of it.

    Raises PermissionDenied, TransitionRefused, and Conflict when somebody saved since version `seen` of the row.
    """
    fresh = _locked(version, by=by)
    if fresh.state == V.CONSULTATION:
        if closes_on is None or (fresh.closes_on and closes_on < fresh.closes_on):
            told = day_in_words(fresh.closes_on) if fresh.closes_on else ""
            raise TransitionRefused(
                _("People were told that they can comment until %(day)s: the last day can only move later.")
                % {"day": told}
            )
        opens_on = fresh.opens_on
    save_version(fresh, seen=seen, fields={"opens_on": opens_on, "closes_on": closes_on})


@transaction.atomic
def open_consultation(version: StandardVersion, *, by: Any, again: bool = False) -> None:
    """Open the consultation (once more if `again`) and begin to write to everybody who is asked.

    People of members without an account get a personal link. Raises PermissionDenied, TransitionRefused.
    """
    fresh = StandardVersion.objects.select_related("standard").get(pk=version.pk)
    VERSION.apply(fresh, "consult_again" if again else "open_consultation", by=by)
    version.state = fresh.state
    people, guests = audience(fresh)
    CommentInvitee.objects.bulk_create([g for g in guests if g.pk is None], ignore_conflicts=True)
    emails = [guest.email for guest in guests]
    tell_opened(fresh, people, fresh.invitees.filter(email__in=emails).order_by("pk"), by=by)


@transaction.atomic
def close_consultation(version: StandardVersion, *, by: Any = None, note: str = "") -> None:
    """Close the consultation: no comment is made or changed any more. Without `by` the portal does it, the day after the last.

    Raises PermissionDenied, TransitionRefused.
    """
    VERSION.apply(version, "close_consultation", by=by, note=note)


@transaction.atomic
def invite_guests(version: StandardVersion, *, guests: Iterable[dict[str, str]], by: Any) -> int:
    """Ask people from colleges and elsewhere; return how many are new. While it is open they get the letter at once.

    Each of `guests` has name, email, language and organisation. Raises PermissionDenied, TransitionRefused.
    """
    fresh = _locked(version, by=by)
    rows = {g["email"].lower(): CommentInvitee(version=fresh, **{**g, "email": g["email"].lower()}) for g in guests}
    known = set(fresh.invitees.filter(email__in=rows).values_list("email", flat=True))
    new = [row for email, row in rows.items() if email not in known]
    CommentInvitee.objects.bulk_create(new)
    if new and fresh.takes_comments():
        tell_opened(fresh, [], new, by=by)
    return len(new)


@transaction.atomic
def remove_guest(version: StandardVersion, *, pk: int, by: Any) -> None:
    """Take somebody off the list; the personal link opens nothing any more. What the person said stays.

    Raises PermissionDenied, TransitionRefused.
    """
    fresh = _locked(version, by=by)
    if not fresh.invitees.filter(pk=pk).delete()[0]:
        raise TransitionRefused(_("This person was taken off the list already."), done_already=True)


@transaction.atomic
def not_me(invitee: CommentInvitee) -> None:
    """The letter reached somebody else: name and address go, with them the link, and no letter follows.

    An address that a member lists stays as one that is not written to: it would be asked again when the consultation is
    opened once more.
    """
    gone = {"name": _("Name removed"), "organisation": ""}
    Comment.objects.filter(invitee=invitee.pk).update(**gone, email="", updated_at=timezone.now())
    rows = CommentInvitee.objects.filter(pk=invitee.pk)
    if Stakeholder.objects.current().filter(email__iexact=invitee.email).exists():
        rows.update(**gone, wants_no_more=True, invited_at=None, nonce=new_nonce())
    else:
        rows.delete()


def stop_letters(invitee: CommentInvitee) -> None:
    """No further letters about this version."""
    CommentInvitee.objects.filter(pk=invitee.pk).update(wants_no_more=True)


def send_links_again(email: str) -> int:
    """Send the personal links of consultations that go on, or are being answered, once more to `email`; once an hour.

    Return how many letters were written. Nobody learns from the answer whether the address is known.
    """
    rows = CommentInvitee.objects.filter(email=email.strip().lower(), invited_at__isnull=False)
    sent = 0
    for invitee in rows.filter(version__state__in=[V.CONSULTATION, V.ANSWERING]).select_related("version__standard"):
        to, values, own = recipient_of_guest(invitee), kinds.values_of(invitee.version), kinds.guest_urls(invitee)
        context = {code: values[code] | own[code] | {"name": to.name} for code in ("en", "fr")}
        hour = f"{timezone.now():%Y%m%d%H}"
        key = f"{kinds.CONSULTATION_LINK.name}:{invitee.version_id}:{invitee.pk}:{hour}"
        sent += letters.send(kinds.CONSULTATION_LINK, to, key=key, context=context) is not None
    return sent


@transaction.atomic
def send_answers(version: StandardVersion, *, by: Any) -> int:
    """Write to everybody whose comments were answered since the last time, one letter each; return to how many.

    Raises PermissionDenied; TransitionRefused when everybody was told, or before the consultation was closed.
    """
    fresh = _locked(version, by=by, permission="training.answer_comments")
    if fresh.state != V.ANSWERING:
        raise TransitionRefused(_("Answers are sent once the consultation is closed."))
    is_any = fresh.comments.exclude(verdict=Comment.Verdict.OPEN).filter(told_at=None, withdrawn_at=None).exists()
    told = tell_answers(fresh, by=by)
    if not is_any:
        raise TransitionRefused(_("Everybody was told of the answers already."), done_already=True)
    return told


__all__ = [
    "audience",
    "close_consultation",
    "invite_guests",
    "not_me",
    "open_consultation",
    "plan_days",
    "remove_guest",
    "send_answers",
    "send_links_again",
    "stop_letters",
]
