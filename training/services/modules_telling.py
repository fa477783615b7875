"""Letters about modules, written in the transaction that makes them true."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from cmncp_portal.notifications import services as letters
from cmncp_portal.notifications.kinds import Kind
from cmncp_portal.notifications.recipients import Recipient

from ..models import Module
from ..notifications.common import both, day_words
from ..notifications.modules import module_values


def tell(kind: Kind, module: Module, people: Iterable[Recipient], *, occasion: Any, **more: dict[str, Any]) -> int:
    """Write the letter of `kind` about `module` to `people`; return how many are new. `occasion` is part of the key."""
    values = module_values(kind, module, **more)
    batch = [(to, {code: {**values[code], "name": to.name} for code in values}) for to in people]
    return len(letters.send_many(kind, batch, key=f"{kind.name}:{module.pk}:{occasion}"))


def optional_day(day: date | None) -> dict[str, str]:
    """Return `day` in words, per language; empty without a day."""
    return day_words(day) if day else both("")
