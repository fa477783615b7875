"""Who may do what in training. The University and the coordinators write; coordinators adopt; people learn; nobody judges their own."""

from typing import Any

import rules

from cmncp_portal.accounts.models import User
from cmncp_portal.accounts.rules import Person, is_administrator, is_reviewer, is_secretariat, is_university
from cmncp_portal.network.rules import municipality_ids_of, speaks_for, speaks_for_ids, works_for_a_member

from .models import Enrolment, EvidenceClaim, Learner, Module, ModuleAuthor, Offering, StandardVersion


def module_of(thing: Any) -> Module:
    """Return the module that `thing` is, or belongs to."""
    return thing if isinstance(thing, Module) else thing.module


def offering_of(thing: Any) -> Offering:
    """Return the offering that `thing` is, or belongs to."""
    return thing if isinstance(thing, Offering) else thing.offering


def learner_of(thing: Any) -> Learner:
    """Return the learner that `thing` is, or is about."""
    return thing if isinstance(thing, Learner) else thing.learner


@rules.predicate
def writes(user: Person, module: Any) -> bool:
    """An invited author of this module, while the invitation runs: asked once per request and module."""
    if not isinstance(user, User) or not user.is_active:
        return False
    module = module_of(module)
    known: dict[int, bool] = user.__dict__.setdefault("_modules_written", {})
    if module.pk not in known:
        known[module.pk] = ModuleAuthor.objects.working().filter(module=module, user=user).exists()
    return known[module.pk]


@rules.predicate
def is_being_drafted(user: Person, module: Any) -> bool:
    return module_of(module).state in Module.WRITTEN_IN


@rules.predicate
def is_not_yet_in_the_catalogue(user: Person, module: Any) -> bool:
    return not module_of(module).is_public


@rules.predicate
def facilitates(user: Person, offering: Any) -> bool:
    """Somebody who teaches this offering: asked once per request and offering."""
    if not isinstance(user, User) or not user.is_active:
        return False
    offering = offering_of(offering)
    known: dict[int, bool] = user.__dict__.setdefault("_offerings_taught", {})
    if offering.pk not in known:
        known[offering.pk] = offering.facilitators.filter(email=user.email.lower()).exists()
    return known[offering.pk]


@rules.predicate
def holds_the_place(user: Person, enrolment: Any) -> bool:
    return isinstance(user, User) and isinstance(enrolment, Enrolment) and enrolment.email.lower() == user.email.lower()


@rules.predicate
def enrolled_them(user: Person, enrolment: Any) -> bool:
    return isinstance(user, User) and isinstance(enrolment, Enrolment) and enrolment.enrolled_by_id == user.pk


@rules.predicate
def is_oneself(user: Person, thing: Any) -> bool:
    return isinstance(user, User) and learner_of(thing).user_id == user.pk


@rules.predicate
def speaks_for_the_learner(user: Person, thing: Any) -> bool:
    """A representative or deputy of the municipality in which the learner works today."""
    person = learner_of(thing).stakeholder
    return person is not None and person.is_current() and person.municipality_id in speaks_for_ids(user)


@rules.predicate
def is_a_neighbour(user: Person, thing: Any) -> bool:
    """Works for the learner's municipality, or is the learner: nobody judges their own."""
    learner = learner_of(thing)
    person = learner.stakeholder
    near = person is not None and person.municipality_id in municipality_ids_of(user)
    return near or learner.user_id == getattr(user, "pk", None)


@rules.predicate
def is_signed_in(user: Person) -> bool:
    return bool(getattr(user, "is_authenticated", False))


@rules.predicate
def takes_comments(user: Person, version: Any) -> bool:
    return isinstance(version, StandardVersion) and version.takes_comments()


@rules.predicate
def writes_any_module(user: Person) -> bool:
    return isinstance(user, User) and ModuleAuthor.objects.working().filter(user=user).exists()


@rules.predicate
def is_a_claim(user: Person, thing: Any) -> bool:
    return isinstance(thing, EvidenceClaim)


drafts = is_university | is_secretariat

# Standards
rules.add_perm("training.draft_standards", drafts)
rules.add_perm("training.write_standard", drafts)
rules.add_perm("training.consult", drafts)
rules.add_perm("training.answer_comments", drafts)
rules.add_perm("training.adopt_standard", is_secretariat)
rules.add_perm("training.comment", works_for_a_member | drafts | is_administrator | writes_any_module)

# Modules
rules.add_perm("training.see_module_desk", drafts | is_administrator)
rules.add_perm("training.propose_module", drafts)
rules.add_perm("training.agree_with_partner", drafts)
rules.add_perm("training.read_draft", drafts | is_administrator | writes)
rules.add_perm("training.write_module", drafts | writes & is_being_drafted)
rules.add_perm("training.hand_in_draft", drafts | writes)
rules.add_perm("training.review_module", drafts)
rules.add_perm("training.approve_module", is_secretariat)
rules.add_perm("training.invite_author", drafts)
rules.add_perm("training.keep_partners", drafts)

# Offerings and places
rules.add_perm("training.plan_offering", is_secretariat)
rules.add_perm("training.organise", is_secretariat)
rules.add_perm("training.teach", is_secretariat | facilitates)
rules.add_perm("training.see_enrolments", is_secretariat | facilitates)
rules.add_perm("training.see_needs", is_secretariat | facilitates)
rules.add_perm("training.take_attendance", is_secretariat | facilitates)
rules.add_perm("training.enrol", is_signed_in)
rules.add_perm("training.enrol_staff", speaks_for | is_secretariat)  # asked with a municipality
rules.add_perm("training.cancel_place", holds_the_place | enrolled_them | is_secretariat | speaks_for)
rules.add_perm("training.read_results", is_secretariat | is_university | is_reviewer | facilitates)

# People
rules.add_perm("training.see_person", is_oneself | speaks_for_the_learner | is_secretariat)
rules.add_perm("training.set_role", is_oneself | speaks_for_the_learner | is_secretariat)
rules.add_perm("training.show_evidence", is_oneself)
rules.add_perm("training.assess_any", drafts)
rules.add_perm("training.assess", is_a_claim & drafts & ~is_a_neighbour)
rules.add_perm("training.revoke", is_secretariat & ~is_a_neighbour)
rules.add_perm("training.see_staff", speaks_for | is_secretariat)  # asked with a municipality
rules.add_perm("training.see_coverage", is_secretariat | is_university | is_administrator)
