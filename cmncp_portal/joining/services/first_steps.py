"""The first steps of a new member: ticked by hand, or by the portal where it can see that they were taken."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from cmncp_portal.network.models import Membership

from ..models import OnboardingStep
from ..selectors.pages import seen_in

Code = OnboardingStep.Code
SEEN = (Code.SIGN_IN, Code.PEOPLE)  # steps that need nobody's tick


@transaction.atomic
def tick(step: OnboardingStep, *, by: Any, done: bool = True) -> None:
    """Note that a step was taken, or that it was not after all. A second click changes nothing."""
    if not by.has_perm("joining.do_first_steps", step):
        raise PermissionDenied
    fresh = OnboardingStep.objects.select_for_update().get(pk=step.pk)
    if done == (fresh.done_at is not None):
        return
    fresh.done_at, fresh.done_by, fresh.done_by_name = (timezone.now(), by, str(by)) if done else (None, None, "")
    fresh.save(update_fields=["done_at", "done_by", "done_by_name"])


def notice(membership: Membership) -> int:
    """Tick what the portal can see; return how many are new. Two queries."""
    open_ones = membership.first_steps.filter(done_at__isnull=True, code__in=seen_in(membership))
    return open_ones.update(done_at=timezone.now())


def notice_all() -> int:
    """Tick for each new member what the portal can see; return how many are new. For the night."""
    waiting = OnboardingStep.objects.filter(done_at__isnull=True, code__in=SEEN, membership__until_on__isnull=True)
    members = Membership.objects.filter(pk__in=waiting.values("membership")).order_by("pk")
    return sum(map(notice, members))
