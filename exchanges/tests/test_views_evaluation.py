"""Both sides next to each other, reviewers, the return visit, the end."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from exchanges.models import Exchange, Visit

from .factories import make_answer, make_exchange, make_return_visit, read
from .screens import about, address, said, text_of

pytestmark = pytest.mark.django_db
UNREAD = "Each side reads the other’s answers when both have answered"


@pytest.fixture
def at(amina: Any, helen: Any, thunder_bay: Any, winnipeg: Any) -> Any:
    return lambda stage="held": read(make_exchange(thunder_bay, winnipeg, stage=stage, by=amina).first_visit)


class TestReading:
    def test_counts_before_answers(
        self, client: Any, joseph: Any, helen: Any, rene: Any, uma: Any, rosa: Any, at: Any
    ) -> None:
        visit = at()
        make_answer(visit, "visitors")
        found = {}
        for person in (joseph, helen, rene, uma):
            client.force_login(person)
            page = client.get(about(visit, "evaluations"))
            found[person.name] = (page.status_code, UNREAD in text_of(page))
            assert [(row.side, row.counts.answered) for row in page.context["rows"]] == [("visitors", 1), ("hosts", 0)]
        assert found == {
            "Joseph Kakegamic": (200, True),
            "Helen Friesen": (200, True),
            "René Gagnon": (200, False),
            "Uma Sharma": (200, False),
        }
        client.force_login(rosa)
        assert client.get(about(visit, "evaluations")).status_code == 404

    def test_once_released_both_sides_read(self, client: Any, joseph: Any, helen: Any, at: Any) -> None:
        visit = at("evaluated")
        for person in (joseph, helen):
            client.force_login(person)
            assert UNREAD not in text_of(client.get(about(visit, "evaluations", language="en")))

    def test_before_the_visit_one_is_led_to_it(self, client: Any, joseph: Any, at: Any) -> None:
        visit = at("confirmed")
        client.force_login(joseph)
        assert client.get(about(visit, "evaluations"))["Location"] == about(visit, "visit")

    def test_the_report_is_for_later_and_for_whom_it_concerns(
        self, client: Any, joseph: Any, rosa: Any, at: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(
            "exchanges.views.evaluation.report_pdf", lambda _exchange, language: f"%PDF {language}".encode()
        )
        early, late = at(), at("evaluated")
        client.force_login(joseph)
        assert client.get(address("report", early.exchange.reference)).status_code == 404
        page = client.get(address("report", late.exchange.reference, language="fr"))
        assert (page["Content-Type"], page.content) == ("application/pdf", b"%PDF fr")
        assert page["Content-Disposition"] == f'inline; filename="{late.exchange.reference}-fr.pdf"'
        client.force_login(rosa)
        assert client.get(address("report", late.exchange.reference)).status_code == 404


class TestReviewing:
    """Names, comments and confidential remarks are on the reviewers' desk; this page leads there and shows none of them."""

    def test_reviewers_are_led_to_their_desk(self, client: Any, rene: Any, uma: Any, joseph: Any, at: Any) -> None:
        visit = at("evaluated")
        desk = visit.evaluations.first().survey.occasion.get_absolute_url()
        found = {}
        for person in (rene, uma, joseph):
            client.force_login(person)
            page = client.get(about(visit, "evaluations", language="en"))
            found[person.name] = (page.status_code, page.context["desk_url"], desk in text_of(page))
        assert found == {
            "René Gagnon": (200, desk, True),
            "Uma Sharma": (200, "", False),
            "Joseph Kakegamic": (200, "", False),
        }

    def test_nobody_reads_names_here(self, client: Any, rene: Any, priya: Any, at: Any) -> None:
        visit = at("evaluated")
        for person in (rene, priya):
            client.force_login(person)
            groups = client.get(about(visit, "evaluations")).context["groups"]
            shown = [
                (group.is_confidential, [text.name for side in group.sides for text in side.summary.texts])
                for group in groups
            ]
            assert [(secret, any(names)) for secret, names in shown] == [(False, False)] * len(groups)

    def test_nothing_is_written_here(self, client: Any, rene: Any, at: Any) -> None:
        visit = at()
        client.force_login(rene)
        assert client.post(about(visit, "evaluations"), {"comment": "Well done"}).status_code == 405
        assert client.post(about(visit, "evaluation_move", "reviewed")).status_code == 404


