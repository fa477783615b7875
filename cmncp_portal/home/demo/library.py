"""The library of the demonstration: two complete briefs, one whose French is behind, one in translation, an idea that a
member asked for, and what readers and municipalities do with them.

What the briefs say rests on the sources that they name. Who writes, reads, asks and uses them is invented.
"""

from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any

from django.utils import timezone, translation

from cmncp_portal.network.models import PreventionProgramme, Topic
from cmncp_portal.notifications.forms import consent_wording
from cmncp_portal.notifications.models import Preference
from knowledge.models import ActionBrief, Audience, Edition, Evidence, Practice, Step, Subscription, Use
from knowledge.selectors.using import wording_of
from knowledge.services import asking, formats, moving, reviewing, subscribing, texts, using, writing

from . import briefs, shorter_briefs
from .teller import Teller

AUTHORS = "University of Ottawa team / Équipe de l’Université d’Ottawa"
YOUNG, OVERALL = "Violence among young people", ("Burglary and theft", "Crime overall", "Violent crime")


class Desk:
    """What the University of Ottawa team does to write a brief. Days are counted from today, as the teller's."""

    def __init__(self, teller: Teller) -> None:
        self.teller = teller
        self.by = teller.user("team@university.example")
        self.audiences = {audience.slug: audience for audience in Audience.objects.all()}

    def fresh(self, brief: ActionBrief) -> ActionBrief:
        return ActionBrief.objects.prefetch_related("editions").get(pk=brief.pk)

    def edition(self, brief: ActionBrief, language: str) -> Edition:
        return Edition.objects.select_related("brief").get(brief=brief, language=language)

    def begin(self, day: int, title: str, *, topics: Iterable[str], **facts: Any) -> ActionBrief:
        """Begin a brief in English on `day`, with its facts, and the outline the day after."""
        with self.teller.on(day):
            chosen = Topic.objects.filter(slug__in=topics)
            brief = writing.create_brief(by=self.by, title=title, language="en", topics=chosen)
            writing.keep_facts(brief, seen=brief.version, by=self.by, authors=AUTHORS, **facts)
        self.move(brief, day + 1, "outline")
        return brief

    def move(self, brief: ActionBrief, day: int, *names: str, by: Any = None) -> None:
        for name in names:
            with self.teller.on(day):
                moving.advance(self.fresh(brief), name, by=by or self.by)

    def write(self, brief: ActionBrief, day: int, language: str, words: dict[str, str]) -> None:
        with self.teller.on(day):
            seen = self.edition(brief, language).version
            texts.keep_text(self.fresh(brief), language, seen=seen, by=self.by, **words)

    def ready(self, brief: ActionBrief, day: int, language: str) -> None:
        with self.teller.on(day):
            texts.mark_ready(self.fresh(brief), language, by=self.by)

    def fill(
        self,
        brief: ActionBrief,
        day: int,
        *,
        numbers: Iterable[dict[str, Any]] = (),
        steps: Iterable[dict[str, str]] = (),
        sources: Iterable[str] = (),
        evidence: Iterable[Evidence] = (),
    ) -> None:
        """Write what stands beside the texts. A step names its stakeholder by slug, a source is an address of `briefs.CITED`."""
        with self.teller.on(day):
            for number in numbers:
                writing.add_row(brief, "numbers", by=self.by, **number)
            for step in steps:
                writing.add_row(brief, "steps", by=self.by, **step | {"audience": self.audiences[step["audience"]]})
            for url in sources:
                language = "fr" if url in briefs.IN_FRENCH else "en"
                writing.add_row(brief, "sources", by=self.by, citation=briefs.CITED[url], url=url, language=language)
            writing.keep_evidence(brief, by=self.by, add=evidence)

    def example(self, brief: ActionBrief, day: int, programme: str, **words: str) -> None:
        """Tell what a municipality did, ask it, and have its representative agree two days later."""
        work = PreventionProgramme.objects.select_related("municipality").get(name_en=programme)
        place = work.municipality
        with self.teller.on(day):
            row = writing.add_row(brief, "examples", by=self.by, municipality=place, programme=work, **words)
            writing.ask_agreement(row, by=self.by)
        with self.teller.on(day + 2):
            using.agree_to_example(row, seen=wording_of(row), by=self.teller.speaker(place.slug))

    def have_read(self, brief: ActionBrief, day: int, *, field: str, paragraph: int, text: str, note: str = "") -> None:
        """The network's reviewer reads the draft within the week, in French, and leaves a comment."""
        reader = self.teller.user("reviewer@network.example")
        due = self.teller.today + timedelta(days=day + 10)
        with self.teller.on(day):
            moving.advance(self.fresh(brief), "review", by=self.by)
            _on_its_day(reviewing.ask_reviewer(self.fresh(brief), reader, due_on=due, by=self.by), "asked_at")
        edition = self.edition(brief, "en")
        with self.teller.on(day + 6), translation.override("fr"):
            seen = edition.version
            comment = reviewing.add_comment(edition, field=field, paragraph=paragraph, seen=seen, text=text, by=reader)
            _on_its_day(comment, "at")
            reviewing.answer_review(brief, by=reader, verdict="changes", note=note)

    def edit(self, brief: ActionBrief, day: int, words: dict[str, str], reply: str) -> None:
        """End the review, change what was asked for, answer the comment; the text is final and goes to translation."""
        self.move(brief, day, "edit")
        self.write(brief, day, "en", words)
        with self.teller.on(day):
            for comment in self.edition(brief, "en").comments.filter(resolved_at=None):
                reviewing.resolve_comment(comment, by=self.by, reply=reply)
        self.ready(brief, day + 1, "en")
        self.move(brief, day + 1, "translate")

    def publish(self, brief: ActionBrief, day: int) -> None:
        """The network's coordinator approves, the team publishes the day after."""
        self.move(brief, day, "approve", by=self.teller.user("coordinator@network.example"))
        with self.teller.on(day + 1):
            moving.publish(self.fresh(brief), by=self.by)


