"""Who follows the library, and whether that still holds."""

from django.db.models import Exists, OuterRef, QuerySet

from cmncp_portal.notifications.models import Category, Preference

from ..models import Subscription


def wanted_now() -> QuerySet[Preference]:
    """Return the consents to announcements that stand."""
    return Preference.objects.filter(category=Category.ANNOUNCEMENTS, is_wanted=True)


def state_of(subscription: Subscription) -> str:
    """Return "waiting" (for the click in the mailbox), "running", or "ended", here or by a letter's one-click way out."""
    if subscription.ended_at is not None:
        return "ended"
    if subscription.confirmed_at is None:
        return "waiting"
    return "running" if wanted_now().filter(email=subscription.email).exists() else "ended"


def listeners() -> QuerySet[Subscription]:
    """Return the subscriptions whose holders are written to: confirmed, not ended, and with a consent that stands."""
    consent = wanted_now().filter(email=OuterRef("email"))
    rows = Subscription.objects.filter(Exists(consent), confirmed_at__isnull=False, ended_at__isnull=True)
    return rows.order_by("pk")
