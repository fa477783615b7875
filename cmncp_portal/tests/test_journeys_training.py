"""Training lived through in a browser: a standard is talked about, a module is written and given, people show what they can do.

As in test_journeys.py, worker and beat are real, and what arrives by mail is compared word for word.
"""

from collections.abc import Callable
from typing import Any

import pytest

from cmncp_portal.accounts.models import Role
from cmncp_portal.evaluation.services import load_instruments
from cmncp_portal.network.models import Municipality
from cmncp_portal.network.services.data import load_reference_data
from cmncp_portal.network.tests.factories import make_municipality, make_representative, make_user
from cmncp_portal.testing.sink import Sink
from training.models import Certificate, Comment, EvidenceClaim, Module, Offering, StandardVersion
from training.services import offerings_sweep
from training.tests.factories import make_module, make_offering

from . import test_journeys_meetings as usual
from .journeys import learning
from .journeys.acts import evaluate
from .journeys.eyes import Eyes
from .journeys.learning import (
    MODULES,
    PDF,
    PEOPLE,
    STANDARDS,
    Anybody,
    Learner,
    Organiser,
    TrainingPost,
    not_seen,
    take_place_on,
)
from .journeys.people import PHONE
from .journeys.post import Days
from .journeys.stories import two_days
from .test_journeys import ahead

pytestmark = usual.pytestmark
at_a_browser, carried, eyes, sink, written = (
    usual.at_a_browser, usual.carried, usual.eyes, usual.sink, usual.written
)  # fmt: skip
PRIYA, UMA, ANN = "priya@network.example", "uma@university.example", "ann@college.example"
AMINA, JOSEPH = "amina@thunderbay.example", "joseph@thunderbay.example"
TOM, LUC, COLETTE = "tom@thunderbay.example", "luc@thunderbay.example", "colette@cegep.example"
REMARK, BETTER = "Say which data.", "Say which data, and from what year."
IN_FRENCH = "Ajoutez les organismes communautaires."
WHY, WHY_NOT = "The data are named now.", "They stand under Partnership, 2.1."


@pytest.fixture
def places(live_server: Any) -> dict[str, Municipality]:
    """Two members of the network, those who work for it, and the questionnaires."""
    load_reference_data()
    load_instruments()
    make_user(PRIYA, name="Priya Nair", roles=(Role.COORDINATOR,))
    make_user(UMA, name="Uma Sharma", roles=(Role.UNIVERSITY,))
    found = {
        "thunder-bay": make_municipality("thunder-bay", population=108_843),
        "winnipeg": make_municipality("winnipeg", province="MB", time_zone="America/Winnipeg", population=749_607),
    }
    make_representative(found["thunder-bay"], AMINA, name="Amina Diallo")
    return found


def post_of(sink: Sink, eyes: Eyes, name: str) -> TrainingPost:
    days: Days = {"today": ahead(0), "comments until": ahead(30), "draft due": ahead(40), "may write until": ahead(60)}
    days |= {"training": two_days(70), "when it was held": (ahead(-3), ahead(-2))}
    days |= {"evaluation due": ahead(14), "evaluation closes": ahead(45)}
    return TrainingPost(sink, eyes.site, name, days)


def of(letters: list[Any], email: str) -> Any:
    return {mail["X-RcptTo"]: mail for mail in letters}[email]


# ---- a standard ------------------------------------------------------------------------------------------------------


def test_a_standard_is_put_to_members_and_colleges(
    places: dict[str, Municipality], eyes: Eyes, written: Sink, at_a_browser: Callable[..., Any], new_context: Any
) -> None:
    """A member comments in English, a guest from a college in French; both are answered, and it is adopted."""
    post = post_of(written, eyes, "a-standard")
    old = learning.a_standard_in_force(ahead(-400))
    new = learning.a_version_to_talk_about(old.standard)
    uma, priya = at_a_browser(Organiser, "en", UMA), at_a_browser(Organiser, "en", PRIYA)
    amina = at_a_browser(Learner, "en", AMINA)
    blind = Eyes(eyes.site)
    blind.can_run = False
    colette = Learner(new_context(java_script_enabled=False, viewport=PHONE), blind, "fr", COLETTE)

    asked = the_consultation_opens(uma.signs_in(), new, post)
    amina.signs_in().opens(post.link(of(asked, AMINA)))
    amina.follows("1.1 Diagnosis with schools")
    amina.says(REMARK, criterion=2)
    amina.comes_to("comment_act", new, Comment.objects.get().pk, "edit")
    amina.writes(words=BETTER)
    amina.presses("Keep the comment")
    colette.opens(post.link(of(asked, COLETTE)))
    colette.follows("1.2 Diagnostic 2")
    colette.says(IN_FRENCH)
    colette.reads(IN_FRENCH)

    answered = both_are_answered(uma, new, post)
    at_a_browser(Anybody, "fr", viewport=PHONE, has_touch=True).opens(post.link(of(answered, COLETTE)))
    amina.opens(post.link(of(answered, AMINA)))
    amina.reads(BETTER, WHY, IN_FRENCH, WHY_NOT)
    it_is_adopted(priya.signs_in(), old, new, post)
    she_sees_the_rest_of_standards(uma, eyes, new)
    assert not_seen(eyes, STANDARDS) == set()
    blind.report()
    eyes.report()


