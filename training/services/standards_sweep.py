"""What the portal does by itself about standards: it reminds before a consultation closes, and closes it the day after."""

from django.db import transaction

from cmncp_portal.core.workflow import TransitionRefused
from cmncp_portal.notifications import mailings
from cmncp_portal.notifications.mailings import Line
from cmncp_portal.notifications.models import MailingLine

from ..models import StandardVersion
from ..notifications import standards as kinds
from ..reminders.standards import Closing, closing, past_their_last_day
from ..selectors.standards import commenters_of
from .consulting import close_consultation
from .standards_letters import audience, opening_key, recipient_of_guest


def send_reminders() -> int:
    """Remind those who were asked and have not commented; return of how many consultations. Again adds nobody twice."""
    return sum(_remind(one) for one in closing())


@transaction.atomic
def _remind(one: Closing) -> int:
    version = StandardVersion.objects.select_for_update(of=("self",)).select_related("standard").get(pk=one.version.pk)
    if not version.takes_comments() or version.closes_on != one.version.closes_on:
        return 0  # closed or prolonged since it was asked for
    lines = [line for line in _silent(version) if one.is_due_in(line.to.zone)]
    if not lines:
        return 0
    key = f"{kinds.CONSULTATION_CLOSING.name}:{version.pk}:{version.closes_on}"
    mailings.begin(kinds.CONSULTATION_CLOSING, lines, key=key, context=kinds.values_of(version))
    return 1


def _silent(version: StandardVersion) -> list[Line]:
    """Those who were asked when it opened, are still of those who are asked, and have not commented."""
    asked = set(MailingLine.objects.filter(mailing__key=opening_key(version)).values_list("email", flat=True))
    silent = asked - commenters_of(version)
    people, guests = audience(version)
    page = kinds.page_urls(version, "version")
    lines = [Line(to, page) for to in people if to.email.strip().lower() in silent]
    known = [guest for guest in guests if guest.pk and guest.email in silent]
    return lines + [Line(recipient_of_guest(guest), kinds.guest_urls(guest)) for guest in known]


def follow_up() -> int:
    """Close the consultations whose last day has passed at the network's office; return how many."""
    done = 0
    for version in past_their_last_day():
        try:
            close_consultation(version)
        except TransitionRefused:
            continue  # somebody closed it by hand, or gave it more days, in this moment
        done += 1
    return done
