"""The demonstration network: told through the services, in every stage, once."""

import re
from datetime import date
from io import StringIO
from typing import Any

import page
import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.test import Client, override_settings
from django.utils import timezone

from cmncp_portal.accounts.models import User
from cmncp_portal.home.demo import cast, gatherings, stories
from cmncp_portal.home.demo.clock import at
from cmncp_portal.home.demo_people import DEMO_PEOPLE
from cmncp_portal.home.models import DemoMark
from cmncp_portal.notifications.models import Message
from exchanges.models import Exchange, Idea, TeamMember, Visit
from exchanges.report import report_data, report_pdf
from exchanges.selectors import Stage, stage_of
from knowledge.models import (
    ActionBrief,
    Audience,
    BriefRequest,
    Comment,
    Concern,
    Edition,
    FormatRequest,
    Practice,
    Review,
    StepMark,
    Subscription,
    Use,
)
from knowledge.models import Source as CitedSource
from meetings.models import Meeting, MeetingEvaluation, Registration

from . import learned

demo = override_settings(DEMO=True, DEMO_PEOPLE=DEMO_PEOPLE)


def seed() -> str:
    out = StringIO()
    with demo:
        call_command("seed_network", stdout=out)
    return out.getvalue()


def stages() -> list[str]:
    found = Exchange.objects.with_story().order_by("reference")
    return sorted(str(stage_of(exchange.current_visit).value) for exchange in found)


@pytest.mark.slow
@pytest.mark.timeout(240)
def test_the_demonstration(db: None, client: Client, monkeypatch: Any) -> None:
    """One test for all that rests on the whole network, which takes a while to tell."""
    _an_interrupted_start_is_carried_on(monkeypatch)
    assert stages() == sorted(
        stage.value
        for stage in (
            Stage.CLOSED, Stage.REQUESTED, Stage.EVALUATED, Stage.EVALUATING, Stage.CANCELLED, Stage.UNDER_WAY, Stage.POSTPONED,
            Stage.CONFIRMED, Stage.DECLINED, Stage.PLANNING, Stage.NEW_DATES, Stage.FINDING_HOST, Stage.REQUESTED, Stage.DRAFT,
            Stage.EVALUATED, Stage.EVALUATED,
        )
    )  # fmt: skip
    rows = [model.objects.count() for model in (User, Exchange, Visit, TeamMember, Idea, Message, DemoMark)]
    assert seed() == ""
    assert [model.objects.count() for model in (User, Exchange, Visit, TeamMember, Idea, Message, DemoMark)] == rows
    _the_documented_visit()
    _the_meetings()
    _the_library()
    _what_becomes_of_the_briefs()
    _what_was_learned(client)
    _everybody_can_be_tried(client)
    _the_report_is_accessible()


def _an_interrupted_start_is_carried_on(monkeypatch: Any) -> None:
    def breaks(teller: Any) -> None:
        stories.thunder_bay_drafts(teller)
        raise KeyboardInterrupt

    breaks.__name__ = "thunder_bay_drafts"
    monkeypatch.setattr("cmncp_portal.home.management.commands.seed_network.STORIES", (*stories.STORIES[:-1], breaks))
    with pytest.raises(KeyboardInterrupt):
        seed()
    assert Exchange.objects.count() == len(stories.STORIES) - 1
    monkeypatch.undo()
    rest = [one.__name__.replace("_", "-") for one in gatherings.GATHERINGS]
    assert seed().splitlines()[: 1 + len(rest)] == ["thunder-bay-drafts", *rest]


def _the_documented_visit() -> None:
    visit = Visit.objects.with_plan().get(exchange__guest__slug="waterloo-region", leg="first")
    first, last = stories.documented_days(timezone.localdate())
    assert (visit.exchange.host.slug, visit.starts_on, visit.ends_on) == ("winnipeg", first, last)
    programmes = [str(stop.programme) for stop in visit.stops.all() if stop.programme]
    assert programmes == [
        "Just TV",
        "Ma Mawi",
        "Boldness project",
        "Thunderwing",
        "WASAC",
        "Oshki Annishnabe Nigaaniwak",
        "North End Boxing",
    ]
    came = {
        side: sorted(m.title for m in visit.team.all() if m.side == side and m.attendance == "present")
        for side in ("visitors", "hosts")
    }
    assert came["visitors"] == [
        "Chief of Police",
        "Regional Councillor, Chair of the Police Services Board",
        "Vice-Chair, Crime Prevention Council",
    ]
    assert came["hosts"] == [
        "Chief Administrative Officer",
        *["City Councillor"] * 3,
        "Deputy Police Chief",
        "Director, Community Services",
    ]


