"""The desk's pages about briefs as a whole: the board, a new brief, the overview with its moves."""

from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from cmncp_portal.network.tests.factories import make_topic
from cmncp_portal.testing.pages import as_sent, said, text_of
from knowledge.models import ActionBrief, BriefRequest, BriefStateChange, Comment, Edition, Review

from .factories import make_brief, make_series
from .pages import address

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


def read(brief: ActionBrief) -> ActionBrief:
    return ActionBrief.objects.get(pk=brief.pk)


def set_text(brief: ActionBrief, language: str, **fields: Any) -> None:
    Edition.objects.filter(brief=brief, language=language).update(**fields)


@pytest.fixture
def writer(client: Client, uma: Any) -> Client:
    client.force_login(uma)
    return client


def queries(client: Client, url: str) -> int:
    client.get(url)
    with CaptureQueriesContext(connection) as found:
        assert client.get(url).status_code == 200
    return len(found)


class TestBoard:
    def titles(self, page: Any) -> list[str]:
        return [row.brief.title for row in page.context["rows"]]

    def test_both_texts_at_a_glance(self, writer: Client, rene: Any) -> None:
        there = make_brief("review", en={"title": "Safe schools"}, series=make_series(), number=3)
        set_text(there, "fr", current_at=timezone.now(), based_on=0)
        set_text(there, "en", current_at=timezone.now())
        Review.objects.create(brief=there, reviewer=rene, asked_by_name="Uma", due_on=date(2027, 2, 11))
        Comment.objects.create(edition=there.by_language["en"], field="summary", text="?", by_name="René")
        moved = BriefStateChange.objects.create(brief=there, from_state="draft", to_state="review", transition="review")
        BriefStateChange.objects.filter(pk=moved.pk).update(at="2027-01-29T15:00:00+00:00")
        page = writer.get(address("desk"))
        [row] = page.context["rows"]
        assert [(t.name, str(t.word), t.tone) for t in row.texts] == [
            ("English", "Current", "good"),
            ("French", "Out of date", "attention"),
        ]
        assert (row.days, row.brief.open_comments, row.asked) == (3, 1, [("René Gagnon", date(2027, 2, 11))])
        words = text_of(page)
        for expected in ("1.3 <a", "Safe schools", "for 3 days", "by February 11, 2027", "One French text is behind"):
            assert expected in words

    def test_what_waits_comes_first(self, writer: Client) -> None:
        def named(name: str, state: str, **fields: Any) -> ActionBrief:
            return make_brief(state, en={"title": name}, **fields)

        named("Withdrawn", "withdrawn")
        named("In peace", "published")
        named("Idea", "idea")
        named("Review", "review")
        named("Due", "published", next_review_on=date(2027, 2, 1))
        behind = named("Behind", "published")
        set_text(behind, "en", version=2)
        named("Late", "published", exception_reason="x", exception_until=date(2027, 1, 31))
        page = writer.get(address("desk"))
        assert self.titles(page) == ["Late", "Behind", "Due", "Review", "Idea", "In peace", "Withdrawn"]
        counts = page.context["counts"]
        assert (counts.french_behind, counts.english_behind, counts.reviews_due, counts.exceptions_late) == (1, 0, 1, 1)

    @pytest.mark.parametrize(
        ("query", "expected"),
        [
            ({}, {"idea", "draft", "review", "translation", "scheduled", "published", "withdrawn"}),
            ({"group": "writing"}, {"idea", "draft"}),
            ({"group": "review"}, {"review"}),
            ({"group": "translation"}, {"translation"}),
            ({"group": "ready"}, {"scheduled"}),
            ({"group": "published"}, {"published"}),
            ({"group": "review_due"}, set()),
            ({"group": "gone"}, {"withdrawn"}),
            ({"q": "securite DRAFT"}, {"draft"}),
            ({"q": "%"}, set()),
            ({"q": "1.4"}, {"idea"}),
            ({"q": "x" * 10_000}, set()),
            ({"group": "nonsense"}, {"idea", "draft", "review", "translation", "scheduled", "published", "withdrawn"}),
            ({"q": "\x00"}, {"idea", "draft", "review", "translation", "scheduled", "published", "withdrawn"}),
            ({"page": "99"}, {"idea", "draft", "review", "translation", "scheduled", "published", "withdrawn"}),
        ],
    )
    def test_what_each_filter_leaves(self, writer: Client, query: dict[str, str], expected: set[str]) -> None:
        for state in ("idea", "draft", "review", "translation", "scheduled", "published", "withdrawn"):
            number = {"series": make_series(), "number": 4} if state == "idea" else {}
            make_brief(state, fr={"title": f"Sécurité {state}"}, **number)
        page = writer.get(address("desk"), query)
        assert {row.brief.state for row in page.context["rows"]} == expected
        if not expected:
            assert "No brief matches." in text_of(page)

    def test_an_empty_desk(self, writer: Client) -> None:
        page = text_of(writer.get(address("desk")))
        assert "No brief is begun yet." in page
        assert "Nothing is late, and no text is behind." in page

    def test_as_many_queries_for_three_hundred_as_for_one(self, writer: Client, rene: Any) -> None:
        first = make_brief("review")
        Review.objects.create(brief=first, reviewer=rene, asked_by_name="Uma", due_on=date(2027, 2, 11))
        alone = queries(writer, address("desk"))
        briefs = ActionBrief.objects.bulk_create(ActionBrief(slug=f"many-{n}", state="draft") for n in range(299))
        Edition.objects.bulk_create(
            Edition(brief=b, language=code, title=f"Brief {b.pk}") for b in briefs for code in ("en", "fr")
        )
        assert (queries(writer, address("desk")), alone <= 8) == (alone, True)
        page = writer.get(address("desk"))
        assert (len(page.context["rows"]), page.context["page"].paginator.count) == (25, 300)

    def test_readers_of_drafts_see_it_and_members_do_not(
        self, client: Client, priya: Any, rene: Any, amina: Any
    ) -> None:
        make_brief("draft")
        assert client.get(address("desk")).status_code == 302
        for person in (priya, rene):
            client.force_login(person)
            page = client.get(address("desk"))
            assert (page.status_code, address("new") in text_of(page)) == (200, False)
        client.force_login(amina)
        assert client.get(address("desk")).status_code == 403

    def test_in_french(self, writer: Client) -> None:
        make_brief("draft")
        assert writer.get(address("desk", language="fr")).status_code == 200


