"""Lists of agreements and the numbers of mentoring. Constant queries at any size."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Case, Count, Exists, F, IntegerField, Max, OuterRef, Q, QuerySet, Sum, Value, When
from django.db.models.functions import Coalesce, Greatest
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import ngettext

from cmncp_portal.core.text import active_language
from cmncp_portal.network.lists import Column, fold, write
from cmncp_portal.network.models import Municipality
from cmncp_portal.network.rules import members_now, municipality_ids_of, places_of, speaks_for_ids

from ..models import Agreement, MentoringNeed, MentorOffer, Side
from ..workflow import SILENT_DAYS
from .agreements import TONES, next_step, unanswered
from .matching import count_of

S = Agreement.State
GROUPS = {
    "open": Q(state__in=Agreement.LIVE),
    "asked": Q(state__in=(S.PROPOSED, S.AWAITING)),
    "running": Q(state__in=Agreement.RUNNING),
    "over": Q(state__in=(*Agreement.OVER, S.DECLINED, S.WITHDRAWN)),
}
ORDER = (S.AWAITING, S.PROPOSED, S.ACTIVE, S.PAUSED)  # what waits comes first; what is over, last


def silent(now: Any) -> Q:
    """Return which agreements have given no sign of life for SILENT_DAYS at `now`."""
    return Q(state=S.ACTIVE, last_sign_at__lte=now - timedelta(days=SILENT_DAYS))


def agreement_list(user: Any) -> QuerySet[Any]:
    """Return the agreements that `user` may see: those that wait first, then running ones, then what is over."""
    turns = [When(state=state, then=Value(turn)) for turn, state in enumerate(ORDER)]
    return (
        Agreement.objects.filter(pk__in=Agreement.objects.visible_to(user).values("pk"))
        .select_related("mentor", "mentee")
        .annotate(turn=Case(*turns, default=Value(len(ORDER)), output_field=IntegerField()))
        .annotate(state_since=Coalesce(Max("changes__at", filter=Q(changes__to_state=F("state"))), F("created_at")))
        .order_by("turn", "-created_at", "-pk")
    )


@dataclass(frozen=True)
class Row:
    """One line of the list. `days` is how long it has stood in its state, in whole days of the reader's zone."""

    agreement: Any
    tone: str
    step: str
    since: date
    days: int
    waits_for_me: bool

    @property
    def days_in_words(self) -> str:
        if not self.days:
            return _t("Since today")
        return ngettext("For one day", "For %(days)s days", self.days) % {"days": self.days}


def listed(agreements: Iterable[Any], user: Any) -> list[Row]:
    """Return the rows for a page of `agreement_list`."""
    ours, today = speaks_for_ids(user), timezone.localdate()
    is_network = user.has_perm("mentoring.match")
    found = []
    for agreement in agreements:
        asked = {agreement.mentor_id if side == Side.MENTOR else agreement.mentee_id for side in unanswered(agreement)}
        waits = bool(asked & ours) or (is_network and agreement.state == S.PROPOSED)
        since = timezone.localdate(agreement.state_since)
        tone = TONES[S(agreement.state)]
        found.append(Row(agreement, tone, next_step(agreement), since, (today - since).days, waits))
    return found


def municipality_choices(user: Any) -> list[tuple[str, str]]:
    """Return the municipalities of the agreements that `user` may see, by name in the active language, in one query."""
    seen = Agreement.objects.visible_to(user).order_by()
    places = Municipality.objects.filter(Q(pk__in=seen.values("mentor")) | Q(pk__in=seen.values("mentee")))
    rows = places.values_list("pk", f"name_{active_language()}")
    return [(str(pk), name) for pk, name in sorted(rows, key=lambda row: fold(row[1]))]


def of_municipality(pk: str) -> Q:
    return Q(mentor=pk) | Q(mentee=pk)


# ---- the first page


@dataclass(frozen=True)
class Own:
    """One municipality of the reader: what it looks for and what it gives, None when nothing."""

    municipality: Municipality
    need: MentoringNeed | None
    offer: MentorOffer | None
    is_member: bool


def own_places(user: Any) -> list[Own]:
    """Return the municipalities for which `user` works, with their need and offer; two queries beside who the person is."""
    ours = municipality_ids_of(user)
    if not ours:
        return []
    needs = MentoringNeed.objects.filter(municipality__in=ours, state__in=("open", "matched")).order_by("state", "pk")
    by_need = {need.municipality_id: need for need in needs}  # an open one replaces one with a mentor
    offers = MentorOffer.objects.filter(municipality__in=ours).exclude(state="withdrawn")
    by_offer = {offer.municipality_id: offer for offer in offers}
    found = {p.municipality_id: p for p in places_of(user) if p.municipality_id in ours}
    return [
        Own(place.municipality, by_need.get(pk), by_offer.get(pk), place.is_of_a_member)  # type: ignore[attr-defined]
        for pk, place in found.items()
    ]


@dataclass(frozen=True)
class Numbers:
    """How mentoring stands in the whole network."""

    needs: int
    places: int
    prepared: int
    awaiting: int
    running: int
    silent: int
    over: int


def numbers() -> Numbers:
    """Return the numbers of the network: open needs, free places with mentors, agreements by state. Three queries."""
    taken = Agreement.objects.filter(mentor=OuterRef("municipality"), state__in=Agreement.RUNNING)
    offers = MentorOffer.objects.open().filter(Exists(members_now(OuterRef("municipality"))))
    free = offers.annotate(free=Greatest(F("capacity") - count_of(taken, "mentor"), 0)).aggregate(all=Sum("free"))
    counts = Agreement.objects.aggregate(
        prepared=Count("pk", filter=Q(state=S.PROPOSED)),
        awaiting=Count("pk", filter=Q(state=S.AWAITING)),
        running=Count("pk", filter=GROUPS["running"]),
        silent=Count("pk", filter=silent(timezone.now())),
        over=Count("pk", filter=Q(state__in=Agreement.OVER)),
    )
    return Numbers(needs=MentoringNeed.objects.open().count(), places=free["all"] or 0, **counts)


# ---- the file

COLUMNS = [
    Column("reference", "Reference", "Référence"),
    Column("mentee", "Mentored municipality", "Municipalité accompagnée"),
    Column("mentor", "Mentor municipality", "Municipalité mentore"),
    Column("state", "State", "État"),
    Column("since", "Since", "Depuis le"),
    Column("days", "Days", "Jours"),
    Column("step", "What comes next", "Prochaine étape"),
    Column("starts", "From", "Du"),
    Column("ends", "Planned until", "Jusqu’au (prévu)"),
    Column("last_sign", "Last sign of life", "Dernier signe de vie"),
]


def agreements_file(agreements: Iterable[Any], user: Any) -> bytes:
    """Return `agreements` (of `agreement_list`) as a CSV file in the active language."""
    return write(COLUMNS, _file_rows(agreements, user), "csv", _t("Mentoring agreements"))


def _file_rows(agreements: Iterable[Any], user: Any) -> Iterator[dict[str, Any]]:
    for row in listed(agreements, user):
        agreement = row.agreement
        sign = agreement.last_sign_at
        yield {
            "reference": agreement.reference,
            "mentee": str(agreement.mentee),
            "mentor": str(agreement.mentor),
            "state": agreement.get_state_display(),
            "since": row.since.isoformat(),
            "days": row.days,
            "step": row.step,
            "starts": agreement.starts_on.isoformat() if agreement.starts_on else "",
            "ends": agreement.ends_on.isoformat() if agreement.ends_on else "",
            "last_sign": timezone.localdate(sign).isoformat() if sign else "",
        }
