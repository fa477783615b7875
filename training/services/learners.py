"""Who a learner is: found by account, then by address; linked to where the person works today."""

from typing import Any

from django.contrib.auth import get_user_model
from django.db import IntegrityError, connection, transaction
from django.db.models import Q
from django.utils import timezone

from cmncp_portal.network.models import Stakeholder, Standing

from ..models import Learner


def place_of(*, email: str, user: Any = None) -> Stakeholder | None:
    """Return where a person works today, by account or address: rather than as a partner, and where she was listed first.

    A municipality that lists somebody of another one does not take her over, and so does not see what she attained.
    """
    same = Q(email__iexact=email) | Q(user__email__iexact=email)
    if user is not None:
        same |= Q(user=user)
    rows = Stakeholder.objects.current().filter(same).select_related("municipality", "user")
    return min(rows.order_by("pk"), key=lambda row: row.standing == Standing.PARTNER, default=None)


@transaction.atomic
def learner_for(*, email: str, name: str, language: str = "", user: Any = None) -> Learner:
    """Return the learner of this account or address, made when there is none, and linked to where the person works today.

    An account found for an existing address is noted; a name that is known is kept. Whose account has the address today is
    meant, also when somebody else learned under it before.
    """
    address = email.strip().lower()
    found = _known(address, user)
    if found is None:
        try:
            with transaction.atomic():
                found = Learner.objects.create(name=name, email=address, language=language, user=user)
        except IntegrityError:  # made at the same moment by somebody else
            found = Learner.objects.get(Q(email=address) | Q(user=user) if user else Q(email=address))
    place = place_of(email=address, user=user or found.user)
    changed = found.stakeholder_id != (place.pk if place else None)
    if changed or (user is not None and found.user_id is None):
        found.stakeholder = place
        found.user = found.user or user
        found.save(update_fields=["stakeholder", "user", "updated_at"])
    return found


def _known(address: str, user: Any) -> Learner | None:
    account = user or get_user_model()._default_manager.filter(email__iexact=address).first()
    found = Learner.objects.filter(user=account).first() if account is not None else None
    if found is not None:
        return found
    found = Learner.objects.filter(email=address).select_related("user").first()
    if found is None or account is None or found.user_id is None:
        return found
    _let_go(found)
    return None


def is_known(email: str) -> bool:
    """Tell whether `email` is the address of somebody with an account, or of a learner."""
    address = email.strip().lower()
    accounts = get_user_model()._default_manager.filter(email__iexact=address)
    return accounts.exists() or Learner.objects.filter(email=address).exists()


def _let_go(learner: Learner) -> None:
    """The address went over to somebody else, such as a successor: what `learner` attained stays with her own account."""
    own = learner.user.email.lower() if learner.user else ""
    if not own or Learner.objects.filter(email=own).exists():
        own = f"moved-{learner.pk}@removed.invalid"
    Learner.objects.filter(pk=learner.pk).update(email=own, updated_at=timezone.now())


def learner_of_user(user: Any) -> Learner:
    """Return the learner that the signed-in `user` is."""
    return learner_for(email=user.email, name=str(user), language=user.language, user=user)


def follow(person: Stakeholder) -> None:
    """Link the learner behind `person` to where they work today: here while current, else where they are now, or nowhere."""
    address = (person.user.email if person.user else person.email).strip().lower()
    same = Q(stakeholder=person)
    if address:
        same |= Q(email=address)
    if person.user_id:
        same |= Q(user=person.user_id)
    for learner in Learner.objects.filter(same).select_related("user"):
        place = place_of(email=learner.email, user=learner.user)
        if learner.stakeholder_id != (place.pk if place else None):
            learner.stakeholder = place
            learner.save(update_fields=["stakeholder", "updated_at"])


def relink() -> int:
    """Mend every link that lists taken in at once, or a day that came, left behind; return how many. For the night.

    In one statement whatever the size of the network.
    """
    with connection.cursor() as cursor:
        cursor.execute(_RELINK, [timezone.localdate()])
        return cursor.rowcount


# The best place of each learner today, in the order of `place_of`, and nothing where there is none. Each way to find it is
# a join of its own: with "or" between them every learner would be held against every person of the network.
_RELINK = """
WITH here AS (
    SELECT s.id, s.user_id, lower(s.email) AS email, lower(u.email) AS user_email, s.standing
    FROM network_stakeholder s LEFT JOIN accounts_user u ON u.id = s.user_id
    WHERE s.left_on IS NULL OR s.left_on > %s
),
place AS (
    SELECT l.id AS learner_id, here.id, here.standing FROM training_learner l JOIN here ON here.user_id = l.user_id
    UNION ALL
    SELECT l.id, here.id, here.standing FROM training_learner l JOIN here ON here.email = l.email
    UNION ALL
    SELECT l.id, here.id, here.standing FROM training_learner l JOIN here ON here.user_email = l.email
),
now AS (
    SELECT DISTINCT ON (learner.id) learner.id, place.id AS stakeholder_id
    FROM training_learner learner LEFT JOIN place ON place.learner_id = learner.id
    ORDER BY learner.id, place.standing = 'partner', place.id
)
UPDATE training_learner SET stakeholder_id = now.stakeholder_id, updated_at = now()
FROM now
WHERE now.id = training_learner.id AND training_learner.stakeholder_id IS DISTINCT FROM now.stakeholder_id
"""

__all__ = ["follow", "is_known", "learner_for", "learner_of_user", "place_of", "relink"]