def the_consultation_opens(uma: Organiser, new: StandardVersion, post: TrainingPost) -> list[Any]:
    """From the desk: the days, a guest by name, and one button."""
    uma.comes_to("write", new)
    uma.follows("Prepare the consultation")
    uma.writes(opens_on=ahead(0), closes_on=ahead(30))
    uma.presses("Save the days")
    assert uma.told() == ["The days are saved."]
    guest = {"name": "Colette Roy", "email": COLETTE, "organisation": "Cégep du Fjord", "language": "fr"}
    uma.writes(**{f"guest-0-{name}": value for name, value in guest.items()})
    uma.presses("Put them on the list")
    uma.reads("2 people are told when you open it.", "One of them by a personal link.")
    uma.does("open_consultation")
    return post.arrives("01 say what you think", [AMINA, COLETTE])


def both_are_answered(uma: Organiser, new: StandardVersion, post: TrainingPost) -> list[Any]:
    uma.comes_to("write", new)
    uma.does("close_consultation")
    uma.comes_to("answers", new)
    uma.answers(BETTER, "accepted", WHY)
    uma.answers(IN_FRENCH, "declined", WHY_NOT)
    uma.reads("All comments are answered.")
    uma._comes_by(uma.page.locator("main [name=act][value=send], header [name=act][value=send]").click)
    assert uma.told() == ["2 people are told."]
    return post.arrives("02 answers", [AMINA, COLETTE])


def it_is_adopted(priya: Organiser, old: StandardVersion, new: StandardVersion, post: TrainingPost) -> None:
    """What is new stands on one page; the version before does not hold any more."""
    priya.comes_to("version_changes", new)
    priya.reads("Diagnosis with schools", "Schools are part of the diagnosis.")
    priya.eyes.in_the_dark(priya.page, "en")
    priya.comes_to("write", new)
    priya.does("adopt")
    assert priya.is_at() == "training:version"
    states = StandardVersion.objects.order_by("number").values_list("state", flat=True)
    assert list(states) == ["superseded", "adopted"]
    told = post.arrives("03 adopted", [AMINA, COLETTE])
    priya.opens(post.link(told[0]))
    priya.comes_to("version", old)
    priya.follows("Read the version in force")
    assert priya.page.url.endswith("/2/")


def she_sees_the_rest_of_standards(uma: Organiser, eyes: Eyes, new: StandardVersion) -> None:
    """The pages to which nobody in the story came: reading, and the desk of the next version."""
    for page in ("standards", "new_standard"):
        uma.comes_to(page)
    for page in ("comments", "version_print"):
        uma.comes_to(page, new)
    uma.comes_to("role", new, "coordinator")
    eyes.in_the_dark(uma.page, "en")
    uma.comes_to("write", new)
    uma.presses("Begin a new version")
    third = StandardVersion.objects.get(number=3)
    domain, text, role = third.domains.first(), third.texts.first(), third.roles.first()
    assert domain
    assert text
    assert role
    for page in ("domain_add", "roles_edit", "consultation"):
        uma.comes_to(page, third)
    uma.comes_to("domain_edit", third, domain.pk)
    uma.comes_to("competency_add", third, domain.pk)
    uma.comes_to("competency_edit", third, text.competency_id)
    uma.comes_to("role_edit", third, role.pk)
    StandardVersion.objects.filter(pk=third.pk).update(state="consultation", opens_on=ahead(-1), closes_on=ahead(20))
    uma.comes_to("comment_add", third)
    uma.comes_to("version", third)


# ---- a module and its dates ------------------------------------------------------------------------------------------


