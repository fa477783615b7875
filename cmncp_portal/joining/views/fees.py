"""The table of fees, kept by coordinators: a new one holds from its day, the old ones stay."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from cmncp_portal.core.screens import require, show
from cmncp_portal.core.workflow import TransitionRefused

from ..forms.fees import LineFormSet, TableForm, tiers
from ..selectors.fees import all_tables
from ..services.fees import set_table


@require_http_methods(["GET", "HEAD", "POST"])
def fees(request: HttpRequest) -> HttpResponse:
    require(request.user, "joining.keep_fees")
    sent = request.POST if request.method == "POST" else None
    form, lines = TableForm(sent), LineFormSet(sent, prefix="line")
    if sent is not None and form.is_valid() & lines.is_valid():
        try:
            set_table(**form.cleaned_data, tiers=tiers(lines), by=request.user)
        except TransitionRefused as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, _("The table is saved."))
            return redirect("joining:fees")
    return show(request, "joining/fees.html", {"form": form, "lines": lines, "tables": all_tables()})
