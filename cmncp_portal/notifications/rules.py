"""Who may look into the outbox. This floor knows no accounts: it asks the person for roles by name."""

from typing import Any

import rules

SECRETARIAT = ("coordinator", "administrator")


@rules.predicate
def is_of_the_secretariat(user: Any) -> bool:
    holds = getattr(user, "has_role", None)
    return bool(holds and holds(*SECRETARIAT))


rules.add_perm("notifications.read_outbox", is_of_the_secretariat)
rules.add_perm("notifications.resend", is_of_the_secretariat)
