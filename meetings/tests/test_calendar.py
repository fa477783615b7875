"""Calendar files: the public one that programs follow, and that of one meeting."""

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import icalendar
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation

from cmncp_portal.network.tests.factories import make_region

pytestmark = pytest.mark.django_db


def feed(client: Any, language: str = "en", **query: str) -> Any:
    with translation.override(language):
        return client.get(reverse("meetings:network_calendar"), query)


def file_of(client: Any, meeting: Any, language: str = "en") -> Any:
    with translation.override(language):
        return client.get(reverse("meetings:calendar", args=[meeting.slug]))


def events(page: Any) -> list[Any]:
    assert (page.status_code, page["Content-Type"]) == (200, "text/calendar; charset=utf-8")
    return icalendar.Calendar.from_ical(page.content).walk("VEVENT")


def names(page: Any) -> list[str]:
    return [str(event["SUMMARY"]) for event in events(page)]


class TestOfTheNetwork:
    def test_it_holds_what_is_for_everyone_whoever_asks(self, client: Any, meeting: Any, priya: Any) -> None:
        for audience in ("public", "associates", "members", "invited"):
            meeting(audience=audience, title_en=audience)
        meeting("scheduled", audience="public", title_en="not announced")
        assert names(feed(client)) == ["public"]
        client.force_login(priya)
        assert names(feed(client)) == ["public"]

    @pytest.mark.parametrize(
        ("first", "last", "is_there"),
        [
            (date(2026, 10, 31), date(2026, 10, 31), False),
            (date(2026, 10, 31), date(2026, 11, 1), True),
            (date(2028, 3, 7), date(2028, 3, 8), True),
            (date(2028, 3, 8), date(2028, 3, 8), False),
        ],
    )
    def test_ninety_two_days_back_and_four_hundred_ahead(
        self, client: Any, meeting: Any, first: date, last: date, is_there: bool
    ) -> None:
        meeting(audience="public", starts_on=first, ends_on=last)
        assert bool(events(feed(client))) is is_there

    def test_by_region(self, client: Any, meeting: Any, gatineau: Any) -> None:
        quebec = make_region("quebec", name_en="Quebec", name_fr="Québec", provinces=["QC"])
        meeting(audience="public", title_en="West")
        meeting(audience="public", title_en="East", region=quebec, host=gatineau)
        meeting(audience="public", title_en="All", national=True, kind="national", region=None)
        assert sorted(names(feed(client))) == ["All", "East", "West"]
        assert names(feed(client, region="prairies")) == ["West"]
        assert names(feed(client, region="quebec")) == ["East"]
        for unknown in ("atlantis", "\x00", "' OR 1=1", "x" * 5000):
            assert feed(client, region=unknown).status_code == 404

    def test_in_french_and_with_a_name(self, client: Any, meeting: Any) -> None:
        make_region("quebec", name_en="Quebec", name_fr="Québec", provinces=["QC"])
        meeting(audience="public")
        page = feed(client, "fr", region="prairies")
        assert names(page) == ["Des Prairies plus sûres"]
        text = page.content.decode()
        assert "METHOD:PUBLISH" in text
        assert "X-WR-CALNAME:RMCPC – Prairies" in text
        assert "LANGUAGE=fr-CA" in text
        assert "X-WR-CALNAME:RMCPC – Québec" in feed(client, "fr", region="quebec").content.decode()

    def test_none_is_an_empty_calendar(self, client: Any, clock: Any, db: None) -> None:
        assert events(feed(client)) == []

    def test_it_costs_the_same_at_one_and_at_many_and_may_be_kept_for_minutes(self, client: Any, meeting: Any) -> None:
        meeting(audience="public")
        with CaptureQueriesContext(connection) as at_one:
            page = feed(client, region="prairies")
        for _n in range(30):
            meeting(audience="public")
        with CaptureQueriesContext(connection) as at_many:
            assert len(events(feed(client, region="prairies"))) == 31
        assert len(at_many) == len(at_one) <= 2
        assert page["Cache-Control"] == "public, max-age=300"

    def test_the_list_says_how_to_follow_it(self, client: Any, meeting: Any, settings: Any) -> None:
        meeting(audience="public")
        page = client.get(reverse("meetings:list"))
        here = f"{settings.SITE_ADDRESS}{reverse('meetings:network_calendar')}"
        assert page.context["feeds"] == [("All regions", here), ("Prairies", f"{here}?region=prairies")]
        assert f'<a href="{here}?region=prairies">Prairies</a>' in page.content.decode()


class TestOfOneMeeting:
    def test_its_event(self, client: Any, meeting: Any, settings: Any) -> None:
        made = meeting(audience="public", sequence=3, join_link="https://video.example/secret", mode="hybrid")
        page = file_of(client, made)
        (event,) = events(page)
        zone = ZoneInfo("America/Winnipeg")
        assert (event["DTSTART"].dt, event["DTEND"].dt) == (
            datetime(2027, 4, 14, 9, 0, tzinfo=zone),
            datetime(2027, 4, 15, 16, 0, tzinfo=zone),
        )
        assert (str(event["SUMMARY"]), event["SEQUENCE"]) == ("Safer Prairies", 3)
        assert str(event["LOCATION"]) == "City Hall, Council Building, 510 Main Street, Winnipeg, and online"
        assert str(event["URL"]) == f"{settings.SITE_ADDRESS}{made.get_absolute_url()}"
        assert page["Content-Disposition"] == f'attachment; filename="{made.slug}.ics"'
        assert "secret" not in page.content.decode()

    def test_the_same_event_in_french(self, client: Any, meeting: Any) -> None:
        made = meeting(audience="public")
        english, french = events(file_of(client, made))[0], events(file_of(client, made, "fr"))[0]
        assert english["UID"] == french["UID"]
        assert str(french["SUMMARY"]) == "Des Prairies plus sûres"

    def test_a_cancelled_one_says_so(self, client: Any, meeting: Any) -> None:
        made = meeting("cancelled", audience="public", starts_on=date(2027, 4, 14), ends_on=date(2027, 4, 14))
        assert str(events(file_of(client, made))[0]["STATUS"]) == "CANCELLED"

    def test_without_a_date_there_is_none(self, client: Any, meeting: Any) -> None:
        assert file_of(client, meeting("postponed", audience="public")).status_code == 404

    def test_a_stranger_gets_none(self, client: Any, meeting: Any, rosa: Any) -> None:
        made = meeting(audience="invited")
        assert file_of(client, made).status_code == 404
        client.force_login(rosa)
        assert file_of(client, made).status_code == 404
