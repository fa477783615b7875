"""What people hold against what their role asks: one's own page, the staff of a municipality, the coverage of the network."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Page, Paginator
from django.db.models import F, Q
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from cmncp_portal.core.conflicts import chosen, conflict_page
from cmncp_portal.core.editing import Conflict
from cmncp_portal.core.files import sent
from cmncp_portal.core.screens import PAGE_SIZE, attempt, require, show
from cmncp_portal.core.text import active_language
from cmncp_portal.core.workflow import TransitionRefused
from cmncp_portal.network.models import Municipality, Stakeholder
from cmncp_portal.network.rules import places_of

from ..forms.people import ChangedEvidenceForm, CoverageFilter, NewEvidenceForm, RoleForm
from ..models import CompetencyText, EvidenceClaim, Learner
from ..selectors import people as selected
from ..selectors.coverage import grid, grid_file
from ..selectors.gaps import profile_for, role_choices
from ..services import evidence as services
from ..services import roles
from ..services.badges import can_sign
from ..services.learners import learner_of_user

MOST_GAPS = 10  # told one by one; the chapters below have them all
GRID_ROWS = 50
TYPES = {"csv": "text/csv; charset=utf-8", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}


# ---- one's own page


def _mine(user: Any) -> Any:
    """The learner that `user` is, with what her page shows; None for somebody who never enrolled.

    Who was enrolled by address before there was an account is noted as the same person, once.
    """
    rows = selected.with_summary(Learner.objects.filter(Q(user=user) | Q(user__isnull=True, email=user.email.lower())))
    found = rows.order_by(F("user").asc(nulls_last=True)).first()
    if found is not None and found.user_id is None:
        learner_of_user(user)
    return found


@require_safe
@never_cache
def me(request: HttpRequest) -> HttpResponse:
    """What I hold against what my role asks, gaps first; my enrolments, evidence and certificates."""
    learner = _mine(request.user)
    standing = next((place.standing for place in places_of(request.user)), "")
    profile = profile_for(learner, standing=standing, language=active_language())
    context = selected.summary_of(learner) | _profile_context(profile) | {"learner": learner, "can_sign": can_sign()}
    return render(request, "training/people/me.html", context)


def _profile_context(profile: Any) -> dict[str, Any]:
    gaps = profile.gaps
    return {"profile": profile, "gaps": gaps[:MOST_GAPS], "more_gaps": len(gaps[MOST_GAPS:])}


def my_role(request: HttpRequest) -> HttpResponse:
    """Choose another role of the versions in force, or the one that goes with one's place in the network."""
    learner = Learner.objects.filter(user=request.user.pk).first()
    return _role(request, learner, lambda: learner or learner_of_user(request.user), reverse("training:me"))


def _role(request: HttpRequest, learner: Learner | None, make: Callable[[], Learner], back: str) -> HttpResponse:
    initial = {"role": learner.role if learner else ""}
    form = RoleForm(request.POST if request.method == "POST" else None, roles=role_choices(), initial=initial)
    if request.method == "POST" and form.is_valid():
        role = form.cleaned_data["role"]
        attempt(request, lambda: roles.set_role(make(), role=role, by=request.user), _("The role is set."))
        return redirect(back)
    context = {"form": form, "cancel_url": back, "learner": learner}
    return show(request, "training/people/role.html", context)


# ---- showing evidence


def evidence(request: HttpRequest) -> HttpResponse:
    """Show one's own work for a competency and a level: kept as a draft, or sent at once."""
    asked = {name: request.GET.get(name, "") for name in ("competency", "level")}
    form = NewEvidenceForm(request.POST or None, request.FILES or None, initial=asked)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            claim = services.begin(
                learner_of_user(request.user),
                text=data["competency"],
                level=data["level"],
                by=request.user,
                **form.shown(),
            )
        except TransitionRefused as refused:
            form.add_error(None, str(refused))
        else:
            return _kept(request, claim)
    context = {"form": form, "cancel_url": reverse("training:me")}
    return show(request, "training/people/evidence_new.html", context)


