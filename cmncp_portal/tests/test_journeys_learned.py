"""What comes of it all: evaluations are reviewed, ideas become commitments, figures a report. In a browser.

As in test_journeys.py, worker and beat are real, and what arrives by mail is compared word for word.
"""

import os
from collections.abc import Callable
from typing import Any

import pytest
from celery import Celery

from cmncp_portal.accounts.models import Role
from cmncp_portal.evaluation.codebook import load_themes
from cmncp_portal.evaluation.models import Coding, Occasion, Questionnaire, Theme
from cmncp_portal.evaluation.services import load_instruments
from cmncp_portal.network.models import Municipality
from cmncp_portal.network.services.data import load_reference_data
from cmncp_portal.network.tests.factories import make_municipality, make_representative, make_user
from cmncp_portal.privacy.models import Incident, PersonRequest
from cmncp_portal.privacy.services import retain
from cmncp_portal.progress.models import Commitment, IndicatorReading
from cmncp_portal.reporting.indicators.base import fiscal_year
from cmncp_portal.reporting.models import Report, Snapshot
from cmncp_portal.reporting.services import background
from cmncp_portal.reporting.services.writing import year_before
from cmncp_portal.testing.sink import Sink
from exchanges.models import Visit

from . import test_journeys_meetings as usual
from .journeys import lessons
from .journeys.companions import not_seen
from .journeys.eyes import Eyes
from .journeys.lessons import LearnedPost, Learner
from .journeys.people import PHONE
from .journeys.post import Days
from .test_journeys import ahead

pytestmark = usual.pytestmark
at_a_browser, carried, eyes, sink, written = (
    usual.at_a_browser, usual.carried, usual.eyes, usual.sink, usual.written
)  # fmt: skip

RENE, PRIYA, ODILE = "rene@network.example", "priya@network.example", "odile@network.example"
AMINA, HELEN, SAM = "amina@thunderbay.example", "helen@winnipeg.example", "sam@thunderbay.example"
LUC, EVE, NADINE = "luc@gatineau.example", "eve@laval.example", "nadine@laval.example"

PEERS = "Hire peer workers for the evenings downtown"
PEERS_WORK = "Two peer workers walk downtown four evenings a week."
CONFIDENTIAL = "The second day was cut short; the hosts should know it."
SAID = [
    {
        "usefulness": 5, "contribution": "Council saw that prevention pays.", "reviewers-only": CONFIDENTIAL,
        "ideas": [lessons.idea(PEERS)],
    },
    {"usefulness": 2, "improve": "Too little time with the police."},
    {"usefulness": 4, "learned": "How Thunder Bay listens to its youth."},
]  # fmt: skip
SUMMARY = ("Peer workers came of a visit.", "Une visite a mené à des pairs aidants.")

VEILLE = "Ouvrir la maison des jeunes le soir"
DIT = [
    {
        "name": "Mireille Valdargent", "language": "fr", "usefulness": 5, "contribution": "Le conseil a compris.",
        "reviewers-only": "La journée était trop longue.", "ideas": [lessons.idea(VEILLE)],
    },
    {"name": "Thierry Grandlac", "language": "fr", "usefulness": 2, "improve": "Manque de temps."},
    {"name": "Luc Tremblay", "language": "fr", "usefulness": 4, "learned": "Comment Laval mesure."},
]  # fmt: skip


@pytest.fixture
def places(live_server: Any) -> dict[str, Municipality]:
    """Four members of the network, those who work for it, the questionnaires and the themes."""
    load_reference_data()
    load_instruments()
    load_themes()
    make_user(PRIYA, name="Priya Nair", roles=(Role.COORDINATOR,))
    make_user(RENE, name="René Gagnon", roles=(Role.REVIEWER,))
    found = {
        "thunder-bay": make_municipality("thunder-bay", population=108_843),
        "winnipeg": make_municipality("winnipeg", province="MB", time_zone="America/Winnipeg", population=749_607),
        "gatineau": make_municipality("gatineau", province="QC", languages=["fr", "en"], population=291_041),
        "laval": make_municipality("laval", province="QC", languages=["fr"], population=438_366),
    }
    make_representative(found["thunder-bay"], AMINA, name="Amina Diallo")
    make_representative(found["winnipeg"], HELEN, name="Helen Friesen", time_zone="America/Winnipeg")
    make_representative(found["gatineau"], LUC, name="Luc Tremblay", language="fr")
    make_representative(found["laval"], EVE, name="Ève Boisvert", language="fr")
    return found


