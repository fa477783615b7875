"""The writing desk: lines in both languages, their order, two people at once, and words that stand still."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from cmncp_portal.core.workflow import TransitionRefused
from cmncp_portal.testing.pages import as_sent, said, text_of
from training.models import Comment, CompetencyText, Domain, Standard, StandardVersion
from training.services import standards, writing

from .factories import make_attainment, make_learner, make_version
from .test_standards_reading import address, make_large

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


@pytest.fixture
def writer(client: Client, uma: Any) -> Client:
    client.force_login(uma)
    return client


@pytest.fixture
def draft(clock: Any) -> StandardVersion:
    return make_version("draft")


def first(version: StandardVersion) -> CompetencyText:
    return version.texts.in_order()[0]


def desk_pages(version: StandardVersion) -> list[str]:
    text, role, domain = first(version), version.roles.first(), version.domains.first()
    assert role
    assert domain
    return [
        address("write", version),
        address("domain_add", version),
        address("domain_edit", version, domain.pk),
        address("competency_add", version, domain.pk),
        address("competency_edit", version, text.competency_id),
        address("roles_edit", version),
        address("role_edit", version, role.pk),
        address("consultation", version),
    ]


def test_who_opens_the_desk(client: Client, draft: StandardVersion, rosa: Any, uma: Any) -> None:
    public = make_version("consultation", standard=draft.standard)
    client.force_login(rosa)
    assert {client.get(page).status_code for page in desk_pages(draft)} == {404}
    assert {client.get(page).status_code for page in desk_pages(public)} == {403}
    assert client.get(reverse("training:new_standard")).status_code == 403
    assert client.post(reverse("training:new_version", args=[draft.standard.slug])).status_code == 403
    client.force_login(uma)
    assert {client.get(page).status_code for page in desk_pages(draft)} == {200}
    with translation.override("fr"):
        assert {
            client.get(page.replace("/en/", "/fr/")).status_code for page in [reverse("training:new_standard")]
        } == {200}


def test_a_standard_begins_with_an_empty_draft(writer: Client) -> None:
    typed = {"title_en": "Safer schools", "title_fr": "Écoles plus sûres", "summary_en": "", "summary_fr": "Pour tous."}
    answer = writer.post(reverse("training:new_standard"), typed)
    version = StandardVersion.objects.get(standard__slug="safer-schools")
    assert answer["Location"] == address("write", version)
    assert (version.number, version.state, version.standard.summary_fr) == (1, "draft", "Pour tous.")
    writer.post(reverse("training:new_standard"), typed)  # a second click
    assert Standard.objects.count() == 1


def test_a_wrong_standard_comes_back_as_typed(writer: Client) -> None:
    page = writer.post(reverse("training:new_standard"), {"title_en": "Safer schools", "summary_fr": "Pour tous."})
    assert page.status_code == 422
    assert "Pour tous." in text_of(page)
    assert list(page.context["form"].errors) == ["title_fr"]


class TestNewVersion:
    def test_it_holds_the_same_competencies(self, writer: Client, joseph: Any) -> None:
        old = make_version("adopted")
        text = first(old)
        text.asks_more = True
        text.save()
        attainment = make_attainment(make_learner(user=joseph), text)
        answer = writer.post(reverse("training:new_version", args=[old.standard.slug]))
        new = StandardVersion.objects.get(standard=old.standard, number=2)
        assert answer["Location"] == address("write", new)
        assert list(new.texts.in_order().values_list("competency", "title_en", "title_fr", "asks_more")) == [
            (pk, en, fr, False) for pk, en, fr in old.texts.in_order().values_list("competency", "title_en", "title_fr")
        ]
        for name in ("domains", "roles"):
            assert [str(row) for row in getattr(new, name).all()] == [str(row) for row in getattr(old, name).all()]
        criteria = [list(first(v).criteria.values_list("level", "statement_en")) for v in (old, new)]
        assert criteria[0] == criteria[1]
        asked = [
            set(v.roles.values_list("slug", "requirements__competency", "requirements__level")) for v in (old, new)
        ]
        assert asked[0] == asked[1]
        assert attainment.competency in {t.competency for t in new.texts.all()}

    def test_one_at_a_time(self, writer: Client) -> None:
        old = make_version("adopted")
        there = reverse("training:new_version", args=[old.standard.slug])
        writer.post(there)
        answer = writer.post(there)
        assert answer["Location"] == address("write", StandardVersion.objects.get(number=2))
        assert said(writer, answer)[-1] == "A new version is being worked on already: this is it."
        assert old.standard.versions.count() == 2

    def test_three_hundred_competencies_cost_no_more_questions(
        self, uma: Any, django_assert_max_num_queries: Any
    ) -> None:
        old = make_version("adopted")
        make_large(old)
        with django_assert_max_num_queries(20):
            made = standards.begin_version(old.standard, by=uma)
        assert made.texts.count() == 304


class TestLines:
    def test_a_competency_with_its_criteria(self, writer: Client, draft: StandardVersion) -> None:
        domain = draft.domains.get(order=2)
        there = address("competency_add", draft, domain.pk)
        typed = {"title_en": "Bring people together", "n1_level": "2", "n1_statement_en": "Leads a table."}
        answer = writer.post(there, as_sent(writer.get(there), **typed))
        assert answer["Location"] == f"{address('write', draft)}?domain=2"
        text = CompetencyText.objects.get(title_en="Bring people together")
        assert (text.code, text.version, text.criteria.get().statement_en) == ("2.3", draft, "Leads a table.")
        writer.post(there, as_sent(writer.get(there), **typed))
        assert domain.texts.count() == 3

    def test_a_criterion_needs_a_level_and_keeps_what_was_typed(self, writer: Client, draft: StandardVersion) -> None:
        there = address("competency_edit", draft, first(draft).competency_id)
        page = writer.post(there, as_sent(writer.get(there), n2_statement_fr="Anime une table."))
        assert page.status_code == 422
        assert page.context["form"].errors == {"n2_level": ["Say at which level this shows the competency."]}
        assert "Anime une table." in text_of(page)

    def test_change_move_and_empty_a_criterion(self, writer: Client, draft: StandardVersion) -> None:
        text = first(draft)
        there, other = address("competency_edit", draft, text.competency_id), draft.domains.get(order=2)
        one, two, three = text.criteria.all()
        emptied = {f"c{two.pk}_{name}_{code}": "" for name in ("statement", "evidence") for code in ("en", "fr")}
        typed = {"title_fr": "Diagnostiquer", "domain": str(other.pk), f"c{one.pk}_evidence_en": "Minutes."} | emptied
        assert writer.post(there, as_sent(writer.get(there), **typed)).status_code == 302
        text.refresh_from_db()
        assert (text.title_fr, text.code) == ("Diagnostiquer", "2.3")
        assert [(c.pk, c.evidence_en) for c in text.criteria.all()] == [(one.pk, "Minutes."), (three.pk, "")]
        assert [t.code for t in draft.texts.in_order()] == ["1.1", "2.1", "2.2", "2.3"]

    def test_two_who_write_the_same_competency(self, writer: Client, draft: StandardVersion, priya: Any) -> None:
        text = first(draft)
        there = address("competency_edit", draft, text.competency_id)
        mine = as_sent(writer.get(there), title_en="My title")
        other = Client()
        other.force_login(priya)
        theirs = as_sent(other.get(there), title_en="Their title", n1_level="3", n1_statement_en="Their criterion.")
        assert other.post(there, theirs).status_code == 302
        page = writer.post(there, mine)
        assert page.status_code == 409
        assert [word in text_of(page) for word in ("My title", "Their title", "Their criterion.")] == [True] * 3
        again = as_sent(page) | {"choose-title_en": "mine", "title_en": "My title"}
        assert writer.post(there, again).status_code == 302
        text.refresh_from_db()
        assert text.title_en == "My title"
        assert text.criteria.filter(statement_en="Their criterion.").count() == 1

    def test_two_who_write_the_same_domain_or_role(self, draft: StandardVersion, uma: Any) -> None:
        from cmncp_portal.core.editing import Conflict
        from training.selectors.standards import mark_of

        domain, role = draft.domains.get(order=1), draft.roles.get(slug="leader")
        domain.version = role.version = draft
        marks = mark_of(domain), writing.mark_of_role(role)
        names = {"title_en": "Knowing", "title_fr": "", "summary_en": "", "summary_fr": ""}
        level = {first(draft).competency_id: 3}
        writing.keep_domain(domain, seen=marks[0], by=uma, **names)
        writing.keep_role(role, seen=marks[1], by=uma, levels=level, **names, standings=[])
        with pytest.raises(Conflict):
            writing.keep_domain(domain, seen=marks[0], by=uma, **names)
        with pytest.raises(Conflict):
            writing.keep_role(role, seen=marks[1], by=uma, levels={}, **names, standings=[])
        assert role.requirements.get(competency=first(draft).competency).level == 3

    def test_what_a_role_is_asked(self, writer: Client, draft: StandardVersion) -> None:
        role = draft.roles.get(slug="leader")
        one, two, *_others = draft.texts.in_order()
        there = address("role_edit", draft, role.pk)
        typed = {f"r{one.competency_id}": "", f"r{two.competency_id}": "3", "standings": ["leader"]}
        assert writer.post(there, as_sent(writer.get(there), **typed)).status_code == 302
        levels = dict(role.requirements.values_list("competency", "level"))
        assert (one.competency_id in levels, levels[two.competency_id], len(levels)) == (False, 3, 3)
        role.refresh_from_db()
        assert role.standings == ["leader"]

    def test_titles_that_look_alike_in_an_address_are_two_roles(self, draft: StandardVersion, uma: Any) -> None:
        first, other, again = (
            writing.add_role(draft, by=uma, title_en=title)
            for title in ("Head (police)", "Head, police", "Head (police)")
        )
        assert (first.slug, other.slug, again.pk) == ("head-police", "head-police-2", first.pk)

    def test_a_new_role_has_an_address_of_its_own(self, writer: Client, draft: StandardVersion) -> None:
        there = address("roles_edit", draft)
        writer.post(there, as_sent(writer.get(there), title_en="Head of a centre", title_fr="Responsable"))
        assert draft.roles.last().slug == "head-of-a-centre"
        assert writer.post(there, {"title_fr": "Seule"}).status_code == 422

    def test_up_down_and_away(self, writer: Client, draft: StandardVersion) -> None:
        one, two, *_others = draft.texts.in_order()
        Comment.objects.create(
            standard_version=draft, text=one, words="x", language="en", name="A", email="a@b.example"
        )
        for what, pk, name in (
            ("competency", two.pk, "up"),
            ("competency", two.pk, "up"),
            ("domain", two.domain_id, "down"),
        ):
            assert writer.post(address("line_move", draft, what, pk, name)).status_code == 302
        assert [t.pk for t in draft.texts.in_order()][2:] == [two.pk, one.pk]
        assert [d.order for d in draft.domains.order_by("pk")] == [2, 1]
        writer.post(address("line_move", draft, "competency", one.pk, "remove"))
        assert draft.comments.get().text is None
        assert draft.roles.filter(requirements__competency=one.competency_id).count() == 0
        again = writer.post(address("line_move", draft, "competency", one.pk, "remove"))
        assert said(writer, again) == ["Removed.", "Somebody removed this line meanwhile; nothing was saved."]
        full = writer.post(address("line_move", draft, "domain", two.domain_id, "remove"))
        assert said(writer, full) == ["Remove its competencies first, or put them into another domain."]
        assert writer.post(address("line_move", draft, "person", 1, "up")).status_code == 404
        assert writer.get(address("line_move", draft, "domain", 1, "up")).status_code == 405


@pytest.mark.parametrize(
    ("state", "may"),
    [("draft", True), ("consultation", False), ("answering", True), ("adopted", False), ("superseded", False)],
)
def test_words_stand_still_while_people_comment_on_them_or_live_by_them(uma: Any, state: str, may: bool) -> None:
    version = make_version(state)
    domain = Domain.objects.filter(version=version)[0]
    acts = [
        lambda: writing.add_domain(version, by=uma, title_en="New", title_fr=""),
        lambda: writing.move_line(version, what="domain", pk=domain.pk, up=False, by=uma),
        lambda: standards.keep_words(version, seen=1, by=uma, changes_en="More.", changes_fr=""),
    ]
    for act in acts:
        if may:
            act()
            continue
        with pytest.raises(TransitionRefused, match="Its words stand still while it is"):
            act()


def test_what_is_new_and_two_who_write_it(writer: Client, draft: StandardVersion) -> None:
    there = address("write", draft)
    mine = as_sent(writer.get(there), changes_en="Mine.", title_en="Another name")
    StandardVersion.objects.filter(pk=draft.pk).update(version=2, changes_en="Theirs.")
    page = writer.post(there, mine)
    assert page.status_code == 409
    assert [word in text_of(page) for word in ("Mine.", "Theirs.")] == [True, True]
    assert writer.post(there, as_sent(writer.get(there), changes_fr="Nouveau.", title_en="A name")).status_code == 302
    draft.refresh_from_db()
    assert (draft.changes_fr, draft.standard.title_en) == ("Nouveau.", "A name")
