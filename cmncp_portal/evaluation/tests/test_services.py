"""What activities call: issue, invite, excuse, readdress, cancel, close; and what people do: save, send, remark, disown."""

from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine

from cmncp_portal.core.editing import Conflict
from cmncp_portal.evaluation import selectors, services
from cmncp_portal.evaluation.models import Invitation, Questionnaire, Response, Survey
from cmncp_portal.evaluation.selectors import Counts
from cmncp_portal.evaluation.services import Invitee, SurveyRefused
from cmncp_portal.evaluation.signals import survey_closed
from cmncp_portal.evaluation.tests.factories import (
    CLOSES,
    DUE,
    OBJECTIVES,
    OPENS,
    make_invitation,
    make_occasion,
    make_questionnaire,
    make_response,
    make_survey,
)
from cmncp_portal.notifications.models import Message

pytestmark = pytest.mark.django_db
SECOND = timedelta(seconds=1)
AMINA = Invitee("Amina@ThunderBay.example", "Amina Diallo", "en")
LUC = Invitee("luc@gatineau.example", "Luc Tremblay", "fr", role="Coordonnateur", zone="America/Toronto")


def issued(**fields: Any) -> Survey:
    defaults: dict[str, Any] = {
        "questionnaire": "visitors", "title": ("Title", "Titre"), "about": ("About", "Propos"), "opens_at": OPENS,
        "due_at": DUE, "closes_at": CLOSES, "time_zone": "America/Winnipeg", "rows": OBJECTIVES,
    }  # fmt: skip
    return services.issue(make_occasion(path="/en/x/"), **(defaults | fields))


def letters(**filters: Any) -> list[tuple[str, str]]:
    return list(Message.objects.filter(**filters).order_by("pk").values_list("to_email", "state"))


def test_issue_takes_the_latest_published_version() -> None:
    make_questionnaire("visitors")
    second = make_questionnaire("visitors", version=2)
    make_questionnaire("visitors", version=3, published_at=None)
    survey = issued()
    assert (survey.questionnaire, survey.title_fr, survey.path, survey.rows, survey.time_zone) == (
        second,
        "Titre",
        "/en/x/",
        OBJECTIVES,
        "America/Winnipeg",
    )


def test_issue_refuses_what_is_not_published() -> None:
    make_questionnaire("visitors", published_at=None)
    with pytest.raises(Questionnaire.DoesNotExist):
        issued()


@time_machine.travel(OPENS - timedelta(days=3), tick=False)
def test_invite_asks_each_address_once_and_holds_the_letter_until_the_opening() -> None:
    survey = make_survey()
    first = services.invite(survey, recipients=[AMINA, LUC])
    again = services.invite(survey, recipients=[LUC, Invitee("AMINA@thunderbay.example", "A. Diallo", "fr")])
    assert [i.pk for i in again] == [first[1].pk, first[0].pk]
    assert [(i.email, i.name, i.language, i.role) for i in first] == [
        ("amina@thunderbay.example", "Amina Diallo", "en", ""),
        ("luc@gatineau.example", "Luc Tremblay", "fr", "Coordonnateur"),
    ]
    sent = list(Message.objects.order_by("pk").values_list("to_email", "language", "kind", "next_attempt_at"))
    assert sent == [
        ("amina@thunderbay.example", "en", "evaluation.invitation", OPENS),
        ("luc@gatineau.example", "fr", "evaluation.invitation", OPENS),
    ]


@pytest.mark.parametrize("people", [1, 20])
@time_machine.travel(OPENS, tick=False)
def test_inviting_again_costs_no_query_for_each_person(people: int, django_assert_max_num_queries: Any) -> None:
    survey = make_survey()
    everybody = [Invitee(f"p{n}@example.ca", f"P{n}", "en") for n in range(people)]
    services.invite(survey, recipients=everybody)
    with django_assert_max_num_queries(4):
        services.invite(survey, recipients=everybody)


