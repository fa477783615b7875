"""What strategies and commitments hold about a person. Both belong to the municipality and outlive whoever saw to them."""

from datetime import datetime

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from cmncp_portal.core.personal import About, Mentions, Obstacle, Part, Person, Signed

from .models import (
    CheckAnswer,
    Commitment,
    CommitmentChange,
    IndicatorReading,
    Inquiry,
    PreventionBudget,
    ProfileChange,
    StrategyProfile,
)

OWNED = About(
    Commitment,
    _("Commitments that you see to"),
    email="owner_email",
    entry="owner",
    name="owner_name",
    is_hers_alone=False,
    shows=("municipality", "text", "due_on", "state", "owner_name", "owner_email", "owner_language", "made_on"),
)


def _open(person: Person, _now: datetime) -> list[Obstacle]:
    found = Commitment.objects.open().filter(OWNED.hers(person)).select_related("municipality")
    sentence = gettext("Sees to a commitment that is open: “%(text)s”.")
    return [Obstacle(sentence % {"text": one.text}, one.get_absolute_url()) for one in found]


PART = Part(
    "progress",
    _("Strategies and commitments"),
    about=(
        OWNED,
        About(
            Inquiry,
            _("Questions about commitments that you were sent"),
            email="email",
            name="name",
            shows=("municipality", ("asked_at", _("asked at")), ("name", _("name")), ("language", _("language"))),
        ),
    ),
    signed=(
        Signed(Commitment, (("", "made_by_name"),)),
        Signed(CommitmentChange),
        Signed(CheckAnswer),
        Signed(ProfileChange),
        Signed(IndicatorReading),
        Signed(StrategyProfile, (("", "confirmed_by_name"),)),
    ),
    mentions=(
        Mentions(Commitment, ("text", "source_title_en", "source_title_fr")),
        Mentions(CommitmentChange, ("note",)),
        Mentions(CheckAnswer, ("note",)),
        Mentions(ProfileChange, ("before", "after", "note")),
        Mentions(IndicatorReading, ("source", "note")),
        Mentions(PreventionBudget, ("source",)),
        Mentions(StrategyProfile, ("declared_reason", "centre", "plan_title", "strengths", "help_wanted")),
    ),
    stands_in_the_way=_open,
)
