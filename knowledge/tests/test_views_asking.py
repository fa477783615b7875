"""The pages on which readers and members ask, and the desk answers."""

from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cmncp_portal.network.models import Standing
from cmncp_portal.network.tests.factories import make_stakeholder
from cmncp_portal.notifications.models import Preference
from cmncp_portal.testing.pages import as_sent, said, text_of
from knowledge.models import ActionBrief, BriefRequest, Concern, FormatRequest, Subscription
from knowledge.services.subscribing import subscribe

from .factories import make_practice
from .mailbag import to, written
from .pages import address, words_of

pytestmark = pytest.mark.django_db
ODD = "Zoë O'Neil <b>& “Co”</b> 🦫"


class TestConcern:
    def test_without_an_account(self, client: Any, brief: Any, uma: Any) -> None:
        paper = brief()
        url = address("brief_concern", paper.slug)
        page = client.get(url)
        assert (page.status_code, page["X-Robots-Tag"], "Safe streets" in words_of(page)) == (
            200,
            "noindex, nofollow",
            True,
        )
        answer = client.post(url, as_sent(page, text=ODD, name="Ann", email="ann@acme.example"))
        assert (answer.status_code, answer["Location"]) == (302, address("brief", paper.slug))
        assert list(Concern.objects.values_list("brief", "text", "name", "email")) == [
            (paper.pk, ODD, "Ann", "ann@acme.example")
        ]
        client.post(url, as_sent(page, text=ODD, name="Ann", email="ann@acme.example"))
        assert (Concern.objects.count(), to("concern_reported")) == (1, ["uma@university.example"])

    def test_about_a_practice_without_a_name(self, client: Any, clock: Any) -> None:
        practice = make_practice()
        url = address("practice_concern", practice.slug)
        answer = client.post(url, as_sent(client.get(url), text="Wrong."))
        assert (answer["Location"], Concern.objects.get().practice) == (address("practice", practice.slug), practice)

    @pytest.mark.parametrize(("typed", "field"), [({"text": " "}, "text"), ({"text": "Kept.", "email": "x"}, "email")])
    def test_nothing_typed_is_lost(self, client: Any, brief: Any, typed: Any, field: str) -> None:
        url = address("brief_concern", brief().slug)
        answer = client.post(url, as_sent(client.get(url), **({"name": "Ann Lee"} | typed)))
        assert (answer.status_code, list(answer.context["form"].errors), Concern.objects.count()) == (422, [field], 0)
        assert "Ann Lee" in text_of(answer)

    def test_a_machine_is_answered_and_writes_nothing(self, client: Any, brief: Any) -> None:
        paper = brief()
        url = address("brief_concern", paper.slug)
        answer = client.post(url, as_sent(client.get(url), text="Buy.", website="https://x.example"))
        assert (answer.status_code, answer["Location"], Concern.objects.count()) == (
            302,
            address("brief", paper.slug),
            0,
        )

    def test_only_about_what_is_public(self, client: Any, brief: Any) -> None:
        hidden = make_practice(published_at=None)
        assert client.get(address("brief_concern", brief("draft").slug)).status_code == 404
        assert client.get(address("practice_concern", hidden.slug)).status_code == 404

    def test_who_is_signed_in_need_not_type_the_name(self, client: Any, brief: Any, rosa: Any) -> None:
        client.force_login(rosa)
        form = client.get(address("brief_concern", brief().slug)).context["form"]
        assert (form["name"].value(), form["email"].value()) == ("Rosa Morin", "rosa@saskatoon.example")

    def test_in_french(self, client: Any, brief: Any) -> None:
        url = address("brief_concern", brief().slug, language="fr")
        client.post(url, as_sent(client.get(url), text="C’est faux."))
        assert Concern.objects.get().language == "fr"

    def test_five_queries_at_most(self, client: Any, brief: Any) -> None:
        url = address("brief_concern", brief().slug)
        with CaptureQueriesContext(connection) as counted:
            client.get(url)
        assert len(counted) <= 5


