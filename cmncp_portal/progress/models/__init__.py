from .profile import CheckAnswer, PreventionBudget, ProfileChange, StrategyCheck, StrategyProfile

__all__ = ["CheckAnswer", "PreventionBudget", "ProfileChange", "StrategyCheck", "StrategyProfile"]
