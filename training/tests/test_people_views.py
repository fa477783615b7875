"""One's own page, another person's, and the staff of a municipality."""

import io
from typing import Any

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation

from cmncp_portal.core.places import Status
from cmncp_portal.network.models import Stakeholder, Standing
from cmncp_portal.network.tests.factories import make_stakeholder
from cmncp_portal.testing.pages import as_sent, said, text_of
from training.models import CompetencyText, Learner, Level, Requirement, StandardVersion
from training.services import certificates
from training.services.learners import learner_of_user

from .factories import (
    make_attainment,
    make_claim,
    make_enrolment,
    make_learner,
    make_module,
    make_offering,
    make_text,
    make_version,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


@pytest.fixture
def version() -> StandardVersion:
    return make_version("adopted")


@pytest.fixture
def texts(version: StandardVersion) -> list[CompetencyText]:
    return list(version.texts.in_order().select_related("domain", "version"))


def url(name: str, *args: Any, language: str = "en") -> str:
    with translation.override(language):
        return reverse(f"training:{name}", args=args)


def words(answer: Any) -> str:
    return " ".join(text_of(answer).partition("<main")[2].partition("</main>")[0].split())


def cost(client: Any, address: str) -> int:
    client.get(address)
    with CaptureQueriesContext(connection) as asked:
        assert client.get(address).status_code == 200
    return len(asked)


class TestMe:
    def test_what_i_hold_against_what_my_role_asks(self, client: Any, texts: list[CompetencyText], joseph: Any) -> None:
        learner = learner_of_user(joseph)
        make_attainment(learner, texts[0], 2)
        closing = make_offering(module=make_module(builds=[(texts[1].competency, 2)]), language="fr")
        client.force_login(joseph)
        answer = client.get(url("me"))
        page = words(answer)
        assert "You hold 1 of the 4 competencies that your role asks for." in page
        assert [line.text.code for line in answer.context["gaps"]] == ["1.2", "2.1", "2.2"]
        assert (closing.get_absolute_url() in page, "taught in: Français" in page) == (True, True)
        assert page.index("Still to reach") < page.index("Domain by domain")
        for word in ("Held", "Still to reach", "through “Planning with the community”"):
            assert word in page

    def test_enrolments_evidence_and_certificates(self, client: Any, texts: list[CompetencyText], joseph: Any) -> None:
        learner = learner_of_user(joseph)
        ahead = make_offering()
        make_enrolment(ahead, learner=learner, status=Status.WAITING)
        make_enrolment(make_offering("open", starts_on=ahead.starts_on), learner=learner, status=Status.CANCELLED)
        claim = make_claim(learner, texts[0], "more_asked")
        make_claim(learner, texts[1], "declined")
        paper = certificates.issue_for_enrolment(make_enrolment(make_offering("held"), learner=learner))
        client.force_login(joseph)
        answer = client.get(url("me"))
        assert [(one.reference, one.word) for one in answer.context["enrolled"]] == [
            (ahead.reference, "On the waiting list")
        ]
        assert [(one.pk, str(one.title), one.word) for one in answer.context["claims"]] == [
            (claim.pk, "Diagnosis 1", "More is asked")
        ]
        assert [(one.code, one.is_valid) for one in answer.context["papers"]] == [(paper.code, True)]
        assert url("certificate_pdf", paper.code) in text_of(answer)

    def test_a_version_that_asks_more_is_explained_on_the_page(
        self, client: Any, version: StandardVersion, texts: list[CompetencyText], joseph: Any
    ) -> None:
        make_attainment(learner_of_user(joseph), texts[0], 2)
        StandardVersion.objects.update(state="superseded", superseded_on="2027-01-25")
        new = make_version("adopted", standard=version.standard, changes_en="Data.", changes_fr="Données.")
        CompetencyText.objects.filter(version=new, competency=texts[0].competency_id).update(asks_more=True)
        client.force_login(joseph)
        page = words(client.get(url("me")))
        assert "Held at the level “Practitioner” under version 1. Version 2 asks more." in page
        assert (url("version_changes", version.standard.slug, 2) in page, "Data." in page) == (True, True)

    def test_who_never_enrolled_and_who_has_no_role(
        self, client: Any, version: StandardVersion, joseph: Any, ann: Any
    ) -> None:
        client.force_login(joseph)
        assert "You hold 0 of the 4 competencies" in words(client.get(url("me")))
        client.force_login(ann)
        assert "Choose the role that fits your work" in words(client.get(url("me")))
        answer = client.post(url("my_role"), {"role": "leader"})
        assert said(client, answer) == ["The role is set."]
        assert "You hold 0 of the 4 competencies" in words(client.get(url("me")))
        assert Learner.objects.get(user=ann).role == "leader"

    def test_who_was_enrolled_before_there_was_an_account(
        self, client: Any, texts: list[CompetencyText], joseph: Any
    ) -> None:
        learner = make_learner("joseph@thunderbay.example", stakeholder=joseph.stakeholders.get())
        make_attainment(learner, texts[0], 2)
        client.force_login(joseph)
        assert "You hold 1 of the 4 competencies" in words(client.get(url("me")))
        learner.refresh_from_db()
        assert learner.user == joseph

    def test_a_role_that_is_none_comes_back(self, client: Any, version: StandardVersion, joseph: Any) -> None:
        client.force_login(joseph)
        assert client.post(url("my_role"), {"role": "mayor"}).status_code == 422
        page = client.get(url("my_role"))
        answer = client.post(url("my_role"), as_sent(page, role="leader"))
        assert answer["Location"] == url("me")
        answer = client.post(url("my_role"), {"role": ""})
        assert Learner.objects.get(user=joseph).role == ""

    def test_in_french(self, client: Any, texts: list[CompetencyText], luc: Any) -> None:
        make_attainment(learner_of_user(luc), texts[0], 2)
        client.force_login(luc)
        page = words(client.get(url("me", language="fr")))
        assert ("Diagnostic 1" in page, "Diagnosis" in page) == (True, False)

    def test_without_an_account_one_signs_in(self, client: Any) -> None:
        for name in ("me", "my_role", "evidence"):
            assert client.get(url(name)).status_code == 302

    @pytest.mark.slow
    def test_much_costs_what_little_costs(self, client: Any, version: StandardVersion, joseph: Any) -> None:
        learner = learner_of_user(joseph)
        client.force_login(joseph)
        one = make_text(version.domains.last(), order=3)
        Requirement.objects.create(role=version.roles.get(slug="coordinator"), competency=one.competency, level=2)
        make_attainment(learner, one, 2)
        make_enrolment(make_offering(), learner=learner)
        make_claim(learner, one, "draft", level=3)
        few = cost(client, url("me"))
        texts = [make_text(version.domains.last(), order=n) for n in range(4, 40)]
        Requirement.objects.bulk_create(
            Requirement(role=version.roles.get(slug="coordinator"), competency=text.competency, level=2)
            for text in texts
        )
        for text in texts[:6]:
            make_attainment(learner, text, 2)
            make_claim(learner, text, "draft", level=Level.LEAD)
            make_enrolment(make_offering(module=make_module(builds=[(texts[9].competency, 3)])), learner=learner)
        assert (cost(client, url("me")), few <= 8) == (few, True)


class TestPerson:
    def test_who_sees_whom(
        self, client: Any, version: StandardVersion, joseph: Any, amina: Any, helen: Any, uma: Any, priya: Any
    ) -> None:
        learner = learner_of_user(joseph)
        found = {}
        for user in (joseph, amina, helen, uma, priya):
            client.force_login(user)
            pages = (url("person", learner.pk), url("person_role", learner.pk))
            found[user.name.split()[0]] = [client.get(page).status_code for page in pages]
        assert found == {
            "Joseph": [200, 200],
            "Amina": [200, 200],
            "Helen": [404, 404],
            "Uma": [404, 404],
            "Priya": [200, 200],
        }

    def test_evidence_is_ones_own(self, client: Any, texts: list[CompetencyText], joseph: Any, amina: Any) -> None:
        learner = learner_of_user(joseph)
        claim = make_claim(learner, texts[0], "sent")
        client.force_login(amina)
        page = words(client.get(url("person", learner.pk)))
        assert "0 of 4 competencies held that the role asks for." in page
        assert (url("evidence_edit", claim.pk) in page, "Show it by my own work" in page) == (False, False)

    def test_who_left_is_out_of_sight_at_once(
        self, client: Any, version: StandardVersion, joseph: Any, amina: Any
    ) -> None:
        learner = learner_of_user(joseph)
        Stakeholder.objects.filter(user=joseph).update(left_on="2027-02-01")
        client.force_login(amina)
        assert client.get(url("person", learner.pk)).status_code == 404
        assert client.post(url("person_role", learner.pk), {"role": "leader"}).status_code == 404
        assert "Joseph" not in words(client.get(url("staff", "thunder-bay")))

    def test_the_representative_chooses_the_role(
        self, client: Any, version: StandardVersion, joseph: Any, amina: Any
    ) -> None:
        learner = learner_of_user(joseph)
        client.force_login(amina)
        answer = client.post(url("person_role", learner.pk), {"role": "leader"})
        assert answer["Location"] == url("person", learner.pk)
        learner.refresh_from_db()
        assert learner.role == "leader"


class TestStaff:
    def test_everybody_who_works_there_with_or_without_an_account(
        self, client: Any, texts: list[CompetencyText], joseph: Any, amina: Any, helen: Any, thunder_bay: Any
    ) -> None:
        make_attainment(learner_of_user(joseph), texts[0], 2)
        make_stakeholder(thunder_bay, name="Zoe Partner", email="zoe@shelter.example", standing=Standing.PARTNER)
        client.force_login(amina)
        answer = client.get(url("staff", "thunder-bay"))
        assert [
            (member.person.name, member.role, member.profile.held, member.profile.asked)
            for member in answer.context["members"]
        ] == [
            ("Amina Diallo", "Coordinator", 0, 4),
            ("Joseph Kakegamic", "Coordinator", 1, 4),
            ("Zoe Partner", "Elected leader", 0, 4),
        ]
        page = words(answer)
        assert "Still to reach: 1.2 Diagnosis 2, 2.1 Partnership 1, 2.2 Partnership 2" in page
        assert "Helen" not in page

    def test_who_may_see_it(
        self, client: Any, version: StandardVersion, amina: Any, joseph: Any, helen: Any, uma: Any, priya: Any
    ) -> None:
        found = {}
        for user in (amina, joseph, helen, uma, priya):
            client.force_login(user)
            pages = (url("staff", "thunder-bay"), url("staff_export", "thunder-bay"), url("staff", "nowhere"))
            found[user.name.split()[0]] = [client.get(page).status_code for page in pages]
        assert found == {
            "Amina": [200, 200, 404],
            "Joseph": [403, 403, 404],
            "Helen": [403, 403, 404],
            "Uma": [403, 403, 404],
            "Priya": [200, 200, 404],
        }
        client.logout()
        assert client.get(url("staff", "thunder-bay")).status_code == 302

    def test_a_role_for_somebody_who_never_enrolled(
        self, client: Any, version: StandardVersion, amina: Any, thunder_bay: Any, winnipeg: Any
    ) -> None:
        zoe = make_stakeholder(thunder_bay, name="Zoe Partner", email="zoe@shelter.example")
        nameless = make_stakeholder(thunder_bay, name="Bo", email="")
        elsewhere = make_stakeholder(winnipeg, name="Cy", email="cy@winnipeg.example")
        client.force_login(amina)
        page = url("staff", "thunder-bay")
        answer = client.post(page, {"person": zoe.pk, "role": "coordinator", "page": "1"})
        assert said(client, answer) == ["The role of Zoe Partner is set."]
        learner = Learner.objects.get(email="zoe@shelter.example")
        assert (learner.role, learner.stakeholder, learner.user) == ("coordinator", zoe, None)
        answer = client.post(page, {"person": nameless.pk, "role": "coordinator"})
        assert said(client, answer) == ["Bo has no email address yet. Add one first."]
        answer = client.post(page, {"person": zoe.pk, "role": "mayor"})
        assert said(client, answer) == ["This role is not part of the version in force. Choose another one."]
        for other in (elsewhere.pk, "x", ""):
            assert client.post(page, {"person": other, "role": "leader"}).status_code == 404

    def test_as_a_file(self, client: Any, texts: list[CompetencyText], amina: Any, joseph: Any) -> None:
        make_attainment(learner_of_user(joseph), texts[0], 2)
        client.force_login(amina)
        answer = client.get(url("staff_export", "thunder-bay"), {"kind": "csv"})
        assert answer["Content-Disposition"] == 'attachment; filename="thunder-bay-training-2027-02-01.csv"'
        lines = answer.content.decode("utf-8-sig").splitlines()
        assert lines[0] == (
            "Name,Title,Role in the network,Role in the standard,Competencies asked,Competencies held,Still to reach"
        )
        assert lines[2] == (
            "Joseph Kakegamic,Youth Programs Planner,Municipal staff,Coordinator,4,1,"
            "1.2 Diagnosis 2; 2.1 Partnership 1; 2.2 Partnership 2"
        )
        answer = client.get(url("staff_export", "thunder-bay", language="fr"))
        sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).active
        assert [cell.value for cell in sheet[1]][:3] == ["Nom", "Titre", "Rôle dans le réseau"]

    @pytest.mark.slow
    def test_many_cost_what_few_cost(
        self, client: Any, texts: list[CompetencyText], amina: Any, joseph: Any, thunder_bay: Any
    ) -> None:
        make_attainment(learner_of_user(joseph), texts[0], 2)
        client.force_login(amina)
        few = cost(client, url("staff", "thunder-bay"))
        for n in range(30):
            person = make_stakeholder(thunder_bay, name=f"P{n:02d}", email=f"p{n}@x.example")
            make_attainment(make_learner(person.email, stakeholder=person), texts[0], 1)
        answer = client.get(url("staff", "thunder-bay"))
        assert len(answer.context["members"]) == 25
        assert (cost(client, url("staff", "thunder-bay")), few <= 8) == (few, True)
