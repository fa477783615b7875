"""Comments on a version: reading them, making and changing one's own, and answering them."""

from collections.abc import Callable
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from cmncp_portal.core.conflicts import chosen, conflict_page
from cmncp_portal.core.editing import Conflict
from cmncp_portal.core.screens import attempt, number, page_of, require, show

from ..forms.standards import AnswerForm, CommentFilter, CommentForm, WordsForm
from ..models import Comment, CompetencyText, StandardVersion
from ..selectors import standards as found
from ..services import commenting, consulting
from .standards_common import head, version_for, version_or_404


@login_not_required
@require_safe
def comments(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """All comments with their answers, in the order of the lines. Everybody reads them."""
    version = version_or_404(request, slug, number)
    asked = CommentFilter(request.GET)
    page = page_of(request, asked.apply(found.comments_of(version)))
    context = head(version, request.user) | {
        "here": "comments",
        "filter": asked,
        "page": page,
        "params": request.GET,
        "is_filtered": asked.is_filtered,
    }
    return render(request, "training/standards/comments.html", context)


def add(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """A comment on the whole (no `?competency=`), or on one competency: a page of its own, and where other pages post to."""
    version = version_or_404(request, slug, number)
    require(request.user, "training.comment")
    text = _text(version, request.GET.get("competency", ""))
    back = _line_url(version, text)
    form = CommentForm(request.POST or None, text=text)
    if request.method == "POST" and form.is_valid():
        by = commenting.commenter_of(request.user)
        act = lambda: commenting.add_comment(version, by=by, **form.said)  # noqa: E731
        attempt(request, act, _("Thank you: your comment is kept. You can change it until the consultation closes."))
        return redirect(back)
    if request.method != "POST" and not version.takes_comments():
        return redirect(back)
    context = head(version, request.user) | {"here": "comments", "form": form, "text": text, "cancel_url": back}
    return show(request, "training/standards/comment_form.html", context)


def _text(version: StandardVersion, asked: str) -> CompetencyText | None:
    """The competency that a comment is about; None for the whole version, 404 for one that this version does not hold."""
    if not asked:
        return None
    rows = CompetencyText.objects.filter(version=version).select_related("domain").defer("search_en", "search_fr")
    return get_object_or_404(rows, competency=number(asked))


def _line_url(version: StandardVersion, text: CompetencyText | None) -> str:
    at = [version.standard.slug, version.number]
    if text is None:
        return reverse("training:comments", args=at)
    return reverse("training:competency", args=[*at, text.competency_id])


def act(request: HttpRequest, slug: str, number: int, pk: int, name: str) -> HttpResponse:
    """Change one's own comment (a page), or withdraw it (a button)."""
    version = version_or_404(request, slug, number)
    rows = Comment.objects.filter(standard_version=version, withdrawn_at__isnull=True).select_related("text__domain")
    comment = get_object_or_404(rows.defer("text__search_en", "text__search_fr"), pk=pk)
    comment.standard_version = version
    acts: dict[str, Callable[[HttpRequest, Comment], HttpResponse]] = {"edit": _edit, "withdraw": _withdraw}
    if name not in acts or (name == "withdraw" and request.method != "POST"):
        raise Http404
    require(request.user, "training.comment")
    if not found.is_own(comment, request.user):
        raise PermissionDenied
    return acts[name](request, comment)


def _withdraw(request: HttpRequest, comment: Comment) -> HttpResponse:
    by = commenting.commenter_of(request.user)
    attempt(request, lambda: commenting.withdraw_comment(comment, by=by), _("Your comment is withdrawn."))
    return redirect(_line_url(comment.standard_version, comment.text))


def _edit(request: HttpRequest, comment: Comment) -> HttpResponse:
    version, back = comment.standard_version, _line_url(comment.standard_version, comment.text)
    form = WordsForm(chosen(request.POST) if request.method == "POST" else None, instance=comment)
    if request.method == "POST" and form.is_valid():
        words, seen = form.cleaned_data["words"], form.cleaned_data["version"]
        by = commenting.commenter_of(request.user)
        try:
            attempt(
                request,
                lambda: commenting.change_comment(comment, by=by, seen=seen, words=words),
                _("Your comment is changed."),
            )
        except Conflict as conflict:
            return conflict_page(request, form, WordsForm(instance=conflict.current), cancel_url=back)
        return redirect(back)
    context = head(version, request.user) | {"here": "comments", "form": form, "text": comment.text, "cancel_url": back}
    return show(request, "training/standards/comment_form.html", context)


def answers(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Answer comments one by one; then one button tells everybody whose comments were answered."""
    version = version_for(request, slug, number, "training.answer_comments")
    wrong = None
    if request.method == "POST":
        if request.POST.get("act") == "send":
            return _send(request, version)
        answer = _answer(request, version)
        if isinstance(answer, HttpResponse):
            return answer
        wrong = answer
    asked = CommentFilter(request.GET if "answer" in request.GET else {"answer": "open"})
    page = page_of(request, asked.apply(found.comments_of(version)))
    context = head(version, request.user) | {
        "here": "answers",
        "filter": asked,
        "page": page,
        "params": request.GET,
        "rows": [(comment, _form_for(comment, wrong)) for comment in page.object_list],
        "counts": found.comment_counts(version),
        "is_time": version.state == StandardVersion.State.ANSWERING,
    }
    return show(request, "training/standards/answers.html", context)


def _form_for(comment: Comment, wrong: AnswerForm | None) -> AnswerForm:
    if wrong is not None and wrong.instance.pk == comment.pk:
        return wrong
    return AnswerForm(instance=comment, auto_id=f"c{comment.pk}_%s")


def _answer(request: HttpRequest, version: StandardVersion) -> HttpResponse | AnswerForm:
    """Keep one answer; a form that is not complete comes back."""
    rows = Comment.objects.filter(standard_version=version)
    comment = get_object_or_404(rows, pk=number(request.POST.get("comment", "")))
    form = AnswerForm(chosen(request.POST), instance=comment, auto_id=f"c{comment.pk}_%s")
    if not form.is_valid():
        return form
    data, back = form.cleaned_data, request.get_full_path()

    def keep() -> None:
        commenting.answer_comment(
            comment, seen=data["version"], verdict=data["verdict"], why=data["answer"], by=request.user
        )

    try:
        attempt(request, keep, _("The answer is kept."))
    except Conflict as conflict:
        fresh: Any = AnswerForm(instance=conflict.current, auto_id=f"c{comment.pk}_%s")
        return conflict_page(request, form, fresh, cancel_url=back)
    return redirect(back)


def _send(request: HttpRequest, version: StandardVersion) -> HttpResponse:
    told = 0

    def send() -> None:
        nonlocal told
        told = consulting.send_answers(version, by=request.user)

    if attempt(request, send):
        done = ngettext("One person is told.", "%(count)s people are told.", told) % {"count": told}
        attempt(request, lambda: None, done)
    return redirect("training:answers", version.standard.slug, version.number)
