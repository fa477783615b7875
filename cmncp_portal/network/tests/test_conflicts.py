"""Two people saving at once, seen from the screen: the second sees both texts, chooses, and loses nothing."""

import re
from typing import Any

import pytest
from django.http import QueryDict
from django.urls import reverse

from cmncp_portal.core.conflicts import chosen
from cmncp_portal.network.models import Standing

from .factories import make_stakeholder, make_topic, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def deputy(thunder_bay: Any) -> Any:
    user = make_user("marie@thunderbay.example", name="Marie Tremblay")
    make_stakeholder(thunder_bay, user=user, standing=Standing.DEPUTY)
    return user


def fields(place: Any, version: int = 1, **typed: Any) -> dict[str, Any]:
    """What a browser posts: the fields, and what each held when the page was opened."""
    seen = {
        "name_en": place.name_en,
        "name_fr": place.name_fr,
        "about_en": place.about_en,
        "about_fr": place.about_fr,
        "website": place.website,
        "population": place.population,
        "population_year": place.population_year,
        "languages": place.languages,
        "offers": [topic.pk for topic in place.offers.all()],
    }
    return {**seen, **{f"initial-{n}": v for n, v in seen.items()}, **typed, "version": version}


def posted_form(page: str) -> QueryDict:
    """What the conflict page would send as it stands, radio buttons as pre-chosen."""
    form = page[page.index('<form class="form"') :]
    form = form[: form.index("</form>")]
    data = QueryDict(mutable=True)
    for tag in re.findall(r"<input[^>]*>", form):
        attributes = dict(re.findall(r'(\w+)="([^"]*)"', tag))
        ticked = attributes.get("type") not in ("radio", "checkbox") or " checked" in tag
        if "name" in attributes and ticked and attributes["name"] != "csrfmiddlewaretoken":
            data.appendlist(attributes["name"], attributes.get("value", ""))
    for name, value in re.findall(r'<textarea[^>]*name="([^"]+)"[^>]*>\n?(.*?)</textarea>', form, re.S):
        data.appendlist(name, value)
    return data


@pytest.fixture
def conflict(client: Any, thunder_bay: Any, amina: Any, deputy: Any) -> Any:
    """Marie saved a text and a website; Amina, who had opened the page before, now saves another text and a topic."""
    topic = make_topic("gangs")
    address = reverse("network:municipality_edit", args=["thunder-bay"])
    before = fields(thunder_bay)
    client.force_login(deputy)
    client.post(address, {**before, "about_en": "Marie’s text.", "website": "https://marie.example/"})
    client.force_login(amina)
    response = client.post(address, {**before, "about_en": "Amina’s text.", "offers": [topic.pk]})
    return response, address, topic


def test_the_second_sees_both_texts_and_who_saved(conflict: Any, thunder_bay: Any) -> None:
    response, _address, _topic = conflict
    page = response.content.decode()
    assert response.status_code == 409
    assert "Marie’s text." in page
    assert "Amina’s text." in page
    assert "Marie Tremblay saved this" in page
    assert {d.field.name for d in response.context["differences"]} == {"about_en", "website", "offers"}
    thunder_bay.refresh_from_db()
    assert (thunder_bay.about_en, thunder_bay.version) == ("Marie’s text.", 2)


def test_as_proposed_both_keep_what_they_changed(conflict: Any, client: Any, thunder_bay: Any) -> None:
    response, address, topic = conflict
    data = posted_form(response.content.decode())
    assert data["version"] == "2"
    assert (data["choose-about_en"], data["choose-website"], data["choose-offers"]) == ("mine", "theirs", "mine")
    assert client.post(address, data.urlencode(), content_type="application/x-www-form-urlencoded").status_code == 302
    thunder_bay.refresh_from_db()
    assert (thunder_bay.about_en, thunder_bay.website, thunder_bay.version) == (
        "Amina’s text.",
        "https://marie.example/",
        3,
    )
    assert list(thunder_bay.offers.all()) == [topic]


def test_the_other_s_text_may_be_taken(conflict: Any, client: Any, thunder_bay: Any) -> None:
    response, address, _topic = conflict
    data = posted_form(response.content.decode())
    data["choose-about_en"] = data["choose-offers"] = "theirs"
    client.post(address, data.urlencode(), content_type="application/x-www-form-urlencoded")
    thunder_bay.refresh_from_db()
    assert (thunder_bay.about_en, thunder_bay.offers.count()) == ("Marie’s text.", 0)


def test_a_third_save_meanwhile_asks_again(
    conflict: Any, client: Any, thunder_bay: Any, deputy: Any, amina: Any
) -> None:
    response, address, _topic = conflict
    data = posted_form(response.content.decode())
    thunder_bay.refresh_from_db()
    client.force_login(deputy)
    client.post(address, fields(thunder_bay, version=2, about_en="Marie again."))
    client.force_login(amina)
    again = client.post(address, data.urlencode(), content_type="application/x-www-form-urlencoded")
    page = again.content.decode()
    assert again.status_code == 409
    assert "Marie again." in page
    assert "Amina’s text." in page


def test_in_french(conflict: Any, client: Any, thunder_bay: Any) -> None:
    before = fields(thunder_bay)
    response = client.post("/fr/municipalites/thunder-bay/modifier/", {**before, "about_en": "Encore."})
    assert response.status_code == 409
    assert "Quelqu’un a enregistré avant vous" in response.content.decode()


def test_both_wrote_the_same(client: Any, thunder_bay: Any, amina: Any) -> None:
    address = reverse("network:municipality_edit", args=["thunder-bay"])
    before = fields(thunder_bay)
    client.force_login(amina)
    client.post(address, {**before, "about_en": "Same."})
    response = client.post(address, {**before, "about_en": "Same."})
    assert response.status_code == 409
    assert response.context["differences"] == []


def test_a_person_s_entry_too(client: Any, thunder_bay: Any, amina: Any, joseph: Any) -> None:
    person = joseph.stakeholders.get()
    address = reverse("network:person_edit", args=["thunder-bay", person.pk])
    client.force_login(amina)
    typed = {"name": person.name, "sector": person.sector_id, "standing": "staff", "language": "en", "version": 1}
    typed |= {f"initial-{name}": value for name, value in typed.items()}
    client.post(address, {**typed, "sector": person.sector_id, "title": "Planner"})
    response = client.post(address, {**typed, "standing": "deputy"})
    differences = {d.field.name: (d.theirs, d.take_theirs) for d in response.context["differences"]}
    assert differences == {"title": ("Planner", True), "standing": ("Municipal staff", False)}


def test_choices_are_applied_to_every_part_of_a_field() -> None:
    data = QueryDict(
        "choose-a=theirs&a=1&a=2&theirs-a=3&choose-b=mine&b=4&theirs-b=5&choose-c=theirs&c_0=x&theirs-c_0=y&choose-d=theirs&d=6"
    )
    assert chosen(data).urlencode() == "b=4&a=3&c_0=y"


def test_without_choices_nothing_is_touched() -> None:
    data = QueryDict("a=1&theirs-b=2")
    assert chosen(data) is data