def _the_meetings() -> None:
    """The documented ones with what their sources say, and the invented ones, each in its state."""
    past = Meeting.objects.exclude(source="").order_by("starts_on")
    assert [(m.kind, str(m.host or ""), m.starts_on, m.ends_on, m.attended_count) for m in past] == [
        ("regional", "", date(2017, 1, 27), date(2017, 1, 27), None),
        ("national", "Calgary", date(2018, 5, 17), date(2018, 5, 18), None),
        ("national", "", date(2021, 10, 4), date(2021, 10, 6), 200),
    ]
    invented = Meeting.objects.filter(source="").order_by("pk").values_list("kind", "state")
    assert list(invented) == [
        ("regional", "held"),
        ("regional", "announced"),
        ("national", "announced"),
        ("regional", "polling"),
        ("regional", "postponed"),
        ("national", "held"),
    ]
    assert MeetingEvaluation.objects.count() == 2
    places = Registration.objects.filter(meeting__title_en__startswith="Safer Prairies").order_by("pk")
    assert [place.status for place in places] == ["registered"] * 4 + ["waiting"] * 2


def _the_library() -> None:
    """The catalogue of 2009, practices, and a brief at each moment that a newcomer to the desk should see."""
    assert (ActionBrief.objects.filter(is_archival=True).count(), Practice.objects.count()) == (10, 8)
    ours = (
        ActionBrief.objects.filter(is_archival=False).order_by("pk").prefetch_related("editions", "numbers", "examples")
    )
    assert [(brief.slug, brief.state, brief.state_of("en"), brief.state_of("fr")) for brief in ours] == [
        ("why-invest-in-prevention", "published", "current", "current"),
        ("safe-streets", "published", "current", "current"),
        ("a-plan-that-can-be-checked", "published", "current", "out_of_date"),
        ("a-second-chance-before-court", "translation", "current", "missing"),
        ("young-people-who-move-to-the-city-for-school", "idea", "draft", "missing"),
    ]
    for brief in ours[:2]:
        for edition in brief.by_language.values():
            assert edition.published == edition.texts
            assert [name for name, text in edition.texts.items() if not text] == []
        assert [n.label for n in brief.numbers.all() if not (n.source and n.source_url and n.year)] == []
        assert [(str(e.municipality), e.agreed_by_name) for e in brief.examples.all()] == [
            ("Winnipeg", "Nadia Redriver")
        ]
        assert brief.steps.values("audience").distinct().count() >= 9
        moves = list(brief.changes.order_by("pk").values_list("transition", flat=True))
        assert moves == ["begin", "outline", "draft", "review", "edit", "translate", "approve", "publish"]
    assert [n.value for n in ours[0].numbers.all()] == [
        6_000,
        1_600,
        1_800,
        150_000_000,
        30_000_000,
        9_000_000,
        100_000,
        83,
    ]
    assert CitedSource.objects.filter(url="").count() == 0
    assert Comment.objects.filter(resolved_at=None).count() == Review.objects.filter(answered_at=None).count() == 0
    assert [c for c in Comment.objects.all() if c.at > c.resolved_at] == []
    french = "\n".join(" ".join(e.texts.values()) for e in Edition.objects.filter(language="fr"))
    assert re.findall(r".{9} [:%$»].{5}|\w[:](?!//).{5}|\s[;!?].{5}|'", french) == []


def _what_becomes_of_the_briefs() -> None:
    uses = Use.objects.order_by("pk").values_list("brief__slug", "municipality__slug", "state")
    assert list(uses) == [
        ("why-invest-in-prevention", "thunder-bay", "doing"),
        ("safe-streets", "calgary", "done"),
    ]
    marks = StepMark.objects.order_by("pk").values_list("municipality__slug", "step__audience__slug", "state")
    assert list(marks) == [
        ("thunder-bay", "council", "to_do"),
        ("thunder-bay", "coordination", "done"),
        ("thunder-bay", "coordination", "to_do"),
        ("thunder-bay", "police", "done"),
    ]
    request = BriefRequest.objects.get()
    assert (request.state, request.due_on > timezone.localdate(), request.brief.state) == ("accepted", True, "idea")
    follower = Subscription.objects.get()
    assert (follower.confirmed_at > follower.asked_at, follower.ended_at) == (True, None)
    assert (Concern.objects.get().practice.slug, Concern.objects.get().answered_at) == ("cctv", None)
    wish = FormatRequest.objects.get()
    assert (wish.brief.slug, wish.promised_on > timezone.localdate(wish.at), wish.answered_at) == (
        "safe-streets",
        True,
        None,
    )


