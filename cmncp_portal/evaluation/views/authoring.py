"""The secretariat's questionnaires: read in both languages, edited until they are published, never after."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from cmncp_portal.core.context import network
from cmncp_portal.core.screens import page_of, require

from .. import instruments, selectors
from ..forms import AnswerForm, NewQuestionnaireForm, QuestionForm, QuestionnaireForm
from ..models import Question, Questionnaire
from ..questions import asked


def _questionnaire(request: HttpRequest, pk: int, permission: str = "evaluation.keep_questionnaires") -> Questionnaire:
    require(request.user, permission)
    return get_object_or_404(selectors.questionnaires(), pk=pk)


@require_safe
def questionnaires(request: HttpRequest) -> HttpResponse:
    require(request.user, "evaluation.view_questionnaires")
    context = {
        "page": page_of(request, selectors.questionnaires()),
        "may_keep": request.user.has_perm("evaluation.keep_questionnaires"),
    }
    return render(request, "evaluation/questionnaires.html", context)


@require_safe
def questionnaire(request: HttpRequest, pk: int) -> HttpResponse:
    """Every text in both languages, next to each other; while it is a draft, with what is missing before it can be published."""
    found = _questionnaire(request, pk, "evaluation.view_questionnaires")
    context = {
        "questionnaire": found,
        "questions": [(question, selectors.measure_of(question)) for question in found.questions.all()],
        "versions": selectors.versions_of(found),
        "missing": [] if found.is_published else selectors.what_is_missing(found),
        "may_keep": request.user.has_perm("evaluation.keep_questionnaires"),
    }
    return render(request, "evaluation/questionnaire.html", context)


@require_safe
def preview(request: HttpRequest, pk: int) -> HttpResponse:
    """The form as people will see it, both languages next to each other; nothing can be sent from it."""
    found = _questionnaire(request, pk, "evaluation.view_questionnaires")
    questions = list(found.questions.all())
    halves = [(code, _half(found, questions, code)) for code, _name in settings.LANGUAGES]
    return render(request, "evaluation/preview.html", {"questionnaire": found, "halves": halves})


def _half(found: Questionnaire, questions: list[Question], language: str) -> str:
    """Draw the form in `language`, whatever the language of the page; names and ids say which half they are of."""
    rows = [{"code": f"line-{n}", "en": f"Objective {n}", "fr": f"Objectif {n}"} for n in (1, 2)]
    with translation.override(language):
        form = AnswerForm(asked(questions, rows), answers={}, version=0)
        form.prefix = language
        context = {"questionnaire": found, "form": form, "network": network(language)}
        return render_to_string("evaluation/parts/preview_half.html", context)


def questionnaire_add(request: HttpRequest) -> HttpResponse:
    require(request.user, "evaluation.keep_questionnaires")
    form = NewQuestionnaireForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        return redirect(instruments.keep_wording(None, by=request.user, **form.cleaned_data))
    return render(request, "evaluation/questionnaire_form.html", {"form": form, "questionnaire": None})


def questionnaire_edit(request: HttpRequest, pk: int) -> HttpResponse:
    found = _questionnaire(request, pk)
    form = QuestionnaireForm(request.POST or None, instance=found)
    if request.method == "POST" and form.is_valid():
        wording = form.cleaned_data
        return _try(
            request,
            found,
            lambda: instruments.keep_wording(found, by=request.user, **wording),
            _("The texts are saved."),
        )
    return render(request, "evaluation/questionnaire_form.html", {"form": form, "questionnaire": found})


def question_edit(request: HttpRequest, pk: int, question_pk: int | None = None) -> HttpResponse:
    found = _questionnaire(request, pk)
    question = get_object_or_404(found.questions, pk=question_pk) if question_pk else None
    form = QuestionForm(request.POST or None, instance=question, questionnaire=found)
    if request.method == "POST" and form.is_valid():
        return _try(
            request,
            found,
            lambda: instruments.keep_question(found, by=request.user, question=question, **form.wording()),
            _("The question is saved."),
        )
    return render(
        request, "evaluation/question_form.html", {"form": form, "questionnaire": found, "question": question}
    )


@require_POST
def question_move(request: HttpRequest, pk: int, question_pk: int) -> HttpResponse:
    found = _questionnaire(request, pk)
    question = get_object_or_404(found.questions, pk=question_pk)
    up = request.POST.get("direction") == "up"
    return _try(
        request, found, lambda: instruments.move_question(question, by=request.user, up=up), _("The question is moved.")
    )


@require_POST
def question_remove(request: HttpRequest, pk: int, question_pk: int) -> HttpResponse:
    found = _questionnaire(request, pk)
    question = get_object_or_404(found.questions, pk=question_pk)
    return _try(
        request, found, lambda: instruments.remove_question(question, by=request.user), _("The question is removed.")
    )


@require_POST
def begin_version(request: HttpRequest, pk: int) -> HttpResponse:
    made = instruments.begin_version(_questionnaire(request, pk), by=request.user)
    said = _("This is a draft of version %(version)d. Nobody sees it before it is published.")
    messages.success(request, said % {"version": made.version})
    return redirect(made)


@require_POST
def publish(request: HttpRequest, pk: int) -> HttpResponse:
    found = _questionnaire(request, pk)
    said = _("Published. Evaluations that begin from now on use this version; it can no longer be changed.")
    return _try(request, found, lambda: instruments.publish(found, by=request.user), said)


def _try(request: HttpRequest, questionnaire: Questionnaire, write: object, said: str) -> HttpResponse:
    try:
        write()  # type: ignore[operator]
    except instruments.QuestionnaireRefused as refused:
        for reason in refused.reasons:
            messages.error(request, reason)
    else:
        messages.success(request, said)
    return redirect(questionnaire)
