"""Fills an empty portal with the demonstration network: the confirmed members, invented people, exchanges in every
stage, meetings, a library with its editorial desk, training, strategies, mentoring, communities that join, and what was learned
of it all: evaluations with their reviews, commitments, figures, a report.

Safe to run again, also after an interruption: each part is one transaction that ends with its mark, and a part with a mark
is left as it is, together with all that people did to it since.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone, translation

from cmncp_portal.accounts.models import User
from cmncp_portal.evaluation import services as evaluation
from cmncp_portal.evaluation.codebook import load_themes
from cmncp_portal.home.demo import cast
from cmncp_portal.home.demo.accompanying import ACCOMPANYING
from cmncp_portal.home.demo.classrooms import CLASSES
from cmncp_portal.home.demo.evaluated import EVALUATED
from cmncp_portal.home.demo.gatherings import GATHERINGS
from cmncp_portal.home.demo.library import LIBRARY
from cmncp_portal.home.demo.newcomers import NEWCOMERS
from cmncp_portal.home.demo.outcomes import OUTCOMES
from cmncp_portal.home.demo.schooling import STANDARDS_AND_MODULES
from cmncp_portal.home.demo.stories import STORIES
from cmncp_portal.home.demo.teller import Teller
from cmncp_portal.home.models import DemoMark
from cmncp_portal.network import services as network
from cmncp_portal.network.models import Municipality
from cmncp_portal.progress.services.data import load_checks
from knowledge.services import data as library


class Command(BaseCommand):
    help = "Loads the demonstration network; what is there already stays as it is."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("The demonstration belongs into a demonstration only (settings with DEMO).")
        told = set(DemoMark.objects.values_list("name", flat=True))
        with translation.override("en"):
            self._load_what_a_newer_portal_may_bring()
            for name, part in self._parts():
                if name not in told:
                    self._tell(name, part)
                    if options["verbosity"]:
                        self.stdout.write(name.replace("_", " "))

    @transaction.atomic
    def _load_what_a_newer_portal_may_bring(self) -> None:
        network.load_reference_data()
        evaluation.load_instruments()
        load_themes()
        library.load_words()
        library.load_archive()
        load_checks()

    def _parts(self) -> list[tuple[str, Callable[[], Any]]]:
        """Names and parts in their order: the members, their people, each exchange and meeting, the library, the rest."""
        people = [
            (f"people-of-{slug}", lambda slug=slug: _people_of(slug))
            for slug in dict.fromkeys(p.place for p in cast.PEOPLE)
        ]
        return [
            ("municipalities", network.load_demo_municipalities),
            ("network-people", cast.load_network_people),
            *people,
            *_told(*STORIES, *GATHERINGS),
            ("practices", library.load_practices),
            *_told(*LIBRARY),
            (
                "people-of-training",
                cast.load_network_people,
            ),  # an older demonstration does not know the college's teacher
            *_told(*STANDARDS_AND_MODULES, *CLASSES, *ACCOMPANYING, *NEWCOMERS, *EVALUATED, *OUTCOMES),
        ]

    @transaction.atomic
    def _tell(self, name: str, part: Callable[[], Any]) -> None:
        _mark, is_new = DemoMark.objects.get_or_create(name=name)
        if is_new:
            part()


def _told(*stories: Callable[[Teller], None]) -> list[tuple[str, Callable[[], Any]]]:
    """The stories by name, each with a teller of its own, who knows the day on which it is told and who is there by then."""
    return [(story.__name__.replace("_", "-"), partial(_tell_story, story)) for story in stories]


def _tell_story(story: Callable[[Teller], None]) -> None:
    story(Teller(timezone.localdate()))


def _people_of(slug: str) -> None:
    admin = User.objects.get(email=cast.ADMINISTRATOR[0])
    cast.load_people_of(Municipality.objects.get(slug=slug), by=admin)
