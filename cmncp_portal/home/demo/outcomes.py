"""What became of it in the demonstration: commitments, figures of years, the report for the funder, requests about personal data.

All of it is invented. Figures are round and name the demonstration as their source, so that none is taken for a real one.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import date, time, timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone

from cmncp_portal.core.days import add_months, next_working_day
from cmncp_portal.evaluation.models import Occasion
from cmncp_portal.network.models import Stakeholder
from cmncp_portal.privacy import services as privacy
from cmncp_portal.progress import services as strategies
from cmncp_portal.progress.models import Commitment, Inquiry, InquiryItem, StrategyProfile
from cmncp_portal.progress.services import inquiring, readings
from cmncp_portal.progress.services.commitments import Source, make, report
from cmncp_portal.progress.services.inquiring import Said
from cmncp_portal.reporting.indicators.base import fiscal_year
from cmncp_portal.reporting.models import Narrative, Report
from cmncp_portal.reporting.services import calculating, freezing, writing
from exchanges.models import Exchange, Visit
from exchanges.selectors.ledger import LedgerLine, source_values
from knowledge.models import ActionBrief, Step
from meetings.models import ActionItem
from mentoring.models import Agreement

from . import learned_words
from . import outcome_words as words
from .evaluated import on_its_day
from .newcomers import INVENTED
from .stories import documented_days
from .teller import Teller

S, VISITORS, HOSTS = Commitment.State, "visitors", "hosts"
EVIDENCE = "https://documents.example"


class TownHall:
    """What municipalities take home, and what they say of it when they are asked again."""

    def __init__(self, teller: Teller) -> None:
        self.teller = teller

    def take(
        self, slug: str, day: date, owner: str, until: int, text: str, source: Source | None = None, **more: Any
    ) -> Commitment:
        """Let the municipality commit itself on `day`; `owner` is an address, `until` days after."""
        place, by = self.teller.places[slug], self.teller.speaker(slug)
        with self.teller.on(day):
            return make(
                place, by=by, by_name=str(by), text=text, language=by.language, source=source, is_demonstration=True,
                owner=Stakeholder.objects.get(email=owner, municipality=place), due_on=day + timedelta(days=until), **more,
            )  # fmt: skip

    def ask(self, one: Commitment, months: int) -> Inquiry:
        """Let the portal ask how far it is, as it does by itself, and return the letter's inquiry."""
        with self.teller.on(next_working_day(add_months(one.made_on, months)), time(14)):
            inquiring.ask_due()
        return Inquiry.objects.get(items__commitment=one, items__months=months)

    def answer(self, one: Commitment, months: int, state: str, note: str, **more: Any) -> None:
        """Ask, and let the owner answer two days later by the link of the letter."""
        inquiry = self.ask(one, months)
        with self.teller.on(next_working_day(timezone.localdate(inquiry.asked_at) + timedelta(days=2))):
            on_its_day(inquiring.answer(inquiry, one, Said(state, note, **more)), "at")
            on_its_day(InquiryItem.objects.get(inquiry=inquiry, commitment=one), "answered_at")

    def tell(self, one: Commitment, day: date, state: str, note: str, **more: Any) -> None:
        """Let the municipality say on its own how far it is."""
        by = self.teller.speaker(one.municipality.slug)
        with self.teller.on(day):
            on_its_day(report(one, to_state=state, note=note, by=by, by_name=str(by), **more), "at")

    # ---- where it comes from -----------------------------------------------------------------------------------------

    def idea(self, guest: str, host: str, contains: str, side: str) -> tuple[Visit, str, Source]:
        """Return the visit, the words and the source of an idea that was noted on it."""
        exchange = Exchange.objects.filter(guest__slug=guest, host__slug=host, visits__ideas__text__contains=contains)
        visit = self.teller.leg(exchange.get())
        idea = visit.ideas.select_related("programme__municipality").get(text__contains=contains)
        line = LedgerLine(f"idea-{idea.pk}", idea.text, "", programme=idea.programme)
        return visit, idea.text, Source(**source_values(visit, line, side))

    def step(self, brief: str, audience: str, number: int) -> tuple[str, Source]:
        """Return the words and the source of a step of a brief."""
        one = ActionBrief.objects.prefetch_related("editions").get(slug=brief)
        found = Step.objects.filter(brief=one, audience__slug=audience).order_by("order")[number]
        titles = tuple(edition.title for code in ("en", "fr") if (edition := one.published_edition(code)))
        return found.text_en, Source(
            Commitment.Source.BRIEF,
            f"step-{found.pk}",
            f"brief-{brief}",
            (titles[0], titles[-1]),
            one.get_absolute_url(),
        )

    def action(self, owner: str) -> tuple[ActionItem, Source]:
        """Return what a meeting asked of somebody, and the source that it makes."""
        one = ActionItem.objects.select_related("meeting").get(owner_email=owner)
        meeting = one.meeting
        return one, Source(
            Commitment.Source.MEETING, f"action-{one.pk}", f"meeting-{meeting.pk}", (meeting.title_en, meeting.title_fr),
            meeting.get_absolute_url(),
        )  # fmt: skip


