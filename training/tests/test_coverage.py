"""Coverage by region and competency: counted right, and nothing about few people."""

import time as stopwatch
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cmncp_portal.core.places import Status
from cmncp_portal.network.models import Municipality, Stakeholder
from cmncp_portal.network.tests.factories import make_municipality, make_region, make_sector
from cmncp_portal.testing.pages import text_of
from training.models import (
    Attainment,
    Competency,
    CompetencyText,
    Domain,
    Enrolment,
    Learner,
    Requirement,
    RoleProfile,
    StandardVersion,
)
from training.selectors.coverage import Cell, grid

from .factories import make_offering, make_version

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
HIDDEN = Cell()
HELD_EACH = 10  # competencies that each of ten thousand people holds


def shown(asked: int, held: int) -> Cell:
    return Cell(asked, held, True)


def people(place: Municipality, number: int, standing: str = "staff", role: str = "") -> list[Learner]:
    """That many people of `place` who learn."""
    sector, start = make_sector(), Stakeholder.objects.count()
    listed = Stakeholder.objects.bulk_create(
        Stakeholder(municipality=place, name=f"P{n}", email=f"p{n}@x.example", sector=sector, standing=standing)
        for n in range(start, start + number)
    )
    return Learner.objects.bulk_create(
        Learner(name=one.name, email=one.email, stakeholder=one, role=role) for one in listed
    )


def reach(learners: list[Learner], text: CompetencyText, level: int = 2, **fields: Any) -> None:
    offering = make_offering("held")
    places = Enrolment.objects.bulk_create(
        Enrolment(offering=offering, learner=one, name=one.name, email=one.email, status=Status.REGISTERED)
        for one in learners
    )
    Attainment.objects.bulk_create(
        Attainment(
            learner=place.learner,
            competency_id=text.competency_id,
            level=level,
            standard_version_id=text.version_id,
            attained_on=date(2027, 1, 11),
            enrolment=place,
            **fields,
        )
        for place in places
    )


@pytest.fixture
def version() -> StandardVersion:
    return make_version("adopted")


@pytest.fixture
def regions(db: None) -> list[Municipality]:
    """A municipality in each of three regions."""
    make_region("prairies", order=1)
    make_region("ontario", name_en="Ontario", name_fr="Ontario", provinces=["ON"], order=2)
    make_region("quebec", name_en="Quebec", name_fr="Québec", provinces=["QC"], order=3)
    return [make_municipality(f"m-{code.lower()}", province=code) for code in ("MB", "ON", "QC")]


def first(version: StandardVersion) -> CompetencyText:
    return version.texts.in_order()[0]


def cells(n: int = 0, **only: Any) -> tuple[list[Cell], Cell]:
    filters: dict[str, Any] = {"domain": None, "level": None} | only
    row = grid().only(**filters).rows[n]
    return row.cells, row.total


def test_how_many_of_those_who_are_asked_hold_it(version: StandardVersion, regions: list[Municipality]) -> None:
    text = first(version)
    reach(people(regions[0], 6)[:4], text)
    staff, leaders = people(regions[1], 7), people(regions[1], 5, "leader")
    reach(staff[:2], text, 1)  # less than is asked of staff
    reach(leaders[:3], text, 1)  # what is asked of leaders
    reach(people(regions[2], 5), text, 3)
    found = grid()
    assert found.regions == ["Prairies", "Ontario", "Quebec"]
    assert cells() == ([shown(6, 4), shown(12, 3), shown(5, 5)], shown(23, 12))
    assert cells(1) == ([shown(6, 0), shown(12, 0), shown(5, 0)], shown(23, 0))
    assert shown(12, 3).percent == 25


def test_who_is_counted(version: StandardVersion, regions: list[Municipality]) -> None:
    """Whoever works there today, once, whether they ever enrolled or not."""
    text, place = first(version), regions[0]
    learners = people(place, 5)
    reach(learners, text)
    people(make_municipality("not-a-member", member=False, province="MB"), 9)
    Learner.objects.create(name="Public", email="public@x.example", role="coordinator")
    Stakeholder.objects.bulk_create(
        Stakeholder(
            municipality=place, name="Never enrolled", email=f"n{n}@x.example", sector=make_sector(), standing="staff"
        )
        for n in range(2)
    )
    other = make_municipality("second", province="MB")
    Stakeholder.objects.create(
        municipality=other, name="Again", email=learners[0].email, sector=make_sector(), standing="partner"
    )
    assert cells()[1] == shown(7, 5)
    Stakeholder.objects.filter(pk=learners[1].stakeholder_id).update(left_on=date(2027, 2, 1))
    assert cells()[1] == shown(6, 4)


