"""The back office: for looking. What is decided is decided on the desk, where letters and history follow."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from .models import Application, FeeTier, Interest, Renewal


class _ForLooking(admin.ModelAdmin):
    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Interest)
class InterestAdmin(_ForLooking):
    list_display = ["place_name", "province", "name", "state", "confirmed_at", "assigned_to"]
    list_filter = ["state", "province"]
    list_select_related = ["assigned_to"]
    search_fields = ["place_name", "name", "email"]
    exclude = ["nonce"]


@admin.register(Application)
class ApplicationAdmin(_ForLooking):
    list_display = ["municipality", "kind", "state", "sent_at", "join_on"]
    list_filter = ["state", "kind"]
    list_select_related = ["municipality"]
    search_fields = ["municipality__name_en", "municipality__name_fr"]


@admin.register(FeeTier)
class FeeTierAdmin(_ForLooking):
    """Tables are written whole, on the desk, so that no size is left out."""

    list_display = ["kind", "effective_from", "population_from", "population_to", "annual_fee"]
    list_filter = ["kind", "effective_from"]


@admin.register(Renewal)
class RenewalAdmin(_ForLooking):
    list_display = ["membership", "due_on", "state", "confirmed_at", "renewed_on"]
    list_filter = ["state"]
    list_select_related = ["membership__municipality"]
