"""The list of registrations, the file, and what coordinators do about each."""

import csv
import io
from typing import Any

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation

from cmncp_portal.core.places import Status
from cmncp_portal.notifications.models import Message
from cmncp_portal.notifications.tests.factories import make_message
from meetings.models import Meeting, Registration

from .factories import make_place
from .screens import as_sent, said, text_of

pytestmark = pytest.mark.django_db


def at(name: str, gathering: Meeting, *args: Any, language: str = "en") -> str:
    with translation.override(language):
        return reverse(f"meetings:{name}", args=[gathering.slug, *args])


def act(place: Registration, name: str, language: str = "en") -> str:
    return at("registration_move", place.meeting, place.pk, name, language=language)


def names(page: Any) -> list[str]:
    return [row.place.name for row in page.context["rows"]]


def test_the_head_counts(client: Any, priya: Any, meeting: Any) -> None:
    gathering = meeting(capacity=3, mode="hybrid", join_link="https://meet.example/x")
    for status in ("registered", "registered", "waiting", "requested", "cancelled"):
        make_place(gathering, status=status)
    make_place(gathering, attends="online")
    client.force_login(priya)
    page = " ".join(text_of(client.get(at("registrations", gathering))).split())
    assert '2 of 3 places taken · one waits · 1 online · <span class="waits">one asks for approval</span>' in page


def test_each_row_says_who_and_how_things_stand(client: Any, priya: Any, meeting: Any, gatineau: Any) -> None:
    gathering = meeting(capacity=1)
    make_place(gathering, "luc@g.example", gatineau, name="Luc", language="fr", title="Planner")
    make_place(
        gathering, "w@g.example", name="Wu", status=Status.WAITING, organisation="Acme", registered_by_name="Luc"
    )
    make_message(to_email="w@g.example", state="bounced")
    client.force_login(priya)
    page = text_of(client.get(at("registrations", gathering)))
    assert "Planner · Gatineau · Français" in page
    assert "On the waiting list, no. 1" in page
    assert "Registered by Luc" in page
    assert page.count("Letters do not arrive here.") == 1


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, ["Asks", "Waits", "Ann", "Zoé"]),
        ({"status": "registered"}, ["Ann", "Zoé"]),
        ({"status": "nonsense"}, ["Asks", "Waits", "Ann", "Zoé"]),
        ({"q": "zoe"}, ["Zoé"]),
        ({"q": "\x00"}, ["Asks", "Waits", "Ann", "Zoé"]),
        ({"q": "nobody"}, []),
        ({"municipality": "99999999999999999999"}, ["Asks", "Waits", "Ann", "Zoé"]),
        ({"page": "x"}, ["Asks", "Waits", "Ann", "Zoé"]),
    ],
)
def test_what_each_filter_leaves(
    client: Any, priya: Any, meeting: Any, query: dict[str, str], found: list[str]
) -> None:
    gathering = meeting()
    for name, status in (("Ann", "registered"), ("Zoé", "registered"), ("Waits", "waiting"), ("Asks", "requested")):
        make_place(gathering, name=name, status=status)
    client.force_login(priya)
    page = client.get(at("registrations", gathering), query)
    assert (page.status_code, names(page)) == (200, found)


def test_by_municipality_and_in_place(client: Any, priya: Any, meeting: Any, gatineau: Any, winnipeg: Any) -> None:
    gathering = meeting()
    make_place(gathering, name="Luc", municipality=gatineau)
    make_place(gathering, name="Helen", municipality=winnipeg)
    client.force_login(priya)
    list_url = at("registrations", gathering)
    part = client.get(list_url, {"municipality": gatineau.pk}, headers={"HX-Request": "true"})
    assert names(part) == ["Luc"]
    assert (text_of(part).count("<html"), text_of(part).count('id="results"')) == (0, 1)
    assert "HX-Request" in part["Vary"]


def test_empty_says_so(client: Any, priya: Any, meeting: Any) -> None:
    gathering = meeting()
    client.force_login(priya)
    assert "Nobody has registered yet." in text_of(client.get(at("registrations", gathering)))
    assert "Nobody matches." in text_of(client.get(at("registrations", gathering), {"q": "x"}))


def test_needs_are_for_those_who_receive_people(client: Any, priya: Any, helen: Any, henry: Any, meeting: Any) -> None:
    gathering = meeting()
    place = make_place(gathering, dietary_needs="No nuts", access_needs="A ramp")
    for user in (priya, helen):
        client.force_login(user)
        page = text_of(client.get(at("registrations", gathering)))
        assert ("No nuts" in page, "A ramp" in page) == (True, True)
    assert act(place, "cancel") not in page, "the host reads and does not act"
    client.force_login(henry)
    assert client.get(at("registrations", gathering)).status_code == 403


