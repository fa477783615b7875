from .brief import (
    ActionBrief,
    BriefSeries,
    BriefStateChange,
    Edition,
)
from .desk import BriefRequest, Comment, Review
from .practice import Concern, Evidence, Practice, PracticePlace
from .rows import Example, KeyNumber, Source, Step
from .use import Format, FormatRequest, MadeFile, StepMark, Subscription, Use
from .words import Audience, Population

__all__ = [
    "ActionBrief", "Audience", "BriefRequest", "BriefSeries", "BriefStateChange", "Comment", "Concern", "Edition", "Evidence",
    "Example", "Format", "FormatRequest", "KeyNumber", "MadeFile", "Population", "Practice", "PracticePlace", "Review",
    "Source", "Step", "StepMark", "Subscription", "Use",
]  # fmt: skip
