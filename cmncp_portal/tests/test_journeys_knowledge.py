"""Two journeys through the library in a browser: a brief from the wish for it to its revision, and people who read and use one.

As in test_journeys.py, worker and beat are real, and what arrives by mail is compared word for word.
"""

import os
from collections.abc import Callable
from typing import Any

import pytest
from celery import Celery

from cmncp_portal.accounts.models import Role
from cmncp_portal.network.models import Municipality, Topic
from cmncp_portal.network.services.data import load_reference_data
from cmncp_portal.network.tests.factories import make_municipality, make_representative, make_user
from cmncp_portal.testing.background import wait
from cmncp_portal.testing.sink import Sink
from knowledge.models import ActionBrief, BriefRequest, BriefSeries, Concern, Edition, MadeFile, Practice
from knowledge.services import formats
from knowledge.services.data import load_archive, load_words

from . import test_journeys_meetings as usual
from .journeys import library
from .journeys.eyes import Eyes
from .journeys.library import PDF, WORD, LibraryPost, Member, Reader, Story, Writer, not_seen
from .journeys.people import PHONE
from .test_journeys import ahead

pytestmark = usual.pytestmark
at_a_browser, carried, eyes, sink, written = (
    usual.at_a_browser, usual.carried, usual.eyes, usual.sink, usual.written
)  # fmt: skip

PRIYA, UMA, ADA = "priya@network.example", "uma@university.example", "ada@network.example"
NADIA, CLARA, SAM = "nadia@winnipeg.example", "clara@waterloo-region.example", "sam@street.example"
URSULE, ODETTE = "ursule@universite.example", "odette@gatineau.example"
LISE, MARC = "lise@quartier.example", "marc@quartier.example"
NARROW = {"width": 320, "height": 640}
WISH = "What we could fund next year; council decides in March."
REMARK = "Say how many people this is about."
DONE = "The number stands in the table below now."
NEWER = "Light that follows the way home, and buses that run late."


@pytest.fixture
def shelves(live_server: Any) -> dict[str, Municipality]:
    """The words of the library, the archive, and three members of the network."""
    load_reference_data()
    load_words()
    load_archive()
    return {
        "winnipeg": make_municipality("winnipeg", province="MB", population=749_607),
        "waterloo-region": make_municipality("waterloo-region", name_fr="Région de Waterloo", population=587_165),
        "gatineau": make_municipality("gatineau", province="QC", languages=["fr", "en"], population=291_041),
    }


@pytest.fixture
def carried_with_files(written: Sink, monkeypatch: Any) -> Sink:
    """As `written`; the files of a brief are made by the worker as well."""
    url = os.environ["REDIS_URL"].replace("unix://", "redis+socket://", 1)
    monkeypatch.setattr(formats, "current_app", Celery("files", broker=url, set_as_current=False))
    return written


def post_of(sink: Sink, eyes: Eyes, name: str) -> LibraryPost:
    days = {"expected by": ahead(60), "read by": ahead(10), "promised": formats.promised_on()}
    return LibraryPost(sink, eyes.site, name, days)


# ---- one brief, whole ------------------------------------------------------------------------------------------------


def test_a_brief_about_evenings_downtown(
    shelves: dict[str, Municipality], eyes: Eyes, carried_with_files: Sink, at_a_browser: Callable[..., Any]
) -> None:
    """Asked for by Winnipeg, written and reviewed, published in both languages, and revised."""
    story = library.evenings_downtown()
    post = post_of(carried_with_files, eyes, "evenings-downtown")
    make_user(PRIYA, name="Priya Nair", roles=(Role.COORDINATOR,))
    make_user(UMA, name="Uma Sharma", roles=(Role.UNIVERSITY,))
    make_representative(shelves["winnipeg"], NADIA, name="Nadia Redriver")
    make_representative(shelves["waterloo-region"], CLARA, name="Clara Millpond")
    practice = library.a_practice()
    nadia = at_a_browser(Member, "en", NADIA)
    priya, uma, clara = (at_a_browser(Writer, "en", email) for email in (PRIYA, UMA, CLARA))
    sam, fleur = at_a_browser(Reader, "en", SAM), at_a_browser(Reader, "fr")

    brief = a_brief_is_wished_for(nadia.signs_in(), priya.signs_in(), uma.signs_in(), story, post)
    the_brief_is_written(uma, brief, story, practice)
    its_example_is_agreed(uma, nadia, brief, story, post)
    it_is_reviewed(uma, clara, brief, post)
    it_is_translated(uma, brief, story, post)
    he_subscribes(sam, post)

    priya.comes_to("overview", brief)
    priya.moves("Approve")
    uma.comes_to("overview", brief)
    uma.moves("Publish now")
    the_worker_makes_the_files(brief)
    told = post.arrives("09 published", [NADIA, SAM])
    sam.opens(post.link(told[1]))
    he_reads_it(sam, brief, story)

    it_is_revised(uma, fleur, at_a_browser(Writer, "en", ADA), brief, story, post)
    she_sees_the_rest(uma, nadia, brief, practice)
    assert not_seen(eyes, "en") == set()
    eyes.report()


