"""What lies in the outbox about knowledge, said briefly."""

from cmncp_portal.testing.mailbag import Mailbag, event, forget, post

__all__ = ["event", "forget", "kinds_to", "post", "to", "written"]

_bag = Mailbag("knowledge")
written, to, kinds_to = _bag.written, _bag.to, _bag.kinds_to
