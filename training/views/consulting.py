"""Planning a consultation, and the personal page of a guest who comments without an account."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from cmncp_portal.core.conflicts import chosen, conflict_page
from cmncp_portal.core.editing import Conflict
from cmncp_portal.core.screens import attempt, number, page_of, private, show
from cmncp_portal.notifications.mailings import progress_of

from ..forms.consulting import DaysForm, GuestRows
from ..forms.standards import CommentForm, WordsForm
from ..models import Comment, CommentInvitee, CompetencyText, StandardVersion
from ..notifications import standards as kinds
from ..selectors import standards as found
from ..services import commenting, consulting
from ..workflow import VERSION
from .standards_common import head, move_base, page_of_domain, top, version_for

V = StandardVersion.State
COMPETENCIES_ON_A_PAGE = 25
OPENING = ("open_consultation", "consult_again")
Forms = dict[str, Any]


@never_cache
def plan(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Before: days, guests, the letter and how many get it, one button. After: guests, and how far the letters are."""
    version = version_for(request, slug, number, "training.consult")
    answer = _act(request, version) if request.method == "POST" else {}
    if isinstance(answer, HttpResponse):
        return answer
    offers = [o for o in VERSION.offered_to(request.user, version) if o.transition.name in OPENING]
    context = head(version, request.user) | {
        "here": "consultation",
        "days": DaysForm(instance=version, auto_id="days_%s"),
        "rows": GuestRows(prefix="guest"),
        "page": page_of(request, found.guests_of(version)),
        "params": request.GET,
        "offers": offers,
        "may_plan": version.state in consulting.MAY_PLAN,
        "move_base": move_base(version),
        "progress": progress_of(f"{kinds.CONSULTATION_OPENED.name}:{version.pk}"),
    }
    if offers:
        context |= _who_is_told(version)
    return show(request, "training/standards/consultation.html", context | answer)


def _act(request: HttpRequest, version: StandardVersion) -> HttpResponse | Forms:
    acts = {"days": _days, "guests": _guests, "remove": _remove}
    if request.POST.get("act") not in acts:
        raise Http404
    return acts[request.POST["act"]](request, version)


def _who_is_told(version: StandardVersion) -> dict[str, Any]:
    people, guests = consulting.audience(version)
    return {
        "told": len(people) + len(guests),
        "with_link": len(guests),
        "letters": kinds.preview(version, competencies=version.texts.count()),
    }


def _here(version: StandardVersion) -> HttpResponse:
    return redirect("training:consultation", version.standard.slug, version.number)


def _days(request: HttpRequest, version: StandardVersion) -> HttpResponse | Forms:
    form = DaysForm(chosen(request.POST), instance=version, auto_id="days_%s")
    if not form.is_valid():
        return {"days": form}
    data = form.cleaned_data
    opens, closes, seen = data.get("opens_on"), data["closes_on"], data["version"]

    def keep() -> None:
        consulting.plan_days(version, seen=seen, opens_on=opens, closes_on=closes, by=request.user)

    try:
        attempt(request, keep, _("The days are saved."))
    except Conflict as conflict:
        return conflict_page(request, form, DaysForm(instance=conflict.current), cancel_url=request.path)
    return _here(version)


def _guests(request: HttpRequest, version: StandardVersion) -> HttpResponse | Forms:
    rows = GuestRows(request.POST, prefix="guest")
    if not rows.is_valid():
        return {"rows": rows}
    new = 0

    def invite() -> None:
        nonlocal new
        new = consulting.invite_guests(version, guests=rows.guests, by=request.user)

    if attempt(request, invite):
        done = ngettext("One person is on the list now.", "%(count)s people are on the list now.", new)
        messages.success(request, done % {"count": new} if new else _("All of them were on the list already."))
    return _here(version)


def _remove(request: HttpRequest, version: StandardVersion) -> HttpResponse | Forms:
    pk = number(request.POST.get("guest", ""))
    done = _("This person is off the list; the personal link opens nothing any more.")
    attempt(request, lambda: consulting.remove_guest(version, pk=pk, by=request.user), done)
    return _here(version)


# ---- a guest ----------------------------------------------------------------------------------------


def _guest_or_404(token: str) -> CommentInvitee:
    invitee = CommentInvitee.from_token(token)
    if invitee is None or invitee.version.state == V.DRAFT:
        raise Http404
    return invitee


@private
@require_safe
def guest(request: HttpRequest, token: str) -> HttpResponse:
    return _guest_page(request, _guest_or_404(token), {})


