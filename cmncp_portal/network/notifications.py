"""The letters of the network itself: who answers for a municipality from now on."""

from cmncp_portal.notifications.kinds import Kind
from cmncp_portal.notifications.models import Category

NOW_REPRESENTATIVE = Kind(
    "network.now_representative", Category.ACCOUNT, variables=("municipality", "predecessor", "by", "url")
)
NO_LONGER_REPRESENTATIVE = Kind(
    "network.no_longer_representative", Category.ACCOUNT, variables=("municipality", "successor", "by", "url")
)
REPRESENTATIVE_CHANGED = Kind(
    "network.representative_changed",
    Category.ACCOUNT,
    variables=("municipality", "predecessor", "successor", "by", "url"),
)
REPRESENTATIVE_LEFT = Kind(
    "network.representative_left", Category.ACCOUNT, variables=("municipality", "predecessor", "day", "deputies", "url")
)
NOW_DEPUTY = Kind("network.now_deputy", Category.ACCOUNT, variables=("municipality", "representative", "by", "url"))
