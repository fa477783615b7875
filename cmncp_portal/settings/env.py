"""Typed values from the environment. A value that is missing or unreadable stops the start with the variable's name."""

import os
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured


def load(path: Path) -> None:
    """Takes NAME=value lines of a file into the environment; what is set already wins. A missing file is no error."""
    if not path.is_file():
        return
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        line = line.strip()
        if not line or line.startswith("#"):
            continue
        name, equals, value = line.partition("=")
        if not equals or not name.strip().isidentifier():
            raise ImproperlyConfigured(f"{path.name}, line {number}: expected NAME=value.")
        value = value.strip().strip("\"'")
        if value and not os.environ.get(name.strip()):
            os.environ[name.strip()] = value


def text(name: str, default: str | None = None) -> str:
    """The value as it is. Without a default it must be there and must not be empty."""
    value = os.environ.get(name, "").strip()
    if value:
        return value
    if default is None:
        raise ImproperlyConfigured(f"{name} must be set; .env.example says what it is for.")
    return default


def flag(name: str, default: bool) -> bool:
    """yes/no, true/false, on/off, 1/0."""
    value = text(name, "").lower()
    if value in ("", "1", "yes", "true", "on"):
        return True if value else default
    if value in ("0", "no", "false", "off"):
        return False
    raise ImproperlyConfigured(f"{name} must be yes or no, not “{value}”.")


def integer(name: str, default: int) -> int:
    value = text(name, "")
    try:
        return int(value) if value else default
    except ValueError:
        raise ImproperlyConfigured(f"{name} must be a whole number, not “{value}”.") from None


def words(name: str, default: tuple[str, ...] = ()) -> list[str]:
    """A list separated by commas."""
    return [word.strip() for word in text(name, "").split(",") if word.strip()] or list(default)


def folder(name: str, default: Path) -> Path:
    """A folder as an absolute path."""
    return Path(text(name, str(default))).expanduser().resolve()


def content(name: str) -> str:
    """What stands in the file whose path is given; "" when none is."""
    path = text(name, "")
    try:
        return Path(path).expanduser().read_text(encoding="utf-8") if path else ""
    except (OSError, UnicodeDecodeError) as error:
        raise ImproperlyConfigured(f"{name} must be a file that can be read: {error}.") from None


def origin(name: str, default: str) -> str:
    """Scheme and host of a site, such as https://portal.example.ca, without a slash at the end."""
    value = text(name, default).rstrip("/")
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.netloc or parts.path:
        raise ImproperlyConfigured(f"{name} must look like https://portal.example.ca, not “{value}”.")
    return value


def mail(name: str, default: str) -> dict[str, object]:
    """Django's mail settings from one address.

    smtp://user:password@host:587     STARTTLS when the port is 587 or ?tls=yes
    smtps://user:password@host:465    TLS from the first byte
    anymail+mailgun://                a provider known to django-anymail, with its own settings in ANYMAIL_*
    file:///folder                    one file per letter, nothing leaves the machine
    """
    value = text(name, default)
    parts = urlsplit(value)
    if parts.scheme in ("smtp", "smtps") and parts.hostname:
        return _smtp(name, value)
    if parts.scheme.startswith("anymail+"):
        provider = parts.scheme.removeprefix("anymail+")
        return {"EMAIL_BACKEND": f"anymail.backends.{provider}.EmailBackend"}
    if parts.scheme == "file" and parts.path:
        return {
            "EMAIL_BACKEND": "django.core.mail.backends.filebased.EmailBackend",
            "EMAIL_FILE_PATH": unquote(parts.path),
        }
    raise ImproperlyConfigured(f"{name} must begin with smtp://, smtps://, anymail+…:// or file:///.")


def _smtp(name: str, value: str) -> dict[str, object]:
    parts = urlsplit(value)
    secure = parts.scheme == "smtps"
    try:
        port = parts.port or (465 if secure else 25)
    except ValueError:
        raise ImproperlyConfigured(f"{name} has a port that is not a number.") from None
    asked = parse_qs(parts.query).get("tls", ["yes" if port == 587 else "no"])[0]
    return {
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_HOST": parts.hostname,
        "EMAIL_PORT": port,
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_SSL": secure,
        "EMAIL_USE_TLS": not secure and asked == "yes",
        "EMAIL_TIMEOUT": 10,
    }
