"""A person as somebody who learns. What she attained is hers and goes with her when she changes municipality."""

from typing import Any

import pghistory
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from cmncp_portal.accounts.rules import is_administrator, is_secretariat
from cmncp_portal.core.models import Timestamped
from cmncp_portal.network.models import Stakeholder
from cmncp_portal.network.rules import speaks_for_ids


class LearnerQuerySet(models.QuerySet["Learner"]):
    def visible_to(self, user: Any) -> "LearnerQuerySet":
        """Oneself; the current people of municipalities that `user` speaks for; for coordinators everyone."""
        if not getattr(user, "is_authenticated", False):
            return self.none()
        if is_secretariat(user) or is_administrator(user):
            return self
        own_staff = Q(stakeholder__in=Stakeholder.objects.current().filter(municipality__in=speaks_for_ids(user)))
        return self.filter(Q(user=user) | own_staff)

    def current(self) -> "LearnerQuerySet":
        """Learners who are in a municipality today."""
        return self.filter(stakeholder__in=Stakeholder.objects.current())


@pghistory.track()
class Learner(Timestamped):
    """`stakeholder` is where the person works today; `services.learners` keeps it true. `role` is a slug of `RoleProfile`
    that she chose; empty means the role that goes with her standing."""

    name = models.CharField(_("name"), max_length=200)
    email = models.EmailField(_("email address"), unique=True)
    language = models.CharField(
        _("language of letters"), max_length=2, choices=[("en", "English"), ("fr", "Français")], blank=True
    )
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="learner"
    )
    stakeholder = models.ForeignKey(Stakeholder, models.SET_NULL, null=True, blank=True, related_name="learners")
    role = models.SlugField(_("role"), max_length=60, blank=True)

    objects = LearnerQuerySet.as_manager()

    class Meta:
        verbose_name = _("learner")
        verbose_name_plural = _("learners")
        ordering = ["name", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(email=Lower("email")), name="learner_address_in_small_letters"),
        ]

    def __str__(self) -> str:
        return self.name