class TestNew:
    TYPED = {"title": "Safer <b>schools</b>", "language": "en"}

    def test_the_least_and_on_to_its_page(self, writer: Client) -> None:
        topic = make_topic()
        typed = as_sent(writer.get(address("new")), **self.TYPED, series=make_series().pk, topics=[topic.pk])
        done = writer.post(address("new"), typed)
        made = ActionBrief.objects.get()
        assert done["Location"] == address("overview", "safer-bschoolsb")
        assert (made.reference, list(made.topics.all()), made.state) == ("1.1", [topic], "idea")
        assert "Safer &lt;b&gt;schools&lt;/b&gt;" in text_of(writer.get(done["Location"]))
        assert writer.post(address("new"), typed)["Location"] == done["Location"]
        assert ActionBrief.objects.count() == 1

    def test_what_is_wrong_comes_back(self, writer: Client) -> None:
        series = make_series()
        make_brief("published", series=series, number=3)
        for typed, errors in (
            ({"title": ""}, {"title": ["This field is required."]}),
            ({"language": ""}, {"language": ["This field is required."]}),
            ({"number": "2"}, {"series": ["In which series is this the number?"]}),
            ({"series": series.pk, "number": "3"}, {"number": ["“Safe streets” has this number."]}),
        ):
            page = writer.post(address("new"), self.TYPED | typed)
            assert (page.status_code, page.context["form"].errors) == (422, errors)
        assert ActionBrief.objects.count() == 1

    @pytest.mark.parametrize("person", ["priya", "rene", "amina"])
    def test_only_writers(self, client: Client, request: pytest.FixtureRequest, person: str) -> None:
        client.force_login(request.getfixturevalue(person))
        assert client.get(address("new")).status_code == 403
        assert client.post(address("new"), self.TYPED).status_code == 403


