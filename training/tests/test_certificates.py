"""Certificates: what they freeze, who opens them, how anybody checks them, and what is left of one that was revoked."""

from datetime import UTC, datetime
from typing import Any

import page
import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.utils import translation

from cmncp_portal.core.workflow import TransitionRefused
from cmncp_portal.network.models import Standing
from cmncp_portal.network.tests.factories import make_stakeholder
from cmncp_portal.testing.mailbag import Mailbag
from cmncp_portal.testing.pages import said, text_of
from training.models import Attainment, Certificate, CompetencyText, Enrolment, Learner, Module
from training.selectors.certificates import candidates, certificate_called, written
from training.selectors.gaps import profile_for
from training.services import certificates
from training.services.learners import learner_of_user

from .factories import make_attainment, make_claim, make_enrolment, make_learner, make_offering, make_version

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
mail = Mailbag("training")
HOSTILE = '#read("/etc/passwd") *no* _x_ $y$ @z <a> `b` = h \\ ] ) "q" // c 🦫 \u202eאב ᓄᓇᕗᑦ'


@pytest.fixture
def texts() -> list[CompetencyText]:
    return list(make_version("adopted").texts.in_order().select_related("domain", "version"))


@pytest.fixture
def place(texts: list[CompetencyText], joseph: Any) -> Enrolment:
    """Joseph completed an offering that gave him two competencies."""
    learner = learner_of_user(joseph)
    found = make_enrolment(make_offering("held"), learner=learner, name="Joseph K. Kakegamic")
    make_attainment(learner, texts[0], 2, enrolment=found)
    make_attainment(learner, texts[2], 1, enrolment=found)
    return found


@pytest.fixture
def certificate(place: Enrolment) -> Certificate:
    return certificates.issue_for_enrolment(place)


def url(name: str, *args: Any, language: str = "en") -> str:
    with translation.override(language):
        return reverse(f"training:{name}", args=args)


# ---- issuing


def test_it_is_issued_once_and_frozen(place: Enrolment) -> None:
    found = certificates.issue_for_enrolment(place)
    assert certificates.issue_for_enrolment(place).pk == found.pk
    Module.objects.update(title_en="Another title", title_fr="Un autre titre")
    Learner.objects.update(name="Another name")
    found.refresh_from_db()
    assert (found.name, str(found.issued_on)) == ("Joseph K. Kakegamic", "2027-02-01")
    assert (found.title_en, found.title_fr) == ("Planning with the community", "Planifier avec la communauté")
    assert found.lines == [
        {"code": "1.1", "en": "Diagnosis 1", "fr": "Diagnostic 1", "level": 2},
        {"code": "2.1", "en": "Partnership 1", "fr": "Partenariat 1", "level": 1},
    ]
    assert (found.standard_en, found.standard_fr) == (
        "Community safety strategies, version 1",
        "Stratégies de sécurité communautaire, version 1",
    )
    [letter] = mail.written("certificate")
    assert letter.to_email == "joseph@thunderbay.example"
    assert f"/en/training/place/{place.token}/" in letter.text
    assert f"/en/training/certificates/{found.code}/" in letter.text


def test_a_training_that_builds_no_competency_has_a_certificate_too(texts: list[CompetencyText]) -> None:
    found = certificates.issue_for_enrolment(make_enrolment(make_offering("held")))
    assert (found.lines, found.standard_en) == ([], "")
    assert page.validate_pdf_bytes(certificates.pdf(found, "fr")).is_compliant


# ---- on paper


