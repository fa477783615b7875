"""Writing a standard: the desk of a version, its lines one by one, and its moves. Plain forms; what two people typed is kept."""

from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from cmncp_portal.core.conflicts import chosen, conflict_page
from cmncp_portal.core.editing import Conflict
from cmncp_portal.core.screens import attempt, require, show

from ..forms.writing import CompetencyForm, DomainForm, RoleForm, StandardForm, VersionForm
from ..models import CompetencyText, StandardVersion
from ..selectors import standards as found
from ..services import consulting, standards, writing
from ..workflow import BY_HAND, VERSION
from .standards_common import head, move_base, page_of_domain, version_for

LINES_ON_A_PAGE = 50
SHOWN_ELSEWHERE = ("open_consultation", "consult_again")  # where the letter and its readers are seen first


def new_standard(request: HttpRequest) -> HttpResponse:
    require(request.user, "training.draft_standards")
    form = StandardForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        version = standards.begin_standard(by=request.user, **form.cleaned_data)
        return redirect("training:write", version.standard.slug, version.number)
    return show(request, "training/standards/new.html", {"form": form, "cancel_url": reverse("training:standards")})


@require_POST
def new_version(request: HttpRequest, slug: str) -> HttpResponse:
    """One button: the draft that follows has the words of the version in force."""
    require(request.user, "training.draft_standards")
    standard = get_object_or_404(found.standards_for(request.user), slug=slug)
    done = _("The new version begins with the words of the one in force.")
    attempt(request, lambda: standards.begin_version(standard, by=request.user), done)
    version = standards.at_work(standard)
    return redirect("training:write", slug, version.number) if version else redirect("training:standard", slug)


