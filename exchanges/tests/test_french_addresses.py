"""Addresses of exchanges in both languages: each is its own, opens its page, and keeps its page when the language changes."""

from typing import Any

import pytest
from django.urls import resolve, reverse, translate_url
from django.utils.translation import override

from exchanges.urls import urlpatterns

REFERENCE = "EX-2026-004"
VALUES = {
    "reference": REFERENCE,
    "leg": "return",
    "token": "abc123",
    "pk": 7,
    "side": "hosts",
    "name": "suspend",
    "key": "idea-7",
}
# Every address that a person reads or types, in French.
FRENCH = {
    "list": "",
    "ask": "demander/",
    "desk": "invitation/abc123/",
    "desk_calendar": "invitation/abc123/calendrier.ics",
    "desk_document": "invitation/abc123/document/7/",
    "desk_act": "invitation/abc123/suspend/",
    "exchange": f"{REFERENCE}/",
    "request": f"{REFERENCE}/demande/",
    "review": f"{REFERENCE}/revision/",
    "hosts": f"{REFERENCE}/hotes/",
    "close": f"{REFERENCE}/clore/",
    "report": f"{REFERENCE}/rapport.pdf",
    "visit": f"{REFERENCE}/visite-de-retour/",
    "answer": f"{REFERENCE}/visite-de-retour/repondre/",
    "confirm": f"{REFERENCE}/visite-de-retour/confirmer/",
    "dates": f"{REFERENCE}/visite-de-retour/dates/",
    "day": f"{REFERENCE}/visite-de-retour/journee/",
    "record": f"{REFERENCE}/visite-de-retour/consigner/",
    "print": f"{REFERENCE}/visite-de-retour/imprimer/",
    "programme": f"{REFERENCE}/visite-de-retour/programme/",
    "stop_add": f"{REFERENCE}/visite-de-retour/programme/ajouter/",
    "stop_edit": f"{REFERENCE}/visite-de-retour/programme/7/",
    "practical": f"{REFERENCE}/visite-de-retour/renseignements-pratiques/",
    "documents": f"{REFERENCE}/visite-de-retour/documents/",
    "team": f"{REFERENCE}/visite-de-retour/equipe/",
    "ideas": f"{REFERENCE}/visite-de-retour/idees/",
    "commit": f"{REFERENCE}/visite-de-retour/idees/idea-7/",
    "waive": f"{REFERENCE}/visite-de-retour/equipe/derogation/",
    "member_add": f"{REFERENCE}/visite-de-retour/equipe/ajouter/hosts/",
    "lead": f"{REFERENCE}/visite-de-retour/equipe/responsable/hosts/",
    "member_edit": f"{REFERENCE}/visite-de-retour/equipe/7/",
    "member_replace": f"{REFERENCE}/visite-de-retour/equipe/7/remplacer/",
    "evaluations": f"{REFERENCE}/visite-de-retour/evaluations/",
    "return": f"{REFERENCE}/visite-de-retour/retour/",
}
NAMES = sorted(str(pattern.name) for pattern in urlpatterns)


def values_of(name: str) -> dict[str, object]:
    """The values that the address called `name` takes."""
    pattern = next(each for each in urlpatterns if each.name == name)
    return {key: VALUES[key] for key in pattern.pattern.converters}


def address(name: str, language: str) -> str:
    with override(language):
        return reverse(f"exchanges:{name}", kwargs=values_of(name))


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("name", NAMES)
def test_each_address_opens_its_own_page(name: str, language: str) -> None:
    with override(language):
        found = resolve(address(name, language))
    assert (found.view_name, found.kwargs) == (f"exchanges:{name}", values_of(name))


@pytest.mark.parametrize("language", ["en", "fr"])
def test_no_two_pages_share_an_address(language: str) -> None:
    addresses = [address(name, language) for name in NAMES]
    assert sorted(set(addresses)) == sorted(addresses)


@pytest.mark.parametrize(("name", "path"), FRENCH.items())
def test_french_addresses_are_french(name: str, path: str) -> None:
    assert address(name, "fr") == f"/fr/echanges/{path}"


@pytest.mark.parametrize("name", NAMES)
def test_changing_the_language_keeps_the_page(name: str) -> None:
    english, french = address(name, "en"), address(name, "fr")
    with override("en"):
        there = translate_url(english, "fr")
    with override("fr"):
        back = translate_url(there, "en")
    assert (there, back) == (french, english)


@pytest.mark.django_db
def test_a_french_word_opens_nothing_under_the_english_prefix(client: Any) -> None:
    assert client.get("/en/echanges/").status_code == 404


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["visit", "programme", "team", "practical"])
def test_one_visit_stands_at_both_its_addresses(client: Any, visit: Any, amina: Any, name: str) -> None:
    confirmed = visit("confirmed")
    client.force_login(amina)
    shown = []
    for language in ("en", "fr"):
        with override(language):
            page = reverse(f"exchanges:{name}", args=[confirmed.exchange.reference, confirmed.leg])
        response = client.get(page)
        shown.append((response.status_code, response.context["visit"], response.headers["Content-Language"]))
    assert shown == [(200, confirmed, "en"), (200, confirmed, "fr")]
