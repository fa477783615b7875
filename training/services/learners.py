"""Who a learner is: found by account, then by address; linked to where the person works today."""

from typing import Any

from django.db import IntegrityError, connection, transaction
from django.db.models import Q
from django.utils import timezone

from cmncp_portal.network.models import Stakeholder

from ..models import Learner


def place_of(*, email: str, user: Any = None) -> Stakeholder | None:
    """Return where a person works today, by account or address: as representative or staff rather than as a partner."""
    same = Q(email__iexact=email) | Q(user__email__iexact=email)
    if user is not None:
        same |= Q(user=user)
    rows = Stakeholder.objects.current().filter(same).select_related("municipality", "user")
    order = {"representative": 0, "deputy": 1, "staff": 2, "leader": 3, "partner": 4}
    return min(rows.order_by("pk"), key=lambda row: order[row.standing], default=None)


@transaction.atomic
def learner_for(*, email: str, name: str, language: str = "", user: Any = None) -> Learner:
    """Return the learner of this account or address, made when there is none, and linked to where the person works today.

    An account found for an existing address is noted; a name that is known is kept.
    """
    address = email.strip().lower()
    found = Learner.objects.filter(user=user).first() if user is not None else None
    found = found or Learner.objects.filter(email=address).first()
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


# The best place of each learner today, in the order of `place_of`, and nothing where there is none.
_RELINK = """
WITH now AS (
    SELECT DISTINCT ON (learner.id) learner.id, place.id AS stakeholder_id
    FROM training_learner learner
    LEFT JOIN (
        SELECT s.id, s.user_id, lower(s.email) AS email, lower(u.email) AS user_email, s.standing
        FROM network_stakeholder s LEFT JOIN accounts_user u ON u.id = s.user_id
        WHERE s.left_on IS NULL OR s.left_on > %s
    ) place ON place.user_id = learner.user_id OR place.email = learner.email OR place.user_email = learner.email
    ORDER BY learner.id,
        array_position(ARRAY['representative', 'deputy', 'staff', 'leader', 'partner'], place.standing::text),
        place.id
)
UPDATE training_learner SET stakeholder_id = now.stakeholder_id, updated_at = now()
FROM now
WHERE now.id = training_learner.id AND training_learner.stakeholder_id IS DISTINCT FROM now.stakeholder_id
"""

__all__ = ["follow", "learner_for", "learner_of_user", "place_of", "relink"]
