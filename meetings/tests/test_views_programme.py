"""The programme of a meeting on paper; and what its public pages cost."""

from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from meetings.models import AgendaItem, Decision, Material, Meeting, Registration

from .factories import make_action, make_item, make_place, make_speaker
from .screens import address, text_of, words_of

pytestmark = pytest.mark.django_db


class TestProgramme:
    def test_on_paper(self, client: Any, meeting: Any) -> None:
        made = meeting(audience="public")
        make_speaker(make_item(made), "Dr. Ann Lee")
        page = client.get(address("programme", made))
        words = words_of(page)
        assert "April 14–15, 2027, 9:00 a.m. to 4:00 p.m. (Winnipeg time)" in words
        assert "Welcome" in words
        assert "Dr. Ann Lee" in words
        assert f'href="{address("programme_pdf", made)}"' in text_of(page)

    def test_in_french(self, client: Any, meeting: Any) -> None:
        made = meeting(audience="public")
        make_item(made)
        page = client.get(address("programme", made, language="fr"))
        assert "Mot de bienvenue" in words_of(page)
        assert "de 9 h à 16 h" in words_of(page)
        assert address("programme_pdf", made, language="fr") in text_of(page)

    def test_called_off_or_without_an_agenda(self, client: Any, meeting: Any) -> None:
        page = words_of(client.get(address("programme", meeting("postponed", audience="public"))))
        assert "Postponed" in page
        assert "The agenda follows." in page


class TestPrice:
    def full(self, made: Meeting, sessions: int, people: int) -> None:
        """`sessions` with a speaker and a brief each, and `people` registered, some waiting: rows only."""
        items = AgendaItem.objects.bulk_create(
            AgendaItem(
                meeting=made, day=1 + n % 2, starts_at=time(9 + n // 10), ends_at=time(10 + n // 10), order=n,
                title_en=f"Session {n}", title_fr=f"Séance {n}",
            )
            for n in range(sessions)
        )  # fmt: skip
        for n, item in enumerate(items):
            make_speaker(item, f"Speaker {n}")
            Material.objects.create(
                meeting=made,
                item=item,
                kind="brief",
                title_en=f"Brief {n}",
                url=f"https://x.example/{n}",
                language="en",
            )
            make_action(made, text_en=f"Work {n}")
            Decision.objects.create(meeting=made, text_en=f"Decision {n}", text_fr="…")
        since = datetime(2027, 1, 20, tzinfo=UTC)
        Registration.objects.bulk_create(
            Registration(
                meeting=made, email=f"p{n}@x.example", name=f"P {n}",
                status="waiting" if n % 5 == 4 else "registered",
                waiting_since=since + timedelta(minutes=n) if n % 5 == 4 else None, attendance="present",
            )
            for n in range(people)
        )  # fmt: skip

    @pytest.mark.slow
    @pytest.mark.parametrize("stage", ["announced", "held"])
    def test_the_same_at_one_and_at_many(
        self, client: Any, meeting: Any, stage: str, amina: Any, helen: Any, priya: Any, uma: Any
    ) -> None:
        fields = {"audience": "public", "notes_en": "Notes", "notes_published_at": datetime(2027, 1, 20, tzinfo=UTC)}
        small, large = (meeting(stage, capacity=400, **fields) for _n in range(2))
        self.full(small, 1, 1)
        self.full(large, 60, 500)
        for made in (small, large):
            make_place(made, amina.email)

        def cost(made: Meeting, person: Any, name: str) -> int:
            client.logout()
            if person:
                client.force_login(person)
            client.get(address(name, made))
            with CaptureQueriesContext(connection) as asked:
                assert client.get(address(name, made)).status_code == 200
            return len(asked)

        people = (None, amina, helen, priya, uma)
        for name in ("meeting", "programme"):
            at_one = [cost(small, person, name) for person in people]
            assert at_one == [cost(large, person, name) for person in people]
            assert at_one[0] <= 5
            assert max(at_one) <= 8
        page = client.get(address("meeting", large))
        assert page.context["seen"].room.waiting == 100
        assert page.context["seen"].room.taken == 401
        assert sum(len(day.sessions) for day in page.context["days"]) == 60
