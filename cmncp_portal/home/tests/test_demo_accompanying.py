"""Strategies, mentoring and joining in the demonstration: something of each kind and state, all of it marked."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from cmncp_portal.evaluation import services as evaluation
from cmncp_portal.home.demo import cast, newcomers
from cmncp_portal.home.demo.accompanying import ACCOMPANYING
from cmncp_portal.home.demo.newcomers import NEWCOMERS
from cmncp_portal.home.demo.teller import Teller
from cmncp_portal.joining.models import Application, FeeTier, Interest, OnboardingStep, Renewal
from cmncp_portal.network import services as network
from cmncp_portal.network.models import Municipality
from cmncp_portal.progress.models import StrategyProfile
from cmncp_portal.progress.services.data import load_checks
from mentoring.models import Agreement, MentoringNeed, MentorOffer
from mentoring.selectors.matching import candidates_for, open_needs


@pytest.mark.slow
def test_the_accompanying(db: None, clock: Any, client: Client) -> None:
    """One test for all that rests on the seed, which takes a while to tell."""
    network.load_reference_data()
    evaluation.load_instruments()
    load_checks()
    network.load_demo_municipalities()
    admin = cast.load_network_people()
    for slug in dict.fromkeys(person.place for person in cast.PEOPLE):
        cast.load_people_of(Municipality.objects.get(slug=slug), by=admin)
    with translation.override("en"):
        for story in (*ACCOMPANYING, *NEWCOMERS):
            story(Teller(timezone.localdate()))
    _the_stages()
    _the_agreements()
    _merritt_as_its_source_tells_it()
    _those_on_their_way()
    _the_renewals()
    _there_is_something_to_see(client)


def _the_stages() -> None:
    rows = StrategyProfile.objects.with_stage().values_list("municipality__slug", "stage_now")
    assert dict(rows) == {
        "waterloo-region": 7,
        "montreal": 6,
        "ottawa": 7,
        "calgary": 5,
        "thunder-bay": 4,
        "winnipeg": 4,
        "quebec": 3,
        "vancouver": 3,
        "saskatoon": 2,
        "halifax": 1,
        "merritt": 0,
    }
    assert StrategyProfile.objects.filter(is_demonstration=False).count() == 0
    assert StrategyProfile.objects.exclude(declared_stage=None).get().municipality.slug == "ottawa"


def _the_agreements() -> None:
    rows = Agreement.objects.order_by("pk").values_list("mentor__slug", "mentee__slug", "state")
    assert list(rows) == [
        ("montreal", "quebec", "completed"),
        ("ottawa", "vancouver", "declined"),
        ("calgary", "vancouver", "ended"),
        ("ottawa", "halifax", "paused"),
        ("waterloo-region", "thunder-bay", "active"),
        ("calgary", "saskatoon", "awaiting"),
        ("ottawa", "cedar-landing-invented", "proposed"),
    ]
    assert [agreement.reference for agreement in Agreement.objects.all() if not agreement.reasons["fr"]] == []
    active = Agreement.objects.get(state="active")
    assert (active.goals.count(), active.sessions.count(), active.documents.count()) == (2, 3, 1)
    assert active.next_session_at
    assert active.next_session_at > timezone.now()
    assert Agreement.objects.get(state="completed").summary.startswith("Un diagnostic de quartier")
    assert list(MentorOffer.objects.order_by("pk").values_list("municipality__slug", "state")) == [
        ("waterloo-region", "open"),
        ("montreal", "open"),
        ("ottawa", "open"),
        ("calgary", "open"),
        ("winnipeg", "paused"),
    ]
    for model in (Agreement, MentorOffer, MentoringNeed):
        assert model.objects.filter(is_demonstration=False).count() == 0  # type: ignore[attr-defined]


def _merritt_as_its_source_tells_it() -> None:
    application = Application.objects.get(municipality__slug="merritt")
    assert (application.state, application.resolution_on, application.join_on) == (
        "approved",
        newcomers.COUNCIL_OF_MERRITT,
        newcomers.COUNCIL_OF_MERRITT,
    )
    assert (application.representative_name, application.consents) == ("", {})
    assert newcomers.PRESS in application.changes.get().note
    assert application.membership
    assert application.membership.source == newcomers.PRESS
    fee = FeeTier.objects.get()
    assert (fee.population_from, fee.population_to, fee.annual_fee, fee.is_demonstration) == (0, 500_000, 650, True)
    assert newcomers.PRESS in fee.source
    by = cast.User.objects.get(email="coordinator@network.example")
    need = open_needs(by).get(municipality__slug="merritt")
    assert next(offer.municipality.slug for offer, _match in candidates_for(need, by).matches) == "waterloo-region"


def _those_on_their_way() -> None:
    rows = Interest.objects.order_by("created_at", "pk").values_list("place_name", "state")
    assert list(rows) == [
        ("Merritt", "closed"),
        ("Anse-aux-Galets (inventée)", "closed"),
        ("Birch Hollow (invented)", "closed"),
        ("Cedar Landing (invented)", "applying"),
        ("Spruce Narrows First Nation (invented)", "confirmed"),
    ]
    states = Application.objects.order_by("created_at").values_list("municipality__slug", "state")
    assert list(states) == [
        ("merritt", "approved"),
        ("anse-aux-galets-invented", "approved"),
        ("birch-hollow-invented", "approved"),
        ("cedar-landing-invented", "sent"),
    ]
    for model in (Interest, Application, Renewal):
        assert model.objects.filter(is_demonstration=False).count() == 0  # type: ignore[attr-defined]
    assert OnboardingStep.objects.filter(done_at=None).count() == 6
    invented = Municipality.objects.filter(name_en__contains="(invented)")
    assert [place.slug for place in invented if "An invented community." not in place.about_en] == []
    emails = cast.User.objects.exclude(email__endswith=".example")
    assert emails.count() == 0


def _the_renewals() -> None:
    due, grace = Renewal.objects.order_by("-due_on")
    assert (due.membership.municipality.slug, due.fee, due.confirmed_at) == ("birch-hollow-invented", 650, None)
    assert ((due.due_on - timezone.localdate()).days, due.is_in_grace()) == (30, False)
    assert (grace.membership.municipality.slug, grace.fee, grace.is_in_grace()) == (
        "anse-aux-galets-invented",
        650,
        True,
    )
    assert grace.confirmed_by_name == "Priya Crossroads"


def _there_is_something_to_see(client: Client) -> None:
    active, awaiting = (Agreement.objects.get(state=state).reference for state in ("active", "awaiting"))
    applications = {one.state: one.pk for one in Application.objects.order_by("pk")}
    seen: dict[str, list[tuple[str, list[Any], str]]] = {
        "coordinator@network.example": [
            ("mentoring:desk", [], "Merritt"),
            ("joining:desk", [], "Spruce Narrows First Nation (invented)"),
            ("joining:decide", [applications["sent"]], "Rowan Inletview"),
            ("joining:decide", [Application.objects.get(municipality__slug="merritt").pk], newcomers.PRESS),
            ("progress:ladder", [], "Here to stay"),
        ],
        "representative@thunder-bay.example": [
            ("mentoring:agreement", [active], "Five figures that we can renew each year")
        ],
        "representative@calgary.example": [("mentoring:answer", [awaiting], "You know each other from an exchange.")],
    }
    for email, pages in seen.items():
        client.force_login(cast.User.objects.get(email=email))
        for name, args, line in pages:
            page = client.get(reverse(name, args=args))
            assert (page.status_code, line in page.content.decode()) == (200, True), name
