"""Asking for an exchange: the draft that loses nothing, and sending it once."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from cmncp_portal.network.tests.factories import make_topic
from cmncp_portal.notifications.models import Message
from exchanges.models import Exchange, TeamMember, Visit

from .factories import make_exchange, make_window, read
from .screens import address, as_sent, said, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft(amina: Any, thunder_bay: Any, winnipeg: Any) -> Exchange:
    return make_exchange(thunder_bay, winnipeg, by=amina)


@pytest.fixture
def page_of(client: Any) -> Any:
    """page_of(person, draft) is the request page as that person opens it."""

    def opened(person: Any, draft: Exchange, language: str = "en") -> Any:
        client.force_login(person)
        return client.get(address("request", draft.reference, language=language))

    return opened


def stored(draft: Exchange) -> Exchange:
    return Exchange.objects.get(pk=draft.pk)


class TestBeginning:
    def test_one_sentence_begins_a_draft_with_two_open_places(self, client: Any, amina: Any, thunder_bay: Any) -> None:
        client.force_login(amina)
        sent = as_sent(client.get(address("ask")), challenge="How to <win> & keep 🦫 \u202e")
        answer = client.post(address("ask"), sent)
        made = Exchange.objects.get()
        assert answer["Location"] == address("request", made.reference)
        assert (made.guest, made.challenge, made.first_visit.state) == (
            thunder_bay,
            "How to <win> & keep 🦫 \u202e",
            "draft",
        )
        assert made.first_visit.team.filter(status="to_name").count() == 2
        assert "How to &lt;win&gt; &amp; keep 🦫" in text_of(client.get(answer["Location"]))

    def test_the_button_pressed_twice_begins_one_draft(self, client: Any, amina: Any) -> None:
        client.force_login(amina)
        sent = as_sent(client.get(address("ask")), challenge="How?")
        places = {client.post(address("ask"), sent)["Location"] for _ in range(2)}
        assert (len(places), Exchange.objects.count()) == (1, 1)

    @pytest.mark.parametrize("challenge", ["", "   ", "x" * 301, "x" * 1_000_000, "a\x00b"])
    def test_what_cannot_be_kept_is_said_in_french_and_nothing_is_lost(
        self, client: Any, luc: Any, challenge: str
    ) -> None:
        client.force_login(luc)
        page = client.post(
            address("ask", language="fr"), {"guest": luc.stakeholders.get().municipality_id, "challenge": challenge}
        )
        assert (page.status_code, Exchange.objects.count()) == (422, 0)
        assert "Une réponse est à revoir" in text_of(page)
        assert page.context["form"]["challenge"].value() == challenge

    def test_for_another_municipality_is_refused(self, client: Any, amina: Any, winnipeg: Any) -> None:
        client.force_login(amina)
        page = client.post(address("ask"), {"guest": winnipeg.pk, "challenge": "How?"})
        assert (page.status_code, Exchange.objects.count()) == (422, 0)

    def test_an_empty_post_is_an_answer_too(self, client: Any, amina: Any) -> None:
        client.force_login(amina)
        assert client.post(address("ask"), {}).status_code == 422


class TestWriting:
    def test_the_whole_draft_is_kept(
        self, client: Any, amina: Any, draft: Exchange, page_of: Any, gatineau: Any
    ) -> None:
        day = timezone.localdate() + timedelta(days=100)
        sent = as_sent(
            page_of(amina, draft), challenge="Another", objective_1="One", objective_3="Three", host_2=gatineau.pk,
            start_3=day.isoformat(), end_3=day.isoformat(), days="3", working_language="fr",
        )  # fmt: skip
        answer = client.post(address("request", draft.reference), sent)
        assert answer["Location"] == address("request", draft.reference)
        kept = stored(draft)
        assert (kept.challenge, kept.days, kept.working_language, kept.version) == (
            "Another",
            3,
            "fr",
            draft.version + 1,
        )
        assert [o.text for o in kept.objectives.all()] == ["One", "How results are measured", "Three"]
        assert [p.municipality.slug for p in kept.preferred_hosts.all()] == ["winnipeg", "gatineau"]
        assert [w.starts_on for w in kept.first_visit.windows.all()][-1] == day

    def wrong(self, client: Any, amina: Any, draft: Exchange, page_of: Any, language: str = "en", **typed: Any) -> Any:
        sent = as_sent(page_of(amina, draft, language), **typed)
        page = client.post(address("request", draft.reference, language=language), sent)
        assert (page.status_code, stored(draft).version) == (422, draft.version)
        for name, value in typed.items():
            assert page.context["form"][name].value() == value
        return page.context["form"].errors

    def test_reversed_and_half_periods(self, client: Any, amina: Any, draft: Exchange, page_of: Any) -> None:
        errors = self.wrong(
            client, amina, draft, page_of, start_1="2031-05-05", end_1="2031-05-04", start_3="2031-05-05"
        )
        assert errors == {
            "end_1": ["The last day comes before the first one."],
            "end_3": ["Give both days of this period."],
        }

    def test_the_same_in_french(self, client: Any, amina: Any, draft: Exchange, page_of: Any) -> None:
        errors = self.wrong(client, amina, draft, page_of, language="fr", end_3="2031-05-05", days="9")
        assert errors == {
            "start_3": ["Indiquez les deux jours de cette période."],
            "days": ["Assurez-vous que cette valeur est inférieure ou égale à 5."],
        }

    def test_six_topics(self, client: Any, amina: Any, draft: Exchange, page_of: Any) -> None:
        six = [str(make_topic(f"topic-{n}").pk) for n in range(6)]
        errors = self.wrong(client, amina, draft, page_of, topics=six)
        assert errors == {"topics": ["Choose at most five topics, so that your host can prepare."]}

    def test_a_host_chosen_twice(self, client: Any, amina: Any, draft: Exchange, page_of: Any, winnipeg: Any) -> None:
        errors = self.wrong(client, amina, draft, page_of, host_3=str(winnipeg.pk))
        assert errors == {"host_3": ["Each choice is another municipality."]}

    def test_to_visit_oneself(self, client: Any, amina: Any, draft: Exchange, page_of: Any, thunder_bay: Any) -> None:
        errors = self.wrong(client, amina, draft, page_of, host_1=str(thunder_bay.pk))
        assert list(errors) == ["host_1"]

    def test_a_megabyte(self, client: Any, amina: Any, draft: Exchange, page_of: Any) -> None:
        errors = self.wrong(client, amina, draft, page_of, interests="x" * 1_000_000)
        assert errors == {"interests": ["Ensure this value has at most 10000 characters (it has 1000000)."]}

    def test_numbers_that_are_none(self, client: Any, amina: Any, draft: Exchange, page_of: Any) -> None:
        errors = self.wrong(client, amina, draft, page_of, topics=["9" * 30], host_1="9" * 30, days="²")
        assert set(errors) == {"topics", "host_1", "days"}

    def test_after_it_was_sent_an_open_page_says_so(
        self, client: Any, amina: Any, draft: Exchange, page_of: Any
    ) -> None:
        sent = as_sent(page_of(amina, draft), challenge="Too late")
        Visit.objects.update(state="proposed")
        answer = client.post(address("request", draft.reference), sent)
        assert said(client, answer) == ["This request has been sent; it is no longer a draft."]
        assert client.post(address("request", draft.reference), sent, headers={"X-Autosave": "1"}).status_code == 409


class TestAutosave:
    @pytest.fixture
    def autosave(self, client: Any, amina: Any, draft: Exchange, page_of: Any) -> Any:
        page = page_of(amina, draft)
        return lambda **typed: client.post(
            address("request", draft.reference), as_sent(page, **typed), headers={"X-Autosave": "1"}
        )

    def test_it_answers_with_the_version_under_which_one_goes_on(self, autosave: Any, draft: Exchange) -> None:
        first = autosave(challenge="One")
        assert (first.status_code, first.json()) == (200, {"saved": True, "version": draft.version + 1, "left_out": []})
        second = autosave(challenge="Two", version=first.json()["version"])
        assert (second.json()["version"], stored(draft).challenge) == (draft.version + 2, "Two")

    def test_half_filled_it_keeps_what_can_be_kept(self, autosave: Any, draft: Exchange) -> None:
        windows = [(w.starts_on, w.ends_on) for w in draft.first_visit.windows.all()]
        answer = autosave(challenge="", interests="Half a sen", start_1="", start_4="2031-05-05", objective_2="x" * 301)
        assert answer.json() == {
            "saved": False,
            "version": draft.version + 1,
            "left_out": ["end_4", "objective_2", "start_1"],
        }
        kept = stored(draft)
        assert (kept.challenge, kept.interests) == ("", "Half a sen")
        assert [(w.starts_on, w.ends_on) for w in kept.first_visit.windows.all()] == windows
        assert [o.text for o in kept.objectives.all()] == [o.text for o in draft.objectives.all()]

    def test_somebody_else_saved_first(self, autosave: Any, draft: Exchange) -> None:
        assert autosave(challenge="One").status_code == 200
        answer = autosave(challenge="Two")
        assert (answer.status_code, answer.json(), stored(draft).challenge) == (409, {"saved": False}, "One")

    def test_a_host_cannot(self, client: Any, helen: Any, autosave: Any, draft: Exchange) -> None:
        client.force_login(helen)
        assert autosave(challenge="Mine now").status_code == 404


class TestTwoPeople:
    @pytest.fixture
    def conflict(self, client: Any, amina: Any, joseph: Any, draft: Exchange, page_of: Any) -> Any:
        """Both have the page open; Joseph saves, then Amina."""
        seen = page_of(amina, draft)
        theirs = as_sent(page_of(joseph, draft), challenge="Joseph’s <words>", interests="Housing first")
        client.post(address("request", draft.reference), theirs)
        client.force_login(amina)
        return client.post(
            address("request", draft.reference), as_sent(seen, challenge="Amina’s words", objective_3="Meet council")
        )

    def test_the_second_sees_both_texts(self, conflict: Any, draft: Exchange) -> None:
        assert conflict.status_code == 409
        assert {d.field.name: (d.theirs, d.take_theirs) for d in conflict.context["differences"]} == {
            "challenge": ("Joseph’s <words>", False),
            "interests": ("Housing first", True),
            "objective_3": ("", False),
        }
        assert [text in text_of(conflict) for text in ("Joseph’s &lt;words&gt;", "Amina’s words")] == [True, True]
        assert stored(draft).challenge == "Joseph’s <words>"

    @pytest.mark.parametrize(("choice", "challenge"), [("mine", "Amina’s words"), ("theirs", "Joseph’s <words>")])
    def test_sent_again_the_choice_stands_and_nothing_else_is_lost(
        self, client: Any, conflict: Any, draft: Exchange, choice: str, challenge: str
    ) -> None:
        sent = as_sent(conflict, **{"choose-challenge": choice})
        answer = client.post(address("request", draft.reference), sent)
        kept = stored(draft)
        assert (answer.status_code, kept.challenge, kept.interests) == (302, challenge, "Housing first")
        assert [o.text for o in kept.objectives.all()][-1] == "Meet council"
        assert [p.municipality_id for p in kept.preferred_hosts.all()] == [
            p.municipality_id for p in draft.preferred_hosts.all()
        ]


class TestSending:
    def test_once_however_often_it_is_pressed(self, client: Any, amina: Any, helen: Any, draft: Exchange) -> None:
        client.force_login(amina)
        review = address("review", draft.reference)
        first, second = client.post(review), client.post(review)
        assert "Your request is sent. You get a receipt by email." in said(client, first)
        assert second["Location"] == review
        page = client.get(review, follow=True)
        assert page.status_code == 200
        assert Visit.objects.get().state == "proposed"
        assert Message.objects.filter(kind="exchanges.request_received").count() == 1

    def test_who_was_second_reads_who_sent_it(self, client: Any, amina: Any, joseph: Any, draft: Exchange) -> None:
        for person in (amina, joseph):
            client.force_login(person)
            client.post(address("review", draft.reference))
        page = client.get(address("review", draft.reference), follow=True)
        assert [str(m) for m in page.context["messages"]] == ["Already done by Amina Diallo: it is “Requested”."]

    @pytest.mark.parametrize(
        ("language", "reason"),
        [
            ("en", "Periods begin at least 30 days from now, so that your host can prepare."),
            (
                "fr",
                "Les périodes commencent dans 30 jours au plus tôt, pour que la municipalité hôte puisse se préparer.",
            ),
        ],
    )
    def test_periods_in_the_past(self, client: Any, amina: Any, draft: Exchange, language: str, reason: str) -> None:
        make_window(draft.first_visit, timezone.localdate() - timedelta(days=3))
        client.force_login(amina)
        review = address("review", draft.reference, language=language)
        assert reason in text_of(client.get(review))
        client.post(review)
        assert Visit.objects.get().state == "draft"

    def test_staff_may_send_it_and_the_host_learns_of_nothing_before(
        self, client: Any, joseph: Any, helen: Any, draft: Exchange
    ) -> None:
        client.force_login(helen)
        assert client.post(address("review", draft.reference)).status_code == 404
        client.force_login(joseph)
        client.post(address("review", draft.reference))
        assert Visit.objects.get().state == "proposed"


class TestSessionExpired:
    def test_the_sign_in_page_leads_back_to_the_draft(self, client: Any, draft: Exchange) -> None:
        answer = client.post(address("request", draft.reference), {"challenge": "Lost?"})
        assert answer["Location"].endswith(f"?next={address('request', draft.reference)}")
        page = client.get(answer["Location"])
        assert address("request", draft.reference) in text_of(page)

    def test_a_draft_that_saves_itself_is_not_told_that_it_was_saved(self, client: Any, draft: Exchange) -> None:
        answer = client.post(
            address("request", draft.reference), {"challenge": "Lost?"}, headers={"X-Autosave": "1"}, follow=True
        )
        assert "json" not in answer["Content-Type"]  # the page's script takes nothing else for a yes


class TestGivingUp:
    def test_withdrawing_needs_a_reason_and_keeps_what_was_typed(
        self, client: Any, amina: Any, draft: Exchange
    ) -> None:
        client.force_login(amina)
        move = address("move", draft.reference, "first", "withdraw")
        page = client.post(move, {"note": " "})
        assert (page.status_code, Visit.objects.get().state) == (422, "draft")
        long = client.post(move, {"note": "x" * 1001})
        assert (long.status_code, long.context["form"]["note"].value()) == (422, "x" * 1001)
        answer = client.post(move, {"note": "Budget cuts."})
        assert said(client, answer) == ["Done: Withdraw the request. Nobody needs a letter."]

    def test_a_second_time_says_by_whom(self, client: Any, amina: Any, priya: Any, draft: Exchange) -> None:
        for person in (amina, priya):
            client.force_login(person)
            answer = client.post(address("move", draft.reference, "first", "withdraw"), {"note": "Budget cuts."})
        assert said(client, answer) == ["Already done by Amina Diallo: it is “Withdrawn”."]


class TestFindingAHost:
    @pytest.fixture
    def homeless(self, amina: Any, thunder_bay: Any, winnipeg: Any) -> Exchange:
        return make_exchange(thunder_bay, stage="finding_host", by=amina)

    def test_the_network_asks_one_at_a_time(self, client: Any, priya: Any, homeless: Exchange, gatineau: Any) -> None:
        client.force_login(priya)
        hosts = address("hosts", homeless.reference)
        assert client.get(hosts).status_code == 200
        assert said(client, client.post(hosts, {"host": "winnipeg"})) == ["Winnipeg is asked; the visitors are told."]
        second = client.post(hosts, {"host": "gatineau"})
        assert said(client, second) == ["Another host is being asked at the moment."]
        assert stored(homeless).host.slug == "winnipeg"

    @pytest.mark.parametrize("host", ["", "nowhere", "a\x00b", "x" * 10_000])
    def test_a_host_that_is_none(self, client: Any, priya: Any, homeless: Exchange, host: str) -> None:
        client.force_login(priya)
        assert client.post(address("hosts", homeless.reference), {"host": host}).status_code == 404

    def test_the_visitors_look_and_do_not_ask(self, client: Any, amina: Any, homeless: Exchange) -> None:
        client.force_login(amina)
        assert client.get(address("hosts", homeless.reference)).status_code == 200
        assert client.post(address("hosts", homeless.reference), {"host": "winnipeg"}).status_code == 403


def test_open_places_may_be_named_while_the_draft_is_written(client: Any, joseph: Any, draft: Exchange) -> None:
    visit = read(draft.first_visit)
    client.force_login(joseph)
    place = visit.team.get(category="elected")
    edit = address("member_edit", draft.reference, "first", place.pk)
    client.post(edit, as_sent(client.get(edit), name="Councillor O’Neil <3", email="ONEIL@thunderbay.example"))
    assert TeamMember.objects.get(pk=place.pk).status == "named"
