"""The exchanges of the demonstration, one for each stage that a newcomer should see.

The first is documented: Waterloo Region visited Winnipeg on a 17 and 18 November, with three visitors, five hosts and seven
programmes (http://safercities.ca/waterloo-region-to-visit-winnipeg-to-share-community-safety-crime-prevention-strategies/).
The titles and programmes are the real ones, the people are invented, the clock times are ours; the year is the latest in which
those days are past. All other exchanges are invented.
"""

from collections.abc import Callable
from datetime import date, time, timedelta

from exchanges import services
from exchanges.models import Exchange

from . import words
from .teller import Plan, Request, Teller

VISITORS, HOSTS = "visitors", "hosts"


def documented_days(today: date) -> tuple[date, date]:
    """Return the latest 17 and 18 November that are over."""
    year = today.year if today > date(today.year, 11, 18) else today.year - 1
    return date(year, 11, 17), date(year, 11, 18)


def waterloo_visits_winnipeg(teller: Teller) -> None:
    """Held; the visitors begin to evaluate, the hosts have not answered yet."""
    first, last = documented_days(teller.today)
    team = ("councillor@waterloo-region.example", "chief@waterloo-region.example", "vice-chair@waterloo-region.example")
    hosts = ("councillor@winnipeg.example", "councillor.stonebridge@winnipeg.example", "councillor.maplewood@winnipeg.example",
             "cao@winnipeg.example", "deputy.chief@winnipeg.example")  # fmt: skip
    exchange = teller.ask(
        first - timedelta(days=96),
        Request(
            guest="waterloo-region", by="representative@waterloo-region.example", hosts=("winnipeg",), team=team, first=first,
            challenge="How do leaders, police and community organisations in Winnipeg plan prevention together, pay for it and know that it works?",
            topics=("planning", "investment", "measuring-success", "indigenous-safety"),
            objectives=("See how planning is shared between the city, the police and community organisations",
                        "Learn how Winnipeg gets greater investment in prevention",
                        "Compare how both of us measure success"),
            programmes_of="winnipeg",
        ),
    )  # fmt: skip
    teller.accept(exchange, first - timedelta(days=89))
    teller.plan(exchange, first - timedelta(days=60), words.WINNIPEG)
    teller.practical(exchange, first - timedelta(days=50), **words.PRACTICAL["winnipeg"])
    teller.gather(exchange, first - timedelta(days=48), hosts=hosts)
    teller.confirm(exchange, first - timedelta(days=33))
    teller.idea(exchange, "Invite young people to film what makes their street feel safe", "Just TV")
    teller.idea(exchange, "Ask who is missing at our own table before the next plan is written", "Ma Mawi")
    teller.hold(exchange)
    answers = {email: words.VISITORS_EN[n] for n, email in enumerate(team[1:])}
    teller.evaluate(exchange, last + timedelta(days=2), VISITORS, answers)


def thunder_bay_drafts(teller: Teller) -> None:
    """A draft: only Thunder Bay sees it."""
    teller.draft(
        -3,
        Request(
            guest="thunder-bay", by="representative@thunder-bay.example", hosts=("saskatoon",), first=teller.day(75),
            challenge="How can a city of our size keep young people out of gangs when they move here for school?",
            topics=("youth", "gangs"), objectives=("Meet the people who receive newcomers at school",),
        ),
    )  # fmt: skip


def thunder_bay_asks_winnipeg(teller: Teller) -> None:
    """Requested: Winnipeg has nine days left to answer."""
    teller.ask(
        -5,
        Request(
            guest="thunder-bay", by="representative@thunder-bay.example", hosts=("winnipeg",), first=teller.day(58),
            team=("councillor@thunder-bay.example", "planner@thunder-bay.example"),
            challenge="What makes young people stay with a programme in the North End, and what would it take in Thunder Bay?",
            topics=("youth", "indigenous-safety"), programmes_of="winnipeg",
            objectives=("Talk with young people who stayed", "See how organisations led by Indigenous people work with the city"),
        ),
    )  # fmt: skip


def saskatoon_looks_for_a_host(teller: Teller) -> None:
    """Finding a host: the network proposes one."""
    teller.ask(
        -6,
        Request(
            guest="saskatoon", by="representative@saskatoon.example", first=teller.day(70),
            team=("councillor@saskatoon.example", "deputy@saskatoon.example"),
            challenge="How does a city bring housing, health and police to one table without a new law?",
            topics=("housing", "partnerships", "mental-health"),
            objectives=("Sit in on a meeting of such a table", "Understand who pays for what"),
        ),
    )  # fmt: skip


