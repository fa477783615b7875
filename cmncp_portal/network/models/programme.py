"""Local prevention work that may be visited or cited."""

from datetime import date
from typing import Any

import pghistory
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from cmncp_portal.core.models import Timestamped, Versioned
from cmncp_portal.core.search import words_of
from cmncp_portal.core.text import Bilingual

from .municipality import Municipality, Topic


class ProgrammeQuerySet(models.QuerySet["PreventionProgramme"]):
    def running_on(self, day: date) -> "ProgrammeQuerySet":
        """Programmes that had not ended on `day`."""
        return self.filter(Q(ended_on__isnull=True) | Q(ended_on__gt=day))

    def visible_to(self, user: Any) -> "ProgrammeQuerySet":
        """The programmes of the municipalities that `user` sees."""
        return self.filter(municipality__in=Municipality.objects.visible_to(user))


@pghistory.track(exclude=["search_en", "search_fr"])
class PreventionProgramme(Timestamped, Versioned):
    municipality = models.ForeignKey(
        Municipality, models.CASCADE, related_name="programmes", verbose_name=_("municipality")
    )
    name_en = models.CharField(_("name in English"), max_length=200)
    name_fr = models.CharField(_("name in French"), max_length=200, blank=True)
    name = Bilingual()
    summary_en = models.TextField(_("summary in English"), blank=True)
    summary_fr = models.TextField(_("summary in French"), blank=True)
    summary = Bilingual()
    run_by = models.CharField(_("run by"), max_length=200, blank=True)
    topics = models.ManyToManyField(Topic, verbose_name=_("topics"), related_name="programmes", blank=True)
    website = models.URLField(_("website"), blank=True)
    welcomes_visits = models.BooleanField(_("welcomes visits"), default=True)
    ended_on = models.DateField(_("ended on"), null=True, blank=True)
    source = models.CharField(_("where this is known from"), max_length=300, blank=True)
    search_en = models.GeneratedField(
        expression=words_of("en", "name_en", "summary_en", "run_by"), output_field=SearchVectorField(), db_persist=True
    )
    search_fr = models.GeneratedField(
        expression=words_of("fr", "name_fr", "summary_fr", "run_by"), output_field=SearchVectorField(), db_persist=True
    )

    objects = ProgrammeQuerySet.as_manager()

    class Meta:
        verbose_name = _("prevention programme")
        verbose_name_plural = _("prevention programmes")
        ordering = ["name_en", "pk"]
        indexes = [
            GinIndex(fields=["search_en"], name="programme_search_en"),
            GinIndex(fields=["search_fr"], name="programme_search_fr"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["municipality", "name_en"], name="a_programme_is_listed_once_per_municipality"
            )
        ]

    def __str__(self) -> str:
        return str(self.name)

    def get_absolute_url(self) -> str:
        return reverse("network:programme", args=[self.municipality.slug, self.pk])
