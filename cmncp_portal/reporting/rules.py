"""Who may make reports, and who reads them. The university evaluates the process: it reads figures, and no names."""

import rules

from cmncp_portal.accounts.rules import is_reviewer, is_university

rules.add_perm("reporting.make_reports", is_reviewer)
rules.add_perm("reporting.read_reports", is_reviewer | is_university)