def _on_its_day(row: Any, name: str) -> None:
    """Write the story's moment where a model fills in the instant by itself: its default knows no clock but the real one."""
    type(row).objects.filter(pk=row.pk).update(**{name: timezone.now()})


def cited(practice: str, *outcomes: str) -> list[Evidence]:
    """What is known about these outcomes of a practice."""
    return list(Evidence.objects.filter(practice__slug=practice, outcome_en__in=outcomes))


# ---- the desk --------------------------------------------------------------------------------------------------------


def a_reader_follows(teller: Teller) -> None:
    """Somebody without an account asks to hear of new briefs, and confirms from the mailbox: both letters below reach them."""
    with teller.on(-170):
        subscription = subscribing.subscribe(
            email="reader@library.example", language="en", wording=str(consent_wording())
        )
    with teller.on(-169):
        subscribing.confirm(subscription)
        moment = timezone.now()
        Subscription.objects.filter(pk=subscription.pk).update(confirmed_at=moment)
        Preference.objects.filter(email=subscription.email).update(decided_at=moment)


def why_invest(teller: Teller) -> None:
    """Complete in both languages, from the idea to the publication."""
    desk, words = Desk(teller), briefs.WHY_EN
    brief = desk.begin(-160, words["title"], topics=("investment", "planning"), stages=[0, 1, 7])
    desk.move(brief, -158, "draft")
    first = words["challenge"].split("\n\nThese are averages")[0]
    desk.write(brief, -150, "en", words | {"challenge": first})
    desk.fill(
        brief, -149, numbers=briefs.WHY_NUMBERS, steps=briefs.WHY_STEPS,
        sources=[briefs.ACTION_BRIEFS, briefs.ACTION_BRIEFS_FR, briefs.LETTER, briefs.HISTORY, briefs.PRINCIPLES, briefs.TOOLKIT,
                 briefs.ONTARIO, briefs.YOUTH_FUND, briefs.LIGHTING],
        evidence=[*cited("focused-deterrence", YOUNG), *cited("hot-spots-policing", YOUNG), *cited("cctv", YOUNG),
                  *cited("street-lighting", *OVERALL)],
    )  # fmt: skip
    desk.have_read(
        brief, -145, field="challenge", paragraph=0,
        text="Ces chiffres ont des années et ce sont des moyennes. Le dire au conseil, et expliquer à quoi ils servent quand même.",
        note="Clair et utile. Une précision à ajouter sur les chiffres.",
    )  # fmt: skip
    desk.edit(
        brief,
        -136,
        {"challenge": words["challenge"]},
        "A paragraph at the end of the challenge now says how old the numbers are and what they are good for.",
    )
    desk.write(brief, -128, "fr", briefs.WHY_FR)
    desk.ready(brief, -127, "fr")
    desk.example(
        brief, -126, "Just TV",
        text_en="Winnipeg and Waterloo Region shared their strategies for community safety and crime prevention in an exchange, on a 17 and 18 November. Just TV was one of the programmes that Waterloo Region visited in Winnipeg.",
        text_fr="Winnipeg et la Région de Waterloo ont mis en commun leurs stratégies de sécurité et de prévention de la criminalité lors d’un échange, un 17 et un 18\u00a0novembre. Just TV était l’un des programmes que la Région de Waterloo a visités à Winnipeg.",
    )  # fmt: skip
    desk.fill(brief, -126, sources=[briefs.VISIT])
    desk.publish(brief, -121)


