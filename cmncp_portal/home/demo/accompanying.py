"""Where the strategies of the demonstration's members stand, and who accompanies whom.

All of it is invented and marked as such, stages included: they are there to be seen, and say nothing of these municipalities.
"""

from collections.abc import Callable, Sequence
from datetime import time, timedelta
from typing import Any

from cmncp_portal.core.days import local_instant
from cmncp_portal.network.models import Sector, Topic
from cmncp_portal.progress import services as strategies
from cmncp_portal.progress.models import StrategyCheck, StrategyProfile
from mentoring.models import Agreement, Goal, MentoringNeed, MentorOffer, Side
from mentoring.selectors.matching import as_read, candidates_for, open_needs
from mentoring.services import answering, asking, concluding, proposing, wanting, working

from .teller import Teller

# Place, the stage that the checks say, sectors at the table, the office that carries the strategy.
STAGES: tuple[tuple[str, int, str, str], ...] = (
    ("waterloo-region", 7, "elected municipal police school health community", "Crime prevention council"),
    ("montreal", 6, "elected municipal police community social", "Division du développement social"),
    ("ottawa", 5, "elected municipal police school housing community", "Crime prevention office"),
    ("calgary", 5, "municipal police social community", "Community strategies"),
    ("thunder-bay", 4, "elected municipal police indigenous health", "Crime prevention council"),
    ("winnipeg", 4, "municipal police community indigenous", "Community services"),
    ("quebec", 3, "municipal police community", "Sécurité urbaine"),
    ("vancouver", 3, "municipal housing health", "City manager’s office"),
    ("saskatoon", 2, "municipal school", "City planning"),
    ("halifax", 1, "municipal", "Public safety office"),
)


