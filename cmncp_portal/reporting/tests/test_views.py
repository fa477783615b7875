"""The pages on which a report is made: what they ask, say and keep; wrong input, wrong moment, and their queries."""

from datetime import date
from typing import Any

import pytest
from django.test import Client

from cmncp_portal.evaluation.tests.factories import make_occasion, make_response, make_survey
from cmncp_portal.network.tests.factories import make_stakeholder
from cmncp_portal.reporting.models import Calculation, CountedRecord, LinkedCase, Report
from cmncp_portal.reporting.services import calculating, freezing, writing

from .factories import World, counted, frozen, make_report, written
from .screens import address, as_sent, heading, main_of, said, text_of, words_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def signed_in(client: Client, world: World, priya: Any) -> Client:
    client.force_login(priya)
    return client


@pytest.fixture
def report(world: World, priya: Any) -> Report:
    return make_report(priya)


class TestNew:
    def test_it_begins_with_the_fiscal_year_and_all_figures(self, signed_in: Client) -> None:
        page = signed_in.get(address("new"))
        sent = as_sent(page, title_en="Report", title_fr="Rapport", due_on="2027-04-30")
        assert [sent[name] for name in ("from_on", "until_on", "compares_from_on", "compares_until_on")] == [
            "2026-04-01", "2027-03-31", "2025-04-01", "2026-03-31",
        ]  # fmt: skip
        assert sent["indicators"] == ["visits-held", "response-rate", "worth"]
        assert "Visits held, defined." in words_of(page)
        answer = signed_in.post(address("new"), sent)
        made = Report.objects.get()
        assert answer["Location"] == address("report", made.pk)
        assert (made.title_fr, made.due_on, made.indicators) == ("Rapport", date(2027, 4, 30), [])

    @pytest.mark.parametrize(
        ("typed", "field", "wrong"),
        [
            ({"until_on": "2026-03-31"}, "until_on", "This day lies before the first one."),
            ({"until_on": "2126-03-31"}, "until_on", "A report is about five years at most."),
            ({"compares_until_on": ""}, "compares_until_on", "Give both days of the period to compare with, or neither."),
            ({"indicators": None}, "indicators", "Choose at least one figure."),
            ({"title_fr": ""}, "title_fr", "This field is required."),
            ({"from_on": "soon"}, "from_on", "Enter a valid date."),
            ({"from_on": "0001-01-01", "until_on": "2026-03-31"}, "from_on", "Enter a valid date."),
            ({"compares_until_on": "9999-12-31"}, "compares_until_on", "Enter a valid date."),
        ],
    )  # fmt: skip
    def test_wrong_input_comes_back(self, signed_in: Client, typed: Any, field: str, wrong: str) -> None:
        good = {"title_en": "My long title", "title_fr": "Mon long titre"}
        answer = signed_in.post(address("new"), as_sent(signed_in.get(address("new")), **(good | typed)))
        assert (answer.status_code, answer.context["form"].errors[field]) == (422, [wrong])
        assert "My long title" in text_of(answer)
        assert Report.objects.count() == 0


class TestEdit:
    def test_fewer_figures(self, signed_in: Client, report: Report) -> None:
        sent = as_sent(signed_in.get(address("edit", report.pk)), indicators="worth", until_on="2026-12-31")
        assert signed_in.post(address("edit", report.pk), sent)["Location"] == address("report", report.pk)
        found = Report.objects.get()
        assert (found.indicators, found.until_on, found.due_on) == (["worth"], date(2026, 12, 31), date(2027, 4, 30))

    def test_somebody_saved_before(self, signed_in: Client, report: Report, rene: Any) -> None:
        sent = as_sent(signed_in.get(address("edit", report.pk)), title_en="Mine")
        writing.change(report, seen=1, by=rene, title_en="Theirs")
        answer = signed_in.post(address("edit", report.pk), sent)
        assert answer.status_code == 409
        assert ("Mine" in text_of(answer), "Theirs" in text_of(answer)) == (True, True)
        assert Report.objects.get().title_en == "Theirs"


