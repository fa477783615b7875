"""Doorways: the invitation, one's own profile, the people with accounts, and the demo's one-click sign-in."""

from typing import Any

from allauth.account.app_settings import EmailVerificationMethod
from allauth.account.utils import perform_login
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cmncp_portal.core.forms import ReasonForm
from cmncp_portal.core.screens import page_of, require
from cmncp_portal.core.workflow import TransitionRefused

from . import selectors, services
from .adapter import remember_language
from .forms import AcceptForm, InviteForm, PeopleFilter, ProfileForm, RolesForm
from .models import User


def _invited(token: str) -> User:
    user = User.objects.invited_by_link(token)
    if user is None:
        raise Http404
    return user


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """The page behind the link of an invitation. Looking changes nothing; the button lets the person in."""
    user = _invited(token)
    if not user.is_waiting:
        return render(request, "accounts/invitation_used.html")
    if user.has_expired_invitation:
        return render(request, "accounts/invitation_expired.html", {"token": token})
    form = AcceptForm(request.POST or None, instance=user)
    if request.method == "POST" and form.is_valid():
        try:
            user = services.accept(user=user, **form.cleaned_data)
        except TransitionRefused as refused:
            messages.error(request, str(refused))
            return redirect("accounts:invitation", token)
        return _sign_in(request, user)
    return render(request, "accounts/invitation.html", {"form": form, "invited": user})


@login_not_required
@never_cache
@require_POST
def new_invitation(request: HttpRequest, token: str) -> HttpResponse:
    """“Send me a new link”: each expired link can ask once, since asking makes it worthless."""
    user = _invited(token)
    if not user.has_expired_invitation:
        return redirect("accounts:invitation", token)
    services.resend_invitation(user=user)
    return render(request, "accounts/invitation_sent.html", {"invited": user})


def _sign_in(request: HttpRequest, user: User) -> HttpResponse:
    """Sign `user` in for good, whoever was signed in at this browser before."""
    if request.user.is_authenticated and request.user.pk != user.pk:
        logout(request)
    return perform_login(request, user, email_verification=EmailVerificationMethod.NONE, email=user.email)


@login_not_required
@never_cache
def demo_sign_in(request: HttpRequest) -> HttpResponse:
    """One click lets in as an invented person. Outside the demo there is nothing here, whatever the method."""
    if not settings.DEMO:
        raise Http404
    user = selectors.demo_person(request.POST.get("email", ""))
    if user is None:
        raise Http404
    return _sign_in(request, user)


def profile(request: HttpRequest) -> HttpResponse:
    """My name, language and time zone."""
    form = ProfileForm(
        request.POST or None, instance=get_object_or_404(User.objects.visible_to(request.user), pk=request.user.pk)
    )
    if request.method == "POST" and form.is_valid():
        user = form.save()
        with override(user.language):
            messages.success(request, _("Your profile is saved."))
            response = redirect("accounts:profile")
        remember_language(response, user.language)
        return response
    return render(request, "accounts/profile.html", {"form": form})


@require_safe
def people(request: HttpRequest) -> HttpResponse:
    """Who has an account, with roles. For administrators."""
    require(request.user, "accounts.manage_people")
    form = PeopleFilter(request.GET or None)
    found = form.apply(selectors.people(request.user))
    return render(request, "accounts/people.html", {"page": page_of(request, found), "form": form})


def invite_person(request: HttpRequest) -> HttpResponse:
    """An invitation from the secretariat; municipalities invite their own people from their own page."""
    require(request.user, "accounts.invite_anyone")
    form = InviteForm(request.POST or None, initial={"language": request.user.language})
    if request.method == "POST" and form.is_valid():
        user = services.invite(by=request.user, **form.cleaned_data)
        messages.success(request, _("The invitation to %(email)s is on its way.") % {"email": user.email})
        return redirect("accounts:invite")
    return render(request, "accounts/invite.html", {"form": form})


def _somebody(request: HttpRequest, pk: int) -> User:
    """The account `pk` as far as this person may see it: 404 for others' accounts, 403 for one's own without the right."""
    user = get_object_or_404(User.objects.visible_to(request.user).with_roles(), pk=pk)
    require(request.user, "accounts.manage_people")
    return user


def person(request: HttpRequest, pk: int) -> HttpResponse:
    """One account: its roles, its record, and closing it. For administrators."""
    user = _somebody(request, pk)
    form = RolesForm(request.POST or None, initial={"roles": sorted(user.role_names)})
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        return _done(request, user, _("The roles are saved."), services.set_roles, **values)
    context = {
        "person": user,
        "form": form,
        "reason_form": ReasonForm(required=False, prefix="close"),
        "changes": selectors.changes_of(user)[:50],
        "why_not": services.why_not_deactivate(user, request.user),
    }
    return render(request, "accounts/person.html", context)


@require_POST
def person_deactivate(request: HttpRequest, pk: int) -> HttpResponse:
    note = request.POST.get("close-note", "")[:1000]
    return _done(request, _somebody(request, pk), _("The account is closed."), services.deactivate, note=note)


@require_POST
def person_reactivate(request: HttpRequest, pk: int) -> HttpResponse:
    return _done(request, _somebody(request, pk), _("The account is open again."), services.reactivate)


@require_POST
def person_invite_again(request: HttpRequest, pk: int) -> HttpResponse:
    return _done(request, _somebody(request, pk), _("A new invitation is on its way."), services.resend_invitation)


def _done(request: HttpRequest, user: User, said: str, service: Any, **values: Any) -> HttpResponse:
    try:
        service(user=user, by=request.user, **values)
    except TransitionRefused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, said)
    return redirect("accounts:person", user.pk)
