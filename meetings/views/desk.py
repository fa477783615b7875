"""The personal page of somebody who has a place, with or without an account. Opening it changes nothing; each act is a POST.

The address is the key: the link to take part online stands only on the page of who is registered.
"""

from collections.abc import Callable
from copy import copy
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from cmncp_portal.core import files
from cmncp_portal.core.conflicts import chosen, conflict_page
from cmncp_portal.core.editing import Conflict
from cmncp_portal.core.entries import to_ics
from cmncp_portal.core.places import Status
from cmncp_portal.core.screens import attempt, private, show
from cmncp_portal.core.text import active_language

from .. import report, services
from ..forms.desk import CorrectForm, LostLinkForm, NeedsForm, WordForm
from ..models import Material, Meeting, Registration
from ..selectors import desk
from ..selectors.entries import entry_of
from ..selectors.people import STATUS_TONES
from ..selectors.places import position_of
from ..services.forgetting import forget
from ..services.registering import takes_part_online
from .invited import CALLED_OFF, Forms, facts

S = Meeting.State


def _place_or_404(token: str) -> Registration:
    rows = Registration.objects.select_related("meeting__host", "meeting__co_host", "meeting__region")
    place: Registration | None = Registration.from_token(token, rows.defer("meeting__search_en", "meeting__search_fr"))
    if place is None:
        raise Http404
    return place


@private
@require_safe
def place(request: HttpRequest, token: str) -> HttpResponse:
    return _place_page(request, _place_or_404(token), {})


def _place_page(request: HttpRequest, place: Registration, wrong: Forms) -> HttpResponse:
    """The whole page; `wrong` are forms that come back with their errors and what was typed."""
    meeting, is_called_off = place.meeting, place.meeting.state in CALLED_OFF
    survey = desk.survey_of(place)
    until = desk.may_be_given_back_until(place, timezone.now())
    lies_ahead = meeting.state in (S.ANNOUNCED, S.POSTPONED) and not meeting.is_over
    context = facts(meeting) | {
        "place": place,
        "tone": STATUS_TONES[Status(place.status)],
        "registrar": place.registered_by_name if place.registered_by_name != place.name else "",
        "survey": survey,
        "word": desk.word_to_place(place, position_of(place), until, survey),
        "own": desk.own_time(meeting, place.zone) if takes_part_online(place) else "",
        "join_link": _join_link(place),
        "has_calendar": _has_calendar(place),
        "has_certificate": _has_certificate(place),
        "programme_url": reverse("meetings:place_programme", args=[place.token]),
        "materials": desk.materials_for(place),
        "decisions": meeting.decisions.all() if meeting.has_notes else [],
        "notes": meeting.notes if meeting.has_notes else "",
        "may_tell_needs": place.is_live and lies_ahead,
        "may_correct": place.is_live and meeting.state != S.CANCELLED,
        "may_give_back": place.is_live and lies_ahead,
        "needs_form": _needs_form(place),
        "correct_form": CorrectForm(instance=place, auto_id="correct_%s"),
        "cancel_form": WordForm(auto_id="cancel_%s"),
        "is_called_off": is_called_off,
    }
    return show(request, "meetings/place.html", context | wrong)


def _join_link(place: Registration) -> str:
    """The link to take part: for who is registered and comes online, while the meeting stands."""
    meeting = place.meeting
    stands = meeting.state == S.ANNOUNCED and not meeting.is_over
    return meeting.join_link if stands and place.is_registered and takes_part_online(place) else ""


def _has_calendar(place: Registration) -> bool:
    return place.meeting.starts_on is not None and place.is_registered and place.meeting.state not in CALLED_OFF


def _has_certificate(place: Registration) -> bool:
    return place.meeting.state == S.HELD and place.is_registered and place.has_come


@private
@require_POST
def place_act(request: HttpRequest, token: str, name: str) -> HttpResponse:
    """Needs, own details, giving the place back, no more letters, not me, forget me."""
    place = _place_or_404(token)
    acts: dict[str, Callable[[HttpRequest, Registration], Forms | HttpResponse]] = {
        "needs": _needs,
        "correct": _correct,
        "cancel": _cancel,
        "stop": _stop,
        "not-me": _not_me,
        "forget": _forget,
    }
    if name not in acts:
        raise Http404
    answer = acts[name](request, place)
    if isinstance(answer, HttpResponse):
        return answer
    return _place_page(request, place, answer) if answer else redirect("meetings:place", token)


