from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ProgressConfig(AppConfig):
    name = "cmncp_portal.progress"
    label = "progress"
    verbose_name = _("progress of strategies")

    def ready(self) -> None:
        from . import notifications, rules  # noqa: F401  # kinds of letters and permissions make themselves known
