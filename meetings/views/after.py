"""During the meeting and after it: who came, what was shown, and what it was worth. Notes and actions are in `notes`."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.core.paginator import Page, Paginator
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from cmncp_portal.core.files import sent
from cmncp_portal.core.screens import attempt, number, require, show
from cmncp_portal.evaluation import results as answers
from cmncp_portal.evaluation.models import Invitation, Survey

from .. import services
from ..forms.attending import AttendanceForm, MaterialForm, PeopleFilter, WalkInForm, posted_places
from ..models import AgendaItem, Material, Meeting, Registration
from ..selectors import outcome
from ..selectors.page import materials_of
from ..services.attending import why_no_attendance
from .common import head, meeting_or_404
from .notes import action, action_move, notes, publish

__all__ = [
    "action", "action_move", "attendance", "counts", "material", "material_remove", "materials", "notes", "publish",
    "results",
]  # fmt: skip

PEOPLE = 50  # on one page of the attendance list


def attendance(request: HttpRequest, slug: str) -> HttpResponse:
    """Tick off who came, a page of people at a time; ?session= for one session, ?add=1 for somebody who is not on the list."""
    meeting = meeting_or_404(request, slug)
    require(request.user, "meetings.take_attendance", meeting)
    what = request.POST.get("what", "")
    if what == "held":
        done = _("The meeting is recorded as held.")
        attempt(request, lambda: services.record_held(meeting, by=request.user), done)
        return redirect(request.get_full_path())
    if what == "walk-in" or "add" in request.GET:
        return _walk_in(request, meeting)
    sessions = list(meeting.agenda.all())
    wanted = PeopleFilter(request.GET, sessions=sessions)
    session = next((item for item in sessions if item.pk == wanted.value("session")), None)
    if request.method == "POST":
        return _keep_attendance(request, meeting, session)
    rows = outcome.people_at(meeting, words=wanted.value("q") or "", mark=wanted.value("mark") or "", session=session)
    tally = outcome.tally_of(rows)
    page = _page_of(request, rows, tally.registered)
    return _attendance_page(request, meeting, page, {"filter": wanted, "session": session, "tally": tally})


def _page_of(request: HttpRequest, rows: QuerySet[Registration], total: int) -> Page:
    paginator = Paginator(rows, PEOPLE)
    paginator.count = total  # known from the tally: the database need not count once more
    return paginator.get_page(max(number(request.GET.get("page", "")), 1))


def _attendance_page(request: HttpRequest, meeting: Meeting, page: Page, more: dict[str, Any]) -> HttpResponse:
    form = AttendanceForm(places=page.object_list, session=more["session"])
    blocked = why_no_attendance(meeting)
    context = head(meeting, request.user) | more | {
        "here": "attendance",
        "page": page,
        "lines": [(place, form[f"came_{place.pk}"]) for place in page.object_list],
        "blocked": blocked,
        "may_record": meeting.state == Meeting.State.ANNOUNCED and not blocked and meeting.ends_on <= meeting.today(),
        "params": request.GET,
        "address": request.get_full_path(),
        "page_url": reverse("meetings:attendance", args=[meeting.slug]),
    }  # fmt: skip
    return render(request, "meetings/attendance.html", context)


def _keep_attendance(request: HttpRequest, meeting: Meeting, session: AgendaItem | None) -> HttpResponse:
    """Write what was changed on the page that was posted, whoever else noted something meanwhile."""
    asked = Registration.objects.registered().filter(meeting=meeting, pk__in=posted_places(request.POST))
    form = AttendanceForm(request.POST, places=asked, session=session)
    if not form.is_valid():
        messages.error(request, _("Something on this page was not understood. Please try again."))
        return redirect(request.get_full_path())
    changed = form.changed()
    count = len(changed)
    done = ngettext("Noted for one person.", "Noted for %(count)s people.", count) % {"count": count}
    if not changed:
        messages.info(request, _("Nothing was changed."))
    elif session is None:
        attempt(request, lambda: services.take_attendance(meeting, by=request.user, attendance=changed), done)
    else:
        session.meeting = meeting
        came = {pk for pk, there in changed.items() if there}
        gone = set(changed) - came
        attempt(request, lambda: services.tick_session(session, by=request.user, came=came, gone=gone), done)
    return redirect(request.get_full_path())


def _walk_in(request: HttpRequest, meeting: Meeting) -> HttpResponse:
    form = WalkInForm(request.POST if request.method == "POST" else None, meeting=meeting)
    back = reverse("meetings:attendance", args=[meeting.slug])
    if form.is_valid():
        person = form.person()
        done = _("%(name)s is on the list, and noted as present.") % {"name": person.name}
        if attempt(request, lambda: services.add_walk_in(meeting, by=request.user, person=person), done):
            return redirect(back)
    context = head(meeting, request.user) | {"form": form, "cancel_url": back}
    return show(request, "meetings/walk_in.html", context)


@require_safe
def counts(request: HttpRequest, slug: str) -> HttpResponse:
    """Who registered and who came, by municipality, province, sector, language and way of taking part."""
    meeting = meeting_or_404(request, slug)
    require(request.user, "meetings.see_counts", meeting)
    tables = outcome.count_tables(meeting)
    context = head(meeting, request.user) | {
        "here": "counts",
        "tables": tables if tables[0].total.registered else [],
        "sessions": outcome.session_counts(meeting),
    }
    return render(request, "meetings/counts.html", context)


# --- what was shown


def materials(request: HttpRequest, slug: str) -> HttpResponse:
    """Everything that belongs to the meeting, and a form to add to it."""
    meeting = meeting_or_404(request, slug, Prefetch("materials", Material.objects.select_related("item")))
    require(request.user, "meetings.see_preparation", meeting)
    may_keep = request.user.has_perm("meetings.keep_materials", meeting)
    is_post = request.method == "POST"
    if is_post:
        require(request.user, "meetings.keep_materials", meeting)
    form = MaterialForm(request.POST if is_post else None, request.FILES if is_post else None, meeting=meeting)
    if is_post and form.is_valid():
        data = form.cleaned_data
        act = lambda: services.add_material(meeting, by=request.user, **data)  # noqa: E731
        if attempt(request, act, _("“%(title)s” is added.") % {"title": data["title_en"] or data["title_fr"]}):
            return redirect("meetings:materials", slug)
    context = head(meeting, request.user) | {
        "here": "materials",
        "lines": materials_of(meeting, as_participant=True),
        "form": form if may_keep else None,
    }
    return show(request, "meetings/materials.html", context)


@require_POST
def material_remove(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    meeting = meeting_or_404(request, slug)
    require(request.user, "meetings.keep_materials", meeting)
    found = meeting.materials.filter(pk=pk).first()
    done = _("It is removed.")
    if found is None:  # a second click, or the other tab
        messages.info(request, done)
    else:
        attempt(request, lambda: services.remove_material(found, by=request.user), done)
    return redirect("meetings:materials", slug)


@login_not_required
@require_safe
def material(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Send a file, or lead to an address, to somebody who may have it; who is not signed in is asked to first."""
    if not request.user.is_authenticated and not _is_open_to_all(slug, pk):
        return redirect_to_login(request.get_full_path())
    meeting = meeting_or_404(request, slug)
    found = get_object_or_404(meeting.materials.all(), pk=pk)
    if found.access == Material.Access.PARTICIPANTS:
        require(request.user, "meetings.read_materials", meeting)
    return answer_with(found)