def test_what_it_states_in_both_languages(certificate: Certificate) -> None:
    data = certificates.paper(certificate, "en")
    known = data.pop("network")
    check = data.pop("check")
    assert check.startswith("Anybody can check this certificate at http")
    assert check.endswith(f"/en/training/certificates/{certificate.code}/")
    assert data == {
        "heading": "Certificate",
        "title": "Certificate\u00a0– Joseph K. Kakegamic",
        "name": "Joseph K. Kakegamic",
        "did": "completed the training",
        "what": "Planning with the community",
        "reached": "and reached",
        "lines": ["1.1 Diagnosis 1 (practitioner)", "2.1 Partnership 1 (awareness)"],
        "standard": "Standard: Community safety strategies, version 1",
        "issued": f"Issued on February 1, 2027 by {known}.",
        "code": f"Code: {certificate.code}",
    }
    french = certificates.paper(certificate, "fr")
    assert {name: french[name] for name in ("heading", "did", "what", "standard")} == {
        "heading": "Certificat",
        "did": "a terminé la formation",
        "what": "Planifier avec la communauté",
        "standard": "Norme\u00a0: Stratégies de sécurité communautaire, version 1",
    }
    assert french["issued"].startswith("Délivré le 1er\u00a0février\u00a02027.")
    with translation.override("fr"):
        assert certificate.get_absolute_url() in french["check"]


def test_for_evidence_it_says_so(texts: list[CompetencyText], joseph: Any) -> None:
    learner = learner_of_user(joseph)
    claim = make_claim(learner, texts[0], "accepted")
    make_attainment(learner, texts[0], 2, claim=claim)
    found = certificates.issue_for_claim(claim)
    assert certificates.issue_for_claim(claim) == found
    data = certificates.paper(found, "en")
    assert [data[name] for name in ("did", "what", "reached", "lines")] == [
        "showed by her or his own work",
        "Diagnosis 1",
        "reached",
        ["1.1 Diagnosis 1 (practitioner)"],
    ]
    assert mail.written() == []


@pytest.mark.parametrize("language", ["en", "fr"])
def test_it_is_accessible_whatever_people_write(certificate: Certificate, language: str) -> None:
    line = {"code": "1.1", "en": HOSTILE, "fr": HOSTILE, "level": 3}
    for name in ("name", "title_en", "title_fr", "standard_en", "standard_fr"):
        setattr(certificate, name, HOSTILE)
    certificate.lines = [line] * 10
    made = certificates.pdf(certificate, language)
    assert page.validate_pdf_bytes(made).is_compliant
    assert b"root:" not in made


class TestWhoOpensThePaper:
    def test_the_person_and_coordinators(
        self, client: Any, certificate: Certificate, joseph: Any, amina: Any, rosa: Any, uma: Any, priya: Any
    ) -> None:
        found = {}
        for user in (joseph, amina, rosa, uma, priya):
            client.force_login(user)
            pages = [url(name, certificate.code) for name in ("certificate_pdf", "badge_json")]
            found[user.name.split()[0]] = [client.get(one).status_code for one in pages]
        assert found == {
            "Joseph": [200, 200],
            "Amina": [403, 403],  # looks at where he stands; the paper is his
            "Rosa": [404, 404],
            "Uma": [404, 404],
            "Priya": [200, 200],
        }
        client.logout()
        assert client.get(url("certificate_pdf", certificate.code)).status_code == 302

    @pytest.mark.parametrize(
        ("page_language", "asked", "name"),
        [("en", "", "en"), ("fr", "", "fr"), ("en", "fr", "fr"), ("fr", "en", "en"), ("en", "xx", "en")],
    )
    def test_in_the_language_of_the_page_or_the_one_asked_for(
        self, client: Any, certificate: Certificate, joseph: Any, page_language: str, asked: str, name: str
    ) -> None:
        client.force_login(joseph)
        answer = client.get(url("certificate_pdf", certificate.code, language=page_language), {"lang": asked})
        assert (answer["Content-Type"], answer.content[:4]) == ("application/pdf", b"%PDF")
        assert answer["Content-Disposition"].endswith(f'-{certificate.code}-{name}.pdf"')

    def test_one_that_was_revoked_is_not_printed(
        self, client: Any, certificate: Certificate, joseph: Any, priya: Any
    ) -> None:
        certificates.revoke(certificate, by=priya, reason="A mistake.")
        client.force_login(joseph)
        answer = client.get(url("certificate_pdf", certificate.code))
        assert answer["Location"] == url("verify", certificate.code)
        assert said(client, answer) == ["This certificate was revoked."]


