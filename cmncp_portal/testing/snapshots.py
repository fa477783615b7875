"""Texts compared word for word with files. UPDATE_SNAPSHOTS=1 writes the files anew; read the difference before it is kept."""

import os
from pathlib import Path

from cmncp_portal.notifications.rendering import Letter


def assert_snapshot(path: Path, text: str) -> None:
    """Compare `text` with the file at `path`, or write that file when UPDATE_SNAPSHOTS is set.

    Raises AssertionError when they differ or the file is missing.
    """
    if os.environ.get("UPDATE_SNAPSHOTS"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return
    assert path.is_file(), f"{path.name} is missing: run again with UPDATE_SNAPSHOTS=1 and read what is written"
    assert text == path.read_text(encoding="utf-8")


def as_read(letter: Letter) -> str:
    """Return subject and plain text of `letter`, as the files in snapshots/ hold them."""
    return f"{letter.subject}\n\n{letter.text}"
