"""What the portal does by itself about offerings: reminders that are due, the two surveys, deleting personal needs.

Nothing is recorded as held by itself: certificates follow from it, so it waits for a person (see `selectors.waiting`).
"""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from cmncp_portal.core.places import Status
from cmncp_portal.network.selectors import coordinators
from cmncp_portal.notifications.mailings import Line
from cmncp_portal.notifications.models import Message
from cmncp_portal.notifications.selectors import letters_about

from ..models import Enrolment, Offering, OfferingSurvey, SelfAssessment
from ..notifications import offerings as kinds
from ..notifications.common import both
from ..reminders.offerings import Due, due
from .surveying import LATEST, open_survey, opens_at
from .telling import key_of, lines_of_facilitators, lines_of_places, page_urls, tell_many

G, P = Offering.State, OfferingSurvey.Purpose
NEEDS_KEPT = timedelta(days=30)
LOOK_BACK = timedelta(days=160)  # three months and the time for which what was missed is still asked


def send_reminders(now: datetime | None = None) -> int:
    """Begin each letter that is due; return for how many groups. Running it again adds nobody twice."""
    return sum(_remind(one) for one in due(now))


@transaction.atomic
def _remind(one: Due) -> int:
    """Write to those for whom the hour has come; the others follow when their own zone reaches it."""
    Offering.objects.select_for_update(of=("self",)).only("pk").get(pk=one.offering.pk)
    offering = Offering.objects.with_module().get(pk=one.offering.pk)
    if (offering.state, offering.sequence) != (one.offering.state, one.offering.sequence):
        return 0  # changed or called off since it was asked for
    told = _told(one, offering)
    lines = [
        line for line in _lines(one, offering) if one.is_due_in(line.to.zone) and line.to.email.lower() not in told
    ]
    if not lines:
        return 0
    more = dict(one.more)
    if "assessment" in one.kind.variables:
        more["assessment"] = both("")
    tell_many(one.kind, offering, lines, occasion=f"{one.occasion}:{offering.sequence}", **more)
    return 1


def _told(one: Due, offering: Offering) -> set[str]:
    """To whom this was said before the offering changed: the change took back only what was not written yet."""
    before = letters_about(key_of(one.kind, offering, one.occasion)).exclude(state=Message.State.WITHDRAWN)
    return set(before.values_list("to_email", flat=True))


def _lines(one: Due, offering: Offering) -> list[Line]:
    if one.to == "coordinators":
        urls = page_urls(offering, "enrolments")
        return [Line(to, urls, gets_calendar=False) for to in coordinators()]
    if one.to == "organisers":
        urls = page_urls(offering, "attendance")
        lines = lines_of_facilitators(offering, "attendance", gets_calendar=False)
        return lines + [Line(to, urls, gets_calendar=False) for to in coordinators()]
    rows = Enrolment.objects.registered().filter(offering=offering).order_by("pk")
    if one.kind != kinds.EVE:  # who wants no reminders still gets the link to what she joined
        rows = rows.filter(wants_no_more=False)
    if one.to == "came":
        given = SelfAssessment.objects.filter(moment=SelfAssessment.Moment.AFTER).values("enrolment")
        came = Q(attendance="") | Q(attendance__in=["present", "remote"])
        return _assessing(rows.filter(came).exclude(pk__in=given), offering, SelfAssessment.Moment.AFTER)
    if one.kind == kinds.PRACTICAL:
        return _with_assessment(rows, offering)
    return lines_of_places(rows, gets_calendar=False)


def _assessing(rows: Any, offering: Offering, moment: str) -> list[Line]:
    """The button leads straight to the questions. Nobody is asked about a module that builds no competency."""
    if not offering.module.builds.exists():
        return []
    places = list(rows)
    lines = lines_of_places(places, gets_calendar=False)
    for place, line in zip(places, lines, strict=True):
        for code, url in kinds.personal_urls(place, "self_assessment", moment).items():
            line.own[code]["url"] = url
    return lines


def _with_assessment(rows: Any, offering: Offering) -> list[Line]:
    """The own page, and the address of the first self-assessment for those who have not given it."""
    before = SelfAssessment.Moment.BEFORE
    places = list(rows)
    lines = lines_of_places(places, gets_calendar=False)
    if not offering.module.builds.exists():
        return lines
    rated = SelfAssessment.objects.filter(moment=before, enrolment__in=places)
    given = set(rated.values_list("enrolment", flat=True))
    for place, line in zip(places, lines, strict=True):
        if place.pk not in given:
            for code, url in kinds.personal_urls(place, "self_assessment", before).items():
                line.own[code]["assessment"] = url
    return lines


def follow_up(now: datetime | None = None) -> int:
    """Open the surveys whose hour has come, the day after and three months after; return how many."""
    now = now or timezone.now()
    today = timezone.localdate(now)
    rows = Offering.objects.with_module().filter(state__in=[G.OPEN, G.HELD], ends_on__range=(today - LOOK_BACK, today))
    opened = 0
    for offering in rows.prefetch_related("surveys").order_by("pk"):
        asked = {one.purpose for one in offering.surveys.all()}
        for purpose in P.values:
            begins = opens_at(offering, purpose)
            if purpose not in asked and begins <= now < begins + LATEST:
                opened += open_survey(offering, purpose)
    return opened


def delete_needs(now: datetime | None = None) -> int:
    """Delete food and accessibility details thirty days after the last day, or at once when it was cancelled or the place given
    back. Return for how many offerings something was deleted.
    """
    day = timezone.localdate(now or timezone.now()) - NEEDS_KEPT
    over = Q(offering__ends_on__lt=day) | Q(offering__state=G.CANCELLED)
    gone = Q(status__in=[Status.CANCELLED, Status.DECLINED])
    kept = Enrolment.objects.filter(over | gone).exclude(dietary_needs="", access_needs="")
    with transaction.atomic():
        concerned = Offering.objects.filter(pk__in=kept.values("offering")).order_by("pk")
        offerings = list(concerned.select_for_update(of=("self",)).only("pk"))  # before the places, as everybody does
        kept.filter(offering__in=offerings).update(dietary_needs="", access_needs="")
        done = Q(ends_on__lt=day) | Q(state=G.CANCELLED)
        Offering.objects.filter(done, pk__in=[one.pk for one in offerings]).update(needs_deleted_at=timezone.now())
    return len(offerings)


__all__ = ["delete_needs", "follow_up", "send_reminders"]
