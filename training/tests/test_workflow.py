"""When a version, a module, an offering or a piece of evidence may move: the tables as matrices, and each guard's reason."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from cmncp_portal.core.workflow import TransitionRefused, Workflow
from training import workflow
from training.models import Comment, EvidenceClaim, Module, Offering, Session, StandardVersion
from training.workflow import CLAIM, MODULE, OFFERING, VERSION

from .factories import (
    make_author,
    make_claim,
    make_enrolment,
    make_learner,
    make_module,
    make_offering,
    make_partner,
    make_version,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

MATRICES = {
    "version": (
        VERSION,
        StandardVersion.State,
        """
                    draft        consultation  answering     adopted     superseded
open_consultation   consultation
close_consultation               answering
consult_again                                  consultation
adopt                                          adopted
supersede                                                    superseded
""",
    ),
    "module": (
        MODULE,
        Module.State,
        """
                    proposed  agreed   drafted   reviewed  piloted   approved  offered   retired   dropped
agree               agreed
hand_in                       drafted
send_back                              agreed    agreed    agreed
pass_review                            reviewed
record_pilot                                     piloted
approve                                                    approved
offer                                                                offered
retire                                                               retired   retired
bring_back                                                                               approved
drop                dropped   dropped  dropped   dropped   dropped
""",
    ),
    "offering": (
        OFFERING,
        Offering.State,
        """
                    planned    open       held      cancelled
open_enrolment      open
cancel              cancelled  cancelled
record_held                    held
""",
    ),
    "claim": (
        CLAIM,
        EvidenceClaim.State,
        """
                    draft      sent        more_asked  accepted  declined  withdrawn
