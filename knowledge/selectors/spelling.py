"""What somebody may have meant whose search finds nothing: the closest words of the titles that stand in the library."""

import re
from collections.abc import Iterable
from difflib import get_close_matches

from cmncp_portal.network.lists import fold

LOOKED_AT = 5  # words of a question
SHOWN = 3
CLOSE = 0.75  # of 1, which is the same word


def closest(typed: str, titles: Iterable[str]) -> list[str]:
    """Return `typed` with the words that no title has replaced by close ones of `titles`; nothing when all its words occur.

    For one such word up to SHOWN suggestions, for several one. Accents and capitals make no difference.
    """
    known = {fold(word): word.lower() for title in titles for word in re.findall(r"\w{4,}", title)}
    unknown = {
        word: [known[match] for match in get_close_matches(fold(word), known, n=SHOWN, cutoff=CLOSE)]
        for word in re.findall(r"\w{4,}", typed)[:LOOKED_AT]
        if fold(word) not in known
    }
    close = {word: matches for word, matches in unknown.items() if matches}
    if len(close) == 1:
        [(word, matches)] = close.items()
        return [_replaced(typed, {word: match}) for match in matches]
    return [_replaced(typed, {word: matches[0] for word, matches in close.items()})] if close else []


def _replaced(typed: str, words: dict[str, str]) -> str:
    return re.sub(r"\w+", lambda match: words.get(match[0], match[0]), typed)