def a_brief_is_wished_for(nadia: Member, priya: Writer, uma: Writer, story: Story, post: LibraryPost) -> ActionBrief:
    """The coordinator passes the wish on, the team accepts with a day and begins the brief from it."""
    nadia.asks_for_a_brief(story.en["title"], WISH)
    asked = post.arrives("01 asked for", [PRIYA, UMA])
    priya.opens(post.link(asked[0]))
    priya.answers_the_request("pass_on", note="We think so too.")
    post.arrives("02 passed on", [NADIA])
    uma.opens(post.link(asked[1]))
    uma.answers_the_request("accept", due_on=ahead(60), begin=True, reply="We begin this week.")
    answers = post.arrives("03 accepted", [NADIA])
    nadia.opens(post.link(answers[0]))
    nadia.reads("We begin this week.")
    return library.brief_called(story.en["title"])


def the_brief_is_written(uma: Writer, brief: ActionBrief, story: Story, practice: Practice) -> None:
    """Facts, text, numbers, steps, sources, evidence; the checklist names what is missing until nothing is."""
    uma.comes_to("overview", brief)
    uma.moves("Begin the outline", "Begin the draft")
    assert uma.is_refused("Send to review") == "Write summary, challenge and what works."
    uma.comes_to("facts", brief)
    series = BriefSeries.objects.get(number=2)
    uma.writes(series=series.pk, stages=2, authors="University of Ottawa team")
    uma.page.get_by_label(str(Topic.objects.get(slug="youth")), exact=True).check()
    uma.presses("Save")
    uma.page.clock.install()
    uma.comes_to("text", brief, "en")
    uma.writes_with_the_text_beside(story.en)
    uma.presses("Save")
    uma.adds("numbers", brief, **story.number)
    uma.adds("steps", brief, audience="Mayor and council", **story.step)
    uma.adds("sources", brief, **story.source)
    uma.comes_to("evidence", brief)
    uma.writes(evidence=practice.evidence.get().pk)
    uma.presses("Save")
    uma.reads("Reduces violent crime.", "Impact: HIGH")
    uma.comes_to("overview", brief)
    uma.moves("Send to review")


def its_example_is_agreed(uma: Writer, nadia: Member, brief: ActionBrief, story: Story, post: LibraryPost) -> None:
    uma.adds("examples", brief, municipality="Winnipeg", text_en=story.example[0], text_fr=story.example[1])
    uma.presses("Ask Winnipeg")
    letters = post.arrives("04 example", [NADIA])
    nadia.opens(post.link(letters[0]))
    nadia.reads(*story.example)
    nadia.presses("We agree")
    assert nadia.told() == ["Thank you. The brief may tell what Winnipeg does."]


