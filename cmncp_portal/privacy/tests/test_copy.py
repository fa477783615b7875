"""A copy: everything about one person, nothing about anybody else, as a page and as a file."""

import json
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from cmncp_portal.core.personal import Section
from cmncp_portal.evaluation.models import ConfidentialReading
from cmncp_portal.evaluation.tests.factories import make_occasion, make_questionnaire, make_response, make_survey
from cmncp_portal.network.tests.factories import make_stakeholder
from cmncp_portal.privacy import selectors
from cmncp_portal.privacy.models import PersonRequest
from exchanges.tests.factories import make_exchange, make_member
from meetings.tests.factories import make_meeting, make_place

from .everywhere import put_everywhere
from .factories import make_request
from .screens import address, words_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def now(clock: Any) -> None:
    pass


def confirmed(email: str, **fields: Any) -> PersonRequest:
    at = timezone.now()
    return make_request(email=email, **({"confirmed_at": at, "done_at": at} | fields))


def titles(sections: list[Section]) -> list[str]:
    return [str(section.title) for section in sections]


def said(sections: list[Section], title: str) -> list[dict[str, str]]:
    """What stands in the section called `title`: for each thing, its values by label."""
    [found] = [section for section in sections if str(section.title) == title]
    return [{str(label): value for label, value in row} for row in found.rows]


def test_an_unknown_address_has_an_empty_copy() -> None:
    assert selectors.copy_of("nobody@example.ca") == []


def test_a_guest_without_an_account(amina: Any) -> None:
    visit = make_exchange(stage="confirmed", by=amina).first_visit
    make_member(visit, name="Ann Lee", email="ann@college.example", phone="204 555-0142", dietary_needs="No nuts")
    sections = selectors.copy_of("ANN@college.example ")
    assert titles(sections) == ["Visits that you took part in or were asked to"]
    assert said(sections, "Visits that you took part in or were asked to") == [
        {
            "exchange": visit.exchange.reference,
            "side": "Visitors",
            "capacity": "Municipal staff",
            "name": "Ann Lee",
            "email address": "ann@college.example",
            "telephone": "204 555-0142",
            "language of letters": "English",
            "invitation": "Invited",
            "invited at": "February 1, 2027, 10:00\u00a0a.m.",
            "food": "No nuts",
            "attendance": "Expected",
        }
    ]


def test_answers_are_told_question_by_question() -> None:
    survey = make_survey(
        make_questionnaire(questions=({"code": "contribution", "kind": "text"}, {"code": "good", "kind": "rating"}))
    )
    make_response(
        survey, "Ann Lee", answers={"contribution": "I showed our plan.", "good": 4}, invited={"email": "ann@x.example"}
    )
    make_response(survey, "Bob Roy", answers={"contribution": "Nobody else’s business.", "good": 1})
    sections = selectors.copy_of("ann@x.example")
    assert said(sections, "Your answers") == [
        {
            "evaluation": "The visit to Winnipeg",
            "where": "Waterloo Region visited Winnipeg on November 17–18, 2026.",
            "contribution?": "I showed our plan.",
            "good?": "4 of 5",
        }
    ]


def test_what_one_did_at_work_is_counted_and_readings_are_not_told(rene: Any) -> None:
    """Who read confidential remarks: the log is about the work of reviewing and protects those who wrote."""
    occasion = make_occasion(reviewed_by=rene, reviewed_by_name=rene.name, reviewed_at=timezone.now())
    ConfidentialReading.objects.create(occasion=occasion, by=rene, by_name=rene.name)
    sections = selectors.copy_of(rene.email)
    assert titles(sections) == ["Your account", "How often your name stands beside what was done, asked or written"]
    assert said(sections, titles(sections)[1]) == [{"Evaluations": "1"}]


def test_nothing_about_others(amina: Any, helen: Any) -> None:
    """Both stand in every table; each copy names one of them."""
    put_everywhere(amina)
    put_everywhere(helen)
    for hers, other in ((amina, helen), (helen, amina)):
        text = json.dumps([one.as_data() for one in selectors.copy_of(hers.email)], ensure_ascii=False)
        assert hers.email in text
        assert [word for word in (other.email, other.name) if word in text] == []


def test_every_table_that_has_something_to_show_is_in_it(amina: Any) -> None:
    from cmncp_portal.core.personal import About

    from .everywhere import declared

    put_everywhere(amina)
    shown = {section.code for section in selectors.copy_of(amina.email)}
    expected = {t.rows._meta.label_lower for t in declared() if isinstance(t, About) and t.shows}
    assert expected - shown == set()
    assert shown - expected == {"evaluation.response", "privacy.beside"}


def test_somebody_of_the_same_name_is_somebody_else(amina: Any, winnipeg: Any) -> None:
    make_stakeholder(winnipeg, name="Amina Diallo", email="other@winnipeg.example", phone="204 555-0199")
    person = selectors.person_of("amina@thunderbay.example")
    assert person.names == frozenset()
    assert "204 555-0199" not in json.dumps([one.as_data() for one in selectors.copy_of(amina.email)])


def test_names_that_people_give_themselves_are_not_looked_for() -> None:
    """Whoever asks for another format may call herself as she likes: that does not make other people's words hers."""
    from knowledge.models import FormatRequest
    from knowledge.tests.factories import make_brief

    FormatRequest.objects.create(
        brief=make_brief(),
        language="en",
        wanted="x",
        name="Community Safety",
        email="x@y.example",
        promised_on="2027-03-01",
    )
    assert selectors.person_of("x@y.example").names == frozenset()


def test_the_page(client: Client, amina: Any) -> None:
    page = client.get(address("request", confirmed(amina.email).token))
    words = words_of(page)
    assert page.status_code == 200
    assert "This is what the portal holds about you now. The link shows it until March 3, 2027" in words
    assert "Your place in a municipality municipality Thunder Bay name Amina Diallo" in words
    assert page["X-Robots-Tag"] == "noindex, nofollow"
    assert "no-store" in page["Cache-Control"]


def test_the_file(client: Client, amina: Any) -> None:
    page = client.get(address("request", confirmed(amina.email).token), {"file": "json"})
    assert page["Content-Type"] == "application/json; charset=utf-8"
    assert page["Content-Disposition"] == 'attachment; filename="my-data.json"'
    data = json.loads(page.content)
    assert data["address"] == amina.email
    assert [section["title"] for section in data["sections"]] == [
        "Your account",
        "Your place in a municipality",
        "Your requests about personal data",
    ]
    assert {"what": "name", "value": "Amina Diallo"} in data["sections"][0]["rows"][0]


def test_in_french(client: Client, luc: Any) -> None:
    page = client.get(address("request", confirmed(luc.email, language="fr").token, language="fr"))
    words = words_of(page)
    assert "Une copie de mes renseignements" in words
    assert "Votre place dans une municipalité" in words
    assert [one for one in ("Your ", "email address", "role in the network") if one in words] == []


def test_the_number_of_queries_does_not_depend_on_what_is_held(client: Client, amina: Any) -> None:
    make_place(make_meeting(), amina.email, name=amina.name)
    token = confirmed(amina.email).token
    first = queries(client, token)
    for _n in range(5):
        make_place(make_meeting(), amina.email, name=amina.name)
    assert queries(client, token) == first
    assert first <= 150  # about one for each table that may hold something


def queries(client: Client, token: str) -> int:
    with CaptureQueriesContext(
        connection,
    ) as seen:
        assert client.get(address("request", token)).status_code == 200
    return len(seen)