def test_doors(client: Any, amina: Any, helen: Any, meeting: Any) -> None:
    invited, known = meeting(audience="invited"), meeting(national=True)
    for gathering, expected in ((invited, 404), (known, 403)):
        place = make_place(gathering)
        client.force_login(amina)
        assert client.get(at("registrations", gathering)).status_code == expected
        assert client.get(at("export", gathering)).status_code == expected
        assert client.post(act(place, "approve")).status_code == expected
        client.logout()
        assert client.get(at("registrations", gathering)).status_code == 302
    client.force_login(helen)
    assert client.post(act(place, "cancel"), {"note": "No"}).status_code == 403
    assert Registration.objects.filter(status=Status.REGISTERED).count() == 2


def test_names_that_are_code_stay_names(client: Any, priya: Any, meeting: Any) -> None:
    gathering = meeting()
    make_place(gathering, name="<b>Zoë</b> O'Neil", title="<i>", organisation="<u>", access_needs="<script>")
    client.force_login(priya)
    page = text_of(client.get(at("registrations", gathering)))
    assert "&lt;b&gt;Zoë&lt;/b&gt; O&#x27;Neil" in page
    assert not {"<b>Zoë", "<i>", "<u>", "<script>A"} & set(page.split())


def test_in_french(client: Any, priya: Any, meeting: Any) -> None:
    gathering = meeting()
    make_place(gathering)
    client.force_login(priya)
    page = text_of(client.get(at("registrations", gathering, language="fr")))
    assert '<html lang="fr">' in page
    assert "du 14 au 15\u00a0avril\u00a02027" in page


# ---- approving, declining, cancelling


def test_approving_gives_a_place_once(client: Any, priya: Any, meeting: Any) -> None:
    place = make_place(meeting(needs_approval=True), name="Ann", status=Status.REQUESTED)
    client.force_login(priya)
    back = at("registrations", place.meeting) + "?status=requested"
    answer = client.post(act(place, "approve"), {"next": back})
    assert answer["Location"] == back
    assert said(client, answer) == ["Ann has an answer by email."]
    place.refresh_from_db()
    assert place.status == Status.REGISTERED
    assert said(client, client.post(act(place, "approve"))) == ["Already answered: “Registered”."]
    assert Message.objects.count() == 1


def test_looking_at_approve_changes_nothing(client: Any, priya: Any, meeting: Any) -> None:
    place = make_place(meeting(), status=Status.REQUESTED)
    client.force_login(priya)
    assert client.get(act(place, "approve")).status_code == 302
    place.refresh_from_db()
    assert place.status == Status.REQUESTED
    assert client.get(act(place, "promote")).status_code == 404


@pytest.mark.parametrize(
    ("name", "before", "after"), [("decline", "requested", "declined"), ("cancel", "registered", "cancelled")]
)
def test_a_no_has_a_reason_that_is_read(
    client: Any, priya: Any, meeting: Any, name: str, before: str, after: str
) -> None:
    place = make_place(meeting(), name="Ann", status=before)
    client.force_login(priya)
    page = client.post(act(place, name), {"note": "  "})
    assert (page.status_code, list(page.context["form"].errors)) == (422, ["note"])
    assert not Message.objects.exists()
    answer = client.post(act(place, name), as_sent(client.get(act(place, name)), note="The room is small."))
    assert answer["Location"] == at("registrations", place.meeting)
    assert said(client, answer) == ["Ann is told by email."]
    place.refresh_from_db()
    assert place.status == after
    assert "The room is small." in Message.objects.get().text
    client.post(act(place, name), {"note": "Again."})
    assert Message.objects.count() == 1


def test_the_way_back_stays_in_the_house(client: Any, priya: Any, meeting: Any) -> None:
    place = make_place(meeting(), status=Status.REQUESTED)
    client.force_login(priya)
    answer = client.post(act(place, "approve"), {"next": "https://elsewhere.example/"})
    assert answer["Location"] == at("registrations", place.meeting)


# ---- correcting


def test_a_new_address_gets_the_letter(client: Any, priya: Any, meeting: Any, gatineau: Any) -> None:
    place = make_place(meeting(), "wrong@a.example", name="An")
    client.force_login(priya)
    edit = act(place, "edit")
    typed = as_sent(client.get(edit), name="Ann", email="RIGHT@a.example", municipality=gatineau.pk)
    assert said(client, client.post(edit, typed)) == ["The details are saved."]
    place.refresh_from_db()
    assert (place.name, place.email, place.municipality) == ("Ann", "right@a.example", gatineau)
    assert [letter.to_email for letter in Message.objects.all()] == ["right@a.example"]


