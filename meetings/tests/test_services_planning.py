"""Beginning a meeting, editing it by two people at once, meetings of the past."""

from datetime import date, time
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from cmncp_portal.core.editing import Conflict
from cmncp_portal.core.places import Status
from cmncp_portal.core.workflow import TransitionRefused
from meetings import services
from meetings.models import Meeting, Registration
from meetings.services.planning import free_slug

from .factories import make_invitee, make_place
from .mailbag import to, written

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
PAST = {"title_en": "Learning event", "title_fr": "Activité d’apprentissage", "source": "Report of 2020, page 4"}


def begin(by: Any, **fields: Any) -> Meeting:
    known = {"kind": "national", "title_en": "Safer Canada!", "title_fr": "Un Canada plus sûr", "mode": "virtual"}
    return services.create_meeting(by=by, **(known | {"time_zone": "America/Toronto"} | fields))


def stored(meeting: Meeting) -> Meeting:
    return Meeting.objects.get(pk=meeting.pk)


class TestBeginning:
    def test_an_idea_with_the_zone_of_its_host(self, priya: Any, winnipeg: Any) -> None:
        there = stored(begin(priya, host=winnipeg, time_zone=""))
        assert (there.state, there.slug, there.time_zone, there.organised_by) == (
            "idea",
            "safer-canada-2027",
            "America/Winnipeg",
            priya,
        )

    def test_two_clicks_make_one_and_a_minute_later_there_are_two(self, priya: Any, clock: Any) -> None:
        first, second = begin(priya), begin(priya)
        assert (first.pk, Meeting.objects.count()) == (second.pk, 1)
        clock.shift(61)
        assert begin(priya).slug == "safer-canada-2027-2"
        clock.shift(61)
        assert begin(priya).slug == "safer-canada-2027-3"

    @pytest.mark.parametrize("who", ["helen", "rene", "uma", "rosa"])
    def test_only_the_secretariat(self, who: str, request: pytest.FixtureRequest) -> None:
        with pytest.raises(PermissionDenied):
            begin(request.getfixturevalue(who))

    @pytest.mark.parametrize(
        ("title", "slug"),
        [
            ("Sécurité à Montréal", "securite-a-montreal-2027"),
            ("Safer Prairies 2027", "safer-prairies-2027"),
            ("ᐃᓄᒃᑎᑐᑦ", "meeting-2027"),
            ("x" * 200, f"{'x' * 71}-2027"),
        ],
    )
    def test_addresses(self, title: str, slug: str) -> None:
        assert free_slug(title, 2027) == slug


class TestThePast:
    def days(self, **fields: Any) -> dict[str, Any]:
        return PAST | {"kind": "national", "starts_on": date(2020, 2, 4), "ends_on": date(2020, 2, 5)} | fields

    def test_it_is_held_public_and_tells_nobody(self, priya: Any, winnipeg: Any) -> None:
        there = stored(services.record_past_meeting(by=priya, **self.days(host=winnipeg, attended_count=80)))
        assert (there.state, there.audience, there.slug, there.attended_count, there.time_zone) == (
            "held",
            "public",
            "learning-event-2020",
            80,
            "America/Winnipeg",
        )
        assert list(there.changes.values_list("transition", "by_name")) == [("record_past", "Priya Nair")]
        assert written() == []
        assert services.record_past_meeting(by=priya, **self.days(host=winnipeg, attended_count=80)).pk == there.pk

    def test_without_a_source_or_not_over(self, priya: Any, helen: Any) -> None:
        with pytest.raises(TransitionRefused, match="Say where this is known from."):
            services.record_past_meeting(by=priya, **self.days(source=" "))
        with pytest.raises(TransitionRefused, match="This meeting is not over yet: schedule it instead."):
            services.record_past_meeting(by=priya, **self.days(ends_on=date(2027, 2, 1)))
        with pytest.raises(PermissionDenied):
            services.record_past_meeting(by=helen, **self.days())
        services.record_past_meeting(by=priya, **self.days(ends_on=date(2027, 1, 31)))

    def test_its_days_can_be_corrected(self, priya: Any) -> None:
        there = services.record_past_meeting(by=priya, **self.days())
        services.keep_meeting(there, seen=1, by=priya, starts_on=date(2020, 2, 3))
        assert stored(there).starts_on == date(2020, 2, 3)


