"""How much of what roles ask for is held, by region and competency. Never about persons: small groups are not shown.

The database counts, in one statement whatever the size of the network; what is too small to be shown is left out here, so
that no page and no file ever holds it.
"""

from dataclasses import dataclass, field

from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _

from cmncp_portal.network.lists import Column, write
from cmncp_portal.network.models import Region

from ..models import CompetencyText

FEWEST = 5  # people in a group that may be shown
Key = tuple[int, int]  # region (0: none) and competency
Parts = dict[int, tuple[int, int]]  # by the level asked: how many are asked, how many hold it


@dataclass(frozen=True)
class Cell:
    """How many of `asked` people hold it. A cell that is not shown has no numbers."""

    asked: int = 0
    held: int = 0
    is_shown: bool = False

    @property
    def percent(self) -> int:
        return round(100 * self.held / self.asked) if self.asked else 0


@dataclass
class Row:
    """A competency: a cell for each region, and for all. `parts` are for making it anew with a filter."""

    text: CompetencyText
    cells: list[Cell]
    total: Cell
    parts: list[Parts]


@dataclass
class Grid:
    regions: list[str]
    rows: list[Row] = field(default_factory=list)

    @property
    def domains(self) -> list[tuple[int, str]]:
        """The domains of the versions in force, as (key, words)."""
        found = {row.text.domain_id: f"{row.text.domain.order} {row.text.domain.title}" for row in self.rows}
        return list(found.items())

    def only(self, *, domain: int | None, level: int | None) -> "Grid":
        """Return the rows of one `domain` (key), and what is asked at one `level`, when given."""
        rows = [row for row in self.rows if domain is None or row.text.domain_id == domain]
        if level is None:
            return Grid(self.regions, rows)
        return Grid(self.regions, [Row(row.text, *_shown(row.parts, level), row.parts) for row in rows])


# `people`: everybody who works for a member today, once each, where they are linked to; with the role that a version in
# force has for them: the one they chose, else that of their standing.
# `asked` counts people by role, then competency; `held` those whose attainments count and reach what is asked.
_COUNTS = """
WITH place AS (
    SELECT DISTINCT ON (coalesce('u' || s.user_id, nullif(lower(s.email), ''), 's' || s.id))
        s.id, s.standing, m.province
    FROM network_stakeholder s
    JOIN network_municipality m ON m.id = s.municipality_id
    WHERE (s.left_on IS NULL OR s.left_on > %(today)s)
      AND EXISTS (
        SELECT 1 FROM network_membership b
        WHERE b.municipality_id = m.id AND b.kind IN ('general', 'associate') AND b.from_on <= %(today)s
          AND (b.until_on IS NULL OR b.until_on >= %(today)s)
      )
    ORDER BY coalesce('u' || s.user_id, nullif(lower(s.email), ''), 's' || s.id),
        s.standing = 'partner', s.id
),
region AS (
    SELECT DISTINCT ON (province) province, r.id
    FROM network_region r, unnest(r.provinces) AS province
    ORDER BY province, r.order, r.id
),
person AS (
    SELECT place.id, place.standing, coalesce(region.id, 0) AS region_id, coalesce(max(l.role), '') AS role
    FROM place
    LEFT JOIN region ON region.province = place.province
    LEFT JOIN training_learner l ON l.stakeholder_id = place.id
    GROUP BY place.id, place.standing, region.id
),
role AS (
    SELECT r.id, r.version_id, r.slug, r.order, r.standings
    FROM training_roleprofile r JOIN training_standardversion v ON v.id = r.version_id
    WHERE v.state = 'adopted' AND EXISTS (SELECT 1 FROM training_requirement q WHERE q.role_id = r.id)
),
kind AS (
    SELECT DISTINCT ON (k.standing, k.role, role.version_id) k.standing, k.role, role.id AS role_id
    FROM (SELECT DISTINCT standing, role FROM person) k
    JOIN role ON role.slug = k.role OR role.standings @> to_jsonb(k.standing::text)
    ORDER BY k.standing, k.role, role.version_id, (role.slug = k.role) DESC, role.order, role.id
),
asked AS (
    SELECT p.region_id, q.competency_id, q.level, sum(p.n) AS n
    FROM (
        SELECT person.region_id, kind.role_id, count(*) AS n
        FROM person JOIN kind ON kind.standing = person.standing AND kind.role = person.role
        GROUP BY person.region_id, kind.role_id
    ) p
    JOIN training_requirement q ON q.role_id = p.role_id
    GROUP BY p.region_id, q.competency_id, q.level
),
more AS (
    SELECT t.competency_id, max(v.number) AS number
    FROM training_competencytext t
    JOIN training_standardversion v ON v.id = t.version_id
    JOIN training_standardversion now ON now.standard_id = v.standard_id AND now.state = 'adopted'
    WHERE t.asks_more AND v.state IN ('adopted', 'superseded') AND v.number <= now.number
    GROUP BY t.competency_id
),
reached AS (
    SELECT l.stakeholder_id, a.competency_id, max(a.level) AS level
    FROM training_attainment a
    JOIN training_learner l ON l.id = a.learner_id
    JOIN training_standardversion v ON v.id = a.standard_version_id
    LEFT JOIN more ON more.competency_id = a.competency_id
    WHERE a.revoked_at IS NULL AND l.stakeholder_id IS NOT NULL AND v.number >= coalesce(more.number, 0)
    GROUP BY l.stakeholder_id, a.competency_id
),
held AS (
    SELECT person.region_id, q.competency_id, q.level, count(*) AS n
    FROM reached
    JOIN person ON person.id = reached.stakeholder_id
    JOIN kind ON kind.standing = person.standing AND kind.role = person.role
    JOIN training_requirement q ON q.role_id = kind.role_id AND q.competency_id = reached.competency_id
    WHERE reached.level >= q.level
    GROUP BY person.region_id, q.competency_id, q.level
)
SELECT asked.region_id, asked.competency_id, asked.level, asked.n::int, coalesce(held.n, 0)::int
FROM asked
LEFT JOIN held USING (region_id, competency_id, level)
"""


