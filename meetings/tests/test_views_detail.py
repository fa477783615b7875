"""One meeting: who may open it, the button of the moment, and what each reader is told."""

import re
from datetime import UTC, date, datetime, time
from typing import Any

import pytest

from cmncp_portal.core.places import Attendance, Status
from cmncp_portal.network.models import Membership
from meetings.models import ActionItem, Decision, Material, Meeting, MeetingStateChange

from .factories import make_action, make_item, make_place, make_speaker
from .screens import address, text_of, words_of

pytestmark = pytest.mark.django_db
LONG_AGO = date(2026, 10, 5)


def page_of(client: Any, meeting: Meeting, language: str = "en") -> Any:
    page = client.get(address("meeting", meeting, language=language))
    assert page.status_code == 200
    return page


def facts_of(page: Any) -> dict[str, str]:
    """The facts beside the text, as term and words."""
    aside = text_of(page).partition('<dl class="facts">')[2].partition("</dl>")[0]
    pairs = re.findall(r"<dt>(.*?)</dt>(.*?)</div>", aside, re.DOTALL)
    return {t: " ".join(re.sub(r"<[^>]+>", " ", d).replace("\xa0", " ").split()) for t, d in pairs}


@pytest.fixture
def opened(client: Any) -> Any:
    """opened(meeting, person): the page as that person gets it; nobody for a visitor."""

    def open_page(meeting: Meeting, person: Any = None, language: str = "en") -> Any:
        client.logout()
        if person:
            client.force_login(person)
        return page_of(client, meeting, language)

    return open_page


class TestWhoOpensIt:
    @pytest.mark.parametrize("page", ["meeting", "programme"])
    def test_strangers_get_no_answer_at_all(
        self, client: Any, meeting: Any, rosa: Any, helen: Any, priya: Any, page: str
    ) -> None:
        table = {
            ("announced", "public"): (200, 200, 200, 200),
            ("announced", "associates"): (404, 200, 200, 200),
            ("announced", "invited"): (404, 404, 200, 200),
            ("scheduled", "public"): (404, 404, 200, 200),
            ("idea", "public"): (404, 404, 404, 200),
            ("cancelled", "public"): (200, 200, 200, 200),
        }
        for (stage, audience), expected in table.items():
            made, answers = meeting(stage, audience=audience), []
            for person in (None, rosa, helen, priya):
                client.logout()
                if person:
                    client.force_login(person)
                answers.append(client.get(address(page, made)).status_code)
            assert tuple(answers) == expected, (stage, audience)

    def test_no_such_meeting(self, client: Any, db: None) -> None:
        assert client.get("/en/meetings/nowhere/").status_code == 404


class TestTheButton:
    def primary(self, page: Any) -> str:
        return page.context["primary"].get("label", "")

    def test_register_while_it_is_open(self, opened: Any, meeting: Any, rosa: Any, clock: Any) -> None:
        made = meeting(
            audience="public", registration_opens_on=date(2027, 2, 2), registration_closes_on=date(2027, 2, 3)
        )
        found = []
        for hour in ("02-02T04:59", "02-02T05:01", "02-04T04:59", "02-04T05:01"):
            clock.move_to(datetime.fromisoformat(f"2027-{hour}+00:00"))
            found.append((self.primary(opened(made)), self.primary(opened(made, rosa))))
        assert found == [("", ""), ("Register", "Register"), ("Register", "Register"), ("", "")]
        clock.move_to(datetime(2027, 2, 3, 15, tzinfo=UTC))
        assert f'href="{address("register", made)}">Register</a>' in text_of(opened(made))

    @pytest.mark.parametrize(
        ("status", "words"),
        [
            ("registered", "Registered."),
            ("waiting", "On the waiting list."),
            ("requested", "Waits for approval."),
        ],
    )
    def test_whoever_has_a_place_is_led_to_it(
        self, opened: Any, meeting: Any, rosa: Any, status: str, words: str
    ) -> None:
        made = meeting(audience="public")
        place = make_place(made, rosa.email.upper(), status=status)
        page = opened(made, rosa)
        assert self.primary(page) == "My registration"
        assert page.context["primary"]["url"] == f"/en/meetings/place/{place.token}/"
        assert words in words_of(page)
        assert "Your place" not in words_of(opened(made))

    @pytest.mark.parametrize("status", ["cancelled", "declined"])
    def test_a_place_given_back_is_none(self, opened: Any, meeting: Any, rosa: Any, status: str) -> None:
        made = meeting(audience="public")
        make_place(made, rosa.email, status=status)
        assert self.primary(opened(made, rosa)) == "Register"

    def test_of_those_who_organise(self, opened: Any, meeting: Any, helen: Any, henry: Any, priya: Any) -> None:
        table = {
            "scheduled": ("Prepare", "Prepare", "Prepare"),
            "polling": ("Prepare", "Prepare", "Prepare"),
            "announced": ("Register", "Register", "Register"),
            "postponed": ("Set a new date", "", ""),
            "cancelled": ("", "", ""),
            "held": ("", "", ""),
        }
        for stage, expected in table.items():
            made = meeting(stage)
            assert tuple(self.primary(opened(made, p)) for p in (priya, helen, henry)) == expected, stage
        over = meeting(starts_on=LONG_AGO, ends_on=LONG_AGO, audience="public")
        assert [self.primary(opened(over, p)) for p in (priya, henry, None)] == ["Note who came", "Note who came", ""]

    def test_only_those_who_prepare_have_its_tabs(self, opened: Any, meeting: Any, helen: Any, rosa: Any) -> None:
        made = meeting(audience="public")
        assert 'class="tabs"' in text_of(opened(made, helen))
        assert 'class="tabs"' not in text_of(opened(made, rosa))
        assert 'class="tabs"' not in text_of(opened(made))


