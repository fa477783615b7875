"""Who answers for those whom nothing has reached, and the whole picture as a file: for the Secretariat, to invite them."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from django.utils.translation import gettext as _t

from cmncp_portal.network.lists import Column, write
from cmncp_portal.network.models import Membership, Municipality, Stakeholder, Standing
from cmncp_portal.network.models.stakeholder import SPEAKS_FOR_MUNICIPALITY
from cmncp_portal.network.selectors import recipient_of
from cmncp_portal.notifications.recipients import Recipient

from .reach import LANGUAGES, SIZES, Line, Reach, language_of, membership_of, size_of

COLUMNS = [
    Column("municipality", "Municipality", "Municipalité"),
    Column("province", "Province or territory", "Province ou territoire"),
    Column("population", "Population", "Population"),
    Column("size", "Size", "Taille"),
    Column("language", "Receives visitors in", "Accueille en"),
    Column("membership", "Membership", "Adhésion"),
    Column("visited", "Visits to others", "Visites ailleurs"),
    Column("hosted", "Hosted", "A reçu"),
    Column("attended", "Meetings attended", "Rencontres suivies"),
    Column("trained", "Training attended", "Formations suivies"),
    Column("mentor", "Agreements as mentor", "Ententes comme municipalité mentore"),
    Column("mentee", "Agreements as mentored municipality", "Ententes comme municipalité accompagnée"),
    Column("last_on", "Last contact", "Dernier contact"),
    Column("reached", "Reached", "Rejointe"),
    Column("representative", "Representative", "Représentant·e"),
    Column("email", "Email address", "Adresse courriel"),
]


def answering(places: Iterable[Municipality]) -> dict[int, list[Recipient]]:
    """Return who answers for each of `places`, by its key: the representative first, then the deputies. One query."""
    rows = Stakeholder.objects.current().filter(
        municipality__in=[place.pk for place in places], standing__in=SPEAKS_FOR_MUNICIPALITY
    )
    people = sorted(
        rows.select_related("user", "municipality"), key=lambda p: (p.standing != Standing.REPRESENTATIVE, p.name, p.pk)
    )
    found: dict[int, list[Recipient]] = defaultdict(list)
    for person in people:
        found[person.municipality_id].append(recipient_of(person))
    return found


def reach_file(reach: Reach) -> bytes:
    """Return the lines of `reach` as CSV in the active language, with whoever answers for each; columns not asked for are left out.

    One query, whatever the number of lines.
    """
    counted = {part.key for part in reach.wanted.parts}
    parts = {"visited", "hosted", "attended", "trained", "mentor", "mentee"}
    columns = [column for column in COLUMNS if column.name not in parts - counted]
    return write(columns, _rows(reach), "csv", _t("Reach of the network"))


def _rows(reach: Reach) -> Iterator[dict[str, Any]]:
    people = answering(line.place for line in reach.lines)
    for line in reach.lines:
        first = next(iter(people.get(line.place.pk, [])), None)
        counts = {part.key: number for part, number in zip(reach.wanted.parts, line.counts, strict=True)}
        contact = {"representative": first.name if first else None, "email": first.email if first else None}
        yield _place(line) | counts | contact


def _place(line: Line) -> dict[str, Any]:
    place = line.place
    return {
        "municipality": str(place),
        "province": place.get_province_display(),
        "population": place.population,
        "size": SIZES[size_of(place)],
        "language": LANGUAGES[language_of(place)],
        "membership": Membership.Kind(membership_of(place)).label,
        "last_on": line.last_on,
        "reached": _t("Yes") if line.is_reached else _t("No"),
    }
