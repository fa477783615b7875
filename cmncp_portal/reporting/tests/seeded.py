"""A mixed year of the network, drawn with a fixed seed: everything that figures count, inside and outside of a period.

The clock stands at February 1, 2027; the period is the fiscal year 2026–2027. Days lie from March 2026 to January 2027.
"""

from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Any

from django.db.models import F

from cmncp_portal.core.days import local_instant
from cmncp_portal.evaluation.models import Occasion
from cmncp_portal.evaluation.tests.factories import make_occasion, make_questionnaire, make_response, make_survey
from cmncp_portal.network.models import Municipality
from cmncp_portal.network.tests.factories import make_municipality, make_sector
from cmncp_portal.progress.models import Commitment, CommitmentChange, PreventionBudget
from cmncp_portal.progress.tests.factories import make_profile
from cmncp_portal.reporting.indicators import Period
from exchanges.models import Exchange, Visit
from exchanges.tests.factories import make_exchange, make_member, make_return_visit
from knowledge.models import Edition
from knowledge.tests.factories import make_brief
from meetings.models import Meeting
from meetings.tests.factories import make_meeting, make_place
from mentoring.tests.factories import make_agreement, make_need, make_offer
from training.models import ModuleChange
from training.tests.factories import make_enrolment, make_learner, make_module, make_offering

PERIOD = Period(date(2026, 4, 1), date(2027, 3, 31))
PLACES = (
    ("BC", "America/Vancouver", 600_000, ["en"]),
    ("BC", "America/Vancouver", 15_000, ["en"]),
    ("AB", "America/Edmonton", 90_000, ["en"]),
    ("MB", "America/Winnipeg", 700_000, ["en", "fr"]),
    ("ON", "America/Toronto", 120_000, ["en"]),
    ("ON", "America/Thunder_Bay", None, []),
    ("QC", "America/Toronto", 290_000, ["fr"]),
    ("QC", "America/Toronto", 45_000, ["fr", "en"]),
    ("NL", "America/St_Johns", 110_000, ["en"]),
)
SECTORS = ("municipal", "police", "school", "elected")
QUESTIONS = (
    {"code": "usefulness", "kind": "rating", "indicator": "satisfaction"},
    {"code": "fit", "kind": "rating", "indicator": "relevance"},
    {"code": "objectives", "kind": "rating_rows", "rows_from_survey": True, "indicator": "objectives-met"},
    {"code": "reached", "kind": "text", "indicator": "objectives-met"},
    {"code": "knowledge", "kind": "before_after", "indicator": "knowledge-change"},
    {"code": "capacity", "kind": "rating_rows", "indicator": "capacity"},
    {"code": "secret", "kind": "rating", "indicator": "satisfaction", "is_confidential": True},
)


class Year:
    """The dice, and what was made with them."""

    def __init__(self, seed: int) -> None:
        self.dice = Random(seed)
        self.places: list[Municipality] = []
        self.visits: list[Visit] = []

    def day(self) -> date:
        """A day from March 15, 2026 to January 20, 2027, often one at the beginning of the period."""
        near = date(2026, 3, 30) + timedelta(days=self.dice.randint(0, 3))
        return near if self.dice.random() < 0.2 else date(2026, 3, 15) + timedelta(days=self.dice.randint(0, 311))

    def instant(self) -> datetime:
        return datetime.combine(self.day(), time(self.dice.randint(0, 23), 30), tzinfo=UTC)

    def place(self) -> Municipality:
        return self.dice.choice(self.places)

    def person(self) -> dict[str, Any]:
        """One of thirty addresses, written in small letters or not, with a language that may be unknown."""
        return {"email": f"p{self.dice.randint(1, 30)}@place.example", "language": self.dice.choice(["en", "fr", ""])}

    def place_or_none(self) -> Municipality | None:
        return self.dice.choice([None, *self.places])

    def fate(self, *fates: str) -> str:
        return self.dice.choice(fates)


def make_year(seed: int = 20261123) -> Year:
    """Make a year; the same one for the same seed."""
    year = Year(seed)
    for number, (province, zone, population, languages) in enumerate(PLACES):
        year.places.append(
            make_municipality(
                f"seeded-{number}",
                province=province,
                time_zone=zone,
                population=population,
                population_year=2021 if population else None,
                languages=languages,
            )
        )
    for slug in SECTORS:
        make_sector(slug)
    for make in (_exchanges, _meetings, _training, _briefs, _mentoring, _commitments, _strategies, _evaluations):
        make(year)
    return year