@pytest.fixture
def counted(written: Sink, monkeypatch: Any) -> Sink:
    """As `written`; figures and files of reports are the worker's as well."""
    url = os.environ["REDIS_URL"].replace("unix://", "redis+socket://", 1)
    monkeypatch.setattr(background, "current_app", Celery("reports", broker=url, set_as_current=False))
    return written


def post_of(sink: Sink, eyes: Eyes, name: str) -> LearnedPost:
    days: Days = {"today": ahead(0), "until": ahead(200), "to be confirmed by": ahead(14), "answer due": ahead(30)}
    return LearnedPost(sink, eyes.site, name, days)


def of(letters: list[Any], email: str) -> Any:
    return {mail["X-RcptTo"]: mail for mail in letters}[email]


# ---- seen in Winnipeg, done in Thunder Bay ---------------------------------------------------------------------------


def test_what_was_seen_in_winnipeg_is_done_in_thunder_bay(
    places: dict[str, Municipality], eyes: Eyes, counted: Sink, at_a_browser: Callable[..., Any]
) -> None:
    """A visit is reviewed, an idea of it taken home and done, and the report for the funder tells of it."""
    post = post_of(counted, eyes, "seen-in-winnipeg")
    goals = ("How council invests in prevention", "How to measure it")
    visit = lessons.both_have_answered(places["thunder-bay"], places["winnipeg"], objectives=goals, said=SAID)
    rene, priya, amina, helen = (at_a_browser(Learner, "en", email) for email in (RENE, PRIYA, AMINA, HELEN))
    sam = at_a_browser(Learner, "en", viewport=PHONE, has_touch=True)

    he_reviews_it(rene.signs_in(), Occasion.objects.get())
    flagged = post.arrives("01 please look into this", [PRIYA])
    she_settles_it(priya.is_signed_in(), post.link(flagged[0]))
    post.arrives("02 settled", [RENE])
    hire = she_takes_it_home(amina.is_signed_in(), visit)
    post.arrives("03 in your hands", [SAM])
    assert lessons.three_months_go_by(hire) == 1
    asked = post.arrives("04 how far is it", [SAM])
    sam.opens(post.link(asked[0]))
    sam.says_how_far(hire, "started")
    sam.says_how_far(hire, "done", PEERS_WORK)
    she_sees_what_came_of_it(helen.is_signed_in(), places["winnipeg"])

    report = he_begins_a_report(rene, visit)
    he_looks_behind_a_figure(rene, report, visit)
    frozen = he_freezes_it(rene, report)
    a_stranger_reads_it(rene, at_a_browser(Learner, "en"), frozen)
    eyes.in_the_dark(rene.page, "en")
    eyes.report()


def he_reviews_it(rene: Learner, occasion: Occasion) -> None:
    """From the queue: both sides, the confidential remark by a button, a theme, a comment, a question to the coordinators."""
    rene.comes_to("evaluation:desk")
    rene.reads("One evaluation waits for a reviewer", "Lowest rating 2", "One confidential remark")
    rene.follows("Thunder Bay visits Winnipeg")
    rene.reads(
        "Both sides next to each other", "Council saw that prevention pays.", "How Thunder Bay listens to its youth."
    )
    assert CONFIDENTIAL not in rene.page.content()
    rene.presses("Read the confidential remarks")
    rene.reads(CONFIDENTIAL)
    assert list(occasion.readings.values_list("by_name", flat=True)) == ["René Gagnon"]
    rene.comes_to("evaluation:open_answers", occasion.pk)
    rene.sorts("Council saw that prevention pays.", "investment")
    assert list(Coding.objects.values_list("theme__code", "text")) == [
        ("investment", "Council saw that prevention pays.")
    ]
    rene.comes_to("evaluation:occasion", occasion.pk)
    rene.writes(comment="A good visit, with one doubt.")
    rene.presses("Add the comment")
    assert rene.told() == ["Your comment is saved."]
    rene.opens_up("Flag something for follow-up")
    rene.writes(what="Was the second day cut short?")
    rene.presses("Tell the coordinators")
    assert rene.told() == ["The coordinators are told."]
    rene.presses("Mark as reviewed")
    assert rene.told() == ["Marked as reviewed."]


