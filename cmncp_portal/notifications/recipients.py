"""To whom a letter goes: a value, so that this floor knows no stakeholder."""

from dataclasses import dataclass
from typing import Literal

LetterLanguage = Literal["en", "fr", "both"]


@dataclass(frozen=True)
class Recipient:
    """`language` is "en", "fr", or "both" when it is not known; `zone` is the person's IANA time zone."""

    email: str
    name: str
    language: LetterLanguage = "both"
    zone: str = "America/Toronto"