class TestReport:
    def test_before_the_figures_are_there(self, signed_in: Client, report: Report) -> None:
        words = words_of(signed_in.get(address("report", report.pk)))
        assert "Calculate the figures, then write the texts." in words
        assert "Check and freeze" not in words

    def test_calculating_shows_how_far_without_script_and_with(
        self, signed_in: Client, report: Report, client: Client
    ) -> None:
        assert signed_in.post(address("calculate", report.pk))["Location"] == address("report", report.pk)
        page = signed_in.get(address("report", report.pk))
        assert "The figures are about to be calculated." in words_of(page)
        assert 'role="status"' in main_of(page)
        assert f'<a href="{address("report", report.pk)}">Look again</a>' in main_of(page)
        again = signed_in.post(address("calculate", report.pk))
        assert "The figures are being calculated already." in said(signed_in, again)
        Calculation.objects.update(state="running", started_at="2027-02-01T15:00:00Z", parts=6, parts_done=2)
        part = signed_in.get(address("report", report.pk), HTTP_HX_REQUEST="true")
        assert text_of(part).lstrip().startswith('<div id="progress"')
        assert '<progress max="6" value="2" aria-label="2 of 6 figures are calculated.">' in text_of(part)
        Calculation.objects.update(state="waiting")
        calculating.run(Calculation.objects.get().pk)
        done = text_of(signed_in.get(address("report", report.pk), HTTP_HX_REQUEST="true"))
        assert ("hx-get" in done, "Show the figures" in done) == (False, True)

    def test_a_failure_is_said(self, signed_in: Client, report: Report, priya: Any) -> None:
        calculating.calculate(report, by=priya)
        Calculation.objects.update(state="failed", problem="OperationalError: secret")
        words = words_of(signed_in.get(address("report", report.pk)))
        assert ("could not be calculated" in words, "secret" in words) == (True, False)

    def test_figures_with_n_denominator_what_is_left_out_and_the_period_before(
        self, signed_in: Client, report: Report, priya: Any
    ) -> None:
        counted(written(report, priya), priya)
        words = words_of(signed_in.get(address("report", report.pk)))
        assert "Visits held Visits held, defined. The funder · definition, version 1" in words
        assert "All 7 7 — 4 4 +3" in words
        assert "All 75.0% 12 16 75.0% 12 0.0 points" in words
        assert "Left out: 1. They were called off." in words
        assert "A good year. More visits. Thunder Bay in Winnipeg" in words

    def test_what_is_missing_before_freezing(self, signed_in: Client, report: Report, priya: Any) -> None:
        counted(report, priya)
        writing.write(report, "results", seen=1, by=priya, text_en="Only English.", text_fr="")
        make_survey(occasion=make_occasion(on=date(2027, 3, 31)), closes_at="2027-06-01T00:00:00Z")
        make_survey(occasion=make_occasion(on=date(2027, 4, 1)), closes_at="2027-06-01T00:00:00Z")
        make_survey(occasion=make_occasion(on=date(2027, 1, 1)), closes_at="2027-06-01T00:00:00Z", cancelled_at="2027-01-01T00:00:00Z")  # fmt: skip
        make_survey(occasion=make_occasion(on=date(2027, 1, 1)), closes_at="2027-01-31T00:00:00Z", opens_at="2027-01-01T00:00:00Z", due_at="2027-01-20T00:00:00Z")  # fmt: skip
        page = signed_in.get(address("freeze", report.pk))
        assert [(check.label, check.reason) for check in page.context["checks"]] == [
            ("The figures are calculated", ""),
            ("The period is over", "The period is not over: figures may still grow."),
            ("Text: In short", "The text is missing in both languages."),
            ("Text: What changed", "The French text is missing."),
            ("No evaluation of the period is open", "One evaluation of the period is still open: its answers may still change the figures."),
            ("No small group is hidden", "4 numbers are about fewer than five people, or would give them away: they will be hidden."),
        ]  # fmt: skip
        assert "Freeze the report" in words_of(page)  # a warning keeps nobody from it

    def test_it_cannot_be_frozen_before(self, signed_in: Client, report: Report) -> None:
        page = signed_in.get(address("freeze", report.pk))
        assert ("Freeze the report" in words_of(page), "The figures are not calculated yet." in words_of(page)) == (False, True)  # fmt: skip
        answer = signed_in.post(address("freeze", report.pk))
        assert "The figures are not calculated yet." in said(signed_in, answer)


