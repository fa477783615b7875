"""When somebody is listed, moves or leaves, the learner is linked anew (see `services.learners`)."""

from typing import Any

from django.db.models.signals import post_save
from django.dispatch import receiver

from cmncp_portal.network.models import Stakeholder

from .services.learners import follow


@receiver(post_save, sender=Stakeholder, dispatch_uid="training.follow_stakeholder")
def follow_stakeholder(sender: type[Stakeholder], instance: Stakeholder, raw: bool = False, **_kwargs: Any) -> None:
    """After `instance` was saved: the learner of the same account or address works there now."""
    if not raw:
        follow(instance)
