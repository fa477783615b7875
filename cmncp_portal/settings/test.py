"""For the tests: quick hashing, letters in memory, no broker, templates that do not forgive. Reads no .env file."""

from cmncp_portal.settings.base import *  # noqa: F403
from cmncp_portal.settings.base import MIDDLEWARE as _MIDDLEWARE
from cmncp_portal.settings.base import STORAGES as _STORAGES
from cmncp_portal.settings.base import TEMPLATES as _TEMPLATES
from cmncp_portal.testing.strict import Refuse

SECRET_KEY = "only for tests"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
MAIL_TRANSPORT = "django.core.mail.backends.locmem.EmailBackend"  # behind the outbox
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
STORAGES = {**_STORAGES, "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
MIDDLEWARE = [
    name for name in _MIDDLEWARE if "whitenoise" not in name
]  # nothing is collected; the live server finds the files
CELERY_BROKER_URL = "memory://"  # what is queued stays there; tests call the service or the task they mean
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = True

TEMPLATES = [{**_TEMPLATES[0], "OPTIONS": {**_TEMPLATES[0]["OPTIONS"], "debug": True, "string_if_invalid": Refuse("")}}]