def _what_was_learned(client: Client) -> None:
    learned.the_desk()
    learned.told_on_their_days()
    learned.the_commitments(client)
    learned.the_figures()
    learned.the_report()
    learned.the_register()
    with demo:
        learned.the_pages(client)


def _everybody_can_be_tried(client: Client) -> None:
    out = StringIO()
    with demo:
        call_command("demo_people", stdout=out)
        assert len(out.getvalue().splitlines()) == len(DEMO_PEOPLE) + 1
        for person in DEMO_PEOPLE:
            client.force_login(User.objects.get(email=person["email"]))
            assert [client.get(f"/{code}/").status_code for code in ("en", "fr")] == [200, 200]
    assert User.objects.exclude(email__endswith=".example").count() == 0
    assert TeamMember.objects.exclude(email="").exclude(email__endswith=".example").count() == 0


def _the_report_is_accessible() -> None:
    closed = Exchange.objects.with_story().get(closed_at__isnull=False)
    for language, title in (("en", "Saskatoon visits Calgary"), ("fr", "Saskatoon visite Calgary")):
        report = page.validate_pdf_bytes(report_pdf(closed, language))
        assert (report.is_compliant, list(report.failures)) == (True, [])
        data = report_data(closed, language)
        assert data["title"] == title
        assert [visit["dates"] == "" for visit in data["visits"]] == [False, False]
        text = str(data)
        assert [person.name for person in cast.PEOPLE if person.name in text] == []
        assert "We saw that what lasts" in text


def test_the_demonstration_does_not_exist_elsewhere(db: None) -> None:
    with override_settings(DEMO=False), pytest.raises(CommandError):
        call_command("seed_network")
    assert User.objects.count() == 0


def test_before_the_seed_nobody_is_offered(db: None) -> None:
    out = StringIO()
    with demo:
        call_command("demo_people", stdout=out)
    assert out.getvalue() == "There is nobody to sign in as yet: run seed_network.\n"


@pytest.mark.parametrize(
    ("today", "first"),
    [
        (date(2026, 11, 22), date(2026, 11, 17)),
        (date(2026, 11, 18), date(2025, 11, 17)),
        (date(2027, 3, 1), date(2026, 11, 17)),
    ],
)
def test_the_documented_days_are_always_past(today: date, first: date) -> None:
    assert stories.documented_days(today)[0] == first


def test_everybody_offered_is_in_the_cast() -> None:
    known = {*cast.BY_EMAIL, cast.ADMINISTRATOR[0], cast.AUTHOR[0], *(row[0] for row in cast.NETWORK)}
    assert [person["email"] for person in DEMO_PEOPLE if person["email"] not in known] == []
    assert [p.email for p in cast.PEOPLE if not p.email.endswith(".example")] == []


def test_the_clock_goes_back_and_returns() -> None:
    before = timezone.now()
    with at(before.replace(year=2020)):
        assert timezone.now().year == 2020
        assert timezone.localdate().year == 2020
    assert timezone.now() >= before
    with pytest.raises(ValueError, match="time zone"), at(before.replace(tzinfo=None)):
        pass


def test_production_knows_no_demo_people() -> None:
    assert not hasattr(settings, "DEMO_PEOPLE")


def test_a_real_portal_starts_with_its_words_and_questionnaires_and_loses_no_edit(db: None) -> None:
    from cmncp_portal.evaluation.models import Questionnaire
    from cmncp_portal.network.models import Region

    call_command("load_reference_data", verbosity=0)
    assert sorted(Questionnaire.objects.values_list("slug", flat=True)) == [
        "exchange-hosts",
        "exchange-visitors",
        "meeting",
        "mentoring-check-in",
        "mentoring-closing",
        "training-offering",
        "training-use",
    ]
    assert Region.objects.count() == 5
    assert (Audience.objects.count(), ActionBrief.objects.filter(is_archival=True).count()) == (15, 10)
    assert (Practice.objects.count(), ActionBrief.objects.filter(is_archival=False).count()) == (0, 0)
    Edition.objects.filter(brief__slug="2009-why-invest", language="fr").update(summary="Gardé.")
    call_command("load_reference_data", verbosity=0)
    assert Questionnaire.objects.count() == 7
    assert ActionBrief.objects.count() == 10
    assert Edition.objects.get(brief__slug="2009-why-invest", language="fr").summary == "Gardé."
