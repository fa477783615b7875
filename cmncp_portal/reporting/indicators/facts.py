"""What is read from the database for one period: each thing once, when the first indicator asks for it."""

from datetime import date
from functools import cached_property

from django.conf import settings
from django.utils import timezone
from django.utils.crypto import salted_hmac

from cmncp_portal.core.days import add_months, local_day
from cmncp_portal.evaluation import figures as evaluation
from cmncp_portal.network.models import Municipality, Sector
from cmncp_portal.progress.selectors import figures as progress
from cmncp_portal.progress.selectors.figures import Place
from exchanges.selectors import figures as of_exchanges
from knowledge.selectors import figures as of_knowledge
from meetings.selectors import figures as of_meetings
from mentoring.selectors import figures as of_mentoring
from training.selectors import figures as of_training

from .base import Period, Words

MONTHS_AFTER = 6  # after which it is told how far a commitment is


def person_key(email: str, otherwise: str) -> str:
    """Return the key of whoever has this address; without one, of `otherwise`, which names the row. No address can be read from it."""
    address = email.strip().lower()
    return f"person:{salted_hmac('reporting.person', address or otherwise, algorithm='sha256').hexdigest()[:24]}"


class Facts:
    """The rows of a period, as the apps give them. The number of queries does not depend on how many there are."""

    def __init__(self, period: Period) -> None:
        self.period = period
        self.days = (period.from_on, period.until_on)
        self.today = local_day(timezone.now(), settings.TIME_ZONE)

    @cached_property
    def places(self) -> dict[int, Place]:
        rows = Municipality.objects.defer("search_en", "search_fr", "about_en", "about_fr").order_by("pk")
        return {row.pk: progress.place_of(row) for row in rows}

    @cached_property
    def sectors(self) -> dict[str, Words]:
        return {slug: (en, fr) for slug, en, fr in Sector.objects.values_list("slug", "name_en", "name_fr")}

    @cached_property
    def requests(self) -> list[of_exchanges.ExchangeRow]:
        return of_exchanges.requested(*self.days)

    @cached_property
    def acceptances(self) -> list[of_exchanges.ExchangeRow]:
        return of_exchanges.accepted(*self.days)

    @cached_property
    def visits(self) -> list[of_exchanges.VisitRow]:
        return of_exchanges.visits(*self.days)

    @cached_property
    def team(self) -> list[of_exchanges.TeamRow]:
        return of_exchanges.people(*self.days)

    @cached_property
    def meetings(self) -> list[of_meetings.MeetingRow]:
        return of_meetings.meetings(*self.days)

    @cached_property
    def registrations(self) -> list[of_meetings.RegistrationRow]:
        return of_meetings.registrations(*self.days)

    @cached_property
    def offerings(self) -> list[of_training.OfferingRow]:
        return of_training.offerings(*self.days)

    @cached_property
    def enrolments(self) -> list[of_training.EnrolmentRow]:
        return of_training.enrolments(*self.days)

    @cached_property
    def modules(self) -> list[of_training.ModuleRow]:
        return of_training.approved(*self.days)

    @cached_property
    def briefs(self) -> list[of_knowledge.BriefRow]:
        return of_knowledge.published(*self.days)

    @cached_property
    def agreements_begun(self) -> list[of_mentoring.AgreementRow]:
        return of_mentoring.begun(*self.days)

    @cached_property
    def agreements_concluded(self) -> list[of_mentoring.AgreementRow]:
        return of_mentoring.concluded(*self.days)

    @cached_property
    def agreements_running(self) -> list[of_mentoring.AgreementRow]:
        return of_mentoring.running(*self.days)

    @cached_property
    def asked(self) -> list[evaluation.AskedRow]:
        return evaluation.asked(*self.days)

    @cached_property
    def rated(self) -> dict[str, dict[int, evaluation.Rated]]:
        """What was rated, by measure and response."""
        found: dict[str, dict[int, evaluation.Rated]] = {}
        for row in evaluation.rated(*self.days):
            found.setdefault(row.measure, {})[row.response] = row
        return found

    @cached_property
    def asking(self) -> dict[str, set[int]]:
        return evaluation.questionnaires_asking()

    @cached_property
    def commitments_so_far(self) -> list[progress.CommitmentMade]:
        """Every commitment made until the end of the period: dollars may be told long after it was made."""
        return progress.commitments_made(date.min, self.period.until_on)

    @cached_property
    def commitments(self) -> list[progress.CommitmentMade]:
        return [row for row in self.commitments_so_far if row.made_on in self.period]

    @cached_property
    def stages(self) -> list[progress.StageChange]:
        return progress.stage_changes(*self.days)

    @cached_property
    def offices(self) -> list[progress.OfficeAndPlan]:
        return progress.offices_and_plans(*self.days)

    @cached_property
    def budgets(self) -> list[progress.Investment]:
        """Budgets of the year before the one in which the period begins, and of the year in which it ends."""
        return progress.investment(self.period.from_on.year - 1, self.period.until_on.year)

    def after_six_months(self, row: progress.CommitmentMade) -> str | None:
        """Return the state six months after the commitment was made; None as long as that day has not come."""
        day = add_months(row.made_on, MONTHS_AFTER)
        return row.state_on(day) if day <= self.today else None
