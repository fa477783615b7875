"""The desk, the candidates of a need, the best set, the first page and the lists: what each person gets of them."""

import csv
import io
import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation

from cmncp_portal.network.tests.factories import (
    make_membership,
    make_municipality,
    make_representative,
    make_topic,
    make_user,
)
from cmncp_portal.notifications.models import Message
from cmncp_portal.testing.pages import said, text_of
from mentoring.models import Agreement, AgreementChange, MentoringNeed, MentorOffer

from .factories import make_agreement, make_need, make_offer

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

DESK = ("desk", "best_set", "candidates", "export")


def address(name: str, *args: Any, language: str = "en") -> str:
    with translation.override(language):
        return reverse(f"mentoring:{name}", args=args)


def words(page: Any) -> str:
    """What the page says, without mark-up."""
    return " ".join(re.sub(r"<[^>]+>", " ", text_of(page)).split())


@pytest.fixture
def pair(thunder_bay: Any, winnipeg: Any) -> tuple[MentoringNeed, MentorOffer]:
    """Thunder Bay looks for a mentor on "youth", Winnipeg offers it."""
    topic = make_topic()
    return make_need(thunder_bay, topics=[topic]), make_offer(winnipeg, topics=[topic])


def pages(need: MentoringNeed) -> dict[str, str]:
    return {name: address(name, *([need.pk] if name == "candidates" else [])) for name in DESK}


# ---- for coordinators only


def test_the_desk_is_for_coordinators(client: Any, pair: Any, amina: Any, helen: Any, uma: Any) -> None:
    need, _offer = pair
    assert {client.get(url).status_code for url in pages(need).values()} == {302}  # to sign in
    for user in (amina, helen, uma, make_user("nobody@elsewhere.example")):
        client.force_login(user)
        assert {client.get(url).status_code for url in pages(need).values()} == {403}
        assert client.post(address("propose", need.pk), {"mentor": "winnipeg"}).status_code == 403
        assert client.post(address("best_set"), {f"need-{need.pk}": "winnipeg"}).status_code == 403
    assert Agreement.objects.count() == 0


def test_what_is_not_there_is_not_found(client: Any, pair: Any, priya: Any, gatineau: Any) -> None:
    need, _offer = pair
    client.force_login(priya)
    over = make_need(gatineau, "done")
    assert [client.get(address("candidates", pk)).status_code for pk in (over.pk, 999_999)] == [404, 404]
    for wrong in ("gatineau", "", "a\x00b"):
        assert client.post(address("propose", need.pk), {"mentor": wrong}).status_code == 404
    assert client.get(address("propose", need.pk)).status_code == 405


def test_the_desk_lists_the_oldest_need_first_and_marks_who_is_no_member(client: Any, pair: Any, priya: Any) -> None:
    newtown = make_municipality("newtown", member=False)
    make_membership(newtown, kind="prospective")
    MentoringNeed.objects.filter(pk=make_need(newtown).pk).update(created_at=timezone.now() - timedelta(days=30))
    client.force_login(priya)
    page = client.get(address("desk"))
    assert [str(need) for need in page.context["page"]] == ["Newtown", "Thunder Bay"]
    assert words(page).count("Not a member") == 1
    found = words(client.get(address("desk"), {"show": "offers"}))
    assert "Winnipeg 1 1 0 — —" in found


def test_from_candidates_to_a_proposal(client: Any, pair: Any, saskatoon: Any, priya: Any) -> None:
    need, _offer = pair
    make_offer(saskatoon, "paused")
    client.force_login(priya)
    page = client.get(address("candidates", need.pk))
    assert "Asked for and offered: Youth. Both work in: English." in words(page)
    assert "Saskatoon : Its offer is paused." in words(page)
    assert "Each topic that one asks for and the other offers." in words(page)
    answer = client.post(address("propose", need.pk), {"mentor": "winnipeg"})
    made = Agreement.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, made.get_absolute_url())
    assert (made.state, made.proposed_by, made.reasons["en"][0]) == ("proposed", priya, "Asked for and offered: Youth.")
    assert Message.objects.count() == 0
    again = client.post(address("propose", need.pk), {"mentor": "winnipeg"})
    assert again["Location"] == address("candidates", need.pk)
    assert said(client, again)[-1] == f"This pair is prepared already: {made.reference}."
    assert f"A proposal is there: {made.reference}" in words(client.get(address("candidates", need.pk)))