def she_settles_it(priya: Learner, link: str) -> None:
    priya.opens(link)
    priya.reads("Was the second day cut short?")
    priya.writes(outcome="Yes. Winnipeg offers a call about it.")
    priya.presses("Settle")
    assert priya.told() == ["Settled. Whoever asked is told."]


def she_takes_it_home(amina: Learner, visit: Visit) -> Commitment:
    """Sam, who sees to it, has no account."""
    amina.comes_to("exchanges:evaluations", visit.exchange.reference, "first")
    amina.follows("Ideas")
    amina.follows(f"We will do this {PEERS}")
    amina.writes(owner_name="Sam Roy", owner_email=SAM, owner_language="en", due_on=ahead(200))
    amina.presses("Take it home")
    assert amina.told() == ["It is among the commitments of your municipality now."]
    return Commitment.objects.select_related("municipality").get()


def she_sees_what_came_of_it(helen: Learner, winnipeg: Municipality) -> None:
    helen.comes_to("progress:commitments", winnipeg)
    helen.reads("Seen in Winnipeg, taken home by others", "seen in Winnipeg → Thunder Bay", "Done")
    helen.follows(PEERS)
    helen.reads(PEERS_WORK, "Sam Roy")


def he_begins_a_report(rene: Learner, visit: Visit) -> Report:
    """On the fiscal year of the visit, compared with the one before."""
    assert visit.ends_on
    year = fiscal_year(visit.ends_on)
    before = year_before(year)
    rene.comes_to("reporting:list")
    rene.follows("Begin a report")
    rene.writes(title_en="The year of the network", title_fr="L’année du réseau", funder="Public Safety Canada")
    rene.writes(from_on=year.from_on, until_on=year.until_on)
    rene.writes(compares_from_on=before.from_on, compares_until_on=before.until_on)
    rene.presses("Begin the report")
    report = Report.objects.get()
    rene.presses("Calculate the figures")
    lessons.is_calculated(report)
    rene.opens(report)
    assert rene.page.locator("#progress progress").count() == 0
    return report


def he_looks_behind_a_figure(rene: Learner, report: Report, visit: Visit) -> None:
    """One visit was counted; what it led to is told in both languages."""
    rene.page.locator(f"main a[href$='/reports/{report.pk}/figures/exchanges-held/']").first.wait_for()
    rene.comes_to("reporting:figure", report.pk, "exchanges-held")
    rene.reads("One entry")
    rene.follows(f"{visit.exchange.reference}: Thunder Bay → Winnipeg")
    assert rene.is_at() == "exchanges:visit"
    rene.comes_to("reporting:narrative", report.pk, "behaviour")
    rene.writes(text_en=SUMMARY[0], text_fr=SUMMARY[1])
    rene.presses("Save")
    rene.reads(SUMMARY[0])


def he_freezes_it(rene: Learner, report: Report) -> Snapshot:
    """And takes the three files of his language."""
    rene.follows("Check and freeze")
    rene.presses("Freeze the report")
    assert rene.told() == ["The report is frozen. Its files are being made."]
    frozen = Snapshot.objects.get()
    lessons.has_its_files(frozen)
    rene.opens(frozen)
    files = rene.takes("en")
    assert {format: body[:4] for format, body in files.items()} == {
        "pdf": b"%PDF", "docx": b"PK\x03\x04", "csv": b"\xef\xbb\xbf" + files["csv"][3:4],
    }  # fmt: skip
    return frozen


def a_stranger_reads_it(rene: Learner, stranger: Learner, frozen: Snapshot) -> None:
    """As long as it is shared."""
    rene.presses("Share by link")
    assert rene.told() == ["Whoever has the link reads this report now."]
    link = rene.page.locator("aside a", has_text="/shared/").get_attribute("href")
    stranger.opens(link)
    stranger.reads("The year of the network", SUMMARY[0])
    assert stranger.page.locator("main a[href*='/figures/']").count() == 0
    assert stranger.fetches(f"{link}?file=fr.pdf", "application/octet-stream").startswith(b"%PDF")
    rene.presses("End sharing")
    assert rene.told() == ["The link does not work any more."]
    ask = stranger.page.context.request
    assert [ask.get(one).status for one in (link, f"{link}?file=fr.pdf")] == [404, 404]


# ---- in French -------------------------------------------------------------------------------------------------------