def _needs_form(place: Registration, data: Any = None) -> NeedsForm:
    return NeedsForm(data, instance=copy(place), auto_id="needs_%s", eats_along=not takes_part_online(place))


def _needs(request: HttpRequest, place: Registration) -> Forms:
    form = _needs_form(place, request.POST)
    if not form.is_valid():
        return {"needs_form": form}
    done = _("Saved. Only the organisers read it.")
    attempt(
        request,
        lambda: services.keep_needs(place, **({"dietary_needs": place.dietary_needs} | form.cleaned_data)),
        done,
    )
    return {}


def _correct(request: HttpRequest, place: Registration) -> Forms | HttpResponse:
    form = CorrectForm(chosen(request.POST), instance=copy(place), auto_id="correct_%s")
    if not form.is_valid():
        return {"correct_form": form}
    fields = dict(form.cleaned_data)
    seen = fields.pop("version")
    try:
        attempt(request, lambda: services.keep_place(place, seen=seen, **fields), _("Saved."))
    except Conflict as conflict:
        back = reverse("meetings:place", args=[place.token])
        fresh = CorrectForm(instance=conflict.current, auto_id="correct_%s")
        return conflict_page(request, form, fresh, cancel_url=back)
    return {}


def _cancel(request: HttpRequest, place: Registration) -> Forms:
    form = WordForm(request.POST, auto_id="cancel_%s")
    if not form.is_valid():
        return {"cancel_form": form}
    done = _("Thank you for telling us. You are no longer expected.")
    attempt(request, lambda: services.cancel_place(place, word=form.cleaned_data["word"]), done)
    return {}


def _stop(request: HttpRequest, place: Registration) -> Forms:
    services.stop_letters(place)
    messages.success(request, _("You get no further letters, except when a meeting to which you come changes or ends."))
    return {}


def _not_me(request: HttpRequest, place: Registration) -> HttpResponse:
    services.not_me(place)
    sentence = _("Name and address are removed, and whoever registered you is told.")
    return render(request, "meetings/gone.html", {"sentence": sentence})


def _forget(request: HttpRequest, place: Registration) -> HttpResponse:
    forget(place)
    return render(request, "meetings/gone.html", {"sentence": _("Your name, address and needs are removed for good.")})


@private
@require_safe
def place_calendar(request: HttpRequest, token: str) -> HttpResponse:
    place = _place_or_404(token)
    if not _has_calendar(place):
        raise Http404
    return files.calendar_file(to_ics([entry_of(place.meeting)], language=active_language()), place.meeting.slug)


@private
@require_safe
def certificate(request: HttpRequest, token: str) -> HttpResponse:
    """The certificate of who came, in the language of the page."""
    place = _place_or_404(token)
    if not _has_certificate(place):
        raise Http404
    body = report.certificate_pdf(place, active_language())
    return files.made(body, "application/pdf", f"{place.meeting.slug}-certificate.pdf")


@private
@require_safe
def place_programme(request: HttpRequest, token: str) -> HttpResponse:
    """The programme on paper, also for guests of a meeting that is not public."""
    meeting = _place_or_404(token).meeting
    body = report.programme_pdf(meeting, active_language())
    return files.made(body, "application/pdf", f"{meeting.slug}-programme.pdf")


@private
@require_safe
def place_material(request: HttpRequest, token: str, pk: int) -> HttpResponse:
    """A file of the meeting; one for participants only for who is registered."""
    place = _place_or_404(token)
    rows = place.meeting.materials.exclude(file="")
    material: Material = get_object_or_404(
        rows if place.is_registered else rows.filter(access=Material.Access.AUDIENCE), pk=pk
    )
    return files.sent(material.file, material.filename)  # type: ignore[return-value]


@private
def lost_link(request: HttpRequest) -> HttpResponse:
    """Somebody lost the letter. The answer is the same whether we know the address or not."""
    form = LostLinkForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        services.send_links_again(form.cleaned_data["email"])
        done = _(
            "If this address was invited or registered, the personal link is on its way again. Look into your mailbox in a few minutes."
        )
        messages.success(request, done)
        return redirect("meetings:lost_link")
    return render(request, "meetings/lost_link.html", {"form": form}, status=422 if form.errors else 200)
