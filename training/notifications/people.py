"""Letters about what people show and what they hold: evidence, certificates."""

from typing import Any

from django.utils import translation

from cmncp_portal.core.screens import absolute
from cmncp_portal.core.text import pick

from ..models import Certificate, CompetencyText, EvidenceClaim, Level
from .common import kind

# `heading` is the title of the module or of the competency. `verify` is the address at which anybody can check.
CERTIFICATE = kind("certificate", "code", "verify", "lines", "standard")
CERTIFICATE_REVOKED = kind("certificate_revoked", "code", "reason")
EVIDENCE_RECEIVED = kind("evidence_received", "person", "level")
EVIDENCE_MORE = kind("evidence_more", "level", "note")
EVIDENCE_ACCEPTED = kind("evidence_accepted", "level", "note", "code", "verify")
EVIDENCE_DECLINED = kind("evidence_declined", "level", "reason")
EVIDENCE_WAITS = kind("evidence_waits", "person", "level", "since", reminder=True)

TO_ASSESSORS = (EVIDENCE_RECEIVED, EVIDENCE_WAITS)


def certificate_words(certificate: Certificate) -> dict[str, dict[str, Any]]:
    """Return the values about `certificate` that its letters use, each per language."""
    languages = ("en", "fr")
    standard = {code: str(pick(certificate.standard_en, certificate.standard_fr, code)) for code in languages}
    return {
        "heading": {code: str(pick(certificate.title_en, certificate.title_fr, code)) for code in languages},
        "code": dict.fromkeys(languages, certificate.code),
        "verify": {code: verify_url(certificate, code) for code in languages},
        "lines": {code: [line_in_words(line, code) for line in certificate.lines] for code in languages},
        "standard": standard,
    }


def verify_url(certificate: Certificate, language: str) -> str:
    """Return the full address at which anybody can check `certificate`, in `language`."""
    with translation.override(language):
        return absolute(certificate.get_absolute_url())


def line_in_words(line: dict[str, Any], language: str) -> str:
    """Return "4.2 Safety diagnosis (practitioner)" of a line of a certificate."""
    return f"{line['code']} {pick(line['en'], line['fr'], language)} ({level_in_words(line['level'], language)})"


def level_in_words(level: int, language: str) -> str:
    """Return the name of a level inside a sentence, in small letters."""
    with translation.override(language):
        return str(Level(level).label).lower()


def claim_words(claim: EvidenceClaim, text: CompetencyText) -> dict[str, dict[str, Any]]:
    """Return the values about `claim` that its letters use. `text` words its competency; needs the domain."""
    languages = ("en", "fr")
    return {
        "heading": {code: f"{text.code} {pick(text.title_en, text.title_fr, code)}" for code in languages},
        "level": {code: level_in_words(claim.level, code) for code in languages},
        "person": dict.fromkeys(languages, claim.learner.name),
    }
