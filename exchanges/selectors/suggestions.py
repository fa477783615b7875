"""Who could receive a visit, with the reasons in words: no black box, the person decides."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import Count, OuterRef, Prefetch, Q, QuerySet, Subquery, Value
from django.db.models.functions import MD5, Concat
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from cmncp_portal.network.matching import Candidate, Programme, Seeker, Wording, band_of, ranked
from cmncp_portal.network.models import Membership, Municipality, PreventionProgramme

from ..models import Exchange, HostRequest, Visit

CANDIDATES = 200  # More members than that are narrowed by topic before anything is compared.

HOSTING = Wording(
    languages={"en": _("English"), "fr": _("French")},
    topics=_("Can show others: %(topics)s."),
    programmes=_("Programmes to visit: %(names)s."),
    language=_("Receives visitors in %(language)s."),
    no_language=_("Interpretation would be needed."),
    same_size=_("A community of similar size (%(size)s)."),
    experience=ngettext_lazy("Has received one visit.", "Has received %(n)s visits.", "n"),
    load=ngettext_lazy(
        "Received one visit in the last twelve months.", "Received %(n)s visits in the last twelve months.", "n"
    ),
    free_load=1,
    busy=_("Already has a visit ahead."),
)


@dataclass(frozen=True)
class Suggestion:
    municipality: Municipality
    score: float
    reasons: list[str]
    cautions: list[str]


def suggest_hosts(exchange: Exchange, *, limit: int = 5) -> list[Suggestion]:
    """Return up to `limit` members that could host `exchange`, best first, each with its reasons and cautions.

    A member that declined this exchange, or receives no visits now, is left out. Six queries, whatever the size of the network.
    """
    today = timezone.localdate()
    topics = {topic.pk: topic for topic in exchange.topics.all()}
    guest = exchange.guest
    seeker = Seeker(
        key=guest.slug,
        wording=HOSTING,
        begins_on=today,
        topics=topics,
        languages=frozenset([exchange.working_language]),
        band=band_of(guest.population),
    )
    ahead = Visit.objects.filter(state__in=["accepted", "confirmed"], leg="first", starts_on__gte=today)
    busy = set(ahead.values_list("exchange__host_id", flat=True))
    places = {place.slug: place for place in _could_host(exchange, list(topics))}
    candidates = [_candidate(place, frozenset(topics), is_busy=place.pk in busy) for place in places.values()]
    return [
        Suggestion(places[m.candidate.key], m.score, [str(r) for r in m.reasons], [str(c) for c in m.cautions])
        for m in ranked(seeker, candidates, limit)
    ]


def _could_host(exchange: Exchange, topics: list[int]) -> QuerySet[Municipality]:
    """Return the members that may be asked, with what they can show on `topics` and how often they received visitors.

    Which of equals come first when there are more than CANDIDATES depends on the exchange and not on the alphabet.
    """
    today = timezone.localdate()
    refused = exchange.host_requests.filter(outcome__in=[HostRequest.Outcome.DECLINED, HostRequest.Outcome.REPLACED])
    running = Q(memberships__kind=Membership.Kind.GENERAL, memberships__from_on__lte=today)
    running &= Q(memberships__until_on__isnull=True) | Q(memberships__until_on__gte=today)
    hosted = Q(exchanges_hosted__visits__leg="first", exchanges_hosted__visits__state="held")
    lately = hosted & Q(exchanges_hosted__visits__ends_on__gte=today - timedelta(days=365))
    asked = HostRequest.objects.filter(municipality=OuterRef("pk")).order_by("-asked_at").values("asked_at")[:1]
    programmes = PreventionProgramme.objects.running_on(today).filter(welcomes_visits=True, topics__in=topics)
    return (
        Municipality.objects.filter(running)
        .exclude(pk=exchange.guest_id)
        .exclude(pk__in=refused.values("municipality_id"))
        .filter(Q(not_hosting_until__isnull=True) | Q(not_hosting_until__lt=today))
        .annotate(
            shared=Count("offers", filter=Q(offers__in=topics), distinct=True),
            times_hosted=Count("exchanges_hosted__visits", filter=hosted, distinct=True),
            load=Count("exchanges_hosted__visits", filter=lately, distinct=True),
            last_asked=Subquery(asked),
        )
        .prefetch_related("offers", Prefetch("programmes", programmes.distinct(), to_attr="fitting"))
        .order_by("-shared", MD5(Concat("slug", Value(exchange.reference))))[:CANDIDATES]
    )


def _candidate(place: Any, topics: frozenset[int], *, is_busy: bool) -> Candidate:
    """Return what counts of `place`; its programmes were chosen by the `topics` asked for."""
    return Candidate(
        key=place.slug,
        topics=frozenset(topic.pk for topic in place.offers.all()),
        programmes=tuple(Programme(programme, topics) for programme in place.fitting),
        languages=frozenset(place.languages),
        band=band_of(place.population),
        size=place.size_band,
        experience=place.times_hosted,
        load=place.load,
        busy=int(is_busy),
        last_asked=place.last_asked,
    )
