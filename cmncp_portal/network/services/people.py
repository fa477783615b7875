"""The people of a municipality: adding, leaving, moving, handing over, and their accounts."""

from datetime import date
from typing import Any

from allauth.account.models import EmailAddress
from django.db import IntegrityError, transaction
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cmncp_portal.accounts import services as accounts
from cmncp_portal.accounts.models import User
from cmncp_portal.core.editing import save_version
from cmncp_portal.notifications.services import send

from .. import notifications as letters
from ..models import Municipality, Stakeholder, Standing
from ..selectors import coordinators, person_standing, recipient_of, representative_of
from .base import Refused, letter_values


def _already_listed() -> Refused:
    return Refused(_("Somebody with this email address is already listed in this municipality."))


@transaction.atomic
def add_stakeholder(municipality: Municipality, *, by: User, **fields: Any) -> Stakeholder:
    """Add a person to `municipality`; a new representative or deputy gets a letter.

    Raises Refused when the address is listed there already, or when there is a representative and this would be a second.
    """
    fields = {name: value for name, value in fields.items() if name != "version"}
    if fields.get("standing") == Standing.REPRESENTATIVE:
        _lock(municipality)
        if representative_of(municipality):
            raise Refused(_("There is a representative already: hand the role over instead."))
    try:
        with transaction.atomic():
            person = Stakeholder.objects.create(municipality=municipality, **fields)
    except IntegrityError as error:
        raise _already_listed() from error
    _welcome(person, None, by)
    return person


@transaction.atomic
def keep_stakeholder(person: Stakeholder, *, seen: int, by: User, **fields: Any) -> Stakeholder:
    """Write `fields` of `person` as read at version `seen`. Raises core.editing.Conflict or Refused.

    The role of a representative changes by handing over, not here.
    """
    before = person_standing(person)
    wanted = fields.get("standing", before)
    if before == Standing.REPRESENTATIVE and wanted != before:
        raise Refused(_("A representative hands the role over to somebody first."))
    if wanted == Standing.REPRESENTATIVE and wanted != before:
        _lock(person.municipality)
        if representative_of(person.municipality):
            raise Refused(_("There is a representative already: hand the role over instead."))
    try:
        with transaction.atomic():
            save_version(person, seen=seen, fields={**fields, "updated_at": timezone.now()})
    except IntegrityError as error:
        raise _already_listed() from error
    _welcome(person, before, by)
    return person


def _lock(municipality: Municipality) -> None:
    Municipality.objects.select_for_update().get(pk=municipality.pk)


def _welcome(person: Stakeholder, before: str | None, by: User) -> None:
    if person.standing == before:
        return
    if person.standing == Standing.DEPUTY:
        head = representative_of(person.municipality)
        values = letter_values(person.municipality, representative=head.name if head else "", by=str(by))
        send(
            letters.NOW_DEPUTY,
            recipient_of(person),
            key=f"network.now_deputy:{person.pk}:v{person.version}",
            context=values,
        )
    elif person.standing == Standing.REPRESENTATIVE:
        _tell_of_representative(person, None, by)


def _tell_of_representative(new: Stakeholder, old: Stakeholder | None, by: User) -> None:
    place, occasion = new.municipality, f"{new.pk}:v{new.version}"
    predecessor = old.name if old else ""
    values = letter_values(place, predecessor=predecessor, by=str(by))
    send(letters.NOW_REPRESENTATIVE, recipient_of(new), key=f"network.now_representative:{occasion}", context=values)
    if old is not None:
        values = letter_values(place, successor=new.name, by=str(by))
        send(
            letters.NO_LONGER_REPRESENTATIVE, recipient_of(old), key=f"network.no_longer_rep:{occasion}", context=values
        )
    values = letter_values(place, predecessor=predecessor, successor=new.name, by=str(by))
    for coordinator in coordinators():
        send(letters.REPRESENTATIVE_CHANGED, coordinator, key=f"network.rep_changed:{occasion}", context=values)


