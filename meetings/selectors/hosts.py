"""Where the network has met: past hosts on the map and in a table, and members whose turn may come."""

from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import Count, Exists, F, OuterRef, QuerySet, Window
from django.db.models.functions import RowNumber
from django.utils.translation import gettext as _

from cmncp_portal.core.maps import MapPoint, network_map
from cmncp_portal.core.search import Fold
from cmncp_portal.core.text import active_language
from cmncp_portal.network.lists import fold
from cmncp_portal.network.models import Municipality, Region

from ..models import Meeting

LATEST = 5  # meetings named for each host; the list has the others


@dataclass(frozen=True)
class Host:
    """A municipality, its latest meetings, and how many it hosted. `is_member` says whether it has a public page."""

    place: Municipality
    meetings: list[Meeting]
    total: int
    is_member: bool

    @property
    def more(self) -> int:
        return self.total - len(self.meetings)


@dataclass(frozen=True)
class Hosts:
    """`never` are members that hosted no meeting at all, whoever may see it, by region; without a region under ""."""

    map: dict[str, Any]
    hosts: list[Host]
    never: list[tuple[str, list[Municipality]]]
    meetings: int
    never_count: int


def hosts(user: Any) -> Hosts:
    """Return who hosted the held meetings that `user` may see, in three queries, with the map that shows them."""
    members = {place.pk: place for place in _members()}
    found = _hosts(user, set(members))
    never = [place for place in members.values() if not place.has_hosted]  # type: ignore[attr-defined]
    return Hosts(
        map=_map([host.place for host in found], never),
        hosts=found,
        never=_by_region(never),
        meetings=sum(host.total for host in found),
        never_count=len(never),
    )


def _members() -> QuerySet[Municipality]:
    """The municipalities that everybody may know as members; organisations host nobody."""
    held = Meeting.objects.filter(host=OuterRef("pk"), state=Meeting.State.HELD)
    rows = Municipality.objects.visible_to(AnonymousUser()).exclude(kind=Municipality.Kind.ORGANISATION)
    return rows.annotate(has_hosted=Exists(held)).order_by(Fold(f"name_{active_language()}"), "pk")


def _hosts(user: Any, members: set[int]) -> list[Host]:
    latest = [F("starts_on").desc(nulls_last=True), F("pk").desc()]
    rows = (
        Meeting.objects.visible_to(user)
        .filter(state=Meeting.State.HELD, host__isnull=False)
        .select_related("host")
        .only("slug", "title_en", "title_fr", "starts_on", "host")
        .annotate(
            nth=Window(RowNumber(), partition_by="host", order_by=latest),
            total=Window(Count("pk"), partition_by="host"),
        )
        .filter(nth__lte=LATEST)
        .order_by("host", "nth")
    )
    by_host: dict[int, list[Any]] = {}
    for meeting in rows:
        by_host.setdefault(meeting.host.pk, []).append(meeting)  # type: ignore[union-attr]
    found = [Host(m[0].host, m, m[0].total, pk in members) for pk, m in by_host.items()]
    return sorted(found, key=lambda host: fold(str(host.place)))


def _by_region(places: list[Municipality]) -> list[tuple[str, list[Municipality]]]:
    regions = list(Region.objects.all())
    grouped = [(str(region), [p for p in places if p.province in region.provinces]) for region in regions]
    known = {code for region in regions for code in region.provinces}
    grouped.append(("", [p for p in places if p.province not in known]))
    return [(name, found) for name, found in grouped if found]


def _map(hosted: list[Municipality], never: list[Municipality]) -> dict[str, Any]:
    points = [
        MapPoint(p.slug, float(p.latitude), float(p.longitude), has_hosted, str(p) if has_hosted else "")
        for has_hosted, places in ((True, hosted), (False, never))
        for p in places
        if p.latitude is not None and p.longitude is not None
    ]
    description = _(
        "Filled points with a name have hosted a meeting; hollow points are members that have not yet. The table says the same."
    )
    return network_map(points, [], title=_("Where the network has met"), description=description, id="hosts")
