"""What exchanges hold about a person. Teams keep their places and who came; names, addresses and needs go."""

from datetime import datetime

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from cmncp_portal.core.keeping import LIMITS
from cmncp_portal.core.personal import About, Mentions, Obstacle, Part, Person, Removed, Signed

from ..models import (
    Confirmation,
    Exchange,
    HostRequest,
    Idea,
    Objective,
    PlanChange,
    Stop,
    TeamMember,
    Visit,
    VisitDocument,
    VisitStateChange,
)
from .sweeping import delete_needs

S = TeamMember.Status
ACTIVE = (S.NAMED, S.INVITED, S.ACCEPTED)
LIVE = (Visit.State.PROPOSED, Visit.State.ACCEPTED, Visit.State.CONFIRMED)
TEAMS = About(
    TeamMember,
    _("Visits that you took part in or were asked to"),
    email="email",
    entry="stakeholder",
    name="name",
    empties=("title", "organisation", "phone", "answer_note", "dietary_needs", "access_needs", "emergency_contact"),
    sets={"wants_no_more": True},
    shows=(
        ("visit__exchange__reference", _("exchange")),
        "side",
        "category",
        "name",
        "title",
        "organisation",
        "email",
        "phone",
        "language",
        "status",
        ("invited_at", _("invited at")),
        ("answered_at", _("answered at")),
        "answer_note",
        "dietary_needs",
        "access_needs",
        "emergency_contact",
        "attendance",
    ),
)


def _ahead(now: datetime) -> Q:
    return Q(visit__state__in=LIVE) & (Q(visit__ends_on__isnull=True) | Q(visit__ends_on__gte=timezone.localdate(now)))


def _withdraw(person: Person, now: datetime) -> int:
    """Who is forgotten before a visit no longer takes part in it."""
    TeamMember.objects.filter(TEAMS.hers(person), _ahead(now), status__in=ACTIVE).update(status=S.WITHDRAWN)
    over = Visit.objects.filter(host_lead__in=person.entries, ends_on__lt=timezone.localdate(now))
    over.exclude(emergency_phone="").update(emergency_phone="")
    return 0


def _leads_or_comes(person: Person, now: datetime) -> list[Obstacle]:
    leads = Q(visiting_lead__in=person.entries) | Q(host_lead__in=person.entries)
    led = Visit.objects.filter(leads, state__in=LIVE).select_related("exchange__guest", "exchange__host")
    found = {
        one.pk: Obstacle(gettext("Leads for one side: %(visit)s.") % {"visit": one}, one.get_absolute_url())
        for one in led
    }
    comes = TeamMember.objects.filter(TEAMS.hers(person), _ahead(now), status__in=ACTIVE)
    for one in comes.select_related("visit__exchange__guest", "visit__exchange__host"):
        said = gettext("Takes part, or is asked to: %(visit)s.") % {"visit": one.visit}
        found.setdefault(one.visit_id, Obstacle(said, one.visit.get_absolute_url()))
    return list(found.values())


def _expire(now: datetime) -> list[Removed]:
    limit = LIMITS["needs"]
    return [Removed("needs", limit.label, delete_needs(now), limit.first_day_kept(now))]


PART = Part(
    "exchanges",
    _("Exchanges"),
    about=(
        About(
            Idea,
            _("Ideas that you noted"),
            email="by_member__email",
            entry="by_member__stakeholder",
            account="by_user",
            name="by_name",
            shows=(("visit__exchange__reference", _("exchange")), "text", ("at", _("noted at"))),
        ),
        TEAMS,
    ),
    signed=(
        Signed(VisitStateChange),
        Signed(Confirmation),
        Signed(PlanChange),
        Signed(Idea, (("by_user", "by_name"),)),
    ),
    mentions=(
        Mentions(Exchange, ("challenge", "interests", "interpretation", "return_reason")),
        Mentions(Objective, ("text",)),
        Mentions(HostRequest, ("text",)),
        Mentions(
            Visit,
            ("address", "lodging", "transport", "who_pays", "access", "leaders_waived", "one_sided_reason"),
        ),
        Mentions(VisitStateChange, ("note",)),
        Mentions(PlanChange, ("text_en", "text_fr")),
        Mentions(TeamMember, ("answer_note", "emergency_contact", "organisation")),
        Mentions(Idea, ("text",)),
        Mentions(Stop, ("title", "place", "lead", "notes")),
        Mentions(VisitDocument, ("title", "filename")),
    ),
    also_forget=_withdraw,
    stands_in_the_way=_leads_or_comes,
    expires=_expire,
)
