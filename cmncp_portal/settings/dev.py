"""For `manage.py` on one's own machine: tracebacks in the browser, statics un-hashed."""

from pathlib import Path

from cmncp_portal.home.demo_people import DEMO_PEOPLE as DEMO_PEOPLE
from cmncp_portal.settings import env

env.load(Path(__file__).resolve().parent.parent.parent / ".env")

from cmncp_portal.settings.base import *  # noqa: E402, F403
from cmncp_portal.settings.base import BADGE_KEY as _GIVEN_BADGE_KEY  # noqa: E402
from cmncp_portal.settings.base import SECRET_KEY as _GIVEN_KEY  # noqa: E402
from cmncp_portal.settings.base import STORAGES as _STORAGES  # noqa: E402
from cmncp_portal.settings.base import VAR as _VAR  # noqa: E402
from cmncp_portal.settings.local_key import badge_key_kept_in  # noqa: E402

SECRET_KEY = _GIVEN_KEY or "only for one's own machine"
BADGE_KEY = _GIVEN_BADGE_KEY or badge_key_kept_in(_VAR)
DEBUG = True
DEMO = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = True
STORAGES = {**_STORAGES, "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
