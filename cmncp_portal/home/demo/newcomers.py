"""How communities of the demonstration join: Merritt as its source tells it, and three invented ones on their way.

Of Merritt the day of the vote, the yearly fee and the class are documented; everything else about it is left open.
"""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.utils import translation

from cmncp_portal.joining.models import Application, FeeTier, Interest, Renewal
from cmncp_portal.joining.selectors.days import fee_for, next_due
from cmncp_portal.joining.selectors.wording import wording_of
from cmncp_portal.joining.services import admitting, applying, deciding, first_steps, interests, renewing
from cmncp_portal.joining.workflow import CONSENTS
from cmncp_portal.network.models import Membership, Municipality
from cmncp_portal.progress.services import Answer

from .accompanying import Companion
from .clock import at
from .teller import Teller

COUNCIL_OF_MERRITT = date(2021, 1, 12)
PRESS = "https://ca.news.yahoo.com/council-votes-join-crime-prevention-175750697.html"
INVENTED = "Invented for the demonstration / Inventé pour la démonstration"


class Office:
    """What a community and the network's coordinator do until it is a member. Days are counted from today, as the teller's."""

    def __init__(self, teller: Teller) -> None:
        self.teller = teller
        self.by = teller.user("coordinator@network.example")

    def hear_from(self, day: int, *, language: str = "en", more: dict[str, Any], **who: str) -> Interest:
        """Somebody expresses interest, confirms the address an hour later and tells more."""
        with self.teller.on(day), translation.override(language):
            interest = interests.express(language=language, **who)
            interests.confirm(interest)
            interest = Interest.objects.get(pk=interest.pk)
            interests.tell_more(interest, seen=interest.version, is_demonstration=True, **more)
        return Interest.objects.get(pk=interest.pk)

    def make_known(self, interest: Interest, day: int, **fields: Any) -> Municipality:
        """Talk, and list the community as one that thinks of joining."""
        facts = {
            "province": interest.province, "population_year": 2021, "population_source": INVENTED,
            "about_en": "An invented community.", "about_fr": "Une collectivité inventée.",
        }  # fmt: skip
        with self.teller.on(day):
            deciding.talk(interest, by=self.by)
            return deciding.make_known(interest, by=self.by, **facts | fields)

    def apply(self, interest: Interest, day: int, word: str, **fields: Any) -> Application:
        """Invite to apply; the community writes and sends its application five days later."""
        with self.teller.on(day):
            application = deciding.invite_to_apply(Interest.objects.get(pk=interest.pk), by=self.by, word=word)
        with self.teller.on(day + 5), translation.override(interest.language):
            consents = {name: wording_of(name) for name in CONSENTS}
            applying.keep(application, seen=application.version, consents=consents, is_demonstration=True, **fields)
            applying.send(Application.objects.get(pk=application.pk))
        return Application.objects.get(pk=application.pk)


def the_table_of_fees(teller: Teller) -> None:
    """The one fee that is documented; what larger communities pay is not, and stays empty."""
    FeeTier.objects.create(
        kind=Membership.Kind.GENERAL, population_from=0, population_to=500_000, annual_fee=Decimal(650),
        effective_from=date(2021, 1, 1), source=f"Press, Merritt, January 2021: {PRESS}", is_demonstration=True,
    )  # fmt: skip


def merritt_joined(teller: Teller) -> None:
    """Council voted on 12 January 2021. Written down afterwards: nobody applied through this portal then."""
    place = Municipality.objects.get(slug="merritt")
    membership = place.memberships.get(from_on=COUNCIL_OF_MERRITT)
    note = f"Written down from the press: {PRESS}"
    with at(datetime(2021, 1, 12, 20, tzinfo=UTC)):
        interest = Interest.objects.create(
            place_name="Merritt", province="BC", name="City of Merritt", email="city@merritt.example", language="en",
            place_kind=place.kind, population=place.population, membership_kind=membership.kind, municipality=place,
            state=Interest.State.CLOSED, notes=note, is_demonstration=True,
        )  # fmt: skip
        application = Application.objects.create(
            interest=interest, municipality=place, kind=membership.kind, resolution_on=COUNCIL_OF_MERRITT,
            state=Application.State.APPROVED, join_on=COUNCIL_OF_MERRITT, membership=membership, is_demonstration=True,
        )  # fmt: skip
        application.changes.create(to_state=application.state, transition="approve", note=note)
        interest.changes.create(to_state=interest.state, transition="close", note=note)
    companion = Companion(teller)
    vote = Answer("partly", PRESS, "Council voted on 12 January 2021 to join the network.")
    companion.tell_stage("merritt", 0, -150, {"commitment-resolution": vote})
    companion.need("merritt", -25, "Prepare a first diagnosis, as a small city with few staff.", ["planning"], hours=3)


