"""What people do around a meeting, each act as the pages offer it. Fields are found by their names, so that any language will do."""

import re
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.urls import reverse
from django.utils import translation

from meetings import urls
from meetings.models import AgendaItem, Meeting

from .eyes import Eyes
from .people import Person
from .post import Post
from .stories import Span, two_days

# Addresses that give a file, take a form, or lead on, and have no page of their own.
NO_PAGES = {
    "network_calendar", "place_calendar", "certificate", "place_programme", "place_material", "place_act",
    "invitation_act", "calendar", "programme_pdf", "material", "reorder", "item_move", "export", "badges", "move",
    "material_remove", "publish_notes", "roll",
}  # fmt: skip
PAGES = {f"meetings:{one.name}" for one in urls.urlpatterns} - {f"meetings:{name}" for name in NO_PAGES}


def not_seen(eyes: Eyes, language: str) -> set[str]:
    """Return the pages of meetings to which nobody came in `language`."""
    return PAGES - {name for name, code, _state in eyes.seen if code == language}


@dataclass(frozen=True)
class Session:
    title_en: str
    title_fr: str
    kind: str
    starts_at: str
    ends_at: str
    room: str = ""
    language: str = "both"
    speaker: tuple[str, str, str] = ("", "", "")  # name, title, address


@dataclass(frozen=True)
class Gathering:
    """A meeting in the words of the story, and its days."""

    title_en: str
    title_fr: str
    summary_en: str
    summary_fr: str
    venue: str
    address: str
    sessions: tuple[Session, ...] = ()
    slots: list[Span] = field(default_factory=lambda: [two_days(70), two_days(77), two_days(84)])
    moved: Span = field(default_factory=lambda: two_days(91))


def the_prairies_meet() -> Gathering:
    return Gathering(
        "Safer Prairies",
        "Des Prairies plus sûres",
        "What works with young people, and who pays for it.",
        "Ce qui fonctionne auprès des jeunes, et qui le paie.",
        "City Hall, Council Building",
        "510 Main Street, Winnipeg",
        (
            Session("Welcome", "Mot de bienvenue", "opening", "09:00", "09:30", "Council Chamber"),
            Session(
                "Evenings for young people", "Des soirées pour les jeunes", "parallel", "10:00", "11:30", "Room 1", "en",
                ("Ann Cloverdale", "Professor of criminology", "ann@university.example"),
            ),
            Session(
                "Lighting and parks", "Éclairage et parcs", "parallel", "10:00", "11:30", "Room 2", "en",
                ("Sam Poplar", "Planner", ""),
            ),
        ),
    )  # fmt: skip


def le_quebec_se_rencontre() -> Gathering:
    return Gathering(
        "Quebec meets",
        "Le Québec se rencontre",
        "How neighbourhoods prevent violence.",
        "Comment les quartiers préviennent la violence.",
        "Hôtel de ville",
        "2, rue des Jardins, Québec",
        slots=[two_days(70)],
    )


class GatheringPost(Post):
    """Puts aside what differs from run to run in letters about meetings, too: numbers, years in addresses, hours to answer."""

    def _settled(self, text: str) -> str:
        text = re.sub(r"(?<=/)(safer-prairies|quebec-meets)-\d{4}(?=/)", r"\1-YEAR", text)
        text = re.sub(r"(?<=If you cannot come, tell us by: ).*", "<hour>", text)
        return super()._settled(text)


class Somebody(Person):
    """Anybody with a browser; most have no account."""

    def address(self, page: str) -> str:
        with translation.override(self.language):
            return reverse(f"meetings:{page}")

    def comes_to(self, page: str, meeting: Meeting, *args: Any, ask: str = "") -> None:
        """Type the address of a page about the meeting, by its name, in the language of this person."""
        with translation.override(self.language):
            address = reverse(f"meetings:{page}", args=[meeting.slug, *args])
        self.opens(address + ask)

    # ---- with a personal link ----------------------------------------------------------------------------------------

    def answers_about_dates(self, *values: str, note: str = "") -> None:
        """One answer for each proposed date, in order."""
        names = self.page.locator("main [name^='slot_']").evaluate_all(
            "all => [...new Set(all.map((one) => one.name))]"
        )
        assert len(names) == len(values)
        self.writes(**dict(zip(names, values, strict=True)), note=note)
        self.presses("Save my answers")
        assert self.told() == [self.word("Thank you: your answers are noted.")]

    def says_yes(self, **answers: Any) -> None:
        """From the page of the invitation."""
        self.writes(**answers)
        self.presses("Yes, I come")
        assert self.told() == [self.word("Thank you. A letter follows.")]

    def gives_the_place_back(self, word: str) -> None:
        self.unfolds("Give my place back")
        self.writes(word=word)
        self.presses("I do not come")
        assert self.told() == [self.word("Thank you for telling us. You are no longer expected.")]

    def registers(self, colleague: tuple[str, str] | None = None, **answers: Any) -> list[str]:
        """On the form of the meeting; return what became of each person."""
        self.writes(**answers, consent=True)
        if colleague:
            self.unfolds("Register colleagues as well")
            self.page.locator("[name='colleague-0-name']").fill(colleague[0])
            self.page.locator("[name='colleague-0-email']").fill(colleague[1])
        self.page.locator("main form .button--primary").click()
        self.page.wait_for_url("**?done=1")
        self.eyes.look(self.page, self.language)
        return [state.strip() for state in self.page.locator("main .row__state").all_inner_texts()]


