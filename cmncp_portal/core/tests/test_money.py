from decimal import Decimal

import pytest

from cmncp_portal.core.money import money_in_words


@pytest.mark.parametrize(
    ("amount", "english", "french"),
    [
        (650, "$650", "650\u00a0$"),
        (Decimal("1250.00"), "$1,250", "1\u00a0250\u00a0$"),
        (Decimal("99.50"), "$99.50", "99,50\u00a0$"),
        (0, "$0", "0\u00a0$"),
    ],
)
def test_dollars_as_each_language_writes_them(amount: Decimal, english: str, french: str) -> None:
    assert (money_in_words(amount, "en"), money_in_words(amount, "fr")) == (english, french)