def _exchanges(year: Year) -> None:
    for _n in range(16):
        guest, host = year.dice.sample(year.places, 2)
        day, stage = year.day(), year.fate("draft", "requested", "confirmed", "held", "held", "held")
        ends_on = day + timedelta(days=year.dice.randint(0, 2))
        sent = None if stage == "draft" else year.instant() - timedelta(days=40)
        made = make_exchange(guest, host, stage=stage, starts_on=day, ends_on=ends_on, submitted_at=sent)
        visit = made.first_visit
        visit.changes.filter(transition="accept").update(at=year.instant())
        if stage == "held" and year.dice.random() < 0.2:
            Exchange.objects.filter(pk=made.pk).update(submitted_at=None)
        if stage == "held" and year.dice.random() < 0.3:
            made.travelling_with.add(year.place())
        if stage == "confirmed" and year.dice.random() < 0.5:
            Visit.objects.filter(pk=visit.pk).update(state="cancelled")
        if stage == "held":
            _team(year, visit)
            if year.dice.random() < 0.5:
                later = year.day()
                back = make_return_visit(made, stage="held", starts_on=later)
                _team(year, back)


def _team(year: Year, visit: Visit) -> None:
    visit.team.all().delete()
    people = {year.person()["email"] for _n in range(6)}
    for email in sorted(people):
        make_member(
            visit,
            year.fate("visitors", "hosts"),
            year.fate("staff", "police", "elected", "school"),
            status=year.fate("accepted", "accepted", "declined"),
            attendance=year.fate("present", "remote", "absent", ""),
            email=year.fate(email, email.upper(), ""),
            language=year.fate("en", "fr", ""),
        )
    year.visits.append(visit)


def _meetings(year: Year) -> None:
    for _n in range(7):
        day, stage = year.day(), year.fate("announced", "held", "held", "held")
        dates = {"starts_on": day, "ends_on": day + timedelta(days=1)}
        made: Meeting = make_meeting(stage, national=year.dice.random() < 0.4, host=year.place_or_none(), **dates)
        addresses = sorted({year.person()["email"] for _n in range(14)})
        for email in addresses:
            make_place(
                made,
                email,
                year.place_or_none(),
                status=year.fate("registered", "registered", "registered", "waiting", "cancelled"),
                attendance=year.fate("present", "present", "remote", "absent", "excused", ""),
                language=year.fate("en", "fr", ""),
                sector=year.dice.choice([None, *(make_sector(slug) for slug in SECTORS)]),
            )


def _training(year: Year) -> None:
    learners = [make_learner(f"p{number}@place.example") for number in range(1, 31)]
    for _n in range(7):
        offering = make_offering(
            year.fate("open", "held", "held", "cancelled"),
            starts_on=year.day(),
            host=year.place_or_none(),
            language=year.fate("en", "fr", "both"),
            time_zone="America/Vancouver",
        )
        for learner in year.dice.sample(learners, 9):
            make_enrolment(
                offering,
                learner=learner,
                municipality=year.place_or_none(),
                language=year.fate("en", "fr", ""),
                status=year.fate("registered", "registered", "waiting"),
                completed_at=year.dice.choice([None, year.instant()]),
            )
    for _n in range(8):
        module = make_module("approved", kind=year.fate("workshop", "module"))
        for _times in range(year.dice.randint(0, 2)):
            change = ModuleChange.objects.create(module=module, to_state="approved", transition="approve")
            ModuleChange.objects.filter(pk=change.pk).update(at=year.instant())


def _briefs(year: Year) -> None:
    for _n in range(10):
        made = make_brief(
            year.fate("draft", "published", "published", "withdrawn"),
            languages=year.dice.choice([("en",), ("en", "fr"), ("en", "fr")]),
            is_archival=year.dice.random() < 0.2,
        )
        for edition in Edition.objects.filter(brief=made, published_at__isnull=False):
            first = year.instant()
            edition.events.update(published_at=first)
            Edition.objects.filter(pk=edition.pk).update(
                published_at=first + timedelta(days=400), version=F("version") + 1
            )


def _mentoring(year: Year) -> None:
    offers = [make_offer(place) for place in year.places]
    for _n in range(20):
        mentor = year.dice.choice(offers)
        mentee = year.dice.choice([place for place in year.places if place != mentor.municipality])
        day = year.day()
        state = year.fate("awaiting", "active", "completed", "ended", "declined")
        begun = {} if state in ("awaiting", "declined") else {"starts_on": day, "ends_on": day + timedelta(days=365)}
        made = make_agreement(mentor, make_need(mentee, "withdrawn"), state, **begun)
        move = {"completed": "complete", "ended": "end_early"}.get(state, state)
        made.changes.update(transition=move, at=year.instant() + timedelta(days=60))


