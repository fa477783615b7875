"""Certificates that anybody can check, their paper, and the same as Open Badges."""

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.http import require_safe

from cmncp_portal.core.screens import attempt, private
from cmncp_portal.core.text import active_language

from ..forms.people import CodeForm
from ..models import Certificate, Level
from ..selectors.certificates import certificate_called, certificates_near, written
from ..services import badges, certificates

HOUR = 3600  # seconds that others may keep what names the network


# ---- checking, without an account


@private
@require_safe
def check(request: HttpRequest) -> HttpResponse:
    """A field for the code; what was typed leads to the certificate's own page."""
    form = CodeForm(request.GET if "code" in request.GET else None)
    if form.is_valid():
        found = certificate_called(form.cleaned_data["code"])
        if found is not None:
            return redirect(found)
        return _unknown(request, form.cleaned_data["code"])
    return render(request, "training/certificates/check.html", {"form": form, "is_unknown": False})


def _unknown(request: HttpRequest, code: str) -> HttpResponse:
    context = {"form": CodeForm(initial={"code": written(code) or code}), "is_unknown": True}
    return render(request, "training/certificates/check.html", context, status=404)


@private
@require_safe
def verify(request: HttpRequest, code: str) -> HttpResponse:
    """Whether a certificate holds, for whom and for what: no more. A code typed otherwise leads to the same page."""
    found = certificate_called(code)
    if found is None:
        return _unknown(request, code)
    if found.code != code:
        return redirect(found)
    lines = [{**line, "word": str(Level(line["level"]).label)} for line in found.lines]
    context = {"certificate": found, "lines": lines, "may_revoke": _may_revoke(request.user, found)}
    return render(request, "training/certificates/verify.html", context)


def _may_revoke(user: Any, certificate: Certificate) -> bool:
    return bool(user.is_authenticated and certificate.is_valid and user.has_perm("training.revoke", certificate))


# ---- the person's own


def _own(request: HttpRequest, code: str) -> Certificate:
    """The certificate for the person herself or a coordinator: 403 for who may look at the person, 404 for strangers."""
    found = get_object_or_404(certificates_near(request.user), code=written(code))
    is_own = request.user.has_perm("training.show_evidence", found)
    if not (is_own or request.user.has_perm("training.organise")):
        raise PermissionDenied
    return found


@require_safe
@never_cache
def certificate_pdf(request: HttpRequest, code: str) -> HttpResponse:
    """The certificate as PDF/UA, in the page's language or that of ?lang."""
    found = _own(request, code)
    asked = request.GET.get("lang", "")
    language = asked if asked in ("en", "fr") else active_language()
    made: list[bytes] = []
    if not attempt(request, lambda: made.append(certificates.pdf(found, language))):
        return redirect(found)
    name = _("certificate")
    headers = {"Content-Disposition": f'attachment; filename="{name}-{found.code}-{language}.pdf"'}
    return HttpResponse(made[0], content_type="application/pdf", headers=headers)


@require_safe
@never_cache
def badge_json(request: HttpRequest, code: str) -> HttpResponse:
    """The certificate as an Open Badge 3.0, unsigned."""
    found = _own(request, code)
    if not found.is_valid:
        return _gone(found)
    return _download(badges.credential(found, active_language()), f"badge-{found.code}.json")


@require_safe
@never_cache
def badge_jwt(request: HttpRequest, code: str) -> HttpResponse:
    """The same, signed; not offered by a portal without a key."""
    found = _own(request, code)
    if not found.is_valid:
        return _gone(found)
    token = badges.signed(found, active_language())
    if token is None:
        raise Http404
    headers = {"Content-Disposition": f'attachment; filename="badge-{found.code}.jwt"'}
    return HttpResponse(token, content_type="application/vc+jwt", headers=headers)


def _download(content: dict[str, Any], name: str) -> HttpResponse:
    answer = JsonResponse(content, content_type="application/vc+ld+json")
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _gone(certificate: Certificate) -> HttpResponse:
    """Say that it was revoked, and when; the reason is the person's own matter."""
    assert certificate.revoked_at
    return JsonResponse(
        {"id": badges.credential_id(certificate), "revoked": True, "revokedAt": certificate.revoked_at}, status=410
    )


# ---- what programs ask for


def _open(content: dict[str, Any], kind: str = "application/json") -> HttpResponse:
    answer = JsonResponse(content, content_type=kind)
    answer["Access-Control-Allow-Origin"] = "*"  # badges are checked by pages of others, in the browser
    return answer


@login_not_required
@require_safe
@cache_control(public=True, max_age=HOUR)
def issuer(request: HttpRequest) -> HttpResponse:
    """Who issues badges."""
    return _open(badges.issuer_document(), "application/ld+json")


@login_not_required
@require_safe
@cache_control(public=True, max_age=HOUR)
def key(request: HttpRequest) -> HttpResponse:
    """The key with which signatures are checked, as a JSON Web Key."""
    found = badges.public_key()
    if found is None:
        raise Http404
    return _open(found, "application/jwk+json")


@login_not_required
@require_safe
@never_cache
def revoked(request: HttpRequest) -> HttpResponse:
    """Which credentials no longer hold; they cannot be traced to a certificate or a person."""
    return _open(badges.revoked())


@private
@require_safe
def achievement(request: HttpRequest, code: str) -> HttpResponse:
    """What a badge is for; names nobody."""
    found = certificate_called(code)
    if found is None or found.code != code:
        raise Http404
    if not found.is_valid:
        return _gone(found)
    return _open(badges.achievement_document(found, active_language()), "application/ld+json")
