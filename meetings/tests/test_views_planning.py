"""Beginning, preparing and editing a meeting, as the pages do it."""

from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation

from cmncp_portal.network.tests.factories import make_municipality, make_region
from meetings.models import Meeting, MeetingChange

from .factories import make_invitee, make_item, make_slot, make_speaker
from .screens import as_sent, said, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
TYPED = {"kind": "regional", "title_en": "Safer <b>Prairies</b>", "title_fr": "Des Prairies plus sûres", "mode": "hybrid"}  # fmt: skip


def address(name: str, *args: Any, language: str = "en") -> str:
    with translation.override(language):
        return reverse(f"meetings:{name}", args=args)


@pytest.fixture
def coordinator(client: Client, priya: Any) -> Client:
    client.force_login(priya)
    return client


def on_page(page: Any) -> list[tuple[str, str]]:
    """What is missing according to the page."""
    return [(check.label, check.reason) for check in page.context["preparation"].checks if not check.is_done]


class TestNew:
    def test_the_least_and_on_to_the_preparation(self, coordinator: Client, winnipeg: Any) -> None:
        region = make_region()
        page = coordinator.get(address("new"))
        typed = as_sent(page, **TYPED, region=region.pk, host=winnipeg.pk)
        done = coordinator.post(address("new"), typed)
        assert done["Location"] == address("prepare", "safer-bprairiesb-2027")
        made = Meeting.objects.get()
        assert (made.region, made.host, made.time_zone, made.mode) == (region, winnipeg, "America/Winnipeg", "hybrid")
        assert "Safer &lt;b&gt;Prairies&lt;/b&gt;" in text_of(coordinator.get(done["Location"]))
        assert coordinator.post(address("new"), typed)["Location"] == done["Location"]
        assert Meeting.objects.count() == 1

    @pytest.mark.parametrize(
        ("typed", "errors"),
        [
            ({}, {"region": ["In which region is it?"], "time_zone": ["No host is named: choose the time zone."]}),
            ({"kind": "national", "time_zone": "America/Regina", "title_fr": ""}, {"title_fr": ["This field is required."]}),
            ({"kind": "national", "time_zone": "Mars"}, {"time_zone": ["Select a valid choice. Mars is not one of the available choices."]}),
        ],
    )  # fmt: skip
    def test_what_is_wrong_comes_back_with_all_that_was_typed(
        self, coordinator: Client, typed: dict[str, str], errors: dict[str, list[str]]
    ) -> None:
        page = coordinator.post(address("new"), TYPED | typed)
        assert (page.status_code, page.context["form"].errors) == (422, errors)
        assert {name: page.context["form"][name].value() for name in TYPED} == TYPED | {
            name: value for name, value in typed.items() if name in TYPED
        }

    def test_only_general_members_of_today_host(self, coordinator: Client, winnipeg: Any) -> None:
        make_municipality("nobody", member=False)
        form = coordinator.get(address("new")).context["form"]
        assert list(form.fields["host"].queryset) == [winnipeg]

    def test_a_national_one_has_no_region(self, coordinator: Client) -> None:
        region = make_region()
        typed = TYPED | {"kind": "national", "region": str(region.pk), "time_zone": "America/Regina"}
        coordinator.post(address("new"), typed)
        assert Meeting.objects.get().region is None

    @pytest.mark.parametrize("name", ["new", "past"])
    def test_others_may_not(self, client: Client, helen: Any, name: str) -> None:
        assert client.get(address(name)).status_code == 302
        client.force_login(helen)
        assert client.get(address(name)).status_code == 403
        assert client.post(address(name), TYPED).status_code == 403


