"""The cast, known by the third test: Amina coordinates Thunder Bay, Luc Gatineau, Helen receives visitors in Winnipeg."""

from typing import Any

import pytest


@pytest.fixture
def thunder_bay(db: None) -> Any:
    from cmncp_portal.network.tests.factories import make_municipality

    return make_municipality("thunder-bay", population=108_843)


@pytest.fixture
def winnipeg(db: None) -> Any:
    from cmncp_portal.network.tests.factories import make_municipality

    return make_municipality("winnipeg", province="MB", time_zone="America/Winnipeg", population=749_607)


@pytest.fixture
def gatineau(db: None) -> Any:
    from cmncp_portal.network.tests.factories import make_municipality

    return make_municipality("gatineau", province="QC", languages=["fr", "en"], population=291_041)


@pytest.fixture
def saskatoon(db: None) -> Any:
    from cmncp_portal.network.tests.factories import make_municipality

    return make_municipality("saskatoon", province="SK", time_zone="America/Regina", population=266_141)


@pytest.fixture
def amina(thunder_bay: Any) -> Any:
    from cmncp_portal.network.tests.factories import make_representative

    return make_representative(thunder_bay, "amina@thunderbay.example", name="Amina Diallo")


@pytest.fixture
def joseph(thunder_bay: Any) -> Any:
    from cmncp_portal.network.models import Standing
    from cmncp_portal.network.tests.factories import make_stakeholder, make_user

    user = make_user("joseph@thunderbay.example", name="Joseph Kakegamic")
    make_stakeholder(thunder_bay, user=user, standing=Standing.STAFF, title="Youth Programs Planner")
    return user


@pytest.fixture
def luc(gatineau: Any) -> Any:
    from cmncp_portal.network.tests.factories import make_representative

    return make_representative(gatineau, "luc@gatineau.example", name="Luc Tremblay", language="fr")


@pytest.fixture
def helen(winnipeg: Any) -> Any:
    from cmncp_portal.network.tests.factories import make_representative

    return make_representative(winnipeg, "helen@winnipeg.example", name="Helen Friesen", time_zone="America/Winnipeg")


@pytest.fixture
def henry(winnipeg: Any) -> Any:
    """Staff of the host, as Joseph is of the visitors."""
    from cmncp_portal.network.models import Standing
    from cmncp_portal.network.tests.factories import make_stakeholder, make_user

    user = make_user("henry@winnipeg.example", name="Henry Okemaw", time_zone="America/Winnipeg")
    make_stakeholder(winnipeg, user=user, standing=Standing.STAFF, title="Planner")
    return user


@pytest.fixture
def rosa(saskatoon: Any) -> Any:
    from cmncp_portal.network.tests.factories import make_representative

    return make_representative(saskatoon, "rosa@saskatoon.example", name="Rosa Morin", time_zone="America/Regina")


@pytest.fixture
def priya(db: None) -> Any:
    from cmncp_portal.network.tests.factories import make_user

    return make_user("priya@network.example", name="Priya Nair", roles=("coordinator",))


@pytest.fixture
def rene(db: None) -> Any:
    from cmncp_portal.network.tests.factories import make_user

    return make_user("rene@network.example", name="René Gagnon", roles=("reviewer",), language="fr")


@pytest.fixture
def uma(db: None) -> Any:
    from cmncp_portal.network.tests.factories import make_user

    return make_user("uma@university.example", name="Uma Sharma", roles=("university",))


@pytest.fixture
def admin_user(db: None) -> Any:
    from cmncp_portal.network.tests.factories import make_user

    return make_user("admin@network.example", name="Ada Lefebvre", is_staff=True, is_superuser=True)