class TestReleasingOneSide:
    def test_needs_a_reason_and_forty_five_days(self, client: Any, priya: Any, amina: Any, at: Any) -> None:
        visit = at()
        move = about(visit, "evaluation_move", "one-sided")
        client.force_login(amina)
        assert client.post(move, {"note": "x"}).status_code == 403
        client.force_login(priya)
        page = client.post(move, {"note": " "})
        assert (page.status_code, page.context["form"].errors) == (422, {"note": ["This field is required."]})
        assert said(client, client.post(move, {"note": "No answer"})) == ["Both sides have 45 days to evaluate."]
        past = timezone.localdate() - timedelta(days=60)
        Visit.objects.update(starts_on=past, ends_on=past)
        assert said(client, client.post(move, {"note": "No answer"})) == ["The answers are released."]
        assert said(client, client.post(move, {"note": "No answer"})) == ["There is nothing to release."]


class TestTheReturnVisit:
    def test_dates_swap_the_roles_once(self, client: Any, amina: Any, at: Any) -> None:
        visit = at("evaluated")
        client.force_login(amina)
        day = (timezone.localdate() + timedelta(days=100)).isoformat()
        sent = {"answer": "dates", "start_1": day, "end_1": day}
        answers = [client.post(about(visit, "return"), sent) for _ in range(2)]
        assert answers[0].status_code == 302
        assert [str(m) for m in answers[1].context["messages"]][-1] == "The return visit has been proposed already."
        assert Exchange.objects.get().visits.count() == 2

    @pytest.mark.parametrize(
        ("sent", "form", "field"),
        [
            ({"answer": "dates", "start_1": "2031-01-01"}, "dates", "end_1"),
            ({"answer": "decision", "decision": "later"}, "other", "from_on"),
            ({"answer": "decision", "decision": "not_needed", "reason": " "}, "other", "reason"),
            ({"answer": "decision", "decision": "perhaps", "reason": "Typed"}, "other", "decision"),
            ({"answer": "decision", "decision": "not_needed", "reason": "x" * 1001}, "other", "reason"),
        ],
    )
    def test_wrong_ones_come_back(
        self, client: Any, amina: Any, at: Any, sent: dict[str, str], form: str, field: str
    ) -> None:
        visit = at("evaluated")
        client.force_login(amina)
        page = client.post(about(visit, "return", language="fr"), sent)
        assert (page.status_code, list(page.context[form].errors)) == (422, [field])
        assert page.context[form][field].value() == sent.get(field)

    def test_later_is_later(self, client: Any, amina: Any, at: Any) -> None:
        visit = at("evaluated")
        client.force_login(amina)
        page = client.post(about(visit, "return"), {"answer": "decision", "decision": "later", "from_on": "2020-01-01"})
        assert (page.status_code, [str(m) for m in page.context["messages"]]) == (
            422,
            ["Say from which day on, in the future."],
        )

    def test_is_not_for_staff(self, client: Any, joseph: Any, at: Any) -> None:
        visit = at("evaluated")
        client.force_login(joseph)
        assert client.get(about(visit, "return")).status_code == 403
        assert about(visit, "return") not in text_of(client.get(about(visit, "visit")))

    def test_its_pages_open_with_roles_swapped(self, client: Any, amina: Any, helen: Any, at: Any) -> None:
        back = make_return_visit(at("evaluated").exchange, stage="confirmed")
        for person in (amina, helen):
            client.force_login(person)
            for name in ("visit", "programme", "team", "practical", "documents", "day", "print", "confirm", "dates"):
                assert (name, client.get(about(back, name)).status_code) == (name, 200)
        page = client.get(about(back, "visit", language="fr"))
        assert (str(page.context["visiting"]), page.context["my_side"]) == ("Winnipeg", "visitors")


class TestClosing:
    def test_what_is_open_is_said_and_twice_is_no_error(self, client: Any, amina: Any, at: Any) -> None:
        visit = at("evaluated")
        close = address("close", visit.exchange.reference)
        client.force_login(amina)
        assert said(client, client.post(close)) == ["Decide about the return visit first."]
        Exchange.objects.update(return_decision="not_needed", return_reason="We talk by telephone.")
        assert said(client, client.post(close)) == [
            "The exchange is closed. Both sides are told; the report for council is ready."
        ]
        assert said(client, client.post(close)) == ["This exchange is closed."]
