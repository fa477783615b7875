"""The personal page of somebody who is enrolled, with or without an account. Opening it changes nothing; each act is a POST.

The address is the key: the link to take part online stands only on the page of who has a place.
"""

from collections.abc import Callable
from copy import copy
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from cmncp_portal.core.conflicts import chosen, conflict_page
from cmncp_portal.core.editing import Conflict
from cmncp_portal.core.files import sent
from cmncp_portal.core.places import Status
from cmncp_portal.core.screens import attempt, private, show
from cmncp_portal.core.text import active_language

from ..forms.enrolling import CorrectForm, LostLinkForm, NeedsForm, SelfAssessmentForm, WordForm
from ..models import Enrolment, ModuleMaterial, Offering, SelfAssessment
from ..selectors import places as selectors
from ..selectors.builds import builds_of, moments_of, ratings_of, why_not_assessed
from ..selectors.when import completion_in_words, own_time, sessions_in_words
from ..services import certificates, consulting
from ..services import enrolling as services
from ..services.self_assessing import assess_oneself
from .offerings import calendar_answer
from .offerings_common import facts

G = Offering.State
Forms = dict[str, Any]


def _place_or_404(token: str) -> Enrolment:
    rows = Enrolment.objects.select_related("offering__module", "offering__host", "learner")
    hidden = ("offering__module__search_en", "offering__module__search_fr")
    place: Enrolment | None = Enrolment.from_token(token, rows.defer(*hidden))
    if place is None:
        raise Http404
    return place


@private
@require_safe
def place(request: HttpRequest, token: str) -> HttpResponse:
    return _place_page(request, _place_or_404(token), {})


def _place_page(request: HttpRequest, place: Enrolment, wrong: Forms) -> HttpResponse:
    """The whole page; `wrong` are forms that come back with their errors and what was typed."""
    offering = place.offering
    until = selectors.may_be_given_back_until(place, timezone.now())
    lies_ahead = offering.state == G.OPEN and not offering.is_over
    sessions = list(offering.sessions.all())
    context = facts(offering) | {
        "place": place,
        "tone": selectors.STATUS_TONES[Status(place.status)],
        "registrar": place.enrolled_by_name if place.enrolled_by_name != place.name else "",
        "word": selectors.word_to(place, selectors.position_of(place), until),
        "sessions": sessions_in_words(sessions, active_language()),
        "own_time": own_time(offering, sessions, place.zone),
        "completion": completion_in_words(offering, len(sessions)),
        "join_link": offering.join_link if _is_expected(place) and offering.is_online else "",
        "has_calendar": place.is_registered and offering.state != G.CANCELLED,
        "is_shown": offering.opened_at is not None and not offering.is_pilot,
        "may_tell_needs": place.is_live and lies_ahead,
        "may_correct": place.is_live and offering.state in (G.OPEN, G.HELD) and place.completed_at is None,
        "may_give_back": place.is_live and lies_ahead,
        "needs_form": NeedsForm(instance=copy(place), auto_id="needs_%s"),
        "correct_form": CorrectForm(instance=place, auto_id="correct_%s"),
        "cancel_form": WordForm(auto_id="cancel_%s"),
    }
    return show(request, "training/places/place.html", context | _to_read(place) | wrong)


def _to_read(place: Enrolment) -> dict[str, Any]:
    """What belongs to the place: questions, materials, the certificate, who facilitates."""
    return {
        "moments": moments_of(place),
        "surveys": selectors.surveys_of(place),
        "materials": selectors.materials_for(place),
        "certificate": selectors.certificate_of(place),
        "facilitators": place.offering.facilitators.all(),
    }


def _is_expected(place: Enrolment) -> bool:
    return place.is_registered and place.offering.state == G.OPEN and not place.offering.is_over


@private
@require_POST
def place_act(request: HttpRequest, token: str, name: str) -> HttpResponse:
    """Needs, own details, giving the place back, no more letters, not me."""
    place = _place_or_404(token)
    acts: dict[str, Callable[[HttpRequest, Enrolment], Forms | HttpResponse]] = {
        "needs": _needs,
        "correct": _correct,
        "cancel": _cancel,
        "stop": _stop,
        "not-me": _not_me,
    }
    if name not in acts:
        raise Http404
    answer = acts[name](request, place)
    if isinstance(answer, HttpResponse):
        return answer
    return _place_page(request, place, answer) if answer else redirect("training:place", token)


