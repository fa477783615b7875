"""Writing a module: its text in both languages, what it builds, its materials. For its authors, the University, the network."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from cmncp_portal.core.conflicts import chosen, conflict_page
from cmncp_portal.core.editing import Conflict
from cmncp_portal.core.screens import attempt, number, page_of, require, show
from cmncp_portal.core.workflow import TransitionRefused

from ..forms.modules import CompetenciesForm, MaterialForm, ModuleForm, TextForm
from ..selectors import modules as selectors
from ..selectors import modules_competencies as choosing
from ..selectors.modules_desk import due_in_words, head
from ..services import modules as services


def _draft(request: HttpRequest, slug: str) -> Any:
    """The module for who works on it: 404 for strangers, 403 for readers of the catalogue."""
    found = get_object_or_404(selectors.page_rows(request.user), slug=slug)
    require(request.user, "training.read_draft", found)
    return found


def write(request: HttpRequest, slug: str) -> HttpResponse:
    """The text, both languages side by side. Two who write at once both see both texts; who comes late loses nothing."""
    module = _draft(request, slug)
    closed = services.why_closed(module, request.user)
    if closed and request.method != "POST":
        messages.info(request, closed)
        return redirect(module)
    form_class = ModuleForm if request.user.has_perm("training.agree_with_partner", module) else TextForm
    form = form_class(chosen(request.POST) if request.method == "POST" else None, instance=module)
    if form.is_valid():
        fields = dict(form.cleaned_data)
        try:
            services.keep_module(module, seen=fields.pop("version"), by=request.user, **fields)
            messages.success(request, _("Saved."))
            return redirect("training:module_write", slug)
        except Conflict as conflict:
            return conflict_page(request, form, form_class(instance=conflict.current), cancel_url=request.path)
        except TransitionRefused as refused:
            form.add_error(None, str(refused))
    context = head(module, request.user, "write") | {"form": form, "due_words": due_in_words(module)}
    return show(request, "training/modules/write.html", context)


def competencies(request: HttpRequest, slug: str) -> HttpResponse:
    """What the module builds, and to which level. Of a large standard one chooses a domain or looks for words."""
    module = _draft(request, slug)
    built = selectors.built_by(module)
    asked = _asked(request)
    form = CompetenciesForm(
        request.POST if request.method == "POST" else None,
        texts=[one.text for one in built] + list(asked["page"].object_list),
        levels={one.text.competency_id: one.level for one in built},
    )
    if form.is_valid() and attempt(
        request, lambda: services.keep_competencies(module, by=request.user, changes=form.changes()), _("Saved.")
    ):
        return redirect(request.get_full_path())
    context = head(module, request.user, "competencies") | asked
    context |= {
        "form": form,
        "lines": _lines(form, built, asked["page"].object_list),
        "built": built,
        "closed": services.why_closed(module, request.user),
    }
    return show(request, "training/modules/competencies.html", context)


def _asked(request: HttpRequest) -> dict[str, Any]:
    """What the address asks for: words, a domain, a page of competencies."""
    words, domain = request.GET.get("q", "").replace("\x00", " ").strip(), number(request.GET.get("domain", ""))
    domains = choosing.domains()
    texts: Any = choosing.found(words=words, domain=domain, choices=domains)
    page = page_of(request, texts, choosing.PAGE)
    return {
        "page": page,
        "domains": domains,
        "domain": domain,
        "words": words,
        "is_narrowed": bool(words or domain),
        "params": request.GET,
    }


def _lines(form: CompetenciesForm, built: list[selectors.Built], page: Any) -> dict[str, list[tuple[Any, Any]]]:
    """The fields in two lists: what the module builds already, and what else is on the page."""
    fields = {text.competency_id: (text, field) for text, field in form.lines()}
    own = {one.text.competency_id: one for one in built}
    return {
        "own": [(one, fields[pk][1]) for pk, one in own.items()],
        "others": [fields[text.competency_id] for text in page if text.competency_id not in own],
    }


def materials(request: HttpRequest, slug: str) -> HttpResponse:
    """Files and links of the module, and a form to add to them."""
    module = _draft(request, slug)
    is_post = request.method == "POST"
    form = MaterialForm(request.POST if is_post else None, request.FILES if is_post else None)
    closed = services.why_closed(module, request.user)
    if form.is_valid():
        data = form.cleaned_data
        done = _("“%(title)s” is added.") % {"title": data["title_en"] or data["title_fr"]}
        if attempt(request, lambda: services.add_material(module, by=request.user, **data), done):
            return redirect("training:module_materials", slug)
    context = head(module, request.user, "materials") | {
        "materials": list(module.materials.all()),
        "form": form if not closed or is_post else None,
        "closed": closed,
    }
    return show(request, "training/modules/materials.html", context)


@require_POST
def material_remove(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    module = _draft(request, slug)
    found = module.materials.filter(pk=pk).first()
    done = _("It is removed.")
    if found is None:  # a second click, or the other tab
        messages.info(request, done)
    else:
        attempt(request, lambda: services.remove_material(found, by=request.user), done)
    return redirect("training:module_materials", slug)
