"""Asking tells nothing, the mailbox confirms, what runs waits for an administrator, who decides or refuses."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from cmncp_portal.core.workflow import TransitionRefused
from cmncp_portal.evaluation.models import Response
from cmncp_portal.evaluation.tests.factories import make_response, make_survey
from cmncp_portal.joining.tests.factories import make_interest
from cmncp_portal.network.models import Stakeholder
from cmncp_portal.network.tests.factories import make_representative, make_stakeholder, make_user
from cmncp_portal.notifications import services as letters
from cmncp_portal.notifications.models import Message, Preference
from cmncp_portal.notifications.personal import fingerprint
from cmncp_portal.notifications.recipients import Recipient
from cmncp_portal.privacy import selectors, services
from cmncp_portal.privacy.models import PersonRequest
from cmncp_portal.privacy.notifications import WAITS
from exchanges.models import TeamMember
from exchanges.tests.factories import make_exchange, make_member
from meetings.tests.factories import make_meeting, make_place
from training.tests.factories import make_enrolment, make_learner, make_offering

from .factories import make_request
from .screens import POST

pytestmark = pytest.mark.django_db
ANN = "ann@college.example"


@pytest.fixture(autouse=True)
def now(clock: Any) -> None:
    pass


def ask(email: str = ANN, kind: str = "forget", **fields: Any) -> PersonRequest:
    return services.ask(kind=kind, email=email, language="en", **fields)


def confirmed(email: str = ANN, **fields: Any) -> PersonRequest:
    """A request to be forgotten whose button was pressed."""
    return services.confirm(make_request("forget", email, **fields))


def fresh(asked: PersonRequest) -> PersonRequest:
    return PersonRequest.objects.get(pk=asked.pk)


class TestAsking:
    def test_the_same_is_done_for_every_address(self, amina: Any) -> None:
        done = []
        for email in (amina.email, "nobody@example.ca"):
            with CaptureQueriesContext(connection) as seen:
                ask(email)
            done.append(len(seen))
        assert done[0] == done[1]
        assert POST.to("confirm") == [amina.email, "nobody@example.ca"]
        first, second = POST.written("confirm")
        assert (
            first.text.replace(amina.email, "x").split("=>")[0].split("http")[0]
            == second.text.replace("nobody@example.ca", "x").split("=>")[0].split("http")[0]
        )

    def test_one_letter_an_hour_and_one_request(self, clock: Any) -> None:
        first = ask(" Ann@College.example")
        assert ask().pk == first.pk
        assert POST.kinds_to(ANN) == ["confirm"]
        clock.move_to(timezone.now() + timedelta(hours=1))
        assert ask().pk == first.pk
        assert POST.kinds_to(ANN) == ["confirm", "confirm"]

    def test_a_copy_and_forgetting_are_two_requests(self) -> None:
        assert ask().pk != ask(kind="copy").pk
        assert POST.kinds_to(ANN) == ["confirm", "confirm"]

    def test_after_fourteen_days_a_new_one_begins(self, clock: Any) -> None:
        first = ask()
        clock.move_to(timezone.now() + timedelta(days=15))
        assert ask().pk != first.pk

    def test_who_wrote_it_down_is_an_administrator(self, admin_user: Any, priya: Any) -> None:
        assert ask(by=admin_user).asked_by_name == "Ada Lefebvre"
        with pytest.raises(PermissionDenied):
            ask("other@example.ca", by=priya)


class TestConfirming:
    def test_a_copy_can_be_read_at_once(self) -> None:
        asked = services.confirm(make_request("copy", ANN))
        assert (asked.confirmed_at, asked.done_at) == (timezone.now(), timezone.now())
        assert selectors.stage_of(asked, timezone.now()) == "copy"

    @pytest.mark.parametrize(("days", "stage"), [(29, "copy"), (30, "stale"), (31, "stale")])
    def test_a_copy_lasts_thirty_days(self, days: int, stage: str) -> None:
        asked = services.confirm(make_request("copy", ANN))
        assert selectors.stage_of(asked, timezone.now() + timedelta(days=days)) == stage

    @pytest.mark.parametrize(("days", "stage"), [(13, "asked"), (14, "asked"), (15, "stale")])
    def test_a_request_waits_fourteen_days_for_the_button(self, days: int, stage: str) -> None:
        asked = make_request("forget", ANN, asked_at=timezone.now() - timedelta(days=days))
        assert selectors.stage_of(asked, timezone.now()) == stage
        if stage == "stale":
            with pytest.raises(TransitionRefused, match="too old"):
                services.confirm(asked)

    def test_the_second_click_is_answered_kindly(self) -> None:
        asked = make_request("copy", ANN)
        services.confirm(asked)
        with pytest.raises(TransitionRefused) as refused:
            services.confirm(asked)
        assert refused.value.done_already

    def test_who_is_in_nothing_that_runs_is_forgotten_by_the_worker(
        self, django_capture_on_commit_callbacks: Any
    ) -> None:
        with django_capture_on_commit_callbacks() as after:
            asked = confirmed()
        assert len(after) == 1
        assert POST.kinds_to(ANN) == []
        assert services.carry_out(asked.pk)
        assert POST.kinds_to(ANN) == ["forgotten"]
        assert (fresh(asked).email, fresh(asked).report, fresh(asked).done_at) == ("", [], timezone.now())
        assert not services.carry_out(asked.pk)

    def test_a_request_that_was_not_confirmed_does_nothing(self) -> None:
        assert not services.carry_out(make_request("forget", ANN).pk)
        assert not services.carry_out(12345)

    def test_a_copy_never_forgets(self) -> None:
        asked = services.confirm(make_request("copy", ANN))
        assert not services.carry_out(asked.pk)


class TestWhatStandsInTheWay:
    def reasons(self, email: str) -> list[str]:
        return [one.text for one in selectors.obstacles_to_forgetting(email, timezone.now())]

    def test_nothing(self) -> None:
        assert self.reasons(ANN) == []

    def test_the_only_person_who_speaks_for_a_municipality(self, amina: Any, thunder_bay: Any) -> None:
        assert self.reasons(amina.email) == [
            "The only person who speaks for Thunder Bay: somebody else must take over."
        ]
        make_stakeholder(thunder_bay, standing="deputy")
        assert self.reasons(amina.email) == []

    def test_the_only_administrator_cannot_be_forgotten(self, admin_user: Any) -> None:
        assert self.reasons(admin_user.email) == [
            "The only administrator of the portal: somebody else must become one first."
        ]
        asked = confirmed(admin_user.email)
        with pytest.raises(TransitionRefused, match="The only administrator"):
            services.decide(asked, by=admin_user)
        make_user("second@network.example", roles=("administrator",))
        assert self.reasons(admin_user.email) == ["Works for the network: looks after the server."]

    def test_a_role_in_the_network(self, priya: Any) -> None:
        assert self.reasons(priya.email) == ["Works for the network: Network coordinator."]

    def test_a_visit_ahead_and_one_that_is_over(self, amina: Any) -> None:
        ahead = make_exchange(stage="confirmed", by=amina).first_visit
        over = make_exchange(stage="held", by=amina).first_visit
        for visit in (ahead, over):
            make_member(visit, email=ANN, status="accepted")
        assert self.reasons(ANN) == [f"Takes part, or is asked to: {ahead}."]

    def test_a_meeting_and_a_training_ahead(self) -> None:
        make_place(make_meeting(title_en="Safer Prairies"), ANN)
        make_place(make_meeting("held"), ANN)
        offering = make_offering()
        make_enrolment(offering, learner=make_learner(ANN))
        assert self.reasons(ANN) == [
            "Is expected at, or organises: Safer Prairies.",
            f"Takes part in, facilitates or organises: {offering}.",
        ]

    def test_a_conversation_about_joining(self) -> None:
        make_interest("talking", email=ANN)
        make_interest("closed", email=ANN)
        assert self.reasons(ANN) == ["Is talking with the network about joining: Merritt."]

    def test_the_person_and_the_administrators_are_told(self, amina: Any, admin_user: Any) -> None:
        make_user("ada2@network.example", roles=("administrator",))
        asked = confirmed(amina.email)
        assert POST.kinds_to(amina.email) == ["waits"]
        assert POST.to("to_decide") == ["ada2@network.example", "admin@network.example"]
        assert amina.email not in POST.written("to_decide")[0].text
        assert not services.carry_out(asked.pk)
        assert [one.pk for one in selectors.to_decide()] == [asked.pk]

    def test_what_is_settled_meanwhile_needs_no_decision(self, amina: Any, thunder_bay: Any) -> None:
        asked = confirmed(amina.email)
        make_representative_deputy(thunder_bay)
        services.retain()
        assert fresh(asked).done_at == timezone.now()
        assert fresh(asked).done_by_name == ""


def make_representative_deputy(place: Any) -> None:
    make_stakeholder(place, standing="deputy")


class TestDeciding:
    @pytest.fixture
    def asked(self, amina: Any) -> PersonRequest:
        return confirmed(amina.email)

    def test_an_administrator_decides_and_the_worker_does_it(self, asked: PersonRequest, admin_user: Any) -> None:
        services.decide(asked, by=admin_user)
        assert services.carry_out(asked.pk)
        assert fresh(asked).done_by_name == "Ada Lefebvre"
        gone = Stakeholder.objects.get()
        assert (gone.name, gone.email, gone.title, gone.user, gone.left_on) == ("—", "", "", None, timezone.localdate())

    def test_deciding_twice(self, asked: PersonRequest, admin_user: Any) -> None:
        services.decide(asked, by=admin_user)
        with pytest.raises(TransitionRefused, match="Ada Lefebvre decided this already") as refused:
            services.decide(asked, by=admin_user)
        assert refused.value.done_already

    def test_refusing_says_why_in_a_letter(self, asked: PersonRequest, admin_user: Any, amina: Any) -> None:
        services.refuse(asked, by=admin_user, answer="Your successor begins in March.")
        assert POST.kinds_to(amina.email) == ["waits", "refused"]
        assert "> Your successor begins in March." in POST.written("refused")[0].text
        assert selectors.stage_of(fresh(asked), timezone.now()) == "refused"
        with pytest.raises(TransitionRefused, match="settled already"):
            services.decide(asked, by=admin_user)
        assert not services.carry_out(asked.pk)

    @pytest.mark.parametrize("who", ["priya", "rene", "uma", "amina"])
    def test_nobody_else(self, asked: PersonRequest, request: Any, who: str) -> None:
        by = request.getfixturevalue(who)
        with pytest.raises(PermissionDenied):
            services.decide(asked, by=by)
        with pytest.raises(PermissionDenied):
            services.refuse(asked, by=by, answer="No.")
        with pytest.raises(PermissionDenied):
            services.keep_incident(None, by=by, what="x")


class TestWhatBecomesOfThings:
    """In the words of those who look at them afterwards."""

    def forget(self, email: str) -> None:
        asked = make_request("forget", email, confirmed_at=timezone.now(), done_by_name="Ada Lefebvre")
        assert services.carry_out(asked.pk)

    def test_an_account_is_closed_for_good(self, client: Any, amina: Any) -> None:
        client.force_login(amina)
        self.forget(amina.email)
        amina.refresh_from_db()
        assert (amina.name, amina.email, amina.is_active) == ("—", f"forgotten-{amina.pk}@invalid", False)
        assert not amina.has_usable_password()
        assert client.get("/en/account/profile/").status_code == 302

    def test_a_place_ahead_is_given_back_to_who_waits(self) -> None:
        meeting = make_meeting(capacity=1)
        make_place(meeting, ANN)
        waiting = make_place(meeting, "next@place.example", status="waiting")
        self.forget(ANN)
        waiting.refresh_from_db()
        assert waiting.status == "registered"

    def test_who_leaves_a_visit_ahead_no_longer_takes_part(self, amina: Any) -> None:
        member = make_member(make_exchange(stage="confirmed", by=amina).first_visit, email=ANN, status="accepted")
        self.forget(ANN)
        member = TeamMember.objects.get(pk=member.pk)
        assert (member.status, member.name, member.email, member.nonce) == ("withdrawn", "—", "", "")
        assert TeamMember.from_token(member.token) is None

    def test_answers_stay_without_a_name(self) -> None:
        response = make_response(
            make_survey(), "Ann Lee", answers={"contribution": "We, Ann Lee, showed it."}, invited={"email": ANN}
        )
        self.forget(ANN)
        kept = Response.objects.select_related("invitation").get(pk=response.pk)
        invitation = kept.invitation
        assert (invitation.name, invitation.email) == ("", f"forgotten-{invitation.pk}@invalid")
        assert invitation.forgotten_at == timezone.now()
        assert kept.submitted_at == response.submitted_at
        assert kept.answers.get().value == "We, —, showed it."

    def test_nobody_writes_to_who_is_nowhere(self) -> None:
        values = {"name": "x", "until": "x", "url": "x"}
        to = Recipient("forgotten-12@invalid", "—")
        assert letters.send(WAITS, to, key="x", context={"en": values, "fr": values}) is None
        assert not Message.objects.exists()

    def test_a_consent_can_still_be_proved_and_not_read(self) -> None:
        Preference.objects.create(email=ANN, category="announcements", is_wanted=True, wording="Yes, news.")
        self.forget(ANN)
        assert not Preference.objects.exists()
        [kept] = Preference.pgh_event_model.objects.all()  # type: ignore[attr-defined]
        assert (kept.email, kept.wording) == (fingerprint("Ann@College.example"), "Yes, news.")
        assert "ann" not in kept.email

    def test_somebody_of_the_same_name_keeps_hers(self, amina: Any, winnipeg: Any) -> None:
        other = make_stakeholder(winnipeg, name="Amina Diallo", email="other@winnipeg.example")
        letter = Message.objects.create(
            key="x:1",
            kind="x.y",
            category="meetings",
            to_email="z@z.example",
            language="en",
            subject="Amina Diallo",
            text="x",
        )
        self.forget(amina.email)
        other.refresh_from_db()
        letter.refresh_from_db()
        assert (other.name, letter.subject) == ("Amina Diallo", "Amina Diallo")

    def test_the_token_of_a_former_copy_opens_nothing(self) -> None:
        copy = services.confirm(make_request("copy", ANN))
        token = copy.token
        self.forget(ANN)
        assert PersonRequest.from_token(token) is None

    def test_another_request_of_the_same_person_is_closed_too(self, amina: Any) -> None:
        other = confirmed(amina.email)
        self.forget(amina.email)
        assert (fresh(other).email, fresh(other).done_at) == ("", timezone.now())


def test_the_worker_may_be_away(monkeypatch: Any, caplog: Any, django_capture_on_commit_callbacks: Any) -> None:
    """The broker does not answer: the request stays, and the night does it."""
    from cmncp_portal.privacy import tasks

    def fails(*_args: Any, **_more: Any) -> None:
        raise OSError("no broker")

    monkeypatch.setattr(tasks.forget, "apply_async", fails)
    with django_capture_on_commit_callbacks(execute=True):
        asked = confirmed()
    assert "waits for the night" in caplog.text
    services.retain(datetime(2027, 2, 2, 8, 10, tzinfo=UTC))
    assert fresh(asked).done_at is not None


def test_a_representative_without_rows_is_only_a_representative(thunder_bay: Any) -> None:
    """A name that nobody else has is looked for; one word is not."""
    user = make_representative(thunder_bay, "kim@thunderbay.example", name="Kim")
    assert selectors.person_of(user.email).names == frozenset()
