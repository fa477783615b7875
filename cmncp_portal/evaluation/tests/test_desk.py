"""The desk: what waits, what stands out, both sides beside each other, and who reads what."""

from datetime import timedelta
from time import monotonic
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from cmncp_portal.evaluation import desk, reviewing, services
from cmncp_portal.evaluation.models import Answer, Invitation, Occasion, Remark, Response, Survey
from cmncp_portal.evaluation.tests.factories import (
    ALL_KINDS,
    CLOSES,
    DUE,
    OPENS,
    make_invitation,
    make_occasion,
    make_questionnaire,
    make_response,
    make_survey,
)

pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture(autouse=True)
def _while_it_is_open(clock: Any) -> None:
    clock.move_to(OPENS + 3 * DAY)


def sides(occasion: Occasion, *places: Any) -> tuple[Survey, Survey]:
    """The two surveys of a visit, the visitors' first."""
    form = make_questionnaire()
    visitors, hosts = places or (None, None)
    return (
        make_survey(form, occasion=occasion, side="visitors", place=visitors),
        make_survey(form, occasion=occasion, side="hosts", place=hosts),
    )


def waiting(user: Any, **narrowed: Any) -> list[Occasion]:
    return list(desk.queue(user, **narrowed))


def test_what_has_waited_longest_comes_first_and_nothing_waits_unanswered(rene: Any) -> None:
    newer, older, nobody, ahead = (make_survey() for _n in range(4))
    make_response(newer, submitted_at=OPENS + 2 * DAY)
    make_response(older, submitted_at=OPENS + DAY)
    make_response(nobody, draft=True)
    Survey.objects.filter(pk=ahead.pk).update(opens_at=OPENS + 4 * DAY)
    make_response(make_survey(cancelled_at=OPENS))
    assert waiting(rene) == [older.occasion, newer.occasion]
    assert waiting(rene, is_open=False) == [older.occasion, newer.occasion, nobody.occasion]


def test_each_line_says_how_many_and_until_when(rene: Any, thunder_bay: Any, winnipeg: Any) -> None:
    occasion = make_occasion(places=(thunder_bay, winnipeg))
    visitors, hosts = sides(occasion, thunder_bay, winnipeg)
    make_response(visitors, answers={"usefulness": 4, "contribution": "A table"})
    make_response(visitors, late=True, answers={"usefulness": "na", "reviewers-only": "The bus was cold"})
    make_invitation(visitors, excused_at=OPENS)
    make_response(hosts, draft=True, answers={"usefulness": 1, "reviewers-only": "Not sent"})
    (row,) = waiting(rene)
    assert (row.asked, row.answered, row.late_answers) == (3, 2, 1)
    assert (row.due_at, row.ends_at, row.last_at) == (DUE, CLOSES, DUE + DAY)
    assert (row.lowest, row.confidential, row.follow_ups_open, row.is_ours) == (4, 1, 0, False)
    flags = {flag: getattr(row, f"is_{flag}") for flag in desk.FLAGS}
    assert flags == {"new": True, "late": False, "low": False, "confidential": True, "one_sided": True}


@pytest.mark.parametrize(("lowest", "is_low"), [(1, True), (2, True), (3, False), ("na", False)])
def test_low_is_a_rating_of_two_or_less(rene: Any, lowest: Any, is_low: bool) -> None:
    survey = make_survey()
    for value in (5, lowest):
        make_response(survey, answers={"usefulness": value, "objectives": {"objective-1": 1}})
    (row,) = waiting(rene)
    assert (row.is_low, row.lowest) == (is_low, lowest if lowest != "na" else 5)
    assert len(waiting(rene, flag="low")) == is_low