def it_is_reviewed(uma: Writer, clara: Writer, brief: ActionBrief, post: LibraryPost) -> None:
    """Clara has no place at the desk: she reads what her letter leads to, says what is missing, and where."""
    uma.comes_to("reviews", brief)
    uma.writes(who=CLARA, due_on=ahead(10))
    uma.presses("Ask by letter")
    asked = post.arrives("05 please read", [CLARA])
    uma.comes_to("overview", brief)
    assert uma.is_refused("Begin editing") == "Clara Millpond has yet to answer."
    clara.signs_in().opens(post.link(asked[0]))
    clara.comments("challenge", 0, REMARK)
    clara.writes(verdict="changes", note="Nearly there.")
    clara.presses("Send your answer")
    answer = post.arrives("06 read", [UMA])
    uma.opens(post.link(answer[0]))
    uma.comes_to("overview", brief)
    uma.moves("Begin editing")
    assert uma.is_refused("Hand to translation") == "Say first that the text is final."
    uma.comes_to("read", brief, "en")
    uma.answers_the_comment(REMARK, DONE)
    clara.comes_to("read", brief, "en")
    clara.reads(DONE)


def it_is_translated(uma: Writer, brief: ActionBrief, story: Story, post: LibraryPost) -> None:
    """The English text is final; the French one is written beside it."""
    uma.comes_to("text", brief, "en")
    uma.presses("Save and say that it is final")
    letters = post.arrives("07 translation needed", [UMA])
    uma.comes_to("overview", brief)
    uma.moves("Hand to translation")
    assert uma.is_refused("Approve") == "The French text is not ready."
    uma.opens(post.link(letters[0]))
    uma.reads(story.en["summary"])
    uma.writes(**story.fr)
    uma.presses("Save and say that it is final")
    assert uma.sees_on_the_board(story.en["title"]) == ["Translation", "Current", "Current"]


def he_subscribes(sam: Reader, post: LibraryPost) -> None:
    """The letter asks; opening its link changes nothing, the button does."""
    sam.comes_to("subscribe")
    sam.writes(email=SAM, language="en", consent=True)
    sam.presses("Send me the letter to confirm")
    letters = post.arrives("08 please confirm", [SAM])
    sam.opens(post.link(letters[0]))
    sam.presses("Yes, send me the letters")
    assert sam.told() == ["Thank you. You hear of new action briefs from now on."]


def the_worker_makes_the_files(brief: ActionBrief) -> None:
    """Five formats in two languages, while nobody waits for them."""
    files = MadeFile.objects.filter(edition__brief=brief)
    wait(lambda: files.count() == 10, saying="files are missing")


def he_reads_it(sam: Reader, brief: ActionBrief, story: Story) -> None:
    made = dict(MadeFile.objects.values_list("pk", "made_at"))
    sam.reads(story.en["summary"], "Action brief 2.", story.step["text_en"], story.example[0], "Reduces violent crime.")
    assert sam.fetches_behind("PDF", PDF).startswith(b"%PDF-")
    assert sam.fetches_behind("Word document", WORD).startswith(b"PK")
    assert dict(MadeFile.objects.values_list("pk", "made_at")) == made  # taken as they were, not made again
    sam.prints()


def it_is_revised(uma: Writer, fleur: Reader, ada: Writer, brief: ActionBrief, story: Story, post: LibraryPost) -> None:
    """The English text changes: French is behind everywhere, and nothing is published until it follows."""
    uma.comes_to("text", brief, "en")
    uma.writes(what_works=NEWER)
    uma.presses("Save and say that it is final")
    letters = post.arrives("10 French is behind", [UMA])
    assert uma.sees_on_the_board(story.en["title"]) == ["Published", "Current", "Out of date"]
    fleur.comes_to("brief", brief)
    behind = "The English text is being revised, and this French text will follow."
    assert fleur.says(behind)
    uma.comes_to("overview", brief)
    assert uma.is_refused("Publish the revised text") == "The French text is older than the English one."
    make_user(ADA, name="Ada Lefebvre", roles=(Role.ADMINISTRATOR,))
    ada.signs_in().comes_to("exception", brief)

    uma.opens(post.link(letters[0]))
    assert "buses that run late" in uma.page.locator("main ins").first.inner_text()
    uma.writes(what_works="Une lumière qui suit le chemin du retour, et des autobus tard en soirée.")
    uma.presses("Save and say that it is final")
    uma.comes_to("overview", brief)
    uma.moves("Publish the revised text")
    fleur.comes_to("brief", brief)
    assert not fleur.says(behind)
    fleur.reads("et des autobus tard en soirée")


