"""Reading standards: what stands in the open, for whom, on which page, at which price."""

from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation

from cmncp_portal.testing.pages import text_of
from training.models import (
    Comment,
    Competency,
    CompetencyText,
    Criterion,
    Domain,
    Requirement,
    RoleProfile,
    StandardVersion,
)

from .factories import make_module, make_offering, make_standard, make_version

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

PUBLIC, SIGNED_IN = 5, 8  # queries


def address(name: str, version: StandardVersion, *args: Any, language: str = "en") -> str:
    with translation.override(language):
        return reverse(f"training:{name}", args=[version.standard.slug, version.number, *args])


def make_large(version: StandardVersion, *, domains: int = 10, each: int = 30) -> None:
    """A standard of 300 competencies with a criterion each, all of them asked of one role, and a comment on each."""
    made = Domain.objects.bulk_create(
        Domain(version=version, order=n + 3, title_en=f"Domain {n}", title_fr=f"Domaine {n}") for n in range(domains)
    )
    competencies = Competency.objects.bulk_create(Competency(standard=version.standard) for _n in range(domains * each))
    texts = CompetencyText.objects.bulk_create(
        CompetencyText(
            version=version, domain=made[n // each], competency=competency, order=n % each + 1,
            title_en=f"Competency {n}", title_fr=f"Compétence {n}",
        )
        for n, competency in enumerate(competencies)
    )  # fmt: skip
    Criterion.objects.bulk_create(Criterion(text=text, level=2, statement_en="Does it.") for text in texts)
    role = RoleProfile.objects.create(version=version, slug="everything", title_en="Everything")
    Requirement.objects.bulk_create(Requirement(role=role, competency=c, level=2) for c in competencies)
    Comment.objects.bulk_create(
        Comment(standard_version=version, text=text, words="Good.", language="en", name="Ann", email="a@b.example")
        for text in texts
    )


def test_the_address_of_a_standard_leads_to_the_version_in_force(client: Client) -> None:
    former = make_version("superseded")
    now = make_version("adopted", standard=former.standard)
    ahead = make_version("consultation", standard=former.standard)
    answer = client.get(reverse("training:standard", args=[former.standard.slug]))
    assert answer["Location"] == now.get_absolute_url()
    StandardVersion.objects.filter(pk=now.pk).delete()
    StandardVersion.objects.filter(pk=former.pk).delete()
    assert client.get(reverse("training:standard", args=[former.standard.slug]))["Location"] == ahead.get_absolute_url()


def test_a_draft_is_its_writers_alone(client: Client, amina: Any, uma: Any) -> None:
    draft = make_version("draft")
    pages = [address(name, draft) for name in ("version", "version_print", "comments")]
    pages += [address("role", draft, "leader"), address("competency", draft, draft.texts.first().competency_id)]
    assert {client.get(page).status_code for page in pages} == {404}
    client.force_login(amina)
    assert {client.get(page).status_code for page in pages} == {404}
    assert client.get(reverse("training:standard", args=[draft.standard.slug])).status_code == 404
    client.force_login(uma)
    assert {client.get(page).status_code for page in pages} == {200}


def test_a_version_shows_one_domain_with_criteria_evidence_and_source(client: Client) -> None:
    version = make_version()
    text = version.texts.in_order().first()
    CompetencyText.objects.filter(pk=text.pk).update(source="Toronto plan", source_url="https://x.example/plan")
    text.criteria.filter(level=2).update(evidence_en="The diagnosis itself.")
    page = text_of(client.get(address("version", version)))
    assert "Diagnosis 1" in page
    assert "The diagnosis itself." in page
    assert '<a href="https://x.example/plan" rel="external">Toronto plan</a>' in page
    assert "Partnership 1" not in page
    second = text_of(client.get(address("version", version) + "?domain=2"))
    assert "Partnership 1" in second
    assert client.get(address("version", version) + "?domain=nonsense").status_code == 200


def test_in_french(client: Client) -> None:
    version = make_version()
    page = text_of(client.get(address("version", version, language="fr")))
    assert "Diagnostic 1" in page
    assert "En fait preuve au niveau 2." in page


def test_what_a_role_is_asked(client: Client) -> None:
    version = make_version()
    page = client.get(address("role", version, "coordinator"))
    assert [(text.code, level) for text, level in page.context["page"]] == [
        ("1.1", "Practitioner"), ("1.2", "Practitioner"), ("2.1", "Practitioner"), ("2.2", "Practitioner"),
    ]  # fmt: skip
    assert client.get(address("role", version, "nobody")).status_code == 404


def test_a_competency_names_roles_modules_and_comments(client: Client, uma: Any) -> None:
    version = make_version("consultation")
    text = version.texts.in_order()[0]
    module = make_module(builds=[(text.competency, 2)])
    hidden = make_module("drafted", builds=[(text.competency, 2)], title_en="Not yet known")
    Comment.objects.create(
        standard_version=version, text=text, words="Say more.", language="en", name="Ann Lee", email="ann@c.example"
    )
    page = text_of(client.get(address("competency", version, text.competency_id)))
    assert [word in page for word in (module.title_en, hidden.title_en, "Say more.", "ann@c.example")] == [
        True, False, True, False,
    ]  # fmt: skip
    client.force_login(uma)
    assert hidden.title_en in text_of(client.get(address("competency", version, text.competency_id)))
    assert client.get(address("competency", version, 999_999)).status_code == 404


def test_on_paper_stands_the_whole(client: Client) -> None:
    version = make_version()
    page = text_of(client.get(address("version_print", version)))
    assert [f"{title} {n}" in page for title in ("Diagnosis", "Partnership") for n in (1, 2)] == [True] * 4


@pytest.mark.parametrize("many", [False, True])
def test_what_the_pages_cost(client: Client, priya: Any, amina: Any, many: bool) -> None:
    former = make_version("superseded")
    version = make_version("consultation", standard=former.standard)
    for one in (former, version) if many else ():
        make_large(one)
    text = version.texts.in_order().first()
    pages = [address(name, version) for name in ("version", "version_print", "comments")]
    pages += [address("competency", version, text.competency_id), address("role", version, "coordinator")]
    pages += [reverse("training:standards"), reverse("training:overview")]
    assert over(client, pages, PUBLIC) == {}
    for person in (amina, priya):
        client.force_login(person)
        assert over(client, pages, SIGNED_IN) == {}
    assert over(client, [address("write", version), address("answers", version)], 16) == {}


def over(client: Client, pages: list[str], limit: int) -> dict[str, int]:
    """The pages that ask the database more than `limit` questions."""
    found = {}
    for page in pages:
        with CaptureQueriesContext(connection) as asked:
            assert client.get(page).status_code == 200, page
        number = len([q for q in asked if "SAVEPOINT" not in q["sql"]])
        if number > limit:
            found[page] = number
    return found


def test_the_list_says_what_holds_and_what_is_ahead(client: Client, uma: Any) -> None:
    first = make_version("adopted", standard=make_standard("first", title_en="First standard"))
    make_version("consultation", standard=first.standard)
    make_version("draft", standard=make_standard("second", title_en="Second standard"))
    page = text_of(client.get(reverse("training:standards")))
    assert "Version 1 is in force, adopted on January 4, 2027." in page
    assert "Version 2: in consultation" in page
    assert "Second standard" not in page
    client.force_login(uma)
    assert "Second standard" in text_of(client.get(reverse("training:standards")))


class TestOverview:
    def test_for_everybody(self, client: Client) -> None:
        version = make_version()
        make_version("consultation", standard=version.standard)
        offering, planned = make_offering(), make_offering("planned")
        pilot = make_offering(is_pilot=True)
        page = client.get(reverse("training:overview"))
        text = text_of(page)
        assert "25 days left." in text
        assert [o in page.context["found"].offerings for o in (offering, planned, pilot)] == [True, False, False]
        assert [word in text for word in ("My competencies", "Module desk")] == [False, False]

    def test_a_consultation_past_its_last_day_is_not_offered(self, client: Client) -> None:
        make_version("consultation", opens_on=date(2027, 1, 4), closes_on=date(2027, 1, 31))
        assert client.get(reverse("training:overview")).context["found"].consulted == []

    def test_for_a_representative_and_for_the_network(self, client: Client, amina: Any, priya: Any) -> None:
        client.force_login(amina)
        page = text_of(client.get(reverse("training:overview")))
        assert [word in page for word in ("My competencies", "The people of Thunder Bay", "Plan new dates")] == [
            True, True, False,
        ]  # fmt: skip
        client.force_login(priya)
        assert "Plan new dates" in text_of(client.get(reverse("training:overview")))

    def test_in_french(self, client: Client) -> None:
        with translation.override("fr"):
            there = reverse("training:overview")
        assert client.get(there).status_code == 200
