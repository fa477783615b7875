"""Showing one's own work, from the draft to the answer; on the screens of both sides."""

import threading
from datetime import UTC, datetime
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cmncp_portal.core.editing import Conflict
from cmncp_portal.core.workflow import TransitionRefused
from cmncp_portal.network.models import Standing
from cmncp_portal.network.tests.factories import make_stakeholder
from cmncp_portal.testing.mailbag import Mailbag
from cmncp_portal.testing.pages import as_sent, said, text_of
from training.models import Attainment, Certificate, CompetencyText, EvidenceClaim, Learner, StandardVersion
from training.services import evidence, people_sweep
from training.services.learners import learner_of_user

from .factories import make_claim, make_learner, make_version

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
mail = Mailbag("training")
WORDS = "I led the diagnosis of 2026."


@pytest.fixture
def text() -> CompetencyText:
    return make_version("adopted").texts.in_order().select_related("domain", "version")[0]


@pytest.fixture
def learner(joseph: Any) -> Learner:
    return learner_of_user(joseph)


@pytest.fixture
def pdf() -> SimpleUploadedFile:
    return SimpleUploadedFile("plan.pdf", b"%PDF-1.7 x", content_type="application/pdf")


def url(name: str, *args: Any) -> str:
    return reverse(f"training:{name}", args=args)


# ---- the services


def test_from_draft_to_certificate(text: CompetencyText, learner: Learner, joseph: Any, uma: Any, priya: Any) -> None:
    claim = evidence.begin(learner, text=text, level=2, by=joseph, words=WORDS)
    assert (claim.state, mail.written()) == ("draft", [])
    evidence.send(claim, by=joseph)
    assert mail.to("evidence_received") == ["priya@network.example", "uma@university.example"]
    evidence.ask_more(claim, seen=claim.version, note="By which data?", by=uma)
    assert (claim.state, claim.answer, claim.answered_by_name) == ("more_asked", "By which data?", "Uma Sharma")
    evidence.keep(claim, seen=claim.version, by=joseph, words="With police and health data.")
    evidence.send(claim, by=joseph)
    certificate = evidence.accept(claim, seen=claim.version, by=priya)
    assert mail.kinds_to("joseph@thunderbay.example") == ["evidence_more", "evidence_accepted"]
    assert mail.to("evidence_received") == []  # those that had not left are taken back
    [attainment] = Attainment.objects.all()
    assert (attainment.claim, attainment.level, attainment.competency_id) == (claim, 2, text.competency_id)
    assert str(attainment.attained_on) == "2027-02-01"
    assert (certificate.claim, certificate.name, certificate.title_en) == (claim, "Joseph Kakegamic", "Diagnosis 1")
    assert certificate.lines == [{"code": "1.1", "en": "Diagnosis 1", "fr": "Diagnostic 1", "level": 2}]
    assert certificate.standard_en == "Community safety strategies, version 1"
    assert [c.transition for c in claim.changes.all()] == ["send", "ask_more", "send", "accept"]


def test_without_words_it_is_not_sent(text: CompetencyText, learner: Learner, joseph: Any) -> None:
    claim = evidence.begin(learner, text=text, level=2, by=joseph, words="  ")
    with pytest.raises(TransitionRefused, match="Say what you did"):
        evidence.send(claim, by=joseph)


def test_one_open_at_a_time(text: CompetencyText, learner: Learner, joseph: Any) -> None:
    make_claim(learner, text, "sent")
    with pytest.raises(TransitionRefused, match="already"):
        evidence.begin(learner, text=text, level=2, by=joseph, words=WORDS)
    assert evidence.begin(learner, text=text, level=3, by=joseph, words=WORDS).level == 3


def test_nobody_judges_their_own_or_their_neighbours(
    text: CompetencyText, learner: Learner, joseph: Any, uma: Any, priya: Any, amina: Any
) -> None:
    make_stakeholder(learner.stakeholder.municipality, user=priya, standing=Standing.STAFF)  # type: ignore[union-attr]
    claim = make_claim(learner, text, "draft")
    evidence.send(claim, by=joseph)
    assert mail.to("evidence_received") == ["uma@university.example"]
    own = make_claim(make_learner(user=uma), text)
    for one, by in ((claim, priya), (claim, amina), (claim, joseph), (own, uma)):
        with pytest.raises(PermissionDenied):
            evidence.accept(one, seen=one.version, by=by)
    assert Certificate.objects.count() == 0


@pytest.mark.parametrize("name", ["ask_more", "decline"])
def test_the_other_answers_need_words(text: CompetencyText, learner: Learner, uma: Any, name: str) -> None:
    claim = make_claim(learner, text)
    with pytest.raises(TransitionRefused, match="reason"):
        getattr(evidence, name)(claim, seen=1, note=" ", by=uma)


