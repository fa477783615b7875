from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PrivacyConfig(AppConfig):
    name = "cmncp_portal.privacy"
    label = "privacy"
    verbose_name = _("privacy")

    def ready(self) -> None:
        from . import notifications, rules  # noqa: F401  # kinds of letters and permissions make themselves known
