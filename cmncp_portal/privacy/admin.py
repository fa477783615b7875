"""The back office: for looking. What is decided is decided on the register, where letters follow."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from .models import Incident, PersonRequest, RetentionRun


class _ForLooking(admin.ModelAdmin):
    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(PersonRequest)
class PersonRequestAdmin(_ForLooking):
    list_display = ["pk", "kind", "asked_at", "confirmed_at", "due_on", "done_at", "refused_at"]
    list_filter = ["kind"]
    exclude = ["nonce"]


@admin.register(Incident)
class IncidentAdmin(_ForLooking):
    list_display = ["noticed_on", "what", "people", "is_serious", "closed_on"]
    list_filter = ["is_serious"]


@admin.register(RetentionRun)
class RetentionRunAdmin(_ForLooking):
    list_display = ["at", "finished_at", "problem"]