send                sent                   sent
ask_more                       more_asked
accept                         accepted
decline                        declined
withdraw            withdrawn  withdrawn   withdrawn
""",
    ),
}


@pytest.mark.parametrize(("table", "states", "matrix"), MATRICES.values(), ids=MATRICES)
def test_the_table_as_a_matrix(table: Workflow, states: Any, matrix: str) -> None:
    head, *expected = matrix.strip("\n").splitlines()
    starts = [head.index(f" {state}") + 1 for state in states]
    found = []
    for name, moves in table.matrix().items():
        line = name
        for start, state in zip(starts, states, strict=True):
            line = f"{line:{start}}{moves.get(state, '')}"
        found.append(line.rstrip())
    assert found == [line.rstrip() for line in expected]


@pytest.mark.parametrize(
    ("table", "needing_a_reason", "grave"),
    [
        (VERSION, set(), {"close_consultation", "adopt"}),
        (MODULE, {"send_back", "retire", "drop"}, {"retire", "drop"}),
        (OFFERING, {"cancel"}, {"cancel"}),
        (CLAIM, {"ask_more", "decline"}, set()),
    ],
    ids=MATRICES,
)
def test_what_needs_a_reason_and_what_is_grave(table: Workflow, needing_a_reason: set[str], grave: set[str]) -> None:
    assert {move.name for move in table if move.needs_reason} == needing_a_reason
    assert {move.name for move in table if move.grave} == grave


def test_superseding_is_never_by_hand() -> None:
    assert set(VERSION.transitions) - set(workflow.BY_HAND) == {"supersede"}


# ---- guards -----------------------------------------------------------------------------------------


def change(**fields: Any) -> Callable[[Any], Any]:
    return lambda thing: type(thing)._base_manager.filter(pk=thing.pk).update(**fields)


def nothing(_thing: Any) -> None:
    return None


def text_of(version: StandardVersion) -> Any:
    return version.texts.in_order()[0]


def no_criteria(version: StandardVersion) -> None:
    text_of(version).criteria.all().delete()


def a_criterion(version: StandardVersion) -> None:
    text_of(version).criteria.create(level=1, statement_en="Knows it.", statement_fr="Le sait.")


def empty_domain(version: StandardVersion) -> None:
    version.domains.create(order=3, title_en="Evaluation", title_fr="Évaluation")


def no_new_domain(version: StandardVersion) -> None:
    version.domains.filter(order=3).delete()


def silent_role(version: StandardVersion) -> None:
    version.roles.get(slug="leader").requirements.all().delete()


def asks_the_leader(version: StandardVersion) -> None:
    version.roles.get(slug="leader").requirements.create(competency=text_of(version).competency, level=1)


def rows(name: str, **fields: Any) -> Callable[[Any], Any]:
    return lambda thing: getattr(thing, name).update(**fields)


def first_text(**fields: Any) -> Callable[[Any], Any]:
    return lambda version: change(**fields)(text_of(version))


def criterion(**fields: Any) -> Callable[[Any], Any]:
    return lambda version: change(**fields)(text_of(version).criteria.first())


def comment(number: int) -> Callable[[Any], Any]:
    def make(version: StandardVersion) -> None:
        for n in range(number):
            Comment.objects.create(standard_version=version, words=f"{n}", language="en", name="A", email="a@b.example")

    return make


def answered(version: StandardVersion) -> None:
    at = datetime(2027, 2, 1, tzinfo=UTC)
    version.comments.update(verdict="declined", answer="It is law.", answered_at=at)


def withdrawn(version: StandardVersion) -> None:
    version.comments.update(withdrawn_at=datetime(2027, 2, 1, tzinfo=UTC))


def days(opens: date | None, closes: date | None) -> Callable[[Any], Any]:
    return change(opens_on=opens, closes_on=closes)


def has_author(module: Module) -> None:
    from cmncp_portal.network.tests.factories import make_user

    make_author(module, make_user())


def builds(module: Module) -> None:
    module.builds.create(competency=text_of(make_version()).competency, level=2)


def offering_of(state: str, **fields: Any) -> Callable[[Any], Any]:
    return lambda module: make_offering(state, module=module, **fields)


def cancelled(module: Module) -> None:
    module.offerings.update(state="cancelled")


def module_is(state: str) -> Callable[[Any], Any]:
    return lambda offering: change(state=state)(offering.module)


def no_sessions(offering: Offering) -> None:
    offering.sessions.all().delete()


def session(day: date) -> Callable[[Any], Any]:
    def make(offering: Offering) -> None:
        offering.sessions.all().delete()
        Session.objects.create(offering=offering, day=day, begins_at=time(9), finishes_at=time(16))

    return make


def version(state: str) -> Callable[[], Any]:
    return lambda: make_version(state)


def module(state: str, **fields: Any) -> Callable[[], Any]:
    return lambda: make_module(state, **fields)


def offering(state: str, **fields: Any) -> Callable[[], Any]:
    return lambda: make_offering(state, **fields)


FEB, MAR = date(2027, 2, 1), date(2027, 3, 1)
# guard, the thing, what is missing, the reason that is read then, what helps
GUARDS: list[tuple[Any, Any, Any, str, Any]] = [
    (workflow.has_competencies, version("draft"), empty_domain, "The domain “Evaluation” has no competency yet.", no_new_domain),
    (workflow.has_competencies, lambda: make_version("draft", empty=True), nothing, "Write at least one domain with a competency.", lambda v: (empty_domain(v), v.domains.get().texts.create(version=v, competency=v.standard.competencies.create(), order=1, title_en="A", title_fr="A"))),
    (workflow.has_criteria, version("draft"), no_criteria, "“1.1 Diagnosis 1” has no criterion yet.", a_criterion),
    (workflow.is_in_both_languages, version("draft"), rows("domains", title_fr=""), "“Diagnosis” is in one language only.", rows("domains", title_fr="x")),
    (workflow.is_in_both_languages, version("draft"), first_text(title_fr=""), "“Diagnosis 1” is in one language only.", first_text(title_fr="x")),
    (workflow.is_in_both_languages, version("draft"), first_text(description_en="It is."), "“Diagnosis 1” is in one language only.", first_text(description_fr="x")),
    (workflow.is_in_both_languages, version("draft"), rows("roles", title_fr=""), "“Elected leader” is in one language only.", rows("roles", title_fr="x")),
    (workflow.is_in_both_languages, version("draft"), criterion(statement_fr=""), "A criterion of “Diagnosis 1” is in one language only.", criterion(statement_fr="x")),
    (workflow.is_in_both_languages, version("draft"), criterion(evidence_fr="Un plan."), "A criterion of “Diagnosis 1” is in one language only.", criterion(evidence_en="A plan.")),
    (workflow.is_in_both_languages, version("draft"), change(changes_en="New."), "What is new is told in one language only.", change(changes_fr="Nouveau.")),
    (workflow.asks_something_of_roles, version("draft"), silent_role, "The role “Elected leader” is asked for nothing yet.", asks_the_leader),
    (workflow.asks_something_of_roles, version("draft"), lambda v: v.roles.all().delete(), "Say what the standard asks of at least one role.", lambda v: (v.roles.create(slug="leader", title_en="L"), asks_the_leader(v))),
    (workflow.consultation_has_its_days, version("draft"), days(FEB, None), "Say from when until when people can comment.", days(FEB, MAR)),
    (workflow.consultation_has_its_days, version("draft"), days(date(2027, 1, 4), date(2027, 1, 31)), "The last day to comment has passed: set a new one.", days(date(2027, 1, 4), FEB)),
    (workflow.consultation_has_its_days, version("draft"), days(FEB, date(2027, 2, 14)), "Leave people at least 14 days to comment.", days(FEB, date(2027, 2, 15))),
    (workflow.opening_day_has_come, version("draft"), days(date(2027, 2, 2), MAR), "The consultation opens on a later day.", days(FEB, MAR)),
    (workflow.every_comment_is_answered, version("answering"), comment(1), "One comment is not answered yet.", answered),
    (workflow.every_comment_is_answered, version("answering"), comment(2), "2 comments are not answered yet.", withdrawn),
    (workflow.has_partner, module("proposed"), nothing, "Choose the partner with whom it was agreed.", lambda m: change(partner=make_partner())(m)),
    (workflow.has_author, module("agreed"), nothing, "Invite at least one author.", has_author),
    (workflow.has_titles, module("proposed"), change(title_fr=""), "Give it a title in both languages.", change(title_fr="x")),
    (workflow.builds_a_competency, module("agreed"), nothing, "Say which competencies it builds, and to which level.", builds),
    (workflow.is_written, module("agreed"), change(outline_en="", outline_fr=""), "Summary, objectives and outline are to be written.", change(outline_fr="x")),
    (workflow.is_written, module("agreed"), change(hours=None), "Say how many hours it takes.", change(hours=6)),
    (workflow.states_its_languages, module("agreed"), change(languages=[]), "Say in which language it can be taught.", change(languages=["fr"])),
    (workflow.is_bilingual_or_says_why, module("piloted"), change(summary_fr=""), "Everything stands in both languages, or you say why it is taught in one only.", change(languages=["en"], one_language_reason="The college teaches in English.")),
    (workflow.was_piloted, module("reviewed"), offering_of("open", is_pilot=True), "Hold a pilot first.", rows("offerings", state="held", held_at=datetime(2027, 2, 1, tzinfo=UTC))),
    (workflow.has_pilot_report, module("reviewed"), change(pilot_report=" "), "Write down what the pilot showed.", change(pilot_report="Good.")),
    (workflow.has_open_offering, module("approved"), offering_of("open", is_pilot=True), "Open an offering for enrolment: the module follows by itself.", offering_of("open")),
    (workflow.has_nothing_ahead, module("offered"), offering_of("planned"), "An offering lies ahead: hold or cancel it first.", cancelled),
    (workflow.module_can_be_given, offering("planned"), module_is("piloted"), "The module is not approved: only a pilot can be held.", module_is("approved")),
    (workflow.module_can_be_given, offering("planned", is_pilot=True), module_is("drafted"), "A pilot follows the review of the module.", module_is("reviewed")),
    (workflow.has_sessions_ahead, offering("planned"), no_sessions, "Say on which days and at what time.", session(date(2027, 2, 2))),
    (workflow.has_sessions_ahead, offering("planned"), session(FEB), "The sessions must lie ahead.", session(date(2027, 2, 2))),
    (workflow.has_place, offering("planned"), change(venue="", address=""), "Say where people meet.", change(address="1 Main Street")),
    (workflow.has_place, offering("planned"), change(mode="online"), "Give the link to take part online.", change(join_link="https://video.example/1")),
    (workflow.has_facilitator, offering("planned"), lambda o: o.facilitators.all().delete(), "Say who facilitates.", lambda o: o.facilitators.create(name="Ann Lee")),
    (workflow.is_taught_in_a_language_of_the_module, offering("planned", language="both"), lambda o: change(languages=["en"])(o.module), "The module cannot be taught in this language yet.", change(language="en")),
    (workflow.enrolment_ends_in_time, offering("planned"), change(enrolment_closes_on=date(2027, 4, 15)), "Enrolment closes after the first day.", change(enrolment_closes_on=date(2027, 4, 14))),
    (workflow.needed_sessions_exist, offering("planned"), change(sessions_needed=3), "More sessions are needed to complete it than there are.", change(sessions_needed=2)),
]  # fmt: skip


@pytest.mark.parametrize(("guard", "make", "lacks", "reason", "helps"), GUARDS)
def test_a_guard_says_why_and_lets_pass_what_is_mended(
    guard: Any, make: Any, lacks: Any, reason: str, helps: Any
) -> None:
    thing = make()
    lacks(thing)
    assert str(guard(read(thing))) == reason
    helps(read(thing))
    assert guard(read(thing)) is None


def read(thing: Any) -> Any:
    return type(thing)._base_manager.get(pk=thing.pk)


def test_evidence_says_what_was_done(joseph: Any) -> None:
    claim = make_claim(make_learner(user=joseph), text_of(make_version()), "draft", words=" \n")
    assert str(workflow.says_what_was_done(claim)) == "Say what you did, when, and what came of it."
    claim.words = "I led the diagnosis."
    assert workflow.says_what_was_done(claim) is None


def test_every_guard_of_the_tables_is_tried_here() -> None:
    tried = {guard.__name__ for guard, *_rest in GUARDS}
    elsewhere = {"says_what_was_done", "last_day_has_come", "is_not_over"}
    asked = {guard.__name__ for table, *_rest in MATRICES.values() for move in table for guard in move.guards}
    assert asked - elsewhere == tried - {"has_author"}


WINNIPEG = ZoneInfo("America/Winnipeg")


@pytest.mark.parametrize(
    ("moment", "recorded", "cancelled"),
    [
        (datetime(2027, 4, 14, 23, 59, tzinfo=WINNIPEG), False, True),
        (datetime(2027, 4, 15, 0, 0, tzinfo=WINNIPEG), True, True),
        (datetime(2027, 4, 16, 0, 0, tzinfo=WINNIPEG), True, False),
    ],
)
def test_it_is_recorded_from_the_last_day_on_and_cancelled_until_then(
    clock: Any, moment: datetime, recorded: bool, cancelled: bool
) -> None:
    there = make_offering()
    make_enrolment(there)
    clock.move_to(moment)
    assert (workflow.last_day_has_come(read(there)) is None) is recorded
    assert (workflow.is_not_over(read(there)) is None) is cancelled


@pytest.mark.parametrize(
    ("moment", "opens"),
    [
        (datetime(2027, 2, 2, 4, 59, tzinfo=UTC), False),  # a minute before midnight at the network's office
        (datetime(2027, 2, 2, 5, 0, tzinfo=UTC), True),
    ],
)
def test_the_days_of_a_consultation_are_those_of_the_office(clock: Any, moment: datetime, opens: bool) -> None:
    there = make_version("draft", opens_on=date(2027, 2, 2), closes_on=date(2027, 3, 2))
    clock.move_to(moment)
    for zone in ("America/St_Johns", "America/Vancouver"):
        with timezone.override(ZoneInfo(zone)):
            assert (workflow.opening_day_has_come(there) is None) is opens


MAKERS: dict[str, Callable[[str, Any], Any]] = {
    "version": lambda state, _user: make_version(state),
    "module": lambda state, _user: make_module(state),
    "offering": lambda state, _user: make_offering(state),
    "claim": lambda state, user: make_claim(make_learner(user=user), text_of(make_version()), state, **answer(state)),
}


def answer(state: str) -> dict[str, Any]:
    return (
        {"answer": "Yes.", "answered_at": datetime(2027, 2, 1, tzinfo=UTC)} if state in ("accepted", "declined") else {}
    )


@pytest.mark.parametrize("name", MATRICES)
def test_every_state_refuses_what_is_not_in_the_table(name: str, admin_user: Any) -> None:
    from cmncp_portal.network.tests.factories import make_user

    table, states, _matrix = MATRICES[name]
    moves = table.matrix()
    for state in states:
        there = MAKERS[name](str(state), make_user())
        for move in moves:
            if state not in moves[move]:
                with pytest.raises(TransitionRefused):
                    table.apply(there, move, note="x")
        assert read(there).state == state


def test_the_history_says_who_moved_what_and_why(priya: Any) -> None:
    there = make_version("consultation")
    VERSION.apply(there, "close_consultation", by=priya, note="Enough.")
    row = there.changes_of_state.latest("pk")
    assert (row.from_state, row.to_state, row.by, row.note) == ("consultation", "answering", priya, "Enough.")
