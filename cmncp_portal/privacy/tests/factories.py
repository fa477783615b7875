"""Requests, and a person who stands in every table that the parts declare."""

from datetime import date
from typing import Any

from django.utils import timezone

from cmncp_portal.privacy.models import Incident, PersonRequest, RetentionRun


def make_request(kind: str = "copy", email: str = "sam@merritt.example", **fields: Any) -> PersonRequest:
    """A request of today that nobody has confirmed."""
    defaults: dict[str, Any] = {"language": "en", "due_on": timezone.localdate()}
    return PersonRequest.objects.create(kind=kind, email=email, **(defaults | fields))


def make_incident(**fields: Any) -> Incident:
    defaults: dict[str, Any] = {
        "happened_on": date(2027, 1, 20),
        "noticed_on": date(2027, 1, 21),
        "what": "A list of participants went to the wrong municipality.",
        "by_name": "Ada Lefebvre",
    }
    return Incident.objects.create(**(defaults | fields))


def make_run(**fields: Any) -> RetentionRun:
    return RetentionRun.objects.create(**({"finished_at": timezone.now()} | fields))


def a_row_of_everything(user: Any) -> None:
    """At least one row in each table that a part declares, about nobody yet. `user` signs where somebody has to."""
    for make in (
        _network,
        _exchange,
        _meeting,
        _brief,
        _training,
        _mentoring,
        _evaluation,
        _progress,
        _joining,
        _report,
    ):
        make(user)


def _network(user: Any) -> None:
    from allauth.account.models import EmailAddress
    from allauth.mfa.models import Authenticator
    from allauth.socialaccount.models import SocialAccount
    from allauth.usersessions.models import UserSession
    from django.contrib.admin.models import LogEntry

    from cmncp_portal.accounts.models import AccountChange
    from cmncp_portal.network.models import ImportRun
    from cmncp_portal.network.tests.factories import make_municipality, make_programme, make_stakeholder
    from cmncp_portal.notifications.models import Mailing, MailingLine
    from cmncp_portal.notifications.tests.factories import make_message, make_preference

    UserSession.objects.create(user=user, session_key=f"s{user.pk}", ip="10.0.0.1", user_agent="Firefox")
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    SocialAccount.objects.create(user=user, provider="organisation", uid=f"u{user.pk}")
    Authenticator.objects.create(user=user, type="totp", data={})
    AccountChange.objects.create(user=user, kind="invited", by=user, by_name="x")
    LogEntry.objects.create(user=user, object_repr="x", action_flag=1, change_message="x")
    make_programme(make_municipality())
    make_stakeholder(make_municipality())
    ImportRun.objects.create(what="people", owner=user, file_name="people.csv", rows=[{"state": "new"}])
    make_message(key=f"visit:{user.pk}:person@example.ca")
    mailing = Mailing.objects.create(kind="testing.visit", key=f"visit-{user.pk}", context={"en": {}}, by_name="x")
    MailingLine.objects.create(mailing=mailing, email="person@example.ca", name="x", language="en", zone="UTC")
    make_preference(f"person{user.pk}@example.ca")
    make_request(email=f"person{user.pk}@example.ca", asked_by_name="x", done_by_name="x")


def _exchange(user: Any) -> None:
    from exchanges.models import Confirmation, Idea, PlanChange, Visit, VisitDocument
    from exchanges.tests.factories import make_exchange, make_member, make_stop

    exchange = make_exchange(stage="confirmed", by=user)
    visit: Visit = exchange.first_visit
    make_member(visit, status="accepted")
    make_stop(visit)
    Idea.objects.create(visit=visit, side="visitors", text="x", by_name="x")
    Confirmation.objects.create(visit=visit, side="visitors", plan_version=99, by_name="x")
    PlanChange.objects.create(visit=visit, text_en="x", text_fr="x", by_name="x")
    VisitDocument.objects.create(visit=visit, title="x", file="x.pdf", filename="x.pdf", language="en", side="hosts")
    exchange.host_requests.create(
        municipality=exchange.host, asked_at=timezone.now(), due_on=date(2027, 3, 1), outcome="accepted"
    )