def _kept(request: HttpRequest, claim: EvidenceClaim) -> HttpResponse:
    """Send what was kept when that is the button that was pressed."""
    if request.POST.get("what") != "send":
        messages.success(request, _("It is kept. Send it when it is ready."))
        return redirect("training:evidence_edit", claim.pk)
    done = _("It is with the assessors. You hear from them by email.")
    attempt(request, lambda: services.send(claim, by=request.user), done)
    return redirect("training:evidence_edit", claim.pk)


def _own_claim(request: HttpRequest, pk: int) -> EvidenceClaim:
    rows = EvidenceClaim.objects.filter(learner__user=request.user.pk)
    return get_object_or_404(rows.select_related("learner", "standard_version__standard", "certificate"), pk=pk)


def evidence_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """One's own evidence: change it while it is a draft or more is asked, read it and the answer afterwards."""
    claim = _own_claim(request, pk)
    if request.method == "POST":
        return _change(request, claim)
    form = _changed_form(claim) if claim.state in services.EDITABLE else None
    return show(request, "training/people/evidence_claim.html", _claim_context(request, claim) | {"form": form})


def _changed_form(claim: EvidenceClaim, *posted: Any) -> ChangedEvidenceForm:
    initial = {"words": claim.words, "url": claim.url, "version": claim.version}
    return ChangedEvidenceForm(*posted, initial=initial, has_file=bool(claim.file))


def _change(request: HttpRequest, claim: EvidenceClaim) -> HttpResponse:
    form = _changed_form(claim, chosen(request.POST), request.FILES)
    if form.is_valid():
        try:
            services.keep(claim, seen=form.cleaned_data["version"], by=request.user, **form.shown())
        except Conflict as conflict:
            fresh = _changed_form(conflict.current)  # type: ignore[arg-type]
            return conflict_page(request, form, fresh, cancel_url=request.path)
        except TransitionRefused as refused:
            messages.error(request, str(refused))
            return redirect("training:evidence_edit", claim.pk)
        return _kept(request, claim)
    return show(request, "training/people/evidence_claim.html", _claim_context(request, claim) | {"form": form})


def _claim_context(request: HttpRequest, claim: EvidenceClaim) -> dict[str, Any]:
    texts = CompetencyText.objects.select_related("domain", "version__standard").prefetch_related("criteria")
    text = texts.get(competency=claim.competency_id, version=claim.standard_version_id)
    return {
        "claim": claim,
        "text": text,
        "criteria": [one for one in text.criteria.all() if one.level == claim.level],
        "tone": selected.CLAIM_TONES[claim.state],
        "moves": selected.moves_for(claim, request.user),
        "entries": selected.history_of(claim),
        "certificate": getattr(claim, "certificate", None),
    }


@require_safe
def evidence_file(request: HttpRequest, pk: int) -> FileResponse:
    """The file that was shown, for the person and the assessors."""
    claim = get_object_or_404(selected.readable(request.user).exclude(file=""), pk=pk)
    return sent(claim.file, claim.filename)


