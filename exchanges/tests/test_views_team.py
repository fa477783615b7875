"""People of a visit: naming, inviting, replacing, leading; each side keeps its own."""

from typing import Any

import pytest

from cmncp_portal.network.models import Standing
from cmncp_portal.network.tests.factories import make_stakeholder
from cmncp_portal.notifications.models import Message
from exchanges.models import Side, TeamMember, Visit

from .factories import make_exchange, make_member, read
from .screens import about, as_sent, said, text_of

pytestmark = pytest.mark.django_db
ODD = "Zoë O'Neil <b>& “Co”</b> 🦫 \u202eאבג"
PERSON = {"category": "police", "name": "Ann", "email": "ann@example.ca", "language": "", "version": 1}


@pytest.fixture
def at(amina: Any, helen: Any, thunder_bay: Any, winnipeg: Any) -> Any:
    return lambda stage="accepted": read(make_exchange(thunder_bay, winnipeg, stage=stage, by=amina).first_visit)


def test_somebody_with_any_name_is_added_and_invited(client: Any, joseph: Any, at: Any) -> None:
    visit = at()
    client.force_login(joseph)
    add = about(visit, "member_add", "visitors")
    assert client.post(add, as_sent(client.get(add), **(PERSON | {"name": ODD}))).status_code == 302
    member = TeamMember.objects.get(email="ann@example.ca")
    answer = client.post(about(visit, "member_move", member.pk, "invite"))
    assert said(client, answer)[-1] == f"{ODD} is invited by email."
    page = text_of(client.get(about(visit, "team")))
    assert "Zoë O&#x27;Neil &lt;b&gt;&amp; “Co”&lt;/b&gt; 🦫" in page
    assert [m.to_email for m in Message.objects.all()] == ["ann@example.ca"]


def test_invite_all_says_how_many(client: Any, joseph: Any, at: Any) -> None:
    visit = at()
    make_member(visit, status="named")
    client.force_login(joseph)
    invite = about(visit, "invite_all", "visitors")
    assert said(client, client.post(invite)) == ["One invitation is on its way."]
    assert said(client, client.post(invite)) == ["Everybody with an address has been invited already."]


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"email": "nobody"}, "email"),
        ({"name": "", "email": "a@example.ca"}, "name"),
        ({"category": ""}, "category"),
        ({"category": "king"}, "category"),
        ({"name": "x" * 1_000_000}, "name"),
        ({"language": "de"}, "language"),
    ],
)
def test_wrong_input_comes_back(client: Any, joseph: Any, at: Any, typed: dict[str, str], field: str) -> None:
    visit = at()
    client.force_login(joseph)
    page = client.post(about(visit, "member_add", "visitors", language="fr"), PERSON | typed)
    assert (page.status_code, list(page.context["form"].errors)) == (422, [field])
    assert {name: page.context["form"][name].value() for name in typed} == typed
    assert "Une réponse est à revoir" in text_of(page)


def test_the_same_address_in_capitals_is_the_same_person(client: Any, joseph: Any, at: Any) -> None:
    visit = at()
    make_member(visit, email="ann@example.ca")
    client.force_login(joseph)
    page = client.post(about(visit, "member_add", "visitors"), PERSON | {"email": "ANN@Example.CA"})
    assert (page.status_code, page.context["form"]["name"].value()) == (422, "Ann")
    assert [str(m) for m in page.context["messages"]] == ["ANN@Example.CA is in this team already."]


def test_two_people_at_the_same_person(client: Any, joseph: Any, amina: Any, at: Any) -> None:
    visit = at()
    member = make_member(visit, name="Ann", title="Planner")
    edit = about(visit, "member_edit", member.pk)
    client.force_login(joseph)
    seen = client.get(edit)
    client.force_login(amina)
    client.post(edit, as_sent(client.get(edit), title="Chief planner", phone="204 555-0100"))
    client.force_login(joseph)
    conflict = client.post(edit, as_sent(seen, title="Director", organisation="City"))
    assert conflict.status_code == 409
    assert {d.field.name: (d.theirs, d.take_theirs) for d in conflict.context["differences"]} == {
        "title": ("Chief planner", False),
        "organisation": ("", False),
        "phone": ("204 555-0100", True),
    }
    client.post(edit, as_sent(conflict))
    kept = TeamMember.objects.get(pk=member.pk)
    assert (kept.title, kept.organisation, kept.phone) == ("Director", "City", "204 555-0100")


class TestWhoHasLeft:
    @pytest.fixture
    def gone(self, client: Any, joseph: Any, at: Any) -> TeamMember:
        member = make_member(at(), name="Ann")
        client.force_login(joseph)
        first = client.post(about(member.visit, "member_move", member.pk, "remove"))
        assert said(client, first) == ["Ann is no longer in the team."]
        return member

    @pytest.mark.parametrize("name", ["member_edit", "member_replace"])
    def test_an_open_page_says_so(self, client: Any, gone: TeamMember, name: str) -> None:
        for method in (client.get, client.post):
            answer = method(about(gone.visit, name, gone.pk), PERSON)
            assert said(client, answer) == ["Ann is no longer in the team."]
        assert gone.visit.team.filter(name="Ann").count() == 1

    @pytest.mark.parametrize("name", ["remove", "invite"])
    def test_a_second_click_says_so(self, client: Any, gone: TeamMember, name: str) -> None:
        answer = client.post(about(gone.visit, "member_move", gone.pk, name))
        assert said(client, answer) == ["Ann is no longer in the team."]

    def test_replacing_twice_names_one_successor(self, client: Any, joseph: Any, at: Any) -> None:
        visit = at()
        member = make_member(visit, name="Bob")
        client.force_login(joseph)
        for _ in range(2):
            client.post(about(visit, "member_replace", member.pk), PERSON)
        assert visit.team.filter(email="ann@example.ca").count() == 1
        nobody = client.post(
            about(visit, "member_replace", visit.team.get(name="Ann").pk), PERSON | {"name": "", "email": ""}
        )
        assert nobody.context["form"].errors == {"name": ["Who comes instead?"]}


