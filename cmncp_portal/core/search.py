"""Search that folds accents on both sides, in English and in French, on a plain PostgreSQL."""

import re
from typing import Any

from django.contrib.postgres.search import SearchQuery, SearchVectorField
from django.db.models import Func, TextField

# PostgreSQL's French stop words lack some articles, and elisions leave a single letter behind.
STOP = {"en": frozenset(), "fr": frozenset({"les", "des", "l", "d", "j", "m", "n", "s", "t", "c", "qu"})}
CONFIG = {"en": "english", "fr": "french"}


class Fold(Func):
    """cmncp_fold(text): lower case, accents dropped, ligatures opened. The SQL function is made in core's first migration."""

    function = "cmncp_fold"
    output_field = TextField()


class FoldedVector(Func):
    """The words of a text twice, as written and folded, so that « évaluation » and "evaluation" both find it.

    PostgreSQL splits words at a straight apostrophe but not at a typographic one: « l’école » must be found as « école ».
    """

    function = "to_tsvector"
    output_field = SearchVectorField()
    template = (
        "(to_tsvector('%(config)s'::regconfig, translate(coalesce(%(expressions)s, ''), '’', ' '))"
        " || to_tsvector('%(config)s'::regconfig, translate(cmncp_fold(coalesce(%(expressions)s, '')), '’', ' ')))"
    )

    def __init__(self, expression: Any, config: str = "english", **extra: Any) -> None:
        super().__init__(expression, config=config, **extra)


def search_query(text: str, language: str) -> SearchQuery:
    """Return the query for what a person typed, in `language` ("en" or "fr"), words as written or folded."""
    words = re.sub(r"[’']", " ", text)
    kept = " ".join(w for w in words.split() if w.casefold().strip('"') not in STOP[language]) or words
    config = CONFIG[language]
    return SearchQuery(kept, config=config, search_type="websearch") | SearchQuery(
        Fold(_value(kept)), config=config, search_type="websearch"
    )


def _value(text: str) -> object:
    from django.db.models import Value

    return Value(text, output_field=TextField())