class TestFacts:
    def test_all_of_them(self, opened: Any, meeting: Any, saskatoon: Any) -> None:
        made = meeting(
            audience="public", co_host=saskatoon, mode="hybrid", captions="yes", join_link="https://video.example/x",
            registration_opens_on=date(2027, 1, 20), registration_closes_on=date(2027, 4, 1), fee="120", capacity=50,
            local_contact="Ann Lee, 204 555-0142",
        )  # fmt: skip
        assert facts_of(opened(made)) == {
            "Dates": "April 14–15, 2027 9:00 a.m. to 4:00 p.m. (Winnipeg time)",
            "Place": "City Hall, Council Building, 510 Main Street, Winnipeg, and online",
            "How it is held": "In person and online",
            "Captions online": "Live captions",
            "Languages": "English and French, with simultaneous interpretation",
            "For whom": "Everyone",
            "Places": "50 of 50 places are left.",
            "Registration": "from January 20, 2027 until April 1, 2027",
            "Fee": "$120.00 per person It is not paid through this portal.",
            "Host": "Winnipeg",
            "Co-hosting member": "Saskatoon",
        }

    def test_the_clock_of_the_reader_when_one_can_take_part_from_afar(
        self, opened: Any, meeting: Any, amina: Any, helen: Any
    ) -> None:
        def own(person: Any, **fields: Any) -> str:
            return opened(meeting(audience="public", **fields), person).context["own_time"].replace("\xa0", " ")

        online = {"mode": "virtual", "time_zone": "America/Vancouver", "captions": "no"}
        one_day = {"ends_on": date(2027, 4, 14)}
        late = {"begins_at": time(20, 0), "finishes_at": time(22, 0)}
        assert own(amina, **online, **one_day) == "April 14, 2027, 12:00 p.m. – 7:00 p.m. (Toronto time)"
        assert own(amina, **online) == "April 14, 2027, 12:00 p.m. – April 15, 2027, 7:00 p.m. (Toronto time)"
        assert (
            own(amina, **online, **one_day, **late)
            == "April 14, 2027, 11:00 p.m. – April 15, 2027, 1:00 a.m. (Toronto time)"
        )
        assert own(amina, mode="hybrid").endswith("(Toronto time)")
        assert own(amina) == ""
        assert own(helen, mode="virtual") == ""
        assert own(None, **online) == ""
        assert own(amina, mode="virtual", begins_at=None, finishes_at=None) == ""

    def test_places_left_in_words(self, opened: Any, meeting: Any) -> None:
        made = meeting(audience="public", capacity=2)
        make_place(made)
        make_place(made, status=Status.CANCELLED)
        make_place(made, status=Status.REQUESTED)
        assert facts_of(opened(made))["Places"] == "One of 2 places is left."
        make_place(made)
        assert facts_of(opened(made))["Places"] == "All places are taken. 0 people are on the waiting list."
        make_place(made, status=Status.WAITING)
        assert facts_of(opened(made))["Places"] == "All places are taken. One person is on the waiting list."
        assert "Places" not in facts_of(opened(meeting(audience="public")))

    def test_who_takes_part_from_afar_fills_no_room(self, opened: Any, meeting: Any) -> None:
        made = meeting(audience="public", capacity=2, mode="hybrid")
        make_place(made, attends="online")
        assert facts_of(opened(made))["Places"] == "2 of 2 places are left."

    def test_the_join_link_and_the_contact_are_for_those_who_come(
        self, opened: Any, meeting: Any, rosa: Any, amina: Any, helen: Any, priya: Any, rene: Any
    ) -> None:
        secret = {"join_link": "https://video.example/secret", "local_contact": "Ann Lee, 204 555-0142"}
        made = meeting(audience="public", mode="virtual", **secret)
        make_place(made, rosa.email)
        make_place(made, amina.email, status=Status.WAITING)
        people = {"visitor": None, "waits": amina, "comes": rosa, "host": helen, "network": priya, "reviewer": rene}
        seen = {name: text_of(opened(made, person)) for name, person in people.items()}
        for text in secret.values():
            assert [name for name, page in seen.items() if text in page] == ["comes", "host", "network"]
        over = meeting("held", audience="public", mode="virtual", starts_on=LONG_AGO, ends_on=LONG_AGO, **secret)
        assert "secret" not in text_of(opened(over, priya))

    def test_a_host_that_left_has_no_public_page(self, opened: Any, meeting: Any, winnipeg: Any) -> None:
        made = meeting("held", audience="public")
        assert f'href="{winnipeg.get_absolute_url()}"' in text_of(opened(made))
        Membership.objects.update(until_on=date(2020, 1, 1))
        page = opened(made)
        assert f'href="{winnipeg.get_absolute_url()}"' not in text_of(page)
        assert facts_of(page)["Host"] == "Winnipeg"


