"""The personal page of an invited person without an account: reading changes nothing, the address is the key."""

from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from cmncp_portal.core.links import new_nonce
from cmncp_portal.evaluation.models import Invitation
from cmncp_portal.notifications.models import Message
from exchanges.models import Side, TeamMember, Visit, VisitDocument

from .factories import make_exchange, make_member, make_stop, read
from .screens import about, address, said, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def guest(amina: Any, helen: Any, thunder_bay: Any, winnipeg: Any, tmp_path: Any, settings: Any) -> Any:
    settings.MEDIA_ROOT = tmp_path

    def make(stage: str = "confirmed", **fields: Any) -> TeamMember:
        visit = read(make_exchange(thunder_bay, winnipeg, stage=stage, by=amina).first_visit)
        return make_member(visit, **({"name": "Ann <b>& Co</b> 🦫", "category": "police"} | fields))

    return make


def desk(member: TeamMember, name: str = "desk", *args: Any, language: str = "en") -> str:
    return address(name, member.token, *args, language=language)


def now(member: TeamMember) -> TeamMember:
    return TeamMember.objects.get(pk=member.pk)


def everything() -> list[Any]:
    return [list(model.objects.order_by("pk").values()) for model in (TeamMember, Visit, Message, Invitation)]


class TestReading:
    def test_a_mail_scanner_changes_nothing(self, client: Any, guest: Any) -> None:
        member = guest()
        before = everything()
        for _ in range(3):
            assert client.get(desk(member)).status_code == 200
            assert client.head(desk(member)).status_code == 200
            for act in ("accept", "decline", "needs", "colleague", "idea", "not-me", "stop"):
                assert client.get(desk(member, "desk_act", act)).status_code == 405
        assert everything() == before

    def test_it_is_kept_out_of_search_engines_caches_and_other_sites(self, client: Any, guest: Any) -> None:
        member = guest()
        for name, *args in (("desk",), ("desk_calendar",)):
            page = client.get(desk(member, name, *args))
            assert page["X-Robots-Tag"] == "noindex, nofollow"
            assert page["Referrer-Policy"] == "same-origin"  # nothing to other sites; no-referrer would break the forms
            assert "no-store" in page["Cache-Control"]
        page = text_of(client.get(desk(member)))
        assert '<meta name="robots" content="noindex">' in page
        assert "Ann &lt;b&gt;&amp; Co&lt;/b&gt; 🦫" in page

    @pytest.mark.parametrize("language", ["en", "fr"])
    @pytest.mark.parametrize("stage", ["accepted", "planned", "confirmed", "held", "evaluated", "closed"])
    def test_at_each_stage(self, client: Any, guest: Any, stage: str, language: str) -> None:
        for status in ("invited", "accepted", "declined"):
            assert client.get(desk(guest(stage, status=status), language=language)).status_code == 200

    def test_an_address_that_is_forged_old_or_of_another(self, client: Any, guest: Any) -> None:
        member = guest()
        token, other = member.token, make_member(member.visit)
        head, tail = token.split(".")
        forged = [
            f"{head}.{'A' * 43}",
            f"{other.pk}.{tail}",
            f"{head}.",
            "1",
            "x.y",
            f"{'9' * 17}.{tail}",
            f"²{tail}",
            token + "A",
        ]
        for each in forged:
            assert (each, client.get(address("desk", each)).status_code) == (each, 404)
            assert client.post(address("desk_act", each, "accept")).status_code == 404
        TeamMember.objects.filter(pk=member.pk).update(nonce=new_nonce())
        assert client.get(address("desk", token)).status_code == 404
        assert client.get(address("desk_calendar", token)).status_code == 404

    @pytest.mark.parametrize("status", ["replaced", "withdrawn"])
    def test_who_is_no_longer_in_the_team(self, client: Any, guest: Any, status: str) -> None:
        member = guest(status=status)
        assert client.get(desk(member)).status_code == 404
        assert client.post(desk(member, "desk_act", "accept")).status_code == 404

    def test_removed_by_the_team_page_the_link_is_dead(self, client: Any, joseph: Any, guest: Any) -> None:
        member = guest()
        link = desk(member)
        client.force_login(joseph)
        client.post(about(member.visit, "member_move", member.pk, "remove"))
        client.logout()
        assert client.get(link).status_code == 404

    def test_it_costs_the_same_for_a_large_visit(self, client: Any, guest: Any) -> None:
        member = guest(status="accepted")
        counts = []
        for more in (0, 20):
            for _ in range(more):
                make_stop(member.visit, 2)
                make_member(member.visit, Side.HOSTS)
            with CaptureQueriesContext(connection) as queries:
                client.get(desk(member))
            counts.append(len(queries))
        assert counts[0] == counts[1] <= 7


