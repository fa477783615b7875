"""`manage.py check` finds a name that lacks its French or its English."""

import pytest
from django.core.checks import Error, run_checks
from django.db import models
from django.test.utils import isolate_apps

from cmncp_portal.core import checks
from cmncp_portal.core.text import Bilingual


def problems(monkeypatch: pytest.MonkeyPatch, *found: type[models.Model]) -> list[Error]:
    class Registry:
        @staticmethod
        def get_models() -> list[type[models.Model]]:
            return list(found)

    monkeypatch.setattr(checks, "apps", Registry)
    return checks.bilingual_pairs_are_complete(None)


def test_the_portal_has_every_pair() -> None:
    assert [problem for problem in run_checks() if problem.id == "core.E001"] == []


@isolate_apps("cmncp_portal.core")
def test_a_missing_column_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    class Whole(models.Model):  # noqa: DJ008
        name = Bilingual()
        name_en = models.CharField(max_length=9)
        name_fr = models.CharField(max_length=9)

        class Meta:
            app_label = "core"

    class Half(models.Model):  # noqa: DJ008
        name = Bilingual()
        name_en = models.CharField(max_length=9)
        text = Bilingual()

        class Meta:
            app_label = "core"

    assert problems(monkeypatch, Whole) == []
    assert problems(monkeypatch, Whole, Half) == [
        Error("core.Half.name lacks name_fr", id="core.E001"),
        Error("core.Half.text lacks text_en, text_fr", id="core.E001"),
    ]


@isolate_apps("cmncp_portal.core")
def test_a_pair_that_comes_from_an_abstract_model_is_looked_at_too(monkeypatch: pytest.MonkeyPatch) -> None:
    class Named(models.Model):
        name = Bilingual()
        name_fr = models.CharField(max_length=9)

        class Meta:
            abstract = True
            app_label = "core"

    class Place(Named):  # noqa: DJ008
        class Meta:
            app_label = "core"

    class Mended(Named):  # noqa: DJ008
        name_en = models.CharField(max_length=9)

        class Meta:
            app_label = "core"

    assert problems(monkeypatch, Place, Mended) == [Error("core.Place.name lacks name_en", id="core.E001")]
