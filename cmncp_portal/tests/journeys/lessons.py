"""What people do with what was learned: evaluations are read, ideas are taken home, figures are kept, a report is made of it."""

import re
from collections.abc import Callable
from datetime import time, timedelta
from typing import Any

from django.conf import settings
from django.test import Client
from django.utils import timezone

from cmncp_portal.accounts.models import User
from cmncp_portal.core.days import add_months, local_instant, next_working_day
from cmncp_portal.evaluation import urls as evaluation
from cmncp_portal.evaluation.models import Answer, Invitation, Question, Response, Survey
from cmncp_portal.network.models import Municipality, Stakeholder
from cmncp_portal.privacy import urls as privacy
from cmncp_portal.progress import urls as progress
from cmncp_portal.progress.models import Commitment
from cmncp_portal.progress.services import inquiring
from cmncp_portal.reporting import urls as reporting
from cmncp_portal.reporting.models import Calculation, Report, Snapshot, SnapshotFile
from cmncp_portal.testing.background import wait
from exchanges.models import Exchange, Objective, Visit
from exchanges.tests.factories import make_answer, make_exchange, read

from .companions import Companion, CompanionPost

# Addresses that give a file, take a form, or lead on, and have no page of their own.
NO_PAGES = {
    "evaluation:comment", "evaluation:flag", "evaluation:settle", "evaluation:reviewed", "evaluation:code",
    "evaluation:uncode", "evaluation:sort", "evaluation:unsort", "evaluation:theme_use", "evaluation:export", "progress:commitments_export",
    "progress:figures_export", "progress:figure_delete", "reporting:calculate", "reporting:handed_in",
    "reporting:case_add", "reporting:case_remove", "reporting:again", "reporting:file", "reporting:share",
    "reporting:unshare", "privacy:refuse",
}  # fmt: skip
QUESTIONNAIRES = {"evaluation:questionnaires", "evaluation:questionnaire", "evaluation:preview"}
REACH = {"home:reach", "home:reach_ways", "home:reach_unreached"}


def _pages_of(app: Any, *modules: str) -> set[str]:
    """The pages of an app whose views stand in one of `modules`; all of them when none is named."""
    ours = [one for one in app.urlpatterns if not modules or one.callback.__module__.rpartition(".")[2] in modules]
    return {f"{app.app_name}:{one.name}" for one in ours} - NO_PAGES


DESK = _pages_of(evaluation, "desk", "codebook", "sorting") | QUESTIONNAIRES
PLACES = _pages_of(progress, "commitments", "readings")
PAGES = DESK | PLACES | REACH | _pages_of(reporting) | _pages_of(privacy)


class LearnedPost(CompanionPost):
    """Puts aside the numbers of requests about personal data, too."""

    def _settled(self, text: str) -> str:
        return super()._settled(re.sub(r"(?<=Demande )\d+", "NUMBER", text))


class Learner(Companion):
    """Somebody who reads, decides or counts; some have no account."""

    def is_signed_in(self) -> "Learner":
        """As after signing in, without the pages on the way, which others came to."""
        client = Client()
        client.force_login(User.objects.get(email=self.email))
        session = {"name": settings.SESSION_COOKIE_NAME, "value": client.cookies[settings.SESSION_COOKIE_NAME].value}
        self.page.context.add_cookies([session | {"url": self.eyes.site}])
        return self

    def looks_again_at(self, page: str, *args: Any, ask: str = "") -> None:
        """Come to a page of a kind that was seen before, and look at it as if it were the first time."""
        self.forgets_seeing(page)
        self.comes_to(page, *args, ask=ask)

    def forgets_seeing(self, page: str) -> None:
        """Look at the next page of this kind again: it says something else."""
        self.eyes.seen = {one for one in self.eyes.seen if one[:2] != (page, self.language)}

    def uses(self, role: str, text: str, context: str) -> None:
        """Follow a link or press a button whose words have a context."""
        self._comes_by(self._exactly(role, self.word(text, context)).click)

    def sorts(self, text: str, theme: str) -> None:
        """Put an open answer under a theme, by its code."""
        row = self.page.locator("main li.row", has_text=text).first
        row.locator("select[name=theme]").select_option(theme)
        self._comes_by(row.locator("form.sort button").click)

    def says_how_far(self, commitment: Commitment, state: str, note: str = "") -> None:
        """Answer by the link of a letter."""
        self.writes(**{f"c{commitment.pk}_to_state": state})
        self.page.locator(f"main [name=c{commitment.pk}_note]").fill(note)
        self.presses("Send my answers")
        assert self.told() == [self.word("Thank you: it is noted.")]

    def takes(self, language: str) -> dict[str, bytes]:
        """The three files of a frozen report in `language`, by their format, from its page."""
        links = self.page.locator(f"#files a[href*='/{language}/']")
        found = [one.get_attribute("href") for one in links.all()]
        return {one.rstrip("/").rpartition("/")[2]: self.fetches(one, "application/octet-stream") for one in found}


