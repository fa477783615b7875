"""A consultation: its days, who is asked, comments line by line, answers, and the end of it."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation

from cmncp_portal.core.editing import Conflict
from cmncp_portal.core.workflow import TransitionRefused
from cmncp_portal.network.models import Stakeholder, Standing
from cmncp_portal.network.tests.factories import make_municipality, make_stakeholder
from cmncp_portal.testing.mailbag import Mailbag, forget
from cmncp_portal.testing.pages import as_sent, said, text_of
from training.models import Comment, CommentInvitee, StandardVersion
from training.services import commenting, consulting

from .factories import make_author, make_module, make_version
from .test_standards_reading import PUBLIC, address, make_large, over

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
mail = Mailbag("training")
DAYS = {"opens_on": date(2027, 2, 1), "closes_on": date(2027, 3, 1)}


def make_guest(version: StandardVersion, email: str = "gail@college.example", **fields: Any) -> CommentInvitee:
    return CommentInvitee.objects.create(version=version, **({"name": "Gail Roy", "email": email} | fields))


def make_comment(version: StandardVersion, by: Any, words: str = "Say more.", **fields: Any) -> Comment:
    """A comment by an account, or by a guest."""
    guest = by if isinstance(by, CommentInvitee) else None
    who = {"invitee": guest} if guest else {"by": by}
    return Comment.objects.create(
        standard_version=version, words=words, language="en", name=by.name, email=by.email, **who, **fields
    )


def answer(comment: Comment, by: Any, verdict: str = "accepted", why: str = "Done.") -> None:
    comment.refresh_from_db()
    commenting.answer_comment(comment, seen=comment.version, verdict=verdict, why=why, by=by)


class TestOpening:
    def test_who_is_asked(
        self, uma: Any, amina: Any, joseph: Any, luc: Any, ann: Any, joan: Any, thunder_bay: Any
    ) -> None:
        version = make_version("draft", **DAYS)
        make_author(make_module("agreed"), ann)
        make_guest(version)
        make_guest(version, "silent@college.example", name="Sil", wants_no_more=True)
        make_stakeholder(thunder_bay, name="Tom", email="tom@thunderbay.example", standing=Standing.STAFF)
        make_stakeholder(make_municipality("stranger", member=False), standing=Standing.REPRESENTATIVE)
        consulting.open_consultation(version, by=uma)
        assert mail.to("consultation_opened") == [
            "amina@thunderbay.example", "ann@college.example", "gail@college.example", "joseph@thunderbay.example",
            "luc@gatineau.example", "tom@thunderbay.example",
        ]  # fmt: skip
        letters = {letter.to_email: letter for letter in mail.written("consultation_opened")}
        gail, tom = version.invitees.get(name="Gail Roy"), version.invitees.get(name="Tom")
        assert address("version", version) in letters["amina@thunderbay.example"].text
        assert f"/en/training/consultation/{gail.token}/" in letters["gail@college.example"].text
        assert f"/en/training/consultation/{tom.token}/" in letters["tom@thunderbay.example"].text
        assert letters["luc@gatineau.example"].subject.endswith("(commentaires d’ici le 1er\u00a0mars\u00a02027)")
        assert {g.invited_at is not None for g in version.invitees.exclude(wants_no_more=True)} == {True}

    def test_once(self, uma: Any, amina: Any) -> None:
        version = make_version("draft", **DAYS)
        consulting.open_consultation(version, by=uma)
        with pytest.raises(TransitionRefused, match="Already done by Uma Sharma") as refused:
            consulting.open_consultation(version, by=uma)
        assert refused.value.done_already is True
        assert mail.to("consultation_opened") == ["amina@thunderbay.example"]

    def test_once_more_is_asked_anew(self, uma: Any, amina: Any) -> None:
        version = make_version("draft", **DAYS)
        consulting.open_consultation(version, by=uma)
        consulting.close_consultation(version, by=uma)
        consulting.open_consultation(version, by=uma, again=True)
        assert mail.to("consultation_opened") == ["amina@thunderbay.example"] * 2

    def test_one_member_and_forty_cost_the_same(self, uma: Any) -> None:
        costs = []
        for members in (1, 40):
            while Stakeholder.objects.count() < members:
                make_stakeholder(make_municipality(), standing=Standing.REPRESENTATIVE)
            version = make_version("draft", **DAYS)
            with CaptureQueriesContext(connection) as asked:
                consulting.open_consultation(version, by=uma)
            costs.append(len(asked))
            assert version.invitees.count() == members
        assert costs[1] <= costs[0]


class TestPlan:
    def test_days_guests_letter_and_button(self, client: Client, uma: Any, amina: Any) -> None:
        version = make_version("draft")
        client.force_login(uma)
        there = address("consultation", version)
        assert "Say from when until when people can comment." in text_of(client.get(there))
        days = {"act": "days", "version": "1", "opens_on": "2027-02-01", "closes_on": "2027-02-10"}
        page = client.post(there, days)
        assert (page.status_code, page.context["days"].errors) == (
            422, {"closes_on": ["Leave people at least 14 days to comment."]},
        )  # fmt: skip
        assert client.post(there, days | {"closes_on": "2027-02-15"}).status_code == 302
        rows = {"act": "guests", "guest-TOTAL_FORMS": "5", "guest-INITIAL_FORMS": "0", "guest-0-name": "Gail Roy"}
        page = client.post(there, rows)
        assert page.status_code == 422
        assert "Gail Roy" in text_of(page)
        rows |= {"guest-0-email": "Gail@College.example", "guest-0-organisation": "Lakeside College"}
        assert said(client, client.post(there, rows)) == ["One person is on the list now."]
        assert said(client, client.post(there, rows)) == ["All of them were on the list already."]
        page = text_of(client.get(there))
        assert "2 people are told when you open it." in page
        assert "Say what you think: Community safety strategies, version 1" in page
        client.post(address("version_move", version, "open_consultation"))
        assert mail.to("consultation_opened") == ["amina@thunderbay.example", "gail@college.example"]

    def test_a_guest_who_is_added_later_is_asked_at_once(self, client: Client, uma: Any, amina: Any) -> None:
        version = make_version("draft", **DAYS)
        consulting.open_consultation(version, by=uma)
        guest = {"name": "Gail", "email": "gail@college.example", "organisation": "", "language": "fr"}
        assert consulting.invite_guests(version, guests=[guest], by=uma) == 1
        assert mail.to("consultation_opened") == ["amina@thunderbay.example", "gail@college.example"]
        gail = version.invitees.get()
        there = address("consultation", version)
        client.force_login(uma)
        client.post(there, {"act": "remove", "guest": gail.pk})
        again = client.post(there, {"act": "remove", "guest": gail.pk})
        assert said(client, again)[-1] == "This person was taken off the list already."
        assert CommentInvitee.from_token(gail.token) is None

    def test_two_who_set_the_days(self, client: Client, uma: Any) -> None:
        version = make_version("draft", **DAYS)
        client.force_login(uma)
        there = address("consultation", version)
        mine = {"act": "days", "version": "1", "opens_on": "2027-02-02", "closes_on": "2027-03-08"}
        StandardVersion.objects.filter(pk=version.pk).update(version=2, closes_on=date(2027, 3, 15))
        page = client.post(there, mine)
        assert page.status_code == 409
        chosen = as_sent(page) | {"choose-opens_on": "mine", "choose-closes_on": "theirs"}
        assert client.post(there, chosen).status_code == 302
        version.refresh_from_db()
        assert (version.opens_on, version.closes_on) == (date(2027, 2, 2), date(2027, 3, 15))

    def test_the_last_day_that_people_know_only_moves_later(self, uma: Any) -> None:
        version = make_version("consultation")
        with pytest.raises(TransitionRefused, match="until February 26, 2027: the last day can only move later"):
            consulting.plan_days(version, seen=1, opens_on=None, closes_on=date(2027, 2, 25), by=uma)
        consulting.plan_days(version, seen=1, opens_on=None, closes_on=date(2027, 3, 5), by=uma)
        with pytest.raises(Conflict):
            consulting.plan_days(version, seen=1, opens_on=None, closes_on=date(2027, 3, 6), by=uma)
        with pytest.raises(TransitionRefused):
            consulting.plan_days(make_version("adopted"), seen=1, **DAYS, by=uma)

    def test_who_may(self, client: Client, rosa: Any) -> None:
        version = make_version("consultation")
        client.force_login(rosa)
        assert client.get(address("consultation", version)).status_code == 403
        assert client.post(address("version_move", version, "close_consultation")).status_code == 403
        assert client.post(address("version_move", version, "supersede")).status_code == 404
        with pytest.raises(PermissionDenied):
            consulting.open_consultation(make_version("draft", **DAYS), by=rosa)


class TestComments:
    def test_on_a_line_of_a_criterion(self, client: Client, joseph: Any, thunder_bay: Any) -> None:
        version = make_version("consultation")
        text = version.texts.in_order()[0]
        criterion = text.criteria.first()
        client.force_login(joseph)
        there = address("competency", version, text.competency_id)
        data = as_sent(client.get(there), words="Too long.", criterion=str(criterion.pk))
        add = f"{address('comment_add', version)}?competency={text.competency_id}"
        done = client.post(add, data)
        assert done["Location"] == there
        made = Comment.objects.get()
        assert (made.text, made.criterion, made.words, made.name, made.municipality, made.language) == (
            text, criterion, "Too long.", "Joseph Kakegamic", thunder_bay, "en",
        )  # fmt: skip
        again = client.post(add, data)
        assert said(client, again)[-1] == "You made this comment already."
        empty = client.post(add, data | {"words": " ", "criterion": str(criterion.pk)})
        assert (empty.status_code, f'value="{criterion.pk}" selected' in text_of(empty)) == (422, True)
        assert client.post(f"{address('comment_add', version)}?competency=999999", data).status_code == 404
        client.logout()
        page = text_of(client.get(address("comments", version)))
        assert ["Too long." in page, "Thunder Bay" in page, "joseph@" in page] == [True, True, False]

    def test_who_may(self, client: Client, rene: Any, ann: Any) -> None:
        version = make_version("consultation")
        there = address("comment_add", version)
        assert client.post(there, {"words": "x"}).status_code == 302  # to the sign-in
        client.force_login(rene)
        assert client.post(there, {"words": "x"}).status_code == 403
        client.force_login(ann)
        assert client.post(there, {"words": "x"}).status_code == 403
        make_author(make_module("agreed"), ann)
        assert client.post(there, {"words": "On the whole: good."}).status_code == 302
        assert Comment.objects.get().text is None

    @pytest.mark.parametrize(
        ("moment", "may"),
        [
            (datetime(2027, 2, 27, 4, 59, tzinfo=UTC), True),  # the last minute of February 26 at the office
            (datetime(2027, 2, 27, 5, 0, tzinfo=UTC), False),
        ],
    )
    def test_until_midnight_of_the_last_day_at_the_office(
        self, client: Client, clock: Any, rosa: Any, moment: datetime, may: bool
    ) -> None:
        version = make_version("consultation")
        clock.move_to(moment)
        client.force_login(rosa)  # of Saskatoon, where it is an hour earlier
        client.post(address("comment_add", version), {"words": "Late?"})
        assert Comment.objects.exists() is may

    def test_change_and_withdraw_ones_own(self, client: Client, amina: Any, joseph: Any) -> None:
        version = make_version("consultation")
        comment = make_comment(version, amina)
        edit, withdraw = (address("comment_act", version, comment.pk, name) for name in ("edit", "withdraw"))
        client.force_login(joseph)
        assert {client.post(edit, {"words": "x"}).status_code, client.post(withdraw).status_code} == {403}
        client.force_login(amina)
        mine = as_sent(client.get(edit), words="Say less.")
        assert client.post(edit, mine).status_code == 302
        assert client.post(edit, mine | {"words": "Another window."}).status_code == 409
        comment.refresh_from_db()
        assert comment.words == "Say less."
        client.post(withdraw)
        assert "Say less." not in text_of(client.get(address("comments", version)))
        assert client.post(withdraw).status_code == 404
        Comment.objects.update(withdrawn_at=None)
        StandardVersion.objects.update(state="answering")
        assert said(client, client.post(withdraw))[-1] == "The consultation is closed: comments stay as they are."


class TestGuest:
    def test_comments_without_an_account(self, client: Client) -> None:
        version = make_version("consultation")
        guest = make_guest(version, organisation="Lakeside College", language="fr")
        text = version.texts.in_order()[0]
        with translation.override("fr"):
            there = reverse("training:guest", args=[guest.token])
            act = lambda name: reverse("training:guest_act", args=[guest.token, name])  # noqa: E731
            page = client.get(f"{there}?competency={text.competency_id}")
            assert (page.status_code, page["X-Robots-Tag"]) == (200, "noindex, nofollow")
            assert "Diagnostic 1" in text_of(page)
            line = f"?competency={text.competency_id}"
            assert client.post(act("comment") + line, {"words": "C’est court."}).status_code == 302
            wrong = client.post(act("comment") + line, {"words": ""})
            assert (wrong.status_code, "Diagnostic 1" in text_of(wrong)) == (422, True)
            made = Comment.objects.get()
            assert (made.invitee, made.text, made.language, made.organisation) == (
                guest,
                text,
                "fr",
                "Lakeside College",
            )
            edited = {"comment": made.pk, "version": 1, "words": "C’est trop court."}
            assert client.post(act("edit"), edited).status_code == 302
            stale = client.post(act("edit"), edited | {"words": "Autre fenêtre."})
            assert (stale.status_code, "Autre fenêtre." in text_of(stale)) == (422, True)
            other = make_comment(version, make_guest(version, "ben@college.example"))
            assert client.post(act("withdraw"), {"comment": other.pk}).status_code == 404
            assert client.post(act("withdraw"), {"comment": made.pk}).status_code == 302
            made.refresh_from_db()
            assert (made.words, made.withdrawn_at is not None) == ("C’est trop court.", True)
            assert client.post(act("nonsense")).status_code == 404
            client.post(act("stop"))
            guest.refresh_from_db()
            assert guest.wants_no_more is True
            client.post(act("not-me"))
            assert client.get(there).status_code == 404

    @pytest.mark.parametrize("many", [False, True])
    def test_what_the_page_costs(self, client: Client, many: bool) -> None:
        version = make_version("consultation")
        guest = make_guest(version)
        text = version.texts.in_order()[0]
        if many:
            make_large(version)
            for number in range(30):
                make_comment(version, guest, f"{number}", text=text)
        there = reverse("training:guest", args=[guest.token])
        assert over(client, [there, f"{there}?competency={text.competency_id}"], PUBLIC) == {}

    def test_a_lost_link_comes_once_an_hour(self, clock: Any) -> None:
        guest = make_guest(make_version("consultation"), invited_at=datetime(2027, 1, 18, tzinfo=UTC))
        assert [consulting.send_links_again(" Gail@College.example") for _n in range(2)] == [1, 0]
        assert guest.token in mail.written("consultation_link")[0].text
        assert consulting.send_links_again("nobody@college.example") == 0
        clock.move_to(datetime(2027, 2, 1, 16, 1, tzinfo=UTC))
        assert consulting.send_links_again("gail@college.example") == 1

    def test_not_me_is_not_asked_again_and_hears_of_no_answer(self, uma: Any, priya: Any, thunder_bay: Any) -> None:
        version = make_version("draft", **DAYS)
        make_stakeholder(thunder_bay, name="Tom", email="tom@thunderbay.example", standing=Standing.STAFF)
        consulting.open_consultation(version, by=uma)
        guest = version.invitees.get(email="tom@thunderbay.example")
        comment = make_comment(version, guest)
        old = guest.token
        consulting.not_me(guest)
        assert CommentInvitee.from_token(old) is None
        comment.refresh_from_db()
        assert (comment.name, comment.email, comment.words) == ("Name removed", "", "Say more.")
        consulting.close_consultation(version, by=uma)
        forget()
        consulting.open_consultation(StandardVersion.objects.get(), by=uma, again=True)
        assert "tom@thunderbay.example" not in mail.to("consultation_opened")
        consulting.close_consultation(version, by=uma)
        answer(comment, uma)
        forget()
        assert consulting.send_answers(version, by=uma) == 0
        with pytest.raises(TransitionRefused, match="Everybody was told of the answers already."):
            consulting.send_answers(version, by=uma)
        assert mail.written("comment_answers") == []

    def test_who_stopped_does_not_keep_the_answers_from_being_told(self, uma: Any) -> None:
        version = make_version("answering")
        comment = make_comment(version, make_guest(version, wants_no_more=True))
        answer(comment, uma)
        assert consulting.send_answers(version, by=uma) == 0
        comment.refresh_from_db()
        assert (comment.told_at is None, mail.written("comment_answers")) == (False, [])

    def test_the_page_for_lost_links_sends_it_too(self, client: Client) -> None:
        guest = make_guest(make_version("consultation"), invited_at=datetime(2027, 1, 18, tzinfo=UTC))
        answers = [
            said(client, client.post(reverse("training:lost_link"), {"email": email}))
            for email in (guest.email, "nobody@college.example")
        ]
        assert answers[0] == answers[1]
        assert mail.to("consultation_link") == [guest.email]


class TestAnswers:
    def test_each_answer_says_why(self, client: Client, uma: Any, amina: Any) -> None:
        version = make_version("answering")
        comment, other = make_comment(version, amina), make_comment(version, amina, "Shorter.")
        client.force_login(uma)
        there = address("answers", version)
        wrong = client.post(there, {"comment": comment.pk, "version": 1, "verdict": "declined", "answer": " "})
        assert (wrong.status_code, "Say more." in text_of(wrong)) == (422, True)
        data = {"comment": comment.pk, "version": 1, "verdict": "partly", "answer": "In 1.2 only."}
        assert said(client, client.post(there, data)) == ["The answer is kept."]
        assert said(client, client.post(there, data))[-1] == "Already answered so by Uma Sharma."
        stale = client.post(there, data | {"answer": "Somebody else says so."})
        assert [w in text_of(stale) for w in ("In 1.2 only.", "Somebody else says so.")] == [True, True]
        assert stale.status_code == 409
        chosen = as_sent(stale) | {"choose-answer": "mine", "answer": "In 1.2 and 1.3."}
        assert said(client, client.post(there, chosen))[-1] == "The answer is kept."
        comment.refresh_from_db()
        assert (comment.verdict, comment.answer, comment.answered_by) == ("partly", "In 1.2 and 1.3.", uma)
        assert [c for c, _form in client.get(there).context["rows"]] == [other]
        assert [c for c, _form in client.get(f"{there}?answer=partly").context["rows"]] == [comment]
        assert len(client.get(f"{there}?answer=").context["rows"]) == 2

    @pytest.mark.parametrize("state", ["consultation", "adopted"])
    def test_neither_before_nor_after(self, uma: Any, amina: Any, state: str) -> None:
        comment = make_comment(make_version(state), amina)
        with pytest.raises(TransitionRefused, match="between the end of the consultation and the adoption"):
            answer(comment, uma)

    def test_who_may(self, client: Client, amina: Any) -> None:
        version = make_version("answering")
        client.force_login(amina)
        assert client.get(address("answers", version)).status_code == 403
        with pytest.raises(PermissionDenied):
            answer(make_comment(version, amina), amina)

    def test_one_letter_to_each_with_all_that_is_new(self, client: Client, uma: Any, amina: Any, luc: Any) -> None:
        version = make_version("answering")
        text = version.texts.in_order()[0]
        guest = make_guest(version)
        one, two = make_comment(version, amina, "A.", text=text), make_comment(version, amina, "B.")
        three, four = make_comment(version, luc, "C."), make_comment(version, guest, "D.")
        for comment in (one, two, three):
            answer(comment, uma, why=f"Because of {comment.words}")
        client.force_login(uma)
        there = address("answers", version)
        assert said(client, client.post(there, {"act": "send"})) == ["2 people are told."]
        assert said(client, client.post(there, {"act": "send"})) == ["Everybody was told of the answers already."]
        letters = {letter.to_email: letter.text for letter in mail.written("comment_answers")}
        assert sorted(letters) == ["amina@thunderbay.example", "luc@gatineau.example"]
        words = ("1.1 Diagnosis 1", "Because of A.", "The whole version", "Because of B.", "Because of C.")
        assert [w in letters["amina@thunderbay.example"] for w in words] == [True, True, True, True, False]
        forget()
        answer(four, uma)
        answer(one, uma, "declined", "We thought again.")
        client.post(there, {"act": "send"})
        letters = {letter.to_email: letter.text for letter in mail.written("comment_answers")}
        assert sorted(letters) == ["amina@thunderbay.example", "gail@college.example"]
        assert [
            "We thought again." in letters["amina@thunderbay.example"],
            guest.token in letters["gail@college.example"],
        ] == [True, True]