def test_a_module_is_written_and_given(
    places: dict[str, Municipality], eyes: Eyes, written: Sink, at_a_browser: Callable[..., Any]
) -> None:
    """By an author of a college; two places for three people, one of whom reads French; a certificate is revoked."""
    post = post_of(written, eyes, "a-module")
    learning.a_standard_in_force(ahead(-400))
    make_user(ANN, name="Ann Lee")
    uma, priya, ann = (at_a_browser(Organiser, "en", email) for email in (UMA, PRIYA, ANN))
    amina, visitor = at_a_browser(Organiser, "en", AMINA), at_a_browser(Anybody, "en")
    tom, luc = (at_a_browser(Learner, code, viewport=PHONE, has_touch=True) for code in ("en", "fr"))

    module = a_module_is_proposed(uma.signs_in())
    she_writes_it(uma, ann.signs_in(), module, post)
    it_is_approved(uma, priya.signs_in(), module, post)
    offering = dates_are_set(priya, module)
    waits = three_enrol(amina.signs_in(), tom, offering, post)
    luc.opens(post.link(waits))
    luc.assesses_herself("How sure are you before the training?", 2)
    assert luc.fetches_behind("For my calendar (.ics)", "text/calendar; charset=utf-8").startswith(b"BEGIN:VCALENDAR")
    she_sees_the_rest_of_modules(uma, priya, module, offering)

    take_place_on(offering, -1)
    held = it_was_held(ann, offering, post)
    luc.opens(post.link(of(held, LUC)))
    assert luc.fetches_behind("My certificate (PDF)", PDF).startswith(b"%PDF-")
    luc.assesses_herself("How sure are you after the training?", 4)
    paper = Certificate.objects.get(enrolment__email=LUC)
    anybody_can_check_it(visitor, paper)
    it_is_evaluated(amina, priya, offering, post)
    one_is_revoked(priya, visitor, luc, paper, post)
    assert not_seen(eyes, MODULES) == set()
    eyes.report()


def a_module_is_proposed(uma: Organiser) -> Module:
    """Proposed, and agreed with a college that the list did not know."""
    uma.comes_to("module_desk")
    uma.follows("Propose a module")
    uma.writes(title_en="A diagnosis in a month", title_fr="Un diagnostic en un mois", kind="workshop")
    uma.page.locator("main [name=theme]").select_option(index=1)
    uma.sends()
    module = Module.objects.get()
    uma.comes_to("partners")
    uma.writes(name_en="Lakeside College", name_fr="Collège Lakeside", kind="college", province="ON")
    uma.sends()
    uma.comes_to("module_write", module)
    uma.page.locator("main [name=partner]").select_option(label="Lakeside College")
    uma.writes(draft_due_on=ahead(40))
    uma.presses("Save")
    uma.comes_to("module", module)
    uma.does("agree")
    return module


def she_writes_it(uma: Organiser, ann: Organiser, module: Module, post: TrainingPost) -> None:
    """Ann has an account and no role: of all drafts she reads this one."""
    uma.comes_to("module_authors", module)
    uma.writes(name="Ann Lee", email=ANN, language="en", until_on=ahead(60))
    uma.presses("Invite by letter")
    invited = post.arrives("01 please write", [ANN])
    ann.opens(post.link(invited[0]))
    assert ann.is_at() == "training:module_write"
    ann.writes(summary_en="From data to a plan.", summary_fr="Des données au plan.", hours=12, languages="en")
    ann.writes(objectives_en="You lead a diagnosis.", objectives_fr="Vous menez un diagnostic.", languages="fr")
    ann.writes(outline_en="- Data\n- People", outline_fr="- Données\n- Personnes")
    ann.presses("Save")
    ann.comes_to("module_competencies", module)
    ann.page.locator("main [name^=level_]").first.select_option("2")
    ann.presses("Save")
    ann.comes_to("module_materials", module)
    ann.writes(title_en="Workbook", title_fr="Cahier", url="https://college.example/workbook", language="both")
    ann.sends()
    ann.comes_to("module", module)
    ann.does("hand_in")


def it_is_approved(uma: Organiser, priya: Organiser, module: Module, post: TrainingPost) -> None:
    """Reviewed, tried out with a few people, and approved by the network's office."""
    handed_in = post.arrives("02 handed in", [PRIYA, UMA])
    uma.opens(post.link(of(handed_in, UMA)))
    uma.does("pass_review")
    post.arrives("03 reviewed", [ANN])
    make_offering("held", module=module, is_pilot=True, starts_on=ahead(-20))
    uma.comes_to("module_write", module)
    uma.writes(pilot_report="Twelve people came; the second day is shorter now.")
    uma.presses("Save")
    priya.comes_to("module", module)
    priya.reads("Twelve people came; the second day is shorter now.")
    priya.does("record_pilot")
    priya.does("approve")
    post.arrives("04 approved", [ANN])