class TestOverview:
    def checks(self, page: Any) -> dict[str, str]:
        return {check.label: check.reason for check in page.context["desk"].checks}

    def moves(self, page: Any) -> dict[str, str | None]:
        desk = page.context["desk"]
        offers = [*desk.moves, *desk.forms.values()]
        return {o.transition.name: o.reason and str(o.reason) for o in offers}

    def test_what_is_missing_and_where_it_is_done(self, writer: Client) -> None:
        there = make_brief("draft", en={"what_works": ""})
        there.sources.all().delete()
        page = writer.get(address("overview", there.slug))
        assert self.checks(page) == {
            "A title in the language in which it is written": "",
            "Summary, challenge and what works": "Write summary, challenge and what works.",
            "A step that a municipal stakeholder can take": "",
            "A source": "Name at least one source.",
            "A source for each key number": "",
        }
        assert self.moves(page) == {"review": "Write summary, challenge and what works."}
        text = text_of(page)
        assert f'<a class="button button--primary" href="{address("text", there.slug, "en")}">Next: Summary' in text
        assert f'href="{address("sources", there.slug)}"' in text
        assert f'href="{address("preview", there.slug, "fr")}"' in text

    @pytest.mark.parametrize(
        ("state", "person", "moves"),
        [
            ("idea", "uma", {"outline"}),
            ("outline", "uma", {"draft"}),
            ("review", "uma", {"back_to_draft", "edit"}),
            ("editing", "uma", {"back_to_draft", "translate"}),
            ("translation", "uma", {"approve"}),
            ("translation", "priya", {"approve"}),
            ("translation", "rene", set()),
            ("approved", "uma", {"schedule", "publish"}),
            ("approved", "priya", set()),
            ("scheduled", "uma", {"unschedule", "publish"}),
            ("published", "uma", {"publish_changes", "withdraw"}),
            ("published", "priya", {"withdraw"}),
            ("superseded", "uma", {"withdraw"}),
            ("withdrawn", "uma", set()),
        ],
    )
    def test_moves_on_offer(
        self, client: Client, request: pytest.FixtureRequest, state: str, person: str, moves: set[str]
    ) -> None:
        there = make_brief(state)
        client.force_login(request.getfixturevalue(person))
        page = client.get(address("overview", there.slug))
        assert (page.status_code, set(self.moves(page))) == (200, moves)

    @pytest.mark.parametrize("state", [str(state) for state in ActionBrief.State])
    def test_a_constant_number_of_queries(self, writer: Client, uma: Any, rene: Any, state: str) -> None:
        there = make_brief(state)
        before = queries(writer, address("overview", there.slug))
        for number in range(5):
            BriefStateChange.objects.create(brief=there, to_state=state, transition="draft", by_name="Uma", note="?")
            BriefRequest.objects.create(by=uma, by_name="Uma", subject=f"Streets {number}", why="?", brief=there)
            Comment.objects.create(edition=there.by_language["en"], field="summary", text="?", by_name="René")
        Review.objects.create(brief=there, reviewer=rene, asked_by_name="Uma", due_on=date(2027, 1, 31))
        after = queries(writer, address("overview", there.slug))
        assert (after, after <= 8) == (before, True)
        page = text_of(writer.get(address("overview", there.slug)))
        for words in ("René Gagnon", "by January 31, 2027", "5 comments wait for an answer", "Streets 4"):
            assert words in page

    def test_what_happened_newest_first(self, writer: Client, admin_user: Any) -> None:
        there = make_brief("outline")
        for transition in ("begin", "outline", "exception"):
            BriefStateChange.objects.create(brief=there, to_state="outline", transition=transition, by_name="Uma")
        page = writer.get(address("overview", there.slug))
        assert [str(entry["text"]) for entry in page.context["entries"]] == [
            "Publication in one language allowed",
            "Outline begun",
            "Begun",
        ]

    def test_who_is_asked_to_review_sees_that_one_alone(self, client: Client, amina: Any) -> None:
        there, other = make_brief("review"), make_brief("review")
        client.force_login(amina)
        assert client.get(address("overview", there.slug)).status_code == 403
        Review.objects.create(brief=there, reviewer=amina, asked_by_name="Uma", due_on=date(2027, 2, 11))
        page = client.get(address("overview", there.slug))
        assert (page.status_code, self.moves(page), page.context["can"]["write_brief"]) == (200, {}, False)
        assert client.get(address("overview", other.slug)).status_code == 404
        assert client.post(address("move", there.slug, "edit")).status_code == 403

    def test_strangers_and_what_does_not_exist(self, client: Client, writer: Client) -> None:
        assert writer.get(address("overview", "nothing")).status_code == 404
        client.logout()
        there = make_brief("published")
        assert client.get(address("overview", there.slug)).status_code == 302

    @pytest.mark.parametrize("state", ["draft", "scheduled", "published", "withdrawn"])
    def test_in_french(self, writer: Client, state: str) -> None:
        there = make_brief(state, withdrawn_why_en="Old.", withdrawn_why_fr="Ancien.")
        page = writer.get(address("overview", there.slug, language="fr"))
        assert (page.status_code, "Sécurité dans les rues" in text_of(page)) == (200, True)