def _ago(teller: Teller, days: int) -> date:
    return teller.today - timedelta(days=days)


# ---- commitments -----------------------------------------------------------------------------------------------------


def what_was_taken_home_last_year(teller: Teller) -> None:
    """Seen in Winnipeg and done in Ottawa; seen in Ottawa and begun in Winnipeg; given up in Saskatoon; done in Calgary."""
    hall = TownHall(teller)
    visit, text, source = hall.idea("ottawa", "winnipeg", learned_words.GYM[:20], VISITORS)
    assert visit.ends_on
    home = visit.ends_on + timedelta(days=2)
    gym = hall.take("ottawa", home, "deputy@ottawa.example", 200, text, source)
    _visit, text, source = hall.idea("ottawa", "winnipeg", learned_words.TWO_PAGES[:20], HOSTS)
    pages = hall.take("winnipeg", home + timedelta(days=1), "cao@winnipeg.example", 540, text, source)
    visit, text, source = hall.idea("saskatoon", "halifax", learned_words.HOSPITAL[:20], VISITORS)
    assert visit.ends_on
    hospital = hall.take("saskatoon", visit.ends_on + timedelta(days=3), "deputy@saskatoon.example", 180, text, source)
    asked, source = hall.action("analyst@calgary.example")
    on = timezone.localdate(asked.created_at) + timedelta(days=2)
    figures = hall.take("calgary", on, "analyst@calgary.example", 120, asked.text_en, source)
    hall.answer(gym, 3, S.STARTED, words.GYM_STARTED, investment=Decimal(6_000))
    hall.answer(pages, 3, S.STARTED, words.PAGES_STARTED)
    hall.answer(gym, 6, S.DONE, words.GYM_DONE, investment=Decimal(18_000), evidence_url=f"{EVIDENCE}/three-evenings")
    hall.answer(pages, 6, S.STARTED, words.PAGES_AGAIN)
    hall.answer(hospital, 3, S.ABANDONED, words.HOSPITAL_ABANDONED)
    hall.answer(figures, 3, S.DONE, words.FIGURES_DONE, evidence_url=f"{EVIDENCE}/one-page")


def what_municipalities_are_at(teller: Teller) -> None:
    """Own ideas, a step of a brief, an idea of a visit: done, begun, and one whose day has passed."""
    hall = TownHall(teller)
    own = hall.take("montreal", _ago(teller, 320), "conseiller@montreal.example", 240, words.LIGHT)
    visit, text, source = hall.idea("saskatoon", "calgary", "ten questions", VISITORS)
    assert visit.ends_on
    questions = hall.take("saskatoon", visit.ends_on + timedelta(days=3), "councillor@saskatoon.example", 420, text, source)  # fmt: skip
    late = hall.take("halifax", _ago(teller, 240), "coordinator@halifax.example", 220, words.NIGHT)
    text, source = hall.step("safe-streets", "planning", 0)
    walk = hall.take("calgary", _ago(teller, 85), "analyst@calgary.example", 120, text, source)
    hall.answer(own, 3, S.STARTED, words.LIGHT_STARTED, investment=Decimal(10_000))
    hall.answer(questions, 3, S.STARTED, words.QUESTIONS_STARTED, investment=Decimal(8_000))
    hall.answer(late, 3, S.PLANNED, words.NIGHT_PLANNED)
    hall.answer(own, 6, S.DONE, words.LIGHT_DONE, investment=Decimal(25_000), evidence_url=f"{EVIDENCE}/eclairage")
    hall.answer(questions, 6, S.STARTED, words.QUESTIONS_ASKED)
    hall.ask(late, 6)
    hall.tell(walk, _ago(teller, 22), S.DONE, words.WALK_DONE, investment=Decimal(45_000), evidence_url=f"{EVIDENCE}/walk")  # fmt: skip