class Companion:
    """What municipalities and the coordinator do around strategies and mentoring. Days are counted from today, as the teller's."""

    def __init__(self, teller: Teller) -> None:
        self.teller = teller
        self.by = teller.user("coordinator@network.example")

    def speaker(self, slug: str) -> Any:
        """Return who speaks for a municipality of the cast, else the coordinator, who writes for the others."""
        try:
            return self.teller.speaker(slug)
        except StopIteration:
            return self.by

    # ---- strategies --------------------------------------------------------------------------------------------------

    def tell_stage(self, slug: str, stage: int, day: int, notes: dict[str, strategies.Answer] | None = None) -> None:
        """Answer the checks so that they say `stage`: yes up to it, a first one in part beyond. `notes` replace answers by code."""
        place, by = self.teller.places[slug], self.speaker(slug)
        checks = StrategyCheck.objects.filter(is_used=True)
        answers = {check.pk: strategies.Answer("yes") for check in checks if check.stage <= stage}
        beyond = checks.filter(stage=stage + 1).first()
        if beyond:
            answers[beyond.pk] = strategies.Answer("partly")
        answers |= {check.pk: notes[check.code] for check in checks if notes and check.code in notes}
        with self.teller.on(day):
            strategies.answer_checks(place, seen=1, by=by, answers=answers)
        StrategyProfile.objects.filter(municipality=place).update(is_demonstration=True)

    def keep(self, slug: str, day: int, **facts: Any) -> StrategyProfile:
        """Write facts of the strategy; return the profile."""
        place = self.teller.places[slug]
        with self.teller.on(day):
            profile = StrategyProfile.objects.get(municipality=place)
            return strategies.keep_facts(place, seen=profile.version, by=self.speaker(slug), **facts)

    # ---- mentoring ---------------------------------------------------------------------------------------------------

    def offer(self, slug: str, day: int, about: str, topics: Sequence[str], **fields: Any) -> MentorOffer:
        chosen = Topic.objects.filter(slug__in=topics)
        given = {"languages": ["en"], "capacity": 1, "is_demonstration": True, "about": about} | fields
        with self.teller.on(day):
            return wanting.keep_offer(self.teller.places[slug], seen=0, by=self.speaker(slug), topics=chosen, **given)

    def need(self, slug: str, day: int, goals: str, topics: Sequence[str], **fields: Any) -> MentoringNeed:
        chosen = Topic.objects.filter(slug__in=topics)
        given = {"languages": ["en"], "is_demonstration": True, "goals": goals} | fields
        with self.teller.on(day):
            return wanting.keep_need(self.teller.places[slug], seen=0, by=self.speaker(slug), topics=chosen, **given)

    def propose(self, need: MentoringNeed, mentor: str, day: int) -> Agreement:
        """Prepare an agreement with the reasons that the coordinator reads on that day."""
        with self.teller.on(day):
            one = open_needs(self.by).get(pk=need.pk)
            found = candidates_for(one, self.by)
            matches = {offer.municipality.slug: (offer, match) for offer, match in found.matches}
            offer, match = matches[mentor]
            return proposing.propose(need, offer, by=self.by, reasons=as_read(match, one))

    def fresh(self, agreement: Agreement) -> Agreement:
        return Agreement.objects.with_places().get(pk=agreement.pk)

    def ask(self, agreement: Agreement, day: int, word: str) -> None:
        with self.teller.on(day):
            asking.ask_both(self.fresh(agreement), by=self.by, word=word)

    def accept(self, agreement: Agreement, day: int, *sides: Side) -> None:
        for side in sides:
            now = self.fresh(agreement)
            with self.teller.on(day):
                answering.accept(now, side=side, by=self.speaker(now.municipality_of(side).slug))

    def begin(self, need: MentoringNeed, mentor: str, day: int, word: str) -> Agreement:
        """Propose, ask, and have both accept within the week that ends on `day`."""
        agreement = self.propose(need, mentor, day - 7)
        self.ask(agreement, day - 6, word)
        self.accept(agreement, day - 3, Side.MENTEE)
        self.accept(agreement, day, Side.MENTOR)
        return self.fresh(agreement)

    def goal(self, agreement: Agreement, day: int, text: str, measure: str, due: int, check: str = "") -> Goal:
        by = self.speaker(agreement.mentee.slug)
        with self.teller.on(day):
            return working.keep_goal(
                self.fresh(agreement), by=by, text=text, measure=measure,
                due_on=self.teller.today + timedelta(days=due), check_item=StrategyCheck.objects.filter(code=check).first(),
            )  # fmt: skip

    def settle(self, goal: Goal, day: int, state: str, note: str = "") -> None:
        with self.teller.on(day):
            working.settle_goal(goal, by=self.speaker(goal.agreement.mentee.slug), state=state, note=note)

    def met(self, agreement: Agreement, day: int, said: str, follows: str = "", minutes: int = 60) -> None:
        on = self.teller.today + timedelta(days=day)
        by = self.speaker(agreement.mentor.slug)
        with self.teller.on(day, time(16)):
            working.keep_session(
                self.fresh(agreement), by=by, held_on=on, minutes=minutes, summary=said, follow_up=follows,
                who=f"{self.speaker(agreement.mentor.slug).name}, {self.speaker(agreement.mentee.slug).name}",
            )  # fmt: skip


# ---- strategies ------------------------------------------------------------------------------------------------------


def strategies_at_each_stage(teller: Teller) -> None:
    """Ten members from the first stage to the last."""
    companion = Companion(teller)
    sectors = {sector.slug: sector for sector in Sector.objects.all()}
    for number, (slug, stage, at_the_table, centre) in enumerate(STAGES):
        companion.tell_stage(slug, stage, -220 + number)
        office = "yes" if stage == 7 else "" if stage > 3 else "no"
        seats = [sectors[name] for name in at_the_table.split()]
        companion.keep(slug, -218 + number, centre=centre, has_permanent_office=office, sectors=seats)


