from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ExchangesConfig(AppConfig):
    name = "exchanges"
    label = "exchanges"
    verbose_name = _("exchanges")

    def ready(self) -> None:
        from . import receivers  # noqa: F401  (listens to the one signal)
