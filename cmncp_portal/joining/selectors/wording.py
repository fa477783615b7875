"""What an applicant agrees to, word for word; the words read are kept with the consent."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _

from ..models import Application

# In the order of workflow.CONSENTS.
WORDING = {
    "represents": _(
        "I may send this application on behalf of my community or organisation, and the people named in it know of it."
    ),
    "directory": _(
        "The name of our community or organisation, its province and its programmes may stand in the public directory of "
        "members; the names of people are seen by members only."
    ),
    "privacy": _("I have read the notice on personal information above."),
}


def wording_of(name: str) -> str:
    """Return the words of the consent `name` in the active language."""
    return str(WORDING[name])


@dataclass(frozen=True)
class Consent:
    """A point that was agreed to, in the words that were read then; `at` is when."""

    wording: str
    at: datetime | None


def consents_of(application: Application) -> list[Consent]:
    """Return what the application agrees to, in the order of the form."""
    given = [application.consents[name] for name in WORDING if application.consents.get(name, {}).get("agreed")]
    return [Consent(one.get("wording", ""), parse_datetime(one.get("at", ""))) for one in given]
