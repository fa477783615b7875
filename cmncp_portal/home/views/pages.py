"""Standing pages: accessibility, privacy, terms; and the gallery of components for whoever builds pages."""

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from cmncp_portal.core.text import active_language

from ..gallery import sample
from ..texts import text_page


@login_not_required
@require_safe
def accessibility(request: HttpRequest) -> HttpResponse:
    return _text(request, "accessibility", _("Accessibility"))


@login_not_required
@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    return _text(request, "privacy", _("Privacy"))


@login_not_required
@require_safe
def terms(request: HttpRequest) -> HttpResponse:
    return _text(request, "terms", _("Terms of use"))


def _text(request: HttpRequest, name: str, title: str) -> HttpResponse:
    return render(request, "home/text.html", {"title": title, "text": text_page(name, active_language())})


@require_safe
def gallery(request: HttpRequest) -> HttpResponse:
    if not request.user.is_staff:
        raise PermissionDenied
    return render(request, "home/gallery.html", sample(request))
