"""The desk of modules, as the pages do it: writing, moving, choosing competencies, authors, partners, coverage."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from cmncp_portal.testing.mailbag import Mailbag
from cmncp_portal.testing.pages import as_sent, said, text_of
from training.models import CompetencyText, Module, ModuleAuthor, ModuleChange, ModuleMaterial, Partner
from training.selectors import modules_desk as desks
from training.services import modules as services

from .factories import make_author, make_module, make_offering, make_partner, make_version
from .module_screens import address, many_competencies, queries, words_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
BAG = Mailbag("training")


@pytest.fixture
def team(client: Client, uma: Any) -> Client:
    client.force_login(uma)
    return client


def moved(module: Module, to: str, day: int) -> None:
    change = ModuleChange.objects.create(module=module, to_state=to, transition="agree")
    ModuleChange.objects.filter(pk=change.pk).update(at=datetime(2027, 1, day, 15, 0, tzinfo=UTC))


class TestDesk:
    def test_late_first_with_who_acts_and_since_when(self, team: Client, ann: Any) -> None:
        make_module("proposed", slug="idea")
        late = make_module("agreed", slug="late", draft_due_on=date(2027, 1, 31))
        make_author(late, ann)
        moved(late, "agreed", 12)
        make_module("agreed", slug="today", draft_due_on=date(2027, 2, 1))
        make_module("offered", slug="done", draft_due_on=date(2027, 1, 1))
        make_module("drafted", slug="review")
        page = team.get(address("module_desk"))
        assert [(row.module.slug, row.who, row.days, row.due_words) for row in page.context["rows"]] == [
            ("late", "Ann Lee", 20, "1 day late"),
            ("idea", "the University or the network’s coordinators", 0, ""),
            ("today", "nobody: invite an author", 0, "due today"),
            ("review", "the University or the network’s coordinators", 0, ""),
            ("done", "", 0, ""),
        ]
        assert page.context["counts"] == {"late": 1, "review": 1}
        assert "One draft is late One module waits for review or approval" in words_of(page)

    @pytest.mark.parametrize(
        ("query", "expected"),
        [
            ({"group": "late"}, ["late"]),
            ({"group": "review"}, ["drafted", "piloted"]),
            ({"group": "catalogue"}, ["approved"]),
            ({"group": "past"}, ["retired", "dropped"]),
            ({"group": "nonsense"}, ["late", "drafted", "piloted", "approved", "retired", "dropped"]),
            ({"q": "zeppelin"}, []),
        ],
    )
    def test_filters(self, team: Client, query: dict[str, str], expected: list[str]) -> None:
        make_module("agreed", slug="late", draft_due_on=date(2027, 1, 31))
        for state in ("drafted", "piloted", "approved", "retired", "dropped"):
            make_module(state, slug=state)
        page = team.get(address("module_desk"), query)
        assert [row.module.slug for row in page.context["rows"]] == expected

    def test_an_author_finds_hers_others_find_no_desk(self, client: Client, ann: Any, amina: Any, clock: Any) -> None:
        make_module("agreed")
        make_author(make_module("agreed", slug="hers"), ann, until_on=date(2027, 2, 1))
        assert client.get(address("module_desk")).status_code == 302
        client.force_login(ann)
        page = client.get(address("module_desk"))
        assert [row.module.slug for row in page.context["rows"]] == ["hers"]
        assert "My modules" in words_of(page)
        assert "Propose a module" not in words_of(page)
        clock.move_to(datetime(2027, 2, 2, 15, 0, tzinfo=UTC))
        assert client.get(address("module_desk")).status_code == 403
        client.force_login(amina)
        for name in ("module_desk", "module_coverage", "module_new", "partners"):
            assert client.get(address(name)).status_code == 403

    def test_its_price(self, team: Client) -> None:
        make_module("agreed")
        few = queries(team, address("module_desk"))
        partner = make_partner()
        Module.objects.bulk_create(
            Module(slug=f"m-{n}", theme="planning", title_en=f"M {n}", partner=partner) for n in range(300)
        )
        assert queries(team, address("module_desk")) == few <= 8

    def test_nothing_in_french(self, team: Client) -> None:
        page = team.get(address("module_desk", language="fr"))
        assert (page.status_code, page.context["rows"]) == (200, [])


class TestProposing:
    TYPED = {
        "title_en": "Data <b>first</b>",
        "title_fr": "",
        "kind": "workshop",
        "theme": "projects",
        "programme_year": "1",
    }

    def test_on_to_its_page(self, team: Client) -> None:
        done = team.post(address("module_new"), self.TYPED)
        made = Module.objects.get()
        assert done["Location"] == made.get_absolute_url()
        assert (made.kind, made.theme, made.programme_year) == ("workshop", "projects", 1)
        page = team.get(made.get_absolute_url())
        assert "Data &lt;b&gt;first&lt;/b&gt;" in text_of(page)
        assert [(check.label, check.is_done) for check in page.context["work"].checks] == [
            ("A title in both languages", False),
            ("The partner", False),
        ]
        assert [(o.transition.name, str(o.reason or "")) for o in page.context["work"].moves] == [
            ("agree", "Give it a title in both languages."),
            ("drop", ""),
        ]

    def test_wrong_keeps_what_was_typed(self, team: Client) -> None:
        page = team.post(address("module_new"), self.TYPED | {"title_en": "", "theme": "x"})
        form = page.context["form"]
        assert (page.status_code, sorted(form.errors)) == (422, ["theme", "title_en"])
        assert form["kind"].value() == "workshop"

    def test_the_neighbour(self, client: Client, amina: Any) -> None:
        client.force_login(amina)
        assert client.post(address("module_new"), self.TYPED).status_code == 403


class TestWriting:
    def test_both_languages_side_by_side(self, team: Client) -> None:
        module = make_module("agreed")
        url = address("module_write", module.slug)
        page = team.get(url)
        assert [(en.name, fr.name) for en, fr in page.context["form"].pairs] == [
            (f"{name}_en", f"{name}_fr") for name in ("title", "summary", "objectives", "outline")
        ]
        partner = make_partner(name_en="Other")
        typed = as_sent(page, hours="6.5", languages=["fr"], partner=partner.pk, draft_due_on="2027-03-01")
        done = team.post(url, typed)
        module.refresh_from_db()
        assert (done.status_code, said(team, done)) == (302, ["Saved."])
        assert (float(module.hours), module.languages, module.partner, module.draft_due_on, module.version) == (
            6.5, ["fr"], partner, date(2027, 3, 1), 2,
        )  # fmt: skip

    def test_wrong_keeps_what_was_typed(self, team: Client) -> None:
        module = make_module("agreed")
        url = address("module_write", module.slug)
        typed = as_sent(team.get(url), title_en="", title_fr="", summary_en="Kept", draft_due_on="2027-01-31")
        page = team.post(url, typed)
        form = page.context["form"]
        assert (page.status_code, form.errors) == (
            422,
            {"draft_due_on": ["This day has passed."], "title_en": ["Give a title in at least one language."]},
        )
        assert form["summary_en"].value() == "Kept"

    def test_two_at_once_see_both_texts(self, team: Client, uma: Any) -> None:
        module = make_module("agreed")
        url = address("module_write", module.slug)
        typed = as_sent(team.get(url), summary_en="Mine")
        services.keep_module(module, seen=1, by=uma, summary_en="Theirs")
        page = team.post(url, typed)
        assert page.status_code == 409
        assert "Mine" in text_of(page)
        assert "Theirs" in text_of(page)
        team.post(url, as_sent(page, **{"choose-summary_en": "theirs"}))
        assert Module.objects.get().summary_en == "Theirs"
        assert Module.objects.get().languages == ["en", "fr"]

    def test_an_author_has_no_facts_to_change(self, client: Client, ann: Any) -> None:
        module = make_module("agreed")
        make_author(module, ann)
        client.force_login(ann)
        url = address("module_write", module.slug)
        page = client.get(url)
        assert page.context["form"].facts == []
        client.post(url, as_sent(page, summary_en="Hers", partner="", draft_due_on="2027-12-31", kind="workshop"))
        module.refresh_from_db()
        assert (module.summary_en, module.draft_due_on, module.kind, bool(module.partner)) == (
            "Hers",
            None,
            "module",
            True,
        )

    def test_handed_in_meanwhile_nothing_typed_is_lost(self, client: Client, ann: Any, uma: Any) -> None:
        module = make_module("agreed", builds=[(make_version().texts.in_order()[0].competency, 1)])
        make_author(module, ann)
        client.force_login(ann)
        url = address("module_write", module.slug)
        typed = as_sent(client.get(url), summary_en="Two hours of work")
        services.move(module, "hand_in", by=uma)
        page = client.post(url, typed)
        assert (page.status_code, page.context["form"]["summary_en"].value()) == (422, "Two hours of work")
        assert "The module is “In review” now. When it is sent back to you, you can go on writing." in words_of(page)
        assert client.get(url)["Location"] == module.get_absolute_url()

    def test_readers_of_the_catalogue_do_not_write(self, client: Client, amina: Any) -> None:
        module = make_module("offered")
        client.force_login(amina)
        for name in ("module_write", "module_competencies", "module_materials", "module_authors"):
            assert client.get(address(name, module.slug)).status_code == 403
            assert client.post(address(name, module.slug), {}).status_code == 403


class TestMoving:
    def test_blocked_with_its_reason_then_done_then_done_already(self, team: Client, ann: Any) -> None:
        text = make_version().texts.in_order()[0]
        module = make_module("agreed")
        page = team.get(module.get_absolute_url())
        assert [(o.transition.name, str(o.reason or "")) for o in page.context["work"].moves] == [
            ("hand_in", "Say which competencies it builds, and to which level."),
            ("drop", ""),
        ]
        assert [(c.label, c.reason) for c in page.context["work"].checks if not c.is_done] == [
            ("An author", "Invite at least one author."),
            ("The competencies it builds", "Say which competencies it builds, and to which level."),
        ]
        url = address("module_move", module.slug, "hand_in")
        assert said(team, team.post(url)) == ["Say which competencies it builds, and to which level."]
        services.keep_competencies(module, by=page.context["user"], changes={text.competency_id: 2})
        assert said(team, team.post(url)) == ["The draft was handed in."]
        assert said(team, team.post(url)) == ["Already done by Uma Sharma: it is “In review”."]
        entries = team.get(module.get_absolute_url()).context["entries"]
        assert [(str(e["text"]), e["by"]) for e in entries] == [
            ("The draft was handed in", "Uma Sharma"),
            ("Proposed", ""),
        ]

    def test_what_guards_read_is_what_the_page_knows(self, team: Client, ann: Any, uma: Any) -> None:
        """The page asks its guards of rows that came along; the service asks the database. They say the same."""
        text = make_version().texts.in_order()[0]
        for state in Module.State.values:
            for full in (False, True):
                module = make_module(state, builds=[(text.competency, 1)] if full else [])
                if full:
                    make_author(module, ann)
                    make_offering("open", module=module)
                    make_offering("held", module=module, is_pilot=True)
                page = team.get(module.get_absolute_url())
                for offer in page.context["work"].moves:
                    assert str(offer.reason or "") == str(offer.transition.refusal(module) or "")
                for line, check in zip(desks.LINES.get(state, ()), page.context["work"].checks, strict=True):
                    found = next((reason for guard in line[1] if (reason := guard(module))), "")
                    assert check.reason == str(found)

    def test_a_missing_reason_is_asked_for(self, team: Client) -> None:
        module = make_module("drafted")
        url = address("module_move", module.slug, "send_back")
        page = team.post(url, {"note": " "})
        assert (page.status_code, page.context["form"].errors) == (422, {"note": ["This field is required."]})
        assert said(team, team.post(url, {"note": "Too long."})) == ["Sent back to the authors."]

    def test_who_may_not(self, client: Client, team: Client, ann: Any) -> None:
        module = make_module("piloted")
        assert team.post(address("module_move", module.slug, "approve")).status_code == 403
        assert team.post(address("module_move", module.slug, "fly")).status_code == 404
        make_author(module, ann)
        client.force_login(ann)
        assert client.post(address("module_move", module.slug, "send_back"), {"note": "x"}).status_code == 403


class TestCompetencies:
    def test_chosen_and_taken_away(self, team: Client) -> None:
        one, two, *_rest = make_version().texts.in_order()
        module = make_module("agreed", builds=[(one.competency, 1)])
        url = address("module_competencies", module.slug)
        page = team.get(url)
        assert "1.1 Diagnosis 1" in words_of(page)
        done = team.post(url, as_sent(page, **{f"level_{two.competency_id}": "3", f"level_{one.competency_id}": ""}))
        assert said(team, done) == ["Saved."]
        assert list(module.builds.values_list("competency", "level")) == [(two.competency_id, 3)]

    def test_what_another_chose_meanwhile_stays(self, team: Client, uma: Any) -> None:
        one, two, *_rest = make_version().texts.in_order()
        module = make_module("agreed")
        url = address("module_competencies", module.slug)
        typed = as_sent(team.get(url), **{f"level_{two.competency_id}": "2"})
        services.keep_competencies(module, by=uma, changes={one.competency_id: 1})
        team.post(url, typed)
        assert dict(module.builds.values_list("competency", "level")) == {one.competency_id: 1, two.competency_id: 2}

    def test_a_level_that_is_none(self, team: Client) -> None:
        text = make_version().texts.in_order()[0]
        module = make_module("agreed")
        url = address("module_competencies", module.slug)
        page = team.post(url, as_sent(team.get(url), **{f"level_{text.competency_id}": "7"}))
        assert (page.status_code, module.builds.count()) == (422, 0)

    def test_three_hundred_by_domain_and_by_words(self, team: Client) -> None:
        module = make_module("agreed")
        few = queries(team, address("module_competencies", module.slug))
        domain = many_competencies(300)
        url = address("module_competencies", module.slug)
        page = team.get(url)
        assert page.context["lines"]["others"] == []
        assert "3 Large (300)" in words_of(page)
        assert "Choose a domain, or look for words." in words_of(page)
        found = team.get(url, {"domain": domain.pk})
        assert len(found.context["lines"]["others"]) == 50
        assert [text.title_en for text, _field in team.get(url, {"q": "ability 123"}).context["lines"]["others"]] == [
            "Ability 123"
        ]
        there = f"{url}?domain={domain.pk}&page=2"
        first = team.get(there).context["lines"]["others"][0][0]
        done = team.post(there, as_sent(team.get(there), **{f"level_{first.competency_id}": "1"}))
        assert (done["Location"], module.builds.get().competency_id) == (there, first.competency_id)
        assert max(few, queries(team, there), queries(team, url)) <= 8

    def test_what_is_no_longer_in_force_can_be_taken_away(self, team: Client) -> None:
        version = make_version("superseded")
        text = version.texts.in_order()[0]
        make_version("adopted", standard=version.standard).texts.filter(competency=text.competency).delete()
        module = make_module("agreed", builds=[(text.competency, 1)])
        url = address("module_competencies", module.slug)
        page = team.get(url)
        assert "1.1 Diagnosis 1 The standard in force no longer holds this competency." in words_of(page)
        team.post(url, as_sent(page, **{f"level_{text.competency_id}": ""}))
        assert module.builds.count() == 0

    def test_no_standard_and_an_author_in_review(self, client: Client, team: Client, ann: Any) -> None:
        module = make_module("drafted")
        assert "No standard is in force yet." in words_of(team.get(address("module_competencies", module.slug)))
        make_author(module, ann)
        client.force_login(ann)
        page = client.get(address("module_competencies", module.slug))
        assert "The module is “In review” now." in words_of(page)
        assert "<select" not in text_of(page).partition("<main")[2]


class TestMaterials:
    def test_added_wrong_and_removed_twice(self, team: Client, settings: Any, tmp_path: Any) -> None:
        settings.MEDIA_ROOT = tmp_path
        module = make_module("agreed")
        url = address("module_materials", module.slug)
        typed = {"title_en": "Slides", "language": "en", "access": "everyone"}
        for more, errors in (
            ({}, {"file": ["Add a file, or give an address."]}),
            ({"url": "javascript:alert(1)"}, {"url": ["Enter a valid URL."]}),
            ({"file": SimpleUploadedFile("a.pdf", b"MZ")}, {"file": ["The file is not what its name says."]}),
            ({"title_en": "", "url": "https://a.ca"}, {"title_en": ["Give a title in at least one language."]}),
        ):
            page = team.post(url, typed | more)
            assert (page.status_code, page.context["form"].errors) == (422, errors)
        assert said(team, team.post(url, typed | {"file": SimpleUploadedFile("a.pdf", b"%PDF-1")})) == [
            "“Slides” is added."
        ]
        gone = address("module_material_remove", module.slug, ModuleMaterial.objects.get().pk)
        assert [said(team, team.post(gone)) for _click in range(2)] == [["It is removed."], ["It is removed."]]
        assert ModuleMaterial.objects.count() == 0


class TestAuthorsAndPartners:
    TYPED = {"name": "Zoé Roy", "email": "zoe@college.example", "language": "fr", "until_on": "2027-06-30"}

    def test_invited_removed_and_invited_again(self, team: Client) -> None:
        module = make_module("agreed")
        url = address("module_authors", module.slug)
        assert said(team, team.post(url, self.TYPED)) == ["Zoé Roy is invited by letter."]
        author = ModuleAuthor.objects.get()
        assert (
            "Zoé Roy zoe@college.example · may write until June 30, 2027 · invited by Uma Sharma invited, not signed in yet"
            in words_of(team.get(url))
        )
        remove, again = (address("module_author_act", module.slug, author.pk, name) for name in ("remove", "again"))
        assert said(team, team.post(remove)) == ["Zoé Roy does not write it any more."]
        assert said(team, team.post(remove)) == ["Zoé Roy was removed already."]
        page = team.post(again, {"until_on": "2027-01-31"})
        assert (page.status_code, page.context["errors"].errors) == (422, {"until_on": ["This day has passed."]})
        assert 'value="2027-01-31"' in text_of(page)
        assert said(team, team.post(again, {"until_on": "2027-07-31"})) == ["Zoé Roy is invited by letter."]
        assert [row.is_working for row, _form in team.get(url).context["rows"]] == [True]
        assert team.post(address("module_author_act", module.slug, author.pk, "fly")).status_code == 404

    def test_wrong_keeps_what_was_typed(self, team: Client) -> None:
        page = team.post(
            address("module_authors", make_module("agreed").slug), self.TYPED | {"email": "zoe", "until_on": ""}
        )
        form = page.context["form"]
        assert (page.status_code, form.errors, form["name"].value()) == (
            422, {"email": ["Enter a valid email address."]}, "Zoé Roy",
        )  # fmt: skip

    def test_her_author_page_is_not_hers_to_keep(self, client: Client, ann: Any) -> None:
        module = make_module("agreed")
        author = make_author(module, ann)
        client.force_login(ann)
        assert client.get(address("module_authors", module.slug)).status_code == 403
        assert client.post(address("module_author_act", module.slug, author.pk, "remove")).status_code == 403

    def test_partners(self, team: Client) -> None:
        typed = {"name_en": "Lakeside", "kind": "college", "province": "ON", "website": "https://l.ca"}
        url = address("partners")
        assert said(team, team.post(url, typed)) == ["The partner is in the list."]
        again = team.post(url, typed)
        assert (again.status_code, Partner.objects.count()) == (422, 1)
        partner = Partner.objects.get()
        edit = address("partner_edit", partner.pk)
        page = team.post(edit, typed | {"name_en": ""})
        assert (page.status_code, page.context["form"]["province"].value()) == (422, "ON")
        assert said(team, team.post(edit, typed | {"province": "QC"})) == ["Saved."]
        assert "Lakeside Community college · Quebec no modules" in words_of(team.get(url)).replace(
            "0 modules", "no modules"
        )


class TestCoverage:
    @pytest.fixture
    def texts(self) -> list[CompetencyText]:
        texts = list(make_version().texts.in_order())
        texts[3].criteria.filter(level=3).delete()
        make_module("offered", builds=[(texts[0].competency, 3), (texts[1].competency, 1)], title_en="Given")
        make_module("reviewed", builds=[(texts[1].competency, 2)], title_en="Coming")
        for state in ("retired", "dropped"):
            make_module(state, builds=[(texts[2].competency, 3)])
        return texts

    def test_level_by_level(self, team: Client, texts: list[CompetencyText]) -> None:
        page = team.get(address("module_coverage"))
        assert [
            (line.text.code, [cell.state for cell in line.cells])
            for group in page.context["groups"]
            for line in group.lines
        ] == [
            ("1.1", ["served", "served", "served"]),
            ("1.2", ["served", "making", "none"]),
            ("2.1", ["none", "none", "none"]),
            ("2.2", ["none", "none", "undescribed"]),
        ]
        assert [(t.described, t.served, t.making, t.none) for t in page.context["totals"]] == [
            (4, 2, 0, 2), (4, 1, 1, 2), (3, 1, 0, 2),
        ]  # fmt: skip
        words = words_of(page)
        assert "1.2 Diagnosis 2 Served Given In the making Coming No module yet" in words
        assert "3 competencies are not served at every level. Show only these" in words
        gaps = team.get(address("module_coverage"), {"show": "gaps"})
        assert [len(group.lines) for group in gaps.context["groups"]] == [1, 2]

    def test_three_hundred_cost_as_much_as_four(self, team: Client, texts: list[CompetencyText]) -> None:
        few = queries(team, address("module_coverage"))
        domain = many_competencies(300)
        for text in domain.texts.all()[:20]:
            make_module("offered", builds=[(text.competency, 2)])
        assert queries(team, address("module_coverage")) == few <= 8

    def test_without_a_standard(self, team: Client) -> None:
        make_version("consultation")
        assert "No standard is in force yet." in words_of(team.get(address("module_coverage")))


def test_every_page_in_french(client: Client, uma: Any, ann: Any) -> None:
    text = make_version().texts.in_order()[0]
    module = make_module("agreed", builds=[(text.competency, 2)])
    make_author(module, ann)
    own = ("module", "module_write", "module_competencies", "module_materials", "module_authors")
    for name in ("modules", "module_desk", "module_new", "partners", "module_coverage", *own):
        there = address(name, *([module.slug] if name in own else []), language="fr")
        client.force_login(uma)
        page = client.get(there)
        assert (page.status_code, page["Content-Language"]) == (200, "fr")
    client.force_login(ann)
    page = client.get(address("module", module.slug, language="fr"))
    assert '<span lang="fr">Planifier avec la communauté</span>' in text_of(page)
    assert "1.1 Diagnostic 1" in words_of(page)
