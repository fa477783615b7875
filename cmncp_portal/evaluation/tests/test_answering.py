"""The screens of answering: works, in French, twice, too late, by the wrong person; and a GET never changes anything."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation

from cmncp_portal.evaluation import selectors, services
from cmncp_portal.evaluation.models import Answer, Invitation, Remark, Response
from cmncp_portal.evaluation.tests.factories import CLOSES, DUE, OPENS, make_invitation, make_response, make_survey

pytestmark = pytest.mark.django_db
SECOND = timedelta(seconds=1)


@pytest.fixture
def on_time() -> Any:
    with time_machine.travel(OPENS + timedelta(days=1), tick=False):
        yield


@pytest.fixture
def invitation() -> Invitation:
    return make_invitation(make_survey(), "Amina Diallo")


def link(invitation: Invitation, language: str = "en", name: str = "answer") -> str:
    with translation.override(language):
        return reverse(f"evaluation:{name}", args=[invitation.token])


def stored(invitation: Invitation) -> dict[str, Any]:
    return selectors.answers_of(selectors.response_of(invitation))


def test_the_links_are_in_both_languages(invitation: Invitation) -> None:
    assert link(invitation) == f"/en/surveys/{invitation.token}/"
    assert link(invitation, "fr") == f"/fr/sondages/{invitation.token}/"


def test_a_stranger_with_a_wrong_token_gets_404(client: Client, invitation: Invitation, on_time: None) -> None:
    for token in ("nonsense", "1.", f"{invitation.token}x", f"999999.{invitation.token.partition('.')[2]}"):
        for path in (f"/en/surveys/{token}/", f"/en/surveys/{token}/thanks/"):
            assert client.get(path).status_code == 404
        for path in ("remark", "not-me"):
            assert client.post(f"/en/surveys/{token}/{path}/", {"text": "x"}).status_code == 404


def test_opening_and_switching_language_creates_nothing(client: Client, invitation: Invitation, on_time: None) -> None:
    with CaptureQueriesContext(
        connection,
    ) as queries:
        pages = [client.get(link(invitation, language)) for language in ("en", "fr", "en")]
    assert [page.status_code for page in pages] == [200] * 3
    assert [q["sql"] for q in queries if not q["sql"].startswith("SELECT")] == []
    assert (Response.objects.count(), Answer.objects.count()) == (0, 0)


def test_the_page_asks_for_few_queries(client: Client, invitation: Invitation, on_time: None) -> None:
    services.save_draft(invitation, seen=0, language="en", values={"usefulness": 4, "hours": 3})
    with CaptureQueriesContext(connection) as queries:
        client.get(link(invitation))
    assert len(queries) <= 5


def test_the_page_says_who_is_asked_and_who_reads_and_is_for_nobody_else(
    client: Client, invitation: Invitation, on_time: None
) -> None:
    page = client.get(link(invitation))
    text = page.content.decode()
    assert "This invitation is for Amina Diallo." in text
    assert "The reviewers read your answers." in text
    assert "December 2, 2026, 5:00\u00a0p.m. (Winnipeg time)" in text
    assert (page["X-Robots-Tag"], page["Referrer-Policy"]) == ("noindex, nofollow", "same-origin")
    assert "no-store" in page["Cache-Control"] or "no-cache" in page["Cache-Control"]
    assert '<meta name="robots" content="noindex, nofollow">' in text
    assert "style=" not in text
    assert "onclick" not in text


def test_a_draft_is_kept_and_found_again_in_the_other_language(
    client: Client, invitation: Invitation, on_time: None
) -> None:
    typed = {"version": "0", "action": "switch", "return-visit": "yes", "hours": "2.5", "usefulness": "4"}
    answer = client.post(link(invitation), typed)
    assert (answer.status_code, answer["Location"]) == (302, link(invitation, "fr"))
    assert stored(invitation) == {"return-visit": "yes", "hours": 2.5, "usefulness": 4}
    page = client.get(link(invitation, "fr"))
    form = page.context["form"]
    assert [form[name].value() for name in ("return-visit", "hours", "usefulness", "version")] == ["yes", "2,5", "4", 1]
    back = client.post(
        link(invitation, "fr"),
        {"version": "1", "action": "save", "return-visit": "yes", "hours": "2,5", "usefulness": "4"},
    )
    assert back["Location"] == link(invitation, "fr")
    assert stored(invitation) == {"return-visit": "yes", "hours": 2.5, "usefulness": 4}
    assert selectors.response_of(invitation).submitted_at is None  # type: ignore[union-attr]


def test_sending_leads_to_thanks_that_say_who_reads(client: Client, invitation: Invitation, on_time: None) -> None:
    answer = client.post(link(invitation, "fr"), {"version": "0", "action": "submit", "usefulness": "5"})
    assert answer["Location"] == link(invitation, "fr", "thanks")
    page = client.get(answer["Location"])
    assert "L’équipe d’évaluation lit vos réponses." in page.content.decode()
    assert page.context["response"].language == "fr"
    assert selectors.has_submitted(invitation.survey) is True


def test_thanks_before_sending_lead_to_the_questions(client: Client, invitation: Invitation, on_time: None) -> None:
    assert client.get(link(invitation, name="thanks"))["Location"] == link(invitation)


def test_sending_without_a_required_answer_keeps_the_rest_and_says_what_is_missing(
    client: Client, invitation: Invitation, on_time: None
) -> None:
    page = client.post(link(invitation), {"version": "0", "action": "submit", "contribution": "A shelter"})
    assert page.status_code == 200
    assert list(page.context["form"].errors) == ["usefulness"]
    assert 'href="#id_usefulness_0"' in page.content.decode()
    assert stored(invitation) == {"contribution": "A shelter"}
    assert selectors.has_submitted(invitation.survey) is False
    again = client.post(
        link(invitation),
        {
            "version": page.context["form"]["version"].value(),
            "action": "submit",
            "usefulness": "3",
            "contribution": "A shelter",
        },
    )
    assert again["Location"] == link(invitation, name="thanks")


def test_a_megabyte_is_refused_kindly_and_the_rest_kept(client: Client, invitation: Invitation, on_time: None) -> None:
    page = client.post(
        link(invitation), {"version": "0", "action": "save", "contribution": "x" * 1_048_576, "usefulness": "2"}
    )
    assert page.status_code == 200
    assert "Please shorten this to 5000 characters" in page.content.decode()
    assert stored(invitation) == {"usefulness": 2}


def test_autosave_answers_with_the_version(client: Client, invitation: Invitation, on_time: None) -> None:
    first = client.post(link(invitation), {"version": "0", "hours": "3"}, headers={"X-Autosave": "1"})
    assert (first.status_code, first.json()) == (200, {"version": 1})
    second = client.post(
        link(invitation), {"version": "1", "hours": "nonsense", "usefulness": "1"}, headers={"X-Autosave": "1"}
    )
    assert second.json() == {"version": 2}
    assert stored(invitation) == {"hours": 3, "usefulness": 1}
    stale = client.post(link(invitation), {"version": "1", "hours": "9"}, headers={"X-Autosave": "1"})
    assert stale.status_code == 409
    assert stored(invitation) == {"hours": 3, "usefulness": 1}


def test_two_devices_see_both_texts_and_lose_nothing(client: Client, invitation: Invitation, on_time: None) -> None:
    client.post(link(invitation), {"version": "0", "action": "save", "contribution": "from the phone", "hours": "3"})
    page = client.post(
        link(invitation),
        {"version": "0", "action": "submit", "usefulness": "4", "contribution": "from the desk", "hours": "3"},
    )
    text = page.content.decode()
    assert page.status_code == 409
    assert "from the phone" in text
    assert "from the desk" in text
    assert stored(invitation) == {"contribution": "from the phone", "hours": 3}
    chosen = {
        "version": "1",
        "usefulness": "4",
        "hours": "3",
        "choose-contribution": "theirs",
        "theirs-contribution": "from the phone",
        "contribution": "from the desk",
    }
    assert client.post(link(invitation), chosen).status_code == 302
    assert stored(invitation) == {"usefulness": 4, "contribution": "from the phone", "hours": 3}


def test_the_same_click_twice_is_answered_once(client: Client, invitation: Invitation, on_time: None) -> None:
    typed = {"version": "0", "action": "submit", "usefulness": "4"}
    answers = [client.post(link(invitation), typed) for _n in range(3)]
    assert [a["Location"] for a in answers] == [link(invitation, name="thanks")] * 3
    assert (Response.objects.count(), selectors.response_of(invitation).version) == (1, 1)  # type: ignore[union-attr]


def test_what_was_sent_may_be_changed_and_never_becomes_a_draft(
    client: Client, invitation: Invitation, on_time: None
) -> None:
    client.post(link(invitation), {"version": "0", "action": "submit", "usefulness": "4"})
    page = client.get(link(invitation))
    assert "Send the changed answers" in page.content.decode()
    assert "data-autosave=" not in page.content.decode()
    wrong = client.post(link(invitation), {"version": "1", "action": "save"})
    assert (wrong.status_code, stored(invitation)) == (200, {"usefulness": 4})
    client.post(link(invitation), {"version": "1", "action": "submit", "usefulness": "2"})
    assert stored(invitation) == {"usefulness": 2}


@pytest.mark.parametrize(
    ("fields", "now", "words", "remark"),
    [
        ({}, OPENS - SECOND, "It opens on November 18, 2026, 5:00\u00a0p.m. (Winnipeg time).", False),
        ({}, CLOSES, "This has ended; you can still add a remark.", True),
        ({}, CLOSES + timedelta(days=46), "This has ended", False),
        ({"closed_at": OPENS}, DUE, "This has ended", True),
        ({"cancelled_at": OPENS}, DUE, "This is no longer needed.", False),
    ],
)
def test_at_the_wrong_moment_the_page_says_so(client: Client, fields: Any, now: Any, words: str, remark: bool) -> None:
    invitation = make_invitation(make_survey(**fields), "Amina")
    with time_machine.travel(now, tick=False):
        page = client.get(link(invitation))
    assert page.status_code == 200
    assert words in page.content.decode()
    assert (page.context["form"] is not None) is remark


def test_an_excused_person_is_told_so(client: Client, on_time: None) -> None:
    invitation = make_invitation(make_survey(), "Amina", excused_at=OPENS)
    assert "You are no longer asked." in client.get(link(invitation)).content.decode()


def test_answers_sent_after_the_end_are_offered_as_a_remark(client: Client, invitation: Invitation) -> None:
    with time_machine.travel(CLOSES + SECOND, tick=False):
        page = client.post(
            link(invitation), {"version": "0", "action": "submit", "usefulness": "4", "contribution": "A shelter"}
        )
        assert page.status_code == 409
        assert page.context["form"]["text"].value() == "usefulness?\n4 of 5\n\ncontribution?\nA shelter"
        kept = client.post(link(invitation, name="remark"), {"text": "A shelter"})
        assert kept["Location"] == link(invitation)
        refused = client.post(link(invitation, name="remark"), {"text": ""})
        assert list(refused.context["form"].errors) == ["text"]
    assert (list(Remark.objects.values_list("text", flat=True)), Response.objects.count()) == (["A shelter"], 0)


def test_after_release_only_a_remark(client: Client, on_time: None) -> None:
    invitation = make_response(make_survey(released_at=OPENS), "Amina", answers={"usefulness": 4}).invitation
    page = client.get(link(invitation))
    assert "can no longer be changed" in page.content.decode()
    assert page.context["form"] is not None
    assert client.post(link(invitation), {"version": "1", "action": "submit", "usefulness": "1"}).status_code == 409
    assert stored(invitation) == {"usefulness": 4}


def test_not_me(client: Client, invitation: Invitation, on_time: None) -> None:
    assert client.get(link(invitation, name="not_me")).status_code == 405
    answer = client.post(link(invitation, "fr", "not_me"))
    assert answer["Location"] == "/fr/sondages/pas-moi/"
    assert "Le nom a été retiré de l’invitation" in client.get(answer["Location"]).content.decode()
    assert client.get(link(invitation)).status_code == 404
    invitation.refresh_from_db()
    assert invitation.name == ""


def test_forged_requests_are_refused(invitation: Invitation, on_time: None) -> None:
    strict = Client(enforce_csrf_checks=True)
    for name in ("answer", "remark", "not_me"):
        assert strict.post(link(invitation, name=name), {"version": "0", "usefulness": "1"}).status_code == 403
    assert Response.objects.count() == 0


def test_a_signed_in_person_finds_what_is_asked(client: Client, luc: Any, on_time: None) -> None:
    mine = make_invitation(make_survey(), "Luc", user=luc)
    make_invitation(make_survey(title_fr="Une autre"), "Rosa")
    client.force_login(luc)
    page = client.get("/fr/sondages/")
    assert [i.pk for i in page.context["page"].object_list] == [mine.pk]
    assert link(mine, "fr") in page.content.decode()
    assert "d’ici le 2\u00a0décembre\u00a02026" in page.content.decode()


@pytest.mark.parametrize("number", [1, 30])
def test_my_list_asks_the_same_number_of_queries(client: Client, luc: Any, number: int, on_time: None) -> None:
    for _n in range(number):
        make_invitation(make_survey(), "Luc", user=luc)
    client.force_login(luc)
    with CaptureQueriesContext(connection) as queries:
        assert client.get("/en/surveys/").status_code == 200
    assert len(queries) <= 8


def test_my_list_asks_for_a_sign_in(client: Client) -> None:
    assert client.get("/en/surveys/").status_code == 302