class TestTexts:
    def test_both_languages(self, signed_in: Client, report: Report) -> None:
        there = address("narrative", report.pk, "learning")
        assert heading(signed_in.get(there)) == "What people learned"
        sent = as_sent(signed_in.get(there), text_en="One.", text_fr="Une.") | {}
        assert signed_in.post(there, {k: sent[k] for k in ("text_en", "text_fr", "version")})["Location"] == address("report", report.pk)  # fmt: skip
        assert report.narratives.values_list("section", "text_en", "text_fr").get() == ("learning", "One.", "Une.")

    def test_somebody_wrote_before(self, signed_in: Client, report: Report, rene: Any) -> None:
        writing.write(report, "learning", seen=1, by=rene, text_en="Theirs.", text_fr="")
        answer = signed_in.post(address("narrative", report.pk, "learning"), {"text_en": "Mine.", "version": "1"})
        assert answer.status_code == 409
        assert ("Mine." in text_of(answer), "Theirs." in text_of(answer)) == (True, True)

    def test_too_long_and_no_such_section(self, signed_in: Client, report: Report) -> None:
        answer = signed_in.post(address("narrative", report.pk, "summary"), {"text_en": "x" * 10_001, "version": "1"})
        assert (answer.status_code, "x" * 10_001 in text_of(answer)) == (422, True)
        assert signed_in.get(address("narrative", report.pk, "nonsense")).status_code == 404

    @pytest.mark.parametrize(
        ("typed", "kept"),
        [
            ("/fr/echanges/", "/en/exchanges/"),
            ("http://127.0.0.1:8000/en/meetings/?page=2", "/en/meetings/"),
            ("https://evil.example/en/meetings/", ""),
            ("/en/no/such/page/", ""),
            ("/admin/", ""),
            ("javascript:alert(1)", ""),
            ("http://[::1", ""),
            ("/en/strategies/commitments/answer/1.key/", ""),  # whoever reads the report would hold it
        ],
    )
    def test_a_case_is_a_page_of_the_portal(self, signed_in: Client, report: Report, typed: str, kept: str) -> None:
        sent = {"path": typed, "title_en": "A visit", "title_fr": "Une visite"}
        answer = signed_in.post(address("case_add", report.pk, "summary"), sent)
        assert answer.status_code == (302 if kept else 422)
        assert list(LinkedCase.objects.values_list("path", flat=True)) == ([kept] if kept else [])
        if not kept:
            assert "This is not the address of a page of the portal." in words_of(answer)
            assert "A visit" in text_of(answer)


class TestDueDate:
    def test_it_moves_with_a_reason_and_the_history_is_shown(self, signed_in: Client, report: Report) -> None:
        there = address("due_date", report.pk)
        assert signed_in.post(there, {"due_on": "2027-05-15", "reason": ""}).status_code == 422
        signed_in.post(there, {"due_on": "2027-05-15", "reason": "The funder asked."})
        words = words_of(signed_in.get(there))
        assert "April 30, 2027 → May 15, 2027 · Priya Nair The funder asked." in words
        again = signed_in.post(there, {"due_on": "2027-05-15", "reason": "Again."})
        assert said(signed_in, again)[-1] == "The report is due on this day already."

    def test_handed_in_and_not_after_all(self, signed_in: Client, report: Report, priya: Any) -> None:
        frozen(report, priya)
        there = address("handed_in", report.pk)
        assert said(signed_in, signed_in.post(there, {"on": ""})) == ["Give the day on which it was handed in."]
        signed_in.post(there, {"on": "2027-01-31"})
        assert "Handed in on January 31, 2027" in words_of(signed_in.get(address("report", report.pk)))
        signed_in.post(there, {"not": "1"})
        assert Report.objects.get().handed_in_on is None