def _meeting(user: Any) -> None:
    from meetings.models import Material, MeetingChange
    from meetings.tests.factories import make_action, make_invitee, make_item, make_meeting, make_place, make_speaker

    meeting = make_meeting()
    item = make_item(meeting)
    make_speaker(item)
    make_place(meeting)
    make_invitee(meeting)
    make_action(meeting)
    MeetingChange.objects.create(meeting=meeting, text_en="x", text_fr="x", by_name="x")
    Material.objects.create(meeting=meeting, title_en="x", url="https://x.example/", language="en")


def _brief(user: Any) -> None:
    from cmncp_portal.network.tests.factories import make_municipality
    from knowledge import models as k
    from knowledge.tests.factories import make_brief, make_practice

    place, due = make_municipality(), date(2027, 3, 1)
    brief = make_brief(exception_reason="x", exception_until=due)
    edition = brief.editions.first()
    step = brief.steps.first()
    assert edition
    assert step
    k.BriefStateChange.objects.create(brief=brief, to_state="published", transition="publish", by_name="x")
    k.Subscription.objects.create(email=f"reader{user.pk}@example.ca", language="en", wording="Yes.")
    k.FormatRequest.objects.create(brief=brief, language="en", wanted="x", email="x@example.ca", promised_on=due)
    k.Concern.objects.create(brief=brief, text="x")
    k.BriefRequest.objects.create(by=user, by_name="x", subject="x", why="x")
    k.Review.objects.create(brief=brief, reviewer=user, asked_by_name="x", due_on=due)
    k.Comment.objects.create(edition=edition, field="summary", text="x", by_name="x")
    k.Example.objects.create(brief=brief, municipality=place, text_en="x", text_fr="x")
    k.Use.objects.create(brief=brief, municipality=place, state="doing", on=due, by_name="x")
    k.StepMark.objects.create(step=step, municipality=place, state="done", by_name="x")
    k.PracticePlace.objects.create(practice=make_practice(), municipality=place)


def _training(user: Any) -> None:
    from training import models as t
    from training.tests import factories as f

    version = f.make_version()
    text = version.texts.first()
    assert text
    learner, offering = f.make_learner(), f.make_offering()
    place = f.make_enrolment(offering, learner=learner)
    claim = f.make_claim(learner, text)
    f.make_attainment(learner, text, enrolment=place)
    f.make_author(offering.module, user)
    moment = t.SelfAssessment.objects.create(enrolment=place, moment="before")
    t.SelfRating.objects.create(assessment=moment, competency=text.competency, value=2)
    t.Certificate.objects.create(
        learner=learner, enrolment=place, issued_on=date(2027, 1, 4), name="x", title_en="x", title_fr="x"
    )
    t.EvidenceClaimChange.objects.create(claim=claim, to_state="sent", transition="send", by_name="x")
    t.Comment.objects.create(standard_version=version, words="x", language="en", name="x", email="x@example.ca")
    t.CommentInvitee.objects.create(version=version, name="x", email="x@example.ca")
    t.ModuleChange.objects.create(module=offering.module, to_state="offered", transition="offer", by_name="x")
    t.ModuleMaterial.objects.create(module=offering.module, title_en="x", url="https://x.example/", language="en")
    t.OfferingChange.objects.create(offering=offering, text_en="x", text_fr="x", by_name="x")
    t.OfferingStateChange.objects.create(offering=offering, to_state="open", transition="open", by_name="x")
    t.StandardVersionChange.objects.create(version=version, to_state="adopted", transition="adopt", by_name="x")


def _mentoring(user: Any) -> None:
    from cmncp_portal.network.tests.factories import make_municipality
    from mentoring import models as m
    from mentoring.tests.factories import make_agreement, make_goal, make_participant

    agreement = make_agreement(make_municipality(), make_municipality())
    make_participant(agreement)
    m.GoalChange.objects.create(goal=make_goal(agreement), to_state="open", by_name="x")
    m.MentoringSession.objects.create(agreement=agreement, held_on=date(2027, 1, 11), summary="x", by_name="x")
    m.SharedDocument.objects.create(agreement=agreement, title="x", url="https://x.example/", by_name="x")


