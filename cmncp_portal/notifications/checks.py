"""System checks: every kind of letter has both wordings, and these use what the kind declares, alike."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register
from django.template import TemplateDoesNotExist, TemplateSyntaxError

from cmncp_portal.core.text import LANGUAGES

from .kinds import Kind, all_kinds
from .models import Category
from .rendering import ALWAYS_GIVEN
from .wording import variables_in


@register()
def letters_are_complete(app_configs: Any, **_options: Any) -> list[CheckMessage]:
    """Every declared kind has a known category and two wordings with the declared variables, no more and no fewer."""
    return [problem for kind in all_kinds() for problem in check_kind(kind)]


def _problem(words: str, id: str) -> CheckMessage:
    """While somebody writes (DEBUG) an unfinished letter is a warning; elsewhere the portal does not start with it."""
    return (Warning if settings.DEBUG else Error)(words, id=id)


def check_kind(kind: Kind) -> list[CheckMessage]:
    """Return what is wrong with one kind of letter."""
    problems: list[CheckMessage] = []
    if kind.category not in Category.values:
        problems.append(_problem(f"{kind.name}: there is no category “{kind.category}”", id="notifications.E001"))
    used: dict[str, set[str]] = {}
    for language in LANGUAGES:
        name = kind.template(language)
        try:
            used[language] = variables_in(name) - set(ALWAYS_GIVEN)
        except TemplateDoesNotExist:
            problems.append(_problem(f"{kind.name}: templates/{name} is missing", id="notifications.E002"))
        except TemplateSyntaxError as mistake:
            problems.append(_problem(f"{kind.name}: {name}: {mistake}", id="notifications.E003"))
    for language, variables in used.items():
        if extra := variables - set(kind.variables):
            words = ", ".join(sorted(extra))
            problems.append(
                _problem(f"{kind.name}: {kind.template(language)} uses undeclared {words}", id="notifications.E004")
            )
    if len(used) == len(LANGUAGES):
        problems += _differences(kind, used)
    return problems


def _differences(kind: Kind, used: dict[str, set[str]]) -> list[CheckMessage]:
    problems: list[CheckMessage] = []
    if uneven := used["en"] ^ used["fr"]:
        words = ", ".join(sorted(uneven))
        problems.append(_problem(f"{kind.name}: only one of the two wordings uses {words}", id="notifications.E005"))
    if idle := set(kind.variables) - used["en"] - used["fr"]:
        problems.append(_problem(f"{kind.name}: no wording uses {', '.join(sorted(idle))}", id="notifications.E006"))
    return problems