def what_was_just_taken_home(teller: Teller) -> None:
    """From the last visit to Winnipeg and the last meeting, too early to be asked about."""
    hall = TownHall(teller)
    _visit, text, source = hall.idea("waterloo-region", "winnipeg", "film", VISITORS)
    on = min(documented_days(teller.today)[1] + timedelta(days=3), teller.today)
    hall.take("waterloo-region", on, "vice-chair@waterloo-region.example", 150, text, source)
    asked, source = hall.action("agente@quebec.example")
    on = timezone.localdate(asked.created_at) + timedelta(days=1)
    hall.take("quebec", on, "agente@quebec.example", 60, asked.text_fr, source)


def thunder_bay_is_asked_how_far_it_is(teller: Teller) -> None:
    """One letter about two commitments, of a brief and of a mentoring goal: its link waits in the mailbox for an answer."""
    hall, owner = TownHall(teller), "planner@thunder-bay.example"
    text, source = hall.step("why-invest-in-prevention", "coordination", 1)
    hall.take("thunder-bay", _ago(teller, 101), owner, 160, text, source)
    agreement = Agreement.objects.with_places().get(mentee__slug="thunder-bay", state=Agreement.State.ACTIVE)
    goal = agreement.goals.select_related("check_item").get(state="open")
    mentor, mentee = agreement.mentor, agreement.mentee
    source = Source(
        Commitment.Source.MENTORING, f"goal-{goal.pk}", f"agreement-{agreement.pk}",
        (f"{mentor.name_en} mentors {mentee.name_en}", f"{mentor.name_fr} accompagne {mentee.name_fr}"),
        agreement.get_absolute_url(), seen_in=mentor,
    )  # fmt: skip
    last = hall.take("thunder-bay", _ago(teller, 99), owner, 190, goal.text, source, check_item=goal.check_item)
    hall.tell(last, _ago(teller, 60), S.STARTED, words.REPORT_STARTED)
    hall.ask(last, 3)


# ---- figures of years ------------------------------------------------------------------------------------------------

# By municipality: dollars for prevention, then figures by indicator, for the five years that are over. Round on purpose.
YEARS = 5
INVESTED: dict[str, Sequence[int]] = {
    "waterloo-region": (1_000_000, 1_000_000, 1_200_000, 1_200_000, 1_500_000),
    "montreal": (3_000_000, 3_000_000, 4_000_000, 4_000_000, 5_000_000),
    "ottawa": (2_000_000, 2_000_000, 2_000_000, 2_500_000, 3_000_000),
    "calgary": (2_000_000, 1_500_000, 1_500_000, 2_000_000, 2_000_000),
    "thunder-bay": (100_000, 100_000, 150_000, 200_000, 200_000),
}
KNOWN: dict[str, dict[str, Sequence[str]]] = {
    "waterloo-region": {"prevention_share": ("1", "1", "1", "1.5", "1.5"), "permanent_office": "11111", "strategy_adopted": "11111", "crime_severity": ("80", "80", "75", "75", "70"), "feels_safe": ("60", "60", "60", "65", "65")},
    "montreal": {"prevention_share": ("0.5", "0.5", "1", "1", "1"), "permanent_office": "01111", "strategy_adopted": "01111", "feels_safe": ("55", "55", "60", "60", "60")},
    "ottawa": {"prevention_share": ("1", "1", "1", "1", "1.5"), "permanent_office": "00111", "strategy_adopted": "11111", "crime_severity": ("60", "60", "55", "55", "50"), "feels_safe": ("70", "65", "70", "70", "75")},
    "calgary": {"prevention_share": ("0.5", "0.5", "0.5", "0.5", "1"), "permanent_office": "00001", "strategy_adopted": "00111", "crime_severity": ("90", "90", "85", "90", "80")},
    "thunder-bay": {"prevention_share": ("0.5", "0.5", "0.5", "1", "1"), "permanent_office": "00000", "strategy_adopted": "00011", "crime_severity": ("110", "110", "105", "100", "100"), "feels_safe": ("40", "45", "45", "45", "50")},
}  # fmt: skip


