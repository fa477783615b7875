"""What anybody sees: what membership is, what it costs, the text of a resolution, and four fields."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from cmncp_portal.core.files import made
from cmncp_portal.core.pandoc import PandocFailed
from cmncp_portal.core.screens import private, show
from cmncp_portal.core.text import active_language

from .. import resolution as paper
from ..forms.public import CostForm, InterestForm, LostLinkForm
from ..selectors import fees
from ..services import interests

WRITING = require_http_methods(["GET", "HEAD", "POST"])
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@login_not_required
@WRITING
def join(request: HttpRequest) -> HttpResponse:
    """The page about joining. A machine gets the same answer as a person, and nothing is written."""
    form = InterestForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and (form.is_machine or form.is_valid()):
        if not form.is_machine:
            said = {name: value for name, value in form.cleaned_data.items() if name != "website"}
            interests.express(**said, language=active_language())
        return redirect("joining:sent")
    return show(request, "joining/join.html", {"form": form} | _fees(request))


def _fees(request: HttpRequest) -> dict[str, Any]:
    """The table in force, and what it asks of a community of ?population= people."""
    asked = "population" in request.GET
    form = CostForm(request.GET if asked else None, auto_id="cost_%s")
    tiers = fees.in_force()
    costs = fees.costs(tiers, form.cleaned_data["population"]) if asked and form.is_valid() else None
    return {"tables": fees.tables(tiers), "cost_form": form, "costs": costs}


@login_not_required
@require_safe
def resolution(request: HttpRequest) -> HttpResponse:
    """A text for the decision, in both languages: to print, or as a Word file (?format=docx)."""
    context = {"texts": paper.texts(), "cannot_make": False}
    if request.GET.get("format") == "docx":
        try:
            return made(paper.as_docx(), DOCX, "resolution.docx")
        except PandocFailed:
            return render(request, "joining/resolution.html", context | {"cannot_make": True}, status=503)
    return render(request, "joining/resolution.html", context)


@private
@require_safe
def sent(request: HttpRequest) -> HttpResponse:
    """The same page for everybody, whether an address was known or not."""
    return render(request, "joining/sent.html")


@private
@WRITING
def lost_link(request: HttpRequest) -> HttpResponse:
    """Somebody lost the letter. The answer is the same whether we know the address or not."""
    form = LostLinkForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and (form.is_machine or form.is_valid()):
        if not form.is_machine:
            interests.send_links(form.cleaned_data["email"])
        done = _(
            "If this address is known here, the link to your page is on its way again. Look into your mailbox in a few minutes."
        )
        messages.success(request, done)
        return redirect("joining:lost_link")
    return show(request, "joining/lost_link.html", {"form": form})
