"""A town hears of the network and joins it; another is accompanied; a third says where its strategy stands. In a browser.

As in test_journeys.py, worker and beat are real, and what arrives by mail is compared word for word.
"""

from collections.abc import Callable
from datetime import time
from typing import Any

import pytest

from cmncp_portal.accounts.models import Role
from cmncp_portal.core.days import add_working_days, next_working_day
from cmncp_portal.evaluation.services import load_instruments
from cmncp_portal.joining.models import Interest
from cmncp_portal.joining.tests.factories import make_applicant, make_fee
from cmncp_portal.network.models import Membership, Municipality, Standing, Topic
from cmncp_portal.network.services.data import load_reference_data
from cmncp_portal.network.tests.factories import make_municipality, make_representative, make_stakeholder, make_user
from cmncp_portal.progress.services.data import load_checks
from cmncp_portal.testing.sink import Sink
from mentoring.models import Agreement, MentorOffer
from mentoring.selectors.check_ins import add_months
from mentoring.services import checking, sweeping
from mentoring.tests.factories import make_need

from . import test_journeys_meetings as usual
from .journeys.acts import evaluate
from .journeys.companions import (
    JOINING,
    MENTORING,
    PROGRESS,
    Companion,
    CompanionPost,
    a_month_goes_by,
    not_seen,
)
from .journeys.eyes import Eyes
from .journeys.people import PHONE
from .journeys.post import Days
from .journeys.stories import two_days
from .test_journeys import ahead

pytestmark = usual.pytestmark
at_a_browser, carried, eyes, sink, written = (
    usual.at_a_browser, usual.carried, usual.eyes, usual.sink, usual.written
)  # fmt: skip

PRIYA, HELEN, AMINA = "priya@network.example", "helen@winnipeg.example", "amina@thunderbay.example"
SAM, SIMONE = "sam@merritt.example", "simone@timmins.example"
LUC, ELISE = "luc@gatineau.example", "elise@valdor.example"
SESSION = two_days(21)[0]
GOALS = "Name a responsibility centre, and adopt a first plan."


@pytest.fixture
def places(live_server: Any) -> dict[str, Municipality]:
    """Two members of the network and its coordinator; the words, the checks and the questionnaires."""
    load_reference_data()
    load_instruments()
    load_checks()
    make_user(PRIYA, name="Priya Nair", roles=(Role.COORDINATOR,))
    found = {
        "winnipeg": make_municipality("winnipeg", province="MB", time_zone="America/Winnipeg", population=749_607),
        "thunder-bay": make_municipality("thunder-bay", population=108_843),
    }
    make_representative(found["winnipeg"], HELEN, name="Helen Friesen", time_zone="America/Winnipeg")
    make_representative(found["thunder-bay"], AMINA, name="Amina Diallo")
    return found


def post_of(sink: Sink, eyes: Eyes, name: str) -> CompanionPost:
    days: Days = {
        "today": ahead(0),
        "decision": ahead(-10),
        "in two weeks": ahead(14),
        "next session": SESSION,
        "goal": ahead(90),
    }
    days |= {"answer of the network": add_working_days(ahead(0), 5), "answer": next_working_day(ahead(10))}
    days |= {"a month ago": ahead(-32), "in a year": add_months(ahead(0), 12)}
    return CompanionPost(sink, eyes.site, name, days)


def of(letters: list[Any], email: str) -> Any:
    return {mail["X-RcptTo"]: mail for mail in letters}[email]


# ---- joining ---------------------------------------------------------------------------------------------------------


def test_merritt_joins(
    places: dict[str, Municipality], eyes: Eyes, written: Sink, at_a_browser: Callable[..., Any]
) -> None:
    """Four fields, a button, an invitation, an application, an account, and the first of five steps."""
    post = post_of(written, eyes, "merritt")
    make_fee()
    sam = at_a_browser(Companion, "en", SAM, viewport=PHONE, has_touch=True)
    priya = at_a_browser(Companion, "en", PRIYA)

    he_asks(sam, post)
    he_is_invited(priya.signs_in(), post)
    he_applies(sam, post)
    he_comes_in(sam, priya, post)
    for page in ("joining:resolution", "joining:lost_link", "joining:join"):
        sam.comes_to(page)
    for page in ("joining:desk", "joining:fees", "joining:renewals"):
        priya.comes_to(page)
    eyes.in_the_dark(priya.page, "en")
    priya.comes_to("joining:interest", Interest.objects.get().pk)
    priya.comes_to("joining:interest_act", Interest.objects.get().pk, "close")
    priya.comes_to("joining:my_renewal", places["winnipeg"])
    assert not_seen(eyes, JOINING) == set()
    eyes.report()


