from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class JoiningConfig(AppConfig):
    name = "cmncp_portal.joining"
    label = "joining"
    verbose_name = _("joining the network")

    def ready(self) -> None:
        from . import notifications, rules  # noqa: F401  # kinds of letters and permissions make themselves known