def _is_open_to_all(slug: str, pk: int) -> bool:
    found = Material.objects.filter(pk=pk, meeting__slug=slug, access=Material.Access.AUDIENCE)
    return found.filter(meeting__audience="public", meeting__published_at__isnull=False).exists()


def answer_with(material: Material) -> HttpResponse:
    """Return the file of `material` as a download, or lead to its address. Who may have it was asked before."""
    if material.url:
        return HttpResponseRedirect(material.url)
    return sent(material.file, material.filename)  # type: ignore[return-value]


# --- what it was worth


@require_safe
def results(request: HttpRequest, slug: str) -> HttpResponse:
    """What people answered, with the counts and without names; reviewers find the rest on their desk."""
    meeting = meeting_or_404(request, slug)
    user = request.user
    require(user, "meetings.read_results", meeting)
    if meeting.state != Meeting.State.HELD:
        return redirect(meeting)
    survey = outcome.survey_of(meeting)
    context = head(meeting, user) | {
        "here": "results",
        "survey": survey,
        "counts": answers.counts(survey) if survey else None,
        "groups": answers.beside([(_("Answers"), answers.summarise([survey], viewer="own_side"))]) if survey else [],
        "desk_url": _desk_url(user, survey),
        "my_invitation": _my_invitation(user, survey),
    }
    return render(request, "meetings/results.html", context)


def _desk_url(user: Any, survey: Survey | None) -> str:
    may_review = survey is not None and user.has_perm("evaluation.review")
    return reverse("evaluation:occasion", args=[survey.occasion_id]) if survey and may_review else ""


def _my_invitation(user: Any, survey: Survey | None) -> Invitation | None:
    if survey is None:
        return None
    mine = Invitation.objects.filter(survey=survey, email__iexact=user.email, excused_at__isnull=True)
    return mine.select_related("survey").first()
