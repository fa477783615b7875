"""What people do around standards, modules and dates of training. Fields are found by their names, so that any language will do."""

import re
from datetime import date, timedelta
from typing import Any

from django.urls import reverse
from django.utils import translation

from cmncp_portal.accounts.models import User
from cmncp_portal.network.models import Municipality, Standing
from cmncp_portal.network.tests.factories import make_stakeholder, make_user
from training import urls
from training.models import Module, Offering, Standard, StandardVersion
from training.tests.factories import make_standard, make_version

from .eyes import Eyes
from .people import Person
from .post import Post

PDF = "application/pdf"
# Addresses that give a file, take a form, or lead on, and have no page of their own.
NO_PAGES = {
    "badge_issuer", "badge_key", "badge_revoked", "badge_achievement", "badge_json", "badge_jwt", "certificate_pdf",
    "guest_act", "place_act", "place_calendar", "place_certificate", "place_material", "standard", "new_version",
    "line_move", "version_move", "module_material", "module_material_remove", "module_author_act", "module_move",
    "offering_calendar", "offering_move", "enrolments_export", "evidence_file", "evidence_act", "staff_export",
    "coverage_export", "claim_act",
}  # fmt: skip
PAGES = {str(one.name) for one in urls.urlpatterns} - NO_PAGES
STANDARDS = {
    "guest", "standards", "new_standard", "version", "version_print", "version_changes", "role", "competency", "comments",
    "comment_add", "comment_act", "answers", "write", "domain_add", "domain_edit", "competency_add", "competency_edit",
    "roles_edit", "role_edit", "consultation",
}  # fmt: skip
PEOPLE = {
    "overview", "check", "verify", "me", "my_role", "evidence", "evidence_edit", "person", "person_role", "staff", "coverage",
    "claims", "claim", "revoke",
}  # fmt: skip
MODULES = PAGES - STANDARDS - PEOPLE  # and their dates; what is new counts here until it is put elsewhere


def not_seen(eyes: Eyes, pages: set[str]) -> set[str]:
    """Return those of `pages` to which nobody came whose browser can be looked into."""
    return pages - {name.removeprefix("training:") for name, _language, _state in eyes.seen}


class TrainingPost(Post):
    """Puts aside what differs from run to run in letters about training, too: numbers and codes."""

    def _settled(self, text: str) -> str:
        text = re.sub(r"TR-\d{4}-\d+", "TR-YEAR-NUMBER", text)
        text = re.sub(
            r"^(- (If you cannot come, tell us by|En cas d’empêchement[^:]*): ).*$", r"\1<hour>", text, flags=re.M
        )
        text = re.sub(r"\b[A-Z2-9]{4}-[A-Z2-9]{4}-[A-Z2-9]{4}\b", "CODE", text)
        return super()._settled(text)


class Anybody(Person):
    """Anybody with a browser; some have an account."""

    def comes_to(self, page: str, *args: Any, ask: str = "") -> None:
        """Type the address of a page by its name, in the language of this person."""
        with translation.override(self.language):
            address = reverse(f"training:{page}", args=[in_address(part) for one in args for part in parts_of(one)])
        self.opens(address + ask)

    def does(self, move: str, word: str = "") -> None:
        """One of the moves that a page offers, by the last word of its address; unfold it when it is folded."""
        form = self.page.locator(f"form[action*='/{move}/']")
        folded = self.page.locator("details:not([open])", has=form)
        if folded.count():
            folded.locator("summary").first.click()
        if word:
            form.locator("textarea").fill(word)
        self._comes_by(form.locator("button").click)
        assert self.page.locator(".messages .notice--error").count() == 0, self.told()

    def sends(self, name: str = "") -> None:
        """Press the first button of the page's form; with a name, the one that stands for it."""
        which = f"main form button[name='{name}']" if name else "main form .button--primary"
        self._comes_by(self.page.locator(which).first.click)
        assert self.page.locator(".messages .notice--error").count() == 0, self.told()


