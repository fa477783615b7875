"""A brief through its life: what readers get at publication, who is told, the schedule, the exception, withdrawal."""

from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from cmncp_portal.core.workflow import TransitionRefused
from cmncp_portal.network.tests.factories import make_stakeholder
from knowledge.models import ActionBrief, BriefRequest, Edition, Subscription, Use
from knowledge.services import moving, subscribing

from .factories import TEXTS
from .mailbag import to, written

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
TORONTO = ZoneInfo("America/Toronto")


def read(brief: ActionBrief) -> ActionBrief:
    return ActionBrief.objects.get(pk=brief.pk)


def revise(brief: ActionBrief, language: str, **fields: Any) -> None:
    """A text as it stands after one more saving."""
    edition = Edition.objects.get(brief=brief, language=language)
    fields = {"version": edition.version + 1, **fields}
    Edition.objects.filter(pk=edition.pk).update(**fields)


class TestAdvance:
    def test_from_an_idea_to_approved(self, brief: Any, uma: Any, priya: Any) -> None:
        there = brief("idea")
        for name in ("outline", "draft", "review", "edit"):
            moving.advance(there, name, by=uma)
        assert read(there).state == "editing"
        Edition.objects.filter(brief=there).update(current_at=timezone.now())
        moving.advance(there, "translate", by=uma)
        moving.advance(there, "approve", by=priya)
        assert [(c.transition, c.by_name) for c in there.changes.all()] == [
            ("outline", "Uma Sharma"),
            ("draft", "Uma Sharma"),
            ("review", "Uma Sharma"),
            ("edit", "Uma Sharma"),
            ("translate", "Uma Sharma"),
            ("approve", "Priya Nair"),
        ]

    def test_the_second_click_hears_who_did_it(self, brief: Any, uma: Any, admin_user: Any) -> None:
        there = brief("outline")
        moving.advance(there, "draft", by=uma)
        with pytest.raises(TransitionRefused, match="Already done by Uma Sharma: it is “Draft”.") as refused:
            moving.advance(there, "draft", by=admin_user)
        assert refused.value.done_already

    @pytest.mark.parametrize("name", ["publish", "schedule", "withdraw", "publish_changes", "nonsense"])
    def test_moves_with_a_function_of_their_own_go_nowhere_else(self, brief: Any, uma: Any, name: str) -> None:
        with pytest.raises(ValueError, match="function of its own"):
            moving.advance(brief("approved"), name, by=uma)


