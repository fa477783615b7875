"""The reviewers' desk: what waits, one evaluation with both sides, sorting open answers, what is done about it."""

from collections.abc import Callable, Iterable
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from cmncp_portal.core.screens import attempt, number, page_of, require, show

from .. import desk as reading
from .. import reviewing, selectors
from ..desk_forms import CommentForm, FlagForm, QueueFilter, SeenForm, SettleForm, SortForm
from ..models import Answer, Coding, Occasion, Theme

OPEN, EVERYTHING = "open", "all"


@never_cache
@require_safe
def desk(request: HttpRequest) -> HttpResponse:
    """Which evaluations wait for a reviewer, by what there is about them."""
    require(request.user, "evaluation.review")
    shown = request.GET.get("list", OPEN)
    if shown not in (OPEN, *reading.FLAGS, EVERYTHING):
        raise Http404
    form = QueueFilter(request.GET)
    flag = shown if shown in reading.FLAGS else ""
    rows = reading.queue(request.user, activity=form.chosen()["activity"], flag=flag, is_open=shown != EVERYTHING)
    context = {
        "shown": shown,
        "counts": reading.counts(request.user),
        "form": form,
        "page": page_of(request, rows),
    }
    return render(request, "evaluation/desk/desk.html", context)


def _occasion(request: HttpRequest, pk: int, permission: str = "") -> Occasion:
    require(request.user, "evaluation.review")
    found: Occasion = get_object_or_404(reading.queue(request.user, is_open=False), pk=pk)
    if permission:
        require(request.user, permission, found)
    return found


@never_cache
@require_safe
def occasion(request: HttpRequest, pk: int) -> HttpResponse:
    """Both sides next to each other, with what reviewers said about it. Whoever is of a side sees counts only."""
    return _page(request, _occasion(request, pk))


@never_cache
@require_POST
def confidential(request: HttpRequest, pk: int) -> HttpResponse:
    """The same with the remarks for the reviewers only; that this person read them is written down."""
    found = _occasion(request, pk, "evaluation.read_confidential")
    reviewing.read_confidential(found, by=request.user)
    return _page(request, found, is_confidential=True)


def _page(request: HttpRequest, found: Occasion, *, is_confidential: bool = False, **wrong: Any) -> HttpResponse:
    """The page of `found`; `wrong` are forms that come back with what was typed, `settling` with the key of its follow-up."""
    context = reading.page(request.user, found, confidential=is_confidential)
    key, typed = wrong.pop("settling", (0, None))
    may_settle = context["may"]["settle"]
    context |= {
        "occasion": found,
        "comment_form": CommentForm(),
        "flag_form": FlagForm(),
        "follow_ups": [
            (one, (typed if one.pk == key else SettleForm(auto_id=f"id_{one.pk}_%s")) if may_settle else None)
            for one in context["follow_ups"]
        ],
        "wrong": typed or next(iter(wrong.values()), None),
    }
    template = "evaluation/desk/occasion.html"
    return show(request, template, context | wrong, status=200 if is_confidential else 422)


@never_cache
@require_POST
def comment(request: HttpRequest, pk: int) -> HttpResponse:
    found = _occasion(request, pk, "evaluation.judge")
    form = CommentForm(request.POST)
    if not form.is_valid():
        return _page(request, found, comment_form=form)
    text = form.cleaned_data["comment"]
    return _done(
        request, found, lambda: reviewing.comment(found, by=request.user, text=text), _("Your comment is saved.")
    )


