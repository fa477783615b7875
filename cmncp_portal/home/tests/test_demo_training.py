"""The training of the demonstration: what a visitor finds in each corner of it."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from cmncp_portal.accounts.models import User
from cmncp_portal.evaluation import services as evaluation
from cmncp_portal.home.demo import cast
from cmncp_portal.home.demo.classrooms import CLASSES
from cmncp_portal.home.demo.schooling import STANDARDS_AND_MODULES
from cmncp_portal.home.demo.teller import Teller
from cmncp_portal.network import services as network
from cmncp_portal.network.models import Municipality
from training.models import (
    Attainment,
    Certificate,
    Comment,
    CompetencyText,
    Enrolment,
    EvidenceClaim,
    Learner,
    Module,
    ModuleAuthor,
    Offering,
    OfferingSurvey,
    Partner,
    Requirement,
    StandardVersion,
)


def tell() -> None:
    """Seed what training rests on, and training."""
    network.load_reference_data()
    evaluation.load_instruments()
    network.load_demo_municipalities()
    admin = cast.load_network_people()
    for slug in dict.fromkeys(person.place for person in cast.PEOPLE):
        cast.load_people_of(Municipality.objects.get(slug=slug), by=admin)
    with translation.override("en"):
        for story in (*STANDARDS_AND_MODULES, *CLASSES):
            story(Teller(timezone.localdate()))


@pytest.mark.slow
def test_the_training(db: None, clock: Any, client: Client) -> None:
    """One test for all that rests on the seed, which takes a while to tell."""
    tell()
    _the_two_versions()
    _what_is_said_of_them()
    _the_modules()
    _what_is_taught()
    _who_attained_what()
    _who_was_asked()
    _a_real_standard_leaves_it_alone()
    _there_is_something_to_see(client)


def _the_two_versions() -> None:
    first, second = StandardVersion.objects.order_by("number")
    assert [(v.state, v.domains.count(), v.texts.count()) for v in (first, second)] == [
        ("adopted", 4, 12),
        ("consultation", 10, 30),
    ]
    assert ("Invented" in first.changes_en, "inventée" in first.changes_fr) == (True, True)
    assert ("Draft for consultation" in second.changes_en, "consultation" in second.changes_fr) == (True, True)
    today = timezone.localdate()
    assert (second.opens_on, second.closes_on) == (today - timedelta(days=10), today + timedelta(days=20))
    assert [t.code for t in second.texts.filter(asks_more=True).select_related("domain")] == ["2.1"]
    shared = set(first.texts.values_list("competency", flat=True)) & set(
        second.texts.values_list("competency", flat=True)
    )
    assert len(shared) == 12
    for version, numbers in ((first, [6, 6, 12, 12]), (second, [10, 8, 30, 30])):
        roles = version.roles.order_by("order")
        assert [Requirement.objects.filter(role=role).count() for role in roles] == numbers
    assert not CompetencyText.objects.filter(source="").exists()


def _what_is_said_of_them() -> None:
    rows = Comment.objects.order_by("created_at").values_list("standard_version__number", "name", "language", "verdict")
    assert list(rows) == [
        (1, "Adele Canalside", "en", "accepted"),
        (1, "Maude Rivegauche", "fr", "declined"),
        (2, "Silas Foothill", "en", "open"),
        (2, "Maude Rivegauche", "fr", "open"),
        (2, "Mara Spruceland", "en", "open"),
        (2, "Solange Desbouleaux", "fr", "open"),
    ]
    assert Comment.objects.filter(standard_version__number=1, told_at=None).count() == 0
    assert Comment.objects.exclude(criterion=None).get().name == "Mara Spruceland"
    said = Comment.objects.get(standard_version__number=1, verdict="accepted")
    assert said.text.title_en == "Engage residents, above all those who are seldom heard"


def _the_modules() -> None:
    rows = Module.objects.order_by("pk").values_list("kind", "theme", "programme_year", "state", "partner__kind")
    assert list(rows) == [
        ("workshop", "awareness", 1, "offered", "university"),
        ("module", "planning", 2, "offered", "college"),
        ("module", "mobilisation", 2, "reviewed", "other"),
        ("module", "projects", 3, "agreed", "college"),
    ]
    assert [m.slug for m in Module.objects.all() if not (m.is_demonstration and m.builds.exists())] == []
    assert [m.theme for m in Module.objects.all() if not m.is_bilingual] == ["projects"]
    assert list(Partner.objects.filter(is_demonstration=False).values_list("name_en", flat=True)) == [
        "University of Ottawa"
    ]
    assert [row.module.theme for row in ModuleAuthor.objects.working()] == ["projects"]
    assert Module.objects.get(theme="projects").draft_due_on > timezone.localdate()


def _what_is_taught() -> None:
    rows = Offering.objects.order_by("pk").values_list("module__theme", "is_pilot", "language", "state")
    assert list(rows) == [
        ("awareness", True, "en", "held"),
        ("planning", True, "en", "held"),
        ("awareness", False, "both", "held"),
        ("planning", False, "en", "held"),
        ("planning", False, "en", "open"),
        ("awareness", False, "fr", "open"),
        ("mobilisation", True, "both", "open"),
        ("planning", False, "en", "planned"),
        ("awareness", False, "en", "cancelled"),
    ]
    places = Enrolment.objects.filter(offering__host__slug="winnipeg").order_by("pk")
    assert [place.status for place in places] == ["registered"] * 4 + ["waiting"] * 2
    assert Offering.objects.filter(is_demonstration=False).count() == 0


def _who_attained_what() -> None:
    taught = Enrolment.objects.filter(offering__host__slug="ottawa")
    missed = taught.get(completed_at=None)
    assert (missed.name, missed.attendance, missed.attainments.count()) == ("Owen Birchwater", "present", 0)
    assert taught.exclude(completed_at=None).count() == 6
    claims = EvidenceClaim.objects.order_by("pk").values_list("learner__name", "level", "state")
    assert list(claims) == [("Nadia Redriver", 3, "accepted"), ("Silas Foothill", 2, "sent")]
    assert Certificate.objects.count() == 4 + 3 + 6 + 6 + 1
    assert Attainment.objects.standing().count() == 4 * 4 + 3 * 3 + 6 * 4 + 6 * 3 + 1
    assert Learner.objects.filter(stakeholder=None).count() == 0


def _who_was_asked() -> None:
    rows = OfferingSurvey.objects.order_by("pk").select_related("survey")
    answered = [
        (row.purpose, row.survey.invitations.count(), row.survey.invitations.filter(response__isnull=False).count())
        for row in rows
    ]
    assert answered == [("evaluation", 6, 5), ("use", 6, 2), ("evaluation", 7, 5)]
    open_ones = [row.purpose for row in rows if row.survey.opens_at <= timezone.now() < row.survey.closes_at]
    assert open_ones == ["use", "evaluation"]


def _a_real_standard_leaves_it_alone() -> None:
    call_command("load_reference_data", verbosity=0)
    assert StandardVersion.objects.count() == 2


def _there_is_something_to_see(client: Client) -> None:
    """Each person on the sign-in page, in the language that they read."""
    seen = {
        "representative@thunder-bay.example": ("en", "Community safety planning: from diagnosis to a strategy"),
        "councillor@thunder-bay.example": ("en", "Why prevention? A workshop for councils and their partners"),
        "representative@winnipeg.example": ("en", "Lead an advisory table of many sectors"),
        "representante@montreal.example": (
            "fr",
            "Pourquoi la prévention? Un atelier pour les conseils et leurs partenaires",
        ),
    }
    for email, (language, line) in seen.items():
        with translation.override(language):
            address = _address("me")
        client.force_login(User.objects.get(email=email))
        page = client.get(address)
        assert (page.status_code, line in page.content.decode()) == (200, True), email
    client.force_login(User.objects.get(email=cast.AUTHOR[0]))
    own, other = Module.objects.get(theme="projects"), Module.objects.get(theme="mobilisation")
    assert [client.get(_address("module_write", m.slug)).status_code for m in (own, other)] == [200, 404]


def _address(name: str, *args: Any) -> str:
    return reverse(f"training:{name}", args=args)


def test_a_real_portal_begins_with_the_proposal_as_a_draft(db: None) -> None:
    call_command("load_reference_data", verbosity=0)
    version = StandardVersion.objects.get()
    assert (version.state, version.domains.count(), version.changes_en) == ("draft", 10, "")
    call_command("load_reference_data", verbosity=0)
    assert StandardVersion.objects.count() == 1


def test_the_marks_of_its_parts_are_short_enough() -> None:
    names = [story.__name__ for story in (*STANDARDS_AND_MODULES, *CLASSES)]
    assert (len(set(names)), [name for name in names if len(name) > 60]) == (len(names), [])
