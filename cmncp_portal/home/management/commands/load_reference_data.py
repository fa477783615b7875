"""Puts into the database what the portal cannot do without: regions, topics, sectors, questionnaires. For every start of a new version."""

from typing import Any

from django.core.management.base import BaseCommand

from cmncp_portal.evaluation import services as evaluation
from cmncp_portal.network import services as network


class Command(BaseCommand):
    help = "Loads regions, topics, sectors and questionnaires; what is there already stays as it is."

    def handle(self, *args: Any, **options: Any) -> None:
        network.load_reference_data()
        made = evaluation.load_instruments()
        if options["verbosity"]:
            for questionnaire in made:
                self.stdout.write(f"{questionnaire.slug} {questionnaire.version}")
