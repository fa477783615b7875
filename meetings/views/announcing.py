"""Announcing a meeting: who will be told what, before it is said; then how far the letters are, and inviting more people."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache

from cmncp_portal.core.screens import absolute, attempt, number, require, show

from .. import notifications as kinds
from .. import services
from ..forms.registering import InviteForm, InviteRows, invitees_by_name
from ..models import Invitee, Meeting
from ..selectors.mailings import mailings_of
from ..selectors.people import not_yet_told, people_of, recipients, undeliverable_at
from ..services.announcing import as_invitees
from ..workflow import ANNOUNCE_GUARDS, missing
from .common import head, meeting_or_404

SOMEBODY = {"en": "First name Last name", "fr": "Prénom Nom"}
A_LINK = {"en": "personal-link", "fr": "lien-personnel"}


@never_cache
def announce(request: HttpRequest, slug: str) -> HttpResponse:
    """Before: who is told, the letter, what is missing, one button. After: inviting more people."""
    meeting = meeting_or_404(request, slug, "agenda__speakers")
    require(request.user, "meetings.organise", meeting)
    if request.method == "POST" and "step" not in request.POST:
        return _announce(request, meeting)
    if meeting.state == Meeting.State.ANNOUNCED:
        return _invite_more(request, meeting)
    if meeting.published_at:
        return redirect("meetings:letters", slug)
    context = head(meeting, request.user) | {
        "here": "prepare",
        "recipients": recipients(services.audience_of(meeting)),
        "letters": _letters(meeting),
        "missing": missing(meeting, ANNOUNCE_GUARDS),
        "is_ready": meeting.state == Meeting.State.SCHEDULED,
    }
    return render(request, "meetings/announce.html", context)


def _announce(request: HttpRequest, meeting: Meeting) -> HttpResponse:
    seen = number(request.POST.get("version", ""))
    done = _("The meeting is announced. The letters are being written; this page says how far they are.")
    was_done = attempt(request, lambda: services.announce(meeting, by=request.user, seen=seen), done)
    is_told = was_done or meeting.published_at
    return redirect("meetings:letters" if is_told else "meetings:announce", meeting.slug)


def _letters(meeting: Meeting) -> list[tuple[str, Any]]:
    """The invitation as it would be sent now; in place of the personal address, words that say so."""
    url = {}
    for code, word in A_LINK.items():
        with translation.override(code):
            url[code] = absolute(reverse("meetings:invitation", args=[word]))
    return kinds.preview(kinds.INVITATION, meeting, name=SOMEBODY, url=url)


def _invite_more(request: HttpRequest, meeting: Meeting) -> HttpResponse:
    """Choose people, see how many they are, send. Nothing is sent before the number was on the page."""
    data = request.POST if request.method == "POST" else None
    form, rows = InviteForm(data), InviteRows(data, prefix="person")
    people: list[Invitee] | None = None
    if request.method == "POST" and all([form.is_valid(), rows.is_valid()]):
        people = _chosen(form, rows, meeting)
        if people and request.POST["step"] == "send" and _invite(request, meeting, people):
            return redirect("meetings:letters", meeting.slug)
    context = head(meeting, request.user) | {
        "here": "letters",
        "form": form,
        "rows": rows,
        "recipients": recipients(people) if people is not None else None,
        "letters": _letters(meeting),
    }
    return show(request, "meetings/invite.html", context, status=422 if form.errors or any(rows.errors) else 200)


def _chosen(form: InviteForm, rows: Any, meeting: Meeting) -> list[Invitee]:
    """Those who were chosen and do not know of the meeting yet; a name that was typed goes before what the list says."""
    data = form.cleaned_data
    listed = people_of(data["municipalities"], with_partners=data["partners"]) if data["municipalities"] else []
    return not_yet_told(meeting, [*as_invitees(meeting, listed), *invitees_by_name(rows, meeting)])


def _invite(request: HttpRequest, meeting: Meeting, people: list[Invitee]) -> bool:
    done = ngettext("One person is invited.", "%(number)s people are invited.", len(people)) % {"number": len(people)}
    return attempt(request, lambda: services.invite(meeting, people=people, by=request.user), done)


@never_cache
def letters(request: HttpRequest, slug: str) -> HttpResponse:
    """How far the letters to many people are; the part with the numbers comes alone when the page asks again."""
    meeting = meeting_or_404(request, slug)
    require(request.user, "meetings.organise", meeting)
    told = mailings_of(meeting)
    context = {"meeting": meeting, "mailings": told, "is_running": any(one.is_running for one in told)}
    if request.htmx and not request.htmx.history_restore_request:  # type: ignore[attr-defined]
        return render(request, "meetings/parts/mailings.html", context)
    context |= head(meeting, request.user) | {
        "here": "letters",
        "undeliverable": undeliverable_at(meeting),
        "may_read_outbox": request.user.has_perm("notifications.read_outbox"),
    }
    return render(request, "meetings/letters.html", context)