def test_le_quebec_compte_ce_qui_change(
    places: dict[str, Municipality], eyes: Eyes, counted: Sink, at_a_browser: Callable[..., Any]
) -> None:
    """All in French, and every page searched for English: figures of years, the desk, reach, a report, one's own data."""
    eyes.all_french, eyes.also_french = True, {"Organisation"}  # a word of a theme, and of a form about colleges
    post = post_of(counted, eyes, "laval-gatineau")
    make_user(ODILE, name="Odile Roy", roles=(Role.COORDINATOR, Role.ADMINISTRATOR), language="fr")
    goals = ("Comment le conseil investit", "Comment mesurer")
    visit = lessons.both_have_answered(
        places["laval"], places["gatineau"], objectives=goals, said=DIT, challenge="Gagner un budget durable."
    )
    lessons.in_french(visit.exchange, "Coordination, sécurité communautaire")
    luc, odile = at_a_browser(Learner, "fr", LUC), at_a_browser(Learner, "fr", ODILE)
    nadine = at_a_browser(Learner, "fr", NADINE, viewport=PHONE, has_touch=True)

    he_keeps_figures(luc.signs_in(), places)
    he_makes_a_commitment(luc, nadine, places["gatineau"], post)
    she_reads_the_desk(odile.is_signed_in(), Occasion.objects.get())
    she_sees_whom_the_network_reaches(odile)
    she_makes_a_report(odile, nadine, visit)
    a_copy_is_asked_for(nadine, post)
    he_would_be_forgotten(luc, odile, post)
    she_keeps_the_register(odile)
    assert not_seen(eyes, lessons.PAGES) == set()
    eyes.in_the_dark(odile.page, "fr")
    eyes.report()


def he_keeps_figures(luc: Learner, places: dict[str, Municipality]) -> None:
    """A figure of this year and one of the last; the trend, and the network's."""
    gatineau, year = places["gatineau"], ahead(0).year
    luc.comes_to("progress:figures", gatineau)
    luc.uses("link", "People who feel safe walking alone after dark", "indicator")
    for offset, value in ((1, "58,5"), (0, "61")):
        luc.comes_to("progress:figure_add", gatineau, "feels_safe")
        luc.writes(year=year - offset, value=value, source="Sondage de la Ville")
        luc.presses("Save")
        assert luc.told() == [luc.word("Saved.")]
    IndicatorReading.objects.create(
        municipality=places["laval"],
        indicator="feels_safe",
        year=year,
        value=64,
        source="Sondage",
        by_name="Ève Boisvert",
    )
    luc.looks_again_at("progress:figures", gatineau)
    luc.reads("58,5", "61")
    luc.comes_to("progress:figure", gatineau, IndicatorReading.objects.filter(municipality=gatineau).first().pk)
    luc.comes_to("progress:network_figures")
    luc.looks_again_at("progress:network_figures", ask="?indicator=feels_safe")
    luc.reads("Gatineau", "Laval", "64")


def he_makes_a_commitment(luc: Learner, nadine: Learner, gatineau: Municipality, post: LearnedPost) -> None:
    """Nadine sees to it, and answers from her letter."""
    luc.comes_to("progress:commitment_add", gatineau)
    luc.writes(text=VEILLE, owner_name="Nadine Côté", owner_email=NADINE, owner_language="fr", due_on=ahead(200))
    luc.presses("Add the commitment")
    one = Commitment.objects.get()
    letters = post.arrives("01 entre vos mains", [NADINE])
    luc.comes_to("progress:commitment_edit", gatineau, one.pk)
    nadine.opens(post.link(letters[0]))
    nadine.says_how_far(one, "done", "Ouverte trois soirs par semaine.")
    luc.comes_to("progress:commitment", gatineau, one.pk)
    luc.reads("Ouverte trois soirs par semaine.")
    luc.comes_to("progress:commitments", gatineau)


def she_reads_the_desk(odile: Learner, occasion: Occasion) -> None:
    odile.comes_to("evaluation:desk")
    odile.comes_to("evaluation:occasion", occasion.pk)
    odile.presses("Read the confidential remarks")
    odile.reads("La journée était trop longue.")
    odile.comes_to("evaluation:open_answers", occasion.pk)
    odile.sorts("Manque de temps.", "organisation")
    for page in ("rates", "not_answered", "coded", "to_sort", "codebook", "theme_add", "questionnaires"):
        odile.comes_to(f"evaluation:{page}")
    odile.comes_to("evaluation:theme", Theme.objects.get(code="organisation").pk)
    asked = Questionnaire.objects.get(slug="exchange-visitors")
    odile.comes_to("evaluation:questionnaire", asked.pk)
    odile.comes_to("evaluation:preview", asked.pk)
    odile.reads(asked.title_fr, asked.questions.first().text_en)


