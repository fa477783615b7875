from django.apps import AppConfig


class HomeConfig(AppConfig):
    name = "cmncp_portal.home"
    label = "home"
