"""Lists as files: handing one in, looking at what it would do, applying it, and taking one away."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from cmncp_portal.core.screens import require
from cmncp_portal.core.workflow import TransitionRefused

from .. import lists, previews, selectors, services
from ..exports import export
from ..forms import ListForm
from ..models import ImportRun
from .directory import WRITING

TYPES = {"csv": "text/csv; charset=utf-8", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}


def _run_or_404(request: HttpRequest, pk: int) -> ImportRun:
    return get_object_or_404(ImportRun.objects.visible_to(request.user), pk=pk)


@WRITING
def import_list(request: HttpRequest) -> HttpResponse:
    require(request.user, "network.import_lists")
    form = ListForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            run = services.take_list(what=form.cleaned_data["what"], name=file.name, data=file.read(), by=request.user)
            return redirect("network:import_run", run.pk)
        except lists.Unreadable as unreadable:
            form.add_error("file", str(unreadable))
    context = {"form": form, "waiting": selectors.open_run(request.user), "kinds": ImportRun.What.choices}
    return render(request, "network/import.html", context)


@never_cache
@require_safe
def import_run(request: HttpRequest, pk: int) -> HttpResponse:
    require(request.user, "network.import_lists")
    run = _run_or_404(request, pk)
    wanted = request.GET.get("state", "")
    rows = [row for row in run.rows if not wanted or row["state"] == wanted]
    page = Paginator(rows, 50).get_page(request.GET.get("page"))
    page.object_list = previews.in_words(run.what, page.object_list)
    context = {"run": run, "page": page, "wanted": wanted, "counts": previews.counts(run)}
    context["applicable"] = run.count("new") + run.count("changed")
    return render(request, "network/import_run.html", context)


@require_POST
def import_apply(request: HttpRequest, pk: int) -> HttpResponse:
    require(request.user, "network.import_lists")
    run = _run_or_404(request, pk)
    try:
        if services.apply_run(run, by=request.user):
            messages.success(request, _("The list is applied."))
        else:
            messages.error(
                request,
                _("The network changed since you looked: nothing was applied. This is what the list would do now."),
            )
    except TransitionRefused as refused:
        messages.error(request, str(refused))
    return redirect("network:import_run", pk)


@never_cache
@require_safe
def export_list(request: HttpRequest, what: str, kind: str) -> HttpResponse:
    require(request.user, "network.import_lists")
    if what not in ImportRun.What.values or kind not in TYPES:
        raise Http404
    name = f"{what}-{timezone.localdate():%Y-%m-%d}.{kind}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "X-Content-Type-Options": "nosniff"}
    return HttpResponse(export(what, kind), content_type=TYPES[kind], headers=headers)
