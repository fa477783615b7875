"""What home keeps of its own: the addresses of personal calendars, and what the demo has told already."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from cmncp_portal.core.links import is_valid, make_token, new_nonce, pk_of


class CalendarFeed(models.Model):
    """The address under which a person's calendar program reads their dates. Whoever has the address reads it, so it can be revoked."""

    SCOPE = "home.feed"

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="calendar_feeds", verbose_name=_("person")
    )
    nonce = models.CharField(max_length=32, default=new_nonce, editable=False)
    created_at = models.DateTimeField(_("made at"), auto_now_add=True)
    revoked_at = models.DateTimeField(_("revoked at"), null=True, blank=True)

    class Meta:
        verbose_name = _("personal calendar address")
        verbose_name_plural = _("personal calendar addresses")
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["user"], condition=Q(revoked_at__isnull=True), name="one_open_calendar_address_per_person"
            )
        ]

    def __str__(self) -> str:
        return f"{self.user}, {self.created_at:%Y-%m-%d}"

    @property
    def token(self) -> str:
        """The end of the address."""
        return make_token(self.SCOPE, self.pk, self.nonce)

    @classmethod
    def from_token(cls, token: str) -> "CalendarFeed | None":
        """Return the feed that `token` opens; None for a revoked one, for a closed account and for anything else."""
        pk = pk_of(token)
        found = (
            cls.objects.select_related("user").filter(pk=pk, revoked_at__isnull=True, user__is_active=True).first()
            if pk
            else None
        )
        return found if found and is_valid(token, cls.SCOPE, found.pk, found.nonce) else None


class DemoMark(models.Model):
    """A part of the demo network that is complete. Written in the transaction that made it, so that loading again skips it."""

    name = models.SlugField(max_length=60, unique=True)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("part of the demonstration")
        verbose_name_plural = _("parts of the demonstration")
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.name
