"""What the list of the network holds about a person. Who is forgotten has left; the place in the list stays without a name."""

from datetime import datetime

from django.db.models import F, Value
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from cmncp_portal.core.keeping import LIMITS
from cmncp_portal.core.personal import About, Mentions, Obstacle, Part, Person, Removed

from .models import ImportRun, Membership, Municipality, PreventionProgramme, Stakeholder
from .models.stakeholder import SPEAKS_FOR_MUNICIPALITY
from .services.imports import forget_old_runs


def _alone(person: Person, _now: datetime) -> list[Obstacle]:
    """The municipalities for which nobody else would speak."""
    hers = Stakeholder.objects.current().filter(pk__in=person.entries, standing__in=SPEAKS_FOR_MUNICIPALITY)
    others = Stakeholder.objects.current().filter(standing__in=SPEAKS_FOR_MUNICIPALITY).exclude(pk__in=person.entries)
    alone = hers.exclude(municipality__in=others.values("municipality")).select_related("municipality")
    sentence = gettext("The only person who speaks for %(place)s: somebody else must take over.")
    return [
        Obstacle(sentence % {"place": one.municipality.name}, reverse("network:people", args=[one.municipality.slug]))
        for one in alone
    ]


def _expire(now: datetime) -> list[Removed]:
    limit = LIMITS["lists"]
    return [Removed("lists", limit.label, forget_old_runs(), limit.first_day_kept(now))]


PART = Part(
    "network",
    _("The network’s list of people"),
    about=(
        About(
            Stakeholder,
            _("Your place in a municipality"),
            email="email",
            account="user",
            name="name",
            empties=("title", "organisation", "phone"),
            sets={"left_on": lambda now: Coalesce(F("left_on"), Value(timezone.localdate(now)))},
            shows=(
                "municipality",
                "name",
                "title",
                "organisation",
                "email",
                "phone",
                "sector",
                "standing",
                "language",
                ("created_at", _("listed since")),
                "left_on",
            ),
        ),
        About(ImportRun, _("Lists that you handed in"), account="owner", shows=("file_name", "what", "created_at")),
    ),
    mentions=(
        Mentions(ImportRun, ("file_name", "rows")),
        Mentions(Municipality, ("about_en", "about_fr", "population_source")),
        Mentions(Membership, ("source", "resolution_reference")),
        Mentions(PreventionProgramme, ("summary_en", "summary_fr", "run_by", "source")),
    ),
    stands_in_the_way=_alone,
    expires=_expire,
)
