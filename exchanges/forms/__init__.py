"""Input of exchanges, cleaned. Saving is the services' work."""

from .after import ReturnForm
from .answering import AcceptForm, DeclineForm
from .asking import RequestForm, StartForm
from .filters import ExchangeFilter
from .people import AnswerInvitationForm, ColleagueForm, IdeaForm, LeadForm, LostLinkForm, MemberForm, NeedsForm
from .planning import AttendanceForm, DatesForm, DocumentForm, PracticalForm, StopForm
from .windows import WindowsForm, WindowsMixin

__all__ = [
    "AcceptForm",
    "AnswerInvitationForm",
    "AttendanceForm",
    "ColleagueForm",
    "DatesForm",
    "DeclineForm",
    "DocumentForm",
    "ExchangeFilter",
    "IdeaForm",
    "LeadForm",
    "LostLinkForm",
    "MemberForm",
    "NeedsForm",
    "PracticalForm",
    "RequestForm",
    "ReturnForm",
    "StartForm",
    "StopForm",
    "WindowsForm",
    "WindowsMixin",
]
