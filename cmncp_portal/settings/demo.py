"""What `scripts/serve` uses: an invented network on this machine, letters in a local mailbox, sign-in with one click.

Neither the mailbox page nor the one-click sign-in may exist in production: they ask for DEMO, which production refuses.
"""

from pathlib import Path

from cmncp_portal.home.demo_people import DEMO_PEOPLE as DEMO_PEOPLE
from cmncp_portal.settings import env

env.load(Path(__file__).resolve().parent.parent.parent / ".env")

from cmncp_portal.settings.base import *  # noqa: E402, F403
from cmncp_portal.settings.base import BADGE_KEY as _GIVEN_BADGE_KEY  # noqa: E402
from cmncp_portal.settings.base import SECRET_KEY as _GIVEN_KEY  # noqa: E402
from cmncp_portal.settings.base import VAR as _VAR  # noqa: E402
from cmncp_portal.settings.local_key import badge_key_kept_in, key_kept_in  # noqa: E402

SECRET_KEY = _GIVEN_KEY or key_kept_in(_VAR)
BADGE_KEY = _GIVEN_BADGE_KEY or badge_key_kept_in(_VAR)
DEMO = True
RENEWALS_RUN = False  # or a demonstration that nobody looks after loses its network within a year
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = True  # browsers allow passkeys on http://localhost
