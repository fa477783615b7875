"""Reading strategies: for other parts of the portal, what they need is here; pages read the modules themselves."""

from .stages import checks_for_choice, profile_for, stage_of, stages_of
from .waiting import glance, lines, told, waiting_keys

__all__ = ["checks_for_choice", "glance", "lines", "profile_for", "stage_of", "stages_of", "told", "waiting_keys"]
