"""The desk of modules: all of them, coverage of the standard, partners, authors, and the moves of one module."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from cmncp_portal.core.forms import ReasonForm
from cmncp_portal.core.screens import attempt, page_of, require, show

from ..forms.modules import AgainForm, AuthorForm, DeskFilter, PartnerForm, ProposeForm
from ..models import Module, ModuleAuthor, Partner
from ..selectors import modules as selectors
from ..selectors import modules_coverage as coverages
from ..selectors import modules_desk as desks
from ..services import authors as author_services
from ..services import modules as services
from ..workflow import MODULE


@require_safe
def desk(request: HttpRequest) -> HttpResponse:
    """All modules with who acts next, late ones first; for an author the modules that she is invited to write."""
    user = request.user
    sees_all = user.has_perm("training.see_module_desk")
    found = DeskFilter(request.GET, queryset=desks.desk_rows(user))
    page = page_of(request, found.qs)
    if not sees_all and not found.is_filtered and not page.paginator.count:
        require(user, "training.see_module_desk")
    context = {
        "filter": found,
        "page": page,
        "rows": desks.listed(page.object_list),
        "counts": desks.counts(user) if sees_all else {},
        "is_filtered": found.is_filtered,
        "sees_all": sees_all,
        "may_propose": user.has_perm("training.propose_module"),
        "params": request.GET,
    }
    return render(request, "training/modules/desk.html", context)


@require_safe
def coverage(request: HttpRequest) -> HttpResponse:
    """Which competencies of the standard in force no module serves yet; ?show=gaps leaves out what is served."""
    require(request.user, "training.see_module_desk")
    lines, only_gaps = coverages.coverage(), request.GET.get("show") == "gaps"
    shown = [line for line in lines if line.is_gap] if only_gaps else lines
    context = {
        "groups": coverages.by_domain(shown),
        "totals": coverages.totals(lines),
        "has_standard": bool(lines),
        "only_gaps": only_gaps,
        "gaps": sum(line.is_gap for line in lines),
    }
    return render(request, "training/modules/coverage.html", context)


def new(request: HttpRequest) -> HttpResponse:
    require(request.user, "training.propose_module")
    form = ProposeForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        made = services.propose(by=request.user, **form.cleaned_data)
        messages.success(request, _("The module is proposed. It is not in the catalogue before it is approved."))
        return redirect(made)
    return show(request, "training/modules/new.html", {"form": form, "cancel_url": reverse("training:module_desk")})


# ---- partners


def partners(request: HttpRequest) -> HttpResponse:
    require(request.user, "training.keep_partners")
    form = PartnerForm(request.POST if request.method == "POST" else None)
    if form.is_valid() and attempt(
        request,
        lambda: services.keep_partner(None, by=request.user, **form.cleaned_data),
        _("The partner is in the list."),
    ):
        return redirect("training:partners")
    context = {"page": page_of(request, desks.partners()), "form": form, "params": request.GET}
    return show(request, "training/modules/partners.html", context)


def partner_edit(request: HttpRequest, pk: int) -> HttpResponse:
    require(request.user, "training.keep_partners")
    partner: Partner = get_object_or_404(desks.partners(), pk=pk)
    form = PartnerForm(request.POST if request.method == "POST" else None, instance=partner)
    if form.is_valid() and attempt(
        request, lambda: services.keep_partner(partner, by=request.user, **form.cleaned_data), _("Saved.")
    ):
        return redirect("training:partners")
    context = {"form": form, "partner": partner, "cancel_url": reverse("training:partners")}
    return show(request, "training/modules/partner_edit.html", context)


# ---- authors


def _module_for(request: HttpRequest, slug: str, permission: str) -> Any:
    """The module with what its pages ask for: 404 for strangers, 403 for who may read it and not do this."""
    found = get_object_or_404(selectors.page_rows(request.user), slug=slug)
    require(request.user, permission, found)
    return found


def authors(request: HttpRequest, slug: str) -> HttpResponse:
    """Who writes this module and until when; inviting one more."""
    module = _module_for(request, slug, "training.invite_author")
    form = AuthorForm(request.POST if request.method == "POST" else None)
    if form.is_valid() and attempt(
        request,
        lambda: author_services.invite_author(module, by=request.user, **form.cleaned_data),
        _("%(name)s is invited by letter.") % {"name": form.cleaned_data["name"]},
    ):
        return redirect("training:module_authors", slug)
    return _authors(request, module, form, {})


def _authors(request: HttpRequest, module: Any, form: AuthorForm, wrong: dict[int, AgainForm]) -> HttpResponse:
    """The whole page; `wrong` are forms of single authors that come back with what was typed."""
    rows = desks.authors_of(module)
    context = desks.head(module, request.user, "authors") | {
        "rows": [(row, wrong.get(row.author.pk) or AgainForm(author=row.author)) for row in rows],
        "form": form,
        "errors": next(iter(wrong.values()), form),
        "is_closed": module.state in services.CLOSED,
    }
    return show(request, "training/modules/authors.html", context)


@require_POST
def author_act(request: HttpRequest, slug: str, pk: int, name: str) -> HttpResponse:
    """Invite an author again, or for longer; or remove them."""
    module = _module_for(request, slug, "training.invite_author")
    author: ModuleAuthor = get_object_or_404(module.authors.select_related("user", "module"), pk=pk)
    act: Callable[[], Any]
    if name == "remove":
        act, done = (
            lambda: author_services.remove_author(author, by=request.user),
            _("%(name)s does not write it any more."),
        )
    elif name == "again":
        form = AgainForm(request.POST, author=author)
        if not form.is_valid():
            return _authors(request, module, AuthorForm(), {author.pk: form})
        day = form.cleaned_data["until_on"]
        act, done = (
            lambda: author_services.invite_again(author, by=request.user, until_on=day),
            _("%(name)s is invited by letter."),
        )
    else:
        raise Http404
    attempt(request, act, done % {"name": author.user})
    return redirect("training:module_authors", slug)


# ---- moves


@require_POST
def module_move(request: HttpRequest, slug: str, name: str) -> HttpResponse:
    """One move of the module; a reason that is missing is asked for once more."""
    if name not in MODULE.transitions:
        raise Http404
    step = MODULE[name]
    module: Module = _module_for(request, slug, step.permission)
    form = ReasonForm(request.POST, required=step.needs_reason)
    if not form.is_valid() and module.state in step.sources:
        context = {"form": form, "module": module, "page_heading": step.label, "cancel_url": module.get_absolute_url()}
        return show(request, "training/modules/reason.html", context)
    note = request.POST.get("note", "")
    attempt(request, lambda: services.move(module, name, by=request.user, note=note), f"{step.happened}.")
    return redirect(module)
