"""Fills an empty portal with the demonstration network: the confirmed members, invented people, exchanges in every stage.

Safe to run again, also after an interruption: each part is one transaction that ends with its mark, and a part with a mark
is left as it is, together with all that people did to it since.
"""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone, translation

from cmncp_portal.accounts.models import User
from cmncp_portal.evaluation import services as evaluation
from cmncp_portal.home.demo import cast
from cmncp_portal.home.demo.gatherings import GATHERINGS
from cmncp_portal.home.demo.stories import STORIES
from cmncp_portal.home.demo.teller import Teller
from cmncp_portal.home.models import DemoMark
from cmncp_portal.network import services as network
from cmncp_portal.network.models import Municipality


class Command(BaseCommand):
    help = "Loads the demonstration network; what is there already stays as it is."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("The demonstration belongs into a demonstration only (settings with DEMO).")
        told = set(DemoMark.objects.values_list("name", flat=True))
        with translation.override("en"):
            evaluation.load_instruments()  # a newer portal may bring new ones
            for name, part in self._parts():
                if name not in told:
                    self._tell(name, part)
                    if options["verbosity"]:
                        self.stdout.write(name.replace("_", " "))

    def _parts(self) -> list[tuple[str, Callable[[], Any]]]:
        """Names and parts in their order: what the network rests on, its people, then each exchange and meeting."""
        people = [
            (f"people-of-{slug}", lambda slug=slug: _people_of(slug))
            for slug in dict.fromkeys(p.place for p in cast.PEOPLE)
        ]
        stories = [
            (story.__name__.replace("_", "-"), lambda story=story: story(Teller(timezone.localdate())))
            for story in (*STORIES, *GATHERINGS)
        ]
        return [
            ("reference-data", network.load_reference_data),
            ("municipalities", network.load_demo_municipalities),
            ("network-people", cast.load_network_people),
            *people,
            *stories,
        ]

    @transaction.atomic
    def _tell(self, name: str, part: Callable[[], Any]) -> None:
        _mark, is_new = DemoMark.objects.get_or_create(name=name)
        if is_new:
            part()


def _people_of(slug: str) -> None:
    admin = User.objects.get(email=cast.ADMINISTRATOR[0])
    cast.load_people_of(Municipality.objects.get(slug=slug), by=admin)
