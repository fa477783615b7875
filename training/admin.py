"""The Secretariat's back office of training: to look things up. Everything that people do is done on the pages, where rules and
letters are. Only names that were written wrongly are corrected here."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from .models import (
    Attainment,
    Certificate,
    Comment,
    Enrolment,
    EvidenceClaim,
    Learner,
    Module,
    ModuleAuthor,
    Offering,
    Partner,
    Standard,
    StandardVersion,
)


class Kept(admin.ModelAdmin):
    """Rows that are neither added nor deleted here."""

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class ReadOnly(Kept):
    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Standard)
class StandardAdmin(Kept):
    """The name and the address of a standard may be corrected; its text lives in versions."""

    list_display = ("slug", "title_en", "title_fr")
    search_fields = ("slug", "title_en", "title_fr")


@admin.register(Partner)
class PartnerAdmin(Kept):
    list_display = ("name_en", "name_fr", "kind", "province")
    list_filter = ("kind", "province")
    search_fields = ("name_en", "name_fr")


@admin.register(StandardVersion)
class StandardVersionAdmin(ReadOnly):
    list_display = ("standard", "number", "state", "opens_on", "closes_on", "adopted_on", "superseded_on")
    list_filter = ("state",)
    list_select_related = ("standard",)


@admin.register(Comment)
class CommentAdmin(ReadOnly):
    list_display = ("name", "organisation", "standard_version", "verdict", "answered_at", "withdrawn_at")
    list_filter = ("verdict",)
    list_select_related = ("standard_version__standard",)
    search_fields = ("name", "organisation", "words")


@admin.register(Module)
class ModuleAdmin(ReadOnly):
    list_display = ("slug", "title_en", "title_fr", "state", "theme", "programme_year", "draft_due_on")
    list_filter = ("state", "theme", "programme_year")
    search_fields = ("slug", "title_en", "title_fr")
    exclude = ("search_en", "search_fr")


@admin.register(ModuleAuthor)
class ModuleAuthorAdmin(ReadOnly):
    list_display = ("user", "module", "until_on", "removed_at")
    list_select_related = ("user", "module")
    search_fields = ("user__name", "user__email")


@admin.register(Offering)
class OfferingAdmin(ReadOnly):
    list_display = ("reference", "module", "state", "is_pilot", "language", "starts_on", "ends_on")
    list_filter = ("state", "is_pilot", "language")
    list_select_related = ("module",)
    search_fields = ("reference",)
    exclude = ("join_link",)


@admin.register(Enrolment)
class EnrolmentAdmin(ReadOnly):
    """Without what is confidential, and without the nonce that makes personal links."""

    list_display = ("name", "offering", "status", "attendance", "completed_at")
    list_filter = ("status",)
    list_select_related = ("offering__module",)
    search_fields = ("name", "email")
    exclude = ("nonce", "dietary_needs", "access_needs")


@admin.register(Learner)
class LearnerAdmin(ReadOnly):
    list_display = ("name", "email", "stakeholder", "role")
    list_select_related = ("stakeholder",)
    search_fields = ("name", "email")


@admin.register(EvidenceClaim)
class EvidenceClaimAdmin(ReadOnly):
    """Without what the person wrote and showed: that is between her and the assessors."""

    list_display = ("learner", "competency", "level", "state", "sent_at", "answered_at")
    list_filter = ("state", "level")
    list_select_related = ("learner", "competency")
    exclude = ("words", "url", "file", "filename", "answer")


@admin.register(Attainment)
class AttainmentAdmin(ReadOnly):
    list_display = ("learner", "competency", "level", "attained_on", "revoked_at")
    list_filter = ("level",)
    list_select_related = ("learner", "competency")
    search_fields = ("learner__name", "learner__email")


@admin.register(Certificate)
class CertificateAdmin(ReadOnly):
    list_display = ("code", "name", "title_en", "issued_on", "revoked_at")
    search_fields = ("code", "name")
