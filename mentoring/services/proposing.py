"""The coordinators prepare an agreement. Nobody is asked before they say so (services.answering)."""

from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from cmncp_portal.core.references import next_reference
from cmncp_portal.core.screens import require
from cmncp_portal.core.workflow import TransitionRefused

from ..models import Agreement, MentoringNeed, MentorOffer
from ..workflow import PAIR_GUARDS

SERIES = "ME"


@transaction.atomic
def propose(need: MentoringNeed, offer: MentorOffer, *, by: Any, reasons: dict[str, Any]) -> Agreement:
    """Prepare an agreement between the municipalities of `need` and `offer`; nobody is told. Return it.

    `reasons` is what was read beside the pair (selectors.matching.as_read), in both languages. Raises TransitionRefused when
    the pair is prepared already or cannot be made now, PermissionDenied.
    """
    require(by, "mentoring.propose", need)
    found = MentoringNeed.objects.select_for_update(of=("self",)).select_related("municipality").get(pk=need.pk)
    given = MentorOffer.objects.select_for_update(of=("self",)).select_related("municipality").get(pk=offer.pk)
    made = Agreement(
        need=found,
        offer=given,
        mentee=found.municipality,
        mentor=given.municipality,
        reasons=reasons,
        proposed_by=by,
        is_demonstration=found.is_demonstration,
    )
    _refuse(made)
    made.reference = next_reference(SERIES, timezone.localdate().year)
    made.save()
    made.changes.create(to_state=made.state, transition="propose", by=by, by_name=by.name)
    return made


def prepare(
    pairs: Iterable[tuple[MentoringNeed, MentorOffer, dict[str, Any]]], *, by: Any
) -> tuple[list[Agreement], list[str]]:
    """Prepare an agreement for each of `pairs` (need, offer, reasons). Return those made, and why others were refused."""
    made, refused = [], []
    for need, offer, reasons in pairs:
        try:
            made.append(propose(need, offer, by=by, reasons=reasons))
        except TransitionRefused as reason:
            refused.append(f"{need}: {reason}")
    return made, refused


def _refuse(made: Agreement) -> None:
    if made.mentor_id == made.mentee_id:
        raise TransitionRefused(_("It is the same municipality."))
    again = Agreement.objects.filter(need=made.need, offer=made.offer, state__in=Agreement.LIVE).first()
    if again is not None:
        raise TransitionRefused(
            _("This pair is prepared already: %(reference)s.") % {"reference": again.reference}, done_already=True
        )
    for guard in PAIR_GUARDS:
        if reason := guard(made):
            raise TransitionRefused(reason)
