"""The back office, for looking and for rare corrections. Answers are not shown here; their readers are the activities' rule."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from .models import Invitation, Questionnaire, Survey


class ReadOnlyAdmin(admin.ModelAdmin):
    """Rows that services write: shown, never typed."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Questionnaire)
class QuestionnaireAdmin(ReadOnlyAdmin):
    list_display = ["slug", "version", "title_en", "title_fr", "published_at"]
    list_filter = ["slug"]


@admin.register(Survey)
class SurveyAdmin(ReadOnlyAdmin):
    list_display = [
        "title_en",
        "questionnaire",
        "opens_at",
        "due_at",
        "closes_at",
        "released_at",
        "closed_at",
        "cancelled_at",
    ]
    list_select_related = ["questionnaire"]


@admin.register(Invitation)
class InvitationAdmin(ReadOnlyAdmin):
    list_display = ["name", "email", "survey", "language", "invited_at", "excused_at", "wrong_person_at"]
    list_select_related = ["survey"]
    search_fields = ["name", "email"]
    exclude = ["nonce"]
