"""Frozen reports: freezing, the page, the files, and the link for those without an account."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from cmncp_portal.core.files import sent
from cmncp_portal.core.screens import absolute, attempt, private, require, show
from cmncp_portal.core.text import active_language
from cmncp_portal.core.workflow import TransitionRefused

from ..forms import FreezeForm
from ..models import Snapshot, SnapshotFile
from ..selectors import reports as rows
from ..selectors import snapshots as frozen
from ..services import files, freezing
from ..services.content import frozen_in_words, line_of
from .common import WRITING, may_make, report_or_404, snapshot_or_404


@never_cache
@WRITING
def freeze(request: HttpRequest, pk: int) -> HttpResponse:
    """What is missing, and the button that freezes. What only might be missed does not keep anybody from it."""
    found = report_or_404(request, pk)
    require(request.user, "reporting.make_reports")
    form = FreezeForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        return _freeze(request, found, form.cleaned_data)
    standing = rows.standing_of(found)
    refusal = rows.why_not_frozen(found, standing)
    context = {
        "report": found,
        "form": form,
        "checks": rows.checks(found, rows.narratives_of(found), standing, may_make=True),
        "reason": refusal[0] if refusal else "",
        "cancel_url": reverse("reporting:report", args=[pk]),
    }
    return show(request, "reporting/freeze.html", context)


def _freeze(request: HttpRequest, report: Any, notes: dict[str, str]) -> HttpResponse:
    try:
        made = freezing.freeze(report, by=request.user, **notes)
    except freezing.FrozenAlready as already:
        messages.info(request, str(already))
        return redirect(already.snapshot)
    except TransitionRefused as refused:
        messages.error(request, str(refused))
        return redirect("reporting:freeze", report.pk)
    messages.success(request, _("The report is frozen. Its files are being made."))
    return redirect(made)


@never_cache
@require_safe
def snapshot(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """The report as it was frozen. While files are made, the part about them comes alone when the page asks again."""
    found = snapshot_or_404(request, pk, number)
    made = frozen.files_of(found)
    context = {
        "report": found.report,
        "snapshot": found,
        "files": made,
        "progress": frozen.progress_of(found, made),
        "may_make": may_make(request),
    }
    if request.htmx and not request.htmx.history_restore_request:  # type: ignore[attr-defined]
        return render(request, "reporting/parts/files.html", context)
    context |= _told(found) | {"shared_url": absolute(reverse("reporting:shared", args=[found.token]))}
    return render(request, "reporting/snapshot.html", context)


def _told(found: Snapshot) -> dict[str, Any]:
    """What the page says, for those with an account and without."""
    language = active_language()
    return {
        "title": frozen.title_of(found),
        "line": line_of(found, language),
        "about": frozen_in_words(found, language),
        "parts": frozen.parts_of(found),
        "hidden": frozen.hidden_of(found),
        "deleted": frozen.deleted_since(found),
    }


@private
@require_safe
def shared(request: HttpRequest, token: str) -> HttpResponse:
    """The same without an account, as long as it is shared: figures and texts, and no way behind them. ?file=fr.pdf is a file."""
    found = Snapshot.from_token(token)
    if found is None:
        raise Http404
    if "file" in request.GET:
        language, _dot, format = request.GET["file"].partition(".")
        return _sent(found, language, format)
    made = [file for file in frozen.files_of(found) if file.state == SnapshotFile.State.DONE]
    return render(request, "reporting/shared.html", {"snapshot": found, "files": made} | _told(found))


def _sent(snapshot: Snapshot, language: str, format: str) -> HttpResponse:
    ready = frozen.files_of(
        snapshot
    )  # compared here: what comes by ?file= may be anything, also what no database takes
    wanted = (language, format, SnapshotFile.State.DONE)
    found = next((file for file in ready if (file.language, file.format, file.state) == wanted), None)
    if found is None:
        raise Http404
    return sent(found.file, files.file_name(found, snapshot))  # type: ignore[return-value]


@never_cache
@require_safe
def file(request: HttpRequest, pk: int, number: int, language: str, format: str) -> HttpResponse:
    return _sent(snapshot_or_404(request, pk, number), language, format)


@require_POST
def again(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    found = snapshot_or_404(request, pk, number)
    require(request.user, "reporting.make_reports")
    attempt(request, lambda: files.try_again(found, by=request.user), _("The files are being made again."))
    return redirect(found)


@require_POST
def share(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    found = snapshot_or_404(request, pk, number)
    require(request.user, "reporting.make_reports")
    done = _("Whoever has the link reads this report now.")
    attempt(request, lambda: freezing.share(found, by=request.user), done)
    return redirect(found)


@require_POST
def unshare(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    found = snapshot_or_404(request, pk, number)
    require(request.user, "reporting.make_reports")
    attempt(request, lambda: freezing.unshare(found, by=request.user), _("The link does not work any more."))
    return redirect(found)
