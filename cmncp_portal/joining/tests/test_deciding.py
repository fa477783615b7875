"""What coordinators do: which community it is, access, the invitation, closing; and the approval with all that follows."""

from datetime import date
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse

from cmncp_portal.accounts.models import User
from cmncp_portal.core.workflow import TransitionRefused
from cmncp_portal.joining.models import Application, Interest, OnboardingStep
from cmncp_portal.joining.services import admitting, applying, deciding
from cmncp_portal.network.models import Membership, Municipality, Stakeholder, Standing
from cmncp_portal.network.rules import works_for_a_member
from cmncp_portal.network.tests.factories import make_representative, make_stakeholder, make_user
from exchanges.tests.factories import make_exchange
from meetings.tests.factories import make_meeting

from .factories import make_applicant, make_application, make_interest
from .screens import POST, words_of

pytestmark = pytest.mark.django_db
PLACE = {"name_en": "Merritt", "name_fr": "Merritt", "kind": "city", "province": "BC", "time_zone": "America/Vancouver"}
JOIN_ON = date(2027, 2, 1)


@pytest.fixture(autouse=True)
def sectors(clock: Any) -> None:
    from cmncp_portal.network.tests.factories import make_sector

    make_sector("municipal")


def people_of(place: Municipality) -> list[tuple[str, str]]:
    rows = Stakeholder.objects.filter(municipality=place).order_by("pk")
    return [(row.email, row.standing) for row in rows]


def kinds_of(place: Municipality) -> list[tuple[str, date, date | None]]:
    return [(one.kind, one.from_on, one.until_on) for one in place.memberships.order_by("from_on", "pk")]


class TestKnowing:
    def test_a_new_community(self, priya: Any) -> None:
        interest = make_interest(role="Manager", phone="250 555-0101")
        place = deciding.make_known(interest, by=priya, **PLACE)
        interest.refresh_from_db()
        assert (interest.municipality, place.slug) == (place, "merritt")
        assert kinds_of(place) == [("prospective", JOIN_ON, None)]
        assert people_of(place) == [(interest.email, "representative")]
        with pytest.raises(TransitionRefused) as again:
            deciding.make_known(interest, by=priya, **PLACE)
        assert (str(again.value), again.value.done_already) == ("Somebody tied this to Merritt meanwhile.", True)

    def test_addresses_of_the_same_name(self, priya: Any) -> None:
        slugs = [deciding.make_known(make_interest(), by=priya, **PLACE).slug for _turn in range(4)]
        assert slugs == ["merritt", "merritt-bc", "merritt-2", "merritt-3"]

    def test_one_that_is_listed_already(self, priya: Any) -> None:
        place = make_applicant()
        make_representative(place, "mayor@merritt.example")
        interest = make_interest()
        deciding.know_as(interest, place, by=priya)
        assert people_of(place) == [("mayor@merritt.example", "representative"), (interest.email, "staff")]
        assert kinds_of(place) == [("prospective", date(2027, 1, 20), None)]
        deciding.know_as(interest, place, by=priya)
        assert len(people_of(place)) == 2

    def test_nobody_is_listed_with_a_member(self, priya: Any, winnipeg: Any) -> None:
        interest = make_interest()
        deciding.know_as(interest, winnipeg, by=priya)
        assert people_of(winnipeg) == []
        with pytest.raises(TransitionRefused, match="is a member already"):
            deciding.give_access(interest, by=priya)

    def test_it_stays_after_the_application_began(self, priya: Any) -> None:
        interest = make_application("draft").interest
        with pytest.raises(TransitionRefused, match="stays with its municipality"):
            deciding.know_as(interest, make_applicant("hope"), by=priya)

    @pytest.mark.parametrize("who", ["amina", "uma", "rene"])
    def test_nobody_else(self, who: str, request: Any, thunder_bay: Any) -> None:
        with pytest.raises(PermissionDenied):
            deciding.make_known(make_interest(), by=request.getfixturevalue(who), **PLACE)
        assert not Municipality.objects.filter(slug="merritt").exists()