@time_machine.travel(OPENS - timedelta(days=3), tick=False)
def test_an_excused_person_gets_no_letter_and_asked_again_gets_a_new_one() -> None:
    survey = make_survey()
    (invitation,) = services.invite(survey, recipients=[AMINA])
    services.excuse(survey, email=" AMINA@thunderbay.example ")
    assert letters() == [("amina@thunderbay.example", "withdrawn")]
    assert selectors.response_counts([survey])[survey.pk] == Counts(excused=1)
    (again,) = services.invite(survey, recipients=[AMINA])
    assert (again.pk, again.excused_at) == (invitation.pk, None)
    assert letters() == [("amina@thunderbay.example", "withdrawn"), ("amina@thunderbay.example", "queued")]
    assert Invitation.from_token(invitation.token) is None


@time_machine.travel(OPENS + SECOND, tick=False)
def test_excusing_leaves_what_was_sent() -> None:
    survey = make_survey()
    response = make_response(survey, "Amina", answers={"usefulness": 4})
    services.excuse(survey, email=response.invitation.email)
    assert selectors.response_counts([survey])[survey.pk] == Counts(asked=1, answered=1)


@time_machine.travel(OPENS + SECOND, tick=False)
def test_readdress_kills_the_old_link_and_writes_again() -> None:
    survey = make_survey()
    (old,) = services.invite(survey, recipients=[AMINA])
    services.save_draft(old, seen=0, language="en", values={"usefulness": 4})
    new = services.readdress(survey, old_email="amina@thunderbay.example", new_email="amina.diallo@thunderbay.example")
    assert new is not None
    assert new.pk == old.pk
    assert Invitation.from_token(old.token) is None
    assert Invitation.from_token(new.token) == new
    assert letters() == [("amina@thunderbay.example", "withdrawn"), ("amina.diallo@thunderbay.example", "queued")]
    assert selectors.answers_of(selectors.response_of(new)) == {"usefulness": 4}
    assert services.readdress(survey, old_email="nobody@example.ca", new_email="x@example.ca") is None


@time_machine.travel(OPENS + SECOND, tick=False)
def test_readdress_to_somebody_who_is_asked_already_merges_nothing() -> None:
    survey = make_survey()
    services.invite(survey, recipients=[AMINA, LUC])
    kept = services.readdress(survey, old_email=AMINA.email, new_email=LUC.email)
    assert kept is not None
    assert kept.name == "Luc Tremblay"
    assert selectors.response_counts([survey])[survey.pk] == Counts(asked=1, excused=1)


@time_machine.travel(OPENS - SECOND, tick=False)
def test_cancel_takes_letters_back_and_closes_every_door() -> None:
    survey, told = make_survey(), []
    (invitation,) = services.invite(survey, recipients=[AMINA])
    survey_closed.connect(lambda **_k: told.append(1), weak=False, dispatch_uid="test")
    try:
        services.cancel(survey)
        assert letters() == [("amina@thunderbay.example", "withdrawn")]
        assert services.close(survey) is False
        assert services.close_ended(CLOSES) == 0
        assert told == []
    finally:
        survey_closed.disconnect(dispatch_uid="test")
    with pytest.raises(SurveyRefused, match="no longer needed"):
        services.save_draft(invitation, seen=0, language="en", values={})
    with pytest.raises(SurveyRefused):
        services.invite(survey, recipients=[LUC])


@pytest.fixture
def told() -> Any:
    heard: list[int] = []

    def listen(sender: Any, survey: Survey, **_k: Any) -> None:
        heard.append(survey.pk)

    survey_closed.connect(listen, dispatch_uid="told")
    yield heard
    survey_closed.disconnect(dispatch_uid="told")


@pytest.mark.parametrize(("now", "closed"), [(CLOSES - SECOND, 0), (CLOSES, 1), (CLOSES + timedelta(days=9), 1)])
def test_ended_surveys_are_closed_and_their_owner_told_once(now: datetime, closed: int, told: list[int]) -> None:
    survey = make_survey()
    make_survey(cancelled_at=OPENS)
    assert services.close_ended(now) == closed
    assert services.close_ended(now) == 0
    assert told == [survey.pk] * closed