# ---- checking


class TestChecking:
    @pytest.mark.parametrize(
        ("typed", "code"),
        [
            ("7KQ2-MXTA-4HDR", "7KQ2-MXTA-4HDR"),
            (" 7kq2 mxta 4hdr ", "7KQ2-MXTA-4HDR"),
            ("7KQ2–MXTA–4HDR.", "7KQ2-MXTA-4HDR"),
            ("7KQ2MXTA4HD", ""),
            ("", ""),
            ("é" * 12, ""),
        ],
    )
    def test_as_codes_are_written(self, typed: str, code: str) -> None:
        assert written(typed) == code

    def test_what_may_have_been_misread(self) -> None:
        assert candidates("7KO2-MXTA-4HDR") == ["7KQ2-MXTA-4HDR", "7KD2-MXTA-4HDR"]
        assert len(candidates("OOOO-MXTA-4HDR")) == 16
        assert candidates("OOOO-OXTA-4HDR") == []

    @pytest.mark.parametrize("typed", ["7kq2 mxta 4hdr", "7K02-MXTA-4HDR", "7KO2MXTA4HDR", "IKQ2MXTA4HDR"])
    def test_a_code_as_people_type_it(self, client: Any, certificate: Certificate, typed: str) -> None:
        Certificate.objects.update(code="7KQ2-MXTA-4HDR")
        answer = client.get(url("check"), {"code": typed})
        assert answer["Location"] == url("verify", "7KQ2-MXTA-4HDR")
        assert client.get(url("verify", typed))["Location"] == url("verify", "7KQ2-MXTA-4HDR")

    def test_two_that_it_may_be_are_none(self, certificate: Certificate, texts: list[CompetencyText]) -> None:
        Certificate.objects.update(code="7KQ2-MXTA-4HDR")
        other = certificates.issue_for_enrolment(make_enrolment(make_offering("held")))
        Certificate.objects.filter(pk=other.pk).update(code="7KD2-MXTA-4HDR")
        assert certificate_called("7KO2-MXTA-4HDR") is None

    def test_it_says_what_it_must_and_no_more(
        self, client: Any, certificate: Certificate, django_assert_max_num_queries: Any
    ) -> None:
        with django_assert_max_num_queries(5):
            answer = client.get(url("verify", certificate.code))
        words = text_of(answer)
        main = words.partition("<main")[2].partition("</main>")[0]
        for said_ in ("Valid", "Joseph K. Kakegamic", "Planning with the community", "February 1, 2027", "Diagnosis 1"):
            assert said_ in main
        for unsaid in ("Thunder Bay", "thunderbay", "Youth Programs Planner", "Revoke"):
            assert unsaid not in words
        assert (answer["X-Robots-Tag"], '<meta name="robots" content="noindex">' in words) == (
            "noindex, nofollow",
            True,
        )

    def test_in_french(self, client: Any, certificate: Certificate) -> None:
        words = text_of(client.get(url("verify", certificate.code, language="fr")))
        assert ("Planifier avec la communauté" in words, "1er\u00a0février\u00a02027" in words) == (True, True)
        assert ("Diagnostic 1" in words, "Diagnosis 1" in words) == (True, False)

    def test_an_unknown_code_is_answered_kindly(self, client: Any) -> None:
        for answer in (client.get(url("check"), {"code": "2222-2222-2222"}), client.get(url("verify", "nonsense"))):
            assert answer.status_code == 404
            assert "No certificate has this code." in text_of(answer)
        assert 'value="2222-2222-2222"' in text_of(client.get(url("verify", "2222 2222 2222")))
        assert client.get(url("check"), {"code": ""}).status_code == 200


# ---- revoking


