"""Exchanges lived through in a browser by the people they concern, with a real worker and beat that carry every letter.

The web server is the test's; Celery's worker and beat are processes of their own, on the same database and broker, and hand
the letters to a local mail server. What arrives there is compared word for word.
"""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from cmncp_portal.core.dates import days_in_words
from cmncp_portal.evaluation.models import Occasion
from cmncp_portal.evaluation.services import load_instruments
from cmncp_portal.network.models import Municipality, Standing
from cmncp_portal.network.services.data import load_demo_municipalities, load_reference_data
from cmncp_portal.network.tests.factories import make_representative, make_stakeholder, make_user
from cmncp_portal.notifications import tasks
from cmncp_portal.testing.background import Background, real_broker
from cmncp_portal.testing.sink import Sink
from exchanges.models import Exchange, PlanChange, Visit

from .journeys import stories
from .journeys.acts import Colleague, Guest, evaluate, notes_an_idea, reference_of
from .journeys.eyes import Eyes
from .journeys.people import PHONE, Person
from .journeys.post import Post, line_of
from .journeys.stories import JOAN, MIREILLE, PETER, TESS, THIERRY, Story

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.timeout(300),
    pytest.mark.django_db(transaction=True),
]
CLARA, NADIA, RENE = "clara@waterloo-region.example", "nadia@winnipeg.example", "rene@network.example"
SOLANGE = "solange@montreal.example"
PHONE_NUMBER = "204 555-0142"


@pytest.fixture
def eyes(live_server: Any, settings: Any) -> Eyes:
    settings.SITE_ADDRESS = live_server.url  # the links in letters lead to the server of the test
    return Eyes(live_server.url)


@pytest.fixture
def network(live_server: Any) -> dict[str, Municipality]:
    """The members of the network, their programmes, and the questionnaires."""
    load_reference_data()
    load_instruments()
    return {place.slug: place for place in load_demo_municipalities()}


@pytest.fixture
def sink() -> Iterator[Sink]:
    with Sink() as server:
        yield server


@pytest.fixture
def carried(live_server: Any, eyes: Eyes, sink: Sink, tmp_path: Path, monkeypatch: Any) -> Iterator[Sink]:
    """The mail server to which a real worker carries the letters, and a real beat sends it round."""
    with real_broker() as broker, Background(sink.port, eyes.site) as background:
        give = lambda args, **_options: broker.send_task("notifications.deliver", args)  # noqa: E731
        monkeypatch.setattr(tasks.deliver_letters, "apply_async", give)
        background.worker()
        background.beat(tmp_path)
        yield sink


@pytest.fixture
def at_a_browser(new_context: Callable[..., Any], eyes: Eyes) -> Callable[..., Any]:
    """at_a_browser(Colleague, "en", email) gives a person a browser of their own; keyword arguments are the browser's."""

    def make(kind: type[Person], language: str, email: str = "", **options: Any) -> Person:
        return kind(new_context(**options), eyes, language, email)

    return make


@pytest.fixture
def nadia(network: dict[str, Municipality], at_a_browser: Callable[..., Any]) -> Colleague:
    make_representative(network["winnipeg"], NADIA, name="Nadia Redriver", time_zone="America/Winnipeg")
    return at_a_browser(Colleague, "en", NADIA)


def visit_of(person: Person, leg: str = "first") -> Visit:
    return Visit.objects.with_plan().get(exchange__reference=reference_of(person), leg=leg)


def ahead(days: int) -> date:
    return timezone.localdate() + timedelta(days=days)


def on_other_days(person: Person, first: int, last: int) -> None:
    """The calendar turns until the visit begins `first` and ends `last` days from today; nobody is told."""
    visit = visit_of(person)
    today = visit.today()
    dates = {"starts_on": today + timedelta(days=first), "ends_on": today + timedelta(days=last)}
    Visit.objects.filter(pk=visit.pk).update(**dates)