def test_an_owner_may_close_early_and_is_told_once(told: list[int]) -> None:
    survey = make_survey()
    assert (services.close(survey), services.close(survey)) == (True, False)
    assert told == [survey.pk]
    assert survey.is_open(OPENS) is False


def test_one_owner_in_trouble_does_not_keep_the_others_waiting(told: list[int], caplog: Any) -> None:
    bad, good = make_survey(), make_survey()

    def fails(sender: Any, survey: Survey, **_k: Any) -> None:
        if survey.pk == bad.pk:
            raise RuntimeError("the exchange is in trouble")

    survey_closed.connect(fails, dispatch_uid="fails")
    try:
        assert services.close_ended(CLOSES) == 1
    finally:
        survey_closed.disconnect(dispatch_uid="fails")
    assert Survey.objects.get(pk=bad.pk).closed_at is None
    assert Survey.objects.get(pk=good.pk).closed_at is not None
    assert services.close_ended(CLOSES) == 1


@pytest.mark.parametrize(
    ("now", "late"), [(DUE - SECOND, False), (DUE, False), (DUE + SECOND, True), (CLOSES - SECOND, True)]
)
def test_late_is_what_is_first_sent_after_the_due_date(now: datetime, late: bool) -> None:
    invitation = make_invitation(make_survey())
    with time_machine.travel(now, tick=False):
        response = services.submit(invitation, seen=0, language="fr", values={"usefulness": 4, "quote": "named"})
    assert (response.is_late, response.submitted_at, response.language) == (late, now, "fr")
    assert (response.consent_text, response.may_quote) == ("L’équipe d’évaluation lit vos réponses.", "named")


@pytest.mark.parametrize(
    ("now", "standing"), [(OPENS - SECOND, "not_yet"), (CLOSES, "ended"), (CLOSES + timedelta(days=1), "ended")]
)
def test_before_the_opening_and_after_the_end_nothing_is_kept(now: datetime, standing: str) -> None:
    invitation = make_invitation(make_survey())
    with time_machine.travel(now, tick=False):
        for write in (services.save_draft, services.submit):
            with pytest.raises(SurveyRefused) as refused:
                write(invitation, seen=0, language="en", values={"usefulness": 4})
            assert refused.value.standing == standing
    assert Response.objects.count() == 0


@time_machine.travel(OPENS + SECOND, tick=False)
def test_a_draft_keeps_empties_and_leaves_alone() -> None:
    invitation = make_invitation(make_survey())
    first = services.save_draft(invitation, seen=0, language="en", values={"usefulness": 4, "hours": 2, "unknown": 1})
    second = services.save_draft(
        invitation, seen=first.version, language="fr", values={"usefulness": None, "contribution": "x"}
    )
    assert (first.version, second.version, second.submitted_at, second.language) == (1, 2, None, "fr")
    assert selectors.answers_of(second) == {"hours": 2, "contribution": "x"}
    assert selectors.has_submitted(invitation.survey) is False


@time_machine.travel(OPENS + SECOND, tick=False)
def test_two_devices_the_second_is_told_and_nothing_is_overwritten() -> None:
    invitation = make_invitation(make_survey())
    services.save_draft(invitation, seen=0, language="en", values={"contribution": "from the phone"})
    for write in (services.save_draft, services.submit):
        with pytest.raises(Conflict):
            write(invitation, seen=0, language="en", values={"contribution": "from the desk"})
    assert selectors.answers_of(selectors.response_of(invitation)) == {"contribution": "from the phone"}


