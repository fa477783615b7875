"""Personal links: an address that is the key, for people without an account.

The token is derived from the server's secret, the subject and a nonce kept with the subject, so that it can be printed
into each letter while the database holds nothing that opens a door. A new nonce makes every older link worthless.
"""

import base64
import secrets

from django.utils.crypto import constant_time_compare, salted_hmac


def new_nonce() -> str:
    """Return a fresh random nonce (128 bits, hexadecimal)."""
    return secrets.token_hex(16)


def make_token(scope: str, pk: int, nonce: str) -> str:
    """Return the URL-safe token of the thing `pk` in `scope`, such as "12.mZ…" (256-bit HMAC)."""
    digest = salted_hmac(f"cmncp.links.{scope}", f"{pk}:{nonce}", algorithm="sha256").digest()
    return f"{pk}.{base64.urlsafe_b64encode(digest).decode().rstrip('=')}"


def pk_of(token: str) -> int | None:
    """Return the primary key that a token claims, or None when it has not the form of one."""
    head, _dot, tail = token.partition(".")
    return int(head) if head.isascii() and head.isdigit() and len(head) < 18 and tail else None


def is_valid(token: str, scope: str, pk: int, nonce: str) -> bool:
    """Tell whether `token` opens the thing `pk` in `scope`, in constant time."""
    return bool(nonce) and constant_time_compare(token, make_token(scope, pk, nonce))
