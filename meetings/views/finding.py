"""Finding meetings: the list, calendar files, the map of hosts, one meeting and its programme. Open without an account."""

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers
from django_htmx.middleware import HtmxDetails

from cmncp_portal.core import files
from cmncp_portal.core.entries import to_ics
from cmncp_portal.core.screens import absolute, page_of
from cmncp_portal.core.text import active_language
from cmncp_portal.network.models import Region

from ..forms.filters import MeetingFilter
from ..models import Meeting
from ..selectors import hosts as past_hosts
from ..selectors import lists
from ..selectors.agenda import agenda_days
from ..selectors.entries import entry_of
from ..selectors.page import Overview, materials_of, overview, own_time, page_rows
from ..selectors.words import languages_in_words, place_in_words, times_in_words
from .common import head, meeting_or_404

S = Meeting.State


@login_not_required
@vary_on_headers("HX-Request")  # or the browser's way back would show the part alone
@require_safe
def meeting_list(request: HttpRequest) -> HttpResponse:
    found = MeetingFilter(request.GET, queryset=lists.meeting_list(request.user), user=request.user)
    page = page_of(request, found.qs)
    context = {
        "filter": found,
        "page": page,
        "rows": lists.listed(page.object_list),
        "when": found.when_asked,
        "is_filtered": found.is_filtered,
        "may_schedule": request.user.has_perm("meetings.schedule"),
        "params": request.GET,
    }
    asked: HtmxDetails = request.htmx  # type: ignore[attr-defined]
    if asked and not (asked.boosted or asked.history_restore_request):
        return render(request, "meetings/parts/results.html", context)
    return render(request, "meetings/meeting_list.html", context | {"feeds": _feeds(found.choices["region"])})


def _feeds(regions: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return name and full address of the calendar of all regions and of each."""
    address = absolute(reverse("meetings:network_calendar"))
    return [(_("All regions"), address), *((name, f"{address}?region={slug}") for slug, name in regions)]


@login_not_required
@require_safe
@cache_control(public=True, max_age=300)
def network_calendar(request: HttpRequest) -> HttpResponse:
    """The public meetings for calendar programs, of all regions or of `?region=`: the same for everybody."""
    slug = request.GET.get("region", "").replace("\x00", " ")  # which PostgreSQL refuses to compare
    region = get_object_or_404(Region.objects.all(), slug=slug) if slug else None
    answer = files.calendar_file(lists.calendar_of_the_network(region), slug or "calendar")
    answer["X-Robots-Tag"] = "noindex"
    return answer


@login_not_required
@require_safe
def hosts(request: HttpRequest) -> HttpResponse:
    return render(request, "meetings/hosts.html", {"found": past_hosts.hosts(request.user)})


@login_not_required
@require_safe
def meeting_detail(request: HttpRequest, slug: str) -> HttpResponse:
    user = request.user
    meeting = get_object_or_404(page_rows(user), slug=slug)
    seen = overview(meeting, user)
    as_participant = user.has_perm("meetings.read_materials", meeting)
    is_inside = user.has_perm("meetings.read_join_link", meeting)
    top = head(meeting, user)
    context = {
        **top,
        **facts(meeting, user),
        **agenda_of(meeting, as_participant=as_participant),
        "seen": seen,
        "primary": primary(meeting, seen, top["can"], may_register=user.has_perm("meetings.register", meeting)),
        "materials": materials_of(meeting, as_participant=as_participant),
        "is_inside": is_inside,
        "join_link": meeting.join_link if is_inside and not meeting.is_over and meeting.state == S.ANNOUNCED else "",
        "is_called_off": meeting.state in (S.CANCELLED, S.POSTPONED),
    }
    return render(request, "meetings/meeting_detail.html", context)


def agenda_of(meeting: Meeting, *, as_participant: bool = False) -> dict[str, Any]:
    """Return the days with their sessions, whether there is any session, and whether one can still be expected."""
    days = agenda_days(meeting, for_participants=as_participant)
    has_agenda = any(day.slots for day in days)
    is_to_come = meeting.state not in (S.HELD, S.CANCELLED) and not meeting.is_over
    if not is_to_come:
        days = [day for day in days if day.slots]  # what was not written down does not follow any more
    return {"days": days, "has_agenda": has_agenda, "agenda_follows": not has_agenda and is_to_come}


def facts(meeting: Meeting, user: Any) -> dict[str, str]:
    """Return when, where and in which languages in words, in the active language."""
    language = active_language()
    return {
        "times": times_in_words(meeting, language),
        "own_time": own_time(meeting, user),
        "where": place_in_words(meeting, language),
        "languages": languages_in_words(meeting, language),
    }


def primary(meeting: Meeting, seen: Overview, can: dict[str, bool], *, may_register: bool) -> dict[str, str]:
    """Return label and address of the one thing to do now at `meeting`; nothing when there is none."""

    def button(label: str, page: str) -> dict[str, str]:
        return {"label": label, "url": reverse(f"meetings:{page}", args=[meeting.slug])}

    if meeting.published_at is None:
        return button(_("Prepare"), "prepare") if can["see_preparation"] else {}
    if meeting.state == S.ANNOUNCED and meeting.is_over and can["take_attendance"]:
        return button(_("Note who came"), "attendance")
    if meeting.state == S.POSTPONED and can["organise"]:
        return button(_("Set a new date"), "change")
    if seen.mine and meeting.state != S.CANCELLED:
        return {"label": _("My registration"), "url": reverse("meetings:place", args=[seen.mine.token])}
    if meeting.is_registration_open and may_register:
        return button(_("Register"), "register")
    return {}


@login_not_required
@require_safe
def calendar_file(request: HttpRequest, slug: str) -> HttpResponse:
    """One meeting for a calendar; 404 while it has no date."""
    meeting = meeting_or_404(request, slug)
    if meeting.starts_on is None:
        raise Http404
    return files.calendar_file(to_ics([entry_of(meeting)], language=active_language()), meeting.slug)


@login_not_required
@require_safe
def programme(request: HttpRequest, slug: str) -> HttpResponse:
    meeting = meeting_or_404(request, slug)
    context = {"meeting": meeting, **agenda_of(meeting), **facts(meeting, request.user)}
    return render(request, "meetings/programme.html", context)
