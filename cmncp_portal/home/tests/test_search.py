"""Search: accents, both languages, what a stranger must not find."""

from typing import Any

import pytest
from django.test import Client

from cmncp_portal.home.search import find
from cmncp_portal.network.models import Municipality
from cmncp_portal.network.tests.factories import make_municipality, make_programme

from .factories import make_exchange


@pytest.fixture
def quebec(db: None) -> Municipality:
    return make_municipality("quebec", name_en="Québec City", name_fr="Québec", province="QC")


@pytest.fixture
def visit(quebec: Municipality, winnipeg: Municipality) -> Any:
    return make_exchange(
        quebec,
        winnipeg,
        state="proposed",
        reference="EX-2026-777",
        challenge="Prévenir la violence à l’école",
        language="fr",
    )


@pytest.mark.parametrize("text", ["québec", "QUEBEC", "  Québec  ", "quebec city"])
def test_municipalities_whatever_the_accents(
    text: str, quebec: Municipality, winnipeg: Municipality, amina: Any
) -> None:
    assert [str(place) for place in find(amina, text).municipalities] == ["Québec City"]


@pytest.mark.parametrize("text", ["ecole", "école violence", "EX-2026-777", "québec winnipeg", "prevenir"])
def test_exchanges_for_those_whom_they_concern(text: str, visit: Any, helen: Any, rosa: Any, priya: Any) -> None:
    assert [[e.reference for e in find(user, text).exchanges] for user in (helen, priya, rosa)] == [
        ["EX-2026-777"],
        ["EX-2026-777"],
        [],
    ]


def test_a_draft_is_not_found_by_its_host(quebec: Municipality, winnipeg: Municipality, helen: Any) -> None:
    make_exchange(quebec, winnipeg, state="draft", reference="EX-2026-778")
    assert len(find(helen, "EX-2026-778")) == 0


def test_visitors_find_public_things_only(client: Client, visit: Any, quebec: Municipality) -> None:
    make_programme(quebec, name_en="Night walks", name_fr="Promenades de soirée")
    make_municipality("secret", name_en="Secretville", name_fr="Secretville", member=False)
    page = client.get("/en/search/?q=soiree")
    assert [str(p) for p in page.context["found"].programmes] == ["Night walks"]
    assert len(client.get("/en/search/?q=EX-2026-777").context["found"]) == 0
    assert len(client.get("/en/search/?q=Secretville").context["found"]) == 0


def test_no_result_says_what_to_try(client: Client, db: None) -> None:
    page = client.get("/en/search/?q=zzz").content.decode()
    assert "Try fewer words" in page
    assert "0 results for “zzz”" in page
    assert "Essayez moins de mots" in client.get("/fr/recherche/?q=zzz").content.decode()


@pytest.mark.parametrize("text", ["", "   ", "\x00", "'", '"', "a & | ! ( )", "l’", "%", "x" * 5000, "<script>"])
def test_odd_questions_are_answered(client: Client, db: None, text: str) -> None:
    answer = client.get("/en/search/", {"q": text})
    assert answer.status_code == 200
    assert "<script>alert" not in answer.content.decode()


def test_more_than_ten_are_announced(amina: Any) -> None:
    for n in range(11):
        make_municipality(f"lakeville-{n}")
    found = find(amina, "lakeville")
    assert (len(found.municipalities), found.has_more) == (10, True)


@pytest.mark.parametrize(("user", "most"), [("anonymous", 2), ("signed in", 8)])
def test_the_search_costs_little(
    client: Client, django_assert_max_num_queries: Any, visit: Any, helen: Any, user: str, most: int
) -> None:
    if user == "signed in":
        client.force_login(helen)
    with django_assert_max_num_queries(most):
        client.get("/en/search/?q=winnipeg")


def test_meetings_briefs_and_practices_in_either_language(db: None, client: Client, amina: Any) -> None:
    from knowledge.tests.factories import make_brief, make_practice
    from meetings.tests.factories import make_meeting

    make_brief("published", fr={"title": "Sécurité à l’école"}, en={"title": "Safe schools"})
    make_brief("draft", fr={"title": "Sécurité à l’école, ébauche"})
    make_practice(name_en="School watch", name_fr="Veille à l’école")
    make_meeting(audience="public", title_en="Schools together", title_fr="L’école ensemble")
    make_meeting(audience="members", title_en="Closed schools", title_fr="École fermée")
    found = find(amina, "securite ecole")
    assert [(str(hit), hit.title.lang, hit.url) for hit in found.briefs] == [
        ("Sécurité à l’école", "fr", found.briefs[0].url)
    ]
    page = client.get("/fr/recherche/?q=ecole").context["found"]
    assert [[str(hit) for hit in rows] for rows in (page.briefs, page.practices, page.meetings)] == [
        ["Sécurité à l’école"],
        ["Veille à l’école"],
        ["L’école ensemble"],
    ]


def test_modules_of_the_catalogue_and_competencies_in_force(db: None, client: Client, amina: Any, uma: Any) -> None:
    from training.tests.factories import make_module, make_version

    make_module("offered", title_en="Planning with residents", title_fr="Planifier avec la population")
    make_module("proposed", title_en="Planning in secret", title_fr="Planifier en secret")
    standard = make_version("adopted").standard
    make_version("draft", standard=standard)
    assert [str(hit) for hit in find(uma, "planning").modules] == ["Planning in secret", "Planning with residents"]
    text = standard.versions.get(state="adopted").texts.in_order()[0]
    found = find(amina, "diagnosis 1").competencies
    assert [(str(hit), hit.url) for hit in found] == [
        ("Diagnosis 1", f"/en/training/standards/{standard.slug}/1/competency/{text.pk}/")
    ]
    page = client.get("/fr/recherche/?q=planifier").context["found"]
    assert [str(hit) for hit in page.modules] == ["Planifier avec la population"]
