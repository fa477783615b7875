"""A brief as readers get it: its texts, notices, numbers for a place of one's own, steps, links, and the page for paper."""

from datetime import date
from typing import Any

import pytest
from django.core.files.base import ContentFile

from cmncp_portal.network.models import Topic
from cmncp_portal.network.tests.factories import make_municipality, make_programme, make_user
from knowledge.models import Edition, Example, MadeFile, Source, Use

from .factories import (
    AT,
    TEXTS,
    make_brief,
    make_evidence,
    make_number,
    make_population,
    make_practice,
    make_series,
    make_step,
)
from .pages import address, main_of, page_of, revise, said, text_of, words_of

pytestmark = pytest.mark.django_db


class TestTheText:
    def test_all_of_it_in_order(self, client: Any, clock: Any) -> None:
        brief = make_brief(series=make_series(), number=3, stages=[4, 2], next_review_on=date(2028, 1, 15))
        brief.topics.add(Topic.objects.create(slug="gangs", name_en="Gangs", name_fr="Gangs de rue"))
        brief.populations.add(make_population())
        make_number(brief)
        words = said(client, brief)
        order = [
            "Safe streets Action brief 1.3 · updated on January 15, 2027",
            "What a city can do so that people feel safe outside.",
            "Steps for: Council",
            "The challenge Streets are where most people meet violence. Young people meet it most.",
            "Key numbers",
            "What works Lighting, presence, and people who know each other.",
            "Who can do what Council Adopt a plan. Time: Months · Cost: Staff time only",
            "The investment One dollar per resident and year.",
            "Sources Institute for the Prevention of Crime, 2009.",
            "How to cite University of Ottawa team. “Safe streets”. Action brief 1.3.",
            "Series 1. Invest smartly in safety for the city Authors University of Ottawa team Updated January 15, 2027"
            " Next review January 15, 2028 Topics Gangs Populations Young people Stages of a strategy Diagnosis Plan adopted",
        ]
        places = [words.find(part) for part in order]
        assert -1 not in places, [part for part, place in zip(order, places, strict=True) if place < 0]
        assert places == sorted(places)

    def test_in_french(self, client: Any, clock: Any) -> None:
        brief = make_brief()
        page = page_of(client, brief, "fr")
        for text in TEXTS["fr"].values():
            assert " ".join(text.split()) in words_of(page)
        assert "Adopter un plan." in words_of(page)
        assert TEXTS["en"]["title"] not in words_of(page).replace("“Safe streets”", "")
        assert f'hreflang="en" href="{address("brief", brief.slug)}"' in text_of(page)

    def test_markdown_is_read_and_hostile_markup_is_inert(self, client: Any, clock: Any) -> None:
        nasty = "A **word** <script>alert(1)</script> <img src=x onerror=y> [link](javascript:alert(1)) [ok](https://a.example)"
        brief = make_brief(en=dict.fromkeys(Edition.TEXTS, nasty))
        make_step(brief, text_en=nasty)
        make_number(brief, label_en=nasty[:200], source="<b>x</b>")
        Source.objects.create(brief=brief, citation=nasty)
        for name in ("brief", "print"):
            markup = main_of(page_of(client, brief, name=name))
            assert "<strong>word</strong>" in markup
            assert 'href="https://a.example"' in markup
            assert [bad for bad in ("<script", "<img", 'href="javascript', "<b>x") if bad in markup] == []

    def test_revised_texts_never_leak(self, client: Any, clock: Any, helen: Any, uma: Any) -> None:
        brief = make_brief()
        for language in ("en", "fr"):
            revise(brief, language, **dict.fromkeys(Edition.TEXTS, "Secret"))
        for person in (None, helen, uma):
            if person:
                client.force_login(person)
            for language in ("en", "fr"):
                for name in ("brief", "print"):
                    assert "Secret" not in text_of(page_of(client, brief, language, name))

    def test_sparse(self, client: Any, clock: Any) -> None:
        empty = dict.fromkeys(("challenge", "what_works", "investment"), "")
        brief = make_brief(en=empty, authors="")
        brief.steps.all().delete()
        brief.sources.all().delete()
        words = said(client, brief)
        headings = (
            "The challenge",
            "Key numbers",
            "What works",
            "Who can do what",
            "Examples",
            "The investment",
            "Sources",
        )
        assert [heading for heading in headings if heading in words] == []
        assert "Steps for:" not in words


