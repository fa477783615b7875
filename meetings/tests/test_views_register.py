"""Registering: with and without an account, alone and with colleagues; nothing typed is lost, nobody is registered twice."""

from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation

from cmncp_portal.core.places import Status
from cmncp_portal.network.tests.factories import make_municipality
from cmncp_portal.notifications.models import Message
from meetings.models import Meeting, Registration

from .factories import make_invitee, make_place
from .screens import as_sent, text_of

pytestmark = pytest.mark.django_db
ODD = "Zoë O'Neil <b>& “Co”</b> 🦫"


def at(name: str, gathering: Meeting, *args: Any, language: str = "en") -> str:
    with translation.override(language):
        return reverse(f"meetings:{name}", args=[gathering.slug, *args])


@pytest.fixture
def public(meeting: Any) -> Any:
    return lambda **fields: meeting(**({"audience": "public"} | fields))


def guest(page: Any, **typed: Any) -> dict[str, Any]:
    """What somebody without an account sends from `page`."""
    known = {"name": "Ann Lee", "email": "ann@acme.example", "language": "en", "organisation": "Acme", "consent": "on"}
    return as_sent(page, **(known | typed))


def colleague(number: int, **fields: str) -> dict[str, str]:
    return {f"colleague-{number}-{name}": value for name, value in fields.items()}


def everybody() -> list[tuple[str, str]]:
    return list(Registration.objects.order_by("pk").values_list("email", "status"))


# ---- one person


def test_a_guest_registers_without_an_account(client: Any, public: Any) -> None:
    gathering = public()
    register = at("register", gathering)
    page = client.get(register)
    assert "You are registered at once, and get a confirmation by email." in text_of(page)
    answer = client.post(register, guest(page, name=ODD, access_needs="A ramp", title="Planner"))
    assert (answer.status_code, answer["Location"]) == (302, f"{register}?done=1")
    place = Registration.objects.get()
    assert (place.name, place.email, place.title, place.organisation) == (ODD, "ann@acme.example", "Planner", "Acme")
    assert (place.access_needs, place.registered_by, place.registered_by_name) == ("A ramp", None, ODD)
    assert (place.language, place.zone, place.attends) == ("en", "America/Winnipeg", "in_person")
    assert [letter.to_email for letter in Message.objects.all()] == ["ann@acme.example"]
    done = client.get(answer["Location"])
    assert done.context["named"] == [{"name": ODD, "email": "ann@acme.example"}]
    assert "Zoë O&#x27;Neil &lt;b&gt;&amp; “Co”&lt;/b&gt; 🦫" in text_of(done)
    assert "A ramp" not in text_of(done)


def test_a_second_click_registers_nobody_twice(client: Any, public: Any) -> None:
    register = at("register", public())
    typed = guest(client.get(register))
    client.post(register, typed)
    again = client.post(register, typed)
    assert (again.status_code, again["Location"]) == (302, f"{register}?done=1")
    assert everybody() == [("ann@acme.example", "registered")]
    assert Message.objects.count() == 2  # the personal link comes again, at most once an hour
    client.post(register, typed)
    assert Message.objects.count() == 2


def test_a_guest_does_not_learn_who_comes(client: Any, public: Any) -> None:
    """The same answer, whether an address has a place already or not; the letters tell."""
    gathering = public()
    make_place(gathering, "bo@acme.example", name="Bo the Third")
    register = at("register", gathering)
    typed = guest(client.get(register), **colleague(0, name="Bo", email="Bo@acme.example"))
    done = client.get(client.post(register, typed)["Location"])
    assert done.context["named"] == [
        {"name": "Ann Lee", "email": "ann@acme.example"},
        {"name": "Bo", "email": "bo@acme.example"},
    ]
    assert "Bo the Third" not in text_of(done)
    assert everybody() == [("bo@acme.example", "registered"), ("ann@acme.example", "registered")]


def test_what_became_is_told_to_the_same_visitor_only(client: Any, client_of_another: Any, public: Any) -> None:
    register = at("register", public())
    client.post(register, guest(client.get(register)))
    other = client_of_another.get(f"{register}?done=1")
    assert "Ann Lee" not in text_of(other)
    assert "form" in other.context


