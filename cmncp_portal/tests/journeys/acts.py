"""What people do in an exchange, each act as the pages offer it."""

import re
from datetime import date
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

from exchanges.models import TeamMember

from .people import Person
from .stories import Somebody, Stop, Story


class Colleague(Person):
    """Somebody who works for one of the two municipalities and has an account."""

    # ---- the request -------------------------------------------------------------------------------------------------

    def asks_for_a_visit(self, story: Story) -> None:
        self.goes_home()
        self.follows("Ask to visit")
        self.fills({"In one sentence: what do you want to learn?": story.challenge})
        self.presses("Begin my request")
        assert self.is_at() == "exchanges:request"
        assert self.told() == [
            self.word("Your draft is saved. Nobody outside your municipality sees it until you send it.")
        ]

    def completes_the_request(self, story: Story) -> None:
        for number, objective in enumerate(story.objectives, start=1):
            self.field("Objective %(n)s", n=number).fill(objective)
        self.ticks(*story.topics)
        self.fills({"First choice of host": story.host_name})
        for number, (first, last) in enumerate(story.windows, start=1):
            self.field("Period %(n)s: first day", n=number).fill(first.isoformat())
            self.field("Period %(n)s: last day", n=number).fill(last.isoformat())
        if story.interpretation:
            self.fills({"interpretation": story.interpretation})

    def waits_for_the_draft_to_save_itself(self) -> None:
        """Twenty seconds pass at once."""
        seen = self.page.locator("input[name=version]").input_value()
        self.page.clock.run_for(21_000)
        self.page.locator("[data-autosave-status]").get_by_text(
            self.word("Saved at %s").split("%")[0].strip()
        ).wait_for()
        assert int(self.page.locator("input[name=version]").input_value()) == int(seen) + 1

    def names_the_team(self, story: Story) -> None:
        self.follows("Name your team")
        for somebody in story.team:
            self.follows("To be named")
            self.describes(somebody)
            self.presses("Save")
            assert self.told() == [self.word("The details are saved.")]

    def describes(self, somebody: Somebody) -> None:
        self.fills({"name": somebody.name, "title": somebody.title, "email address": somebody.email})
        self.field("capacity").select_option(somebody.category)
        if somebody.language:
            self.field("language of letters").select_option(somebody.language)

    def sends_it(self, story: Story) -> None:
        """Read over in plain words, then send."""
        self.presses("Save and read over")
        self.reads(story.challenge, *story.objectives, *(one.name for one in story.team))
        self.presses("Send the request")
        assert self.is_at() == "exchanges:exchange"
        assert self.told() == [self.word("Your request is sent. You get a receipt by email.")]

    # ---- the answer --------------------------------------------------------------------------------------------------

    def accepts(self, window: str, word: str = "") -> None:
        """One of the periods, from the page to answer."""
        self.ticks(window)
        self.page.locator("form", has=self.page.locator("input[value=accept]")).get_by_role("textbox").fill(word)
        self.presses("Accept")
        assert self.is_at() == "exchanges:visit"
        assert self.told() == [self.word("Accepted. Both sides are told; now you plan together.")]

    # ---- the plan ----------------------------------------------------------------------------------------------------

    def proposes(self, stop: Stop) -> None:
        self.follows("Propose a stop")
        self.fills({"what": stop.title, "from": stop.starts_at, "until": stop.ends_at, "where": stop.place})
        self.fills({"who receives you": stop.lead})
        self.field("kind").select_option(stop.kind)
        self.field("Day").select_option(str(stop.day))
        if stop.programme:
            self.fills({"programme visited": stop.programme})
        self.ticks(*stop.objectives)
        self.presses("Save")
        assert self.told() == [self.word("The stop is proposed; the other side agrees to it.")]

    def agrees_to(self, stop: Stop) -> None:
        self.presses("Agree", of=stop.title)
        assert self.told() == [self.word("Agreed.")]

    def goes_to(self, tab: str) -> None:
        """One of the pages of the visit, by its tab."""
        link = self.page.locator(".tabs").get_by_role("link", name=self.word(tab), exact=True)
        self._comes_by(link.click)

    def says_where_to_arrive(self, address: str, phone: str) -> None:
        self.goes_to("Practical details")
        self.fills({"where to arrive": address, "telephone for the day": phone})
        self.presses("Save")
        assert self.told() == [self.word("The practical details are saved.")]

    def adds_a_document(self, title: str) -> None:
        self.goes_to("Documents")
        self.fills({"title": title})
        file = {"name": "strategy.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7\n%%EOF\n"}
        self.page.locator("input[type=file]").set_input_files(file)
        self.presses("Add")
        assert self.told() == [self.word("The document is added.")]

    def invites_the_team(self) -> None:
        self.goes_to("People")
        self.presses("Invite all who are named")

    def invites(self, somebody: Somebody) -> None:
        """Add somebody to one's own side and send the invitation."""
        self.goes_to("People")
        self.follows("Add somebody")
        self.describes(somebody)
        self.presses("Save")
        self.presses("Invite", of=somebody.name)

    def confirms(self) -> None:
        self.presses("Confirm the plan")
        assert self.is_at() == "exchanges:visit"
        assert len(self.told()) == 1

    def changes_the_dates(self, first: date, last: date, why: str) -> None:
        self.follows("Change the dates")
        self.fills({"First day": first.isoformat(), "Last day": last.isoformat(), "Why": why})
        self.presses("Set these dates")
        assert self.is_at() == "exchanges:visit"

    def begins_later(self, stop: Stop, starts_at: str) -> None:
        """A small change of a confirmed programme."""
        self.goes_to("Programme")
        self.follows(stop.title)
        self.fills({"from": starts_at})
        self.presses("Save")
        assert self.told() == [self.word("The stop is saved.")]

    # ---- the day and after -------------------------------------------------------------------------------------------

    def records_who_came(self, absent: Somebody | None = None) -> None:
        self.follows("Record the visit")
        if absent:
            label = f"{absent.name}, {absent.title}"
            self.page.get_by_label(label, exact=True).select_option(TeamMember.Attendance.NO_SHOW)
        self.presses("Record that it took place")
        assert self.told() == [self.word("Recorded. Everyone who came is asked to evaluate the visit.")]

    def proposes_the_return(self, windows: list[tuple[date, date]], word: str) -> None:
        self.follows("Decide about the return visit")
        for number, (first, last) in enumerate(windows, start=1):
            self.field("Period %(n)s: first day", n=number).fill(first.isoformat())
            self.field("Period %(n)s: last day", n=number).fill(last.isoformat())
        self.fills({"A word to them": word})
        self.presses("Propose the return visit")
        assert self.told() == [self.word("The return visit is proposed; the other side is told.")]

    def opens_the_report(self) -> bytes:
        """Return the PDF that the link leads to."""
        link = self._exactly("link", f"{dict(settings.LANGUAGES)[self.language]} (PDF)")
        answer = self.page.context.request.get(self.eyes.site + link.get_attribute("href"))
        assert (answer.status, answer.headers["content-type"]) == (200, "application/pdf")
        return bytes(answer.body())


