"""The outbox in the back office, to be read only; what letters say is on the portal's own page, which hides keys to doors."""

from typing import Any

from django.contrib import admin

from .models import Message, Preference


class ReadOnly(admin.ModelAdmin):
    def has_add_permission(self, request: Any) -> bool:
        return False

    def has_change_permission(self, request: Any, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: Any, obj: Any = None) -> bool:
        return False


@admin.register(Message)
class MessageAdmin(ReadOnly):
    list_display = ["to_email", "subject", "kind", "state", "created_at", "sent_at", "attempts"]
    list_filter = ["state", "language", "category"]
    search_fields = ["to_email", "key"]
    exclude = ["text", "html", "calendar", "unsubscribe_token"]
    show_full_result_count = False

    def get_queryset(self, request: Any) -> Any:
        return Message.objects.for_lists()


@admin.register(Preference)
class PreferenceAdmin(ReadOnly):
    list_display = ["email", "category", "is_wanted", "decided_at"]
    list_filter = ["category", "is_wanted"]
    search_fields = ["email"]
