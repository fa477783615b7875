"""Writing: one function for each thing that people do with a strategy profile."""

from .deciding import choose_public, confirm, declare_stage, follow_check_list, take_back_declaration
from .keeping import Answer, answer_checks, keep_budget, keep_facts

__all__ = [
    "Answer",
    "answer_checks",
    "choose_public",
    "confirm",
    "declare_stage",
    "follow_check_list",
    "keep_budget",
    "keep_facts",
    "take_back_declaration",
]
