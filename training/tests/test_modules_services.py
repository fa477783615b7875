"""Modules as services: proposing, writing, what they build, the moves and who hears of them, authors, reminders."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile

from cmncp_portal.accounts.models import User
from cmncp_portal.core.editing import Conflict
from cmncp_portal.core.workflow import TransitionRefused
from cmncp_portal.notifications.models import Message
from cmncp_portal.testing.mailbag import Mailbag
from training.models import Level, Module, ModuleAuthor, Partner
from training.services import authors, modules
from training.services.modules_sweep import send_reminders

from .factories import make_author, make_module, make_offering, make_partner, make_version

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
BAG = Mailbag("training")
UNTIL = date(2027, 6, 30)


def fresh(user: Any) -> Any:
    """The account as the next request has it: what it may do was remembered for one request."""
    return User.objects.get(pk=user.pk)


def titled(**more: Any) -> dict[str, Any]:
    return {"title_en": "Data", "title_fr": "Données", "kind": "module", "theme": "planning"} | more


class TestProposing:
    def test_a_second_click_gives_the_first_one(self, uma: Any) -> None:
        first = modules.propose(by=uma, **titled(programme_year=2))
        assert (first.slug, first.state, first.proposed_by, first.programme_year) == ("data", "proposed", uma, 2)
        assert modules.propose(by=uma, **titled(programme_year=2)) == first

    def test_addresses_differ_from_each_other_and_from_pages(self, uma: Any, clock: Any) -> None:
        made = [modules.propose(by=uma, **titled(theme=theme)).slug for theme in ("planning", "projects")]
        assert [*made, modules.propose(by=uma, **titled(title_en="Desk")).slug] == ["data", "data-2", "desk-2"]
        assert modules.propose(by=uma, **titled(title_en="", title_fr="Été")).slug == "ete"

    def test_others_may_not(self, amina: Any) -> None:
        with pytest.raises(PermissionDenied):
            modules.propose(by=amina, **titled())


class TestWriting:
    def test_an_author_writes_texts_and_nothing_else(self, ann: Any) -> None:
        module = make_module("agreed")
        make_author(module, ann)
        modules.keep_module(module, seen=1, by=ann, summary_en="New")
        assert Module.objects.get().summary_en == "New"
        with pytest.raises(PermissionDenied):
            modules.keep_module(module, seen=2, by=ann, draft_due_on=UNTIL)

    @pytest.mark.parametrize("state", ["proposed", "drafted", "reviewed", "piloted", "approved", "offered"])
    def test_an_author_waits_while_it_is_not_with_her(self, ann: Any, state: str) -> None:
        module = make_module(state)
        make_author(module, ann)
        with pytest.raises(TransitionRefused, match="When it is sent back to you"):
            modules.keep_module(module, seen=1, by=ann, summary_en="New")

    @pytest.mark.parametrize("state", ["retired", "dropped"])
    def test_what_is_closed_stays_as_it_is(self, uma: Any, state: str) -> None:
        with pytest.raises(TransitionRefused, match="nothing about it changes any more"):
            modules.keep_module(make_module(state), seen=1, by=uma, summary_en="New")

    def test_the_second_of_two_hears_of_the_first(self, uma: Any) -> None:
        module = make_module("agreed")
        modules.keep_module(module, seen=1, by=uma, summary_en="First")
        with pytest.raises(Conflict):
            modules.keep_module(module, seen=1, by=uma, summary_en="Second")

    @pytest.mark.parametrize(
        ("fields", "reason"),
        [
            ({"outline_en": "", "outline_fr": ""}, "Summary, objectives and outline are to be written."),
            ({"languages": []}, "Say in which language it can be taught."),
            ({"summary_fr": ""}, "Everything stands in both languages"),
            ({"title_fr": ""}, "Give it a title in both languages."),
        ],
    )
    def test_in_the_catalogue_it_stays_fit(self, uma: Any, fields: dict[str, Any], reason: str) -> None:
        module = make_module("approved")
        with pytest.raises(TransitionRefused, match=reason):
            modules.keep_module(module, seen=1, by=uma, **fields)
        assert Module.objects.get().version == 1

    def test_a_new_due_day_is_told_to_who_writes(self, uma: Any, ann: Any) -> None:
        module = make_module("agreed")
        make_author(module, ann)
        modules.keep_module(module, seen=1, by=uma, draft_due_on=date(2027, 3, 1))
        modules.keep_module(module, seen=2, by=uma, hours=14)
        [letter] = BAG.written()
        assert (letter.kind, letter.to_email) == ("training.module_draft_assigned", ann.email)
        assert letter.subject == "[CMNCP] A draft for you to write by March 1, 2027: Planning with the community"


class TestCompetencies:
    def test_only_what_was_touched_changes(self, uma: Any) -> None:
        one, two, three, _four = make_version().texts.in_order()
        module = make_module("agreed", builds=[(one.competency, 1), (two.competency, 2)])
        modules.keep_competencies(module, by=uma, changes={one.competency_id: None, three.competency_id: 3})
        assert dict(module.builds.values_list("competency", "level")) == {two.competency_id: 2, three.competency_id: 3}

    def test_a_draft_handed_in_builds_something(self, uma: Any) -> None:
        text = make_version().texts.in_order()[0]
        module = make_module("drafted", builds=[(text.competency, Level.LEAD)])
        with pytest.raises(TransitionRefused, match="At least one competency stays"):
            modules.keep_competencies(module, by=uma, changes={text.competency_id: None})
        assert module.builds.count() == 1

    @pytest.mark.parametrize("changes", [{0: 1}, {0: 9}])
    def test_nothing_unknown(self, uma: Any, changes: Any) -> None:
        with pytest.raises(TransitionRefused, match="not known"):
            modules.keep_competencies(make_module("agreed"), by=uma, changes=changes)


class TestMoves:
    @pytest.fixture
    def drafted(self, ann: Any) -> Module:
        text = make_version().texts.in_order()[0]
        module = make_module("agreed", builds=[(text.competency, 2)], draft_due_on=date(2027, 3, 1))
        make_author(module, ann)
        return module

    def test_from_a_draft_to_the_catalogue_and_who_hears(self, drafted: Module, ann: Any, uma: Any, priya: Any) -> None:
        modules.move(drafted, "hand_in", by=ann)
        assert BAG.to("module_handed_in") == sorted([uma.email, priya.email])
        modules.move(drafted, "send_back", by=uma, note="Too long.")
        [letter] = BAG.written("module_sent_back")
        assert (letter.to_email, "> Too long." in letter.text, "March 1, 2027" in letter.text) == (
            ann.email,
            True,
            True,
        )
        modules.move(drafted, "hand_in", by=uma)
        assert BAG.to("module_handed_in") == sorted([uma.email, priya.email, priya.email])
        modules.move(drafted, "pass_review", by=uma)
        assert BAG.to("module_reviewed") == [ann.email]
        make_offering("held", module=drafted, is_pilot=True)
        modules.keep_module(drafted, seen=1, by=uma, pilot_report="It went well.")
        modules.move(drafted, "record_pilot", by=uma)
        modules.move(drafted, "approve", by=priya)
        assert BAG.to("module_approved") == [ann.email]
        assert Module.objects.get().state == "approved"

    def test_the_day_is_not_told_again_when_it_has_passed(self, drafted: Module, uma: Any, clock: Any) -> None:
        modules.move(drafted, "hand_in", by=uma)
        clock.move_to(datetime(2027, 3, 2, 15, 0, tzinfo=UTC))
        modules.move(drafted, "send_back", by=uma, note="Too long.")
        assert "due on" not in BAG.written("module_sent_back")[0].text

    def test_agreed_and_dropped_are_told_to_authors(self, ann: Any, uma: Any) -> None:
        module = make_module("proposed", partner=make_partner())
        make_author(module, ann)
        modules.move(module, "agree", by=uma)
        modules.move(module, "drop", by=uma, note="No money.")
        assert BAG.kinds_to(ann.email) == ["module_draft_assigned", "module_dropped"]

    def test_an_author_moves_nothing_but_her_draft(self, drafted: Module, ann: Any) -> None:
        for name in ("agree", "send_back", "pass_review", "approve", "retire", "drop"):
            with pytest.raises(PermissionDenied):
                modules.move(drafted, name, by=ann, note="Because.")

    def test_an_approved_module_follows_its_first_dates(self, priya: Any) -> None:
        module = make_module("approved")
        make_offering("open", module=module)
        assert modules.offer_if_approved(module, priya) is True
        assert modules.offer_if_approved(module, priya) is False
        assert list(module.changes.values_list("transition", "by_name")) == [("offer", "Priya Nair")]

    @pytest.mark.parametrize("state", ["reviewed", "piloted", "offered", "retired"])
    def test_other_modules_stay(self, priya: Any, state: str) -> None:
        module = make_module(state)
        assert modules.offer_if_approved(module, priya) is False
        assert Module.objects.get().state == state

    def test_retired_when_nothing_lies_ahead(self, priya: Any) -> None:
        module = make_module("offered")
        make_offering("open", module=module)
        with pytest.raises(TransitionRefused, match="An offering lies ahead"):
            modules.move(module, "retire", by=priya, note="Old.")


class TestAuthors:
    def invite(self, module: Module, by: Any, **more: Any) -> ModuleAuthor:
        known = {"email": "Zoe@College.example", "name": "Zoé Roy", "language": "fr", "until_on": UNTIL}
        return authors.invite_author(module, by=by, **(known | more))

    def test_who_has_no_account_gets_one_and_two_letters(self, uma: Any) -> None:
        module = make_module("agreed", draft_due_on=date(2027, 3, 1))
        author = self.invite(module, uma)
        assert (author.user.email, author.user.accepted_at, author.until_on) == ("zoe@college.example", None, UNTIL)
        assert list(Message.objects.order_by("pk").values_list("kind", "to_email", "language")) == [
            ("accounts.invitation", "zoe@college.example", "fr"),
            ("training.module_author_invited", "zoe@college.example", "fr"),
        ]
        text = BAG.written()[0].text
        assert "30\xa0juin\xa02027" in text
        assert "1er\xa0mars\xa02027" in text
        assert "Vous n’avez pas encore de compte" in text

    def test_a_second_click_is_one_letter(self, uma: Any, ann: Any) -> None:
        module = make_module("agreed")
        self.invite(module, uma, email=ann.email)
        with pytest.raises(TransitionRefused) as refused:
            self.invite(module, uma, email=ann.email)
        assert (str(refused.value), refused.value.done_already) == ("Ann Lee is invited already.", True)
        assert BAG.to("module_author_invited") == [ann.email]

    def test_the_last_day_counts_and_then_nothing_is_seen(self, ann: Any, clock: Any) -> None:
        module = make_module("agreed")
        make_author(module, ann, until_on=date(2027, 2, 1))
        assert list(Module.objects.visible_to(ann)) == [module]
        assert fresh(ann).has_perm("training.write_module", module)
        clock.move_to(datetime(2027, 2, 2, 15, 0, tzinfo=UTC))
        assert list(Module.objects.visible_to(ann)) == []
        assert not fresh(ann).has_perm("training.write_module", module)

    def test_removed_then_invited_again(self, ann: Any, uma: Any, clock: Any) -> None:
        module = make_module("agreed")
        author = make_author(module, ann, until_on=UNTIL)
        authors.remove_author(author, by=uma)
        assert list(Module.objects.visible_to(ann)) == []
        with pytest.raises(TransitionRefused, match="Ann Lee was removed already"):
            authors.remove_author(author, by=uma)
        authors.invite_again(author, by=uma, until_on=UNTIL)
        assert list(Module.objects.visible_to(ann)) == [module]
        assert BAG.to("module_author_invited") == [ann.email]

    @pytest.mark.parametrize(
        ("state", "until_on", "reason"),
        [("dropped", UNTIL, "nothing about it changes"), ("agreed", date(2027, 1, 31), "This day has passed.")],
    )
    def test_refused(self, uma: Any, state: str, until_on: date, reason: str) -> None:
        with pytest.raises(TransitionRefused, match=reason):
            self.invite(make_module(state), uma, until_on=until_on)
        assert Message.objects.count() == 0

    def test_a_closed_account_is_said(self, uma: Any, ann: Any) -> None:
        User.objects.filter(pk=ann.pk).update(is_active=False)
        with pytest.raises(TransitionRefused, match="The account of this person was closed."):
            self.invite(make_module("agreed"), uma, email=ann.email)

    def test_authors_invite_nobody(self, ann: Any) -> None:
        module = make_module("agreed")
        author = make_author(module, ann)
        for act in (
            lambda: self.invite(module, ann),
            lambda: authors.remove_author(author, by=ann),
            lambda: authors.invite_again(author, by=ann, until_on=None),
        ):
            with pytest.raises(PermissionDenied):
                act()


class TestMaterialsAndPartners:
    def test_a_file_goes_with_its_row(
        self, uma: Any, settings: Any, tmp_path: Any, django_capture_on_commit_callbacks: Any
    ) -> None:
        settings.MEDIA_ROOT = tmp_path
        module = make_module("agreed")
        file = SimpleUploadedFile("../slides.pdf", b"%PDF-1.7")
        made = modules.add_material(module, by=uma, language="en", access="everyone", title_en="Slides", file=file)
        assert made.filename == "slides.pdf"
        assert [path.is_file() for path in tmp_path.glob("training/*.pdf")] == [True]
        with django_capture_on_commit_callbacks(execute=True):
            modules.remove_material(made, by=uma)
        assert list(tmp_path.glob("training/*.pdf")) == []

    def test_a_second_click_adds_nothing(self, uma: Any) -> None:
        module, given = (
            make_module("agreed"),
            {"language": "en", "access": "authors", "title_en": "A", "url": "https://a.ca"},
        )
        modules.add_material(module, by=uma, **given)
        with pytest.raises(TransitionRefused, match="It is added already."):
            modules.add_material(module, by=uma, **given)

    def test_partners_have_different_names(self, uma: Any, amina: Any) -> None:
        made = modules.keep_partner(None, by=uma, name_en="Lakeside", kind="college")
        modules.keep_partner(made, by=uma, name_en="Lakeside", kind="university")
        assert list(Partner.objects.values_list("name_en", "kind")) == [("Lakeside", "university")]
        with pytest.raises(TransitionRefused, match="“lakeside” is in the list already."):
            modules.keep_partner(None, by=uma, name_en="lakeside", kind="other")
        with pytest.raises(PermissionDenied):
            modules.keep_partner(None, by=amina, name_en="Other", kind="other")


def at(day: int, hour: int = 15, month: int = 2) -> datetime:
    return datetime(2027, month, day, hour, 0, tzinfo=UTC)


class TestReminders:
    @pytest.fixture
    def module(self, ann: Any, clock: Any) -> Module:
        """Due on Monday, February 15; agreed before the clock of these tests."""
        clock.move_to(datetime(2027, 1, 4, 15, 0, tzinfo=UTC))
        module = make_module("agreed", draft_due_on=date(2027, 2, 15))
        make_author(module, ann)
        return module

    @pytest.mark.parametrize(
        ("now", "expected"),
        [
            (at(5), []),
            (at(8, 13), []),  # 8:00 in Toronto
            (at(8, 14), [("module_draft_due", "Reminder, due on February 15, 2027: draft of Planning with the community")]),
            (at(11), []),
            (at(15), [("module_draft_due", "Reminder, due on February 15, 2027: draft of Planning with the community")]),
            (at(17, 20), []),
            (
                at(18),
                [
                    ("module_draft_due", "Late, it was due on February 15, 2027: draft of Planning with the community"),
                    ("module_draft_late", "A draft is late: Planning with the community (it was due on February 15, 2027)"),
                ],
            ),
            (at(24), []),
        ],
        ids=["eve of the week", "before the hour", "a week", "between", "the day", "not late yet", "late", "over"],
    )  # fmt: skip
    def test_before_on_and_after_the_day(
        self, module: Module, priya: Any, now: datetime, expected: list[Any], clock: Any
    ) -> None:
        clock.move_to(now)
        send_reminders()
        send_reminders()
        assert [
            (m.kind.removeprefix("training."), m.subject.removeprefix("[CMNCP] ")) for m in BAG.written()
        ] == expected

    def test_a_late_draft_that_nobody_writes(self, module: Module, priya: Any, clock: Any) -> None:
        module.authors.update(until_on=date(2027, 2, 17))
        clock.move_to(at(18))
        send_reminders()
        [letter] = BAG.written()
        assert (letter.to_email, "Authors: nobody is invited at present" in letter.text) == (priya.email, True)

    @pytest.mark.parametrize("state", ["proposed", "drafted", "dropped", "approved"])
    def test_only_while_it_is_drafted(self, module: Module, priya: Any, state: str, clock: Any) -> None:
        Module.objects.update(state=state)
        clock.move_to(at(18))
        assert send_reminders() == 0

    def test_who_was_invited_that_day_knows_the_day(self, module: Module, uma: Any, ann: Any, clock: Any) -> None:
        clock.move_to(at(8))
        authors.invite_author(
            module, by=uma, email="zoe@college.example", name="Zoé", language="fr", until_on=date(2027, 3, 1)
        )
        send_reminders()
        assert BAG.to("module_draft_due") == [ann.email]

    @pytest.mark.parametrize(("now", "letters"), [(at(9), 0), (at(10), 1), (at(15), 0), (at(18), 0)])
    def test_an_invitation_that_ends(self, ann: Any, clock: Any, now: datetime, letters: int) -> None:
        clock.move_to(datetime(2027, 1, 4, 15, 0, tzinfo=UTC))
        module = make_module("drafted")
        make_author(module, ann, until_on=date(2027, 2, 17))
        clock.move_to(now)
        assert send_reminders() == letters
        assert BAG.to("module_author_ends") == [ann.email] * letters

    @pytest.mark.parametrize("state", ["approved", "offered", "retired", "dropped"])
    def test_nobody_is_told_of_an_end_that_does_not_matter(self, ann: Any, clock: Any, state: str) -> None:
        clock.move_to(datetime(2027, 1, 4, 15, 0, tzinfo=UTC))
        make_author(make_module(state), ann, until_on=date(2027, 2, 17))
        clock.move_to(at(10))
        assert send_reminders() == 0
