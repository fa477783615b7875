"""Showing one's own work, and answering it. Nobody answers for themselves or for people of their own municipality."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from cmncp_portal.accounts.models import Role, User
from cmncp_portal.core.editing import save_version
from cmncp_portal.core.workflow import TransitionRefused
from cmncp_portal.network.models import Stakeholder
from cmncp_portal.network.models.stakeholder import WORKS_FOR_MUNICIPALITY
from cmncp_portal.notifications import services as letters
from cmncp_portal.notifications.kinds import Kind
from cmncp_portal.notifications.recipients import Recipient

from ..models import Attainment, Certificate, CompetencyText, EvidenceClaim, Learner
from ..notifications import people as kinds
from ..notifications.common import both, url_words
from ..workflow import CLAIM, C
from .certificates import issue_for_claim, recipient_of

EDITABLE = (C.DRAFT, C.MORE_ASKED)


@transaction.atomic
def begin(learner: Learner, *, text: CompetencyText, level: int, by: Any, **shown: Any) -> EvidenceClaim:
    """Keep evidence for a competency and level as a draft. `shown` are words, url, file and filename.

    `text` is of a version in force. Raises PermissionDenied; TransitionRefused while one is open for the same.
    """
    claim = EvidenceClaim(
        learner=learner, competency=text.competency, standard_version=text.version, level=level, **_clean(shown)
    )
    if not by.has_perm("training.show_evidence", claim):
        raise PermissionDenied
    try:
        with transaction.atomic():
            claim.save()
    except IntegrityError:
        raise TransitionRefused(_("You are showing evidence for this competency and level already.")) from None
    return claim


@transaction.atomic
def keep(claim: EvidenceClaim, *, seen: int, by: Any, **shown: Any) -> None:
    """Write what the person changed, if nobody saved since version `seen`. A file that is replaced is deleted.

    Raises PermissionDenied, core.editing.Conflict; TransitionRefused while assessors read it, and afterwards.
    """
    found = EvidenceClaim.objects.select_for_update(of=("self",)).get(pk=claim.pk)
    if not by.has_perm("training.show_evidence", found):
        raise PermissionDenied
    if found.state not in EDITABLE:
        reason = _("This is not possible while it is “%(state)s”.") % {"state": found.get_state_display()}
        raise TransitionRefused(reason)
    fields = _clean(shown)
    before = found.file.name
    if "file" in fields:
        found.file = fields["file"] or ""
        if fields["file"]:
            found.file.save(fields["file"].name, fields["file"], save=False)
        fields["file"] = found.file.name
    save_version(claim, seen=seen, fields=fields)
    if before and "file" in fields and before != fields["file"]:
        transaction.on_commit(lambda: found.file.storage.delete(before))


def _clean(shown: dict[str, Any]) -> dict[str, Any]:
    return {name: value.strip() if isinstance(value, str) else value for name, value in shown.items()}


@transaction.atomic
def send(claim: EvidenceClaim, *, by: Any) -> None:
    """Put the evidence before the assessors, against the version in force, and tell them.

    Raises PermissionDenied; TransitionRefused without a word about what was done, or when the standard no longer asks for it.
    """
    text = text_in_force(claim)
    if text is None:
        raise TransitionRefused(_("The version in force no longer asks for this competency."))
    CLAIM.apply(claim, "send", by=by)
    claim.refresh_from_db(fields=["version"])  # under the lock of the move
    claim.sent_at, claim.standard_version = timezone.now(), text.version
    claim.version += 1
    claim.save(update_fields=["sent_at", "standard_version", "version", "updated_at"])
    _tell_assessors(kinds.EVIDENCE_RECEIVED, claim, text)


@transaction.atomic
def withdraw(claim: EvidenceClaim, *, by: Any) -> None:
    """Take evidence back, with the letters about it that have not left. Raises PermissionDenied, TransitionRefused."""
    CLAIM.apply(claim, "withdraw", by=by)
    for kind in (*kinds.TO_ASSESSORS, kinds.EVIDENCE_MORE):
        letters.withdraw(f"{kind.name}:{claim.pk}")


# ---- answering


@transaction.atomic
def ask_more(claim: EvidenceClaim, *, seen: int, note: str, by: Any) -> None:
    """Say what is missing; the person adds to it and sends it again.

    `seen` is the version that the assessor read. Raises PermissionDenied; TransitionRefused without words, when somebody
    answered already, or when it changed since it was read. So do `accept` and `decline`.
    """
    text = _answer(claim, "ask_more", seen=seen, note=note, by=by)
    _tell_person(kinds.EVIDENCE_MORE, claim, text, url=url_words("evidence_edit", claim.pk), note=both(note.strip()))


@transaction.atomic
def accept(claim: EvidenceClaim, *, seen: int, note: str = "", by: Any) -> Certificate:
    """Accept the evidence: the person holds the competency at that level from today, and gets a certificate."""
    text = _answer(claim, "accept", seen=seen, note=note, by=by)
    Attainment.objects.create(
        learner=claim.learner,
        competency=claim.competency,
        level=claim.level,
        standard_version=claim.standard_version,
        attained_on=timezone.localdate(),
        claim=claim,
    )
    certificate = issue_for_claim(claim, by=by)
    words = kinds.certificate_words(certificate)
    more = {name: words[name] for name in ("code", "verify")}
    _tell_person(kinds.EVIDENCE_ACCEPTED, claim, text, url=url_words("me"), note=both(note.strip()), **more)
    return certificate


@transaction.atomic
def decline(claim: EvidenceClaim, *, seen: int, note: str, by: Any) -> None:
    """Do not accept the evidence, with the reason that the person reads."""
    text = _answer(claim, "decline", seen=seen, note=note, by=by)
    url = url_words("evidence_edit", claim.pk)
    _tell_person(kinds.EVIDENCE_DECLINED, claim, text, url=url, reason=both(note.strip()))


def _answer(claim: EvidenceClaim, name: str, *, seen: int, note: str, by: Any) -> CompetencyText:
    """Move the claim and write the answer on it; the first of two assessors wins."""
    CLAIM.apply(claim, name, by=by, note=note.strip())
    if not EvidenceClaim.objects.filter(pk=claim.pk, version=seen).exists():
        raise TransitionRefused(_("It was changed since you read it. Please read it again."))
    claim.answer, claim.answered_by, claim.answered_by_name = note.strip(), by, str(by)
    claim.answered_at = timezone.now()
    claim.save(update_fields=["answer", "answered_by", "answered_by_name", "answered_at", "updated_at"])
    for kind in kinds.TO_ASSESSORS:
        letters.withdraw(f"{kind.name}:{claim.pk}")
    texts = CompetencyText.objects.select_related("domain", "version")
    return texts.get(competency=claim.competency_id, version=claim.standard_version_id)


def text_in_force(claim: EvidenceClaim) -> CompetencyText | None:
    """Return the wording of the claim's competency in the version that holds today, or None when it dropped it."""
    rows = CompetencyText.objects.that_hold().filter(competency=claim.competency_id)
    return rows.select_related("domain", "version__standard").first()


