"""Dull factories: rows, not services, so that a broken service fails its own tests only. Stages by the name of the state."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import count
from typing import Any

from cmncp_portal.core.places import Status
from training.models import (
    Attainment,
    Competency,
    CompetencyText,
    Criterion,
    Domain,
    Enrolment,
    EvidenceClaim,
    Facilitator,
    Learner,
    Level,
    Module,
    ModuleAuthor,
    ModuleCompetency,
    Offering,
    Partner,
    Requirement,
    RoleProfile,
    Session,
    Standard,
    StandardVersion,
)

_numbers = count(1)
FIRST = date(2027, 4, 14)  # a Wednesday


def make_standard(slug: str = "", **fields: Any) -> Standard:
    """A standard without a version."""
    slug = slug or f"community-safety-{next(_numbers)}"
    defaults = {"title_en": "Community safety strategies", "title_fr": "Stratégies de sécurité communautaire"}
    return Standard.objects.create(slug=slug, **(defaults | fields))


def make_version(state: str = "adopted", *, standard: Standard | None = None, **fields: Any) -> StandardVersion:
    """A version with two domains of two competencies each (with a criterion at each level) and two roles, at that stage.

    Stages: draft, consultation, answering, adopted, superseded. `empty=True` leaves domains and roles away. A second
    version of the same `standard` holds the same competencies in new wordings.
    """
    standard = standard or make_standard()
    empty = fields.pop("empty", False)
    number = fields.pop("number", standard.versions.count() + 1)
    at = {"adopted_on": date(2027, 1, 4)} if state in ("adopted", "superseded") else {}
    if state == "superseded":
        at["superseded_on"] = date(2027, 1, 25)
    if state in ("consultation", "answering"):
        at = {"opens_on": date(2027, 1, 18), "closes_on": date(2027, 2, 26)}
    version = StandardVersion.objects.create(standard=standard, number=number, state=state, **(at | fields))
    if empty:
        return version
    known = list(standard.competencies.order_by("pk"))
    texts = []
    for domain_number, (en, fr) in enumerate((("Diagnosis", "Diagnostic"), ("Partnership", "Partenariat")), 1):
        domain = Domain.objects.create(version=version, order=domain_number, title_en=en, title_fr=fr)
        for order in (1, 2):
            competency = known.pop(0) if known else None
            texts.append(make_text(domain, order=order, competency=competency))
    for order, (slug, en, fr, standings, level) in enumerate(
        (
            ("leader", "Elected leader", "Membre du conseil", ["leader", "partner"], Level.AWARENESS),
            (
                "coordinator",
                "Coordinator",
                "Coordonnateur·rice",
                ["representative", "deputy", "staff"],
                Level.PRACTITIONER,
            ),
        )
    ):
        role = RoleProfile.objects.create(
            version=version, slug=slug, order=order, title_en=en, title_fr=fr, standings=standings
        )
        for text in texts:
            Requirement.objects.create(role=role, competency=text.competency, level=level)
    return version


def make_text(domain: Domain, *, order: int = 1, competency: Competency | None = None, **fields: Any) -> CompetencyText:
    """A competency "Diagnosis 1" with one criterion at each level."""
    competency = competency or Competency.objects.create(standard=domain.version.standard)
    defaults = {"title_en": f"{domain.title_en} {order}", "title_fr": f"{domain.title_fr} {order}"}
    text = CompetencyText.objects.create(
        version=domain.version, domain=domain, order=order, competency=competency, **(defaults | fields)
    )
    Criterion.objects.bulk_create(
        Criterion(
            text=text,
            level=level,
            statement_en=f"Shows it at level {level}.",
            statement_fr=f"En fait preuve au niveau {level}.",
        )
        for level in Level.values
    )
    return text


def make_partner(**fields: Any) -> Partner:
    defaults = {"name_en": "Lakeside College", "name_fr": "Collège Lakeside", "kind": "college", "province": "ON"}
    return Partner.objects.create(**(defaults | fields))


def make_module(state: str = "offered", *, builds: Any = (), **fields: Any) -> Module:
    """A written bilingual module at that stage. `builds` are (competency, level) pairs."""
    number = next(_numbers)
    if "partner" not in fields and state != "proposed":
        fields["partner"] = make_partner()
    defaults: dict[str, Any] = {
        "slug": f"planning-{number}",
        "kind": "module",
        "theme": "planning",
        "programme_year": 2,
        "title_en": "Planning with the community",
        "title_fr": "Planifier avec la communauté",
        "summary_en": "From diagnosis to a plan.",
        "summary_fr": "Du diagnostic au plan.",
        "objectives_en": "You can lead a diagnosis.",
        "objectives_fr": "Vous pouvez mener un diagnostic.",
        "outline_en": "1. Data. 2. People. 3. Plan.",
        "outline_fr": "1. Données. 2. Personnes. 3. Plan.",
        "hours": 12,
        "languages": ["en", "fr"],
        "state": state,
    }
    if state in ("piloted", "approved", "offered", "retired"):
        defaults["pilot_report"] = "Twelve people came; the second day was too long."
    module = Module.objects.create(**(defaults | fields))
    for competency, level in builds:
        ModuleCompetency.objects.create(module=module, competency=competency, level=level)
    return module


def make_author(module: Module, user: Any, **fields: Any) -> ModuleAuthor:
    return ModuleAuthor.objects.create(module=module, user=user, **fields)


def make_offering(state: str = "open", *, module: Module | None = None, days: int = 2, **fields: Any) -> Offering:
    """Two sessions on April 14 and 15, 2027, 9:00–16:00 Winnipeg time, in English, with one facilitator."""
    number = next(_numbers)
    module = module or make_module()
    first = fields.pop("starts_on", FIRST)
    at = datetime(2027, 1, 20, 15, 0, tzinfo=UTC)
    defaults: dict[str, Any] = {
        "reference": f"TR-2027-{number:03d}",
        "module": module,
        "mode": "in_person",
        "language": "en",
        "time_zone": "America/Winnipeg",
        "starts_on": first,
        "ends_on": first + timedelta(days=days - 1),
        "venue": "City Hall, Council Building",
        "address": "510 Main Street, Winnipeg",
        "state": state,
        "opened_at": at if state in ("open", "held", "cancelled") else None,
        "held_at": at if state == "held" else None,
    }
    offering = Offering.objects.create(**(defaults | fields))
    for n in range(days):
        Session.objects.create(
            offering=offering, day=first + timedelta(days=n), begins_at=time(9, 0), finishes_at=time(16, 0)
        )
    Facilitator.objects.create(
        offering=offering,
        name="Dr. Ann Lee",
        organisation="Lakeside College",
        email="ann@college.example",
        language="en",
    )
    return offering


def make_learner(email: str = "", *, user: Any = None, stakeholder: Any = None, **fields: Any) -> Learner:
    email = email or (user.email if user else f"learner{next(_numbers)}@place.example")
    defaults: dict[str, Any] = {"name": str(user) if user else email.partition("@")[0].title(), "language": "en"}
    if stakeholder is None and user is not None:
        stakeholder = user.stakeholders.first()
    return Learner.objects.create(email=email, user=user, stakeholder=stakeholder, **(defaults | fields))


def make_enrolment(offering: Offering, email: str = "", *, learner: Learner | None = None, **fields: Any) -> Enrolment:
    """A registered person unless `status` says otherwise; who waits has waited since the factory was called, in order."""
    number = next(_numbers)
    learner = learner or make_learner(email)
    place = learner.stakeholder
    defaults: dict[str, Any] = {
        "name": learner.name,
        "email": learner.email,
        "language": learner.language,
        "stakeholder": place,
        "municipality": place.municipality if place else None,
        "status": Status.REGISTERED,
    }
    if fields.get("status") == Status.WAITING:
        defaults["waiting_since"] = datetime(2027, 1, 20, 15, 0, tzinfo=UTC) + timedelta(seconds=number)
    return Enrolment.objects.create(offering=offering, learner=learner, **(defaults | fields))


def make_attainment(
    learner: Learner, text: CompetencyText, level: int = Level.PRACTITIONER, **fields: Any
) -> Attainment:
    """What `learner` reached of the competency that `text` words, through an offering held unless `claim` is given."""
    if "claim" not in fields and "enrolment" not in fields:
        fields["enrolment"] = make_enrolment(make_offering("held"), learner=learner)
    defaults: dict[str, Any] = {"attained_on": date(2027, 1, 11), "standard_version": text.version}
    return Attainment.objects.create(learner=learner, competency=text.competency, level=level, **(defaults | fields))


def make_claim(learner: Learner, text: CompetencyText, state: str = "sent", **fields: Any) -> EvidenceClaim:
    defaults: dict[str, Any] = {
        "level": Level.PRACTITIONER,
        "words": "I led the diagnosis of 2026 with twelve partners.",
        "standard_version": text.version,
        "sent_at": datetime(2027, 1, 20, 15, 0, tzinfo=UTC) if state != "draft" else None,
    }
    return EvidenceClaim.objects.create(learner=learner, competency=text.competency, state=state, **(defaults | fields))
