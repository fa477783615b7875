"""For the public: HTTPS only. Starts only with a key, a database, a broker, a mail server and an https address of its own."""

from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

from cmncp_portal.settings import env

env.load(Path(__file__).resolve().parent.parent.parent / ".env")

if env.flag("DEMO", False):
    raise ImproperlyConfigured("DEMO is set: the demo's one-click sign-in and mailbox must not exist in production.")
for _name in ("DATABASE_URL", "REDIS_URL", "EMAIL_URL", "ALLOWED_HOSTS", "SITE_ADDRESS"):
    env.text(_name)

from cmncp_portal.settings.base import *  # noqa: E402, F403
from cmncp_portal.settings.base import SITE_ADDRESS as _SITE_ADDRESS  # noqa: E402
from cmncp_portal.settings.base import STORAGES as _STORAGES  # noqa: E402

if not _SITE_ADDRESS.startswith("https://"):
    raise ImproperlyConfigured("SITE_ADDRESS must begin with https:// in production.")

SECRET_KEY = env.text("SECRET_KEY")
DEBUG = False
DEMO = False

SECURE_SSL_REDIRECT = True
SECURE_REDIRECT_EXEMPT = [r"^healthz/$"]  # asked from inside, without TLS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if env.flag("BEHIND_PROXY", False) else None
SECURE_HSTS_SECONDS = 365 * 24 * 3600
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True
LANGUAGE_COOKIE_SECURE = True
STORAGES = {**_STORAGES, "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"}}