@pytest.mark.parametrize(("after", "is_late"), [(-HOUR, False), (timedelta(0), False), (HOUR, True)])
def test_late_is_what_is_missing_once_the_due_day_has_passed(
    rene: Any, clock: Any, after: timedelta, is_late: bool
) -> None:
    survey = make_survey()
    make_response(survey)
    make_invitation(survey)
    make_invitation(make_survey(), excused_at=OPENS)  # nobody is asked there
    clock.move_to(DUE + after)
    assert [row.pk for row in waiting(rene, flag="late")] == [survey.occasion_id] * is_late
    Response.objects.update(submitted_at=None)
    assert len(waiting(rene, flag="late")) == is_late


@pytest.mark.parametrize(("days", "waits"), [(0, 1), (32, 0)])
def test_where_nobody_answers_it_is_late_until_the_survey_ends(rene: Any, clock: Any, days: int, waits: int) -> None:
    make_invitation(make_survey())
    clock.move_to(DUE + HOUR + days * DAY)
    assert (len(waiting(rene)), len(waiting(rene, is_open=False))) == (waits, 1)


def test_one_sided_is_one_side_of_two(rene: Any) -> None:
    occasion = make_occasion()
    visitors, hosts = sides(occasion)
    make_response(visitors)
    assert waiting(rene, flag="one_sided") == []  # the hosts were not asked
    make_invitation(hosts)
    assert waiting(rene, flag="one_sided") == [occasion]
    make_response(hosts)
    assert waiting(rene, flag="one_sided") == []


def test_reviewed_until_something_comes_or_a_follow_up_is_open(rene: Any, priya: Any, clock: Any) -> None:
    survey = make_survey()
    response = make_response(survey, submitted_at=OPENS + DAY)
    occasion = survey.occasion
    reviewing.mark_reviewed(occasion, by=rene, seen_at=OPENS + DAY)
    assert waiting(rene) == []
    asked = reviewing.flag(occasion, by=rene, text="Ring the hosts")
    assert [(row.is_new, row.follow_ups_open) for row in waiting(rene)] == [(False, 1)]
    reviewing.settle(asked, by=priya, outcome="Done")
    assert waiting(rene) == []
    clock.shift(HOUR)
    services.submit(response.invitation, seen=1, language="en", values={"usefulness": 2})
    assert [row.is_new for row in waiting(rene)] == [True]


def test_a_remark_after_the_end_is_something_new(rene: Any, clock: Any) -> None:
    survey = make_survey()
    response = make_response(survey, submitted_at=OPENS + DAY)
    reviewing.mark_reviewed(survey.occasion, by=rene, seen_at=OPENS + DAY)
    clock.shift(HOUR)
    Remark.objects.create(invitation=response.invitation, text="One more thing")
    assert [(row.is_new, row.last_at) for row in waiting(rene)] == [(True, OPENS + 3 * DAY + HOUR)]


def test_narrowed_by_activity(rene: Any) -> None:
    for activity in ("exchange", "meeting"):
        make_response(make_survey(occasion=make_occasion(activity=activity)))
    assert [row.activity for row in waiting(rene, activity="meeting")] == ["meeting"]


def test_ones_own_municipality_is_marked(helen: Any, amina: Any, winnipeg: Any) -> None:
    make_response(make_survey(occasion=make_occasion(places=(winnipeg,))))
    assert [[row.is_ours for row in waiting(user)] for user in (helen, amina)] == [[True], [False]]


def test_counts_of_what_is_open(rene: Any) -> None:
    for value in (1, 5, 5):
        make_response(make_survey(), answers={"usefulness": value})
    make_invitation(make_survey())
    assert desk.counts(rene) == {"open": 3, "new": 3, "late": 0, "low": 1, "confidential": 0, "one_sided": 0}


