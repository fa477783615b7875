"""To whom letters about joining go."""

from collections.abc import Iterable
from typing import Any

from cmncp_portal.network.models import Municipality
from cmncp_portal.network.selectors import coordinators, people_who_answer_for, recipient_of
from cmncp_portal.notifications import services as letters
from cmncp_portal.notifications.kinds import Kind
from cmncp_portal.notifications.recipients import Recipient

from ..models import Interest
from ..notifications import both, url_words


def _send(kind: Kind, to: Recipient, *, key: str, values: dict[str, dict[str, Any]]) -> bool:
    context = {code: {name: value[code] for name, value in values.items()} | {"name": to.name} for code in ("en", "fr")}
    return letters.send(kind, to, key=f"{kind.name}:{key}", context=context) is not None


def tell_person(kind: Kind, interest: Interest, *, occasion: str, **more: dict[str, Any]) -> bool:
    """Write to whoever expressed the interest; the button leads to that person's own page."""
    to = Recipient(interest.email, interest.name, interest.language)  # type: ignore[arg-type]
    values = {"place": both(interest.place_name), "url": url_words("page", interest.token)} | more
    return _send(kind, to, key=f"{interest.pk}:{occasion}", values=values)


def tell_coordinators(
    kind: Kind, *, place: dict[str, str], url: dict[str, str], key: str, **more: dict[str, Any]
) -> int:
    """Write to each coordinator of the network; return how many letters are new."""
    values = {"place": place, "url": url} | more
    return sum(_send(kind, to, key=key, values=values) for to in coordinators())


def tell_speakers(
    kind: Kind, municipality: Municipality, *, key: str, url: dict[str, str], **more: dict[str, Any]
) -> int:
    """Write to the representative and deputies of `municipality`; return how many letters are new."""
    values = {"place": names_of(municipality), "url": url} | more
    people = [recipient_of(person) for person in people_who_answer_for(municipality)]
    return sum(_send(kind, to, key=key, values=values) for to in people if to.email)


def tell(kind: Kind, to: Iterable[Recipient], *, key: str, **values: dict[str, Any]) -> int:
    """Write the letter of `kind` to each of `to`; return how many are new."""
    return sum(_send(kind, one, key=key, values=values) for one in to if one.email)


def names_of(municipality: Municipality) -> dict[str, str]:
    """Return the municipality's name per language."""
    return {"en": municipality.name_in("en"), "fr": municipality.name_in("fr")}
