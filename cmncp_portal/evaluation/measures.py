"""What a question may be counted for: each name once, with what the report does with the answers.

A question carries one of these names in `Question.indicator`. Answers of several questionnaires under one name are counted
together. Which kinds of questions the report can count is in `COUNTED`; others are read and coded, and feed no figure.
"""

from collections.abc import Mapping
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from .models import Question

Kind = Question.Kind


class Measure(models.TextChoices):
    """The names under which answers may be counted. A name never changes: questions that were published carry it."""

    SATISFACTION = "satisfaction", pgettext_lazy("measure", "Satisfaction")
    RELEVANCE = "relevance", pgettext_lazy("measure", "Relevance")
    OBJECTIVES_MET = "objectives-met", pgettext_lazy("measure", "Objectives met")
    KNOWLEDGE_CHANGE = "knowledge-change", pgettext_lazy("measure", "Knowledge before and after")
    CAPACITY = "capacity", pgettext_lazy("measure", "Capacity increased")
    VISITORS_ENGAGED = "visitors-engaged", pgettext_lazy("measure", "Visitors prepared and engaged")
    ACCESSIBILITY = "accessibility", pgettext_lazy("measure", "Able to take part fully")
    RETURN_VISIT = "return-visit", pgettext_lazy("measure", "Return visit wanted")
    RECOMMEND = "recommend", pgettext_lazy("measure", "Would recommend it")
    USE = "use", pgettext_lazy("measure", "Used what was learned")
    PARTNERS = "partners", pgettext_lazy("measure", "Partners it was used with")
    PREPARATION_HOURS = "preparation-hours", pgettext_lazy("measure", "Hours of preparation")
    COST = "cost", pgettext_lazy("measure", "Cost to the municipality")
    IDEAS = "ideas", pgettext_lazy("measure", "Ideas to take home")
    CONTRIBUTION = "contribution", pgettext_lazy("measure", "What it contributes")
    PROCESS = "process", pgettext_lazy("measure", "How it went, and what to improve")
    SUPPORT = "support", pgettext_lazy("measure", "Help that is needed")
    NEXT_TOPICS = "next-topics", pgettext_lazy("measure", "Subjects for next time")

    @property
    def definition(self) -> Any:
        """What the report counts of the answers, in the active language."""
        return DEFINITIONS[self]

    def is_counted_from(self, kind: str) -> bool:
        """Tell whether answers to a question of `kind` (`Question.Kind`) enter a figure of the report."""
        return kind in COUNTED.get(self, ())


COUNTED: Mapping[Measure, tuple[str, ...]] = {
    Measure.SATISFACTION: (Kind.RATING, Kind.RATING_ROWS),
    Measure.RELEVANCE: (Kind.RATING, Kind.RATING_ROWS),
    Measure.OBJECTIVES_MET: (Kind.RATING, Kind.RATING_ROWS),
    Measure.KNOWLEDGE_CHANGE: (Kind.BEFORE_AFTER,),
    Measure.CAPACITY: (Kind.RATING, Kind.RATING_ROWS),
}

_READ = _("The answers are read and sorted by theme; no figure of the report is counted from them.")
_SHOWN = _("The answers are shown with the results of each survey; no figure of the report is counted from them.")

DEFINITIONS: Mapping[Measure, Any] = {
    Measure.SATISFACTION: _(
        "Ratings from 1 to 5 of how useful something was overall. The report gives the mean and the number of people "
        "who gave a rating; “not applicable” is left out."
    ),
    Measure.RELEVANCE: _(
        "Ratings from 1 to 5 of how well something fits the needs of the municipality. The report gives the mean and the "
        "number of people who gave a rating; “not applicable” is left out."
    ),
    Measure.OBJECTIVES_MET: _(
        "Ratings from 1 to 5 of how well objectives were met. Several objectives of one person make one mean, so that "
        "everybody weighs the same. Only ratings are counted; texts under this name are read."
    ),
    Measure.KNOWLEDGE_CHANGE: _(
        "Own knowledge rated from 1 to 5 twice, before and after. The report gives the mean change over the subjects that "
        "were rated both times."
    ),
    Measure.CAPACITY: _(
        "Ratings from 1 to 5 of how far capacity increased. The report gives the share of people whose mean rating is 4 or "
        "more. Only ratings are counted; texts under this name are read."
    ),
    Measure.VISITORS_ENGAGED: _SHOWN,
    Measure.ACCESSIBILITY: _SHOWN,
    Measure.RETURN_VISIT: _SHOWN,
    Measure.RECOMMEND: _SHOWN,
    Measure.USE: _SHOWN,
    Measure.PARTNERS: _SHOWN,
    Measure.PREPARATION_HOURS: _SHOWN,
    Measure.COST: _SHOWN,
    Measure.IDEAS: _(
        "Ideas that somebody means to take home. An idea that becomes a commitment is counted with the commitments."
    ),
    Measure.CONTRIBUTION: _READ,
    Measure.PROCESS: _READ,
    Measure.SUPPORT: _READ,
    Measure.NEXT_TOPICS: _READ,
}
