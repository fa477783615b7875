from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from cmncp_portal.network.models import Membership, Municipality, Stakeholder, Standing

from .factories import (
    make_membership,
    make_municipality,
    make_programme,
    make_sector,
    make_stakeholder,
    make_topic,
    make_user,
)

pytestmark = pytest.mark.django_db


def url(name: str, *args: Any) -> str:
    return reverse(f"network:{name}", args=args)


def get(client: Any, address: str, user: Any = None, **query: Any) -> Any:
    if user is not None:
        client.force_login(user)
    return client.get(address, query)


def text(response: Any) -> str:
    return response.content.decode()


# ---- the directory --------------------------------------------------------------------------------


def test_the_directory_is_public_and_finds_without_accents(client: Any, thunder_bay: Any) -> None:
    make_municipality("quebec", name_en="Québec City", name_fr="Québec", province="QC")
    page = text(get(client, url("directory"), q="quebec"))
    assert "Québec City" in page
    assert "Thunder Bay" not in page
    assert "1 municipality" in page
    french = text(get(client, "/fr/municipalites/", q="quebec"))
    assert ">Québec</a>" in french
    assert "1 municipalité" in french


def test_filters_narrow_and_combine(client: Any, thunder_bay: Any, winnipeg: Any, gatineau: Any) -> None:
    thunder_bay.offers.add(make_topic("gangs"))
    town = make_municipality("town", kind="town", population=5_000, not_hosting_until=date(2999, 1, 1), member=False)
    make_membership(town, kind="associate")

    def found(**query: Any) -> set[str]:
        return {place.slug for place in get(client, url("directory"), **query).context["page"].object_list}

    assert found(province="MB") == {"winnipeg"}
    assert found(kind="town") == {"town"} == found(size="small") == found(membership="associate")
    assert found(language="fr") == {"gatineau"}
    assert found(topic="gangs") == {"thunder-bay"}
    assert found(visits="on") == {"thunder-bay", "winnipeg", "gatineau"}
    assert found(province="ON", size="large") == {"thunder-bay"}
    assert found(province="ZZ", size="x", topic="none") == {"thunder-bay", "winnipeg", "gatineau", "town"}


def test_an_empty_directory_says_what_to_do(client: Any, db: None) -> None:
    assert "No municipality is listed yet" in text(get(client, url("directory")))
    make_municipality("place")
    assert "No municipality matches" in text(get(client, url("directory"), q="atlantis"))


@pytest.mark.parametrize(("signed_in", "limit"), [(False, 5), (True, 8)])
def test_the_directory_costs_the_same_at_1_and_500(
    signed_in: bool, limit: int, client: Any, thunder_bay: Any, amina: Any
) -> None:
    if signed_in:
        client.force_login(amina)

    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get(url("directory"), {"q": "a"}).status_code == 200
        return len(queries)

    few = cost()
    common = {"province": "ON", "time_zone": "America/Toronto", "population": 1, "population_year": 2021}
    places = [Municipality(slug=f"place-{n}", name_en=f"Place {n}", name_fr=f"Place {n}", **common) for n in range(499)]
    Municipality.objects.bulk_create(places)
    Membership.objects.bulk_create(
        [Membership(municipality=p, kind="general", from_on=date(2020, 1, 1)) for p in places]
    )
    assert cost() == few <= limit
    assert len(client.get(url("directory")).context["page"].object_list) == 25


def test_htmx_gets_the_rows_only(client: Any, thunder_bay: Any, amina: Any) -> None:
    client.force_login(amina)
    part = text(client.get(url("directory"), headers={"HX-Request": "true"}))
    assert part.lstrip().startswith('<div id="found">')
    assert "<html" not in part


# ---- a municipality -------------------------------------------------------------------------------


@pytest.fixture
def full(thunder_bay: Any, amina: Any, joseph: Any) -> Any:
    for n in range(12):
        make_programme(thunder_bay, name_en=f"Programme {n:02}")
        make_stakeholder(thunder_bay, name=f"Partner {n:02}")
    for topic in ("gangs", "youth"):
        thunder_bay.offers.add(make_topic(topic))
        thunder_bay.seeks.add(make_topic(topic))
    return thunder_bay