# ---- the best set


def test_the_set_is_compared_without_saving_and_then_prepared(
    client: Any, pair: Any, gatineau: Any, saskatoon: Any, priya: Any
) -> None:
    need, _offer = pair
    other = make_need(gatineau, topics=[make_topic()], languages=["fr"])
    make_offer(saskatoon, languages=["en", "fr"], topics=[make_topic()])
    client.force_login(priya)
    page = client.get(address("best_set"), {f"need-{need.pk}": "saskatoon", f"need-{other.pk}": "-"})
    assert "Points of the suggestion 13 Points of your choice 7" in words(page)
    assert "Suggested: Winnipeg (6)" in words(page)
    assert Agreement.objects.count() == 0
    sent = {f"need-{need.pk}": "winnipeg", f"need-{other.pk}": "saskatoon"}
    answer = client.post(address("best_set"), sent)
    assert answer["Location"] == f"{address('agreements')}?group=asked"
    assert said(client, answer) == ["2 proposals are prepared. Nobody is told before you read each and ask."]
    made = {(str(a.mentor), str(a.mentee), a.state) for a in Agreement.objects.all()}
    assert made == {("Winnipeg", "Thunder Bay", "proposed"), ("Saskatoon", "Gatineau", "proposed")}
    assert Message.objects.count() == 0
    again = client.post(address("best_set"), sent)
    assert said(client, again) == ["Nothing was prepared."]
    assert (Agreement.objects.count(), "Every open need has a proposal." in words(client.get(address("best_set")))) == (
        2,
        True,
    )


def test_what_cannot_be_is_said_and_the_rest_is_prepared(
    client: Any, pair: Any, gatineau: Any, saskatoon: Any, priya: Any
) -> None:
    need, _offer = pair
    other, third = make_need(gatineau), make_need(saskatoon)
    client.force_login(priya)
    answer = client.post(address("best_set"), {f"need-{need.pk}": "winnipeg", f"need-{other.pk}": "winnipeg"})
    assert said(client, answer) == [
        "Gatineau: It has no place left for this one.",
        "One proposal is prepared. Nobody is told before you read each and ask.",
    ]
    assert not third.agreements.exists()


# ---- the first page and the lists


def test_the_first_page_of_a_member(client: Any, pair: Any, winnipeg: Any, amina: Any, helen: Any) -> None:
    need, offer = pair
    make_agreement(offer, need, "awaiting", mentor_accepted_at=timezone.now())
    client.force_login(amina)
    found = words(client.get(address("overview")))
    assert "Thunder Bay What you look for Set up a responsibility centre and a first plan." in found
    assert "Can you accompany another municipality?" in found
    assert "Waiting for answers Waits for you. Waiting for the answer of Thunder Bay. Since today" in found
    assert "The network at the moment" not in found
    client.force_login(helen)
    found = words(client.get(address("overview")))
    assert "What you offer For one municipality at a time. Open" in found
    assert "Waits for you." not in found


def test_the_first_page_of_who_is_no_member_and_of_coordinators(
    client: Any, pair: Any, priya: Any, uma: Any, rosa: Any
) -> None:
    make_agreement(pair[1], pair[0], "proposed")
    newtown = make_municipality("newtown", member=False)
    make_membership(newtown, kind="prospective")
    client.force_login(make_representative(newtown, "rep@newtown.example"))
    found = words(client.get(address("overview")))
    assert ("What you look for" in found, "What you offer" in found, "Thunder Bay" in found) == (True, False, False)
    client.force_login(priya)
    found = words(client.get(address("overview")))
    assert "Looking for a mentor 1 Places free with mentors 1 Proposals being prepared 1" in found
    assert "Waits for you. A coordinator reads this proposal" in found
    client.force_login(uma)
    found = words(client.get(address("overview")))
    assert ("The network at the moment" in found, "Winnipeg – Thunder Bay" in found) == (True, False)
    client.force_login(rosa)
    assert "Winnipeg – Thunder Bay" not in words(client.get(address("overview")))


