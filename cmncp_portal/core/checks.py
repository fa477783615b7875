"""System checks: what is written in two languages is complete as a pair."""

from typing import Any

from django.apps import apps
from django.core.checks import CheckMessage, Error, register

from .text import LANGUAGES, Bilingual


@register()
def bilingual_pairs_are_complete(app_configs: Any, **_options: Any) -> list[CheckMessage]:
    """A model that reads `name` through Bilingual needs the columns name_en and name_fr."""
    problems: list[CheckMessage] = []
    for model in apps.get_models():
        columns = {field.name for field in model._meta.get_fields()}
        for name, value in vars(model).items():
            missing = [f"{name}_{code}" for code in LANGUAGES if f"{name}_{code}" not in columns]
            if isinstance(value, Bilingual) and missing:
                problems.append(Error(f"{model._meta.label}.{name} lacks {', '.join(missing)}", id="core.E001"))
    return problems
