from .evaluation import Idea, Review, VisitEvaluation
from .exchange import Exchange, HostRequest, Objective, PreferredHost
from .itinerary import Stop, VisitDocument
from .team import TeamMember
from .visit import Confirmation, DateWindow, PlanChange, Side, Visit, VisitStateChange

__all__ = [
    "Confirmation",
    "DateWindow",
    "Exchange",
    "HostRequest",
    "Idea",
    "Objective",
    "PlanChange",
    "PreferredHost",
    "Review",
    "Side",
    "Stop",
    "TeamMember",
    "Visit",
    "VisitDocument",
    "VisitEvaluation",
    "VisitStateChange",
]