def test_the_public_reads_the_page_but_no_name(client: Any, full: Any) -> None:
    with CaptureQueriesContext(connection) as queries:
        page = text(get(client, url("municipality", full.slug)))
    assert len(queries) <= 5
    assert "Programme 00" in page
    assert "General member" in page
    assert "108,843" in page
    for hidden in ("Amina", "Joseph", "Partner 00", "amina@", "Keep "):
        assert hidden not in page, hidden


def test_the_network_reads_names_and_how_to_reach_who_answers(client: Any, full: Any, rosa: Any) -> None:
    client.force_login(rosa)
    with CaptureQueriesContext(connection) as queries:
        page = text(client.get(url("municipality", full.slug)))
    assert len(queries) <= 8
    assert "Amina Diallo" in page
    assert "amina@thunderbay.example" in page
    assert "Joseph Kakegamic" in page
    assert "joseph@thunderbay.example" not in page
    assert "Keep this page" not in page


def test_a_partner_with_an_account_reads_no_names(client: Any, full: Any) -> None:
    guest = make_user()
    make_stakeholder(full, user=guest, standing=Standing.PARTNER)
    assert "Amina" not in text(get(client, url("municipality", full.slug), guest))
    assert get(client, url("people", full.slug), guest).status_code == 403


def test_french_figures_and_words(client: Any, thunder_bay: Any) -> None:
    page = text(get(client, "/fr/municipalites/thunder-bay/"))
    assert "108\u00a0843" in page
    assert "Membre ordinaire" in page


def test_who_is_not_a_member_is_not_public(client: Any, amina: Any) -> None:
    place = make_municipality("former", member=False)
    assert get(client, url("municipality", place.slug)).status_code == 404
    assert get(client, url("municipality", place.slug), amina).status_code == 200


# ---- upkeep ---------------------------------------------------------------------------------------

EDIT = {
    "name_en": "Thunder Bay",
    "name_fr": "Thunder Bay",
    "about_en": "By the lake.",
    "about_fr": "Au bord du lac.",
    "population": "108843",
    "population_year": "2021",
    "languages": ["en"],
    "version": "1",
}


def test_a_representative_keeps_the_page(client: Any, thunder_bay: Any, amina: Any) -> None:
    client.force_login(amina)
    address = url("municipality_edit", thunder_bay.slug)
    assert client.get(address).status_code == 200
    topic = make_topic("gangs")
    response = client.post(address, {**EDIT, "offers": [topic.pk], "province": "QC"})
    assert response.status_code == 302
    thunder_bay.refresh_from_db()
    assert (thunder_bay.about_fr, thunder_bay.version, thunder_bay.province) == ("Au bord du lac.", 2, "ON")
    assert list(thunder_bay.offers.all()) == [topic]


def test_what_is_wrong_is_said_beside_the_field_and_nothing_is_lost(client: Any, thunder_bay: Any, amina: Any) -> None:
    client.force_login(amina)
    response = client.post(
        url("municipality_edit", thunder_bay.slug), {**EDIT, "population_year": "", "website": "nonsense here"}
    )
    page = text(response)
    assert response.status_code == 200
    assert set(response.context["form"].errors) == {"population_year", "website"}
    assert "nonsense here" in page
    assert "By the lake." in page
    thunder_bay.refresh_from_db()
    assert thunder_bay.version == 1


def test_a_coordinator_corrects_the_clock_but_not_to_another_province_s(
    client: Any, thunder_bay: Any, priya: Any
) -> None:
    client.force_login(priya)
    office = {**EDIT, "kind": "city", "province": "ON", "time_zone": "America/Halifax"}
    response = client.post(url("municipality_edit", thunder_bay.slug), office)
    assert list(response.context["form"].errors) == ["time_zone"]
    assert (
        client.post(url("municipality_edit", thunder_bay.slug), {**office, "time_zone": "America/Toronto"}).status_code
        == 302
    )


