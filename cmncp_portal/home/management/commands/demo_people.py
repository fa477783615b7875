"""Prints whom one can be in the demonstration: a name, an address, a role per line. scripts/serve ends with it."""

from typing import Any

from django.core.management.base import BaseCommand

from cmncp_portal.accounts.selectors import demo_people


class Command(BaseCommand):
    help = "Prints the people as whom one can sign in to the demonstration."

    def handle(self, *args: Any, **options: Any) -> None:
        people = demo_people()
        if not people:
            self.stdout.write("There is nobody to sign in as yet: run seed_network.")
            return
        self.stdout.write("Sign in with one click, on the sign-in page, as:")
        for person in people:
            self.stdout.write(f"  {person.name} <{person.email}> – {person.role}")
