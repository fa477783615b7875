"""What is new in a version, on one page: added, changed word by word, removed, moved, and asked of roles."""

from typing import Any

import pytest
from django.test import Client
from django.utils import translation

from cmncp_portal.testing.pages import text_of
from training.models import Domain, StandardVersion
from training.selectors.differences import Piece, VersionDifference, difference
from training.services import standards

from .factories import make_text, make_version
from .test_standards_reading import PUBLIC, address, make_large, over

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


@pytest.fixture
def pair(uma: Any) -> tuple[StandardVersion, StandardVersion]:
    """The version in force, and a draft with the same words."""
    before = make_version("adopted")
    return before, standards.begin_version(before.standard, by=uma)


def line(version: StandardVersion, title: str) -> Any:
    return version.texts.select_related("domain").get(title_en=title)


def diff(pair: tuple[StandardVersion, StandardVersion]) -> VersionDifference:
    return difference(*pair)


def same(text: str) -> Piece:
    return Piece("same", text)


def test_a_copy_differs_in_nothing(pair: Any, client: Client, uma: Any) -> None:
    assert diff(pair).is_empty is True
    client.force_login(uma)
    assert "Nothing differs from the version before." in text_of(client.get(address("version_changes", pair[1])))


def test_changed_word_by_word(pair: Any) -> None:
    text = line(pair[1], "Diagnosis 1")
    text.description_en = "Leads a diagnosis with partners."
    text.title_en = "Diagnosis one"
    text.save()
    text.criteria.filter(level=2).update(statement_en="Shows it well at level 2.", evidence_en="Minutes.")
    text.criteria.create(level=2, order=5, statement_en="Tells council.")
    [change] = diff(pair).changed
    assert change.title == (same("Diagnosis"), Piece("removed", "1"), Piece("added", "one"))
    assert change.description == (Piece("added", "Leads a diagnosis with partners."),)
    assert [(c.level, c.statement, c.evidence) for c in change.criteria] == [
        ("Practitioner", (same("Shows it"), Piece("added", "well"), same("at level 2.")), (Piece("added", "Minutes."),)),
        ("Practitioner", (Piece("added", "Tells council."),), (same(""),)),
    ]  # fmt: skip


def test_added_removed_moved_and_renumbered(pair: Any) -> None:
    _before, now = pair
    second = now.domains.get(order=2)
    added = make_text(second, order=3, title_en="Mediation")
    line(now, "Diagnosis 1").delete()
    moved = line(now, "Diagnosis 2")
    moved.domain, moved.order = second, 4
    moved.save()
    make_text(now.domains.get(order=1), order=1, title_en="Data")
    found = diff(pair)
    assert [str(t) for t in found.added] == ["Data", "Mediation"]
    assert [str(t) for t in found.removed] == ["Diagnosis 1"]
    assert added in found.added
    assert [(m.was.code, m.text.code) for m in [*found.moved, *found.renumbered]] == [("1.2", "2.4")]


def test_a_domain_before_the_others_moves_nothing(pair: Any) -> None:
    _before, now = pair
    for domain in now.domains.order_by("-order"):
        Domain.objects.filter(pk=domain.pk).update(order=domain.order + 1)
    Domain.objects.create(version=now, order=1, title_en="Listening")
    Domain.objects.filter(version=now, order=2).update(title_en="Diagnosis of needs")
    found = diff(pair)
    assert (found.moved, found.changed) == ([], [])
    assert [(m.was.code, m.text.code) for m in found.renumbered][:2] == [("1.1", "2.1"), ("1.2", "2.2")]
    assert found.domains == [(same("Diagnosis"), Piece("added", "of needs")), (Piece("added", "Listening"),)]


def test_what_is_asked_of_roles(pair: Any) -> None:
    _before, now = pair
    leader = now.roles.get(slug="leader")
    leader.requirements.filter(competency=line(now, "Diagnosis 1").competency).update(level=3)
    leader.requirements.filter(competency=line(now, "Partnership 1").competency).delete()
    now.roles.filter(slug="coordinator").delete()
    now.roles.create(slug="head", title_en="Head of a centre")
    found = {change.role.slug: change for change in diff(pair).roles}
    assert found["leader"].lines == [("Diagnosis 1", "Awareness", "Lead"), ("Partnership 1", "Awareness", "")]
    assert [(found[slug].is_new, found[slug].is_gone) for slug in ("leader", "head", "coordinator")] == [
        (False, False), (True, False), (False, True),
    ]  # fmt: skip


def test_the_page_says_it_all_to_eye_and_ear(pair: Any, client: Client) -> None:
    before, now = pair
    text = line(now, "Diagnosis 1")
    text.title_en, text.asks_more = "Diagnosis one", True
    text.save()
    line(now, "Partnership 2").delete()
    StandardVersion.objects.filter(pk=before.pk).update(state="superseded", superseded_on="2027-02-01")
    StandardVersion.objects.filter(pk=now.pk).update(state="adopted", adopted_on="2027-02-01", changes_en="Shorter.")
    page = text_of(client.get(address("version_changes", now)))
    assert '<del><span class="unseen">[removed: </span>1<span class="unseen">]</span></del>' in page
    assert '<ins><span class="unseen">[added: </span>one<span class="unseen">]</span></ins>' in page
    words = ("1 changed, 1 removed.", "What asks more than before", "Shorter.", "Partnership 2")
    assert [word in page for word in words] == [True] * 4


def test_in_french(pair: Any, client: Client, uma: Any) -> None:
    text = line(pair[1], "Diagnosis 1")
    text.title_en = "Diagnosis one"
    text.save()
    with translation.override("fr"):
        assert diff(pair).changed == []
    text.title_fr = "Diagnostic commun"
    text.save()
    client.force_login(uma)
    page = text_of(client.get(address("version_changes", pair[1], language="fr")))
    assert ["Diagnostic" in page, "commun<span" in page, "Diagnosis" in page] == [True, True, False]


def test_the_first_version_has_nothing_before_it(client: Client) -> None:
    assert client.get(address("version_changes", make_version())).status_code == 404


def test_three_hundred_competencies_cost_no_more(client: Client, uma: Any, pair: Any) -> None:
    make_large(pair[0])
    make_large(pair[1])
    StandardVersion.objects.filter(pk=pair[0].pk).update(state="superseded", superseded_on="2027-02-01")
    StandardVersion.objects.filter(pk=pair[1].pk).update(state="adopted", adopted_on="2027-02-01")
    assert over(client, [address("version_changes", pair[1])], PUBLIC + 7) == {}
