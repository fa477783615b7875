from .import_run import ImportRun
from .membership import Membership
from .municipality import Municipality, Province, Region, Topic
from .programme import PreventionProgramme
from .stakeholder import Sector, Stakeholder, Standing

__all__ = [
    "ImportRun",
    "Membership",
    "Municipality",
    "PreventionProgramme",
    "Province",
    "Region",
    "Sector",
    "Stakeholder",
    "Standing",
    "Topic",
]
