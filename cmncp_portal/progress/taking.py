"""Taking something home: the page on which a municipality makes a commitment of an idea, a step, an action item or a goal."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from cmncp_portal.core.screens import require, show
from cmncp_portal.core.text import active_language, pick
from cmncp_portal.core.workflow import TransitionRefused
from cmncp_portal.network.models import Municipality

from .forms.commitments import CommitmentForm
from .models import Commitment, StrategyCheck
from .services.commitments import PERMISSION, Source, TakenAlready, make, taken


def take_home(
    request: HttpRequest,
    *,
    place: Municipality,
    source: Source | None,
    text: str,
    language: str,
    back: str,
    due_on: date | None = None,
    check_item: StrategyCheck | None = None,
) -> HttpResponse:
    """Answer with the page on which `place` makes a commitment of `source`: GET shows it, POST makes it.

    `text` (in `language`), `due_on` and `check_item` are what the form begins with; `back` is where one goes without saving.
    The second time leads to the commitment that stands. The caller has asked whether this person may read the source; whether
    they may keep commitments of `place` is asked here. Raises PermissionDenied.
    """
    require(request.user, PERMISSION, place)
    if source and (before := taken(place, source)):
        return _to_the_first(request, before)
    begin = {"text": text[:300], "due_on": due_on, "check_item": check_item}
    form = CommitmentForm(request.POST or None, place=place, initial=begin)
    if request.method == "POST" and form.is_valid() and (done := _made(request, place, source, text, language, form)):
        return done
    context = {
        "place": place,
        "source": source,
        "form": form,
        "cancel_url": back,
        "title": pick(*source.title) if source else "",
    }
    return show(request, "progress/commitment_take.html", context)


def _to_the_first(request: HttpRequest, commitment: Commitment) -> HttpResponse:
    messages.info(request, str(TakenAlready(commitment)))
    return redirect(commitment)


def _made(
    request: HttpRequest, place: Municipality, source: Source | None, text: str, language: str, form: CommitmentForm
) -> HttpResponse | None:
    """Make it and answer; None when it was refused and the form is to be shown again."""
    user: Any = request.user
    # Whoever words it anew does so in the language of the page.
    said_in = language if form.cleaned_data["text"] == text else active_language()
    try:
        made = make(place, by=user, by_name=str(user), language=said_in, source=source, **form.written)
    except TakenAlready as already:
        return _to_the_first(request, already.commitment)
    except TransitionRefused as refused:
        messages.error(request, str(refused))
        return None
    messages.success(request, _("It is among the commitments of your municipality now."))
    return redirect(made)