class TestPast:
    TYPED = {
        "kind": "national", "title_en": "Learning event", "title_fr": "Activité", "starts_on": "2020-02-04",
        "ends_on": "", "attended_count": "80", "source": "Report of 2020", "version": "1",
    }  # fmt: skip

    def test_from_a_source(self, coordinator: Client, winnipeg: Any) -> None:
        coordinator.get(address("past"))
        done = coordinator.post(address("past"), self.TYPED | {"host": winnipeg.pk})
        made = Meeting.objects.get()
        assert done["Location"] == made.get_absolute_url() == "/en/meetings/learning-event-2020/"
        assert (made.state, made.ends_on, made.attended_count, made.host) == ("held", date(2020, 2, 4), 80, winnipeg)
        page = coordinator.get(address("prepare", made.slug))
        assert "Report of 2020" in text_of(page)
        edit = coordinator.get(address("edit", made.slug))
        coordinator.post(address("edit", made.slug), as_sent(edit, starts_on="2020-02-03"))
        assert Meeting.objects.get().starts_on == date(2020, 2, 3)

    @pytest.mark.parametrize(
        ("typed", "errors"),
        [
            ({"source": ""}, {"source": ["This field is required."]}),
            ({"ends_on": "2020-02-03"}, {"ends_on": ["The last day comes before the first one."]}),
            ({"starts_on": "2027-02-01"}, {"ends_on": ["This meeting is not over yet: schedule it instead."]}),
            ({"kind": "regional"}, {"region": ["In which region is it?"]}),
        ],
    )
    def test_wrong(self, coordinator: Client, typed: dict[str, str], errors: dict[str, list[str]]) -> None:
        page = coordinator.post(address("past"), self.TYPED | typed)
        assert (page.status_code, page.context["form"].errors, Meeting.objects.count()) == (422, errors, 0)


