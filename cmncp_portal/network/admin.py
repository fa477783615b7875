"""The back office for rare corrections; the daily upkeep is in the portal itself."""

from django.contrib import admin

from .models import Membership, Municipality, PreventionProgramme, Region, Sector, Stakeholder, Topic


@admin.register(Region, Topic, Sector)
class NamedAdmin(admin.ModelAdmin):
    list_display = ["slug", "name_en", "name_fr", "order"]
    list_editable = ["order"]
    search_fields = ["slug", "name_en", "name_fr"]


class MembershipInline(admin.TabularInline):
    model = Membership
    extra = 0


@admin.register(Municipality)
class MunicipalityAdmin(admin.ModelAdmin):
    list_display = ["name_en", "name_fr", "province", "kind", "population"]
    list_filter = ["province", "kind"]
    search_fields = ["name_en", "name_fr", "slug"]
    prepopulated_fields = {"slug": ["name_en"]}
    filter_horizontal = ["offers", "seeks"]
    inlines = [MembershipInline]


@admin.register(Stakeholder)
class StakeholderAdmin(admin.ModelAdmin):
    list_display = ["name", "municipality", "standing", "email", "left_on"]
    list_filter = ["standing", "sector"]
    list_select_related = ["municipality"]
    search_fields = ["name", "email", "organisation", "municipality__name_en", "municipality__name_fr"]
    autocomplete_fields = ["municipality"]
    raw_id_fields = ["user"]


@admin.register(PreventionProgramme)
class PreventionProgrammeAdmin(admin.ModelAdmin):
    list_display = ["name_en", "municipality", "welcomes_visits", "ended_on"]
    list_select_related = ["municipality"]
    search_fields = ["name_en", "name_fr", "municipality__name_en", "municipality__name_fr"]
    autocomplete_fields = ["municipality"]
    filter_horizontal = ["topics"]