class TestAccess:
    @pytest.fixture
    def sam(self, priya: Any) -> Any:
        """Sam of Merritt, who was given access."""
        interest = make_interest(wants_mentor=True)
        deciding.make_known(interest, by=priya, **PLACE)
        deciding.give_access(interest, by=priya)
        user = User.objects.get(email=interest.email)
        User.objects.filter(pk=user.pk).update(accepted_at="2027-02-01T15:00:00Z")
        return User.objects.get(pk=user.pk)

    @pytest.mark.parametrize(
        ("page", "args", "status"),
        [
            ("network:people", ["winnipeg"], 403),
            ("exchanges:ask", [], 403),
            ("progress:strategy", ["winnipeg"], 404),
            ("meetings:meeting", ["safer-members"], 404),
            ("joining:desk", [], 403),
            ("joining:my_renewal", ["winnipeg"], 403),
            ("network:municipality", ["merritt"], 200),
        ],
    )
    def test_the_own_pages_and_nothing_that_members_share(
        self, client: Client, sam: Any, helen: Any, page: str, args: list[str], status: int
    ) -> None:
        make_meeting("announced", slug="safer-members", audience="members")
        client.force_login(sam)
        assert client.get(reverse(page, args=args)).status_code == status

    def test_nobody_elses_rows(self, client: Client, sam: Any, winnipeg: Any, thunder_bay: Any, helen: Any) -> None:
        make_exchange(thunder_bay, winnipeg, stage="confirmed")
        assert not works_for_a_member(sam)
        assert list(Stakeholder.objects.visible_to(sam)) == list(Stakeholder.objects.filter(user=sam))
        client.force_login(sam)
        assert "No exchange to show yet." in words_of(client.get(reverse("exchanges:list")))

    def test_a_second_time(self, priya: Any, sam: Any) -> None:
        with pytest.raises(TransitionRefused, match="already has an account"):
            deciding.give_access(Interest.objects.get(), by=priya)

    def test_nobody_knows_of_which_municipality(self, priya: Any) -> None:
        with pytest.raises(TransitionRefused, match="Say which municipality it is"):
            deciding.give_access(make_interest(), by=priya)


class TestInvitingAndClosing:
    def test_the_application_begins_with_what_was_said(self, priya: Any) -> None:
        interest = make_interest(municipality=make_applicant(), membership_kind="general", role="Manager")
        application = deciding.invite_to_apply(interest, by=priya, word="Welcome to it.")
        assert (application.state, application.kind, application.representative_name) == (
            "draft",
            "general",
            "Sam Voght",
        )
        assert (application.representative_title, application.consents) == ("Manager", {})
        interest.refresh_from_db()
        assert (interest.state, interest.assigned_to) == ("applying", priya)
        assert POST.kinds_to(interest.email) == ["invited_to_apply"]

    def test_a_sent_application_is_decided_first(self, priya: Any) -> None:
        interest = make_application("sent").interest
        with pytest.raises(TransitionRefused, match="Decide the application first"):
            deciding.close(interest, by=priya, word="No.")
        draft = make_application("draft", municipality=make_applicant("hope"))
        deciding.close(draft.interest, by=priya, word="You wrote that you wait.")
        draft.refresh_from_db()
        assert (draft.state, draft.interest.state) == ("withdrawn", "closed")
        assert POST.kinds_to(draft.interest.email) == ["closed"]

    def test_a_word_is_needed(self, priya: Any) -> None:
        with pytest.raises(TransitionRefused, match="give a reason"):
            deciding.close(make_interest(), by=priya, word=" ")


class TestDecidingIt:
    def test_sent_again_after_more_was_asked(self, priya: Any) -> None:
        application = make_application("sent")
        admitting.ask_more(application, by=priya, word="Which date?")
        applying.send(application)
        application.refresh_from_db()
        assert application.state == "sent"
        assert POST.kinds_to(application.interest.email) == ["more_asked", "sent"]
        assert POST.to("sent_to_coordinators") == ["priya@network.example"]

    def test_declined_for_good(self, priya: Any) -> None:
        application = make_application("sent")
        admitting.decline(application, by=priya, word="Not now.")
        assert Interest.objects.get().state == "closed"
        assert POST.kinds_to(application.interest.email) == ["declined"]
        assert kinds_of(application.municipality) == [("prospective", date(2027, 1, 20), None)]

    def test_withdrawn_on_the_own_page(self, clock: Any) -> None:
        application = make_application("sent")
        applying.withdraw(application)
        assert (Application.objects.get().state, Interest.objects.get().state) == ("withdrawn", "closed")


