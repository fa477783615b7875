"""The list of meetings: whom it shows what, the order, the filters, and its price."""

import re
from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation

from cmncp_portal.network.tests.factories import make_membership, make_municipality, make_region, make_representative
from meetings.models import Meeting
from meetings.selectors.lists import listed

from .factories import make_invitee, make_meeting, make_place
from .screens import text_of

pytestmark = pytest.mark.django_db


def address(language: str = "en") -> str:
    with translation.override(language):
        return reverse("meetings:list")


def titles(page: Any) -> list[str]:
    return [row.meeting.title_en for row in page.context["rows"]]


def shown(client: Any, **query: str) -> list[str]:
    page = client.get(address(), query)
    assert page.status_code == 200
    return titles(page)


def copies(pattern: Meeting, number: int) -> None:
    """`number` more meetings like `pattern`: rows only."""
    names = [f.attname for f in Meeting._meta.concrete_fields if not f.generated and f.name not in ("id", "slug")]
    values = {name: getattr(pattern, name) for name in names}
    Meeting.objects.bulk_create(Meeting(slug=f"copy-{n}", **values) for n in range(number))


@pytest.fixture
def each_audience(meeting: Any) -> None:
    for audience in ("public", "associates", "members", "invited"):
        meeting(audience=audience, title_en=audience)


class TestWhoSeesWhat:
    def test_a_visitor_sees_what_is_for_everyone(self, client: Any, each_audience: None) -> None:
        assert shown(client) == ["public"]

    def test_a_general_member_sees_all_but_those_of_others_by_name(
        self, client: Any, each_audience: None, rosa: Any
    ) -> None:
        client.force_login(rosa)
        assert sorted(shown(client)) == ["associates", "members", "public"]

    @pytest.mark.parametrize(
        ("kind", "until_on", "expected"),
        [
            ("associate", None, ["associates", "public"]),
            ("prospective", None, ["public"]),
            ("general", date(2027, 1, 31), ["public"]),
            ("general", date(2027, 2, 1), ["associates", "members", "public"]),
        ],
    )
    def test_by_the_membership_of_today(
        self, client: Any, each_audience: None, kind: str, until_on: Any, expected: list[str]
    ) -> None:
        place = make_municipality("somewhere", member=False)
        make_membership(place, kind=kind, until_on=until_on)
        client.force_login(make_representative(place))
        assert sorted(shown(client)) == expected

    def test_the_host_and_the_network_see_all(
        self, client: Any, each_audience: None, helen: Any, uma: Any, priya: Any
    ) -> None:
        everything = ["associates", "invited", "members", "public"]
        for person, expected in ((helen, everything), (priya, everything), (uma, sorted({*everything} - {"invited"}))):
            client.force_login(person)
            assert sorted(shown(client)) == expected

    def test_whoever_is_invited_or_registered_by_name_sees_it(self, client: Any, meeting: Any, rosa: Any) -> None:
        make_invitee(meeting(audience="invited", title_en="asked"), rosa.email)
        make_place(meeting(audience="invited", title_en="registered"), rosa.email)
        meeting(audience="invited", title_en="neither")
        make_invitee(meeting("scheduled", audience="invited", title_en="not announced"), rosa.email)
        client.force_login(rosa)
        assert sorted(shown(client)) == ["asked", "registered"]

    def test_what_is_prepared_is_for_those_who_prepare_it(
        self, client: Any, meeting: Any, helen: Any, rosa: Any, priya: Any
    ) -> None:
        for stage in ("idea", "polling", "scheduled"):
            meeting(stage, audience="public", title_en=stage)
        for person, expected in (
            (None, []),
            (rosa, []),
            (helen, ["polling", "scheduled"]),
            (priya, ["idea", "polling", "scheduled"]),
        ):
            client.logout()
            if person:
                client.force_login(person)
            assert sorted(shown(client)) == expected


