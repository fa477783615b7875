"""Files that people keep with us: what is taken in, and how it is sent out again."""

from pathlib import Path
from typing import Any
from uuid import uuid4

from django.core.exceptions import ValidationError
from django.http import FileResponse, Http404, HttpResponse
from django.utils.deconstruct import deconstructible
from django.utils.translation import gettext as _

MOST_BYTES = 10 * 1024 * 1024
# First bytes by extension: what a file says it is must be what it is. Office files are ZIP archives.
SIGNATURES = {
    ".pdf": (b"%PDF",),
    ".docx": (b"PK\x03\x04",),
    ".xlsx": (b"PK\x03\x04",),
    ".pptx": (b"PK\x03\x04",),
    ".odt": (b"PK\x03\x04",),
    ".png": (b"\x89PNG",),
    ".jpg": (b"\xff\xd8\xff",),
    ".jpeg": (b"\xff\xd8\xff",),
}


@deconstructible
class RandomName:
    """`upload_to` for kept files: a random name in `folder`, so that nobody's file name becomes a path."""

    def __init__(self, folder: str) -> None:
        self.folder = folder

    def __call__(self, _thing: Any, filename: str) -> str:
        return f"{self.folder}/{uuid4().hex}{Path(filename).suffix.lower()[:8]}"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, RandomName) and self.folder == other.folder

    def __hash__(self) -> int:
        return hash(self.folder)


def checked(file: Any) -> Any:
    """Return the uploaded `file`, read from its beginning again. Raises ValidationError when it is not to be kept."""
    suffix = Path(file.name).suffix.lower()
    if suffix not in SIGNATURES:
        raise ValidationError(_("This kind of file cannot be kept here."))
    if file.size > MOST_BYTES:
        raise ValidationError(_("The file is larger than 10 MB."))
    if not file.read(8).startswith(SIGNATURES[suffix]):
        raise ValidationError(_("The file is not what its name says."))
    file.seek(0)
    return file


def sent(file: Any, filename: str) -> FileResponse:
    """Return a stored `file` as a download called `filename`, never shown inside our pages; 404 when it is gone."""
    try:
        content = file.open("rb")
    except FileNotFoundError:
        raise Http404 from None
    response = FileResponse(content, as_attachment=True, filename=filename, content_type="application/octet-stream")
    response["X-Content-Type-Options"] = "nosniff"
    return response


def made(body: str | bytes, kind: str, filename: str) -> HttpResponse:
    """Return what was made for this answer as a download called `filename`; `kind` is its content type."""
    return HttpResponse(body, content_type=kind, headers={"Content-Disposition": f'attachment; filename="{filename}"'})


def calendar_file(text: str | bytes, name: str) -> HttpResponse:
    """Return `text` (see core.entries.to_ics) as the calendar file `name`.ics."""
    return made(text, "text/calendar; charset=utf-8", f"{name}.ics")
