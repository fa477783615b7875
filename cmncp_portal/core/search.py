"""Search that folds accents on both sides, in English and in French, on a plain PostgreSQL."""

import re
import unicodedata
from typing import Any

from django.contrib.postgres.search import SearchQuery, SearchQueryCombinable, SearchVectorField
from django.db.models import F, Func, TextField, Value
from django.db.models.expressions import CombinedExpression

# PostgreSQL's French stop words lack some articles, and elisions leave a single letter behind.
STOP = {"en": frozenset(), "fr": frozenset({"les", "des", "l", "d", "j", "m", "n", "s", "t", "c", "qu"})}
CONFIG = {"en": "english", "fr": "french"}
ELISION = re.compile(r"^(?:[cdjlmnst]|(?:jus|lors|puis|quoi)?qu)['’](?=\w)", re.IGNORECASE)
MARKS = str.maketrans({"\x00": " ", **dict.fromkeys("«»“”„", '"')})  # PostgreSQL takes no NUL; quotes of both languages
PIECE = re.compile(r'(-?)(?:"([^"]*)"?|(\S+))')


class Fold(Func):
    """cmncp_fold(text): lower case, accents dropped, ligatures opened. The SQL function is made in core's first migration."""

    function = "cmncp_fold"
    output_field = TextField()


class FoldedVector(Func):
    """The words of a text twice, as written and folded, so that « évaluation » and "evaluation" both find it.

    PostgreSQL splits words at a straight apostrophe but not at a typographic one: « l’école » must be found as « école ».
    Parts are put behind each other, so a phrase may match across a seam: the last word of one part and the first of the next.
    """

    function = "to_tsvector"
    output_field = SearchVectorField()
    template = (
        "(to_tsvector('%(config)s'::regconfig, translate(coalesce(%(expressions)s, ''), '’', ' '))"
        " || to_tsvector('%(config)s'::regconfig, translate(cmncp_fold(coalesce(%(expressions)s, '')), '’', ' ')))"
    )

    def __init__(self, expression: Any, config: str = "english", **extra: Any) -> None:
        super().__init__(expression, config=config, **extra)

    def as_sql(self, *args: Any, **kwargs: Any) -> Any:
        """The text stands twice in the template, and so do the values that it holds."""
        sql, values = super().as_sql(*args, **kwargs)
        return sql, [*values, *values]


def words_of(language: str, *columns: Any) -> CombinedExpression | FoldedVector:
    """Return the searchable words of several texts of a row, in `language` ("en" or "fr"), for a generated column.

    `columns` are names of columns, or expressions that give a text.
    """
    texts = [F(column) if isinstance(column, str) else column for column in columns]
    vectors: list[Any] = [FoldedVector(text, config=CONFIG[language]) for text in texts]
    found = vectors[0]
    for vector in vectors[1:]:
        found = CombinedExpression(found, "||", vector, output_field=SearchVectorField())
    return found


def search_query(text: str, language: str) -> SearchQueryCombinable:
    """Return the query for what a person typed, in `language` ("en" or "fr"), words as written or folded.

    All words must occur, words between quotes side by side; `-word` and `-"some words"` may occur in neither spelling.
    Nothing but punctuation gives a query that finds nothing.
    """
    wanted, unwanted = _pieces(text, language)
    query = _written(wanted, language) | _folded(wanted, language)
    for piece in unwanted:
        query = query & ~_written(piece, language) & ~_folded(piece, language)
    return query


def _pieces(text: str, language: str) -> tuple[str, list[str]]:
    """Return what must occur, as one text for websearch_to_tsquery, and each piece that may not."""
    words, unwanted = [], []
    text = unicodedata.normalize("NFC", text).translate(MARKS)
    for minus, phrase, word in PIECE.findall(text):
        if phrase:  # stop words keep their place in a phrase, or its words would no longer be side by side
            piece = f'"{_split(phrase)}"'
        else:
            piece = _split(ELISION.sub("", word) if language == "fr" else word).strip(" -")
        if minus:
            unwanted.append(piece if phrase or " " not in piece else f'"{piece}"')
        elif piece:
            words.append(piece)
    kept = [word for word in words if word.casefold() not in STOP[language]]
    return " ".join(kept or words), unwanted


def _split(text: str) -> str:
    return re.sub(r"[’'\"]", " ", text).strip()


def _written(text: str, language: str) -> SearchQuery:
    return SearchQuery(text, config=CONFIG[language], search_type="websearch")


def _folded(text: str, language: str) -> SearchQuery:
    folded = Fold(Value(text, output_field=TextField()))
    return SearchQuery(folded, config=CONFIG[language], search_type="websearch")