def he_asks(sam: Companion, post: CompanionPost) -> None:
    """Opening the letter's link changes nothing, the button does."""
    sam.comes_to("joining:join")
    sam.writes(place_name="Merritt", province="BC", name="Sam Voght", email=SAM)
    sam.sends("#begin form")
    assert sam.is_at() == "joining:sent"
    first = post.arrives("01 please confirm", [SAM])
    sam.opens(post.link(first[0]))
    assert Interest.objects.get().state == "unconfirmed"
    sam.presses("Yes, this address is mine")
    assert sam.told() == ["Thank you: your address is confirmed."]
    post.arrives("02 received", [PRIYA, SAM])
    sam.writes(role="Community Services Manager", population=7_051, why="Our council voted for it.")
    sam.presses("Save")


def he_is_invited(priya: Companion, post: CompanionPost) -> None:
    """No such community is listed: she makes it known, and invites."""
    priya.comes_to("joining:desk")
    priya.follows("Merritt")
    priya.reads("Our council voted for it.", "No community with such a name is listed.")
    priya.follows("Make it known")
    priya.writes(time_zone="America/Vancouver", population_year=2021)
    priya.sends()
    assert priya.is_at() == "joining:interest"
    priya.does("invite_to_apply", "Welcome!")


def he_applies(sam: Companion, post: CompanionPost) -> None:
    invited = post.arrives("03 please apply", [SAM])
    sam.opens(post.link(invited[0]))
    if sam.is_at() == "joining:page":
        sam.follows("Write the application")
    sam.writes(kind="general", resolution_on=ahead(-10), resolution_reference="2027-04")
    sam.writes(representative_name="Sam Voght", representative_email=SAM, representative_language="en")
    sam.writes(consent_represents=True, consent_directory=True, consent_privacy=True)
    sam.presses("Save and send to the coordinators")
    assert sam.is_at() == "joining:page", sam.told()


def he_comes_in(sam: Companion, priya: Companion, post: CompanionPost) -> None:
    """One letter says that Merritt is admitted, another brings the account."""
    applied = post.arrives("04 application", [PRIYA, SAM])
    priya.opens(post.link(of(applied, PRIYA)))
    priya.does("approve")
    assert Membership.objects.filter(municipality__name_en="Merritt", kind="general").count() == 1
    letters = post.arrives("05 admitted", [SAM, SAM])
    by_kind = {mail["X-CMNCP-Kind"]: mail for mail in letters}
    sam.opens(post.link(by_kind["accounts.invitation"]))
    sam.writes(password="correct horse battery")
    sam.sends()
    sam.opens(post.link(by_kind["joining.approved"]))
    assert sam.is_at() == "joining:first_steps"
    sam.does("mentor")
    sam.eyes.in_the_dark(sam.page, "en")


# ---- mentoring -------------------------------------------------------------------------------------------------------


