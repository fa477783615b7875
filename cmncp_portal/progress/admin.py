"""The back office: the list of checks, which is the network's own. Profiles are kept in the portal itself."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from . import services
from .models import Commitment, Inquiry, StrategyCheck, StrategyProfile


@admin.register(StrategyCheck)
class StrategyCheckAdmin(admin.ModelAdmin):
    """A check that was answered is taken out of use, not deleted; stages follow from what is in use."""

    list_display = ["code", "stage", "order", "text_en", "is_used"]
    list_filter = ["stage", "is_used"]
    search_fields = ["code", "text_en", "text_fr"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["code"] if obj else []

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if not change or {"stage", "is_used"} & set(form.changed_data):
            services.follow_check_list(by=request.user)


class Looking(admin.ModelAdmin):
    """For looking: what people do is done on the pages, where rules and letters are."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(StrategyProfile)
class StrategyProfileAdmin(Looking):
    list_display = ["municipality", "computed_stage", "declared_stage", "confirmed_at"]
    list_select_related = ["municipality"]
    search_fields = ["municipality__name_en", "municipality__name_fr"]


@admin.register(Commitment)
class CommitmentAdmin(Looking):
    list_display = ["text", "municipality", "owner_name", "due_on", "state", "source"]
    list_filter = ["state", "source"]
    list_select_related = ["municipality"]
    search_fields = ["text", "owner_name", "municipality__name_en", "municipality__name_fr"]


@admin.register(Inquiry)
class InquiryAdmin(Looking):
    """Without the nonce that makes personal links."""

    list_display = ["municipality", "name", "email", "asked_at"]
    list_select_related = ["municipality"]
    search_fields = ["name", "email", "municipality__name_en", "municipality__name_fr"]
    exclude = ["nonce"]