@pytest.fixture
def client_of_another() -> Any:
    from django.test import Client

    return Client()


def test_who_is_signed_in_finds_the_form_filled(client: Any, amina: Any, thunder_bay: Any, meeting: Any) -> None:
    gathering = meeting(national=True)
    client.force_login(amina)
    page = client.get(at("register", gathering))
    form = page.context["form"]
    assert [form[name].value() for name in ("name", "email", "language", "municipality")] == [
        "Amina Diallo",
        "amina@thunderbay.example",
        "en",
        thunder_bay.pk,
    ]
    client.post(at("register", gathering), as_sent(page, consent="on"))
    place = Registration.objects.get()
    assert (place.municipality, place.registered_by, place.sector.slug) == (thunder_bay, amina, "municipal")
    again = client.get(at("register", gathering))
    assert again.context["form"]["name"].value() is None
    assert reverse("meetings:place", args=[place.token]) in text_of(again)
    assert "Here you register colleagues." in text_of(again)


def test_the_words_of_consent_and_of_needs_stand_there(client: Any, public: Any) -> None:
    page = text_of(client.get(at("register", public())))
    assert (
        "Only the organisers and the host’s representatives read it. It is deleted thirty days after the meeting."
        in page
    )
    assert "The organisers may use these details to prepare the meeting and to write about it." in page


# ---- what awaits


def test_the_waiting_list_is_announced_and_joined(client: Any, public: Any) -> None:
    gathering = public(capacity=1)
    make_place(gathering, "first@a.example")
    make_place(gathering, "second@a.example", status=Status.WAITING)
    register = at("register", gathering)
    page = client.get(register)
    assert (
        "All places are taken and one person waits. You join the waiting list, and get a letter when it is your turn."
        in text_of(page)
    )
    assert "Join the waiting list" in text_of(page)
    client.post(register, guest(page))
    assert everybody()[-1] == ("ann@acme.example", "waiting")


def test_approval_is_announced_and_asked_for(client: Any, public: Any) -> None:
    register = at("register", public(needs_approval=True))
    page = client.get(register)
    assert "The organisers look at each registration. You get an answer by email." in text_of(page)
    client.post(register, guest(page))
    assert everybody() == [("ann@acme.example", "requested")]


def test_how_one_takes_part_is_asked_at_a_hybrid_meeting_only(client: Any, public: Any) -> None:
    hybrid = public(mode="hybrid", join_link="https://meet.example/x", capacity=1)
    make_place(hybrid, "first@a.example")
    register = at("register", hybrid)
    page = client.get(register)
    typed = guest(page, attends="online", **colleague(0, name="Bo", email="bo@acme.example", attends="in_person"))
    client.post(register, typed)
    assert everybody()[1:] == [("ann@acme.example", "registered"), ("bo@acme.example", "waiting")]
    assert "attends" not in client.get(at("register", public())).context["form"].fields
    online = client.get(at("register", public(mode="virtual"))).context["form"].fields
    assert {"attends", "dietary_needs"} & set(online) == set()


def test_at_a_hybrid_meeting_empty_rows_are_nobody(client: Any, public: Any) -> None:
    register = at("register", public(mode="hybrid", join_link="https://meet.example/x"))
    typed = guest(client.get(register)) | {f"colleague-{n}-attends": "in_person" for n in range(5)}
    assert client.post(register, typed).status_code == 302
    assert everybody() == [("ann@acme.example", "registered")]


# ---- colleagues


def test_colleagues_come_from_the_same_place(client: Any, public: Any, gatineau: Any) -> None:
    register = at("register", public(capacity=2))
    typed = guest(client.get(register), organisation="", municipality=gatineau.pk, dietary_needs="No nuts")
    typed |= colleague(0, name="Bo", email="BO@g.example", language="fr") | colleague(
        4, name="Cy", email="cy@g.example"
    )
    client.post(register, typed)
    rows = Registration.objects.order_by("pk")
    assert [(p.email, p.language, p.municipality, p.dietary_needs, p.registered_by_name) for p in rows] == [
        ("ann@acme.example", "en", gatineau, "No nuts", "Ann Lee"),
        ("bo@g.example", "fr", gatineau, "", "Ann Lee"),
        ("cy@g.example", "", gatineau, "", "Ann Lee"),
    ]
    assert [p.status for p in rows] == ["registered", "registered", "waiting"]
    assert Message.objects.count() == 3