def five_years_in_figures(teller: Teller) -> None:
    """What five members invest in prevention, and what changes with them."""
    years = range(teller.today.year - YEARS, teller.today.year)
    for number, (slug, invested) in enumerate(INVESTED.items()):
        place, by = teller.places[slug], teller.speaker(slug)
        with teller.on(number - 30):
            for year, amount in zip(years, invested, strict=True):
                seen = StrategyProfile.objects.get(municipality=place).version
                strategies.keep_budget(place, seen=seen, by=by, year=year, amount=Decimal(amount), source=INVENTED)
            for indicator, values in KNOWN[slug].items():
                for year, value in zip(years, values, strict=True):
                    readings.keep(
                        place, by=by, indicator=indicator, year=year, value=Decimal(value), source=INVENTED, note=words.ROUND,
                        is_demonstration=True,
                    )  # fmt: skip


# ---- the report ------------------------------------------------------------------------------------------------------


def the_report_for_the_funder(teller: Teller) -> None:
    """About the last fiscal year: written in both languages, counted and frozen once; due in three weeks, later than first said."""
    by, year = teller.user("coordinator@network.example"), writing.year_before(fiscal_year(teller.today))
    first, last = year.from_on.year, year.until_on.year
    one = writing.begin(
        by=by, title_en=f"Report for {first}–{last} (demonstration)", title_fr=f"Rapport de {first}-{last} (démonstration)",
        funder=words.FUNDER, from_on=year.from_on, until_on=year.until_on, due_on=teller.today + timedelta(days=14),
    )  # fmt: skip
    for section, (english, french) in words.NARRATIVES.items():
        writing.write(one, section, seen=1, by=by, text_en=english, text_fr=french)
    _link_cases(one, by)
    writing.move_due_date(one, by=by, due_on=teller.today + timedelta(days=21), reason=words.MOVED)
    calculation = calculating.calculate(one, by=by)
    if not calculating.run(calculation.pk):
        calculation.refresh_from_db()
        raise RuntimeError(calculation.problem)
    note_en, note_fr = words.NOTE
    freezing.freeze(one, by=by, note_en=note_en, note_fr=note_fr)


def _link_cases(one: Report, by: Any) -> None:
    """The idea that travelled from Winnipeg to Ottawa, and the visit on which it was seen."""
    gym = Commitment.objects.get(municipality__slug="ottawa", seen_in__slug="winnipeg")
    visit = Occasion.objects.get(activity="exchange", title_en="Ottawa visits Winnipeg")
    cases: Iterable[tuple[Narrative.Section, str, tuple[str, str]]] = (
        (Narrative.Section.BEHAVIOUR, gym.get_absolute_url(), words.CASE),
        (Narrative.Section.REACTION, visit.path, (visit.title_en, visit.title_fr)),
    )
    for section, path, (english, french) in cases:
        writing.link_case(one, section, by=by, path=path, title_en=english, title_fr=french)


# ---- personal data ---------------------------------------------------------------------------------------------------


def somebody_asks_to_be_forgotten(teller: Teller) -> None:
    """Confirmed, and waiting for an administrator, since a visit ahead needs her; another request was never confirmed."""
    with teller.on(-24):
        forgotten = privacy.ask(kind="copy", email="rose@yorkton.example", language="en")
        on_its_day(forgotten, "asked_at")
    with teller.on(-4):
        wanted = privacy.ask(kind="forget", email="analyst@calgary.example", language="en")
        on_its_day(wanted, "asked_at")
    with teller.on(-4, time(11)):
        privacy.confirm(wanted)


def the_night_removes_what_is_too_old(teller: Teller) -> None:
    """One retention run, which takes away the request that nobody confirmed."""
    with teller.on(-1, time(3, 15)):
        privacy.retain()


OUTCOMES: tuple[Callable[[Teller], None], ...] = (
    what_was_taken_home_last_year,
    what_municipalities_are_at,
    what_was_just_taken_home,
    thunder_bay_is_asked_how_far_it_is,
    five_years_in_figures,
    the_report_for_the_funder,
    somebody_asks_to_be_forgotten,
    the_night_removes_what_is_too_old,
)
