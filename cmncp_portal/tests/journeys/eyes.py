"""What is looked for on every page that somebody comes to: barriers, faults of the browser, words of the other language.

JOURNEY_PICTURES=folder also takes a picture of each page, 1280 and 360 pixels wide.
"""

import os
import re
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import polib
from django.urls import resolve
from django.utils import translation

from cmncp_portal import messages_tool
from cmncp_portal.testing.axe import violations

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
PICTURES = os.environ.get("JOURNEY_PICTURES", "")
# Words that stand in nearly every English sentence, and in no French one.
GIVEAWAYS = re.compile(r"\b(the|of|and|your|you|with|from|this|that|have|has|will|they|their|yet|what|who|is|are)\b")
# Everything that is said or shown, without what people wrote in English and the link to the other language.
WORDS = """() => {
    const copy = document.documentElement.cloneNode(true);
    copy.querySelectorAll("script, style, template, [lang=en]").forEach((one) => one.remove());
    const said = [copy.querySelector("title")?.textContent, copy.querySelector("body").innerHTML.replace(/<[^>]*>/g, " | ")];
    for (const name of ["aria-label", "title", "alt", "placeholder", "value", "data-saved", "data-unsaved"])
        copy.querySelectorAll(`[${name}]:not(input[type=hidden], input[type=radio], input[type=checkbox], option)`)
            .forEach((one) => said.push(one.getAttribute(name)));
    const plain = document.createElement("textarea");
    plain.innerHTML = said.join(" | ");
    return plain.value.replace(/\\s+/g, " ");
}"""


@cache
def english_interface() -> dict[str, list[tuple[str, int]]]:
    """Every string of the interface that is written differently in French, and is not French by chance.

    By its first word: the string and where in it that word begins, the longest first. Looking each word of a page up is
    many times quicker than one pattern of five thousand strings.
    """
    paths = [messages_tool.HAND_KEPT, *map(messages_tool.catalogue_path, messages_tool.apps().values())]
    entries = [entry for path in paths if path.exists() for entry in polib.pofile(str(path))]
    french = " | ".join(text for entry in entries for text in (entry.msgstr, *entry.msgstr_plural.values()))
    plain = {entry.msgid for entry in entries if entry.msgstr != entry.msgid and not re.search(r"[%{<]", entry.msgid)}
    found: dict[str, list[tuple[str, int]]] = {}
    for text in sorted(plain, key=len, reverse=True):
        first = re.search(r"\w+", text)
        if first and len(text) > 3 and text not in french and text != "English":
            found.setdefault(first[0], []).append((text, first.start()))
    return found


def english_in(text: str) -> set[str]:
    """Return the strings of the interface that stand in `text` as whole words; of two that begin alike, the longer."""
    known, found, end = english_interface(), set(), 0
    for word in re.finditer(r"\w+", text):
        if word.start() < end:
            continue
        for phrase, offset in known.get(word[0], ()):
            begin = word.start() - offset
            after = begin + len(phrase)
            if begin >= 0 and text.startswith(phrase, begin) and not text[after : after + 1].isalnum():
                found.add(phrase)
                end = after
                break
    return found


def view_at(url: str, language: str) -> str:
    """Return the name of an address, which is one of `language`."""
    with translation.override(language):
        return str(resolve(urlsplit(url).path).view_name)


class Eyes:
    """Sees each kind of page once per language and state; `faults` collects what is wrong, so that one run tells all of it.

    With `all_french`, what people write is French too, and French pages are searched for English; `also_french` are strings
    of the interface that the story says in French as well. Without `can_run` (a browser that runs no script) axe cannot
    look, and only the language is checked.
    """

    def __init__(self, site: str) -> None:
        self.site, self.faults, self.seen = site, [], set()
        self.all_french, self.can_run = False, True
        self.also_french: set[str] = set()

    def report(self) -> None:
        """Say all that was wrong on the way. Raises AssertionError."""
        assert not self.faults, "\n".join(map(str, self.faults))

    def watch(self, context: Any) -> None:
        """Note each error and each request to another host of a browser context, from now on."""
        context.on("console", lambda said: self._heard("console", said.text) if said.type == "error" else None)
        context.on("weberror", lambda problem: self._heard("script", str(problem.error)))
        context.on("request", lambda asked: None if self._is_ours(asked.url) else self._heard("request", asked.url))

    def _heard(self, where: str, what: str) -> None:
        self.faults.append((where, what))

    def _is_ours(self, url: str) -> bool:
        return url.startswith((self.site + "/", "data:", "blob:", "about:"))

    def look(self, page: Any, language: str) -> None:
        """Look at the page; a kind of page that was seen before in this language and state is passed over."""
        name = view_at(page.url, language)
        state = " ".join(page.locator(".head__title .state").all_inner_texts())
        what = (name, language, state)
        if what in self.seen:
            return
        self.seen.add(what)
        assert page.locator("html").get_attribute("lang") == language, f"{page.url} is not in {language}"
        if not self.can_run:
            return
        self._check(page, what)
        if language == "fr" and self.all_french:
            self.faults += [(*what, "English", word) for word in self.english_on(page)]
        if PICTURES:
            self._picture(page, "-".join(part for part in what if part))

    def _check(self, page: Any, what: tuple[str, ...]) -> None:
        for found in violations(page, runOnly=TAGS):
            self.faults.append((*what, found["id"], [node["html"][:200] for node in found["nodes"]]))
        wide, room = page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
        if wide > room:
            self.faults.append((*what, f"{wide} pixels wide on a screen of {room}"))

    def in_the_dark(self, page: Any, language: str) -> None:
        """Look at the page in dark colours."""
        page.emulate_media(color_scheme="dark")
        self._check(page, (page.url, language, "dark"))
        page.emulate_media(color_scheme="light")

    def english_on(self, page: Any) -> list[str]:
        """Return the English of the interface that a French page shows or says."""
        text = page.evaluate(WORDS)
        around = [text[max(0, hit.start() - 30) : hit.end() + 30] for hit in GIVEAWAYS.finditer(text)]
        return sorted({*(english_in(text) - self.also_french), *around})

    def _picture(self, page: Any, name: str) -> None:
        size, folder = page.viewport_size, Path(PICTURES)
        folder.mkdir(parents=True, exist_ok=True)
        for width, height in ((1280, 900), (360, 740)):
            page.set_viewport_size({"width": width, "height": height})
            page.screenshot(path=folder / f"{name.replace(':', '-')}-{width}.png", full_page=True)
        page.set_viewport_size(size)
