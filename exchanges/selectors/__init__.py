"""Reading: where an exchange stands, who acts next, what is missing, who could receive."""

from .lists import calendar_entries, exchange_list, listed, search, waiting_count, waiting_for, waiting_keys
from .overview import Glance, my_invitations, overview
from .planning import coverage, day_plans, plan_checklist, team_by_side
from .results import evaluation_counts, evaluation_of, sides_with_answers
from .stages import Stage, Step, next_step, path_of, stage_of
from .suggestions import Suggestion, suggest_hosts

__all__ = [
    "Glance",
    "Stage",
    "Step",
    "Suggestion",
    "calendar_entries",
    "coverage",
    "day_plans",
    "evaluation_counts",
    "evaluation_of",
    "exchange_list",
    "listed",
    "my_invitations",
    "next_step",
    "overview",
    "path_of",
    "plan_checklist",
    "search",
    "sides_with_answers",
    "stage_of",
    "suggest_hosts",
    "team_by_side",
    "waiting_count",
    "waiting_for",
    "waiting_keys",
]