def test_thunder_bay_accompanies_timmins(
    places: dict[str, Municipality], eyes: Eyes, written: Sink, at_a_browser: Callable[..., Any], monkeypatch: Any
) -> None:
    """Brought together with reasons; Simone of Timmins does all from her personal link, on a telephone."""
    post = post_of(written, eyes, "thunder-bay-timmins")
    timmins = make_applicant("timmins", province="ON", time_zone="America/Toronto", population=41_145)
    make_stakeholder(timmins, name="Simone Lac", email=SIMONE, standing=Standing.REPRESENTATIVE, title="Planner")
    topic = Topic.objects.get(slug="youth")
    need = make_need(timmins, topics=[topic], goals=GOALS)
    amina, priya, helen = (at_a_browser(Companion, "en", email) for email in (AMINA, PRIYA, HELEN))
    simone = at_a_browser(Companion, "en", viewport=PHONE, has_touch=True)

    she_offers(amina.signs_in(), places["thunder-bay"], topic)
    agreement, asked = they_are_brought_together(priya.signs_in(), need.pk, post)
    amina.opens(post.link(of(asked, AMINA)))
    amina.accepts()
    simone.opens(post.link(of(asked, SIMONE)))
    simone.reads(GOALS)
    simone.accepts()
    begun = post.arrives("02 it begins", [AMINA, SIMONE])
    they_work(amina, simone, agreement, post.link(of(begun, SIMONE)))
    post.arrives("03 next session", [AMINA, SIMONE])

    a_month_goes_by(agreement)
    monkeypatch.setattr(checking, "OPENS", time())  # a story that is told at night does not wait for the morning
    assert sweeping.follow_up() > 0
    check_in = post.arrives("04 check-in", [AMINA, SIMONE])
    simone.opens(post.link(of(check_in, SIMONE)))
    evaluate(simone, {"going": 5})
    priya.comes_to("mentoring:check_ins", agreement.reference)
    she_sees_the_rest(amina, priya, helen.signs_in(), places, agreement)
    it_is_completed(amina, agreement)
    post.arrives("05 completed", [AMINA, AMINA, SIMONE, SIMONE, SIMONE])
    assert not_seen(eyes, MENTORING) == set()
    eyes.report()


def she_offers(amina: Companion, place: Municipality, topic: Topic) -> None:
    amina.comes_to("mentoring:overview")
    amina.follows("What you offer")
    amina.writes(
        about="Twenty years of a strategy.", topics=topic.pk, languages="en", capacity=1, hours=4, meets="online"
    )
    amina.presses("Save")
    assert MentorOffer.objects.get().municipality == place


def they_are_brought_together(priya: Companion, need: int, post: CompanionPost) -> tuple[Agreement, list[Any]]:
    """She reads who fits and why, compares the best set with her own choice, and asks both."""
    priya.comes_to("mentoring:desk")
    priya.follows("Timmins")
    priya.reads("Thunder Bay", "How the points are counted")
    priya.comes_to("mentoring:best_set")
    priya.eyes.in_the_dark(priya.page, "en")
    priya.comes_to("mentoring:candidates", need)
    priya.presses("Propose Thunder Bay")
    agreement = Agreement.objects.get()
    priya.follows("Read it and ask both")
    priya.writes(word="You share a lake and a river.")
    priya.presses("Ask both municipalities")
    return agreement, post.arrives("01 both are asked", [AMINA, SIMONE])


def they_work(amina: Companion, simone: Companion, agreement: Agreement, link: str) -> None:
    """Simone adds a goal by her link; Amina writes a session down and sets the next one."""
    simone.opens(link)
    assert simone.is_at() == "mentoring:guest"
    simone.follows("Agree on goals")
    simone.writes(text="A responsibility centre is named.", due_on=ahead(90))
    simone.presses("Add the goal")
    simone.reads("A responsibility centre is named.")
    amina.comes_to("mentoring:session_add", agreement.reference)
    amina.writes(held_on=ahead(0), minutes=60, summary="We read the first plan together.")
    amina.sends()
    simone.opens(link)
    simone.reads("We read the first plan together.")
    amina.comes_to("mentoring:next_session", agreement.reference)
    amina.writes(day=SESSION, clock="13:00", place="Online")
    amina.sends()


def it_is_completed(amina: Companion, agreement: Agreement) -> None:
    goal = agreement.goals.get()
    amina.comes_to("mentoring:goal_act", agreement.reference, goal.pk, "reached")
    amina.sends()
    amina.comes_to("mentoring:conclude", agreement.reference)
    amina.writes(summary="Timmins has a responsibility centre.")
    amina.presses("Complete the agreement")
    agreement.refresh_from_db()
    assert agreement.state == "completed"


def she_sees_the_rest(
    amina: Companion, priya: Companion, helen: Companion, places: dict[str, Municipality], agreement: Agreement
) -> None:
    """The pages to which nobody in the story came, in their everyday state."""
    helen.comes_to("mentoring:need", places["winnipeg"])
    for page in ("lost_link", "agreements"):
        priya.comes_to(f"mentoring:{page}")
    for page in ("people", "goals", "documents", "hand_over", "agreement", "answer"):
        amina.comes_to(f"mentoring:{page}", agreement.reference)
    amina.comes_to("mentoring:session_edit", agreement.reference, agreement.sessions.get().pk)


# ---- a strategy ------------------------------------------------------------------------------------------------------


