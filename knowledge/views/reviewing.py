"""Having a draft read: who is asked, reading by paragraph with remarks, and the answer."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from cmncp_portal.core.screens import attempt, number, require, show

from ..forms.texts import AskForm, CommentForm, ReplyForm, VerdictForm
from ..models import ActionBrief, Comment, Edition, Review
from ..selectors import texts as selectors
from ..selectors.desk import head
from ..services import reviewing as services
from .common import desk_brief_or_404, language_or_404


def reviews(request: HttpRequest, slug: str) -> HttpResponse:
    """Who was asked to read, what they answered, and asking somebody."""
    brief = desk_brief_or_404(request, slug)
    require(request.user, "knowledge.see_desk")
    if request.POST.get("what") == "release":
        return _release(request, brief)
    form = AskForm(request.POST if request.method == "POST" else None)
    if request.method == "POST":
        require(request.user, "knowledge.ask_reviewers", brief)
    if form.is_valid():
        return _ask(request, brief, form)
    counts = selectors.comment_counts(brief)
    found = head(brief, request.user, "reviews")
    context = found | {
        "form": form,
        "rows": selectors.reviews_of(brief),
        "to_read": [(each, *counts.get(each.language, (0, 0))) for each in found["texts"] if each.state != "missing"],
        "may_ask": request.user.has_perm("knowledge.ask_reviewers", brief) and not found["is_closed"],
    }
    return show(request, "knowledge/desk/reviews.html", context)


def _ask(request: HttpRequest, brief: ActionBrief, form: AskForm) -> HttpResponse:
    who, due_on = form.cleaned_data["who"], form.cleaned_data["due_on"]
    done = _("%(name)s is asked by letter.") % {"name": who}
    attempt(request, lambda: services.ask_reviewer(brief, who, due_on=due_on, by=request.user), done)
    return redirect("knowledge:reviews", brief.slug)


def _release(request: HttpRequest, brief: ActionBrief) -> HttpResponse:
    require(request.user, "knowledge.ask_reviewers", brief)
    review = get_object_or_404(brief.reviews.select_related("brief"), pk=number(request.POST.get("review", "")))
    done = _("%(name)s is no longer waited for.") % {"name": review.reviewer}
    attempt(request, lambda: services.release_reviewer(review, by=request.user), done)
    return redirect("knowledge:reviews", brief.slug)


# ---- reading ------------------------------------------------------------------------------------


def _to_read(request: HttpRequest, slug: str, language: str) -> Edition:
    """The edition, for the desk and for who was asked to read it: 404 for other briefs, 403 for people who were never asked."""
    rows = ActionBrief.objects.select_related("series").prefetch_related("editions")
    if request.user.has_perm("knowledge.see_desk"):
        brief: ActionBrief | None = get_object_or_404(rows.visible_to(request.user), slug=slug)
    else:
        asked = selectors.reviews_asked_of(request.user)
        brief = rows.filter(pk__in=asked.values("pk"), slug=slug).first()
        if brief is None and not asked.exists():
            require(request.user, "knowledge.see_desk")
    edition = brief.by_language.get(language) if brief else None
    if brief is None or edition is None or not any(edition.texts.values()):
        raise Http404
    edition.brief = brief
    return edition


def read(request: HttpRequest, slug: str, language: str) -> HttpResponse:
    """The text by paragraph, remarks beside it, and at the end the reviewer's answer."""
    edition = _to_read(request, slug, language_or_404(language))
    if request.method == "POST":
        return _answer(request, edition) if request.POST.get("what") == "answer" else _comment(request, edition)
    return _page(request, edition)


def _own_review(request: HttpRequest, brief: ActionBrief) -> Review | None:
    """The open question to this person, else the last one answered."""
    found = list(brief.reviews.filter(reviewer=request.user.pk).order_by("-asked_at", "-pk"))
    return next((review for review in found if review.answered_at is None), found[0] if found else None)


