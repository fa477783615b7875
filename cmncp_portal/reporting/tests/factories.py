"""Figures that can be counted in the head, a report, and how far it is brought."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from cmncp_portal.network.tests.factories import make_user
from cmncp_portal.reporting.indicators import base
from cmncp_portal.reporting.indicators.base import Cell, Counted, Figure, Indicator, Period
from cmncp_portal.reporting.models import Report, Snapshot
from cmncp_portal.reporting.services import calculating, files, freezing, writing

ALL = ("", "")
# What must be read nowhere: the means of the three who answered in French, and of the nine whom they would be known by.
SECRET_FR, SECRET_EN = 1.37, 4.93


def responses(*numbers: int) -> frozenset[str]:
    return frozenset(f"response:{number}" for number in numbers)


def indicator(code: str, section: str, unit: str, name: str, *, reveals: bool = False) -> Indicator:
    return Indicator(code, section, name, f"{name}, defined.", "The funder", unit, 1, lambda facts: None, reveals)  # type: ignore[arg-type,return-value]


VISITS = indicator("visits-held", "output", base.COUNT, "Visits held")
ASKED = indicator("response-rate", "process", base.PERCENT, "Response rate")
WORTH = indicator("worth", "reaction", base.MEAN, "What it was worth", reveals=True)
REGISTRY = {one.code: one for one in (VISITS, ASKED, WORTH)}


class World:
    """What fake figures are counted from: a test changes it and calculates again."""

    def __init__(self) -> None:
        self.visits = 7
        self.visits_before = 4
        self.answered: list[int] = list(range(1, 13))
        self.asked = 16
        self.calls: list[tuple[Period, list[str]]] = []
        self.breaks: Callable[[], None] | None = None

    def compute(self, period: Period, codes: Sequence[str] = (), on_progress: Any = None) -> list[Figure]:
        self.calls.append((period, list(codes)))
        if self.breaks:
            self.breaks()
        made = []
        todo = base.chosen(codes)
        for done, one in enumerate(todo):
            if on_progress:
                on_progress(done, len(todo))
            made.append(getattr(self, f"_{one.code.replace('-', '_')}")(period))
        if on_progress:
            on_progress(len(todo), len(todo))
        return made

    def _visits_held(self, period: Period) -> Figure:
        number = self.visits if period.from_on.year == 2026 else self.visits_before
        cells = [Cell("province", "ON", ("Ontario", "Ontario"), None, number, number)]
        records = [Counted(f"visit-{n}", (f"Visit {n}", f"Visite {n}"), "/en/exchanges/", period.from_on) for n in range(number)]  # fmt: skip
        gone = Counted(
            "visit-99", ("Visit 99", "Visite 99"), "", None, excluded=("It was called off.", "Elle a été annulée.")
        )
        why = ("They were called off.", "Elles ont été annulées.")
        return Figure(VISITS, Cell("total", "", ALL, None, number, number), cells, 1, why, [*records, gone])

    def _response_rate(self, period: Period) -> Figure:
        people = frozenset(f"person:{n}" for n in range(self.asked))
        part = frozenset(f"person:{n}" for n in self.answered)
        share = base.Fraction(100 * len(self.answered), self.asked)
        return Figure(ASKED, Cell("total", "", ALL, people, share, len(self.answered), self.asked, part))

    def _worth(self, period: Period) -> Figure:
        whole = responses(*self.answered)
        french = responses(*self.answered[-3:])
        cells = [
            Cell("language", "en", ("English", "Anglais"), whole - french, base.Decimal(str(SECRET_EN)), len(whole - french)),
            Cell("language", "fr", ("French", "Français"), french, base.Decimal(str(SECRET_FR)), len(french)),
        ]  # fmt: skip
        records = [
            Counted(f"response-{n}", (f"Answer {n}", f"Réponse {n}"), "", date(2026, 6, 1), "4") for n in self.answered
        ]
        return Figure(WORTH, Cell("total", "", ALL, whole, base.Fraction(17, 4), len(whole)), cells, records=records)


def make_report(by: Any = None, **fields: Any) -> Report:
    """A report on the fiscal year 2026–2027, compared with the one before, due on April 30, 2027."""
    defaults: dict[str, Any] = {
        "title_en": "Report for 2026–2027",
        "title_fr": "Rapport de 2026-2027",
        "funder": "Public Safety Canada",
        "from_on": date(2026, 4, 1),
        "until_on": date(2027, 3, 31),
        "compares_from_on": date(2025, 4, 1),
        "compares_until_on": date(2026, 3, 31),
        "due_on": date(2027, 4, 30),
        "by": by,
        "by_name": str(by or "Priya Nair"),
    }
    return Report.objects.create(**(defaults | fields))


def counted(report: Report, by: Any) -> Report:
    """The report, its figures calculated as a worker does."""
    assert calculating.run(calculating.calculate(report, by=by).pk)
    return report


def written(report: Report, by: Any) -> Report:
    """The report with a summary in both languages and one case."""
    text = {"text_en": "A good year.\n\nMore visits.", "text_fr": "Une bonne année.\n\nPlus de visites."}
    writing.write(report, "summary", seen=1, by=by, **text)
    titles = {"title_en": "Thunder Bay in Winnipeg", "title_fr": "Thunder Bay à Winnipeg"}
    writing.link_case(report, "summary", by=by, path="/en/exchanges/", **titles)
    return report


def frozen(report: Report, by: Any, **notes: str) -> Snapshot:
    """The report frozen, its files still to be made."""
    return freezing.freeze(counted(report, by), by=by, **notes)


def filed(report: Report, by: Any, **notes: str) -> Snapshot:
    """The report frozen, its six files made."""
    made = frozen(report, by, **notes)
    assert files.make_files(made.pk) == 6
    return made


def make_maker(**fields: Any) -> Any:
    return make_user("maker@network.example", name="Mara Maker", roles=("reviewer",), **fields)
