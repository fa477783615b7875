"""Accessible PDF (PDF/UA-1) from a Typst template and plain data.

The data goes in as JSON and is read by the template as values, so that nothing that people wrote can become markup. Typst
itself refuses to make a PDF/UA without title, language or alternative text; what it refuses is an error of the template.
"""

import json
import unicodedata
from functools import cache
from pathlib import Path
from typing import Any

import font_source_sans_pro
import typst
from django.conf import settings
from fontTools.ttLib import TTFont

FONT = "SourceSansPro-Regular.ttf"


class NoPdf(Exception):
    """A document that could not be made. `str()` names the template and Typst's reason."""


def compile_pdf(template: str, data: dict[str, Any], *, language: str) -> bytes:
    """Return the PDF/UA-1 that `templates/typst/<template>` makes of `data` (plain values) in `language` ("en" or "fr").

    The template reads `json(bytes(sys.inputs.data))`; "language" is added to the data. Fonts are those of the portal, never
    the machine's; a letter that they do not have is printed as “?”, because a file with an unreadable letter is not accessible
    and would be refused as a whole. Raises NoPdf with the reason when the template is missing, wrong or not accessible, and TypeError for data
    that JSON does not know.
    """
    folder = Path(settings.BASE_DIR) / "templates" / "typst"
    source = folder / template
    if not source.is_file():
        raise NoPdf(f"There is no template {template} in templates/typst.")
    inputs = {"data": json.dumps(_printable(data | {"language": language}), ensure_ascii=False)}
    try:
        made = typst.compile(
            source,
            root=folder,
            font_paths=_fonts(),
            ignore_system_fonts=True,
            format="pdf",
            sys_inputs=inputs,
            pdf_standards="ua-1",
        )
    except typst.TypstError as error:
        raise NoPdf(f"{template}: {error}") from error
    return made


def _fonts() -> list[Path]:
    """The printing fonts that `build_fonts` laid ready; the package they come from where nobody ran it."""
    built = Path(settings.BUILT_ROOT) / "fonts"
    return [built if (built / FONT).exists() else Path(font_source_sans_pro.font_directory)]


@cache
def _letters() -> frozenset[int]:
    """The code points that the font can print."""
    with TTFont(Path(font_source_sans_pro.font_directory) / FONT, lazy=True) as font:
        return frozenset(font.getBestCmap()) | {ord("\n"), ord("\t")}


def _printable(value: Any) -> Any:
    """Return `value` with each letter that the font lacks replaced; first tried as one letter where it was written as two."""
    if isinstance(value, str):
        return "".join(c if ord(c) in _letters() else "?" for c in unicodedata.normalize("NFC", value))
    if isinstance(value, dict):
        return {key: _printable(each) for key, each in value.items()}
    return [_printable(each) for each in value] if isinstance(value, list | tuple) else value
