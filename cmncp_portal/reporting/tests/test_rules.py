"""Who may do what: the cast across, permissions and pages down."""

from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import Client

from cmncp_portal.network.tests.factories import make_stakeholder
from cmncp_portal.reporting.services.files import make_files

from .factories import World, frozen, make_report, written
from .screens import address

pytestmark = pytest.mark.django_db

PEOPLE = ("priya", "rene", "admin_user", "uma", "amina", "joseph", "rosa", "anonymous")
TABLE = """
               priya rene admin_user uma amina joseph rosa anonymous
make_reports   *     *    *          .   .     .      .    .
read_reports   *     *    *          *   .     .      .    .
"""
# What each page answers: as it is opened, or as its button is pressed.
PAGES = """
               priya rene admin_user uma amina joseph rosa anonymous
list           200   200  200        200 403   403    403  302
definitions    200   200  200        200 403   403    403  302
new            200   200  200        403 403   403    403  302
report         200   200  200        200 404   404    404  302
edit           200   200  200        403 404   404    404  302
calculate      302   302  302        403 404   404    404  302
due_date       200   200  200        403 404   404    404  302
handed_in      302   302  302        403 404   404    404  302
narrative      200   200  200        403 404   404    404  302
case_add       422   422  422        403 404   404    404  302
case_remove    302   302  302        403 404   404    404  302
figure         200   200  200        403 404   404    404  302
freeze         200   200  200        403 404   404    404  302
snapshot       200   200  200        200 404   404    404  302
frozen_figure  200   200  200        403 404   404    404  302
again          302   302  302        403 404   404    404  302
file           200   200  200        200 404   404    404  302
share          302   302  302        403 404   404    404  302
unshare        302   302  302        403 404   404    404  302
"""
POSTED = {"calculate", "handed_in", "case_add", "case_remove", "again", "share", "unshare"}


@pytest.fixture
def cast(request: pytest.FixtureRequest, clock: Any) -> dict[str, Any]:
    return {name: request.getfixturevalue(name) if name != "anonymous" else AnonymousUser() for name in PEOPLE}


def lines(table: str) -> list[list[str]]:
    return [line.split() for line in table.strip("\n").splitlines()[1:]]


def test_the_table(cast: dict[str, Any]) -> None:
    found = [
        [name, *("*" if user.has_perm(f"reporting.{name}") else "." for user in cast.values())]
        for name, *_cells in lines(TABLE)
    ]
    assert found == lines(TABLE)


@pytest.mark.slow
def test_every_page(cast: dict[str, Any], world: World) -> None:
    report = written(make_report(cast["priya"]), cast["priya"])
    snapshot = frozen(report, cast["priya"])
    snapshot.files.exclude(format="csv").update(state="failed")
    assert make_files(snapshot.pk) == 2
    places: dict[str, list[Any]] = {
        "list": [], "definitions": [], "new": [], "narrative": ["summary"], "case_add": ["summary"],
        "case_remove": ["summary", 0], "figure": ["worth"], "snapshot": [1], "frozen_figure": [1, "worth"],
        "again": [1], "file": [1, "fr", "csv"], "share": [1], "unshare": [1],
    }  # fmt: skip
    found = []
    for name, *_cells in lines(PAGES):
        args = places.get(name, [])
        there = address(name, *([] if name in ("list", "definitions", "new") else [report.pk]), *args)
        row = [name]
        for user in cast.values():
            client = Client()
            if user.is_authenticated:
                client.force_login(user)
            answer = client.post(there) if name in POSTED else client.get(there)
            row.append(str(answer.status_code))
            assert not answer.streaming or b"".join(answer.streaming_content)
        found.append(row)
    assert found == lines(PAGES)


def test_services_ask_too(world: World, priya: Any, uma: Any) -> None:
    from datetime import date

    from django.core.exceptions import PermissionDenied

    from cmncp_portal.reporting.services import calculating, files, freezing, writing

    report = make_report(priya)
    snapshot = frozen(report, priya)
    titles = {"title_en": "a", "title_fr": "b"}
    acts = [
        lambda: writing.begin(by=uma, **titles),
        lambda: writing.change(report, seen=1, by=uma, **titles),
        lambda: writing.write(report, "summary", seen=1, by=uma, text_en="", text_fr=""),
        lambda: writing.link_case(report, "summary", by=uma, path="/en/", **titles),
        lambda: writing.unlink_case(report, "summary", 1, by=uma),
        lambda: writing.move_due_date(report, by=uma, due_on=date(2027, 5, 1), reason="Asked."),
        lambda: writing.hand_in(report, by=uma, on=date(2027, 1, 1)),
        lambda: calculating.calculate(report, by=uma),
        lambda: freezing.freeze(report, by=uma),
        lambda: freezing.share(snapshot, by=uma),
        lambda: freezing.unshare(snapshot, by=uma),
        lambda: files.try_again(snapshot, by=uma),
    ]
    for act in acts:
        with pytest.raises(PermissionDenied):
            act()


def test_a_reviewer_who_works_for_a_municipality_reads_what_was_frozen(
    client: Client, rene: Any, thunder_bay: Any
) -> None:
    report = make_report()
    make_stakeholder(thunder_bay, standing="staff", user=rene)
    assert [rene.has_perm(f"reporting.{name}") for name in ("make_reports", "read_reports")] == [False, True]
    client.force_login(rene)
    assert [client.get(address(name, report.pk)).status_code for name in ("report", "edit", "freeze")] == [
        200,
        403,
        403,
    ]
