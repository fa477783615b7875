"""A person at a browser. What they press and follow is named in English and found in the language of their pages."""

import re
from collections.abc import Callable
from datetime import date
from typing import Any

from allauth.account.models import EmailAddress
from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext, pgettext

from cmncp_portal.accounts.models import User

from .eyes import Eyes, view_at

PHONE = {"width": 360, "height": 740}


class Person:
    """Somebody with a browser of their own. Each page that they come to is looked at."""

    def __init__(self, context: Any, eyes: Eyes, language: str, email: str = "") -> None:
        self.eyes, self.language, self.email = eyes, language, email
        eyes.watch(context)
        context.set_default_timeout(15_000)
        self.page = context.new_page()

    def word(self, text: str, context: str = "", **values: object) -> str:
        """Return a string of the interface in this person's language."""
        with translation.override(self.language):
            found = pgettext(context, text) if context else gettext(text)
        return found % values if values else found

    # ---- coming to pages ---------------------------------------------------------------------------------------------

    def opens(self, where: Any) -> None:
        """Type an address, open a link from a letter, or the page of a visit or exchange in one's own language."""
        with translation.override(self.language):
            path = where if isinstance(where, str) else where.get_absolute_url()
        self._comes_by(lambda: self.page.goto(path if path.startswith("http") else self.eyes.site + path))

    def follows(self, text: str, **values: object) -> None:
        link = self._exactly("link", self.word(text, **values))
        self._comes_by(link.click)

    def presses(self, text: str, *, of: str = "") -> None:
        """Press a button of the page; `of` is what is said, unseen, after its words."""
        name = re.compile(rf"^{re.escape(self.word(text))}\s*: {re.escape(of)}$")
        button = self.page.get_by_role("button", name=name).first if of else self._exactly("button", self.word(text))
        self._comes_by(button.click)

    def _comes_by(self, act: Callable[[], Any]) -> None:
        with self.page.expect_navigation() as arrival:
            act()
        answer = arrival.value
        assert answer.ok, f"{answer.status} at {answer.url}"
        self.eyes.look(self.page, self.language)

    def _exactly(self, role: str, name: str) -> Any:
        return self.page.locator("body").get_by_role(role, name=name, exact=True).first

    def opens_up(self, text: str) -> None:
        """Unfold what stands behind a line."""
        self.page.locator("main summary").get_by_text(self.word(text), exact=True).click()

    def back_to_overview(self) -> None:
        self._comes_by(self.page.locator(".tabs a").first.click)

    def unfolds(self, text: str, context: str = "") -> None:
        self.page.locator("main summary").get_by_text(self.word(text, context), exact=True).first.click()

    # ---- filling in --------------------------------------------------------------------------------------------------

    def field(self, text: str, **values: object) -> Any:
        """Return the answer that belongs to a label."""
        label = self.word(text, **values)
        words = re.escape(label[:1].upper() + label[1:]) + rf"(\s*{re.escape(self.word('(optional)'))})?"
        return self.page.get_by_label(re.compile(rf"^\s*{words}\s*$"))

    def fills(self, answers: dict[str, str]) -> None:
        """Write into fields; of a list, choose the line with these words."""
        for label, value in answers.items():
            field = self.field(label)
            if field.evaluate("field => field.tagName") == "SELECT":
                field.select_option(label=value)
            else:
                field.fill(value)

    def ticks(self, *labels: str) -> None:
        for label in labels:
            self.page.get_by_label(label, exact=True).check()

    def writes(self, **answers: Any) -> None:
        """Fill in fields by their names: words, the code of a choice, True for a tick."""
        for name, value in answers.items():
            fields = self.page.locator(f"main [name='{name}']:not([type=hidden])")
            kind = fields.first.evaluate("one => one.type")
            if kind == "radio" or kind == "checkbox" and value is not True:
                self.page.locator(f"main [name='{name}'][value='{value}']").check()
            elif kind == "checkbox":
                fields.first.check()
            elif kind == "select-one":
                fields.first.select_option(str(value))
            else:
                fields.first.fill(value.isoformat() if isinstance(value, date) else str(value))

    # ---- reading -----------------------------------------------------------------------------------------------------

    def heading(self) -> str:
        return self.page.locator("h1").inner_text()

    def reads(self, *texts: str) -> None:
        """Find each of these texts on the page, wherever it stands."""
        shown = " ".join(self.page.locator("body").inner_text().split())
        missing = [text for text in texts if " ".join(text.split()) not in shown]
        assert missing == [], f"not on {self.page.url}: {missing}"

    def told(self) -> list[str]:
        """Return the messages on top of the page."""
        return [text.strip() for text in self.page.locator(".messages .notice").all_inner_texts()]

    def is_at(self) -> str:
        """Return the name of the page's address."""
        return view_at(self.page.url, self.language)

    def fetches(self, address: str, kind: str) -> bytes:
        """Return the file behind an address, which must be of `kind`."""
        answer = self.page.context.request.get(address if address.startswith("http") else self.eyes.site + address)
        assert (answer.status, answer.headers["content-type"]) == (200, kind)
        return bytes(answer.body())

    def fetches_behind(self, text: str, kind: str) -> bytes:
        return self.fetches(self._exactly("link", self.word(text)).get_attribute("href"), kind)

    # ---- signing in --------------------------------------------------------------------------------------------------

    def signs_in(self) -> "Person":
        """With address and password, from the front page."""
        user = User.objects.get(email=self.email)
        EmailAddress.objects.get_or_create(user=user, email=self.email, defaults={"verified": True, "primary": True})
        self.opens(f"/{self.language}/")
        self.follows("Sign in")
        self.page.locator("input[name=login]").fill(self.email)
        self.page.locator("input[name=password]").fill("correct horse")
        self._comes_by(self.page.locator("main form .button--primary").click)
        assert settings.SESSION_COOKIE_NAME in {one["name"] for one in self.page.context.cookies()}
        return self

    def takes_up(self, sentence: str, **values: object) -> None:
        """Follow the line among what waits for this person that says so."""
        row = self.page.locator(".tasks .row", has_text=self.word(sentence, **values))
        self._comes_by(row.get_by_role("link").first.click)

    def goes_home(self) -> None:
        self.opens(f"/{self.language}/")