class TestAdmitting:
    def test_all_at_once(self, priya: Any) -> None:
        application = make_application(deputy_name="Ann Lee", deputy_email="ann@merritt.example", deputy_language="fr")
        place, sam = application.municipality, application.representative_email
        membership = admitting.approve(application, by=priya, join_on=JOIN_ON)
        assert kinds_of(place) == [("prospective", date(2027, 1, 20), date(2027, 1, 31)), ("general", JOIN_ON, None)]
        assert (membership.resolution_on, membership.resolution_reference) == (date(2027, 1, 12), "2027-04")
        assert people_of(place) == [(sam, "representative"), ("ann@merritt.example", "deputy")]
        assert list(OnboardingStep.objects.values_list("code", flat=True)) == list(OnboardingStep.Code)
        assert (POST.kinds_to(sam), POST.kinds_to("ann@merritt.example")) == (["approved"], ["deputy_welcome"])
        assert set(User.objects.filter(accepted_at=None).values_list("email", flat=True)) == {
            sam,
            "ann@merritt.example",
        }
        application.refresh_from_db()
        assert (application.state, application.membership, application.join_on) == ("approved", membership, JOIN_ON)
        assert Interest.objects.get().state == "closed"

    def test_a_community_known_since_the_day_of_joining(self, priya: Any) -> None:
        application = make_application()
        admitting.approve(application, by=priya, join_on=date(2027, 1, 20))
        assert kinds_of(application.municipality) == [("general", date(2027, 1, 20), None)]

    def test_the_contact_is_not_the_representative(self, priya: Any) -> None:
        place = make_applicant()
        make_stakeholder(place, email="sam@merritt.example", standing=Standing.REPRESENTATIVE)
        application = make_application(municipality=place, representative_email="mayor@merritt.example")
        admitting.approve(application, by=priya, join_on=JOIN_ON)
        assert people_of(place) == [("sam@merritt.example", "staff"), ("mayor@merritt.example", "representative")]

    def test_the_contact_becomes_the_deputy(self, priya: Any) -> None:
        place = make_applicant()
        make_stakeholder(place, email="sam@merritt.example", standing=Standing.REPRESENTATIVE)
        application = make_application(
            municipality=place, representative_email="mayor@merritt.example", deputy_name="Sam", deputy_email="sam@merritt.example"
        )  # fmt: skip
        admitting.approve(application, by=priya, join_on=JOIN_ON)
        assert people_of(place) == [("sam@merritt.example", "deputy"), ("mayor@merritt.example", "representative")]

    def test_who_has_an_account_gets_no_second_one(self, priya: Any) -> None:
        user = make_user("sam@merritt.example")
        application = make_application(representative_email="sam@merritt.example")
        admitting.approve(application, by=priya, join_on=JOIN_ON)
        assert Stakeholder.objects.get(email="sam@merritt.example").user == user
        assert User.objects.filter(email="sam@merritt.example").count() == 1

    def test_not_over_an_earlier_membership(self, priya: Any) -> None:
        application = make_application()
        place = application.municipality
        place.memberships.all().delete()
        Membership.objects.create(
            municipality=place, kind="general", from_on=date(2010, 1, 1), until_on=date(2027, 1, 15)
        )
        with pytest.raises(TransitionRefused, match="ran until January 15, 2027"):
            admitting.approve(application, by=priya, join_on=date(2027, 1, 15))
        application.refresh_from_db()
        assert (application.state, application.join_on) == ("sent", None)
        admitting.approve(application, by=priya, join_on=date(2027, 1, 16))
        assert kinds_of(place)[-1] == ("general", date(2027, 1, 16), None)

    def test_two_coordinators(self, priya: Any, admin_user: Any) -> None:
        application = make_application()
        admitting.approve(Application.objects.get(), by=priya, join_on=JOIN_ON)
        with pytest.raises(TransitionRefused) as second:
            admitting.approve(application, by=admin_user, join_on=date(2027, 2, 5))
        assert (str(second.value), second.value.done_already) == ("Already done by Priya Nair: it is “Approved”.", True)
        assert Application.objects.get().join_on == JOIN_ON
        with pytest.raises(TransitionRefused):
            admitting.decline(application, by=admin_user, word="No.")

    def test_only_coordinators(self, amina: Any) -> None:
        with pytest.raises(PermissionDenied):
            admitting.approve(make_application(), by=amina, join_on=JOIN_ON)
        assert OnboardingStep.objects.count() == 0
