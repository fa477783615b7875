"""Which role somebody is measured by."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from cmncp_portal.core.workflow import TransitionRefused
from cmncp_portal.network.models import Stakeholder

from ..models import Learner, RoleProfile, StandardVersion
from .learners import learner_for


@transaction.atomic
def set_role(learner: Learner, *, role: str, by: Any) -> Learner:
    """Measure `learner` by the role whose slug is `role`; "" follows from where she works.

    Raises PermissionDenied; TransitionRefused for a role that no version in force knows.
    """
    found = Learner.objects.select_for_update(of=("self",)).get(pk=learner.pk)
    if not by.has_perm("training.set_role", found):
        raise PermissionDenied
    in_force = RoleProfile.objects.filter(version__state=StandardVersion.State.ADOPTED)
    if role and not in_force.filter(slug=role).exists():
        raise TransitionRefused(_("This role is not part of the version in force. Choose another one."))
    if found.role != role:
        found.role = role
        found.save(update_fields=["role", "updated_at"])
    return found


@transaction.atomic
def set_role_of_staff(person: Stakeholder, *, role: str, by: Any) -> Learner:
    """Measure somebody who works for a municipality by `role`, whether she ever enrolled or not.

    Raises PermissionDenied for who does not speak for that municipality; TransitionRefused for somebody who left or has no
    address, and as `set_role`.
    """
    if not by.has_perm("training.see_staff", person):
        raise PermissionDenied
    if not person.is_current():
        raise TransitionRefused(_("%(name)s has left.") % {"name": person.name})
    email = person.user.email if person.user else person.email
    if not email:
        raise TransitionRefused(_("%(name)s has no email address yet. Add one first.") % {"name": person.name})
    learner = learner_for(email=email, name=person.name, language=person.language, user=person.user)
    return set_role(learner, role=role, by=by)
