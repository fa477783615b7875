"""Who may do what with a strategy profile: its municipality's people keep it; members read it; the public what is ticked."""

import rules

from cmncp_portal.accounts.rules import is_reviewer, is_secretariat, is_university
from cmncp_portal.network.rules import is_of_the_network, speaks_for, works_for

rules.add_perm("progress.read_all", is_of_the_network | works_for)
rules.add_perm("progress.keep_profile", works_for | is_secretariat)
rules.add_perm("progress.declare_stage", speaks_for | is_secretariat)
rules.add_perm("progress.choose_public", speaks_for)
rules.add_perm("progress.see_history", works_for | is_secretariat)
rules.add_perm("progress.see_network", is_of_the_network)
rules.add_perm("progress.export_network", is_secretariat)
rules.add_perm("progress.keep_commitments", works_for | is_secretariat)
rules.add_perm("progress.see_commitments", is_of_the_network | works_for)
rules.add_perm("progress.list_commitments", is_reviewer | is_university)
rules.add_perm("progress.keep_readings", works_for | is_secretariat)