class TestOrderAndTime:
    def test_upcoming_nearest_first_then_those_without_a_date(self, client: Any, meeting: Any, priya: Any) -> None:
        client.force_login(priya)
        for day, title in ((date(2027, 6, 1), "June"), (date(2027, 2, 1), "today"), (date(2027, 1, 31), "yesterday")):
            meeting(starts_on=day, ends_on=day, title_en=title)
        meeting("scheduled", starts_on=date(2027, 1, 30), ends_on=date(2027, 2, 1), title_en="under way")
        meeting("idea", title_en="undated")
        meeting("cancelled", starts_on=date(2027, 5, 1), ends_on=date(2027, 5, 1), title_en="cancelled")
        assert shown(client) == ["under way", "today", "June", "undated"]
        assert shown(client, when="past") == ["cancelled", "yesterday"]
        assert shown(client, when="all") == ["undated", "June", "cancelled", "today", "yesterday", "under way"]

    @pytest.mark.parametrize("query", [{}, {"when": "upcoming"}, {"when": "nonsense"}, {"page": "\x00"}, {"page": "9"}])
    def test_nonsense_shows_what_comes(self, client: Any, meeting: Any, query: dict[str, str]) -> None:
        meeting(audience="public", title_en="to come")
        meeting("held", audience="public", starts_on=date(2026, 1, 1), ends_on=date(2026, 1, 1), title_en="over")
        assert shown(client, **query) == ["to come"]


class TestFilters:
    @pytest.fixture
    def four(self, meeting: Any, winnipeg: Any, gatineau: Any) -> None:
        quebec = make_region("quebec", name_en="Quebec", name_fr="Québec", provinces=["QC"], order=4)
        meeting(audience="public", title_en="Prairies in person")
        meeting(audience="public", title_en="Quebec online", region=quebec, host=gatineau, mode="virtual")
        meeting(
            audience="public", title_en="National hybrid", title_fr="Rencontre nationale", national=True, host=None,
            mode="hybrid", kind="national", region=None,
            summary_en="Evaluating what works.", summary_fr="Évaluer ce qui fonctionne à l’école.",
        )  # fmt: skip

    @pytest.mark.parametrize(
        ("query", "expected"),
        [
            ({}, ["Prairies in person", "Quebec online", "National hybrid"]),
            ({"region": "prairies"}, ["Prairies in person"]),
            ({"region": "quebec"}, ["Quebec online"]),
            ({"region": "atlantis"}, ["Prairies in person", "Quebec online", "National hybrid"]),
            ({"kind": "national"}, ["National hybrid"]),
            ({"mode": "in_person"}, ["Prairies in person", "National hybrid"]),
            ({"mode": "online"}, ["Quebec online", "National hybrid"]),
            ({"host": "gatineau"}, ["Quebec online"]),
            ({"host": "gatineau", "region": "prairies"}, []),
            ({"q": "quebec"}, ["Quebec online"]),
            ({"q": "ecole evaluer"}, ["National hybrid"]),
            ({"q": "l'école"}, ["National hybrid"]),
            ({"q": "nothing like it"}, []),
            ({"q": "!!!"}, []),
            ({"q": "x" * 100_000}, []),
        ],
    )
    def test_what_each_leaves(self, client: Any, four: None, query: dict[str, str], expected: list[str]) -> None:
        assert sorted(shown(client, **query)) == sorted(expected)

    def test_only_hosts_of_meetings_one_sees_are_offered(
        self, client: Any, meeting: Any, winnipeg: Any, gatineau: Any, rosa: Any
    ) -> None:
        meeting(audience="public")
        meeting(audience="members", host=gatineau)

        def offered() -> list[str]:
            return [slug for slug, _label in client.get(address()).context["filter"].choices["host"]]

        assert offered() == ["winnipeg"]
        client.force_login(rosa)
        assert offered() == ["gatineau", "winnipeg"]

    def test_in_place_only_the_results_come(self, client: Any, four: None) -> None:
        part = client.get(address(), {"mode": "online"}, headers={"HX-Request": "true"})
        whole = client.get(address(), {"mode": "online"})
        assert text_of(part).count("<html") == 0
        assert text_of(part).count('id="results"') == text_of(whole).count('id="results"') == 1
        assert sorted(titles(part)) == ["National hybrid", "Quebec online"]
        assert 'hx-target="#results"' in text_of(whole)
        assert ["HX-Request" in page["Vary"] for page in (part, whole)] == [True, True]
        back = client.get(address(), headers={"HX-Request": "true", "HX-History-Restore-Request": "true"})
        assert text_of(back).count("<html") == 1