def birch_hollow_joined_last_year(teller: Teller) -> None:
    """Invented: a member for almost a year; first steps are under way, the renewal is due in a month."""
    office = Office(teller)
    interest = office.hear_from(
        -400, place_name="Birch Hollow (invented)", province="ON", name="Iris Cloverfield", email="clerk@birch-hollow.example",
        more={"role": "Town clerk", "population": 18_400, "place_kind": "town", "membership_kind": "general", "stage": 1,
              "why": "Council wants to act before things happen."},
    )  # fmt: skip
    place = office.make_known(interest, -396, name_en="Birch Hollow (invented)", name_fr="Birch Hollow (inventé)", kind="town",
                              time_zone="America/Toronto", population=18_400, languages=["en"])  # fmt: skip
    application = office.apply(
        interest, -380, "Council’s resolution is all that is missing.", resolution_on=teller.today - timedelta(days=378),
        resolution_reference="114", representative_title="Town clerk", deputy_name="Wes Alderbrook",
        deputy_title="Recreation manager", deputy_email="recreation@birch-hollow.example", deputy_language="en",
    )  # fmt: skip
    _admit(office, application, 335)
    _ask_for_renewal(teller, place, stays=False)


def anse_aux_galets_is_in_grace(teller: Teller) -> None:
    """Invented: the day of renewal passed some weeks ago; the network was told by telephone that they stay."""
    office = Office(teller)
    interest = office.hear_from(
        -470, language="fr", place_name="Anse-aux-Galets (inventée)", province="QC", name="Lucie Grandestran",
        email="greffe@anse-aux-galets.example",
        more={"role": "Greffière", "population": 6_200, "place_kind": "town", "membership_kind": "general"},
    )  # fmt: skip
    place = office.make_known(interest, -466, name_en="Anse-aux-Galets (invented)", name_fr="Anse-aux-Galets (inventée)", kind="town",
                              time_zone="America/Toronto", population=6_200, languages=["fr"])  # fmt: skip
    application = office.apply(
        interest, -450, "Merci de votre patience.", resolution_on=teller.today - timedelta(days=448), representative_title="Greffière",
    )  # fmt: skip
    _admit(office, application, 405)
    _ask_for_renewal(teller, place, stays=True)


def _admit(office: Office, application: Application, days_ago: int) -> None:
    """Admit from that day; the list of people and the first look at the strategy are done within weeks."""
    with office.teller.on(-days_ago):
        membership = admitting.approve(
            application, by=office.by, join_on=office.teller.today - timedelta(days=days_ago)
        )
    with office.teller.on(20 - days_ago):
        for step in membership.first_steps.filter(code__in=["people", "profile"]):
            first_steps.tick(step, by=office.by)


def _ask_for_renewal(teller: Teller, place: Municipality, *, stays: bool) -> None:
    """The first year is asked for: sixty days before its end the portal would have done so."""
    membership = place.memberships.get(kind=Membership.Kind.GENERAL)
    due = next_due(membership, membership.from_on)
    with teller.on(due - timedelta(days=60)):
        renewal = Renewal.objects.create(
            membership=membership, due_on=due, fee=fee_for(place, membership.kind, due), is_demonstration=True
        )
    if stays:
        with teller.on(-6):
            renewing.say_we_stay(renewal, by=teller.user("coordinator@network.example"))


def cedar_landing_applies(teller: Teller) -> None:
    """Invented: its application lies with the coordinators, with the resolution of council."""
    office = Office(teller)
    interest = office.hear_from(
        -45, place_name="Cedar Landing (invented)", province="BC", name="Rowan Inletview", email="manager@cedar-landing.example",
        more={"role": "Manager of community services", "population": 9_800, "place_kind": "city", "membership_kind": "general",
              "stage": 1, "wants_mentor": True, "why": "We saw what Merritt did and want to plan before the next winter."},
    )  # fmt: skip
    place = office.make_known(interest, -42, name_en="Cedar Landing (invented)", name_fr="Cedar Landing (inventé)", kind="city",
                              time_zone="America/Vancouver", population=9_800, languages=["en"])  # fmt: skip
    office.apply(
        interest, -12, "We look forward to your council’s resolution.", resolution_on=teller.today - timedelta(days=10),
        resolution_reference="R-88", representative_title="Manager of community services",
    )  # fmt: skip
    companion = Companion(Teller(teller.today))
    need = companion.need(
        place.slug, -30, "Find out where to begin, with one and a half positions.", ["planning"], stage=1, hours=4
    )
    companion.propose(need, "ottawa", -8)


def spruce_narrows_is_interested(teller: Teller) -> None:
    """Invented: wrote two days ago, and waits for a first answer."""
    Office(teller).hear_from(
        -2, place_name="Spruce Narrows First Nation (invented)", province="MB", name="Dale Rivermouth", email="band.office@spruce-narrows.example",
        more={"role": "Director of programs", "population": 1_350, "place_kind": "first_nation", "wants_mentor": True,
              "why": "Our young people ask for something to do in winter. Who has tried what?"},
    )  # fmt: skip


NEWCOMERS: tuple[Callable[[Teller], None], ...] = (
    the_table_of_fees,
    merritt_joined,
    birch_hollow_joined_last_year,
    anse_aux_galets_is_in_grace,
    cedar_landing_applies,
    spruce_narrows_is_interested,
)
