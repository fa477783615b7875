"""The visit day on a phone, and recording that it took place."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from exchanges.models import Idea, TeamMember, Visit

from .factories import instruments, make_exchange, read
from .screens import about, as_sent, said, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def at(amina: Any, helen: Any, thunder_bay: Any, winnipeg: Any) -> Any:
    def make(stage: str, **fields: Any) -> Visit:
        return read(make_exchange(thunder_bay, winnipeg, stage=stage, by=amina, **fields).first_visit)

    return make


@pytest.fixture
def under_way(at: Any) -> Visit:
    today = timezone.localdate()
    return at("confirmed", starts_on=today - timedelta(days=1), ends_on=today - timedelta(days=1))


class TestTheDay:
    def test_who_takes_part_notes_an_idea(self, client: Any, joseph: Any, henry: Any, at: Any) -> None:
        visit = at("confirmed")
        client.force_login(joseph)
        day = about(visit, "day")
        answer = client.post(day, as_sent(client.get(day), text="Hire <peers> & pay 🦫"))
        assert said(client, answer) == ["Your idea is noted."]
        assert "Hire &lt;peers&gt; &amp; pay 🦫" in text_of(client.get(day))
        client.force_login(henry)
        assert "Hire &lt;peers&gt;" not in text_of(client.get(day))  # it was not shared
        Idea.objects.update(is_shared=True)
        assert "Hire &lt;peers&gt;" in text_of(client.get(day))

    @pytest.mark.parametrize("text", ["", " ", "x" * 301, "x" * 1_000_000, "a\x00b"])
    def test_wrong_ones_come_back(self, client: Any, joseph: Any, at: Any, text: str) -> None:
        visit = at("confirmed")
        client.force_login(joseph)
        page = client.post(about(visit, "day", language="fr"), {"text": text})
        assert (page.status_code, Idea.objects.count(), page.context["form"]["text"].value()) == (422, 0, text)

    def test_before_it_is_confirmed_the_text_stays(self, client: Any, joseph: Any, at: Any) -> None:
        visit = at("planned")
        client.force_login(joseph)
        page = client.post(about(visit, "day"), {"text": "Too early"})
        assert (page.status_code, page.context["form"]["text"].value()) == (422, "Too early")

    def test_reviewers_read_and_do_not_write(self, client: Any, rene: Any, rosa: Any, at: Any) -> None:
        visit = at("confirmed")
        client.force_login(rene)
        page = client.get(about(visit, "day"))
        assert (page.status_code, 'name="text"' in text_of(page)) == (200, False)
        assert client.post(about(visit, "day"), {"text": "Mine"}).status_code == 403
        client.force_login(rosa)
        assert client.get(about(visit, "day")).status_code == 404


class TestRecording:
    def test_who_came_and_a_second_click(self, client: Any, amina: Any, helen: Any, under_way: Visit) -> None:
        instruments()
        client.force_login(helen)
        record = about(under_way, "record")
        missing = under_way.team.get(category="elected")
        sent = as_sent(client.get(record), **{f"member_{missing.pk}": "no_show"})
        assert said(client, client.post(record, sent)) == [
            "Recorded. Everyone who came is asked to evaluate the visit."
        ]
        assert {m.attendance for m in under_way.team.exclude(pk=missing.pk)} == {"present"}
        client.force_login(amina)
        assert said(client, client.post(record, sent)) == ["Already done by Helen Friesen: it is “Visit held”."]
        assert TeamMember.objects.get(pk=missing.pk).attendance == "no_show"

    def test_before_the_last_day(self, client: Any, amina: Any, at: Any) -> None:
        visit = at("confirmed")
        client.force_login(amina)
        record = about(visit, "record")
        page = client.get(record)
        assert "This can be recorded from the last day of the visit on." in text_of(page)
        answer = client.post(record, as_sent(page))
        assert said(client, answer) == ["This can be recorded from the last day of the visit on."]
        assert Visit.objects.get().state == "confirmed"

    def test_an_attendance_that_is_none(self, client: Any, amina: Any, under_way: Visit) -> None:
        client.force_login(amina)
        record = about(under_way, "record", language="fr")
        somebody = under_way.team.first()
        page = client.post(record, as_sent(client.get(record), **{f"member_{somebody.pk}": "asleep"}))
        assert (page.status_code, Visit.objects.get().state) == (422, "confirmed")

    def test_is_not_for_staff(self, client: Any, joseph: Any, rosa: Any, under_way: Visit) -> None:
        client.force_login(joseph)
        assert client.post(about(under_way, "record"), {}).status_code == 403
        client.force_login(rosa)
        assert client.post(about(under_way, "record"), {}).status_code == 404