class TestSubscribing:
    def test_the_consent_is_not_ticked_beforehand(self, client: Any, clock: Any) -> None:
        page = client.get(address("subscribe"))
        assert ("checked" in str(page.context["form"]["consent"]), page.context["form"]["language"].value()) == (
            False,
            "en",
        )
        answer = client.post(address("subscribe"), as_sent(page, email="ann@acme.example"))
        assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["consent"])
        assert ("ann@acme.example" in text_of(answer), Subscription.objects.count()) == (True, 0)

    def test_the_answer_is_always_the_same(self, client: Any, clock: Any) -> None:
        page = client.get(address("subscribe"))
        typed = as_sent(page, email="Ann@acme.example", consent="on")
        answers = [client.post(address("subscribe"), typed | more) for more in ({}, {}, {"website": "x"})]
        assert [(a.status_code, a["Location"]) for a in answers] == [(302, address("subscribe"))] * 3
        assert len(set(said(client, answers[0]))) == 1
        kept = Subscription.objects.get()
        assert (kept.email, kept.wording, kept.confirmed_at) == (
            "ann@acme.example",
            page.context["form"].wording,
            None,
        )
        assert to("subscription_confirm") == ["ann@acme.example"]

    def test_a_machine_subscribes_nobody(self, client: Any, clock: Any) -> None:
        client.post(address("subscribe"), {"website": "x", "email": "x@x.example", "language": "en", "consent": "on"})
        assert (Subscription.objects.count(), written("subscription_confirm")) == (0, [])

    def test_opening_the_link_confirms_nothing(self, client: Any, clock: Any) -> None:
        made = subscribe(email="ann@acme.example", language="en", wording="Yes, please.")
        url = address("subscription", made.token)
        for _look in range(3):
            page = client.get(url)
            client.head(url)
        assert (page.status_code, page["Referrer-Policy"], page["X-Robots-Tag"]) == (
            200,
            "same-origin",
            "noindex, nofollow",
        )
        assert ("Yes, please." in words_of(page), "no-store" in page["Cache-Control"]) == (True, True)
        assert (Subscription.objects.get().confirmed_at, Preference.objects.count()) == (None, 0)

    def test_it_is_confirmed_and_ended_with_a_button(self, client: Any, clock: Any) -> None:
        made = subscribe(email="ann@acme.example", language="en", wording="Yes, please.")
        url = address("subscription", made.token)
        assert said(client, client.post(url, {"what": "confirm"})) == [
            "Thank you. You hear of new action briefs from now on."
        ]
        assert said(client, client.post(url, {"what": "confirm"})) == ["You have confirmed this already."]
        assert "Since February 1, 2027." in words_of(client.get(url))
        assert said(client, client.post(url, {"what": "end"})) == ["You will receive no more letters about new briefs."]
        assert said(client, client.post(url, {"what": "end"})) == ["This subscription has ended already."]
        assert "This subscription has ended." in words_of(client.get(url))
        assert Preference.objects.get().is_wanted is False

    def test_another_link_opens_nothing(self, client: Any, clock: Any) -> None:
        made = subscribe(email="ann@acme.example", language="en", wording="x")
        for token in (f"{made.token}x", f"{made.pk}.x", "x"):
            assert client.get(address("subscription", token)).status_code == 404
            assert client.post(address("subscription", token), {"what": "confirm"}).status_code == 404

    def test_in_french(self, client: Any, clock: Any) -> None:
        url = address("subscribe", language="fr")
        page = client.get(url)
        assert page.context["form"]["language"].value() == "fr"
        client.post(url, as_sent(page, email="zoe@acme.example", consent="on"))
        [letter] = written("subscription_confirm")
        assert (
            letter.language,
            address("subscription", Subscription.objects.get().token, language="fr") in letter.text,
        ) == (
            "fr",
            True,
        )


@pytest.fixture
def asked(clock: Any, thunder_bay: Any, amina: Any) -> BriefRequest:
    return BriefRequest.objects.create(
        by=amina, by_name="Amina Diallo", municipality=thunder_bay, subject="Lighting", why="Budget in June."
    )