def what_they_say_of_their_plans(teller: Teller) -> None:
    """A plan near its renewal, strengths and wishes, a stage that was declared, parts that everybody may see."""
    companion, today = Companion(teller), teller.today
    companion.keep(
        "waterloo-region", -200, plan_title="A plan for safe neighbourhoods (invented)", centre_staff=6,
        plan_adopted_on=today - timedelta(days=1380), plan_renewal_on=today + timedelta(days=80),
        strengths="How a council of many sectors keeps its independence and its budget.",
    )  # fmt: skip
    companion.keep(
        "thunder-bay", -190, plan_title="A plan for young people who come to the city (invented)",
        plan_adopted_on=today - timedelta(days=500), plan_renewal_on=today + timedelta(days=960),
        strengths="Working with Indigenous organisations from the first draft on.", help_wanted="Measuring what the plan achieves.",
    )  # fmt: skip
    companion.keep("montreal", -185, strengths="Des tables de quartier qui durent.", help_wanted="")
    companion.keep("saskatoon", -180, help_wanted="How to bring housing and police to one table.")
    for slug, parts in (("waterloo-region", ("stage", "plan", "centre", "sectors")), ("thunder-bay", ("stage", "plan")), ("montreal", ("stage", "strengths"))):  # fmt: skip
        place = teller.places[slug]
        with teller.on(-170):
            profile = StrategyProfile.objects.get(municipality=place)
            strategies.choose_public(place, seen=profile.version, by=teller.speaker(slug), parts=parts)
    ottawa = teller.places["ottawa"]
    with teller.on(-160):
        profile = StrategyProfile.objects.get(municipality=ottawa)
        reason = "The office is permanent since last year; the checks on evaluation follow with the next report."
        strategies.declare_stage(ottawa, seen=profile.version, by=teller.speaker("ottawa"), stage=7, reason=reason)
    for slug in ("waterloo-region", "thunder-bay", "montreal"):
        with teller.on(-30):
            strategies.confirm(teller.places[slug], by=teller.speaker(slug))


# ---- mentoring -------------------------------------------------------------------------------------------------------


def members_offer_to_accompany(teller: Teller) -> None:
    """Five offers: in English, in French, in both; one is paused."""
    companion = Companion(teller)
    companion.offer("waterloo-region", -600, "Twenty-five years of a crime prevention council, failures included.", ["planning", "partnerships", "youth"], capacity=2)  # fmt: skip
    companion.offer("montreal", -600, "Le travail de quartier, et la mesure de ses effets.", ["neighbourhoods", "measuring-success"], languages=["fr"])  # fmt: skip
    companion.offer("ottawa", -400, "How an office for prevention found its place in the city.", ["planning", "investment"], languages=["en", "fr"], capacity=3)  # fmt: skip
    companion.offer("calgary", -390, "Social planning and police working from one set of data.", ["measuring-success", "housing"], capacity=2)  # fmt: skip
    paused = companion.offer(
        "winnipeg", -300, "Youth programmes with Indigenous partners.", ["youth", "indigenous-safety"]
    )
    with teller.on(-40):
        wanting.move_offer(paused, "pause", by=teller.speaker("winnipeg"))


def montreal_accompanied_quebec(teller: Teller) -> None:
    """Completed, with what came of it."""
    companion = Companion(teller)
    need = companion.need("quebec", -470, "Réaliser un premier diagnostic de quartier et créer une table qui dure.", ["neighbourhoods"], languages=["fr"])  # fmt: skip
    agreement = companion.begin(need, "montreal", -455, "Vos deux villes travaillent déjà à l’échelle des quartiers.")
    first = companion.goal(
        agreement, -450, "Un diagnostic dans un quartier", "Le rapport est remis à la table", -250, "diagnosis-data"
    )
    second = companion.goal(
        agreement, -450, "Une table avec un mandat écrit", "Le mandat est adopté", -150, "partnership-table"
    )
    companion.met(
        agreement, -440, "Choix du quartier; les questions du diagnostic.", "Québec envoie la liste des partenaires."
    )
    companion.met(
        agreement, -330, "Lecture commune des résultats. Les commerces manquaient.", "Rencontre avec les commerces."
    )
    companion.met(agreement, -200, "Le mandat de la table, phrase par phrase.", minutes=90)
    for goal in (first, second):
        companion.settle(goal, -130, "reached")
    by = teller.speaker("quebec")
    with teller.on(-125):
        now = companion.fresh(agreement)
        summary = "Un diagnostic de quartier et une table de neuf organismes, avec un mandat écrit. Ce qui a aidé\u00a0: lire les chiffres ensemble avant d’en parler en public."
        concluding.keep_summary(now, by=by, seen=now.version, summary=summary)
        concluding.complete(companion.fresh(agreement), by=by)


