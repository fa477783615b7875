"""Instants are shown in the reader's zone; a zone that does not exist breaks no page."""

from types import SimpleNamespace
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import HttpResponse
from django.test import RequestFactory
from django.utils import timezone

from cmncp_portal.core.middleware import PersonMiddleware

OFFICE = "America/Toronto"


def zone_for(user: Any) -> str:
    """The zone in which a page of `user` is made; `user` None means a request that never met the sign-in."""
    request = RequestFactory().get("/en/")
    if user is not None:
        request.user = user
    answer = PersonMiddleware(lambda _request: HttpResponse(timezone.get_current_timezone_name()))(request)
    return answer.content.decode()


def person(zone: str) -> Any:
    return SimpleNamespace(is_authenticated=True, time_zone=zone)


def test_a_person_reads_in_her_own_zone() -> None:
    assert zone_for(person("America/Winnipeg")) == "America/Winnipeg"


@pytest.mark.parametrize("user", [None, AnonymousUser(), person(""), SimpleNamespace(is_authenticated=True)])
def test_everybody_else_reads_in_that_of_the_office(user: Any) -> None:
    assert zone_for(user) == OFFICE


@pytest.mark.parametrize(
    "zone", ["Canada/Nowhere", "America", "/etc/passwd", "../../etc", "America/Winnipeg\x00", "é", " ", "x" * 300]
)
def test_a_zone_that_does_not_exist_breaks_no_page(zone: str) -> None:
    assert zone_for(person(zone)) == OFFICE


def test_the_zone_ends_with_the_page() -> None:
    before = timezone.get_current_timezone_name()
    zone_for(person("America/Winnipeg"))
    assert timezone.get_current_timezone_name() == before


def test_a_signed_in_page_is_made_in_that_zone(client: Any, helen: Any) -> None:
    type(helen).objects.filter(pk=helen.pk).update(time_zone="America")
    client.force_login(helen)
    assert client.get("/en/").status_code == 200
