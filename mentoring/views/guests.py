"""The personal page of somebody who takes part without an account. Opening it changes nothing; each act is a POST.

The address is the key: it is kept out of search engines and of the Referer header.
"""

import re
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from cmncp_portal.core.screens import private

from ..forms.agreements import LostLinkForm
from ..models import Participant
from ..services import people as persons
from . import agreements, answering, working
from .doors import Door, guest_door

Page = Callable[..., HttpResponse]


@private
@require_safe
def page(request: HttpRequest, token: str) -> HttpResponse:
    return agreements.agreement_page(request, guest_door(token, whole=True))


@private
@require_safe
def document(request: HttpRequest, token: str, pk: int) -> HttpResponse:
    return working.document_page(guest_door(token), pk)


# The pages behind a personal link: pattern of the word in the address, page, whether it only answers POST.
PAGES: tuple[tuple[str, Page, bool], ...] = (
    (r"answer", answering.answer_page, False),
    (r"people", agreements.people_page, False),
    (r"person-(?P<pk>\d{1,9})-(?P<name>lead|leave)", agreements.person_act_page, True),
    (r"goals", working.goals_page, False),
    (r"goal-(?P<pk>\d{1,9})-(?P<name>\w+)", working.goal_act_page, False),
    (r"session", lambda request, door: working.session_page(request, door, None), False),
    (r"session-(?P<pk>\d{1,9})", working.session_page, False),
    (r"next", working.next_session_page, False),
    (r"calendar", lambda _request, door: working.calendar_page(door), False),
    (r"documents", working.documents_page, False),
    (r"document-remove-(?P<pk>\d{1,9})", working.document_remove_page, True),
    (r"hand-over", agreements.hand_over_page, False),
    (r"not-me", lambda request, door: _not_me(request, door), True),
)


@private
def act(request: HttpRequest, token: str, name: str) -> HttpResponse:
    """One of the pages of an agreement, or an act, behind the personal link."""
    for pattern, view, is_act in PAGES:
        if match := re.fullmatch(pattern, name, re.ASCII):
            if request.method == "POST" and name == "not-me" and Participant.from_token(token) is None:
                return render(request, "mentoring/guests/gone.html")  # a second click: the link opens nothing any more
            door = guest_door(token)
            if is_act and request.method != "POST":
                return HttpResponseNotAllowed(["POST"])
            found: dict[str, Any] = match.groupdict()
            return view(request, door, **{key: int(value) if key == "pk" else value for key, value in found.items()})
    raise Http404


def _not_me(request: HttpRequest, door: Door) -> HttpResponse:
    persons.not_me(door.by)  # type: ignore[arg-type]
    return render(request, "mentoring/guests/gone.html")


@private
def lost_link(request: HttpRequest) -> HttpResponse:
    """Somebody lost the letter. The answer is the same whether we know the address or not."""
    form = LostLinkForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        persons.send_links_again(form.cleaned_data["email"])
        done = _(
            "If this address takes part in a mentoring, the personal link is on its way again. Look into your mailbox in a few minutes."
        )
        messages.success(request, done)
        return redirect("mentoring:lost_link")
    return render(request, "mentoring/guests/lost_link.html", {"form": form}, status=422 if form.errors else 200)
