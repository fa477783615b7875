from .commitment import Commitment, CommitmentChange, Inquiry, InquiryItem
from .profile import CheckAnswer, PreventionBudget, ProfileChange, StrategyCheck, StrategyProfile
from .reading import IndicatorReading

__all__ = [
    "CheckAnswer", "Commitment", "CommitmentChange", "IndicatorReading", "Inquiry", "InquiryItem", "PreventionBudget",
    "ProfileChange", "StrategyCheck", "StrategyProfile",
]  # fmt: skip
