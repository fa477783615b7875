"""Certificates: issued once for what they are for, frozen on that day, revoked with what they rest on; never deleted."""

from collections.abc import Iterable
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from cmncp_portal.core.context import network
from cmncp_portal.core.dates import day_in_words
from cmncp_portal.core.pdf import compile_pdf
from cmncp_portal.core.text import pick
from cmncp_portal.core.workflow import TransitionRefused
from cmncp_portal.notifications import services as letters
from cmncp_portal.notifications.kinds import Kind
from cmncp_portal.notifications.recipients import Recipient

from ..models import Attainment, Certificate, CompetencyText, Enrolment, EvidenceClaim, Learner
from ..notifications import people as kinds
from ..notifications.common import both, url_words

WORDS: dict[str, dict[str, str]] = {
    "en": {
        "certificate": "Certificate",
        "completed": "completed the training",
        "showed": "showed by her or his own work",
        "levels": "and reached",
        "level": "reached",
        "standard": "Standard: {standard}",
        "issued": "Issued on {day} by {network}.",
        "check": "Anybody can check this certificate at {url}",
        "code": "Code: {code}",
    },
    "fr": {
        "certificate": "Certificat",
        "completed": "a terminé la formation",
        "showed": "a démontré, par son propre travail",
        "levels": "et atteint",
        "level": "a atteint",
        "standard": "Norme\u00a0: {standard}",
        "issued": "Délivré le {day}. {network}",
        "check": "Toute personne peut vérifier ce certificat à l’adresse {url}",
        "code": "Code\u00a0: {code}",
    },
}


@transaction.atomic
def issue_for_enrolment(enrolment: Enrolment, by: Any = None) -> Certificate:
    """Return the certificate of a completed `enrolment`, issued now when there is none, and write to the person once.

    What it states are the attainments of that enrolment. `by` is who recorded the attendance, or None. A certificate that
    was revoked stays so.
    """
    Enrolment.objects.select_for_update(of=("self",)).get(pk=enrolment.pk)
    found = Certificate.objects.filter(enrolment=enrolment).first()
    if found is not None:
        return found
    module = enrolment.offering.module
    lines, standards = _lines(enrolment.attainments.standing())
    certificate = _issue(
        learner=enrolment.learner,
        enrolment=enrolment,
        name=enrolment.name,
        title_en=module.title_in("en"),
        title_fr=module.title_in("fr"),
        lines=lines,
        **standards,
    )
    _send(certificate, enrolment)
    return certificate


def _send(certificate: Certificate, place: Enrolment, again: str = "") -> None:
    to = Recipient(place.email, place.name, _language(place.language), place.zone)
    _tell(kinds.CERTIFICATE, certificate, to, again=again, url=url_words("place", place.token))


def send_again(place: Enrolment, *, occasion: str) -> bool:
    """Write once more to who completed `place`, with the link to the own page; once for each `occasion` (part of the key).

    Return whether there is a certificate that holds.
    """
    found = Certificate.objects.filter(enrolment=place, revoked_at__isnull=True).first()
    if found is not None:
        _send(found, place, occasion)
    return found is not None


@transaction.atomic
def issue_for_claim(claim: EvidenceClaim, by: Any = None) -> Certificate:
    """Return the certificate for evidence that was accepted, issued now when there is none. The letter is that of the answer."""
    EvidenceClaim.objects.select_for_update(of=("self",)).get(pk=claim.pk)
    found = Certificate.objects.filter(claim=claim).first()
    if found is not None:
        return found
    lines, standards = _lines(claim.attainments.standing())
    text = CompetencyText.objects.get(competency=claim.competency, version=claim.standard_version)
    return _issue(
        learner=claim.learner,
        claim=claim,
        name=claim.learner.name,
        title_en=text.title_en,
        title_fr=text.title_fr or text.title_en,
        lines=lines,
        **standards,
    )


def _issue(**values: Any) -> Certificate:
    """Write the certificate under a code that nobody has."""
    try:
        with transaction.atomic():
            return Certificate.objects.create(issued_on=timezone.localdate(), **values)
    except IntegrityError:  # the code was given out before: once in a very long time
        return Certificate.objects.create(issued_on=timezone.localdate(), **values)


