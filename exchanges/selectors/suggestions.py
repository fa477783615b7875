"""Who could receive a visit, with the reasons in words: no black box, the person decides."""

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Count, Prefetch, Q
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import ngettext

from cmncp_portal.network.models import Membership, Municipality, PreventionProgramme

from ..models import Exchange, HostRequest, Visit

CANDIDATES = 200  # More members than that are narrowed by topic before anything is compared.


@dataclass(frozen=True)
class Suggestion:
    municipality: Municipality
    score: int
    reasons: list[str]
    cautions: list[str]


def suggest_hosts(exchange: Exchange, *, limit: int = 5) -> list[Suggestion]:
    """Return up to `limit` members that could host `exchange`, best first, each with its reasons and cautions.

    A member that declined this exchange, or receives no visits now, is left out. Six queries, whatever the size of the network.
    """
    today = timezone.localdate()
    topics = {t.pk: str(t) for t in exchange.topics.all()}
    refused = exchange.host_requests.filter(outcome__in=[HostRequest.Outcome.DECLINED, HostRequest.Outcome.REPLACED])
    running = Q(memberships__kind=Membership.Kind.GENERAL, memberships__from_on__lte=today)
    running &= Q(memberships__until_on__isnull=True) | Q(memberships__until_on__gte=today)
    year = today - timedelta(days=365)
    hosted = Q(exchanges_hosted__visits__leg="first", exchanges_hosted__visits__state="held")
    candidates = (
        Municipality.objects.filter(running)
        .exclude(pk=exchange.guest_id)
        .exclude(pk__in=refused.values("municipality_id"))
        .filter(Q(not_hosting_until__isnull=True) | Q(not_hosting_until__lt=today))
        .annotate(
            shared=Count("offers", filter=Q(offers__in=list(topics)), distinct=True),
            times_hosted=Count("exchanges_hosted__visits", filter=hosted, distinct=True),
            load=Count(
                "exchanges_hosted__visits",
                filter=hosted & Q(exchanges_hosted__visits__ends_on__gte=year),
                distinct=True,
            ),
        )
        .prefetch_related(
            "offers",
            Prefetch(
                "programmes",
                PreventionProgramme.objects.running_on(today)
                .filter(welcomes_visits=True, topics__in=list(topics))
                .distinct(),
                to_attr="fitting",
            ),
        )
        .order_by("-shared", "name_en")[:CANDIDATES]
    )
    busy = set(
        Visit.objects.filter(state__in=["accepted", "confirmed"], leg="first", starts_on__gte=today).values_list(
            "exchange__host_id", flat=True
        )
    )
    made = [_suggestion(exchange, candidate, topics, busy) for candidate in candidates]
    return sorted(made, key=lambda s: (-s.score, str(s.municipality)))[:limit]


def _suggestion(exchange: Exchange, place: Municipality, topics: dict[int, str], busy: set[int]) -> Suggestion:
    score, reasons, cautions = 0, [], []
    shared = [str(t) for t in place.offers.all() if t.pk in topics]
    if shared:
        score += 3 * len(shared)
        reasons.append(_t("Can show others: %(topics)s.") % {"topics": ", ".join(shared)})
    fitting = place.fitting  # type: ignore[attr-defined]
    if fitting:
        score += 2 * min(len(fitting), 3)
        reasons.append(_t("Programmes to visit: %(names)s.") % {"names": ", ".join(str(p) for p in fitting[:3])})
    if exchange.working_language in place.languages:
        score += 2
        name = _t("English") if exchange.working_language == "en" else _t("French")
        reasons.append(_t("Receives visitors in %(language)s.") % {"language": name})
    else:
        cautions.append(_t("Interpretation would be needed."))
    if place.size_band and place.size_band == exchange.guest.size_band:
        score += 1
        reasons.append(_t("A community of similar size (%(size)s).") % {"size": place.size_band})
    _experience(place, reasons, cautions)
    score += min(place.times_hosted, 2) - place.load  # type: ignore[attr-defined]
    if place.pk in busy:
        score -= 1
        cautions.append(_t("Already has a visit ahead."))
    return Suggestion(place, score, reasons, cautions)


def _experience(place: Municipality, reasons: list[str], cautions: list[str]) -> None:
    times, load = place.times_hosted, place.load  # type: ignore[attr-defined]
    if times:
        reasons.append(ngettext("Has received one visit.", "Has received %(n)s visits.", times) % {"n": times})
    if load > 1:
        cautions.append(
            ngettext(
                "Received one visit in the last twelve months.",
                "Received %(n)s visits in the last twelve months.",
                load,
            )
            % {"n": load}
        )
