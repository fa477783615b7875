"""The end of a consultation: adoption, who hears of it, and what the portal does by itself."""

import threading
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test import Client

from cmncp_portal.accounts.models import Role
from cmncp_portal.core.workflow import TransitionRefused
from cmncp_portal.network.models import Standing
from cmncp_portal.network.tests.factories import make_stakeholder, make_user
from cmncp_portal.testing.mailbag import Mailbag
from cmncp_portal.testing.pages import said
from training.models import CommentInvitee, StandardVersion
from training.services import commenting, consulting, standards, standards_sweep
from training.services.commenting import commenter_of

from .factories import make_version
from .test_consulting import DAYS, answer, make_comment, make_guest
from .test_standards_reading import address

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
mail = Mailbag("training")


class TestAdoption:
    def test_it_supersedes_the_former_and_tells(self, client: Client, priya: Any, amina: Any, joseph: Any) -> None:
        former = make_version("adopted")
        version = make_version("answering", standard=former.standard, changes_en="Evidence.", changes_fr="Des preuves.")
        comment = make_comment(version, joseph)
        answer(comment, priya)
        client.force_login(priya)
        answer_page = client.post(address("version_move", version, "adopt"))
        assert answer_page["Location"] == address("version", version)
        former.refresh_from_db()
        version.refresh_from_db()
        today = date(2027, 2, 1)
        assert (former.state, former.superseded_on, version.state, version.adopted_on) == (
            "superseded", today, "adopted", today,
        )  # fmt: skip
        assert mail.to("standard_adopted") == ["amina@thunderbay.example", "joseph@thunderbay.example"]
        assert mail.to("comment_answers") == ["joseph@thunderbay.example"]
        assert "It is now adopted" in mail.written("comment_answers")[0].text
        assert "\n> Evidence.\n" in mail.written("standard_adopted")[0].text
        again = client.post(address("version_move", version, "adopt"))
        assert said(client, again)[-1] == "Already done by Priya Nair: it is “Adopted”."
        assert former.changes_of_state.get().by_name == ""  # the portal's

    def test_what_is_missing_leaves_everything_as_it_is(self, priya: Any, amina: Any) -> None:
        former = make_version("adopted")
        version = make_version("answering", standard=former.standard)
        make_comment(version, amina)
        with pytest.raises(TransitionRefused, match="One comment is not answered yet."):
            standards.adopt(version, by=priya)
        former.refresh_from_db()
        version.refresh_from_db()
        assert (former.state, former.superseded_on, version.adopted_on) == ("adopted", None, None)
        assert mail.written() == []

    def test_coordinators_adopt(self, uma: Any) -> None:
        with pytest.raises(PermissionDenied):
            standards.adopt(make_version("answering"), by=uma)


class TestSweep:
    def test_it_closes_the_day_after_the_last(self, clock: Any) -> None:
        version = make_version("consultation")
        states = []
        for moment in (datetime(2027, 2, 27, 4, 59, tzinfo=UTC), datetime(2027, 2, 27, 5, 0, tzinfo=UTC)):
            clock.move_to(moment)
            done = standards_sweep.follow_up()
            version.refresh_from_db()
            states.append((done, version.state))
        assert states == [(0, "consultation"), (1, "answering")]
        assert standards_sweep.follow_up() == 0
        assert version.changes_of_state.get().by_name == ""

    @pytest.mark.parametrize(
        ("moment", "told"),
        [
            (datetime(2027, 2, 22, 13, 29, tzinfo=UTC), []),  # 8:29 in Toronto
            (datetime(2027, 2, 22, 13, 30, tzinfo=UTC), ["gail@college.example", "luc@gatineau.example"]),
            (datetime(2027, 2, 22, 14, 30, tzinfo=UTC), ["gail@college.example", "luc@gatineau.example", "rosa@saskatoon.example"]),
            (datetime(2027, 2, 25, 13, 30, tzinfo=UTC), []),  # three days late
        ],
    )  # fmt: skip
    def test_a_week_before_who_was_asked_and_is_silent_is_reminded(
        self, clock: Any, uma: Any, amina: Any, luc: Any, rosa: Any, moment: datetime, told: list[str],
        winnipeg: Any,
    ) -> None:  # fmt: skip
        version = make_version("draft", **DAYS)
        make_guest(version)
        make_guest(version, "silent@college.example")
        consulting.open_consultation(version, by=uma)
        mail.written()
        CommentInvitee.objects.filter(email="silent@college.example").update(wants_no_more=True)
        make_stakeholder(winnipeg, standing=Standing.REPRESENTATIVE)  # listed since: was never asked
        commenting.add_comment(version, by=commenter_of(amina), words="Good.")
        clock.move_to(moment)
        for _n in range(2):
            standards_sweep.send_reminders()
        assert mail.to("consultation_closing") == told

    def test_nobody_is_reminded_of_what_was_closed(self, clock: Any, uma: Any, luc: Any) -> None:
        version = make_version("draft", **DAYS)
        consulting.open_consultation(version, by=uma)
        consulting.close_consultation(version, by=uma)
        clock.move_to(datetime(2027, 2, 22, 15, 0, tzinfo=UTC))
        assert standards_sweep.send_reminders() == 0
        assert mail.to("consultation_closing") == []


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_two_coordinators_adopt_at_once(priya: Any, amina: Any) -> None:
    former = make_version("adopted")
    version = make_version("answering", standard=former.standard)
    answer(make_comment(version, amina), priya)
    gate, found = threading.Barrier(2), []
    people = (priya, make_user("paul@network.example", name="Paul Ray", roles=(Role.COORDINATOR,)))

    def adopt(by: Any) -> None:
        mine = StandardVersion.objects.get(pk=version.pk)
        gate.wait()
        try:
            standards.adopt(mine, by=by)
            found.append("done")
        except TransitionRefused as refused:
            found.append("already" if refused.done_already else str(refused))
        except Exception as problem:  # shown below: a thread's exception is lost otherwise
            found.append(repr(problem))
        finally:
            connection.close()

    threads = [threading.Thread(target=adopt, args=[by]) for by in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == ["already", "done"]
    states = dict(StandardVersion.objects.values_list("number", "state"))
    assert states == {1: "superseded", 2: "adopted"}
    assert [row.transition for row in version.changes_of_state.all()] == ["adopt"]
    assert former.changes_of_state.count() == 1
    assert (mail.to("standard_adopted"), mail.to("comment_answers")) == ([amina.email], [amina.email])