class TestEmpty:
    def test_a_visitor_is_led_to_the_past(self, client: Any, db: None) -> None:
        page = text_of(client.get(address()))
        assert "No meeting is announced at present." in page
        assert f'href="{address()}?when=past"' in page
        assert "Schedule a meeting" not in page

    def test_a_coordinator_is_led_to_the_next(self, client: Any, priya: Any) -> None:
        client.force_login(priya)
        page = text_of(client.get(address()))
        assert "No meeting is planned." in page
        assert page.count(f'href="{reverse("meetings:new")}"') == 2
        assert f'href="{reverse("meetings:past")}">Record a past meeting' in page

    def test_a_member_has_no_button_to_schedule(self, client: Any, helen: Any) -> None:
        client.force_login(helen)
        page = text_of(client.get(address()))
        assert "Schedule a meeting" not in page
        assert "Record a past meeting" not in page

    def test_filtered_to_nothing_says_so(self, client: Any, meeting: Any) -> None:
        meeting(audience="public")
        page = text_of(client.get(address(), {"q": "zeppelin"}))
        assert "No meeting matches." in page
        assert f'href="{address()}?when=all"' in page

    def test_no_past_leads_to_what_comes(self, client: Any, db: None) -> None:
        assert "No meeting to show yet." in text_of(client.get(address(), {"when": "past"}))


class TestWhatARowSays:
    def test_all_of_it(self, client: Any, meeting: Any) -> None:
        made = meeting(audience="public", registration_closes_on=date(2027, 4, 1))
        page = text_of(client.get(address()))
        row = re.sub(
            r"\s+",
            " ",
            re.sub(
                r"<[^>]+>",
                "",
                page[page.index('<ul class="rows"') : page.index("</ul>", page.index('<ul class="rows"'))],
            ),
        )
        assert row.strip() == (
            "Safer Prairies Prairies · City Hall, Council Building, 510 Main Street, Winnipeg · hosted by Winnipeg"
            " April 14–15, 2027 (Winnipeg time) Announced Register until April 1, 2027."
        )
        assert f'href="{made.get_absolute_url()}"' in page

    def test_a_title_in_one_language_is_marked(self, client: Any, meeting: Any, priya: Any) -> None:
        client.force_login(priya)
        meeting("idea", title_fr="")
        page = text_of(client.get(address("fr")))
        assert 'lang="en">Safer Prairies</a>' in page

    def test_names_that_are_code_stay_names(self, client: Any, meeting: Any) -> None:
        meeting(audience="public", title_en='<b>"Baie" & l’\'Anse</b> 🦫 \u202eאב', venue="<i>Hall</i>")
        page = text_of(client.get(address()))
        assert '<b>"Baie"' not in page
        assert "<i>Hall" not in page
        assert "&lt;b&gt;&quot;Baie&quot; &amp; l’&#x27;Anse&lt;/b&gt; 🦫" in page


class TestPrice:
    def cost(self, client: Any, **query: str) -> int:
        client.get(address())
        with CaptureQueriesContext(connection) as asked:
            client.get(address(), query)
        return len(asked)

    @pytest.mark.slow
    def test_the_same_at_none_at_one_and_at_two_thousand(
        self, client: Any, meeting: Any, amina: Any, priya: Any
    ) -> None:
        people = (None, amina, priya)

        def costs() -> list[int]:
            found = []
            for person in people:
                client.logout()
                if person:
                    client.force_login(person)
                found.append(self.cost(client, q="prairies"))
            return found

        at_none = costs()
        made = meeting(audience="public")
        at_one = costs()
        copies(made, 1999)
        at_many = costs()
        assert [a >= b for a, b in zip(at_one, at_none, strict=True)] == [True] * 3
        assert at_one == at_many
        assert at_many[0] <= 5
        assert max(at_many) <= 8
        page = client.get(address())
        assert (page.context["page"].paginator.count, len(page.context["rows"])) == (2000, 25)

    def test_thirty_are_two_pages_and_each_is_shown_once(self, client: Any, meeting: Any) -> None:
        copies(meeting(audience="public"), 29)
        first, second = client.get(address()), client.get(address(), {"page": "2", "mode": "in_person"})
        pages = [{row.meeting.pk for row in page.context["rows"]} for page in (first, second)]
        assert [len(page) for page in pages] == [25, 5]
        assert pages[0] & pages[1] == set()
        assert re.findall(r'href="\?([^"]*)" rel="prev"', text_of(second)) == ["page=1&amp;mode=in_person"]

    def test_rows_ask_for_nothing(self, meeting: Any, django_assert_num_queries: Any) -> None:
        made = make_meeting("announced")
        with django_assert_num_queries(0):
            assert [row.where for row in listed([made])] == ["City Hall, Council Building, 510 Main Street, Winnipeg"]
