"""Files of briefs as tests read them, and a brief with a row of each sort."""

import io
import re
import zipfile
import zlib
from datetime import date
from xml.etree import ElementTree

from django.utils import timezone

from cmncp_portal.network.tests.factories import make_municipality
from knowledge.models import ActionBrief, Example
from knowledge.services import formats

from .factories import make_brief, make_evidence, make_number, make_practice, make_series, make_step

NARROW, WIDE = "\u202f", "\u00a0"  # non-breaking spaces
TYPOGRAPHY = f"«{WIDE}Sécurité{WIDE}» {WIDE}: 45{WIDE}%, l’été{NARROW}! cœur – Œuvre"


def made(brief: ActionBrief, format: str, language: str = "en") -> bytes:
    with formats.file_of(brief.by_language[language], format).file.open("rb") as file:
        return bytes(file.read())


def unpacked(pdf: bytes) -> bytes:
    """The PDF with what is packed in it."""
    packed = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL)
    return pdf + b"".join(_unpacked(part) for part in packed)


def _unpacked(part: bytes) -> bytes:
    try:
        return zlib.decompress(part)
    except zlib.error:
        return b""


def parts_of(archive: bytes) -> dict[str, str]:
    with zipfile.ZipFile(io.BytesIO(archive)) as packed:
        return {name: packed.read(name).decode() for name in packed.namelist()}


def words_in(xml: str) -> str:
    return "".join(ElementTree.fromstring(xml).itertext())  # noqa: S314  (made here)


def again(brief: ActionBrief) -> ActionBrief:
    """The brief as it is read anew."""
    return ActionBrief.objects.get(pk=brief.pk)


def full_brief() -> ActionBrief:
    """With a row of each sort."""
    found = make_brief(
        series=make_series(), number=3, en={"challenge": f"One **bold** text.\n\n## Why\n\n{TYPOGRAPHY}"}
    )
    make_number(found, unit_en="adults", unit_fr="adultes", source_url="https://number.example/")
    practice = make_practice()
    found.evidence.add(make_evidence(practice, outcome_en="Violence", rated_on=date(2026, 5, 1), cost="low"))
    place = make_municipality("winnipeg")
    Example.objects.create(
        brief=found, municipality=place, text_en="It works.", text_fr="Cela marche.", agreed_at=timezone.now()
    )
    Example.objects.create(brief=found, municipality=place, text_en="Not agreed.", text_fr="Pas d’accord.")
    make_step(found, "police", text_en="Walk.", text_fr="", order=1)
    return found