class TestPublish:
    def test_readers_get_both_texts_and_the_dates_are_set(self, brief: Any, uma: Any) -> None:
        there = brief("approved")
        revise(there, "en", title="Safer streets")
        revise(there, "fr", based_on=2)
        moving.publish(there, by=uma)
        out = read(there)
        assert (out.state, out.published_at, out.next_review_on, out.first_published_on) == (
            "published", timezone.now(), date(2028, 2, 1), date(2027, 2, 1),
        )  # fmt: skip
        english, french = out.by_language["en"], out.by_language["fr"]
        assert english.published == TEXTS["en"] | {"title": "Safer streets"}
        assert french.published == TEXTS["fr"]
        assert (english.published_version, english.published_at, english.is_being_revised) == (2, timezone.now(), False)
        with pytest.raises(TransitionRefused, match="Already done by Uma Sharma") as refused:
            moving.publish(there, by=uma)
        assert refused.value.done_already

    def test_a_text_that_is_behind_stops_it_and_nothing_is_written(self, brief: Any, uma: Any) -> None:
        there = brief("approved")
        revise(there, "en")
        with pytest.raises(TransitionRefused, match="The French text is older than the English one."):
            moving.publish(there, by=uma)
        out = read(there)
        assert (out.state, out.published_at, out.version) == ("approved", None, 1)

    def test_who_coordinates_approves_and_does_not_publish(self, brief: Any, priya: Any) -> None:
        there = brief("approved")
        with pytest.raises(PermissionDenied):
            moving.publish(there, by=priya)
        assert read(there).published_at is None

    def test_under_an_exception_only_the_current_text_is_given(self, brief: Any, uma: Any, admin_user: Any) -> None:
        there = brief("approved")
        Edition.objects.filter(brief=there, language="fr").update(current_at=None)
        moving.grant_exception(there, by=admin_user, reason="The mayors meet on Monday.")
        moving.publish(there, by=uma)
        out = read(there)
        assert (out.by_language["en"].is_published, out.by_language["fr"].is_published) == (True, False)
        assert (out.exception_until, out.exception_reason) == (date(2027, 3, 3), "The mayors meet on Monday.")
        # The French text follows, and the exception is over.
        Edition.objects.filter(brief=there, language="fr").update(current_at=timezone.now())
        revise(there, "en")
        revise(there, "fr", based_on=2)
        moving.publish_changes(there, by=uma)
        out = read(there)
        assert (out.by_language["fr"].published, out.exception_reason, out.exception_until) == (TEXTS["fr"], "", None)

    def test_the_one_it_replaces_is_marked(self, brief: Any, uma: Any) -> None:
        old = brief("published")
        there = brief("approved", replaces=old)
        moving.publish(there, by=uma)
        assert (read(old).state, read(old).replaced_by) == ("superseded", there)
        assert old.changes.get().transition == "supersede"

    def test_subscribers_and_those_who_asked_for_it_are_told(self, brief: Any, uma: Any, amina: Any, luc: Any) -> None:
        there = brief("approved")
        subscribing.confirm(Subscription.objects.create(email="reader@place.example", language="fr", wording="?"))
        fields = {"subject": "Safe streets", "why": "Council asks.", "brief": there, "due_on": date(2027, 3, 1)}
        accepted = BriefRequest.objects.create(by=amina, by_name="Amina Diallo", state="accepted", **fields)
        declined = BriefRequest.objects.create(by=luc, by_name="Luc Tremblay", state="declined", **fields)
        moving.publish(there, by=uma)
        [news] = written("brief_published")
        assert (news.to_email, "Sécurité dans les rues" in news.subject) == ("reader@place.example", True)
        [answer] = written("request_answered")
        assert answer.to_email == "amina@thunderbay.example"
        assert "The brief that you asked for is published: Safe streets" in answer.subject
        assert f"/en/knowledge/requests/{accepted.pk}/" in answer.text
        states = {r.pk: (r.state, r.answered_by_name) for r in BriefRequest.objects.all()}
        assert states == {accepted.pk: ("done", "Uma Sharma"), declined.pk: ("declined", "")}

    @pytest.mark.parametrize(("day", "next_day"), [(date(2028, 2, 29), date(2029, 2, 28)), (date(2027, 12, 31), date(2028, 12, 31))])  # fmt: skip
    def test_the_next_review_is_a_year_later(self, day: date, next_day: date) -> None:
        assert moving.next_review(day) == next_day


class TestChanges:
    def test_readers_get_the_revised_text_without_a_letter(self, brief: Any, uma: Any) -> None:
        there = brief("published")
        subscribing.confirm(Subscription.objects.create(email="reader@place.example", language="fr", wording="?"))
        before = there.published_at
        with pytest.raises(TransitionRefused, match="The published text is the latest."):
            moving.publish_changes(there, by=uma)
        revise(there, "en", title="Safer streets")
        assert read(there).by_language["en"].published["title"] == "Safe streets"
        with pytest.raises(TransitionRefused, match="The French text is older than the English one."):
            moving.publish_changes(there, by=uma)
        revise(there, "fr", based_on=2)
        moving.publish_changes(there, by=uma)
        out = read(there)
        assert (out.by_language["en"].published["title"], out.published_at) == ("Safer streets", before)
        assert (out.by_language["en"].published_at, out.next_review_on) == (timezone.now(), date(2028, 2, 1))
        assert written("brief_published") == []

    def test_under_an_exception_the_older_text_stays_with_readers(self, brief: Any, uma: Any, admin_user: Any) -> None:
        there = brief("published")
        revise(there, "en", title="Safer streets")
        revise(there, "fr", title="Des rues")
        moving.grant_exception(there, by=admin_user, reason="A number was wrong.", until=date(2027, 2, 15))
        moving.publish_changes(there, by=uma)
        out = read(there)
        assert {c: e.published["title"] for c, e in out.by_language.items()} == {
            "en": "Safer streets",
            "fr": "Sécurité dans les rues",
        }