class TestAnswering:
    def test_yes_no_and_yes_again(self, client: Any, guest: Any) -> None:
        member = guest()
        answers = []
        for act in ("accept", "accept", "decline", "decline", "accept"):
            assert client.post(desk(member, "desk_act", act), {"word": f"{act} <3"})["Location"] == desk(member)
            answers.append(now(member).status)
        assert answers == ["accepted", "accepted", "declined", "declined", "accepted"]
        told = [m.to_email for m in Message.objects.filter(kind="exchanges.member_answered")]
        assert told == ["amina@thunderbay.example"]

    @pytest.mark.parametrize(
        ("status", "act", "typed", "form"),
        [
            ("invited", "accept", {"word": "x" * 1001}, "accept_form"),
            ("invited", "decline", {"word": "x" * 1_000_000}, "accept_form"),
            ("accepted", "decline", {"word": "a\x00b"}, "decline_form"),
            ("invited", "colleague", {"name": "Bob", "email": "no address"}, "colleague_form"),
            ("accepted", "colleague", {"name": "", "email": "bob@example.ca"}, "colleague_form"),
        ],
    )
    def test_wrong_input_comes_back(
        self, client: Any, guest: Any, status: str, act: str, typed: dict[str, str], form: str
    ) -> None:
        member = guest(status=status)
        page = client.post(desk(member, "desk_act", act, language="fr"), typed)
        assert (page.status_code, now(member).status) == (422, status)
        assert {name: page.context[form][name].value() for name in typed} == typed
        assert "Une réponse est à revoir" in text_of(page)

    def test_a_colleague_is_suggested_and_not_invited(self, client: Any, guest: Any) -> None:
        member = guest()
        client.post(desk(member, "desk_act", "colleague"), {"name": "Bob & <i>", "email": "Bob@Example.ca"})
        assert (now(member).status, TeamMember.objects.filter(email__iexact="bob@example.ca").exists()) == (
            "declined",
            False,
        )

    def test_not_me_removes_everything_and_kills_the_link(self, client: Any, guest: Any) -> None:
        member = guest(dietary_needs="No nuts")
        link = desk(member)
        page = client.post(desk(member, "desk_act", "not-me"))
        assert "This link no longer opens anything." in text_of(page)
        gone = now(member)
        assert (gone.status, gone.name, gone.email, gone.dietary_needs) == ("withdrawn", "", "", "")
        assert client.get(link).status_code == 404
        assert [m.to_email for m in Message.objects.all()] == ["amina@thunderbay.example"]

    def test_no_further_letters(self, client: Any, guest: Any) -> None:
        member = guest()
        for _ in range(2):
            answer = client.post(desk(member, "desk_act", "stop"))
            assert said(client, answer) == [
                "You get no further letters, except when a visit that you accepted changes or ends."
            ]
        assert now(member).wants_no_more is True

    @pytest.mark.parametrize("stage", ["held", "closed"])
    def test_after_the_visit_no_answer_is_taken(self, client: Any, guest: Any, stage: str) -> None:
        member = guest(stage)
        answer = client.post(desk(member, "desk_act", "accept"))
        assert said(client, answer) == ["This visit no longer waits for answers: it is “Visit held”."]
        assert now(member).status == "invited"

    def test_an_act_that_is_none(self, client: Any, guest: Any) -> None:
        assert client.post(desk(guest(), "desk_act", "nonsense")).status_code == 404

    def test_a_page_of_another_site_cannot_answer(self, guest: Any) -> None:
        member, strict = guest(), Client(enforce_csrf_checks=True)
        for act in ("accept", "decline", "not-me", "stop"):
            assert strict.post(desk(member, "desk_act", act)).status_code == 403
        assert now(member).status == "invited"
        strict.get(desk(member))
        token = strict.cookies["csrftoken"].value
        answer = strict.post(desk(member, "desk_act", "accept"), {"csrfmiddlewaretoken": token})
        assert (answer.status_code, now(member).status) == (302, "accepted")


