"""A brief in other formats: the files that are offered, and asking for one that is not."""

import logging
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.cache import get_conditional_response, patch_cache_control
from django.utils.http import quote_etag
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from cmncp_portal.core.dates import day_in_words
from cmncp_portal.core.files import sent
from cmncp_portal.core.screens import attempt, show
from cmncp_portal.core.text import active_language

from ..forms.formats import FormatForm
from ..models import ActionBrief, Edition, Format, MadeFile
from ..services import formats
from .common import language_or_404

log = logging.getLogger(__name__)

TYPES = {
    Format.PDF: "application/pdf",
    Format.LARGE: "application/pdf",
    Format.DOCX: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    Format.EPUB: "application/epub+zip",
    Format.TEXT: "text/plain; charset=utf-8",
}
LARGE = {"en": "large-print", "fr": "gros-caracteres"}
SECONDS = 300  # within which a revised text may still come as it was


@login_not_required
@require_safe
def download(request: HttpRequest, slug: str, language: str, format: str) -> HttpResponse:
    """A file of what readers have, made now when the worker has not yet."""
    if format not in Format.values:
        raise Http404
    editions = Edition.objects.filter(language=language_or_404(language), brief__in=ActionBrief.objects.public())
    whole = editions.select_related("brief__series", "brief__replaced_by").defer("search_en", "search_fr")
    edition = get_object_or_404(whole, brief__slug=slug)
    if not formats.has_files(edition):
        raise Http404
    try:
        made = formats.file_of(edition, format)
    except formats.NoFile as problem:
        log.error("%s of edition %s: %s", format, edition.pk, problem)
        messages.error(request, _("This file could not be made. Tell us what you need, and we send it to you."))
        return redirect("knowledge:other_format", slug)
    return _answer(request, made, edition)


def _answer(request: HttpRequest, made: MadeFile, edition: Edition) -> HttpResponse:
    """The file itself, or that the reader has it already."""
    etag = quote_etag(made.digest)
    response: Any = get_conditional_response(request, etag=etag)
    if response is None:
        response = sent(made.file, _filename(made, edition))
        response["Content-Type"] = TYPES[Format(made.format)]
    response["ETag"] = etag
    patch_cache_control(response, public=True, max_age=SECONDS)
    return response


def _filename(made: MadeFile, edition: Edition) -> str:
    parts = [edition.brief.slug, edition.language]
    if made.format == Format.LARGE:
        parts.append(LARGE[edition.language])
    return f"{'-'.join(parts)}.{'pdf' if made.format == Format.LARGE else made.format}"


@login_not_required
@never_cache
def other_format(request: HttpRequest, slug: str) -> HttpResponse:
    """Take what somebody needs, with or without an account. A machine gets the same answer, and nothing is written."""
    rows = ActionBrief.objects.public().select_related("series").prefetch_related("editions")
    brief: Any = get_object_or_404(rows, slug=slug)
    user: Any = request.user
    known = {"name": user.name, "email": user.email} if user.is_authenticated else {}
    form = FormatForm(request.POST if request.method == "POST" else None, initial=known)
    if (
        request.method == "POST"
        and (form.is_machine or form.is_valid())
        and attempt(request, lambda: _ask(brief, form))
    ):
        messages.success(request, _("Thank you. You hear from us by %(day)s.") % {"day": _promised()})
        return redirect(brief)
    return show(request, "knowledge/other_format.html", _about(brief) | {"form": form})


def _ask(brief: ActionBrief, form: FormatForm) -> None:
    if not form.is_machine:
        said = {name: form.cleaned_data[name] for name in ("wanted", "name", "email")}
        formats.ask_format(brief, language=active_language(), **said)


def _promised() -> str:
    return day_in_words(formats.promised_on())


def _about(brief: ActionBrief) -> dict[str, Any]:
    edition = brief.published_edition()
    return {
        "brief": brief,
        "edition": edition,
        "brief_title": edition.published["title"] if edition else brief.title,
        "files": Format.choices if edition and formats.has_files(edition) else [],
        "day": _promised(),
        "cancel_url": brief.get_absolute_url(),
    }