def _lines(attainments: Iterable[Attainment]) -> tuple[list[dict[str, Any]], dict[str, str]]:
    """Return what was reached, in words of both languages, and the standards with their versions. Two queries."""
    reached = {(one.competency_id, one.standard_version_id): one.level for one in attainments}
    texts = CompetencyText.objects.filter(
        competency__in=[competency for competency, _version in reached],
        version__in=[version for _competency, version in reached],
    ).select_related("domain", "version__standard")
    lines, standards = [], {}
    for text in texts.order_by("version__standard__slug", "domain__order", "order"):
        level = reached.get((text.competency_id, text.version_id))
        if level is None:
            continue
        lines.append({"code": text.code, "en": text.title_en, "fr": text.title_fr or text.title_en, "level": level})
        standards[text.version_id] = text.version
    return lines, {
        "standard_en": "; ".join(f"{v.standard.title_en}, version {v.number}" for v in standards.values()),
        "standard_fr": "; ".join(f"{v.standard.title_fr}, version {v.number}" for v in standards.values()),
    }


@transaction.atomic
def revoke(certificate: Certificate, *, by: Any, reason: str) -> Certificate:
    """Take back `certificate` and the attainments that rest on the same ground, and tell the person why. Nothing is deleted.

    Raises PermissionDenied; TransitionRefused without a reason, or when it was revoked already.
    """
    found = (
        Certificate.objects.select_for_update(of=("self",))
        .select_related("learner__user", "enrolment")
        .get(pk=certificate.pk)
    )
    if not by.has_perm("training.revoke", found):
        raise PermissionDenied
    if found.revoked_at is not None:
        day = day_in_words(timezone.localtime(found.revoked_at).date())
        raise TransitionRefused(_("It was revoked already, on %(day)s.") % {"day": day}, done_already=True)
    if not reason.strip():
        raise TransitionRefused(_("Please give a reason; the person concerned will read it."))
    values = {"revoked_at": timezone.now(), "revoked_by": by, "revoke_reason": reason.strip()}
    for name, value in values.items():
        setattr(found, name, value)
    found.save(update_fields=[*values, "updated_at"])
    ground = {"enrolment": found.enrolment_id} if found.enrolment_id else {"claim": found.claim_id}
    Attainment.objects.standing().filter(**ground).update(**values)
    letters.withdraw(f"{kinds.CERTIFICATE.name}:{found.pk}")
    url = {code: kinds.verify_url(found, code) for code in ("en", "fr")}
    _tell(kinds.CERTIFICATE_REVOKED, found, recipient_of(found.learner), url=url, reason=both(found.revoke_reason))
    return found


def recipient_of(learner: Learner) -> Recipient:
    """Return a learner as a recipient: the account's address, language and zone when there is one. Needs the account."""
    user = learner.user if learner.user and learner.user.is_active else None
    if user is not None:
        return Recipient(user.email, learner.name, _language(user.language), user.time_zone)
    return Recipient(learner.email, learner.name, _language(learner.language))


def _language(language: str) -> Any:
    return language or "both"


def _tell(kind: Kind, certificate: Certificate, to: Recipient, again: str = "", **more: dict[str, Any]) -> None:
    values = kinds.certificate_words(certificate) | more | {"name": both(to.name)}
    context = {code: {name: value[code] for name, value in values.items()} for code in ("en", "fr")}
    letters.send(kind, to, key=f"{kind.name}:{certificate.pk}{again}", context=context)


# ---- on paper


def pdf(certificate: Certificate, language: str) -> bytes:
    """Return `certificate` in `language` ("en" or "fr") as PDF/UA-1.

    Raises TransitionRefused when it was revoked, and core.pdf.NoPdf.
    """
    return compile_pdf("training_certificate.typ", paper(certificate, language), language=language)


def paper(certificate: Certificate, language: str) -> dict[str, Any]:
    """Return what the paper states, as plain values in `language`. It names nobody else, no address and no municipality."""
    if certificate.revoked_at is not None:
        raise TransitionRefused(_("This certificate was revoked."))
    words, known = WORDS[language], network(language).name
    title = pick(certificate.title_en, certificate.title_fr, language)
    standard = str(pick(certificate.standard_en, certificate.standard_fr, language))
    day = day_in_words(certificate.issued_on, language)
    return {
        "network": known,
        "heading": words["certificate"],
        "title": f"{words['certificate']}\u00a0– {certificate.name}",
        "name": certificate.name,
        "did": words["completed" if certificate.enrolment_id else "showed"],
        "what": str(title),
        "reached": words["levels" if certificate.enrolment_id else "level"] if certificate.lines else "",
        "lines": [kinds.line_in_words(line, language) for line in certificate.lines],
        "standard": words["standard"].format(standard=standard) if standard else "",
        "issued": words["issued"].format(day=day, network=known),
        "check": words["check"].format(url=kinds.verify_url(certificate, language)),
        "code": words["code"].format(code=certificate.code),
    }