class TestRequests:
    def test_a_member_asks(self, client: Any, clock: Any, joseph: Any, thunder_bay: Any, uma: Any) -> None:
        client.force_login(joseph)
        page = client.get(address("request_new"))
        typed = as_sent(page, subject=ODD, why="Budget in June.")
        answer = client.post(address("request_new"), typed)
        assert (answer.status_code, answer["Location"]) == (302, address("requests"))
        made = BriefRequest.objects.get()
        assert (made.subject, made.municipality, made.by, made.state) == (ODD, thunder_bay, joseph, "open")
        assert said(client, client.post(address("request_new"), typed))[-1] == "You have asked for this already."
        assert BriefRequest.objects.count() == 1

    def test_for_one_of_several_municipalities(
        self, client: Any, clock: Any, joseph: Any, winnipeg: Any, saskatoon: Any
    ) -> None:
        make_stakeholder(winnipeg, user=joseph, standing=Standing.STAFF, email="j@winnipeg.example")
        client.force_login(joseph)
        page = client.get(address("request_new"))
        wrong = client.post(address("request_new"), as_sent(page, subject="a", why="b", municipality=str(saskatoon.pk)))
        assert (wrong.status_code, list(wrong.context["form"].errors)) == (422, ["municipality"])
        client.post(address("request_new"), as_sent(page, subject="a", why="b", municipality=str(winnipeg.pk)))
        assert BriefRequest.objects.get().municipality == winnipeg

    def test_nothing_typed_is_lost(self, client: Any, clock: Any, joseph: Any) -> None:
        client.force_login(joseph)
        answer = client.post(address("request_new"), {"subject": "", "why": "Budget in June."})
        assert (answer.status_code, "Budget in June." in text_of(answer)) == (422, True)

    def test_who_may_ask(self, client: Any, clock: Any, uma: Any, rene: Any) -> None:
        assert client.get(address("request_new")).status_code == 302
        for person in (uma, rene):
            client.force_login(person)
            assert (
                client.get(address("request_new")).status_code,
                client.post(address("request_new")).status_code,
            ) == (
                403,
                403,
            )

    def test_the_list_is_the_municipalitys_and_all_for_the_desk(
        self, client: Any, asked: BriefRequest, joseph: Any, rosa: Any, priya: Any, helen: Any
    ) -> None:
        other = BriefRequest.objects.create(by=helen, by_name="Helen", subject="Heat", why="x", state="declined")
        seen = {}
        for person in (joseph, rosa, helen, priya):
            client.force_login(person)
            seen[person.email.split("@")[0]] = [
                row.pk for row, _tone in client.get(address("requests")).context["rows"]
            ]
        assert seen == {"joseph": [asked.pk], "rosa": [], "helen": [other.pk], "priya": [other.pk, asked.pk]}
        for state, rows in (("declined", [other.pk]), ("accepted", []), ("x", [other.pk, asked.pk])):
            page = client.get(address("requests"), {"state": state})
            assert [row.pk for row, _tone in page.context["rows"]] == rows

    def test_the_list_has_the_same_queries_for_many(
        self, client: Any, asked: BriefRequest, priya: Any, thunder_bay: Any
    ) -> None:
        def queries() -> int:
            with CaptureQueriesContext(connection) as counted:
                client.get(address("requests"))
            return len(counted)

        client.force_login(priya)
        alone = queries()
        BriefRequest.objects.bulk_create(
            BriefRequest(by_name="x", subject=f"{n}", why="x", municipality=thunder_bay) for n in range(30)
        )
        assert (alone <= 8, queries() - alone) == (True, 0)
        assert len(client.get(address("requests"), {"page": 2}).context["rows"]) == 6

    def test_its_page_is_for_its_own_people_and_the_desk(
        self, client: Any, asked: BriefRequest, joseph: Any, rosa: Any, rene: Any
    ) -> None:
        url = address("request", asked.pk)
        assert client.get(url).status_code == 302
        client.force_login(rosa)
        assert (client.get(url).status_code, client.post(url, {"what": "decline"}).status_code) == (404, 404)
        for person in (joseph, rene):
            client.force_login(person)
            page = client.get(url)
            assert (page.status_code, page.context["moves"]) == (200, set())
            assert "The network’s coordinators sort it next." in words_of(page)
            for typed in (
                {"what": "pass_on"},
                {"what": "decline", "note": "No."},
                {"what": "accept", "due_on": "2027-03-01"},
            ):
                assert client.post(url, typed).status_code == 403
        assert BriefRequest.objects.get().state == "open"

    def test_a_coordinator_passes_it_on(self, client: Any, asked: BriefRequest, priya: Any) -> None:
        url = address("request", asked.pk)
        client.force_login(priya)
        page = client.get(url)
        assert (page.context["moves"], "Please read and answer." in words_of(page)) == ({"pass_on", "decline"}, True)
        assert client.post(url, {"what": "publish"}).status_code == 404
        assert said(client, client.post(url, {"what": "pass_on"})) == ["The University of Ottawa team has it now."]
        assert said(client, client.post(url, {"what": "pass_on"})) == ["Priya Nair did this already."]
        words = words_of(client.get(url))
        assert "Passed on to the University of Ottawa team · Priya Nair" in words
        assert "Asked for · Amina Diallo" in words

    def test_the_team_accepts_and_begins_a_brief(self, client: Any, asked: BriefRequest, uma: Any, amina: Any) -> None:
        url = address("request", asked.pk)
        client.force_login(uma)
        answer = client.post(url, {"what": "accept", "due_on": "2027-06-30", "begin": "on", "reply": "Gladly."})
        assert (answer.status_code, answer["Location"]) == (302, url)
        kept = BriefRequest.objects.get()
        assert (kept.state, kept.due_on, kept.brief, kept.reply) == (
            "accepted",
            date(2027, 6, 30),
            ActionBrief.objects.get(),
            "Gladly.",
        )
        client.force_login(amina)
        words = words_of(client.get(url))
        assert ("It is expected by June 30, 2027." in words, "Gladly." in words) == (True, True)
        assert "Expected by June 30, 2027" in words_of(client.get(address("requests")))

    @pytest.mark.parametrize(
        ("typed", "form", "field"),
        [
            ({"what": "accept", "due_on": "2027-01-31", "reply": "Kept words."}, "accept_form", "due_on"),
            ({"what": "accept", "due_on": "", "reply": "Kept words."}, "accept_form", "due_on"),
            ({"what": "decline", "note": " "}, "decline_form", "note"),
        ],
    )
    def test_a_wrong_answer_comes_back(
        self, client: Any, asked: BriefRequest, uma: Any, typed: Any, form: str, field: str
    ) -> None:
        client.force_login(uma)
        answer = client.post(address("request", asked.pk), typed)
        assert (answer.status_code, list(answer.context[form].errors)) == (422, [field])
        assert typed.get("reply", "") in text_of(answer)
        assert BriefRequest.objects.get().state == "open"

    def test_not_a_brief_that_exists_and_a_new_one(
        self, client: Any, asked: BriefRequest, brief: Any, uma: Any
    ) -> None:
        client.force_login(uma)
        typed = {"what": "accept", "due_on": "2027-06-30", "begin": "on", "brief": str(brief("draft").pk)}
        answer = client.post(address("request", asked.pk), typed)
        assert (answer.status_code, list(answer.context["accept_form"].errors)) == (422, ["begin"])

    def test_in_french(self, client: Any, clock: Any, luc: Any) -> None:
        client.force_login(luc)
        url = address("request_new", language="fr")
        client.post(url, as_sent(client.get(url), subject="L’éclairage", why="Budget en juin."))
        made = BriefRequest.objects.get()
        page = client.get(address("request", made.pk, language="fr"))
        assert (made.language, page.status_code, "L’éclairage" in words_of(page)) == ("fr", 200, True)


