"""The texts of a brief: writing with a preview, translating side by side, versions, and a Word document as a beginning."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from cmncp_portal.core.conflicts import chosen, conflict_page
from cmncp_portal.core.editing import Conflict
from cmncp_portal.core.screens import attempt, number, page_of, require, show
from cmncp_portal.core.text import other
from cmncp_portal.core.workflow import TransitionRefused

from ..forms.texts import TextForm, TranslationForm, WordForm
from ..models import ActionBrief, Edition
from ..selectors import texts as selectors
from ..selectors.desk import head
from ..services import texts as services
from ..services.word import import_word
from .common import desk_brief_or_404, language_or_404


def _edition(brief: ActionBrief, language: str) -> Edition:
    """The edition in `language`; an empty one that nobody saved yet where there is none."""
    found = brief.by_language.get(language) or Edition(brief=brief, language=language)
    found.brief = brief
    return found


def _to_write(request: HttpRequest, slug: str) -> ActionBrief:
    brief = desk_brief_or_404(request, slug)
    require(request.user, "knowledge.write_brief", brief)
    return brief


def _is_autosave(request: HttpRequest) -> bool:
    return request.headers.get("X-Autosave") == "1" or request.POST.get("autosave") == "1"


def _head(request: HttpRequest, brief: ActionBrief, here: str, language: str) -> dict[str, Any]:
    """What the pages about the text in `language` have in common."""
    found = head(brief, request.user, here)
    own = next(each for each in found["texts"] if each.language == language)
    return found | {"text": own, "edition": _edition(brief, language), "language": language}


# ---- writing ------------------------------------------------------------------------------------


def text(request: HttpRequest, slug: str, language: str) -> HttpResponse:
    """The five texts in one language. A draft saves itself; two who write at once both see both texts."""
    brief = _to_write(request, slug)
    edition = _edition(brief, language_or_404(language))
    form = TextForm(chosen(request.POST) if request.method == "POST" else None, instance=edition)
    goes_on = "back" in request.POST  # comes from the preview: nothing is saved, what was typed is there again
    if not goes_on and _is_to_keep(request, form) and (answer := _keep(request, brief, form)):
        return answer
    context = _head(request, brief, f"text_{language}", language) | {
        "form": form,
        "sections": selectors.rendered(form.texts() if form.is_bound else edition.texts),
        "is_translation": language != brief.source_language,
    }
    return show(request, "knowledge/desk/text.html", context, status=200 if goes_on else 422)


def _is_to_keep(request: HttpRequest, form: TextForm) -> bool:
    return form.is_valid() or form.is_bound and _is_autosave(request) and "version" in form.cleaned_data


def _keep(request: HttpRequest, brief: ActionBrief, form: TextForm) -> HttpResponse | None:
    """Save what was typed and answer; None when the brief is closed, which the form says then."""
    seen, language = form.cleaned_data["version"], form.instance.language
    try:
        edition = services.keep_text(brief, language, seen=seen, by=request.user, **form.texts())
    except Conflict as conflict:
        if _is_autosave(request):
            return JsonResponse({"saved": False}, status=409)
        return conflict_page(request, form, form.again(conflict.current), cancel_url=request.path)  # type: ignore[arg-type]
    except TransitionRefused as refused:
        form.add_error(None, str(refused))
        return JsonResponse({"saved": False}, status=409) if _is_autosave(request) else None
    if _is_autosave(request):
        # What is too long stays on the page and is said to be unsaved.
        return JsonResponse({"saved": not form.errors, "version": edition.version, "left_out": sorted(form.errors)})
    if "final" in request.POST:
        _say_final(request, brief, language, edition.version, form.cleaned_data.get("source_version"))
    else:
        messages.success(request, _("The text is saved.") if edition.version != seen else _("Nothing has changed."))
    return redirect(request.path)


def _say_final(request: HttpRequest, brief: ActionBrief, language: str, seen: int, source_seen: int | None) -> bool:
    return attempt(
        request,
        lambda: services.mark_ready(brief, language, by=request.user, seen=seen, source_seen=source_seen),
        _("The text is saved and final. It is a draft again as soon as somebody changes it."),
    )


def preview(request: HttpRequest, slug: str, language: str) -> HttpResponse:
    """The text as readers would see it: what is saved, or (posted) what is being typed."""
    brief = desk_brief_or_404(request, slug)
    require(request.user, "knowledge.see_desk")
    edition = _edition(brief, language_or_404(language))
    form = TextForm(request.POST if request.method == "POST" else None, instance=edition)
    form.is_valid()
    texts = form.texts() if form.is_bound else edition.texts
    context = _head(request, brief, f"text_{language}", language) | {
        "form": form,
        "sections": selectors.rendered(texts),
        "title_shown": texts["title"],
        "source_version": brief.source.version if brief.source else 0,
    }
    in_place = request.htmx and form.is_bound  # type: ignore[attr-defined]
    template = "knowledge/desk/parts/text_shown.html" if in_place else "knowledge/desk/preview.html"
    answer = render(request, template, context)
    patch_vary_headers(answer, ["HX-Request"])
    return answer


@require_POST
def ready(request: HttpRequest, slug: str, language: str) -> HttpResponse:
    """Say that the saved text is final. The page posts the versions that were read, of it and of the original."""
    brief = _to_write(request, slug)
    seen, source_seen = (number(request.POST.get(name, "")) for name in ("version", "source_version"))
    _say_final(request, brief, language_or_404(language), seen, source_seen)
    return redirect("knowledge:text", slug, language)


# ---- translating --------------------------------------------------------------------------------


def translation(request: HttpRequest, slug: str) -> HttpResponse:
    """The original with what is new in it, and its translation beside it."""
    brief = _to_write(request, slug)
    language = other(brief.source_language)
    edition, source = _edition(brief, language), brief.source
    data = chosen(request.POST) if request.method == "POST" else None
    form = TranslationForm(data, instance=edition, source_version=source.version if source else 1)
    if source and _is_to_keep(request, form) and (answer := _keep(request, brief, form)):
        return answer
    changes = selectors.source_changes(brief, edition)
    context = _head(request, brief, "translation", language) | {
        "form": form,
        "pairs": [(change, form[change.name]) for change in changes],
        "source": source,
        "is_changed": any(change.is_changed for change in changes),
    }
    return show(request, "knowledge/desk/translation.html", context)


# ---- versions -----------------------------------------------------------------------------------


def versions(request: HttpRequest, slug: str, language: str) -> HttpResponse:
    """Who saved what when; ?from= and ?to= show the differences of any two. An old one may be put back."""
    brief = desk_brief_or_404(request, slug)
    require(request.user, "knowledge.see_desk")
    edition = _edition(brief, language_or_404(language))
    if request.method == "POST":
        return _restore(request, edition)
    page = page_of(request, selectors.versions_of(edition))
    context = _head(request, brief, "versions", language) | {
        "page": page,
        "rows": selectors.with_changes(edition, list(page.object_list)),
        "params": request.GET,
        "compared": _compared(request, edition),
    }
    return show(request, "knowledge/desk/versions.html", context)


def _compared(request: HttpRequest, edition: Edition) -> dict[str, Any] | None:
    """The two versions that the address asks for, the older one first."""
    if "to" not in request.GET or edition.pk is None:
        return None
    first, last = sorted(number(request.GET.get(name, "")) for name in ("from", "to"))
    texts = selectors.texts_of(edition, first, last)
    found = selectors.compared(texts[first], texts[last]) if {first, last} <= texts.keys() else None
    return {"first": first, "last": last, "differences": found and [each for each in found if each.is_changed]}


def _restore(request: HttpRequest, edition: Edition) -> HttpResponse:
    require(request.user, "knowledge.write_brief", edition.brief)
    wanted, seen = number(request.POST.get("version", "")), number(request.POST.get("seen", ""))
    try:
        changed: list[bool] = []
        if attempt(
            request,
            lambda: changed.append(services.restore(edition, version=wanted, seen=seen, by=request.user)),
        ):
            words = _("The text of version %(number)s stands again, as a new version.") % {"number": wanted}
            messages.success(request, words if changed[0] else _("Nothing has changed."))
            return redirect("knowledge:text", edition.brief.slug, edition.language)
    except Conflict:
        messages.error(request, _("Somebody saved the text meanwhile. Please look at the newest version first."))
    return redirect(request.path)


# ---- a Word document ----------------------------------------------------------------------------


def word_import(request: HttpRequest) -> HttpResponse:
    """A Word document becomes a new brief that only the desk sees; what did not come along is said."""
    require(request.user, "knowledge.write")
    posted = request.method == "POST"
    form = WordForm(request.POST if posted else None, request.FILES if posted else None)
    if form.is_valid() and (brief := _imported(request, form)):
        return redirect("knowledge:text", brief.slug, brief.source_language)
    return show(request, "knowledge/desk/word_import.html", {"form": form, "cancel_url": reverse("knowledge:desk")})


def _imported(request: HttpRequest, form: WordForm) -> ActionBrief | None:
    file, language = form.cleaned_data["file"], form.cleaned_data["language"]
    try:
        brief, left_out = import_word(data=file.read(), filename=file.name, language=language, by=request.user)
    except ValidationError as problem:
        form.add_error("file", problem)
        return None
    messages.success(request, _("The document is a brief now. Please read it over: nothing but its words was taken."))
    for sentence in left_out:
        messages.info(request, sentence)
    return brief