def _needs(request: HttpRequest, place: Enrolment) -> Forms:
    form = NeedsForm(request.POST, instance=copy(place), auto_id="needs_%s")
    if not form.is_valid():
        return {"needs_form": form}
    needs = {"dietary_needs": place.dietary_needs} | form.cleaned_data
    done = _("Saved. Only the coordinators and the facilitators read it.")
    attempt(request, lambda: services.keep_needs(place, **needs), done)
    return {}


def _correct(request: HttpRequest, place: Enrolment) -> Forms | HttpResponse:
    form = CorrectForm(chosen(request.POST), instance=copy(place), auto_id="correct_%s")
    if not form.is_valid():
        return {"correct_form": form}
    fields = dict(form.cleaned_data)
    seen = fields.pop("version")
    try:
        attempt(request, lambda: services.keep_place(place, seen=seen, **fields), _("Saved."))
    except Conflict as conflict:
        back = reverse("training:place", args=[place.token])
        fresh = CorrectForm(instance=conflict.current, auto_id="correct_%s")
        return conflict_page(request, form, fresh, cancel_url=back)
    return {}


def _cancel(request: HttpRequest, place: Enrolment) -> Forms:
    form = WordForm(request.POST, auto_id="cancel_%s")
    if not form.is_valid():
        return {"cancel_form": form}
    done = _("Thank you for telling us. You are no longer expected.")
    attempt(request, lambda: services.cancel_place(place, word=form.cleaned_data["word"]), done)
    return {}


def _stop(request: HttpRequest, place: Enrolment) -> Forms:
    services.stop_letters(place)
    messages.success(request, _("You get no further reminders. Changes of these dates are still told."))
    return {}


def _not_me(request: HttpRequest, place: Enrolment) -> Forms | HttpResponse:
    if not attempt(request, lambda: services.not_me(place)):
        return {}
    sentence = _("Name and address are removed, and whoever enrolled you is told.")
    return render(request, "training/places/gone.html", {"sentence": sentence})


@private
@require_safe
def place_calendar(request: HttpRequest, token: str) -> HttpResponse:
    place = _place_or_404(token)
    if not place.is_registered or place.offering.state == G.CANCELLED:
        raise Http404
    return calendar_answer(place.offering)


@private
@require_safe
def place_certificate(request: HttpRequest, token: str) -> HttpResponse:
    """The certificate of who completed it, in the language of the page; none that was revoked."""
    found = selectors.certificate_of(_place_or_404(token))
    if found is None or not found.is_valid:
        raise Http404
    body = certificates.pdf(found, active_language())
    headers = {"Content-Disposition": f'attachment; filename="{found.code}.pdf"'}
    return HttpResponse(body, content_type="application/pdf", headers=headers)


@private
@require_safe
def place_material(request: HttpRequest, token: str, pk: int) -> HttpResponse:
    """A file or an address of the module; one for participants only for who has a place."""
    found: ModuleMaterial | None = next(
        (one for one in selectors.materials_for(_place_or_404(token)) if one.pk == pk), None
    )
    if found is None:
        raise Http404
    return HttpResponseRedirect(found.url) if found.url else sent(found.file, found.filename)  # type: ignore[return-value]


@private
def self_assessment(request: HttpRequest, token: str, moment: str) -> HttpResponse:
    """How sure one is, before or after. What was said can be changed while it is open."""
    place = _place_or_404(token)
    if moment not in SelfAssessment.Moment.values:
        raise Http404
    closed = why_not_assessed(place, moment)
    data = request.POST if request.method == "POST" else None
    form = SelfAssessmentForm(data, built=builds_of(place.offering.module_id), known=ratings_of(place, moment))
    if form.is_valid() and attempt(
        request,
        lambda: assess_oneself(place, moment=moment, ratings=form.ratings()),
        _("Thank you. You can change it until it closes."),
    ):
        return redirect("training:place", token)
    context = facts(place.offering) | {
        "form": form,
        "place": place,
        "moment": moment,
        "closed": closed,
        "cancel_url": reverse("training:place", args=[token]),
    }
    return show(request, "training/places/self_assessment.html", context)


@private
def lost_link(request: HttpRequest) -> HttpResponse:
    """Somebody lost the letter. The answer is the same whether we know the address or not."""
    form = LostLinkForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        services.send_links_again(form.cleaned_data["email"])
        consulting.send_links_again(form.cleaned_data["email"])
        done = _(
            "If this address is enrolled, or asked to comment on a standard, the personal link is on its way again. "
            "Look into your mailbox in a few minutes."
        )
        messages.success(request, done)
        return redirect("training:lost_link")
    return show(request, "training/places/lost_link.html", {"form": form})
