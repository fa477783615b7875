"""What joining holds about a person: who thought of it, who was to represent a new member, who confirmed a renewal."""

from datetime import datetime

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from cmncp_portal.core.keeping import LIMITS
from cmncp_portal.core.personal import NOWHERE, About, Mentions, Obstacle, Part, Person, Removed, Signed

from .models import (
    Application,
    ApplicationChange,
    FeeTier,
    Interest,
    InterestChange,
    OnboardingStep,
    Renewal,
    RenewalChange,
)

INTERESTS = About(
    Interest,
    _("Your interest in joining"),
    email="email",
    name="name",
    empties=("role", "phone", "notes"),
    shows=(
        "place_name",
        "province",
        "name",
        "email",
        "role",
        "phone",
        "language",
        "why",
        "notes",
        "state",
        ("created_at", _("asked at")),
    ),
    gives_names=False,
)


def _named(who: str, title: object) -> About:
    """Application names two people: the representative and the deputy."""
    columns = [f"{who}_{one}" for one in ("name", "title", "email", "language")]
    return About(
        Application,
        title,  # type: ignore[arg-type]
        email=f"{who}_email",
        name=f"{who}_name",
        nobody="",
        empties=(f"{who}_title",),
        shows=("municipality", *columns, "state"),
        is_hers_alone=False,
        gives_names=False,
    )


NAMED = (
    _named("representative", _("Applications that name you as representative")),
    _named("deputy", _("Applications that name you as deputy")),
)


def _under_way(person: Person, _now: datetime) -> list[Obstacle]:
    talking = [Interest.State.CONFIRMED, Interest.State.TALKING, Interest.State.APPLYING]
    hers = Interest.objects.filter(INTERESTS.hers(person), state__in=talking)
    found = [
        Obstacle(
            gettext("Is talking with the network about joining: %(place)s.") % {"place": one.place_name},
            reverse("joining:interest", args=[one.pk]),
        )
        for one in hers
    ]
    named = Application.objects.filter(NAMED[0].hers(person) | NAMED[1].hers(person), state__in=Application.OPEN)
    return found + [
        Obstacle(
            gettext("Is named in an application that is open: %(place)s.") % {"place": one.municipality.name},
            reverse("joining:decide", args=[one.pk]),
        )
        for one in named.select_related("municipality")
    ]


def _expire(now: datetime) -> list[Removed]:
    """Empty what came to nothing: closed without a membership, and untouched since the limit."""
    limit = LIMITS["joining"]
    came_to_something = Q(application__state=Application.State.APPROVED)
    old = Interest.objects.filter(state=Interest.State.CLOSED, updated_at__lt=limit.kept_since(now))
    pks = list(old.exclude(came_to_something).exclude(email__endswith=NOWHERE).values_list("pk", flat=True))
    applications = list(Application.objects.filter(interest__in=pks).values_list("pk", flat=True))
    for table in NAMED:
        table.empty(Q(pk__in=applications), now, versions=Q(pgh_obj__in=applications))
    done = INTERESTS.empty(Q(pk__in=pks), now)
    return [Removed("joining", limit.label, done, limit.first_day_kept(now))]


PART = Part(
    "joining",
    _("Joining"),
    about=(INTERESTS, *NAMED),
    signed=(
        Signed(InterestChange),
        Signed(ApplicationChange),
        Signed(RenewalChange),
        Signed(OnboardingStep, (("done_by", "done_by_name"),)),
        Signed(Renewal, (("", "confirmed_by_name"),)),
    ),
    mentions=(
        Mentions(Interest, ("place_name", "why", "notes")),
        Mentions(InterestChange, ("note",)),
        Mentions(Application, ("resolution_reference", "resolution_filename", "consents")),
        Mentions(ApplicationChange, ("note",)),
        Mentions(RenewalChange, ("note",)),
        Mentions(FeeTier, ("source",)),
    ),
    stands_in_the_way=_under_way,
    expires=_expire,
)