def write(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """The desk of a version: its lines, what is new, what is missing, and what can be done with it."""
    version = version_for(request, slug, number, "training.write_standard")
    names = not standards.is_known(version.standard)
    form = VersionForm(chosen(request.POST) if request.method == "POST" else None, instance=version, names=names)
    if request.method == "POST" and form.is_valid():
        seen = form.cleaned_data.pop("version")
        words = form.cleaned_data
        act = lambda: standards.keep_words(version, seen=seen, by=request.user, **words)  # noqa: E731
        fresh: Callable[[Any], Any] = lambda now: VersionForm(instance=now, names=names)  # noqa: E731
        return _kept(request, act, form, fresh, request.path)
    domains = found.domains_of(version)
    domain = found.first_domain(domains, request.GET.get("domain", ""))
    page = page_of_domain(request, found.texts_with_criteria(version), domain, LINES_ON_A_PAGE)
    context = head(version, request.user) | {
        "here": "write",
        "form": form,
        "domains": domains,
        "domain": domain,
        "page": page,
        "params": request.GET,
    }
    return show(request, "training/standards/write.html", context | _moves(version, request.user))


def _moves(version: StandardVersion, user: Any) -> dict[str, Any]:
    """What is missing, what happened, and the moves by button; a consultation is opened on its own page."""
    offered = [o for o in VERSION.offered_to(user, version) if o.transition.name in BY_HAND]
    return {
        "checks": found.checks_of(version, may_write=True),
        "moves": [o for o in offered if o.transition.name not in SHOWN_ELSEWHERE],
        "move_base": move_base(version),
        "history": version.changes_of_state.order_by("-at", "-pk"),
    }


def _kept(
    request: HttpRequest, act: Callable[[], Any], form: Any, fresh: Callable[[Any], Any], back: str
) -> HttpResponse:
    """Do `act` and go `back`; when somebody saved first, show both texts."""
    try:
        attempt(request, act, _("Saved."))
    except Conflict as conflict:
        return conflict_page(request, form, fresh(conflict.current), cancel_url=back)
    return redirect(back)


def _desk(version: StandardVersion, domain: Any = None) -> str:
    address = reverse("training:write", args=[version.standard.slug, version.number])
    return f"{address}?domain={domain.order}" if domain else address


def _line(request: HttpRequest, version: StandardVersion, form: Any, title: str, **more: Any) -> HttpResponse:
    context = head(version, request.user) | {"here": "write", "form": form, "line_title": title} | more
    return show(request, more.get("template", "training/standards/line_edit.html"), context)


def domain_add(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    version = version_for(request, slug, number, "training.write_standard")
    form = DomainForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        words = form.fields_typed
        attempt(request, lambda: writing.add_domain(version, by=request.user, **words), _("Saved."))
        return redirect(_desk(version))
    return _line(request, version, form, _("A new domain"), cancel_url=_desk(version))


def domain_edit(request: HttpRequest, slug: str, number: int, pk: int) -> HttpResponse:
    version = version_for(request, slug, number, "training.write_standard")
    domain = get_object_or_404(version.domains.all(), pk=pk)
    domain.version, back = version, _desk(version, domain)
    form = DomainForm(chosen(request.POST) if request.method == "POST" else None, domain=domain)
    if request.method == "POST" and form.is_valid():
        seen, words = form.cleaned_data["version"], form.fields_typed
        act = lambda: writing.keep_domain(domain, seen=seen, by=request.user, **words)  # noqa: E731
        return _kept(request, act, form, lambda now: DomainForm(domain=now), back)
    return _line(request, version, form, str(domain), what="domain", pk=pk, cancel_url=back)


def competency_add(request: HttpRequest, slug: str, number: int, pk: int) -> HttpResponse:
    version = version_for(request, slug, number, "training.write_standard")
    domain = get_object_or_404(version.domains.all(), pk=pk)
    domain.version = version
    form = CompetencyForm(request.POST if request.method == "POST" else None, version=version, domain=domain)
    if request.method == "POST" and form.is_valid():
        typed = form.typed
        attempt(request, lambda: writing.add_competency(version, by=request.user, **typed), _("Saved."))
        return redirect(_desk(version, typed["domain"]))
    title, back = _("A new competency"), _desk(version, domain)
    return _line(request, version, form, title, cancel_url=back, template="training/standards/competency_edit.html")


def competency_edit(request: HttpRequest, slug: str, number: int, pk: int) -> HttpResponse:
    """A competency with its criteria, both languages side by side. `pk` is the competency's."""
    version = version_for(request, slug, number, "training.write_standard")
    rows = CompetencyText.objects.filter(version=version).select_related("domain").defer("search_en", "search_fr")
    text = get_object_or_404(rows, competency=pk)
    text.version, back = version, _desk(version, text.domain)
    form = CompetencyForm(chosen(request.POST) if request.method == "POST" else None, version=version, text=text)
    if request.method == "POST" and form.is_valid():
        seen, typed = form.cleaned_data["version"], form.typed
        act = lambda: writing.keep_competency(text, seen=seen, by=request.user, **typed)  # noqa: E731
        fresh: Callable[[Any], Any] = lambda now: CompetencyForm(version=version, text=now, also=form.gone)  # noqa: E731
        return _kept(request, act, form, fresh, back)
    shown = {
        "what": "competency",
        "pk": text.pk,
        "criteria": text.criteria.all(),
        "template": "training/standards/competency_edit.html",
    }
    return _line(request, version, form, f"{text.code} {text.title}", cancel_url=back, **shown)


def roles(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """The roles of a version, and a form for one more."""
    version = version_for(request, slug, number, "training.write_standard")
    form = RoleForm(request.POST if request.method == "POST" else None, version=version)
    if request.method == "POST" and form.is_valid():
        typed = form.typed
        typed.pop("levels")
        done = _("The role is added: now say what it is asked for.")
        attempt(request, lambda: writing.add_role(version, by=request.user, **typed), done)
        return redirect("training:roles_edit", slug, number)
    rows = version.roles.all()
    return _line(
        request,
        version,
        form,
        _("Roles"),
        rows=rows,
        cancel_url="",
        template="training/standards/roles.html",
        here="roles",
    )


def role_edit(request: HttpRequest, slug: str, number: int, pk: int) -> HttpResponse:
    version = version_for(request, slug, number, "training.write_standard")
    role = get_object_or_404(version.roles.all(), pk=pk)
    role.version = version
    rows = CompetencyText.objects.filter(version=version).in_order().select_related("domain")
    texts = list(rows.defer("search_en", "search_fr"))
    data = chosen(request.POST) if request.method == "POST" else None
    form = RoleForm(data, version=version, role=role, texts=texts)
    back = reverse("training:roles_edit", args=[slug, number])
    if request.method == "POST" and form.is_valid():
        seen, typed = form.cleaned_data["version"], form.typed
        act = lambda: writing.keep_role(role, seen=seen, by=request.user, **typed)  # noqa: E731
        fresh: Callable[[Any], Any] = lambda now: RoleForm(version=version, role=now, texts=texts)  # noqa: E731
        return _kept(request, act, form, fresh, back)
    shown = {"what": "role", "pk": pk, "template": "training/standards/role_edit.html", "here": "roles"}
    return _line(request, version, form, str(role), cancel_url=back, **shown)


@require_POST
def line_move(request: HttpRequest, slug: str, number: int, what: str, pk: int, name: str) -> HttpResponse:
    """Up, down, or away: one button each."""
    if what not in ("domain", "competency", "criterion", "role") or name not in ("up", "down", "remove"):
        raise Http404
    version = version_for(request, slug, number, "training.write_standard")
    by = request.user
    if name == "remove":
        attempt(request, lambda: writing.remove_line(version, what=what, pk=pk, by=by), _("Removed."))
    else:
        attempt(request, lambda: writing.move_line(version, what=what, pk=pk, up=name == "up", by=by))
    if what == "role":
        return redirect("training:roles_edit", slug, number)
    domain = request.POST.get("domain", "")
    return redirect(_desk(version) + (f"?domain={domain}" if domain.isdigit() else ""))


def _acts(version: StandardVersion, by: Any, note: str) -> dict[str, tuple[Callable[[], None], str]]:
    """What each move does, and what is said then."""
    return {
        "open_consultation": (
            lambda: consulting.open_consultation(version, by=by),
            _("The consultation is open. The letters are being written."),
        ),
        "consult_again": (
            lambda: consulting.open_consultation(version, by=by, again=True),
            _("The consultation is open once more. The letters are being written."),
        ),
        "close_consultation": (
            lambda: consulting.close_consultation(version, by=by, note=note),
            _("The consultation is closed. Now each comment is answered."),
        ),
        "adopt": (
            lambda: standards.adopt(version, by=by, note=note),
            _("The version is adopted. Everybody concerned is being told."),
        ),
    }


@require_POST
def version_move(request: HttpRequest, slug: str, number: int, name: str) -> HttpResponse:
    """Open, close, open once more, adopt."""
    if name not in BY_HAND:
        raise Http404
    version = version_for(request, slug, number, VERSION[name].permission)
    act, done = _acts(version, request.user, request.POST.get("note", "")[:1000])[name]
    was_done = attempt(request, act, done)
    if name in SHOWN_ELSEWHERE:
        return redirect("training:consultation", slug, number)
    if name == "adopt" and was_done:
        return redirect("training:version", slug, number)
    return redirect("training:write", slug, number)
