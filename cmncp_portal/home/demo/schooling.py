"""The training of the demonstration: the proposed standard in consultation, and modules at each stage of their making.

The ten domains are those that the network proposes, with their sources. That a first version was adopted is invented, and
so is what people say of it. What is taught, to whom, is in `classrooms`.
"""

from collections.abc import Callable
from copy import deepcopy
from datetime import timedelta
from typing import Any

from django.utils import translation

from training.models import Comment, CompetencyText, Criterion, Module, ModuleAuthor, Partner, StandardVersion
from training.services import authors, commenting, consulting, data, modules, standards, writing

from . import schooling_words as words
from .cast import AUTHOR
from .teller import Teller

FIRST_DOMAINS = 4


class Academy:
    """What coordinators, the University's team and partners do to make a standard and modules."""

    def __init__(self, teller: Teller) -> None:
        self.teller = teller
        self.by = teller.user("coordinator@network.example")
        self.team = teller.user("team@university.example")

    # ---- standards ---------------------------------------------------------------------------------------------------

    def version(self, number: int) -> StandardVersion:
        standard = data.proposed()["slug"]
        return StandardVersion.objects.with_standard().get(standard__slug=standard, number=number)

    def text(self, number: int, code: str) -> CompetencyText:
        """Return the wording of the competency `code` ("4.2") in the version `number`."""
        domain, order = code.split(".")
        texts = CompetencyText.objects.select_related("domain", "version__standard")
        return texts.get(version=self.version(number), domain__order=domain, order=order)

    def write_as_proposed(self, number: int, code: str, **more: Any) -> None:
        """Give a competency the words of the network's proposal."""
        text, line = self.text(number, code), _proposed(code)
        known = text.criteria.order_by("level", "order", "pk")
        drafts = [
            writing.CriterionDraft(pk=row.pk, **given) for row, given in zip(known, line.pop("criteria"), strict=True)
        ]
        seen = writing.mark_of_text(text)
        writing.keep_competency(text, seen=seen, by=self.team, domain=text.domain, criteria=drafts, **line, **more)

    def consult(self, number: int, *, opens: int, closes: int, guests: tuple[tuple[str, str, str, str], ...]) -> None:
        """Ask members and guests (name, organisation, address, language) to comment, from one day to another."""
        today, version = self.teller.today, self.version(number)
        with self.teller.on(opens - 2):
            days = {"opens_on": today + timedelta(days=opens), "closes_on": today + timedelta(days=closes)}
            consulting.plan_days(version, seen=version.version, by=self.by, **days)
            rows = [dict(zip(("name", "organisation", "email", "language"), guest, strict=True)) for guest in guests]
            consulting.invite_guests(version, guests=rows, by=self.by)
        with self.teller.on(opens):
            consulting.open_consultation(self.version(number), by=self.by)

    def say(
        self, number: int, day: int, email: str, said: str, code: str, criterion: Criterion | None = None
    ) -> Comment:
        """Let somebody comment on a competency: a person of the cast, or a guest by the personal link."""
        version = self.version(number)
        guest = version.invitees.filter(email=email).first()
        who = commenting.commenter_of_guest(guest) if guest else commenting.commenter_of(self.teller.user(email))
        language = guest.language if guest else self.teller.user(email).language
        with self.teller.on(day), translation.override(language):
            return commenting.add_comment(
                version, by=who, words=said, text=self.text(number, code), criterion=criterion
            )

    def answer(self, comment: Comment, day: int, verdict: str, why: str) -> None:
        with self.teller.on(day):
            commenting.answer_comment(comment, seen=comment.version, verdict=verdict, why=why, by=self.team)

    # ---- modules -----------------------------------------------------------------------------------------------------

    def propose(self, day: int, given: dict[str, Any], *, kind: str, theme: str, year: int) -> Module:
        named = {name: given[name] for name in ("title_en", "title_fr")}
        with self.teller.on(day):
            module = modules.propose(by=self.team, kind=kind, theme=theme, programme_year=year, **named)
            self.keep(module, day, is_demonstration=True)
        return module

    def keep(self, module: Module, day: int, by: Any = None, **fields: Any) -> None:
        with self.teller.on(day):
            now = Module.objects.get(pk=module.pk)
            modules.keep_module(now, seen=now.version, by=by or self.team, **fields)

    def agree(self, module: Module, day: int, partner: str, due: int) -> None:
        """Record that the partner (by its kind) agreed, and when the draft is due."""
        found = Partner.objects.get(kind=partner)
        self.keep(module, day, partner=found, draft_due_on=self.teller.today + timedelta(days=due))
        self.move(module, day, "agree")

    def move(self, module: Module, day: int, name: str, by: Any = None) -> None:
        with self.teller.on(day):
            modules.move(Module.objects.get(pk=module.pk), name, by=by or self.team)

    def invite_author(self, module: Module, day: int, until: int) -> ModuleAuthor:
        """Ask the teacher of the college to write this one module."""
        email, name, language = AUTHOR
        with self.teller.on(day):
            until_on = self.teller.today + timedelta(days=until)
            return authors.invite_author(
                module, by=self.team, email=email, name=name, language=language, until_on=until_on
            )

    def write(self, module: Module, day: int, given: dict[str, Any], builds: dict[str, int], by: Any = None) -> None:
        """Write a module, and say what it builds: levels by code, of the version in force, else of the second one."""
        self.keep(module, day, by, **given)
        with self.teller.on(day):
            levels: dict[int, int | None] = {
                self.text(1 if int(code.split(".")[0]) <= FIRST_DOMAINS else 2, code).competency_id: level
                for code, level in builds.items()
            }
            modules.keep_competencies(module, by=by or self.team, changes=levels)

    def add_framework(self, module: Module, day: int) -> None:
        with self.teller.on(day):
            modules.add_material(module, by=self.team, **words.FRAMEWORK)


