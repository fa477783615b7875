"""What a municipality looks for and what it can give, as it stands."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from cmncp_portal.network.models import Municipality, Stakeholder
from cmncp_portal.network.rules import members_now
from cmncp_portal.network.stages import Stage
from cmncp_portal.progress.models import StrategyProfile

from ..models import Agreement, MentoringNeed, MentorOffer

ALIVE = (MentoringNeed.State.OPEN, MentoringNeed.State.MATCHED)


def need_of(municipality: Municipality) -> MentoringNeed | None:
    """Return the need of `municipality` that is open, or else the last one with a mentor, or None."""
    rows = MentoringNeed.objects.filter(municipality=municipality, state__in=ALIVE).select_related("municipality")
    return rows.order_by("-state", "-pk").first()  # "open" comes after "matched"


def offer_of(municipality: Municipality) -> MentorOffer | None:
    """Return the offer of `municipality`, open or paused, or None. There is one at most."""
    rows = MentorOffer.objects.filter(municipality=municipality).exclude(state=MentorOffer.State.WITHDRAWN)
    return rows.select_related("municipality").first()


def last_need_of(municipality: Municipality) -> MentoringNeed | None:
    """Return the need of `municipality` that was written last, in whatever state, or None."""
    return MentoringNeed.objects.filter(municipality=municipality).order_by("-pk").first()


def last_offer_of(municipality: Municipality) -> MentorOffer | None:
    """Return the offer of `municipality` that was written last, in whatever state, or None."""
    return MentorOffer.objects.filter(municipality=municipality).order_by("-pk").first()


def stage_of(municipality: Municipality) -> Stage | None:
    """Return the stage of the strategy profile of `municipality`; None while it has none."""
    profile = StrategyProfile.objects.filter(municipality=municipality).first()
    return None if profile is None else profile.stage


def members() -> QuerySet[Municipality]:
    """Return the municipalities that are members today, in alphabetical order."""
    return Municipality.objects.filter(Exists(members_now(OuterRef("pk")))).exclude(kind=Municipality.Kind.ORGANISATION)


def is_a_member(municipality: Municipality) -> bool:
    """Tell whether `municipality` is a general or associate member today."""
    return members_now(municipality).exists()


def contact_of(municipality: Municipality, user: Any) -> Stakeholder | None:
    """Return whom others write to: `user` when of the municipality, else its representative or a deputy."""
    people = Stakeholder.objects.speaking_for(municipality).select_related("user", "municipality")
    found = list(people)
    return next((person for person in found if person.user_id == user.pk), found[0] if found else None)


@dataclass(frozen=True)
class Under:
    """What runs under a need or an offer: agreements that wait for answers, and those that run."""

    awaiting: int
    running: int


def under(thing: MentoringNeed | MentorOffer) -> Under:
    """Return how many agreements wait or run under `thing`, in one query."""
    states = list(thing.agreements.values_list("state", flat=True))
    running = sum(state in Agreement.RUNNING for state in states)
    return Under(states.count(Agreement.State.AWAITING), running)