class TestPrepare:
    def test_before_anybody_is_asked(self, coordinator: Client, meeting: Any) -> None:
        there = meeting("idea", title_fr="")
        page = coordinator.get(address("prepare", there.slug))
        assert on_page(page) == [
            ("A title in both languages", "Give the meeting a title in both languages."),
            ("Three to ten dates", "Propose 3 to 10 dates."),
            ("The last day for answers, before the first date", "Say until when people may answer."),
            ("Whom you ask", "Say whom you ask about the dates."),
        ]
        assert f'<a class="button button--primary" href="{address("edit", there.slug)}">Next: A title' in text_of(page)
        assert f'href="{address("poll_people", there.slug)}"' in text_of(page)

    def test_before_the_announcement(self, coordinator: Client, meeting: Any) -> None:
        there = meeting("scheduled", languages=[], venue="", address="", summary_fr="")
        make_item(there, kind="plenary")
        page = coordinator.get(address("prepare", there.slug))
        assert on_page(page) == [
            ("Title and summary in both languages", "Title and summary are needed in both languages."),
            ("The place, and what people online need", "Say where people meet."),
            ("Working languages", "Say in which languages the meeting works."),
            ("Somebody who speaks in each session", "“Welcome” has no speaker yet."),
        ]
        moves = page.context["preparation"]
        assert [offer.transition.name for offer, _page in moves.pages] == ["announce"]
        assert [offer.transition.name for offer in moves.moves] == ["cancel"]
        assert f'action="{address("move", there.slug, "cancel")}"' in text_of(page)

    def test_complete(self, coordinator: Client, meeting: Any) -> None:
        there = meeting("scheduled")
        make_speaker(make_item(there))
        page = coordinator.get(address("prepare", there.slug))
        assert on_page(page) == []
        announce = (
            f'<a class="button button--primary" href="{address("announce", there.slug)}">Announce the meeting</a>'
        )
        assert announce in text_of(page)

    def test_a_host_outside_the_region_and_its_other_meetings(
        self, coordinator: Client, meeting: Any, winnipeg: Any, gatineau: Any
    ) -> None:
        there = meeting("scheduled")
        for day, title in ((14, "Near"), (15, "Far"), (13, "Cancelled")):
            first = date(2027, 5, 1 + day)
            state = "cancelled" if title == "Cancelled" else "scheduled"
            meeting(state, title_en=title, national=True, starts_on=first, ends_on=first)
        page = coordinator.get(address("prepare", there.slug))
        assert [other.title_en for other in page.context["others"]] == ["Near"]
        assert page.context["warnings"] == []
        outside = coordinator.get(address("prepare", meeting("scheduled", host=gatineau).slug))
        assert outside.context["warnings"] == ["Gatineau lies outside the region “Prairies”."]

    def test_what_happened(self, coordinator: Client, meeting: Any) -> None:
        there = meeting("announced")
        MeetingChange.objects.create(meeting=there, text_en="Place: A → B", text_fr="Lieu : A → B", by_name="Priya")
        entries = coordinator.get(address("prepare", there.slug)).context["entries"]
        assert sorted(str(entry["text"]) for entry in entries) == ["Begun", "Place: A → B", "Recorded from a source"]
        french = coordinator.get(address("prepare", there.slug, language="fr")).context["entries"]
        assert "Lieu : A → B" in {str(entry["text"]) for entry in french}

    def test_who_sees_it(
        self, client: Client, meeting: Any, henry: Any, amina: Any, rosa: Any, thunder_bay: Any, uma: Any
    ) -> None:
        there, idea = meeting("scheduled", co_host=thunder_bay), meeting("idea")
        announced = meeting("announced")
        for user, expected in ((henry, 200), (amina, 200), (rosa, 404)):
            client.force_login(user)
            assert client.get(address("prepare", there.slug)).status_code == expected
            assert client.get(address("prepare", idea.slug)).status_code == 404
        assert client.get(address("prepare", announced.slug)).status_code == 403
        client.force_login(amina)
        page = text_of(client.get(address("prepare", there.slug)))
        assert address("local", there.slug) in page
        assert address("edit", there.slug) not in page

    @pytest.mark.parametrize("stage", ["idea", "polling", "scheduled", "announced", "held"])
    @pytest.mark.parametrize("who", ["priya", "henry"])
    def test_at_most_eight_queries(
        self, client: Client, meeting: Any, stage: str, who: str, request: pytest.FixtureRequest
    ) -> None:
        there = meeting(stage)
        user = request.getfixturevalue(who)
        if stage == "idea" and who == "henry":
            return
        for number in range(30):
            make_speaker(make_item(there, title_en=f"Item {number}"))
            make_invitee(there, is_asked_for_dates=True)
            meeting("scheduled")
        for day in range(1, 11):
            make_slot(there, date(2027, 5, day))
        client.force_login(user)
        client.get(address("prepare", there.slug))
        with CaptureQueriesContext(connection) as captured:
            assert client.get(address("prepare", there.slug)).status_code == 200
        assert len(captured) <= 8, [query["sql"][:90] for query in captured]