def test_answers_change_until_they_are_released_and_stay_on_time() -> None:
    survey = make_survey()
    invitation = make_invitation(survey)
    with time_machine.travel(DUE - SECOND, tick=False):
        services.submit(invitation, seen=0, language="en", values={"usefulness": 4})
    with time_machine.travel(DUE + SECOND, tick=False):
        changed = services.submit(invitation, seen=1, language="en", values={"usefulness": 5})
        assert (changed.is_late, changed.submitted_at) == (False, DUE - SECOND)
        with pytest.raises(SurveyRefused):
            services.remark(invitation, text="Too early for a remark")
        services.release(survey)
        with pytest.raises(SurveyRefused, match="passed on"):
            services.submit(invitation, seen=2, language="en", values={"usefulness": 1})
        assert services.remark(invitation, text="One more thing").text == "One more thing"
        other = services.submit(make_invitation(survey), seen=0, language="en", values={"usefulness": 2})
        assert other.is_late is True  # whoever had not answered still may
    assert selectors.answers_of(selectors.response_of(invitation)) == {"usefulness": 5}


@pytest.mark.parametrize(
    ("now", "allowed"), [(CLOSES - SECOND, False), (CLOSES, True), (CLOSES + timedelta(days=45), False)]
)
def test_remarks_are_for_the_time_after(now: datetime, allowed: bool) -> None:
    invitation = make_invitation(make_survey())
    with time_machine.travel(now, tick=False):
        if allowed:
            services.remark(invitation, text="Late, but true")
        else:
            with pytest.raises(SurveyRefused):
                services.remark(invitation, text="Late, but true")
    assert invitation.remarks.count() == int(allowed)


@time_machine.travel(OPENS + SECOND, tick=False)
def test_not_me_removes_the_name_the_draft_and_the_link() -> None:
    survey = make_survey()
    (invitation,) = services.invite(survey, recipients=[AMINA])
    services.save_draft(invitation, seen=0, language="en", values={"usefulness": 4})
    services.disown(invitation)
    invitation.refresh_from_db()
    assert (invitation.name, invitation.user, invitation.wrong_person_at is not None) == ("", None, True)
    assert (Response.objects.count(), letters()) == (0, [("amina@thunderbay.example", "withdrawn")])
    assert selectors.response_counts([survey])[survey.pk] == Counts(excused=1)


@time_machine.travel(OPENS + SECOND, tick=False)
def test_not_me_is_refused_once_answers_were_sent() -> None:
    response = make_response(make_survey(), "Amina")
    with pytest.raises(SurveyRefused):
        services.disown(response.invitation)
    response.invitation.refresh_from_db()
    assert response.invitation.name == "Amina"


@time_machine.travel(DUE, tick=False)
def test_what_a_person_is_asked(luc: Any, rosa: Any, django_assert_num_queries: Any) -> None:
    mine = make_invitation(make_survey(), "Luc", user=luc)
    by_address = make_invitation(make_survey(due_at=DUE + SECOND), "Luc T", email="LUC@gatineau.example")
    answered = make_response(make_survey(due_at=DUE + 2 * SECOND), "Luc", invited={"user": luc}).invitation
    make_response(make_survey(released_at=OPENS), "Luc", invited={"user": luc})
    make_invitation(make_survey(), "Luc", user=luc, excused_at=OPENS)
    make_invitation(make_survey(cancelled_at=OPENS), "Luc", user=luc)
    make_invitation(make_survey(closes_at=DUE), "Luc", user=luc)
    make_invitation(make_survey(), "Rosa", user=rosa, email="luc@gatineau.example")
    with django_assert_num_queries(1):
        found = [(i.pk, i.is_submitted) for i in selectors.open_invitations_of(luc)]
    assert found == [(mine.pk, False), (by_address.pk, False), (answered.pk, True)]
    assert [i.pk for i in selectors.waiting_for(luc)] == [mine.pk, by_address.pk]


@pytest.mark.parametrize("number", [1, 10])
def test_counts_of_many_surveys_are_one_query(number: int, django_assert_num_queries: Any) -> None:
    surveys = [make_survey() for _n in range(number)]
    make_response(surveys[0], late=True)
    with django_assert_num_queries(1):
        found = selectors.response_counts(surveys)
    assert [found[s.pk] for s in surveys] == [Counts(1, 1, 1, 0)] + [Counts()] * (number - 1)