def _commitments(year: Year) -> None:
    for number in range(60):
        place, other = year.dice.sample(year.places, 2)
        made_on = year.day()
        state = year.fate("planned", "started", "done", "abandoned")
        is_over = state in ("done", "abandoned")
        made = Commitment.objects.create(
            municipality=place,
            text=f"Commitment {number}",
            language="en",
            owner_name="Amina Diallo",
            due_on=made_on + timedelta(days=200),
            made_on=made_on,
            made_by_name="Amina Diallo",
            source=year.fate("own", "visit"),
            source_title_en="A visit",
            source_title_fr="Une visite",
            seen_in=year.dice.choice([None, other]),
            state=state,
            ended_on=date(2027, 1, 20) if is_over else None,
        )
        for to_state in ("started", state)[year.dice.randint(0, 1) : year.dice.randint(0, 2)]:
            CommitmentChange.objects.create(
                commitment=made,
                to_state=to_state,
                note="We did this.",
                investment=year.dice.choice([None, 0, 2_500, 40_000]),
                at=local_instant(made_on, time(23), "America/Toronto") + timedelta(days=year.dice.randint(0, 220)),
            )


def _strategies(year: Year) -> None:
    for place in year.places:
        profile = make_profile(place, 0, has_permanent_office=year.fate("yes", "yes", "no", ""))
        type(profile).objects.filter(pk=profile.pk).update(
            created_at=datetime(2025, 6, 1, 15, tzinfo=UTC), plan_adopted_on=year.dice.choice([None, year.day()])
        )
        before = 2
        for _n in range(year.dice.randint(0, 3)):
            after = year.dice.randint(0, 7)
            profile.changes.create(
                what=year.fate("s1-1", "s1-1", "check_list"), stage_before=before, stage_after=after, at=year.instant()
            )
            before = after
        for budget in year.dice.sample(range(2024, 2028), year.dice.randint(0, 3)):
            amount = year.dice.randint(1, 90) * 10_000
            PreventionBudget.objects.create(profile=profile, year=budget, amount=amount)


def _evaluations(year: Year) -> None:
    form = make_questionnaire("seeded", questions=QUESTIONS)
    bare = make_questionnaire("bare", questions=QUESTIONS[:1])
    for visit in year.visits:
        for side in ("visitors", "hosts"):
            survey = _survey(year, form, "exchange", f"visit-{visit.pk}", visit.ends_on or year.day(), side)
            _answers(year, survey)
    for number in range(4):
        for activity, side in (("meeting", ""), ("training", ""), ("mentoring", "mentor"), ("mentoring", "mentee")):
            chosen = bare if activity == "meeting" else form
            key = f"{activity}-{number}" if side != "mentee" else f"{activity}-{number}-2"
            _answers(year, _survey(year, chosen, activity, key, year.day(), side))


def _survey(year: Year, form: Any, activity: str, key: str, on: date, side: str) -> Any:
    occasion = Occasion.objects.filter(key=key).first() or make_occasion(activity=activity, key=key, on=on)
    opens_at = local_instant(occasion.on, time(17), "America/Vancouver")
    return make_survey(
        form,
        occasion=occasion,
        side=side,
        place=year.place_or_none(),
        time_zone="America/Vancouver",
        opens_at=opens_at,
        due_at=opens_at + timedelta(days=14),
        closes_at=opens_at + timedelta(days=45),
        cancelled_at=opens_at if year.dice.random() < 0.1 else None,
    )


def _answers(year: Year, survey: Any) -> None:
    point = lambda: year.dice.choice([1, 2, 3, 4, 5, 4, 5, "na"])  # noqa: E731
    for _n in range(year.dice.randint(0, 6)):
        answers: dict[str, Any] = {"usefulness": point(), "reached": "A text.", "secret": 1}
        if year.dice.random() < 0.8:
            answers |= {
                "fit": point(),
                "objectives": {"objective-1": point(), "objective-2": point()},
                "knowledge": {"planning": {"before": point(), "after": point()}, "partners": {"before": point()}},
                "capacity": {"partnerships": point(), "problems": point()},
            }
        response = make_response(
            survey,
            draft=year.dice.random() < 0.3,
            language=year.fate("en", "fr"),
            answers=answers,
            invited={"language": year.fate("en", "fr", ""), "place": year.place_or_none()},
        )
        if response.submitted_at:
            at = survey.opens_at + timedelta(hours=year.dice.randint(1, 900))
            type(response).objects.filter(pk=response.pk).update(submitted_at=at)
        if year.dice.random() < 0.2:
            response.invitation.excused_at = survey.opens_at
            response.invitation.save()
