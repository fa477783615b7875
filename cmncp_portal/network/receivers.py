"""Whoever signs in is tied to the people listed under one of their proven addresses, and is told so."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils.translation import gettext as _

from . import services


@receiver(user_logged_in, dispatch_uid="network.attach_user")
def attach_people(sender: Any, user: Any, request: HttpRequest | None = None, **kwargs: Any) -> None:
    for person in services.attach_user(user):
        if request is not None and hasattr(request, "_messages"):
            said = _("Your account is now tied to your entry in %(municipality)s.") % {
                "municipality": person.municipality
            }
            messages.info(request, said)
