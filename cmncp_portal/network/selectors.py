"""Reading the network: who is a member, who answers for a municipality, and the directory's search."""

from datetime import date
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Case, Exists, F, OuterRef, Prefetch, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import JSONObject, StrIndex
from django.utils import timezone

from cmncp_portal.accounts.models import Role, User
from cmncp_portal.core.search import Fold, search_query
from cmncp_portal.core.text import LanguageText, active_language, pick
from cmncp_portal.notifications.recipients import Recipient

from .models import (
    ImportRun,
    Membership,
    Municipality,
    PreventionProgramme,
    Region,
    Sector,
    Stakeholder,
    Standing,
    Topic,
)
from .models.municipality import MunicipalityQuerySet

# Bounds of the population, lower included, upper not: the bands of Municipality.size_band.
SIZE_BANDS: dict[str, tuple[int, int | None]] = {
    "small": (0, 20_000),
    "medium": (20_000, 100_000),
    "large": (100_000, 500_000),
    "metropolis": (500_000, None),
}


def members_on(day: date) -> MunicipalityQuerySet:
    """Return the municipalities whose membership of any kind runs on `day`."""
    return Municipality.objects.members_on(day)


def _open_memberships() -> QuerySet[Membership]:
    today = timezone.localdate()
    running = Membership.objects.filter(municipality=OuterRef("pk"), from_on__lte=today)
    return running.filter(Q(until_on__isnull=True) | Q(until_on__gte=today)).order_by("-from_on")


def with_membership(rows: MunicipalityQuerySet) -> MunicipalityQuerySet:
    """Add `membership_kind` and `membership_from` of the membership that runs today (None when there is none)."""
    now = _open_memberships()
    return rows.annotate(
        membership_kind=Subquery(now.values("kind")[:1]), membership_from=Subquery(now.values("from_on")[:1])
    )


def directory(user: Any) -> MunicipalityQuerySet:
    """Return the municipalities that `user` may see, by name in the active language, with their membership."""
    return with_membership(Municipality.objects.visible_to(user)).by_name(active_language())


def search(rows: MunicipalityQuerySet, text: str) -> MunicipalityQuerySet:
    """Keep the municipalities whose name or programmes match `text`, in either language, accents folded."""
    text = text.strip()
    if not text:
        return rows
    english, french = search_query(text, "en"), search_query(text, "fr")
    programmes = PreventionProgramme.objects.filter(municipality=OuterRef("pk")).filter(
        Q(search_en=english) | Q(search_fr=french)
    )
    part = Fold(Value(text))
    rows = rows.annotate(in_english=StrIndex(Fold("name_en"), part), in_french=StrIndex(Fold("name_fr"), part))
    return rows.filter(
        Q(in_english__gt=0) | Q(in_french__gt=0) | Q(search_en=english) | Q(search_fr=french) | Exists(programmes)
    )


def of_size(rows: MunicipalityQuerySet, band: str) -> MunicipalityQuerySet:
    """Keep the municipalities whose population lies in `band`, a key of SIZE_BANDS."""
    lowest, limit = SIZE_BANDS[band]
    rows = rows.filter(population__gte=lowest)
    return rows if limit is None else rows.filter(population__lt=limit)


def receiving_visits(rows: MunicipalityQuerySet, day: date) -> MunicipalityQuerySet:
    """Keep the municipalities that receive visits on `day`."""
    return rows.filter(Q(not_hosting_until__isnull=True) | Q(not_hosting_until__lt=day))


def topic_choices() -> list[tuple[str, str]]:
    """Return the topics as (slug, name in the active language)."""
    return [(topic.slug, str(topic.name)) for topic in Topic.objects.all()]


def _topics(relation: str) -> ArraySubquery:
    rows = Topic.objects.filter(**{relation: OuterRef("pk")}).order_by("order", "slug")
    return ArraySubquery(rows.values(names=JSONObject(en="name_en", fr="name_fr")))


def profile(user: Any) -> MunicipalityQuerySet:
    """Return what a municipality's page shows, in two queries: the place with its topics, and its programmes.

    Adds `offered` and `sought`, which `topic_names` puts into words, and `running_programmes`.
    """
    programmes = PreventionProgramme.objects.running_on(timezone.localdate()).order_by("name_en", "pk")
    rows = with_membership(Municipality.objects.visible_to(user))
    rows = rows.annotate(offered=_topics("offered_by"), sought=_topics("sought_by"))
    return rows.prefetch_related(Prefetch("programmes", queryset=programmes, to_attr="running_programmes"))


def topic_names(topics: list[dict[str, str]]) -> list[LanguageText]:
    """Return the names of what `profile` added as `offered` or `sought`, in the active language."""
    return [pick(topic["en"], topic["fr"]) for topic in topics]


