"""What people say they can do, before and after. Theirs alone: others see means of five or more."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from cmncp_portal.core.workflow import TransitionRefused

from ..models import Enrolment, SelfAssessment, SelfRating
from ..selectors.builds import builds_of, why_not_assessed
from .enrolling import locked_place


@transaction.atomic
def assess_oneself(place: Enrolment, *, moment: str, ratings: dict[int, int]) -> None:
    """Keep how sure the person is of each competency that the module builds, from 1 to 5; a second time replaces the first.

    `ratings` maps competencies to values; those of other modules are left out. Raises TransitionRefused when it is too
    early or too late, or nothing was rated.
    """
    place = locked_place(place)
    reasons = {
        "early": _("The second self-assessment opens on the last day."),
        "late": _("This self-assessment is closed."),
        "none": _("Self-assessments are for those who take part."),
    }
    if reason := why_not_assessed(place, moment):
        raise TransitionRefused(reasons[reason])
    known = {one.competency_id for one in builds_of(place.offering.module_id)}
    kept = {pk: value for pk, value in ratings.items() if pk in known and value in SelfRating.Sure.values}
    if not kept:
        raise TransitionRefused(_("Choose an answer for at least one line."))
    assessment, _is_new = SelfAssessment.objects.update_or_create(
        enrolment=place, moment=moment, defaults={"answered_at": timezone.now()}
    )
    assessment.ratings.all().delete()
    SelfRating.objects.bulk_create(
        SelfRating(assessment=assessment, competency_id=pk, value=value) for pk, value in kept.items()
    )
