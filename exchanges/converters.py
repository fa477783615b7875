"""The two legs and the two sides in addresses; legs in the words of the page's language."""

from cmncp_portal.core.text import active_language

WORDS = {
    "en": {"first": "first-visit", "return": "return-visit"},
    "fr": {"first": "premiere-visite", "return": "visite-de-retour"},
}


class LegConverter:
    regex = "first-visit|return-visit|premiere-visite|visite-de-retour"

    def to_python(self, value: str) -> str:
        return next(leg for words in WORDS.values() for leg, word in words.items() if word == value)

    def to_url(self, value: str) -> str:
        return WORDS[active_language()][value]


class SideConverter:
    """The side of a visit in an address: not to be taken for the number of a person."""

    regex = "visitors|hosts"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return str(value)
