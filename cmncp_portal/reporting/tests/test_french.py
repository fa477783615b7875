"""The French of reports: addresses that open the same pages, and what the pages say."""

from typing import Any

import pytest
from django.test import Client

from cmncp_portal.reporting.services import freezing
from cmncp_portal.reporting.urls import urlpatterns
from cmncp_portal.testing.french import AddressesOfAnApp

from .factories import World, counted, frozen, make_report, written
from .screens import address, heading, words_of

SAMPLES = {
    "token": "9-kQ", "pk": 7, "section": "summary", "case": 3, "code": "visits-held", "number": 2, "language": "fr", "format": "pdf",
}  # fmt: skip


class TestAddresses(AddressesOfAnApp):
    app, start, patterns, samples = "reporting", "/fr/rapports/", urlpatterns, SAMPLES


@pytest.mark.django_db
class TestPages:
    def test_headings(self, client: Client, world: World, priya: Any) -> None:
        report = written(make_report(priya), priya)
        snapshot = frozen(report, priya)
        client.force_login(priya)
        told = {
            ("list",): "Rapports",
            ("definitions",): "Les chiffres et ce qu’ils veulent dire",
            ("new",): "Un nouveau rapport",
            ("report", report.pk): "Rapport de 2026-2027",
            ("edit", report.pk): "Période et chiffres",
            ("due_date", report.pk): "La date de remise",
            ("narrative", report.pk, "summary"): "En bref",
            ("freeze", report.pk): "Vérifier et figer",
            ("snapshot", report.pk, 1): "Rapport de 2026-2027",
        }
        assert {place: heading(client.get(address(*place, language="fr"))) for place in told} == told
        freezing.share(snapshot, by=priya)
        assert heading(Client().get(address("shared", snapshot.token, language="fr"))) == "Rapport de 2026-2027"

    def test_figures_and_checks(self, client: Client, world: World, priya: Any) -> None:
        report = written(make_report(priya), priya)
        client.force_login(priya)
        words = words_of(client.get(address("report", counted(report, priya).pk, language="fr")))
        assert "Ensemble 75,0 % 12 16 75,0 % 12 0,0 point" in words
        assert "Laissés de côté : 1. Elles ont été annulées." in words
        assert "4 chiffres portent sur moins de cinq personnes" not in words
        assert "Calculer de nouveau" in words
        assert "Aucun petit groupe n’est masqué" in words
