"""The one signal from below: a survey of a visit came to its end."""

from typing import Any

from django.dispatch import receiver

from cmncp_portal.evaluation.signals import survey_closed

from . import services
from .models import VisitEvaluation


@receiver(survey_closed, dispatch_uid="exchanges.release")
def release_when_closed(survey: Any, **_kwargs: Any) -> None:
    evaluation = VisitEvaluation.objects.select_related("visit").filter(survey=survey).first()
    if evaluation:
        services.release_evaluations(evaluation.visit)
