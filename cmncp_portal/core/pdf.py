"""Accessible PDF (PDF/UA-1) from a Typst template and plain data.

The data goes in as JSON and is read by the template as values, so that nothing that people wrote can become markup. Typst
itself refuses to make a PDF/UA without title, language or alternative text; what it refuses is an error of the template.
"""

import json
from pathlib import Path
from typing import Any

import font_source_sans_pro
import typst
from django.conf import settings

STANDARD = "ua-1"


class NoPdf(Exception):
    """A document that could not be made. `str()` names the template and Typst's reason."""


def compile_pdf(template: str, data: dict[str, Any], *, language: str) -> bytes:
    """Return the PDF/UA-1 that `templates/typst/<template>` makes of `data` (plain values) in `language` ("en" or "fr").

    The template reads `json(bytes(sys.inputs.data))`; "language" is added to the data. Fonts are those of the portal, never
    the machine's. Raises NoPdf with the reason when the template is missing, wrong or not accessible, and TypeError for data
    that JSON does not know.
    """
    folder = Path(settings.BASE_DIR) / "templates" / "typst"
    source = folder / template
    if not source.is_file():
        raise NoPdf(f"There is no template {template} in templates/typst.")
    inputs = {"data": json.dumps(data | {"language": language}, ensure_ascii=False)}
    try:
        made = typst.compile(
            str(source),
            root=str(folder),
            font_paths=[str(path) for path in _fonts()],
            ignore_system_fonts=True,
            format="pdf",
            sys_inputs=inputs,
            pdf_standards=STANDARD,
        )
    except typst.TypstError as error:
        raise NoPdf(f"{template}: {error}") from error
    assert isinstance(made, bytes)
    return made


def _fonts() -> list[Path]:
    """The printing fonts that `build_fonts` laid ready; the package they come from where nobody ran it."""
    built = Path(settings.BUILT_ROOT) / "fonts"
    return [built if any(built.glob("*.ttf")) else Path(font_source_sans_pro.font_directory)]