class TestWhoReads:
    @pytest.mark.parametrize(
        "stage", ["idea", "outline", "draft", "review", "editing", "translation", "approved", "scheduled"]
    )
    def test_what_is_not_published(self, client: Any, clock: Any, helen: Any, uma: Any, stage: str) -> None:
        brief = make_brief(stage)
        for person in (None, helen):
            if person:
                client.force_login(person)
            assert client.get(brief.get_absolute_url()).status_code == 404
            assert client.get(address("print", brief.slug)).status_code == 404
        client.force_login(uma)
        answer = client.get(brief.get_absolute_url())
        assert (answer.status_code, answer["Location"]) == (302, address("overview", brief.slug))
        assert client.get(address("print", brief.slug)).status_code == 404

    def test_an_address_that_leads_nowhere(self, client: Any, db: None) -> None:
        assert client.get(address("brief", "nothing")).status_code == 404

    def test_without_any_published_text(self, client: Any, clock: Any) -> None:
        brief = make_brief()
        brief.editions.update(published_at=None)
        assert client.get(brief.get_absolute_url()).status_code == 404

    def test_the_desk_is_for_those_of_it(self, client: Any, clock: Any, helen: Any, uma: Any, rene: Any) -> None:
        brief = make_brief()
        for person, sees in ((None, False), (helen, False), (uma, True), (rene, True)):
            if person:
                client.force_login(person)
            assert (f'href="{address("overview", brief.slug)}"' in main_of(page_of(client, brief))) == sees


class TestStepsEvidenceExamples:
    def test_steps_stand_together_by_stakeholder(self, client: Any, clock: Any) -> None:
        brief = make_brief()
        make_step(brief, "police", text_en="Second", order=2, effort="", cost="")
        make_step(brief, "police", text_en="First", order=1, effort="weeks", cost="")
        page = page_of(client, brief)
        assert [(group.slug, [step.text for step in group.steps]) for group in page.context["read"].steps] == [
            ("council", ["Adopt a plan."]),
            ("police", ["First", "Second"]),
        ]
        markup = main_of(page)
        assert 'href="#steps-police"' in markup
        assert 'id="steps-police"' in markup
        assert "Police First Time: Weeks Second" in words_of(page)

    def test_evidence_names_its_practice(self, client: Any, clock: Any) -> None:
        brief = make_brief()
        known, draft = make_practice(), make_practice(name_en="Not public", published_at=None)
        brief.evidence.add(make_evidence(known), make_evidence(draft))
        page = page_of(client, brief)
        assert f'href="{known.get_absolute_url()}"' in main_of(page)
        assert f'href="{draft.get_absolute_url()}"' not in main_of(page)
        assert words_of(page).count("Strength of the evidence: 4 of 5") == 2

    def test_examples_only_once_agreed(self, client: Any, clock: Any, winnipeg: Any) -> None:
        brief = make_brief()
        work = make_programme(winnipeg, name_en="Youth hub")
        Example.objects.create(
            brief=brief, municipality=winnipeg, programme=work, text_en="We *lit* the park.", text_fr="", agreed_at=AT
        )
        Example.objects.create(brief=brief, municipality=winnipeg, text_en="Unagreed", text_fr="Non")
        former = make_municipality("former", member=False, name_en="Former Town")
        Example.objects.create(
            brief=brief, municipality=former, programme=make_programme(former, name_en="Old work"),
            text_en="Once", text_fr="Jadis", agreed_at=AT,
        )  # fmt: skip
        page = page_of(client, brief)
        assert "Winnipeg We lit the park. Youth hub Former Town Once Old work" in words_of(page)
        assert "Unagreed" not in text_of(page)
        assert f'href="{winnipeg.get_absolute_url()}"' in main_of(page)
        assert f'href="{work.get_absolute_url()}"' in main_of(page)
        assert f'href="{former.get_absolute_url()}' not in main_of(page)
        assert 'lang="en"><p>We <em>lit</em>' in main_of(page_of(client, brief, "fr"))

    def test_sources_in_their_languages(self, client: Any, clock: Any) -> None:
        brief = make_brief()
        Source.objects.create(brief=brief, citation="Gouvernement du Québec, 2020.", language="fr")
        markup = main_of(page_of(client, brief))
        assert '<li lang="fr">Gouvernement du Québec, 2020.</li>' in markup
        assert '<a href="https://source.example/2009" rel="noopener" hreflang="en">Institute' in markup


