"""Who may keep questionnaires and who may answer. Who reads the results is the rule of the activity that asked."""

from typing import Any

import rules

from cmncp_portal.accounts.models import User
from cmncp_portal.accounts.rules import Person, is_reviewer, is_secretariat, is_university

from .models import Invitation


@rules.predicate
def is_invited(user: Person, invitation: Any = None) -> bool:
    """The invitation is to this account, or to its address while it names no account."""
    if not isinstance(user, User) or not user.is_active or not isinstance(invitation, Invitation):
        return False
    if invitation.user_id is not None:
        return invitation.user_id == user.pk
    return invitation.email.lower() == user.email.lower()


rules.add_perm("evaluation.view_questionnaires", is_reviewer | is_university)
rules.add_perm("evaluation.keep_questionnaires", is_secretariat)
rules.add_perm("evaluation.answer_survey", is_invited)
