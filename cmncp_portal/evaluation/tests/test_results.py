"""n with every figure, both languages as one category, and silence below five where it leaves the network."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import translation

from cmncp_portal.evaluation.models import Remark
from cmncp_portal.evaluation.results import (
    Counts,
    Figures,
    QuestionSummary,
    beside,
    counts,
    read,
    remarks,
    summarise,
    summarise_each,
)
from cmncp_portal.evaluation.tests.factories import (
    ALL_KINDS,
    QUOTE,
    SUBJECTS,
    YES_NO,
    make_invitation,
    make_questionnaire,
    make_response,
    make_survey,
)  # fmt: skip

pytestmark = pytest.mark.django_db


def summary_of(survey: Any, code: str, viewer: Any = "reviewer") -> QuestionSummary:
    surveys = survey if isinstance(survey, list) else [survey]
    return next(s for s in summarise(surveys, viewer=viewer) if s.code == code)


def bars(summary: QuestionSummary, line: int = 0, scale: int = 0) -> dict[str, int | None]:
    return {bar.code: bar.count for bar in summary.lines[line].scales[scale].bars}


def test_yes_and_oui_are_one_category() -> None:
    survey = make_survey()
    for language, value in (("en", "yes"), ("fr", "yes"), ("fr", "no"), ("en", "yes")):
        make_response(survey, language=language, answers={"return-visit": value})
    for language, label in (("en", "Yes"), ("fr", "Oui")):
        with translation.override(language):
            found = summary_of(survey, "return-visit")
            assert (found.n, bars(found)) == (4, {"yes": 3, "no": 1})
            assert str(found.lines[0].scales[0].bars[0].label) == label
            assert [bar.share for bar in found.lines[0].scales[0].bars] == [0.75, 0.25]


def test_a_rating_has_its_mean_and_leaves_not_applicable_out_of_n() -> None:
    survey = make_survey()
    for value in (5, 4, 4, "na"):
        make_response(survey, answers={"usefulness": value})
    make_response(survey, answers={})
    found = summary_of(survey, "usefulness")
    scale = found.lines[0].scales[0]
    assert (found.n, scale.n, scale.not_applicable) == (4, 3, 1)
    assert scale.mean == pytest.approx(13 / 3)
    assert bars(found) == {"1": 0, "2": 0, "3": 0, "4": 2, "5": 1}


def test_each_line_of_a_matrix_has_its_own_n() -> None:
    survey = make_survey()
    make_response(survey, answers={"objectives": {"objective-1": 5, "objective-2": 3}})
    make_response(survey, answers={"objectives": {"objective-1": 4}})
    found = summary_of(survey, "objectives")
    assert [(str(line.label), line.scales[0].n, line.scales[0].mean) for line in found.lines] == [
        ("Learn about street outreach", 2, 4.5),
        ("Learn about funding", 1, 3.0),
    ]


def test_before_and_after_with_the_change_of_those_who_gave_both() -> None:
    survey = make_survey()
    make_response(survey, answers={"knowledge": {"planning": {"before": 2, "after": 4}}})
    make_response(survey, answers={"knowledge": {"planning": {"before": 3, "after": 4}, "partners": {"after": 5}}})
    make_response(survey, answers={"knowledge": {"planning": {"before": "na", "after": 1}}})
    planning, partners = summary_of(survey, "knowledge").lines
    assert [(scale.n, scale.mean) for scale in planning.scales] == [(2, 2.5), (3, 3.0)]
    assert (planning.change, planning.pairs) == (1.5, 2)
    assert [scale.n for scale in partners.scales] == [0, 1]
    assert (partners.change, partners.pairs) == (None, 0)


def test_several_choices_are_shares_of_people() -> None:
    survey = make_survey()
    make_response(survey, answers={"topics": ["planning", "partners"]})
    make_response(survey, answers={"topics": ["partners"]})
    found = summary_of(survey, "topics")
    assert found.n == 2
    assert [(bar.code, bar.count, bar.share) for bar in found.lines[0].scales[0].bars] == [
        ("planning", 1, 0.5),
        ("partners", 2, 1.0),
    ]


def test_numbers_have_n_mean_median_and_total() -> None:
    survey = make_survey()
    for value in (2, 4, 9):
        make_response(survey, answers={"hours": value})
    assert summary_of(survey, "hours").figures == Figures(3, 5.0, 4, 15)


def test_drafts_do_not_count_and_late_ones_are_marked() -> None:
    survey = make_survey()
    make_response(survey, answers={"usefulness": 1}, draft=True)
    make_response(survey, answers={"usefulness": 4})
    make_response(survey, answers={"usefulness": 5}, late=True)
    make_invitation(survey)
    make_invitation(survey, excused_at=survey.opens_at)
    found = summary_of(survey, "usefulness")
    assert (found.n, found.late) == (2, 1)
    assert counts(survey) == Counts(asked=4, answered=2, late=1, excused=1)
    assert counts(survey).waiting == 2


@pytest.mark.parametrize(
    ("viewer", "names", "confidential"),
    [
        ("confidential", ["Amina"], True),
        ("reviewer", ["Amina"], False),
        ("own_side", [""], False),
        ("other_side", [""], False),
        ("report", [], False),
    ],
)
def test_who_sees_names_and_what_is_for_the_reviewers(viewer: Any, names: list[str], confidential: bool) -> None:
    survey = make_survey()
    make_response(survey, "Amina", answers={"contribution": "A shelter", "reviewers-only": "The bus was cold"})
    found = {s.code: s for s in summarise([survey], viewer=viewer)}
    assert [text.name for text in found["contribution"].texts] == names
    assert ("reviewers-only" in found) is confidential
    assert "The bus was cold" not in repr(list(found.values())) or viewer == "confidential"


def test_ideas_are_listed_one_by_one_in_words() -> None:
    survey = make_survey()
    ideas = [
        {"what": "A night bus", "programme": "SCAN", "who": "Transit", "by": "", "sure": 4},
        {"what": "A youth table", "programme": "", "who": "", "by": "", "sure": None},
    ]
    make_response(survey, answers={"ideas": ideas})
    found = summary_of(survey, "ideas")
    assert found.n == 1
    assert [text.words for text in found.texts] == ["A night bus; SCAN; Transit; how sure: 4 of 5", "A youth table"]


@pytest.mark.parametrize(("people", "shown"), [(4, False), (5, True), (6, True)])
def test_a_report_is_silent_below_five(people: int, shown: bool) -> None:
    survey = make_survey()
    for _n in range(people):
        make_response(survey, answers={"usefulness": 4, "hours": 3})
    rating, hours = summary_of(survey, "usefulness", "report"), summary_of(survey, "hours", "report")
    assert (rating.is_hidden, rating.n, bool(rating.lines)) == (not shown, people if shown else 0, shown)
    assert (hours.is_hidden, hours.figures is not None) == (not shown, shown)
    assert summary_of(survey, "usefulness", "other_side").n == people


def test_a_small_cell_of_a_report_cannot_be_found_by_subtraction() -> None:
    survey = make_survey()
    for value, times in ((5, 9), (4, 6), (2, 1)):
        for _n in range(times):
            make_response(survey, answers={"usefulness": value})
    found = summary_of(survey, "usefulness", "report")
    assert bars(found) == {"1": 0, "2": None, "3": 0, "4": None, "5": 9}
    assert found.lines[0].scales[0].n == 16


def test_two_small_cells_hide_each_other() -> None:
    survey = make_survey()
    for value, times in ((5, 9), (4, 3), (2, 1)):
        for _n in range(times):
            make_response(survey, answers={"usefulness": value})
    assert bars(summary_of(survey, "usefulness", "report")) == {"1": 0, "2": None, "3": 0, "4": None, "5": 9}


def test_objectives_of_many_visits_are_one_line_of_a_report_counted_by_person() -> None:
    form = make_questionnaire()
    surveys = [make_survey(form), make_survey(form, rows=[{"code": "objective-1", "en": "Another", "fr": "Autre"}])]
    for survey in surveys:
        for _n in range(3):
            make_response(survey, answers={"objectives": {"objective-1": 4}})
    report = summary_of(surveys, "objectives", "report")
    assert [(line.code, line.scales[0].n, line.scales[0].mean) for line in report.lines] == [("all", 6, 4.0)]
    inside = summary_of(surveys, "objectives")
    assert sorted((str(line.label), line.scales[0].n) for line in inside.lines) == [
        ("Another", 3),
        ("Learn about funding", 0),
        ("Learn about street outreach", 3),
    ]


@pytest.mark.parametrize(
    ("consent", "texts"), [("no", []), ("", []), ("unnamed", [("Yes!", "")]), ("named", [("Yes!", "Amina")])]
)
def test_a_report_quotes_only_with_consent(consent: str, texts: list[tuple[str, str]]) -> None:
    survey = make_survey(make_questionnaire(questions=(*ALL_KINDS, QUOTE)))
    make_response(survey, "Amina", answers={"contribution": "Yes!"}, may_quote=consent)
    for _n in range(4):
        make_response(survey, answers={"contribution": "Quiet"}, may_quote="no")
    found = summary_of(survey, "contribution", "report")
    assert (found.n, [(text.text, text.name) for text in found.texts]) == (5, texts)


def test_versions_and_sides_are_counted_together_by_code() -> None:
    older = make_questionnaire("visitors", questions=({"code": "back", "kind": "choice", "options": YES_NO},))
    newer = make_questionnaire(
        "visitors", version=2, questions=({"code": "back", "kind": "choice", "options": [*YES_NO, *SUBJECTS[:1]]},)
    )
    first, second = make_survey(older), make_survey(newer, opens_at=make_survey().opens_at + timedelta(days=1))
    make_response(first, answers={"back": "yes"})
    make_response(second, answers={"back": "yes"})
    make_response(second, answers={"back": "planning"})
    (found,) = summarise([first, second], viewer="reviewer")
    assert (found.n, bars(found)) == (3, {"yes": 2, "no": 0, "planning": 1})


def test_the_sides_are_put_beside_each_other_in_the_order_asked() -> None:
    visitors, hosts = (
        make_survey(),
        make_survey(make_questionnaire(questions=(ALL_KINDS[0], {"code": "learned", "kind": "text"}))),
    )
    make_response(visitors, answers={"usefulness": 5})
    groups = beside(
        [(name, summarise([one], viewer="confidential")) for name, one in (("Waterloo", visitors), ("Winnipeg", hosts))]
    )
    assert [group.code for group in groups] == [*(q["code"] for q in ALL_KINDS), "learned"]
    assert [(side.label, side.summary.n) for side in groups[0].sides] == [("Waterloo", 1), ("Winnipeg", 0)]
    assert [side.label for side in groups[-1].sides] == ["Winnipeg"]


def test_remarks_are_listed_and_never_counted() -> None:
    survey = make_survey()
    invitation = make_invitation(survey, "Amina")
    Remark.objects.create(invitation=invitation, text="Too late, but thank you")
    assert [(r.text, r.invitation.name) for r in remarks([survey])] == [("Too late, but thank you", "Amina")]
    assert counts(survey).answered == 0


def test_surveys_read_once_are_summarised_each_on_its_own(django_assert_num_queries: Any) -> None:
    surveys = [make_survey(), make_survey()]
    for survey, value in zip(surveys, (5, 2), strict=True):
        make_response(survey, answers={"usefulness": value})
    with django_assert_num_queries(2):
        each = summarise_each(read(surveys), viewer="reviewer")
    assert {pk: found[0].lines[0].scales[0].mean for pk, found in each.items()} == {surveys[0].pk: 5, surveys[1].pk: 2}


@pytest.mark.parametrize("people", [1, 8])
def test_the_number_of_queries_does_not_grow(people: int, django_assert_num_queries: Any) -> None:
    surveys = [make_survey() for _n in range(people)]
    for survey in surveys:
        for _n in range(people):
            make_response(survey, answers={"usefulness": 4, "contribution": "A"})
    with django_assert_num_queries(2):
        summarise(surveys, viewer="reviewer")


def test_the_component_shows_n_on_every_figure() -> None:
    from django.template.loader import render_to_string

    survey = make_survey()
    make_response(
        survey,
        answers={
            "usefulness": 4,
            "knowledge": {"planning": {"before": 1, "after": 4}},
            "contribution": "<b>Bold</b>",
            "hours": 3,
        },
    )
    html = render_to_string(
        "components/survey_results.html", {"groups": beside([("Waterloo", summarise([survey], viewer="other_side"))])}
    )
    assert html.count("n = 1") == 4 + 1 + 1  # four questions, the change from before to after, the hours
    assert html.count('<th scope="col">n</th>') == 2
    assert html.count("<td>1</td>") == 3 + 3
    assert "&lt;b&gt;Bold" in html
    assert "<b>Bold" not in html
    assert "style=" not in html
