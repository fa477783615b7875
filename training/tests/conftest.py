"""Two people whom only training knows."""

from typing import Any

import pytest


@pytest.fixture
def ann(db: None) -> Any:
    """Author and facilitator from a college; has an account and no role of the network."""
    from cmncp_portal.network.tests.factories import make_user

    return make_user("ann@college.example", name="Ann Lee")


@pytest.fixture
def joan(winnipeg: Any) -> Any:
    """An elected leader of Winnipeg."""
    from cmncp_portal.network.models import Standing
    from cmncp_portal.network.tests.factories import make_stakeholder, make_user

    user = make_user("joan@winnipeg.example", name="Joan Redsky", time_zone="America/Winnipeg")
    make_stakeholder(winnipeg, user=user, standing=Standing.LEADER, title="Councillor")
    return user