def she_sees_whom_the_network_reaches(odile: Learner) -> None:
    odile.comes_to("home:reach")
    odile.follows("Who has visited whom")
    odile.reads("Laval", "Gatineau")
    odile.comes_to("home:reach_unreached")
    odile.reads("Thunder Bay")
    odile.comes_to("progress:all_commitments")
    odile.reads(VEILLE)


def she_makes_a_report(odile: Learner, nadine: Learner, visit: Visit) -> None:
    """From the definitions to the shared page, which Nadine opens."""
    assert visit.ends_on
    year = fiscal_year(visit.ends_on)
    odile.comes_to("reporting:list")
    odile.comes_to("reporting:definitions")
    odile.comes_to("reporting:new")
    odile.writes(title_en="L’année du réseau", title_fr="L’année du réseau", due_on=ahead(60))
    odile.writes(from_on=year.from_on, until_on=year.until_on)
    odile.presses("Begin the report")
    report = Report.objects.get()
    odile.presses("Calculate the figures")
    lessons.is_calculated(report)
    odile.looks_again_at("reporting:report", report.pk)
    for page, *args in (("edit",), ("due_date",), ("narrative", "summary"), ("figure", "response-rate")):
        odile.comes_to(f"reporting:{page}", report.pk, *args)
    odile.comes_to("reporting:freeze", report.pk)
    odile.writes(note_en="Première version.", note_fr="Première version.")
    odile.presses("Freeze the report")
    frozen = Snapshot.objects.get()
    lessons.has_its_files(frozen)
    odile.comes_to("reporting:snapshot", report.pk, 1)
    odile.reads("Première version.")
    assert odile.takes("fr").keys() == {"pdf", "docx", "csv"}
    odile.comes_to("reporting:frozen_figure", report.pk, 1, "response-rate")
    odile.comes_to("reporting:snapshot", report.pk, 1)
    odile.presses("Share by link")
    frozen.refresh_from_db()
    nadine.comes_to("reporting:shared", frozen.token)
    nadine.reads("L’année du réseau", "Première version.")


def a_copy_is_asked_for(nadine: Learner, post: LearnedPost) -> None:
    """Opening the letter's link changes nothing, the button shows the copy."""
    nadine.comes_to("privacy:mine")
    nadine.writes(kind="copy", email=NADINE)
    nadine.uses("button", "Send me the letter", "my data")
    assert nadine.is_at() == "privacy:sent"
    sent = post.arrives("02 une copie", [NADINE])
    nadine.opens(post.link(sent[0]))
    nadine.forgets_seeing("privacy:request")
    nadine.presses("Show me the copy")
    nadine.reads("Nadine Côté", VEILLE)


def he_would_be_forgotten(luc: Learner, odile: Learner, post: LearnedPost) -> None:
    """Nobody else represents Gatineau, so that an administrator has to look at it; she says not yet."""
    luc.comes_to("privacy:mine")
    luc.writes(kind="forget", email=LUC)
    luc.uses("button", "Send me the letter", "my data")
    sent = post.arrives("03 effacement", [LUC])
    luc.forgets_seeing("privacy:request")
    luc.opens(post.link(sent[0]))
    luc.forgets_seeing("privacy:request")
    luc.presses("Forget me for good")
    waits = post.arrives("04 qui attend", [LUC, ODILE])
    odile.comes_to("privacy:register")
    odile.opens(post.link(of(waits, ODILE)))
    odile.writes(answer="Pas avant que quelqu’un d’autre représente Gatineau.")
    odile.presses("Send the answer")
    post.arrives("05 pas encore", [LUC])
    assert PersonRequest.objects.get(kind="forget").answer


def she_keeps_the_register(odile: Learner) -> None:
    odile.comes_to("privacy:write_down")
    odile.comes_to("privacy:incidents")
    odile.comes_to("privacy:incident_new")
    odile.writes(
        happened_on=ahead(-2), noticed_on=ahead(-1), what="Une liste est partie à la mauvaise adresse.", people=12
    )
    odile.presses("Save")
    odile.comes_to("privacy:incident", Incident.objects.get().pk)
    retain()
    odile.comes_to("privacy:runs")