# ---- telling


def assessors_of(claim: EvidenceClaim) -> list[Recipient]:
    """Return who may answer `claim`: the University and the coordinators, without the person and her own municipality."""
    place = claim.learner.stakeholder
    near = Stakeholder.objects.current().filter(
        municipality=place.municipality_id if place else None, standing__in=WORKS_FOR_MUNICIPALITY, user__isnull=False
    )
    people = User.objects.filter(groups__name__in=[Role.UNIVERSITY, Role.COORDINATOR], is_active=True).distinct()
    people = people.exclude(pk__in=near.values("user")).exclude(pk=claim.learner.user_id)
    return [Recipient(user.email, user.name, user.language, user.time_zone) for user in people.order_by("pk")]


def _tell_assessors(kind: Kind, claim: EvidenceClaim, text: CompetencyText) -> None:
    values = kinds.claim_words(claim, text) | {"url": url_words("claim", claim.pk)}
    write(kind, assessors_of(claim), values, key=f"{kind.name}:{claim.pk}:{claim.version}")


def _tell_person(kind: Kind, claim: EvidenceClaim, text: CompetencyText, **more: dict[str, Any]) -> None:
    values = kinds.claim_words(claim, text) | more
    write(kind, [recipient_of(claim.learner)], values, key=f"{kind.name}:{claim.pk}:{claim.version}")


def write(kind: Kind, people: list[Recipient], values: dict[str, dict[str, Any]], *, key: str) -> int:
    """Write one letter to each of `people`; `values` are per language. Return how many are new."""
    context = {code: {name: value[code] for name, value in values.items()} for code in ("en", "fr")}
    written = [(to, {code: {**context[code], "name": to.name} for code in context}) for to in people]
    return len(letters.send_many(kind, written, key=key))
