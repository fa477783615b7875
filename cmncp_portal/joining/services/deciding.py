"""What coordinators do with an expression of interest: find out which community it is, talk, invite to apply, close."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _

from cmncp_portal.core.editing import save_version
from cmncp_portal.core.workflow import TransitionRefused
from cmncp_portal.network import services as network
from cmncp_portal.network.models import Membership, Municipality, Sector, Stakeholder, Standing

from .. import notifications as kinds
from ..models import Application, Interest
from ..workflow import APPLICATION, INTEREST, is_not_a_member
from .telling import tell_person

S = Interest.State


def _locked(interest: Interest, by: Any) -> Interest:
    if not by.has_perm("joining.answer_interest", interest):
        raise PermissionDenied
    return Interest.objects.select_for_update(of=("self",)).select_related("municipality").get(pk=interest.pk)


@transaction.atomic
def know_as(interest: Interest, municipality: Municipality, *, by: Any) -> None:
    """Say that the interest is that of `municipality`, which is listed already; the person is listed there as well.

    Not with a member: its own people say who works there. Raises TransitionRefused once an application was begun, when
    somebody chose another community meanwhile, and when it is closed.
    """
    fresh = _locked(interest, by)
    if fresh.state == S.CLOSED:
        raise TransitionRefused(
            _("This is not possible while it is “%(state)s”.") % {"state": fresh.get_state_display()}
        )
    if Application.objects.filter(interest=fresh).exists():
        raise TransitionRefused(_("The application was begun already: it stays with its municipality."))
    if fresh.municipality_id not in (None, municipality.pk):
        raise _tied_already(fresh)  # else the person would be listed as the representative of both
    Interest.objects.filter(pk=fresh.pk).update(municipality=municipality, updated_at=timezone.now())
    interest.municipality = municipality
    if is_not_a_member(interest) is None:
        _accompany(municipality, by)
        _list_person(fresh, municipality)


def _tied_already(interest: Interest) -> TransitionRefused:
    sentence = _("Somebody tied this to %(place)s meanwhile.") % {"place": interest.municipality}
    return TransitionRefused(sentence, done_already=True)


@transaction.atomic
def make_known(interest: Interest, *, by: Any, **fields: Any) -> Municipality:
    """List the community as one that thinks of joining, with the person as its contact; return it.

    The caller has shown the coordinator what looks like the same (`selectors.duplicates`). `fields` are those of Municipality
    (name_en, name_fr, kind, time_zone, population…); the address is made from the English name.
    Raises TransitionRefused when the interest was tied to a community meanwhile.
    """
    fresh = _locked(interest, by)
    if fresh.municipality_id:
        raise _tied_already(fresh)
    municipality = Municipality.objects.create(slug=_free_slug(fields["name_en"], fresh.province), **fields)
    know_as(interest, municipality, by=by)
    return municipality


def _free_slug(name: str, province: str) -> str:
    """An address from the name; with the province, then a number, when that is taken."""
    first = slugify(name)[:40] or "community"
    taken = set(Municipality.objects.filter(slug__startswith=first).values_list("slug", flat=True))
    tries = [first, f"{first}-{province.lower()}", *(f"{first}-{n}" for n in range(2, len(taken) + 3))]
    return next(slug for slug in tries if slug not in taken)


def _accompany(municipality: Municipality, by: Any) -> None:
    """Note that the community thinks of joining, unless a membership of any class runs."""
    today = timezone.localdate()
    if not any(one.until_on is None or one.runs_on(today) for one in municipality.memberships.all()):
        network.admit_member(municipality, kind=Membership.Kind.PROSPECTIVE, from_on=today, by=by)


def sector_of_staff() -> Sector:
    """Return the sector of people who work for a municipality, until they say something else. There are sectors in every portal."""
    return Sector.objects.filter(slug="municipal").first() or Sector.objects.earliest("order")


def _list_person(interest: Interest, municipality: Municipality) -> Stakeholder:
    """List the person there, unless the address is; as representative when there is none, else as staff."""
    found = Stakeholder.objects.current().filter(municipality=municipality, email__iexact=interest.email).first()
    if found:
        return found
    speaks = Stakeholder.objects.current().filter(municipality=municipality, standing=Standing.REPRESENTATIVE).exists()
    return Stakeholder.objects.create(
        municipality=municipality,
        name=interest.name,
        title=interest.role,
        email=interest.email,
        phone=interest.phone,
        language=interest.language,
        sector=sector_of_staff(),
        standing=Standing.STAFF if speaks else Standing.REPRESENTATIVE,
    )


@transaction.atomic
def give_access(interest: Interest, *, by: Any) -> None:
    """Let the person in as somebody who sees the own pages only, such as a need for a mentor.

    Raises TransitionRefused: nobody knows of which municipality, or it is a member, or there is an account.
    """
    fresh = _locked(interest, by)
    if fresh.municipality is None:
        raise TransitionRefused(_("Say which municipality it is, or make it known."))
    if reason := is_not_a_member(fresh):
        raise TransitionRefused(reason)
    network.give_account(_list_person(fresh, fresh.municipality), by=by)


@transaction.atomic
def talk(interest: Interest, *, by: Any) -> None:
    """Note that the conversation began; whoever does it looks after it from now on."""
    INTEREST.apply(interest, "talk", by=by)
    now = timezone.now()
    Interest.objects.filter(pk=interest.pk).update(answered_at=now, assigned_to=by)


@transaction.atomic
def invite_to_apply(interest: Interest, *, by: Any, word: str = "") -> Application:
    """Open the application on the person's own page and write to her; return it. Raises TransitionRefused with the reason."""
    INTEREST.apply(interest, "invite_to_apply", by=by)
    assert interest.municipality is not None  # the guard of the move
    now = timezone.now()
    Interest.objects.filter(pk=interest.pk, answered_at__isnull=True).update(answered_at=now, assigned_to=by)
    application, _is_new = Application.objects.get_or_create(
        interest=interest,
        defaults={
            "municipality": interest.municipality,
            "kind": interest.membership_kind,
            "representative_name": interest.name,
            "representative_title": interest.role,
            "representative_email": interest.email,
            "representative_language": interest.language,
        },
    )
    tell_person(
        kinds.INVITED_TO_APPLY,
        interest,
        occasion=f"apply:{interest.changes.count()}",
        word=kinds.both(word),
        by=kinds.both(str(by)),
    )
    return application


