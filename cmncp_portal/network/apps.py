from django.apps import AppConfig


class NetworkConfig(AppConfig):
    name = "cmncp_portal.network"
    label = "network"

    def ready(self) -> None:
        from . import notifications, receivers  # noqa: F401  (declares the letters, hears who signs in)