def _guest_page(request: HttpRequest, invitee: CommentInvitee, wrong: Forms) -> HttpResponse:
    """The version by domain, or one competency with a form; below, what this person said. `wrong` are forms that came back."""
    version = invitee.version
    text = _text(version, request.GET.get("competency", ""))
    domains = [] if text else found.domains_of(version)
    domain = found.first_domain(domains, request.GET.get("domain", ""))
    rows = found.texts_with_criteria(version)
    own = Comment.objects.filter(invitee=invitee, withdrawn_at__isnull=True).select_related("text__domain")
    context = top(version) | {
        "invitee": invitee,
        "domains": domains,
        "domain": domain,
        "text": text,
        "levels": found.by_level(text.criteria.all()) if text else [],
        "comments": found.comments_beside(text) if text else [],
        "page": None if text else page_of_domain(request, rows, domain, COMPETENCIES_ON_A_PAGE),
        "params": request.GET,
        "form": CommentForm(text=text),
        "own": own.defer("text__search_en", "text__search_fr").order_by("created_at", "pk"),
        "edit": None,
    }
    return show(request, "training/standards/guest.html", context | wrong)


def _text(version: StandardVersion, asked: str) -> CompetencyText | None:
    if not asked:
        return None
    rows = CompetencyText.objects.filter(version=version).select_related("domain").defer("search_en", "search_fr")
    return get_object_or_404(rows.prefetch_related("criteria"), competency=number(asked))


@private
@require_POST
def guest_act(request: HttpRequest, token: str, name: str) -> HttpResponse:
    """Comment, change or withdraw one's own comment, no further letters, not me."""
    invitee = _guest_or_404(token)
    acts: dict[str, Callable[[HttpRequest, CommentInvitee], Forms]] = {
        "comment": _comment,
        "edit": _edit,
        "withdraw": _withdraw,
        "stop": _stop,
        "not-me": _not_me,
    }
    if name not in acts:
        raise Http404
    if wrong := acts[name](request, invitee):
        return _guest_page(request, invitee, wrong)
    if name == "not-me":
        return render(request, "training/standards/gone.html")
    asked = request.GET.urlencode()
    return redirect(reverse("training:guest", args=[token]) + (f"?{asked}" if asked else ""))


def _comment(request: HttpRequest, invitee: CommentInvitee) -> Forms:
    form = CommentForm(request.POST, text=_text(invitee.version, request.GET.get("competency", "")))
    if not form.is_valid():
        return {"form": form}
    by = commenting.commenter_of_guest(invitee)
    done = _("Thank you: your comment is kept. You can change it until the consultation closes.")
    attempt(request, lambda: commenting.add_comment(invitee.version, by=by, **form.said), done)
    return {}


def _own(request: HttpRequest, invitee: CommentInvitee) -> Comment:
    rows = Comment.objects.filter(invitee=invitee).select_related("standard_version")
    return get_object_or_404(rows, pk=number(request.POST.get("comment", "")))


def _edit(request: HttpRequest, invitee: CommentInvitee) -> Forms:
    """A guest is one person: when two windows disagree, the later one is told and keeps what it typed."""
    comment = _own(request, invitee)
    form = WordsForm(request.POST, instance=comment, auto_id=f"own{comment.pk}_%s")
    if not form.is_valid():
        return {"edit": form}
    words, seen = form.cleaned_data["words"], form.cleaned_data["version"]
    by = commenting.commenter_of_guest(invitee)
    try:
        act = lambda: commenting.change_comment(comment, by=by, seen=seen, words=words)  # noqa: E731
        attempt(request, act, _("Your comment is changed."))
    except Conflict:
        form.add_error("words", _("You changed it in another window meanwhile; look at it again."))
        return {"edit": form}
    return {}


def _withdraw(request: HttpRequest, invitee: CommentInvitee) -> Forms:
    comment, by = _own(request, invitee), commenting.commenter_of_guest(invitee)
    attempt(request, lambda: commenting.withdraw_comment(comment, by=by), _("Your comment is withdrawn."))
    return {}


def _stop(request: HttpRequest, invitee: CommentInvitee) -> Forms:
    consulting.stop_letters(invitee)
    messages.success(request, _("You get no further letters about this version."))
    return {}


def _not_me(request: HttpRequest, invitee: CommentInvitee) -> Forms:
    consulting.not_me(invitee)
    return {}
