"""The application as its writer fills it in, on the personal page, without an account."""

from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from cmncp_portal.core.editing import Conflict, save_version
from cmncp_portal.core.workflow import TransitionRefused

from .. import notifications as kinds
from ..models import Application
from ..workflow import APPLICATION, CONSENTS, INTEREST
from .telling import names_of, tell_coordinators, tell_person

A = Application.State
WRITABLE = (A.DRAFT, A.MORE_ASKED)


@transaction.atomic
def keep(application: Application, *, seen: int, consents: dict[str, str], file: Any = None, **fields: Any) -> None:
    """Keep the draft as read at version `seen`. `consents` are the names agreed to, with the wording that was read.

    A `file` that was checked by the form replaces the one before.
    A consent given before keeps its wording and its moment; one that is no longer ticked is taken back.
    Raises core.editing.Conflict; TransitionRefused when it lies with the coordinators or was decided.
    """
    state = Application.objects.select_for_update().values_list("state", flat=True).get(pk=application.pk)
    if state not in WRITABLE:
        raise TransitionRefused(_("This application was sent already."), done_already=True)
    now = timezone.now().isoformat()
    kept = {
        name: application.consents.get(name) or {"agreed": True, "wording": consents[name], "at": now}
        for name in CONSENTS
        if name in consents
    }
    for name in ("representative_email", "deputy_email"):
        if name in fields:
            fields[name] = fields[name].strip().lower()
    before, storage = application.resolution_file.name, application.resolution_file.storage
    if file is not None:
        application.resolution_file.save(file.name, file, save=False)
        fields |= {"resolution_file": application.resolution_file.name, "resolution_filename": file.name[-200:]}
    try:
        save_version(application, seen=seen, fields={**fields, "consents": kept})
    except Conflict:
        if file is not None:
            storage.delete(fields["resolution_file"])
        raise
    if file is not None and before:
        transaction.on_commit(lambda: storage.delete(before))


@transaction.atomic
def send(application: Application) -> None:
    """Hand the application to the coordinators. Raises TransitionRefused with what is missing, or when it was sent before."""
    APPLICATION.apply(application, "send")
    now = timezone.now()
    Application.objects.filter(pk=application.pk).update(sent_at=now)
    application.sent_at = now
    occasion = f"sent:{application.changes.count()}"
    tell_person(kinds.SENT, application.interest, occasion=occasion)
    tell_coordinators(
        kinds.SENT_TO_COORDINATORS,
        place=names_of(application.municipality),
        url=kinds.url_words("decide", application.pk),
        key=f"{application.pk}:{occasion}",
        person=kinds.both(application.interest.name),
    )


@transaction.atomic
def withdraw(application: Application, *, by: Any = None) -> None:
    """Take the application back; the community goes on being accompanied. `by` is None on the personal page."""
    APPLICATION.apply(application, "withdraw", by=by)
    settle(application, by=by)


def settle(application: Application, *, by: Any = None) -> None:
    """Close the expression of interest with what became of its application: nobody waits for anything any more."""
    INTEREST.apply(application.interest, "close", by=by, note=str(application.get_state_display()))
