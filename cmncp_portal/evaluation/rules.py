"""Who may keep questionnaires and who may answer. Who reads the results is the rule of the activity that asked."""

from typing import Any

import rules

from cmncp_portal.accounts.models import User
from cmncp_portal.accounts.rules import Person, is_reviewer, is_secretariat, is_university
from cmncp_portal.network.rules import places_of

from .models import Invitation, Occasion


@rules.predicate
def is_invited(user: Person, invitation: Any = None) -> bool:
    """The invitation is to this account, or to its address while it names no account."""
    if not isinstance(user, User) or not user.is_active or not isinstance(invitation, Invitation):
        return False
    if invitation.user_id is not None:
        return invitation.user_id == user.pk
    return invitation.email.lower() == user.email.lower()


@rules.predicate
def is_of_its_municipalities(user: Person, occasion: Any = None) -> bool:
    """Somebody of a municipality that took part: nobody reviews their own. Occasions come with `place_ids`, or with `places` fetched."""
    if not isinstance(occasion, Occasion):
        return False
    known = getattr(occasion, "place_ids", None)
    took_part = [place.pk for place in occasion.places.all()] if known is None else known
    return any(place.municipality_id in took_part for place in places_of(user))


rules.add_perm("evaluation.view_questionnaires", is_reviewer | is_university)
rules.add_perm("evaluation.keep_questionnaires", is_secretariat)
rules.add_perm("evaluation.answer_survey", is_invited)
rules.add_perm("evaluation.review", is_reviewer)
rules.add_perm("evaluation.judge", is_reviewer & ~is_of_its_municipalities)
rules.add_perm("evaluation.read_confidential", is_reviewer & ~is_of_its_municipalities)
rules.add_perm("evaluation.sort_answers", (is_reviewer | is_university) & ~is_of_its_municipalities)
rules.add_perm("evaluation.read_coded", is_reviewer | is_university)
rules.add_perm("evaluation.keep_codebook", is_reviewer | is_university)
rules.add_perm("evaluation.see_who_has_not_answered", is_secretariat)
rules.add_perm("evaluation.settle_follow_ups", is_secretariat)
