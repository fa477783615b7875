from .agreements import (
    Agreement,
    AgreementChange,
    CheckIn,
    Goal,
    GoalChange,
    MentoringSession,
    Participant,
    SharedDocument,
    Side,
)
from .matching import MentoringNeed, MentorOffer

__all__ = [
    "Agreement", "AgreementChange", "CheckIn", "Goal", "GoalChange", "MentorOffer", "MentoringNeed", "MentoringSession",
    "Participant", "SharedDocument", "Side",
]  # fmt: skip
