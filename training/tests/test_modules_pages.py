"""The catalogue of modules, one module, its materials: whom they show what, in both languages, and their price."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from cmncp_portal.testing.pages import text_of
from training.models import CompetencyText, Module, ModuleCompetency, ModuleMaterial
from training.services import modules as services

from .factories import (
    make_author,
    make_enrolment,
    make_learner,
    make_module,
    make_offering,
    make_partner,
    make_standard,
    make_version,
)
from .module_screens import address, queries, words_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


def shown(client: Client, **query: str) -> list[str]:
    page = client.get(address("modules"), query)
    assert page.status_code == 200
    return [row.module.slug for row in page.context["rows"]]


class TestCatalogue:
    @pytest.fixture
    def four(self) -> CompetencyText:
        text = make_version().texts.in_order()[0]
        university = make_partner(kind="university", name_en="Hill University")
        make_module("approved", slug="one", programme_year=1, theme="awareness", kind="workshop")
        make_module("offered", slug="two", languages=["fr"], partner=university, builds=[(text.competency, 2)])
        make_module("offered", slug="three", programme_year=3, theme="projects", title_en="Data for councils")
        make_module("retired", slug="four")
        for state in ("proposed", "agreed", "drafted", "reviewed", "piloted", "dropped"):
            make_module(state, slug=state)
        return text

    @pytest.mark.parametrize(
        ("query", "expected"),
        [
            ({}, ["one", "two", "three"]),
            ({"kind": "workshop"}, ["one"]),
            ({"kind": "nonsense"}, ["one", "two", "three"]),
            ({"theme": "projects"}, ["three"]),
            ({"year": "2"}, ["two"]),
            ({"language": "en"}, ["one", "three"]),
            ({"partner": "university"}, ["two"]),
            ({"q": "councils"}, ["three"]),
            ({"q": "donnees", "language": "en"}, []),
            ({"standing": "retired"}, ["four"]),
            ({"standing": "all"}, ["one", "four", "two", "three"]),
            ({"page": "9", "competency": "\x00"}, ["one", "two", "three"]),
        ],
    )
    def test_what_each_filter_leaves(
        self, client: Client, four: Any, query: dict[str, str], expected: list[str]
    ) -> None:
        assert shown(client, **query) == expected

    def test_by_a_competency_that_some_module_builds(self, client: Client, four: CompetencyText) -> None:
        page = client.get(address("modules"))
        assert page.context["filter"].filters["competency"].extra["choices"] == [
            (str(four.competency_id), "1.1 Diagnosis 1")
        ]
        assert shown(client, competency=str(four.competency_id)) == ["two"]

    def test_drafts_are_not_in_it_even_for_those_who_write(self, client: Client, four: Any, priya: Any) -> None:
        client.force_login(priya)
        assert shown(client) == ["one", "two", "three"]

    def test_a_line(self, client: Client, four: Any) -> None:
        two = Module.objects.get(slug="two")
        make_offering("open", module=two)
        make_offering("open", module=two, is_pilot=True, starts_on=date(2027, 3, 1))
        make_offering("held", module=two, starts_on=date(2027, 1, 5))
        said = words_of(client.get(address("modules"), {"year": "2"}))
        assert (
            "One module Planning with the community Training module · Community safety planning · year 2 of the programme"
            " · Hill University 12 hours, in French Offered Next: April 14, 2027"
        ) in said

    @pytest.mark.parametrize(
        ("query", "words"),
        [
            ({}, "No module is offered yet. Those that are approved stand here."),
            ({"standing": "retired"}, "No module was retired so far."),
            ({"q": "zeppelin"}, "No module matches. Try fewer filters."),
        ],
    )
    def test_nothing(self, client: Client, query: dict[str, str], words: str) -> None:
        assert words in words_of(client.get(address("modules"), query))

    def test_five_hundred_cost_as_much_as_one(self, client: Client, amina: Any) -> None:
        make_module("offered", languages=["en", "fr"])
        few = queries(client, address("modules"))
        partner = make_partner()
        Module.objects.bulk_create(
            Module(slug=f"m-{n}", theme="planning", title_en=f"M {n}", state="offered", partner=partner)
            for n in range(500)
        )
        assert queries(client, address("modules")) == few <= 5
        client.force_login(amina)
        assert queries(client, address("modules")) <= 8
        assert len(client.get(address("modules")).context["rows"]) == 25

    def test_a_part_alone_for_htmx(self, client: Client, four: Any) -> None:
        page = client.get(address("modules"), headers={"HX-Request": "true"})
        assert text_of(page).strip().startswith('<div id="results">')


class TestOnePage:
    def test_all_that_is_said_of_it(self, client: Client) -> None:
        text = make_version().texts.in_order()[0]
        module = make_module("offered", slug="planning", builds=[(text.competency, 2)])
        offering = make_offering("open", module=module)
        page = client.get(address("module", "planning"))
        said = words_of(page)
        for words in (
            "From diagnosis to a plan.",
            "What you can do afterwards You can lead a diagnosis.",
            "Competencies it builds 1.1 Diagnosis 1 up to: Practitioner",
            "Next dates April 14–15, 2027 In person, City Hall, Council Building · English",
            "Length 12 hours Taught in English or in French Partner Lakeside College Community college",
        ):
            assert words in said
        assert page.context["dates"] == [offering]
        assert "What happened" not in said
        assert "What you can do " not in said.replace("What you can do afterwards", "")

    @pytest.mark.parametrize("state", ["proposed", "agreed", "drafted", "reviewed", "piloted", "dropped"])
    def test_a_draft_does_not_exist_for_strangers(
        self, client: Client, state: str, amina: Any, ann: Any, uma: Any
    ) -> None:
        module = make_module(state)
        make_author(make_module("agreed"), ann)  # of another one
        for person, status in ((None, 404), (amina, 404), (ann, 404), (uma, 200)):
            client.logout()
            if person:
                client.force_login(person)
            assert client.get(module.get_absolute_url()).status_code == status

    def test_an_author_sees_hers_and_nothing_of_another(self, client: Client, ann: Any) -> None:
        mine, other = make_module("agreed"), make_module("agreed")
        make_author(mine, ann)
        material = ModuleMaterial.objects.create(
            module=other, title_en="A", url="https://a.ca", language="en", access="everyone"
        )
        client.force_login(ann)
        assert client.get(mine.get_absolute_url()).status_code == 200
        for page in ("module", "module_write", "module_competencies", "module_materials", "module_authors"):
            assert client.get(address(page, other.slug)).status_code == 404
        for name, args in (
            ("module_move", ["hand_in"]),
            ("module_material_remove", [material.pk]),
            ("module_author_act", [1, "remove"]),
        ):
            assert client.post(address(name, other.slug, *args)).status_code == 404
        assert client.get(address("module_material", other.slug, material.pk)).status_code == 404

    def test_a_competency_that_no_longer_holds_is_said_plainly(self, client: Client) -> None:
        standard = make_standard()
        old = make_version("superseded", standard=standard)
        gone = old.texts.in_order().last()
        new = make_version("adopted", standard=standard)
        new.texts.filter(competency=gone.competency).delete()
        first = new.texts.in_order()[0]
        CompetencyText.objects.filter(pk=first.pk).update(title_en="New words")
        module = make_module("offered", builds=[(gone.competency, 1), (first.competency, 3)])
        said = words_of(client.get(module.get_absolute_url()))
        assert (
            "1.1 New words up to: Lead 2.2 Partnership 2 The standard in force no longer holds this competency."
            " This is how version 1 words it. up to: Awareness"
        ) in said

    def test_words_of_a_draft_of_the_standard_stay_inside(self, client: Client) -> None:
        standard = make_standard()
        first = make_version("adopted", standard=standard).texts.in_order()[0]
        draft = make_version("draft", standard=standard)
        CompetencyText.objects.filter(version=draft).update(title_en="Secret")
        module = make_module("offered", builds=[(first.competency, 1)])
        assert "Secret" not in words_of(client.get(module.get_absolute_url()))

    def test_retired_with_its_reason(self, client: Client, priya: Any) -> None:
        module = make_module("offered")
        services.move(module, "retire", by=priya, note="A better one exists.")
        said = words_of(client.get(module.get_absolute_url()))
        assert "This module was retired on February 1, 2027. It is not given any more. “A better one exists.”" in said

    def test_in_one_language_only_says_why(self, client: Client) -> None:
        module = make_module(
            "offered", slug="un", languages=["fr"], one_language_reason="The college teaches in French.",
            title_en="", summary_en="", objectives_en="", outline_en="",
        )  # fmt: skip
        page = client.get(address("module", "un"))
        assert (
            "This module is taught in French only. “The college teaches in French.” Du diagnostic au plan."
            in words_of(page)
        )
        assert '<div class="prose lead" lang="fr">' in text_of(page)
        assert client.get(address("module", "un", language="fr")).context["notice"] is None
        Module.objects.filter(pk=module.pk).update(languages=["en", "fr"])
        assert "A part of the text stands in French only; it is shown as it is." in words_of(
            client.get(address("module", "un"))
        )

    @pytest.mark.parametrize("state", ["agreed", "reviewed", "offered"])
    def test_its_price(self, client: Client, amina: Any, ann: Any, uma: Any, state: str) -> None:
        texts = list(make_version().texts.in_order())
        module = make_module(state, builds=[(texts[0].competency, 1)])
        make_author(module, ann)
        prices = []
        for _turn in range(2):
            people = [uma, ann] if state != "offered" else [None, amina, ann, uma]
            for person in people:
                client.logout()
                if person:
                    client.force_login(person)
                prices.append(queries(client, module.get_absolute_url()))
            for text in texts[1:]:
                ModuleCompetency.objects.get_or_create(module=module, competency=text.competency, level=2)
            for _n in range(12):
                make_offering("open", module=module)
                ModuleMaterial.objects.create(module=module, title_en="A", url="https://a.ca", language="en")
        half = len(prices) // 2
        assert prices[:half] == prices[half:]
        assert max(prices) <= 8
        if state == "offered":
            assert prices[0] <= 5


class TestMaterials:
    @pytest.fixture
    def module(self) -> Module:
        module = make_module("offered", slug="planning")
        for access in ("everyone", "participants", "authors"):
            ModuleMaterial.objects.create(
                module=module, title_en=access, url=f"https://{access}.ca/", language="en", access=access
            )
        return module

    def opened(self, client: Client, module: Module) -> list[int]:
        return [
            client.get(address("module_material", module.slug, material.pk)).status_code
            for material in module.materials.all()
        ]

    def test_as_far_as_the_reader_may(
        self, client: Client, module: Module, amina: Any, joseph: Any, ann: Any, rosa: Any, joan: Any, uma: Any
    ) -> None:
        offering = make_offering("open", module=module)  # ann facilitates
        make_enrolment(offering, learner=make_learner(user=joseph))
        make_enrolment(offering, learner=make_learner(user=rosa), status="waiting")
        make_author(module, joan)
        everything = ["everyone", "participants", "authors"]
        for person, listed, status in (
            (None, everything[:1], [302, 302, 302]),
            (amina, everything[:1], [302, 403, 403]),
            (rosa, everything[:1], [302, 403, 403]),
            (joseph, everything[:2], [302, 302, 403]),
            (ann, everything, [302, 302, 302]),
            (joan, everything, [302, 302, 302]),
            (uma, everything, [302, 302, 302]),
        ):
            client.logout()
            if person:
                client.force_login(person)
            page = client.get(module.get_absolute_url())
            assert [m.title_en for m in page.context["materials"]] == listed
            assert self.opened(client, module) == status
        client.logout()
        first, second, _third = module.materials.all()
        assert client.get(address("module_material", "planning", first.pk))["Location"] == "https://everyone.ca/"
        assert "/login/" in client.get(address("module_material", "planning", second.pk))["Location"]
        assert "Those who take part get one more." in words_of(client.get(module.get_absolute_url()))

    def test_a_file_is_sent_as_a_download(self, client: Client, uma: Any, settings: Any, tmp_path: Any) -> None:
        settings.MEDIA_ROOT = tmp_path
        module = make_module("offered")
        made = services.add_material(
            module, by=uma, language="en", access="everyone", title_en="S",
            file=SimpleUploadedFile("Slides.pdf", b"%PDF-1.7"),
        )  # fmt: skip
        answer = client.get(address("module_material", module.slug, made.pk))
        assert (answer["Content-Disposition"], answer["X-Content-Type-Options"]) == (
            'attachment; filename="Slides.pdf"',
            "nosniff",
        )
        assert b"".join(answer.streaming_content) == b"%PDF-1.7"  # type: ignore[attr-defined]

    def test_an_author_whose_invitation_ran_out(self, client: Client, module: Module, ann: Any, clock: Any) -> None:
        make_author(module, ann, until_on=date(2027, 2, 1))
        client.force_login(ann)
        assert self.opened(client, module) == [302, 302, 302]
        clock.move_to(datetime(2027, 2, 2, 15, 0, tzinfo=UTC))
        assert self.opened(client, module) == [302, 403, 403]


def test_the_back_office_shows_and_changes_nothing(client: Client, admin_user: Any) -> None:
    client.force_login(admin_user)
    module = make_module()
    for name in (
        "standard", "partner", "standardversion", "comment", "module", "moduleauthor", "offering", "enrolment", "learner",
        "evidenceclaim", "attainment", "certificate",
    ):  # fmt: skip
        assert client.get(reverse(f"admin:training_{name}_changelist")).status_code == 200
        assert client.get(reverse(f"admin:training_{name}_add")).status_code == 403
    page = client.get(reverse("admin:training_module_change", args=[module.pk]))
    assert (page.status_code, 'name="_save"' in text_of(page)) == (200, False)
    assert client.post(reverse("admin:training_module_delete", args=[module.pk]), {"post": "yes"}).status_code == 403
    assert client.get(reverse("admin:training_partner_change", args=[module.partner_id])).status_code == 200