def test_thunder_bay_says_where_its_strategy_stands(
    places: dict[str, Municipality], eyes: Eyes, at_a_browser: Callable[..., Any]
) -> None:
    """Written by its representative; everybody else sees what was ticked, and nothing more."""
    place = places["thunder-bay"]
    amina, visitor = at_a_browser(Companion, "en", AMINA), at_a_browser(Companion, "fr", viewport=PHONE)
    amina.signs_in().comes_to("progress:edit", place)
    amina.writes(centre="Community Safety Office", plan_title="Safer Thunder Bay", strengths="Youth at the table.")
    amina.sends()
    assert amina.is_at() == "progress:strategy"
    amina.comes_to("progress:checks", place, 1)
    amina.page.locator("main [type=radio][value=yes]").first.check()
    amina.sends()
    amina.comes_to("progress:budget", place)
    amina.writes(amount=250_000)
    amina.sends()
    amina.comes_to("progress:declare", place)
    amina.writes(stage=2, reason="The council decided in spring.")
    amina.sends()
    amina.comes_to("progress:public", place)
    amina.writes(public="centre")
    amina.sends()
    amina.comes_to("progress:history", place)
    amina.comes_to("progress:ladder")
    eyes.in_the_dark(amina.page, "en")
    visitor.comes_to("progress:ladder")
    visitor.comes_to("progress:strategy", place)
    visitor.reads("Community Safety Office")
    assert "Youth at the table." not in visitor.page.content()
    assert not_seen(eyes, PROGRESS) == set()
    eyes.report()


# ---- in French -------------------------------------------------------------------------------------------------------


def test_two_municipalities_of_quebec(
    places: dict[str, Municipality], eyes: Eyes, written: Sink, at_a_browser: Callable[..., Any]
) -> None:
    """All in French, and every page searched for English: one asks to join on a telephone, one looks for a mentor."""
    eyes.all_french = True
    post = post_of(written, eyes, "val-dor-gatineau")
    gatineau = make_municipality("gatineau", province="QC", languages=["fr", "en"], population=291_041)
    make_representative(gatineau, LUC, name="Luc Tremblay", language="fr")
    elise = at_a_browser(Companion, "fr", ELISE, viewport=PHONE, has_touch=True)
    luc = at_a_browser(Companion, "fr", LUC)

    she_asks(elise, post)
    luc.signs_in()
    he_looks_for_a_mentor(luc, gatineau, post)
    he_says_where_they_stand(luc, gatineau)
    eyes.in_the_dark(luc.page, "fr")
    eyes.report()


def she_asks(elise: Companion, post: CompanionPost) -> None:
    elise.comes_to("joining:join")
    elise.writes(place_name="Val-d’Or", province="QC", name="Élise Roy", email=ELISE)
    elise.sends("#begin form")
    first = post.arrives("01 please confirm", [ELISE])
    elise.opens(post.link(first[0]))
    elise.presses("Yes, this address is mine")
    assert elise.told() == ["Merci\u00a0: votre adresse est confirmée."]
    post.arrives("02 received", [ELISE, PRIYA])
    elise.writes(role="Directrice générale", why="Notre conseil veut agir avant les incidents.")
    elise.presses("Save")
    elise.comes_to("joining:resolution")


def he_looks_for_a_mentor(luc: Companion, gatineau: Municipality, post: CompanionPost) -> None:
    luc.comes_to("mentoring:overview")
    luc.comes_to("mentoring:need", gatineau)
    luc.writes(
        goals="Adopter un premier plan avec les partenaires.",
        stage=2,
        topics=Topic.objects.get(slug="youth").pk,
        languages="fr",
        meets="both",
    )
    luc.sends()
    post.arrives("03 need received", [LUC, PRIYA])
    luc.comes_to("mentoring:agreements")


def he_says_where_they_stand(luc: Companion, gatineau: Municipality) -> None:
    luc.comes_to("progress:edit", gatineau)
    luc.writes(centre="Bureau de la sécurité communautaire")
    luc.sends()
    luc.comes_to("progress:checks", gatineau, 1)
    luc.page.locator("main [type=radio][value=yes]").first.check()
    luc.sends()
    luc.comes_to("progress:strategy", gatineau)
    luc.reads("Bureau de la sécurité communautaire")
    luc.comes_to("progress:ladder")