def people_of(municipality: Municipality) -> QuerySet[Stakeholder]:
    """Return the people of `municipality` who have not left: representative, deputies, then by name."""
    order = [Standing.REPRESENTATIVE, Standing.DEPUTY, Standing.LEADER, Standing.STAFF, Standing.PARTNER]
    return (
        Stakeholder.objects.current()
        .filter(municipality=municipality)
        .select_related("sector", "user", "municipality")
        .annotate(place_in_list=_rank(order))
        .order_by("place_in_list", Fold("name"), "pk")
    )


def _rank(order: list[Standing]) -> Any:
    return Case(
        *(When(standing=standing, then=Value(n)) for n, standing in enumerate(order)), default=Value(len(order))
    )


def former_people_of(municipality: Municipality) -> QuerySet[Stakeholder]:
    """Return the people who left `municipality`, the last one first."""
    left = Stakeholder.objects.filter(municipality=municipality, left_on__lte=timezone.localdate())
    return left.select_related("sector").order_by("-left_on", "name", "pk")


def programmes_of(municipality: Municipality) -> QuerySet[PreventionProgramme]:
    """Return the programmes of `municipality` that have not ended, by name."""
    return PreventionProgramme.objects.running_on(timezone.localdate()).filter(municipality=municipality)


def representative_of(municipality: Municipality) -> Stakeholder | None:
    """Return the person who represents `municipality` today, or None while nobody is named."""
    current = Stakeholder.objects.current().filter(municipality=municipality, standing=Standing.REPRESENTATIVE)
    return current.select_related("user", "municipality").order_by("-pk").first()


def person_standing(person: Stakeholder) -> str:
    """Return the stored role of `person`, whatever a form wrote onto the object."""
    return Stakeholder.objects.values_list("standing", flat=True).get(pk=person.pk)


def people_who_answer_for(municipality: Municipality) -> list[Stakeholder]:
    """Return the representative first, then the deputies; empty when `municipality` has neither."""
    return list(Stakeholder.objects.speaking_for(municipality).select_related("user", "municipality"))


def recipient_of(stakeholder: Stakeholder) -> Recipient:
    """Return to whom a letter to `stakeholder` goes: the account's address and language when there is an account.

    The language is "both" when nobody told it; the zone is that of the municipality. Without an address, `email` is empty
    and nothing is sent.
    """
    user = stakeholder.user if stakeholder.user and stakeholder.user.is_active else None
    language = (user.language if user else stakeholder.language) or "both"
    email = user.email if user else stakeholder.email
    return Recipient(email, stakeholder.name, language, stakeholder.municipality.time_zone)  # type: ignore[arg-type]


def coordinators() -> list[Recipient]:
    """Return the network coordinators, for letters about the network itself."""
    people = User.objects.filter(groups__name=Role.COORDINATOR, is_active=True).distinct().order_by("pk")
    return [Recipient(u.email, u.name, u.language, u.time_zone) for u in people]


def region_of(municipality: Municipality) -> Region | None:
    """Return the region of the network that holds the municipality's province."""
    return Region.objects.filter(provinces__contains=[municipality.province]).order_by("order", "pk").first()


def sectors() -> QuerySet[Sector]:
    """Return the sectors in the order in which forms offer them."""
    return Sector.objects.all()


def programme_with_place(user: Any) -> QuerySet[PreventionProgramme]:
    """Return the programmes that `user` may see, with municipality and topics."""
    return PreventionProgramme.objects.visible_to(user).select_related("municipality").prefetch_related("topics")


def search_programmes(user: Any, text: str) -> QuerySet[PreventionProgramme]:
    """Return the programmes that `user` may see and whose words match `text` in either language."""
    found = Q(search_en=search_query(text, "en")) | Q(search_fr=search_query(text, "fr"))
    return (
        PreventionProgramme.objects.visible_to(user)
        .filter(found)
        .select_related("municipality")
        .order_by("name_en", "pk")
    )


def duplicates_of(stakeholder: Stakeholder) -> list[Stakeholder]:
    """Return other rows that look like the same person: same address anywhere, or same name in the municipality."""
    same = Q(pk__in=[])
    if stakeholder.email:
        same |= Q(email__iexact=stakeholder.email)
    named = Q(municipality=stakeholder.municipality_id)
    rows = Stakeholder.objects.annotate(folded=Fold("name")).exclude(pk=stakeholder.pk)
    same |= named & Q(folded=Fold(Value(stakeholder.name)))
    return list(rows.filter(same).select_related("municipality").order_by("name", "pk"))


def open_run(user: Any) -> ImportRun | None:
    """Return the last list that `user` handed in and has not applied, or None."""
    runs = ImportRun.objects.visible_to(user).filter(applied_at__isnull=True, expires_at__gt=timezone.now())
    return runs.defer("rows").first()


def membership_history(municipality: Municipality) -> QuerySet[Membership]:
    """Return all memberships of `municipality`, the latest first."""
    return Membership.objects.filter(municipality=municipality).order_by(F("from_on").desc(), "-pk")