class Learner(Anybody):
    """Takes part, or wants to."""

    def says(self, words: str, *, criterion: int = 0) -> None:
        """Comment on the line that is open; `criterion` counts the criteria, 0 is the whole competency."""
        if criterion:
            self.page.locator("main [name=criterion]").select_option(index=criterion)
        self.writes(words=words)
        self.presses("Keep the comment")
        done = "Thank you: your comment is kept. You can change it until the consultation closes."
        assert self.told() == [self.word(done)]

    def gives_the_place_back(self, word: str) -> None:
        self.unfolds("Give my place back")
        self.writes(word=word)
        self.presses("I do not come")
        assert self.told() == [self.word("Thank you for telling us. You are no longer expected.")]

    def assesses_herself(self, question: str, sure: int) -> None:
        """The same answer to each line."""
        self.follows(question)
        fields = self.page.locator("main [name^='sure_']").evaluate_all(
            "all => [...new Set(all.map((one) => one.name))]"
        )
        self.writes(**dict.fromkeys(fields, sure))
        self.presses("Save")
        assert self.told() == [self.word("Thank you. You can change it until it closes.")]


class Organiser(Anybody):
    """Writes standards or modules, or gives dates, and has an account."""

    def answers(self, comment: str, verdict: str, why: str) -> None:
        """Answer one comment, on the page of all that wait."""
        form = self.page.locator("main section", has_text=comment).locator("form").last
        form.locator(f"[name=verdict][value={verdict}]").check()
        form.locator("[name=answer]").fill(why)
        self._comes_by(form.locator("button").click)
        assert self.told() == ["The answer is kept."]

    def enrols(self, *people: tuple[str, str, str]) -> list[str]:
        """Name, address and language of each; return what became of them."""
        for number, (name, email, language) in enumerate(people):
            row = {"name": name, "email": email, "language": language}
            self.writes(**{f"person-{number}-{field}": value for field, value in row.items()})
        self.presses("Enrol these people")
        return self.told()

    def notes_who_came(self, **came: str) -> None:
        """By the beginning of the person's name."""
        for name, value in came.items():
            self.page.locator("main form li", has_text=name).locator("select").select_option(value)
        self.presses("Save this page")


def parts_of(thing: Any) -> list[Any]:
    return [thing.standard, thing.number] if isinstance(thing, StandardVersion) else [thing]


def in_address(thing: Any) -> Any:
    if isinstance(thing, Offering):
        return thing.reference
    return thing.slug if isinstance(thing, Standard | Module | Municipality) else thing


# ---- what stands there before a story begins


def a_standard_in_force(since: date) -> StandardVersion:
    """The first version, adopted: "Diagnosis" and "Partnership" with two competencies each."""
    return make_version("adopted", standard=make_standard("community-safety"), adopted_on=since)


def a_version_to_talk_about(standard: Standard) -> StandardVersion:
    """The second version, written: its first competency asks for data from schools, too."""
    new = make_version(
        "draft", standard=standard, changes_en="Schools are part of the diagnosis.",
        changes_fr="Les écoles font partie du diagnostic.",
    )  # fmt: skip
    text = new.texts.in_order()[0]
    text.title_en, text.title_fr, text.asks_more = "Diagnosis with schools", "Diagnostic avec les écoles", True
    text.save()
    return new


def staff_of(place: Municipality, email: str, name: str, language: str = "en") -> User:
    user = make_user(email, name=name, language=language)
    make_stakeholder(place, user=user, standing=Standing.STAFF, title="Youth Programs Planner")
    return user


def take_place_on(offering: Offering, first: int) -> None:
    """The calendar turns until the first session is `first` days from today; nobody is told."""
    days = [offering.today() + timedelta(days=first + number) for number in range(offering.sessions.count())]
    for session, day in zip(offering.sessions.order_by("day", "begins_at"), days, strict=True):
        session.day = day
        session.save()
    Offering.objects.filter(pk=offering.pk).update(starts_on=days[0], ends_on=days[-1])
    offering.refresh_from_db()
