"""The small helpers of every view: who may, which page, where to next, the full address."""

from typing import Any

import pytest
import rules
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.test import RequestFactory

from cmncp_portal.core.screens import PAGE_SIZE, absolute, page_of, require, safe_next
from cmncp_portal.network.models import Municipality, Region

FROM_HERE = RequestFactory(headers={"host": "testserver"})


@pytest.fixture
def regions(db: None) -> Any:
    numbers = range(1, 2 * PAGE_SIZE + 2)
    Region.objects.bulk_create(
        Region(slug=f"r{n:03d}", name_en=f"R{n:03d}", name_fr=f"R{n:03d}", provinces=[]) for n in numbers
    )
    return Region.objects.order_by("slug")


@pytest.mark.parametrize(
    ("asked", "number"),
    [
        (None, 1),
        ("1", 1),
        ("2", 2),
        ("3", 3),
        ("4", 3),
        ("999999999999999999999999", 3),
        ("9" * 5000, 1),  # longer than Python reads as a number
        ("0", 1),
        ("-1", 1),
        ("-99", 1),
        ("", 1),
        ("two", 1),
        ("2.5", 1),
        ("1e1", 1),
        ("' OR 1=1", 1),
        ("\x00", 1),
        ("last", 1),
    ],
)
def test_nonsense_gives_the_nearest_page(regions: Any, asked: str | None, number: int) -> None:
    request = FROM_HERE.get("/", {} if asked is None else {"page": asked})
    page = page_of(request, regions)
    assert (page.number, page.paginator.num_pages) == (number, 3)
    first = (number - 1) * PAGE_SIZE + 1
    assert page.object_list[0].slug == f"r{first:03d}"


def test_no_rows_are_one_empty_page(db: None) -> None:
    page = page_of(FROM_HERE.get("/", {"page": "7"}), Region.objects.none())
    assert (page.number, list(page)) == (1, [])


def test_a_page_may_have_another_size(regions: Any) -> None:
    assert len(page_of(FROM_HERE.get("/"), regions, size=5).object_list) == 5


@pytest.mark.parametrize(
    "target",
    [
        "/en/exchanges/",
        "/fr/echanges/?q=a&page=2#row",
        "?page=2",
        "exchanges/",
        "http://testserver/en/",
        "/en/?next=https://evil.example",
    ],
)
def test_an_address_of_ours_is_followed(target: str) -> None:
    assert safe_next(FROM_HERE.get("/", {"next": target}), "/en/") == target
    assert safe_next(FROM_HERE.post("/", {"next": target}), "/en/") == target


@pytest.mark.parametrize(
    "target",
    [
        "",
        "https://evil.example/",
        "//evil.example/",
        "///evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "https:evil.example",
        "https:///evil.example",
        "http://testserver@evil.example/",
        "http://testserver.evil.example/",
        "javascript:alert(1)",
        "data:text/html,x",
        "\x00https://evil.example",
        "\x08//evil.example",
        "http://[evil",
        "ftp://testserver/",
    ],
)
def test_any_other_address_is_not(target: str) -> None:
    assert safe_next(FROM_HERE.get("/", {"next": target}), "/en/") == "/en/"
    assert safe_next(FROM_HERE.post("/", {"next": target}), "/en/") == "/en/"


def test_without_next_it_is_the_default() -> None:
    assert safe_next(FROM_HERE.get("/"), "/en/exchanges/") == "/en/exchanges/"


def test_what_the_form_says_is_stronger_than_the_address() -> None:
    request = FROM_HERE.post("/?next=/en/address/", {"next": "/en/form/"})
    assert safe_next(request, "/en/") == "/en/form/"
    assert safe_next(FROM_HERE.post("/?next=/en/address/"), "/en/") == "/en/address/"


def test_from_https_nobody_is_sent_to_http() -> None:
    request = FROM_HERE.get("/", {"next": "http://testserver/en/"}, secure=True)
    assert safe_next(request, "/en/") == "/en/"


@pytest.mark.parametrize("origin", ["https://portal.example", "https://portal.example/"])
def test_the_full_address(settings: Any, origin: str) -> None:
    settings.SITE_ADDRESS = origin
    assert absolute("/fr/echanges/") == "https://portal.example/fr/echanges/"


def test_whoever_may_passes_and_whoever_may_not_is_denied(
    winnipeg: Municipality, helen: Any, amina: Any, priya: Any, admin_user: Any
) -> None:
    rules.add_perm("core_tests.see", rules.predicate(lambda user, place: place == winnipeg and user == helen))
    try:
        require(helen, "core_tests.see", winnipeg)
        for user, thing in ((amina, winnipeg), (priya, winnipeg), (helen, None), (AnonymousUser(), winnipeg)):
            with pytest.raises(PermissionDenied):
                require(user, "core_tests.see", thing)
        require(admin_user, "core_tests.see", winnipeg)
    finally:
        rules.remove_perm("core_tests.see")


def test_a_permission_that_does_not_exist_is_nobodys(helen: Any) -> None:
    with pytest.raises(PermissionDenied):
        require(helen, "core_tests.never")