def test_the_role_that_was_chosen_counts(version: StandardVersion, regions: list[Municipality]) -> None:
    text = first(version)
    reach(people(regions[0], 5, role="leader"), text, 1)
    reach(people(regions[0], 5, role="gone"), text, 1)
    assert cells()[1] == shown(10, 5)


def test_what_was_revoked_or_asks_more_now_does_not_count(
    version: StandardVersion, regions: list[Municipality]
) -> None:
    text, learners = first(version), people(regions[0], 6)
    reach(learners[:1], text, revoked_at="2027-01-20T12:00Z", revoke_reason="A mistake")
    reach(learners[1:], text)
    reach(learners[1:2], text)  # the same twice is once
    assert cells()[1] == shown(6, 5)
    StandardVersion.objects.update(state="superseded", superseded_on="2027-01-25")
    new = make_version("adopted", standard=version.standard)
    assert cells()[1] == shown(6, 5)
    CompetencyText.objects.filter(version=new, competency=text.competency_id).update(asks_more=True)
    assert cells()[1] == shown(6, 0)


class TestFew:
    @pytest.mark.parametrize(
        ("numbers", "expected", "total"),
        [
            ((4, 9, 9), [HIDDEN, shown(9, 0), shown(9, 0)], HIDDEN),  # one cell could be subtracted
            ((4, 3, 9), [HIDDEN, HIDDEN, shown(9, 0)], shown(16, 0)),  # seven together
            ((3, 1, 9), [HIDDEN, HIDDEN, shown(9, 0)], HIDDEN),  # four together
            ((4, 0, 9), [HIDDEN, HIDDEN, shown(9, 0)], HIDDEN),
            ((5, 5, 5), [shown(5, 0)] * 3, shown(15, 0)),
            ((2, 1, 1), [HIDDEN] * 3, HIDDEN),
            ((2, 2, 1), [HIDDEN] * 3, shown(5, 0)),
        ],
    )
    def test_small_groups_are_not_shown_and_cannot_be_subtracted(
        self, version: StandardVersion, regions: list[Municipality], numbers: Any, expected: Any, total: Any
    ) -> None:
        for place, number in zip(regions, numbers, strict=True):
            people(place, number)
        assert cells() == (expected, total)

    def test_one_level_tells_nothing_about_few_of_another(
        self, version: StandardVersion, regions: list[Municipality]
    ) -> None:
        people(regions[0], 7)
        people(regions[0], 3, "leader")
        people(regions[1], 8)
        people(regions[1], 6, "leader")
        people(regions[2], 9)
        assert cells()[0] == [shown(10, 0), shown(14, 0), shown(9, 0)]
        assert cells(level=2) == ([HIDDEN, shown(8, 0), shown(9, 0)], HIDDEN)
        assert cells(level=1) == ([HIDDEN, shown(6, 0), HIDDEN], HIDDEN)
        people(regions[0], 2, "leader")
        assert cells(level=2) == ([shown(7, 0), shown(8, 0), shown(9, 0)], shown(24, 0))

    def test_the_page_and_the_file_hold_no_hidden_number(
        self, client: Any, version: StandardVersion, regions: list[Municipality], priya: Any
    ) -> None:
        reach(people(regions[0], 4)[:3], first(version))
        people(regions[1], 97)
        client.force_login(priya)
        page = text_of(client.get(reverse("training:coverage")))
        assert "0 of 97 (0%)" in page
        assert ("fewer than 5" in page, "not shown" in page) == (True, True)
        assert ("of 4" in page, "of 101" in page) == (False, False)
        answer = client.get(reverse("training:coverage_export"), {"kind": "csv"})
        assert answer["Content-Disposition"] == 'attachment; filename="training-coverage-2027-02-01.csv"'
        lines = answer.content.decode("utf-8-sig").splitlines()
        assert lines[0] == "Domain,Number,Competency,Prairies,Ontario,Quebec,All regions"
        assert lines[1] == "Diagnosis,1.1,Diagnosis 1,fewer than 5,0 of 97 (0%),fewer than 5,not shown"