PAGES = {
    "municipality_edit": ("amina", "priya"),
    "membership": ("priya",),
    "people": ("amina", "joseph", "rosa", "priya"),
    "person_add": ("amina", "priya"),
    "hand_over": ("amina", "priya"),
    "programme_add": ("amina", "joseph", "priya"),
}


@pytest.mark.parametrize("name", PAGES)
def test_who_may_open_which_page(name: str, client: Any, request: pytest.FixtureRequest, thunder_bay: Any) -> None:
    address = url(name, thunder_bay.slug)
    assert client.get(address).status_code == 302  # asks to sign in
    for person in ("amina", "joseph", "rosa", "priya"):
        expected = 200 if person in PAGES[name] else 403
        assert get(client, address, request.getfixturevalue(person)).status_code == expected, person


@pytest.mark.parametrize("name", ["person_edit", "person_leave", "person_move", "person_merge"])
def test_who_may_change_somebody(name: str, client: Any, thunder_bay: Any, amina: Any, joseph: Any, rosa: Any) -> None:
    address = url(name, thunder_bay.slug, joseph.stakeholders.get().pk)
    found = {str(user): get(client, address, user).status_code for user in (amina, joseph, rosa)}
    assert found == {"Amina Diallo": 200, "Joseph Kakegamic": 403, "Rosa Morin": 403}
    assert client.get(url(name, "thunder-bay", 10**9)).status_code == 404


def test_reading_never_changes(client: Any, thunder_bay: Any, amina: Any, joseph: Any) -> None:
    person = joseph.stakeholders.get()
    client.force_login(amina)
    for name in ("person_leave", "person_merge", "person_move", "person_edit"):
        client.get(
            url(name, thunder_bay.slug, person.pk), {"on": "2026-01-01", "duplicate": amina.stakeholders.get().pk}
        )
    assert client.get(url("person_invite", thunder_bay.slug, person.pk)).status_code == 405
    assert Stakeholder.objects.count() == 2
    assert not Stakeholder.objects.exclude(left_on=None).exists()


def test_somebody_is_added_changed_and_leaves(client: Any, thunder_bay: Any, amina: Any) -> None:
    client.force_login(amina)
    person = {
        "name": "Dana Bird",
        "sector": make_sector().pk,
        "standing": "staff",
        "email": "dana@example.ca",
        "version": 1,
    }
    assert client.post(url("person_add", thunder_bay.slug), person).status_code == 302
    dana = Stakeholder.objects.get(email="dana@example.ca")
    assert client.post(url("person_edit", thunder_bay.slug, dana.pk), {**person, "title": "Planner"}).status_code == 302
    assert client.post(url("person_leave", thunder_bay.slug, dana.pk), {"on": timezone.localdate()}).status_code == 302
    dana.refresh_from_db()
    assert (dana.title, dana.left_on) == ("Planner", timezone.localdate())
    assert "left on" in text(client.get(url("people", thunder_bay.slug)))


def test_an_address_that_is_listed_is_refused_beside_the_field(client: Any, thunder_bay: Any, amina: Any) -> None:
    client.force_login(amina)
    person = {
        "name": "B",
        "sector": make_sector().pk,
        "standing": "representative",
        "email": "AMINA@thunderbay.example",
        "version": 1,
    }
    response = client.post(url("person_add", thunder_bay.slug), person)
    assert set(response.context["form"].errors) == {"email", "standing"}


def test_an_invitation_is_sent_from_the_list(client: Any, thunder_bay: Any, amina: Any) -> None:
    dana = make_stakeholder(thunder_bay, email="dana@example.ca")
    client.force_login(amina)
    response = client.post(url("person_invite", thunder_bay.slug, dana.pk), follow=True)
    assert "An invitation is on its way to dana@example.ca." in text(response)
    assert "Invite again" in text(response)
    again = client.post(url("person_invite", thunder_bay.slug, amina.stakeholders.get().pk), follow=True)
    assert "already has an account" in text(again)


