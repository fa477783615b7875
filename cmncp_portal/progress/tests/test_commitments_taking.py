"""Taking something home: the page that an activity's own view answers with."""

from datetime import date
from typing import Any

import pytest
from django.contrib.messages.storage.fallback import FallbackStorage
from django.core.exceptions import PermissionDenied
from django.test import RequestFactory

from cmncp_portal.network.tests.factories import make_programme
from cmncp_portal.progress.models import Commitment
from cmncp_portal.progress.taking import take_home
from cmncp_portal.testing.pages import as_sent, heading, words_of

from .commitments import an_idea, page_of
from .factories import make_checks

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
BACK = "/en/exchanges/EX-2027-001/"


def taking(user: Any, place: Any, data: dict[str, Any] | None = None, **more: Any) -> Any:
    """What the view of an activity would answer."""
    request: Any = RequestFactory().get(BACK) if data is None else RequestFactory().post(BACK, data)
    request.user, request.session = user, {}
    request._messages = FallbackStorage(request)
    known: dict[str, Any] = {"source": an_idea(), "text": "Un centre jeunesse", "language": "fr", "back": BACK}
    page = take_home(request, place=place, **(known | more))
    page.told = [str(message) for message in request._messages]
    return page


@pytest.fixture
def page(thunder_bay: Any, winnipeg: Any, amina: Any) -> Any:
    programme = make_programme(winnipeg, name_en="Rooms for youth")
    source = an_idea(seen_in=winnipeg, programme=programme)
    return taking(amina, thunder_bay, source=source, due_on=date(2027, 8, 1), check_item=make_checks(1)[0])


def test_the_form_begins_with_what_is_known(page: Any) -> None:
    words = words_of(page)
    assert (page.status_code, heading(page), Commitment.objects.count()) == (200, "Take it home", 0)
    for text in (
        "Back to where it comes from",
        "Where it comes from Visit to Winnipeg seen in Winnipeg Rooms for youth",
    ):
        assert text in words
    form = as_sent(page)
    assert (form["text"], form["due_on"]) == ("Un centre jeunesse", "2027-08-01")
    assert form["check_item"] == str(make_checks(1)[0].pk)


def test_it_is_made_once_and_the_second_time_leads_there(
    page: Any, thunder_bay: Any, gatineau: Any, amina: Any, joseph: Any, luc: Any
) -> None:
    form = as_sent(page, owner_name="Sam Roy")
    first = taking(amina, thunder_bay, form)
    made = Commitment.objects.get()
    assert (first["Location"], first.told) == (page_of(made), ["It is among the commitments of your municipality now."])
    assert (made.language, made.source_of, made.made_by_name) == ("fr", "visit-4", "Amina Diallo")
    for again in (taking(joseph, thunder_bay), taking(joseph, thunder_bay, form)):
        assert again["Location"] == page_of(made)
        assert again.told == ["This is among the commitments of your municipality already."]
    assert taking(luc, gatineau).status_code == 200


def test_who_words_it_anew_does_so_in_the_language_of_the_page(page: Any, thunder_bay: Any, amina: Any) -> None:
    taking(amina, thunder_bay, as_sent(page, owner_name="Sam Roy", text="A youth centre"))
    assert Commitment.objects.get().language == "en"


def test_what_is_wrong_comes_back(page: Any, thunder_bay: Any, amina: Any) -> None:
    wrong = taking(amina, thunder_bay, as_sent(page, text="A youth centre"))
    assert (wrong.status_code, as_sent(wrong)["text"]) == (422, "A youth centre")
    assert "Say who sees to it." in words_of(wrong)


def test_only_its_own_people(thunder_bay: Any, helen: Any, uma: Any) -> None:
    for somebody in (helen, uma):
        for data in (None, {"text": "Mine"}):
            with pytest.raises(PermissionDenied):
                taking(somebody, thunder_bay, data)


def test_a_long_text_is_cut_and_may_be_put_right(thunder_bay: Any, amina: Any) -> None:
    assert as_sent(taking(amina, thunder_bay, text="x" * 500))["text"] == "x" * 300
