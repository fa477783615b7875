"""What people do while a community joins the network, is accompanied by another, and says where its strategy stands."""

import re
from datetime import timedelta
from types import ModuleType
from typing import Any

from django.urls import reverse
from django.utils import timezone, translation

from cmncp_portal.joining import urls as joining
from cmncp_portal.progress import urls as progress
from mentoring import urls as mentoring
from mentoring.models import Agreement

from .eyes import Eyes
from .people import Person
from .post import Post

# Addresses that give a file, take a form, or lead on, and have no page of their own.
NO_PAGES = {
    "joining:act", "joining:application_act", "joining:resolution_file", "joining:renewal_act", "joining:step_act",
    "joining:my_renewal_act", "progress:export", "progress:confirm", "mentoring:guest_document", "mentoring:need_act",
    "mentoring:offer_act", "mentoring:propose", "mentoring:export", "mentoring:move", "mentoring:person_act",
    "mentoring:calendar", "mentoring:document", "mentoring:document_remove",
}  # fmt: skip


def pages_of(app: ModuleType) -> set[str]:
    return {f"{app.app_name}:{one.name}" for one in app.urlpatterns} - NO_PAGES


# Commitments and figures have a journey of their own.
JOINING, MENTORING = pages_of(joining), pages_of(mentoring) - {"mentoring:commit"}
STRATEGIES = {f"progress:{one.name}" for one in progress.urlpatterns if one.callback.__module__.endswith(".strategies")}
PROGRESS = STRATEGIES & pages_of(progress)


def not_seen(eyes: Eyes, pages: set[str]) -> set[str]:
    """Return those of `pages` to which nobody came."""
    return pages - {name for name, _language, _state in eyes.seen}


class CompanionPost(Post):
    """Puts aside what differs from run to run in these letters, too: numbers, and the hour of a session."""

    def _settled(self, text: str) -> str:
        text = re.sub(r"ME-\d{4}-\d+", "ME-YEAR-NUMBER", text)
        text = re.sub(r"(?<=/invitation/)[\w:.-]+(?=/)", "INVITATION", text)
        return super()._settled(text)


class Companion(Person):
    """Somebody with a browser, who may have an account."""

    def comes_to(self, page: str, *args: Any, ask: str = "") -> None:
        """Type the address of a page by its full name, in the language of this person."""
        with translation.override(self.language):
            self.opens(reverse(page, args=[getattr(one, "slug", one) for one in args]) + ask)

    def sends(self, within: str = "main form") -> None:
        """Press the first button of a form."""
        button = self.page.locator(f"{within} button.button--primary, {within} input.button--primary").first
        self._comes_by(button.click)
        assert self.page.locator(".messages .notice--error").count() == 0, self.told()

    def does(self, move: str, word: str = "") -> None:
        """One of the moves that a page offers, by the last word of its address; unfold it when it is folded."""
        form = self.page.locator(f"form[action*='/{move}/']")
        folded = self.page.locator("details:not([open])", has=form)
        if folded.count():
            folded.locator("summary").first.click()
        if word:
            form.locator("textarea").fill(word)
        self._comes_by(form.locator("button").first.click)
        assert self.page.locator(".messages .notice--error").count() == 0, self.told()

    def accepts(self) -> None:
        """Answer for one's municipality, from its letter."""
        self.presses("Yes, we accept")
        assert self.page.locator(".messages .notice--success").count() == 1, self.told()


def a_month_goes_by(agreement: Agreement) -> None:
    """The calendar turns until the agreement began 32 days ago; nobody is told."""
    Agreement.objects.filter(pk=agreement.pk).update(starts_on=timezone.localdate() - timedelta(days=32))
    agreement.refresh_from_db()
