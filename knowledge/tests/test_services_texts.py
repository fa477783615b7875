"""Saving texts, saying that they are final, going back."""

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from cmncp_portal.core.editing import Conflict
from cmncp_portal.core.workflow import TransitionRefused
from cmncp_portal.testing.clock import NOW
from knowledge.models import ActionBrief, Edition
from knowledge.services.texts import keep_text, mark_ready, restore

from .factories import AT
from .mailbag import forget, to, written

pytestmark = pytest.mark.django_db


def states(brief: ActionBrief) -> tuple[str, str]:
    fresh = ActionBrief.objects.get(pk=brief.pk)
    return fresh.state_of("en"), fresh.state_of("fr")


class TestKeepText:
    def test_a_save_raises_the_version_and_says_who(self, brief: Any, uma: Any) -> None:
        made = brief("draft")
        edition = keep_text(made, "en", seen=1, by=uma, title="Safer", challenge="One.\r\n\r\nTwo.")
        stored = Edition.objects.get(pk=edition.pk)
        assert (stored.title, stored.challenge, stored.version, stored.saved_by_name) == (
            "Safer",
            "One.\n\nTwo.",
            2,
            "Uma Sharma",
        )
        assert (stored.updated_at, made.by_language["en"].title) == (NOW, "Safer")

    def test_the_same_once_more_changes_nothing(self, brief: Any, uma: Any) -> None:
        made = brief("approved")
        same = made.by_language["en"].texts
        edition = keep_text(made, "en", seen=1, by=uma, **same)
        assert (edition.version, edition.events.count(), states(made)) == (1, 1, ("current", "current"))  # type: ignore[attr-defined]

    def test_nor_does_it_when_somebody_saved_the_same(self, brief: Any, uma: Any) -> None:
        made = brief("draft")
        keep_text(made, "en", seen=1, by=uma, title="Safer")
        assert keep_text(made, "en", seen=1, by=uma, title="Safer").version == 2

    def test_two_at_once(self, brief: Any, uma: Any, admin_user: Any) -> None:
        made = brief("draft")
        keep_text(made, "en", seen=1, by=uma, title="Theirs")
        with pytest.raises(Conflict) as caught:
            keep_text(made, "en", seen=1, by=admin_user, title="Mine")
        assert caught.value.current.title == "Theirs"  # type: ignore[attr-defined]

    def test_two_begin_the_same_translation(self, brief: Any, uma: Any, admin_user: Any) -> None:
        made = brief("draft", languages=("en",))
        keep_text(made, "fr", seen=1, by=uma, title="Le sien")
        with pytest.raises(Conflict):
            keep_text(made, "fr", seen=1, by=admin_user, title="Le mien")
        assert Edition.objects.get(language="fr").title == "Le sien"

    def test_a_final_text_is_a_draft_again_in_its_language_only(self, brief: Any, uma: Any) -> None:
        made = brief("approved")
        keep_text(made, "fr", seen=1, by=uma, title="Plus de sécurité")
        assert states(made) == ("current", "draft")
        keep_text(made, "en", seen=1, by=uma, title="Safer")
        assert states(made) == ("draft", "draft")

    def test_english_edited_after_publication_leaves_french_behind(self, brief: Any, uma: Any) -> None:
        made = brief("published")
        keep_text(made, "en", seen=1, by=uma, title="Safer")
        fresh = ActionBrief.objects.get(pk=made.pk)
        assert states(made) == ("draft", "out_of_date")
        assert (fresh.by_language["en"].published["title"], fresh.by_language["en"].is_being_revised) == (
            "Safe streets",
            True,
        )

    @pytest.mark.parametrize("stage", ["superseded", "withdrawn"])
    def test_a_closed_brief_stays(self, brief: Any, uma: Any, stage: str) -> None:
        with pytest.raises(TransitionRefused, match="nothing about it changes any more"):
            keep_text(brief(stage), "en", seen=1, by=uma, title="Safer")

    def test_who_only_coordinates_or_reviews_does_not_write(self, brief: Any, priya: Any, rene: Any) -> None:
        made = brief("draft")
        for person in (priya, rene):
            with pytest.raises(PermissionDenied):
                keep_text(made, "en", seen=1, by=person, title="Safer")

    def test_no_other_column_is_a_text(self, brief: Any, uma: Any) -> None:
        with pytest.raises(TypeError, match="a brief has no based_on"):
            keep_text(brief("draft"), "en", seen=1, by=uma, based_on="9")