def test_the_same_address_needs_no_letter(client: Any, priya: Any, meeting: Any) -> None:
    place = make_place(meeting(), "ann@a.example", name="An")
    client.force_login(priya)
    client.post(act(place, "edit"), as_sent(client.get(act(place, "edit")), name="Ann", language="fr"))
    place.refresh_from_db()
    assert (place.name, place.language) == ("Ann", "fr")
    assert not Message.objects.exists()


def test_an_address_of_somebody_else_changes_nothing(client: Any, priya: Any, meeting: Any) -> None:
    place = make_place(meeting(), "ann@a.example", name="An")
    make_place(place.meeting, "bo@a.example")
    client.force_login(priya)
    page = client.post(act(place, "edit"), as_sent(client.get(act(place, "edit")), name="Ann", email="bo@a.example"))
    assert (page.status_code, page.context["form"]["name"].value()) == (422, "Ann")
    assert [str(m) for m in page.context["messages"]] == ["bo@a.example is registered already."]
    place.refresh_from_db()
    assert (place.name, place.email) == ("An", "ann@a.example")


@pytest.mark.parametrize(
    "typed", [{"name": ""}, {"email": "x"}, {"language": "de"}, {"municipality": "x"}, {"name": "x" * 201}]
)
def test_wrong_details_come_back(client: Any, priya: Any, meeting: Any, typed: dict[str, str]) -> None:
    place = make_place(meeting())
    client.force_login(priya)
    page = client.post(act(place, "edit"), as_sent(client.get(act(place, "edit")), **typed))
    assert (page.status_code, list(page.context["form"].errors)) == (422, list(typed))
    assert {name: page.context["form"][name].value() for name in typed} == typed


def test_two_people_at_the_same_registration(client: Any, priya: Any, meeting: Any) -> None:
    place = make_place(meeting(), name="An")
    client.force_login(priya)
    old = as_sent(client.get(act(place, "edit")), name="Mine")
    client.post(act(place, "edit"), as_sent(client.get(act(place, "edit")), name="Theirs"))
    page = client.post(act(place, "edit"), old)
    assert page.status_code == 409
    assert [(d.field.name, d.theirs) for d in page.context["differences"]] == [("name", "Theirs")]


# ---- the file


def read_csv(answer: Any) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))


def test_the_list_as_csv_and_xlsx(client: Any, priya: Any, meeting: Any, clock: Any) -> None:
    gathering = meeting(slug="prairies-2027")
    make_place(gathering, "ann@a.example", name="=HYPERLINK(1)", dietary_needs="No nuts")
    client.force_login(priya)
    answer = client.get(at("export", gathering), {"kind": "csv"})
    assert answer["Content-Disposition"] == 'attachment; filename="prairies-2027-2027-02-01.csv"'
    assert [(row["Name"], row["Email address"]) for row in read_csv(answer)] == [("'=HYPERLINK(1)", "ann@a.example")]
    assert "No nuts" not in answer.content.decode()
    book = openpyxl.load_workbook(io.BytesIO(client.get(at("export", gathering)).content))
    assert [row[0] for row in book.worksheets[0].iter_rows(values_only=True)] == ["Name", "'=HYPERLINK(1)"]
    assert client.get(at("export", gathering), {"kind": "exe"}).status_code == 404


def test_needs_are_in_the_file_only_when_asked_for(client: Any, helen: Any, meeting: Any) -> None:
    gathering = meeting()
    make_place(gathering, dietary_needs="No nuts", access_needs="-1")
    client.force_login(helen)
    row = read_csv(client.get(at("export", gathering), {"kind": "csv", "needs": "1"}))[0]
    assert (row["Food"], row["Accessibility"]) == ("No nuts", "'-1")
    assert "Food" not in read_csv(client.get(at("export", gathering), {"kind": "csv"}))[0]


# ---- price


def many(gathering: Meeting, number: int, municipality: Any) -> None:
    Registration.objects.bulk_create(
        Registration(
            meeting=gathering,
            name=f"Person {n}",
            email=f"many{n}@a.example",
            municipality=municipality,
            status="registered",
        )
        for n in range(number)
    )


def test_five_hundred_cost_what_one_costs(client: Any, priya: Any, meeting: Any, winnipeg: Any) -> None:
    gathering = meeting(capacity=600)
    make_place(gathering, municipality=winnipeg, status=Status.WAITING)
    client.force_login(priya)
    pages = (at("registrations", gathering), at("export", gathering) + "?needs=1")
    prices = []
    for number in (0, 499):
        many(gathering, number, winnipeg)
        for page in pages:
            with CaptureQueriesContext(connection) as found:
                answer = client.get(page)
            prices.append(len(found))
            if page == pages[0]:
                assert answer.context["page"].paginator.count == number + 1
    assert prices[:2] == prices[2:]
    assert (prices[0] <= 8, prices[1] <= 5) == (True, True), prices