class TestRevoking:
    def test_with_what_rests_on_it(self, certificate: Certificate, place: Enrolment, priya: Any, joseph: Any) -> None:
        assert profile_for(learner_of_user(joseph)).held == 1
        certificates.revoke(certificate, by=priya, reason=" Attendance was noted for somebody else. ")
        certificate.refresh_from_db()
        assert (certificate.is_valid, certificate.revoked_by) == (False, priya)
        assert certificate.revoke_reason == "Attendance was noted for somebody else."
        assert Attainment.objects.standing().count() == 0
        assert profile_for(learner_of_user(joseph)).held == 0
        assert certificates.issue_for_enrolment(place).is_valid is False
        assert mail.to("certificate") == []  # the one that had not left is taken back
        [letter] = mail.written("certificate_revoked")
        assert (letter.to_email, "> Attendance was noted" in letter.text) == ("joseph@thunderbay.example", True)

    def test_the_page_says_so_and_not_why(self, client: Any, certificate: Certificate, priya: Any, clock: Any) -> None:
        clock.move_to(datetime(2027, 3, 5, 15, tzinfo=UTC))
        certificates.revoke(certificate, by=priya, reason="Fraud.")
        words = text_of(client.get(url("verify", certificate.code)))
        assert "This certificate was revoked on March 5, 2027. It no longer holds." in words
        assert ("Fraud" in words, "Priya" in words) == (False, False)

    def test_with_a_reason_and_once(self, certificate: Certificate, priya: Any) -> None:
        with pytest.raises(TransitionRefused, match="reason"):
            certificates.revoke(certificate, by=priya, reason="  ")
        certificates.revoke(certificate, by=priya, reason="A mistake.")
        with pytest.raises(TransitionRefused, match="already, on February 1, 2027") as again:
            certificates.revoke(certificate, by=priya, reason="Again.")
        assert again.value.done_already

    def test_only_what_rests_on_it(
        self, certificate: Certificate, texts: list[CompetencyText], joseph: Any, priya: Any
    ) -> None:
        make_attainment(learner_of_user(joseph), texts[1], 2)
        certificates.revoke(certificate, by=priya, reason="A mistake.")
        assert [one.competency_id for one in Attainment.objects.standing()] == [texts[1].competency_id]

    def test_who_may(
        self, client: Any, certificate: Certificate, joseph: Any, amina: Any, rosa: Any, uma: Any, priya: Any
    ) -> None:
        found = {}
        for user in (joseph, amina, rosa, uma, priya):
            client.force_login(user)
            found[user.name.split()[0]] = client.get(url("revoke", certificate.code)).status_code
        assert found == {"Joseph": 403, "Amina": 403, "Rosa": 404, "Uma": 404, "Priya": 200}
        make_stakeholder(certificate.learner.stakeholder.municipality, user=priya, standing=Standing.STAFF)  # type: ignore[union-attr]
        with pytest.raises(PermissionDenied):
            certificates.revoke(certificate, by=priya, reason="A mistake.")

    def test_on_the_screen(self, client: Any, certificate: Certificate, priya: Any) -> None:
        client.force_login(priya)
        assert url("revoke", certificate.code) in text_of(client.get(url("verify", certificate.code)))
        answer = client.post(url("revoke", certificate.code), {"note": ""})
        assert answer.status_code == 422
        answer = client.post(url("revoke", certificate.code), {"note": "A mistake."})
        assert said(client, answer) == ["The certificate is revoked. Joseph K. Kakegamic hears of it by email."]
        answer = client.post(url("revoke", certificate.code), {"note": "A mistake."})
        assert said(client, answer) == ["It was revoked already, on February 1, 2027."]


def test_a_letter_to_somebody_without_an_account(texts: list[CompetencyText], priya: Any) -> None:
    place = make_enrolment(make_offering("held"), learner=make_learner("pub@home.example", language="fr"))
    certificates.revoke(certificates.issue_for_enrolment(place), by=priya, reason="Une erreur.")
    [letter] = mail.written("certificate_revoked")
    assert (letter.to_email, letter.language) == ("pub@home.example", "fr")
