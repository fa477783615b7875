from .application import Application, ApplicationChange, OnboardingStep
from .fees import FeeTier
from .interest import Interest, InterestChange
from .renewal import Renewal, RenewalChange

__all__ = [
    "Application", "ApplicationChange", "FeeTier", "Interest", "InterestChange", "OnboardingStep", "Renewal",
    "RenewalChange",
]  # fmt: skip