class TestPage:
    url = "/en/training/coverage/"

    def test_who_may_see_it(self, client: Any, version: StandardVersion, uma: Any, amina: Any, admin_user: Any) -> None:
        assert client.get(self.url).status_code == 302
        found = {}
        for user in (uma, admin_user, amina):
            client.force_login(user)
            found[user.name] = [client.get(f"{self.url}{end}").status_code for end in ("", "export/")]
        assert found == {"Uma Sharma": [200, 200], "Ada Lefebvre": [200, 200], "Amina Diallo": [403, 403]}

    def test_by_domain_and_level_and_nonsense(self, client: Any, version: StandardVersion, priya: Any) -> None:
        client.force_login(priya)
        domain = version.domains.first()
        rows = {
            name: len(client.get(self.url, query).context["page"].object_list)
            for name, query in {
                "all": {},
                "domain": {"domain": domain.pk},
                "level": {"level": 2},
                "nonsense": {"domain": "x", "level": "9"},
            }.items()
        }
        assert rows == {"all": 4, "domain": 2, "level": 4, "nonsense": 4}

    def test_without_a_standard(self, client: Any, priya: Any) -> None:
        client.force_login(priya)
        assert "No standard is in force yet." in text_of(client.get(self.url))


def many(version: StandardVersion, competencies: int, number: int) -> None:
    """A standard of that many competencies and that many people, each of whom holds a part of it."""
    role = version.roles.get(slug="coordinator")
    domain = Domain.objects.create(version=version, order=9, title_en="More", title_fr="Plus")
    made = Competency.objects.bulk_create(Competency(standard=version.standard) for _n in range(competencies - 4))
    texts = CompetencyText.objects.bulk_create(
        CompetencyText(version=version, domain=domain, competency=one, order=n, title_en=f"C {n}", title_fr=f"C {n}")
        for n, one in enumerate(made, 1)
    )
    for profile in (role, RoleProfile.objects.get(version=version, slug="leader")):
        Requirement.objects.bulk_create(Requirement(role=profile, competency=one, level=1) for one in made)
    places = [make_municipality(province=code) for code in ("MB", "ON", "QC", "BC", "NS")]
    learners = [one for place in places for one in people(place, number // 5)]
    offering = make_offering("held")
    places = Enrolment.objects.bulk_create(
        Enrolment(offering=offering, learner=one, name=one.name, email=one.email, status=Status.REGISTERED)
        for one in learners
    )
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO training_attainment
                (learner_id, competency_id, level, standard_version_id, attained_on, enrolment_id, revoke_reason, created_at)
            SELECT e.learner_id, (%(competencies)s::bigint[])[1 + (e.id + step) %% %(number)s], 1, %(version)s,
                '2027-01-11', e.id, '', now()
            FROM training_enrolment e, generate_series(1, %(each)s) step
            WHERE e.id = ANY(%(places)s)
            """,
            {
                "competencies": [text.competency_id for text in texts],
                "number": len(texts),
                "version": version.pk,
                "each": HELD_EACH,
                "places": [place.pk for place in places],
            },
        )


@contextmanager
def without_history() -> Iterator[None]:
    """Rows in bulk, without their history: it is not what is measured."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        yield
        cursor.execute("SET LOCAL session_replication_role = origin")


@pytest.mark.slow
def test_ten_thousand_people_and_three_hundred_competencies(
    client: Any, version: StandardVersion, regions: list[Municipality], priya: Any
) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert client.get("/en/training/coverage/").status_code == 200
        return len(asked)

    client.force_login(priya)
    cost()
    few = cost()
    assert few <= 8
    with without_history():
        many(version, 300, 10_000)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE training_attainment, training_learner, network_stakeholder, training_enrolment")
    assert cost() == few
    best = 60.0
    for _try in range(3):
        began = stopwatch.monotonic()
        found = grid()
        best = min(best, stopwatch.monotonic() - began)
    assert best < 2, best
    assert (len(found.rows), found.rows[0].total.asked) == (300, 10_000)
    assert sum(row.total.held for row in found.rows) == 10_000 * HELD_EACH
