"""Keys that a machine makes for itself, so that sessions and badges outlive a restart of the demo."""

import os
from contextlib import suppress
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


def badge_key_kept_in(folder: Path) -> str:
    """The RSA key (PEM) in the folder's file `badge-key.pem`, with which badges are signed; made at first need."""
    path = folder / "badge-key.pem"
    if not path.is_file():
        _keep(path, _new_badge_key())
    return path.read_text(encoding="ascii")


def _new_badge_key() -> str:
    from cryptography.hazmat.primitives.asymmetric import rsa  # not needed by a start that finds its key
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    made = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return made.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode("ascii")


def _keep(path: Path, content: str) -> None:
    """Write the file whole or not at all; of two processes that begin at once the first one's key stays."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    draft.touch(mode=0o600)
    draft.write_text(content, encoding="ascii")
    with suppress(FileExistsError):
        os.link(draft, path)
    draft.unlink()