class TestMove:
    def go(self, client: Client, brief: ActionBrief, name: str, **data: Any) -> Any:
        return client.post(address("move", brief.slug, name), data)

    def test_a_move_and_the_second_click(self, writer: Client) -> None:
        there = make_brief("draft")
        done = self.go(writer, there, "review")
        assert done["Location"] == address("overview", there.slug)
        assert said(writer, done) == ["Sent to review."]
        assert said(writer, self.go(writer, there, "review")) == [
            "Already done by Uma Sharma: it is “Internal review”."
        ]
        assert read(there).state == "review"

    def test_a_reason_is_asked_for(self, writer: Client) -> None:
        there = make_brief("review")
        assert said(writer, self.go(writer, there, "back_to_draft")) == [
            "Please give a reason; the others will read it."
        ]
        self.go(writer, there, "back_to_draft", note="More on schools.")
        assert (read(there).state, there.changes.get().note) == ("draft", "More on schools.")

    def test_blocked_with_the_reason_of_the_page(self, writer: Client) -> None:
        there = make_brief("approved")
        set_text(there, "en", version=2)
        reason = "The French text is older than the English one."
        page = writer.get(address("overview", there.slug))
        assert f'<p class="reason">{reason}</p>' in text_of(page)
        assert said(writer, self.go(writer, there, "publish")) == [reason]

    def test_published(self, writer: Client) -> None:
        there = make_brief("approved")
        assert said(writer, self.go(writer, there, "publish")) == ["Published."]
        assert read(there).by_language["fr"].is_published

    def test_revised_texts_are_published(self, writer: Client) -> None:
        there = make_brief("published")
        set_text(there, "fr", version=2, title="Rues sûres")
        assert said(writer, self.go(writer, there, "publish_changes")) == ["Revised text published."]
        assert read(there).by_language["fr"].published["title"] == "Rues sûres"

    @pytest.mark.parametrize(("day", "error"), [("2027-02-01", "Choose a day that lies ahead."), ("", "This field is required."), ("soon", "Enter a valid date.")])  # fmt: skip
    def test_a_day_that_does_not_lie_ahead_comes_back(self, writer: Client, day: str, error: str) -> None:
        there = make_brief("approved")
        page = self.go(writer, there, "schedule", on=day)
        form = page.context["forms"]["schedule"]
        assert (page.status_code, form.errors, form["on"].value()) == (422, {"on": [error]}, day)
        assert error in text_of(page)

    def test_scheduled_and_taken_off(self, writer: Client) -> None:
        there = make_brief("approved")
        typed = as_sent(writer.get(address("overview", there.slug)), on="2027-02-15")
        done = writer.post(address("move", there.slug, "schedule"), typed)
        assert "It is published on February 15, 2027 at 9:00 a.m., Toronto time." in text_of(
            writer.get(done["Location"])
        )
        again = self.go(writer, there, "schedule", on="2027-02-16")
        assert said(writer, again) == ["Already done by Uma Sharma: it is “Scheduled”."]
        assert said(writer, self.go(writer, there, "schedule", on="")) == [
            "Already done by Uma Sharma: it is “Scheduled”."
        ]
        self.go(writer, there, "unschedule")
        assert (read(there).state, read(there).publish_on) == ("approved", None)

    def test_withdrawn_with_both_reasons(self, client: Client, priya: Any) -> None:
        there = make_brief("published")
        client.force_login(priya)
        page = self.go(client, there, "withdraw", why_en="Retracted.", why_fr="")
        form = page.context["forms"]["withdraw"]
        assert (page.status_code, form.errors, form["why_en"].value()) == (
            422,
            {"why_fr": ["This field is required."]},
            "Retracted.",
        )
        assert said(client, self.go(client, there, "withdraw", why_en="Retracted.", why_fr="Rétractée.")) == [
            "Withdrawn."
        ]
        assert (read(there).state, read(there).withdrawn_why_fr) == ("withdrawn", "Rétractée.")

    def test_the_door(self, writer: Client, client: Client, priya: Any, rene: Any) -> None:
        there = make_brief("approved")
        assert self.go(writer, there, "nonsense").status_code == 404
        assert writer.get(address("move", there.slug, "publish")).status_code == 405
        for person in (priya, rene):
            client.force_login(person)
            assert self.go(client, there, "publish").status_code == 403
        assert read(there).state == "approved"
