"""Who could accompany whom, and why: what the coordinators read before they propose anything."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from statistics import fmean
from typing import Any, NamedTuple

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, Exists, IntegerField, Max, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce, JSONObject
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy, pgettext_lazy

from cmncp_portal.core.text import pick
from cmncp_portal.evaluation.models import Answer
from cmncp_portal.network.matching import (
    Candidate,
    LeftOut,
    Match,
    Programme,
    Seeker,
    Wording,
    band_of,
    left_out,
    ranked,
)
from cmncp_portal.network.models import Municipality, PreventionProgramme
from cmncp_portal.network.rules import members_now
from cmncp_portal.network.stages import Stage
from cmncp_portal.progress.models import StrategyProfile

from ..models import Agreement, CheckIn, MentoringNeed, MentorOffer, Side
from ..models.matching import Meets
from ..workflow import PAIR_RESTS_DAYS

CLOSING, WORTH = "mentoring-closing", "worth"  # the questionnaire at the end, and its question that rates the mentor

MENTORING = Wording(
    languages={"en": pgettext_lazy("working language", "English"), "fr": pgettext_lazy("working language", "French")},
    wish=_("It is the municipality that was wished for."),
    topics=_("Asked for and offered: %(topics)s."),
    programmes=_("Has programmes on these topics: %(names)s."),
    language=_("Both work in: %(language)s."),
    no_language=_("No language in common: interpretation would be needed."),
    same_size=_("Of similar size (%(size)s)."),
    near_size=_("Of neighbouring size (%(size)s)."),
    best_stage=_("Two stages ahead (%(stage)s)."),
    ahead=ngettext_lazy("One stage ahead (%(stage)s).", "%(n)s stages ahead (%(stage)s).", "n"),
    not_ahead=_("Not further along (%(stage)s)."),
    experience=ngettext_lazy(
        "Has accompanied one municipality to the end.", "Has accompanied %(n)s municipalities to the end.", "n"
    ),
    rating=_("Rated %(mean)s out of 5 by those it accompanied, n = %(n)s."),
    near=_("About %(km)s km away."),
    far=_("About %(km)s km away: meeting in person takes a long journey."),
    online_only=_("Works online only; meeting in person is wished for."),
    hours=_("Hours a month: %(hours)s offered, %(asked)s asked for."),
    short=_("The offer ends on %(day)s."),
    load=ngettext_lazy(
        "Accompanies one municipality at the moment.", "Accompanies %(n)s municipalities at the moment.", "n"
    ),
    busy=ngettext_lazy("Is proposed to one other municipality.", "Is proposed to %(n)s other municipalities.", "n"),
)


class Name(NamedTuple):
    """A name in both languages that reads in the active one."""

    en: str
    fr: str

    def __str__(self) -> str:
        return str(pick(self.en, self.fr))


# ---- what is read: needs and offers, each in one query


def _topic_ids(model: Any, owner: str) -> ArraySubquery:
    through = model.topics.through.objects.filter(**{owner: OuterRef("pk")}).order_by("topic__order", "topic__slug")
    return ArraySubquery(through.values("topic_id"))


def _topic_names(model: Any, owner: str) -> ArraySubquery:
    through = model.topics.through.objects.filter(**{owner: OuterRef("pk")}).order_by("topic__order", "topic__slug")
    return ArraySubquery(through.values(named=JSONObject(pk="topic_id", en="topic__name_en", fr="topic__name_fr")))


def _profile_stage() -> Subquery:
    profiles = StrategyProfile.objects.with_stage().filter(municipality=OuterRef("municipality"))
    return Subquery(profiles.values("stage_now")[:1])  # type: ignore[misc]  # the queryset adds it


def _rested_since() -> Any:
    return timezone.now() - timedelta(days=PAIR_RESTS_DAYS)


def open_needs(user: Any) -> QuerySet[Any]:
    """Return the open needs that `user` may bring together, oldest first, with all that `seeker_of` reads.

    `live` is the reference of an agreement that was proposed or asked already, `is_member` whether the municipality is one.
    """
    declined = Agreement.objects.filter(
        mentee=OuterRef("municipality"),
        state=Agreement.State.DECLINED,
        changes__to_state=Agreement.State.DECLINED,
        changes__at__gt=_rested_since(),
    )
    live = Agreement.objects.filter(need=OuterRef("pk"), state__in=Agreement.LIVE).order_by("-pk")
    return (
        MentoringNeed.objects.open()
        .filter(pk__in=MentoringNeed.objects.visible_to(user).values("pk"))
        .select_related("municipality", "wish")
        .annotate(
            topic_names=_topic_names(MentoringNeed, "mentoringneed"),
            profile_stage=_profile_stage(),
            is_member=Exists(members_now(OuterRef("municipality"))),
            declined_by=ArraySubquery(declined.order_by("pk").values("mentor__slug")),
            live=Subquery(live.values("reference")[:1]),
        )
        .order_by("created_at", "pk")
    )


def count_of(agreements: QuerySet[Agreement], group: str) -> Any:
    """Return how many `agreements` there are for each `group`, as part of a query; 0 when none."""
    counted = agreements.order_by().values(group).annotate(number=Count("pk")).values("number")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)


def _ratings() -> ArraySubquery:
    """The answers, 1 to 5 or "na", that municipalities gave at the end to the mentor of the offer."""
    check_in = "response__invitation__survey__check_in"
    return ArraySubquery(
        Answer.objects.filter(
            question__code=WORTH,
            question__questionnaire__slug=CLOSING,
            response__submitted_at__isnull=False,
            **{
                f"{check_in}__moment": CheckIn.Moment.END,
                f"{check_in}__side": Side.MENTEE,
                f"{check_in}__agreement__mentor": OuterRef("municipality"),
            },
        )
        .order_by("pk")
        .values("value")
    )


def _programmes() -> ArraySubquery:
    running = PreventionProgramme.objects.running_on(timezone.localdate())
    through = PreventionProgramme.topics.through.objects.filter(preventionprogramme=OuterRef("pk"))
    mine = running.filter(municipality=OuterRef("municipality")).order_by("name_en", "pk")
    topics = ArraySubquery(through.order_by("topic_id").values("topic_id"))
    return ArraySubquery(mine.values(shown=JSONObject(en="name_en", fr="name_fr", topics=topics)))


def offers_to_match(user: Any, *, but_for: int | None = None) -> QuerySet[Any]:
    """Return the offers that `user` may bring together, paused ones too, with all that `candidate_of` reads.

    Proposals for the need `but_for` do not count as being asked.
    """
    of_mentor = Agreement.objects.filter(mentor=OuterRef("municipality"))
    of_offer = Agreement.objects.filter(offer=OuterRef("pk"))
    asked = of_offer.filter(state__in=(Agreement.State.PROPOSED, Agreement.State.AWAITING)).exclude(need=but_for)
    last = of_mentor.order_by().values("mentor").annotate(last=Max("asked_at")).values("last")
    return (
        MentorOffer.objects.exclude(state=MentorOffer.State.WITHDRAWN)
        .filter(pk__in=MentorOffer.objects.visible_to(user).values("pk"))
        .select_related("municipality")
        .annotate(
            topic_ids=_topic_ids(MentorOffer, "mentoroffer"),
            profile_stage=_profile_stage(),
            is_member=Exists(members_now(OuterRef("municipality"))),
            taken=count_of(of_mentor.filter(state__in=Agreement.RUNNING), "mentor"),
            asked=count_of(asked, "offer"),
            experience=count_of(of_mentor.filter(state=Agreement.State.COMPLETED), "mentor"),
            last_asked=Subquery(last),
            rated=_ratings(),
            programmes=_programmes(),
        )
        .order_by("created_at", "pk")
    )


# ---- what the engine compares


def _place(municipality: Municipality) -> tuple[float, float] | None:
    if municipality.latitude is None or municipality.longitude is None:
        return None
    return float(municipality.latitude), float(municipality.longitude)


def stage_of_need(need: Any) -> Stage | None:
    """Return what the municipality said of its stage, else that of its profile; `need` is from `open_needs`."""
    stage = need.profile_stage if need.stage is None else need.stage
    return None if stage is None else Stage(stage)


def seeker_of(need: Any) -> Seeker:
    """Return what counts of a need from `open_needs`. Distance matters only when they would meet in person."""
    place = need.municipality
    return Seeker(
        key=place.slug,
        wording=MENTORING,
        begins_on=timezone.localdate(),
        topics={topic["pk"]: Name(topic["en"], topic["fr"]) for topic in need.topic_names},
        languages=frozenset(need.languages),
        band=band_of(place.population),
        stage=stage_of_need(need),
        place=_place(place),
        travels=need.meets != Meets.ONLINE,
        in_person=need.meets == Meets.IN_PERSON,
        hours=need.hours,
        wish=need.wish.slug if need.wish else "",
        declined=frozenset(need.declined_by),
    )


def candidate_of(offer: Any) -> Candidate:
    """Return what counts of an offer from `offers_to_match`."""
    place, stage = offer.municipality, offer.profile_stage
    rated = [value for value in offer.rated if isinstance(value, int)]
    programmes = [Programme(Name(p["en"], p["fr"]), frozenset(p["topics"])) for p in offer.programmes]
    return Candidate(
        key=place.slug,
        topics=frozenset(offer.topic_ids),
        programmes=tuple(programmes),
        languages=frozenset(offer.languages),
        band=band_of(place.population),
        size=place.size_band,
        stage=stage,
        stage_name="" if stage is None else Stage(stage).label,
        place=_place(place),
        travels=offer.meets != Meets.ONLINE,
        hours=offer.hours,
        until=offer.until_on,
        load=offer.taken,
        busy=offer.asked,
        experience=offer.experience,
        rating=round(fmean(rated), 1) if rated else None,
        ratings=len(rated),
        last_asked=offer.last_asked,
        capacity_left=offer.capacity - offer.taken,
        is_member=offer.is_member,
        is_paused=offer.state == MentorOffer.State.PAUSED,
    )


# ---- one need


@dataclass(frozen=True)
class Left:
    """An offer that is left out, and why in words."""

    offer: MentorOffer
    reason: Any


@dataclass(frozen=True)
class Found:
    """The pairs for one need, best first, with the offer of each; and those left out, by name."""

    matches: list[tuple[MentorOffer, Match]] = field(default_factory=list)
    left: list[Left] = field(default_factory=list)


def candidates_for(need: Any, user: Any) -> Found:
    """Return who could accompany the municipality of `need` (from `open_needs`), ranked and explained. One query."""
    seeker = seeker_of(need)
    offers = {offer.municipality.slug: offer for offer in offers_to_match(user, but_for=need.pk)}
    candidates = {slug: candidate_of(offer) for slug, offer in offers.items()}
    out = {slug: reason for slug, one in candidates.items() if (reason := left_out(seeker, one)) is not None}
    matches = [(offers[match.candidate.key], match) for match in ranked(seeker, candidates.values())]
    left = [Left(offers[slug], reason.label) for slug, reason in out.items()]
    return Found(matches, sorted(left, key=lambda one: str(one.offer)))


def as_read(match: Match, need: Any) -> dict[str, Any]:
    """Return why the pair fits as it is read today: {"en": [reasons], "fr": […], "cautions": {"en": […], "fr": […]}, "score": 9.0}.

    Both municipalities read it. Where a strategy stands is for members: a mentee of `need` that is none does not learn it here.
    """
    shown = [reason for reason in match.reasons if need.is_member or "stage" not in reason.values]
    cautions = [reason for reason in match.cautions if need.is_member or "stage" not in reason.values]
    found: dict[str, Any] = {"score": match.score, "cautions": {}}
    for code in ("en", "fr"):
        with translation.override(code):
            found[code] = [str(reason) for reason in shown]
            found["cautions"][code] = [str(caution) for caution in cautions]
    return found


@dataclass(frozen=True)
class Room:
    """A mentor on the desk: `free` places, `taken` ones, and how many it is being asked for; `note` says why none is free."""

    offer: Any
    free: int
    note: Any


def room_of(offer: Any) -> Room:
    """Return the places that an offer (from `offers_to_match`) has, and what stands against proposing it."""
    if not offer.is_member:
        return Room(offer, 0, LeftOut.NO_MEMBER.label)
    if offer.state == MentorOffer.State.PAUSED:
        return Room(offer, 0, LeftOut.PAUSED.label)
    if offer.until_on is not None and offer.until_on < timezone.localdate():
        return Room(offer, 0, LeftOut.OVER.label)
    return Room(offer, max(offer.capacity - offer.taken, 0), "")


def capacities(offers: Iterable[Any]) -> Mapping[str, int]:
    """Return the places that `offers` (from `offers_to_match`) have for new proposals, by slug: asked ones count as taken."""
    return {offer.municipality.slug: max(offer.capacity - offer.taken - offer.asked, 0) for offer in offers}