@pytest.fixture
def waiting(brief: Any) -> tuple[Concern, FormatRequest]:
    paper = brief()
    concern = Concern.objects.create(brief=paper, text=ODD, name="Ann", email="ann@acme.example")
    asked = FormatRequest.objects.create(
        brief=paper, language="fr", wanted="Braille", email="zoe@acme.example", promised_on=date(2027, 2, 1)
    )
    return concern, asked


class TestReaders:
    def test_for_the_desk_only(self, client: Any, waiting: Any, rosa: Any, rene: Any) -> None:
        urls = [address("readers"), address("reader_answer", "concern", waiting[0].pk)]
        assert [client.get(url).status_code for url in urls] == [302, 302]
        for person in (rosa, rene):
            client.force_login(person)
            assert [client.get(url).status_code for url in urls] == [403, 403]
            assert client.post(urls[1], {"answer": "x"}).status_code == 403

    def test_a_concern_is_answered(self, client: Any, waiting: Any, uma: Any, priya: Any) -> None:
        url = address("reader_answer", "concern", waiting[0].pk)
        client.force_login(uma)
        assert "Zoë O'Neil <b>& “Co”</b> 🦫" in words_of(client.get(address("readers")))
        assert "Your answer goes to ann@acme.example" in words_of(client.get(url))
        assert client.post(url, {"answer": " "}).status_code == 422
        answer = client.post(url, {"answer": "Corrected."})
        assert (answer["Location"], said(client, answer)) == (
            address("readers"),
            ["The answer is on its way by email."],
        )
        client.force_login(priya)
        assert said(client, client.post(url, {"answer": "No."})) == ["Uma Sharma answered this already."]
        assert client.get(address("readers")).context["rows"] == []
        [line] = client.get(address("readers"), {"show": "answered"}).context["rows"]
        assert line.asked.answer == "Corrected."
        assert "Answered on February 1, 2027." in words_of(client.get(url))
        assert to("concern_answered") == ["ann@acme.example"]

    @pytest.mark.parametrize(("promised", "late"), [(31, True), (1, False), (2, False)])
    def test_a_promise_that_is_overdue_stands_out(
        self, client: Any, waiting: Any, uma: Any, promised: int, late: bool
    ) -> None:
        day = date(2027, 1, 31) if promised == 31 else date(2027, 2, promised)
        FormatRequest.objects.update(promised_on=day)
        client.force_login(uma)
        assert ("Overdue" in words_of(client.get(address("readers"), {"kind": "format"}))) is late
        assert ("Overdue" in words_of(client.get(address("reader_answer", "format", waiting[1].pk)))) is late

    def test_a_format_is_answered(self, client: Any, waiting: Any, priya: Any) -> None:
        url = address("reader_answer", "format", waiting[1].pk)
        client.force_login(priya)
        answer = client.post(url, {"answer": "Par la poste."})
        assert answer["Location"] == f"{address('readers')}?kind=format"
        assert said(client, client.post(url, {"answer": "Non."}))[-1] == "Somebody answered this already."
        assert "Overdue" not in words_of(client.get(address("readers"), {"kind": "format", "show": "answered"}))

    def test_nonsense_is_not_found(self, client: Any, waiting: Any, uma: Any) -> None:
        client.force_login(uma)
        assert client.get(address("reader_answer", "letter", waiting[0].pk)).status_code == 404
        assert client.get(address("reader_answer", "concern", 999_999)).status_code == 404
        assert client.get(address("readers"), {"kind": "x", "show": "y", "page": "z"}).status_code == 200

    @pytest.mark.parametrize("kind", ["concern", "format"])
    def test_many_cost_no_more(self, client: Any, waiting: Any, uma: Any, kind: str) -> None:
        def queries() -> int:
            with CaptureQueriesContext(connection) as counted:
                client.get(address("readers"), {"kind": kind})
            return len(counted)

        client.force_login(uma)
        alone, paper = queries(), waiting[0].brief
        practice = make_practice()
        for number in range(15):
            Concern.objects.create(brief=paper, text=f"{number}")
            Concern.objects.create(practice=practice, text=f"{number}")
            FormatRequest.objects.create(
                brief=paper, language="en", wanted="x", email="x@x.example", promised_on=date(2027, 2, 1)
            )
        assert (alone <= 8, queries() - alone) == (True, 0)

    def test_in_french(self, client: Any, waiting: Any, uma: Any) -> None:
        client.force_login(uma)
        page = client.get(address("readers", language="fr"))
        assert (page.status_code, "Sécurité dans les rues" in words_of(page)) == (200, True)
