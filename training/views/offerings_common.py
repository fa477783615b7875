"""What every screen about an offering does first: find what this person may see, and what they may do about it."""

from typing import Any

from django.http import HttpRequest
from django.shortcuts import get_object_or_404

from cmncp_portal.accounts.rules import is_secretariat
from cmncp_portal.core.text import active_language
from cmncp_portal.network.rules import speaks_for_ids

from ..models import Offering
from ..selectors.offerings import TONES, offering_list
from ..selectors.when import dates_in_words, place_in_words, taught_in_words, zone_words


def offering_or_404(request: HttpRequest, reference: str) -> Offering:
    """Return the offering if this person may know of it, with the numbers of its places (`room_along`), else 404."""
    return get_object_or_404(offering_list(request.user), reference=readable(reference))


def readable(reference: str) -> str:
    """Return `reference` as the database can look for it: PostgreSQL refuses a NUL."""
    return reference.replace("\x00", "")


def facts(offering: Offering) -> dict[str, Any]:
    """Return when, where and in which language, in words of the active one."""
    code = active_language()
    return {
        "offering": offering,
        "dates": dates_in_words(offering, code),
        "zone": zone_words(offering, code),
        "where": place_in_words(offering, code),
        "taught": taught_in_words(offering, code),
    }


def head(offering: Offering, user: Any) -> dict[str, Any]:
    """Return what each page about an offering says on top, and what the reader may do."""
    if "facilitators" in getattr(offering, "_prefetched_objects_cache", {}) and user.is_authenticated:
        teaches = any(person.email == user.email.lower() for person in offering.facilitators.all())
        known = getattr(user, "_offerings_taught", {})
        user._offerings_taught = known | {offering.pk: teaches}  # what rules.facilitates would ask
    can = {
        name: user.has_perm(f"training.{name}", offering)
        for name in ("organise", "teach", "see_enrolments", "take_attendance", "read_results")
    }
    can["enrol_staff"] = is_secretariat(user) or bool(speaks_for_ids(user))
    return facts(offering) | {"tone": TONES[Offering.State(offering.state)], "can": can}