def safe_streets(teller: Teller) -> None:
    """Complete in both languages; what a reviewer missed was about cameras."""
    desk, words = Desk(teller), briefs.STREETS_EN
    brief = desk.begin(-110, words["title"], topics=("neighbourhoods",), stages=[2, 5], slug="safe-streets")
    desk.move(brief, -108, "draft")
    what_works = words["what_works"]
    first = what_works.replace(", with “no evidence of an effect on violent crime”", "")
    desk.write(brief, -100, "en", words | {"what_works": first})
    desk.fill(
        brief, -99, numbers=[briefs.ASSAULTED, briefs.CAR_THEFTS], steps=briefs.STREETS_STEPS,
        sources=[briefs.ACTION_BRIEFS, briefs.ACTION_BRIEFS_FR, briefs.TOOLKIT, briefs.YOUTH_FUND, briefs.LIGHTING, briefs.CAMERAS],
        evidence=[*cited("street-lighting", *OVERALL), *cited("hot-spots-policing", YOUNG), *cited("focused-deterrence", YOUNG),
                  *cited("cctv", YOUNG, *OVERALL)],
    )  # fmt: skip
    desk.have_read(
        brief, -95, field="what_works", paragraph=7,
        text="La source ajoute qu’aucun effet sur les crimes violents n’est démontré. Il faut le dire aussi.",
        note="Très bon. Une demi-phrase manque à propos des caméras.",
    )  # fmt: skip
    desk.edit(brief, -87, {"what_works": what_works}, "Added, in the words of the source.")
    desk.write(brief, -80, "fr", briefs.STREETS_FR)
    desk.ready(brief, -79, "fr")
    desk.example(
        brief, -78, "North End Boxing",
        text_en="North End Boxing is one of the programmes that Waterloo Region visited in Winnipeg in an exchange on a 17 and 18 November.",
        text_fr="North End Boxing est l’un des programmes que la Région de Waterloo a visités à Winnipeg lors d’un échange, un 17 et un 18\u00a0novembre.",
    )  # fmt: skip
    desk.fill(brief, -78, sources=[briefs.VISIT])
    desk.publish(brief, -72)


def a_plan_to_check(teller: Teller) -> None:
    """Published in both languages; the English was worked on since, so that the French is out of date."""
    desk, words = Desk(teller), shorter_briefs.PLAN_EN
    brief = desk.begin(-66, words["title"], topics=("planning", "measuring-success"), stages=[2, 4])
    desk.move(brief, -65, "draft")
    desk.write(brief, -60, "en", words)
    desk.fill(brief, -60, steps=shorter_briefs.PLAN_STEPS, sources=[briefs.ONTARIO, briefs.TOOLKIT])
    desk.move(brief, -58, "review", "edit")
    desk.ready(brief, -50, "en")
    desk.move(brief, -50, "translate")
    desk.write(brief, -46, "fr", shorter_briefs.PLAN_FR)
    desk.ready(brief, -45, "fr")
    desk.publish(brief, -40)
    desk.write(brief, -4, "en", {"what_works": f"{words['what_works']}\n\n{shorter_briefs.PLAN_ADDED}"})
    desk.ready(brief, -3, "en")


