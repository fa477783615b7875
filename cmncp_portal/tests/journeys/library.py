"""What people do with action briefs, each act as the pages offer it. Fields are found by their names, so that any language will do."""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.urls import reverse
from django.utils import timezone, translation

from cmncp_portal.network.models import Municipality, Sector, Standing, Topic
from cmncp_portal.network.tests.factories import make_stakeholder, make_user
from knowledge import urls
from knowledge.models import ActionBrief, Edition, Practice
from knowledge.tests.factories import make_brief, make_evidence, make_number, make_practice, make_step

from .eyes import Eyes
from .people import Person
from .post import Post

# Addresses that give a file, take a form, or lead on, and have no page of their own.
NO_PAGES = {"feed", "file", "step_mark", "move", "ready", "comment_move"}
PAGES = {f"knowledge:{one.name}" for one in urls.urlpatterns} - {f"knowledge:{name}" for name in NO_PAGES}
PDF = "application/pdf"
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def not_seen(eyes: Eyes, language: str) -> set[str]:
    """Return the pages of knowledge to which nobody came in `language`."""
    return PAGES - {name for name, code, _state in eyes.seen if code == language}


@dataclass(frozen=True)
class Story:
    """A brief in the words of those who write it, in both languages."""

    en: dict[str, str]
    fr: dict[str, str]
    number: dict[str, Any]
    step: dict[str, str]
    source: dict[str, str]
    example: tuple[str, str]


def evenings_downtown() -> Story:
    return Story(
        en={
            "title": "Safe evenings downtown",
            "summary": "What a city can do so that people come downtown in the evening, and come home safely.",
            "challenge": "After dark few people are out, and those who are feel alone.\n\nYoung people have nowhere to go.",
            "what_works": "- Places that stay open\n- People who are **present**\n- Light that follows the way home",
            "investment": "One dollar per resident and year.",
        },
        fr={
            "title": "Des soirées sûres au centre-ville",
            "summary": "Ce qu’une ville peut faire pour que les gens viennent au centre-ville en soirée et en reviennent en sécurité.",
            "challenge": "Après la tombée du jour, peu de gens sont dehors, et ils se sentent seuls.\n\nLes jeunes n’ont nulle part où aller.",
            "what_works": "- Des lieux qui restent ouverts\n- Des gens **présents**\n- Une lumière qui suit le chemin du retour",
            "investment": "Un dollar par personne et par année.",
        },
        number={
            "value": 6000, "label_en": "adults assaulted", "label_fr": "adultes agressés", "base_population": 100_000,
            "year": 2019, "source": "Statistics Canada, 2020",
        },
        step={
            "text_en": "Adopt a plan for the evening.", "text_fr": "Adopter un plan pour la soirée.", "effort": "months",
            "cost": "low",
        },
        source={"citation": "Institute for the Prevention of Crime, Safe evenings, 2009.", "language": "en"},
        example=("Recreation centres stay open until midnight.", "Les centres de loisirs restent ouverts jusqu’à minuit."),
    )  # fmt: skip


class LibraryPost(Post):
    """Puts aside the numbers in addresses, too."""

    def _settled(self, text: str) -> str:
        text = re.sub(r"(?<=/)(requests|demandes|examples|exemples|concern|format)/\d+(?=/)", r"\1/NUMBER", text)
        return super()._settled(text)


class Reader(Person):
    """Anybody with a browser; most have no account."""

    def address(self, page: str, *args: Any) -> str:
        with translation.override(self.language):
            return reverse(f"knowledge:{page}", args=args)

    def comes_to(self, page: str, *args: Any, ask: str = "") -> None:
        """Type the address of a page by its name, in the language of this person."""
        self.opens(
            self.address(page, *[one.slug if isinstance(one, ActionBrief | Practice) else one for one in args]) + ask
        )

    def says(self, text: str, context: str = "") -> bool:
        """Tell whether a sentence of the interface stands on the page."""
        return self.word(text, context) in " ".join(self.page.locator("main").inner_text().split())

    # ---- the library -------------------------------------------------------------------------------------------------

    def looks_for(self, words: str, **filters: str) -> list[str]:
        """Search and filter with the button, as without script; return the titles that were found."""
        self.writes(q=words, **filters)
        self._comes_by(self.page.locator("form.filters button").click)
        return self.finds()

    def types_into_the_search(self, words: str) -> list[str]:
        """Type and press nothing, as somebody who is signed in: the list follows, and the address with it."""
        self.page.locator("main [name=q]").press_sequentially(words)
        follows = "words => new URLSearchParams(location.search).get('q') === words"
        self.page.wait_for_function(follows, arg=words)
        return self.finds()

    def finds(self) -> list[str]:
        return [title.strip() for title in self.page.locator("#results .row__title").all_inner_texts()]

    def marked(self) -> set[str]:
        """What is highlighted in the excerpts."""
        return set(self.page.locator("#results mark").all_inner_texts())

    def works_it_out_for(self, residents: str) -> None:
        self.writes(population=residents)
        self._comes_by(self.page.locator("#numbers form button").click)

    def prints(self) -> None:
        self.follows("For printing")
        assert self.is_at() == "knowledge:print"

    def stops_the_letters(self) -> None:
        """From the subscriber's own page."""
        name = self.word("Stop the letters", "subscription")
        self._comes_by(self._exactly("button", name).click)