def test_a_colleague_who_has_a_place_is_named_kindly_to_members(client: Any, public: Any, amina: Any) -> None:
    gathering = public()
    client.force_login(amina)
    make_place(gathering, "bo@acme.example", name="Bo the Third")
    register = at("register", gathering)
    page = client.post(register, guest(client.get(register), **colleague(0, name="Bo", email="bo@acme.example")))
    assert page.status_code == 422
    assert page.context["registering"].colleagues.forms[0].errors == {
        "email": ["This address has a place at this meeting already."]
    }
    assert "Bo the Third" not in text_of(page)
    assert page.context["form"]["name"].value() == "Ann Lee"
    assert everybody() == [("bo@acme.example", "registered")]


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": "Bo", "email": "nobody"},
        {"name": "Bo", "email": ""},
        {"name": "", "email": "bo@acme.example"},
        {"name": "Bo", "email": "ANN@acme.example"},
        {"name": "Bo", "email": "bo@acme.example", "language": "de"},
        {"name": "B" * 201, "email": "bo@acme.example"},
    ],
)
def test_a_wrong_row_keeps_everything(client: Any, public: Any, wrong: dict[str, str]) -> None:
    register = at("register", public())
    rows = colleague(0, **wrong) | colleague(1, name="Cy", email="cy@acme.example")
    page = client.post(register, guest(client.get(register), dietary_needs="No nuts", **rows))
    assert page.status_code == 422
    first, second = page.context["registering"].colleagues.forms[:2]
    assert {name: first[name].value() for name in wrong} == wrong
    assert first.errors
    assert (second["name"].value(), second["email"].value()) == ("Cy", "cy@acme.example")
    assert page.context["form"]["dietary_needs"].value() == "No nuts"
    assert "One answer needs another look" in text_of(page)
    assert everybody() == []


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"email": "x"}, "email"),
        ({"name": " "}, "name"),
        ({"consent": None}, "consent"),
        ({"organisation": ""}, "municipality"),
        ({"municipality": "999999"}, "municipality"),
        ({"language": "de"}, "language"),
        ({"dietary_needs": "x" * 301}, "dietary_needs"),
        ({"name": "x" * 1_000_000}, "name"),
    ],
)
def test_wrong_details_come_back(client: Any, public: Any, typed: dict[str, Any], field: str) -> None:
    gathering = public()
    sent = guest(client.get(at("register", gathering)), **typed)
    page = client.post(at("register", gathering, language="fr"), sent)
    assert (page.status_code, list(page.context["form"].errors)) == (422, [field])
    kept = {name: value for name, value in typed.items() if value is not None}
    assert {name: page.context["form"][name].value() for name in kept} == kept
    assert "Une réponse est à revoir" in text_of(page)
    assert everybody() == []


def test_a_form_without_its_rows_is_refused_and_harms_nothing(client: Any, public: Any) -> None:
    page = client.post(at("register", public()), {"name": "Ann"})
    assert (page.status_code, page.context["form"]["name"].value(), everybody()) == (422, "Ann", [])


# ---- doors and moments


def test_strangers_to_a_meeting_of_members_sign_in(client: Any, meeting: Any) -> None:
    for gathering in (meeting(), meeting(audience="invited"), meeting("scheduled", audience="public")):
        register = at("register", gathering)
        for answer in (client.get(register), client.post(register, {})):
            assert answer.status_code == 302
            assert answer["Location"] == f"{reverse('account_login')}?next={register}"
    assert client.get("/en/meetings/nowhere/register/").status_code == 302


def test_who_may_not_know_of_it_gets_nothing(client: Any, amina: Any, meeting: Any) -> None:
    client.force_login(amina)
    invited = meeting(audience="invited")
    assert client.get(at("register", invited)).status_code == 404
    assert client.post(at("register", invited), {}).status_code == 404
    make_invitee(invited, amina.email)
    assert client.get(at("register", invited)).status_code == 200


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"registration_closes_on": date(2027, 1, 31)}, "Registration is closed."),
        ({"registration_opens_on": date(2027, 2, 2)}, "Registration opens on February 2, 2027."),
        ({"starts_on": date(2027, 1, 20), "ends_on": date(2027, 1, 20)}, "The meeting is over"),
    ],
)
def test_at_the_wrong_moment_there_is_no_form(client: Any, public: Any, fields: Any, sentence: str) -> None:
    page = client.get(at("register", public(**fields)))
    assert sentence in text_of(page)
    assert 'name="consent"' not in text_of(page)


