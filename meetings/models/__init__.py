from .agenda import AgendaItem, Speaker, SpokenLanguage
from .meeting import Audience, Meeting, MeetingChange, MeetingStateChange
from .outcome import ActionItem, Decision, Delegate, Material, MeetingEvaluation, Motion, Vote
from .people import Invitee, PollAnswer, PollSlot, Registration, SessionAttendance

__all__ = [
    "ActionItem", "AgendaItem", "Audience", "Decision", "Delegate", "Invitee", "Material", "Meeting", "MeetingChange",
    "MeetingEvaluation", "MeetingStateChange", "Motion", "PollAnswer", "PollSlot", "Registration", "SessionAttendance",
    "Speaker", "SpokenLanguage", "Vote",
]  # fmt: skip
