"""A secret key that a machine makes for itself, so that sessions outlive a restart of the demo."""

from pathlib import Path

from django.core.management.utils import get_random_secret_key


def key_kept_in(folder: Path) -> str:
    """The key in the folder's file `secret-key`; made at first need, readable by the owner only."""
    path = folder / "secret-key"
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with path.open("x", encoding="ascii") as file:
            path.chmod(0o600)
            file.write(get_random_secret_key())
    except FileExistsError:
        pass
    key = path.read_text(encoding="ascii")
    if not key:  # made by a process that was cut off, or is about to be written by another
        key = get_random_secret_key()
        path.write_text(key, encoding="ascii")
    return key
