"""Examples for the gallery of components: one of each, with values that nobody mistakes for real ones."""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.http import HttpRequest
from django.utils import timezone

from cmncp_portal.core.checklist import Check
from cmncp_portal.core.forms import PortalForm
from cmncp_portal.core.maps import MapArc, MapPoint, network_map
from cmncp_portal.core.trends import trend
from cmncp_portal.core.workflow import Offer, Transition


class SampleForm(PortalForm):
    name = forms.CharField(label="Name", help_text="As it should stand on the badge.")
    day = forms.DateField(label="Day", required=False)
    comes = forms.BooleanField(label="I take part", required=False)


class SampleFilter(forms.Form):
    q = forms.CharField(label="Search", required=False, widget=forms.TextInput(attrs={"type": "search"}))


@dataclass(frozen=True)
class Step:
    label: str
    state: str
    when: str = ""
    url: str = ""
    number: int = 0
    next: str = ""


@dataclass(frozen=True)
class Objective:
    text: str
    stops: tuple[Step, ...]


@dataclass(frozen=True)
class Entry:
    at: Any
    text: str
    by: str
    note: str


def sample(request: HttpRequest) -> dict[str, Any]:
    """Return what templates/home/gallery.html shows."""
    today = timezone.localdate()
    form = SampleForm({"name": ""})
    return {
        "steps": [Step("Request", "done"), Step("Plan", "current"), Step("Visit", "to-come")],
        "rungs": [
            Step("Commitment", "done", number=1),
            Step("Diagnosis", "current", number=2, next="Ask the schools"),
            Step("Plan", "to-come", number=3),
        ],
        "checks": [
            Check("Dates", "", "#checklist"),
            Check("One lead on each side", "Winnipeg has no lead yet.", "#checklist"),
            Check("An elected leader who comes", "An elected leader has yet to accept.", ""),
        ],
        "objectives": [
            Objective("See how council stays involved", (Step("Meeting with council", ""),)),
            Objective("Measure success", ()),
        ],
        "map": network_map(
            [
                MapPoint("Thunder Bay", 48.38, -89.25, label="Thunder Bay"),
                MapPoint("Winnipeg", 49.9, -97.14, label="Winnipeg"),
                MapPoint("Halifax", 44.65, -63.58, False, "Halifax"),
            ],
            [MapArc("Thunder Bay", "Winnipeg"), MapArc("Winnipeg", "Thunder Bay", planned=True)],
            title="Who visited whom",
            description="An example.",
            id="gallery-map",
        ),
        "trend": trend(
            {2021: Decimal("4.5"), 2022: Decimal("5.25"), 2024: Decimal("7"), 2025: Decimal("6.5")},
            title="A figure over the years",
            id="gallery-trend",
        ),
        "filter": SampleFilter(),
        "page": Paginator(range(60), 25).get_page(request.GET.get("page")),
        "params": request.GET,
        "form": form,
        "facts": [("Reference", "EX-2026-014"), ("Language", "English")],
        "start": today,
        "end": today + timedelta(days=1),
        "offered": _offers(),
        "entries": [Entry(timezone.now(), "The plan was confirmed", "Marie Tremblay", "See you in Winnipeg.")],
    }


def _offers() -> list[Offer]:
    moves = (
        Transition("confirm", (), "", "", "Confirm the plan"),
        Transition("postpone", (), "", "", "Postpone", needs_reason=True),
        Transition("cancel", (), "", "", "Cancel the visit", needs_reason=True, grave=True),
    )
    reasons = ("An elected leader has yet to accept.", None, None)
    return [Offer(move, reason) for move, reason in zip(moves, reasons, strict=True)]
