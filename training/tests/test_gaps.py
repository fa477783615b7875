"""What is held against what is asked: by role and version in force, and what closes the gaps."""

from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from training.models import CompetencyText, Level, Requirement, StandardVersion
from training.selectors.gaps import asked_of, profile_for, role_choices
from training.services.learners import learner_of_user

from .factories import (
    make_attainment,
    make_claim,
    make_learner,
    make_module,
    make_offering,
    make_text,
    make_version,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
AWARENESS, PRACTITIONER, LEAD = Level.AWARENESS, Level.PRACTITIONER, Level.LEAD


@pytest.fixture
def version() -> StandardVersion:
    return make_version("adopted")


def texts_of(version: StandardVersion) -> list[CompetencyText]:
    return list(version.texts.in_order().select_related("domain"))


def supersede(version: StandardVersion, *more: CompetencyText, **fields: Any) -> StandardVersion:
    """The next version holds; it asks more of the competencies of `more`."""
    StandardVersion.objects.filter(pk=version.pk).update(state="superseded", superseded_on="2027-01-25")
    new = make_version("adopted", standard=version.standard, **fields)
    CompetencyText.objects.filter(version=new, competency__in=[text.competency_id for text in more]).update(
        asks_more=True
    )
    return new


def states(profile: Any) -> list[tuple[str, str]]:
    return [(line.text.code, line.state) for line in profile.lines]


def test_what_is_asked_follows_from_where_one_works(version: StandardVersion, joseph: Any, joan: Any) -> None:
    staff, leader = profile_for(learner_of_user(joseph)), profile_for(learner_of_user(joan))
    assert [(role.slug, role.is_chosen) for role in staff.roles] == [("coordinator", False)]
    assert [line.asked for line in staff.lines] == [PRACTITIONER] * 4
    assert [(role.slug, role.is_chosen) for role in leader.roles] == [("leader", False)]
    assert [line.asked for line in leader.lines] == [AWARENESS] * 4


def test_a_role_that_was_chosen_goes_before_that_of_the_place(version: StandardVersion, joseph: Any) -> None:
    learner = learner_of_user(joseph)
    learner.role = "leader"
    assert [(r.slug, r.is_chosen) for r in profile_for(learner).roles] == [("leader", True)]
    learner.role = "gone"
    profile = profile_for(learner)
    assert ([r.slug for r in profile.roles], profile.chosen_is_gone) == (["coordinator"], True)


def test_somebody_without_a_municipality_chooses(version: StandardVersion) -> None:
    learner = make_learner("public@home.example")
    assert (profile_for(learner).roles, profile_for(learner).asked) == ([], 0)
    learner.role = "leader"
    assert profile_for(learner).asked == 4
    assert profile_for(None).asked == 0
    assert profile_for(None, standing="staff").asked == 4


def test_who_left_is_asked_for_nothing_by_the_place(version: StandardVersion, joseph: Any) -> None:
    learner = learner_of_user(joseph)
    assert learner.stakeholder
    learner.stakeholder.left_on = date(2027, 2, 1)
    assert profile_for(learner).asked == 0
    learner.stakeholder.left_on = date(2027, 2, 2)
    assert profile_for(learner).asked == 4


def test_held_part_of_the_way_and_still_to_reach(version: StandardVersion, joseph: Any) -> None:
    learner, texts = learner_of_user(joseph), texts_of(version)
    make_attainment(learner, texts[0], PRACTITIONER)
    make_attainment(learner, texts[1], AWARENESS)
    make_attainment(learner, texts[2], LEAD, claim=make_claim(learner, texts[2], "accepted"))
    gone = make_attainment(learner, texts[3], LEAD)
    type(gone).objects.filter(pk=gone.pk).update(revoked_at="2027-01-20T12:00Z", revoke_reason="A mistake")
    profile = profile_for(learner)
    assert states(profile) == [("1.1", "held"), ("1.2", "partly"), ("2.1", "held"), ("2.2", "gap")]
    assert (profile.held, profile.asked) == (2, 4)
    assert [line.text.code for line in profile.gaps] == ["2.2", "1.2"]
    assert [(c.number, c.held, len(c.lines)) for c in profile.chapters] == [(1, 1, 2), (2, 1, 2)]
    assert [profile.lines[n].ground_words for n in (0, 2, 3)] == [
        "through “Planning with the community”",
        "by evidence that was accepted",
        "",
    ]


def test_a_newer_version_takes_nothing_away(version: StandardVersion, joseph: Any) -> None:
    learner, texts = learner_of_user(joseph), texts_of(version)
    make_attainment(learner, texts[0])
    new = supersede(version)
    profile = profile_for(learner)
    assert [line.text.version_id for line in profile.lines] == [new.pk] * 4
    assert states(profile)[0] == ("1.1", "held")


def test_a_version_that_asks_more_is_explained(version: StandardVersion, joseph: Any) -> None:
    learner, texts = learner_of_user(joseph), texts_of(version)
    make_attainment(learner, texts[0])
    make_attainment(learner, texts[1])
    supersede(version, texts[0], changes_en="Data of neighbourhoods.", changes_fr="Données des quartiers.")
    profile = profile_for(learner)
    assert states(profile)[:2] == [("1.1", "lapsed"), ("1.2", "held")]
    line = profile.gaps[0]
    assert (line.held, line.more_since, line.word) == (0, 2, "To be shown again")
    assert line.explanation == "Held at the level “Practitioner” under version 1. Version 2 asks more."
    assert str(line.what_changed) == "Data of neighbourhoods."


def test_what_is_reached_under_the_newer_version_counts(version: StandardVersion, joseph: Any) -> None:
    learner, texts = learner_of_user(joseph), texts_of(version)
    make_attainment(learner, texts[0], LEAD)
    new = supersede(version, texts[0])
    make_attainment(learner, texts_of(new)[0], AWARENESS)
    line = profile_for(learner).lines[0]
    assert (line.state, line.held, line.lapsed and line.lapsed.level) == ("lapsed", AWARENESS, LEAD)
    make_attainment(learner, texts_of(new)[0], PRACTITIONER)
    line = profile_for(learner).lines[0]
    assert (line.state, line.explanation) == ("held", "")


def test_a_version_between_still_asks_more_and_one_never_adopted_does_not(
    version: StandardVersion, joseph: Any
) -> None:
    learner, texts = learner_of_user(joseph), texts_of(version)
    make_attainment(learner, texts[0])
    make_attainment(learner, texts[1])
    second = supersede(version, texts[0])
    draft = make_version("draft", standard=version.standard)
    CompetencyText.objects.filter(version=draft, competency=texts[1].competency_id).update(asks_more=True)
    supersede(second)
    profile = profile_for(learner)
    assert states(profile)[:2] == [("1.1", "lapsed"), ("1.2", "held")]
    assert profile.lines[0].what_changed is None


def test_what_no_role_asks_for_is_kept_beside(version: StandardVersion, joseph: Any) -> None:
    learner, texts = learner_of_user(joseph), texts_of(version)
    make_attainment(learner, texts[0])
    Requirement.objects.filter(competency=texts[0].competency_id).delete()
    profile = profile_for(learner)
    assert (profile.asked, [str(one.title) for one in profile.others]) == (3, ["Diagnosis 1"])  # type: ignore[attr-defined]


def test_drafts_ask_for_nothing(joseph: Any) -> None:
    make_version("consultation")
    assert (profile_for(learner_of_user(joseph)).asked, role_choices()) == (0, [])


class TestNextOfferings:
    def closing(self, text: CompetencyText, level: int = PRACTITIONER, **fields: Any) -> Any:
        return make_offering(module=make_module(builds=[(text.competency, level)]), **fields)

    def offered(self, user: Any, language: str = "en") -> list[tuple[str, bool]]:
        line = profile_for(learner_of_user(user), language=language).lines[0]
        return [(one.offering.reference, one.is_own_language) for one in line.offerings]

    def test_the_next_in_the_readers_language_first(self, version: StandardVersion, joseph: Any) -> None:
        text = texts_of(version)[0]
        french = self.closing(text, language="fr", starts_on=date(2027, 3, 1))
        late = self.closing(text, starts_on=date(2027, 6, 1))
        both = self.closing(text, LEAD, language="both", starts_on=date(2027, 5, 3))
        assert self.offered(joseph) == [(both.reference, True), (late.reference, True)]
        assert self.offered(joseph, "fr") == [(french.reference, True), (both.reference, True)]
        type(both).objects.filter(pk=both.pk).update(state="cancelled")
        assert self.offered(joseph) == [(late.reference, True), (french.reference, False)]

    @pytest.mark.parametrize(
        ("fields", "level", "is_found"),
        [
            ({"starts_on": date(2027, 2, 2)}, PRACTITIONER, True),
            ({"starts_on": date(2027, 2, 1)}, PRACTITIONER, False),
            ({"enrolment_closes_on": date(2027, 2, 1)}, PRACTITIONER, True),
            ({"enrolment_closes_on": date(2027, 1, 31)}, PRACTITIONER, False),
            ({"is_pilot": True}, PRACTITIONER, False),
            ({}, AWARENESS, False),
            ({}, LEAD, True),
        ],
    )
    def test_only_where_one_can_enrol_and_high_enough(
        self, version: StandardVersion, joseph: Any, fields: dict[str, Any], level: int, is_found: bool
    ) -> None:
        self.closing(texts_of(version)[0], level, **fields)
        assert bool(self.offered(joseph)) is is_found

    def test_nothing_for_what_is_held(self, version: StandardVersion, joseph: Any) -> None:
        text = texts_of(version)[0]
        self.closing(text)
        make_attainment(learner_of_user(joseph), text)
        assert self.offered(joseph) == []


@pytest.mark.slow
def test_three_hundred_competencies_cost_what_four_cost(version: StandardVersion, joseph: Any) -> None:
    learner = learner_of_user(joseph)

    def cost() -> int:
        with CaptureQueriesContext(connection) as asked:
            profile_for(learner)
        return len(asked)

    make_attainment(learner, texts_of(version)[0])
    few = cost()
    domain, role = version.domains.last(), version.roles.get(slug="coordinator")
    texts = [make_text(domain, order=n) for n in range(3, 299)]
    Requirement.objects.bulk_create(Requirement(role=role, competency=t.competency, level=2) for t in texts)
    make_offering(module=make_module(builds=[(text.competency, LEAD) for text in texts[:50]]))
    for text in texts[:5]:
        make_attainment(learner, text)
    profile = profile_for(learner)
    assert (profile.asked, profile.held, cost()) == (300, 6, few)
    assert few == 3
    assert sum(bool(line.offerings) for line in profile.lines) == 45


def test_several_standards_ask_side_by_side(version: StandardVersion, joseph: Any) -> None:
    make_version("adopted")
    assert len(asked_of("", "staff").by_role) == 2
    profile = profile_for(learner_of_user(joseph))
    assert (profile.asked, len(profile.roles), len(profile.chapters)) == (8, 2, 4)
