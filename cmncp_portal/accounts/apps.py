from django.apps import AppConfig
from django.db.models.signals import post_migrate


class AccountsConfig(AppConfig):
    name = "cmncp_portal.accounts"
    label = "accounts"

    def ready(self) -> None:
        from .roles import make_groups

        post_migrate.connect(make_groups, dispatch_uid="accounts.make_groups")
