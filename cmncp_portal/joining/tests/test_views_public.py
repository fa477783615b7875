"""What anybody sees and does: the page about joining, the cost, the resolution, four fields, the link again."""

import zipfile
from datetime import date
from io import BytesIO
from typing import Any

import pytest
from django.test import Client

from cmncp_portal.core import pandoc
from cmncp_portal.joining.models import Interest

from .factories import make_fee, make_interest
from .screens import POST, address, as_sent, heading, said, words_of

pytestmark = pytest.mark.django_db
TYPED = {"place_name": "Merritt", "province": "BC", "name": "Sam Voght", "email": "sam@merritt.example"}


@pytest.fixture(autouse=True)
def now(clock: Any) -> None:
    pass


class TestThePage:
    def test_without_a_table_the_coordinators_tell(self, client: Client) -> None:
        words = words_of(client.get(address("join")))
        assert "The coordinators tell you the fee" in words
        assert "What would it cost us?" not in words

    def test_what_members_do_and_the_example(self, client: Client) -> None:
        page = client.get(address("join"))
        links = ("/en/exchanges/", "/en/meetings/", "/en/knowledge/", "/en/training/", "/en/mentoring/")
        assert [link for link in links if f'<dt><a href="{link}">' not in page.content.decode()] == []
        assert "On January 12, 2021 its council voted to join. The press of the time spoke of about $650" in words_of(
            page
        )

    def test_the_table_in_force_with_its_day_and_source(self, client: Client, django_assert_num_queries: Any) -> None:
        make_fee(600, effective_from=date(2015, 1, 1))
        make_fee(650, source="Board, 2021")
        make_fee(1_250, population_from=500_000, population_to=None, source="Board, 2021")
        make_fee(300, kind="associate", population_to=None, is_demonstration=True)
        make_fee(9_999, effective_from=date(2027, 2, 2))
        with django_assert_num_queries(1):
            words = words_of(client.get(address("join")))
        assert (
            "General member, from January 1, 2021 Size Yearly fee under 500,000 people $650 500,000 people and more $1,250"
            " Source : Board, 2021 Associate member, from January 1, 2021 Size Yearly fee any size $300 Invented figures"
        ).replace(" :", ":") in words.replace(" :", ":")
        assert "confirm the fee in writing" in words
        assert "$600" not in words
        assert "9,999" not in words

    @pytest.mark.parametrize(
        ("population", "found"),
        [("499999", "General member: $650 a year"), ("500000", "The table says nothing for this size.")],
    )
    def test_what_it_would_cost_us(self, client: Client, population: str, found: str) -> None:
        make_fee(650)
        assert found in words_of(client.get(address("join"), {"population": population}))
        assert Interest.objects.count() == 0

    @pytest.mark.parametrize("population", ["", "-1", "many", "99999999999999999999"])
    def test_nonsense_is_answered(self, client: Client, population: str) -> None:
        make_fee(650)
        page = client.get(address("join"), {"population": population})
        assert page.status_code == 200
        assert page.context["costs"] is None
        assert page.context["cost_form"].errors


class TestFourFields:
    def test_sent(self, client: Client) -> None:
        answer = client.post(address("join"), TYPED)
        assert (answer.status_code, answer["Location"]) == (302, address("sent"))
        [made] = Interest.objects.all()
        assert (made.state, made.language) == ("unconfirmed", "en")
        assert POST.kinds_to("sam@merritt.example") == ["confirm"]
        assert heading(client.get(address("sent"))) == "Please look into your mailbox"

    def test_in_french_the_letters_are_french(self, client: Client) -> None:
        answer = client.post(address("join", language="fr"), TYPED)
        assert (answer["Location"], Interest.objects.get().language) == (address("sent", language="fr"), "fr")

    def test_a_known_address_gets_the_same_answer(self, client: Client) -> None:
        make_interest(email="sam@merritt.example")
        assert client.post(address("join"), TYPED)["Location"] == address("sent")
        assert Interest.objects.count() == 1

    def test_what_was_typed_comes_back(self, client: Client) -> None:
        page = client.post(address("join"), TYPED | {"email": "sam at merritt", "province": ""})
        assert (page.status_code, set(page.context["form"].errors)) == (422, {"email", "province"})
        assert as_sent(page)["place_name"] == "Merritt"
        assert as_sent(page)["email"] == "sam at merritt"
        assert Interest.objects.count() == 0

    def test_a_machine_gets_the_same_answer_and_nothing_is_written(self, client: Client) -> None:
        answer = client.post(address("join"), TYPED | {"website": "https://spam.example"})
        assert (answer["Location"], Interest.objects.count(), POST.written()) == (address("sent"), 0, [])

    def test_the_link_again(self, client: Client) -> None:
        make_interest(email="sam@merritt.example")
        answers = [
            client.post(address("lost_link"), {"email": email}) for email in ("sam@merritt.example", "no@one.example")
        ]
        assert {answer["Location"] for answer in answers} == {address("lost_link")}
        assert len(set(said(client, answers[0]))) == 1
        assert POST.to("link_again") == ["sam@merritt.example"]
        assert client.post(address("lost_link"), {"email": "x"}).status_code == 422


class TestTheResolution:
    def test_both_languages_on_one_page(self, client: Client) -> None:
        page = client.get(address("resolution"))
        assert [text.language for text in page.context["texts"]] == ["en", "fr"]
        assert "Resolution to join the Canadian Municipal Network" in words_of(page)
        assert "le chef et le conseil / l’instance dirigeante" in words_of(page)
        french = client.get(address("resolution", language="fr"))
        assert [text.language for text in french.context["texts"]] == ["fr", "en"]

    def test_as_a_word_file(self, client: Client) -> None:
        answer = client.get(address("resolution"), {"format": "docx"})
        assert answer["Content-Disposition"] == 'attachment; filename="resolution.docx"'
        text = zipfile.ZipFile(BytesIO(answer.content)).read("word/document.xml").decode()
        assert "Chief and Council" in text
        assert "Attendu que" in text

    def test_without_pandoc_the_text_is_there(self, client: Client, monkeypatch: Any) -> None:
        def fails(*_args: Any, **_more: Any) -> bytes:
            raise pandoc.NoPandoc("gone")

        monkeypatch.setattr(pandoc, "converted", fails)
        page = client.get(address("resolution"), {"format": "docx"})
        assert page.status_code == 503
        assert "Please copy the text below" in words_of(page)