class Organiser(Somebody):
    """Prepares meetings and has an account."""

    def begins(self, story: Gathering, region: str, host: str) -> Meeting:
        self.opens(self.address("list"))
        self.follows("Schedule a meeting")
        self.writes(kind="regional", title_en=story.title_en, title_fr=story.title_fr, mode="in_person")
        self.page.locator("[name=region]").select_option(label=region)
        self.page.locator("[name=host]").select_option(label=host)
        self.presses("Begin the meeting")
        assert self.is_at() == "meetings:prepare"
        return Meeting.objects.get()

    def proposes_dates(self, slots: list[Span], closes_on: date) -> None:
        for number, (first, last) in enumerate(slots):
            row = {"day": first, "last_day": last, "begins_at": "09:00", "finishes_at": "16:00"}
            self.writes(**{f"slots-{number}-{name}": value for name, value in row.items()})
        self.writes(closes_on=closes_on)
        self.presses("Save the dates")
        assert self.told() == [self.word("The dates are saved.")]

    def adds(self, session: Session) -> None:
        self.follows("Add a session")
        name, title, address = session.speaker
        self.writes(
            kind=session.kind, starts_at=session.starts_at, ends_at=session.ends_at, title_en=session.title_en,
            title_fr=session.title_fr, room=session.room, language=session.language,
        )  # fmt: skip
        if name:
            self.writes(person_1_name=name)
            self.page.locator("main details summary").first.click()
            self.writes(person_1_title=title, person_1_email=address)
        self.presses("Save")
        assert self.told() == [self.word("The session is on the agenda.")]

    def moves_down_by_keyboard(self, session: Session) -> None:
        """With the arrow key on the handle; the new order is kept, and what happened is said."""
        handle = self.page.locator("[data-reorder-item]", has_text=session.title_en).locator("[data-handle]")
        handle.focus()
        with self.page.expect_response(lambda answer: "/order/" in answer.url):
            handle.press("ArrowDown")
        assert handle.evaluate("one => one === document.activeElement")
        assert session.title_en in self.page.locator("[data-reorder-status]").inner_text()

    def announces(self) -> None:
        self.presses("Announce the meeting")
        assert self.is_at() == "meetings:letters"

    def sees_all_sent(self, count: int) -> None:
        """The page of the letters says by itself when they have left."""
        sentence = self.word("%(written)s of %(total)s written, %(sent)s sent.") % dict.fromkeys(
            ("written", "total", "sent"), count
        )
        self.page.locator("#mailings").get_by_text(sentence).first.wait_for()

    def moves_it(self, days: Span, word: str, told: int) -> None:
        """New days: first the page says what that means and for how many, then the letters leave."""
        self.writes(starts_on=days[0], ends_on=days[1], word=word)
        self.presses("See what would be told")
        self.unfolds("The letter, in both languages")
        self.page.locator("button[name=send]").scroll_into_view_if_needed()
        assert str(told) in self.page.locator("button[name=send]").inner_text()
        self._comes_by(self.page.locator("button[name=send]").click)
        assert self.is_at() == "meetings:letters"

    def calls_off(self, move: str, reason: str) -> None:
        """Postpone or cancel, from the page of the preparation."""
        form = self.page.locator(f"form[action*='/{move}/']")
        self.page.locator("details", has=form).locator("summary").click()
        form.locator("textarea").fill(reason)
        self._comes_by(form.locator("button").click)
        assert self.is_at() == "meetings:meeting"

    # ---- afterwards --------------------------------------------------------------------------------------------------

    def notes_who_came(self, **came: str) -> None:
        """By the beginning of the person's name."""
        for name, value in came.items():
            self.page.locator("tr", has_text=name).locator("select").select_option(value)
        self.presses("Save this page")

    def writes_down(self, notes: tuple[str, str], decision: tuple[str, str]) -> None:
        self.writes(notes_en=notes[0], notes_fr=notes[1])
        self.presses("Save the notes")
        self.follows("Add a decision")
        self.writes(text_en=decision[0], text_fr=decision[1])
        self.presses("Save")
        self.reads(decision[1 if self.language == "fr" else 0])

    def gives_to_do(self, text: tuple[str, str], owner: str, until: date) -> None:
        self.follows("Add something to be done")
        self.writes(text_en=text[0], text_fr=text[1], due_on=until)
        self.page.locator("[name=stakeholder]").select_option(label=owner)
        self.presses("Save")

    def names_a_delegate(self, municipality: str, name: str) -> None:
        link = self.page.locator("tr", has_text=municipality).get_by_role("link").last
        self._comes_by(link.click)
        self.page.locator("[name=stakeholder]").select_option("")
        self.writes(name=name)
        self.presses("Save")
        self.reads(name)

    def calls_the_roll(self, *names: str) -> None:
        for name in names:
            self.page.locator("tr", has_text=name).locator("[name=present]").check()
        self.presses("Save the roll")

    def records_a_motion(self, text: tuple[str, str], mover: str, seconder: str, votes: list[str]) -> None:
        self.follows("Record a motion")
        self.writes(text_en=text[0], text_fr=text[1], moved_by=mover, seconded_by=seconder)
        names = self.page.locator("main [name^='vote_']").evaluate_all(
            "all => [...new Set(all.map((one) => one.name))]"
        )
        self.writes(**dict(zip(names, votes, strict=True)))
        self.presses("Record the motion")
        assert self.is_at() == "meetings:general_meeting"


def order_of(meeting: Meeting) -> list[str]:
    """Return the titles of the parallel sessions in their order."""
    return list(meeting.agenda.filter(kind=AgendaItem.Kind.PARALLEL).values_list("title_en", flat=True))


def take_place_on(meeting: Meeting, first: int, last: int) -> None:
    """The calendar turns until the meeting begins `first` and ends `last` days from today; nobody is told."""
    today = meeting.today()
    Meeting.objects.filter(pk=meeting.pk).update(
        starts_on=today + timedelta(days=first), ends_on=today + timedelta(days=last)
    )
    meeting.refresh_from_db()