def test_a_representative_cannot_move_somebody_into_another_municipality(
    client: Any, thunder_bay: Any, winnipeg: Any, amina: Any, priya: Any
) -> None:
    dana = make_stakeholder(thunder_bay, name="Dana")
    move = {"to": winnipeg.pk, "standing": "staff", "on": timezone.localdate()}
    client.force_login(amina)
    assert client.post(url("person_move", thunder_bay.slug, dana.pk), move).status_code == 403
    client.force_login(priya)
    assert client.post(url("person_move", thunder_bay.slug, dana.pk), move).status_code == 302
    assert winnipeg.stakeholders.get().name == "Dana"


def test_the_role_is_handed_over_and_the_page_says_who_is_written_to(
    client: Any, thunder_bay: Any, amina: Any, joseph: Any, priya: Any
) -> None:
    client.force_login(amina)
    page = text(client.get(url("hand_over", thunder_bay.slug)))
    assert "Amina Diallo represents the municipality now." in page
    assert "1 network coordinator," in page
    client.post(url("hand_over", thunder_bay.slug), {"to": joseph.stakeholders.get().pk, "stays_as": "deputy"})
    assert thunder_bay.stakeholders.get(standing="representative").user == joseph


def test_two_entries_become_one_after_a_look(client: Any, thunder_bay: Any, amina: Any) -> None:
    kept, second = make_stakeholder(thunder_bay, name="Sam"), make_stakeholder(thunder_bay, name="Sam")
    client.force_login(amina)
    address = url("person_merge", thunder_bay.slug, kept.pk)
    assert f"?duplicate={second.pk}" in text(client.get(address))
    assert "What happens" in text(client.get(address, {"duplicate": second.pk}))
    assert client.post(address, {"duplicate": second.pk}).status_code == 302
    assert list(thunder_bay.stakeholders.filter(name="Sam")) == [kept]


def test_membership_is_opened_and_ended(client: Any, priya: Any) -> None:
    place = make_municipality("place", member=False)
    client.force_login(priya)
    address = url("membership", place.slug)
    client.post(address, {"move": "admit", "kind": "general", "from_on": "2026-01-01"})
    client.post(address, {"move": "suspend", "until_on": "2026-02-01"})
    refused = client.post(address, {"move": "suspend", "until_on": "2026-02-01"})
    assert "This municipality has no open membership." in text(refused)
    assert list(place.memberships.values_list("from_on", "until_on")) == [(date(2026, 1, 1), date(2026, 2, 1))]


# ---- programmes -----------------------------------------------------------------------------------


def test_staff_add_and_change_a_programme_that_everybody_reads(client: Any, thunder_bay: Any, joseph: Any) -> None:
    client.force_login(joseph)
    typed = {"name_en": "Night gym", "summary_en": "Open late.", "welcomes_visits": "on", "version": 1}
    added = client.post(url("programme_add", thunder_bay.slug), typed)
    programme = thunder_bay.programmes.get()
    assert added.url == url("programme", thunder_bay.slug, programme.pk)
    changed = client.post(url("programme_edit", thunder_bay.slug, programme.pk), {**typed, "run_by": "YMCA"})
    assert changed.status_code == 302
    client.logout()
    with CaptureQueriesContext(connection) as queries:
        page = text(client.get(added.url))
    assert "Night gym" in page
    assert "YMCA" in page
    assert len(queries) <= 5


def test_a_programme_is_listed_once(client: Any, thunder_bay: Any, joseph: Any) -> None:
    make_programme(thunder_bay, name_en="Night gym")
    client.force_login(joseph)
    response = client.post(url("programme_add", thunder_bay.slug), {"name_en": "Night gym", "version": 1})
    assert list(response.context["form"].errors) == ["name_en"]


def test_a_programme_belongs_to_its_municipality_s_address(client: Any, thunder_bay: Any, winnipeg: Any) -> None:
    programme = make_programme(winnipeg)
    assert client.get(url("programme", winnipeg.slug, programme.pk)).status_code == 200
    assert client.get(url("programme", thunder_bay.slug, programme.pk)).status_code == 404
