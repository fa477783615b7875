"""The letters about personal data. They greet by the address: whoever asks has said no name, and we look none up."""

from cmncp_portal.notifications.kinds import Kind
from cmncp_portal.notifications.models import Category

CONFIRM = Kind("privacy.confirm", Category.ACCOUNT, ("name", "wants_copy", "until", "url"))
WAITS = Kind("privacy.waits", Category.ACCOUNT, ("name", "until", "url"))
REFUSED = Kind("privacy.refused", Category.ACCOUNT, ("name", "answer", "url"))
FORGOTTEN = Kind("privacy.forgotten", Category.ACCOUNT, ("name", "parts", "url"))
TO_DECIDE = Kind("privacy.to_decide", Category.ACCOUNT, ("name", "number", "until", "url"))