def calgary_and_vancouver_ended_early(teller: Teller) -> None:
    """Declined by one mentor for lack of time, begun with another, ended before its time."""
    companion = Companion(teller)
    need = companion.need(
        "vancouver", -330, "Join the data of housing, health and police.", ["housing", "measuring-success"], hours=6
    )
    declined = companion.propose(need, "ottawa", -325)
    companion.ask(declined, -324, "Ottawa knows the way from data to council.")
    with teller.on(-320):
        reason = "Our team is at work on its own renewal until summer; we do not want to promise what we cannot give."
        answering.decline(companion.fresh(declined), side=Side.MENTOR, by=teller.speaker("ottawa"), reason=reason)
    agreement = companion.begin(need, "calgary", -300, "You both plan with the same kind of data.")
    companion.goal(
        agreement,
        -296,
        "One table of figures that all services accept",
        "Three services sign it",
        -150,
        "diagnosis-data",
    )
    companion.met(agreement, -290, "What each service may share, and what not.")
    with teller.on(-230):
        reason = "The position that carried the work was abolished. We come back when there is a new one."
        concluding.end_early(companion.fresh(agreement), by=teller.speaker("vancouver"), reason=reason)


def waterloo_region_accompanies_thunder_bay(teller: Teller) -> None:
    """Active: goals, what was said, a document, the next session."""
    companion = Companion(teller)
    need = companion.need(
        "thunder-bay",
        -140,
        "Measure what the plan achieves, with little money, and tell council once a year.",
        ["planning", "youth"],
    )
    agreement = companion.begin(
        need, "waterloo-region", -120, "Two councils of many sectors; one is used to reporting each year."
    )
    figures = companion.goal(
        agreement,
        -115,
        "Five figures that we can renew each year",
        "The table of figures is adopted",
        -30,
        "evaluation-measured",
    )
    companion.goal(
        agreement, -115, "A first yearly report to council", "The report is published", 120, "evaluation-report"
    )
    companion.met(
        agreement,
        -110,
        "Which figures exist already, and who keeps them.",
        "Thunder Bay lists them with their sources.",
    )
    companion.met(
        agreement,
        -62,
        "Twelve figures were too many. Seven are left; two depend on a grant.",
        "Drop the two, or find who pays.",
    )
    companion.met(
        agreement,
        -20,
        "Five figures, each with its owner. A page of the report of Waterloo Region, read line by line.",
        minutes=75,
    )
    companion.settle(figures, -19, "reached", "Adopted by the advisory committee.")
    by = teller.speaker("thunder-bay")
    with teller.on(-18):
        working.add_document(
            companion.fresh(agreement),
            by=by,
            title="Table of five figures",
            url="https://documents.example/five-figures",
        )
    at = local_instant(teller.day(12), time(13, 30), "America/Toronto")
    with teller.on(-17):
        now = companion.fresh(agreement)
        working.set_next_session(now, by=by, seen=now.version, at=at, place="https://video.example/mentoring")


def ottawa_and_halifax_pause(teller: Teller) -> None:
    """Paused until after an election."""
    companion = Companion(teller)
    need = companion.need("halifax", -200, "Win council for a comprehensive strategy.", ["investment", "planning"])
    agreement = companion.begin(need, "ottawa", -180, "Ottawa has stood where Halifax stands.")
    companion.goal(agreement, -175, "A resolution of council", "Council votes", 90, "commitment-resolution")
    companion.met(
        agreement, -170, "Who must be won first, and with which figure.", "A one-page note for the committee."
    )
    with teller.on(-50):
        reason = "Council is being elected. We go on with the new one."
        concluding.pause(companion.fresh(agreement), by=teller.speaker("halifax"), reason=reason)


def saskatoon_waits_for_an_answer(teller: Teller) -> None:
    """Both were asked four days ago: Saskatoon has accepted, Calgary has not answered yet."""
    companion = Companion(teller)
    need = companion.need(
        "saskatoon", -15, "Bring housing, schools and police to one table.", ["housing", "partnerships"]
    )
    agreement = companion.propose(need, "calgary", -5)
    companion.ask(agreement, -4, "You know each other from an exchange.")
    companion.accept(agreement, -2, Side.MENTEE)


ACCOMPANYING: tuple[Callable[[Teller], None], ...] = (
    strategies_at_each_stage,
    what_they_say_of_their_plans,
    members_offer_to_accompany,
    montreal_accompanied_quebec,
    calgary_and_vancouver_ended_early,
    ottawa_and_halifax_pause,
    waterloo_region_accompanies_thunder_bay,
    saskatoon_waits_for_an_answer,
)