class TestTheText:
    def test_summary_and_local_information_are_markdown_and_safe(self, opened: Any, meeting: Any) -> None:
        made = meeting(
            audience="public", summary_en="**Bold** <script>x</script>", local_en="- [Hotel](https://hotel.example)"
        )
        page = text_of(opened(made))
        assert "<strong>Bold</strong>" in page
        assert "<script>x" not in page
        assert '<li><a href="https://hotel.example" rel="noopener noreferrer">Hotel</a></li>' in page

    def test_a_text_in_the_other_language_is_marked(self, opened: Any, meeting: Any) -> None:
        made = meeting(audience="public", summary_fr="", local_en="By the river.", local_fr="")
        page = text_of(opened(made, language="fr"))
        assert '<div class="prose" lang="en"><p>What works with young people.</p>' in page
        assert '<div class="prose" lang="en"><p>By the river.</p>' in page
        assert '<span lang="fr">Des Prairies plus sûres</span>' in page

    def test_without_an_agenda(self, opened: Any, meeting: Any) -> None:
        assert "The agenda follows." in words_of(opened(meeting(audience="public")))
        for stage in ("held", "cancelled"):
            assert "Agenda" not in words_of(opened(meeting(stage, audience="public")))

    def test_with_one(self, opened: Any, meeting: Any) -> None:
        made = meeting(audience="public")
        item = make_item(made)
        make_speaker(item, "Dr. Ann Lee")
        page = opened(made)
        assert "Welcome" in words_of(page)
        assert "Dr. Ann Lee" in words_of(page)
        assert "The agenda follows." not in words_of(page)
        assert address("programme_pdf", made) in text_of(page)

    @pytest.mark.parametrize(
        ("stage", "words"),
        [("cancelled", "This meeting is cancelled."), ("postponed", "This meeting is postponed.")],
    )
    def test_called_off_says_why(self, opened: Any, meeting: Any, stage: str, words: str) -> None:
        made = meeting(stage, audience="public")
        MeetingStateChange.objects.create(meeting=made, to_state="announced", note="Not this one.")
        for note in ("An older reason.", "The hall <b>burned</b> down."):
            MeetingStateChange.objects.create(meeting=made, to_state=stage, note=note)
        page = text_of(opened(made))
        assert words in page
        assert "“The hall &lt;b&gt;burned&lt;/b&gt; down.”" in page
        assert "An older reason." not in page
        assert "Not this one." not in page