class Member(Reader):
    """Works for a municipality and has an account."""

    def asks_for_a_brief(self, subject: str, why: str) -> None:
        self.comes_to("requests")
        self._comes_by(self.page.locator(f"main a[href='{self.address('request_new')}']").first.click)
        self.writes(subject=subject, why=why)
        self.presses("Send the request")
        assert self.is_at() == "knowledge:requests"

    def marks(self, step: str, state: str) -> None:
        """Mark a step of the own list; `state` is "done" or "to-do"."""
        row = self.page.locator("li.row", has_text=step)
        self._comes_by(row.locator(f"button[formaction*='/{state}/']").click)

    def says_what_is_done(self, state: str, note: str) -> None:
        self.follows("Say what your municipality does with it")
        self.writes(state=state, note=note)
        self.presses("Save")
        assert self.is_at() == "knowledge:brief"


class Writer(Member):
    """Writes, reviews or coordinates at the desk."""

    def answers_the_request(self, move: str, **answers: Any) -> None:
        """Unfold one of the answers to a request, fill it in and send it."""
        form = self.page.locator("form", has=self.page.locator(f"input[name=what][value={move}]"))
        self.page.locator("details", has=form).locator("summary").click()
        for name, value in answers.items():
            field = form.locator(f"[name={name}]")
            if value is True:
                field.check()
            else:
                field.fill(value.isoformat() if isinstance(value, date) else value)
        self._comes_by(form.locator("button").click)
        assert self.is_at() == "knowledge:request"

    def moves(self, *labels: str) -> None:
        """One move of the brief after the other, from its overview."""
        for label in labels:
            self.presses(label)
            assert self.is_at() == "knowledge:overview"
            assert self.page.locator(".messages .notice--error").count() == 0, self.told()

    def is_refused(self, move: str) -> str:
        """Return why the overview does not offer a move."""
        row = self.page.locator(".actions li", has=self.page.get_by_text(self.word(move), exact=True))
        assert row.locator("button").count() == 0
        return str(row.locator(".reason").inner_text())

    def adds(self, page: str, brief: ActionBrief, **row: Any) -> None:
        """One row of a list of the desk: numbers, steps, sources or examples."""
        self.comes_to(page, brief)
        chosen = {name: row.pop(name) for name in ("audience", "municipality") if name in row}
        self.writes(**row)
        for name, label in chosen.items():
            self.page.locator(f"main [name={name}]").select_option(label=label)
        self.presses("Add")
        assert self.is_at() == f"knowledge:{page}"

    def writes_with_the_text_beside(self, texts: dict[str, str]) -> None:
        """The preview follows what is typed, the draft saves itself after twenty seconds, and is final by a button."""
        self.writes(**texts)
        preview = self.page.locator("#preview")
        self.page.clock.run_for(1000)
        preview.get_by_text(texts["summary"]).wait_for()
        assert preview.locator("li strong").inner_text() == "present"
        seen = int(self.page.locator("input[name=version]").input_value())
        self.page.clock.run_for(21_000)
        words = self.word("Saved at %s").split("%")[0].strip()
        self.page.locator("[data-autosave-status]").get_by_text(words).wait_for()
        assert int(self.page.locator("input[name=version]").input_value()) == seen + 1

    def comments(self, field: str, paragraph: int, text: str) -> None:
        """A remark at one paragraph, counted from 0."""
        block = self.page.locator(f"#{field}-{paragraph}")
        block.locator("summary").last.click()
        block.locator("textarea").last.fill(text)
        self._comes_by(block.locator("form button").last.click)
        assert self.is_at() == "knowledge:read"

    def answers_the_comment(self, text: str, reply: str) -> None:
        remark = self.page.locator("article", has_text=text)
        remark.locator("summary").click()
        remark.locator("textarea").fill(reply)
        self._comes_by(remark.locator("form button").click)

    def sees_on_the_board(self, title: str) -> list[str]:
        """Return how the board states the brief: its state, English, French."""
        self.comes_to("desk")
        row = self.page.locator("tbody tr", has=self.page.get_by_text(title, exact=True))
        return [" ".join(one.split()) for one in row.locator(".state").all_inner_texts()]


# ---- what stands in the library before a story begins


def a_practice(**words: str) -> Practice:
    practice = make_practice("evening-places", **words)
    make_evidence(practice, outcome_en="Violent crime", read_on=timezone.localdate() - timedelta(days=30))
    return practice


def in_french(words: dict[str, Any]) -> dict[str, Any]:
    """The French words in both languages, so that no English on a French page is anybody's but the portal's."""
    return words | {f"{name.removesuffix('_fr')}_en": text for name, text in words.items() if name.endswith("_fr")}


def published(story: Story, practice: Practice) -> ActionBrief:
    now = timezone.now()
    brief = make_brief("published", slug="soirees", en=story.fr, fr=story.fr, authors="Équipe de l’Université d’Ottawa")
    brief.steps.all().delete()
    ActionBrief.objects.update(published_at=now)
    Edition.objects.filter(brief=brief).update(published_at=now)
    make_number(brief, **in_french(story.number | {"source": "Statistique Canada, 2020"}))
    make_step(brief, "council", **in_french(story.step))
    brief.sources.update(citation="Institut pour la prévention de la criminalité, 2009.", language="fr")
    brief.evidence.set(practice.evidence.all())
    brief.topics.set(Topic.objects.filter(slug="youth"))
    place = Municipality.objects.get(slug="gatineau")
    brief.examples.create(municipality=place, text_en=story.example[1], text_fr=story.example[1], agreed_at=now)
    return ActionBrief.objects.get(pk=brief.pk)


def councillor_of(place: Municipality, email: str) -> None:
    user = make_user(email, name="Odette Fontaine", language="fr")
    sector = Sector.objects.get(slug="elected")
    make_stakeholder(place, user=user, standing=Standing.LEADER, sector=sector, title="Conseillère municipale")


def brief_called(title: str) -> ActionBrief:
    return ActionBrief.objects.get(editions__title=title)
