"""What the views of reports share."""

from typing import Any

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_http_methods

from ..models import Report, Snapshot
from ..selectors.reports import for_page
from ..selectors.snapshots import snapshots_of

WRITING = require_http_methods(["GET", "HEAD", "POST"])


def report_or_404(request: HttpRequest, pk: int) -> Report:
    """Return the report, with its snapshots in short, if this person may read reports."""
    found: Report = get_object_or_404(for_page(request.user), pk=pk)
    return found


def snapshot_or_404(request: HttpRequest, pk: int, number: int) -> Snapshot:
    """Return the frozen report, if this person may read reports."""
    found: Snapshot = get_object_or_404(snapshots_of(request.user), report=pk, number=number)
    return found


def may_make(request: HttpRequest) -> Any:
    return request.user.has_perm("reporting.make_reports")
