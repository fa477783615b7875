"""Open Badges 3.0: what the specification requires, a signature that others can check, and what follows a revocation."""

import hashlib
import json
import stat
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from django.core.exceptions import ImproperlyConfigured
from django.urls import reverse

from cmncp_portal.settings import env
from cmncp_portal.settings.local_key import badge_key_kept_in
from training.models import Certificate
from training.services import badges, certificates
from training.services.learners import learner_of_user

from .factories import make_attainment, make_claim, make_enrolment, make_offering, make_version

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


@pytest.fixture(scope="module")
def pem(tmp_path_factory: pytest.TempPathFactory) -> str:
    return badge_key_kept_in(tmp_path_factory.mktemp("keys"))


@pytest.fixture
def signing(settings: Any, pem: str) -> None:
    settings.BADGE_KEY = pem
    settings.SITE_ADDRESS = "https://portal.example"


@pytest.fixture
def certificate(joseph: Any) -> Certificate:
    learner, text = learner_of_user(joseph), make_version("adopted").texts.in_order()[0]
    place = make_enrolment(make_offering("held"), learner=learner)
    make_attainment(learner, text, 2, enrolment=place)
    return certificates.issue_for_enrolment(place)


def url(name: str, *args: Any) -> str:
    return reverse(f"training:{name}", args=args)


def test_what_the_specification_requires(signing: None, certificate: Certificate) -> None:
    made = badges.credential(certificate, "en")
    assert made["@context"][:2] == [
        "https://www.w3.org/ns/credentials/v2",
        "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json",
    ]
    assert made["type"] == ["VerifiableCredential", "OpenBadgeCredential"]
    assert made["id"].startswith("urn:uuid:")
    assert (made["name"], made["validFrom"]) == ("Planning with the community", "2027-02-01T00:00:00-05:00")
    assert {name: made["issuer"][name] for name in ("id", "type")} == {
        "id": "https://portal.example/en/training/badges/issuer.json",
        "type": ["Profile"],
    }
    subject = made["credentialSubject"]
    assert subject["type"] == ["AchievementSubject"]
    [identity] = subject["identifier"]
    digest = hashlib.sha256(f"joseph@thunderbay.example{identity['salt']}".encode()).hexdigest()
    assert identity == {
        "type": "IdentityObject",
        "identityType": "emailAddress",
        "hashed": True,
        "salt": identity["salt"],
        "identityHash": f"sha256${digest}",
    }
    achievement = subject["achievement"]
    code = certificate.code
    assert achievement["id"] == f"https://portal.example/en/training/badges/achievements/{code}.json"
    assert {name: achievement[name] for name in ("type", "achievementType", "name", "description", "criteria")} == {
        "type": ["Achievement"],
        "achievementType": "CertificateOfCompletion",
        "name": "Planning with the community",
        "description": "Community safety strategies, version 1",
        "criteria": {"narrative": "Completed the training.\n\n- 1.1 Diagnosis 1 – Practitioner"},
    }
    assert achievement["alignment"] == [
        {
            "type": ["Alignment"],
            "targetType": "CFItem",
            "targetCode": "1.1",
            "targetName": "Diagnosis 1 (Practitioner)",
            "targetFramework": "Community safety strategies, version 1",
            "targetUrl": "https://portal.example/en/training/standards/",
        }
    ]
    assert made["evidence"] == [
        {"id": f"https://portal.example/en/training/certificates/{code}/", "type": ["Evidence"]}
    ]
    assert "joseph" not in json.dumps(made).lower()


def test_in_french(signing: None, certificate: Certificate) -> None:
    made = badges.credential(certificate, "fr")
    achievement = made["credentialSubject"]["achievement"]
    assert (made["name"], achievement["inLanguage"]) == ("Planifier avec la communauté", "fr-CA")
    assert achievement["criteria"]["narrative"].startswith("A terminé la formation.\n\n- 1.1 Diagnostic 1")
    assert made["issuer"] == badges.credential(certificate, "en")["issuer"]


def test_for_evidence(signing: None, certificate: Certificate, joseph: Any) -> None:
    learner, text = learner_of_user(joseph), make_version("adopted").texts.in_order()[0]
    claim = make_claim(learner, text, "accepted")
    make_attainment(learner, text, 2, claim=claim)
    made = badges.achievement(certificates.issue_for_claim(claim), "en")
    assert made["achievementType"] == "Competency"
    assert made["criteria"]["narrative"].startswith("Showed it by own work")


