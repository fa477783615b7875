"""What the demonstration's last fiscal year leaves to a report, how people evaluate it, and what reviewers make of that.

A meeting of everybody, a visit that both sides evaluate and one that only one side does lie in the last fiscal year, on whatever
day the demonstration begins; all else is as far away as its own story tells. All of it is invented.
"""

from collections.abc import Callable, Mapping
from datetime import date, time, timedelta
from typing import Any

from django.utils import timezone

from cmncp_portal.core.days import add_months
from cmncp_portal.core.places import Attendance
from cmncp_portal.evaluation import reviewing
from cmncp_portal.evaluation import services as surveys
from cmncp_portal.evaluation.desk import texts_to_code
from cmncp_portal.evaluation.models import Answer, Occasion, Survey, Theme
from cmncp_portal.evaluation.occasions import last_at
from cmncp_portal.network.models import Stakeholder
from cmncp_portal.reporting.indicators.base import fiscal_year
from cmncp_portal.reporting.services.writing import year_before
from exchanges import services as exchanges
from exchanges.models import Exchange
from meetings import services as meetings
from meetings.models import Meeting, Registration
from mentoring.models import Agreement, CheckIn
from mentoring.selectors.check_ins import due_check_ins
from mentoring.services.checking import open_check_in
from training.models import OfferingSurvey

from . import learned_words as said
from . import words
from .cast import BY_EMAIL
from .clock import at
from .gatherings import Convenor, item
from .teller import Request, Teller

VISITORS, HOSTS = "visitors", "hosts"
NINE, NOON, FOUR = time(9), time(12), time(16)
THEY_CAME: tuple[str, ...] = (*said.MET, *said.MET_LATE, *said.MET_AND_SILENT)
EXCUSED = "deputy@saskatoon.example"


def last_year(teller: Teller, month: int, day: int) -> date:
    """Return a day of the last fiscal year, April to March, moved on to the next Monday to Thursday."""
    year = year_before(fiscal_year(teller.today))
    found = date((year.from_on if month >= year.from_on.month else year.until_on).year, month, day)
    return teller.day((found - teller.today).days)


def on_its_day(row: Any, *names: str) -> None:
    """Write the story's moment where a model fills in the instant by itself: its default knows no clock but the real one."""
    type(row).objects.filter(pk=row.pk).update(**dict.fromkeys(names, timezone.now()))


def answer(survey: Survey, answers: Mapping[str, dict[str, Any]]) -> None:
    """Let each of those asked, by address, send these values now, in the language in which she was asked."""
    for invitation in survey.invitations.filter(email__in=answers).order_by("pk"):
        language, values = invitation.language or "en", answers[invitation.email]
        surveys.submit(invitation, seen=0, language=language, values=values)


# ---- the last fiscal year --------------------------------------------------------------------------------------------


def the_network_met_last_year(teller: Teller) -> None:
    """A national meeting, evaluated by most of those who came; two of them late, one with a word for the reviewers only."""
    convenor, first = Convenor(teller), last_year(teller, 10, 14)
    last, ago = first + timedelta(days=1), (first - teller.today).days
    meeting = convenor.begin(
        ago - 90,
        kind="national",
        host="waterloo-region",
        mode="in_person",
        time_zone="America/Toronto",
        **said.NATIONAL,
    )
    convenor.fix(meeting, ago - 88, first, last)
    convenor.keep(
        meeting, ago - 87, venue="Regional office, council chamber", address="150 Frederick Street, Kitchener",
        languages=["en", "fr"], interpretation=True, audience="associates", **said.NATIONAL_SUMMARY,
    )  # fmt: skip
    title = ("What a councillor asks before paying", "Ce qu’une élue ou un élu demande avant de payer")
    speaker = ("representative@waterloo-region.example", "speaker")
    convenor.agenda(meeting, ago - 80, [item(1, "09:30", "11:00", *title, kind="plenary", interpretation=True, speakers=(speaker,))])  # fmt: skip
    convenor.announce(meeting, ago - 60)
    everybody = [BY_EMAIL[email] for email in THEY_CAME]
    for days, people in ((-40, everybody[:15]), (-25, everybody[15:])):
        with teller.on(ago + days):
            rows = [meetings.Person(one.name, one.email, one.language, one.title) for one in people]
            meetings.register(convenor.fresh(meeting), people=rows, by=convenor.by)
    _they_came(teller, convenor, meeting, last)
    _something_is_to_be_done(teller, convenor, meeting, last + timedelta(days=7))
    survey = Survey.objects.get(meeting_evaluation__meeting=meeting)
    for days, answers in ((4, said.MET), (21, said.MET_LATE)):
        with teller.on(last + timedelta(days=days)):
            answer(survey, answers)


def _they_came(teller: Teller, convenor: Convenor, meeting: Meeting, last: date) -> None:
    places = Registration.objects.filter(meeting=meeting).values_list("pk", "email")
    came, excused = str(Attendance.PRESENT), str(Attendance.EXCUSED)
    with teller.on(last, time(17)):
        noted = {pk: excused if email == EXCUSED else came for pk, email in places}
        meetings.take_attendance(convenor.fresh(meeting), by=convenor.by, attendance=noted)
        meetings.record_held(convenor.fresh(meeting), by=convenor.by)
    with teller.on(last + timedelta(days=1), NINE):
        meetings.open_evaluation(convenor.fresh(meeting))


