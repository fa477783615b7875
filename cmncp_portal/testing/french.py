"""The French of an activity's addresses, as a class that its test_french.py fills in.

class TestAddresses(AddressesOfAnApp):
    app, start, patterns = "meetings", "/fr/rencontres/", urlpatterns
    samples = {"slug": "safer-2027", "pk": 7}
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from django.urls import resolve, reverse
from django.utils import translation


def parts_of(pattern: Any, language: str) -> list[str]:
    """What an address takes, such as "slug:slug", in the order of `language`."""
    with translation.override(language):
        return re.findall(r"<(.*?)>", str(pattern.pattern))


class AddressesOfAnApp:
    """Every address of `patterns` exists in French under `start` and opens the page of its name."""

    app: str
    start: str  # of all French addresses, such as "/fr/rencontres/"
    patterns: Sequence[Any]
    samples: Mapping[str, Any] = {}  # a value for each thing that an address takes, by name

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        if "pattern" in metafunc.fixturenames:
            metafunc.parametrize("pattern", self.patterns, ids=lambda pattern: pattern.name)

    def test_a_french_address_opens_the_page_of_its_name(self, pattern: Any) -> None:
        assert parts_of(pattern, "fr") == parts_of(pattern, "en")
        values = {name: self.samples[name] for name in (part.partition(":")[2] for part in parts_of(pattern, "fr"))}
        with translation.override("fr"):
            there = reverse(f"{self.app}:{pattern.name}", kwargs=values)
            assert there.startswith(self.start)
            assert resolve(there).view_name == f"{self.app}:{pattern.name}"
