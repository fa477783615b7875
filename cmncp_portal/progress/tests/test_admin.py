"""The list of checks in the back office: stages follow from what is in use."""

from typing import Any

import pytest

from cmncp_portal.network.stages import Stage
from cmncp_portal.progress import services
from cmncp_portal.progress.models import StrategyCheck, StrategyProfile
from cmncp_portal.progress.services import Answer

from .commitments import make_commitment, make_inquiry
from .factories import make_checks

pytestmark = pytest.mark.django_db


def test_a_check_taken_out_of_use_moves_the_stages(client: Any, thunder_bay: Any, amina: Any, admin_user: Any) -> None:
    make_checks()
    first, second = StrategyCheck.objects.filter(stage=1)
    services.answer_checks(thunder_bay, seen=1, by=amina, answers={first.pk: Answer("yes"), second.pk: Answer("no")})
    client.force_login(admin_user)
    fields = {"stage": 1, "order": 2, "text_en": "Check", "text_fr": "Vérification", "source": ""}
    answer = client.post(f"/admin/progress/strategycheck/{second.pk}/change/", fields)
    assert answer.status_code == 302, answer.content.decode()[:2000]
    second.refresh_from_db()
    assert (second.is_used, second.code, StrategyProfile.objects.get().stage) == (False, "s1-2", Stage.COMMITMENT)


def test_commitments_and_letters_are_looked_at_only(client: Any, thunder_bay: Any, admin_user: Any) -> None:
    one = make_commitment(thunder_bay)
    inquiry = make_inquiry(one)
    client.force_login(admin_user)
    for thing in (one, inquiry):
        start = f"/admin/progress/{thing._meta.model_name}/"
        assert "Thunder Bay" in client.get(start, {"q": "thunder"}).content.decode()
        page = client.get(f"{start}{thing.pk}/change/")
        assert (page.status_code, inquiry.nonce in page.content.decode()) == (200, False)
        assert client.post(f"{start}{thing.pk}/change/", {}).status_code == 403
        assert client.get(f"{start}add/").status_code == 403
        assert client.post(f"{start}{thing.pk}/delete/", {"post": "yes"}).status_code == 403