def _proposed(code: str) -> dict[str, Any]:
    domain, order = (int(part) for part in code.split("."))
    line: dict[str, Any] = data.proposed()["domains"][domain - 1]["competencies"][order - 1]
    return line


# ---- the standard ----------------------------------------------------------------------------------------------------


def a_first_version_is_adopted(teller: Teller) -> None:
    """Four domains, with what was said of them, what was answered, and that it holds since a year."""
    academy = Academy(teller)
    given = data.proposed()
    domains = deepcopy(given["domains"][:FIRST_DOMAINS])
    diagnosis, engagement = domains[1]["competencies"][0], domains[3]["competencies"][1]
    diagnosis |= words.EARLIER_DIAGNOSIS
    diagnosis["criteria"][1] |= words.EARLIER_CRITERION
    engagement |= words.EARLIER_ENGAGEMENT
    with teller.on(-470):
        version, _is_new = data.first_version(given)
        data.write_roles(version, given["roles"], data.write_domains(version, domains))
        standards.keep_words(version, seen=version.version, by=academy.team, **words.FIRST_CHANGES)
    guest = ("Maude Rivegauche", "Collège de la Rive-Claire", "maude@rive-claire.example", "fr")
    academy.consult(1, opens=-440, closes=-405, guests=(guest,))
    city = academy.say(1, -431, "representative@ottawa.example", words.CITY_SAID, "4.2")
    college = academy.say(1, -428, "maude@rive-claire.example", words.COLLEGE_SAID, "1.1")
    with teller.on(-404):
        consulting.close_consultation(academy.version(1))
    academy.answer(city, -398, Comment.Verdict.ACCEPTED, words.CITY_ANSWER)
    academy.answer(college, -398, Comment.Verdict.DECLINED, words.COLLEGE_ANSWER)
    with teller.on(-397):
        academy.write_as_proposed(1, "4.2")
        consulting.send_answers(academy.version(1), by=academy.by)
    with teller.on(-365):
        standards.adopt(academy.version(1), by=academy.by)


