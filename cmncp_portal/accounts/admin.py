"""The back office for rare corrections. People come in by invitation and get roles on their page, where a record is kept."""

from typing import Any

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.contrib.auth.models import Group
from django.http import HttpRequest

from .models import AccountChange, User

# The back office's own form knows neither the second factor nor the limit on attempts: its door is the portal's.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]

if admin.site.is_registered(Group):
    admin.site.unregister(Group)


class ReadOnly:
    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, *args: Any) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, *args: Any) -> bool:
        return False


class ChangeInline(ReadOnly, admin.TabularInline):
    model = AccountChange
    fk_name = "user"
    fields = ["at", "kind", "before", "after", "by_name", "note"]
    readonly_fields = fields
    extra = 0


@admin.register(User)
class UserAdmin(admin.ModelAdmin):
    list_display = ["name", "email", "language", "is_active", "accepted_at", "last_login"]
    list_filter = ["is_active", "language", "groups"]
    search_fields = ["name", "email"]
    ordering = ["name", "pk"]
    fields = (
        *("email", "name", "language", "time_zone", "is_staff", "is_active", "roles"),
        *("invited_by", "invited_at", "accepted_at", "last_login", "date_joined"),
    )
    readonly_fields = [
        "email",
        "is_active",
        "roles",
        "invited_by",
        "invited_at",
        "accepted_at",
        "last_login",
        "date_joined",
    ]
    inlines = [ChangeInline]

    @admin.display(description="roles")
    def roles(self, user: User) -> str:
        return ", ".join(user.role_labels)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, user: User | None = None) -> bool:
        return False
