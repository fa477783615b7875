"""Coordinators decide: more information, approved, declined. Approval makes members, people and first steps at once."""

from contextlib import suppress
from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from cmncp_portal.core.dates import day_in_words
from cmncp_portal.core.workflow import TransitionRefused
from cmncp_portal.network import services as network
from cmncp_portal.network.models import Membership, Municipality, Stakeholder, Standing
from cmncp_portal.network.selectors import recipient_of, representative_of
from cmncp_portal.network.services.base import Refused

from .. import notifications as kinds
from ..models import Application, OnboardingStep
from ..workflow import APPLICATION
from .applying import settle
from .deciding import sector_of_staff
from .telling import names_of, tell, tell_person


@transaction.atomic
def ask_more(application: Application, *, by: Any, word: str) -> None:
    """Ask for something that is missing; the person reads `word` and goes on from the own page."""
    APPLICATION.apply(application, "ask_more", by=by, note=word)
    occasion = f"more:{application.changes.count()}"
    tell_person(
        kinds.MORE_ASKED, application.interest, occasion=occasion, word=kinds.both(word), by=kinds.both(str(by))
    )


@transaction.atomic
def decline(application: Application, *, by: Any, word: str) -> None:
    """Do not admit; the person reads why. The community may go on being accompanied by a mentor."""
    APPLICATION.apply(application, "decline", by=by, note=word)
    settle(application, by=by)
    tell_person(
        kinds.DECLINED, application.interest, occasion="declined", word=kinds.both(word), by=kinds.both(str(by))
    )


@transaction.atomic
def approve(application: Application, *, by: Any, join_on: date) -> Membership:
    """Admit the community from `join_on`: membership, representative and deputy with invitations, five first steps, letters.

    Raises PermissionDenied; TransitionRefused when something is missing or somebody decided before.
    """
    Municipality.objects.select_for_update().get(pk=application.municipality_id)
    Application.objects.filter(pk=application.pk).update(join_on=join_on)
    APPLICATION.apply(application, "approve", by=by)
    application.refresh_from_db()
    place = application.municipality
    _begins_after(place, join_on)
    # Accompanied since that day or later: that row never counted, and would stand in the way.
    place.memberships.filter(kind=Membership.Kind.PROSPECTIVE, until_on__isnull=True, from_on__gte=join_on).delete()
    membership = network.admit_member(
        place,
        kind=application.kind,
        from_on=join_on,
        by=by,
        resolution_on=application.resolution_on,
        resolution_reference=application.resolution_reference,
    )
    Application.objects.filter(pk=application.pk).update(membership=membership)
    settle(application, by=by)
    head = _person(application, "representative", Standing.REPRESENTATIVE, by)
    deputy = _person(application, "deputy", Standing.DEPUTY, by) if application.deputy_email else None
    OnboardingStep.objects.bulk_create(OnboardingStep(membership=membership, code=code) for code in OnboardingStep.Code)
    _welcome(application, head, deputy, join_on, by)
    return membership


def _begins_after(place: Municipality, join_on: date) -> None:
    """Refuse a day on which an earlier membership still ran: two would count for it."""
    members = place.memberships.exclude(kind=Membership.Kind.PROSPECTIVE)
    last = members.filter(until_on__gte=join_on).order_by("-until_on").first()
    if last is not None and last.until_on is not None:
        day = day_in_words(last.until_on)
        raise TransitionRefused(_("An earlier membership ran until %(day)s: choose a later day.") % {"day": day})


def _person(application: Application, role: str, standing: str, by: Any) -> Stakeholder:
    """List the person, or give the one who is listed the right standing; send an invitation to who has no account."""
    place = application.municipality
    given = {name: getattr(application, f"{role}_{name}") for name in ("name", "title", "email", "language")}
    found = Stakeholder.objects.current().filter(municipality=place, email__iexact=given["email"]).first()
    head = representative_of(place)
    if standing == Standing.REPRESENTATIVE and head is not None and (found is None or head.pk != found.pk):
        # Whoever asked for information is no longer the one who answers.
        Stakeholder.objects.filter(pk=head.pk).update(standing=Standing.STAFF, updated_at=timezone.now())
    if found is None:
        found = Stakeholder.objects.create(municipality=place, sector=sector_of_staff(), standing=standing, **given)
    else:
        changed = {"standing": standing, "title": given["title"] or found.title}
        Stakeholder.objects.filter(pk=found.pk).update(**changed, updated_at=timezone.now())
        found.refresh_from_db()
    with suppress(Refused):  # has an account already
        network.give_account(found, by=by)
    return found


def _welcome(application: Application, head: Stakeholder, deputy: Stakeholder | None, on: date, by: Any) -> None:
    place = application.municipality
    first = kinds.url_words("first_steps", place.slug)
    steps = kinds.in_both(lambda: [str(code.label) for code in OnboardingStep.Code])
    common = {"place": names_of(place), "url": first, "from_on": kinds.day_words(on)}
    tell(
        kinds.APPROVED,
        [recipient_of(head)],
        key=f"{application.pk}:approved",
        steps=steps,
        by=kinds.both(str(by)),
        **common,
    )
    if deputy is not None:
        tell(
            kinds.DEPUTY_WELCOME,
            [recipient_of(deputy)],
            key=f"{application.pk}:deputy",
            representative=kinds.both(head.name),
            **common,
        )
    if application.interest.email not in (application.representative_email.lower(), application.deputy_email.lower()):
        words = {"from_on": common["from_on"], "representative": kinds.both(head.name), "place": common["place"]}
        tell_person(kinds.APPROVED_TO_WRITER, application.interest, occasion="approved", **words)
