from .evaluation import Idea, VisitEvaluation
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
    "Side",
    "Stop",
    "TeamMember",
    "Visit",
    "VisitDocument",
    "VisitEvaluation",
    "VisitStateChange",
]
