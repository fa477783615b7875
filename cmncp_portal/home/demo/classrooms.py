"""What is taught in the demonstration: pilots, dates held and ahead, who came, what they attained, what they show by their own work."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date, time, timedelta
from typing import Any

from cmncp_portal.core.places import Attendance
from cmncp_portal.evaluation import services as surveys
from training.models import CompetencyText, EvidenceClaim, Module, Offering, OfferingSurvey, SelfAssessment
from training.services import attending, changing, enrolling, evidence, modules, offerings, self_assessing, surveying
from training.services.enrolling import Person
from training.services.learners import learner_of_user
from training.services.offerings import Sitting

from . import schooling_words as words
from .cast import AUTHOR, BY_EMAIL
from .teller import Teller

PRESENT, ABSENT = str(Attendance.PRESENT), str(Attendance.ABSENT)
BEFORE, AFTER = SelfAssessment.Moment.BEFORE, SelfAssessment.Moment.AFTER
EVENING, NOON = time(17, 30), time(12, 0)
UMA = {
    "name": "Uma Lakehead",
    "organisation": "University of Ottawa",
    "email": "team@university.example",
    "language": "en",
}
JUDE = {"name": AUTHOR[1], "organisation": "Tallgrass Community College", "email": AUTHOR[0], "language": AUTHOR[2]}
LISE = {
    "name": "Lise Beaurivage",
    "organisation": "Université d’Ottawa",
    "email": "lise@university.example",
    "language": "fr",
}


class Classroom:
    """What the coordinator, facilitators and participants do around one offering after the other."""

    def __init__(self, teller: Teller) -> None:
        self.teller = teller
        self.by = teller.user("coordinator@network.example")

    def module(self, theme: str) -> Module:
        return Module.objects.get(theme=theme, is_demonstration=True)

    def fresh(self, offering: Offering) -> Offering:
        return Offering.objects.with_module().get(pk=offering.pk)

    def prepare(
        self, day: int, theme: str, days: Sequence[date], hours: tuple[int, int], *who: dict[str, str], **fields: Any
    ) -> Offering:
        """Plan an offering on `days`, each from and until these hours; the host is given by its slug."""
        if "host" in fields:
            fields["host"] = self.teller.places[fields["host"]]
        with self.teller.on(day):
            made = offerings.create_offering(by=self.by, module=self.module(theme), is_demonstration=True, **fields)
            sittings = [Sitting(on, time(hours[0]), time(hours[1])) for on in days]
            offerings.keep_sessions(made, by=self.by, seen=self.fresh(made).version, sittings=sittings)
            offerings.keep_facilitators(made, by=self.by, seen=self.fresh(made).version, people=who)
        return made

    def open(self, offering: Offering, day: int) -> None:
        with self.teller.on(day):
            offerings.open_enrolment(self.fresh(offering), by=self.by)

    def enrol(self, offering: Offering, day: int, *emails: str, by: str = "") -> None:
        """Let people of the cast enrol one after the other: themselves, or by somebody who may enrol them."""
        for email in emails:
            user, person = self.teller.user(email), BY_EMAIL[email]
            sends = self.teller.user(by) if by else user
            who = Person(
                person.name, email, person.language, person.title, municipality=self.teller.places[person.place], user=user
            )  # fmt: skip
            with self.teller.on(day):
                enrolling.enrol(self.fresh(offering), people=[who], by=sends)

    def hold(self, offering: Offering, absent: Iterable[tuple[str, int]] = ()) -> None:
        """Note on each day who came (all but `absent`: an address and a day, from 0), and on the last that it took place."""
        missing, places = set(absent), dict(offering.enrolments.registered().values_list("email", "pk"))
        for number, session in enumerate(offering.sessions.select_related("offering")):
            noted = {pk: ABSENT if (email, number) in missing else PRESENT for email, pk in places.items()}
            with self.teller.on(session.day, EVENING):
                attending.take_attendance(session, by=self.by, attendance=noted)
        last = self.fresh(offering).ends_on
        assert last
        with self.teller.on(last, time(18)):
            attending.record_held(self.fresh(offering), by=self.by)

    def assess(
        self, offering: Offering, moment: str, day: date, values: Sequence[int], leave_out: Sequence[str] = ()
    ) -> None:
        """Let people say how sure they are: the values go round through competencies and people."""
        places = offering.enrolments.registered().exclude(email__in=leave_out).order_by("pk")
        competencies = list(offering.module.builds.order_by("pk").values_list("competency", flat=True))
        for shift, place in enumerate(places.select_related("offering")):
            rated = {pk: values[(shift + at) % len(values)] for at, pk in enumerate(competencies)}
            with self.teller.on(day, time(20)):
                self_assessing.assess_oneself(place, moment=moment, ratings=rated)

    def ask(self, offering: Offering, purpose: str, answers: dict[str, dict[str, Any]], after: int) -> None:
        """Open the questions on the day they are due; people answer `after` days later."""
        opens = surveying.opens_at(self.fresh(offering), purpose).date()
        with self.teller.on(opens, NOON):
            surveying.open_survey(offering, purpose)
        survey = OfferingSurvey.objects.select_related("survey").get(offering=offering, purpose=purpose).survey
        with self.teller.on(opens + timedelta(days=after), NOON):
            for invitation in survey.invitations.filter(email__in=answers).order_by("pk"):
                language, values = invitation.language or "en", answers[invitation.email]
                surveys.submit(invitation, seen=0, language=language, values=values)

    def approve(self, theme: str, day: int, report: str) -> None:
        """Write down what the pilot showed, and approve the module."""
        with self.teller.on(day):
            module = self.module(theme)
            modules.keep_module(
                module, seen=module.version, by=self.teller.user("team@university.example"), pilot_report=report
            )
            modules.move(self.module(theme), "record_pilot", by=self.by)
        with self.teller.on(day + 5):
            modules.move(self.module(theme), "approve", by=self.by)


def _online() -> dict[str, Any]:
    return {"mode": "online", "time_zone": "America/Toronto", "join_link": "https://video.example/training"}


# ---- pilots ----------------------------------------------------------------------------------------------------------


def the_workshop_was_piloted(teller: Teller) -> None:
    """Four people of four municipalities, about nine months ago."""
    room = Classroom(teller)
    pilot = room.prepare(-285, "awareness", [teller.day(-262)], (13, 16), UMA, language="en", **_online())
    room.open(pilot, -284)
    people = ("councillor@vancouver.example", "representative@ottawa.example", "representative@saskatoon.example", "representative@waterloo-region.example")  # fmt: skip
    room.enrol(pilot, -280, *people, by="coordinator@network.example")
    room.hold(pilot)
    room.approve("awareness", -250, words.PILOT_REPORT["workshop"])


def planning_was_piloted(teller: Teller) -> None:
    """Three people for two days, half a year ago."""
    room = Classroom(teller)
    first = teller.day(-182)
    pilot = room.prepare(
        -220, "planning", [first, first + timedelta(days=1)], (9, 16), JUDE, language="en", time_zone="America/Toronto",
        host="waterloo-region", venue="Regional office, room 101",
    )  # fmt: skip
    room.open(pilot, -218)
    people = ("agente@quebec.example", "representative@ottawa.example", "representative@waterloo-region.example")
    room.enrol(pilot, -215, *people, by="coordinator@network.example")
    room.hold(pilot)
    room.approve("planning", -170, words.PILOT_REPORT["planning"])


def mobilisation_is_to_be_piloted(teller: Teller) -> None:
    """The pilot lies ahead; the coordinator asked four people."""
    room = Classroom(teller)
    pilot = room.prepare(
        -25, "mobilisation", [teller.day(18)], (9, 17), UMA, language="both", time_zone="America/Toronto", capacity=12,
        host="thunder-bay", venue="Community hall, ground floor", address="125 Syndicate Avenue South, Thunder Bay",
    )  # fmt: skip
    room.open(pilot, -24)
    people = ("representative@thunder-bay.example", "councillor@thunder-bay.example", "deputy@ottawa.example", "representant@quebec.example")  # fmt: skip
    room.enrol(pilot, -22, *people, by="coordinator@network.example")


# ---- held ------------------------------------------------------------------------------------------------------------


def leaders_took_the_workshop(teller: Teller) -> None:
    """Elected leaders, online, three months ago: evaluated then, asked now whether they used it."""
    room = Classroom(teller)
    day = teller.day(-100)
    offering = room.prepare(-140, "awareness", [day], (12, 15), UMA, LISE, language="both", capacity=20, **_online())
    room.open(offering, -138)
    cities = ("thunder-bay", "calgary", "halifax", "ottawa", "winnipeg", "waterloo-region", "saskatoon")
    room.enrol(offering, -130, *(f"councillor@{city}.example" for city in cities))
    room.assess(offering, BEFORE, day - timedelta(days=2), (1, 2, 2, 3, 2))
    room.hold(offering, absent=[("councillor@saskatoon.example", 0)])
    room.assess(offering, AFTER, day + timedelta(days=1), (3, 4, 4, 5, 3), ("councillor@saskatoon.example",))
    room.ask(offering, "evaluation", words.WORKSHOP_ANSWERS, after=5)
    room.ask(offering, "use", words.USED_ANSWERS, after=2)


def planning_was_taught_in_ottawa(teller: Teller) -> None:
    """Two days, a few weeks ago: certificates for those who came to both, an evaluation that goes on."""
    room = Classroom(teller)
    first = teller.day(-38)
    offering = room.prepare(
        -110, "planning", [first, first + timedelta(days=1)], (9, 16), JUDE, UMA, language="en", time_zone="America/Toronto",
        host="ottawa", venue="City Hall, Colonel By Room", address="110 Laurier Avenue West, Ottawa", capacity=16,
        practical_en="Bring three figures on safety in your municipality, with their sources. Lunch is offered on both days.",
        practical_fr="Apportez trois chiffres sur la sécurité dans votre municipalité, avec leurs sources. Le repas du midi est offert les deux jours.",
    )  # fmt: skip
    room.open(offering, -105)
    people = ("representative@thunder-bay.example", "deputy@ottawa.example", "representative@halifax.example", "coordinator@halifax.example", "planner@vancouver.example")  # fmt: skip
    room.enrol(offering, -98, *people)
    room.enrol(offering, -97, "planner@thunder-bay.example", by="representative@thunder-bay.example")
    room.enrol(offering, -96, "analyst@calgary.example", by="representative@calgary.example")
    room.assess(offering, BEFORE, first - timedelta(days=3), (2, 3, 2, 1, 3))
    room.hold(offering, absent=[("planner@thunder-bay.example", 1)])
    room.assess(offering, AFTER, first + timedelta(days=2), (4, 4, 3, 5, 4), ("planner@vancouver.example",))
    room.ask(offering, "evaluation", words.EVALUATION_ANSWERS, after=6)


# ---- ahead -----------------------------------------------------------------------------------------------------------


def winnipeg_has_a_waiting_list(teller: Teller) -> None:
    """In English, in person, with few places: four people have one, two wait."""
    room = Classroom(teller)
    first = teller.day(40)
    offering = room.prepare(
        -50, "planning", [first, first + timedelta(days=1)], (9, 16), JUDE, language="en", time_zone="America/Winnipeg",
        host="winnipeg", venue="Public library, second floor", address="251 Donald Street, Winnipeg", capacity=4,
        enrolment_closes_on=first - timedelta(days=7),
        practical_en="The library is step-free. Bring three figures on safety in your municipality, with their sources.",
        practical_fr="La bibliothèque est de plain-pied. Apportez trois chiffres sur la sécurité dans votre municipalité, avec leurs sources.",
    )  # fmt: skip
    room.open(offering, -45)
    room.enrol(offering, -40, "representative@winnipeg.example")
    room.enrol(offering, -40, "cao@winnipeg.example", by="representative@winnipeg.example")
    room.enrol(offering, -33, "representative@saskatoon.example", "deputy@saskatoon.example")
    room.enrol(offering, -20, "representative@calgary.example")
    room.enrol(offering, -19, "planner@thunder-bay.example", by="representative@thunder-bay.example")


def a_workshop_in_french(teller: Teller) -> None:
    """Online, for people of Quebec: Montréal's representative enrolled her own."""
    room = Classroom(teller)
    offering = room.prepare(-35, "awareness", [teller.day(25)], (9, 12), LISE, language="fr", capacity=25, **_online())  # fmt: skip
    room.open(offering, -30)
    room.enrol(offering, -26, "representante@montreal.example")
    room.enrol(
        offering, -26, "conseiller@montreal.example", "elue@montreal.example", by="representante@montreal.example"
    )
    room.enrol(offering, -15, "elu@quebec.example", "representant@quebec.example")


