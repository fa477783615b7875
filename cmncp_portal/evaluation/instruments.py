"""Questionnaires: the ones that come with the portal, new versions, publishing. What was published never changes."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cmncp_portal.accounts.models import User

from . import selectors
from .models import Question, Questionnaire

DATA = Path(__file__).parent / "data"
WORDING = (
    "title_en",
    "title_fr",
    "introduction_en",
    "introduction_fr",
    "confidentiality_en",
    "confidentiality_fr",
    "minutes",
)
QUESTION = (
    "code", "kind", "text_en", "text_fr", "help_en", "help_fr", "options",
    "rows_from_survey", "is_required", "is_confidential", "indicator",
)  # fmt: skip


class QuestionnaireRefused(Exception):
    """A change to a questionnaire that is not possible. `reasons` can be read by a person."""

    def __init__(self, *reasons: Any) -> None:
        super().__init__(*reasons)
        self.reasons = [str(reason) for reason in reasons]

    def __str__(self) -> str:
        return " ".join(self.reasons)


@transaction.atomic
def load_instruments() -> list[Questionnaire]:
    """Put the questionnaires of evaluation/data/ into the database, published; return the new ones.

    A version that is there already stays as it is, whatever the file says: people may have answered it.
    """
    return [
        made for path in sorted(DATA.glob("*.json")) if (made := _load(json.loads(path.read_text(encoding="utf-8"))))
    ]


def _load(source: Mapping[str, Any]) -> Questionnaire | None:
    if Questionnaire.objects.filter(slug=source["slug"], version=source["version"]).exists():
        return None
    made = Questionnaire.objects.create(
        slug=source["slug"], version=source["version"], **{name: source[name] for name in WORDING}
    )
    Question.objects.bulk_create(
        Question(questionnaire=made, order=order, **{name: question[name] for name in QUESTION if name in question})
        for order, question in enumerate(source["questions"], start=1)
    )
    if missing := selectors.what_is_missing(made):
        raise QuestionnaireRefused(*missing)
    Questionnaire.objects.filter(pk=made.pk).update(published_at=timezone.now())
    made.refresh_from_db()
    return made


def _unpublished(questionnaire: Questionnaire, by: User) -> Questionnaire:
    """Lock the questionnaire and return it. Raises PermissionDenied, or QuestionnaireRefused once it is published."""
    if not by.has_perm("evaluation.keep_questionnaires"):
        raise PermissionDenied
    locked = Questionnaire.objects.select_for_update().get(pk=questionnaire.pk)
    if locked.is_published:
        raise QuestionnaireRefused(
            _("This version is published and stays as it is. Begin a new version to change the wording.")
        )
    return locked


@transaction.atomic
def keep_wording(questionnaire: Questionnaire | None, *, by: User, **wording: Any) -> Questionnaire:
    """Write title, introduction, confidentiality and minutes; without `questionnaire` begin version 1 of the new `slug`."""
    if questionnaire is None:
        if not by.has_perm("evaluation.keep_questionnaires"):
            raise PermissionDenied
        return Questionnaire.objects.create(**wording)
    locked = _unpublished(questionnaire, by)
    for name in WORDING:
        setattr(locked, name, wording[name])
    locked.save(update_fields=WORDING)
    return locked


@transaction.atomic
def keep_question(
    questionnaire: Questionnaire, *, by: User, question: Question | None = None, **wording: Any
) -> Question:
    """Write `question`, or add one at the end."""
    locked = _unpublished(questionnaire, by)
    if question is None:
        last = locked.questions.aggregate(last=Max("order"))["last"] or 0
        return Question.objects.create(questionnaire=locked, order=last + 1, **wording)
    for name, content in wording.items():
        setattr(question, name, content)
    question.save(update_fields=list(wording))
    return question


@transaction.atomic
def move_question(question: Question, *, by: User, up: bool) -> None:
    """Move `question` one place up, or else down."""
    locked = _unpublished(question.questionnaire, by)
    order = list(locked.questions.all())
    here = next(place for place, one in enumerate(order) if one.pk == question.pk)
    there = here - 1 if up else here + 1
    if not 0 <= there < len(order):
        return
    order[here], order[there] = order[there], order[here]
    for place, one in enumerate(order, start=1):
        one.order = place
    Question.objects.bulk_update(order, ["order"])


@transaction.atomic
def remove_question(question: Question, *, by: User) -> None:
    _unpublished(question.questionnaire, by)
    question.delete()


@transaction.atomic
def begin_version(questionnaire: Questionnaire, *, by: User) -> Questionnaire:
    """Copy `questionnaire` into a new version that can be edited; an unpublished newer version is returned instead of a second one."""
    if not by.has_perm("evaluation.keep_questionnaires"):
        raise PermissionDenied
    versions = list(Questionnaire.objects.select_for_update().filter(slug=questionnaire.slug).order_by("-version"))
    if not versions[0].is_published:
        return versions[0]
    wording = {name: getattr(questionnaire, name) for name in WORDING}
    made = Questionnaire.objects.create(slug=questionnaire.slug, version=versions[0].version + 1, **wording)
    Question.objects.bulk_create(
        Question(questionnaire=made, order=old.order, **{name: getattr(old, name) for name in QUESTION})
        for old in questionnaire.questions.all()
    )
    return made


@transaction.atomic
def publish(questionnaire: Questionnaire, *, by: User) -> Questionnaire:
    """Freeze this version: surveys issued from now on use it. Raises QuestionnaireRefused with everything that is missing."""
    locked = _unpublished(questionnaire, by)
    if missing := selectors.what_is_missing(locked):
        raise QuestionnaireRefused(*missing)
    locked.published_at = timezone.now()
    locked.save(update_fields=["published_at"])
    return locked