def post_of(sink: Sink, eyes: Eyes, name: str, story: Story) -> Post:
    first, second = story.windows
    days = {
        "first period": first,
        "second period": second,
        "moved to": story.moved,
        "return visit": story.back,
        "answer due": ahead(14),
        "when it was held": (ahead(-10), ahead(-9)),
        "evaluation due": ahead(7),
        "evaluation closes": ahead(38),
    }
    return Post(sink, eyes.site, name, days)


# ---- one exchange, whole ---------------------------------------------------------------------------------------------


def test_waterloo_region_visits_winnipeg(
    network: dict[str, Municipality], eyes: Eyes, carried: Sink, nadia: Colleague, at_a_browser: Callable[..., Any]
) -> None:
    story = stories.waterloo_region_visits_winnipeg()
    post = post_of(carried, eyes, "waterloo-region-winnipeg", story)
    make_representative(network["waterloo-region"], CLARA, name="Clara Millpond")
    leader = make_user(PETER.email, name=PETER.name)
    make_stakeholder(network["waterloo-region"], user=leader, standing=Standing.LEADER, title=PETER.title)
    make_user(RENE, name="René Gagnon", roles=("reviewer",), language="fr")
    clara = at_a_browser(Colleague, "en", CLARA)
    peter = at_a_browser(Guest, "en", PETER.email)
    joan, tess = (at_a_browser(Guest, "en", viewport=PHONE, has_touch=True) for _who in "jt")

    the_request_is_made(clara.signs_in(), story, by_itself=True)
    letters = post.arrives("01 request sent", [CLARA, NADIA])
    nadia.signs_in()
    nadia.opens(post.link(letters[1]))
    nadia.accepts(story.window(0, "en"), "We look forward to it.")
    post.arrives("02 accepted", [CLARA, NADIA])

    both_plan(clara, nadia, story)
    clara.invites_the_team()
    nadia.invites(TESS)
    invited = post.arrives("03 invited", [PETER.email, JOAN.email, TESS.email])
    joans, tesss = by_address(invited, JOAN, TESS)
    the_guests_answer(post, joan, tess, joans, tesss)
    peter_answers_from_his_account(peter, story)

    one_side_confirms(clara)
    post.arrives("04 please confirm", [NADIA])
    one_side_confirms(nadia)
    everyone = [CLARA, NADIA, PETER.email, JOAN.email, TESS.email]
    confirmed = post.arrives("05 confirmed", everyone)
    assert calendar_lines(confirmed, "SEQUENCE") == {"1"}
    assert calendar_lines(confirmed, "DTSTART") == {f"TZID=America/Winnipeg:{story.windows[0][0]:%Y%m%d}T090000"}

    nadia.changes_the_dates(*story.moved, "Council meets that week.")
    changed = post.arrives("06 dates changed", everyone)
    assert calendar_lines(changed, "SEQUENCE") == {"2"}
    assert calendar_lines(changed, "UID") == calendar_lines(confirmed, "UID")
    one_side_confirms(nadia)
    post.arrives("07 please confirm again", [CLARA])
    one_side_confirms(clara)
    again = post.arrives("08 confirmed again", everyone)
    assert calendar_lines(again, "SEQUENCE") == {"3"}
    assert calendar_lines(again, "UID") == calendar_lines(confirmed, "UID")

    nadia.begins_later(story.stops[1], "14:00")
    PlanChange.objects.filter(visit=visit_of(nadia)).update(at=visit_of(nadia).created_at - timedelta(hours=1))
    post.arrives("09 small change", [NADIA, PETER.email, JOAN.email, TESS.email])

    the_day_comes(clara, joan)
    on_other_days(nadia, -10, -9)
    nadia.back_to_overview()
    nadia.records_who_came(absent=TESS)
    asked = post.arrives("10 please evaluate", [NADIA, PETER.email, JOAN.email])
    everyone_evaluates(post, nadia, peter, joan, by_address(asked, PETER, JOAN))
    post.arrives("11 both evaluated", [CLARA, CLARA, NADIA, NADIA])

    both_read_the_results(clara, nadia)
    the_reviewer_reads(at_a_browser(Colleague, "fr", RENE), clara)
    clara.opens(Exchange.objects.get())
    eyes.in_the_dark(clara.page, "en")
    nadia.opens(Exchange.objects.get())
    nadia.proposes_the_return([story.back], "Come and see what we made of it.")
    letters = post.arrives("12 return visit proposed", [CLARA])
    clara.opens(post.link(letters[0]))
    assert clara.heading() == "Answer the request"
    clara.reads("Winnipeg visits Waterloo Region")
    clara.accepts(days_in_words(*story.back, "en"))
    post.arrives("13 return visit accepted", [CLARA, NADIA])
    back = visit_of(clara, "return")
    assert (back.state, str(back.visiting), str(back.hosting)) == (Visit.State.ACCEPTED, "Winnipeg", "Waterloo Region")
    assert back.starts_on == story.back[0]

    clara.opens(visit_of(clara))
    clara.goes_to("Evaluation")
    assert clara.opens_the_report().startswith(b"%PDF-")
    eyes.report()


