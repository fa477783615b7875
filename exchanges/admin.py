"""The Secretariat's back office: to look things up. Everything that people do is done on the pages, where rules and letters are."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from .models import Exchange, TeamMember, Visit


class ReadOnly(admin.ModelAdmin):
    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Exchange)
class ExchangeAdmin(ReadOnly):
    list_display = ("reference", "guest", "host", "submitted_at", "closed_at")
    list_select_related = ("guest", "host")
    search_fields = ("reference", "challenge")


@admin.register(Visit)
class VisitAdmin(ReadOnly):
    list_display = ("exchange", "leg", "state", "starts_on", "ends_on", "released_at")
    list_filter = ("state", "leg")
    list_select_related = ("exchange",)


@admin.register(TeamMember)
class TeamMemberAdmin(ReadOnly):
    """Without what is confidential, and without the nonce that makes personal links."""

    list_display = ("name", "visit", "side", "category", "status")
    list_select_related = ("visit__exchange",)
    search_fields = ("name", "email")
    exclude = ("nonce", "dietary_needs", "access_needs", "emergency_contact")
