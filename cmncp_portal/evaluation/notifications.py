"""The letters that ask people to answer, what they say about dates; letters between reviewers and coordinators."""

from typing import Any

from django.utils import translation

from cmncp_portal.core.dates import instant_in_words
from cmncp_portal.core.screens import absolute
from cmncp_portal.notifications.bilingual import in_both
from cmncp_portal.notifications.kinds import Kind
from cmncp_portal.notifications.models import Category
from cmncp_portal.notifications.recipients import Recipient

from .models import FollowUp, Invitation, Survey

VARIABLES = ("name", "title", "about", "minutes", "due", "who", "url")

INVITATION = Kind("evaluation.invitation", category=Category.EVALUATION, variables=VARIABLES)
NUDGE = Kind("evaluation.nudge", category=Category.EVALUATION, variables=VARIABLES, essential=False, is_reminder=True)
LAST_CALL = Kind(
    "evaluation.last_call",
    category=Category.EVALUATION,
    variables=(*VARIABLES, "closes"),
    essential=False,
    is_reminder=True,
)

# Zones whose name is not simply that of their city.
PLACES = {"St_Johns": "St. John’s"}


def place_of_zone(zone: str) -> str:
    """Return the city after which people know the IANA `zone`: "America/Winnipeg" is "Winnipeg"."""
    city = zone.rpartition("/")[2]
    return PLACES.get(city, city.replace("_", " "))


def instant(survey: Survey, name: str, language: str) -> str:
    """Return the instant `name` ("due_at", "closes_at"…) of `survey` in words, in the survey's own zone, which is named."""
    return instant_in_words(getattr(survey, name), survey.time_zone, place_of_zone(survey.time_zone), language)


def recipient(invitation: Invitation) -> Recipient:
    """Return to whom letters about `invitation` go; without a known language they are in both."""
    language: Any = invitation.language or "both"
    return Recipient(invitation.email, invitation.name or invitation.email, language, invitation.time_zone)


def letter_context(invitation: Invitation) -> dict[str, Any]:
    """Return the values of each letter, per language."""
    return {language: _values(invitation, language) for language in ("en", "fr")}


def _values(invitation: Invitation, language: str) -> dict[str, Any]:
    survey = invitation.survey
    with translation.override(language):
        return {
            "name": invitation.name or invitation.email,
            "title": str(survey.title),
            "about": str(survey.about),
            "minutes": survey.questionnaire.minutes,
            "due": instant(survey, "due_at", language),
            "closes": instant(survey, "closes_at", language),
            "who": str(survey.questionnaire.confidentiality),
            "url": absolute(invitation.get_absolute_url()),
        }


# --- the desk
FOLLOW_UP = Kind(
    "evaluation.follow_up", category=Category.EVALUATION, variables=("name", "title", "about", "by", "text", "url")
)
FOLLOW_UP_SETTLED = Kind(
    "evaluation.follow_up_settled",
    category=Category.EVALUATION,
    variables=("name", "title", "about", "by", "text", "outcome", "url"),
)


def _desk_values(follow_up: FollowUp, name: str, **more: str) -> dict[str, Any]:
    occasion = follow_up.occasion
    return in_both(
        lambda: {
            "name": name,
            "title": str(occasion.title),
            "about": str(occasion.about),
            "text": follow_up.text,
            "url": absolute(occasion.get_absolute_url()),
            **more,
        }
    )


def follow_up_context(follow_up: FollowUp, name: str) -> dict[str, Any]:
    """Return what the letter to the coordinator called `name` says, per language."""
    return _desk_values(follow_up, name, by=follow_up.by_name)


def settled_context(follow_up: FollowUp, name: str) -> dict[str, Any]:
    """Return what the letter to the reviewer called `name`, who asked, says, per language."""
    return _desk_values(follow_up, name, by=follow_up.done_by_name, outcome=follow_up.outcome)