def _something_is_to_be_done(teller: Teller, convenor: Convenor, meeting: Meeting, day: date) -> None:
    with teller.on(day):
        who = Stakeholder.objects.get(email="analyst@calgary.example")
        now, until = convenor.fresh(meeting), day + timedelta(days=90)
        meetings.add_action(now, by=convenor.by, stakeholder=who, due_on=until, **said.NATIONAL_ACTION)


def ottawa_went_to_winnipeg(teller: Teller) -> None:
    """Both sides evaluate it, the hosts late; two ideas are noted on the way."""
    first = last_year(teller, 6, 9)
    team = ("representative@ottawa.example", "councillor@ottawa.example", "deputy@ottawa.example")
    exchange = _ask(teller, "ottawa", "winnipeg", first, team, ("youth", "partnerships"), said.TO_WINNIPEG)
    hosts = tuple(email for email in said.SHOWED_WINNIPEG if not email.startswith("representative@"))
    _hold(teller, exchange, first, hosts)
    visit = teller.leg(exchange)
    assert visit.ends_on
    teller.evaluate(exchange, visit.ends_on + timedelta(days=5), VISITORS, said.SAW_WINNIPEG)
    teller.evaluate(exchange, visit.ends_on + timedelta(days=19), HOSTS, said.SHOWED_WINNIPEG)


def saskatoon_went_to_halifax(teller: Teller) -> None:
    """The hosts never answer: the coordinator closes it with what the visitors said."""
    first = last_year(teller, 9, 15)
    team = ("representative@saskatoon.example", "councillor@saskatoon.example", "deputy@saskatoon.example")
    exchange = _ask(teller, "saskatoon", "halifax", first, team, ("gangs", "partnerships"), said.TO_HALIFAX)
    _hold(teller, exchange, first, ("councillor@halifax.example",))
    visit = teller.leg(exchange)
    assert visit.ends_on
    teller.evaluate(exchange, visit.ends_on + timedelta(days=6), VISITORS, said.SAW_HALIFAX)
    with teller.on(visit.ends_on + timedelta(days=47)):
        exchanges.close_one_sided(visit, by=teller.user("coordinator@network.example"), reason=said.ONE_SIDED)


def _ask(
    teller: Teller, guest: str, host: str, first: date, team: tuple[str, ...], topics: tuple[str, ...], asks: Any
) -> Exchange:
    request = Request(
        guest=guest, by=team[0], hosts=(host,), team=team, first=first, topics=topics, looks_further=False, **asks
    )
    return teller.ask(first - timedelta(days=62), request)


def _hold(teller: Teller, exchange: Exchange, first: date, hosts: tuple[str, ...]) -> None:
    """From the answer to the morning after the visit, with an idea or two on the way."""
    host = teller.leg(exchange).hosting
    assert host
    teller.accept(exchange, first - timedelta(days=55))
    teller.plan(exchange, first - timedelta(days=40), words.SIMPLE)
    teller.practical(exchange, first - timedelta(days=38), **words.PRACTICAL[host.slug])
    teller.gather(exchange, first - timedelta(days=36), hosts=hosts)
    teller.confirm(exchange, first - timedelta(days=28))
    if host.slug == "winnipeg":
        teller.idea(exchange, said.GYM, "North End Boxing")
        teller.idea(exchange, said.TWO_PAGES)
    else:
        teller.idea(exchange, said.HOSPITAL)
    teller.hold(exchange)


# ---- answers ---------------------------------------------------------------------------------------------------------


def quebec_is_evaluated(teller: Teller) -> None:
    """The regional meeting that was held a fortnight ago: two of three have answered, in French."""
    survey = Survey.objects.get(meeting_evaluation__meeting__region__slug="quebec")
    with teller.on(-6):
        answer(survey, said.MET_IN_QUEBEC)


def somebody_answers_late_about_planning(teller: Teller) -> None:
    """A low rating, after the day by which it was asked for, with a word for the reviewers only."""
    row = OfferingSurvey.objects.select_related("survey").get(offering__host__slug="ottawa", purpose="evaluation")
    with teller.on(-7):
        answer(row.survey, {"planner@vancouver.example": said.LATE_ABOUT_PLANNING})


def mentoring_is_checked_in(teller: Teller) -> None:
    """Asked after one and three months, and at the end: of an agreement that went well, and of one that ended early."""
    going = Agreement.objects.get(mentee__slug="thunder-bay", state=Agreement.State.ACTIVE)
    assert going.starts_on
    for months in (1, 3):
        answers = {side: given for (moment, side), given in said.CHECKED_IN.items() if moment == str(months)}
        _check_in(teller, going, add_months(going.starts_on, months), str(months), answers)
    for mentee, answers in (("quebec", said.CLOSED_WELL), ("vancouver", said.CLOSED_EARLY)):
        over = Agreement.objects.get(mentee__slug=mentee, state__in=Agreement.OVER)
        ended = over.changes.get(to_state__in=Agreement.OVER)
        _check_in(teller, over, timezone.localdate(ended.at) + timedelta(days=1), CheckIn.Moment.END, answers)