@require_POST
def evidence_act(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    """Send one's own evidence, or take it back."""
    claim = _own_claim(request, pk)
    acts: dict[str, tuple[Callable[..., None], str]] = {
        "send": (services.send, _("It is with the assessors. You hear from them by email.")),
        "withdraw": (services.withdraw, _("It is withdrawn.")),
    }
    if name not in acts:
        raise Http404
    act, done = acts[name]
    attempt(request, lambda: act(claim, by=request.user), done)
    return redirect("training:evidence_edit", claim.pk)


# ---- another person


def _person(request: HttpRequest, pk: int) -> Learner:
    rows = Learner.objects.visible_to(request.user)
    learner = get_object_or_404(selected.with_summary(rows), pk=pk)
    require(request.user, "training.see_person", learner)
    return learner


@require_safe
@never_cache
def person(request: HttpRequest, pk: int) -> HttpResponse:
    """Where somebody stands, for who speaks for the municipality and for the coordinators. Her evidence stays hers."""
    learner = _person(request, pk)
    profile = profile_for(learner, language=learner.language or active_language())
    summary = selected.summary_of(learner)
    context = _profile_context(profile) | {
        "learner": learner,
        "enrolled": summary["enrolled"],
        "papers": summary["papers"],
    }
    return render(request, "training/people/person.html", context)


def person_role(request: HttpRequest, pk: int) -> HttpResponse:
    """Choose by which role somebody of one's municipality is measured."""
    learner = _person(request, pk)
    require(request.user, "training.set_role", learner)
    return _role(request, learner, lambda: learner, reverse("training:person", args=[pk]))


# ---- a municipality


def _municipality(request: HttpRequest, slug: str) -> Municipality:
    rows = Municipality.objects.visible_to(request.user).defer("search_en", "search_fr")
    found = get_object_or_404(selected.with_staff_number(rows), slug=slug)
    require(request.user, "training.see_staff", found)
    return found


@never_cache
def staff(request: HttpRequest, slug: str) -> HttpResponse:
    """Everybody who works for the municipality today: what their role asks and what they hold; a role can be chosen."""
    municipality = _municipality(request, slug)
    if request.method == "POST":
        return _staff_role(request, municipality)
    page = _page(request, selected.staff_of(municipality), municipality.staff_number)  # type: ignore[attr-defined]
    asked = selected.asked_of_everyone()
    context = {
        "municipality": municipality,
        "page": page,
        "members": selected.with_profiles(page.object_list, asked),
        "roles": asked.choices(),
        "params": request.GET,
    }
    return render(request, "training/people/staff.html", context)


def _page(request: HttpRequest, rows: Any, number: int) -> Page:
    """The page of `rows` that ?page= asks for, when their number is known already."""
    paginator = Paginator(rows, PAGE_SIZE)
    paginator.count = number
    return paginator.get_page(request.GET.get("page", ""))


def _staff_role(request: HttpRequest, municipality: Municipality) -> HttpResponse:
    rows = Stakeholder.objects.current().filter(municipality=municipality).select_related("user")
    found = get_object_or_404(
        rows, pk=request.POST.get("person", "") if request.POST.get("person", "").isdigit() else 0
    )
    role = request.POST.get("role", "")
    done = _("The role of %(name)s is set.") % {"name": found.name}
    attempt(request, lambda: roles.set_role_of_staff(found, role=role, by=request.user), done)
    page = request.POST.get("page", "")
    return redirect(f"{request.path}?page={page}" if page.isdigit() else request.path)


@require_safe
@never_cache
def staff_export(request: HttpRequest, slug: str) -> HttpResponse:
    """The same list as a file: ?kind=csv or xlsx."""
    municipality = _municipality(request, slug)
    kind = "csv" if request.GET.get("kind") == "csv" else "xlsx"
    return _file(selected.staff_file(municipality, kind), kind, f"{municipality.slug}-training")


def _file(content: bytes, kind: str, name: str) -> HttpResponse:
    dated = f"{name}-{timezone.localdate():%Y-%m-%d}.{kind}"
    headers = {"Content-Disposition": f'attachment; filename="{dated}"', "X-Content-Type-Options": "nosniff"}
    return HttpResponse(content, content_type=TYPES[kind], headers=headers)


# ---- the network


@require_safe
@never_cache
def coverage(request: HttpRequest) -> HttpResponse:
    """How much of what roles ask for is held, by region and competency; never about persons."""
    form, found = _coverage(request)
    page = Paginator(found.rows, GRID_ROWS).get_page(request.GET.get("page", ""))
    context = {"filter": form, "grid": found, "page": page, "params": request.GET}
    return render(request, "training/people/coverage.html", context)


def _coverage(request: HttpRequest) -> tuple[CoverageFilter, Any]:
    if not request.user.has_perm("training.see_coverage"):
        raise PermissionDenied
    found = grid()
    form = CoverageFilter(request.GET, domains=found.domains)
    return form, found.only(**form.chosen())


@require_safe
@never_cache
def coverage_export(request: HttpRequest) -> HttpResponse:
    """The grid as a file, with the same filter and the same small groups left out."""
    _form, found = _coverage(request)
    kind = "csv" if request.GET.get("kind") == "csv" else "xlsx"
    return _file(grid_file(found, kind), kind, "training-coverage")