@pytest.mark.parametrize("day", [date(2027, 2, 1), date(2027, 2, 2)])
def test_the_last_day_still_counts(client: Any, public: Any, day: date) -> None:
    assert 'name="consent"' in text_of(client.get(at("register", public(registration_closes_on=day))))


def test_who_comes_too_late_keeps_what_was_typed(client: Any, public: Any) -> None:
    gathering = public()
    typed = guest(client.get(at("register", gathering)))
    Meeting.objects.update(registration_closes_on=date(2027, 1, 31))
    page = client.post(at("register", gathering), typed)
    assert (page.status_code, page.context["form"]["name"].value()) == (422, "Ann Lee")
    assert [str(m) for m in page.context["messages"]] == ["Registration is closed."]
    assert everybody() == []


def test_a_cancelled_meeting_registers_nobody(client: Any, public: Any) -> None:
    gathering = public()
    typed = guest(client.get(at("register", gathering)))
    Meeting.objects.update(state="cancelled")
    assert client.post(at("register", gathering), typed).status_code == 422
    assert everybody() == []


def test_a_machine_that_fills_in_everything_registers_nobody(client: Any, public: Any) -> None:
    gathering = public()
    answer = client.post(
        at("register", gathering), guest(client.get(at("register", gathering)), website="https://x.example")
    )
    assert (answer.status_code, everybody()) == (302, [])


# ---- coordinators


def test_a_coordinator_registers_somebody(client: Any, priya: Any, meeting: Any) -> None:
    gathering = meeting(registration_closes_on=date(2027, 1, 31), needs_approval=True)
    client.force_login(priya)
    register = at("register", gathering) + "?others=1"
    page = client.get(register)
    assert page.context["form"]["name"].value() is None
    assert "Each person gets an email that says who registered them" in text_of(page)
    client.post(register, guest(page))
    place = Registration.objects.get()
    assert (place.email, place.status, place.registered_by) == ("ann@acme.example", "registered", priya)


def test_anybody_else_who_asks_for_it_gets_the_usual_form(client: Any, amina: Any, public: Any) -> None:
    client.force_login(amina)
    page = client.get(at("register", public()) + "?others=1")
    assert page.context["form"]["name"].value() == "Amina Diallo"
    assert page.context["on_behalf"] is False


def test_a_guest_who_signs_in_afterwards_still_reads_who_was_named(client: Any, amina: Any, public: Any) -> None:
    gathering = public()
    register = at("register", gathering)
    client.post(register, guest(client.get(register)))
    client.force_login(amina)
    page = client.get(register + "?done=1")
    assert (page.status_code, "ann@acme.example" in text_of(page)) == (200, True)


# ---- language and price


def test_in_french(client: Any, public: Any) -> None:
    gathering = public()
    page = client.get(at("register", gathering, language="fr"))
    assert '<html lang="fr">' in text_of(page)
    assert "Des Prairies plus sûres" in text_of(page)
    assert "du 14 au 15\u00a0avril\u00a02027" in text_of(page)
    assert page.context["form"]["language"].value() == "fr"
    client.post(at("register", gathering, language="fr"), guest(page, language="fr"))
    assert Message.objects.get().language == "fr"


def test_the_form_costs_the_same_whatever_the_size(client: Any, public: Any, winnipeg: Any) -> None:
    gathering = public(capacity=600)
    prices = []
    for number in (0, 500):
        Registration.objects.bulk_create(
            Registration(meeting=gathering, name="x", email=f"many{n}@a.example", status="registered")
            for n in range(number)
        )
        for _n in range(number // 10):
            make_municipality()
        with CaptureQueriesContext(connection) as found:
            client.get(at("register", gathering))
        prices.append(len(found))
    assert prices[0] == prices[1] <= 5
