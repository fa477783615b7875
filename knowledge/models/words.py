"""Whom the steps of a brief are for: the people and bodies of a municipality that can act."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from cmncp_portal.network.models import Sector, Standing
from cmncp_portal.network.models.municipality import Named


class Audience(Named):
    """A municipal stakeholder in the sense of the briefs, such as "mayor and council".

    `sectors` and `standings` say which people of the network are meant, for "my steps".
    """

    sectors = models.ManyToManyField(Sector, related_name="+", blank=True, verbose_name=_("sectors"))
    standings = ArrayField(
        models.CharField(max_length=16, choices=Standing.choices), verbose_name=_("roles"), default=list, blank=True
    )

    class Meta(Named.Meta):
        verbose_name = _("municipal stakeholder")
        verbose_name_plural = _("municipal stakeholders")


class Population(Named):
    """Whom a practice or a brief is about, such as young people or women."""

    class Meta(Named.Meta):
        verbose_name = _("population")
        verbose_name_plural = _("populations")