class Guest(Person):
    """Somebody who does everything from a personal link, without an account."""

    def says_yes(self, word: str = "") -> None:
        yes = self.page.get_by_role("button", name=self.word("Yes, I come"), exact=True)
        self.page.locator("form").filter(has=yes).get_by_role("textbox").fill(word)
        self.presses("Yes, I come")
        done = "Thank you: you take part. Dates and programme follow as soon as both sides confirmed them."
        assert self.told() == [self.word(done)]

    def says_what_is_needed(self, food: str, access: str, emergency: str) -> None:
        self.fills({"food": food, "accessibility": access, "whom to call in an emergency": emergency})
        self.presses("Save")
        assert self.told() == [self.word("Saved. Only the two leads and the network’s coordinators read it.")]

    def notes(self, idea: str) -> None:
        notes_an_idea(self, idea)

    def evaluates(self, answers: dict[str, Any]) -> None:
        evaluate(self, answers)


def notes_an_idea(person: Person, idea: str, *, shared: bool = True) -> None:
    """On the day, in one line, from one's own page or the page of the day."""
    person.fills({"What would you like to take home?": idea})
    if shared:
        person.ticks(person.word("Show it to both sides"))
    person.presses("Note it")
    assert person.told() == [person.word("Your idea is noted.")]
    person.reads(idea)


def evaluate(person: Person, answers: dict[str, Any]) -> None:
    """Answer the questions by their codes (a number for a scale, a code for a choice, else words), and send."""
    for code, value in answers.items():
        fields = person.page.locator(f"[name='{code}']")
        if fields.first.get_attribute("type") == "radio":
            person.page.locator(f"[name='{code}'][value='{value}']").check()
        else:
            fields.first.fill(str(value))
    person.presses("Send my answers")
    assert person.heading() == person.word("Thank you. Your answers have arrived.")


def reference_of(person: Person) -> str:
    """Return the reference in the address of the page."""
    found = re.search(r"EX-\d{4}-\d+", urlsplit(person.page.url).path)
    assert found
    return found[0]
