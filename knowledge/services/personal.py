"""What knowledge holds about a person. What was published stays as it was published; who asked, followed or commented goes."""

from datetime import datetime

from django.db.models import F, Value
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from cmncp_portal.core.personal import About, Mentions, Obstacle, Part, Person, Signed

from ..models import (
    ActionBrief,
    BriefRequest,
    BriefStateChange,
    Comment,
    Concern,
    Edition,
    Example,
    FormatRequest,
    PracticePlace,
    Review,
    StepMark,
    Subscription,
    Use,
)


def _asked_to_read(person: Person, _now: datetime) -> list[Obstacle]:
    open_ones = Review.objects.filter(reviewer__in=person.accounts, answered_at__isnull=True).select_related("brief")
    said = gettext("Was asked to read a draft: %(brief)s.")
    return [
        Obstacle(said % {"brief": one.brief}, reverse("knowledge:overview", args=[one.brief.slug])) for one in open_ones
    ]


PART = Part(
    "knowledge",
    _("Knowledge"),
    about=(
        About(
            Subscription,
            _("Letters about new briefs"),
            email="email",
            sets={"ended_at": lambda now: Coalesce(F("ended_at"), Value(now))},
            shows=(
                "email",
                ("language", _("language")),
                ("wording", _("what you agreed to")),
                ("asked_at", _("asked at")),
                ("confirmed_at", _("confirmed at")),
                ("ended_at", _("ended at")),
            ),
        ),
        About(
            FormatRequest,
            _("Other formats that you asked for"),
            email="email",
            name="name",
            nobody="",
            empties=("wanted", "answer"),
            shows=(("brief__slug", _("action brief")), "name", "email", "wanted", ("at", _("asked at")), "answer"),
            gives_names=False,
        ),
        About(
            Concern,
            _("What you told us about a page"),
            email="email",
            name="name",
            nobody="",
            shows=("text", "name", "email", ("at", _("told at")), "answer"),
            gives_names=False,
        ),
        About(
            BriefRequest,
            _("Briefs that you asked for"),
            account="by",
            name="by_name",
            shows=("subject", "why", "state", ("created_at", _("asked at")), "reply"),
        ),
        About(
            Comment,
            _("Your comments on drafts"),
            account="by",
            name="by_name",
            shows=(("edition__title", _("action brief")), "text", ("at", _("written at")), "reply"),
        ),
        About(
            Review,
            _("Drafts that you were asked to read"),
            account="reviewer",
            shows=(("brief__slug", _("action brief")), ("asked_at", _("asked at")), "verdict", "note"),
        ),
    ),
    signed=(
        Signed(BriefStateChange),
        Signed(BriefRequest, (("", "answered_by_name"),)),
        Signed(Review, (("", "asked_by_name"),)),
        Signed(Comment, (("", "resolved_by_name"),)),
        Signed(Edition, (("", "saved_by_name"),)),
        Signed(Example, (("", "agreed_by_name"),)),
        Signed(Use, (("", "by_name"),)),
        Signed(StepMark),
    ),
    mentions=(
        Mentions(ActionBrief, ("exception_reason",)),
        Mentions(BriefStateChange, ("note",)),
        Mentions(BriefRequest, ("subject", "why", "reply")),
        Mentions(Comment, ("quote", "text", "reply")),
        Mentions(Concern, ("text", "answer")),
        Mentions(FormatRequest, ("wanted", "answer")),
        Mentions(PracticePlace, ("source",)),
        Mentions(Review, ("note",)),
        Mentions(Use, ("note",)),
    ),
    stands_in_the_way=_asked_to_read,
)