def _check_in(teller: Teller, agreement: Agreement, day: date, moment: str, answers: dict[str, Any]) -> None:
    """Ask what is due on `day`; one person of each side in `answers` answers four days later."""
    with teller.on(day, NOON):
        for one in due_check_ins():
            open_check_in(one)
    with teller.on(day + timedelta(days=4), NOON):
        for side, given in answers.items():
            survey = agreement.check_ins.select_related("survey").get(moment=moment, side=side).survey
            first = survey.invitations.order_by("pk").first()
            assert first
            answer(survey, {first.email: given})


# ---- the desk --------------------------------------------------------------------------------------------------------


class Reviewer:
    """What the reviewer does with an occasion, some days after the last answer."""

    def __init__(self, teller: Teller) -> None:
        self.by = teller.user("reviewer@network.example")
        self.themes = {theme.code: theme for theme in Theme.objects.all()}

    def review(
        self, occasion: Occasion, *, themes: Mapping[str, str] = {}, comment: str = "", asks: str = "", confidential: bool = False
    ) -> Any:  # fmt: skip
        """Read it, sort its texts (themes by code of the question), comment, and mark it as reviewed; return the follow-up."""
        newest = last_at(occasion)
        assert newest
        asked = None
        with at(min(newest + timedelta(days=3), timezone.now() - timedelta(hours=2))):
            if confidential:
                on_its_day(reviewing.read_confidential(occasion, by=self.by), "at")
            for code, theme in themes.items():
                self._sort(occasion, code, self.themes[theme])
            if comment:
                on_its_day(reviewing.comment(occasion, by=self.by, text=comment), "at")
            if asks:
                asked = reviewing.flag(occasion, by=self.by, text=asks)
                on_its_day(asked, "at")
            reviewing.mark_reviewed(occasion, by=self.by, seen_at=newest)
        return asked

    def _sort(self, occasion: Occasion, code: str, theme: Theme) -> None:
        of = "response__invitation__survey__occasion"
        rows = Answer.objects.filter(**{of: occasion}, question__code=code, response__submitted_at__isnull=False)
        for given in rows.select_related("question", "response__invitation__survey").order_by("pk"):
            for number, _text in enumerate(texts_to_code(given.question, given.value)):
                on_its_day(reviewing.code(given, by=self.by, theme=theme, item=number), "at")


def reviewers_read_what_came(teller: Teller) -> None:
    """Most of it is reviewed; a training and the documented visit wait, and one follow-up is open."""
    reviewer = Reviewer(teller)
    occasions = {(one.activity, one.title_en): one for one in Occasion.objects.order_by("pk")}
    national = occasions["meeting", said.NATIONAL["title_en"]]
    settled = reviewer.review(
        national, themes={"contribution": "investment", "next-topics": "access-and-languages"}, confidential=True,
        comment=said.COMMENTS["national"], asks=said.FOLLOW_UP_SETTLED[0],
    )  # fmt: skip
    national.refresh_from_db()
    assert national.reviewed_at
    with at(national.reviewed_at + timedelta(days=6)):
        reviewing.settle(settled, by=teller.user("coordinator@network.example"), outcome=said.FOLLOW_UP_SETTLED[1])
    reviewer.review(
        occasions["exchange", "Ottawa visits Winnipeg"], comment=said.COMMENTS["winnipeg"],
        themes={"contribution": "political-support", "improve": "organisation", "learned": "partnerships"},
    )  # fmt: skip
    reviewer.review(
        occasions["exchange", "Saskatoon visits Halifax"], comment=said.COMMENTS["halifax"],
        themes={"contribution": "obstacles", "improve": "organisation"},
    )  # fmt: skip
    visits = (
        "Saskatoon visits Calgary",
        "Calgary visits Saskatoon",
        "Halifax visits Vancouver",
        "Ottawa visits Halifax",
    )
    for title in visits:
        reviewer.review(occasions["exchange", title], themes={"contribution": "partnerships", "ideas": "community-participation"})  # fmt: skip
    quebec = Occasion.objects.get(activity="meeting", places__slug="quebec")
    reviewer.review(quebec, themes={"contribution": "measuring"}, asks=said.FOLLOW_UP_OPEN)
    reviewer.review(Occasion.objects.get(activity="training", surveys__offering_survey__purpose="use"), themes={"plan": "evidence"})  # fmt: skip
    for occasion in Occasion.objects.filter(activity="mentoring"):
        is_early = occasion.places.filter(slug="vancouver").exists()
        reviewer.review(occasion, comment=said.COMMENTS["early"] if is_early else "")


EVALUATED: tuple[Callable[[Teller], None], ...] = (
    the_network_met_last_year,
    ottawa_went_to_winnipeg,
    saskatoon_went_to_halifax,
    quebec_is_evaluated,
    somebody_answers_late_about_planning,
    mentoring_is_checked_in,
    reviewers_read_what_came,
)