@transaction.atomic
def transfer_representative(
    municipality: Municipality, *, to: Stakeholder, by: User, stays_as: str = Standing.STAFF
) -> Stakeholder:
    """Make `to` the representative; the present one stays in the municipality as `stays_as`.

    The old one, the new one and the network coordinators get a letter. Returns the new representative.
    Raises Refused when `to` left, belongs elsewhere or represents already.
    """
    _lock(municipality)
    new = Stakeholder.objects.select_related("user", "municipality").get(pk=to.pk)
    old = representative_of(municipality)
    if new.municipality_id != municipality.pk or not new.is_current():
        raise Refused(_("Only somebody of this municipality can represent it."))
    if old is not None and old.pk == new.pk:
        raise Refused(_("%(name)s is already the representative.") % {"name": new.name})
    if old is not None:
        save_version(old, seen=old.version, fields={"standing": stays_as, "updated_at": timezone.now()})
    save_version(new, seen=new.version, fields={"standing": Standing.REPRESENTATIVE, "updated_at": timezone.now()})
    _tell_of_representative(new, old, by)
    return new


@transaction.atomic
def leave(person: Stakeholder, *, by: User, on: date | None = None) -> Stakeholder:
    """Note that `person` left on `on` (today unless given). Everything the person did stays with the municipality.

    When a representative leaves, the deputies and the network coordinators get a letter: the deputies answer from now on.
    """
    person = (
        Stakeholder.objects.select_for_update(of=("self",)).select_related("municipality", "user").get(pk=person.pk)
    )
    if person.left_on is not None:
        raise Refused(_("%(name)s has already left.") % {"name": person.name})
    day = on or timezone.localdate()
    save_version(person, seen=person.version, fields={"left_on": day, "updated_at": timezone.now()})
    if person.standing == Standing.REPRESENTATIVE:
        deputies = Stakeholder.objects.current().filter(municipality=person.municipality, standing=Standing.DEPUTY)
        standing_in = list(deputies.select_related("user", "municipality").order_by("name", "pk"))
        values = letter_values(
            person.municipality, day=day, predecessor=person.name, deputies=", ".join(each.name for each in standing_in)
        )
        for recipient in [*map(recipient_of, standing_in), *coordinators()]:
            key = f"network.representative_left:{person.pk}:v{person.version}"
            send(letters.REPRESENTATIVE_LEFT, recipient, key=key, context=values)
    return person


@transaction.atomic
def move_stakeholder(
    person: Stakeholder,
    *,
    to: Municipality,
    by: User,
    standing: str = Standing.PARTNER,
    title: str = "",
    on: date | None = None,
) -> Stakeholder:
    """Let `person` leave one municipality and begin in `to`; returns the new row. What was done stays with the old one.

    Raises Refused when the person left already or is listed in `to`.
    """
    if to.pk == person.municipality_id:
        raise Refused(_("%(name)s is already listed there.") % {"name": person.name})
    left = leave(person, by=by, on=on)
    return add_stakeholder(
        to,
        by=by,
        user=left.user,
        name=left.name,
        title=title,
        email=left.email,
        phone="",
        sector=left.sector,
        standing=standing,
        language=left.language,
    )


@transaction.atomic
def give_account(person: Stakeholder, *, by: User) -> User:
    """Invite `person` to an account, by a letter to the address listed here, and tie the account to this row.

    The link in the letter proves the address. Raises Refused without an address, after leaving, or when there is an account.
    """
    person = (
        Stakeholder.objects.select_for_update(of=("self",)).select_related("municipality", "user").get(pk=person.pk)
    )
    if person.user is not None and person.user.accepted_at is not None:
        raise Refused(_("%(name)s already has an account.") % {"name": person.name})
    if not person.is_current():
        raise Refused(_("%(name)s has already left.") % {"name": person.name})
    if not person.email:
        raise Refused(_("Add an email address first."))
    language = person.language or person.municipality.default_language
    zone = person.municipality.time_zone
    user = accounts.invite(email=person.email, name=person.name, language=language, time_zone=zone, by=by)
    if person.user_id != user.pk:
        save_version(person, seen=person.version, fields={"user": user, "updated_at": timezone.now()})
    return user


@transaction.atomic
def attach_user(user: User) -> list[Stakeholder]:
    """Tie `user` to the people listed under one of the person's verified addresses; return the rows tied now.

    Only addresses that the person proved count, and a row that belongs to another account stays as it is.
    """
    proven = EmailAddress.objects.filter(user=user, verified=True).values(address=Lower("email"))
    rows = Stakeholder.objects.current().filter(user__isnull=True).exclude(email="").annotate(address=Lower("email"))
    found: list[Stakeholder] = list(rows.filter(address__in=proven).select_related("municipality").order_by("pk"))
    for person in found:
        save_version(person, seen=person.version, fields={"user": user, "updated_at": timezone.now()})
    if found and hasattr(user, "_places"):
        del user._places  # what the person may do is read again
    return found
