"""Open answers of all activities, sorted by theme without names: by reviewers, and by the university's team."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from cmncp_portal.core.screens import attempt, number, page_of, require, show

from .. import reviewing, selectors, sorting
from ..desk_forms import SortForm, SortingFilter
from .desk import lines_to_sort

SORT = "evaluation.sort_answers"
KEPT = ("theme", "activity", "page")  # what an address of the list says


@never_cache
@require_safe
def to_sort(request: HttpRequest) -> HttpResponse:
    """What people wrote, to be sorted by theme, by activity and theme or what is not sorted yet."""
    require(request.user, SORT)
    return _page(request)


def _page(request: HttpRequest, *, key: str = "", wrong: SortForm | None = None) -> HttpResponse:
    known = list(selectors.codebook())
    form = SortingFilter(request.GET, themes=known)
    chosen = form.chosen()
    page = page_of(request, sorting.to_sort(request.user, **chosen))
    themes = [theme for theme in known if theme.is_used]
    context: dict[str, Any] = {
        "form": form,
        "page": page,
        "lines": lines_to_sort(sorting.unnamed(page, known, chosen["theme"]), themes, key, wrong),
        "themes": themes,
        "wrong": wrong,
        "query": _kept(request),
    }
    return show(request, "evaluation/desk/to_sort.html", context)


@never_cache
@require_POST
def sort(request: HttpRequest, pk: int) -> HttpResponse:
    """Sort one answer, or one idea of several, under a theme."""
    require(request.user, SORT)
    answer = get_object_or_404(sorting.with_occasion(), pk=pk)
    require(request.user, SORT, sorting.occasion_of(answer))
    place = f"{answer.pk}-{number(request.POST.get('item', ''))}"
    form = SortForm(request.POST, themes=selectors.themes(), place=place)
    if not form.is_valid():
        return _page(request, key=place, wrong=form)
    item, theme = form.cleaned_data["item"], form.cleaned_data["theme"]
    said = _("The answer is sorted under “%(theme)s”.") % {"theme": theme}
    attempt(request, lambda: reviewing.code(answer, by=request.user, theme=theme, item=item), said)
    return redirect(_back(request, place))


@never_cache
@require_POST
def unsort(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a theme off an answer. Gone already is as good as done."""
    require(request.user, SORT)
    coding = sorting.sorted_ones().filter(pk=pk).first()
    if coding is None:
        return redirect(_back(request))
    require(request.user, SORT, sorting.occasion_of(coding.answer))
    attempt(request, lambda: reviewing.uncode(coding, by=request.user), _("The theme is taken off the answer."))
    return redirect(_back(request, f"{coding.answer_id}-{coding.item}"))


def _kept(request: HttpRequest) -> str:
    return urlencode({name: request.GET[name] for name in KEPT if request.GET.get(name)})


def _back(request: HttpRequest, place: str = "") -> str:
    kept = _kept(request)
    return reverse("evaluation:to_sort") + (f"?{kept}" if kept else "") + (f"#answer-{place}" if place else "")