def test_a_move_that_is_none_changes_nothing(client: Any, joseph: Any, at: Any) -> None:
    member = make_member(at())
    client.force_login(joseph)
    assert client.post(about(member.visit, "member_move", member.pk, "nonsense")).status_code == 404
    assert TeamMember.objects.get(pk=member.pk).status == "invited"


def test_the_other_side_reads_names_and_nothing_else(
    client: Any, joseph: Any, henry: Any, helen: Any, uma: Any, rosa: Any, at: Any
) -> None:
    visit = at("confirmed")
    make_member(
        visit, status="accepted", name="Ann", email="secret@example.ca", phone="204 555-0199", dietary_needs="No nuts please"
    )  # fmt: skip
    seen = {}
    for person in (joseph, henry, helen, uma):
        client.force_login(person)
        page = text_of(client.get(about(visit, "team")))
        seen[person.name] = [word in page for word in ("Ann", "secret@example.ca", "204 555-0199", "No nuts please")]
    assert seen == {
        "Joseph Kakegamic": [True, False, False, False],
        "Henry Okemaw": [True, False, False, False],
        "Helen Friesen": [True, False, False, True],
        "Uma Sharma": [True, False, False, False],
    }
    client.force_login(rosa)
    assert client.get(about(visit, "team")).status_code == 404


def test_each_side_keeps_its_own(client: Any, henry: Any, at: Any) -> None:
    visit = at()
    member = make_member(visit, Side.VISITORS)
    client.force_login(henry)
    for name, *args in (("member_add", "visitors"), ("member_edit", member.pk), ("member_replace", member.pk)):
        page = client.post(about(visit, name, *args), PERSON)
        assert (page.status_code, "This page is for others" in text_of(page)) == (403, True)
    assert client.post(about(visit, "invite_all", "visitors")).status_code == 403
    assert client.get(about(visit, "member_add", "hosts")).status_code == 200


def test_somebody_of_another_visit_is_not_found(client: Any, joseph: Any, at: Any) -> None:
    visit, other = at(), make_member(make_exchange(stage="accepted").first_visit)
    client.force_login(joseph)
    assert client.get(about(visit, "member_edit", other.pk)).status_code == 404
    assert client.post(about(visit, "member_move", other.pk, "remove")).status_code == 404


class TestLeading:
    def test_a_current_person_with_an_address(
        self, client: Any, joseph: Any, thunder_bay: Any, winnipeg: Any, at: Any
    ) -> None:
        visit = at()
        chosen = make_stakeholder(thunder_bay, name="Ann & Bob", standing=Standing.STAFF)
        stranger = make_stakeholder(winnipeg)
        client.force_login(joseph)
        page = client.post(about(visit, "lead", "visitors"), {"stakeholder": stranger.pk})
        assert (page.status_code, list(page.context["form"].errors)) == (422, ["stakeholder"])
        answer = client.post(about(visit, "lead", "visitors"), {"stakeholder": chosen.pk})
        assert said(client, answer) == ["Ann & Bob now leads for Thunder Bay."]
        assert client.post(about(visit, "lead", "hosts"), {"stakeholder": stranger.pk}).status_code == 403


class TestWaiving:
    @pytest.mark.parametrize("note", ["", "  ", "x" * 1001, "a\x00b"])
    def test_needs_a_reason_and_keeps_what_was_typed(self, client: Any, amina: Any, at: Any, note: str) -> None:
        visit = at()
        client.force_login(amina)
        page = client.post(about(visit, "waive", language="fr"), {"note": note})
        assert (page.status_code, page.context["form"]["note"].value()) == (422, note)
        assert Visit.objects.get().leaders_waived == ""

    def test_is_not_for_staff(self, client: Any, joseph: Any, amina: Any, at: Any) -> None:
        visit = at()
        client.force_login(joseph)
        assert client.post(about(visit, "waive"), {}).status_code == 403
        client.force_login(amina)
        client.post(about(visit, "waive"), {"note": "A chief and a vice-chair travel."})
        assert Visit.objects.get().leaders_waived == "A chief and a vice-chair travel."


def test_after_the_visit_the_team_stands(client: Any, joseph: Any, at: Any) -> None:
    visit = at("held")
    client.force_login(joseph)
    page = client.post(about(visit, "member_add", "visitors"), PERSON)
    assert (page.status_code, page.context["form"]["name"].value()) == (422, "Ann")
    assert [str(m) for m in page.context["messages"]] == [
        "The team can no longer be changed: the visit is “Visit held”."
    ]