def dates_are_set(priya: Organiser, module: Module) -> Offering:
    """Two days in Winnipeg, two places; the module is offered from then on."""
    priya.comes_to("offerings")
    priya.comes_to("offering_new")
    priya.writes(module=module.pk, mode="in_person", language="en")
    priya.page.locator("main [name=host]").select_option(label="Winnipeg")
    priya.sends()
    offering = Offering.objects.get(is_pilot=False)
    priya.comes_to("offering_edit", offering)
    priya.writes(venue="City Hall", address="510 Main Street, Winnipeg", capacity=2)
    priya.writes(practical_en="Bring a laptop.", practical_fr="Apportez un ordinateur.")
    priya.presses("Save")
    priya.comes_to("offering_sessions", offering)
    for number, day in enumerate(two_days(70)):
        row = {"day": day, "begins_at": "09:00", "finishes_at": "16:00"}
        priya.writes(**{f"session-{number}-{name}": value for name, value in row.items()})
    priya.presses("Save")
    priya.comes_to("offering_facilitators", offering)
    row = {"name": "Ann Lee", "organisation": "Lakeside College", "email": ANN, "language": "en"}
    priya.writes(**{f"person-0-{name}": value for name, value in row.items()})
    priya.presses("Save")
    priya.does("open_enrolment")
    module.refresh_from_db()
    assert module.state == "offered"
    return offering


def three_enrol(amina: Organiser, tom: Learner, offering: Offering, post: TrainingPost) -> Any:
    """Amina enrols herself and two colleagues without an account; Luc waits until Tom gives his place back. Return Luc's letter."""
    amina.comes_to("modules")
    amina.follows("A diagnosis in a month")
    amina.comes_to("offering", offering)
    amina.follows("Enrol")
    amina.writes(dietary_needs="No nuts")
    amina.presses("Enrol")
    assert amina.is_at() == "training:place"
    post.arrives("05 a place", [AMINA])
    amina.comes_to("offering", offering)
    amina.follows("Enrol other people")
    told = amina.enrols(("Tom Birch", TOM, "en"), ("Luc Tremblay", LUC, "fr"))
    became = ["Tom Birch – Registered.", "Luc Tremblay – On the waiting list."]
    assert told == [f"One person gets a letter: {words}" for words in became]
    letters = post.arrives("06 a place and a wait", [LUC, TOM])
    tom.opens(post.link(of(letters, TOM)))
    tom.reads("Enrolled by Amina Diallo.", "Bring a laptop.")
    tom.gives_the_place_back("I am ill.")
    return of(post.arrives("07 a place is free", [LUC, TOM]), LUC)


def it_was_held(ann: Organiser, offering: Offering, post: TrainingPost) -> list[Any]:
    """Ann, who facilitates, notes both days; from it the certificates follow."""
    for session in offering.sessions.order_by("day"):
        ann.comes_to("attendance", offering, ask=f"?session={session.pk}")
        ann.notes_who_came(Amina="present", Luc="present")
    ann.reads("Everybody is noted")
    ann.presses("Record that it took place")
    offering.refresh_from_db()
    assert offering.state == "held"
    return post.arrives("08 certificates", [AMINA, LUC])


def anybody_can_check_it(visitor: Anybody, paper: Certificate) -> None:
    """Without an account; small letters do no harm."""
    visitor.comes_to("check")
    visitor.writes(code=paper.code.lower())
    visitor.presses("Check")
    assert visitor.is_at() == "training:verify"
    visitor.reads("Luc Tremblay", "A diagnosis in a month", "1.1 Diagnosis 1 – Practitioner", "it holds.")
    assert LUC not in visitor.page.content()


def it_is_evaluated(amina: Organiser, priya: Organiser, offering: Offering, post: TrainingPost) -> None:
    take_place_on(offering, -3)
    assert offerings_sweep.follow_up() == 1
    asked = post.arrives("09 evaluation", [AMINA, LUC])
    amina.opens(post.link(of(asked, AMINA)))
    evaluate(amina, {"usefulness": 5})
    priya.comes_to("offering_results", offering)


