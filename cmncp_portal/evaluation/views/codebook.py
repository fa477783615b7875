"""Response rates, who has not answered, the codebook, and coded answers without names."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cmncp_portal.core.screens import PAGE_SIZE, attempt, number, page_of, require, show

from .. import desk, reviewing, selectors
from ..coded_file import coded_file
from ..desk_forms import ActivityFilter, CodedFilter, NewThemeForm, PeriodFilter, RatesFilter, ThemeForm
from ..models import Occasion, Theme

WRITING = require_http_methods(["GET", "HEAD", "POST"])


@never_cache
@require_safe
def rates(request: HttpRequest) -> HttpResponse:
    """How many of those asked have answered, by activity, side, province or language."""
    require(request.user, "evaluation.read_coded")
    form = RatesFilter(request.GET)
    chosen = form.chosen()
    by = chosen.pop("by")
    label = dict(form.fields["by"].choices)[by]  # type: ignore[attr-defined]
    return render(request, "evaluation/desk/rates.html", {"form": form, "by": label, "rows": desk.rates(by, **chosen)})


@never_cache
@require_safe
def not_answered(request: HttpRequest) -> HttpResponse:
    """Who was asked and has not answered: for coordinators, who may call them."""
    require(request.user, "evaluation.see_who_has_not_answered")
    form = ActivityFilter(request.GET)
    page = page_of(request, desk.not_answered(**form.chosen()))
    return render(request, "evaluation/desk/not_answered.html", {"form": form, "page": page})


@never_cache
@require_safe
def codebook(request: HttpRequest) -> HttpResponse:
    require(request.user, "evaluation.keep_codebook")
    return render(request, "evaluation/desk/codebook.html", {"page": page_of(request, selectors.codebook(), 50)})


def _theme(request: HttpRequest, pk: int) -> Theme:
    require(request.user, "evaluation.keep_codebook")
    found: Theme = get_object_or_404(selectors.codebook(), pk=pk)
    return found


@never_cache
@WRITING
def theme_add(request: HttpRequest) -> HttpResponse:
    require(request.user, "evaluation.keep_codebook")
    return _theme_page(request, None, NewThemeForm(request.POST or None))


@never_cache
@WRITING
def theme(request: HttpRequest, pk: int) -> HttpResponse:
    found = _theme(request, pk)
    return _theme_page(request, found, ThemeForm(request.POST or None, instance=_theme(request, pk)))


def _theme_page(request: HttpRequest, found: Theme | None, form: Any) -> HttpResponse:
    if request.method == "POST" and form.is_valid():
        words = form.cleaned_data
        if attempt(request, lambda: reviewing.keep_theme(found, by=request.user, **words), _("The theme is saved.")):
            return redirect("evaluation:codebook")
    context = {"form": form, "theme": found, "cancel_url": reverse("evaluation:codebook")}
    return show(request, "evaluation/desk/theme_form.html", context)


@never_cache
@require_POST
def theme_use(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a theme out of use, or bring it back."""
    found = _theme(request, pk)
    is_used = request.POST.get("use") == "yes"
    done = _("The theme is in use again.") if is_used else _("The theme is retired. What was sorted under it stays.")
    attempt(request, lambda: reviewing.retire_theme(found, by=request.user, is_used=is_used), done)
    return redirect("evaluation:codebook")


@never_cache
@require_safe
def coded(request: HttpRequest) -> HttpResponse:
    """How often each theme occurs, and what was written, without names."""
    require(request.user, "evaluation.read_coded")
    form = CodedFilter(request.GET, themes=selectors.codebook())
    counted, texts = desk.coded(**form.chosen(), reader=request.user)
    texts = texts.annotate(activity=F("answer__response__invitation__survey__occasion__activity"))
    pages = Paginator(texts, PAGE_SIZE)
    pages.count = sum(one.answers for one in counted)  # the database has counted them already
    page = pages.get_page(number(request.GET.get("page", "")) or 1)
    labels = dict(Occasion.Activity.choices)
    context = {
        "form": form,
        "counted": counted,
        "page": page,
        "codings": [(coding, labels[coding.activity]) for coding in page],
        "file_form": PeriodFilter(auto_id="id_file_%s"),
    }
    return render(request, "evaluation/desk/coded.html", context)


@never_cache
@require_safe
def export(request: HttpRequest) -> HttpResponse:
    """All answers without names as a CSV file, of one activity or of a period."""
    require(request.user, "evaluation.read_coded")
    form = PeriodFilter(request.GET)
    if not form.is_valid():
        messages.error(request, _("Please check the days."))
        return redirect("evaluation:coded")
    answer = HttpResponse(coded_file(request.user, **form.chosen()), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="coded-answers-{timezone.localdate()}.csv"'
    return answer
