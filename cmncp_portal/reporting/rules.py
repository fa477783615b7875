"""Who may make reports, and who reads them. The university evaluates the process: it reads figures, and no names.

Whoever makes a report sees the figures before small groups are hidden; a reviewer who works for a municipality could read there
what the other side answered, and so reads what was frozen.
"""

from typing import Any

import rules

from cmncp_portal.accounts.rules import is_reviewer, is_secretariat, is_university
from cmncp_portal.network.rules import places_of


@rules.predicate
def belongs_to_a_municipality(user: Any) -> bool:
    return bool(places_of(user))


rules.add_perm("reporting.make_reports", is_secretariat | is_reviewer & ~belongs_to_a_municipality)
rules.add_perm("reporting.read_reports", is_reviewer | is_university)