def a_second_chance(teller: Teller) -> None:
    """In translation: the English is final, the French is not written yet."""
    desk, words = Desk(teller), shorter_briefs.CHANCE_EN
    brief = desk.begin(-30, words["title"], topics=("youth", "reintegration"), stages=[3, 5])
    desk.move(brief, -29, "draft")
    desk.write(brief, -24, "en", words)
    desk.fill(
        brief,
        -24,
        steps=shorter_briefs.CHANCE_STEPS,
        sources=[briefs.YOUTH_FUND],
        evidence=[*cited("pre-court-diversion", YOUNG), *cited("restorative-justice", YOUNG)],
    )
    desk.have_read(
        brief, -20, field="challenge", paragraph=0, text="Préciser que la décision revient à la police et à la justice, pas à la municipalité.",
    )  # fmt: skip
    desk.edit(
        brief,
        -9,
        {"challenge": words["challenge"].replace("A municipality", "The decision is theirs. A municipality")},
        "Said now in the first paragraph.",
    )


def thunder_bay_asks_for_a_brief(teller: Teller) -> None:
    """An idea that a member asked for: passed on by the network, accepted by the team with a day."""
    with teller.on(-18):
        asked = asking.request_brief(
            subject="Young people who move to the city for school",
            why="Council asks us what other cities do in the first weeks, when a student knows nobody. We would put a brief before it in spring.",
            municipality=teller.places["thunder-bay"], by=teller.speaker("thunder-bay"),
        )  # fmt: skip
    with teller.on(-16):
        asking.pass_on(
            asked, note="Several members have asked about this.", by=teller.user("coordinator@network.example")
        )
    with teller.on(-12):
        asking.accept(
            asked, due_on=teller.day(110), begin=True, reply="We begin with a search for evaluated programmes.",
            by=teller.user("team@university.example"),
        )  # fmt: skip


# ---- what becomes of the briefs --------------------------------------------------------------------------------------


def municipalities_use_them(teller: Teller) -> None:
    """Thunder Bay is doing one and marks its steps; Calgary did another."""
    why, streets = (ActionBrief.objects.get(slug=slug) for slug in ("why-invest-in-prevention", "safe-streets"))
    thunder_bay, by = teller.places["thunder-bay"], teller.speaker("thunder-bay")
    with teller.on(-60):
        using.keep_use(
            why, municipality=thunder_bay, seen=0, state=Use.State.DOING, on=teller.today - timedelta(days=75), by=by,
            note="The crime prevention council has worked out the numbers for our population and takes them to the budget committee.",
        )  # fmt: skip
    marks = (("council", 0, "to_do"), ("coordination", 0, "done"), ("coordination", 1, "to_do"), ("police", 0, "done"))
    for audience, number, state in marks:
        step = Step.objects.filter(brief=why, audience__slug=audience).order_by("order")[number]
        with teller.on(-58):
            using.mark_step(step, municipality=thunder_bay, state=state, by=by)
    with teller.on(-20):
        using.keep_use(
            streets, municipality=teller.places["calgary"], seen=0, state=Use.State.DONE, by=teller.speaker("calgary"),
            on=teller.today - timedelta(days=24), note="We walked one street with its residents after dark, and repaired the lights they named first.",
        )  # fmt: skip


def readers_write(teller: Teller) -> None:
    """A concern about a practice and a wish for another format, both still to be answered."""
    with teller.on(-3):
        concern = asking.report_concern(
            Practice.objects.get(slug="cctv"), name="Elm Brookside", email="elm@reader.example",
            text="The second source is of 2015. Is there nothing newer on cameras and violent crime?",
        )  # fmt: skip
        _on_its_day(concern, "at")
    with teller.on(-2):
        wish = formats.ask_format(
            ActionBrief.objects.get(slug="safe-streets"), wanted="Braille, please, for a member of our advisory committee.",
            name="Fern Valleyview", email="fern@reader.example", language="en",
        )  # fmt: skip
        _on_its_day(wish, "at")


LIBRARY: tuple[Callable[[Teller], None], ...] = (
    a_reader_follows,
    why_invest,
    safe_streets,
    a_plan_to_check,
    a_second_chance,
    thunder_bay_asks_for_a_brief,
    municipalities_use_them,
    readers_write,
)