def ten_domains_are_consulted_on(teller: Teller) -> None:
    """The second version: what the network proposes, before members and colleges for another three weeks."""
    academy = Academy(teller)
    given = data.proposed()
    with teller.on(-45):
        version = standards.begin_version(academy.version(1).standard, by=academy.team)
        rest = given["domains"][FIRST_DOMAINS:]
        data.write_roles(version, given["roles"], data.write_domains(version, rest, first=FIRST_DOMAINS + 1))
        standards.keep_words(version, seen=version.version, by=academy.team, **words.SECOND_CHANGES)
    with teller.on(-40):
        academy.write_as_proposed(2, "2.1", asks_more=True)
    guests = (
        ("Maude Rivegauche", "Collège de la Rive-Claire", "maude@rive-claire.example", "fr"),
        ("Hollis Fernbank", "Fernbank Polytechnic", "hollis@fernbank.example", "en"),
    )
    academy.consult(2, opens=-10, closes=20, guests=guests)
    academy.say(2, -8, "representative@calgary.example", words.MEMBER_NOW, "7.1")
    academy.say(2, -6, "maude@rive-claire.example", words.GUEST_NOW, "8.1")
    means = academy.text(2, "6.1").criteria.get(level=2)
    academy.say(2, -4, "representative@thunder-bay.example", words.CRITERION_NOW, "6.1", means)
    academy.say(2, -3, "representante@montreal.example", words.MONTREAL_NOW, "4.2")


# ---- modules ---------------------------------------------------------------------------------------------------------


def partners_in_training(teller: Teller) -> None:
    """One of each kind. The University is part of the network's programme; the others are invented."""
    academy = Academy(teller)
    with teller.on(-345):
        for given in (words.UNIVERSITY, words.COLLEGE, words.INSTITUTE):
            modules.keep_partner(None, by=academy.team, **given)


def a_workshop_is_drafted(teller: Teller) -> None:
    """The first year's: written by the University's team, reviewed; `classrooms` holds its pilot."""
    academy = Academy(teller)
    module = academy.propose(-340, words.WORKSHOP, kind="workshop", theme="awareness", year=1)
    academy.agree(module, -335, "university", due=-300)
    academy.write(module, -310, words.WORKSHOP, {"1.1": 1, "1.2": 1, "1.3": 1, "3.1": 1})
    academy.add_framework(module, -309)
    academy.move(module, -304, "hand_in")
    academy.move(module, -290, "pass_review", academy.by)


def planning_is_drafted(teller: Teller) -> None:
    """Written by the college's teacher, whose invitation is over; reviewed."""
    academy = Academy(teller)
    author = teller.user(AUTHOR[0])
    module = academy.propose(-330, words.PLANNING, kind="module", theme="planning", year=2)
    academy.agree(module, -320, "college", due=-245)
    academy.invite_author(module, -318, until=-220)
    author.__dict__.pop("_modules_written", None)
    academy.write(module, -260, words.PLANNING, {"2.1": 2, "3.1": 2, "3.3": 2}, author)
    academy.add_framework(module, -258)
    academy.move(module, -250, "hand_in", author)
    academy.move(module, -235, "pass_review", academy.by)


def mobilisation_is_reviewed(teller: Teller) -> None:
    """Reviewed not long ago: its pilot lies ahead."""
    academy = Academy(teller)
    module = academy.propose(-150, words.MOBILISATION, kind="module", theme="mobilisation", year=2)
    academy.agree(module, -140, "other", due=-60)
    academy.write(module, -75, words.MOBILISATION, {"4.1": 2, "4.2": 2, "4.3": 2})
    academy.move(module, -66, "hand_in")
    academy.move(module, -30, "pass_review", academy.by)


def projects_are_being_drafted(teller: Teller) -> None:
    """In the hands of the college's teacher, due soon."""
    academy = Academy(teller)
    author = teller.user(AUTHOR[0])
    module = academy.propose(-48, words.PROJECTS, kind="module", theme="projects", year=3)
    academy.agree(module, -38, "college", due=9)
    academy.invite_author(module, -36, until=60)
    author.__dict__.pop("_modules_written", None)
    academy.write(module, -12, words.PROJECTS, {"2.3": 2, "5.1": 2, "5.3": 2, "6.1": 2}, author)


STANDARDS_AND_MODULES: tuple[Callable[[Teller], None], ...] = (
    a_first_version_is_adopted,
    partners_in_training,
    a_workshop_is_drafted,
    planning_is_drafted,
    mobilisation_is_reviewed,
    ten_domains_are_consulted_on,
    projects_are_being_drafted,
)
