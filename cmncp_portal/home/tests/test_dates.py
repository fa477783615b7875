"""The calendar by month, and the personal address."""

from datetime import date, timedelta
from typing import Any

import icalendar
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from cmncp_portal.home import services
from cmncp_portal.home.dates import Month, entries, open_feed
from cmncp_portal.home.models import CalendarFeed
from cmncp_portal.network.models import Municipality

from .factories import make_exchange


@pytest.fixture
def visit(thunder_bay: Municipality, winnipeg: Municipality) -> Any:
    return make_exchange(
        thunder_bay, winnipeg, state="confirmed", starts_on=date(2027, 1, 31), ends_on=date(2027, 2, 1)
    )


@pytest.mark.parametrize(
    ("text", "month"),
    [("2027-02", date(2027, 2, 1)), ("2027-12", date(2027, 12, 1))],
)
def test_a_month_is_read(text: str, month: date) -> None:
    assert Month.from_text(text).first == month


@pytest.mark.parametrize(
    "text", ["", "2027-13", "2027-00", "0000-01", "9999-12", "²⁰27-01", "2027-1", "next", "2027-01-01"]
)
def test_nonsense_is_the_present_month(text: str) -> None:
    assert Month.from_text(text).first == timezone.localdate().replace(day=1)


def test_months_follow_one_another() -> None:
    month = Month(date(2027, 1, 1))
    assert (month.previous.slug, month.slug, month.next.slug, month.last) == (
        "2026-12",
        "2027-01",
        "2027-02",
        date(2027, 1, 31),
    )


def test_dates_are_those_of_both_sides_and_of_the_network(
    visit: Any, amina: Any, helen: Any, rosa: Any, priya: Any
) -> None:
    found = [len(entries(user, date(2027, 1, 1), date(2027, 2, 28))) for user in (amina, helen, priya, rosa)]
    assert found == [1, 1, 1, 0]


@pytest.mark.parametrize(
    ("month", "place"), [("2027-01", "now"), ("2027-02", "now"), ("2026-12", "later"), ("2027-03", "nowhere")]
)
def test_a_visit_stands_in_each_month_it_touches(
    client: Client, visit: Any, amina: Any, month: str, place: str
) -> None:
    client.force_login(amina)
    answer = client.get(f"/en/calendar/?month={month}")
    assert [e.uid for e in answer.context["entries"]] == (
        [f"visit-{visit.pk}@safercities.ca"] if place == "now" else []
    )
    assert len(answer.context["later"]) == (place == "later")
    assert ("Nothing in" in answer.content.decode()) == (place != "now")


def test_the_calendar_in_french(client: Client, visit: Any, amina: Any) -> None:
    client.force_login(amina)
    page = client.get("/fr/calendrier/?month=2027-01").content.decode()
    assert "Janvier 2027" in page
    assert "← Décembre 2026" in page
    assert "du 31\u00a0janvier au 1er\u00a0février\u00a02027" in page


def test_the_calendar_costs_the_same_for_one_visit_and_for_many(
    client: Client, visit: Any, amina: Any, thunder_bay: Municipality, winnipeg: Municipality
) -> None:
    client.force_login(amina)

    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            client.get("/en/calendar/?month=2027-01")
        return len(queries)

    cost()
    few = cost()
    for n in range(30):
        make_exchange(
            thunder_bay, winnipeg, state="confirmed", starts_on=date(2027, 1, 1 + n), ends_on=date(2027, 1, 1 + n)
        )
    assert (cost(), few) == (few, 8)


# ---- the personal address --------------------------------------------------------------------------------------------


def feed_path(feed: CalendarFeed, language: str = "en") -> str:
    return f"/{language}/{'calendar' if language == 'en' else 'calendrier'}/{feed.token}.ics"


def test_opening_the_calendar_makes_no_address(client: Client, amina: Any) -> None:
    client.force_login(amina)
    client.get("/en/calendar/")
    assert "Make my calendar address" in client.get("/en/calendar/address/").content.decode()
    assert CalendarFeed.objects.count() == 0


def test_a_calendar_program_reads_without_a_sign_in_in_the_persons_language(
    client: Client, thunder_bay: Municipality, gatineau: Municipality, luc: Any
) -> None:
    start = timezone.localdate() + timedelta(days=20)
    visit = make_exchange(thunder_bay, gatineau, state="confirmed", starts_on=start, ends_on=start + timedelta(days=1))
    answer = client.get(feed_path(services.renew_feed(by=luc)))
    assert (answer.status_code, answer["Content-Type"], answer["X-Robots-Tag"]) == (
        200,
        "text/calendar; charset=utf-8",
        "noindex",
    )
    calendar = icalendar.Calendar.from_ical(answer.content)
    events = list(calendar.walk("VEVENT"))
    assert [str(event["uid"]) for event in events] == [f"visit-{visit.pk}@safercities.ca"]
    assert events[0]["dtstart"].dt == start
    assert events[0]["dtend"].dt == start + timedelta(days=2)
    assert str(calendar["x-wr-calname"]) == "RMCPC"
    assert "/fr/" in str(events[0]["url"])


def test_revoked_renewed_forged_and_closed_addresses_open_nothing(client: Client, amina: Any, rosa: Any) -> None:
    client.force_login(amina)
    client.post("/en/calendar/address/", {"act": "renew"})
    first = open_feed(amina)
    assert first
    assert client.get(feed_path(first)).status_code == 200
    client.post("/en/calendar/address/", {"act": "renew"})
    second = open_feed(amina)
    assert second.token in client.get("/en/calendar/address/").content.decode()
    assert second
    assert second.pk != first.pk
    stranger = Client()
    assert [stranger.get(feed_path(f)).status_code for f in (first, second)] == [404, 200]
    for token in (
        f"{second.pk}.x",
        second.token[:-1],
        f"{second.pk + 1}{second.token[len(str(second.pk)) :]}",
        "x",
        "9" * 30 + ".x",
    ):
        assert stranger.get(f"/en/calendar/{token}.ics").status_code == 404
    client.post("/en/calendar/address/", {"act": "revoke"})
    assert stranger.get(feed_path(second)).status_code == 404
    third = services.renew_feed(by=amina)
    type(amina).objects.filter(pk=amina.pk).update(is_active=False)
    assert stranger.get(feed_path(third)).status_code == 404


def test_revoking_leaves_the_addresses_of_others(amina: Any, rosa: Any) -> None:
    hers = services.renew_feed(by=rosa)
    assert services.revoke_feed(by=amina) is False
    assert open_feed(rosa) == hers