def montreal_asks_quebec(teller: Teller) -> None:
    """New dates proposed, in French: Montréal chooses."""
    exchange = teller.ask(
        -12,
        Request(
            guest="montreal", by="representante@montreal.example", hosts=("quebec",), first=teller.day(40), language="fr",
            team=("elue@montreal.example", "conseiller@montreal.example"),
            challenge="Comment Québec fait-elle participer les quartiers au diagnostic de sécurité, et que deviennent les réponses?",
            topics=("neighbourhoods", "measuring-success"),
            objectives=("Suivre un diagnostic du début à la fin", "Voir comment les résultats reviennent à la population"),
        ),
    )  # fmt: skip
    start = teller.day(55)
    with teller.on(-2):
        services.propose_windows(
            teller.leg(exchange),
            windows=[(start, start + timedelta(days=1)), (start + timedelta(days=7), start + timedelta(days=8))],
            by=teller.speaker("quebec"),
            word="Notre consultation des quartiers se tient ces semaines-là\u00a0: vous pourriez y assister.",
        )


def calgary_plans_ottawa(teller: Teller) -> None:
    """Being planned, with gaps: an objective that nothing serves, a stop not agreed, a telephone missing."""
    exchange = teller.ask(
        -40,
        Request(
            guest="calgary", by="representative@calgary.example", hosts=("ottawa",), first=teller.day(50),
            team=("councillor@calgary.example", "analyst@calgary.example"),
            challenge="How does Ottawa keep a crime prevention office going through several councils?",
            topics=("partnerships", "investment"),
            objectives=("Understand how the office is governed", "See how council is kept informed", "Learn what evaluation costs"),
        ),
    )  # fmt: skip
    teller.accept(exchange, -33)
    teller.plan(exchange, -14, words.OTTAWA)
    teller.plan(exchange, -6, words.OTTAWA_PROPOSED, agreed=False)
    teller.practical(exchange, -6, address="Ottawa City Hall, 110 Laurier Avenue West")
    teller.gather(exchange, -5, hosts=("councillor@ottawa.example",), silent=("councillor@calgary.example",))


def vancouver_goes_to_calgary(teller: Teller) -> None:
    """Confirmed, next month."""
    exchange = teller.ask(-70, words.simple(teller, "vancouver", "calgary", "planner", teller.day(29), 0))
    _prepare(teller, exchange, -60, -20, "calgary")


def quebec_is_in_ottawa(teller: Teller) -> None:
    """Under way today: the page for the day, on a phone."""
    exchange = teller.ask(-80, words.simple(teller, "quebec", "ottawa", "agente", teller.today, 1))
    _prepare(teller, exchange, -70, -30, "ottawa")


def ottawa_visited_halifax(teller: Teller) -> None:
    """Both sides have evaluated: each reads the other's answers, both decide about the return visit."""
    exchange = teller.ask(-140, words.simple(teller, "ottawa", "halifax", "deputy", teller.day(-45), 2))
    _prepare(teller, exchange, -130, -75, "halifax")
    _hold_and_evaluate(teller, exchange, "ottawa", "halifax", "deputy")


def halifax_visited_vancouver(teller: Teller) -> None:
    """Evaluated, and Vancouver proposes its return visit: Halifax answers."""
    exchange = teller.ask(-200, words.simple(teller, "halifax", "vancouver", "coordinator", teller.day(-100), 3))
    _prepare(teller, exchange, -190, -130, "vancouver")
    _hold_and_evaluate(teller, exchange, "halifax", "vancouver", "coordinator")
    start = teller.day(65)
    with teller.on(-4):
        services.propose_return(
            Exchange.objects.get(pk=exchange.pk),
            windows=[(start, start + timedelta(days=1)), (start + timedelta(days=21), start + timedelta(days=22))],
            by=teller.speaker("vancouver"),
            word="We would like to see how your youth table meets in winter.",
        )