def test_the_sides_lie_next_to_each_other_with_names(rene: Any, thunder_bay: Any, winnipeg: Any) -> None:
    occasion = make_occasion(places=(thunder_bay, winnipeg))
    visitors, hosts = sides(occasion, thunder_bay, winnipeg)
    ideas = [{"what": "A night bus", "programme": "SCAN", "who": "Sam of transit", "by": "", "sure": 4}]
    make_response(visitors, "Amina", answers={"usefulness": 5, "contribution": "A shelter", "ideas": ideas})
    make_response(hosts, "Helen", answers={"usefulness": 3, "reviewers-only": "They were late"}, late=True)
    page = desk.page(rene, occasion)
    usefulness = page["sides"][0]
    means = [(str(side.label), side.summary.lines[0].scales[0].mean) for side in usefulness.sides]
    assert (usefulness.code, means) == ("usefulness", [("Thunder Bay", 5.0), ("Winnipeg", 3.0)])
    told = [(one.question.code, one.text, one.name, str(one.side)) for one in page["texts"]]
    assert told == [
        ("contribution", "A shelter", "Amina", "Thunder Bay"),
        ("ideas", "A night bus", "Amina", "Thunder Bay"),
    ]
    assert [(str(one.label), one.counts.asked, one.counts.late) for one in page["counted"]] == [
        ("Thunder Bay", 1, 0),
        ("Winnipeg", 1, 1),
    ]
    assert "They were late" not in repr(page)
    assert (page["hidden"], page["is_confidential_shown"], page["is_new"]) == (1, False, True)


def test_two_questionnaires_of_one_occasion_are_told_apart_by_their_titles(rene: Any) -> None:
    occasion = make_occasion(activity="training")
    for title in ("Evaluation of a training", "Did you use it?"):
        make_response(make_survey(make_questionnaire(title_en=title), occasion=occasion), answers={"usefulness": 4})
    assert [str(side.label) for side in desk.page(rene, occasion)["sides"][0].sides] == [
        "Evaluation of a training",
        "Did you use it?",
    ]


def test_what_is_for_the_reviewers_is_shown_to_those_who_asked_for_it(rene: Any, helen: Any, winnipeg: Any) -> None:
    occasion = make_occasion(places=(winnipeg,))
    make_response(make_survey(occasion=occasion), "Amina", answers={"reviewers-only": "The bus was cold"})
    page = desk.page(rene, occasion, confidential=True)
    assert [(one.text, one.name, one.may_be_coded) for one in page["texts"]] == [("The bus was cold", "Amina", False)]
    assert (page["hidden"], page["is_confidential_shown"]) == (0, True)
    assert page["sides"][-1].sides[0].summary.texts[0].text == "The bus was cold"


def test_who_may_not_review_gets_nothing(amina: Any, uma: Any) -> None:
    occasion = make_survey().occasion
    for user in (amina, uma):
        with pytest.raises(PermissionDenied):
            desk.page(user, occasion)


def reviewer_of(place: Any) -> Any:
    from cmncp_portal.network.tests.factories import make_stakeholder, make_user

    user = make_user("rita@winnipeg.example", name="Rita", roles=("reviewer",))
    make_stakeholder(place, user=user, standing="staff")
    return user


def test_of_the_own_municipality_a_reviewer_reads_what_it_reads(thunder_bay: Any, winnipeg: Any) -> None:
    rita, occasion = reviewer_of(winnipeg), make_occasion(places=(thunder_bay, winnipeg))
    visitors, hosts = sides(occasion, thunder_bay, winnipeg)
    response = make_response(visitors, "Amina", answers={"contribution": "A shelter", "reviewers-only": "Cold bus"})
    Remark.objects.create(invitation=response.invitation, text="And cold rooms")
    before = desk.page(rita, occasion)
    assert (before["sides"], before["texts"], before["remarks"], before["is_ours"]) == ([], [], [], True)
    assert before["may"] == {"judge": False, "read_confidential": False, "settle": False, "see_readings": False}
    for survey in (visitors, hosts):
        services.release(survey)
    after = desk.page(rita, occasion)
    texts = [text.text for group in after["sides"] for side in group.sides for text in side.summary.texts]
    assert (texts, "Amina" in repr(after["sides"]), after["texts"]) == (["A shelter"], False, [])
    with pytest.raises(PermissionDenied):
        desk.page(rita, occasion, confidential=True)


