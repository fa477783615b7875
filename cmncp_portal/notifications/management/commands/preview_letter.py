"""Shows what a letter says, in both languages, with the names of its variables as values."""

import json
import re
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from cmncp_portal.core.text import LANGUAGES

from ...kinds import Kind, all_kinds, kind_called
from ...rendering import render
from ...wording import paths_in


class Command(BaseCommand):
    help = "Render one kind of letter in English and in French. Without a kind: list them."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("kind", nargs="?", help="such as exchanges.visit_reminder")
        parser.add_argument("--html", action="store_true", help="the HTML instead of the plain text")
        parser.add_argument("--values", default="{}", help='some values as JSON, such as \'{"host": "Winnipeg"}\'')

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["kind"]:
            self.stdout.write("\n".join(kind.name for kind in all_kinds()))
            return
        kind = kind_called(options["kind"])
        if kind is None:
            raise CommandError(f"No kind of letter is called {options['kind']}.")
        try:
            given = json.loads(options["values"])
        except ValueError as mistake:
            raise CommandError(f"--values is not JSON: {mistake}") from None
        for language in LANGUAGES:
            letter = render(
                kind, language, sample_values(kind) | given, _way_out if kind.is_announcement else lambda _language: ""
            )
            self.stdout.write(f"==== {kind.name} · {language} ====\n{letter.subject}\n\n")
            self.stdout.write(letter.html if options["html"] else letter.text)


def _way_out(language: str) -> str:
    return f"https://portal.example/{language}/stop/"


def sample_values(kind: Kind) -> dict[str, Any]:
    """Return a value for every variable of `kind`: its name in brackets, an address, or a list of two."""
    paths = set().union(*(paths_in(kind.template(language)) for language in LANGUAGES))
    return {name: _sample(name, paths) for name in kind.variables}


def _sample(path: str, paths: set[str]) -> Any:
    if f"{path}[]" in paths:
        item = _sample(f"{path}[]", paths)
        return [item, item]
    inner = {found[len(path) + 1 :] for found in paths if found.startswith(f"{path}.")}
    fields = {re.split(r"[.\[]", name)[0] for name in inner}
    if fields and not any(field.isdigit() for field in fields):
        return {field: _sample(f"{path}.{field}", paths) for field in sorted(fields)}
    word = re.sub(r"\[\]|.*\.", "", path)
    return f"https://portal.example/{word}" if word.endswith("url") else f"[{word}]"