class TestNeeds:
    def test_only_the_leads_and_the_network_read_them(
        self, client: Any, guest: Any, amina: Any, joseph: Any, helen: Any, henry: Any, priya: Any, uma: Any, rene: Any, rosa: Any
    ) -> None:  # fmt: skip
        member = guest(status="accepted")
        sent = {"dietary_needs": "No <nuts>", "access_needs": "Step-free", "emergency_contact": "Bob, 204 555-0101"}
        client.post(desk(member, "desk_act", "needs"), sent)
        readers = []
        for person in (amina, joseph, helen, henry, priya, uma, rene, rosa):
            client.force_login(person)
            pages = [
                text_of(client.get(about(member.visit, name))) for name in ("team", "visit", "print", "day", "confirm")
            ]
            if any("No &lt;nuts&gt;" in page for page in pages):
                readers.append(person.name)
        assert readers == ["Amina Diallo", "Helen Friesen", "Priya Nair"]

    def test_too_long_comes_back(self, client: Any, guest: Any) -> None:
        member = guest(status="accepted")
        page = client.post(desk(member, "desk_act", "needs"), {"dietary_needs": "x" * 301, "access_needs": "Step-free"})
        assert (page.status_code, page.context["needs_form"]["access_needs"].value()) == (422, "Step-free")
        assert now(member).access_needs == ""


class TestIdeas:
    def test_who_comes_notes_one(self, client: Any, guest: Any) -> None:
        member = guest(status="accepted")
        client.post(desk(member, "desk_act", "idea"), {"text": "Hire <peers>"})
        assert "Hire &lt;peers&gt;" in text_of(client.get(desk(member)))
        page = client.post(desk(member, "desk_act", "idea"), {"text": "x" * 301})
        assert (page.status_code, page.context["idea_form"]["text"].value()) == (422, "x" * 301)

    def test_who_has_not_accepted_does_not(self, client: Any, guest: Any) -> None:
        assert client.post(desk(guest(), "desk_act", "idea"), {"text": "Mine"}).status_code == 404


def test_documents_are_for_those_who_come(client: Any, guest: Any) -> None:
    member = guest()
    document = VisitDocument.objects.create(
        visit=member.visit, title="Plan", language="en", side="hosts", filename="plan.pdf", file=ContentFile(b"%PDF", "plan.pdf")
    )  # fmt: skip
    elsewhere = VisitDocument.objects.create(
        visit=make_exchange(stage="accepted").first_visit, title="Other", language="en", side="hosts", filename="o.pdf",
        file=ContentFile(b"%PDF", "o.pdf"),
    )  # fmt: skip
    assert client.get(desk(member, "desk_document", document.pk)).status_code == 404
    TeamMember.objects.filter(pk=member.pk).update(status="accepted")
    answer = client.get(desk(member, "desk_document", document.pk))
    assert (b"".join(answer), answer["Content-Disposition"], answer["X-Content-Type-Options"]) == (
        b"%PDF",
        'attachment; filename="plan.pdf"',
        "nosniff",
    )
    assert client.get(desk(member, "desk_document", elsewhere.pk)).status_code == 404


def test_after_the_visit_the_evaluation_is_one_button_away(client: Any, guest: Any) -> None:
    member = guest("confirmed", status="accepted")
    assert client.get(desk(member)).context["survey"] is None
    visit = read(make_exchange(stage="held").first_visit)
    came = visit.team.filter(side="visitors", status="accepted").first()
    page = client.get(desk(came))
    invitation = Invitation.objects.get(email=came.email)
    assert f'href="{invitation.get_absolute_url()}"' in text_of(page)


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("en", "This visit was cancelled. Nothing more is asked of you."),
        ("fr", "Cette visite a été annulée. On n’attend plus rien de vous."),
    ],
)
def test_a_cancelled_visit_says_so_and_asks_nothing(client: Any, guest: Any, language: str, sentence: str) -> None:
    member = guest()
    Visit.objects.update(state="cancelled")
    page = text_of(client.get(desk(member, language=language)))
    assert sentence in page
    assert [desk(member, "desk_act", act, language=language) in page for act in ("accept", "decline", "needs")] == [
        False
    ] * 3
    assert desk(member, "desk_calendar", language=language) not in page