def test_who_read_in_confidence_is_seen_by_the_secretariat(rene: Any, priya: Any) -> None:
    occasion = make_survey().occasion
    reviewing.read_confidential(occasion, by=rene)
    assert [(one.by_name, one.at) for one in desk.page(priya, occasion)["readings"]] == [
        ("René Gagnon", OPENS + 3 * DAY)
    ]
    assert desk.page(rene, occasion)["readings"] == []


def test_who_has_not_answered_the_earliest_due_first(priya: Any, clock: Any) -> None:
    first, second = make_survey(due_at=OPENS + DAY), make_survey(occasion=make_occasion(activity="meeting"))
    make_response(first, "Amina")
    late = make_invitation(first, "Sam")
    begun = make_response(second, "Luc", draft=True).invitation
    make_invitation(second, excused_at=OPENS)
    make_invitation(second, forgotten_at=OPENS)
    make_invitation(make_survey(cancelled_at=OPENS))
    make_invitation(make_survey(opens_at=OPENS + 5 * DAY))
    found = [(one, one.is_begun, one.is_closed) for one in desk.not_answered()]
    assert found == [(late, False, False), (begun, True, False)]
    assert list(desk.not_answered(activity="meeting")) == [begun]
    clock.move_to(CLOSES)
    assert [one.is_closed for one in desk.not_answered(activity="meeting")] == [True]


@pytest.mark.parametrize("people", [1, 7])
def test_a_page_costs_the_same_for_one_answer_and_for_many(
    rene: Any, people: int, django_assert_num_queries: Any
) -> None:
    for activity in Occasion.Activity.values[: 1 if people == 1 else 4]:
        occasion = make_occasion(activity=activity)
        for survey in sides(occasion):
            for _n in range(people):
                make_response(survey, answers={"usefulness": 4, "contribution": "A", "reviewers-only": "B"})
    occasion = Occasion.objects.prefetch_related("places").get(pk=occasion.pk)
    rene.has_perm("evaluation.judge", occasion)  # roles and places are known by then
    with django_assert_num_queries(3):
        desk.page(rene, occasion, confidential=True)
    with django_assert_num_queries(3):
        desk.sorting(rene, occasion)
    with django_assert_num_queries(3):
        list(desk.queue(rene)[:25])
        desk.counts(rene)
        list(desk.not_answered().select_related(None)[:25])


OCCASIONS, PEOPLE = 50, 100


def five_thousand() -> None:
    """Fifty meetings of a hundred people each, two of three answers low enough to stand out in every tenth."""
    form = make_questionnaire(questions=ALL_KINDS[:1])
    question = form.questions.get()
    surveys = [make_survey(form, occasion=make_occasion(activity="meeting")) for _n in range(OCCASIONS)]
    asked = Invitation.objects.bulk_create(
        Invitation(survey=survey, email=f"p{n}@example.ca", name=f"P {n}", language=("en", "fr")[n % 2])
        for survey in surveys
        for n in range(PEOPLE)
    )
    responses = Response.objects.bulk_create(
        Response(invitation=one, language=one.language, submitted_at=OPENS + DAY) for one in asked
    )
    Answer.objects.bulk_create(
        Answer(response=one, question=question, value=2 if number < 500 else 4) for number, one in enumerate(responses)
    )


def test_five_thousand_answers_take_as_many_queries_as_one(rene: Any, django_assert_num_queries: Any) -> None:
    five_thousand()
    desk.queue(rene).first()
    began = monotonic()
    with django_assert_num_queries(4):
        rows = list(desk.queue(rene)[:25])
        counts = desk.counts(rene)
        language, *rest = desk.rates("language")
        desk.rates("province")
    assert (len(rows), rows[0].asked, rows[0].answered) == (25, PEOPLE, PEOPLE)
    assert counts == {"open": 50, "new": 50, "late": 0, "low": 5, "confidential": 0, "one_sided": 0}
    assert (language.asked, language.share, rest[-1].answered) == (2500, 1.0, 5000)
    assert monotonic() - began < 5  # half a second is usual