class TestMaterials:
    @pytest.fixture
    def with_materials(self, meeting: Any) -> Meeting:
        made = meeting("held", audience="public", starts_on=LONG_AGO, ends_on=LONG_AGO)
        item = make_item(made, title_en="Plenary on housing")
        common = {"meeting": made, "language": "en"}
        Material.objects.create(**common, title_en="Brief 12", kind="brief", url="https://briefs.example/12", item=item)
        Material.objects.create(
            **common, title_en="Film", kind="recording", url="https://films.example/1", captions=["en", "fr"]
        )
        Material.objects.create(**common, title_en="Silent film", kind="recording", url="https://films.example/2")
        Material.objects.create(
            **common, title_en="Slides", kind="slides", file="meetings/x.pdf", filename="x.pdf", access="participants"
        )
        return made

    def lines(self, page: Any) -> list[tuple[str, str, str]]:
        return [(line.material.title_en, line.url, line.captions) for line in page.context["materials"]]

    def test_everyone_reads_what_is_for_everyone(self, opened: Any, with_materials: Meeting) -> None:
        page = opened(with_materials)
        assert self.lines(page) == [
            ("Brief 12", "https://briefs.example/12", ""),
            ("Film", "https://films.example/1", "Captions: English, Français"),
            ("Silent film", "https://films.example/2", "No captions"),
        ]
        assert "Slides" not in words_of(page)
        assert "Recording · English · No captions" in words_of(page)
        assert "Action brief · English · Plenary on housing" in words_of(page)

    def test_participants_and_the_network_read_all(
        self, opened: Any, with_materials: Meeting, rosa: Any, amina: Any, priya: Any, uma: Any
    ) -> None:
        make_place(with_materials, rosa.email)
        own = address("material", with_materials, with_materials.materials.get(title_en="Slides").pk)
        for person, count in ((rosa, 4), (priya, 4), (uma, 4), (amina, 3)):
            assert len(self.lines(opened(with_materials, person))) == count, person
        assert self.lines(opened(with_materials, rosa))[-1] == ("Slides", own, "")


class TestWhatCameOfIt:
    def held(self, meeting: Any, **fields: Any) -> Meeting:
        made = meeting("held", audience="public", starts_on=LONG_AGO, ends_on=LONG_AGO, **fields)
        Decision.objects.create(meeting=made, text_en="We meet **again**.", text_fr="On se revoit.", order=1)
        make_action(made, due_on=date(2027, 5, 14), municipality=made.host)
        make_action(made, text_en="Done work", owner_name="Ann", due_on=date(2027, 3, 1), done_at=made.published_at)
        make_action(made, text_en="Dropped work", dropped_at=made.published_at)
        return made

    def test_nothing_before_it_is_published(self, opened: Any, meeting: Any, priya: Any) -> None:
        made = self.held(meeting, notes_en="Our **notes**", notes_fr="Nos notes")
        for person in (None, priya):
            words = words_of(opened(made, person))
            assert [w for w in ("Our notes", "We meet", "Share the evaluation") if w in words] == []

    def test_notes_decisions_and_names_without_addresses(self, opened: Any, meeting: Any) -> None:
        made = self.held(meeting, notes_en="Our **notes**", notes_published_at=datetime(2027, 1, 20, tzinfo=UTC))
        page = opened(made)
        assert "<strong>notes</strong>" in text_of(page)
        assert "We meet <strong>again</strong>." in text_of(page)
        assert [(str(p.text), p.owner, p.place, p.due_on, p.is_done) for p in page.context["seen"].promises] == [
            ("Done work", "Ann", "", date(2027, 3, 1), True),
            ("Share the evaluation plan.", "Helen Campbell", "Winnipeg", date(2027, 5, 14), False),
        ]
        assert "Helen Campbell, Winnipeg · until May 14, 2027 Open" in words_of(page)
        assert "Dropped work" not in words_of(page)
        assert ActionItem.objects.filter(owner_email="helen@winnipeg.example").count() == 3
        assert "helen@winnipeg.example" not in text_of(page)
        french = opened(made, language="fr")
        assert "On se revoit." in words_of(french)
        assert '<div class="prose" lang="en"><p>Our <strong>notes</strong></p>' in text_of(french)

    def test_how_many_came_and_nothing_of_who(self, opened: Any, meeting: Any) -> None:
        made = self.held(meeting)
        for attendance in (Attendance.PRESENT, Attendance.REMOTE, Attendance.ABSENT, Attendance.EXCUSED, ""):
            make_place(made, name="Known Name", attendance=attendance)
        page = words_of(opened(made))
        assert "2 people took part." in page
        assert "Known Name" not in page

    def test_before_it_is_held_nobody_has_come(self, opened: Any, meeting: Any) -> None:
        made = meeting(audience="public")
        make_place(made, attendance=Attendance.PRESENT)
        assert "took part" not in words_of(opened(made))

    def test_a_meeting_from_before_says_where_it_is_known_from(self, opened: Any, meeting: Any) -> None:
        made = meeting(
            "held", audience="public", attended_count=140, source="Annual report 2014", starts_on=LONG_AGO, ends_on=LONG_AGO
        )  # fmt: skip
        words = words_of(opened(made))
        assert "140 people took part." in words
        assert "Known from: Annual report 2014" in words
        assert "Held before this portal existed." in words
        assert "The notes are being written." not in words
