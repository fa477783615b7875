"""A municipality says what it looks for, or what it can give; takes it back; a member pauses its offer."""

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from cmncp_portal.core.editing import Conflict, save_version
from cmncp_portal.core.screens import require
from cmncp_portal.core.workflow import TransitionRefused
from cmncp_portal.network.models import Municipality
from cmncp_portal.network.selectors import coordinators, recipient_of
from cmncp_portal.notifications import services as letters
from cmncp_portal.notifications.kinds import Kind
from cmncp_portal.notifications.recipients import Recipient

from ..models import Agreement, MentoringNeed, MentorOffer
from ..notifications.common import url_words
from ..notifications.matching import NEED_RECEIPT, NEED_RECEIVED, need_values
from ..selectors.wanting import contact_of, is_a_member, need_of, offer_of, under
from ..workflow import AGREEMENT


def _lock(municipality: Municipality) -> None:
    """Two people of one municipality who write at the same moment do so one after the other."""
    Municipality.objects.select_for_update(of=("self",)).get(pk=municipality.pk)


def _written_anew(model: Any, municipality: Municipality, by: Any, topics: Any, fields: dict[str, Any]) -> Any:
    contact = contact_of(municipality, by)
    made = model.objects.create(municipality=municipality, contact=contact, by=by, by_name=by.name, **fields)
    made.topics.set(topics)
    return made


def _rewritten(thing: Any, seen: int, topics: Any, fields: dict[str, Any]) -> Any:
    save_version(thing, seen=seen, fields=fields)
    thing.topics.set(topics)
    return thing


@transaction.atomic
def keep_need(municipality: Municipality, *, seen: int, by: Any, topics: Any, **fields: Any) -> MentoringNeed:
    """Write down what `municipality` looks for, or change it. `seen` is the version that was read; 0 when there was none.

    A new need is told to the coordinators, with a receipt to its writer. Raises Conflict when somebody saved meanwhile,
    TransitionRefused while a mentor is there already or when it was withdrawn meanwhile, PermissionDenied.
    """
    require(by, "mentoring.keep_need", municipality)
    _lock(municipality)
    need = need_of(municipality)
    if need is None:
        if seen:
            raise TransitionRefused(_("Somebody withdrew it meanwhile. Open this page again to write a new one."))
        need = _written_anew(MentoringNeed, municipality, by, topics, fields)
        _tell(need, by)
        return need
    if need.state == MentoringNeed.State.MATCHED:
        raise TransitionRefused(_("You work with a mentor: your goals now stand in the agreement."))
    if not seen:
        raise Conflict(need)
    return _rewritten(need, seen, topics, fields)


def _tell(need: MentoringNeed, by: Any) -> None:
    values = need_values(need, by=by.name)
    to_them = [person for person in coordinators() if person.email.lower() != by.email.lower()]
    desk = url_words("candidates", need.pk)
    _send(NEED_RECEIVED, need, to_them, values | {"url": desk})
    own_page = url_words("need", need.municipality.slug)
    _send(NEED_RECEIPT, need, _writers(need, by), values | {"url": own_page})


def _writers(need: MentoringNeed, by: Any) -> list[Recipient]:
    """Who wrote it; and who speaks for the municipality, when a coordinator wrote it down for them."""
    found = [Recipient(by.email, by.name, by.language, by.time_zone)]
    if need.contact is not None and need.contact.user_id != by.pk:
        found.append(recipient_of(need.contact))
    return found


def _send(kind: Kind, need: MentoringNeed, people: Sequence[Recipient], values: dict[str, dict[str, Any]]) -> None:
    known = {code: {name: values[name][code] for name in kind.variables if name in values} for code in ("en", "fr")}
    to_each = [(to, {code: known[code] | {"name": to.name} for code in known}) for to in people]
    letters.send_many(kind, to_each, key=f"{kind.name}:{need.pk}")


@transaction.atomic
def withdraw_need(need: MentoringNeed, *, by: Any) -> None:
    """Look for a mentor no longer. What was only being prepared is taken back with it.

    Raises TransitionRefused while a mentor is asked or there, or when it was withdrawn already; PermissionDenied.
    """
    found = MentoringNeed.objects.select_for_update(of=("self",)).select_related("municipality").get(pk=need.pk)
    require(by, "mentoring.keep_need", found)
    if found.state != MentoringNeed.State.OPEN:
        done = found.state == MentoringNeed.State.WITHDRAWN
        reason = _("It is “%(state)s” already.") % {"state": found.get_state_display()}
        raise TransitionRefused(reason, done_already=done)
    if under(found).awaiting:
        raise TransitionRefused(_("A proposal waits for answers: decline it first."))
    for agreement in found.agreements.filter(state=Agreement.State.PROPOSED):
        AGREEMENT.apply(agreement, "withdraw", note=_("The municipality no longer looks for a mentor."))
    save_version(found, seen=found.version, fields={"state": MentoringNeed.State.WITHDRAWN})


@transaction.atomic
def keep_offer(municipality: Municipality, *, seen: int, by: Any, topics: Any, **fields: Any) -> MentorOffer:
    """Write down in what `municipality` accompanies others, or change it. `seen` is the version that was read; 0 for none.

    Raises Conflict when somebody saved meanwhile, TransitionRefused when it is not a member or the offer was withdrawn
    meanwhile, PermissionDenied.
    """
    require(by, "mentoring.keep_offer", municipality)
    if not is_a_member(municipality):
        raise TransitionRefused(_("Members of the network accompany others; this municipality is not one yet."))
    _lock(municipality)
    offer = offer_of(municipality)
    if offer is None:
        if seen:
            raise TransitionRefused(_("Somebody withdrew it meanwhile. Open this page again to write a new one."))
        return _written_anew(MentorOffer, municipality, by, topics, fields)
    if not seen:
        raise Conflict(offer)
    return _rewritten(offer, seen, topics, fields)


OFFER_MOVES = {
    "pause": ((MentorOffer.State.OPEN,), MentorOffer.State.PAUSED),
    "resume": ((MentorOffer.State.PAUSED,), MentorOffer.State.OPEN),
    "withdraw": ((MentorOffer.State.OPEN, MentorOffer.State.PAUSED), MentorOffer.State.WITHDRAWN),
}


@transaction.atomic
def move_offer(offer: MentorOffer, name: str, *, by: Any) -> MentorOffer:
    """Pause, resume or withdraw an offer (`name` is a key of OFFER_MOVES). Agreements that run go on.

    Raises TransitionRefused when it stands otherwise, or when a proposal still waits for answers; PermissionDenied.
    """
    found = MentorOffer.objects.select_for_update(of=("self",)).select_related("municipality").get(pk=offer.pk)
    require(by, "mentoring.keep_offer", found)
    sources, target = OFFER_MOVES[name]
    if found.state not in sources:
        reason = _("It is “%(state)s” already.") % {"state": found.get_state_display()}
        raise TransitionRefused(reason, done_already=found.state == target)
    if name == "withdraw" and under(found).awaiting:
        raise TransitionRefused(_("A proposal waits for answers: decline it first."))
    save_version(found, seen=found.version, fields={"state": target})
    return found
