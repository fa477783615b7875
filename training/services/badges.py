"""A certificate as an Open Badge 3.0: a verifiable credential that its holder takes along, and that others check by machine.

Made after the Open Badges 3.0 specification of 1EdTech, signed as its section on JSON Web Tokens says: the credential is the
payload, the public key is found at the address named in the header. Who holds it is named by a salted hash of the address.
"""

import hashlib
import json
import logging
import uuid
from datetime import datetime, time
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.crypto import salted_hmac

from cmncp_portal.core.screens import absolute
from cmncp_portal.core.text import pick

from ..models import Certificate, Level
from ..notifications.people import verify_url

log = logging.getLogger(__name__)

CONTEXT = (
    "https://www.w3.org/ns/credentials/v2",
    "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json",
    "https://purl.imsglobal.org/spec/ob/v3p0/extensions.json",
)
ALGORITHM = "RS256"  # the one that everybody who checks Open Badges knows


def _address(name: str, *args: str, language: str = "en") -> str:
    """Return the full address of a page of badges. What names the network is the same whoever asks: the English one."""
    with translation.override(language):
        return absolute(reverse(f"training:{name}", args=args))


def issuer() -> dict[str, Any]:
    """Return who issues the badges, as a profile whose `id` is its own address."""
    return {
        "id": _address("badge_issuer"),
        "type": ["Profile"],
        "name": f"{settings.NETWORK_NAME_EN} / {settings.NETWORK_NAME_FR}",
        "url": f"{settings.SITE_ADDRESS}/",
        "email": settings.NETWORK_CONTACT_EMAIL,
    }


def issuer_document() -> dict[str, Any]:
    """Return the profile as it stands at its address."""
    return {"@context": list(CONTEXT), **issuer()}


def achievement(certificate: Certificate, language: str) -> dict[str, Any]:
    """Return what was achieved, in `language` ("en" or "fr"). It names nobody."""
    title = str(pick(certificate.title_en, certificate.title_fr, language))
    standard = str(pick(certificate.standard_en, certificate.standard_fr, language))
    return {
        "id": _address("badge_achievement", certificate.code, language=language),
        "type": ["Achievement"],
        "achievementType": "CertificateOfCompletion" if certificate.enrolment_id else "Competency",
        "inLanguage": f"{language}-CA",
        "name": title,
        "description": standard or title,
        "criteria": {"narrative": _narrative(certificate, language)},
        "creator": issuer(),
        "alignment": [_alignment(line, standard, language) for line in certificate.lines],
    }


def achievement_document(certificate: Certificate, language: str) -> dict[str, Any]:
    """Return the achievement as it stands at its address."""
    return {"@context": list(CONTEXT), **achievement(certificate, language)}


def _narrative(certificate: Certificate, language: str) -> str:
    levels = [
        f"{line['code']} {pick(line['en'], line['fr'], language)} – {_level(line['level'], language)}"
        for line in certificate.lines
    ]
    how = {
        "en": ("Completed the training.", "Showed it by own work, which an assessor accepted."),
        "fr": (
            "A terminé la formation.",
            "L’a démontré par son propre travail, qu’une personne évaluatrice a accepté.",
        ),
    }[language][0 if certificate.enrolment_id else 1]
    return "\n\n".join([how, "\n".join(f"- {line}" for line in levels)]) if levels else how


def _level(level: int, language: str) -> str:
    with translation.override(language):
        return str(Level(level).label)


def _alignment(line: dict[str, Any], standard: str, language: str) -> dict[str, Any]:
    return {
        "type": ["Alignment"],
        "targetType": "CFItem",
        "targetCode": line["code"],
        "targetName": f"{pick(line['en'], line['fr'], language)} ({_level(line['level'], language)})",
        "targetFramework": standard,
        "targetUrl": _address("standards", language=language),
    }


def credential_id(certificate: Certificate) -> str:
    """Return the name of the credential. The code cannot be learned from it, so that a list of revoked ones tells nothing."""
    return uuid.uuid5(uuid.NAMESPACE_URL, f"{settings.SITE_ADDRESS}#{certificate.code}").urn


def credential(certificate: Certificate, language: str) -> dict[str, Any]:
    """Return the badge of `certificate` in `language`, unsigned. Needs the learner."""
    salt = salted_hmac("training.badge", certificate.code, algorithm="sha256").hexdigest()[:16]
    digest = hashlib.sha256(f"{certificate.learner.email}{salt}".encode()).hexdigest()
    return {
        "@context": list(CONTEXT),
        "id": credential_id(certificate),
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "name": str(pick(certificate.title_en, certificate.title_fr, language)),
        "issuer": issuer(),
        "validFrom": _issued_at(certificate).isoformat(),
        "credentialSubject": {
            "type": ["AchievementSubject"],
            "identifier": [
                {
                    "type": "IdentityObject",
                    "identityType": "emailAddress",
                    "hashed": True,
                    "salt": salt,
                    "identityHash": f"sha256${digest}",
                }
            ],
            "achievement": achievement(certificate, language),
        },
        "evidence": [{"id": verify_url(certificate, language), "type": ["Evidence"]}],
        "credentialStatus": {"id": _address("badge_revoked"), "type": "1EdTechRevocationList"},
    }


def _issued_at(certificate: Certificate) -> datetime:
    """The first instant of the day of issue at the network's office."""
    return datetime.combine(certificate.issued_on, time(), tzinfo=ZoneInfo(settings.TIME_ZONE))


def revoked() -> dict[str, Any]:
    """Return the list of credentials that no longer hold; programs that check badges ask for it. One query."""
    rows = Certificate.objects.filter(revoked_at__isnull=False).only("code").order_by("pk")
    return {
        "id": _address("badge_revoked"),
        "issuer": _address("badge_issuer"),
        "revokedCredential": [{"id": credential_id(row), "revoked": True} for row in rows],
    }


# ---- signing


def can_sign() -> bool:
    """Whether signed badges can be offered."""
    return _key(settings.BADGE_KEY) is not None


@lru_cache(maxsize=2)
def _key(pem: str) -> RSAPrivateKey | None:
    if not pem:
        return None
    try:
        found = load_pem_private_key(pem.encode(), password=None)
    except (ValueError, TypeError):
        log.error("BADGE_KEY_FILE holds no private key in PEM without a password: badges are not signed")
        return None
    if not isinstance(found, RSAPrivateKey) or found.key_size < 2048:
        log.error("BADGE_KEY_FILE must hold an RSA key of 2048 bits or more: badges are not signed")
        return None
    return found


def public_key() -> dict[str, Any] | None:
    """Return the key with which signatures are checked, as a JSON Web Key; None when there is none."""
    key = _key(settings.BADGE_KEY)
    if key is None:
        return None
    made: dict[str, Any] = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key()))
    return {
        "kty": made["kty"],
        "n": made["n"],
        "e": made["e"],
        "alg": ALGORITHM,
        "use": "sig",
        "kid": _address("badge_key"),
    }


def signed(certificate: Certificate, language: str) -> str | None:
    """Return the badge signed as a JSON Web Token; None when there is no key."""
    key = _key(settings.BADGE_KEY)
    if key is None:
        return None
    said = credential(certificate, language)
    claims = {"iss": said["issuer"]["id"], "jti": said["id"], "nbf": int(_issued_at(certificate).timestamp())}
    return jwt.encode({**said, **claims}, key, algorithm=ALGORITHM, headers={"kid": _address("badge_key")})