def saskatoon_and_calgary_complete(teller: Teller) -> None:
    """Closed, with the return visit and the report for council."""
    exchange = teller.ask(-400, words.simple(teller, "saskatoon", "calgary", "deputy", teller.day(-300), 4))
    _prepare(teller, exchange, -390, -330, "calgary")
    _hold_and_evaluate(teller, exchange, "saskatoon", "calgary", "deputy")
    start = teller.day(-160)
    with teller.on(-250):
        services.propose_return(
            Exchange.objects.get(pk=exchange.pk),
            windows=[(start, start + timedelta(days=1))],
            by=teller.speaker("calgary"),
        )
    teller.accept(exchange, -245, leg="return")
    teller.plan(exchange, -220, words.SIMPLE, leg="return")
    teller.practical(exchange, -218, leg="return", **words.PRACTICAL["saskatoon"])
    visitors = ("councillor@calgary.example", "analyst@calgary.example")
    teller.gather(exchange, -215, leg="return", visitors=visitors, hosts=("councillor@saskatoon.example",))
    teller.confirm(exchange, -200, leg="return")
    teller.hold(exchange, leg="return")
    after = start + timedelta(days=8)
    teller.evaluate(exchange, after, VISITORS, {visitors[1]: words.VISITORS_EN[1]}, leg="return")
    teller.evaluate(exchange, after, HOSTS, {"representative@saskatoon.example": words.HOSTS_EN}, leg="return")
    with teller.on(-120):
        services.close_exchange(Exchange.objects.get(pk=exchange.pk), by=teller.speaker("saskatoon"))


def vancouver_declines(teller: Teller) -> None:
    """Declined, with a word to the visitors."""
    request = words.simple(teller, "thunder-bay", "vancouver", "planner", teller.day(20), 5)
    exchange = teller.ask(-60, request)
    with teller.on(-52):
        services.decline(
            teller.leg(exchange), reason="staffing", text="Two of our positions are vacant until summer. Please ask us again then.",
            is_text_shared=True, by=teller.speaker("vancouver"),
        )  # fmt: skip


def halifax_cancelled(teller: Teller) -> None:
    """Cancelled after it was confirmed; everyone was told."""
    exchange = teller.ask(-95, words.simple(teller, "calgary", "halifax", "analyst", teller.day(-15), 6))
    _prepare(teller, exchange, -85, -40, "halifax")
    with teller.on(-17):
        services.cancel(
            teller.leg(exchange),
            by=teller.speaker("halifax"),
            note="A storm is forecast for both days and the airport expects to close.",
        )


def montreal_postponed(teller: Teller) -> None:
    """Postponed: both sides look for new dates."""
    exchange = teller.ask(-75, words.simple(teller, "montreal", "ottawa", "conseiller", teller.day(10), 7))
    teller.accept(exchange, -66)
    with teller.on(-8, time(14, 0)):
        services.postpone(
            teller.leg(exchange),
            by=teller.speaker("montreal"),
            note="Le budget est adopté cette semaine-là; nous proposons de reporter au printemps.",
        )


def _prepare(teller: Teller, exchange: Exchange, accepted: int, confirmed: int, host: str, stops: Plan = ()) -> None:
    """From the answer to two confirmations, when all goes well."""
    teller.accept(exchange, accepted)
    teller.plan(exchange, confirmed - 20, stops or words.SIMPLE)
    teller.practical(exchange, confirmed - 18, **words.PRACTICAL[host])
    leader = {"montreal": "elue", "quebec": "elu"}.get(host, "councillor")
    teller.gather(exchange, confirmed - 15, hosts=(f"{leader}@{host}.example",))
    teller.confirm(exchange, confirmed)


def _hold_and_evaluate(teller: Teller, exchange: Exchange, guest: str, host: str, staff: str) -> None:
    """Held, then answered by two visitors and the host's representative."""
    teller.idea(exchange, "Ask the same ten questions every spring, and publish the answers")
    teller.hold(exchange)
    ends_on = teller.leg(exchange).ends_on
    assert ends_on
    visitors = {f"councillor@{guest}.example": words.VISITORS_EN[0], f"{staff}@{guest}.example": words.VISITORS_EN[1]}
    teller.evaluate(exchange, ends_on + timedelta(days=5), VISITORS, visitors)
    teller.evaluate(exchange, ends_on + timedelta(days=9), HOSTS, {f"representative@{host}.example": words.HOSTS_EN})


STORIES: tuple[Callable[[Teller], None], ...] = (
    saskatoon_and_calgary_complete,
    halifax_visited_vancouver,
    ottawa_visited_halifax,
    waterloo_visits_winnipeg,
    halifax_cancelled,
    quebec_is_in_ottawa,
    montreal_postponed,
    vancouver_goes_to_calgary,
    vancouver_declines,
    calgary_plans_ottawa,
    montreal_asks_quebec,
    saskatoon_looks_for_a_host,
    thunder_bay_asks_winnipeg,
    thunder_bay_drafts,
)