def test_declined_with_the_reason(text: CompetencyText, learner: Learner, uma: Any) -> None:
    claim = make_claim(learner, text)
    evidence.decline(claim, seen=1, note="It shows one meeting only.", by=uma)
    assert (claim.state, Attainment.objects.count()) == ("declined", 0)
    [letter] = mail.written("evidence_declined")
    assert "> It shows one meeting only." in letter.text


def test_what_changed_since_it_was_read_is_read_again(
    text: CompetencyText, learner: Learner, joseph: Any, uma: Any, priya: Any
) -> None:
    claim = make_claim(learner, text)
    evidence.ask_more(claim, seen=1, note="More, please.", by=priya)
    evidence.keep(claim, seen=1, by=joseph, words="Less.")
    evidence.send(claim, by=joseph)
    with pytest.raises(TransitionRefused, match="changed since you read it"):
        evidence.accept(claim, seen=1, by=uma)
    claim.refresh_from_db()
    assert (claim.state, Attainment.objects.count()) == ("sent", 0)


def test_the_second_answer_is_told_of_the_first(text: CompetencyText, learner: Learner, uma: Any, priya: Any) -> None:
    claim = make_claim(learner, text)
    evidence.accept(claim, seen=1, by=uma)
    with pytest.raises(TransitionRefused, match="Already done by Uma Sharma") as again:
        evidence.accept(claim, seen=1, by=priya)
    assert again.value.done_already
    with pytest.raises(TransitionRefused, match="Accepted"):
        evidence.decline(claim, seen=1, note="No.", by=priya)
    assert (Attainment.objects.count(), Certificate.objects.count()) == (1, 1)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_two_assessors_at_once(text: CompetencyText, learner: Learner, uma: Any, priya: Any) -> None:
    claim = make_claim(learner, text)
    found: list[str] = []

    def accept(by: Any) -> None:
        try:
            evidence.accept(EvidenceClaim.objects.get(pk=claim.pk), seen=1, by=by)
            found.append("done")
        except TransitionRefused as refused:
            found.append("already" if refused.done_already else str(refused))
        finally:
            connection.close()

    threads = [threading.Thread(target=accept, args=[by]) for by in (uma, priya)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == ["already", "done"]
    assert (Attainment.objects.count(), Certificate.objects.count()) == (1, 1)


def test_it_is_sent_against_the_version_in_force(text: CompetencyText, learner: Learner, joseph: Any) -> None:
    claim = make_claim(learner, text, "draft")
    StandardVersion.objects.update(state="superseded", superseded_on="2027-01-25")
    with pytest.raises(TransitionRefused, match="no longer asks"):
        evidence.send(claim, by=joseph)
    new = make_version("adopted", standard=text.version.standard)
    evidence.send(claim, by=joseph)
    claim.refresh_from_db()
    assert claim.standard_version == new


def test_taken_back(text: CompetencyText, learner: Learner, joseph: Any, uma: Any) -> None:
    claim = make_claim(learner, text, "draft")
    evidence.send(claim, by=joseph)
    evidence.withdraw(claim, by=joseph)
    assert (claim.state, mail.to("evidence_received")) == ("withdrawn", [])
    with pytest.raises(TransitionRefused, match="Withdrawn"):
        evidence.accept(claim, seen=claim.version, by=uma)


@pytest.mark.usefixtures("media")
def test_a_file_that_is_replaced_is_deleted(
    text: CompetencyText, learner: Learner, joseph: Any, pdf: Any, django_capture_on_commit_callbacks: Any
) -> None:
    claim = evidence.begin(learner, text=text, level=2, by=joseph, words=WORDS, file=pdf, filename="plan.pdf")
    storage, first = claim.file.storage, claim.file.name
    other = SimpleUploadedFile("new.pdf", b"%PDF-1.7 y")
    with django_capture_on_commit_callbacks(execute=True):
        evidence.keep(claim, seen=1, by=joseph, words=WORDS, file=other, filename="new.pdf")
    claim.refresh_from_db()
    assert (storage.exists(first), claim.file.read(), claim.filename) == (False, b"%PDF-1.7 y", "new.pdf")
    second = claim.file.name
    claim.file.close()
    with django_capture_on_commit_callbacks(execute=True):
        evidence.keep(claim, seen=2, by=joseph, file="", filename="")
    claim.refresh_from_db()
    assert (storage.exists(second), bool(claim.file)) == (False, False)
    with pytest.raises(Conflict):
        evidence.keep(claim, seen=1, by=joseph, words="Late")


@pytest.fixture
def media(tmp_path: Any, settings: Any) -> None:
    settings.MEDIA_ROOT = tmp_path


class TestReminder:
    """Sent on Wednesday, January 20; ten working days later is Wednesday, February 3."""

    @pytest.mark.parametrize(
        ("at", "letters"),
        [
            (datetime(2027, 2, 2, 20, tzinfo=UTC), 0),
            (datetime(2027, 2, 3, 13, tzinfo=UTC), 0),  # 8:00 in Toronto
            (datetime(2027, 2, 3, 14, tzinfo=UTC), 1),
            (datetime(2027, 2, 4, 14, tzinfo=UTC), 1),  # a portal that slept
            (datetime(2027, 2, 9, 14, tzinfo=UTC), 0),
        ],
    )
    def test_after_ten_working_days(
        self, clock: Any, text: CompetencyText, learner: Learner, uma: Any, at: datetime, letters: int
    ) -> None:
        make_claim(learner, text)
        clock.move_to(at)
        assert (people_sweep.send_reminders(), people_sweep.send_reminders()) == (letters, 0)
        assert mail.to("evidence_waits") == ["uma@university.example"] * letters

    def test_not_of_what_was_answered(self, clock: Any, text: CompetencyText, learner: Learner, uma: Any) -> None:
        for state in ("draft", "more_asked", "accepted", "withdrawn"):
            make_claim(learner, text, state, sent_at="2027-01-20T15:00Z", level=1 if state == "more_asked" else 2)
        clock.move_to(datetime(2027, 2, 3, 14, tzinfo=UTC))
        assert people_sweep.send_reminders() == 0


# ---- one's own screens


class TestShowing:
    def test_kept_then_sent(self, client: Any, text: CompetencyText, joseph: Any, uma: Any) -> None:
        client.force_login(joseph)
        page = client.get(url("evidence"), {"competency": text.pk, "level": 2})
        answer = client.post(url("evidence"), as_sent(page, words=WORDS, what="keep"))
        claim = EvidenceClaim.objects.get()
        assert (answer["Location"], claim.state, claim.level) == (url("evidence_edit", claim.pk), "draft", 2)
        page = client.get(answer["Location"])
        answer = client.post(answer["Location"], as_sent(page, words="Better.", what="send"))
        assert said(client, answer) == ["It is with the assessors. You hear from them by email."]
        claim.refresh_from_db()
        assert (claim.state, claim.words, claim.version) == ("sent", "Better.", 3)
        assert 'class="form"' not in text_of(client.get(answer["Location"])).partition("<aside")[0]

    def test_wrong_input_comes_back_with_everything_typed(self, client: Any, text: CompetencyText, joseph: Any) -> None:
        client.force_login(joseph)
        typed = {"competency": "", "level": "3", "words": WORDS, "url": "not an address"}
        wrong = SimpleUploadedFile("plan.exe", b"MZ")
        answer = client.post(url("evidence"), typed | {"file": wrong})
        assert answer.status_code == 422
        assert set(answer.context["form"].errors) == {"competency", "url", "file"}
        back = as_sent(answer)
        assert {name: back[name] for name in ("level", "words", "url")} == {
            "level": "3", "words": WORDS, "url": "not an address",
        }  # fmt: skip
        assert EvidenceClaim.objects.count() == 0

    def test_the_same_twice(self, client: Any, text: CompetencyText, learner: Learner, joseph: Any) -> None:
        make_claim(learner, text, "draft")
        client.force_login(joseph)
        answer = client.post(url("evidence"), {"competency": text.pk, "level": "2", "words": WORDS})
        assert answer.status_code == 422
        assert "You are showing evidence for this competency and level already." in text_of(answer)

    def test_two_windows(self, client: Any, text: CompetencyText, learner: Learner, joseph: Any) -> None:
        claim = make_claim(learner, text, "draft")
        client.force_login(joseph)
        page = client.get(url("evidence_edit", claim.pk))
        client.post(url("evidence_edit", claim.pk), as_sent(page, words="First window"))
        answer = client.post(url("evidence_edit", claim.pk), as_sent(page, words="Second window"))
        assert answer.status_code == 409
        assert ("First window" in text_of(answer), "Second window" in text_of(answer)) == (True, True)

    def test_a_second_click_and_the_wrong_moment(
        self, client: Any, text: CompetencyText, learner: Learner, joseph: Any
    ) -> None:
        claim = make_claim(learner, text, "sent")
        client.force_login(joseph)
        act = url("evidence_act", claim.pk, "withdraw")
        assert said(client, client.post(act)) == ["It is withdrawn."]
        assert said(client, client.post(act)) == ["Already done by Joseph Kakegamic: it is “Withdrawn”."]
        changed = client.post(url("evidence_edit", claim.pk), {"words": "Late", "version": "1"})
        assert said(client, changed) == ["This is not possible while it is “Withdrawn”."]
        assert client.post(url("evidence_act", claim.pk, "accept")).status_code == 404
        assert client.get(act).status_code == 405

    def test_nobody_else_opens_it(
        self, client: Any, text: CompetencyText, learner: Learner, amina: Any, uma: Any, rosa: Any
    ) -> None:
        claim = make_claim(learner, text, "sent")
        for user in (amina, uma, rosa):
            client.force_login(user)
            assert client.get(url("evidence_edit", claim.pk)).status_code == 404
            assert client.post(url("evidence_act", claim.pk, "withdraw")).status_code == 404

    @pytest.mark.usefixtures("media")
    def test_the_file_is_for_the_person_and_the_assessors(
        self, client: Any, text: CompetencyText, joseph: Any, amina: Any, uma: Any, pdf: Any
    ) -> None:
        client.force_login(joseph)
        client.post(url("evidence"), {"competency": text.pk, "level": "2", "words": WORDS, "file": pdf, "what": "keep"})
        claim = EvidenceClaim.objects.get()
        found = {}
        for state in ("draft", "sent"):
            EvidenceClaim.objects.update(state=state)
            for user in (joseph, uma, amina):
                client.force_login(user)
                answer = client.get(url("evidence_file", claim.pk))
                found[state, user.name.split()[0]] = answer.status_code
                if answer.status_code == 200:
                    assert b"".join(answer.streaming_content) == b"%PDF-1.7 x"
        assert found == {
            ("draft", "Joseph"): 200, ("draft", "Uma"): 404, ("draft", "Amina"): 404,
            ("sent", "Joseph"): 200, ("sent", "Uma"): 200, ("sent", "Amina"): 404,
        }  # fmt: skip


# ---- the assessors' screens


class TestAssessing:
    def test_the_list_and_the_answer(self, client: Any, text: CompetencyText, learner: Learner, uma: Any) -> None:
        claim = make_claim(learner, text)
        client.force_login(uma)
        page = text_of(client.get(url("claims")))
        assert ("Diagnosis 1" in page, "Joseph Kakegamic" in page) == (True, True)
        page = text_of(client.get(url("claim", claim.pk)))
        assert ("Shows it at level 2." in page, "Shows it at level 3." in page) == (True, False)
        answer = client.post(url("claim_act", claim.pk, "accept"), {"seen": "1", "note": "Well done."})
        assert said(client, answer) == ["It is accepted. Joseph Kakegamic gets a certificate."]
        answer = client.post(url("claim_act", claim.pk, "accept"), {"seen": "1"})
        assert said(client, answer) == ["Already done by Uma Sharma: it is “Accepted”."]
        assert "Nothing waits for an answer." in text_of(client.get(url("claims")))
        assert "Diagnosis 1" in text_of(client.get(url("claims"), {"show": "answered"}))

    def test_an_answer_without_its_reason_comes_back(
        self, client: Any, text: CompetencyText, learner: Learner, uma: Any
    ) -> None:
        claim = make_claim(learner, text)
        client.force_login(uma)
        answer = client.post(url("claim_act", claim.pk, "decline"), {"seen": "1", "note": ""})
        assert (answer.status_code, "decline_note" in text_of(answer)) == (422, True)
        long = "x" * 3001
        answer = client.post(url("claim_act", claim.pk, "ask_more"), {"seen": "1", "note": long})
        assert (answer.status_code, long in text_of(answer)) == (422, True)
        assert client.post(url("claim_act", claim.pk, "send"), {"seen": "1"}).status_code == 404

    def test_who_may_read_it(
        self, client: Any, text: CompetencyText, learner: Learner, joseph: Any, amina: Any, uma: Any, priya: Any
    ) -> None:
        make_stakeholder(learner.stakeholder.municipality, user=priya, standing=Standing.STAFF)  # type: ignore[union-attr]
        claim, draft = make_claim(learner, text), make_claim(learner, text, "draft", level=3)
        found = {}
        for user in (joseph, amina, uma, priya):
            client.force_login(user)
            pages = (url("claims"), url("claim", claim.pk), url("claim", draft.pk))
            found[user.name.split()[0]] = [client.get(page).status_code for page in pages]
        assert found == {
            "Joseph": [403, 403, 403],
            "Amina": [403, 403, 403],
            "Uma": [200, 200, 404],
            "Priya": [200, 404, 404],
        }
        assert client.post(url("claim_act", claim.pk, "accept"), {"seen": "1"}).status_code == 404

    def test_many_cost_what_one_costs(self, client: Any, text: CompetencyText, uma: Any) -> None:
        def cost() -> int:
            with CaptureQueriesContext(connection) as asked:
                client.get(url("claims"))
            return len(asked)

        make_claim(make_learner(), text)
        client.force_login(uma)
        cost()
        one = cost()
        for _n in range(20):
            make_claim(make_learner(), text)
        assert (cost(), one <= 8) == (one, True)