def _evaluation(user: Any) -> None:
    from cmncp_portal.evaluation import models as e
    from cmncp_portal.evaluation.tests.factories import make_response, make_survey

    questions = ({"code": "contribution", "kind": "text"},)
    from cmncp_portal.evaluation.tests.factories import make_questionnaire

    survey = make_survey(make_questionnaire(questions=questions))
    response = make_response(survey, answers={"contribution": "x"})
    e.Remark.objects.create(invitation=response.invitation, text="x")
    e.Comment.objects.create(occasion=survey.occasion, text="x", by_name="x")
    e.FollowUp.objects.create(occasion=survey.occasion, text="x", by_name="x")
    theme = e.Theme.objects.get_or_create(code="x", defaults={"name_en": "x", "name_fr": "x"})[0]
    answer = response.answers.first()
    assert answer
    e.Coding.objects.create(answer=answer, theme=theme, text="x", by_name="x")


def _progress(user: Any) -> None:
    from cmncp_portal.network.tests.factories import make_municipality
    from cmncp_portal.progress import models as p
    from cmncp_portal.progress.tests.factories import make_checks, make_profile

    profile = make_profile(make_municipality(), confirmed_by_name="x")
    check = make_checks()[0]
    due = date(2027, 6, 1)
    commitment = p.Commitment.objects.create(
        municipality=profile.municipality,
        text="x",
        language="en",
        owner_name="x",
        due_on=due,
        made_on=due,
        made_by_name="x",
    )
    p.CommitmentChange.objects.create(commitment=commitment, to_state="planned", by_name="x")
    p.Inquiry.objects.create(municipality=profile.municipality, name="x", email="x@example.ca")
    p.CheckAnswer.objects.create(profile=profile, item=check, value="yes", by_name="x")
    p.ProfileChange.objects.create(profile=profile, what="centre", stage_before=0, stage_after=0, by_name="x")
    p.PreventionBudget.objects.create(profile=profile, year=2026, amount=1, source="x")
    p.IndicatorReading.objects.create(
        municipality=profile.municipality, indicator="feels_safe", year=2026, value=1, source="x", by_name="x"
    )


def _joining(user: Any) -> None:
    from cmncp_portal.joining import models as j
    from cmncp_portal.joining.tests.factories import make_application, make_fee, make_renewal
    from cmncp_portal.network.tests.factories import make_membership, make_municipality

    place = make_municipality(member=False)
    membership = make_membership(place)
    application = make_application(municipality=place)
    renewal = make_renewal(membership)
    make_fee(effective_from=date(2020, 1, 1 + user.pk % 28), source="x")
    j.InterestChange.objects.create(
        interest=application.interest, to_state="applying", transition="invite", by_name="x"
    )
    j.ApplicationChange.objects.create(application=application, to_state="sent", transition="send", by_name="x")
    j.RenewalChange.objects.create(renewal=renewal, to_state="due", transition="open", by_name="x")
    j.OnboardingStep.objects.create(membership=membership, code="people", done_by_name="x")


def _report(user: Any) -> None:
    from cmncp_portal.reporting import models as r

    report = r.Report.objects.create(
        title_en="x", title_fr="x", from_on=date(2026, 4, 1), until_on=date(2027, 3, 31), by_name="x"
    )
    r.DueDateChange.objects.create(report=report, reason="x", by_name="x")
    narrative = r.Narrative.objects.create(report=report, section="summary", by_name="x")
    r.LinkedCase.objects.create(narrative=narrative, title_en="x", title_fr="x", path="/")
    calculation = r.Calculation.objects.create(report=report, by_name="x")
    r.CountedRecord.objects.create(calculation=calculation, indicator="x", key="x", label_en="x", label_fr="x")
