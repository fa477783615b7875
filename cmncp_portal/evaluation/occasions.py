"""What is to be said of an occasion at a glance, reckoned by the database: how many answered, what is new, what stands out."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import (
    BooleanField,
    Count,
    Exists,
    ExpressionWrapper,
    F,
    IntegerField,
    Max,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
)
from django.db.models.functions import Cast, Coalesce, Greatest

from cmncp_portal.network.rules import places_of

from .models import (
    Answer,
    Comment,
    ConfidentialReading,
    FollowUp,
    Invitation,
    Occasion,
    Question,
    Remark,
    Response,
    Survey,
)
from .questions import NOT_APPLICABLE
from .rates import ASKED, SUBMITTED, put_to_people
from .rows import as_rows, rows_with

LOW = 2  # a rating of this or less stands out
_OF = "invitation__survey__occasion"  # from a response or a remark


def _submitted() -> QuerySet[Response]:
    return Response.objects.filter(submitted_at__isnull=False, invitation__survey__cancelled_at__isnull=True)


def submitted_on(occasion: Any) -> QuerySet[Response]:
    """Return what was submitted on `occasion` (a row, or an OuterRef); surveys that were called off are left out."""
    return _submitted().filter(invitation__survey__occasion=occasion)


def remarks_on(occasion: Any) -> QuerySet[Remark]:
    """Return the remarks that came after the answers were fixed."""
    return Remark.objects.filter(invitation__survey__occasion=occasion)


@dataclass(frozen=True)
class Beside:
    """What people said about an occasion beside the answers."""

    comments: list[Comment]
    follow_ups: list[FollowUp]
    readings: list[ConfidentialReading]
    remarks: list[Remark]


def beside_answers(occasion: Occasion) -> Beside:
    """Return the comments, follow-ups and remarks on `occasion`, the oldest first, and who read in confidence, the latest first; one query."""
    of_it = {"occasion": OuterRef("pk")}
    row: Any = Occasion.objects.annotate(
        comment_rows=rows_with(Comment.objects.filter(**of_it).order_by("at", "pk")),
        follow_up_rows=rows_with(FollowUp.objects.filter(**of_it).order_by("at", "pk")),
        reading_rows=rows_with(ConfidentialReading.objects.filter(**of_it).order_by("-at", "-pk")),
        remark_rows=rows_with(remarks_on(OuterRef("pk")).order_by("at", "pk"), name="invitation__name"),
    ).get(pk=occasion.pk)
    remarks = as_rows(Remark, row.remark_rows)
    for remark, found in zip(remarks, row.remark_rows, strict=True):
        remark.invitation = Invitation(pk=remark.invitation_id, name=found["name"])
    return Beside(
        as_rows(Comment, row.comment_rows),
        as_rows(FollowUp, row.follow_up_rows),
        as_rows(ConfidentialReading, row.reading_rows),
        remarks,
    )


def last_at(occasion: Occasion) -> datetime | None:
    """Return when something on `occasion` was last submitted, changed or remarked; None when nothing came yet."""
    found = [
        submitted_on(occasion).aggregate(at=Max("updated_at"))["at"],
        remarks_on(occasion).aggregate(at=Max("at"))["at"],
    ]
    return max((at for at in found if at), default=None)


def is_of(user: Any, occasion: str = "pk") -> Exists:
    """Tell of each occasion (or of what leads to one by `occasion`) whether a municipality of `user` took part: nobody reviews their own."""
    own = [place.municipality_id for place in places_of(user)]
    return Exists(_places(occasion).filter(municipality_id__in=own))


def _places(occasion: str) -> QuerySet[Any]:
    return Occasion.places.through.objects.filter(occasion_id=OuterRef(occasion))


def _place_ids() -> ArraySubquery:
    """Which municipalities took part, as the rule that nobody reviews their own reads it."""
    return ArraySubquery(_places("pk").order_by("municipality_id").values("municipality_id"))


def to_read_by(user: Any) -> QuerySet[Occasion]:
    """Return the occasions with something that no reviewer has read yet and that `user` may review."""
    answers, said = submitted_on(OuterRef("pk")), remarks_on(OuterRef("pk"))
    never = Q(reviewed_at__isnull=True) & (Exists(answers) | Exists(said))
    changed, added = answers.filter(updated_at__gt=OuterRef("reviewed_at")), said.filter(at__gt=OuterRef("reviewed_at"))
    newer = Q(Exists(changed)) | Q(Exists(added))
    return Occasion.objects.filter(never | newer, ~is_of(user))


def first_answer() -> Subquery:
    """Since when an occasion has something to read: its first answer."""
    return _one(submitted_on(OuterRef("pk")), _OF, Min("submitted_at"))


def opened(user: Any, now: datetime) -> QuerySet[Occasion]:
    """Return the occasions of which a survey has opened by `now`, with everything that the desk says of each (`desk.queue`).

    What is filtered by is asked of all occasions at once; figures that are only shown are reckoned for the rows of a page.
    """
    surveys = Survey.objects.filter(cancelled_at__isnull=True, opens_at__lte=now)
    rows = Occasion.objects.filter(pk__in=surveys.values("occasion"))
    return _flagged(rows, now).annotate(**_figures(now), is_ours=is_of(user), place_ids=_place_ids())


def _among(rows: QuerySet[Any], path: str) -> ExpressionWrapper:
    """Whether the occasion is among those that `path` finds in `rows`: one look at all rows, not one for each occasion."""
    return ExpressionWrapper(Q(pk__in=rows.order_by().values(path)), output_field=BooleanField())


def _flagged(rows: QuerySet[Occasion], now: datetime) -> QuerySet[Occasion]:
    answers = Answer.objects.filter(response__in=_submitted())
    missing = put_to_people(now).filter(excused_at__isnull=True, survey__due_at__lt=now).exclude(SUBMITTED)
    low = answers.filter(question__kind=Question.Kind.RATING, value__in=list(range(LOW + 1)))
    can_come = Q(survey__occasion__reviewed_at__isnull=True, survey__closed_at__isnull=True, survey__closes_at__gt=now)
    to_settle = FollowUp.objects.filter(done_at__isnull=True)
    flagged = rows.annotate(
        is_new=ExpressionWrapper(_has_new(), output_field=BooleanField()),
        is_late=_among(missing, "survey__occasion"),
        is_low=_among(low, f"response__{_OF}"),
        is_confidential=_among(answers.filter(question__is_confidential=True), f"response__{_OF}"),
        is_one_sided=_among(_one_sided(now), "survey__occasion"),
    )
    waits = Q(is_new=True) | Q(pk__in=to_settle.values("occasion"))
    waits |= Q(pk__in=missing.filter(can_come).values("survey__occasion"))
    return flagged.annotate(waits=ExpressionWrapper(waits, output_field=BooleanField()))


def _has_new() -> Q:
    never = Q(**{f"{_OF}__reviewed_at__isnull": True})
    answers = _submitted().filter(never | Q(updated_at__gt=F(f"{_OF}__reviewed_at")))
    said = Remark.objects.filter(never | Q(at__gt=F(f"{_OF}__reviewed_at")))
    return Q(pk__in=answers.values(_OF)) | Q(pk__in=said.values(_OF))


def _one_sided(now: datetime) -> QuerySet[Any]:
    """Occasions of two sides of which one has answered and another has not."""
    asked = put_to_people(now).filter(ASKED).exclude(survey__side="").order_by().values("survey__occasion")
    side = "survey__side"
    numbers = asked.annotate(all=Count(side, distinct=True), some=Count(side, filter=SUBMITTED, distinct=True))
    return numbers.filter(all__gte=2, some__gte=1, some__lt=F("all"))


def _figures(now: datetime) -> dict[str, Any]:
    here = OuterRef("pk")
    people, by = put_to_people(now).filter(survey__occasion=here), "survey__occasion"
    open_ones = Survey.objects.filter(occasion=here, cancelled_at__isnull=True, opens_at__lte=now)
    answers = Answer.objects.filter(**{f"response__{_OF}": here}, response__in=_submitted())
    ratings = answers.filter(question__kind=Question.Kind.RATING).exclude(value=NOT_APPLICABLE)
    latest = _one(submitted_on(here), _OF, Max("updated_at"))
    return {
        "asked": _number(people.filter(ASKED), by),
        "answered": _number(people.filter(SUBMITTED), by),
        "late_answers": _number(people.filter(SUBMITTED, response__is_late=True), by),
        "due_at": _one(open_ones, "occasion", Min("due_at")),  # of several, the first to be missing
        "ends_at": _one(open_ones.filter(closed_at__isnull=True), "occasion", Max("closes_at")),
        "lowest": _one(ratings, f"response__{_OF}", Min(Cast("value", IntegerField()))),
        "confidential": _number(answers.filter(question__is_confidential=True), f"response__{_OF}"),
        "follow_ups_open": _number(FollowUp.objects.filter(occasion=here, done_at__isnull=True), "occasion"),
        "last_at": Greatest(latest, _one(remarks_on(here), _OF, Max("at"))),
    }


def _one(rows: QuerySet[Any], by: str, what: Any) -> Subquery:
    """Return one figure of `rows`, which are all of the same `by`."""
    return Subquery(rows.order_by().values(by).annotate(figure=what).values("figure"))


def _number(rows: QuerySet[Any], by: str) -> Coalesce:
    return Coalesce(_one(rows, by, Count("pk")), 0)
