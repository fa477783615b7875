"""Who is asked about a person, in this order: who forgets last is the outbox, since forgetting may itself write letters."""

from cmncp_portal.accounts.personal import PART as ACCOUNTS
from cmncp_portal.core.personal import Part
from cmncp_portal.evaluation.personal import PART as EVALUATION
from cmncp_portal.joining.personal import PART as JOINING
from cmncp_portal.network.personal import PART as NETWORK
from cmncp_portal.notifications.personal import PART as NOTIFICATIONS
from cmncp_portal.progress.personal import PART as PROGRESS
from cmncp_portal.reporting.personal import PART as REPORTING
from exchanges.services.personal import PART as EXCHANGES
from knowledge.services.personal import PART as KNOWLEDGE
from meetings.services.personal import PART as MEETINGS
from mentoring.services.personal import PART as MENTORING
from training.services.personal import PART as TRAINING

from .personal import PART as PRIVACY

PARTS: tuple[Part, ...] = (
    ACCOUNTS, NETWORK, EXCHANGES, MEETINGS, KNOWLEDGE, TRAINING, MENTORING, EVALUATION, PROGRESS, JOINING, REPORTING,
    PRIVACY, NOTIFICATIONS,
)  # fmt: skip

__all__ = ["PARTS"]