def she_sees_the_rest(uma: Writer, nadia: Member, brief: ActionBrief, practice: Practice) -> None:
    """The pages to which nobody in the story came, in their everyday state."""
    concern = Concern.objects.create(brief=brief, text="The second source has moved.", email=SAM)
    for page in ("library", "practices", "new", "word_import", "readers", "practice_new"):
        uma.comes_to(page)
    for page in ("practice", "practice_concern", "practice_edit", "evidence_add"):
        uma.comes_to(page, practice)
    uma.comes_to("evidence_edit", practice, practice.evidence.get().pk)
    uma.comes_to("reader_answer", "concern", concern.pk)
    uma.comes_to("preview", brief, "en")
    uma.comes_to("versions", brief, "en", ask="?from=2&to=3")
    for page in ("brief_concern", "other_format", "use"):
        nadia.comes_to(page, brief)
    nadia.comes_to("my_steps", ask="?for=council")
    nadia.comes_to("commit", brief.steps.first().pk)


# ---- in French, on telephones ----------------------------------------------------------------------------------------


def test_on_lit_et_on_agit_a_gatineau(
    shelves: dict[str, Municipality], eyes: Eyes, carried: Sink, at_a_browser: Callable[..., Any], new_context: Any
) -> None:
    """A reader without account, another one whose browser runs no script, a councillor, and who answers them."""
    story = library.evenings_downtown()
    eyes.all_french = True
    post = post_of(carried, eyes, "gatineau")
    make_user(URSULE, name="Ursule Beaupré", roles=(Role.UNIVERSITY, Role.ADMINISTRATOR), language="fr")
    library.councillor_of(shelves["gatineau"], ODETTE)
    practice = library.a_practice(
        name_en="Dissuasion ciblée", summary_en="On parle avec les personnes les plus à risque."
    )
    practice.evidence.update(
        **library.in_french({"claim_fr": "Réduit les crimes violents.", "outcome_fr": "Crimes violents"})
    )
    brief = library.published(story, practice)
    lise = at_a_browser(Reader, "fr", LISE, viewport=NARROW, has_touch=True)
    odette = at_a_browser(Member, "fr", ODETTE, viewport=PHONE, has_touch=True)
    ursule = at_a_browser(Writer, "fr", URSULE)
    blind = Eyes(eyes.site)
    blind.can_run = False
    marc = Reader(new_context(java_script_enabled=False, viewport=PHONE), blind, "fr", MARC)

    she_finds_and_reads(lise, story)
    he_reads_without_script(marc, story, post)
    she_reports_a_concern(lise, ursule.signs_in(), story, post)
    she_subscribes_and_thinks_better_of_it(lise, post)
    her_council_acts(odette.signs_in(), brief, story, post)
    elle_voit_le_reste(lise, odette, ursule, brief, practice)
    blind.report()
    assert not_seen(eyes, "fr") == set()
    eyes.report()


def she_finds_and_reads(lise: Reader, story: Story) -> None:
    """On the narrowest screen; she reads, works the numbers out for her town, and prints."""
    lise.comes_to("library")
    assert story.fr["title"] in lise.looks_for("securite")
    assert "sécurité" in lise.marked()
    lise.follows(story.fr["title"])
    lise.works_it_out_for("75 000")
    lise.reads("4 500", story.step["text_fr"], story.example[1])
    lise.prints()
    lise.reads("4 500", "Statistique Canada, 2020")


def he_reads_without_script(marc: Reader, story: Story, post: LibraryPost) -> None:
    """The same by buttons, with a filter; the address can be passed on."""
    marc.comes_to("library")
    assert marc.looks_for("securite", topic="youth") == [story.fr["title"]]
    assert "q=securite" in marc.page.url
    assert "topic=youth" in marc.page.url
    marc.follows(story.fr["title"])
    marc.works_it_out_for("75 000")
    marc.reads("4 500", "6 000 × 75 000 ÷ 100 000", story.fr["summary"])
    marc.follows("Ask for another format")
    marc.writes(wanted="Le texte en braille.", name="Marc Lavigne", email=MARC)
    marc.presses("Send the request")
    assert marc.is_at() == "knowledge:brief"
    post.arrives("01 other format", [MARC, URSULE])


