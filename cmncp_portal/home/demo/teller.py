"""How a demonstration exchange is told: the acts of the people, through the services, each on its day."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from cmncp_portal.accounts.models import User
from cmncp_portal.core.days import local_instant
from cmncp_portal.evaluation import services as surveys
from cmncp_portal.network.models import Municipality, PreventionProgramme, Stakeholder, Topic
from exchanges import services
from exchanges.models import Exchange, Side, Stop, TeamMember, Visit

from .cast import AUTHOR, BY_EMAIL, NETWORK
from .clock import at

Plan = Sequence[tuple[int, str, str, str, str, str, str, tuple[int, ...]]]


@dataclass(frozen=True)
class Request:
    """What the visitors write. `team` are e-mail addresses of the cast; `first` is the first day they propose."""

    guest: str
    by: str
    challenge: str
    topics: tuple[str, ...]
    objectives: tuple[str, ...]
    first: date
    hosts: tuple[str, ...] = ()
    team: tuple[str, ...] = ()
    interests: str = ""
    days: int = 2
    language: str = "en"
    programmes_of: str = ""
    looks_further: bool = True


class Teller:
    """Knows the cast and the calendar. Days are counted from `today`: -30 is a month ago."""

    def __init__(self, today: date) -> None:
        self.today = today
        self.places = {place.slug: place for place in Municipality.objects.all()}
        self.users = {
            user.email: user
            for user in User.objects.with_roles().filter(email__in=[*BY_EMAIL, AUTHOR[0], *(row[0] for row in NETWORK)])
        }

    def day(self, offset: int) -> date:
        """The day `offset` days from today, moved to the next Monday to Thursday, so that two days fit into a week."""
        day = self.today + timedelta(days=offset)
        return day + timedelta(days=(7 - day.weekday()) if day.weekday() > 3 else 0)

    @contextmanager
    def on(self, day: date | int, clock: time = time(10, 0)) -> Iterator[None]:
        """Tell what happens on `day`, an offset or a date, at `clock` in Toronto."""
        when = self.today + timedelta(days=day) if isinstance(day, int) else day
        with at(local_instant(when, clock, "America/Toronto")):
            yield

    def user(self, email: str) -> User:
        """Return the account at `email`, as if it had just signed in."""
        user = self.users[email]
        user.__dict__.pop("_places", None)
        return user

    def speaker(self, slug: str) -> User:
        """Return the account of the representative of the municipality `slug`."""
        person = next(p for p in BY_EMAIL.values() if p.place == slug and p.standing == "representative")
        return self.user(person.email)

    def leg(self, exchange: Exchange, leg: str = "first") -> Visit:
        return Visit.objects.select_related("exchange__guest", "exchange__host").get(exchange=exchange, leg=leg)

    # ---- the request -------------------------------------------------------------------------------------------------

    def draft(self, day: date | int, request: Request) -> Exchange:
        """Write a request and leave it in the drawer."""
        by, guest = self.user(request.by), self.places[request.guest]
        with self.on(day):
            exchange = services.start_request(guest=guest, challenge=request.challenge, by=by)
            programmes = (
                PreventionProgramme.objects.filter(municipality__slug=request.programmes_of)
                if request.programmes_of
                else []
            )
            services.keep_request(
                exchange,
                seen=exchange.version,
                by=by,
                fields={
                    "interests": request.interests,
                    "wants_suggestions": not request.hosts,
                    "looks_further": request.looks_further,
                    "days": request.days,
                    "language": request.language,
                    "working_language": request.language,
                },
                topics=Topic.objects.filter(slug__in=request.topics),
                programmes=programmes,
                objectives=list(request.objectives),
                preferred_hosts=[self.places[slug] for slug in request.hosts],
                windows=[
                    (request.first + timedelta(days=gap), request.first + timedelta(days=gap + request.days - 1))
                    for gap in (0, 14)
                ],
            )
            self.name_team(self.leg(exchange), Side.VISITORS, request.team, by)
        return exchange

    def ask(self, day: date | int, request: Request) -> Exchange:
        """Write a request and send it the same day."""
        exchange = self.draft(day, request)
        with self.on(day, time(11, 0)):
            services.submit_request(Exchange.objects.get(pk=exchange.pk), by=self.user(request.by))
        return Exchange.objects.get(pk=exchange.pk)

    def name_team(self, visit: Visit, side: str, emails: Sequence[str], by: User) -> None:
        """Name people of the cast in open places of their capacity, or in new ones; open places nobody needs go."""
        for email in emails:
            person = BY_EMAIL[email]
            row = Stakeholder.objects.get(email=email, municipality__slug=person.place)
            fields = {
                "stakeholder": row,
                "name": row.name,
                "title": row.title,
                "email": row.email,
                "phone": row.phone,
                "language": row.language,
            }
            members = list(TeamMember.objects.filter(visit=visit, side=side))
            free = [m for m in members if m.status == TeamMember.Status.TO_NAME and m.category == person.category]
            if any(m.email == email for m in members):
                continue
            if free:
                services.keep_member(free[0], seen=free[0].version, by=by, **fields)
            else:
                services.add_member(visit, side=side, by=by, category=person.category, **fields)
        if emails:
            for member in TeamMember.objects.filter(visit=visit, side=side, status=TeamMember.Status.TO_NAME):
                services.remove_member(member, by=by)

    def accept(self, exchange: Exchange, day: date | int, *, leg: str = "first") -> None:
        """The side that is asked accepts the first of the periods proposed last."""
        visit = self.leg(exchange, leg)
        place = visit.municipality_of(visit.side_to_answer or Side.HOSTS)
        assert place is not None
        with self.on(day):
            services.accept_window(visit, window=visit.latest_windows[0], by=self.speaker(place.slug))

    # ---- the plan ----------------------------------------------------------------------------------------------------

    def plan(
        self, exchange: Exchange, day: date | int, stops: Plan, *, leg: str = "first", agreed: bool = True
    ) -> None:
        """Both sides fill the programme: (day, from, until, kind, title, programme, side, objectives by number)."""
        visit = self.leg(exchange, leg)
        objectives = list(exchange.objectives.all())
        with self.on(day):
            for number, starts, ends, kind, title, programme, side, serves in stops:
                place = visit.municipality_of(side)
                assert place is not None
                stop = services.add_stop(
                    visit,
                    by=self.speaker(place.slug),
                    objectives=[objectives[n] for n in serves],
                    day=number,
                    starts_at=_clock(starts),
                    ends_at=_clock(ends),
                    kind=kind,
                    title=title,
                    programme=PreventionProgramme.objects.filter(name_en=programme).first() if programme else None,
                )
                if agreed:
                    self._agree(stop, Side(side).other)

    def _agree(self, stop: Stop, side: str) -> None:
        place = stop.visit.municipality_of(side)
        assert place is not None
        services.agree_stop(stop, by=self.speaker(place.slug))

    def practical(self, exchange: Exchange, day: date | int, *, leg: str = "first", **fields: str) -> None:
        """The hosts write the practical sheet."""
        visit = self.leg(exchange, leg)
        assert visit.hosting
        with self.on(day):
            services.keep_practical(visit, seen=visit.version, by=self.speaker(visit.hosting.slug), **fields)

    def gather(
        self,
        exchange: Exchange,
        day: date | int,
        *,
        hosts: Sequence[str] = (),
        visitors: Sequence[str] = (),
        leg: str = "first",
        silent: Sequence[str] = (),
    ) -> None:
        """Name both teams, invite everybody; all say yes but those in `silent`."""
        visit = self.leg(exchange, leg)
        for side, emails in ((Side.VISITORS, visitors), (Side.HOSTS, hosts)):
            place = visit.municipality_of(side)
            assert place is not None
            by = self.speaker(place.slug)
            with self.on(day):
                self.name_team(visit, side, emails, by)
                services.invite_all(visit, side=side, by=by)
        with self.on(_later(day, 1, self.today)):
            for member in TeamMember.objects.filter(visit=visit, status=TeamMember.Status.INVITED).exclude(
                email__in=silent
            ):
                services.answer_invitation(member, comes=True)

    def confirm(
        self,
        exchange: Exchange,
        day: date | int,
        *,
        leg: str = "first",
        sides: Sequence[str] = (Side.VISITORS, Side.HOSTS),
    ) -> None:
        """The sides confirm the plan, one after the other."""
        for side in sides:
            visit = self.leg(exchange, leg)
            place = visit.municipality_of(side)
            assert place is not None
            with self.on(day):
                services.confirm(visit, side=side, by=self.speaker(place.slug), seen_plan=visit.plan_version)

    # ---- the visit and after -----------------------------------------------------------------------------------------

    def idea(self, exchange: Exchange, text: str, programme: str = "", *, leg: str = "first") -> None:
        """A visitor notes an idea on the first day, for both sides to read."""
        visit = self.leg(exchange, leg)
        assert visit.starts_on
        seen_at = PreventionProgramme.objects.filter(name_en=programme).first() if programme else None
        with self.on(visit.starts_on, time(15, 0)):
            services.catch_idea(
                visit,
                side=Side.VISITORS,
                text=text,
                by=self.speaker(visit.visiting.slug),
                programme=seen_at,
                is_shared=True,
            )

    def hold(self, exchange: Exchange, *, leg: str = "first") -> None:
        """The hosts record on the morning after the visit that it took place and that everybody came."""
        visit = self.leg(exchange, leg)
        assert visit.ends_on
        assert visit.hosting
        with self.on(visit.ends_on + timedelta(days=1), time(9, 30)):
            services.record_held(visit, by=self.speaker(visit.hosting.slug), attendance={})

    def evaluate(
        self, exchange: Exchange, day: date | int, side: str, answers: dict[str, dict[str, Any]], *, leg: str = "first"
    ) -> None:
        """People of one side answer: values by e-mail address; `_rows` stands for the rating of each objective."""
        visit = self.leg(exchange, leg)
        survey = visit.evaluations.select_related("survey").get(side=side).survey
        with self.on(day):
            for invitation in survey.invitations.filter(email__in=answers):
                values = dict(answers[invitation.email])
                rating = values.pop("_rows", None)
                if rating:
                    values["objectives"] = {row["code"]: rating for row in survey.rows}
                surveys.submit(invitation, seen=0, language=invitation.language or "en", values=values)
            services.release_evaluations(visit)


def _clock(text: str) -> time:
    return datetime.strptime(text, "%H:%M").time()  # noqa: DTZ007 (a wall clock, in the hosts' zone)


def _later(day: date | int, days: int, today: date) -> date:
    return (today + timedelta(days=day) if isinstance(day, int) else day) + timedelta(days=days)
