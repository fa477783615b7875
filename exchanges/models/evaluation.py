"""After the visit: what each side was asked, and ideas caught on the way."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from cmncp_portal.evaluation.models import Survey
from cmncp_portal.network.models import PreventionProgramme

from .team import TeamMember
from .visit import Side, Visit


class VisitEvaluation(models.Model):
    """The survey put to one side of a visit."""

    visit = models.ForeignKey(Visit, models.CASCADE, related_name="evaluations")
    side = models.CharField(max_length=8, choices=Side.choices)
    survey = models.OneToOneField(Survey, models.PROTECT, related_name="visit_evaluation")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["visit", "side"], name="one_evaluation_per_visit_and_side")]

    def __str__(self) -> str:
        return f"{self.visit}: {self.side}"


class Idea(models.Model):
    """One line caught on the visit day: something to take home, and where it was seen."""

    visit = models.ForeignKey(Visit, models.CASCADE, related_name="ideas")
    side = models.CharField(max_length=8, choices=Side.choices)
    text = models.CharField(_("idea"), max_length=300)
    programme = models.ForeignKey(
        PreventionProgramme, models.SET_NULL, null=True, blank=True, related_name="ideas", verbose_name=_("seen at")
    )
    is_shared = models.BooleanField(_("show it to both sides"), default=False)
    by_member = models.ForeignKey(TeamMember, models.SET_NULL, null=True, blank=True, related_name="ideas")
    by_user = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    by_name = models.CharField(max_length=200)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return self.text