def one_is_revoked(priya: Organiser, visitor: Anybody, luc: Learner, paper: Certificate, post: TrainingPost) -> None:
    """The person reads why; everybody else, that it no longer holds."""
    reason = "It was issued to the wrong person."
    priya.comes_to("verify", paper.code)
    priya.follows("Revoke this certificate")
    priya.writes(note=reason)
    priya.presses("Revoke it")
    told = post.arrives("10 revoked", [LUC])
    luc.opens(post.link(told[0]))
    visitor.comes_to("verify", paper.code)
    visitor.reads("Revoked", "It no longer holds.")
    assert reason not in visitor.page.content()


def she_sees_the_rest_of_modules(uma: Organiser, priya: Organiser, module: Module, offering: Offering) -> None:
    """The pages to which nobody in the story came, in their everyday state."""
    uma.comes_to("module_coverage")
    uma.eyes.in_the_dark(uma.page, "en")
    uma.comes_to("partner_edit", module.partner_id or Module.objects.get(pk=module.pk).partner_id)
    uma.comes_to("lost_link")
    for page in ("offering_sessions", "offering_prepare", "enrolments", "enrol_staff"):
        priya.comes_to(page, offering)
    priya.comes_to("enrolment_act", offering, offering.enrolments.get(email=LUC).pk, "edit")
    priya.comes_to("enrol", offering)


# ---- people ----------------------------------------------------------------------------------------------------------


def test_people_show_what_they_can_do(
    places: dict[str, Municipality], eyes: Eyes, written: Sink, at_a_browser: Callable[..., Any]
) -> None:
    """Joseph sees his gaps and shows his work; Amina sees her staff, and Priya regions, never persons."""
    post = post_of(written, eyes, "josephs-evidence")
    version = learning.a_standard_in_force(ahead(-400))
    learning.staff_of(places["thunder-bay"], JOSEPH, "Joseph Kakegamic")
    learning.staff_of(places["thunder-bay"], LUC, "Luc Tremblay", "fr")
    builds = [(text.competency, 2) for text in version.texts.in_order()[:2]]
    make_offering(module=make_module(builds=builds), starts_on=ahead(70))
    joseph, uma, amina, priya = (at_a_browser(Organiser, "en", email) for email in (JOSEPH, UMA, AMINA, PRIYA))

    joseph.signs_in().comes_to("overview")
    joseph.comes_to("me")
    joseph.reads("You hold 0 of the 4 competencies that your role asks for.", "Planning with the community")
    he_shows_his_work(joseph, uma.signs_in(), post)
    joseph.comes_to("me")
    joseph.reads("You hold 1 of the 4 competencies that your role asks for.")
    eyes.in_the_dark(joseph.page, "en")

    amina.signs_in().comes_to("staff", places["thunder-bay"])
    amina.reads("1 of 4 held", "0 of 4 held")
    amina.follows("Joseph Kakegamic")
    amina.reads("Diagnosis 1")
    amina.comes_to("person_role", Certificate.objects.get().learner_id)
    priya.signs_in().comes_to("coverage")
    assert "Joseph" not in priya.page.content()
    eyes.in_the_dark(priya.page, "en")
    for page in ("check", "verify", "revoke"):
        priya.comes_to(page, *([] if page == "check" else [Certificate.objects.get().code]))
    joseph.comes_to("my_role")
    on_a_phone_in_french(at_a_browser(Anybody, "fr", LUC, viewport=PHONE, has_touch=True))
    assert not_seen(eyes, PEOPLE) == set()
    eyes.report()


def he_shows_his_work(joseph: Organiser, uma: Organiser, post: TrainingPost) -> None:
    """From the gap to the form that knows which one; Uma reads it beside the criteria and accepts it."""
    joseph.follows("Show it by my own work")
    joseph.writes(words="I led the diagnosis of 2026 with twelve partners.", url="https://thunderbay.example/plan")
    joseph.presses("Send to the assessors")
    assert joseph.told() == ["It is with the assessors. You hear from them by email."]
    asked = post.arrives("01 evidence", [PRIYA, UMA])
    uma.comes_to("claims")
    uma.opens(post.link(of(asked, UMA)))
    uma.reads("I led the diagnosis of 2026 with twelve partners.", "Shows it at level 2.")
    uma.page.locator("#accept_note").fill("Well done.")
    uma.does("accept")
    accepted = post.arrives("02 accepted", [JOSEPH])
    joseph.opens(post.link(accepted[0]))
    assert EvidenceClaim.objects.get().state == "accepted"


def on_a_phone_in_french(luc: Anybody) -> None:
    """A colleague sees where he stands, too."""
    luc.signs_in()
    for page in ("overview", "me", "evidence"):
        luc.comes_to(page)
