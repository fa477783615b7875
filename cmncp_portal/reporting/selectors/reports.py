"""Reports while they are made: who sees which, what a page shows, what is missing before one is frozen."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import CharField, Exists, F, Func, IntegerField, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Cast, Concat, JSONObject
from django.urls import reverse, translate_url
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cmncp_portal.core.checklist import Check
from cmncp_portal.core.text import LanguageText, active_language, pick
from cmncp_portal.core.workflow import Reason
from cmncp_portal.evaluation.models import Occasion, Response, Survey
from cmncp_portal.evaluation.occasions import is_of
from cmncp_portal.network.rules import places_of

from ..indicators import base
from ..models import Calculation, LinkedCase, Narrative, Report, Snapshot
from ..workflow import ASKED_OTHERWISE, BEING_CALCULATED, FROZEN_SINCE, NOT_CALCULATED, already_frozen, stands_still
from .tables import Told, hidden_in, told

S = Calculation.State


def reports_of(user: Any) -> QuerySet[Report]:
    """Return the reports that `user` may read: all, or none."""
    return Report.objects.all() if user.has_perm("reporting.read_reports") else Report.objects.none()


def listed(user: Any) -> QuerySet[Report]:
    """Return the reports that `user` may read, the latest period first, with the number of the last snapshot."""
    last = Snapshot.objects.filter(report=OuterRef("pk")).order_by("-number").values("number")[:1]
    return reports_of(user).annotate(last_number=Subquery(last)).order_by("-from_on", "-pk")


def for_page(user: Any) -> QuerySet[Report]:
    """Return the reports that `user` may read, with their snapshots in short (see `frozen_of`), and in `still_open` how many
    occasions of the period have a survey that is open, or opens later.
    """
    short = JSONObject(number="number", frozen_at="frozen_at", by_name="by_name", shared_at="shared_at")
    rows = Snapshot.objects.filter(report=OuterRef("pk")).order_by("-number").values(told=short)
    return reports_of(user).annotate(frozen=ArraySubquery(rows), still_open=Subquery(_open_evaluations()))


def _open_evaluations() -> QuerySet:
    """How many evaluations of the period of an outer report may still change its figures: one row, one number."""
    surveys = Survey.objects.filter(
        occasion=OuterRef("pk"), closes_at__gt=timezone.now(), cancelled_at__isnull=True, closed_at__isnull=True
    )
    of_period = Occasion.objects.filter(on__gte=OuterRef("from_on"), on__lte=OuterRef("until_on"))
    number = Func(F("pk"), function="COUNT", output_field=IntegerField())
    return of_period.filter(Exists(surveys)).order_by().annotate(number=number).values("number")


def frozen_of(report: Any) -> list[dict[str, Any]]:
    """Return the snapshots in short that `for_page` brought, the last first: number, frozen_at, by_name, is_shared."""
    return [
        {
            "number": one["number"],
            "frozen_at": parse_datetime(one["frozen_at"]),
            "by_name": one["by_name"],
            "is_shared": one["shared_at"] is not None,
        }
        for one in report.frozen
    ]


def asked_of(report: Report) -> dict[str, Any]:
    """Return what the figures of `report` are to be counted for, as plain values, to compare with what they were."""
    return {
        "from": str(report.from_on),
        "until": str(report.until_on),
        "compares_from": str(report.compares_from_on or ""),
        "compares_until": str(report.compares_until_on or ""),
        "codes": [one.code for one in base.chosen(report.indicators)],
        "definitions": base.DEFINITIONS,
    }


@dataclass(frozen=True)
class Standing:
    """How far the figures are: the calculation that was asked for last, and the last one that is done."""

    latest: Calculation | None
    done: Calculation | None

    @property
    def is_running(self) -> bool:
        one = self.latest
        return one is not None and one.state in (S.WAITING, S.RUNNING) and not stands_still(one, timezone.now())

    @property
    def has_failed(self) -> bool:
        """Whether the last one came to nothing: it failed, or nobody works on it any more."""
        return self.latest is not None and self.latest != self.done and not self.is_running


def standing_of(report: Report, *, published: bool = False) -> Standing:
    """Return how far the figures of `report` are, in one query. `published` gives them without small groups.

    The calculation carries `of` (what it was asked for) and `seen` (the last snapshot it took into account).
    """
    rows = report.calculations.annotate(of=F("basis__of"), seen=F("basis__seen")).defer("basis")
    if published:
        rows = rows.annotate(published=F("basis__published")).defer("basis", "figures")
    found = list(rows.order_by("-asked_at", "-pk")[:2])  # a newer one that is not done replaces the one before
    return Standing(found[0] if found else None, next((one for one in found if one.state == S.DONE), None))


def why_not_frozen(report: Report, standing: Standing) -> tuple[Reason, int] | None:
    """Return why the figures of `report` cannot be frozen now, and the number under which they are frozen already, or 0.

    None when they can. `standing` is that of `report`.
    """
    done: Any = standing.done
    if standing.is_running:
        return BEING_CALCULATED, 0
    if done is None:
        return NOT_CALCULATED, 0
    later = Snapshot.objects.filter(Q(calculation=done.pk) | Q(pk__gt=done.seen or 0))
    frozen = dict(later.values_list("calculation", "number"))
    if number := frozen.get(done.pk):
        return already_frozen(number), number
    if done.of != asked_of(report):
        return ASKED_OTHERWISE, 0
    return (FROZEN_SINCE, 0) if frozen else None


# ---- one part of a report


@dataclass(frozen=True)
class Part:
    """One section: its name, its text with linked cases, its figures."""

    section: str
    name: str
    text: LanguageText
    missing: str
    cases: list[dict[str, Any]]
    figures: list[Told]


def narratives_of(report: Report) -> dict[str, Narrative]:
    """Return the texts of `report` by section, each with its `linked` cases (title_en, title_fr, path), in one query."""
    case = JSONObject(title_en="title_en", title_fr="title_fr", path="path")
    rows = LinkedCase.objects.filter(narrative=OuterRef("pk")).order_by("order", "pk").values(told=case)
    return {one.section: one for one in report.narratives.annotate(linked=ArraySubquery(rows))}


def parts_of(texts: dict[str, Narrative], figures: Iterable[dict[str, Any]]) -> list[Part]:
    """Return the sections of a report in their order, in the active language."""
    language = active_language()
    lines = [told(figure, language) for figure in figures]
    found = []
    for section in Narrative.Section:
        one: Any = texts.get(section)
        found.append(
            Part(
                section.value,
                str(section.label),
                pick(one.text_en, one.text_fr) if one else LanguageText("", language),
                missing(one),
                cases_of(one.linked, language) if one else [],
                [line for line in lines if line.section == section],
            )
        )
    return found


def cases_of(linked: list[dict[str, str]], language: str) -> list[dict[str, Any]]:
    """Return cases with title and address in `language`."""
    return [
        {"title": pick(one["title_en"], one["title_fr"], language), "path": translate_url(one["path"], language)}
        for one in linked
    ]


def missing(text: Narrative | None) -> str:
    """Return "en" or "fr" when the text is written in the other language only, "both" when there is none, else nothing."""
    en, fr = (text.text_en.strip(), text.text_fr.strip()) if text else ("", "")
    if en and fr:
        return ""
    return "en" if fr else "fr" if en else "both"


# ---- before freezing


def checks(report: Any, texts: dict[str, Narrative], standing: Standing, *, may_make: bool) -> list[Check]:
    """Return what one looks at before freezing, line by line. `report` comes from `for_page`."""
    up = reverse("reporting:report", args=[report.pk]) if may_make else ""
    done: Any = standing.done
    return [
        Check(_("The figures are calculated"), _figures_missing(report, standing), up),
        Check(_("The period is over"), _not_over(report.until_on, timezone.localdate()), ""),
        *_text_checks(report, texts, may_make=may_make),
        Check(_("No evaluation of the period is open"), _still_open(report.still_open), ""),
        Check(_("No small group is hidden"), _hidden(hidden_in(figures_of(done)) if done else 0), ""),
    ]


def figures_of(done: Any) -> list[dict[str, Any]]:
    """Return the figures of a calculation as `standing_of` was asked for them."""
    found = done.__dict__.get("published") if "published" in done.__dict__ else done.figures
    return list(found or [])


def _figures_missing(report: Report, standing: Standing) -> str:
    done: Any = standing.done
    if standing.is_running:
        return str(BEING_CALCULATED)
    if done is None:
        return str(NOT_CALCULATED)
    return str(ASKED_OTHERWISE) if done.of != asked_of(report) else ""


def _not_over(until_on: date, today: date) -> str:
    return "" if until_on < today else _("The period is not over: figures may still grow.")


def _text_checks(report: Report, texts: dict[str, Narrative], *, may_make: bool) -> list[Check]:
    """The summary is always asked about; another section when it has a text in one language only."""
    reasons = {
        "": "",
        "en": _("The English text is missing."),
        "fr": _("The French text is missing."),
        "both": _("The text is missing in both languages."),
    }
    found = []
    for section in Narrative.Section:
        lacks = missing(texts.get(section))
        if section == Narrative.Section.SUMMARY or lacks != "both":
            url = reverse("reporting:narrative", args=[report.pk, section.value]) if may_make else ""
            label = _("Text: %(section)s") % {"section": section.label}
            found.append(Check(label, reasons[lacks], url))
    return found


def _still_open(number: int) -> str:
    if not number:
        return ""
    return ngettext(
        "One evaluation of the period is still open: its answers may still change the figures.",
        "%(number)s evaluations of the period are still open: their answers may still change the figures.",
        number,
    ) % {"number": number}


def _hidden(number: int) -> str:
    if not number:
        return ""
    return ngettext(
        "One number is about fewer than five people, or would give them away: it will be hidden.",
        "%(number)s numbers are about fewer than five people, or would give them away: they will be hidden.",
        number,
    ) % {"number": number}


# ---- what stands behind a figure


def records_of(calculation: Calculation, code: str, reader: Any) -> QuerySet:
    """Return what the figure `code` counts and leaves out: what counts first, in the order in which it was found.

    Answers about what a municipality of `reader` took part in are not among them: nobody reads those of the other side.
    """
    found = calculation.records.filter(indicator=code).order_by("excluded_en", "pk")
    if not places_of(reader):
        return found
    own = Response.objects.filter(is_of(reader, "invitation__survey__occasion"))
    keys = Concat(Value("response-"), Cast("pk", CharField()))
    return found.exclude(key__in=own.annotate(key=keys).values("key"))


def figure_of(figures: Iterable[dict[str, Any]], code: str) -> Told | None:
    """Return the figure `code` in the active language, or None."""
    return next((told(one, active_language()) for one in figures if one["code"] == code), None)
