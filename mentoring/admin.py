"""The Secretariat's back office: to look things up. Everything that people do is done on the pages, where rules and letters are."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from .models import Agreement, MentoringNeed, MentorOffer, Participant


class ReadOnly(admin.ModelAdmin):
    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(MentoringNeed)
class MentoringNeedAdmin(ReadOnly):
    list_display = ("municipality", "state", "created_at")
    list_filter = ("state",)
    list_select_related = ("municipality",)


@admin.register(MentorOffer)
class MentorOfferAdmin(ReadOnly):
    list_display = ("municipality", "state", "capacity", "until_on")
    list_filter = ("state",)
    list_select_related = ("municipality",)


@admin.register(Agreement)
class AgreementAdmin(ReadOnly):
    list_display = ("reference", "mentor", "mentee", "state", "starts_on", "ends_on", "last_sign_at")
    list_filter = ("state",)
    list_select_related = ("mentor", "mentee")
    search_fields = ("reference",)


@admin.register(Participant)
class ParticipantAdmin(ReadOnly):
    """Without the nonce that makes personal links."""

    list_display = ("name", "agreement", "side", "is_lead", "left_on")
    list_select_related = ("agreement__mentor", "agreement__mentee")
    search_fields = ("name", "email")
    exclude = ("nonce",)