class TestEdit:
    def test_all_of_it_before_the_announcement(self, coordinator: Client, meeting: Any, saskatoon: Any) -> None:
        there = meeting("scheduled")
        page = coordinator.get(address("edit", there.slug))
        typed = {
            "title_en": "New title", "co_host": saskatoon.pk, "starts_on": "2027-04-20", "ends_on": "", "capacity": "80",
            "begins_at": "08:30", "venue": "Library", "languages": ["fr"], "fee": "25.50", "audience": "public",
        }  # fmt: skip
        done = coordinator.post(address("edit", there.slug), as_sent(page, **typed))
        assert said(coordinator, done) == ["Saved."]
        kept = Meeting.objects.get(pk=there.pk)
        assert (kept.title_en, kept.co_host, kept.starts_on, kept.ends_on, kept.capacity, kept.venue) == (
            "New title", saskatoon, date(2027, 4, 20), date(2027, 4, 20), 80, "Library",
        )  # fmt: skip
        assert (kept.languages, str(kept.fee), kept.audience, kept.kind, kept.region) == (
            ["fr"], "25.50", "public", "regional", there.region,
        )  # fmt: skip

    @pytest.mark.parametrize("stage", ["announced", "postponed"])
    def test_afterwards_dates_and_place_lead_to_their_own_page(
        self, coordinator: Client, meeting: Any, stage: str
    ) -> None:
        there = meeting(stage)
        page = coordinator.get(address("edit", there.slug))
        left_out = {"starts_on", "ends_on", "begins_at", "finishes_at", "venue", "address", "mode", "time_zone", "join_link", "host"}  # fmt: skip
        assert left_out & set(page.context["form"].fields) == set()
        assert address("change", there.slug) in text_of(page)
        coordinator.post(address("edit", there.slug), as_sent(page, starts_on="2027-04-20", summary_en="Better words"))
        kept = Meeting.objects.get(pk=there.pk)
        assert (kept.summary_en, kept.starts_on, kept.host) == ("Better words", there.starts_on, there.host)

    def test_afterwards_a_co_host_still_stands_beside_the_host(
        self, coordinator: Client, meeting: Any, saskatoon: Any, winnipeg: Any
    ) -> None:
        there = meeting("announced")
        page = coordinator.get(address("edit", there.slug))
        wrong = coordinator.post(address("edit", there.slug), as_sent(page, co_host=winnipeg.pk))
        assert wrong.context["form"].errors == {"co_host": ["The co-host is another member than the host."]}
        coordinator.post(address("edit", there.slug), as_sent(page, co_host=saskatoon.pk))
        kept = Meeting.objects.get(pk=there.pk)
        assert (kept.host, kept.co_host) == (winnipeg, saskatoon)

    def test_it_was_announced_while_the_dates_were_typed(self, coordinator: Client, meeting: Any) -> None:
        there = meeting("scheduled")
        seen = coordinator.get(address("edit", there.slug))
        Meeting.objects.filter(pk=there.pk).update(state="announced", published_at=there.created_at)
        page = coordinator.post(address("edit", there.slug), as_sent(seen, starts_on="2027-04-20", title_en="Typed"))
        assert page.status_code == 422
        assert page.context["form"].non_field_errors() == [
            "Meanwhile the meeting became “Announced”. Look once more at what you typed, then save."
        ]
        done = coordinator.post(address("edit", there.slug), as_sent(page))
        assert (done.status_code, Meeting.objects.get(pk=there.pk).title_en) == (302, "Typed")

    @pytest.mark.parametrize(
        ("stage", "typed", "errors"),
        [
            ("scheduled", {"ends_on": "2027-04-13"}, {"ends_on": ["The last day comes before the first one."]}),
            ("scheduled", {"starts_on": ""}, {"starts_on": ["Give the first day too."]}),
            ("scheduled", {"ends_on": "2027-04-14", "finishes_at": "09:00"}, {"finishes_at": ["It ends before it begins."]}),
            ("scheduled", {"region": ""}, {"region": ["In which region is it?"]}),
            ("scheduled", {"title_fr": ""}, {"title_fr": ["This field is required."]}),
            ("announced", {"summary_fr": ""}, {"summary_fr": ["An announced meeting has its summary in both languages."]}),
            ("announced", {"capacity": "0"}, {"capacity": ["One at least, or nothing."]}),
            (
                "announced",
                {"registration_opens_on": "2027-03-02", "registration_closes_on": "2027-03-01"},
                {"registration_closes_on": ["Registration closes before it opens."]},
            ),
        ],
    )  # fmt: skip
    def test_wrong(
        self, coordinator: Client, meeting: Any, stage: str, typed: dict[str, str], errors: dict[str, list[str]]
    ) -> None:
        there = meeting(stage)
        sent = as_sent(coordinator.get(address("edit", there.slug)), **typed)
        page = coordinator.post(address("edit", there.slug), sent)
        assert (page.status_code, page.context["form"].errors) == (422, errors)
        assert {name: page.context["form"][name].value() for name in typed} == typed

    def test_the_co_host_is_another(self, coordinator: Client, meeting: Any, winnipeg: Any, saskatoon: Any) -> None:
        there = meeting("scheduled")
        edit = address("edit", there.slug)
        page = coordinator.post(edit, as_sent(coordinator.get(edit), co_host=winnipeg.pk))
        assert page.context["form"].errors == {"co_host": ["The co-host is another member than the host."]}
        page = coordinator.post(edit, as_sent(coordinator.get(edit), co_host=saskatoon.pk, host=""))
        assert page.context["form"].errors == {"host": ["A co-host stands beside a host: choose the host first."]}

    def test_two_people_lose_nothing(self, coordinator: Client, meeting: Any, admin_user: Any) -> None:
        there = meeting("scheduled")
        edit = address("edit", there.slug)
        seen = coordinator.get(edit)
        other = Client()
        other.force_login(admin_user)
        other.post(edit, as_sent(other.get(edit), venue="Library", title_en="Theirs"))
        page = coordinator.post(edit, as_sent(seen, venue="School", summary_en="Mine", languages=["en"]))
        assert page.status_code == 409
        assert {d.field.name: (d.theirs, d.take_theirs) for d in page.context["differences"]} == {
            "title_en": ("Theirs", True),
            "summary_en": ("What works with young people.", False),
            "venue": ("Library", False),
            "languages": ("English, Français", False),
        }
        done = coordinator.post(edit, as_sent(page, **{"choose-venue": "theirs"}))
        kept = Meeting.objects.get(pk=there.pk)
        assert (done.status_code, kept.title_en, kept.venue, kept.summary_en, kept.languages) == (
            302, "Theirs", "Library", "Mine", ["en"],
        )  # fmt: skip

    def test_who_may(self, client: Client, meeting: Any, helen: Any, rosa: Any) -> None:
        there = meeting("scheduled")
        for user, expected in ((helen, 403), (rosa, 404)):
            client.force_login(user)
            assert client.get(address("edit", there.slug)).status_code == expected
            assert client.post(address("edit", there.slug), {}).status_code == expected

    def test_a_cancelled_one(self, coordinator: Client, meeting: Any) -> None:
        there = meeting("cancelled")
        done = coordinator.get(address("edit", there.slug))
        assert said(coordinator, done) == ["This meeting is cancelled; nothing about it changes any more."]

    @pytest.mark.parametrize("stage", ["idea", "polling", "held"])
    def test_each_stage_has_its_page(self, coordinator: Client, meeting: Any, stage: str) -> None:
        there = meeting(stage)
        edit = address("edit", there.slug)
        done = coordinator.post(edit, as_sent(coordinator.get(edit), title_fr="Nouveau titre"))
        assert (done.status_code, Meeting.objects.get(pk=there.pk).title_fr) == (302, "Nouveau titre")


class TestLocal:
    def test_host_and_co_host_at_once(
        self, client: Client, meeting: Any, henry: Any, amina: Any, thunder_bay: Any
    ) -> None:
        there = meeting("announced", co_host=thunder_bay)
        local = address("local", there.slug)
        client.force_login(henry)
        seen = client.get(local)
        assert set(seen.context["form"].fields) == {"local_en", "local_fr", "local_contact", "version"}
        client.force_login(amina)
        client.post(local, as_sent(client.get(local), local_fr="Sonnez.", venue="Elsewhere", title_en="Hers"))
        client.force_login(henry)
        page = client.post(local, as_sent(seen, local_en="Ring."))
        assert page.status_code == 409
        client.post(local, as_sent(page))
        kept = Meeting.objects.get(pk=there.pk)
        assert (kept.local_en, kept.local_fr, kept.venue, kept.title_en) == (
            "Ring.",
            "Sonnez.",
            there.venue,
            there.title_en,
        )

    def test_others(self, client: Client, meeting: Any, rosa: Any) -> None:
        client.force_login(rosa)
        assert client.get(address("local", meeting("announced").slug)).status_code == 403
        assert client.get(address("local", meeting("scheduled").slug)).status_code == 404
