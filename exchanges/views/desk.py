"""The personal page of somebody who was invited, with or without an account. Opening it changes nothing; each act is a POST.

The address is the key: it is kept out of search engines and of the Referer header.
"""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from cmncp_portal.core.entries import to_ics
from cmncp_portal.core.text import active_language
from cmncp_portal.evaluation.models import Invitation

from .. import selectors, services
from ..forms import AnswerInvitationForm, ColleagueForm, IdeaForm, NeedsForm
from ..models import TeamMember, Visit
from ..selectors.lists import entry_of, title_of
from ..services.desk import ANSWERABLE
from .common import attempt
from .planning import send_file
from .visit import day_context

View = Callable[..., HttpResponse]


def private(view: View) -> View:
    """Open without sign-in, never stored, never indexed, and silent towards other sites."""

    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = view(request, *args, **kwargs)
        response["X-Robots-Tag"] = "noindex, nofollow"
        response["Referrer-Policy"] = "same-origin"  # "no-referrer" would make browsers post with Origin: null
        return response

    return login_not_required(never_cache(wrapped))


def _member_or_404(token: str) -> TeamMember:
    member = TeamMember.from_token(token)
    if member is None or member.status in (TeamMember.Status.REPLACED, TeamMember.Status.WITHDRAWN):
        raise Http404
    return member


def _plan(member: TeamMember) -> Visit:
    return Visit.objects.with_plan().get(pk=member.visit_id)


@private
def desk(request: HttpRequest, token: str) -> HttpResponse:
    member = _member_or_404(token)
    visit = _plan(member)
    is_coming = member.status == TeamMember.Status.ACCEPTED
    may_answer = visit.state in ANSWERABLE and (visit.ends_on is None or visit.ends_on >= visit.today())
    context = {
        "member": member,
        "visit": visit,
        "exchange": visit.exchange,
        "title": title_of(visit),
        "inviter": visit.municipality_of(member.side),
        "lead": visit.lead_of(member.side),
        "hosting": visit.hosting,
        "days": selectors.day_plans(visit, only_agreed=visit.state != Visit.State.ACCEPTED),
        "may_answer": may_answer,
        "is_coming": is_coming,
        "answer_form": AnswerInvitationForm(),
        "colleague_form": ColleagueForm(),
        "needs_form": NeedsForm(instance=member),
        "idea_form": IdeaForm(visit=visit),
        "documents": visit.documents.all() if is_coming else [],
        "survey": _survey(member, visit),
        "ideas": member.ideas.all(),
        "next_stop": day_context(visit)["next_stop"] if visit.is_under_way else None,
        "may_note": visit.state in (Visit.State.CONFIRMED, Visit.State.HELD) and is_coming,
    }
    return render(request, "exchanges/desk.html", context)


def _survey(member: TeamMember, visit: Visit) -> Invitation | None:
    """The evaluation this person is asked for, once there is one."""
    if visit.state != Visit.State.HELD:
        return None
    mine = Invitation.objects.filter(
        survey__visit_evaluation__visit=visit, email__iexact=member.email, excused_at__isnull=True
    )
    return mine.select_related("survey").first()


@private
@require_POST
def act(request: HttpRequest, token: str, name: str) -> HttpResponse:
    """Accept, decline, withdraw, needs, colleague, idea, not me, no more letters."""
    member = _member_or_404(token)
    acts: dict[str, Callable[[HttpRequest, TeamMember], bool]] = {
        "accept": _accept,
        "decline": _decline,
        "needs": _needs,
        "colleague": _colleague,
        "idea": _idea,
        "not-me": _not_me,
        "stop": _stop,
    }
    if name not in acts:
        raise Http404
    acts[name](request, member)
    if name == "not-me":
        return render(request, "exchanges/desk_gone.html")
    return redirect("exchanges:desk", token)


def _word(request: HttpRequest) -> str:
    return request.POST.get("word", "").strip()[:1000]


def _accept(request: HttpRequest, member: TeamMember) -> bool:
    done = _("Thank you: you take part. Dates and programme follow as soon as both sides confirmed them.")
    return attempt(request, lambda: services.answer_invitation(member, comes=True, word=_word(request)), done)


def _decline(request: HttpRequest, member: TeamMember) -> bool:
    return attempt(
        request,
        lambda: services.answer_invitation(member, comes=False, word=_word(request)),
        _("Thank you for telling us. The organisers know."),
    )


def _needs(request: HttpRequest, member: TeamMember) -> bool:
    form = NeedsForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("This is too long to be kept: please shorten it."))
        return False
    return attempt(
        request,
        lambda: services.save_needs(member, **form.cleaned_data),
        _("Saved. Only the two leads and the network’s coordinators read it."),
    )


def _colleague(request: HttpRequest, member: TeamMember) -> bool:
    form = ColleagueForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Please give a name and a complete email address."))
        return False
    return attempt(
        request,
        lambda: services.suggest_colleague(member, **form.cleaned_data),
        _("Thank you. The organisers know, and invite your colleague if it suits."),
    )


def _idea(request: HttpRequest, member: TeamMember) -> bool:
    form = IdeaForm(request.POST, visit=member.visit)
    if member.status != TeamMember.Status.ACCEPTED or not form.is_valid():
        messages.error(request, _("Please write your idea in one line."))
        return False
    return attempt(
        request,
        lambda: services.catch_idea(member.visit, side=member.side, member=member, **form.cleaned_data),
        _("Your idea is noted."),
    )


def _not_me(request: HttpRequest, member: TeamMember) -> bool:
    services.not_me(member)
    return True


def _stop(request: HttpRequest, member: TeamMember) -> bool:
    services.stop_letters(member)
    messages.success(request, _("You get no further letters, except when a visit that you accepted changes or ends."))
    return True


@private
def desk_calendar(request: HttpRequest, token: str) -> HttpResponse:
    member = _member_or_404(token)
    visit = _plan(member)
    if visit.starts_on is None:
        raise Http404
    body = to_ics([entry_of(visit)], language=active_language())
    name = f"{visit.exchange.reference}.ics"
    return HttpResponse(
        body,
        content_type="text/calendar; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@private
def desk_document(request: HttpRequest, token: str, pk: int) -> HttpResponse:
    member = _member_or_404(token)
    if member.status != TeamMember.Status.ACCEPTED:
        raise Http404
    return send_file(member.visit, pk)  # type: ignore[return-value]
