"""Reading a standard, open without an account: the list, a version by domain, one competency, a role, what is new, on paper."""

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_safe

from cmncp_portal.core.screens import page_of

from ..forms.standards import CommentForm
from ..models import CompetencyText, RoleProfile, StandardVersion
from ..selectors import differences
from ..selectors import standards as found
from .standards_common import head, page_of_domain, version_or_404

COMPETENCIES_ON_A_PAGE = 10  # each with its criteria
LINES_ON_A_PAGE = 50


@login_not_required
@require_safe
def standard_list(request: HttpRequest) -> HttpResponse:
    page = page_of(request, found.standards_for(request.user))
    context = {
        "page": page,
        "rows": found.listed(page.object_list),
        "may_draft": request.user.has_perm("training.draft_standards"),
        "params": request.GET,
    }
    return render(request, "training/standards/list.html", context)


@login_not_required
@require_safe
def standard(request: HttpRequest, slug: str) -> HttpResponse:
    """The address without a number leads to the version in force; before there is one, to the newest."""
    rows = StandardVersion.objects.visible_to(request.user).with_standard().filter(standard__slug=slug)
    version = found.in_force(rows.order_by("-number"))
    if version is None:
        raise Http404
    return redirect(version)


@login_not_required
@require_safe
def version(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """The table of contents, and the competencies of one domain with criteria, evidence and sources."""
    rows = StandardVersion.objects.visible_to(request.user).with_standard().filter(standard__slug=slug)
    versions = list(found.with_roles(rows).order_by("-number"))
    version = next((one for one in versions if one.number == number), None)
    if version is None:
        raise Http404
    domains = found.domains_of(version)
    domain = found.first_domain(domains, request.GET.get("domain", ""))
    page = page_of_domain(request, found.texts_with_criteria(version), domain, COMPETENCIES_ON_A_PAGE)
    context = head(version, request.user) | {
        "here": "version",
        "domains": domains,
        "domain": domain,
        "page": page,
        "texts": found.with_levels(page.object_list) if page else [],
        "roles": found.roles_in(version),
        "versions": [one for one in versions if one != version],
        "params": request.GET,
    }
    return render(request, "training/standards/version.html", context)


@login_not_required
@require_safe
def printed(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    version = version_or_404(request, slug, number)
    context = head(version, request.user) | {"texts": found.with_levels(found.texts_with_criteria(version))}
    return render(request, "training/standards/print.html", context)


@login_not_required
@require_safe
def changes(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """What is new beside the version before, all on one page; 404 for the first version."""
    version = version_or_404(request, slug, number)
    before = found.version_before(version)
    if before is None:
        raise Http404
    before.standard = version.standard
    difference = differences.difference(before, version)
    context = head(version, request.user) | {
        "here": "changes",
        "difference": difference,
        "summary": differences.summary(difference),
    }
    return render(request, "training/standards/changes.html", context)


@login_not_required
@require_safe
def role(request: HttpRequest, slug: str, number: int, role: str) -> HttpResponse:
    readable = StandardVersion.objects.visible_to(request.user).filter(standard__slug=slug, number=number)
    profiles = RoleProfile.objects.filter(version__in=readable).select_related("version__standard")
    profile = get_object_or_404(profiles, slug=role)
    page = page_of(request, found.asked_of(profile), LINES_ON_A_PAGE)  # type: ignore[arg-type]
    context = head(profile.version, request.user) | {
        "here": "version",
        "role": profile,
        "page": page,
        "params": request.GET,
    }
    return render(request, "training/standards/role.html", context)


@login_not_required
@require_safe
def competency(request: HttpRequest, slug: str, number: int, pk: int) -> HttpResponse:
    """One competency: its criteria, who is asked for it, which modules build it, and what people say of it."""
    rows = CompetencyText.objects.select_related("version__standard", "domain").defer("search_en", "search_fr")
    readable = StandardVersion.objects.visible_to(request.user).filter(standard__slug=slug, number=number)
    rows = found.with_asking(rows.filter(version__in=readable).prefetch_related("criteria"))
    text = get_object_or_404(rows, competency=pk)
    top = head(text.version, request.user)
    context: dict[str, Any] = {
        "here": "version",
        "text": text,
        "levels": found.by_level(text.criteria.all()),
        "asking": found.roles_in(text),
        "building": found.modules_building(text, request.user),
        "comments": found.comments_beside(text),
        "form": CommentForm(text=text) if top["can"]["comment"] else None,
    }
    return render(request, "training/standards/competency.html", top | context)