class TestSignature:
    def test_others_check_it_with_the_published_key(
        self, client: Any, signing: None, certificate: Certificate, joseph: Any
    ) -> None:
        client.force_login(joseph)
        answer = client.get(url("badge_jwt", certificate.code))
        assert answer["Content-Disposition"] == f'attachment; filename="badge-{certificate.code}.jwt"'
        token = answer.content.decode()
        header = jwt.get_unverified_header(token)
        assert header == {"alg": "RS256", "typ": "JWT", "kid": "https://portal.example/en/training/badges/key.json"}
        client.logout()
        published = client.get(url("badge_key")).json()
        assert set(published) == {"kty", "n", "e", "alg", "use", "kid"}  # and nothing of the private half
        claims = jwt.decode(token, jwt.PyJWK(published).key, algorithms=["RS256"])
        said = badges.credential(certificate, "en")
        assert {name: claims[name] for name in said} == said
        assert (claims["iss"], claims["jti"]) == (said["issuer"]["id"], said["id"])
        assert claims["nbf"] == 1801458000  # February 1, 2027, 0:00 in Toronto

    def test_another_key_does_not_fit(self, signing: None, certificate: Certificate) -> None:
        token = badges.signed(certificate, "en")
        assert token
        other = rsa.generate_private_key(public_exponent=65537, key_size=2048).public_key()
        with pytest.raises(jwt.InvalidSignatureError):
            jwt.decode(token, other, algorithms=["RS256"])

    @pytest.mark.parametrize("key", ["", "nonsense"])
    def test_without_a_key_it_is_not_offered(
        self, client: Any, settings: Any, certificate: Certificate, joseph: Any, key: str
    ) -> None:
        settings.BADGE_KEY = key
        client.force_login(joseph)
        assert client.get(url("badge_jwt", certificate.code)).status_code == 404
        assert client.get(url("badge_key")).status_code == 404
        assert client.get(url("badge_json", certificate.code)).status_code == 200
        page = client.get(url("me")).content.decode()
        addresses = [url(name, certificate.code) in page for name in ("certificate_pdf", "badge_json", "badge_jwt")]
        assert addresses == [True, True, False]

    def test_with_a_key_it_is(self, client: Any, signing: None, certificate: Certificate, joseph: Any) -> None:
        client.force_login(joseph)
        assert url("badge_jwt", certificate.code) in client.get(url("me")).content.decode()


class TestRevoked:
    def test_it_is_gone_and_says_so(
        self, client: Any, signing: None, certificate: Certificate, joseph: Any, priya: Any
    ) -> None:
        assert client.get(url("badge_revoked")).json()["revokedCredential"] == []
        certificates.revoke(certificate, by=priya, reason="Fraud.")
        client.force_login(joseph)
        for name in ("badge_json", "badge_jwt", "badge_achievement"):
            answer = client.get(url(name, certificate.code))
            assert (answer.status_code, answer.json()) == (
                410,
                {"id": badges.credential_id(certificate), "revoked": True, "revokedAt": "2027-02-01T15:00:00Z"},
            )

    def test_programs_find_it_in_the_list(
        self, client: Any, signing: None, certificate: Certificate, priya: Any
    ) -> None:
        made = badges.credential(certificate, "en")
        certificates.revoke(certificate, by=priya, reason="Fraud.")
        listed = client.get(url("badge_revoked"))
        assert listed.json() == {
            "id": made["credentialStatus"]["id"],
            "issuer": made["issuer"]["id"],
            "revokedCredential": [{"id": made["id"], "revoked": True}],
        }
        assert certificate.code not in listed.content.decode()


def test_what_stands_at_the_addresses(client: Any, signing: None, certificate: Certificate) -> None:
    issuer = client.get(url("badge_issuer"))
    assert (issuer["Access-Control-Allow-Origin"], issuer["Cache-Control"]) == ("*", "public, max-age=3600")
    assert issuer.json() == badges.issuer_document()
    achievement = client.get(url("badge_achievement", certificate.code))
    assert achievement.json() == badges.achievement_document(certificate, "en")
    assert "Joseph" not in achievement.content.decode()
    assert client.get(url("badge_achievement", "2222-2222-2222")).status_code == 404


class TestKey:
    def test_made_once_and_for_its_owner_only(self, tmp_path: Path, pem: str) -> None:
        (tmp_path / "badge-key.pem").write_text(pem)
        assert badge_key_kept_in(tmp_path) == pem
        made = badge_key_kept_in(tmp_path / "new")
        file = tmp_path / "new" / "badge-key.pem"
        assert (file.read_text(), stat.S_IMODE(file.stat().st_mode)) == (made, 0o600)
        assert [one.name for one in file.parent.iterdir()] == ["badge-key.pem"]

    def test_a_file_that_cannot_be_read_stops_the_start(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        monkeypatch.setenv("BADGE_KEY_FILE", str(tmp_path / "none.pem"))
        with pytest.raises(ImproperlyConfigured, match="^BADGE_KEY_FILE must be a file that can be read"):
            env.content("BADGE_KEY_FILE")
        monkeypatch.setenv("BADGE_KEY_FILE", "")
        assert env.content("BADGE_KEY_FILE") == ""

    def test_a_key_of_another_kind_signs_nothing(self, settings: Any) -> None:
        other = ec.generate_private_key(ec.SECP256R1())
        settings.BADGE_KEY = other.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
        assert badges.can_sign() is False
