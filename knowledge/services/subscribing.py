"""Following the library by email: asked for, confirmed from the mailbox, ended with one click. Nobody is written to unasked."""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from cmncp_portal.core.workflow import TransitionRefused
from cmncp_portal.notifications import mailings
from cmncp_portal.notifications import services as letters
from cmncp_portal.notifications.mailings import Line
from cmncp_portal.notifications.models import Category, Mailing
from cmncp_portal.notifications.recipients import Recipient

from ..models import ActionBrief, Subscription
from ..notifications import BRIEF_PUBLISHED, SUBSCRIPTION_CONFIRM, address, both
from ..selectors.subscribing import listeners, state_of, wanted_now

KEPT_UNCONFIRMED = timedelta(days=30)


@transaction.atomic
def subscribe(*, email: str, language: str, wording: str) -> Subscription:
    """Write to `email` with a link to confirm, at most once a day; nothing else is sent before that.

    `wording` is what the person agreed to, as it was shown. Whoever follows already gets no letter.
    """
    wanted = {"language": language, "wording": wording, "asked_at": timezone.now()}
    found = _open_one(email.strip().lower(), wanted)
    state = state_of(found)
    if state == "ended":  # by a letter's one-click way out: the new wish is a new subscription with a new link
        found.ended_at = timezone.now()
        found.save(update_fields=["ended_at"])
        found = _open_one(found.email, wanted)
    elif state == "waiting":
        for name, value in wanted.items():
            setattr(found, name, value)
        found.save(update_fields=list(wanted))
    if state != "running":
        _ask_to_confirm(found)
    return found


def _open_one(email: str, wanted: dict[str, Any]) -> Subscription:
    found, _is_new = Subscription.objects.get_or_create(email=email, ended_at=None, defaults=wanted)
    return Subscription.objects.select_for_update().get(pk=found.pk)


def _ask_to_confirm(subscription: Subscription) -> None:
    url = address("subscription", subscription.token)
    values: dict[str, dict[str, Any]] = {"url": url, "wording": both(subscription.wording)}
    to = _recipient(subscription)
    context = {code: {name: value[code] for name, value in values.items()} | {"name": to.name} for code in url}
    key = f"{SUBSCRIPTION_CONFIRM.name}:{subscription.pk}:{timezone.localdate():%Y-%m-%d}"
    letters.send(SUBSCRIPTION_CONFIRM, to, key=key, context=context)


def _recipient(subscription: Subscription) -> Recipient:
    language: Any = subscription.language
    return Recipient(subscription.email, "", language)


@transaction.atomic
def confirm(subscription: Subscription) -> None:
    """Count the subscription from now on, and record the consent with its wording.

    Raises TransitionRefused for a second click and for a subscription that has ended.
    """
    found = Subscription.objects.select_for_update().filter(pk=subscription.pk).first()
    state = state_of(found) if found else "ended"
    if found is None or state == "ended":
        raise TransitionRefused(_("This subscription has ended. You can subscribe again at any time."))
    if state == "running":
        raise TransitionRefused(_("You have confirmed this already."), done_already=True)
    had_consented = wanted_now().filter(email=found.email).exists()
    choice = letters.set_preference(
        email=found.email, category=Category.ANNOUNCEMENTS, is_wanted=True, wording=found.wording
    )
    # The same instant says later that this consent came from here, and goes with the subscription.
    found.confirmed_at = timezone.now() if had_consented else choice.decided_at
    found.save(update_fields=["confirmed_at"])


@transaction.atomic
def end(subscription: Subscription) -> None:
    """End the subscription, and the consent that was given with it; one given elsewhere, as on the own account, stays.

    Raises TransitionRefused for a second click.
    """
    found = Subscription.objects.select_for_update().filter(pk=subscription.pk).first()
    if found is None or state_of(found) == "ended":
        raise TransitionRefused(_("This subscription has ended already."), done_already=True)
    found.ended_at = timezone.now()
    found.save(update_fields=["ended_at"])
    choice = wanted_now().filter(email=found.email).first()
    if choice is not None and choice.decided_at == found.confirmed_at:
        letters.unsubscribe(choice)


def announce(brief: ActionBrief, *, by: Any = None) -> Mailing:
    """Tell those who follow the library that `brief` is published, each in the own language, nobody twice.

    Called within the publication. A brief that was announced is not announced again to those who heard of it.
    """
    url, context = address("brief", brief.slug), {}
    for code in ("en", "fr"):
        edition = brief.published_edition(code)
        texts = edition.published if edition else {}
        context[code] = {
            "url": url[code],
            "title": texts.get("title", ""),
            "summary": texts.get("summary", ""),
            "reference": brief.reference,
        }
    lines = [Line(_recipient(subscription)) for subscription in listeners()]
    return mailings.begin(BRIEF_PUBLISHED, lines, key=f"{BRIEF_PUBLISHED.name}:{brief.pk}", context=context, by=by)


def forget_unconfirmed(now: datetime) -> int:
    """Delete subscriptions that nobody confirmed within thirty days; return how many."""
    late = Subscription.objects.filter(confirmed_at__isnull=True, asked_at__lt=now - KEPT_UNCONFIRMED)
    deleted, _per_model = late.delete()
    return deleted
