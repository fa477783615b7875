from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ReportingConfig(AppConfig):
    name = "cmncp_portal.reporting"
    label = "reporting"
    verbose_name = _("reports")

    def ready(self) -> None:
        from . import notifications, rules  # noqa: F401  # kinds of letters and permissions make themselves known