def she_reports_a_concern(lise: Reader, ursule: Writer, story: Story, post: LibraryPost) -> None:
    """The team hears of it, and she of the answer."""
    lise.follows(story.fr["title"])
    lise.follows("Something here is wrong or missing? Tell us")
    lise.writes(text="Le chiffre de 2019 est dépassé.", name="Lise Bellerive", email=LISE)
    lise.presses("Send the concern")
    assert lise.is_at() == "knowledge:brief"
    reported = post.arrives("02 concern", [URSULE])
    ursule.opens(post.link(reported[0]))
    ursule.writes(answer="Merci. Nous le remplaçons cette semaine.")
    ursule.presses("Send the answer")
    answered = post.arrives("03 concern answered", [LISE])
    lise.opens(post.link(answered[0]))
    lise.reads(story.fr["title"])


def she_subscribes_and_thinks_better_of_it(lise: Reader, post: LibraryPost) -> None:
    lise.comes_to("subscribe")
    lise.writes(email=LISE, language="fr", consent=True)
    lise.presses("Send me the letter to confirm")
    letters = post.arrives("04 please confirm", [LISE])
    lise.opens(post.link(letters[0]))
    lise.presses("Yes, send me the letters")
    lise.stops_the_letters()
    assert lise.told() == [lise.word("You will receive no more letters about new briefs.")]


def her_council_acts(odette: Member, brief: ActionBrief, story: Story, post: LibraryPost) -> None:
    """The list follows while she types. Her own role's steps come first; she ticks one, prints them for council, and says what Gatineau does."""
    odette.comes_to("library")
    assert odette.types_into_the_search("lumiere")[:1] == [story.fr["title"]]
    odette.comes_to("my_steps")
    odette.reads("Mairie et conseil", story.step["text_fr"])
    odette.marks(story.step["text_fr"], "done")
    assert odette.page.locator(".row__state .state").all_inner_texts() == [odette.word("Done", "step")]
    odette.eyes.seen.discard(("knowledge:my_steps", "fr", ""))  # on paper it is another page
    odette.follows("Print for council")
    odette.reads(story.step["text_fr"])
    odette.comes_to("commit", brief.steps.first().pk)
    odette.comes_to("brief", brief)
    odette.reads("Gatineau (population : 291 041)", "17 462")
    odette.says_what_is_done("doing", "La rue Principale reste ouverte jusqu’à minuit.")
    post.arrives("05 in use", [URSULE])
    odette.reads("La rue Principale reste ouverte jusqu’à minuit.", odette.word("We are doing this", "use of a brief"))


def elle_voit_le_reste(lise: Reader, odette: Member, ursule: Writer, brief: ActionBrief, practice: Practice) -> None:
    """The pages to which nobody in the story came: of the practices, the members, and the desk with a draft."""
    lise.comes_to("practices")
    lise.follows(practice.name_fr)
    lise.comes_to("practice_concern", practice)
    lise.comes_to("other_format", brief)
    asked = BriefRequest.objects.create(
        by=make_user("odile@gatineau.example"), by_name="Odile", municipality=Municipality.objects.get(slug="gatineau"),
        subject="Les parcs en soirée", why="Le conseil en décide au printemps.", language="fr",
    )  # fmt: skip
    odette.comes_to("requests")
    odette.comes_to("request", asked.pk)
    odette.comes_to("request_new")
    odette.comes_to("example", brief.examples.get().pk)
    for page in ("desk", "new", "word_import", "readers", "practice_new"):
        ursule.comes_to(page)
    for page in ("practice_edit", "evidence_add"):
        ursule.comes_to(page, practice)
    ursule.comes_to("evidence_edit", practice, practice.evidence.get().pk)
    Edition.objects.filter(brief=brief, language="en").update(version=2, current_at=None)
    for page in (
        "overview", "facts", "exception", "numbers", "steps", "sources", "examples", "evidence", "translation", "reviews",
    ):  # fmt: skip
        ursule.comes_to(page, brief)
    for page in ("text", "preview", "versions", "read"):
        ursule.comes_to(page, brief, "fr")