def halifax_is_being_prepared(teller: Teller) -> None:
    """Days are set; who facilitates is still to be found."""
    Classroom(teller).prepare(
        -9, "planning", [teller.day(110)], (9, 16), language="en", time_zone="America/Halifax", host="halifax", capacity=18,
    )  # fmt: skip


def vancouver_was_called_off(teller: Teller) -> None:
    """Cancelled three days ago; those enrolled were told why."""
    room = Classroom(teller)
    offering = room.prepare(
        -60, "awareness", [teller.day(30)], (9, 12), UMA, language="en", time_zone="America/Vancouver", host="vancouver",
        venue="Roundhouse, main hall", address="181 Roundhouse Mews, Vancouver",
    )  # fmt: skip
    room.open(offering, -55)
    room.enrol(offering, -50, "representative@vancouver.example", "planner@vancouver.example")
    with teller.on(-3):
        note = "The hall was damaged by a storm. New dates follow in spring."
        changing.cancel(room.fresh(offering), by=room.by, note=note)


# ---- evidence --------------------------------------------------------------------------------------------------------


def people_show_their_work(teller: Teller) -> None:
    """One accepted by the University's team, one waiting for an assessor."""
    accepted = _show(teller, -70, "representative@winnipeg.example", "3.3", 3, words.TABLE_LED)
    with teller.on(-63):
        by = teller.user("team@university.example")
        evidence.accept(accepted, seen=accepted.version, note=words.TABLE_ANSWER, by=by)
    _show(teller, -5, "representative@calgary.example", "4.1", 2, words.PARTNER_WON)


def _show(teller: Teller, day: int, email: str, code: str, level: int, said: str) -> EvidenceClaim:
    domain, order = code.split(".")
    held = CompetencyText.objects.that_hold().select_related("version")
    by, text = teller.user(email), held.get(domain__order=domain, order=order)
    with teller.on(day):
        claim = evidence.begin(learner_of_user(by), text=text, level=level, by=by, words=said)
        evidence.send(claim, by=by)
    return claim


CLASSES: tuple[Callable[[Teller], None], ...] = (
    the_workshop_was_piloted,
    planning_was_piloted,
    leaders_took_the_workshop,
    planning_was_taught_in_ottawa,
    winnipeg_has_a_waiting_list,
    a_workshop_in_french,
    mobilisation_is_to_be_piloted,
    halifax_is_being_prepared,
    vancouver_was_called_off,
    people_show_their_work,
)
