"""The back office: for looking. What is written, frozen and shared is done on the pages, where history follows."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from .models import Calculation, Report, Snapshot, SnapshotFile


class _ForLooking(admin.ModelAdmin):
    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Report)
class ReportAdmin(_ForLooking):
    list_display = ["title_en", "funder", "from_on", "until_on", "due_on", "handed_in_on", "by_name"]
    search_fields = ["title_en", "title_fr", "funder"]


@admin.register(Calculation)
class CalculationAdmin(_ForLooking):
    """`problem` is what a worker ran into."""

    list_display = ["report", "state", "asked_at", "started_at", "finished_at", "by_name"]
    list_filter = ["state"]
    list_select_related = ["report"]
    exclude = ["figures", "basis"]


@admin.register(Snapshot)
class SnapshotAdmin(_ForLooking):
    list_display = ["report", "number", "frozen_at", "by_name", "shared_at"]
    list_select_related = ["report"]
    exclude = ["content", "figures", "cells", "nonce"]


@admin.register(SnapshotFile)
class SnapshotFileAdmin(_ForLooking):
    list_display = ["snapshot", "language", "format", "state", "made_at"]
    list_filter = ["state", "format"]
    list_select_related = ["snapshot__report"]
