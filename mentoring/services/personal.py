"""What mentoring holds about a person. Agreements belong to two municipalities; who took part loses the name."""

from datetime import datetime

from django.db.models import F, Value
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from cmncp_portal.core.personal import About, Mentions, Obstacle, Part, Person, Signed

from ..models import (
    Agreement,
    AgreementChange,
    Goal,
    GoalChange,
    MentoringNeed,
    MentoringSession,
    MentorOffer,
    Participant,
    SharedDocument,
)

TAKES_PART = About(
    Participant,
    _("Mentoring that you took part in"),
    email="email",
    entry="stakeholder",
    name="name",
    empties=("title",),
    sets={"left_on": lambda now: Coalesce(F("left_on"), Value(timezone.localdate(now)))},
    shows=(
        ("agreement__reference", _("agreement")),
        "side",
        "name",
        "title",
        "email",
        "language",
        "is_lead",
        ("created_at", _("since")),
        "left_on",
    ),
)


def _running(person: Person, now: datetime) -> list[Obstacle]:
    here = Participant.objects.current(timezone.localdate(now)).filter(TAKES_PART.hers(person))
    live = Agreement.objects.filter(state__in=Agreement.LIVE, participants__in=here).distinct().with_places()
    said = gettext("Takes part in mentoring that runs: %(agreement)s.")
    return [Obstacle(said % {"agreement": one}, one.get_absolute_url()) for one in live]


PART = Part(
    "mentoring",
    _("Mentoring"),
    about=(
        About(
            MentoringSession,
            _("Mentoring sessions that you wrote up"),
            email="by_participant__email",
            entry="by_participant__stakeholder",
            account="by",
            name="by_name",
            shows=(("agreement__reference", _("agreement")), "held_on", "summary", "follow_up"),
        ),
        TAKES_PART,
    ),
    signed=(
        Signed(MentoringNeed),
        Signed(MentorOffer),
        Signed(Agreement, (("", "mentor_accepted_by_name"), ("", "mentee_accepted_by_name"))),
        Signed(AgreementChange),
        Signed(GoalChange),
        Signed(SharedDocument, (("", "by_name"),)),
    ),
    mentions=(
        Mentions(MentoringNeed, ("goals",)),
        Mentions(MentorOffer, ("about",)),
        Mentions(Agreement, ("reasons", "word", "next_session_place", "summary")),
        Mentions(AgreementChange, ("note",)),
        Mentions(Goal, ("text", "measure")),
        Mentions(GoalChange, ("note",)),
        Mentions(MentoringSession, ("who", "summary", "follow_up")),
        Mentions(SharedDocument, ("title", "filename")),
    ),
    stands_in_the_way=_running,
)