class TestSchedule:
    @pytest.mark.parametrize(("day", "may"), [(1, False), (2, True)])
    def test_a_day_that_lies_ahead(self, brief: Any, uma: Any, day: int, may: bool) -> None:
        there, on = brief("approved"), date(2027, 2, day)
        if may:
            moving.schedule(there, on=on, by=uma)
            assert there.changes.get().note == "2027-02-02"
        else:
            with pytest.raises(TransitionRefused, match="Choose a day that lies ahead."):
                moving.schedule(there, on=on, by=uma)
        assert (read(there).state, read(there).publish_on) == (("scheduled", on) if may else ("approved", None))

    def test_a_second_click_does_not_move_the_day(self, brief: Any, uma: Any) -> None:
        there = brief("scheduled")
        with pytest.raises(TransitionRefused) as refused:
            moving.schedule(there, on=date(2027, 5, 1), by=uma)
        assert (refused.value.done_already, read(there).publish_on) == (True, date(2027, 3, 1))

    def test_taken_off_the_schedule(self, brief: Any, uma: Any) -> None:
        there = brief("scheduled")
        moving.advance(there, "unschedule", by=uma)
        assert (read(there).state, read(there).publish_on) == ("approved", None)

    @pytest.mark.parametrize(
        ("day", "hour", "minute", "count"), [(28, 23, 59, 0), (1, 8, 59, 0), (1, 9, 0, 1), (4, 0, 0, 1)]
    )
    def test_published_at_nine_in_toronto(
        self, brief: Any, clock: Any, day: int, hour: int, minute: int, count: int
    ) -> None:
        there = brief("scheduled")  # for March 1
        now = datetime(2027, 2 if day == 28 else 3, day, hour, minute, tzinfo=TORONTO)
        clock.move_to(now)
        assert moving.publish_due(now) == count
        assert read(there).state == ("published" if count else "scheduled")
        if count:
            assert (there.changes.get().by_name, read(there).publish_on) == ("", None)
            assert moving.publish_due(now) == 0

    def test_what_fell_behind_stops_with_its_reason_and_the_writers_hear_of_it(
        self, brief: Any, uma: Any, clock: Any
    ) -> None:
        stopped, other = brief("scheduled"), brief("scheduled")
        revise(stopped, "en")
        now = datetime(2027, 3, 1, 14, 0, tzinfo=UTC)
        clock.move_to(now)
        assert moving.publish_due(now) == 1
        assert (read(stopped).state, read(stopped).publish_on, read(other).state) == ("approved", None, "published")
        row = stopped.changes.get()
        assert (row.transition, row.by, row.note.split(" / ")[0]) == (
            "unschedule",
            None,
            "The French text is older than the English one.",
        )
        [letter] = written("translation_needed")
        assert (letter.to_email, "out of date" in letter.subject) == ("uma@university.example", True)
        assert moving.publish_due(now) == 0

    def test_one_that_breaks_keeps_no_other_from_its_day(
        self, brief: Any, clock: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        broken, other = brief("scheduled"), brief("scheduled")
        announce = subscribing.announce

        def fail(there: ActionBrief, *, by: Any = None) -> Any:
            if there == broken:
                raise OSError("no room")
            return announce(there, by=by)

        monkeypatch.setattr(subscribing, "announce", fail)
        now = datetime(2027, 3, 1, 14, 0, tzinfo=UTC)
        clock.move_to(now)
        assert moving.publish_due(now) == 1
        assert (read(broken).state, read(broken).published_at, read(other).state) == ("scheduled", None, "published")


class TestTranslationNeeded:
    def test_once_however_often_the_source_is_saved(self, brief: Any, uma: Any) -> None:
        there = brief("published")
        assert moving.tell_translation_needed(there) == 0
        revise(there, "en")
        assert moving.tell_translation_needed(there) == 1
        revise(there, "en")
        assert moving.tell_translation_needed(there) == 0
        revise(there, "fr", based_on=3)
        assert moving.tell_translation_needed(there) == 0
        revise(there, "en")
        assert moving.tell_translation_needed(there) == 1

    def test_a_missing_text_is_asked_for(self, brief: Any, uma: Any) -> None:
        there = brief("translation", languages=("en",))
        assert moving.tell_translation_needed(there) == 1
        [letter] = written("translation_needed")
        assert "The French text is needed: Safe streets" in letter.subject


class TestWithdraw:
    WHY = {"why_en": "The study was retracted.", "why_fr": "L’étude a été rétractée."}

    def test_the_page_stays_and_those_who_use_it_are_told(
        self, brief: Any, priya: Any, amina: Any, luc: Any, rosa: Any, thunder_bay: Any, gatineau: Any
    ) -> None:
        there = brief("published")
        make_stakeholder(gatineau, name="Deputy", email="deputy@gatineau.example", standing="deputy", language="fr")
        make_stakeholder(
            gatineau, name="Gone", email="gone@gatineau.example", standing="deputy", left_on=date(2027, 1, 1)
        )
        make_stakeholder(gatineau, name="Staff", email="staff@gatineau.example", standing="staff")
        for place in (thunder_bay, gatineau):
            Use.objects.create(brief=there, municipality=place, state="doing", on=date(2027, 1, 1), by_name="?")
        moving.withdraw(there, by=priya, **self.WHY)
        out = read(there)
        assert (out.state, out.withdrawn_why_en, out.withdrawn_why_fr) == ("withdrawn", *self.WHY.values())
        assert out in ActionBrief.objects.public()
        assert to("brief_withdrawn") == ["amina@thunderbay.example", "deputy@gatineau.example", "luc@gatineau.example"]
        english = next(m for m in written("brief_withdrawn") if m.to_email.startswith("amina"))
        assert "Thunder Bay" in english.subject
        assert "The study was retracted." in english.text
        french = next(m for m in written("brief_withdrawn") if m.to_email.startswith("luc"))
        assert "L’étude a été rétractée." in french.text
        assert "Gatineau" in french.subject
        with pytest.raises(TransitionRefused, match="Already done by Priya Nair") as refused:
            moving.withdraw(there, by=priya, **self.WHY)
        assert (refused.value.done_already, len(to("brief_withdrawn"))) == (True, 3)

    @pytest.mark.parametrize("missing", ["why_en", "why_fr"])
    def test_both_languages_are_needed(self, brief: Any, priya: Any, missing: str) -> None:
        there = brief("published")
        with pytest.raises(TransitionRefused, match="Say why in both languages: readers see it."):
            moving.withdraw(there, by=priya, **(self.WHY | {missing: " "}))
        assert read(there).state == "published"

    def test_others_may_not(self, brief: Any, amina: Any) -> None:
        with pytest.raises(PermissionDenied):
            moving.withdraw(brief("published"), by=amina, **self.WHY)


class TestException:
    def test_thirty_days_unless_told_and_a_row_of_history(self, brief: Any, admin_user: Any) -> None:
        there = brief("translation")
        Edition.objects.filter(brief=there, language="fr").update(current_at=None)
        moving.grant_exception(there, by=admin_user, reason=" The mayors meet. ")
        out = read(there)
        assert (out.exception_reason, out.exception_until, out.exception_by) == (
            "The mayors meet.", date(2027, 3, 3), admin_user,
        )  # fmt: skip
        row = there.changes.get()
        assert (row.transition, row.from_state, row.to_state, row.by_name, row.note) == (
            "exception", "translation", "translation", "Ada Lefebvre", "The mayors meet. (2027-03-03)",
        )  # fmt: skip
        with pytest.raises(TransitionRefused) as refused:
            moving.grant_exception(there, by=admin_user, reason="The mayors meet.")
        assert (refused.value.done_already, there.changes.count()) == (True, 1)
        moving.grant_exception(there, by=admin_user, reason="The mayors meet.", until=date(2027, 4, 1))
        assert read(there).exception_until == date(2027, 4, 1)

    @pytest.mark.parametrize("person", ["uma", "priya", "rene", "amina"])
    def test_administrators_only(self, request: pytest.FixtureRequest, brief: Any, person: str) -> None:
        with pytest.raises(PermissionDenied):
            moving.grant_exception(brief("draft"), by=request.getfixturevalue(person), reason="Please.")

    @pytest.mark.parametrize(
        ("stage", "fields", "says"),
        [
            ("translation", {"reason": "x"}, "Both texts are current: no exception is needed."),
            ("draft", {"reason": " "}, "Please give a reason; the others will read it."),
            ("draft", {"reason": "x", "until": date(2027, 2, 1)}, "Choose a day that lies ahead."),
            ("withdrawn", {"reason": "x"}, "This is not possible while it is “Withdrawn”."),
        ],
    )
    def test_refused(self, brief: Any, admin_user: Any, stage: str, fields: dict[str, Any], says: str) -> None:
        there = brief(stage)
        with pytest.raises(TransitionRefused) as refused:
            moving.grant_exception(there, by=admin_user, **fields)
        assert (str(refused.value), read(there).exception_reason) == (says, "")
