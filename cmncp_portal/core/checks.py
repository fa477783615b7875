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
        # Not only what the class itself says: a pair may come from an abstract model.
        for name, value in {n: v for base in reversed(model.__mro__) for n, v in vars(base).items()}.items():
            missing = [f"{name}_{code}" for code in LANGUAGES if f"{name}_{code}" not in columns]
            if isinstance(value, Bilingual) and missing:
                problems.append(Error(f"{model._meta.label}.{name} lacks {', '.join(missing)}", id="core.E001"))
    return problems