def grid() -> Grid:
    """Return the coverage of every competency in force. Three queries.

    People without a municipality are in no region and are not counted.
    """
    texts = CompetencyText.objects.that_hold().select_related("domain", "version__standard")
    texts = texts.defer("search_en", "search_fr").order_by("version__standard__slug", "domain__order", "order", "pk")
    regions = list(Region.objects.order_by("order", "pk"))
    counted = _counts()
    keys, names = [region.pk for region in regions], [str(region) for region in regions]
    if any(region == 0 for region, _competency in counted):
        keys.append(0)
        names.append(_("Outside the regions"))
    found = Grid(names)
    for text in texts:
        parts = [counted.get((key, text.competency_id), {}) for key in keys]
        found.rows.append(Row(text, *_shown(parts, None), parts))
    return found


def _counts() -> dict[Key, Parts]:
    """Return by region and competency, and by the level asked: how many are asked, how many hold it."""
    found: dict[Key, Parts] = {}
    with connection.cursor() as cursor:
        cursor.execute(_COUNTS, {"today": timezone.localdate()})
        for region, competency, level, asked, held in cursor.fetchall():
            found.setdefault((region, competency), {})[level] = (asked, held)
    return found


def _shown(parts: list[Parts], level: int | None) -> tuple[list[Cell], Cell]:
    """Return the cells of one competency and their total, without what small groups could be worked out from.

    - A group of fewer than FEWEST is never shown.
    - One level of several is shown only where every level has enough people: else what is left could be subtracted.
    - The total is shown only when those not shown are enough people together; beside one level, when all are shown.
    """
    cells = [_cell(part, level) for part in parts]
    hidden = [part for part, cell in zip(parts, cells, strict=True) if not cell.is_shown]
    whole: Parts = {}
    for part in parts:
        for each, (asked, held) in part.items():
            before = whole.get(each, (0, 0))
            whole[each] = (before[0] + asked, before[1] + held)
    left = sum(asked for part in hidden for asked, _held in part.values())
    if hidden and (level is not None or 0 < left < FEWEST):
        return cells, Cell()
    return cells, _cell(whole, level)


def _cell(parts: Parts, level: int | None) -> Cell:
    if level is None:
        asked, held = (sum(part[n] for part in parts.values()) for n in (0, 1))
    else:
        asked, held = parts.get(level, (0, 0))
        if any(n < FEWEST for n, _held in parts.values()):
            return Cell()
    return Cell(asked, held, True) if asked >= FEWEST else Cell()


# ---- as a file


def cell_in_words(cell: Cell) -> str:
    """Return "7 of 12 (58 %)", or that it is not shown."""
    if not cell.is_shown:
        return _("fewer than 5")
    return _("%(held)s of %(asked)s (%(percent)s%%)") % {
        "held": cell.held,
        "asked": cell.asked,
        "percent": cell.percent,
    }


def grid_file(found: Grid, kind: str) -> bytes:
    """Return the grid as a file of `kind` ("csv" or "xlsx"), in the active language. No query."""
    columns = [
        Column("domain", "Domain", "Domaine"),
        Column("code", "Number", "Numéro"),
        Column("title", "Competency", "Compétence"),
        *(Column(f"region{n}", name, name) for n, name in enumerate(found.regions)),
        Column("total", "All regions", "Toutes les régions"),
    ]
    rows = (
        {
            "domain": str(row.text.domain.title),
            "code": row.text.code,
            "title": str(row.text.title),
            "total": cell_in_words(row.total) if row.total.is_shown else _("not shown"),
            **{f"region{n}": cell_in_words(cell) for n, cell in enumerate(row.cells)},
        }
        for row in found.rows
    )
    return write(columns, rows, kind, _("Coverage"))