def the_request_is_made(person: Colleague, story: Story, *, by_itself: bool = False) -> None:
    """From the first sentence to the button that sends it. `by_itself`: the draft is also left to save itself."""
    if by_itself:
        person.page.clock.install()
    person.asks_for_a_visit(story)
    person.completes_the_request(story)
    if by_itself:
        person.waits_for_the_draft_to_save_itself()
    else:
        person.presses("Save the draft")
    person.names_the_team(story)
    person.opens(Exchange.objects.get(reference=reference_of(person)))
    person.follows("Go on with the draft")
    person.sends_it(story)


def both_plan(guest: Colleague, host: Colleague, story: Story) -> None:
    """Each side proposes a stop and agrees to the other's; the hosts say where to arrive and add a document."""
    first, second = story.stops
    host.goes_to("Programme")
    host.proposes(first)
    guest.opens(visit_of(host))
    guest.goes_to("Programme")
    guest.reads(guest.word("No stop serves this yet"))
    guest.agrees_to(first)
    guest.proposes(second)
    assert guest.page.get_by_text(guest.word("No stop serves this yet")).count() == 0
    host.goes_to("Programme")
    host.agrees_to(second)
    host.says_where_to_arrive(story.address, PHONE_NUMBER)
    host.adds_a_document(story.document)


def by_address(letters: list[Any], *people: stories.Somebody) -> list[Any]:
    found = {mail["X-RcptTo"]: mail for mail in letters}
    return [found[one.email] for one in people]


def calendar_lines(letters: list[Any], name: str) -> set[str]:
    """Return the different values of a line in the calendar files of those who travel: all but Clara, who stays at home."""
    return {line_of(mail, name) for mail in letters if mail["X-RcptTo"] != CLARA}


def the_guests_answer(post: Post, joan: Guest, tess: Guest, joans: Any, tesss: Any) -> None:
    """Joan from her phone, with what she needs; Tess, whose language nobody knew, from the English half of her letter."""
    joan.opens(post.link(joans))
    assert Exchange.objects.get().first_visit.team.get(email=JOAN.email).status == "invited"  # opening is not answering
    joan.says_yes("Gladly.")
    joan.says_what_is_needed("No nuts", "A place near the door", "Kim, 519 555-0117")
    joan.reads("The situation in Winnipeg", "North End Boxing", "9:00\u00a0a.m. – 10:30\u00a0a.m.", "Winnipeg time")
    tess.opens(post.link(tesss))
    tess.says_yes()


def peter_answers_from_his_account(peter: Guest, story: Story) -> None:
    """He finds the invitation among what waits for him."""
    peter.signs_in()
    peter.takes_up("You are invited to take part: say whether you come.")
    peter.says_yes()


def one_side_confirms(person: Colleague) -> None:
    person.opens(visit_of(person))
    person.follows("Read and confirm the plan")
    person.confirms()


