from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class TrainingConfig(AppConfig):
    name = "training"
    verbose_name = _("training")

    def ready(self) -> None:
        from . import (  # noqa: F401  # letters, permissions and the one receiver make themselves known
            notifications,
            receivers,
            rules,
        )
