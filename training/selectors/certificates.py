"""Finding a certificate by its code, as people type it; and who may open it as a paper."""

from itertools import product
from typing import Any

from django.db.models import QuerySet

from ..models import Certificate, Learner
from ..models.attainments import ALPHABET

LENGTH = 12
# What somebody may have read as a letter or digit that no code has.
MISREAD = {"O": "QD", "0": "QD", "I": "7J", "1": "7J", "L": "7J"}
MOST_GUESSES = 16


def written(text: str) -> str:
    """Return `text` as codes are written: capital letters and digits in groups of four; "" when it cannot be a code."""
    found = "".join(letter for letter in text.upper() if letter.isascii() and letter.isalnum())
    return "-".join((found[:4], found[4:8], found[8:])) if len(found) == LENGTH else ""


def candidates(text: str) -> list[str]:
    """Return the codes that `text` may mean: itself, or those it may have been misread from. Empty when it cannot be one."""
    code = written(text)
    if not code:
        return []
    choices = [MISREAD.get(letter, letter) for letter in code]
    number = 1
    for each in choices:
        number *= len(each)
    if number > MOST_GUESSES or any(letter not in f"{ALPHABET}-" for each in choices for letter in each):
        return []
    return ["".join(letters) for letters in product(*choices)]


def certificate_called(text: str) -> Certificate | None:
    """Return the certificate that `text` means, or None when there is none or more than one. One query at most."""
    codes = candidates(text)
    found = list(Certificate.objects.filter(code__in=codes).select_related("learner")[:2]) if codes else []
    return found[0] if len(found) == 1 else None


def certificates_near(user: Any) -> QuerySet[Certificate]:
    """Return the certificates of people that `user` may look at; opening the paper itself is the person's own matter."""
    return Certificate.objects.filter(learner__in=Learner.objects.visible_to(user)).select_related(
        "learner__stakeholder"
    )