class TestUse:
    def test_a_count_for_all_names_for_members(self, client: Any, clock: Any, winnipeg: Any, amina: Any) -> None:
        brief = make_brief()
        assert "No municipality has said yet" in said(client, brief)
        on = date(2027, 1, 1)
        Use.objects.create(brief=brief, municipality=winnipeg, state="doing", on=on, by_name="H", note="Since winter.")
        page = page_of(client, brief)
        assert "Used by one municipality Members see which ones when they sign in." in words_of(page)
        assert "Winnipeg" not in text_of(page)
        Use.objects.create(
            brief=brief, municipality=amina.stakeholders.get().municipality, state="done", on=on, by_name="A"
        )
        assert "Used by 2 municipalities" in said(client, brief)
        client.force_login(amina)
        words = said(client, brief)
        assert "Winnipeg · We are doing this · January 1, 2027 Since winter." in words
        assert "Members see which ones" not in words

    def test_who_may_say_so(self, client: Any, clock: Any, amina: Any, joseph: Any, priya: Any, uma: Any) -> None:
        brief = make_brief()
        for person, may in ((None, False), (amina, True), (joseph, True), (priya, True), (uma, False)):
            if person:
                client.force_login(person)
            assert (f'href="{address("use", brief.slug)}"' in main_of(page_of(client, brief))) == may


class TestTakingItAlong:
    def test_every_format_in_the_language_that_is_read(self, client: Any, clock: Any) -> None:
        brief = make_brief(languages=("en",))
        for language in ("en", "fr"):
            markup = main_of(page_of(client, brief, language))
            for name in ("pdf", "large", "docx", "epub", "txt"):
                assert f'href="{address("file", brief.slug, "en", name, language=language)}"' in markup
            assert f'href="{address("other_format", brief.slug, language=language)}"' in markup

    def test_the_size_of_what_is_made(self, client: Any, clock: Any) -> None:
        brief = make_brief()
        edition = Edition.objects.get(brief=brief, language="en")
        made = MadeFile(edition=edition, format="pdf", digest="x")
        made.file.save("a.pdf", ContentFile(b"x" * 2048))
        assert "PDF (2.0 KB) PDF in large print" in said(client, brief)
        assert "KB" not in said(client, brief, "fr")
        MadeFile.objects.update(file="gone/away.pdf")
        assert "KB" not in said(client, brief)

    def test_how_to_cite(self, client: Any, clock: Any) -> None:
        brief = make_brief(series=make_series(), number=3)
        base = "http://127.0.0.1:8000"
        (first, english), (second, french) = page_of(client, brief).context["citations"]
        assert (first, second) == ("en", "fr")
        assert english == (
            "University of Ottawa team. “Safe streets”. Action brief 1.3. Canadian Municipal Network on Crime Prevention,"
            f" 2027. {base}{address('brief', brief.slug)}"
        )
        assert "Sécurité dans les rues" in french
        assert french.endswith(f"2027. {base}{address('brief', brief.slug, language='fr')}") or "2027" in french
        assert [code for code, _ in page_of(client, brief, "fr").context["citations"]] == ["fr", "en"]

    def test_ways_to_answer(self, client: Any, clock: Any) -> None:
        brief = make_brief()
        markup = main_of(page_of(client, brief))
        for name, args in (("subscribe", ()), ("brief_concern", (brief.slug,)), ("print", (brief.slug,))):
            assert f'href="{address(name, *args)}"' in markup


class TestOnPaper:
    def test_the_same_without_what_paper_does_not_need(self, client: Any, clock: Any, amina: Any) -> None:
        brief = make_brief(series=make_series(), number=3)
        make_number(brief)
        brief.evidence.add(make_evidence(make_practice()))
        page = page_of(client, brief, name="print", population="75000")
        words = words_of(page)
        for part in (
            *TEXTS["en"].values(),
            "Adopt a plan.",
            "Impact: HIGH",
            "4,500",
            "About this brief",
            "How to cite",
        ):
            assert " ".join(part.split()) in words
        assert "<form" not in main_of(page)
        assert "<nav" not in main_of(page)
        assert 'content="noindex"' in text_of(page)
        assert 'href="?' not in main_of(page)
        client.force_login(amina)
        assert "In Thunder Bay (108,843 residents)" in words_of(page_of(client, brief, name="print"))

    def test_what_was_typed_goes_along(self, client: Any, clock: Any) -> None:
        brief = make_brief()
        make_number(brief)
        link = f'href="{address("print", brief.slug)}'
        assert f'{link}?population=75%20000"' in main_of(page_of(client, brief, population="75 000"))
        assert f'{link}"' in main_of(page_of(client, brief, population="many"))

    def test_warnings_are_on_paper_too(self, client: Any, clock: Any) -> None:
        brief = make_brief("withdrawn", withdrawn_why_en="Retracted.")
        assert "This brief is withdrawn." in words_of(page_of(client, brief, name="print"))


def test_a_person_without_a_municipality_reads_it_too(client: Any, clock: Any) -> None:
    client.force_login(make_user("guest@example.org"))
    assert "Safe streets" in said(client, make_brief())