def the_day_comes(clara: Colleague, joan: Guest) -> None:
    """The programme of today on a telephone, with the number to call; ideas are noted from both kinds of pages."""
    on_other_days(clara, 0, 1)
    clara.page.set_viewport_size(PHONE)
    clara.opens(visit_of(clara))
    clara.follows("Today’s programme")
    assert clara.heading() == "Today"
    assert clara.page.locator("a.call").get_attribute("href") == "tel:204555-0142"
    notes_an_idea(clara, "Ask young people to film their street")
    clara.page.set_viewport_size({"width": 1280, "height": 720})
    joan.opens(joan.page.url)
    joan.reads("Next")
    joan.notes("Share the statistics every spring")


def everyone_evaluates(post: Post, nadia: Colleague, peter: Guest, joan: Guest, letters: list[Any]) -> None:
    """Two visitors, one of them without an account, and the host; neither side reads the other's words before both have written."""
    peters, joans = letters
    joan.opens(post.link(joans))
    evaluate(
        joan,
        {
            "usefulness": 5,
            "contribution": "A common plan that council renews",
            "return-visit": "yes",
            "quote": "unnamed",
        },
    )
    peter.opens(post.link(peters))
    evaluate(
        peter, {"usefulness": 4, "contribution": "A line in the budget", "return-visit": "yes", "quote": "unnamed"}
    )
    nadia.opens(visit_of(nadia))
    nadia.goes_to("Evaluation")
    assert nadia.page.get_by_text("A common plan that council renews").count() == 0
    nadia.follows("My evaluation")
    evaluate(nadia, {"usefulness": 5, "learned": "How a region plans with its cities", "return-visit": "yes"})


def both_read_the_results(clara: Colleague, nadia: Colleague) -> None:
    for person in (clara, nadia):
        person.opens(visit_of(clara))
        person.goes_to("Evaluation")
        person.reads("A common plan that council renews", "A line in the budget", "How a region plans with its cities")
        assert person.page.get_by_text(JOAN.name).count() == 0
        person.reads("Ask young people to film their street")


def the_reviewer_reads(rene: Colleague, clara: Colleague) -> None:
    """René reads in French, comments, and marks the evaluations as reviewed."""
    rene.signs_in()
    rene.opens(Exchange.objects.get())
    rene._comes_by(rene.page.locator("main .row__title a").first.click)
    rene.goes_to("Evaluation")
    assert rene.page.get_by_text(JOAN.name).count() == 0  # names stand on the desk only
    rene.follows("Review this evaluation")
    rene.reads("A line in the budget", JOAN.name)
    rene.writes(comment="Deux réponses concordantes.")
    rene.presses("Add the comment")
    rene.presses("Mark as reviewed")
    assert rene.told() == [rene.word("Marked as reviewed.")]
    assert Occasion.objects.get(key=f"visit-{visit_of(clara).pk}").reviewed_by.email == RENE


# ---- the same in French ----------------------------------------------------------------------------------------------


