"""What lies in the outbox about knowledge, said briefly. `post` writes what a worker would have written by now."""

from cmncp_portal.notifications import mailings
from cmncp_portal.notifications.models import Mailing, Message


def post() -> int:
    """Write the letters of all mailings, as a worker does; return how many."""
    return mailings.sweep()


def written(kind: str) -> list[Message]:
    """Letters of `kind` that were not withdrawn, oldest first."""
    post()
    rows = Message.objects.filter(kind=f"knowledge.{kind}").exclude(state=Message.State.WITHDRAWN)
    return list(rows.order_by("pk"))


def to(kind: str) -> list[str]:
    """The addresses to which letters of `kind` went, in alphabetical order."""
    return sorted(message.to_email for message in written(kind))


def forget() -> None:
    """Empty the outbox, so that a test sees only what comes next."""
    post()
    Message.objects.all().delete()
    Mailing.objects.all().delete()
