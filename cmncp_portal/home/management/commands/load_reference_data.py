"""Puts into the database what the portal cannot do without: regions, topics, sectors, questionnaires and the themes of their answers, the
library's words and its catalogue of the briefs of 2009, the checks of strategies, and the proposed standard as a draft. For every start of a new version."""

from typing import Any

from django.core.management.base import BaseCommand

from cmncp_portal.evaluation import services as evaluation
from cmncp_portal.evaluation.codebook import load_themes
from cmncp_portal.network import services as network
from cmncp_portal.progress.services.data import load_checks
from knowledge.services.data import load_archive, load_words
from training.services.data import load_proposed_standard


class Command(BaseCommand):
    help = (
        "Loads regions, topics, sectors, questionnaires, themes, the library's words, the checks of strategies and the proposed standard; "
        "what is there already stays as it is."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        network.load_reference_data()
        load_words()
        entries = load_archive()
        load_checks()
        load_proposed_standard()
        load_themes()
        made = evaluation.load_instruments()
        if options["verbosity"]:
            for questionnaire in made:
                self.stdout.write(f"{questionnaire.slug} {questionnaire.version}")
            for brief in entries:
                self.stdout.write(f"{brief.reference} {brief.slug}")
