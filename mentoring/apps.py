from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MentoringConfig(AppConfig):
    name = "mentoring"
    verbose_name = _("mentoring")

    def ready(self) -> None:
        from . import notifications, rules  # noqa: F401  # kinds of letters and permissions make themselves known