@pytest.fixture
def several(winnipeg: Any, thunder_bay: Any, saskatoon: Any, gatineau: Any) -> dict[str, Agreement]:
    offer, now = make_offer(winnipeg, capacity=5), timezone.now()
    places = {
        "awaiting": thunder_bay,
        "proposed": gatineau,
        "active": saskatoon,
        "completed": make_municipality("done"),
    }
    made = {state: make_agreement(offer, place, state, last_sign_at=now) for state, place in places.items()}
    Agreement.objects.filter(state="active").update(last_sign_at=now - timedelta(days=45))
    AgreementChange.objects.filter(agreement=made["active"]).update(at=now - timedelta(days=12))
    return made


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, ["awaiting", "proposed", "active", "completed"]),
        ({"group": "open"}, ["awaiting", "proposed", "active"]),
        ({"group": "asked"}, ["awaiting", "proposed"]),
        ({"group": "running"}, ["active"]),
        ({"group": "silent"}, ["active"]),
        ({"group": "over"}, ["completed"]),
        ({"group": "nonsense", "page": "\x00"}, ["awaiting", "proposed", "active", "completed"]),
    ],
)
def test_what_each_filter_leaves(
    client: Any, several: dict[str, Agreement], priya: Any, query: dict[str, str], expected: list[str]
) -> None:
    client.force_login(priya)
    page = client.get(address("agreements"), query)
    assert [row.agreement.state for row in page.context["rows"]] == expected


def test_others_see_their_own_and_not_what_is_only_prepared(
    client: Any, several: dict[str, Agreement], helen: Any, luc: Any, rosa: Any
) -> None:
    found = {}
    for user in (helen, luc, rosa):
        client.force_login(user)
        page = client.get(address("agreements"))
        found[user] = [(row.agreement.state, row.days, row.waits_for_me) for row in page.context["rows"]]
        assert "as a file" not in words(page)
    assert found[helen] == [("awaiting", 0, True), ("active", 12, False), ("completed", 0, False)]
    assert (found[luc], found[rosa]) == ([], [("active", 12, False)])
    places = client.get(address("agreements"), {"municipality": several["awaiting"].mentee_id})
    assert [row.agreement.state for row in places.context["rows"]] == ["active"]  # not a choice for Rosa


def test_the_list_as_a_file(client: Any, several: dict[str, Agreement], priya: Any) -> None:
    client.force_login(priya)
    answer = client.get(address("export", language="fr"), {"group": "running"})
    head, *rows = csv.reader(io.StringIO(answer.content.decode("utf-8-sig")))
    active = several["active"]
    assert head[:4] == ["Référence", "Municipalité accompagnée", "Municipalité mentore", "État"]
    assert [row[:3] + row[4:6] for row in rows] == [[active.reference, "Saskatoon", "Winnipeg", "2027-01-20", "12"]]
    assert answer["Content-Disposition"] == 'attachment; filename="mentoring-2027-02-01.csv"'


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("overview", "Places libres auprès de municipalités mentores 1"),
        ("desk", "Une municipalité cherche un mentorat Thunder Bay"),
        ("candidates", "Thèmes demandés et offerts\u00a0: youth (fr). Langue commune\u00a0: anglais."),
        ("best_set", "Points de la suggestion 6 Points de votre choix 6"),
        ("agreements", "Il n’y a pas encore d’entente."),
    ],
)
def test_the_pages_in_french(client: Any, pair: Any, priya: Any, name: str, expected: str) -> None:
    need, _offer = pair
    client.force_login(priya)
    url = address(name, *([need.pk] if name == "candidates" else []), language="fr")
    page = client.get(url)
    assert expected.replace("\u00a0", " ") in words(page)  # where several spaces are one


def test_what_the_pages_cost(client: Any, pair: Any, priya: Any, amina: Any) -> None:
    need, offer = pair
    make_agreement(offer, make_need(make_municipality(), "done"), "proposed")

    def prices() -> dict[str, int]:
        found = {}
        urls = [address(name) for name in ("overview", "agreements", "desk", "best_set")]
        office = [(priya, url) for url in (*urls, f"{address('desk')}?show=offers", address("candidates", need.pk))]
        for user, url in (*office, (amina, address("overview")), (amina, address("agreements"))):
            client.force_login(user)
            client.get(url)
            with CaptureQueriesContext(connection) as captured:
                assert client.get(url).status_code == 200
            found[f"{user} {url}"] = len(captured)
        return found

    few = prices()
    for number in range(30):
        mentor = make_offer(make_municipality(), topics=[make_topic()], capacity=9)
        make_need(make_municipality(), topics=[make_topic()])
        make_agreement(mentor, make_need(make_municipality(), "done"), "active" if number % 2 else "proposed")
    assert prices() == few
    assert max(few.values()) <= 8, few