class TestMarkReady:
    def test_the_original(self, brief: Any, uma: Any) -> None:
        made = brief("draft")
        edition = mark_ready(made, "en", by=uma, seen=1)
        assert (edition.current_at, edition.current_by, edition.version) == (NOW, uma, 1)
        assert states(made) == ("current", "draft")
        [letter] = written("translation_needed")
        assert (letter.to_email, "The French text is needed" in letter.subject) == (uma.email, True)
        assert "/en/knowledge/desk/briefs/" in letter.text

    def test_writers_hear_that_the_translation_is_out_of_date(self, brief: Any, uma: Any) -> None:
        made = brief("published")
        keep_text(made, "en", seen=1, by=uma, title="Safer")
        forget()
        mark_ready(made, "en", by=uma, seen=2)
        assert states(made) == ("current", "out_of_date")
        [letter] = written("translation_needed")
        assert "The French text is out of date" in letter.subject

    def test_nobody_hears_when_both_say_the_same(self, brief: Any, uma: Any) -> None:
        made = brief("approved")
        Edition.objects.filter(language="en").update(current_at=None)
        mark_ready(ActionBrief.objects.get(pk=made.pk), "en", by=uma, seen=1)
        assert (states(made), to("translation_needed")) == (("current", "current"), [])

    def test_a_translation_says_of_which_version(self, brief: Any, uma: Any) -> None:
        made = brief("published")
        keep_text(made, "en", seen=1, by=uma, title="Safer")
        mark_ready(made, "en", by=uma, seen=2)
        forget()
        edition = mark_ready(made, "fr", by=uma, seen=1, source_seen=2)
        assert (edition.based_on, states(made), to("translation_needed")) == (2, ("current", "current"), [])

    def test_french_as_the_original_works_the_same(self, brief: Any, uma: Any) -> None:
        made = brief("draft", source_language="fr")
        Edition.objects.filter(language="en").update(based_on=0)
        mark_ready(made, "fr", by=uma, seen=1)
        assert "The English text is needed" in written("translation_needed")[0].subject
        assert mark_ready(made, "en", by=uma, seen=1, source_seen=1).based_on == 1
        assert states(made) == ("current", "current")

    def test_the_original_moved_meanwhile(self, brief: Any, uma: Any) -> None:
        made = brief("draft")
        keep_text(made, "en", seen=1, by=uma, title="Safer")
        with pytest.raises(TransitionRefused, match="The original was changed since you opened the page"):
            mark_ready(made, "fr", by=uma, seen=1, source_seen=1)
        assert states(made)[1] == "draft"

    def test_the_text_itself_moved_meanwhile(self, brief: Any, uma: Any) -> None:
        made = brief("draft")
        keep_text(made, "en", seen=1, by=uma, title="Safer")
        with pytest.raises(TransitionRefused, match="Please read it again"):
            mark_ready(made, "en", by=uma, seen=1)

    def test_a_second_click(self, brief: Any, uma: Any, admin_user: Any) -> None:
        made = brief("draft")
        mark_ready(made, "en", by=uma, seen=1)
        with pytest.raises(TransitionRefused, match="Already said to be final by Uma Sharma") as caught:
            mark_ready(made, "en", by=admin_user, seen=1)
        assert (caught.value.done_already, len(written("translation_needed"))) == (True, 1)

    @pytest.mark.parametrize(
        ("lacking", "language", "reason"),
        [
            ({"title": ""}, "en", "Give it a title in the language in which it is written."),
            ({"challenge": ""}, "en", "Write summary, challenge and what works."),
            ({"title": ""}, "fr", "Give it a title first."),
            ({"investment": ""}, "fr", "Not translated yet: The investment."),
        ],
    )
    def test_something_is_missing(
        self, brief: Any, uma: Any, lacking: dict[str, str], language: str, reason: str
    ) -> None:
        with pytest.raises(TransitionRefused) as caught:
            mark_ready(brief("draft", **{language: lacking}), language, by=uma)
        assert str(caught.value) == reason

    def test_what_the_original_does_not_say_is_not_asked_for(self, brief: Any, uma: Any) -> None:
        made = brief("draft", en={"investment": ""}, fr={"investment": ""})
        assert mark_ready(made, "fr", by=uma).current_at == NOW

    def test_a_text_that_does_not_exist(self, brief: Any, uma: Any) -> None:
        with pytest.raises(TransitionRefused, match="Give it a title first"):
            mark_ready(brief("draft", languages=("en",)), "fr", by=uma)

    def test_who_does_not_write(self, brief: Any, priya: Any) -> None:
        with pytest.raises(PermissionDenied):
            mark_ready(brief("draft"), "en", by=priya)

    def test_a_closed_brief(self, brief: Any, uma: Any) -> None:
        with pytest.raises(TransitionRefused):
            mark_ready(brief("withdrawn"), "en", by=uma)


class TestRestore:
    def test_an_old_text_comes_back_as_a_new_version(self, brief: Any, uma: Any) -> None:
        made = brief("published")
        edition = keep_text(made, "en", seen=1, by=uma, title="Safer")
        assert restore(edition, version=1, seen=2, by=uma) is True
        stored = Edition.objects.get(pk=edition.pk)
        assert (stored.title, stored.version, stored.current_at) == ("Safe streets", 3, None)

    def test_the_present_one_changes_nothing(self, brief: Any, uma: Any) -> None:
        edition = brief("published").by_language["en"]
        assert restore(edition, version=1, seen=1, by=uma) is False
        assert Edition.objects.get(pk=edition.pk).current_at == AT

    def test_somebody_saved_meanwhile(self, brief: Any, uma: Any) -> None:
        made = brief("draft")
        edition = keep_text(made, "en", seen=1, by=uma, title="Safer")
        with pytest.raises(Conflict):
            restore(edition, version=1, seen=1, by=uma)

    def test_a_version_that_never_was(self, brief: Any, uma: Any) -> None:
        with pytest.raises(TransitionRefused, match="There is no such version"):
            restore(brief("draft").by_language["en"], version=7, seen=1, by=uma)
