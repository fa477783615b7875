"""Dull factories: rows, not services, so that a broken service fails its own tests only."""

from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any

from django.utils import timezone

from cmncp_portal.evaluation.models import Answer, Invitation, Occasion, Question, Questionnaire, Response, Survey

_numbers = count(1)
OPENS = datetime(2026, 11, 18, 22, 0, tzinfo=UTC)  # Wednesday, 17:00 in Winnipeg, which keeps UTC−5 all year since 2026
DUE = OPENS + timedelta(days=14)
CLOSES = OPENS + timedelta(days=45)

YES_NO = [{"code": "yes", "en": "Yes", "fr": "Oui"}, {"code": "no", "en": "No", "fr": "Non"}]
SUBJECTS = [
    {"code": "planning", "en": "planning", "fr": "la planification"},
    {"code": "partners", "en": "partners", "fr": "les partenaires"},
]
OBJECTIVES = [
    {"code": "objective-1", "en": "Learn about street outreach", "fr": "Connaître le travail de rue"},
    {"code": "objective-2", "en": "Learn about funding", "fr": "Connaître le financement"},
]
ALL_KINDS: tuple[dict[str, Any], ...] = (
    {"code": "usefulness", "kind": "rating", "is_required": True},
    {"code": "objectives", "kind": "rating_rows", "rows_from_survey": True},
    {"code": "knowledge", "kind": "before_after", "options": SUBJECTS},
    {"code": "return-visit", "kind": "choice", "options": YES_NO},
    {"code": "topics", "kind": "choices", "options": SUBJECTS},
    {"code": "contribution", "kind": "text"},
    {"code": "hours", "kind": "number"},
    {"code": "ideas", "kind": "ideas"},
    {"code": "reviewers-only", "kind": "text", "is_confidential": True},
)
QUOTES = [{"code": c, "en": c, "fr": c} for c in ("unnamed", "named", "no")]
QUOTE = {"code": "quote", "kind": "choice", "options": QUOTES}


def make_questionnaire(
    slug: str = "", *, questions: tuple[dict[str, Any], ...] = ALL_KINDS, **fields: Any
) -> Questionnaire:
    """A published questionnaire with one question of each kind unless told otherwise."""
    defaults: dict[str, Any] = {
        "title_en": "Evaluation",
        "title_fr": "Évaluation",
        "confidentiality_en": "The reviewers read your answers.",
        "confidentiality_fr": "L’équipe d’évaluation lit vos réponses.",
        "published_at": timezone.now(),
    }
    made = Questionnaire.objects.create(slug=slug or f"form-{next(_numbers)}", **(defaults | fields))
    for order, question in enumerate(questions, start=1):
        texts = {"text_en": f"{question['code']}?", "text_fr": f"{question['code']} (fr)?"}
        Question.objects.create(questionnaire=made, order=order, **(texts | question))
    return made


def make_occasion(**fields: Any) -> Occasion:
    """A visit of November 17 and 18, 2026, unless told otherwise."""
    defaults: dict[str, Any] = {
        "activity": Occasion.Activity.EXCHANGE,
        "key": f"occasion-{next(_numbers)}",
        "title_en": "The visit to Winnipeg",
        "title_fr": "La visite à Winnipeg",
        "about_en": "Waterloo Region visited Winnipeg on November 17–18, 2026.",
        "about_fr": "La région de Waterloo a visité Winnipeg du 17 au 18 novembre 2026.",
        "path": "/en/exchanges/EX-2026-001/",
        "on": date(2026, 11, 18),
    }
    places = fields.pop("places", ())
    made = Occasion.objects.create(**(defaults | fields))
    made.places.set(places)
    return made


def make_survey(questionnaire: Questionnaire | None = None, **fields: Any) -> Survey:
    """A survey of November 18, 2026, told in Winnipeg time, due on December 2 and open until January 2."""
    defaults: dict[str, Any] = {
        "title_en": "The visit to Winnipeg",
        "title_fr": "La visite à Winnipeg",
        "about_en": "Waterloo Region visited Winnipeg on November 17–18, 2026.",
        "about_fr": "La région de Waterloo a visité Winnipeg du 17 au 18 novembre 2026.",
        "path": "/en/exchanges/EX-2026-001/",
        "rows": OBJECTIVES,
        "time_zone": "America/Winnipeg",
        "opens_at": OPENS,
        "due_at": DUE,
        "closes_at": CLOSES,
    }
    defaults["occasion"] = fields.get("occasion") or make_occasion()
    return Survey.objects.create(questionnaire=questionnaire or make_questionnaire(), **(defaults | fields))


def make_invitation(survey: Survey, name: str = "", **fields: Any) -> Invitation:
    name = name or f"Person {next(_numbers)}"
    email = f"{name.lower().replace(' ', '.')}@example.ca"
    defaults: dict[str, Any] = {"email": email, "name": name, "language": "en", "invited_at": survey.opens_at}
    return Invitation.objects.create(survey=survey, **(defaults | fields))


def make_response(
    survey: Survey, name: str = "", *, draft: bool = False, late: bool = False, **fields: Any
) -> Response:
    """A submitted response; `answers` are values by question code, `invited` fields of the invitation."""
    answers, invited = fields.pop("answers", {}), fields.pop("invited", {})
    invitation = make_invitation(survey, name, **invited)
    at = None if draft else survey.due_at + timedelta(days=1) if late else survey.opens_at + timedelta(days=1)
    made = Response.objects.create(
        invitation=invitation, **({"language": "en", "submitted_at": at, "is_late": late} | fields)
    )
    if made.submitted_at:  # as if nothing was changed since
        Response.objects.filter(pk=made.pk).update(updated_at=made.submitted_at)
        made.updated_at = made.submitted_at
    for question in survey.questionnaire.questions.filter(code__in=answers):
        Answer.objects.create(response=made, question=question, value=answers[question.code])
    return made