# ---- rows ------------------------------------------------------------------------------------------------------------


def idea(what: str) -> dict[str, Any]:
    """An idea to take home, as the form keeps it."""
    return {"what": what, "programme": "", "who": "", "by": "", "sure": None}


def both_have_answered(
    guest: Municipality, host: Municipality, *, objectives: tuple[str, str], said: list[dict[str, Any]], **fields: Any
) -> Visit:
    """A visit of last week: two visitors and one host evaluated it, in this order, with the answers `said` by their codes."""
    made = make_exchange(guest, host, stage="evaluated", **fields)
    for line, words in zip(made.objectives.order_by("order"), objectives, strict=True):
        Objective.objects.filter(pk=line.pk).update(text=words)
    for survey in Survey.objects.filter(visit_evaluation__visit__exchange=made):
        rows = [row | {"en": words, "fr": words} for row, words in zip(survey.rows, objectives, strict=True)]
        Survey.objects.filter(pk=survey.pk).update(rows=rows)
    make_answer(made.first_visit, "visitors")
    responses = Response.objects.filter(invitation__survey__visit_evaluation__visit__exchange=made)
    for response, values in zip(responses.order_by("-invitation__survey__side", "pk"), said, strict=True):
        _answer(response, values)
    return read(made.first_visit)


def _answer(response: Response, values: dict[str, Any]) -> None:
    values = dict(values)
    name, language = values.pop("name", ""), values.pop("language", "")
    if name:
        Invitation.objects.filter(pk=response.invitation_id).update(name=name)
    if language:
        Response.objects.filter(pk=response.pk).update(language=language)
    questions = Question.objects.filter(questionnaire__surveys__invitations=response.invitation_id)
    for question in questions.filter(code__in=values):
        Answer.objects.create(response=response, question=question, value=values.pop(question.code))
    assert values == {}


def in_french(exchange: Exchange, title: str) -> None:
    """What factories write in English about people is put aside: in the story it is said in French."""
    Stakeholder.objects.filter(municipality__in=[exchange.guest, exchange.host]).update(title=title)


# ---- time ------------------------------------------------------------------------------------------------------------


def three_months_go_by(commitment: Commitment) -> int:
    """The calendar turns until a commitment is three months old, and the morning of a working day has come.

    Return how many letters the sweep writes then.
    """
    today = timezone.localdate()
    Commitment.objects.filter(pk=commitment.pk).update(made_on=add_months(today, -3) - timedelta(days=7))
    morning = local_instant(next_working_day(today), time(10), commitment.municipality.time_zone)
    return inquiring.ask_due(morning)


def is_calculated(report: Report) -> None:
    """Wait until a worker has counted all figures."""
    wait(_all(report.calculations.all(), Calculation.State.DONE), saying="the figures are not calculated")


def has_its_files(snapshot: Snapshot) -> None:
    """Wait until a worker has made all six files."""
    wait(_all(snapshot.files.all(), SnapshotFile.State.DONE), saying="the files of the report are not made")


def _all(rows: Any, state: str) -> Callable[[], bool]:
    return lambda: set(rows.all().values_list("state", flat=True)) == {state}