class TestKeeping:
    def test_before_the_announcement_everything(self, meeting: Any, priya: Any) -> None:
        there = meeting("scheduled")
        services.keep_meeting(there, seen=1, by=priya, venue="Library", begins_at=time(10), summary_en="New")
        kept = stored(there)
        assert (kept.venue, kept.begins_at, kept.summary_en, kept.version, kept.sequence) == (
            "Library",
            time(10),
            "New",
            2,
            1,
        )

    @pytest.mark.parametrize(
        "fields",
        [
            {"starts_on": date(2027, 4, 13)},
            {"begins_at": time(10)},
            {"venue": "Library"},
            {"mode": "virtual"},
            {"join_link": "https://example.ca/"},
            {"time_zone": "America/Regina"},
            {"kind": "national", "region": None},
            {"host": None},
        ],
    )
    @pytest.mark.parametrize("stage", ["announced", "postponed"])
    def test_after_it_what_people_were_told_stays(
        self, meeting: Any, priya: Any, stage: str, fields: dict[str, Any]
    ) -> None:
        there = meeting(stage)
        with pytest.raises(TransitionRefused, match="The meeting is announced: change its date and place where"):
            services.keep_meeting(there, seen=1, by=priya, **fields)
        services.keep_meeting(there, seen=1, by=priya, **({name: getattr(there, name) for name in fields}))
        services.keep_meeting(there, seen=1, by=priya, title_en="A better title")
        assert (stored(there).title_en, stored(there).sequence) == ("A better title", stage == "announced")

    def test_once_it_was_held_a_wrong_host_is_put_right(self, meeting: Any, priya: Any, saskatoon: Any) -> None:
        there = meeting("held")
        services.keep_meeting(there, seen=1, by=priya, host=saskatoon)
        assert (stored(there).host, written()) == (saskatoon, [])

    def test_while_people_are_asked_the_dates_come_from_them(self, meeting: Any, priya: Any) -> None:
        with pytest.raises(TransitionRefused, match="People are being asked for dates: fix the date instead."):
            services.keep_meeting(meeting("polling"), seen=1, by=priya, starts_on=date(2027, 4, 13))

    def test_a_cancelled_one_stays_as_it_is(self, meeting: Any, priya: Any) -> None:
        with pytest.raises(TransitionRefused, match="This meeting is cancelled; nothing about it changes any more."):
            services.keep_meeting(meeting("cancelled"), seen=1, by=priya, title_en="New")

    @pytest.mark.parametrize("who", ["helen", "henry", "rosa"])
    def test_hosts_and_strangers_do_not(self, who: str, meeting: Any, request: pytest.FixtureRequest) -> None:
        with pytest.raises(PermissionDenied):
            services.keep_meeting(meeting(), seen=1, by=request.getfixturevalue(who), title_en="Mine")

    def test_the_second_of_two_sees_the_first(self, meeting: Any, priya: Any) -> None:
        there = meeting()
        services.keep_meeting(there, seen=1, by=priya, title_en="First")
        with pytest.raises(Conflict) as conflict:
            services.keep_meeting(stored(there), seen=1, by=priya, title_en="Second")
        assert (conflict.value.current.title_en, stored(there).title_en) == ("First", "First")  # type: ignore[attr-defined]

    @pytest.mark.parametrize(
        ("before", "after", "moved_up"), [(1, 2, ["first"]), (1, None, ["first", "second"]), (1, 1, []), (2, 1, [])]
    )
    def test_more_places_go_to_those_who_wait_in_order(
        self, meeting: Any, priya: Any, before: int, after: int | None, moved_up: list[str]
    ) -> None:
        there = meeting(capacity=before)
        for number in range(before):
            make_place(there, f"has{number}@place.example")
        for name in ("first", "second"):
            make_place(there, f"{name}@place.example", status=Status.WAITING)
        services.keep_meeting(there, seen=1, by=priya, capacity=after)
        places = Registration.objects.filter(status="registered").exclude(email__startswith="has")
        assert [place.email.partition("@")[0] for place in places.order_by("pk")] == moved_up
        assert to("off_waiting_list") == [f"{name}@place.example" for name in moved_up]

    def test_a_date_moved_before_the_announcement_is_told_to_those_who_were_asked(
        self, meeting: Any, priya: Any
    ) -> None:
        there = meeting("scheduled")
        make_invitee(there, "asked@place.example", is_asked_for_dates=True)
        make_invitee(there, "done@place.example", is_asked_for_dates=True, wants_no_more=True)
        make_invitee(there, "other@place.example")
        services.keep_meeting(there, seen=1, by=priya, title_en="No new date")
        assert to("date_fixed") == []
        services.keep_meeting(there, seen=2, by=priya, starts_on=date(2027, 4, 13))
        [letter] = written("date_fixed")
        assert letter.to_email == "asked@place.example"
        assert "April 13–15, 2027" in letter.text


class TestLocal:
    WORDS = {"local_en": "Ring at the side door.", "local_fr": "Sonnez.", "local_contact": "Henry, 204 555-0142"}

    @pytest.mark.parametrize("who", ["priya", "helen", "henry", "amina", "joseph"])
    def test_the_host_and_the_co_host_write_it(
        self, who: str, meeting: Any, thunder_bay: Any, request: pytest.FixtureRequest
    ) -> None:
        there, by = meeting("scheduled", co_host=thunder_bay), request.getfixturevalue(who)
        services.keep_local(there, seen=1, by=by, **self.WORDS)
        assert {name: getattr(stored(there), name) for name in self.WORDS} == self.WORDS
        with pytest.raises(Conflict):
            services.keep_local(there, seen=1, by=by, **(self.WORDS | {"local_en": "Another door."}))
        services.keep_local(there, seen=1, by=by, **self.WORDS)  # the same once more

    def test_not_by_others_and_not_afterwards(self, meeting: Any, rosa: Any, helen: Any) -> None:
        with pytest.raises(PermissionDenied):
            services.keep_local(meeting(), seen=1, by=rosa, **self.WORDS)
        with pytest.raises(PermissionDenied):
            services.keep_local(meeting("idea"), seen=1, by=helen, **self.WORDS)
        for stage in ("held", "cancelled"):
            with pytest.raises(TransitionRefused, match="The meeting is “"):
                services.keep_local(meeting(stage), seen=1, by=helen, **self.WORDS)
