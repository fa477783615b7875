"""The personal page of somebody who was invited, with or without an account. Opening it changes nothing; each act is a POST.

The address is the key: it is kept out of search engines and of the Referer header.
"""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.db.models import Prefetch, prefetch_related_objects
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from cmncp_portal.core import files
from cmncp_portal.core.entries import to_ics
from cmncp_portal.core.screens import private, show
from cmncp_portal.core.text import active_language
from cmncp_portal.evaluation.models import Invitation

from .. import selectors, services
from ..forms import AnswerInvitationForm, ColleagueForm, IdeaForm, LostLinkForm, NeedsForm
from ..models import Stop, TeamMember, Visit
from ..selectors.lists import entry_of, title_of
from ..services.desk import ANSWERABLE
from .common import attempt
from .planning import send_file
from .visit import day_context

View = Callable[..., HttpResponse]
Forms = dict[str, Any]


def _member_or_404(token: str) -> TeamMember:
    member = TeamMember.from_token(token)
    if member is None or member.status in (TeamMember.Status.REPLACED, TeamMember.Status.WITHDRAWN):
        raise Http404
    return member


def _plan(member: TeamMember) -> Visit:
    """The visit with what the page tells of it: its programme."""
    prefetch_related_objects([member.visit], Prefetch("stops", Stop.objects.select_related("programme")))
    return member.visit


@private
def desk(request: HttpRequest, token: str) -> HttpResponse:
    return _page(request, _member_or_404(token), {})


def _page(request: HttpRequest, member: TeamMember, wrong: Forms) -> HttpResponse:
    """The whole page; `wrong` are forms that come back with their errors and what was typed."""
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
        "accept_form": AnswerInvitationForm(auto_id="accept_%s"),
        "decline_form": AnswerInvitationForm(auto_id="decline_%s"),
        "colleague_form": ColleagueForm(),
        "needs_form": NeedsForm(instance=member),
        "idea_form": IdeaForm(visit=visit),
        "documents": visit.documents.all() if is_coming else [],
        "survey": _survey(member, visit),
        "ideas": member.ideas.all(),
        "next_stop": day_context(visit)["next_stop"] if visit.is_under_way else None,
        "may_note": visit.state in (Visit.State.CONFIRMED, Visit.State.HELD) and is_coming,
    }
    return show(request, "exchanges/desk.html", context | wrong)


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
    acts: dict[str, Callable[[HttpRequest, TeamMember], Forms]] = {
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
    if wrong := acts[name](request, member):
        return _page(request, member, wrong)
    if name == "not-me":
        return render(request, "exchanges/desk_gone.html")
    return redirect("exchanges:desk", token)


def _accept(request: HttpRequest, member: TeamMember) -> Forms:
    form = AnswerInvitationForm(request.POST, auto_id="accept_%s")
    if not form.is_valid():
        return {"accept_form": form}
    word = form.cleaned_data["word"]
    done = _("Thank you: you take part. Dates and programme follow as soon as both sides confirmed them.")
    attempt(request, lambda: services.answer_invitation(member, comes=True, word=word), done)
    return {}


def _decline(request: HttpRequest, member: TeamMember) -> Forms:
    # Who was only invited answers yes or no in one form; who accepted takes it back in another.
    which = "decline" if member.takes_part else "accept"
    form = AnswerInvitationForm(request.POST, auto_id=f"{which}_%s")
    if not form.is_valid():
        return {f"{which}_form": form}
    word = form.cleaned_data["word"]
    done = _("Thank you for telling us. The organisers know.")
    attempt(request, lambda: services.answer_invitation(member, comes=False, word=word), done)
    return {}


def _needs(request: HttpRequest, member: TeamMember) -> Forms:
    form = NeedsForm(request.POST)
    if not form.is_valid():
        return {"needs_form": form}
    done = _("Saved. Only the two leads and the network’s coordinators read it.")
    attempt(request, lambda: services.save_needs(member, **form.cleaned_data), done)
    return {}


def _colleague(request: HttpRequest, member: TeamMember) -> Forms:
    form = ColleagueForm(request.POST)
    if not form.is_valid():
        return {"colleague_form": form}
    done = _("Thank you. The organisers know, and invite your colleague if it suits.")
    attempt(request, lambda: services.suggest_colleague(member, **form.cleaned_data), done)
    return {}


def _idea(request: HttpRequest, member: TeamMember) -> Forms:
    if member.status != TeamMember.Status.ACCEPTED:
        raise Http404
    form = IdeaForm(request.POST, visit=member.visit)
    if not form.is_valid():
        return {"idea_form": form}
    attempt(
        request,
        lambda: services.catch_idea(member.visit, side=member.side, member=member, **form.cleaned_data),
        _("Your idea is noted."),
    )
    return {}


def _not_me(request: HttpRequest, member: TeamMember) -> Forms:
    services.not_me(member)
    return {}


def _stop(request: HttpRequest, member: TeamMember) -> Forms:
    services.stop_letters(member)
    messages.success(request, _("You get no further letters, except when a visit that you accepted changes or ends."))
    return {}


@private
def desk_calendar(request: HttpRequest, token: str) -> HttpResponse:
    member = _member_or_404(token)
    visit = _plan(member)
    if visit.starts_on is None:
        raise Http404
    return files.calendar_file(to_ics([entry_of(visit)], language=active_language()), visit.exchange.reference)


@private
def desk_document(request: HttpRequest, token: str, pk: int) -> HttpResponse:
    member = _member_or_404(token)
    if member.status != TeamMember.Status.ACCEPTED:
        raise Http404
    return send_file(member.visit, pk)  # type: ignore[return-value]


@private
def lost_link(request: HttpRequest) -> HttpResponse:
    """Somebody who was invited lost the letter. The answer is the same whether we know the address or not."""
    form = LostLinkForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        services.send_links_again(form.cleaned_data["email"])
        done = _(
            "If somebody invited this address, the personal link is on its way again. Look into your mailbox in a few minutes."
        )
        messages.success(request, done)
        return redirect("exchanges:lost_link")
    return render(request, "exchanges/lost_link.html", {"form": form}, status=422 if form.errors else 200)
