"""Looking for a date: what is proposed, who is asked, who can when, and the date that is fixed."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cmncp_portal.core.screens import absolute, attempt, number, page_of, require, show

from .. import notifications as kinds
from .. import services
from ..forms.polling import ClosingForm, FixDateForm, PeopleForm, slot_rows
from ..models import Invitee, Meeting, PollAnswer
from ..selectors import poll as selectors
from ..selectors.preparation import preparation
from ..services.polling import OPEN, question_values
from .announcing import A_LINK, SOMEBODY
from .common import head, meeting_or_404

S = Meeting.State
ROWS = 100  # of the matrix on one page


def poll(request: HttpRequest, slug: str) -> HttpResponse:
    """Before: what will be asked of whom, and the letter. Afterwards: who can when."""
    meeting = meeting_or_404(request, slug, "slots")
    require(request.user, "meetings.see_preparation", meeting)
    if request.method == "POST":
        require(request.user, "meetings.organise", meeting)
        done = _("The question is on its way to everyone on the list.")
        attempt(request, lambda: services.ask_for_dates(meeting, by=request.user), done)
        return redirect("meetings:poll", slug)
    context = head(meeting, request.user) | {"here": "poll", "slots": meeting.slots.all()}
    if meeting.state == S.IDEA:
        return render(request, "meetings/poll.html", context | _before(meeting, request.user))
    return render(request, "meetings/poll.html", context | _answers(request, meeting))


def _before(meeting: Meeting, user: Any) -> dict[str, Any]:
    ready = preparation(meeting, user)
    return {
        "checks": ready.checks,
        "may_ask": ready.pages and not any(check.reason for check in ready.checks),
        "recipients": selectors.asked(meeting),
        "letters": _letters(meeting),
        "matrix": None,
    }


def _letters(meeting: Meeting) -> list[Any]:
    """The question as it would be sent now, in both languages; nothing before it can be written."""
    if not meeting.poll_closes_on or not meeting.slots.all():
        return []
    url = {}
    for code, word in A_LINK.items():
        with translation.override(code):
            url[code] = absolute(reverse("meetings:invitation", args=[word]))
    return kinds.preview(kinds.DATES_ASKED, meeting, name=SOMEBODY, url=url, **question_values(meeting))


def _answers(request: HttpRequest, meeting: Meeting) -> dict[str, Any]:
    may_read = request.user.has_perm("meetings.read_poll", meeting)
    matrix = selectors.poll_matrix(meeting) if may_read else None
    page = Paginator(matrix.rows if matrix else [], ROWS).get_page(request.GET.get("page"))
    return {"matrix": matrix, "page": page, "params": request.GET, "checks": [], "letters": [], "may_ask": False}


def slots(request: HttpRequest, slug: str) -> HttpResponse:
    """Three to ten dates, and the last day for answers."""
    meeting = meeting_or_404(request, slug, "slots")
    require(request.user, "meetings.organise", meeting)
    if meeting.state not in OPEN:
        return _not_now(request, meeting)
    data = request.POST if request.method == "POST" else None
    answered = PollAnswer.objects.filter(slot__meeting=meeting).exists()
    closing = ClosingForm(data, meeting=meeting, is_answered=answered)
    rows = slot_rows(meeting, data)
    if data is not None and closing.is_valid() & rows.is_valid():
        said = {"slots": rows.dates, "removed": rows.removed, **closing.cleaned_data}
        done = _("The dates are saved.")
        if attempt(request, lambda: services.keep_slots(meeting, by=request.user, **said), done):
            return redirect("meetings:poll", slug)
    context = {"form": closing, "rows": rows, "here": "poll", "cancel_url": reverse("meetings:poll", args=[slug])}
    return show(request, "meetings/slots.html", head(meeting, request.user) | context)


def _not_now(request: HttpRequest, meeting: Meeting) -> HttpResponse:
    words = _("The date is no longer looked for: the meeting is “%(state)s”.")
    messages.info(request, words % {"state": meeting.get_state_display()})
    return redirect("meetings:prepare", meeting.slug)


def people(request: HttpRequest, slug: str) -> HttpResponse:
    """Who is asked. Once the question is out, those added are shown with their letter before it leaves."""
    meeting = meeting_or_404(request, slug)
    require(request.user, "meetings.organise", meeting)
    if meeting.state not in OPEN:
        return _not_now(request, meeting)
    if "drop" in request.POST:
        return _drop(request, meeting)
    form = PeopleForm(request.POST if request.method == "POST" else None, meeting=meeting)
    if not form.is_valid():
        return _people_page(request, meeting, form)
    chosen = selectors.people_for(meeting, **form.cleaned_data)
    if not chosen:
        form.add_error(None, _("All of them are asked already, or have no address."))
    elif meeting.state == S.POLLING and "confirmed" not in request.POST:
        return _people_page(request, meeting, form, chosen)
    elif attempt(request, lambda: services.ask_people(meeting, people=chosen, by=request.user), _added(chosen)):
        return redirect("meetings:poll_people" if meeting.state == S.IDEA else "meetings:poll", slug)
    return _people_page(request, meeting, form)


def _added(chosen: list[Invitee]) -> str:
    count = len(chosen)
    return ngettext("One person is added.", "%(number)s people are added.", count) % {"number": count}


def _drop(request: HttpRequest, meeting: Meeting) -> HttpResponse:
    pk = number(request.POST.get("drop", ""))
    done = _("The person is off the list.")
    attempt(request, lambda: services.drop_people(meeting, people=[pk], by=request.user), done)
    return redirect("meetings:poll_people", meeting.slug)


def _people_page(
    request: HttpRequest, meeting: Meeting, form: PeopleForm, chosen: list[Invitee] | None = None
) -> HttpResponse:
    asked = meeting.invitees.filter(is_asked_for_dates=True).select_related("municipality")
    context = head(meeting, request.user) | {
        "form": form,
        "here": "poll",
        "page": page_of(request, asked),
        "params": request.GET,
        "chosen": chosen,
        "recipients": selectors.told(person.language for person in chosen or []),
        "letters": _letters(meeting) if chosen else [],
    }
    return show(request, "meetings/poll_people.html", context, status=200 if chosen else 422)


def fix(request: HttpRequest, slug: str) -> HttpResponse:
    """Choose one of the dates, or another one; those who were asked are told."""
    meeting = meeting_or_404(request, slug)
    require(request.user, "meetings.organise", meeting)
    if meeting.state not in OPEN:
        return _not_now(request, meeting)
    matrix = selectors.poll_matrix(meeting)
    data = request.POST if request.method == "POST" else None
    form = FixDateForm(data, meeting=meeting, matrix=matrix)
    if form.is_valid() and attempt(
        request,
        lambda: services.fix_date(meeting, by=request.user, **form.wanted()),
        _("The date is fixed."),
    ):
        return redirect("meetings:prepare", slug)
    context = {
        "form": form,
        "matrix": matrix,
        "recipients": matrix.recipients,
        "here": "poll",
        "cancel_url": reverse("meetings:poll" if matrix.columns else "meetings:prepare", args=[slug]),
    }
    return show(request, "meetings/fix_date.html", head(meeting, request.user) | context)
