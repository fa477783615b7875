"""The page of answers in a real browser: accessible in both languages, usable by keyboard, saved on the way."""

from typing import Any

import pytest
from django.utils import translation

from cmncp_portal.evaluation import instruments, selectors, services
from cmncp_portal.evaluation.models import Invitation
from cmncp_portal.evaluation.tests.factories import OBJECTIVES, make_invitation, make_survey
from cmncp_portal.testing import axe

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def invitation() -> Invitation:
    from datetime import timedelta

    from django.utils import timezone

    instruments.load_instruments()
    now = timezone.now()
    survey = make_survey(
        selectors.latest("exchange-visitors"),
        rows=OBJECTIVES,
        opens_at=now - timedelta(days=1),
        due_at=now + timedelta(days=13),
        closes_at=now + timedelta(days=44),
    )
    return make_invitation(survey, "Amina Diallo")


def link(live_server: Any, invitation: Invitation, language: str) -> str:
    with translation.override(language):
        return f"{live_server.url}{invitation.get_absolute_url()}"


def violations(page: Any) -> list[str]:
    return [f"{found['id']}: {node['html'][:200]}" for found in axe.violations(page) for node in found["nodes"]]


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("width", [320, 1280])
def test_the_questions_are_accessible(
    page: Any, live_server: Any, invitation: Invitation, language: str, width: int
) -> None:
    problems: list[str] = []
    page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(link(live_server, invitation, language))
    assert page.locator("html").get_attribute("lang") == language
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert problems == []


def test_from_the_link_to_the_thanks_with_the_keyboard_and_a_change_of_language(
    page: Any, live_server: Any, invitation: Invitation
) -> None:
    page.goto(link(live_server, invitation, "en"))
    scale = page.get_by_role("group", name="How useful was this exchange to you overall?")
    scale.get_by_label("3", exact=True).focus()
    page.keyboard.press("Space")
    page.keyboard.press("ArrowRight")
    page.get_by_label("What could this exchange contribute").fill("Un refuge de nuit")
    page.get_by_role("button", name="Enregistrer et continuer en français").click()
    page.wait_for_url("**/fr/sondages/**")
    assert page.get_by_role("group", name="Dans l’ensemble").get_by_label("4", exact=True).is_checked()
    page.get_by_role("button", name="Envoyer mes réponses").click()
    # The page that comes back has the same address: wait for what only the answer shows.
    page.get_by_role("link", name="Une visite de retour devrait-elle avoir lieu?").wait_for()
    assert violations(page) == []
    page.get_by_role("group", name="Une visite de retour").get_by_label("Plus tard").check()
    page.get_by_role("button", name="Envoyer mes réponses").click()
    page.wait_for_url("**/merci/")
    assert page.get_by_role("heading", level=1).inner_text() == "Merci. Vos réponses sont arrivées."
    assert violations(page) == []
    response = selectors.response_of(invitation)
    assert response is not None
    assert response.submitted_at is not None
    assert selectors.answers_of(response) == {
        "usefulness": 4,
        "contribution": "Un refuge de nuit",
        "return-visit": "later",
    }


def test_the_draft_saves_itself(page: Any, live_server: Any, invitation: Invitation) -> None:
    page.clock.install()
    page.goto(link(live_server, invitation, "en"))
    page.get_by_label("How many hours did you spend preparing?").fill("4")
    page.clock.run_for(21_000)
    page.get_by_text("Kept at").wait_for()
    assert page.locator("input[name=version]").input_value() == "1"
    assert selectors.answers_of(selectors.response_of(invitation)) == {"hours": 4}


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_pages_around_it_are_accessible(page: Any, live_server: Any, invitation: Invitation, language: str) -> None:
    services.close(invitation.survey)
    page.goto(link(live_server, invitation, language))
    assert page.get_by_role("textbox").count() == 1
    assert violations(page) == []