def test_montreal_visite_winnipeg(
    network: dict[str, Municipality], eyes: Eyes, carried: Sink, nadia: Colleague, at_a_browser: Callable[..., Any]
) -> None:
    """Solange's pages hold no English word of the interface, her letters are French, and those of her host English."""
    story = stories.montreal_visite_winnipeg()
    eyes.all_french = True
    post = post_of(carried, eyes, "montreal-winnipeg", story)
    make_representative(network["montreal"], SOLANGE, name="Solange Desbouleaux", language="fr")
    solange = at_a_browser(Colleague, "fr", SOLANGE)
    mireille = at_a_browser(Guest, "fr", viewport=PHONE, has_touch=True)

    the_request_is_made(solange.signs_in(), story)
    letters = post.arrives("01 request sent", [NADIA, SOLANGE])
    assert [mail["Content-Language"] for mail in letters] == ["en-CA", "fr-CA"]
    nadia.signs_in()
    nadia.opens(post.link(letters[0]))
    nadia.accepts(story.window(0, "en"))
    post.arrives("02 accepted", [NADIA, SOLANGE])

    both_plan(solange, nadia, story)
    solange.goes_to("Practical details")
    solange.goes_to("Documents")
    solange.invites_the_team()
    mireilles, thierrys = by_address(post.arrives("03 invited", [MIREILLE.email, THIERRY.email]), MIREILLE, THIERRY)
    mireille.opens(post.link(mireilles))
    mireille.says_yes("Avec plaisir.")
    mireille.says_what_is_needed("Sans noix", "Une place près de la porte", "Kim, 514 555-0117")
    mireille.reads("Portrait de la situation", "9\u00a0h – 10\u00a0h\u00a030")
    mireille.opens(post.link(thierrys))  # on the telephone that they share
    mireille.says_yes()

    one_side_confirms(nadia)
    post.arrives("04 please confirm", [SOLANGE])
    one_side_confirms(solange)
    confirmed = post.arrives("05 confirmed", [NADIA, SOLANGE, MIREILLE.email, THIERRY.email])
    travelling = [mail for mail in confirmed if mail["X-RcptTo"] != SOLANGE]
    start = f"TZID=America/Winnipeg:{story.windows[0][0]:%Y%m%d}T090000"
    assert {line_of(mail, "DTSTART") for mail in travelling} == {start}
    assert {line_of(mail, "SUMMARY")[:14] for mail in travelling} == {"LANGUAGE=en-CA", "LANGUAGE=fr-CA"}

    solange_after_the_visit(solange, nadia, mireille, post)
    eyes.report()


def solange_after_the_visit(solange: Colleague, nadia: Colleague, mireille: Guest, post: Post) -> None:
    """The pages of the day, the record, the evaluations and the return visit, in French."""
    solange.opens(visit_of(solange))
    on_other_days(solange, 0, 1)
    solange.back_to_overview()
    solange.follows("Today’s programme")
    notes_an_idea(solange, "Filmer les rues avec les jeunes")
    on_other_days(solange, -10, -9)
    solange.back_to_overview()
    solange.records_who_came()
    letters = post.arrives("06 please evaluate", [NADIA, MIREILLE.email, THIERRY.email])
    mireille.opens(post.link(by_address(letters, MIREILLE)[0]))
    evaluate(mireille, {"usefulness": 5, "contribution": "Un plan que le conseil renouvelle", "return-visit": "yes"})
    nadia.opens(post.link(next(mail for mail in letters if mail["X-RcptTo"] == NADIA)))
    evaluate(nadia, {"usefulness": 4, "learned": "How districts decide", "return-visit": "yes"})
    post.arrives("07 both evaluated", [NADIA, NADIA, SOLANGE, SOLANGE])
    solange.goes_to("Evaluation")
    solange.reads("Un plan que le conseil renouvelle", "How districts decide")
    solange.opens(Exchange.objects.get())
    solange.follows("Decide about the return visit")


# ---- without script --------------------------------------------------------------------------------------------------


def test_a_request_is_made_and_answered_without_javascript(
    network: dict[str, Municipality], eyes: Eyes, nadia: Colleague, at_a_browser: Callable[..., Any], new_context: Any
) -> None:
    story = stories.waterloo_region_visits_winnipeg()
    eyes.can_run = False
    make_representative(network["waterloo-region"], CLARA, name="Clara Millpond")
    clara = at_a_browser(Colleague, "en", CLARA, java_script_enabled=False)
    staff = Colleague(new_context(java_script_enabled=False), eyes, "en", NADIA)
    the_request_is_made(clara.signs_in(), story)
    staff.signs_in()
    staff.takes_up("%(visitors)s visits %(hosts)s", visitors="Waterloo Region", hosts="Winnipeg")
    staff.follows("Answer")
    staff.accepts(story.window(1, "en"))
    assert visit_of(clara).starts_on == story.windows[1][0]
    clara.opens(visit_of(clara))
    clara.goes_to("Programme")
    clara.proposes(story.stops[0])
    eyes.report()
