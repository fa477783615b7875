from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _


class NotificationsConfig(AppConfig):
    name = "cmncp_portal.notifications"
    label = "notifications"
    verbose_name = _("letters")

    def ready(self) -> None:
        from . import checks, receivers  # noqa: F401  (they register themselves)

        autodiscover_modules("notifications")  # each app declares its kinds of letters there
