"""Who may look after what the portal holds about people. Everybody may ask about herself, by her own mailbox."""

import rules

from cmncp_portal.accounts.rules import is_administrator

rules.add_perm("privacy.keep_register", is_administrator)
