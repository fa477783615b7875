"""What the tests of commitments share: rows, addresses, who is asked."""

from datetime import UTC, date, datetime
from typing import Any

from django.urls import reverse
from django.utils import translation

from cmncp_portal.network.models import Municipality
from cmncp_portal.progress.models import Commitment, Inquiry, InquiryItem
from cmncp_portal.progress.services.commitments import Source
from cmncp_portal.testing.mailbag import Mailbag

BAG = Mailbag("progress")
MADE, DUE = date(2027, 2, 1), date(2027, 9, 1)
TITLE = ("Visit to Winnipeg", "Visite à Winnipeg")


def make_commitment(place: Municipality, text: str = "A youth hub", **fields: Any) -> Commitment:
    """A row: open, nobody in particular sees to it."""
    known = {"owner_name": "Sam Roy", "made_by_name": "Amina Diallo", "language": "en", "made_on": MADE, "due_on": DUE}
    if fields.get("source", "own") != "own":
        known |= {"source_title_en": TITLE[0], "source_title_fr": TITLE[1], "source_path": "/en/exchanges/EX-2027-001/"}
    return Commitment.objects.create(municipality=place, text=text, **(known | fields))


def make_inquiry(*asked: Commitment, months: int = 3, **fields: Any) -> Inquiry:
    """A letter that asked about these commitments of one municipality."""
    known = {"name": "Sam Roy", "email": "sam@thunderbay.example", "asked_at": datetime(2027, 5, 3, 12, 30, tzinfo=UTC)}
    inquiry = Inquiry.objects.create(municipality=asked[0].municipality, **(known | fields))
    InquiryItem.objects.bulk_create(InquiryItem(inquiry=inquiry, commitment=one, months=months) for one in asked)
    return inquiry


def an_idea(number: int = 12, **fields: Any) -> Source:
    """An idea that was noted during a visit."""
    known: dict[str, Any] = {
        "kind": "visit",
        "key": f"idea-{number}",
        "of": "visit-4",
        "title": TITLE,
        "path": "/en/exchanges/EX-2027-001/",
    }
    return Source(**(known | fields))


def page_of(commitment: Commitment, name: str = "commitment", language: str = "en") -> str:
    with translation.override(language):
        return reverse(f"progress:{name}", args=[commitment.municipality.slug, commitment.pk])


def list_of(place: Municipality, name: str = "commitments", language: str = "en") -> str:
    with translation.override(language):
        return reverse(f"progress:{name}", args=[place.slug])


def link_of(inquiry: Inquiry, language: str = "en") -> str:
    with translation.override(language):
        return reverse("progress:answer", args=[inquiry.token])


def read(commitment: Commitment) -> Commitment:
    return Commitment.objects.select_related("municipality", "owner").get(pk=commitment.pk)
