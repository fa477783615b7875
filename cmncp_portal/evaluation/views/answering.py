"""Answering. The personal link is the key, with or without an account; opening a page changes nothing, ever."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cmncp_portal.core.conflicts import chosen, conflict_page
from cmncp_portal.core.dates import day_in_words
from cmncp_portal.core.days import local_day
from cmncp_portal.core.editing import Conflict
from cmncp_portal.core.screens import page_of
from cmncp_portal.core.text import active_language, other

from .. import selectors, services
from ..forms import AnswerForm, RemarkForm
from ..models import Invitation, Response
from ..notifications import instant

View = Callable[..., HttpResponse]


def personal(view: View) -> View:
    """A page behind a personal link: open without account, not for search engines, caches or other sites.

    The referrer policy is "same-origin": nothing leaves for another site, and forms still carry the origin that the protection
    against forged requests asks for ("no-referrer" makes browsers send "Origin: null", which Django refuses).
    """

    @login_not_required
    @never_cache
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        answer = view(request, *args, **kwargs)
        answer["Referrer-Policy"] = "same-origin"
        answer["X-Robots-Tag"] = "noindex, nofollow"
        return answer

    return guarded


def invitation_or_404(token: str) -> Invitation:
    """Return what the personal link `token` opens."""
    invitation = Invitation.from_token(token)
    if invitation is None:
        raise Http404
    return invitation


@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    """What the signed-in person is asked at present."""
    page = page_of(request, selectors.open_invitations_of(request.user))
    return render(request, "evaluation/mine.html", {"page": page})


@personal
@require_http_methods(["GET", "HEAD", "POST"])
def answer(request: HttpRequest, token: str) -> HttpResponse:
    invitation = invitation_or_404(token)
    response = selectors.response_of(invitation)
    standing = selectors.standing_of(invitation, response)
    if request.method != "POST":
        if standing != selectors.OPEN:
            return _no_form(request, invitation, standing)
        return _form_page(request, invitation, response, _form(invitation, response))
    wants_to_send = request.POST.get("action") == "submit" or (
        response is not None and response.submitted_at is not None
    )
    form = _form(invitation, response, chosen(request.POST), is_final=wants_to_send)
    form.is_valid()
    if standing != selectors.OPEN:
        return _no_form(request, invitation, standing, typed=form.in_words(), status=409)
    if request.headers.get("X-Autosave"):
        return _autosave(invitation, response, form)
    if form.errors and wants_to_send and response is not None and response.submitted_at:
        return _form_page(request, invitation, response, form)
    return _keep(request, invitation, response, form, wants_to_send=wants_to_send and not form.errors)


def _form(invitation: Invitation, response: Response | None, data: Any = None, *, is_final: bool = True) -> AnswerForm:
    version = response.version if response else 0
    answers = selectors.answers_of(response)
    return AnswerForm(selectors.put_to(invitation), data, answers=answers, version=version, is_final=is_final)


def _keep(
    request: HttpRequest, invitation: Invitation, response: Response | None, form: AnswerForm, *, wants_to_send: bool
) -> HttpResponse:
    """Save or send; when somebody saved meanwhile, show both texts."""
    write = services.submit if wants_to_send else services.save_draft
    seen, values = form.cleaned_data.get("version", 0), form.values()
    try:
        try:
            kept = write(invitation, seen=seen, language=active_language(), values=values)
        except Conflict as conflict:
            kept = conflict.current
            if not _is_the_same(kept, values):
                return _conflict(request, invitation, kept, form)
            if wants_to_send and kept.submitted_at is None:
                kept = write(invitation, seen=kept.version, language=active_language(), values=values)
    except services.SurveyRefused as refused:
        return _no_form(request, invitation, refused.standing, typed=form.in_words(), status=409)
    if form.errors:
        return _form_page(request, invitation, kept, _with_version(form, kept.version))
    return _after(request, invitation, kept)


def _is_the_same(kept: Response, values: dict[str, Any]) -> bool:
    stored = selectors.answers_of(kept)
    return all(stored.get(code) == value for code, value in values.items())


def _with_version(form: AnswerForm, version: int) -> AnswerForm:
    """Let a form that comes back with mistakes carry the version of what was kept of it."""
    form.data = form.data.copy()
    form.data["version"] = version
    return form


def _conflict(request: HttpRequest, invitation: Invitation, kept: Response, form: AnswerForm) -> HttpResponse:
    fresh = _form(invitation, kept)
    return conflict_page(request, form, fresh, cancel_url=invitation.get_absolute_url())


def _after(request: HttpRequest, invitation: Invitation, kept: Response) -> HttpResponse:
    if kept.submitted_at:
        return redirect("evaluation:thanks", invitation.token)
    language = active_language()
    if request.POST.get("action") == "switch":
        language = other(language)
    with translation.override(language):
        messages.success(
            request, _("Your answers are kept. You can go on here whenever you like; they count once you send them.")
        )
        return redirect(invitation)


def _autosave(invitation: Invitation, response: Response | None, form: AnswerForm) -> HttpResponse:
    seen = form.cleaned_data.get("version", 0)
    try:
        kept = services.save_draft(invitation, seen=seen, language=active_language(), values=form.values())
    except (Conflict, services.SurveyRefused):
        return JsonResponse({"error": "changed"}, status=409)
    return JsonResponse({"version": kept.version})


def _form_page(
    request: HttpRequest, invitation: Invitation, response: Response | None, form: AnswerForm
) -> HttpResponse:
    context = _shared(invitation) | {"form": form, "is_submitted": bool(response and response.submitted_at)}
    return render(request, "evaluation/answer.html", context)


def _shared(invitation: Invitation) -> dict[str, Any]:
    survey = invitation.survey
    language = active_language()
    zone = survey.time_zone
    return {
        "invitation": invitation,
        "survey": survey,
        "questionnaire": survey.questionnaire,
        "due": instant(survey, "due_at", language),
        "closes": instant(survey, "closes_at", language),
        "closes_on": day_in_words(local_day(survey.closes_at, zone), language),
        "other_code": other(language),
    }


def _no_form(
    request: HttpRequest,
    invitation: Invitation,
    standing: str,
    *,
    typed: str = "",
    remark: RemarkForm | None = None,
    status: int = 200,
) -> HttpResponse:
    """Say why there is nothing to answer, and offer a remark where one may be left; `typed` is what came too late."""
    if remark is None and selectors.may_remark(invitation, standing):
        remark = RemarkForm(initial={"text": typed})
    context = _shared(invitation) | {
        "standing": standing,
        "reason": selectors.REASONS.get(standing, ""),
        "opens": instant(invitation.survey, "opens_at", active_language()),
        "typed": typed,
        "form": remark,
    }
    return render(request, "evaluation/no_form.html", context, status=status)


@personal
@require_safe
def thanks(request: HttpRequest, token: str) -> HttpResponse:
    invitation = invitation_or_404(token)
    response = selectors.response_of(invitation)
    if response is None or response.submitted_at is None:
        return redirect(invitation)
    may_change = selectors.standing_of(invitation, response) == selectors.OPEN
    context = _shared(invitation) | {"response": response, "may_change": may_change, "told": response.consent_text}
    return render(request, "evaluation/thanks.html", context)


@personal
@require_POST
def remark(request: HttpRequest, token: str) -> HttpResponse:
    invitation = invitation_or_404(token)
    form = RemarkForm(request.POST)
    if form.is_valid():
        try:
            services.remark(invitation, text=form.cleaned_data["text"])
        except services.SurveyRefused as refused:
            messages.error(request, str(refused))
        else:
            messages.success(
                request, _("Thank you. Your remark is with the network’s reviewers; it is not part of the figures.")
            )
        return redirect(invitation)
    standing = selectors.standing_of(invitation, selectors.response_of(invitation))
    return _no_form(request, invitation, standing, remark=form)


@personal
@require_POST
def not_me(request: HttpRequest, token: str) -> HttpResponse:
    invitation = invitation_or_404(token)
    try:
        services.disown(invitation)
    except services.SurveyRefused:
        messages.error(request, _("Answers were already sent by this link. Please write to us if they are not yours."))
        return redirect(invitation)
    return redirect(reverse("evaluation:not_me_done"))


@personal
@require_safe
def not_me_done(request: HttpRequest) -> HttpResponse:
    return render(request, "evaluation/not_me_done.html")