class TestBehind:
    def test_what_stands_behind_a_figure(self, signed_in: Client, report: Report, priya: Any, world: World) -> None:
        world.visits = 30
        counted(report, priya)
        page = signed_in.get(address("figure", report.pk, "visits-held"))
        assert "31 entries" in words_of(page)
        assert [one.key for one in page.context["page"]][:2] == ["visit-0", "visit-1"]
        last = signed_in.get(address("figure", report.pk, "visits-held"), {"page": 2})
        assert "Visit 99 Left out: It was called off." in words_of(last).replace(" : ", ": ")
        assert signed_in.get(address("figure", report.pk, "nonsense")).status_code == 404

    def test_answers_about_the_own_municipality_are_not_listed(
        self, client: Client, report: Report, world: World, priya: Any, winnipeg: Any
    ) -> None:
        visit = make_occasion(places=[winnipeg])
        own = make_response(make_survey(occasion=visit))
        other = make_response(make_survey())
        world.answered = [own.pk, other.pk]
        counted(report, priya)
        client.force_login(priya)
        labels = [f"Answer {one.pk}" for one in (own, other)]
        for is_of_winnipeg in (False, True):
            if is_of_winnipeg:
                make_stakeholder(winnipeg, user=priya, standing="staff")
            page = main_of(client.get(address("figure", report.pk, "worth")))
            assert [label in page for label in labels] == [not is_of_winnipeg, True]

    def test_a_frozen_figure_leads_to_what_it_counted_then(
        self, signed_in: Client, report: Report, priya: Any, world: World
    ) -> None:
        frozen(report, priya)
        world.visits = 1
        counted(report, priya)
        here = [len(signed_in.get(address(*place)).context["page"]) for place in (
            ("figure", report.pk, "visits-held"), ("frozen_figure", report.pk, 1, "visits-held"),
        )]  # fmt: skip
        assert here == [2, 8]
        assert address("frozen_figure", report.pk, 1, "visits-held") in text_of(signed_in.get(address("snapshot", report.pk, 1)))  # fmt: skip


class TestQueries:
    """At most eight for a page signed in, five without, however much there is."""

    @pytest.mark.parametrize(
        ("name", "more"),
        [
            ("list", None), ("definitions", None), ("new", None), ("report", ()), ("edit", ()), ("due_date", ()),
            ("narrative", ("summary",)), ("figure", ("worth",)), ("snapshot", (1,)), ("frozen_figure", (1, "worth")),
        ],
    )  # fmt: skip
    def test_signed_in(
        self, signed_in: Client, report: Report, priya: Any, world: World, name: str, more: Any,
        django_assert_max_num_queries: Any,
    ) -> None:  # fmt: skip
        there = address(name) if more is None else address(name, report.pk, *more)
        frozen(written(report, priya), priya)
        signed_in.get(there)
        with django_assert_max_num_queries(8) as few:
            assert signed_in.get(there).status_code == 200
        self.grow(report, priya, world)
        with django_assert_max_num_queries(len(few)):
            signed_in.get(there)

    def grow(self, report: Report, by: Any, world: World) -> None:
        for section in ("output", "results"):
            writing.write(report, section, seen=1, by=by, text_en="a", text_fr="b")
            for number in range(3):
                path = f"/en/knowledge/practices/?{number}"
                writing.link_case(report, section, by=by, path=path, title_en="a", title_fr="b")
        frozen(report, by)
        counted(report, by)
        make_report(by)
        row = CountedRecord.objects.first()
        assert row
        CountedRecord.objects.bulk_create([
            CountedRecord(calculation=report.calculations.first(), indicator="worth", key=f"x-{n}", label_en="a", label_fr="b")
            for n in range(60)
        ])  # fmt: skip

    def test_freezing_page_and_without_an_account(
        self, signed_in: Client, report: Report, priya: Any, django_assert_max_num_queries: Any
    ) -> None:
        snapshot = frozen(written(report, priya), priya)
        freezing.share(snapshot, by=priya)
        signed_in.get(address("freeze", report.pk))
        with django_assert_max_num_queries(8):
            signed_in.get(address("freeze", report.pk))
        with django_assert_max_num_queries(5):
            assert Client().get(address("shared", snapshot.token)).status_code == 200
