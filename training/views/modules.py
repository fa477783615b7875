"""The catalogue of modules, one module, and its materials. Open without an account; drafts are for those who write them."""

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers
from django_htmx.middleware import HtmxDetails

from cmncp_portal.core.files import sent
from cmncp_portal.core.screens import page_of, require

from ..forms.modules import CatalogueFilter
from ..models import ModuleMaterial
from ..selectors import modules as selectors
from ..selectors import modules_desk as desk


@login_not_required
@vary_on_headers("HX-Request")  # or the browser's way back would show the part alone
@require_safe
def module_list(request: HttpRequest) -> HttpResponse:
    found = CatalogueFilter(request.GET, queryset=selectors.catalogue(request.user))
    page = page_of(request, found.qs)
    context = {
        "filter": found,
        "page": page,
        "rows": selectors.listed(page.object_list),
        "is_filtered": found.is_filtered,
        "standing": found.standing_asked,
        "params": request.GET,
    }
    asked: HtmxDetails = request.htmx  # type: ignore[attr-defined]
    if asked and not (asked.boosted or asked.history_restore_request):
        return render(request, "training/modules/parts/results.html", context)
    sees_desk = request.user.has_perm("training.see_module_desk")
    return render(request, "training/modules/list.html", context | {"sees_desk": sees_desk})


@login_not_required
@require_safe
def module(request: HttpRequest, slug: str) -> HttpResponse:
    """One module. Who works on it also sees what it still needs, the moves on offer, and what happened."""
    found = get_object_or_404(selectors.page_rows(request.user), slug=slug)
    return render(request, "training/modules/module.html", module_page(request, found))


def module_page(request: HttpRequest, module: Any) -> dict[str, Any]:
    """Return what the page of `module` (from `selectors.page_rows`) shows to this reader."""
    user = request.user
    top = desk.head(module, user, "module")
    reads_draft = top["can"]["read_draft"]
    built = selectors.built_by(module)
    materials, more = selectors.materials_of(module, selectors.accesses(module, reads_draft=reads_draft))
    return top | {
        "taught_in": selectors.taught_in(module),
        "notice": selectors.language_notice(module),
        "retired": selectors.retired_because(module),
        "built": built,
        "materials": materials,
        "more_materials": more,
        "dates": selectors.next_dates(module, user) if module.is_public or reads_draft else [],
        "work": desk.work_on(module, built, user) if reads_draft else None,
        "next_step": desk.next_step(module) if reads_draft else "",
        "due_words": desk.due_in_words(module) if reads_draft else "",
        "entries": selectors.history(module) if reads_draft else [],
        "move_base": reverse("training:module_move", args=[module.slug, "x"]).removesuffix("x/"),
    }


@login_not_required
@require_safe
def material(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Send a file, or lead to an address, to somebody who may have it; who is not signed in is asked to first."""
    found = selectors.page_rows(request.user).filter(slug=slug).first()
    rows = ModuleMaterial.objects.filter(module=found) if found else ModuleMaterial.objects.none()
    thing = rows.filter(pk=pk).first()
    if not request.user.is_authenticated and (thing is None or thing.access != ModuleMaterial.Access.EVERYONE):
        return redirect_to_login(request.get_full_path())
    thing = get_object_or_404(rows, pk=pk)
    reads_draft = request.user.has_perm("training.read_draft", found)
    if thing.access not in selectors.accesses(found, reads_draft=reads_draft):
        require(request.user, "training.read_draft", found)
    return HttpResponseRedirect(thing.url) if thing.url else sent(thing.file, thing.filename)  # type: ignore[return-value]