@never_cache
@require_POST
def flag(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask the coordinators to look into something."""
    found = _occasion(request, pk, "evaluation.judge")
    form = FlagForm(request.POST)
    if not form.is_valid():
        return _page(request, found, flag_form=form)
    text = form.cleaned_data["what"]
    done = _("The coordinators are told.")
    return _done(request, found, lambda: reviewing.flag(found, by=request.user, text=text), done)


@never_cache
@require_POST
def settle(request: HttpRequest, pk: int, follow_up_pk: int) -> HttpResponse:
    """Say what came of a follow-up."""
    found = _occasion(request, pk, "evaluation.settle_follow_ups")
    asked = get_object_or_404(found.follow_ups, pk=follow_up_pk)
    form = SettleForm(request.POST, auto_id=f"id_{asked.pk}_%s")
    if not form.is_valid():
        return _page(request, found, settling=(asked.pk, form))
    outcome = form.cleaned_data["outcome"]
    done = _("Settled. Whoever asked is told.")
    return _done(request, found, lambda: reviewing.settle(asked, by=request.user, outcome=outcome), done)


@never_cache
@require_POST
def reviewed(request: HttpRequest, pk: int) -> HttpResponse:
    found = _occasion(request, pk, "evaluation.judge")
    form = SeenForm(request.POST)
    form.is_valid()
    seen = form.cleaned_data.get("seen_at")
    return _done(
        request, found, lambda: reviewing.mark_reviewed(found, by=request.user, seen_at=seen), _("Marked as reviewed.")
    )


def _done(request: HttpRequest, found: Occasion, act: Callable[[], Any], said: str) -> HttpResponse:
    attempt(request, act, said)
    return redirect(found)


# --- sorting open answers by theme


@never_cache
@require_safe
def open_answers(request: HttpRequest, pk: int) -> HttpResponse:
    """What was written, one answer or idea at a time, with a small form for its theme."""
    return _sorting(request, _occasion(request, pk, "evaluation.sort_answers"))


def _sorting(request: HttpRequest, found: Occasion, *, key: str = "", wrong: SortForm | None = None) -> HttpResponse:
    context = reading.sorting(request.user, found)
    page = page_of(request, context["texts"])
    lines = lines_to_sort(page.object_list, context["themes"], key, wrong)
    context |= {"occasion": found, "page": page, "lines": lines, "wrong": wrong, "params": request.GET}
    context["query"] = f"page={page.number}"
    return show(request, "evaluation/desk/open_answers.html", context)


def lines_to_sort(
    texts: Iterable[Any], themes: list[Theme], key: str = "", wrong: SortForm | None = None
) -> list[dict[str, Any]]:
    """Return each text with its small form; `wrong` is the one that comes back, at the place `key`."""
    lines = []
    for told in texts:
        place = f"{told.answer.pk}-{told.item}"
        fresh = SortForm(themes=themes, item=told.item, place=place)
        lines.append({"told": told, "place": place, "form": wrong if wrong and place == key else fresh})
    return lines


@never_cache
@require_POST
def code(request: HttpRequest, pk: int, answer_pk: int) -> HttpResponse:
    """Sort one answer under a theme."""
    found = _occasion(request, pk, "evaluation.sort_answers")
    answer = get_object_or_404(Answer.objects.filter(response__invitation__survey__occasion=found), pk=answer_pk)
    place = f"{answer.pk}-{number(request.POST.get('item', ''))}"
    form = SortForm(request.POST, themes=selectors.themes(), place=place)
    if not form.is_valid():
        return _sorting(request, found, key=place, wrong=form)
    item, theme = form.cleaned_data["item"], form.cleaned_data["theme"]
    attempt(request, lambda: reviewing.code(answer, by=request.user, theme=theme, item=item))
    return redirect(_back(request, found, place))


@never_cache
@require_POST
def uncode(request: HttpRequest, pk: int, coding_pk: int) -> HttpResponse:
    """Take a theme off an answer. Gone already is as good as done."""
    found = _occasion(request, pk, "evaluation.sort_answers")
    theirs = Coding.objects.filter(answer__response__invitation__survey__occasion=found)
    coding = theirs.filter(pk=coding_pk).select_related("answer").first()
    if coding is None:
        return redirect(_back(request, found, ""))
    attempt(request, lambda: reviewing.uncode(coding, by=request.user))
    return redirect(_back(request, found, f"{coding.answer_id}-{coding.item}"))


def _back(request: HttpRequest, found: Occasion, place: str) -> str:
    page = number(request.GET.get("page", ""))
    there = reverse("evaluation:open_answers", args=[found.pk])
    return there + (f"?page={page}" if page > 1 else "") + (f"#answer-{place}" if place else "")
