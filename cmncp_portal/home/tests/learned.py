"""What the demonstration shows of evaluations, commitments, figures, reports and personal data; asked by test_demo, on the whole network."""

from datetime import timedelta
from typing import Any

from django.db.models import Sum
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from cmncp_portal.accounts.models import User
from cmncp_portal.evaluation import desk
from cmncp_portal.evaluation.models import (
    Answer,
    Coding,
    Comment,
    ConfidentialReading,
    FollowUp,
    Occasion,
    Response,
)
from cmncp_portal.home.demo.newcomers import INVENTED
from cmncp_portal.notifications.models import Message
from cmncp_portal.privacy import selectors as register
from cmncp_portal.privacy.models import PersonRequest, RetentionRun
from cmncp_portal.progress.models import Commitment, CommitmentChange, IndicatorReading, Inquiry, PreventionBudget
from cmncp_portal.progress.selectors import network
from cmncp_portal.reporting.models import Narrative, Report, Snapshot
from cmncp_portal.reporting.selectors.reports import missing

FORGOTTEN = "analyst@calgary.example"


def user(email: str) -> Any:
    return User.objects.with_roles().get(email=email)


def the_desk() -> None:
    """Two evaluations wait to be read and one for a follow-up; the others are reviewed, some with comments and themes."""
    reviewer = user("reviewer@network.example")
    waiting: Any = desk.queue(reviewer)
    assert sorted((str(one.title_en), one.is_new, one.follow_ups_open) for one in waiting) == [
        ("Community safety planning: from diagnosis to a strategy", True, 0),
        ("Quebec meeting: neighbourhood safety audits", False, 1),
        ("Waterloo Region visits Winnipeg", True, 0),
    ]
    assert (Occasion.objects.count(), Occasion.objects.exclude(reviewed_at=None).count()) == (15, 13)
    everything: Any = desk.queue(reviewer, is_open=False)
    late = {one.title_en: one.late_answers for one in everything if one.late_answers}
    assert late == {
        "National meeting: what prevention costs, what it saves": 2,
        "Ottawa visits Winnipeg": 5,
        "Community safety planning: from diagnosis to a strategy": 1,
    }
    assert sorted(str(one.title_en) for one in everything if one.is_low) == [
        "Community safety planning: from diagnosis to a strategy",
        "Mentoring, at the end",
        "National meeting: what prevention costs, what it saves",
        "Ottawa visits Winnipeg",
        "Quebec meeting: neighbourhood safety audits",
        "Saskatoon visits Halifax",
    ]
    assert sorted(str(one.title_en) for one in everything if one.is_one_sided) == [
        "Mentoring, after three months",
        "Saskatoon visits Halifax",
        "Waterloo Region visits Winnipeg",
    ]
    confidential = [str(one.title_en) for one in everything if one.is_confidential]
    assert (len(confidential), ConfidentialReading.objects.count(), Comment.objects.count()) == (2, 1, 4)
    settled, still_open = FollowUp.objects.order_by("at")
    assert (settled.done_by_name, still_open.done_at) == ("Priya Crossroads", None)
    assert settled.done_at
    assert settled.at < settled.done_at
    themes, texts = desk.coded()
    assert {count.theme.code for count in themes if count.answers} == {
        "investment", "access-and-languages", "political-support", "organisation", "partnerships", "obstacles",
        "community-participation", "measuring", "evidence",
    }  # fmt: skip
    assert texts.count() == Coding.objects.count() > 25


def told_on_their_days() -> None:
    """What models date by themselves is dated as the story tells it, not by the moment of the seed."""
    shortly_before = timezone.now() - timedelta(hours=1)
    for model, name in (
        (Comment, "at"), (FollowUp, "at"), (Coding, "at"), (ConfidentialReading, "at"), (CommitmentChange, "at"),
        (Inquiry, "asked_at"), (PersonRequest, "asked_at"), (RetentionRun, "at"),
    ):  # fmt: skip
        assert model.objects.filter(**{f"{name}__gt": shortly_before}).count() == 0, model
    responses = Response.objects.exclude(invitation__survey__occasion__activity="exchange")
    assert responses.filter(submitted_at__gt=shortly_before).count() == 0
    assert Answer.objects.filter(response__invitation__survey__occasion__activity="mentoring").count() > 20
    assert [one for one in Commitment.objects.all() if one.ended_on and not one.changes.filter(at__date=one.ended_on)] == []  # fmt: skip


