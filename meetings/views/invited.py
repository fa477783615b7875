"""The personal page of somebody who is asked about dates or invited, with or without an account. Each act is a POST."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from cmncp_portal.core.screens import attempt, private, show
from cmncp_portal.core.text import active_language

from .. import services
from ..forms.desk import Colleagues, ComingForm, WordForm
from ..forms.polling import PollAnswerForm
from ..models import Audience, Invitee, Meeting, Registration
from ..selectors import desk
from ..selectors.entries import TONES
from ..selectors.people import addresses_taken
from ..selectors.places import room_of
from ..selectors.words import languages_in_words, place_in_words

S = Meeting.State
CALLED_OFF = (S.CANCELLED, S.POSTPONED)
Forms = dict[str, Any]


def facts(meeting: Meeting) -> dict[str, Any]:
    """What both personal pages say of the meeting, in words of the page's language."""
    language = active_language()
    return {
        "meeting": meeting,
        "when": desk.when_in_words(meeting),
        "where": place_in_words(meeting, language),
        "languages": languages_in_words(meeting, language) if meeting.languages else "",
        "is_shown": meeting.published_at is not None and meeting.audience == Audience.PUBLIC,
        "is_called_off": meeting.state in CALLED_OFF,
        "days": [] if meeting.state in CALLED_OFF or meeting.published_at is None else desk.days_of(meeting),
    }


def _invitee_or_404(token: str) -> Invitee:
    invitee = Invitee.from_token(token)
    if invitee is None:
        raise Http404
    return invitee


@private
@require_safe
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    return _invitation_page(request, _invitee_or_404(token), {})


def _invitation_page(request: HttpRequest, invitee: Invitee, wrong: Forms) -> HttpResponse:
    """The whole page; `wrong` are forms that come back with their errors and what was typed."""
    meeting = invitee.meeting
    place = desk.place_of(invitee)
    word = desk.word_to_invitee(invitee, place)
    is_asking = meeting.state == S.POLLING and invitee.is_asked_for_dates
    may_answer = place is None and meeting.state == S.ANNOUNCED and not meeting.is_over
    context = facts(meeting) | {
        "invitee": invitee,
        "tone": TONES[S(meeting.state)],
        "place": place,
        "sentence": word.sentence,
        "waits": word.waits,
        "own": desk.own_time(meeting, invitee.zone),
        "is_asking": is_asking,
        "dates_open": desk.dates_are_asked(invitee),
        "dates_form": _dates_form(invitee) if is_asking else None,
        "may_register": may_answer and meeting.is_registration_open,
        "may_decline": may_answer and invitee.declined_at is None,
        "word_form": WordForm(auto_id="decline_%s"),
    }
    if context["may_register"]:
        context |= {"is_full": bool(meeting.capacity) and room_of(meeting).is_full} | _coming(invitee)
    return show(request, "meetings/invitation.html", context | wrong)


def _dates_form(invitee: Invitee, data: Any = None) -> PollAnswerForm:
    """The proposed dates with this person's answers so far, and nobody else's."""
    return PollAnswerForm(data, invitee=invitee, auto_id="dates_%s")


def _coming(invitee: Invitee, data: Any = None) -> Forms:
    """The form for oneself, filled in with what is known, and the rows for colleagues."""
    meeting = invitee.meeting
    known = {
        "name": invitee.name,
        "title": invitee.stakeholder.title if invitee.stakeholder else "",
        "attends": Registration.Attends.IN_PERSON,
    }
    rows: Any = Colleagues(  # type: ignore[call-arg]
        data, own=invitee.email, form_kwargs={"meeting": meeting}, prefix="colleague"
    )
    return {
        "coming_form": ComingForm(data, meeting=meeting, initial=known, auto_id="come_%s"),
        "colleagues": rows,
        "colleagues_open": rows.is_bound and any(row.has_changed() for row in rows.forms),
    }


@private
@require_POST
def invitation_act(request: HttpRequest, token: str, name: str) -> HttpResponse:
    """Answer about dates, register oneself and colleagues, decline, not me, no more letters."""
    invitee = _invitee_or_404(token)
    acts: dict[str, Callable[[HttpRequest, Invitee], Forms]] = {
        "dates": _answer_dates,
        "register": _register,
        "decline": _decline,
        "not-me": _not_me_invited,
        "stop": _stop_invitations,
    }
    if name not in acts:
        raise Http404
    if wrong := acts[name](request, invitee):
        return _invitation_page(request, invitee, wrong)
    if name == "not-me":
        return render(
            request, "meetings/gone.html", {"sentence": _("Name and address are removed, and nothing further is sent.")}
        )
    return redirect("meetings:invitation", token)


def _answer_dates(request: HttpRequest, invitee: Invitee) -> Forms:
    form = _dates_form(invitee, request.POST)
    if not form.is_valid():
        return {"dates_form": form}
    done = _("Thank you: your answers are noted.")
    attempt(request, lambda: services.answer_dates(invitee, answers=form.answers, note=form.note), done)
    return {}


def _register(request: HttpRequest, invitee: Invitee) -> Forms:
    forms = _coming(invitee, request.POST)
    own, rows = forms["coming_form"], forms["colleagues"]
    if not all([own.is_valid(), rows.is_valid(), _are_new(rows, invitee.meeting)]):
        return forms
    me = services.Person(
        **own.cleaned_data,
        email=invitee.email,
        language="" if invitee.language == "both" else invitee.language,
        municipality=invitee.municipality,
        stakeholder=invitee.stakeholder,
        zone=invitee.zone,
    )
    others = [services.Person(**row, municipality=invitee.municipality) for row in rows.people]
    done = _("Thank you. Each person gets a letter with an own link.") if others else _("Thank you. A letter follows.")
    act = partial(services.register, people=[me, *others], by_name=me.name, invitee=invitee)
    attempt(request, lambda: act(invitee.meeting), done)
    return {}


def _are_new(rows: Any, meeting: Meeting) -> bool:
    """Whether none of the colleagues has a place already; whoever has one is named beside the row."""
    named = {row.cleaned_data["email"]: row for row in rows.forms if getattr(row, "cleaned_data", {}).get("email")}
    taken = addresses_taken(meeting, named) if named else set()
    for email in taken:
        named[email].add_error("email", _("This address has a place at this meeting already."))
    return not taken


def _decline(request: HttpRequest, invitee: Invitee) -> Forms:
    form = WordForm(request.POST, auto_id="decline_%s")
    if not form.is_valid():
        return {"word_form": form}
    done = _("Thank you for telling us. The organisers know.")
    attempt(request, lambda: services.decline_invitation(invitee, word=form.cleaned_data["word"]), done)
    return {}


def _not_me_invited(request: HttpRequest, invitee: Invitee) -> Forms:
    services.not_me_invited(invitee)
    return {}


def _stop_invitations(request: HttpRequest, invitee: Invitee) -> Forms:
    services.stop_letters_to(invitee)
    messages.success(request, _("You get no further letters about this meeting, unless you register."))
    return {}
