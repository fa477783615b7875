"""Who may do what on the pages that join all activities."""

import rules

from cmncp_portal.accounts.rules import is_secretariat

# Inviting those whom nothing has reached: their representatives' addresses, and the whole list as a file.
rules.add_perm("home.invite_unreached", is_secretariat)