def the_commitments(client: Client) -> None:
    """From each kind of source and in each state; the trail from Winnipeg to Ottawa; a letter whose link can be answered."""
    rows = Commitment.objects.all()
    told = rows.values_list("municipality__slug", "source", "seen_in__slug", "state")
    assert sorted(told, key=str) == [
        ("calgary", "brief", None, "done"),
        ("calgary", "meeting", None, "done"),
        ("halifax", "own", None, "planned"),
        ("montreal", "own", None, "done"),
        ("ottawa", "visit", "winnipeg", "done"),
        ("quebec", "meeting", None, "planned"),
        ("saskatoon", "visit", "calgary", "started"),
        ("saskatoon", "visit", "halifax", "abandoned"),
        ("thunder-bay", "brief", None, "planned"),
        ("thunder-bay", "mentoring", "waterloo-region", "started"),
        ("waterloo-region", "visit", "winnipeg", "planned"),
        ("winnipeg", "visit", "ottawa", "started"),
    ]
    assert rows.filter(is_demonstration=False).count() == 0
    assert CommitmentChange.objects.aggregate(dollars=Sum("investment"))["dollars"] == 112_000
    assert CommitmentChange.objects.exclude(evidence_url="").count() == 4
    inquiry = Inquiry.objects.get(
        email="planner@thunder-bay.example", items__months=3, items__commitment__source="brief"
    )
    assert [item.answered_at for item in inquiry.items.all()] == [None, None]
    letter = Message.objects.get(key__startswith=f"progress.how_far:{inquiry.pk}:")
    assert inquiry.token in letter.text
    with translation.override("en"):
        page = client.get(reverse("progress:answer", args=[inquiry.token]))
    assert (page.status_code, page.content.decode().count("A first yearly report to council")) == (200, 1)


def the_figures() -> None:
    """Five members over five years, round, and marked as invented where they stand."""
    assert (PreventionBudget.objects.count(), IndicatorReading.objects.count()) == (25, 115)
    assert set(PreventionBudget.objects.values_list("source", flat=True)) == {INVENTED}
    assert set(IndicatorReading.objects.values_list("source", "is_demonstration")) == {(INVENTED, True)}
    years = sorted(set(IndicatorReading.objects.values_list("year", flat=True)))
    assert years == list(range(timezone.localdate().year - 5, timezone.localdate().year))
    values = IndicatorReading.objects.exclude(indicator__in=["permanent_office", "strategy_adopted"]).values_list("value", flat=True)  # fmt: skip
    assert [value for value in values if value * 2 != int(value * 2)] == []
    with translation.override("en"):
        assert [line.n for line in network.lines(network.members())][:2] == [5, 5]


def the_report() -> None:
    """Written in both languages, counted, frozen once with some small groups hidden; its six files wait for a worker."""
    report, frozen = Report.objects.get(), Snapshot.objects.get()
    assert report.due_on
    assert (report.due_on - timezone.localdate()).days in (20, 21)
    assert report.due_date_changes.count() == 1
    assert report.until_on < timezone.localdate()
    texts = {one.section: one for one in report.narratives.all()}
    assert [section for section in Narrative.Section if missing(texts.get(section))] == []
    assert sum(one.cases.count() for one in texts.values()) == 2
    assert [file.state for file in frozen.files.all()] == ["waiting"] * 6
    totals = {one["code"]: one["total"] for one in frozen.figures}
    for code in ("people-reached", "response-rate", "satisfaction", "knowledge-change", "meeting-attendance"):
        assert totals[code]["hidden"] is False, code
    assert (totals["exchanges-held"]["n"] >= 2, totals["commitments-made"]["n"] >= 4) == (True, True)
    cells = [
        cell for one in frozen.figures for cell in one["cells"] if one["code"] in ("satisfaction", "people-reached")
    ]
    hidden = sum(cell["hidden"] for cell in cells)
    assert (hidden > 3, len(cells) - hidden > 10) == (True, True)
    assert (frozen.note_en != "", "inventé" in frozen.note_fr) == (True, True)


def the_register() -> None:
    """One request waits for an administrator, who may decide it; the night took the one that nobody confirmed."""
    request = register.to_decide().get()
    now = timezone.now()
    assert (request.email, register.stage_of(request, now)) == (FORGOTTEN, "waiting")
    obstacles = register.obstacles_to_forgetting(FORGOTTEN, now)
    assert (len(obstacles) > 0, [one for one in obstacles if one.forbids]) == (True, [])
    assert PersonRequest.objects.count() == 1
    run = RetentionRun.objects.get()
    assert ([line["code"] for line in run.lines if line["count"]], run.problem) == (["unconfirmed"], "")
    assert run.finished_at


def the_pages(client: Client) -> None:
    """Each new corner opens for those who find it in the demonstration, in both languages."""
    report, frozen = Report.objects.get(), Snapshot.objects.get()
    waiting = Occasion.objects.get(title_en="Waterloo Region visits Winnipeg")
    addresses: dict[str, list[tuple[str, list[Any]]]] = {
        "reviewer@network.example": [
            ("evaluation:desk", []), ("evaluation:occasion", [waiting.pk]), ("evaluation:rates", []), ("evaluation:codebook", []),
        ],
        "coordinator@network.example": [
            ("reporting:list", []), ("reporting:report", [report.pk]), ("reporting:snapshot", [report.pk, frozen.number]),
            ("evaluation:not_answered", []), ("progress:all_commitments", []), ("progress:network_figures", []), ("home:reach", []),
        ],
        "team@university.example": [("evaluation:coded", []), ("reporting:snapshot", [report.pk, frozen.number])],
        "representative@thunder-bay.example": [
            ("progress:commitments", ["thunder-bay"]), ("progress:figures", ["thunder-bay"]), ("progress:figures", ["montreal"]),
        ],
        "administrator@network.example": [("privacy:register", []), ("privacy:runs", [])],
    }  # fmt: skip
    for email, pages in addresses.items():
        client.force_login(user(email))
        for name, args in pages:
            for code in ("en", "fr"):
                with translation.override(code):
                    address = reverse(name, args=args)
                assert client.get(address).status_code == 200, (email, address)