@transaction.atomic
def close(interest: Interest, *, by: Any, word: str, tells: bool = True) -> None:
    """Close it with a reason; the person reads it unless `tells` is off (what nobody confirmed is never written to)."""
    application = Application.objects.select_related("interest").filter(interest=interest.pk).first()
    if application is not None and application.state == Application.State.SENT:
        raise TransitionRefused(_("Decide the application first."))
    confirmed = interest.state != S.UNCONFIRMED
    INTEREST.apply(interest, "close", by=by, note=word)
    if application is not None:
        APPLICATION.apply(application, "withdraw", by=by, note=word)
    if tells and confirmed:
        occasion = f"closed:{interest.changes.count()}"
        tell_person(kinds.CLOSED, interest, occasion=occasion, word=kinds.both(word), by=kinds.both(str(by)))


def reopen(interest: Interest, *, by: Any) -> None:
    """Take up a closed one again."""
    INTEREST.apply(interest, "reopen", by=by)


@transaction.atomic
def keep_notes(interest: Interest, *, seen: int, by: Any, notes: str) -> None:
    """Keep what coordinators note for each other. Raises core.editing.Conflict."""
    fresh = _locked(interest, by)
    save_version(fresh, seen=seen, fields={"notes": notes, "updated_at": timezone.now()})