def _page(request: HttpRequest, edition: Edition, **bound: Any) -> HttpResponse:
    """`bound`: comment, verdict or reply (with its comment's `reply_to`), forms that come back with what was typed."""
    brief, comments = edition.brief, selectors.comments_of(edition)
    sections = selectors.reading(edition, comments)
    review = _own_review(request, brief)
    is_mine = review is not None and review.answered_at is None
    may_comment = bool(request.user.has_perm("knowledge.comment", brief))
    context = head(brief, request.user, "reviews") | {
        "edition": edition,
        "sections": sections,
        "review": review,
        "verdict": bound.get("verdict") or (VerdictForm() if is_mine else None),
        "comment": bound.get("comment"),
        "reply": bound.get("reply"),
        "reply_to": bound.get("reply_to", 0),
        "errors": next(iter(form for form in bound.values() if hasattr(form, "errors")), None),
        "open_count": sum(comment.resolved_at is None for comment in comments),
        "others": [e for e in brief.by_language.values() if e.language != edition.language and e.title],
        "may_comment": may_comment,
        "may_resolve": request.user.has_perm("knowledge.write_brief", brief),
        "sees_desk": request.user.has_perm("knowledge.see_desk"),
    }
    return show(request, "knowledge/desk/read.html", context)


def _address(edition: Edition, anchor: str = "") -> str:
    return reverse("knowledge:read", args=[edition.brief.slug, edition.language]) + anchor


def _comment(request: HttpRequest, edition: Edition) -> HttpResponse:
    require(request.user, "knowledge.comment", edition.brief)
    form = CommentForm(request.POST)
    if not form.is_valid():
        return _page(request, edition, comment=form)
    kept: list[Comment] = []
    if not attempt(
        request,
        lambda: kept.append(services.add_comment(edition, by=request.user, **form.cleaned_data)),
        _("Your comment is kept."),
    ):
        form.add_error("text", _("Your comment is not kept yet."))
        return _page(request, edition, comment=form)
    return redirect(_address(edition, f"#comment-{kept[0].pk}"))


def _answer(request: HttpRequest, edition: Edition) -> HttpResponse:
    review = _own_review(request, edition.brief)
    has_commented = any(c.by_id == request.user.pk for c in selectors.comments_of(edition))
    form = VerdictForm(request.POST, has_commented=has_commented)
    if review is None:
        require(request.user, "knowledge.answer_review", edition.brief)
    if review and review.answered_at is None and not form.is_valid():
        return _page(request, edition, verdict=form)
    verdict, note = form.data.get("verdict", ""), form.data.get("note", "")
    attempt(
        request,
        lambda: services.answer_review(edition.brief, by=request.user, verdict=verdict, note=note),
        _("Thank you: your answer is with the people who write the brief."),
    )
    return redirect(_address(edition))


@require_POST
def comment_move(request: HttpRequest, slug: str, pk: int, name: str) -> HttpResponse:
    """Answer a comment with what was done, or open it again."""
    rows = Comment.objects.filter(edition__brief__slug=slug).select_related("edition")
    asked = rows.filter(pk=pk).values_list("edition__language", flat=True).first()
    edition = _to_read(request, slug, asked or "")
    comment = get_object_or_404(rows, pk=pk)
    comment.edition = edition
    if name == "resolve":
        require(request.user, "knowledge.write_brief", edition.brief)
        form = ReplyForm(request.POST)
        if not form.is_valid() and comment.resolved_at is None:
            return _page(request, edition, reply=form, reply_to=pk)
        reply = form.data.get("reply", "")
        attempt(
            request,
            lambda: services.resolve_comment(comment, by=request.user, reply=reply),
            _("The comment is answered."),
        )
    elif name == "reopen":
        attempt(request, lambda: services.reopen_comment(comment, by=request.user), _("The comment is open again."))
    else:
        raise Http404
    return redirect(_address(edition, f"#comment-{pk}"))
