"""A list that somebody handed in: what it would change, row by row, until it is applied or too old."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

KEPT_FOR = timedelta(hours=24)


def in_a_day() -> Any:
    """Return the instant after which a preview can no longer be applied."""
    return timezone.now() + KEPT_FOR


class ImportRunQuerySet(models.QuerySet["ImportRun"]):
    def visible_to(self, user: Any) -> "ImportRunQuerySet":
        """A list is seen by whoever handed it in, nobody else: it holds addresses of people."""
        return self.filter(owner_id=user.pk)


class ImportRun(models.Model):
    class What(models.TextChoices):
        MUNICIPALITIES = "municipalities", _("Municipalities")
        PEOPLE = "people", _("People")

    what = models.CharField(_("list"), max_length=16, choices=What.choices)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name=_("handed in by")
    )
    file_name = models.CharField(_("file"), max_length=200)
    rows = models.JSONField(_("rows"), default=list)
    created_at = models.DateTimeField(_("handed in at"), auto_now_add=True)
    expires_at = models.DateTimeField(_("can be applied until"), default=in_a_day)
    applied_at = models.DateTimeField(_("applied at"), null=True, blank=True)

    objects = ImportRunQuerySet.as_manager()

    class Meta:
        verbose_name = _("list handed in")
        verbose_name_plural = _("lists handed in")
        ordering = ["-created_at", "-pk"]

    def __str__(self) -> str:
        return self.file_name

    @property
    def is_open(self) -> bool:
        """Tell whether the list may still be applied."""
        return self.applied_at is None and timezone.now() < self.expires_at

    def count(self, state: str) -> int:
        """Return how many rows are `state`: "new", "changed", "unchanged" or "refused"."""
        return sum(row["state"] == state for row in self.rows)
