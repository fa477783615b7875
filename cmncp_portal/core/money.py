"""Canadian dollars as each language writes them: "$1,250" and "1 250 $"."""

from decimal import Decimal

from django.utils import translation
from django.utils.formats import number_format

from .text import active_language


def money_in_words(amount: Decimal | int, language: str | None = None) -> str:
    """Return `amount` of Canadian dollars in `language` (the active one unless given); cents only when there are any."""
    code = language or active_language()
    places = 0 if amount == int(amount) else 2
    with translation.override(code):
        number = number_format(amount, decimal_pos=places, use_l10n=True, force_grouping=True)
    return f"{number}\u00a0$" if code == "fr" else f"${number}"
