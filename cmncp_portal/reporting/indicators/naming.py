"""What the records behind figures are called, in both languages, and where they are. Nobody's name is in it."""

from functools import lru_cache

from django.urls import reverse

from cmncp_portal.evaluation.figures import AskedRow
from cmncp_portal.progress.selectors.figures import CommitmentMade, Place
from exchanges.selectors.figures import ExchangeRow, VisitRow
from knowledge.selectors.figures import BriefRow
from meetings.selectors.figures import MeetingRow
from mentoring.selectors.figures import AgreementRow
from training.selectors.figures import ModuleRow, OfferingRow

from .base import Counted, Words
from .facts import Facts

NOBODY: Words = ("—", "—")


def place_words(facts: Facts, pk: int | None) -> Words:
    place = facts.places.get(pk) if pk else None
    return (place.name_en, place.name_fr) if place else NOBODY


def _arrow(reference: str, one: Words, other: Words) -> Words:
    return f"{reference}: {one[0]} → {other[0]}", f"{reference}\u00a0: {one[1]} → {other[1]}"


@lru_cache(maxsize=4096)
def _path(name: str, *args: object) -> str:
    return reverse(name, args=args)


def exchange(facts: Facts, row: ExchangeRow) -> Counted:
    label = _arrow(row.reference, place_words(facts, row.guest), place_words(facts, row.host))
    return Counted(f"exchange-{row.pk}", label, _path("exchanges:exchange", row.reference), row.on)


def visit(facts: Facts, row: VisitRow) -> Counted:
    label = _arrow(row.reference, place_words(facts, row.visiting), place_words(facts, row.hosting))
    return Counted(f"visit-{row.pk}", label, _path("exchanges:visit", row.reference, row.leg), row.ends_on)


def _titles(en: str, fr: str) -> Words:
    return en or fr, fr or en


def meeting(row: MeetingRow) -> Counted:
    label = _titles(row.title_en, row.title_fr)
    return Counted(f"meeting-{row.pk}", label, _path("meetings:meeting", row.slug), row.ends_on)


def offering(row: OfferingRow) -> Counted:
    en, fr = _titles(row.title_en, row.title_fr)
    label = (f"{row.reference}: {en}", f"{row.reference}\u00a0: {fr}")
    return Counted(f"offering-{row.pk}", label, _path("training:offering", row.reference), row.ends_on)


def module(row: ModuleRow) -> Counted:
    return Counted(f"module-{row.pk}", _titles(row.title_en, row.title_fr), _path("training:module", row.slug), row.on)


def brief(row: BriefRow) -> Counted:
    return Counted(f"brief-{row.pk}", _titles(row.title_en, row.title_fr), _path("knowledge:brief", row.slug), row.on)


def agreement(facts: Facts, row: AgreementRow) -> Counted:
    label = _arrow(row.reference, place_words(facts, row.mentor), place_words(facts, row.mentee))
    return Counted(f"agreement-{row.pk}", label, _path("mentoring:agreement", row.reference), row.on)


def strategy(place: Place, value: str = "") -> Counted:
    label = (place.name_en, place.name_fr)
    return Counted(f"municipality-{place.pk}", label, _path("progress:strategy", place.slug), None, value)


def municipality(place: Place) -> Counted:
    label = (place.name_en, place.name_fr)
    return Counted(f"municipality-{place.pk}", label, _path("network:municipality", place.slug), None)


def commitment(row: CommitmentMade, value: str = "") -> Counted:
    place = row.place
    label = (f"{place.name_en}: {row.text}"[:300], f"{place.name_fr}\u00a0: {row.text}"[:300])
    return Counted(f"commitment-{row.pk}", label, _path("progress:commitment", place.slug, row.pk), row.made_on, value)


def asked(row: AskedRow) -> Counted:
    return Counted(f"invitation-{row.pk}", (row.title_en, row.title_fr), row.path, row.on)


def response(row: AskedRow) -> Counted:
    return Counted(f"response-{row.response}", (row.title_en, row.title_fr), row.path, row.on)
