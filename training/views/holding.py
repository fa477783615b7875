"""Who is enrolled, who came, and what it was worth: for coordinators and facilitators."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.paginator import Page, Paginator
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from cmncp_portal.core.conflicts import chosen, conflict_page
from cmncp_portal.core.editing import Conflict
from cmncp_portal.core.forms import ReasonForm
from cmncp_portal.core.screens import attempt, number, page_of, require, safe_next, show
from cmncp_portal.evaluation import results as answers
from cmncp_portal.network.views.lists import TYPES

from ..forms.attending import AttendanceForm, SessionFilter, posted_places
from ..forms.enrolling import EditPlaceForm, EnrolmentFilter
from ..models import Enrolment, Offering, OfferingSurvey, Session
from ..selectors import attendance as selectors
from ..selectors import results as worth
from ..selectors.offerings_file import enrolments_file
from ..selectors.places import enrolments_of, listed, room_along
from ..services import enrolling as services
from ..services.attending import record_held, take_attendance, why_no_attendance
from .offerings_common import head, offering_or_404

G = Offering.State
PEOPLE = 50  # on one page of the attendance list


# --- who is enrolled


@never_cache
@require_safe
def enrolments(request: HttpRequest, reference: str) -> HttpResponse:
    offering = offering_or_404(request, reference)
    require(request.user, "training.see_enrolments", offering)
    sees_needs = request.user.has_perm("training.see_needs", offering)
    found = EnrolmentFilter(request.GET)
    page = page_of(request, found.apply(enrolments_of(offering, with_needs=sees_needs)))
    context = head(offering, request.user) | {
        "here": "enrolments",
        "filter": found,
        "page": page,
        "rows": listed(page.object_list, offering),
        "room": room_along(offering),
        "sees_needs": sees_needs,
        "is_filtered": found.is_filtered,
        "params": request.GET,
        "here_url": request.get_full_path(),
    }
    return render(request, "training/offerings/enrolments.html", context)


@never_cache
@require_safe
def export(request: HttpRequest, reference: str) -> HttpResponse:
    """The list as a file: ?kind=csv or xlsx; ?needs=1 adds personal needs for those who may read them."""
    offering = offering_or_404(request, reference)
    require(request.user, "training.see_enrolments", offering)
    kind, with_needs = request.GET.get("kind", "xlsx"), request.GET.get("needs") == "1"
    if kind not in TYPES:
        raise Http404
    if with_needs:
        require(request.user, "training.see_needs", offering)
    name = f"{offering.reference}-{timezone.localdate():%Y-%m-%d}.{kind}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "X-Content-Type-Options": "nosniff"}
    body = enrolments_file(offering, kind, with_needs=with_needs)
    return HttpResponse(body, content_type=TYPES[kind], headers=headers)


@never_cache
def enrolment_act(request: HttpRequest, reference: str, pk: int, name: str) -> HttpResponse:
    """Approve, decline with a reason, cancel with a word, or correct an enrolment."""
    offering = offering_or_404(request, reference)
    place = get_object_or_404(_known(request.user, offering), pk=pk)
    place.offering = offering
    acts: dict[str, Callable[[HttpRequest, Enrolment], HttpResponse]] = {
        "approve": _approve,
        "decline": _decline,
        "cancel": _cancel,
        "edit": _edit,
    }
    if name not in acts:
        raise Http404
    if name == "cancel":
        require(request.user, "training.cancel_place", place)
    else:
        require(request.user, "training.organise", offering)
    return acts[name](request, place)


def _known(user: Any, offering: Offering) -> Any:
    """The enrolments that this person may see, and those that this person made."""
    rows = offering.enrolments.select_related("municipality")
    return rows.filter(pk__in=Enrolment.objects.visible_to(user).values("pk")) | rows.filter(enrolled_by=user)


def _back(request: HttpRequest, place: Enrolment) -> str:
    may_list = request.user.has_perm("training.see_enrolments", place.offering)
    page = "enrolments" if may_list else "offering"
    return safe_next(request, reverse(f"training:{page}", args=[place.offering.reference]))


def _approve(request: HttpRequest, place: Enrolment) -> HttpResponse:
    if request.method == "POST":
        done = _("%(name)s has an answer by email.") % {"name": place.name}
        attempt(request, lambda: services.approve(place, by=request.user), done)
    return redirect(_back(request, place))


def _decline(request: HttpRequest, place: Enrolment) -> HttpResponse:
    heading = _("Do not accept %(name)s") % {"name": place.name}
    return _with_word(request, place, heading, lambda word: services.decline(place, by=request.user, word=word))


def _cancel(request: HttpRequest, place: Enrolment) -> HttpResponse:
    heading = _("Take back the place of %(name)s") % {"name": place.name}
    return _with_word(request, place, heading, lambda word: services.cancel_place(place, by=request.user, word=word))


def _with_word(request: HttpRequest, place: Enrolment, heading: str, act: Callable[[str], Any]) -> HttpResponse:
    """Ask for the reason, which the person reads, and act."""
    form = ReasonForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        done = _("%(name)s is told by email.") % {"name": place.name}
        attempt(request, lambda: act(form.cleaned_data["note"]), done)
        return redirect(_back(request, place))
    return _place_page(request, place, form, heading, "reason")


def _edit(request: HttpRequest, place: Enrolment) -> HttpResponse:
    """Correct who somebody is and where letters go."""
    form = EditPlaceForm(chosen(request.POST) if request.method == "POST" else None, instance=place)
    if form.is_valid():
        data = dict(form.cleaned_data)
        try:
            if attempt(request, lambda: _keep(place, data, request.user), _("The details are saved.")):
                return redirect(_back(request, place))
        except Conflict as conflict:
            fresh = EditPlaceForm(instance=conflict.current)
            return conflict_page(request, form, fresh, cancel_url=_back(request, place))
    return _place_page(request, place, form, _("Correct an enrolment"), "edit")


def _keep(place: Enrolment, data: dict[str, Any], by: Any) -> None:
    seen, email, before = data.pop("version"), data.pop("email"), place.email
    with transaction.atomic():
        services.keep_place(place, seen=seen, by=by, **data)
        if email != before:
            services.readdress(place, email=email, by=by)


def _place_page(request: HttpRequest, place: Enrolment, form: Any, heading: str, asks: str) -> HttpResponse:
    back = _back(request, place)
    context = {"form": form, "place": place, "page_heading": heading, "asks": asks, "next": back, "cancel_url": back}
    return show(request, "training/offerings/enrolment_edit.html", head(place.offering, request.user) | context)


# --- who came


def attendance(request: HttpRequest, reference: str) -> HttpResponse:
    """One session at a time, a page of people at a time; then, from the last day on, that it took place."""
    offering = offering_or_404(request, reference)
    require(request.user, "training.take_attendance", offering)
    if request.POST.get("what") == "held":
        done = _("Recorded as held. Who completed it gets a certificate by letter.")
        attempt(request, lambda: record_held(offering, by=request.user), done)
        return redirect("training:attendance", reference)
    sessions = list(offering.sessions.all())
    wanted = SessionFilter(request.GET, sessions=sessions)
    session = next((one for one in sessions if one.pk == wanted.value("session")), None) or _current(offering, sessions)
    if session is not None:
        session.offering = offering
    if request.method == "POST" and session is not None:
        return _keep_attendance(request, session)
    words, places = wanted.value("q") or "", room_along(offering).taken
    people = selectors.people_at(session, words) if session else Enrolment.objects.none()
    page = _page_of(request, people, None if words else places)
    return _attendance_page(request, offering, session, page, selectors.tallies(offering, sessions, places))


def _page_of(request: HttpRequest, people: Any, total: int | None) -> Page:
    """The page asked for; a total that is known already is not counted once more."""
    paginator = Paginator(people, PEOPLE)
    if total is not None:
        paginator.count = total
    return paginator.get_page(max(number(request.GET.get("page", "")), 1))


def _current(offering: Offering, sessions: list[Session]) -> Session | None:
    """The session of today, else the last that has begun, else the first."""
    past = [one for one in sessions if one.day <= offering.today()]
    return past[-1] if past else next(iter(sessions), None)


def _attendance_page(
    request: HttpRequest, offering: Offering, session: Session | None, page: Page, tallies: list[Any]
) -> HttpResponse:
    form = AttendanceForm(places=page.object_list)
    blocked = why_no_attendance(offering)
    if not blocked and session and offering.today() < session.day:
        blocked = _("Attendance is noted from the day of the session on.")
    context = head(offering, request.user) | {
        "here": "attendance",
        "session": session,
        "tallies": tallies,
        "page": page,
        "lines": [(place, form[f"came_{place.pk}"]) for place in page.object_list],
        "blocked": blocked,
        "may_record": offering.state == G.OPEN
        and offering.ends_on is not None
        and offering.today() >= offering.ends_on,
        "is_noted": bool(tallies) and all(one.places and not one.unknown for one in tallies),
        "params": request.GET,
        "address": request.get_full_path(),
    }
    return render(request, "training/offerings/attendance.html", context)


def _keep_attendance(request: HttpRequest, session: Session) -> HttpResponse:
    """Write what was changed on the page that was posted, whoever else noted something meanwhile."""
    asked = selectors.people_at(session).filter(pk__in=posted_places(request.POST))
    form = AttendanceForm(request.POST, places=asked)
    changed = form.changed() if form.is_valid() else {}
    count = len(changed)
    if form.errors:
        messages.error(request, _("Something on this page was not understood. Please try again."))
    elif not changed:
        messages.info(request, _("Nothing was changed."))
    else:
        done = ngettext("Noted for one person.", "Noted for %(count)s people.", count) % {"count": count}
        attempt(request, lambda: take_attendance(session, by=request.user, attendance=changed), done)
    return redirect(request.get_full_path())


# --- what it was worth


@require_safe
def results(request: HttpRequest, reference: str) -> HttpResponse:
    """What people answered, with the counts and without names; means of self-assessments. Reviewers find the rest on their desk."""
    offering = offering_or_404(request, reference)
    user = request.user
    require(user, "training.read_results", offering)
    may_review = user.has_perm("evaluation.review")
    found = worth.surveys_of(offering)
    parts = [
        {
            "label": OfferingSurvey.Purpose(purpose).label,
            "code": purpose,
            "survey": survey,
            "counts": answers.counts(survey),
            "groups": answers.beside([(_("Answers"), answers.summarise([survey], viewer="own_side"))]),
            "desk_url": reverse("evaluation:occasion", args=[survey.occasion_id]) if may_review else "",
        }
        for purpose, survey in sorted(found.items())
    ]
    context = {"here": "results", "parts": parts, "changes": worth.self_assessments(offering)}
    return render(request, "training/offerings/results.html", head(offering, user) | context)
